//! Literals: digits checked, scaled and bounded where they stand.

use pest::iterators::Pair;

use super::{Builder, Rule, child};
use crate::ast::*;
use crate::codes;
use crate::diagnostic::Diagnostic;

impl Builder<'_> {
    pub(super) fn literal_of(&mut self, pair: &Pair<Rule>) -> Literal {
        let text = pair.as_str();
        match pair.as_rule() {
            Rule::stamp => self.timestamp(pair),
            Rule::date => self.date(pair).map_or(Literal::Missing, Literal::Date),
            Rule::time => self.time_of_day(pair),
            Rule::money => self.money(pair),
            Rule::percent => self.percent(pair),
            Rule::quantity => Literal::Quantity(self.quantity(pair.clone())),
            Rule::number => Literal::Number(text.replace('_', "").parse().unwrap_or(0.0)),
            Rule::int => Literal::Int(self.int(pair)),
            Rule::bool => Literal::Bool(text == "true"),
            Rule::text | Rule::title => Literal::Text(self.text(pair).value),
            _ => Literal::Missing,
        }
    }

    pub(super) fn int(&mut self, pair: &Pair<Rule>) -> i64 {
        let digits = pair.as_str().replace('_', "");
        if digits.len() > 1 && digits.starts_with('0') {
            let span = self.span(pair);
            let plain = digits.trim_start_matches('0');
            let plain = if plain.is_empty() { "0" } else { plain };
            self.diagnostics.push(
                Diagnostic::error(codes::BAD_NUMBER, span, "a number has no leading zeros", "leading zeros")
                    .suggest(format!("write `{plain}`"), span, plain)
                    .suggest(format!("write the text `\"{digits}\"`"), span, format!("\"{digits}\"")),
            );
        }
        digits.parse().unwrap_or_else(|_| {
            let span = self.span(pair);
            self.diagnostics.push(
                Diagnostic::error(
                    codes::BAD_NUMBER,
                    span,
                    "this number is too large",
                    "beyond 9,223,372,036,854,775,807",
                )
                .help("a whole number fits 64 bits; an id belongs into a text in quotes"),
            );
            0
        })
    }

    pub(super) fn quantity(&mut self, pair: Pair<Rule>) -> Quantity {
        let mut parts = pair.into_inner();
        let count = self.int(&child(&mut parts));
        let unit = unit(child(&mut parts).as_str());
        Quantity { count, unit }
    }

    fn percent(&mut self, pair: &Pair<Rule>) -> Literal {
        let digits = pair.as_str().trim_end_matches('%').replace('_', "");
        match scaled(&digits, 4) {
            Some(millionths) => Literal::Percent(millionths),
            None => {
                let span = self.span(pair);
                self.diagnostics.push(
                    Diagnostic::error(
                        codes::BAD_NUMBER,
                        span,
                        "a percentage has up to four decimals",
                        "too exact or too large",
                    )
                    .help("percentages are exact to a ten-thousandth of a percent"),
                );
                Literal::Percent(0)
            }
        }
    }

    fn money(&mut self, pair: &Pair<Rule>) -> Literal {
        let span = self.span(pair);
        let mut parts = pair.clone().into_inner();
        let (a, b) = (child(&mut parts), child(&mut parts));
        let (currency, amount) = match a.as_rule() {
            Rule::sign => (a.as_str(), b.as_str()),
            _ => (b.as_str(), a.as_str()),
        };
        if amount.contains(',') {
            let fixed = pair.as_str().replace(',', "_");
            self.diagnostics.push(
                Diagnostic::error(
                    codes::THOUSANDS_SEPARATOR,
                    span,
                    "an amount is written without commas",
                    "the comma would end it",
                )
                .fix(format!("write `{fixed}`"), span, fixed.clone())
                .help("`_` may part the thousands: `£1_000`"),
            );
        }
        let plain = amount.replace(['_', ','], "");
        let decimals = plain.split_once('.').map_or(0, |(_, d)| d.len());
        let Ok(digits) = plain.replace('.', "").parse() else {
            self.diagnostics.push(
                Diagnostic::error(
                    codes::BAD_NUMBER,
                    span,
                    "this amount is too large",
                    "beyond what an amount can hold",
                )
                .help("an amount fits 64 bits of its smallest coin"),
            );
            return Literal::Missing;
        };
        let decimals = u32::try_from(decimals).unwrap_or(u32::MAX);
        Literal::Money(MoneyLiteral { digits, decimals, currency: currency.to_string() })
    }

    fn date(&mut self, pair: &Pair<Rule>) -> Option<CivilDate> {
        let text = pair.as_str();
        let span = self.span(pair);
        let mut parts = text.split('-').map(|p| p.parse::<i16>().unwrap_or(0));
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let found = civil(year, month, day);
        if found.is_none() {
            self.diagnostics.push(no_such_date(span, text, year, month));
        } else if text.len() != 10 {
            let fixed = format!("{year:04}-{month:02}-{day:02}");
            self.diagnostics.push(
                Diagnostic::error(
                    codes::DATE_FORMAT,
                    span,
                    "a date is written with two digits for the month and the day",
                    "a digit is missing",
                )
                .fix(format!("write `{fixed}`"), span, fixed.clone()),
            );
        }
        found
    }

    fn timestamp(&mut self, pair: &Pair<Rule>) -> Literal {
        let text = pair.as_str();
        let span = self.span(pair);
        let (date_text, rest) = text.split_once('T').unwrap_or((text, ""));
        let mut parts = date_text.split('-').map(|p| p.parse::<i16>().unwrap_or(0));
        let (year, month, day) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        let Some(date) = civil(year, month, day) else {
            self.diagnostics.push(no_such_date(span, date_text, year, month));
            return Literal::Missing;
        };
        let zone_at = rest.find(['Z', '+', '-']);
        let Some(zone_at) = zone_at else {
            let fixed = format!("{text}Z");
            self.diagnostics.push(
                Diagnostic::error(
                    codes::TIMESTAMP_ZONE,
                    span,
                    "an instant needs its offset from UTC",
                    "which 9 o'clock, London's or New York's?",
                )
                .suggest(format!("write `{fixed}` for UTC"), span, fixed.clone())
                .help("end it with `Z` for UTC or with an offset such as `+01:00`"),
            );
            return Literal::Missing;
        };
        let (clock, zone) = rest.split_at(zone_at);
        let (Some(second), Some(offset_s)) = (seconds_of_day(clock), offset(zone)) else {
            self.diagnostics.push(no_such_time(span, rest));
            return Literal::Missing;
        };
        Literal::Timestamp(TimestampLiteral { date, second, offset_s })
    }

    fn time_of_day(&mut self, pair: &Pair<Rule>) -> Literal {
        let text = pair.as_str();
        let span = self.span(pair);
        if text.split(':').next().is_some_and(|h| h.len() == 1) {
            let fixed = format!("0{text}");
            self.diagnostics.push(
                Diagnostic::error(
                    codes::BAD_TIME,
                    span,
                    "a time of day has two digits for the hour",
                    "a digit is missing",
                )
                .fix(format!("write `{fixed}`"), span, fixed.clone()),
            );
        }
        match seconds_of_day(text) {
            Some(second) => Literal::TimeOfDay(second),
            None => {
                self.diagnostics.push(no_such_time(span, text));
                Literal::TimeOfDay(0)
            }
        }
    }

    /// A text that is shown on one line.
    pub(super) fn title(&mut self, pair: &Pair<Rule>) -> Text {
        let text = self.text(pair);
        if text.value.contains(['\n', '\r', '\t']) {
            self.diagnostics.push(
                Diagnostic::error(
                    codes::BAD_ESCAPE,
                    text.span,
                    "a title stands on one line, without line ends and tabs",
                    "in this title",
                )
                .help("longer words belong into a `##` comment above the declaration"),
            );
        }
        text
    }

    /// A text literal, its escapes resolved. A `"""` block loses its first line end and the indent that its lines share.
    pub(super) fn text(&mut self, pair: &Pair<Rule>) -> Text {
        let span = self.span(pair);
        let raw = pair.as_str();
        let block = raw.len() >= 6 && raw.starts_with("\"\"\"");
        let quotes = if block { 3 } else { 1 };
        let body = raw.get(quotes..raw.len() - quotes).unwrap_or("");
        let body = if block { dedent(&body.replace("\r\n", "\n")) } else { body.to_string() };
        let mut value = String::with_capacity(body.len());
        let mut chars = body.chars();
        while let Some(c) = chars.next() {
            if c != '\\' {
                value.push(c);
                continue;
            }
            match chars.next() {
                Some('n') => value.push('\n'),
                Some(c @ ('"' | '\\' | '{' | '}' | '[' | ']')) => value.push(c),
                other => {
                    let shown = other.map(String::from).unwrap_or_default();
                    self.diagnostics.push(
                        Diagnostic::error(
                            codes::BAD_ESCAPE,
                            span,
                            format!("`\\{shown}` means nothing in a text"),
                            "in this text",
                        )
                        .help("write `\\\\` for a backslash, `\\\"` for a quote, `\\n` for a line end"),
                    );
                }
            }
        }
        Text { value, span }
    }

    /// Braces and brackets in a text are interpolation, which belongs to messages.
    pub(super) fn plain_text(&mut self, pair: &Pair<Rule>) {
        let raw = pair.as_str();
        let span = self.span(pair);
        let mut escaped = false;
        for c in raw.chars() {
            if !escaped && matches!(c, '{' | '[') {
                let fixed = escape_pieces(raw);
                self.diagnostics.push(
                    Diagnostic::error(
                        codes::TEXT_INTERPOLATION,
                        span,
                        format!("`{c}` starts a piece that is filled in, and only a message can fill it in"),
                        "a condition compares texts as they are",
                    )
                    .fix(format!("write `\\{c}` for the character itself"), span, fixed),
                );
                return;
            }
            escaped = c == '\\' && !escaped;
        }
    }
}

