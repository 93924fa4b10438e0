//! Plain values as the language writes them, with a liking for ends and borders.

use seg_ir::time;

use super::tree::Ty;
use super::world::{CURRENCIES, World};
use crate::random::Random;

/// Texts that tell apart what looks alike: cases, accents, ligatures, letters beyond ASCII, marks of the language itself.
pub const TEXTS: [&str; 18] = [
    "",
    "a",
    "A",
    "ab",
    "abc",
    "ABC",
    "b",
    " a ",
    "straße",
    "STRASSE",
    "é",
    "É",
    "İstanbul",
    "ann@brand.example",
    "N1 9GU",
    "2024-02-29",
    "a\"b\\c",
    "日本 👍🏽",
];

const PATTERNS: [&str; 8] = ["a.*", "[A-Z]+", "(ab|abc)", ".*@.*\\.example", "\\d{4}-.*", "[^a]*", ".{0,3}", "\\p{L}+"];

pub const UNITS: [&str; 8] = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"];

/// Microseconds of an instant, written with its offset.
pub fn instant(text: &str) -> i64 {
    match time::parse_timestamp(text) {
        Some(time::ParsedTime::Instant(at)) => at,
        _ => 0,
    }
}

/// A text in quotes.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' | '{' | '}' | '[' | ']' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

pub fn pattern(random: &mut Random) -> &'static str {
    random.pick(&PATTERNS)
}

/// A literal of a type. There is none of a list or a pointer, for which it is `missing`.
pub fn of(ty: &Ty, world: &World, random: &mut Random) -> String {
    match ty {
        Ty::Bool => random.pick(&["true", "false"]).to_string(),
        Ty::Int => random
            .pick(&[
                "0",
                "1",
                "-1",
                "2",
                "3",
                "7",
                "10",
                "40",
                "100",
                "365",
                "9_223_372_036_854_775_807",
                "4_611_686_018_427_387_904",
            ])
            .to_string(),
        Ty::Number => random
            .pick(&["0.0", "0.5", "-0.5", "1.0", "2.5", "100.25", "9007199254740992.0", "0.1", "1000000.0"])
            .to_string(),
        Ty::Percent => random.pick(&["0%", "10%", "12.5%", "0.0005%", "100%", "-5%", "33.3333%", "250%"]).to_string(),
        Ty::Money(currency) => {
            let amounts: &[&str] = match CURRENCIES[*currency] {
                "JPY" => &["0", "1", "500", "-5", "1000000", "9223372036854775807"],
                "KWD" => &["0", "0.001", "1.234", "-0.5", "20", "9223372036854775.807"],
                _ => &["0", "0.01", "0.05", "5", "10", "99.99", "-5", "100", "92233720368547758.07"],
            };
            format!("{} {}", random.pick(amounts), CURRENCIES[*currency])
        }
        Ty::Text => quoted(random.pick(&TEXTS)),
        Ty::Date => date(world, random),
        Ty::Stamp => stamp(world, random),
        Ty::Clock => random.pick(&["00:00", "09:00", "12:30:15", "23:59:59"]).to_string(),
        Ty::Span => {
            let count = random.pick(&[0, 1, 2, 24, 36, 90, 720, 10_000]);
            format!("{count} {}s", random.pick(&UNITS[..3]))
        }
        Ty::Period => {
            let count = random.pick(&[0, 1, 1, 2, 3, 6, 12, 30, 90, 365, 9000]);
            format!("{count} {}s", random.pick(&UNITS[3..]))
        }
        Ty::Enum(n) => {
            let declared = &world.enums[*n];
            format!("{}.{}", declared.name, declared.members[random.below(declared.members.len())].0)
        }
        Ty::List(_) | Ty::Ref(_) => "missing".to_string(),
    }
}

fn date(world: &World, random: &mut Random) -> String {
    let today = world.as_of.div_euclid(time::DAY_US) as i32;
    let near = [0, 1, -1, 7, 28, -28, 30, -30, 31, -90, 365, -365, 10_000];
    match random.below(5) {
        0 => random.pick(&["0001-01-01", "9999-12-31", "2024-02-29", "2000-01-01", "2026-01-31"]).to_string(),
        _ => time::show_date((today + random.pick(&near)).clamp(time::DATE_MIN, time::DATE_MAX)),
    }
}

fn stamp(world: &World, random: &mut Random) -> String {
    let near = [0, 1, -1, 60, -60, 3600, -3600, 86_400, -86_400, 30 * 86_400, -30 * 86_400, -365 * 86_400];
    match random.below(6) {
        0 => random.pick(&["2026-03-29T01:30Z", "2024-02-29T23:59:59Z", "1999-12-31T23:00-05:00"]).to_string(),
        _ => {
            let at = world.as_of + random.pick(&near) * 1_000_000;
            written_instant(
                at.clamp(i64::from(time::DATE_MIN) * time::DAY_US, i64::from(time::DATE_MAX) * time::DAY_US),
            )
        }
    }
}

/// An instant to the second, as a literal.
pub fn written_instant(at: i64) -> String {
    let (day, seconds) = (at.div_euclid(time::DAY_US), at.rem_euclid(time::DAY_US) / 1_000_000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{}T{hours:02}:{minutes:02}:{seconds:02}Z", time::show_date(day as i32))
}
