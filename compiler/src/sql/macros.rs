//! The small functions that the SQL defines for itself: what the language means and DuckDB has no word for. Only those that
//! are used are written.

use std::collections::BTreeSet;

use seg_ir::schema::Schema;
use seg_ir::time::{self, Zone};
use seg_ir::{EnumId, text};

use super::literal;

/// A function of the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Macro {
    Finite,
    HalfEven,
    Whole,
    CompareExactly,
    InCalendar,
    ClockOffset,
    LocalTime,
    InstantOf,
    NextAnniversary,
    Folded,
    Rank(u32),
}

impl Macro {
    /// What it is called; the names of ranks depend on the schema.
    pub fn name(self, schema: &Schema) -> String {
        match self {
            Macro::Finite => "finite".into(),
            Macro::HalfEven => "half_even".into(),
            Macro::Whole => "whole".into(),
            Macro::CompareExactly => "compare_exactly".into(),
            Macro::InCalendar => "in_calendar".into(),
            Macro::ClockOffset => "clock_offset".into(),
            Macro::LocalTime => "local_time".into(),
            Macro::InstantOf => "instant_of".into(),
            Macro::NextAnniversary => "next_anniversary".into(),
            Macro::Folded => "folded".into(),
            Macro::Rank(id) => format!("rank_{}", schema.enum_type(EnumId(id)).name.to_lowercase()),
        }
    }

    fn needs(self) -> &'static [Macro] {
        match self {
            Macro::LocalTime => &[Macro::InCalendar],
            Macro::InstantOf => &[Macro::ClockOffset],
            Macro::NextAnniversary => &[Macro::InCalendar],
            _ => &[],
        }
    }
}

/// The definitions of all that are used and what they need, in an order in which they can be run.
pub fn definitions(used: &BTreeSet<Macro>, schema: &Schema, zone: &Zone) -> String {
    let mut all = used.clone();
    all.extend(used.iter().flat_map(|one| one.needs()));
    all.iter().map(|one| definition(*one, schema, zone)).collect()
}

fn definition(one: Macro, schema: &Schema, zone: &Zone) -> String {
    let (parameters, why, body): (&str, String, String) = match one {
        Macro::Finite => {
            ("x", "A float that is finite; there is no negative zero.".into(), "CASE WHEN isfinite(x) THEN x + 0e0 END".into())
        }
        Macro::HalfEven => (
            "n, d",
            "n / d to the nearest whole number, a half to the even one; beyond 64 bits it is missing.".into(),
            "TRY_CAST(CAST(n AS HUGEINT) // nullif(CAST(d AS HUGEINT), 0)\n    + CASE WHEN 2 * abs(CAST(n AS HUGEINT) % nullif(CAST(d AS HUGEINT), 0)) > abs(CAST(d AS HUGEINT))\n             OR (2 * abs(CAST(n AS HUGEINT) % nullif(CAST(d AS HUGEINT), 0)) = abs(CAST(d AS HUGEINT))\n                 AND (CAST(n AS HUGEINT) // nullif(CAST(d AS HUGEINT), 0)) % 2 <> 0)\n           THEN sign(CAST(n AS HUGEINT)) * sign(CAST(d AS HUGEINT)) ELSE 0 END AS BIGINT)"
                .into(),
        ),
        Macro::Whole => {
            ("x", "A whole number of 64 bits; beyond them it is missing.".into(), "TRY_CAST(x AS BIGINT)".into())
        }
        Macro::CompareExactly => (
            "i, x",
            "-1, 0 or 1: a whole number against a float, without making a float of it.".into(),
            "CASE WHEN x IS NULL OR i IS NULL THEN NULL WHEN x >= 9223372036854775808e0 THEN -1 WHEN x < -9223372036854775808e0 THEN 1\n       WHEN i < TRY_CAST(trunc(x) AS BIGINT) THEN -1 WHEN i > TRY_CAST(trunc(x) AS BIGINT) THEN 1\n       WHEN x > trunc(x) THEN -1 WHEN x < trunc(x) THEN 1 ELSE 0 END"
                .into(),
        ),
        Macro::InCalendar => (
            "d",
            "A date within the years 1 to 9999; beyond them it is missing.".into(),
            "CASE WHEN d BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN d END".into(),
        ),
        Macro::ClockOffset => (
            "t",
            format!("By how many microseconds the clocks of {} are ahead of UTC.", zone.name()),
            format!("epoch_us({}) - epoch_us(t)", zoned(zone, "t")),
        ),
        Macro::LocalTime => (
            "t",
            format!("What the clocks of {} show at an instant.", zone.name()),
            format!(
                "CASE WHEN in_calendar(CAST({0} AS DATE)) IS NOT NULL THEN {0} END",
                zoned(zone, "t")
            ),
        ),
        Macro::InstantOf => (
            "t",
            format!(
                "The instant at which the clocks of {} show t; what they skip moves forward, of two it is the earlier.",
                zone.name()
            ),
            instant_of(),
        ),
        Macro::NextAnniversary => (
            "d, since",
            "The first anniversary of d on or after `since`; 29 February falls on the 28th in other years.".into(),
            next_anniversary(),
        ),
        Macro::Folded => ("x", "A text as `ignoring case` compares it.".into(), folded()),
        Macro::Rank(id) => {
            let declared = schema.enum_type(EnumId(id));
            let members: Vec<String> = declared.members.iter().map(|m| literal::text(&m.value)).collect();
            (
                "member",
                format!("The place of a member of {} in its order.", declared.name),
                format!("list_position([{}], member)", members.join(", ")),
            )
        }
    };
    let name = literal::ident(&one.name(schema));
    format!("-- {why}\nCREATE OR REPLACE TEMP MACRO {name}({parameters}) AS (\n  {body});\n")
}

