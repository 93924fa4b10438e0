//! Reads a FEEL expression into the shared tree: the part of FEEL that the copied cases use.
//! What Seg has no form for becomes `Foreign` with its reason; it does not know how Seg writes the rest.

use super::expr::{Expr, Op, Reason, Test};
use super::feel_call;
use super::feel_lex::{Token, lex, plain_decimal};
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

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

/// What parentheses held.
enum Group {
    One(Expr),
    Many(Vec<Test>),
}

/// What brackets held.
enum Brackets {
    Range(Test),
    List(Vec<Test>),
}

impl Brackets {
    fn into_test(self) -> Test {
        match self {
            Brackets::Range(range) => range,
            Brackets::List(items) => Test::OneOf(items.into_iter().map(value_of_test).collect()),
        }
    }
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
        if self.eat("[") {
            return Ok(match self.bracketed()? {
                Brackets::List(items) if items.iter().any(|item| matches!(item, Test::Range { .. })) => items,
                other => vec![other.into_test()],
            });
        }
        Ok(vec![self.test()?])
    }

    fn test(&mut self) -> Result<Test, String> {
        if let Some(op) = self.comparison_sign() {
            return Ok(Test::Compare(op, self.sum()?));
        }
        if self.eat("[") {
            return self.bracketed().map(Brackets::into_test);
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

    /// After `[`: a range, or a list of values and ranges.
    fn bracketed(&mut self) -> Result<Brackets, String> {
        let mut items = Vec::new();
        while !self.eat("]") {
            let item = self.test()?;
            if items.is_empty() && self.eat("..") {
                return match item {
                    Test::Equals(low) => self.range_end(low, false).map(Brackets::Range),
                    _ => Err("a range of a test".to_owned()),
                };
            }
            items.push(item);
            if !self.eat(",") {
                self.need("]")?;
                break;
            }
        }
        Ok(Brackets::List(items))
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
            // A bracket at the end closes a range.
            if self.at + 1 < self.tokens.len() && self.eat("[") {
                self.bracketed()?;
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
            Token::Sign("[") => self.bracketed().map(|found| value_of_test(found.into_test())),
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
