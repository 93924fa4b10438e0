//! Reads the texts of dates, times, date-times and durations (ISO 8601 as FEEL and CEL use it).
//! It knows no calendar: whether a day exists is the compiler's to say.

use super::expr::{Expr, Reason, Span, Stamp, Zone};

const FRACTION: Reason = "a fraction of a second";
const YEAR: Reason = "a year outside 1 to 9999";
const NO_DATE: Reason = "a text that is no date";
const NO_TIME: Reason = "a text that is no time of day";
const NO_SPAN: Reason = "a text that is no duration";
const MIDNIGHT: Reason = "24:00 as a time of day";

/// Reads `2021-01-02`, of any digits.
pub fn date(text: &str) -> Expr {
    if is_shape(text, "dddd-dd-dd") {
        Expr::Date(text.to_owned())
    } else if is_long_year(text) {
        Expr::Foreign(YEAR)
    } else {
        Expr::Foreign(NO_DATE)
    }
}

/// A date from its parts, where they fit the literal.
pub fn date_of_parts(year: &str, month: &str, day: &str) -> Expr {
    let Ok(1..=9999) = year.parse::<i64>() else {
        return Expr::Foreign(YEAR);
    };
    match (month.parse::<u32>(), day.parse::<u32>()) {
        (Ok(month @ 0..=99), Ok(day @ 0..=99)) => Expr::Date(format!("{year:0>4}-{month:02}-{day:02}")),
        _ => Expr::Foreign("a date from negative numbers"),
    }
}

/// Reads `10:30:00`; an offset or a zone has no counterpart.
pub fn time(text: &str) -> Expr {
    match clock(text) {
        Ok(clock) => Expr::Time(clock),
        Err(NO_TIME) if text.contains(['@', '+', 'Z']) => Expr::Foreign("a time of day with a zone"),
        Err(reason) => Expr::Foreign(reason),
    }
}

/// Reads `2021-01-02T10:30:00`, with or without an offset or a zone; a date alone is its midnight.
pub fn stamp(text: &str) -> Expr {
    match try_stamp(text) {
        Ok(stamp) => Expr::Stamp(stamp),
        Err(reason) => Expr::Foreign(reason),
    }
}

fn try_stamp(text: &str) -> Result<Stamp, Reason> {
    let Some((day, rest)) = text.split_once('T') else {
        return match date(text) {
            Expr::Date(day) => Ok(Stamp { civil: format!("{day}T00:00:00"), zone: Zone::Local }),
            Expr::Foreign(reason) => Err(reason),
            _ => Err(NO_DATE),
        };
    };
    let Expr::Date(day) = date(day) else {
        return Err(if is_long_year(day) { YEAR } else { NO_DATE });
    };
    let (time, zone) = if let Some((time, name)) = rest.split_once('@') {
        (time, Zone::Named(name.to_owned()))
    } else if let Some(time) = rest.strip_suffix('Z') {
        (time, Zone::Offset("Z".to_owned()))
    } else if let Some(at) = rest.find(['+', '-']) {
        let (time, offset) = rest.split_at(at);
        (time, Zone::Offset(offset.to_owned()))
    } else {
        (rest, Zone::Local)
    };
    let time = clock(time)?;
    Ok(Stamp { civil: format!("{day}T{time}"), zone })
}

fn clock(text: &str) -> Result<String, Reason> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !is_shape(whole, "dd:dd:dd") {
        return Err(NO_TIME);
    }
    if fraction.chars().any(|digit| digit != '0') {
        return Err(FRACTION);
    }
    if whole.starts_with("24") {
        return Err(MIDNIGHT);
    }
    Ok(whole.to_owned())
}

/// Reads `P1Y2M`, `-PT1H30M`.
pub fn span(text: &str) -> Expr {
    try_span(text).map_or_else(Expr::Foreign, Expr::Span)
}

fn try_span(text: &str) -> Result<Span, Reason> {
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let rest = rest.strip_prefix('P').ok_or(NO_SPAN)?;
    let (days, clock) = rest.split_once('T').unwrap_or((rest, ""));
    let date_parts = parts(days, "YMD")?;
    let clock_parts = parts(clock, "HMS")?;
    if date_parts.is_empty() && clock_parts.is_empty() {
        return Err(NO_SPAN);
    }
    let sum = |list: &[(char, i64)], unit: char, of: i64| -> Result<i64, Reason> {
        list.iter().filter(|(name, _)| *name == unit).try_fold(0_i64, |sum, (_, count)| {
            count.checked_mul(of).and_then(|part| sum.checked_add(part)).ok_or(NO_SPAN)
        })
    };
    let months = sum(&date_parts, 'Y', 12)? + sum(&date_parts, 'M', 1)?;
    let has_months = date_parts.iter().any(|(unit, _)| *unit != 'D');
    let day_count = sum(&date_parts, 'D', 1)?;
    let seconds = sum(&clock_parts, 'H', 3600)? + sum(&clock_parts, 'M', 60)? + sum(&clock_parts, 'S', 1)?;
    match (has_months, clock_parts.is_empty()) {
        (true, true) if day_count == 0 => Ok(Span::Months(sign * months)),
        (true, _) => Err("a duration of months and days together"),
        (false, true) => Ok(Span::Days(sign * day_count)),
        (false, false) => Ok(Span::Seconds(sign * (day_count * 86_400 + seconds))),
    }
}

fn parts(text: &str, units: &str) -> Result<Vec<(char, i64)>, Reason> {
    let mut found = Vec::new();
    let mut digits = String::new();
    for next in text.chars() {
        if next.is_ascii_digit() || next == '.' {
            digits.push(next);
        } else if units.contains(next) && !digits.is_empty() {
            found.push((next, whole(&digits)?));
            digits.clear();
        } else {
            return Err(NO_SPAN);
        }
    }
    if digits.is_empty() { Ok(found) } else { Err(NO_SPAN) }
}

fn whole(digits: &str) -> Result<i64, Reason> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.chars().any(|digit| digit != '0') {
        return Err(FRACTION);
    }
    whole.parse().map_err(|_| NO_SPAN)
}

/// The IANA zone of a whole-hour offset, whose sign IANA turns around.
pub fn zone_of_offset(offset: &str) -> Option<String> {
    if offset == "Z" {
        return Some("UTC".to_owned());
    }
    let (sign, rest) = match offset.as_bytes().first()? {
        b'-' => ("+", offset.get(1..)?),
        b'+' => ("-", offset.get(1..)?),
        _ => ("-", offset),
    };
    let hours = rest.strip_suffix(":00")?.parse::<u32>().ok()?;
    Some(if hours == 0 { "UTC".to_owned() } else { format!("Etc/GMT{sign}{hours}") })
}

fn is_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.chars().zip(shape.chars()).all(|(have, want)| match want {
            'd' => have.is_ascii_digit(),
            other => have == other,
        })
}

fn is_long_year(text: &str) -> bool {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let year = rest.split('-').next().unwrap_or_default();
    year.len() >= 4
        && year.chars().all(|digit| digit.is_ascii_digit())
        && rest.strip_prefix(year).is_some_and(|rest| is_shape(rest, "-dd-dd"))
}
