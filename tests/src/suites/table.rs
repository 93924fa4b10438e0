//! Turns a DMN decision table into a Seg `table`: first match wins, one result column, no gaps.
//! It does not read XML, and judges no rule: dead or equal rows are for the compiler to refuse.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;

use super::case::{Expected, Question, Want};
use super::expr::{Expr, Op, Reason, Test};
use super::feel;
use super::playbook::{Playbook, field_name};
use super::seg::{AS_OF, ATTRIBUTE};

/// A decision table as the model has it.
pub struct Table {
    /// The hit policy.
    pub policy: String,
    /// The input columns.
    pub inputs: Vec<Column>,
    /// The output columns.
    pub outputs: Vec<Column>,
    /// The rules, in order.
    pub rules: Vec<Rule>,
}

/// An input or output column.
pub struct Column {
    /// The input's expression, which is a name; the output's name, which may be empty.
    pub name: String,
    /// Its declared type.
    pub type_ref: String,
    /// The values that it may have, as written; empty where any.
    pub values: String,
    /// The value where no rule matches, as written; empty where null.
    pub default: String,
}

/// A rule, its cells as written.
pub struct Rule {
    /// The input cells.
    pub inputs: Vec<String>,
    /// The output cells.
    pub outputs: Vec<String>,
}

/// A column of the table in Seg: what its cells test, and what stands for the whole domain.
enum Domain {
    Number,
    Bool,
    Members(Vec<String>),
}

/// The question for one output column of a table.
///
/// # Errors
/// Why there is none.
pub fn question(
    table: &Table,
    output: usize,
    id: &str,
    given: &BTreeMap<String, String>,
    expected: &Expected,
) -> Result<Question, Reason> {
    if let Expected::Other(reason) = expected {
        return Err(reason);
    }
    let rules = rules_in_order(table)?;
    let domains = table.inputs.iter().map(domain).collect::<Result<Vec<_>, _>>()?;
    let mut cells = Vec::new();
    for rule in &rules {
        let tests = rule.inputs.iter().map(|cell| feel::parse_tests(cell)).collect::<Result<Vec<_>, _>>();
        cells.push(tests.map_err(|_| "a cell that this tool does not read")?);
    }
    let column = table.outputs.get(output).ok_or("an output that the table has not")?;
    let (want, result_type) = match expected {
        Expected::Text(text) => (Want::Text(text.clone()), "Text"),
        Expected::Number(text) => (Want::Number(text.clone()), "Number"),
        _ => return Err("a table's result of another type"),
    };

    let mut playbook = Playbook::new(id, "UTC");
    let mut parameters = Vec::new();
    for (input, domain) in table.inputs.iter().zip(&domains) {
        let name = field_name(&input.name);
        let value = given.get(&input.name).map(|text| match domain {
            Domain::Members(_) => Value::from(text.as_str()),
            Domain::Bool => Value::from(text == "true"),
            Domain::Number => serde_json::from_str(text).unwrap_or(Value::Null),
        });
        let field_type = match domain {
            Domain::Number => "Number".to_owned(),
            Domain::Bool => "Bool".to_owned(),
            Domain::Members(members) => {
                playbook.add_enum(&input.name, members);
                input.name.clone()
            }
        };
        playbook.add_field(&name, &field_type, value);
        parameters.push(name);
    }
    let mut asked = format!("table decision({}) -> {result_type} {{\n  ", parameters.join(", "));
    // Writing to a text cannot fail.
    let _ = writeln!(asked, "{} || result", parameters.join(" | "));
    for (rule, tests) in rules.iter().zip(&cells) {
        let row = tests.iter().map(|cell| written_cell(cell)).collect::<Result<Vec<_>, _>>()?;
        let result = rule.outputs.get(output).map(String::as_str).unwrap_or_default();
        let _ = writeln!(asked, "  {} || {result}", row.join(" | "));
    }
    if has_gap(&domains, &cells) {
        let any = vec!["any"; parameters.len()].join(" | ");
        let result = if column.default.is_empty() { "missing" } else { &column.default };
        let _ = writeln!(asked, "  {any} || {result}");
    }
    let _ = write!(asked, "}}\n\nattribute {ATTRIBUTE} = decision({})", parameters.join(", "));
    let (source, record) = playbook.finish(&asked);
    Ok(Question { source, result: ATTRIBUTE, record, as_of: AS_OF.to_owned(), want })
}

