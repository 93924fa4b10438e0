//! The one judgement of a cell: a raw value against what its field asks gives a typed value or a reject code. Files and
//! requests both come through here, so that their verdicts cannot differ. Knows no formats and no columns.

use std::borrow::Cow;

use seg_ir::outcome::RejectCode;
use seg_ir::time::{self, DAY_US, ParsedTime, Shift};
use seg_ir::{Const, Reason, Value, Zone, fault};

use crate::decimal::{self, Decimal, Number};
use crate::rule::{Kind, Members, Rule};

/// A value as data has it, before anything is known of its field.
#[derive(Debug, Clone)]
pub(crate) enum Raw<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Exact(Decimal),
    Text(&'a str),
    /// Text of a format without types: it may be a number, or `true`.
    Untyped(&'a str),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00Z.
    Instant(i64),
    /// A day and microseconds since its midnight, in no zone.
    Civil(i32, i64),
    /// Microseconds since midnight.
    Time(i64),
    List(Vec<Raw<'a>>),
    /// Something that fits no field: an object where a value should be.
    Other(&'static str),
}

/// What was done to a cell on its way in; counted for rows that are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Note(pub u8);

impl Note {
    pub const GAP: u8 = 1;
    pub const FOLD: u8 = 2;
    pub const ROUNDED: u8 = 4;
    pub const DEFAULT: u8 = 8;

    fn add(&mut self, what: u8) {
        self.0 |= what;
    }

    fn shift(&mut self, shift: Shift) {
        match shift {
            Shift::None => {}
            Shift::Gap => self.add(Note::GAP),
            Shift::Fold => self.add(Note::FOLD),
        }
    }
}

pub(crate) type Verdict<T> = Result<T, RejectCode>;

/// A text in normal form; a whole number that stands for one is written out without allocating.
#[derive(Debug, Clone)]
pub(crate) enum TextCell<'a> {
    Text(Cow<'a, str>),
    Digits([u8; 20], u8),
}

/// A key: rows are found by it.
#[derive(Debug, Clone)]
pub(crate) enum KeyCell<'a> {
    Text(TextCell<'a>),
    Whole(i64),
}

impl<'a> From<&'a str> for TextCell<'a> {
    fn from(text: &'a str) -> TextCell<'a> {
        TextCell::Text(Cow::Borrowed(text))
    }
}

impl TextCell<'_> {
    pub fn as_str(&self) -> &str {
        match self {
            TextCell::Text(text) => text,
            TextCell::Digits(bytes, from) => {
                std::str::from_utf8(bytes.get(usize::from(*from)..).unwrap_or(&[])).unwrap_or("")
            }
        }
    }

    fn digits(value: i64) -> TextCell<'static> {
        let mut bytes = [b'0'; 20];
        let mut rest = value.unsigned_abs();
        let mut from = bytes.len();
        for slot in bytes.iter_mut().rev() {
            *slot = b'0' + (rest % 10) as u8;
            rest /= 10;
            from -= 1;
            if rest == 0 {
                break;
            }
        }
        if value < 0
            && let Some(slot) = from.checked_sub(1).and_then(|at| bytes.get_mut(at))
        {
            *slot = b'-';
            from -= 1;
        }
        TextCell::Digits(bytes, from as u8)
    }
}

/// A text without a type, as what it can be for a field of that kind.
#[inline(always)]
pub(crate) fn typed<'a>(raw: Raw<'a>, kind: &Kind) -> Raw<'a> {
    // Columns of a format with types have none of it: there, this is nothing once it is inlined.
    if let Raw::Untyped(text) = raw { typed_text(text, kind) } else { raw }
}

#[inline(never)]
fn typed_text<'a>(text: &'a str, kind: &Kind) -> Raw<'a> {
    match kind {
        Kind::Bool => match text {
            "true" => Raw::Bool(!fault::is("ingest.true-in-csv-is-false")),
            "false" => Raw::Bool(false),
            _ => Raw::Text(text),
        },
        Kind::Int | Kind::Number | Kind::Percent | Kind::Money(_) => number(text).unwrap_or(Raw::Text(text)),
        Kind::Reference(_, key) => typed_text(text, &key.kind),
        Kind::Text | Kind::Date | Kind::Timestamp | Kind::TimeOfDay | Kind::Enum(_) | Kind::List(_) => Raw::Text(text),
    }
}

/// A text as a number, if it is one.
pub(crate) fn number(text: &str) -> Option<Raw<'static>> {
    Some(match decimal::parse(text)? {
        Number::Int(v) => Raw::Int(v),
        Number::Exact(v) => Raw::Exact(v),
        Number::Float(v) => Raw::Float(v),
    })
}

