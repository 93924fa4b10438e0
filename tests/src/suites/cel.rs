//! Reads a CEL expression into the shared tree: the part of CEL that the copied cases use.
//! What Seg has no form for becomes `Foreign` with its reason; it does not know how Seg writes the rest.

use std::collections::BTreeSet;

use super::cel_lex::{Token, lex};
use super::expr::{Expr, Op, Reason, Span, Stamp, Test, Zone};
use super::feel_lex::plain_decimal;
use super::moments;

/// An expression, and the zone that one of its calls names.
pub struct Parsed {
    /// The expression.
    pub expr: Expr,
    /// The zone, IANA's name.
    pub timezone: Option<String>,
}

/// Reads a whole expression; the names in `nulls` are bound to null.
///
/// # Errors
/// What stands where nothing could be read.
pub fn parse(text: &str, nulls: &BTreeSet<String>) -> Result<Parsed, String> {
    let mut parser = Parser { tokens: lex(text)?, at: 0, nulls, timezone: None };
    let expr = parser.conditional()?;
    match parser.tokens.get(parser.at) {
        None => Ok(Parsed { expr, timezone: parser.timezone }),
        Some(rest) => Err(format!("{rest:?} after the expression")),
    }
}

const MESSAGE: Reason = "a protocol buffer message";
const MAP: Reason = "a map as a value";
const LONG: Reason = "an integer beyond 64 signed bits";

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    nulls: &'a BTreeSet<String>,
    timezone: Option<String>,
}

