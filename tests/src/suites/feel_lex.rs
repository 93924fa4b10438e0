//! Splits a FEEL expression into tokens, and writes its numbers plainly.
//! It knows nothing of how tokens go together.

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A name or a word of the language.
    Word(String),
    /// A number as written.
    Number(String),
    /// A text, its escapes resolved.
    Text(String),
    /// A sign.
    Sign(&'static str),
}

const SIGNS: [&str; 23] = [
    "**", "..", "!=", "<=", ">=", "<", ">", "=", "+", "-", "*", "/", "(", ")", "[", "]", "{", "}", ",", ":", "@", ".",
    "?",
];

/// The tokens of an expression.
///
/// # Errors
/// A character that begins none, or a text that does not end.
pub fn lex(text: &str) -> Result<Vec<Token>, String> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&next) = chars.get(at) {
        if next.is_whitespace() {
            at += 1;
        } else if next == '"' {
            let (content, end) = lex_text(&chars, at + 1)?;
            tokens.push(Token::Text(content));
            at = end;
        } else if next.is_ascii_digit() || (next == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit)) {
            let (number, end) = lex_number(&chars, at);
            tokens.push(Token::Number(number));
            at = end;
        } else if next.is_alphabetic() || next == '_' {
            let word: String = chars.iter().skip(at).take_while(|c| c.is_alphanumeric() || **c == '_').collect();
            at += word.chars().count();
            tokens.push(Token::Word(word));
        } else {
            let rest: String = chars.iter().skip(at).take(2).collect();
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let sign = sign.ok_or_else(|| format!("`{next}` in `{text}`"))?;
            tokens.push(Token::Sign(sign));
            at += sign.len();
        }
    }
    Ok(tokens)
}

fn lex_text(chars: &[char], from: usize) -> Result<(String, usize), String> {
    let mut content = String::new();
    let mut at = from;
    loop {
        match (chars.get(at), chars.get(at + 1)) {
            (None, _) => return Err("a text that does not end".to_owned()),
            (Some('"'), _) => return Ok((content, at + 1)),
            (Some('\\'), Some('u')) => {
                let digits: String = chars.iter().skip(at + 2).take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                content.push(code.ok_or_else(|| format!("the escape `\\u{digits}`"))?);
                at += 6;
            }
            (Some('\\'), Some(escaped @ ('n' | 't' | 'r' | '"' | '\\'))) => {
                content.push(match escaped {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    other => *other,
                });
                at += 2;
            }
            (Some(other), _) => {
                content.push(*other);
                at += 1;
            }
        }
    }
}

fn lex_number(chars: &[char], from: usize) -> (String, usize) {
    let mut at = from;
    let digits = |at: &mut usize| {
        while chars.get(*at).is_some_and(char::is_ascii_digit) {
            *at += 1;
        }
    };
    digits(&mut at);
    if chars.get(at) == Some(&'.') && chars.get(at + 1).is_some_and(char::is_ascii_digit) {
        at += 1;
        digits(&mut at);
    }
    if matches!(chars.get(at), Some('e' | 'E')) {
        let sign = usize::from(matches!(chars.get(at + 1), Some('+' | '-')));
        if chars.get(at + 1 + sign).is_some_and(char::is_ascii_digit) {
            at += 1 + sign;
            digits(&mut at);
        }
    }
    (chars.iter().skip(from).take(at - from).collect(), at)
}

/// A number without exponent.
pub fn plain_decimal(number: &str) -> String {
    let Some((digits, exponent)) = number.split_once(['e', 'E']) else {
        return tidy(number);
    };
    let shift: i32 = exponent.trim_start_matches('+').parse().unwrap_or_default();
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut all = format!("{whole}{fraction}");
    let mut point = i32::try_from(whole.len()).unwrap_or_default() + shift;
    while point < 0 {
        all.insert(0, '0');
        point += 1;
    }
    let point = usize::try_from(point).unwrap_or_default();
    while all.len() < point {
        all.push('0');
    }
    let (whole, fraction) = all.split_at(point);
    tidy(&if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

/// A number with one digit before its point, and no zeros that lead.
fn tidy(number: &str) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}