#[inline(always)]
pub(crate) fn bool(raw: &Raw<'_>) -> Verdict<bool> {
    match raw {
        Raw::Bool(v) => Ok(*v),
        _ => Err(RejectCode::WrongType),
    }
}

#[inline(always)]
pub(crate) fn int(raw: &Raw<'_>) -> Verdict<i64> {
    match raw {
        Raw::Int(v) => Ok(*v),
        Raw::Float(v) if !v.is_finite() => Err(RejectCode::NotFinite),
        Raw::Float(v) if v.trunc() != *v && !fault::is("ingest.fractions-of-ints-are-cut") => {
            Err(RejectCode::WrongType)
        }
        Raw::Float(v) if v.abs() >= 9_223_372_036_854_775_808.0 => Err(RejectCode::OutOfRange),
        Raw::Float(v) => Ok(*v as i64),
        Raw::Exact(v) => match v.whole() {
            Ok(Some(whole)) => Ok(whole),
            Ok(None) => Err(RejectCode::WrongType),
            Err(()) => Err(RejectCode::OutOfRange),
        },
        _ => Err(RejectCode::WrongType),
    }
}

#[inline(always)]
pub(crate) fn float(raw: &Raw<'_>) -> Verdict<f64> {
    let value = match raw {
        Raw::Int(v) => *v as f64,
        Raw::Float(v) => *v,
        Raw::Exact(v) => v.float(),
        _ => return Err(RejectCode::WrongType),
    };
    // Adding zero turns -0 into 0.
    if value.is_finite() || fault::is("ingest.infinity-passes") { Ok(value + 0.0) } else { Err(RejectCode::NotFinite) }
}

/// A number in units of `10^-decimals`, rounded half to even.
#[inline(always)]
fn scaled(raw: &Raw<'_>, decimals: u32) -> Verdict<(i64, bool)> {
    let found = match raw {
        Raw::Int(v) => v.checked_mul(10_i64.pow(decimals)).map(|v| (v, false)),
        Raw::Float(v) if !v.is_finite() => return Err(RejectCode::NotFinite),
        Raw::Float(v) if fault::is("ingest.floats-scale-by-multiplying") => {
            Some(((v * 10_f64.powi(decimals.cast_signed())).trunc() as i64, false))
        }
        Raw::Float(v) => decimal::scale_float(*v, decimals),
        Raw::Exact(v) => v.scaled(decimals),
        _ => return Err(RejectCode::WrongType),
    };
    found.ok_or(RejectCode::OutOfRange)
}

#[inline(always)]
pub(crate) fn percent(raw: &Raw<'_>) -> Verdict<i64> {
    scaled(raw, if fault::is("ingest.percent-has-five-decimals") { 5 } else { 6 }).map(|(millionths, _)| millionths)
}

#[inline(always)]
pub(crate) fn money(raw: &Raw<'_>, exponent: u32, note: &mut Note) -> Verdict<i64> {
    let exponent = exponent + u32::from(fault::is("ingest.money-has-one-decimal-more"));
    let (minor, rounded) = match raw {
        Raw::Text(text) => match number(text) {
            Some(number) => scaled(&number, exponent)?,
            None => return Err(RejectCode::WrongType),
        },
        raw => scaled(raw, exponent)?,
    };
    if rounded && !fault::is("ingest.rounding-is-not-told") {
        note.add(Note::ROUNDED);
    }
    Ok(minor)
}

#[inline(always)]
pub(crate) fn text<'a>(raw: &Raw<'a>, max: Option<u64>) -> Verdict<TextCell<'a>> {
    let cell = match raw {
        Raw::Text(text) => TextCell::Text(seg_ir::text::normalise(text)),
        Raw::Int(v) => TextCell::digits(*v),
        Raw::Exact(v) if v.scale == 0 => TextCell::Text(Cow::Owned(v.show())),
        _ => return Err(RejectCode::WrongType),
    };
    if let Some(max) = max {
        let text = cell.as_str();
        let max = max + u64::from(fault::is("ingest.text-may-be-one-longer"));
        let length = if fault::is("ingest.text-is-measured-in-bytes") { text.len() } else { text.chars().count() };
        if text.len() as u64 > max && length as u64 > max && !fault::is("ingest.text-may-be-of-any-length") {
            return Err(RejectCode::TooLong);
        }
    }
    Ok(cell)
}

