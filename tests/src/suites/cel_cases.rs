//! Makes cases of CEL's conformance files: sections of tests with an expression and a value or an error.
//! It does not know CEL's grammar, nor how Seg writes an expression.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::Fault;
use super::case::{Case, Expected, Question};
use super::cel;
use super::expr::{Expr, Kind, Reason};
use super::seg::{self, Input, Request};
use super::textproto::{self, Field, Message};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The cases of one file.
///
/// # Errors
/// A file that cannot be read.
pub fn cases(file: &Path) -> Result<Vec<Case>, Fault> {
    let text = super::read(file)?;
    let tests = textproto::parse(&text).map_err(|error| Fault::new(file, error))?;
    let suite = format!("cel/{}", tests.scalar("name").unwrap_or_default());
    let mut cases = Vec::new();
    for section in tests.messages("section") {
        let section_name = section.scalar("name").unwrap_or_default();
        for test in section.messages("test") {
            let id = format!("{suite}/{section_name}/{}", test.scalar("name").unwrap_or_default());
            let expected = expectation(test);
            let question = question(test, &id, &expected);
            cases.push(Case { suite: suite.clone(), id, expected, question });
        }
    }
    Ok(cases)
}

fn question(test: &Message, id: &str, expected: &Expected) -> Result<Question, Reason> {
    let (inputs, nulls) = bindings(test)?;
    let text = test.scalar("expr").unwrap_or_default();
    let parsed = cel::parse(text, &nulls).map_err(|_| "an expression that this tool does not read")?;
    let named = named_part(&parsed.expr, expected);
    seg::question(&Request {
        id,
        expr: parsed.expr,
        expected: named.as_ref().unwrap_or(expected),
        inputs,
        declared: None,
        timezone: parsed.timezone,
        must_refuse: false,
    })
}

/// Months and days of the week are numbers from zero in CEL, and names in Seg.
fn named_part(expr: &Expr, expected: &Expected) -> Option<Expected> {
    let (Expr::Part(unit, _), Expected::Number(number)) = (expr, expected) else {
        return None;
    };
    let names: &[&str] = match *unit {
        "month of" => &MONTHS,
        "weekday of" => &WEEKDAYS,
        _ => return None,
    };
    let name = names.get(number.parse::<usize>().ok()?)?;
    Some(Expected::Text((*name).to_owned()))
}

fn bindings(test: &Message) -> Result<(Vec<Input>, BTreeSet<String>), Reason> {
    let mut inputs = Vec::new();
    let mut nulls = BTreeSet::new();
    for binding in test.messages("bindings") {
        let name = binding.scalar("key").unwrap_or_default().to_owned();
        let value = binding.message("value").and_then(|value| value.message("value"));
        let Some((value_type, Field::Scalar(text))) = value.and_then(Message::first) else {
            return Err("an input that is a list, a map or a message");
        };
        let number = || serde_json::from_str(text).unwrap_or(Value::Null);
        let (kind, value) = match value_type {
            "bool_value" => (Kind::Bool, Value::from(text == "true")),
            "int64_value" | "uint64_value" | "double_value" => (Kind::Number, number()),
            "string_value" => (Kind::Text, Value::from(text.as_str())),
            "null_value" => {
                nulls.insert(name);
                continue;
            }
            _ => return Err("bytes"),
        };
        inputs.push(Input { name, kind, value: Some(value) });
    }
    Ok((inputs, nulls))
}

fn expectation(test: &Message) -> Expected {
    if test.message("eval_error").is_some() {
        return Expected::Error;
    }
    match test.message("value").and_then(Message::first) {
        Some(("bool_value", Field::Scalar(text))) => Expected::Bool(text == "true"),
        Some(("int64_value" | "uint64_value" | "double_value", Field::Scalar(text))) => Expected::Number(text.clone()),
        Some(("string_value", Field::Scalar(text))) => Expected::Text(text.clone()),
        Some(("null_value", _)) => Expected::Null,
        Some(("type_value", _)) => Expected::Other("a type as a value"),
        Some(_) => Expected::Other("a value of another type"),
        // A test without a result expects `true`.
        None => Expected::Bool(true),
    }
}
