//! Why a cell was refused, as a sentence. Values of labelled fields are personal and never shown.

use seg_ir::outcome::RejectCode;
use seg_ir::time;

use crate::cell::Raw;
use crate::error::did_you_mean;
use crate::rule::{Kind, Rule};

/// The longest value that a reason quotes, in characters.
const SHOWN_MAX: usize = 60;
/// The most members that a reason lists.
const MEMBERS_MAX: usize = 12;

/// What is wrong with a cell, and what would be right.
#[cold]
pub(crate) fn reason(rule: &Rule, raw: &Raw<'_>, code: RejectCode) -> String {
    let value = shown(rule, raw);
    match code {
        RejectCode::MissingValue if matches!(rule.kind, Kind::List(_)) && !matches!(raw, Raw::Null) => {
            "one of its items is missing; a list holds known values only".to_string()
        }
        RejectCode::MissingValue => "it has no value, but is neither optional nor has it a default".to_string(),
        RejectCode::WrongType => format!("{value} is not {}{}", rule.type_name, expected(&rule.kind, raw)),
        RejectCode::NoSuchMember => format!("{value} is no member of {}{}", item_name(rule), members(rule, raw)),
        RejectCode::OutOfRange => format!("{value} is beyond what {} can hold", rule.type_name),
        RejectCode::NotFinite => format!("{value} is not a finite number"),
        RejectCode::TooLong => too_long(rule, raw),
        RejectCode::NoTarget => format!("{value} points to nothing: {} has no such key", rule.type_name),
        RejectCode::TooManyRows
        | RejectCode::DuplicateKey
        | RejectCode::UnknownField
        | RejectCode::Malformed
        | RejectCode::NotSent
        | RejectCode::EvaluationFailed => code.name().replace('-', " "),
    }
}

fn too_long(rule: &Rule, raw: &Raw<'_>) -> String {
    let max = rule.max.unwrap_or(0);
    match raw {
        Raw::List(items) => format!("it has {} items, and at most {max} are allowed", items.len()),
        Raw::Text(text) | Raw::Untyped(text) => {
            format!("it has {} characters, and at most {max} are allowed", text.chars().count())
        }
        _ => format!("it is longer than {max} characters"),
    }
}

fn item_name(rule: &Rule) -> &str {
    match &rule.kind {
        Kind::List(item) => &item.type_name,
        _ => &rule.type_name,
    }
}

/// The value in backticks, or just `the value` for personal data.
fn shown(rule: &Rule, raw: &Raw<'_>) -> String {
    if rule.secret {
        return "the value".to_string();
    }
    let text = match raw {
        Raw::Null => return "a missing value".to_string(),
        Raw::Other(what) => return (*what).to_string(),
        Raw::List(_) => return if matches!(rule.kind, Kind::List(_)) { "an item".into() } else { "a list".into() },
        Raw::Bool(v) => v.to_string(),
        Raw::Int(v) => v.to_string(),
        Raw::Float(v) if v.is_finite() && v.abs() >= 1e21 => format!("{v:e}"),
        Raw::Float(v) => v.to_string(),
        Raw::Exact(v) => v.show(),
        Raw::Text(v) | Raw::Untyped(v) => (*v).to_string(),
        Raw::Date(v) => time::show_date(*v),
        Raw::Instant(v) => time::show_instant(*v),
        Raw::Civil(day, micros) => format!("{}T{}", time::show_date(*day), time::show_time(*micros)),
        Raw::Time(v) => time::show_time(*v),
    };
    let short: String = text.chars().take(SHOWN_MAX).collect();
    if short.len() < text.len() { format!("`{short}`...") } else { format!("`{short}`") }
}

fn members(rule: &Rule, raw: &Raw<'_>) -> String {
    let kind = if let Kind::List(item) = &rule.kind { &item.kind } else { &rule.kind };
    let Kind::Enum(members) = kind else { return String::new() };
    let hint = match raw {
        Raw::Text(text) | Raw::Untyped(text) if !rule.secret => {
            did_you_mean(text, members.values.iter().map(String::as_str))
        }
        _ => String::new(),
    };
    let listed: Vec<String> = members.values.iter().take(MEMBERS_MAX).map(|v| format!("`{v}`")).collect();
    let more = if members.values.len() > MEMBERS_MAX { ", ..." } else { "" };
    format!(" ({}{more}){hint}", listed.join(", "))
}

/// How a value of the kind is written, where it helps.
fn expected(kind: &Kind, raw: &Raw<'_>) -> &'static str {
    match kind {
        Kind::Bool => ": it is true or false",
        Kind::Int if matches!(raw, Raw::Float(_) | Raw::Exact(_)) => ": it has a fraction",
        Kind::Date => ": it is written 2026-03-01",
        Kind::Timestamp => ": it is written 2026-03-01T09:00Z, or without Z in the playbook's zone",
        Kind::TimeOfDay => ": it is written 09:00, to the second",
        Kind::Percent => ": it is written as a fraction, 0.1 for 10%",
        Kind::Money(_) => ": it is a number of whole coins like 12.50",
        Kind::Int | Kind::Number | Kind::Text | Kind::Enum(_) | Kind::Reference(..) | Kind::List(_) => "",
    }
}
