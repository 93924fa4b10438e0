//! Exact arithmetic: rounding half to even, comparisons between whole numbers and floats.

use std::cmp::Ordering;

use crate::fault;

/// `numerator / denominator`, rounded half to even. `None` when the denominator is zero.
pub fn divide_half_even(numerator: i128, denominator: i128) -> Option<i128> {
    if denominator == 0 {
        return None;
    }
    let (mut n, mut d) = (numerator, denominator);
    if d < 0 {
        (n, d) = (-n, -d);
    }
    let quotient = n.div_euclid(d);
    let remainder = n.rem_euclid(d);
    let up = match (remainder * 2).cmp(&d) {
        Ordering::Less => false,
        Ordering::Greater => !fault::is("operation.rounding-goes-down"),
        Ordering::Equal => quotient % 2 != 0 || fault::is("operation.halves-go-up"),
    };
    Some(if up { quotient + 1 } else { quotient })
}

/// A whole number against a float, exactly. **Errors**: none; the float is finite.
pub fn compare_int_number(int: i64, number: f64) -> Ordering {
    const EDGE: f64 = 9_223_372_036_854_775_808.0;
    if number >= EDGE {
        return Ordering::Less;
    }
    if number < -EDGE {
        return Ordering::Greater;
    }
    let whole = number.trunc();
    // In range by the two tests above, so the cast loses nothing.
    match int.cmp(&(whole as i64)) {
        Ordering::Equal => 0.0_f64.partial_cmp(&(number - whole)).unwrap_or(Ordering::Equal),
        unequal => unequal,
    }
}

/// A float as a scaled whole number, rounded half to even on its exact binary value; `None` beyond 64 bits.
/// The second part tells whether more than `tolerance` (in unscaled units) was lost.
pub fn scale_half_even(value: f64, scale: f64, tolerance: f64) -> Option<(i64, bool)> {
    if !value.is_finite() {
        return None;
    }
    let scaled = value * scale;
    if scaled.abs() >= 9.2e18 {
        return None;
    }
    let rounded = scaled.round_ties_even();
    let inexact = ((scaled - rounded) / scale).abs() > tolerance;
    Some((rounded as i64, inexact))
}

/// A decimal text as a scaled whole number; `None` when it is not a plain decimal number or too large.
/// The second part tells whether digits were rounded away (half to even).
pub fn parse_scaled(text: &str, decimals: u32) -> Option<(i64, bool)> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) || whole.len() > 19 || digits.ends_with('.') {
        return None;
    }
    let keep = decimals as usize;
    let (kept, rest) = fraction.split_at(fraction.len().min(keep));
    let base: i128 = format!("{whole}{kept:0<keep$}").parse().ok()?;
    let tail = rest.trim_end_matches('0');
    let up = match tail.as_bytes() {
        [] => false,
        [b'5'] => base % 2 != 0,
        [first, ..] => *first >= b'5',
    };
    let value = base + i128::from(up);
    let signed = if negative { -value } else { value };
    Some((i64::try_from(signed).ok()?, !tail.is_empty()))
}

/// `1234567` as `1,234,567`.
pub fn group_thousands(digits: &str) -> String {
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let cases = [(5, 2, 2), (7, 2, 4), (-5, 2, -2), (-7, 2, -4), (1, 3, 0), (2, 3, 1), (5, -2, -2)];
        for (n, d, q) in cases {
            assert_eq!(divide_half_even(n, d), Some(q), "{n} / {d}");
        }
        assert_eq!(divide_half_even(1, 0), None);
    }

    #[test]
    fn whole_numbers_compare_with_floats_exactly() {
        assert_eq!(compare_int_number(9_007_199_254_740_993, 9_007_199_254_740_992.0), Ordering::Greater);
        assert_eq!(compare_int_number(i64::MAX, 9_223_372_036_854_775_808.0), Ordering::Less);
        assert_eq!(compare_int_number(i64::MIN, -9_223_372_036_854_775_808.0), Ordering::Equal);
        assert_eq!(compare_int_number(-1, -1.5), Ordering::Greater);
        assert_eq!(compare_int_number(1, 1.5), Ordering::Less);
    }

    #[test]
    fn decimal_texts_round_half_to_even() {
        assert_eq!(parse_scaled("1.005", 2), Some((100, true)));
        assert_eq!(parse_scaled("1.015", 2), Some((102, true)));
        assert_eq!(parse_scaled("-1.0051", 2), Some((-101, true)));
        assert_eq!(parse_scaled("3.9", 2), Some((390, false)));
        for bad in ["", "1.", ".5", "1e3", "1,000", "abc", "--1"] {
            assert_eq!(parse_scaled(bad, 2), None, "{bad}");
        }
    }
}
