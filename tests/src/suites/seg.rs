//! Writes an expression of a suite as a Seg playbook, operator by operator.
//! It checks no types: what Seg refuses is for the compiler to say. It does not know where a case came from.

use std::collections::BTreeSet;

use serde_json::Value;

use super::case::{Expected, Question, Want};
use super::expr::{Expr, Kind, Names, Op, Reason, Span, Stamp, Test, Zone};
use super::moments;
use super::playbook::{Playbook, field_name, text_literal};

/// The instant of the cases that do not depend on one.
pub const AS_OF: &str = "2026-03-01T00:00:00Z";

/// The name of an attribute that is asked for.
pub const ATTRIBUTE: &str = "answer";
const SEGMENT: &str = "Answer";
const ALONE: Reason = "a literal that stands alone";

/// An input of a case.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name in the suite.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Its value; none where it is null.
    pub value: Option<Value>,
}

/// What is to be asked.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The name of the case.
    pub id: &'a str,
    /// The expression.
    pub expr: Expr,
    /// What they say.
    pub expected: &'a Expected,
    /// The inputs.
    pub inputs: Vec<Input>,
    /// The type that the suite declares for the result, in Seg's words.
    pub declared: Option<String>,
    /// The zone that the expression names apart from its values.
    pub timezone: Option<String>,
    /// Their null is an error of types, which must not compile.
    pub must_refuse: bool,
}

/// The question that a request comes to.
///
/// # Errors
/// Why there is none.
pub fn question(request: &Request<'_>) -> Result<Question, Reason> {
    let names: Names = request.inputs.iter().map(|input| (input.name.clone(), input.kind)).collect();
    let (expr, expected) = without_text_of(&request.expr, request.expected);
    let timezone = match &request.timezone {
        Some(zone) => zone.clone(),
        None => timezone(&expr, &expected)?,
    };
    let mut writer = Writer { playbook: Playbook::new(request.id, &timezone), names: &names };
    for input in &request.inputs {
        let field_type = format!("{}?", seg_type(input.kind).ok_or("an input that is a duration")?);
        writer.playbook.add_field(&field_name(&input.name), &field_type, input.value.clone());
    }
    if let Expr::Months(from, to) = &expr {
        return months_between(writer, from, to, &expected);
    }
    if expr == Expr::Null {
        return Err("a null that stands alone");
    }
    let kind = expr.kind(&names);
    let (asked, want) = match &expected {
        Expected::Other(reason) => return Err(reason),
        _ if matches!(expr, Expr::Span(_)) => return Err(ALONE),
        Expected::Null | Expected::Error => {
            let want = if request.must_refuse { Want::Refusal } else { Want::Missing };
            (writer.expr(&expr, None)?, want)
        }
        Expected::Bool(value) => (writer.expr(&expr, None)?, Want::Bool(*value)),
        Expected::Number(text) => (writer.expr(&expr, None)?, Want::Number(text.clone())),
        Expected::Text(text) | Expected::Date(text) => (writer.expr(&expr, None)?, Want::Text(text.clone())),
        // How these are shown is no matter of the suite: they are compared within Seg.
        Expected::Time(_) | Expected::Stamp(_) | Expected::Span(_) if expr.is_literal() => {
            return Err(ALONE);
        }
        Expected::Time(text) => (writer.equals(&expr, Expr::Time(text.clone()))?, Want::Bool(true)),
        Expected::Stamp(stamp) => (writer.equals(&expr, Expr::Stamp(stamp.clone()))?, Want::Bool(true)),
        Expected::Span(span) => (writer.equals(&expr, Expr::Span(*span))?, Want::Bool(true)),
    };
    let computes = matches!(&expr, Expr::Neg(_)) || matches!(&expr, Expr::Binary(op, ..) if op.is_arithmetic());
    let is_condition = want == Want::Bool(true) || (kind == Some(Kind::Bool) && !computes);
    let (result, asked) = match &request.declared {
        Some(declared) => (ATTRIBUTE, format!("attribute {ATTRIBUTE}: {declared} = {asked}")),
        None if is_condition => (SEGMENT, format!("segment {SEGMENT} when {asked}")),
        None => (ATTRIBUTE, format!("attribute {ATTRIBUTE} = {asked}")),
    };
    let (source, record) = writer.playbook.finish(&asked);
    Ok(Question { source, result, record, as_of: AS_OF.to_owned(), want })
}

