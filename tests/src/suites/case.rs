//! A case of a suite as the run sees it: what they say, what was asked of Seg, and the verdict.
//! It does not know how a case was read, nor how the compiler is called.

use std::fmt;

use serde_json::Value;

use super::expr::{Reason, Span, Stamp, Zone};

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// The row of the counts that it belongs to.
    pub suite: String,
    /// Its name within the suite, with the folder: `dmn-tck/0064-feel-conjunction/001`.
    pub id: String,
    /// What the suite says.
    pub expected: Expected,
    /// What is asked of Seg, or why nothing can be.
    pub question: Result<Question, Reason>,
}

/// A playbook, a record, and the answer that agrees.
#[derive(Clone, Debug)]
pub struct Question {
    /// The source text, complete in itself.
    pub source: String,
    /// `Answer` (a segment) or `answer` (an attribute).
    pub result: &'static str,
    /// The record.
    pub record: Value,
    /// The instant, RFC 3339.
    pub as_of: String,
    /// The answer that agrees.
    pub want: Want,
}

/// The answer that agrees with a suite.
#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    /// Missing, or unknown; a refusal is counted as `rejected`.
    Missing,
    /// The compiler refuses it for its types.
    Refusal,
    /// A truth value.
    Bool(bool),
    /// A number, in plain decimals.
    Number(String),
    /// A text, the name of an enum's member, or a date.
    Text(String),
}

/// What a suite expects.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Expected {
    Null,
    Error,
    Bool(bool),
    Number(String),
    Text(String),
    Date(String),
    Time(String),
    Stamp(Stamp),
    Span(Span),
    /// A value that Seg has none of.
    Other(Reason),
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same answer.
    Agree,
    /// They answer null or with an error, and the compiler refuses it.
    Rejected(Vec<String>),
    /// Another answer: what we say.
    Differ(String),
    /// Not asked.
    NotMapped(Reason),
}

/// Codes that speak of how a source is written: such a refusal says nothing of what it means.
const CODES_OF_WRITING: [&str; 8] = [
    "stray-character",
    "unknown-declaration",
    "not-yet",
    "mixed-and-or",
    "unclosed-text",
    "unclosed-bracket",
    "bad-escape",
    "unknown-name",
];

/// What the compiler and the evaluator make of a question.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The source is refused, with the codes of its errors.
    Refused {
        /// The codes, in the order of the diagnostics.
        codes: Vec<String>,
    },
    /// The value of the named attribute or segment: `null` where it is missing or unknown.
    Value(Value),
}

impl Want {
    /// The verdict on an outcome.
    pub fn judge(&self, outcome: &Outcome) -> Verdict {
        match outcome {
            Outcome::Refused { codes } => self.judge_refusal(codes),
            Outcome::Value(value) if self.is_met_by(value) => Verdict::Agree,
            Outcome::Value(Value::Null) => Verdict::Differ("missing".to_owned()),
            Outcome::Value(value) => Verdict::Differ(value.to_string()),
        }
    }

    fn judge_refusal(&self, codes: &[String]) -> Verdict {
        let mut distinct = codes.to_vec();
        distinct.sort();
        distinct.dedup();
        let of_writing = |code: &String| code.starts_with("syntax") || CODES_OF_WRITING.contains(&code.as_str());
        let of_meaning = !distinct.is_empty() && !distinct.iter().any(of_writing);
        if of_meaning && matches!(self, Want::Missing | Want::Refusal) {
            Verdict::Rejected(distinct)
        } else {
            Verdict::Differ(format!("refused: {}", distinct.join(", ")))
        }
    }

    fn is_met_by(&self, value: &Value) -> bool {
        match self {
            Want::Refusal => false,
            Want::Missing => value.is_null(),
            Want::Bool(want) => value.as_bool() == Some(*want),
            Want::Text(want) => value.as_str() == Some(want),
            Want::Number(want) => match value {
                Value::Number(have) => {
                    let have = have.to_string();
                    have == *want
                        || matches!((have.parse::<f64>(), want.parse::<f64>()), (Ok(have), Ok(want)) if have == want)
                }
                _ => false,
            },
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Null => f.write_str("null"),
            Expected::Error => f.write_str("error"),
            Expected::Bool(value) => write!(f, "{value}"),
            Expected::Number(text) | Expected::Date(text) | Expected::Time(text) => f.write_str(text),
            Expected::Text(text) => write!(f, "{text:?}"),
            Expected::Stamp(Stamp { civil, zone }) => match zone {
                Zone::Local => f.write_str(civil),
                Zone::Offset(offset) => write!(f, "{civil}{offset}"),
                Zone::Named(name) => write!(f, "{civil}@{name}"),
            },
            Expected::Span(Span::Months(months)) => write!(f, "{months} months"),
            Expected::Span(Span::Days(days)) => write!(f, "{days} days"),
            Expected::Span(Span::Seconds(seconds)) => write!(f, "{seconds} seconds"),
            Expected::Other(reason) => f.write_str(reason),
        }
    }
}
