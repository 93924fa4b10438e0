//! Members of enums and rows of small tables as bytes: where many conditions ask a column of a collection's rows for one of a
//! few numbers below 64, its numbers are narrowed once, and each condition takes 64 of them an instruction. Knows numbers and
//! masks, not what they stand for.

use seg_ir::fault;

/// The most numbers that are looked for one by one.
const FEW: u32 = 4;

/// Numbers of a column, each in a byte; those beyond are 255.
#[derive(Debug)]
pub(crate) struct Codes(Vec<u8>);

impl Codes {
    /// Whether this machine gains by it.
    pub fn are_fast() -> bool {
        #[cfg(target_arch = "x86_64")]
        return is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
        #[cfg(not(target_arch = "x86_64"))]
        false
    }

    /// Whether a set of numbers below 64 is small enough to be looked for here.
    pub fn take(set: u64) -> bool {
        set.count_ones() <= FEW
    }

    pub fn of(numbers: &[u32]) -> Codes {
        Codes(numbers.iter().map(|number| (*number).min(255) as u8).collect())
    }

    /// Writes which of some lanes hold a number of a set of few. **Shape** of `out`: a word for each 64 lanes begun.
    pub fn test(&self, lanes: std::ops::Range<usize>, set: u64, out: &mut [u64]) {
        let codes = &self.0[lanes];
        out.fill(0);
        let mut left = if fault::is("masks.codes-lack-a-member") { set & set.wrapping_sub(1) } else { set };
        while left != 0 {
            equal(codes, left.trailing_zeros() as u8, out);
            left &= left - 1;
        }
    }
}

/// Adds the lanes that hold a code to a mask.
fn equal(codes: &[u8], code: u8, out: &mut [u64]) {
    let (words, rest) = codes.as_chunks();
    let plain = |codes: &[u8]| codes.iter().enumerate().fold(0, |bits, (at, c)| bits | u64::from(*c == code) << at);
    if let Some(last) = out.get_mut(words.len()) {
        *last |= plain(rest);
    }
    #[cfg(target_arch = "x86_64")]
    if Codes::are_fast() {
        // SAFETY: the features were detected.
        return unsafe { x86::equal(words, code, out) };
    }
    words.iter().zip(out).for_each(|(codes, word)| *word |= plain(codes));
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn equal(words: &[[u8; 64]], code: u8, out: &mut [u64]) {
        let code = _mm512_set1_epi8(code as i8);
        for (codes, word) in words.iter().zip(out) {
            // SAFETY: 64 bytes are there; the load needs no alignment.
            let codes = unsafe { _mm512_loadu_si512(codes.as_ptr().cast()) };
            *word |= _mm512_cmpeq_epi8_mask(codes, code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_as_their_numbers_are() {
        let numbers: Vec<u32> =
            (0..700).map(|i| [i % 70, i * i % 300, u32::MAX - i, 256 + i % 64][i as usize % 4]).collect();
        let codes = Codes::of(&numbers);
        for (start, end) in [(0_usize, 700_usize), (64, 64), (128, 700), (0, 63), (64, 128), (448, 513)] {
            for set in [0, 1, 1 << 63, 0b1011, 1 << 7 | 1 << 40 | 1 << 41 | 1 << 63] {
                assert!(Codes::take(set));
                let mut out = vec![u64::MAX; (end - start).div_ceil(64)];
                codes.test(start..end, set, &mut out);
                for (at, number) in numbers[start..end].iter().enumerate() {
                    let want = *number < 64 && set >> number & 1 == 1;
                    assert_eq!(out[at / 64] >> (at % 64) & 1 == 1, want, "{number} of {set:b}");
                }
                let beyond = out.last().map_or(0, |last| last.checked_shr((end - start) as u32 % 64).unwrap_or(0));
                assert!((end - start).is_multiple_of(64) || beyond == 0);
            }
        }
    }
}