fn escape_pieces(raw: &str) -> String {
    let mut out = String::new();
    let mut escaped = false;
    for c in raw.chars() {
        if !escaped && matches!(c, '{' | '}' | '[' | ']') {
            out.push('\\');
        }
        out.push(c);
        escaped = c == '\\' && !escaped;
    }
    out
}

fn dedent(body: &str) -> String {
    let body = body.strip_prefix('\n').unwrap_or(body);
    let indent = body
        .lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| l.len() - l.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    let lines: Vec<&str> = body.split('\n').map(|l| l.get(indent.min(l.len())..).unwrap_or("")).collect();
    lines.join("\n").trim_end_matches([' ', '\t']).to_string()
}

pub(super) fn unit(word: &str) -> Unit {
    Unit::from_word(word).unwrap_or(Unit::Day)
}

/// Digits with an optional point as an integer with `places` decimals; `None` when it is more exact or too large.
fn scaled(digits: &str, places: usize) -> Option<i64> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > places {
        return None;
    }
    format!("{whole}{fraction:0<places$}").parse().ok()
}

fn civil(year: i16, month: i16, day: i16) -> Option<CivilDate> {
    let valid = year >= 1 && (1..=12).contains(&month) && day >= 1 && day <= month_days(year, month);
    valid.then_some(CivilDate { year, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? })
}

fn month_days(year: i16, month: i16) -> i16 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn no_such_date(span: crate::Span, text: &str, year: i16, month: i16) -> Diagnostic {
    let label = match month {
        1..=12 if year >= 1 => format!("that month has {} days", month_days(year, month)),
        1..=12 => "years run from 0001 to 9999".to_string(),
        _ => format!("there is no month {month}"),
    };
    Diagnostic::error(codes::NO_SUCH_DATE, span, format!("there is no day `{text}`"), label)
        .help("a date is year, month, day: `2026-03-01`")
}

fn no_such_time(span: crate::Span, text: &str) -> Diagnostic {
    Diagnostic::error(
        codes::BAD_TIME,
        span,
        format!("there is no time `{text}`"),
        "hours run from 00 to 23, minutes to 59",
    )
    .help("a time of day is hours and minutes: `09:30`")
}

fn seconds_of_day(text: &str) -> Option<u32> {
    let mut parts = text.split(':').map(str::parse::<u32>);
    let (hour, minute) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let second = parts.next().map_or(Some(0), Result::ok)?;
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

fn offset(zone: &str) -> Option<i32> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let seconds = seconds_of_day(zone.get(1..)?)?;
    i32::try_from(seconds).ok().map(|s| s * sign)
}
