//! Numbers, amounts, dates and times as they are written elsewhere.

use super::Stuck;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;
use crate::source::Span;

pub(super) fn mistake(s: &Stuck) -> Option<Diagnostic> {
    comma_in_number(s)
        .or_else(|| percent(s))
        .or_else(|| [0, -1].into_iter().find_map(|ahead| currency(s, ahead)))
        .or_else(|| [0, -1].into_iter().find_map(|ahead| magnitude(s, ahead)))
        .or_else(|| clock(s))
        .or_else(|| date_in_words(s))
        .or_else(|| dated_text(s))
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `10,000` and `€5,00`: a comma within a number.
fn comma_in_number(s: &Stuck) -> Option<Diagnostic> {
    let at = [0, -1].into_iter().find(|ahead| s.word(*ahead) == ",")?;
    let amount = s.word(at - 1);
    let touching = s.touches(at) && s.touches(at + 1) && s.kind(at - 1) == Some(TokenKind::Number);
    if !touching || !amount.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut last = at + 1;
    let mut fixed = amount.to_string();
    let digits = s.word(last);
    if !all_digits(digits) {
        return None;
    }
    if digits.len() == 3 {
        while all_digits(s.word(last)) && s.word(last).len() == 3 {
            fixed = format!("{fixed}_{}", s.word(last));
            if s.word(last + 1) != "," || !s.touches(last + 2) {
                break;
            }
            last += 2;
        }
        let span = s.span(at - 1).to(s.span(last));
        let diagnostic = Diagnostic::error(
            codes::THOUSANDS_SEPARATOR,
            span,
            "a number is written without commas",
            "the comma would end it",
        );
        return Some(diagnostic.fix(format!("write `{fixed}`"), span, fixed.clone()));
    }
    let span = s.span(at - 1).to(s.span(last));
    let fixed = format!("{amount}.{digits}");
    let diagnostic = Diagnostic::error(
        codes::BAD_NUMBER,
        span,
        "decimals stand behind a point, not a comma",
        "the comma would end the number",
    );
    Some(diagnostic.suggest(format!("write `{fixed}`"), span, fixed.clone()))
}

/// `10 %`, `10 percent`
fn percent(s: &Stuck) -> Option<Diagnostic> {
    let at = [0, -1].into_iter().find(|ahead| matches!(s.word(*ahead), "%" | "percent" | "pct"))?;
    if s.kind(at - 1) != Some(TokenKind::Number) || s.kind(at + 1) == Some(TokenKind::Number) {
        return None;
    }
    let span = s.span(at - 1).to(s.span(at));
    let fixed = format!("{}%", s.word(at - 1));
    let diagnostic = Diagnostic::error(codes::BAD_NUMBER, span, "a percentage is written in one piece", "parted here");
    Some(diagnostic.fix(format!("write `{fixed}`"), span, fixed.clone()))
}

/// `500 pounds`, `GBP 500`, `500GBP`
fn currency(s: &Stuck, ahead: isize) -> Option<Diagnostic> {
    let word = s.word(ahead);
    let (span, fixed) = if let Some(split) = word.find(|c: char| c.is_ascii_alphabetic())
        && s.kind(ahead) == Some(TokenKind::Number)
        && is_code(word.get(split..).unwrap_or(""))
        && !word.contains(' ')
    {
        let (amount, code) = word.split_at(split);
        (s.span(ahead), format!("{amount} {code}"))
    } else if is_code(word) && s.kind(ahead + 1) == Some(TokenKind::Number) && plain_amount(s.word(ahead + 1)) {
        (s.span(ahead).to(s.span(ahead + 1)), format!("{} {word}", s.word(ahead + 1)))
    } else if s.kind(ahead - 1) == Some(TokenKind::Number) && plain_amount(s.word(ahead - 1)) {
        let amount = s.word(ahead - 1);
        let fixed = match word.to_ascii_lowercase().as_str() {
            "pound" | "pounds" | "quid" | "gbp" => format!("£{amount}"),
            "euro" | "euros" | "eur" => format!("€{amount}"),
            "dollar" | "dollars" | "usd" => format!("${amount}"),
            "yen" | "jpy" => format!("¥{amount}"),
            _ => return None,
        };
        (s.span(ahead - 1).to(s.span(ahead)), fixed)
    } else {
        return None;
    };
    let message = "an amount is a sign and a number, or a number and a code";
    let diagnostic = Diagnostic::error(codes::BAD_NUMBER, span, message, "written otherwise here");
    Some(diagnostic.fix(format!("write `{fixed}`"), span, fixed.clone()))
}

fn is_code(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase()) && !matches!(word, "AND" | "NOT" | "ANY")
}

fn plain_amount(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.'))
}