/// `string(x)`, where their text is only how a date-time or a time of day is shown.
fn without_text_of(expr: &Expr, expected: &Expected) -> (Expr, Expected) {
    if let (Expr::TextOf(of), Expected::Text(text)) = (expr, expected) {
        if let Expr::Stamp(stamp) = moments::stamp(text) {
            return ((**of).clone(), Expected::Stamp(stamp));
        }
        if let Expr::Time(time) = moments::time(text) {
            return ((**of).clone(), Expected::Time(time));
        }
    }
    (expr.clone(), expected.clone())
}

/// Complete months between two dates: Seg counts them from `as of`.
fn months_between(mut writer: Writer<'_>, from: &Expr, to: &Expr, expected: &Expected) -> Result<Question, Reason> {
    let as_of = match from {
        Expr::Date(day) => format!("{day}T00:00:00Z"),
        Expr::Stamp(Stamp { civil, zone: Zone::Local }) => format!("{civil}Z"),
        Expr::Stamp(Stamp { civil, zone: Zone::Offset(offset) }) => format!("{civil}{offset}"),
        Expr::Stamp(_) => return Err("months from a date-time in a named zone"),
        Expr::Null => return Err("months from nothing: `as of` is always given"),
        Expr::Foreign(reason) => return Err(reason),
        _ => return Err("months from a value that is no literal"),
    };
    let want = match expected {
        Expected::Span(Span::Months(months)) => Want::Number(months.to_string()),
        _ => Want::Missing,
    };
    let to = writer.operand(to, from.kind(writer.names))?;
    let (source, record) = writer.playbook.finish(&format!("attribute {ATTRIBUTE} = months until {to}"));
    Ok(Question { source, result: ATTRIBUTE, record, as_of, want })
}

/// The playbook's zone, in which the expression's date-times are read.
fn timezone(expr: &Expr, expected: &Expected) -> Result<String, Reason> {
    let mut zones = BTreeSet::new();
    expr.visit(&mut |part| {
        if let Expr::Stamp(stamp) = part {
            zones.insert(stamp.zone.clone());
        }
    });
    if let Expected::Stamp(stamp) = expected {
        zones.insert(stamp.zone.clone());
    }
    if zones.contains(&Zone::Local) && zones.len() > 1 {
        return Err("a date-time without a zone beside one with a zone");
    }
    let named: Vec<&String> =
        zones.iter().filter_map(|z| if let Zone::Named(name) = z { Some(name) } else { None }).collect();
    match (named.as_slice(), zones.iter().collect::<Vec<_>>().as_slice()) {
        ([], [Zone::Offset(offset)]) => Ok(moments::zone_of_offset(offset).unwrap_or_else(|| "UTC".to_owned())),
        ([], _) => Ok("UTC".to_owned()),
        ([name], _) => Ok((*name).clone()),
        _ => Err("two named zones in one expression"),
    }
}

/// The type of a field that holds a value of the kind; durations are no field's type.
pub fn seg_type(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Bool => "Bool",
        Kind::Number => "Number",
        Kind::Text => "Text",
        Kind::Date => "Date",
        Kind::Time => "TimeOfDay",
        Kind::Stamp => "Timestamp",
        Kind::List => "List(Int)",
        Kind::Months | Kind::Exact => return None,
    })
}

struct Writer<'a> {
    playbook: Playbook,
    names: &'a Names,
}

