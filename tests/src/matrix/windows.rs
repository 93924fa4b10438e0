//! Windows of each form over each type, with their bounds as the reference states them, at 2026-03-31T10:00Z.

use super::calendar::{DAY_US, day, exists};
use super::cell::{AS_OF, Asked, Cell, Customer, Question};
use super::operators::declared;
use super::types::{KINDS, Kind, V};

/// A bound: the moment, and whether it belongs to the window.
type Bound = (&'static str, bool);

/// A window.
pub struct Window {
    pub text: &'static str,
    /// The bounds over dates, where it has a meaning there.
    pub dates: Option<[Bound; 2]>,
    pub stamps: [Bound; 2],
    /// Whether it looks ahead, which is refused over events.
    pub ahead: bool,
}

const fn last(text: &'static str, dates: [Bound; 2], stamps: [Bound; 2]) -> Window {
    Window { text, dates: Some(dates), stamps, ahead: false }
}

const fn next(text: &'static str, dates: [Bound; 2], stamps: [Bound; 2]) -> Window {
    Window { text, dates: Some(dates), stamps, ahead: true }
}

const NOW: &str = "2026-03-31 10:00";
const TODAY: &str = "2026-03-31";

/// Written from the table of the reference.
#[rustfmt::skip]
pub const WINDOWS: &[Window] = &[
    last("in last 30 days", [("2026-03-01", false), (TODAY, true)], [("2026-03-01 10:00", false), (NOW, true)]),
    last("in last 1 day", [("2026-03-30", false), (TODAY, true)], [("2026-03-30 10:00", false), (NOW, true)]),
    last("in last 2 weeks", [("2026-03-17", false), (TODAY, true)], [("2026-03-17 10:00", false), (NOW, true)]),
    last("in last 1 month", [("2026-02-28", false), (TODAY, true)], [("2026-02-28 10:00", false), (NOW, true)]),
    last("in last 1 quarter", [("2025-12-31", false), (TODAY, true)], [("2025-12-31 10:00", false), (NOW, true)]),
    last("in last 2 years", [("2024-03-31", false), (TODAY, true)], [("2024-03-31 10:00", false), (NOW, true)]),
    Window { text: "in last 72 hours", dates: None, stamps: [("2026-03-28 10:00", false), (NOW, true)], ahead: false },
    Window { text: "in last 90 minutes", dates: None, stamps: [("2026-03-31 08:30", false), (NOW, true)], ahead: false },
    last("in last 90 days before 90 days ago", [("2025-10-02", false), ("2025-12-31", true)], [("2025-10-02 10:00", false), ("2025-12-31 10:00", true)]),
    last("in last 1 month before 1 month ago", [("2026-01-31", false), ("2026-02-28", true)], [("2026-01-31 10:00", false), ("2026-02-28 10:00", true)]),
    last("in last 2 weeks before 2026-01-31", [("2026-01-17", false), ("2026-01-31", true)], [("2026-01-17 00:00", false), ("2026-01-31 00:00", true)]),
    next("in next 14 days", [(TODAY, true), ("2026-04-14", true)], [(NOW, false), ("2026-04-14 10:00", true)]),
    next("in next 11 months", [(TODAY, true), ("2027-02-28", true)], [(NOW, false), ("2027-02-28 10:00", true)]),
    Window { text: "in next 36 hours", dates: None, stamps: [(NOW, false), ("2026-04-01 22:00", true)], ahead: true },
    last("in last calendar day", [("2026-03-30", true), (TODAY, false)], [("2026-03-30 00:00", true), ("2026-03-31 00:00", false)]),
    last("in last 1 calendar month", [("2026-02-01", true), ("2026-03-01", false)], [("2026-02-01 00:00", true), ("2026-03-01 00:00", false)]),
    last("in last 3 calendar months", [("2025-12-01", true), ("2026-03-01", false)], [("2025-12-01 00:00", true), ("2026-03-01 00:00", false)]),
    last("in last calendar week", [("2026-03-23", true), ("2026-03-30", false)], [("2026-03-23 00:00", true), ("2026-03-30 00:00", false)]),
    last("in last calendar quarter", [("2025-10-01", true), ("2026-01-01", false)], [("2025-10-01 00:00", true), ("2026-01-01 00:00", false)]),
    last("in last 2 calendar years", [("2024-01-01", true), ("2026-01-01", false)], [("2024-01-01 00:00", true), ("2026-01-01 00:00", false)]),
    next("in next calendar month", [("2026-04-01", true), ("2026-05-01", false)], [("2026-04-01 00:00", true), ("2026-05-01 00:00", false)]),
    next("in next 2 calendar quarters", [("2026-04-01", true), ("2026-10-01", false)], [("2026-04-01 00:00", true), ("2026-10-01 00:00", false)]),
    last("today", [(TODAY, true), (TODAY, true)], [("2026-03-31 00:00", true), (NOW, true)]),
    last("this week", [("2026-03-30", true), ("2026-04-06", false)], [("2026-03-30 00:00", true), (NOW, true)]),
    last("this month", [("2026-03-01", true), ("2026-04-01", false)], [("2026-03-01 00:00", true), (NOW, true)]),
    last("this quarter", [("2026-01-01", true), ("2026-04-01", false)], [("2026-01-01 00:00", true), (NOW, true)]),
    last("this year", [("2026-01-01", true), ("2027-01-01", false)], [("2026-01-01 00:00", true), (NOW, true)]),
    last("since 2026-03-01", [("2026-03-01", true), (TODAY, true)], [("2026-03-01 00:00", true), (NOW, true)]),
    last("since 2026-03-01T12:00Z", [("2026-03-01", true), (TODAY, true)], [("2026-03-01 12:00", true), (NOW, true)]),
];

/// Days, or microseconds, of a moment as the table writes it.
fn moment(text: &str) -> i64 {
    match text.split_once(' ') {
        None => day(text),
        Some((date, clock)) => {
            let (hour, minute) = clock.split_once(':').unwrap_or(("0", "0"));
            let minutes = hour.parse::<i64>().unwrap_or(0) * 60 + minute.parse::<i64>().unwrap_or(0);
            day(date) * DAY_US + minutes * 60_000_000
        }
    }
}

impl Window {
    /// Low and high ends over a type, each with whether it belongs.
    pub fn bounds(&self, kind: Kind) -> Option<[(i64, bool); 2]> {
        let bounds = if kind == Kind::Date { self.dates? } else { self.stamps };
        Some(bounds.map(|(text, included)| (moment(text), included)))
    }

    /// Whether a moment lies within.
    pub fn holds(&self, kind: Kind, at: i64) -> bool {
        let Some([(low, with_low), (high, with_high)]) = self.bounds(kind) else { return false };
        (at > low || (with_low && at == low)) && (at < high || (with_high && at == high))
    }

    /// Moments at, before and behind its ends, and the first and last there are.
    pub fn moments(&self, kind: Kind) -> Vec<i64> {
        let Some([(low, _), (high, _)]) = self.bounds(kind) else { return Vec::new() };
        let (first, last) = (day("0001-01-01"), day("9999-12-31"));
        let ends = if kind == Kind::Date { [first, last] } else { [first * DAY_US, (last + 1) * DAY_US - 1] };
        let near = [low, high].into_iter().flat_map(|end| [end - 1, end, end + 1]);
        near.chain(ends).collect()
    }
}

pub fn made(kind: Kind, at: i64) -> V {
    if kind == Kind::Date { V::Date(at) } else { V::Stamp(at) }
}

fn takes_time(kind: Kind) -> bool {
    matches!(kind, Kind::Date | Kind::Stamp)
}

/// Every window over a field of every type, and over events by date and by time.
pub fn window_cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for window in WINDOWS {
        for kind in KINDS {
            cells.push(of_field(window, kind));
        }
        for kind in [Kind::Date, Kind::Stamp] {
            cells.push(of_events(window, kind));
        }
    }
    for (kind, text) in [(Kind::Date, "in last 9000 years"), (Kind::Stamp, "in last 9000 years")] {
        cells.push(beyond_the_calendar(kind, text));
    }
    cells
}

