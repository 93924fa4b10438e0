//! What the built-in functions of FEEL that the cases call become in the shared tree.
//! It sees arguments that are read already, and no text of an expression.

use super::expr::{Expr, Op, Reason};
use super::moments;

/// An argument with the name that it may be given by.
pub type Argument = (Option<String>, Expr);

/// The functions, longer names first where one begins another.
pub const NAMES: [&str; 15] = [
    "date and time",
    "years and months duration",
    "day of week",
    "day of year",
    "month of year",
    "date",
    "time",
    "duration",
    "string",
    "not",
    "contains",
    "matches",
    "context",
    "string length",
    "lower case",
];

const ARGUMENTS: Reason = "a call with arguments that the function does not have";

/// The meaning of a call.
pub fn call(name: &str, arguments: Vec<Argument>) -> Expr {
    match name {
        "not" => one(&["negand"], arguments, |of| Expr::Not(Box::new(of))),
        "date" => date(arguments),
        "time" => one(&["from"], arguments, |of| text_literal(of, moments::time, "a time of day from a value")),
        "duration" => one(&["from"], arguments, |of| text_literal(of, moments::span, "a duration from a value")),
        "date and time" => date_and_time(arguments),
        "string" => one(&["from"], arguments, |of| Expr::TextOf(Box::new(of))),
        "day of week" => one(&["date"], arguments, |of| Expr::Part("weekday of", Box::new(of))),
        "month of year" => one(&["date"], arguments, |of| Expr::Part("month of", Box::new(of))),
        "day of year" => Expr::Foreign("the day of the year"),
        "years and months duration" => {
            two(&["from", "to"], arguments, |from, to| Expr::Months(Box::new(from), Box::new(to)))
        }
        "contains" => two(&["string", "match"], arguments, |text, part| {
            Expr::Binary(Op::Contains, Box::new(text), Box::new(part))
        }),
        "matches" => matches(arguments),
        _ => Expr::Foreign("a function that Seg has no counterpart of"),
    }
}

fn one(names: &[&str], arguments: Vec<Argument>, make: impl FnOnce(Expr) -> Expr) -> Expr {
    match ordered(names, arguments) {
        Some(list) => match <[Expr; 1]>::try_from(list) {
            Ok([of]) => make(of),
            Err(_) => Expr::Foreign(ARGUMENTS),
        },
        None => Expr::Foreign(ARGUMENTS),
    }
}

fn two(names: &[&str], arguments: Vec<Argument>, make: impl FnOnce(Expr, Expr) -> Expr) -> Expr {
    match ordered(names, arguments) {
        Some(list) => match <[Expr; 2]>::try_from(list) {
            Ok([left, right]) => make(left, right),
            Err(_) => Expr::Foreign(ARGUMENTS),
        },
        None => Expr::Foreign(ARGUMENTS),
    }
}

/// The arguments in the order of the parameters; none if a name is not one of them.
fn ordered(names: &[&str], arguments: Vec<Argument>) -> Option<Vec<Expr>> {
    let mut placed: Vec<(usize, Expr)> = Vec::new();
    for (index, (name, value)) in arguments.into_iter().enumerate() {
        let index = match name {
            None => index,
            Some(name) => names.iter().position(|known| *known == name)?,
        };
        placed.push((index, value));
    }
    placed.sort_by_key(|(index, _)| *index);
    Some(placed.into_iter().map(|(_, value)| value).collect())
}

fn text_literal(of: Expr, read: fn(&str) -> Expr, otherwise: Reason) -> Expr {
    match of {
        Expr::Text(text) => read(&text),
        Expr::Foreign(reason) => Expr::Foreign(reason),
        _ => Expr::Foreign(otherwise),
    }
}

fn date(arguments: Vec<Argument>) -> Expr {
    let by_parts = arguments.len() == 3;
    let names: &[&str] = if by_parts { &["year", "month", "day"] } else { &["from"] };
    let Some(values) = ordered(names, arguments) else {
        return Expr::Foreign(ARGUMENTS);
    };
    match values.as_slice() {
        [Expr::Text(text)] => moments::date(text),
        [Expr::Date(day)] => Expr::Date(day.clone()),
        [Expr::Foreign(reason)] => Expr::Foreign(reason),
        [of] => Expr::DateOf(Box::new(of.clone())),
        [year, month, day] => match (signed(year), signed(month), signed(day)) {
            (Some(year), Some(month), Some(day)) => moments::date_of_parts(&year, &month, &day),
            _ => Expr::Foreign("a date from parts that are not all given"),
        },
        _ => Expr::Foreign(ARGUMENTS),
    }
}

fn signed(of: &Expr) -> Option<String> {
    match of {
        Expr::Number(number) => Some(number.clone()),
        Expr::Neg(of) => signed(of).map(|number| format!("-{number}")),
        _ => None,
    }
}

fn date_and_time(arguments: Vec<Argument>) -> Expr {
    if arguments.len() == 2 {
        return Expr::Foreign("a date-time from a date and a time");
    }
    one(&["from"], arguments, |of| text_literal(of, moments::stamp, "a date-time from a value"))
}

/// XPath looks for the pattern anywhere, Seg matches the whole value: the pattern is put between
/// two that match everything.
fn matches(arguments: Vec<Argument>) -> Expr {
    let Some(values) = ordered(&["input", "pattern", "flags"], arguments) else {
        return Expr::Foreign(ARGUMENTS);
    };
    let (input, pattern, flags) = match values.as_slice() {
        [input, Expr::Text(pattern)] | [input, Expr::Text(pattern), Expr::Null] => (input, pattern, ""),
        [input, Expr::Text(pattern), Expr::Text(flags)] => (input, pattern, flags.as_str()),
        [_, _] | [_, _, _] => return Expr::Foreign("a pattern that is no literal"),
        _ => return Expr::Foreign(ARGUMENTS),
    };
    if pattern.contains('\n') {
        return Expr::Foreign("a pattern with a line break");
    }
    let escaped = pattern.replace('/', "\\/");
    Expr::Matches(Box::new(input.clone()), format!("(?s:.*)(?{flags}:{escaped})(?s:.*)"))
}