impl Writer<'_> {
    /// Writes an expression; `hint` is the kind that a null would have there.
    fn expr(&mut self, expr: &Expr, hint: Option<Kind>) -> Result<String, Reason> {
        Ok(match expr {
            Expr::Foreign(reason) => return Err(reason),
            Expr::TextOf(_) => return Err("a conversion to text"),
            Expr::Months(..) => return Err("months between two dates within an expression"),
            Expr::Null => self.nothing(hint)?,
            Expr::Bool(value) => value.to_string(),
            Expr::Number(text) | Expr::Date(text) | Expr::Time(text) => text.clone(),
            Expr::Text(text) => match text_literal(text) {
                Some(written) => written,
                None => self.playbook.add_new_field("value", "Text", Some(Value::from(text.as_str()))),
            },
            Expr::Stamp(Stamp { civil, zone }) => match zone {
                Zone::Local => format!("{civil}Z"),
                Zone::Offset(offset) => format!("{civil}{offset}"),
                Zone::Named(_) => self.playbook.add_new_field("value", "Timestamp", Some(Value::from(civil.as_str()))),
            },
            Expr::Span(span) => written_span(*span),
            Expr::List(items) => self.list(items)?,
            Expr::Name(name) if self.names.contains_key(name) => field_name(name),
            Expr::Name(_) => return Err("a name that is no input of the case"),
            Expr::Neg(of) if matches!(**of, Expr::Neg(_)) => format!("-({})", self.expr(of, hint)?),
            Expr::Neg(of) => format!("-{}", self.operand(of, hint)?),
            Expr::Not(of) => format!("not {}", self.operand(of, Some(Kind::Bool))?),
            Expr::Binary(op, left, right) => self.binary(*op, left, right)?,
            Expr::Between(of, low, high) => {
                let kind = of.kind(self.names).or_else(|| low.kind(self.names));
                let of = self.operand(of, kind)?;
                format!("{of} between {} and {}", self.operand(low, kind)?, self.operand(high, kind)?)
            }
            Expr::In(of, tests) => self.membership(of, tests)?,
            Expr::If(condition, yes, no) => {
                let condition = self.expr(condition, Some(Kind::Bool))?;
                let (yes, no) = (self.expr(yes, None)?, self.expr(no, None)?);
                format!("choose {{ when {condition} => {yes} otherwise => {no} }}")
            }
            Expr::Part(unit, of) => format!("{unit} {}", self.operand(of, Some(Kind::Date))?),
            Expr::DateOf(of) => format!("date_of({})", self.expr(of, Some(Kind::Stamp))?),
            Expr::Matches(of, pattern) => format!("{} matches /{pattern}/", self.operand(of, Some(Kind::Text))?),
        })
    }

    /// Writes an expression so that an operator beside it cannot take it apart.
    fn operand(&mut self, expr: &Expr, hint: Option<Kind>) -> Result<String, Reason> {
        let written = self.expr(expr, hint)?;
        let whole = expr.is_literal()
            || matches!(expr, Expr::Name(_) | Expr::List(_) | Expr::DateOf(_) | Expr::If(..))
            || matches!(expr, Expr::Neg(of) if of.is_literal());
        let negative = matches!(expr, Expr::Span(Span::Months(n) | Span::Days(n) | Span::Seconds(n)) if *n < 0);
        Ok(if whole && !negative { written } else { format!("({written})") })
    }

    fn binary(&mut self, op: Op, left: &Expr, right: &Expr) -> Result<String, Reason> {
        if matches!(op, Op::And | Op::Or) {
            let left = self.operand(left, Some(Kind::Bool))?;
            return Ok(format!("{left} {} {}", op.seg(), self.operand(right, Some(Kind::Bool))?));
        }
        let of_text = (op == Op::Contains).then_some(Kind::Text);
        let (left_kind, right_kind) = (left.kind(self.names).or(of_text), right.kind(self.names).or(of_text));
        if op.is_arithmetic() {
            let (left, right) = (self.step(left, right_kind)?, self.step(right, left_kind)?);
            return Ok(format!("{left} {} {right}", op.seg()));
        }
        Ok(format!("{} {} {}", self.operand(left, right_kind)?, op.seg(), self.operand(right, left_kind)?))
    }

    fn equals(&mut self, expr: &Expr, value: Expr) -> Result<String, Reason> {
        self.binary(Op::Eq, expr, &value)
    }

    /// An operand of arithmetic. A days-and-time duration is an exact length, `24 hours`; beside a
    /// date or a time it is a step of the calendar, `1 day`.
    fn step(&mut self, expr: &Expr, beside: Option<Kind>) -> Result<String, Reason> {
        match (expr, beside) {
            (Expr::Span(Span::Days(days)), Some(Kind::Date | Kind::Stamp | Kind::Time)) => {
                let written = quantity(*days, "day");
                Ok(if *days < 0 { format!("({written})") } else { written })
            }
            _ => self.operand(expr, partner(beside)),
        }
    }

    fn membership(&mut self, of: &Expr, tests: &[Test]) -> Result<String, Reason> {
        let mut written = Vec::new();
        for test in tests {
            written.push(match test {
                Test::Equals(value) => self.binary(Op::Eq, of, value)?,
                Test::Compare(op, value) => self.binary(*op, of, value)?,
                Test::OneOf(values) => {
                    let kind = values.first().and_then(|value| value.kind(self.names));
                    format!("{} in {}", self.operand(of, kind)?, self.list(values)?)
                }
                Test::Range { low, low_open: false, high, high_open: false } => {
                    let whole = Expr::Between(Box::new(of.clone()), Box::new(low.clone()), Box::new(high.clone()));
                    self.expr(&whole, None)?
                }
                Test::Range { low, low_open, high, high_open } => {
                    let above = self.binary(if *low_open { Op::Gt } else { Op::Ge }, of, low)?;
                    let below = self.binary(if *high_open { Op::Lt } else { Op::Le }, of, high)?;
                    format!("{above} and {below}")
                }
            });
        }
        match written.as_slice() {
            [one] => Ok(one.clone()),
            _ => Ok(written.iter().map(|test| format!("({test})")).collect::<Vec<_>>().join(" or ")),
        }
    }

    fn list(&mut self, items: &[Expr]) -> Result<String, Reason> {
        let mut written = Vec::new();
        for item in items {
            match item {
                Expr::List(_) => return Err("a list of lists"),
                Expr::Null => return Err("a list with null in it"),
                _ => written.push(self.expr(item, None)?),
            }
        }
        Ok(format!("[{}]", written.join(", ")))
    }

    fn nothing(&mut self, hint: Option<Kind>) -> Result<String, Reason> {
        let field_type = seg_type(hint.unwrap_or(Kind::Number)).ok_or("a duration that is null")?;
        Ok(self.playbook.add_new_field("nothing", &format!("{field_type}?"), None))
    }
}

fn written_span(span: Span) -> String {
    let seconds = match span {
        Span::Months(months) if months != 0 && months % 12 == 0 => return quantity(months / 12, "year"),
        Span::Months(months) => return quantity(months, "month"),
        Span::Days(days) => days * 86_400,
        Span::Seconds(seconds) => seconds,
    };
    match seconds {
        _ if seconds % 3600 == 0 => quantity(seconds / 3600, "hour"),
        _ if seconds % 60 == 0 => quantity(seconds / 60, "minute"),
        _ => quantity(seconds, "second"),
    }
}

fn quantity(count: i64, unit: &str) -> String {
    let plural = if count.abs() == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// The kind that a null beside an operand of this kind has in arithmetic: the operand's own, but a
/// number beside a duration, which no field can hold.
fn partner(kind: Option<Kind>) -> Option<Kind> {
    match kind {
        Some(Kind::Months | Kind::Exact) => Some(Kind::Number),
        other => other,
    }
}
