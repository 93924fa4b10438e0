//! Splits a CEL expression into tokens, its literals read.
//! It knows nothing of how tokens go together.

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A name or a word of the language.
    Word(String),
    /// A number, without suffix.
    Number(String),
    /// A number that was written with `u`.
    Unsigned(String),
    /// A text, its escapes resolved.
    Text(String),
    /// Bytes, whose content does not matter.
    Bytes,
    /// A sign.
    Sign(&'static str),
}

const SIGNS: [&str; 24] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "?", ":", "(", ")", "[", "]", "{", "}", ",", ".", "+", "-", "*",
    "/", "%",
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
        let following = chars.get(at + 1).copied().unwrap_or(' ');
        let quote = |c: char| c == '"' || c == '\'';
        if next.is_whitespace() {
            at += 1;
        } else if quote(next) || (matches!(next, 'r' | 'b') && quote(following)) {
            let start = at + usize::from(!quote(next));
            let (content, end) = lex_text(&chars, start, next == 'r')?;
            tokens.push(if next == 'b' { Token::Bytes } else { Token::Text(content) });
            at = end;
        } else if next.is_ascii_digit() || (next == '.' && following.is_ascii_digit()) {
            let (token, end) = lex_number(&chars, at);
            tokens.push(token);
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

fn lex_number(chars: &[char], from: usize) -> (Token, usize) {
    let mut number = String::new();
    let mut at = from;
    while let Some(&next) = chars.get(at) {
        let exponent_sign = matches!(next, '+' | '-') && number.ends_with(['e', 'E']);
        if !(next.is_ascii_digit() || matches!(next, '.' | 'e' | 'E') || exponent_sign) {
            break;
        }
        number.push(next);
        at += 1;
    }
    if chars.get(at) == Some(&'u') { (Token::Unsigned(number), at + 1) } else { (Token::Number(number), at) }
}

/// A text from its opening quote; three quotes open and close a long one.
fn lex_text(chars: &[char], from: usize, raw: bool) -> Result<(String, usize), String> {
    let quote = chars.get(from).copied().unwrap_or('"');
    let is_at = |at: usize, count: usize| (0..count).all(|index| chars.get(at + index) == Some(&quote));
    let width = if is_at(from, 3) { 3 } else { 1 };
    let mut content = String::new();
    let mut at = from + width;
    while !is_at(at, width) {
        match (chars.get(at), chars.get(at + 1)) {
            (None, _) => return Err("a text that does not end".to_owned()),
            (Some('\\'), Some(escaped)) if !raw => {
                let digits = match escaped {
                    'x' | 'X' => 2,
                    'u' => 4,
                    'U' => 8,
                    '0'..='3' => 3,
                    _ => 0,
                };
                let start = if escaped.is_ascii_digit() { at + 1 } else { at + 2 };
                let radix = if escaped.is_ascii_digit() { 8 } else { 16 };
                if digits > 0 {
                    let code: String = chars.iter().skip(start).take(digits).collect();
                    let code = u32::from_str_radix(&code, radix).ok().and_then(char::from_u32);
                    content.push(code.ok_or("an escape that names no character")?);
                    at = start + digits;
                } else {
                    content.push(match escaped {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        other => *other,
                    });
                    at += 2;
                }
            }
            (Some(other), _) => {
                content.push(*other);
                at += 1;
            }
        }
    }
    Ok((content, at + width))
}