impl Parser<'_> {
    fn eat(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(have)) if *have == sign);
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, sign: &str) -> Result<(), String> {
        if self.eat(sign) { Ok(()) } else { Err(format!("{:?} where `{sign}` is needed", self.tokens.get(self.at))) }
    }

    fn conditional(&mut self) -> Result<Expr, String> {
        let condition = self.disjunction()?;
        if !self.eat("?") {
            return Ok(condition);
        }
        let yes = self.disjunction()?;
        self.need(":")?;
        Ok(Expr::If(Box::new(condition), Box::new(yes), Box::new(self.conditional()?)))
    }

    fn disjunction(&mut self) -> Result<Expr, String> {
        let mut left = self.conjunction()?;
        while self.eat("||") {
            left = binary(Op::Or, left, self.conjunction()?);
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Expr, String> {
        let mut left = self.relation()?;
        while self.eat("&&") {
            left = binary(Op::And, left, self.relation()?);
        }
        Ok(left)
    }

    fn relation(&mut self) -> Result<Expr, String> {
        const SIGNS: [(&str, Op); 6] =
            [("==", Op::Eq), ("!=", Op::Ne), ("<=", Op::Le), (">=", Op::Ge), ("<", Op::Lt), (">", Op::Gt)];
        let left = self.sum()?;
        for (sign, op) in SIGNS {
            if self.eat(sign) {
                return Ok(binary(op, left, self.sum()?));
            }
        }
        if matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word == "in") {
            self.at += 1;
            return Ok(match self.sum()? {
                Expr::List(items) => Expr::In(Box::new(left), vec![Test::OneOf(items)]),
                Expr::Foreign(reason) => Expr::Foreign(reason),
                _ => Expr::Foreign("membership in a value that is no list"),
            });
        }
        Ok(left)
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
        let mut left = self.unary()?;
        loop {
            if self.eat("*") {
                left = binary(Op::Mul, left, self.unary()?);
            } else if self.eat("/") {
                left = binary(Op::Div, left, self.unary()?);
            } else {
                return Ok(left);
            }
        }
    }

    fn unary(&mut self) -> Result<Expr, String> {
        if self.eat("!") {
            return Ok(Expr::Not(Box::new(self.unary()?)));
        }
        if self.eat("-") {
            return Ok(Expr::Neg(Box::new(self.unary()?)));
        }
        let mut value = self.primary()?;
        loop {
            if self.eat("{") {
                self.skip_braces()?;
                value = Expr::Foreign(MESSAGE);
            } else if self.eat(".") {
                value = self.member(value)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn member(&mut self, of: Expr) -> Result<Expr, String> {
        let Some(Token::Word(name)) = self.tokens.get(self.at).cloned() else {
            return Err(format!("{:?} after `.`", self.tokens.get(self.at)));
        };
        self.at += 1;
        if !self.eat("(") {
            return Ok(Expr::Foreign(MESSAGE));
        }
        let arguments = self.arguments()?;
        if matches!(of, Expr::Span(_)) || self.is_name(&of) {
            return Ok(Expr::Foreign("a part of a duration"));
        }
        match arguments.as_slice() {
            [] => {}
            [Expr::Text(zone)] => match zone_name(zone) {
                Some(zone) => self.timezone = Some(zone),
                None => return Ok(Expr::Foreign("an offset that is no zone of IANA's")),
            },
            _ => return Err(format!("the arguments of `{name}`")),
        }
        let part = |unit| Expr::Part(unit, Box::new(of.clone()));
        Ok(match name.as_str() {
            "getFullYear" => part("year of"),
            "getMonth" => part("month of"),
            "getDate" => part("day of"),
            // CEL counts the days of a month from zero here.
            "getDayOfMonth" => binary(Op::Sub, part("day of"), Expr::Number("1".to_owned())),
            "getDayOfWeek" => part("weekday of"),
            "getHours" => part("hour of"),
            "getDayOfYear" => Expr::Foreign("the day of the year"),
            _ => Expr::Foreign("minutes, seconds or milliseconds of an instant"),
        })
    }

    fn is_name(&self, of: &Expr) -> bool {
        matches!(of, Expr::Name(_))
    }

    fn primary(&mut self) -> Result<Expr, String> {
        let token = self.tokens.get(self.at).cloned().ok_or("nothing where a value is needed")?;
        self.at += 1;
        match token {
            Token::Number(number) => Ok(Expr::Number(plain_decimal(&number))),
            Token::Unsigned(number) if number.parse::<i64>().is_ok() => Ok(Expr::Number(number)),
            Token::Unsigned(_) => Ok(Expr::Foreign(LONG)),
            Token::Text(text) => Ok(Expr::Text(text)),
            Token::Bytes => Ok(Expr::Foreign("bytes")),
            Token::Word(word) => self.word(&word),
            Token::Sign("(") => {
                let value = self.conditional()?;
                self.need(")")?;
                Ok(value)
            }
            Token::Sign("[") => {
                let mut items = Vec::new();
                while !self.eat("]") {
                    items.push(self.conditional()?);
                    if !self.eat(",") {
                        self.need("]")?;
                        break;
                    }
                }
                Ok(Expr::List(items))
            }
            Token::Sign("{") => {
                self.skip_braces()?;
                Ok(Expr::Foreign(MAP))
            }
            Token::Sign(sign) => Err(format!("`{sign}` where a value is needed")),
        }
    }

    fn word(&mut self, word: &str) -> Result<Expr, String> {
        match word {
            "null" => return Ok(Expr::Null),
            "true" => return Ok(Expr::Bool(true)),
            "false" => return Ok(Expr::Bool(false)),
            _ => {}
        }
        if self.eat("(") {
            let arguments = self.arguments()?;
            return Ok(call(word, arguments));
        }
        Ok(if self.nulls.contains(word) { Expr::Null } else { Expr::Name(word.to_owned()) })
    }

    fn arguments(&mut self) -> Result<Vec<Expr>, String> {
        let mut found = Vec::new();
        while !self.eat(")") {
            found.push(self.conditional()?);
            if !self.eat(",") {
                self.need(")")?;
                break;
            }
        }
        Ok(found)
    }

    fn skip_braces(&mut self) -> Result<(), String> {
        let mut depth = 1;
        while depth > 0 {
            match self.tokens.get(self.at) {
                None => return Err("braces that do not end".to_owned()),
                Some(Token::Sign("{")) => depth += 1,
                Some(Token::Sign("}")) => depth -= 1,
                Some(_) => {}
            }
            self.at += 1;
        }
        Ok(())
    }
}

fn binary(op: Op, left: Expr, right: Expr) -> Expr {
    Expr::Binary(op, Box::new(left), Box::new(right))
}

fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    match (name, arguments.as_slice()) {
        ("dyn", [of]) => of.clone(),
        ("timestamp", [Expr::Text(text)]) => match moments::stamp(text) {
            Expr::Stamp(Stamp { zone: Zone::Local, .. }) => Expr::Foreign("a text that is no instant"),
            other => other,
        },
        ("timestamp", _) => Expr::Foreign("an instant from a number"),
        ("duration", [Expr::Text(text)]) => duration(text),
        _ => Expr::Foreign("a conversion between types"),
    }
}

fn duration(text: &str) -> Expr {
    let (digits, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let of = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "ns" | "us" | "ms" => return Expr::Foreign("a fraction of a second"),
        _ => return Expr::Foreign("a text that is no duration"),
    };
    match digits.parse::<i64>().ok().and_then(|count| count.checked_mul(of)) {
        Some(seconds) => Expr::Span(Span::Seconds(seconds)),
        None => Expr::Foreign("a text that is no duration"),
    }
}

fn zone_name(zone: &str) -> Option<String> {
    if zone.contains(':') { moments::zone_of_offset(zone) } else { Some(zone.to_owned()) }
}
