//! Exact decimals: numbers as text and decimal columns have them, on their way into whole units. Knows no fields.

use seg_ir::fault;
use seg_ir::number::divide_half_even;

/// `unscaled / 10^scale`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub unscaled: i128,
    pub scale: i32,
}

/// A number as text has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    Exact(Decimal),
    /// More digits than 128 bits hold, or `NaN` and the infinities.
    Float(f64),
}

/// Digits that 128 bits always hold.
const DIGITS_MAX: usize = 38;
/// Whole units lost by rounding, up to this fraction of one, are noise of floats and not worth a count.
const NOISE: f64 = 1.001e-6;

impl Decimal {
    /// In units of `10^-decimals`, rounded half to even, and whether more than noise was lost. `None` beyond 64 bits.
    pub fn scaled(self, decimals: u32) -> Option<(i64, bool)> {
        let shift = i64::from(decimals) - i64::from(self.scale);
        if let (Ok(unscaled), Ok(shift @ 0..=18)) = (i64::try_from(self.unscaled), u32::try_from(shift)) {
            return unscaled.checked_mul(10_i64.pow(shift)).map(|scaled| (scaled, false));
        }
        if shift >= 0 {
            let factor = power(shift)?;
            return Some((i64::try_from(self.unscaled.checked_mul(factor)?).ok()?, false));
        }
        let Some(divisor) = power(-shift) else {
            // Smaller than any unit by more digits than there are.
            return Some((0, false));
        };
        let quotient = match fault::is("ingest.decimals-are-cut") {
            true => self.unscaled / divisor,
            false => divide_half_even(self.unscaled, divisor)?,
        };
        let lost = (self.unscaled - quotient * divisor).unsigned_abs();
        let noise = power(i64::from(self.scale) - 6).map_or(0, i128::unsigned_abs);
        Some((i64::try_from(quotient).ok()?, lost > noise))
    }

    /// As a whole number: `Ok(None)` when it has a fraction, `Err` beyond 64 bits.
    pub fn whole(self) -> Result<Option<i64>, ()> {
        if self.unscaled == 0 {
            return Ok(Some(0));
        }
        let value = match power(i64::from(self.scale).abs()) {
            None if self.scale > 0 => return Ok(None),
            None => return Err(()),
            Some(p) if self.scale <= 0 => self.unscaled.checked_mul(p).ok_or(())?,
            Some(p) if self.unscaled % p == 0 || fault::is("ingest.decimals-of-ints-are-cut") => self.unscaled / p,
            Some(_) => return Ok(None),
        };
        i64::try_from(value).map(Some).map_err(|_| ())
    }

    /// The nearest float.
    #[inline]
    pub fn float(self) -> f64 {
        if let (Ok(unscaled), Ok(scale @ 0..=19)) =
            (u64::try_from(self.unscaled.unsigned_abs()), u32::try_from(self.scale))
        {
            let size = shifted(unscaled, scale);
            return if self.unscaled < 0 { -size } else { size };
        }
        self.any_float()
    }

    fn any_float(self) -> f64 {
        const EXACT: u128 = 1 << 53;
        if self.unscaled.unsigned_abs() <= EXACT && (0..=22).contains(&self.scale) {
            // Both are exact floats, so the quotient is rounded once.
            return self.unscaled as f64 / 10_f64.powi(self.scale);
        }
        format!("{}e{}", self.unscaled, -i64::from(self.scale)).parse().unwrap_or(f64::NAN)
    }