/// `£5k`, `2m`
fn magnitude(s: &Stuck, ahead: isize) -> Option<Diagnostic> {
    if s.kind(ahead) != Some(TokenKind::Number) {
        return None;
    }
    let word = s.word(ahead);
    let letters = word.find(|c: char| c.is_ascii_alphabetic());
    let (amount, letter, span) = match letters {
        Some(at) => (word.get(..at)?, word.get(at..)?, s.span(ahead)),
        None if s.touches(ahead + 1) => (word, s.word(ahead + 1), s.span(ahead).to(s.span(ahead + 1))),
        None => return None,
    };
    let zeros = match letter {
        "k" | "K" => "_000",
        "m" | "M" | "mn" | "mio" => "_000_000",
        _ => return None,
    };
    if amount.contains('.') {
        return None;
    }
    let fixed = format!("{amount}{zeros}");
    let diagnostic =
        Diagnostic::error(codes::BAD_NUMBER, span, format!("`{letter}` is no part of a number"), "an abbreviation");
    Some(diagnostic.suggest(format!("write `{fixed}`"), span, fixed.clone()))
}

/// `9am`, `9:30 pm`
fn clock(s: &Stuck) -> Option<Diagnostic> {
    for ahead in [0, -1] {
        if s.kind(ahead) != Some(TokenKind::Number) {
            continue;
        }
        let word = s.word(ahead);
        let next = s.word(ahead + 1);
        let (clock, half, span) = if let Some(clock) = word.strip_suffix("am").or_else(|| word.strip_suffix("pm")) {
            (clock, word.get(clock.len()..)?, s.span(ahead))
        } else if matches!(next, "am" | "pm") {
            (word, next, s.span(ahead).to(s.span(ahead + 1)))
        } else {
            continue;
        };
        let (hour, minute) = clock.split_once(':').unwrap_or((clock, "00"));
        let hour: u32 = hour.parse().ok().filter(|h| (1..=12).contains(h))?;
        let hour = hour % 12 + if half == "pm" { 12 } else { 0 };
        let fixed = format!("{hour:02}:{minute}");
        let diagnostic = Diagnostic::error(
            codes::BAD_TIME,
            span,
            "a time of day counts hours from 00 to 23",
            "written with `am` or `pm`",
        );
        return Some(diagnostic.fix(format!("write `{fixed}`"), span, fixed.clone()));
    }
    None
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// `1 March 2026`, `March 1, 2026`
fn date_in_words(s: &Stuck) -> Option<Diagnostic> {
    for ahead in [0, -1] {
        let word = s.word(ahead).to_ascii_lowercase();
        let Some(month) = MONTHS.iter().position(|m| *m == word || (word.len() == 3 && m.starts_with(&word))) else {
            continue;
        };
        let number = |ahead: isize| s.word(ahead).trim_end_matches(['s', 't', 'n', 'd', 'r', 'h']).parse::<u32>().ok();
        let comma = isize::from(s.word(ahead + 2) == ",");
        let (day, year, span) = match (number(ahead - 1), number(ahead + 1), number(ahead + 2 + comma)) {
            (Some(day), Some(year), _) if year >= 1900 => (day, Some(year), s.span(ahead - 1).to(s.span(ahead + 1))),
            (_, Some(day), Some(year)) if year >= 1900 => {
                (day, Some(year), s.span(ahead).to(s.span(ahead + 2 + comma)))
            }
            (Some(day), _, _) => (day, None, s.span(ahead - 1).to(s.span(ahead))),
            _ => continue,
        };
        return Some(date_format(span, day, month + 1, year));
    }
    None
}

fn date_format(span: Span, day: u32, month: usize, year: Option<u32>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(codes::DATE_FORMAT, span, "a date is written year, month, day in digits", "a date in words");
    match year {
        Some(year) if (1..=31).contains(&day) => {
            let fixed = format!("{year:04}-{month:02}-{day:02}");
            diagnostic.fix(format!("write `{fixed}`"), span, fixed.clone())
        }
        _ => diagnostic.help("write `2026-03-01`"),
    }
}

/// `date "2026-03-01"`
fn dated_text(s: &Stuck) -> Option<Diagnostic> {
    let text = s.word(0).trim_matches('"');
    let is_date = text.len() >= 10 && text.get(..4).is_some_and(all_digits) && text.get(4..5) == Some("-");
    if s.kind(0) != Some(TokenKind::Text) || !is_date {
        return None;
    }
    let caller = matches!(s.word(-1).to_ascii_lowercase().as_str(), "date" | "timestamp" | "datetime");
    let span = if caller { s.span(-1).to(s.span(0)) } else { s.span(0) };
    let diagnostic = Diagnostic::error(codes::DATE_FORMAT, span, "a date is written without quotes", "this is a text");
    Some(diagnostic.fix(format!("write `{text}`"), span, text))
}