fn zoned(zone: &Zone, t: &str) -> String {
    if zone.name() == "UTC" {
        t.to_string()
    } else {
        format!("timezone({}, timezone('UTC', {t}))", literal::text(zone.name()))
    }
}

/// The offset of the day before is tried first: it is right, or it is that of the earlier of two, or t is skipped.
fn instant_of() -> String {
    let day = time::DAY_US;
    let (before, after) = (
        format!("clock_offset(make_timestamp(epoch_us(t) - {day}))"),
        format!("clock_offset(make_timestamp(epoch_us(t) + {day}))"),
    );
    let at = |offset: &str| format!("make_timestamp(epoch_us(t) - {offset})");
    format!(
        "CASE WHEN {before} <> {after} AND clock_offset({0}) <> {before} AND clock_offset({1}) = {after}\n       THEN {1} ELSE {0} END",
        at(&before),
        at(&after)
    )
}

fn next_anniversary() -> String {
    let in_year = |n: u8| {
        format!(
            "in_calendar(CAST(d + to_months(CAST((year(greatest(d, since)) + {n} - year(d)) * 12 AS INTEGER)) AS DATE))"
        )
    };
    let tests: Vec<String> = (0..3).map(|n| format!("WHEN {0} >= since AND {0} > d THEN {0}", in_year(n))).collect();
    format!("CASE WHEN d IS NULL OR since IS NULL THEN NULL\n       {} END", tests.join("\n       "))
}

/// DuckDB's `lower` gives one letter for one; where the language's folding gives another, the letter is replaced first.
fn folded() -> String {
    let mut one_for_one = (String::new(), String::new());
    let mut replaced = "x".to_string();
    for c in ('\u{80}'..=char::MAX).filter(|c| !c.is_control()) {
        let folds = folding(c);
        if folds == c.to_string() || (folds == simple_lower(c) && !is_newer(c)) {
            continue;
        }
        let mut letters = folds.chars();
        match (letters.next(), letters.next()) {
            (Some(single), None) => {
                one_for_one.0.push(c);
                one_for_one.1.push(single);
            }
            _ => {
                replaced = format!("replace({replaced}, {}, {})", literal::text(&c.to_string()), literal::text(&folds))
            }
        }
    }
    let (from, to) = (literal::text(&one_for_one.0), literal::text(&one_for_one.1));
    format!(
        "CASE WHEN regexp_matches(x, '[^\\x00-\\x7F]')\n       THEN nfc_normalize(translate(lower(\n         {replaced}), {from}, {to}))\n       ELSE lower(x) END"
    )
}

/// A character's folding as it is before the text is brought into normal form.
fn folding(c: char) -> String {
    text::fold(&c.to_string())
}

/// Capitals of Unicode 16, which DuckDB's `lower` leaves as they are.
fn is_newer(c: char) -> bool {
    matches!(c, '\u{1c89}' | '\u{a7cb}' | '\u{a7cc}' | '\u{a7da}' | '\u{a7dc}' | '\u{10d50}'..='\u{10d65}')
}

fn simple_lower(c: char) -> String {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one.to_string(),
        _ => c.to_string(),
    }
}