#[inline(always)]
pub(crate) fn date(raw: &Raw<'_>, zone: &Zone) -> Verdict<i32> {
    let midnight = |civil: Option<(i32, i64)>| match civil {
        Some((day, 0)) => Ok(day),
        Some((day, _)) if fault::is("ingest.date-forgets-its-time") => Ok(day),
        Some(_) => Err(RejectCode::WrongType),
        None => Err(RejectCode::OutOfRange),
    };
    let day = match raw {
        Raw::Date(day) => *day,
        Raw::Civil(day, time) => midnight(Some((*day, *time)))?,
        Raw::Instant(at) => midnight(zone.civil(*at))?,
        Raw::Text(text) => match time::parse_date(text) {
            Some(day) => day,
            None => match time::parse_timestamp(text) {
                Some(ParsedTime::Civil(day, time)) => midnight(Some((day, time)))?,
                Some(ParsedTime::Instant(at)) => midnight(zone.civil(at))?,
                None => return Err(RejectCode::WrongType),
            },
        },
        _ => return Err(RejectCode::WrongType),
    };
    if (time::DATE_MIN..=time::DATE_MAX).contains(&day) { Ok(day) } else { Err(RejectCode::OutOfRange) }
}

#[inline(always)]
pub(crate) fn timestamp(raw: &Raw<'_>, zone: &Zone, note: &mut Note) -> Verdict<i64> {
    match raw {
        Raw::Instant(at) => instant(*at, zone),
        Raw::Civil(day, time) if fault::is("ingest.civil-columns-are-utc") => {
            instant(i64::from(*day) * DAY_US + time, zone)
        }
        Raw::Civil(day, time) => civil(*day, *time, zone, note),
        Raw::Date(day) => civil(*day, 0, zone, note),
        Raw::Text(text) => match time::parse_timestamp(text) {
            Some(ParsedTime::Instant(at)) => instant(at, zone),
            Some(ParsedTime::Civil(day, time)) if fault::is("ingest.civil-texts-are-utc") => {
                instant(i64::from(day) * DAY_US + time, zone)
            }
            Some(ParsedTime::Civil(day, time)) => civil(day, time, zone, note),
            None => Err(RejectCode::WrongType),
        },
        _ => Err(RejectCode::WrongType),
    }
}

/// Two days from the edges every zone agrees that an instant is within the years 1 to 9999.
pub(crate) const INSTANTS: std::ops::Range<i64> =
    (time::DATE_MIN as i64 + 2) * DAY_US..(time::DATE_MAX as i64 - 2) * DAY_US;

#[inline(always)]
fn instant(at: i64, zone: &Zone) -> Verdict<i64> {
    if INSTANTS.contains(&at) || zone.civil(at).is_some() { Ok(at) } else { Err(RejectCode::OutOfRange) }
}

fn civil(day: i32, time_us: i64, zone: &Zone, note: &mut Note) -> Verdict<i64> {
    let (at, shift) = zone.instant(day, time_us).ok_or(RejectCode::OutOfRange)?;
    if !fault::is("ingest.gaps-and-folds-are-not-told") {
        note.shift(shift);
    }
    instant(at, zone)
}

#[inline(always)]
pub(crate) fn time_of_day(raw: &Raw<'_>) -> Verdict<i32> {
    let micros = match raw {
        Raw::Time(micros) => *micros,
        Raw::Text(text) => time::parse_time(text).ok_or(RejectCode::WrongType)?,
        _ => return Err(RejectCode::WrongType),
    };
    if !(0..DAY_US).contains(&micros) {
        return Err(RejectCode::OutOfRange);
    }
    if micros % 1_000_000 != 0 && !fault::is("ingest.clock-forgets-fractions") {
        return Err(RejectCode::WrongType);
    }
    Ok((micros / 1_000_000) as i32)
}

#[inline(always)]
pub(crate) fn member(raw: &Raw<'_>, members: &Members) -> Verdict<u32> {
    let text = text(raw, None)?;
    if fault::is("ingest.member-of-no-name-is-the-first") {
        return Ok(members.find(text.as_str()).unwrap_or(0));
    }
    members.find(text.as_str()).ok_or(RejectCode::NoSuchMember)
}

