//! Moments in words. A moment at midnight is its date; the ends of a window say the first and the last day, whether or
//! not the window includes its bounds.

use seg_ir::time::{self, DAY_US};
use seg_ir::{Const, Zone};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `17 December 2025`; for an instant that is not a midnight of the zone `17 December 2025, 09:00`.
pub fn moment(zone: &Zone, value: &Const) -> String {
    match value {
        Const::Date(date) => long_date(*date),
        Const::Timestamp(instant) => match zone.civil(*instant) {
            Some((date, 0)) => long_date(date),
            Some((date, time_us)) => {
                format!("{}, {}", long_date(date), time::show_time(time_us - time_us % 60_000_000))
            }
            None => "a moment beyond all dates".to_string(),
        },
        Const::Int(count) => count.to_string(),
        _ => "a moment beyond all dates".to_string(),
    }
}

/// Where a window begins: its first day, or its instant.
pub fn first_moment(zone: &Zone, value: &Const, inclusive: bool) -> String {
    match value {
        Const::Date(date) if !inclusive => moment(zone, &Const::Date(date.saturating_add(1))),
        value => moment(zone, value),
    }
}

/// Where a window ends: its last day, or its instant. An end at midnight is the end of the day before.
pub fn last_moment(zone: &Zone, value: &Const, inclusive: bool) -> String {
    match value {
        Const::Date(date) if !inclusive => moment(zone, &Const::Date(date.saturating_sub(1))),
        Const::Timestamp(instant) if zone.civil(*instant).is_some_and(|(_, time_us)| time_us == 0) => {
            moment(zone, &Const::Date(zone.date(instant.saturating_sub(DAY_US / 2)).unwrap_or_default()))
        }
        value => moment(zone, value),
    }
}

fn long_date(date: i32) -> String {
    match time::ymd(date) {
        Some((year, month, day)) => {
            let month = MONTHS.get((month - 1) as usize).unwrap_or(&"?");
            format!("{day} {month} {year}")
        }
        None => "a date beyond all dates".to_string(),
    }
}
