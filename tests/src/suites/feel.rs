//! Reads a FEEL expression into the shared tree: the part of FEEL that the copied cases use.
//! What Seg has no form for becomes `Foreign` with its reason; it does not know how Seg writes the rest.

use super::expr::{Expr, Op, Reason, Test};
use super::feel_call;
use super::moments;

/// Reads a whole expression.
///
/// # Errors
/// What stands where nothing could be read.
pub fn parse(text: &str) -> Result<Expr, String> {
    let mut parser = Parser { tokens: lex(text)?, at: 0 };
    let expr = parser.disjunction()?;
    parser.finish(expr)
}

/// Reads the cell of a decision table: comma-separated tests; none for `-`.
///
/// # Errors
/// What stands where nothing could be read.
pub fn parse_tests(text: &str) -> Result<Vec<Test>, String> {
    if text.trim() == "-" {
        return Ok(Vec::new());
    }
    let mut parser = Parser { tokens: lex(text)?, at: 0 };
    let mut tests = vec![parser.test()?];
    while parser.eat(",") {
        tests.push(parser.test()?);
    }
    parser.finish(tests)
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Number(String),
    Text(String),
    Sign(&'static str),
}

const SIGNS: [&str; 23] = [
    "**", "..", "!=", "<=", ">=", "<", ">", "=", "+", "-", "*", "/", "(", ")", "[", "]", "{", "}", ",", ":", "@", ".",
    "?",
];

fn lex(text: &str) -> Result<Vec<Token>, String> {
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

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

/// What parentheses or brackets held.
enum Group {
    One(Expr),
    Many(Vec<Test>),
}

impl Parser {
    fn finish<T>(&self, value: T) -> Result<T, String> {
        match self.tokens.get(self.at) {
            None => Ok(value),
            Some(rest) => Err(format!("{rest:?} after the expression")),
        }
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(have)) if *have == sign);
        self.at += usize::from(found);
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(have)) if have == word);
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, sign: &str) -> Result<(), String> {
        if self.eat(sign) { Ok(()) } else { Err(format!("{:?} where `{sign}` is needed", self.tokens.get(self.at))) }
    }

    fn comparison_sign(&mut self) -> Option<Op> {
        let Some(Token::Sign(sign)) = self.tokens.get(self.at) else {
            return None;
        };
        let op = match *sign {
            "=" => Op::Eq,
            "!=" => Op::Ne,
            "<" => Op::Lt,
            "<=" => Op::Le,
            ">" => Op::Gt,
            ">=" => Op::Ge,
            _ => return None,
        };
        self.at += 1;
        Some(op)
    }

    fn disjunction(&mut self) -> Result<Expr, String> {
        let mut left = self.conjunction()?;
        while self.eat_word("or") {
            left = binary(Op::Or, left, self.conjunction()?);
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Expr, String> {
        let mut left = self.comparison()?;
        while self.eat_word("and") {
            left = binary(Op::And, left, self.comparison()?);
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Expr, String> {
        let left = self.sum()?;
        if let Some(op) = self.comparison_sign() {
            return Ok(binary(op, left, self.sum()?));
        }
        if self.eat_word("between") {
            let low = self.sum()?;
            if !self.eat_word("and") {
                return Err("`between` without `and`".to_owned());
            }
            return Ok(Expr::Between(Box::new(left), Box::new(low), Box::new(self.sum()?)));
        }
        if self.eat_word("in") {
            let tests = self.membership()?;
            return Ok(Expr::In(Box::new(left), tests));
        }
        if self.eat_word("instance") {
            while matches!(self.tokens.get(self.at), Some(Token::Word(_))) {
                self.at += 1;
            }
            return Ok(Expr::Foreign("a test of a value's type"));
        }
        Ok(left)
    }

    fn membership(&mut self) -> Result<Vec<Test>, String> {
        if self.eat("(") {
            return Ok(match self.parenthesised()? {
                Group::One(value) => vec![Test::Equals(value)],
                Group::Many(tests) => tests,
            });
        }
        Ok(vec![self.test()?])
    }

    fn test(&mut self) -> Result<Test, String> {
        if let Some(op) = self.comparison_sign() {
            return Ok(Test::Compare(op, self.sum()?));
        }
        if self.eat("[") {
            return self.bracketed_test();
        }
        if self.eat("]") {
            return self.range(true);
        }
        Ok(Test::Equals(self.sum()?))
    }

    fn range(&mut self, low_open: bool) -> Result<Test, String> {
        let low = self.sum()?;
        self.need("..")?;
        self.range_end(low, low_open)
    }

    fn range_end(&mut self, low: Expr, low_open: bool) -> Result<Test, String> {
        let high = self.sum()?;
        let high_open = self.eat(")") || self.eat("[");
        if !high_open {
            self.need("]")?;
        }
        Ok(Test::Range { low, low_open, high, high_open })
    }

    /// After `[`: a range, a list of ranges, or a list of values.
    fn bracketed_test(&mut self) -> Result<Test, String> {
        let mut items = Vec::new();
        while !self.eat("]") {
            let item = self.test()?;
            if items.is_empty() && self.eat("..") {
                return match item {
                    Test::Equals(low) => self.range_end(low, false),
                    _ => Err("a range of a test".to_owned()),
                };
            }
            items.push(item);
            if !self.eat(",") {
                self.need("]")?;
                break;
            }
        }
        let ranges = items.iter().any(|item| matches!(item, Test::Range { .. }));
        let values = items.into_iter().map(value_of_test).collect::<Vec<_>>();
        Ok(Test::OneOf(if ranges { vec![Expr::Foreign(RANGES)] } else { values }))
    }

    /// After `(`: an expression, a range, or comma-separated tests.
    fn parenthesised(&mut self) -> Result<Group, String> {
        let mut tests = Vec::new();
        loop {
            if tests.is_empty() && !self.starts_test() {
                let first = self.disjunction()?;
                if self.eat("..") {
                    let range = self.range_end(first, true)?;
                    return Ok(Group::Many(vec![range]));
                }
                if self.eat(")") {
                    return Ok(Group::One(first));
                }
                tests.push(Test::Equals(first));
            } else {
                tests.push(self.test()?);
            }
            if !self.eat(",") {
                self.need(")")?;
                return Ok(Group::Many(tests));
            }
        }
    }

    fn starts_test(&self) -> bool {
        matches!(self.tokens.get(self.at), Some(Token::Sign("=" | "!=" | "<" | "<=" | ">" | ">=")))
    }

    fn sum(&mut self) -> Result<Expr, String> {
        let mut left = self.product()?;
        loop {
            if self.eat("+") {
                left = binary(Op::Add, left, self.product()?);
            } else if self.eat("-") {
                left = binary(Op::Sub, left, self.product()?);
            } else {
                return Ok(left);
            }
        }
    }

    fn product(&mut self) -> Result<Expr, String> {
        let mut left = self.power()?;
        loop {
            if self.eat("*") {
                left = binary(Op::Mul, left, self.power()?);
            } else if self.eat("/") {
                left = binary(Op::Div, left, self.power()?);
            } else {
                return Ok(left);
            }
        }
    }

    fn power(&mut self) -> Result<Expr, String> {
        let mut left = self.unary()?;
        while self.eat("**") {
            self.unary()?;
            left = Expr::Foreign("exponentiation");
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr, String> {
        if self.eat("-") {
            return Ok(Expr::Neg(Box::new(self.unary()?)));
        }
        let mut value = self.primary()?;
        loop {
            if self.eat("[") {
                self.bracketed_test()?;
                value = Expr::Foreign("a filter on a value");
            } else if self.eat("(") {
                self.arguments()?;
                value = Expr::Foreign("a function value");
            } else {
                return Ok(value);
            }
        }
    }

    fn primary(&mut self) -> Result<Expr, String> {
        let token = self.tokens.get(self.at).cloned().ok_or("nothing where a value is needed")?;
        self.at += 1;
        match token {
            Token::Number(number) => Ok(Expr::Number(plain_decimal(&number))),
            Token::Text(text) => Ok(Expr::Text(text)),
            Token::Word(word) => self.word(&word),
            Token::Sign("@") => match self.tokens.get(self.at).cloned() {
                Some(Token::Text(text)) => {
                    self.at += 1;
                    Ok(at_literal(&text))
                }
                other => Err(format!("{other:?} after `@`")),
            },
            Token::Sign("(") => Ok(match self.parenthesised()? {
                Group::One(value) => value,
                Group::Many(_) => Expr::Foreign(RANGE),
            }),
            Token::Sign("[") => Ok(match self.bracketed_test()? {
                Test::OneOf(items) => Expr::List(items),
                _ => Expr::Foreign(RANGE),
            }),
            Token::Sign("]") => self.range(true).map(|_| Expr::Foreign(RANGE)),
            Token::Sign("{") => self.context(),
            Token::Sign(sign) => Err(format!("`{sign}` where a value is needed")),
        }
    }

    fn context(&mut self) -> Result<Expr, String> {
        let mut depth = 1;
        while depth > 0 {
            match self.tokens.get(self.at) {
                None => return Err("a context that does not end".to_owned()),
                Some(Token::Sign("{")) => depth += 1,
                Some(Token::Sign("}")) => depth -= 1,
                Some(_) => {}
            }
            self.at += 1;
        }
        Ok(Expr::Foreign("a context as a value"))
    }

    fn word(&mut self, word: &str) -> Result<Expr, String> {
        match word {
            "null" => return Ok(Expr::Null),
            "true" => return Ok(Expr::Bool(true)),
            "false" => return Ok(Expr::Bool(false)),
            "function" => {
                self.need("(")?;
                while !self.eat(")") {
                    self.at += 1;
                }
                self.disjunction()?;
                return Ok(Expr::Foreign("a function value"));
            }
            _ => {}
        }
        for name in feel_call::NAMES {
            if let Some(words) = self.matches_name(word, name) {
                self.at += words;
                let arguments = self.arguments()?;
                return Ok(feel_call::call(name, arguments));
            }
        }
        if self.eat("(") {
            self.arguments()?;
            return Ok(Expr::Foreign("a function of the model"));
        }
        Ok(Expr::Name(word.to_owned()))
    }

    /// How many tokens after `first`, the opening parenthesis included, spell a call of `name`.
    fn matches_name(&self, first: &str, name: &str) -> Option<usize> {
        let words: Vec<&str> = name.split(' ').collect();
        let spelled = words.iter().enumerate().all(|(index, word)| match index.checked_sub(1) {
            None => *word == first,
            Some(index) => matches!(self.tokens.get(self.at + index), Some(Token::Word(have)) if have == word),
        });
        let open = matches!(self.tokens.get(self.at + words.len() - 1), Some(Token::Sign("(")));
        (spelled && open).then_some(words.len())
    }

    fn arguments(&mut self) -> Result<Vec<(Option<String>, Expr)>, String> {
        let mut found = Vec::new();
        if self.eat(")") {
            return Ok(found);
        }
        loop {
            let name = self.argument_name();
            found.push((name, self.disjunction()?));
            if !self.eat(",") {
                self.need(")")?;
                return Ok(found);
            }
        }
    }

    fn argument_name(&mut self) -> Option<String> {
        let words: Vec<String> = self
            .tokens
            .iter()
            .skip(self.at)
            .map_while(|token| if let Token::Word(word) = token { Some(word.clone()) } else { None })
            .collect();
        let is_name = !words.is_empty() && matches!(self.tokens.get(self.at + words.len()), Some(Token::Sign(":")));
        if !is_name {
            return None;
        }
        self.at += words.len() + 1;
        Some(words.join(" "))
    }
}

const RANGE: Reason = "a range as a value";
const RANGES: Reason = "ranges in a list";

fn binary(op: Op, left: Expr, right: Expr) -> Expr {
    Expr::Binary(op, Box::new(left), Box::new(right))
}

fn value_of_test(test: Test) -> Expr {
    match test {
        Test::Equals(value) => value,
        Test::OneOf(values) => Expr::List(values),
        Test::Compare(..) | Test::Range { .. } => Expr::Foreign(RANGE),
    }
}

fn at_literal(text: &str) -> Expr {
    if text.trim_start_matches('-').starts_with('P') {
        moments::span(text)
    } else if text.contains('T') {
        moments::stamp(text)
    } else if text.contains(':') {
        moments::time(text)
    } else {
        moments::date(text)
    }
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