fn of_field(window: &Window, kind: Kind) -> Cell {
    let name = format!("{kind:?} {}", window.text);
    let expression = format!("{} {}", kind.operand("l"), window.text);
    let fields = declared(kind, "l");
    if !takes_time(kind) || window.bounds(kind).is_none() {
        return Cell { name, question: Question::Refused { fields, event: None, expression } };
    }
    let customers = window.moments(kind).into_iter().map(|at| Customer {
        values: vec![made(kind, at)],
        events: Vec::new(),
        gives: V::Bool(window.holds(kind, at)),
    });
    let unknown = Customer { values: vec![V::Missing], events: Vec::new(), gives: V::Missing };
    let customers = customers.chain([unknown]).collect();
    Cell {
        name,
        question: Question::Gives(vec![Asked { fields, event: None, expression, condition: true, customers }]),
    }
}

fn of_events(window: &Window, kind: Kind) -> Cell {
    let name = format!("count(events by {kind:?} {})", window.text);
    let expression = format!("count(orders {})", window.text);
    let at = if kind == Kind::Date { "Date" } else { "Timestamp" };
    if window.ahead || window.bounds(kind).is_none() {
        let event = Some(("x Bool?".to_string(), at));
        return Cell { name, question: Question::Refused { fields: String::new(), event, expression } };
    }
    let moments = window.moments(kind);
    let seen = |at: i64| at <= if kind == Kind::Date { AS_OF.div_euclid(DAY_US) } else { AS_OF };
    let counted = moments.iter().filter(|at| seen(**at) && window.holds(kind, **at)).count();
    let events = moments.iter().filter(|at| kind == Kind::Stamp || exists(**at));
    let all = Customer {
        values: Vec::new(),
        events: events.map(|at| [made(kind, *at), V::Bool(true)]).collect(),
        gives: V::Int(counted as i64),
    };
    let none = Customer { values: Vec::new(), events: Vec::new(), gives: V::Int(0) };
    let singles = moments.iter().map(|at| Customer {
        values: Vec::new(),
        events: vec![[made(kind, *at), V::Missing]],
        gives: V::Int(i64::from(seen(*at) && window.holds(kind, *at))),
    });
    let customers = singles.chain([all, none]).collect();
    let event = Some(("x Bool?".to_string(), at));
    Cell {
        name,
        question: Question::Gives(vec![Asked {
            fields: String::new(),
            event,
            expression,
            condition: false,
            customers,
        }]),
    }
}

/// A window that would begin before the year 1 is unknown.
fn beyond_the_calendar(kind: Kind, text: &str) -> Cell {
    let fields = declared(kind, "l");
    let unit = if kind == Kind::Date { 1 } else { DAY_US };
    let customers = [day("2026-03-01"), day("0001-01-01")]
        .into_iter()
        .map(|at| Customer { values: vec![made(kind, at * unit)], events: Vec::new(), gives: V::Missing })
        .collect();
    let expression = format!("l {text}");
    let asked = Asked { fields, event: None, expression, condition: true, customers };
    Cell { name: format!("{kind:?} {text}"), question: Question::Gives(vec![asked]) }
}