/// The rules so that the first match is the policy's.
fn rules_in_order(table: &Table) -> Result<Vec<&Rule>, Reason> {
    let mut rules: Vec<&Rule> = table.rules.iter().collect();
    match table.policy.as_str() {
        // Under ANY all matching rules agree, so that the first is as good as any.
        "FIRST" | "UNIQUE" | "ANY" => Ok(rules),
        "PRIORITY" => {
            rules.sort_by_key(|rule| {
                let ranks = table.outputs.iter().zip(&rule.outputs).map(|(column, cell)| {
                    column.values.split(',').position(|value| value.trim() == cell.trim()).unwrap_or(usize::MAX)
                });
                ranks.collect::<Vec<_>>()
            });
            Ok(rules)
        }
        "COLLECT" => Err("a table that collects several rules' results"),
        _ => Err("a table that gives several rules' results in order"),
    }
}

fn domain(input: &Column) -> Result<Domain, Reason> {
    match input.type_ref.as_str() {
        "number" => Ok(Domain::Number),
        "boolean" => Ok(Domain::Bool),
        "string" if !input.values.is_empty() => Ok(Domain::Members(
            input.values.split(',').map(|value| value.trim().trim_matches('"').to_owned()).collect(),
        )),
        _ => Err("a table's input of another type"),
    }
}

fn written_cell(tests: &[Test]) -> Result<String, Reason> {
    if tests.is_empty() {
        return Ok("any".to_owned());
    }
    let written = tests.iter().map(|test| match test {
        Test::Equals(value) => simple(value),
        Test::Compare(op, value) => Ok(format!("{} {}", op.seg(), simple(value)?)),
        _ => Err("a cell of another form"),
    });
    Ok(written.collect::<Result<Vec<_>, _>>()?.join(" or "))
}

fn simple(value: &Expr) -> Result<String, Reason> {
    match value {
        Expr::Number(text) => Ok(text.clone()),
        // The texts of a table's inputs are the members of an enum.
        Expr::Text(text) => Ok(text.clone()),
        Expr::Bool(value) => Ok(value.to_string()),
        _ => Err("a cell of another form"),
    }
}

/// Whether some combination of inputs meets no rule: tried at every point where a cell changes.
fn has_gap(domains: &[Domain], rules: &[Vec<Vec<Test>>]) -> bool {
    let points: Vec<Vec<Point>> =
        domains.iter().enumerate().map(|(column, domain)| points(domain, rules, column)).collect();
    let mut combinations: Vec<Vec<&Point>> = vec![Vec::new()];
    for column in &points {
        combinations = combinations
            .iter()
            .flat_map(|head| column.iter().map(move |point| head.iter().copied().chain([point]).collect()))
            .collect();
    }
    combinations.iter().any(|combination| {
        !rules.iter().any(|rule| rule.iter().zip(combination).all(|(cell, point)| matches_cell(cell, point)))
    })
}

#[derive(PartialEq, PartialOrd)]
enum Point {
    Number(f64),
    Bool(bool),
    Member(String),
}

fn points(domain: &Domain, rules: &[Vec<Vec<Test>>], column: usize) -> Vec<Point> {
    match domain {
        Domain::Bool => vec![Point::Bool(true), Point::Bool(false)],
        Domain::Members(members) => members.iter().cloned().map(Point::Member).collect(),
        Domain::Number => {
            let mut found = vec![Point::Number(0.0)];
            for test in rules.iter().filter_map(|rule| rule.get(column)).flatten() {
                if let Some(Point::Number(at)) = operand(test) {
                    found.extend([at - 1.0, at, at + 1.0].map(Point::Number));
                }
            }
            found
        }
    }
}

fn operand(test: &Test) -> Option<Point> {
    match test {
        Test::Equals(value) | Test::Compare(_, value) => match value {
            Expr::Number(text) => text.parse().ok().map(Point::Number),
            Expr::Bool(value) => Some(Point::Bool(*value)),
            Expr::Text(text) => Some(Point::Member(text.clone())),
            _ => None,
        },
        _ => None,
    }
}

fn matches_cell(cell: &[Test], point: &Point) -> bool {
    cell.is_empty()
        || cell.iter().any(|test| {
            let Some(operand) = operand(test) else { return false };
            match test {
                Test::Compare(Op::Lt, _) => *point < operand,
                Test::Compare(Op::Le, _) => *point <= operand,
                Test::Compare(Op::Gt, _) => *point > operand,
                Test::Compare(Op::Ge, _) => *point >= operand,
                Test::Compare(Op::Ne, _) => *point != operand,
                _ => *point == operand,
            }
        })
}