/// A key by what its field asks. A float names nothing.
pub(crate) fn key<'a>(raw: &Raw<'a>, rule: &Rule, zone: &Zone, note: &mut Note) -> Verdict<KeyCell<'a>> {
    Ok(KeyCell::Whole(match &rule.kind {
        Kind::Text => return text(raw, rule.max).map(KeyCell::Text),
        Kind::Int => int(raw)?,
        Kind::Bool => i64::from(bool(raw)?),
        Kind::Percent => percent(raw)?,
        Kind::Money(exponent) => money(raw, *exponent, note)?,
        Kind::Date => i64::from(date(raw, zone)?),
        Kind::Timestamp => timestamp(raw, zone, note)?,
        Kind::TimeOfDay => i64::from(time_of_day(raw)?),
        Kind::Enum(members) => i64::from(member(raw, members)?),
        Kind::Reference(index, key_rule) => {
            i64::from(index.find(&key(raw, key_rule, zone, note)?).ok_or(RejectCode::NoTarget)?)
        }
        Kind::Number | Kind::List(_) => return Err(RejectCode::WrongType),
    }))
}

/// The row that a pointer leads to; an optional one that leads nowhere is missing.
#[inline(always)]
pub(crate) fn pointer(raw: &Raw<'_>, rule: &Rule, zone: &Zone, note: &mut Note) -> Verdict<Option<u32>> {
    let Kind::Reference(index, key_rule) = &rule.kind else { return Err(RejectCode::WrongType) };
    match index.find(&key(raw, key_rule, zone, note)?) {
        None if !rule.optional && !fault::is("ingest.required-pointers-may-lead-nowhere") => Err(RejectCode::NoTarget),
        None if fault::is("ingest.optional-pointers-must-lead-somewhere") => Err(RejectCode::NoTarget),
        found => Ok(found),
    }
}

/// A missing value: the default where there is one, `None` where it may be missing.
#[inline(always)]
pub(crate) fn missing<'r>(rule: &'r Rule, note: &mut Note) -> Verdict<Option<&'r Const>> {
    match &rule.default {
        Some(default) => {
            if !fault::is("ingest.defaults-are-not-told") {
                note.add(Note::DEFAULT);
            }
            if fault::is("ingest.defaults-are-missing") {
                return Ok(None);
            }
            Ok(Some(default))
        }
        None if rule.optional => Ok(None),
        None if fault::is("ingest.required-fields-may-be-missing") => Ok(None),
        None => Err(RejectCode::MissingValue),
    }
}

/// A list's length and items are judged here; its items each by their own rule.
pub(crate) fn list<'a>(raw: &Raw<'a>, rule: &'a Rule, zone: &Zone, note: &mut Note) -> Verdict<Vec<Value<'a>>> {
    let (Raw::List(items), Kind::List(item_rule)) = (raw, &rule.kind) else { return Err(RejectCode::WrongType) };
    if rule.max.is_some_and(|max| items.len() as u64 > max) && !fault::is("ingest.lists-may-be-of-any-length") {
        return Err(RejectCode::TooLong);
    }
    items.iter().map(|item| view(item.clone(), item_rule, zone, note)).collect()
}

/// A cell of any kind as a value, which borrows its text where that is as it should be.
pub(crate) fn view<'a>(raw: Raw<'a>, rule: &'a Rule, zone: &Zone, note: &mut Note) -> Verdict<Value<'a>> {
    let raw = typed(raw, &rule.kind);
    if matches!(raw, Raw::Null) {
        return Ok(missing(rule, note)?.map_or(Value::Missing(Reason::NotGiven), Const::value));
    }
    Ok(match &rule.kind {
        Kind::Bool => Value::Bool(bool(&raw)?),
        Kind::Int => Value::Int(int(&raw)?),
        Kind::Number => Value::Number(float(&raw)?),
        Kind::Percent => Value::Percent(percent(&raw)?),
        Kind::Money(exponent) => Value::Money(money(&raw, *exponent, note)?),
        Kind::Text => match text(&raw, rule.max)? {
            TextCell::Text(Cow::Borrowed(text)) => Value::Text(text),
            made => Value::Made(made.as_str().into()),
        },
        Kind::Date => Value::Date(date(&raw, zone)?),
        Kind::Timestamp => Value::Timestamp(timestamp(&raw, zone, note)?),
        Kind::TimeOfDay => Value::TimeOfDay(time_of_day(&raw)?),
        Kind::Enum(members) => Value::Enum(member(&raw, members)?),
        Kind::Reference(..) => {
            pointer(&raw, rule, zone, note)?.map_or(Value::Missing(Reason::NotGiven), Value::Reference)
        }
        Kind::List(_) => Value::List(list(&raw, rule, zone, note)?.into()),
    })
}

/// A cell of any kind as a constant: what requests use, and what the columns' loops come down to.
pub(crate) fn check(raw: Raw<'_>, rule: &Rule, zone: &Zone, note: &mut Note) -> Verdict<Const> {
    view(raw, rule, zone, note).map(|value| value.to_const())
}
