//! The civil calendar of the model. **Source**: days from civil, Howard Hinnant, "chrono-compatible low-level date algorithms".

pub const DAY_US: i64 = 86_400_000_000;

/// Days since 1970-01-01.
pub fn from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y - era * 400;
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month, day.
pub fn to_civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z - era * 146_097;
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let m = (5 * of_year + 2) / 153;
    let month = if m < 10 { m + 3 } else { m - 9 };
    (year + era * 400 + i64::from(month <= 2), month, of_year - (153 * m + 2) / 5 + 1)
}

/// `2026-03-31`, which is well-formed.
pub fn day(text: &str) -> i64 {
    let mut parts = text.split('-').map(|p| p.parse::<i64>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(1);
    from_civil(next(), next(), next())
}

/// An instant of a day, in UTC.
pub fn instant(date: &str, time_us: i64) -> i64 {
    day(date) * DAY_US + time_us
}

/// Whether a day lies in the years 1 to 9999.
pub fn exists(days: i64) -> bool {
    (day("0001-01-01")..=day("9999-12-31")).contains(&days)
}

fn month_length(year: i64, month: i64) -> i64 {
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    from_civil(next.0, next.1, 1) - from_civil(year, month, 1)
}

/// The day so many months, then days away; `None` beyond the years 1 to 9999, on the way too.
pub fn moved(days: i64, months: i64, more: i64) -> Option<i64> {
    let (year, month, day) = to_civil(days);
    let count = year * 12 + month - 1 + months;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    let reached = from_civil(year, month, day.min(month_length(year, month)));
    (exists(reached) && exists(reached + more)).then_some(reached + more)
}

/// Complete months from one civil time to a later one.
fn months_between(from: (i64, i64), to: (i64, i64)) -> i64 {
    let (a, b) = (to_civil(from.0), to_civil(to.0));
    let mut months = (b.0 - a.0) * 12 + b.1 - a.1 + 1;
    while moved(from.0, months, 0).is_none_or(|day| (day, from.1) > to) {
        months -= 1;
    }
    months
}

/// Complete units between two civil times, as (day, microsecond of the day).
pub fn elapsed(unit: &str, from: (i64, i64), to: (i64, i64)) -> i64 {
    if to < from {
        return -elapsed(unit, to, from);
    }
    let whole = (to.0 - from.0) * DAY_US + to.1 - from.1;
    match unit {
        "seconds" => whole / 1_000_000,
        "minutes" => whole / 60_000_000,
        "hours" => whole / 3_600_000_000,
        "days" => whole / DAY_US,
        "weeks" => whole / DAY_US / 7,
        "months" => months_between(from, to),
        "quarters" => months_between(from, to) / 3,
        _ => months_between(from, to) / 12,
    }
}