    pub fn show(self) -> String {
        if self.scale < -20 {
            return format!("{}e{}", self.unscaled, -self.scale);
        }
        if self.scale <= 0 {
            return format!("{}{}", self.unscaled, "0".repeat(self.scale.unsigned_abs() as usize));
        }
        let places = self.scale.unsigned_abs().min(400) as usize;
        let digits = format!("{:0width$}", self.unscaled.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        format!("{}{whole}.{fraction}", if self.unscaled < 0 { "-" } else { "" })
    }
}

/// The float nearest to `a / 10^scale`, for scales up to 19.
#[inline]
fn shifted(a: u64, scale: u32) -> f64 {
    const EXACT: u64 = 1 << 53;
    let b = 10_u64.pow(scale);
    if a <= EXACT {
        // Both are exact floats, so the quotient is rounded once.
        return a as f64 / b as f64;
    }
    // With their highest bits in line, the quotient has 63 or 64 digits; whether there is a rest is one more below them. So
    // the conversion is all that rounds.
    let (a_shift, b_shift) = (a.leading_zeros(), b.leading_zeros());
    let (a, b) = (u128::from(a << a_shift) << 63, u128::from(b << b_shift));
    let quotient = (a / b) as u64 | u64::from(a % b != 0);
    let exponent = 1023 - 63 + u64::from(b_shift) - u64::from(a_shift);
    quotient as f64 * f64::from_bits(exponent << 52)
}

/// A float in units of `10^-decimals`, rounded half to even on the shortest decimal that stands for it, so that `1.015`
/// means the same in a float column, in JSON and in CSV. `None` beyond 64 bits; the float is finite.
pub(crate) fn scale_float(value: f64, decimals: u32) -> Option<(i64, bool)> {
    const SURE: f64 = 1e11;
    let scale = 10_f64.powi(decimals.cast_signed());
    let scaled = value * scale;
    let rounded = scaled.round_ties_even();
    let off = (scaled - rounded).abs();
    if scaled.abs() < SURE && (off - 0.5).abs() > 1e-4 {
        return Some((rounded as i64, off / scale > NOISE));
    }
    if scaled.abs() > 1e19 {
        return None;
    }
    match parse(&format!("{value}"))? {
        Number::Int(whole) => Decimal { unscaled: i128::from(whole), scale: 0 }.scaled(decimals),
        Number::Exact(decimal) => decimal.scaled(decimals),
        Number::Float(_) => Some((rounded as i64, off / scale > NOISE)),
    }
}

/// A decimal number, with an exponent or without; `None` when the text is no number. `NaN` and infinities are read, so
/// that they can be refused by their name.
pub(crate) fn parse(text: &str) -> Option<Number> {
    if let Some(whole) = plain_whole(text) {
        return Some(Number::Int(whole));
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        let special = ["nan", "inf", "infinity"].iter().any(|s| digits.eq_ignore_ascii_case(s));
        return if special { text.parse().ok().map(Number::Float) } else { None };
    }
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (digits.get(..at)?, exponent(digits.get(at + 1..)?)?),
        None => (digits, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let plain = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || fraction.is_empty() {
        return None;
    }
    let (lead, tail) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let exponent = if fault::is("ingest.exponents-are-not-read") { 0 } else { exponent };
    let scale = exponent.checked_neg().and_then(|e| e.checked_add(i32::try_from(tail.len()).ok()?));
    match scale {
        Some(scale) if lead.len() + tail.len() <= DIGITS_MAX && scale.abs() < 400 => {
            let digits = lead.bytes().chain(tail.bytes());
            let unscaled = digits.fold(0_i128, |n, digit| n * 10 + i128::from(digit - b'0'));
            let negative = negative && !fault::is("ingest.decimals-lose-their-sign");
            let decimal = Decimal { unscaled: if negative { -unscaled } else { unscaled }, scale };
            Some(Number::Exact(decimal))
        }
        _ => text.parse().ok().map(Number::Float),
    }
}

fn plain_whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.len() <= 18 && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn exponent(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // Beyond range it is decided by the float of the whole text: zero or infinite.
    Some(text.parse().unwrap_or(if text.starts_with('-') { -100_000 } else { 100_000 }))
}

fn power(exponent: i64) -> Option<i128> {
    10_i128.checked_pow(u32::try_from(exponent).ok()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn scaled(text: &str) -> Option<(i64, bool)> {
        match parse(text)? {
            Number::Int(v) => Decimal { unscaled: v.into(), scale: 0 }.scaled(2),
            Number::Exact(d) => d.scaled(2),
            Number::Float(v) => scale_float(v, 2),
        }
    }

    #[test]
    fn a_decimal_means_the_same_as_text_and_as_float() {
        let texts =
            ["1.005", "1.015", "-1.015", "0.1", "12.5", "1e2", "9007199254740.93", "0.30000000000000004", "2.675"];
        for text in texts {
            let float: f64 = text.parse().unwrap();
            assert_eq!(scaled(text), scale_float(float, 2), "{text}");
        }
        assert_eq!(scaled("1.015"), Some((102, true)));
        assert_eq!(scaled("0.30000000000000004"), Some((30, false)));
        assert_eq!(scaled("92233720368547758.08"), None);
        assert_eq!(scaled("92233720368547758.07"), Some((i64::MAX, false)));
        assert_eq!(scale_float(1e18, 2), None);
    }

    #[test]
    fn a_decimal_is_the_float_nearest_to_it() {
        let mut state = 7_u64;
        let mut random = || {
            // **Source**: SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let check = |unscaled: i128, scale: i32| {
            let want: f64 = format!("{unscaled}e{}", -scale).parse().unwrap();
            assert_eq!(Decimal { unscaled, scale }.float().to_bits(), want.to_bits(), "{unscaled}e-{scale}");
        };
        for scale in 0..=22 {
            for edge in [0, 1, 5, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, (1 << 54) + 2, u64::MAX - 1, u64::MAX] {
                check(edge.into(), scale);
            }
            for _ in 0..2_000 {
                let unscaled = random() >> (random() % 64);
                check(unscaled.into(), scale);
            }
        }
        // Halfway between two floats, and beside it.
        for half in [(1_u64 << 54) + 1, (1 << 54) + 3, (1 << 61) + (1 << 8), (1 << 61) + (1 << 8) + 1] {
            check(half.into(), 0);
            check(-i128::from(half), 19);
        }
    }

    #[test]
    fn whole_numbers_have_no_fraction() {
        let whole = |t: &str| match parse(t) {
            Some(Number::Exact(d)) => d.whole(),
            Some(Number::Int(v)) => Ok(Some(v)),
            _ => Err(()),
        };
        assert_eq!(whole("3.0"), Ok(Some(3)));
        assert_eq!(whole("3.5"), Ok(None));
        assert_eq!(whole("1e3"), Ok(Some(1000)));
        assert_eq!(whole("1e-3"), Ok(None));
        assert_eq!(whole("99999999999999999999"), Err(()));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for bad in ["", "-", ".", "1.", "abc", "1,000", "1e", "--1", "0x10", "1 "] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert!(matches!(parse("NaN"), Some(Number::Float(v)) if v.is_nan()));
        assert!(matches!(parse("1e999"), Some(Number::Float(v)) if v.is_infinite()));
    }
}
