//! Comparisons of a column with one value or a small set, 64 lanes a word: AVX-512, AVX2 or portable code, chosen when the
//! program starts. Knows slices of numbers, neither columns nor missing values.

use seg_ir::fault;

/// Writes whether each value compares so with the constant; bits beyond the last value are zero.
/// **Shape**: one word for each 64 values begun.
type Compare<T, C = T> = fn(&[T], C, &mut [u64]);

/// Numbers that lie close together: bit `i` says whether `low + i`, which may wrap, is one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Near {
    pub low: i64,
    pub set: u64,
}

impl Near {
    /// **Shape**: the numbers in rising order. `None` for numbers that are 64 or more apart.
    pub fn of(numbers: &[i64]) -> Option<Near> {
        let low = *numbers.first()?;
        let bit = |number: &i64| 1_u64.checked_shl(u32::try_from(number.abs_diff(low)).ok()?);
        let set = numbers.iter().try_fold(0, |set, number| Some(set | bit(number)?))?;
        Some(Near { low, set })
    }

    fn has(self, number: i64) -> bool {
        let at = number.wrapping_sub(self.low) as u64;
        at < 64 && self.set >> at & 1 == 1
    }
}

/// One set of kernels. Whatever is not here is one of these, negated.
#[derive(Debug)]
pub(crate) struct Kernels {
    /// What they are made of.
    #[cfg_attr(not(feature = "guard-pages"), allow(dead_code, reason = "told by tests"))]
    pub name: &'static str,
    pub less_i64: Compare<i64>,
    pub greater_i64: Compare<i64>,
    pub equal_i64: Compare<i64>,
    pub less_i32: Compare<i32>,
    pub greater_i32: Compare<i32>,
    pub equal_i32: Compare<i32>,
    pub less_f64: Compare<f64>,
    pub greater_f64: Compare<f64>,
    pub equal_f64: Compare<f64>,
    pub near_i64: Compare<i64, Near>,
    /// Whether the bit of the value is set in the constant.
    pub member_u32: Compare<u32, u64>,
    /// Whether those bits of the value that are to be looked at are these.
    pub alike_i64: Compare<i64, Alike>,
}

/// What some of the bits of a number should be; the others of `bits` are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alike {
    pub bits: i64,
    pub looked_at: i64,
}

/// The best kernels that this machine has.
#[cfg(not(feature = "guard-pages"))]
pub(crate) fn best() -> &'static Kernels {
    static BEST: std::sync::OnceLock<&'static Kernels> = std::sync::OnceLock::new();
    BEST.get_or_init(|| available()[0])
}

#[cfg(feature = "guard-pages")]
pub(crate) use crate::guard::kernels as best;

/// All kernels that this machine has, the best first.
pub(crate) fn available() -> Vec<&'static Kernels> {
    let mut found = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") {
            found.push(&x86::wide::ALL);
        }
        if is_x86_feature_detected!("avx2") {
            found.push(&x86::narrow::ALL);
        }
    }
    found.push(&PORTABLE);
    found
}

static PORTABLE: Kernels = Kernels {
    name: "portable",
    less_i64: |v, c, out| portable(v, out, |x| x < c),
    greater_i64: |v, c, out| portable(v, out, |x| x > c),
    equal_i64: |v, c, out| portable(v, out, |x| x == c),
    less_i32: |v, c, out| portable(v, out, |x| x < c),
    greater_i32: |v, c, out| portable(v, out, |x| x > c),
    equal_i32: |v, c, out| portable(v, out, |x| x == c),
    less_f64: |v, c, out| portable(v, out, |x| x < c),
    greater_f64: |v, c, out| portable(v, out, |x| x > c),
    equal_f64: |v, c, out| portable(v, out, |x| x == c),
    near_i64: |v, near, out| portable(v, out, |x| near.has(x)),
    member_u32: |v, set, out| portable(v, out, |x| set.checked_shr(x).unwrap_or(0) & 1 == 1),
    alike_i64: |v, alike, out| portable(v, out, |x| x & alike.looked_at == alike.bits),
};

fn portable<T: Copy>(values: &[T], out: &mut [u64], test: impl Fn(T) -> bool) {
    let lanes = if fault::is("kernel.portable-lacks-the-last-lane") { 63 } else { 64 };
    for (chunk, word) in values.chunks(64).zip(out) {
        *word = chunk.iter().take(lanes).enumerate().fold(0, |bits, (at, value)| bits | u64::from(test(*value)) << at);
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Alike, Kernels, Near, PORTABLE, fault};

    /// A set of kernels: for each its name, the lanes and type of a vector register, how the constant `k` is copied to all
    /// lanes, how lanes are loaded, and the bits that tell which lanes `v` compare so with those of the constant, `c`. `word`
    /// is the macro that makes one word of the bits of all vectors of 64 values. Whole words go by vectors, what is left by
    /// portable code.
    macro_rules! kernels {
        ($features:literal, $word:ident; $($name:ident: $lanes:tt $type:ty, |$k:ident: $constant:ty| $splat:expr, $load:ident,
         |$v:ident, $c:ident| $bits:expr;)*) => {
            pub static ALL: Kernels = Kernels { name: $features, $($name,)* };
            $(fn $name(values: &[$type], constant: $constant, out: &mut [u64]) {
                #[target_feature(enable = $features)]
                fn whole(words: &[[$type; 64]], $k: $constant, out: &mut [u64]) {
                    let $c = $splat;
                    for (values, word) in words.iter().zip(out) {
                        let bits = |step: usize| {
                            let at = values[step * $lanes..][..$lanes].as_ptr();
                            // SAFETY: `at` points to as many values as the vector has lanes, by the slice above; the load
                            // needs no alignment.
                            let $v = unsafe { $load(at.cast()) };
                            let is_left_out = (step + 1) * $lanes == 64 && fault::is("kernel.last-vector-is-left-out");
                            if is_left_out { 0 } else { $bits }
                        };
                        *word = $word!($lanes, bits);
                    }
                }
                let (words, rest) = values.as_chunks();
                // SAFETY: `available` alone hands this set of kernels out, and only where the features were detected.
                unsafe { whole(words, constant, out) };
                if let Some(last) = out.get_mut(words.len()..).filter(|_| !fault::is("kernel.rest-of-a-word-is-left-out")) {
                    (PORTABLE.$name)(rest, constant, last);
                }
            })*
        };
    }

    pub(super) mod wide {
        use super::*;

        /// By the instructions that put two masks together: compilers make a detour of shifts.
        macro_rules! unpacked {
            (8, $bits:ident) => {{
                let two = |at: usize| __mmask32::from(_mm512_kunpackb($bits(at + 1).into(), $bits(at).into()));
                let four = |at: usize| __mmask64::from(_mm512_kunpackw(two(at + 2), two(at)));
                _mm512_kunpackd(four(4), four(0))
            }};
            (16, $bits:ident) => {{
                let two = |at: usize| __mmask64::from(_mm512_kunpackw($bits(at + 1).into(), $bits(at).into()));
                _mm512_kunpackd(two(2), two(0))
            }};
        }

        kernels! { "avx512f,avx512bw", unpacked;
            less_i64: 8 i64, |k: i64| _mm512_set1_epi64(k), _mm512_loadu_si512, |v, c| _mm512_cmplt_epi64_mask(v, c);
            greater_i64: 8 i64, |k: i64| _mm512_set1_epi64(k), _mm512_loadu_si512, |v, c| _mm512_cmpgt_epi64_mask(v, c);
            equal_i64: 8 i64, |k: i64| _mm512_set1_epi64(k), _mm512_loadu_si512, |v, c| _mm512_cmpeq_epi64_mask(v, c);
            less_i32: 16 i32, |k: i32| _mm512_set1_epi32(k), _mm512_loadu_si512, |v, c| _mm512_cmplt_epi32_mask(v, c);
            greater_i32: 16 i32, |k: i32| _mm512_set1_epi32(k), _mm512_loadu_si512, |v, c| _mm512_cmpgt_epi32_mask(v, c);
            equal_i32: 16 i32, |k: i32| _mm512_set1_epi32(k), _mm512_loadu_si512, |v, c| _mm512_cmpeq_epi32_mask(v, c);
            less_f64: 8 f64, |k: f64| _mm512_set1_pd(k), _mm512_loadu_pd, |v, c| _mm512_cmp_pd_mask::<_CMP_LT_OQ>(v, c);
            greater_f64: 8 f64, |k: f64| _mm512_set1_pd(k), _mm512_loadu_pd, |v, c| _mm512_cmp_pd_mask::<_CMP_GT_OQ>(v, c);
            equal_f64: 8 f64, |k: f64| _mm512_set1_pd(k), _mm512_loadu_pd, |v, c| _mm512_cmp_pd_mask::<_CMP_EQ_OQ>(v, c);
            near_i64: 8 i64, |k: Near| (_mm512_set1_epi64(k.low), _mm512_set1_epi64(k.set as i64)), _mm512_loadu_si512,
                |v, c| _mm512_test_epi64_mask(_mm512_srlv_epi64(c.1, _mm512_sub_epi64(v, c.0)), _mm512_set1_epi64(1));
            alike_i64: 8 i64, |k: Alike| (_mm512_set1_epi64(k.bits), _mm512_set1_epi64(k.looked_at)), _mm512_loadu_si512,
                |v, c| _mm512_cmpeq_epi64_mask(_mm512_and_si512(v, c.1), c.0);
            // A shift by 32 or more leaves nothing, so that each value finds its bit in one half of the set.
            member_u32: 16 u32, |k: u64| (_mm512_set1_epi32(k as i32), _mm512_set1_epi32((k >> 32) as i32)), _mm512_loadu_si512,
                |v, c| _mm512_test_epi32_mask(_mm512_or_si512(_mm512_srlv_epi32(c.0, v),
                    _mm512_srlv_epi32(c.1, _mm512_sub_epi32(v, _mm512_set1_epi32(32)))), _mm512_set1_epi32(1));
        }
    }

    pub(super) mod narrow {
        use super::*;

        /// A bit for each lane of 64 bits: its sign.
        #[target_feature(enable = "avx2")]
        fn signs_64(v: __m256d) -> u8 {
            _mm256_movemask_pd(v) as u8
        }

        /// A bit for each lane of 32 bits: its sign.
        #[target_feature(enable = "avx2")]
        fn signs_32(v: __m256i) -> u8 {
            _mm256_movemask_ps(_mm256_castsi256_ps(v)) as u8
        }

        macro_rules! shifted {
            ($lanes:literal, $bits:ident) => {
                (0..64 / $lanes).fold(0, |word, step| word | u64::from($bits(step)) << (step * $lanes))
            };
        }

        kernels! { "avx2", shifted;
            less_i64: 4 i64, |k: i64| _mm256_set1_epi64x(k), _mm256_loadu_si256,
                |v, c| signs_64(_mm256_castsi256_pd(_mm256_cmpgt_epi64(c, v)));
            greater_i64: 4 i64, |k: i64| _mm256_set1_epi64x(k), _mm256_loadu_si256,
                |v, c| signs_64(_mm256_castsi256_pd(_mm256_cmpgt_epi64(v, c)));
            equal_i64: 4 i64, |k: i64| _mm256_set1_epi64x(k), _mm256_loadu_si256,
                |v, c| signs_64(_mm256_castsi256_pd(_mm256_cmpeq_epi64(v, c)));
            less_i32: 8 i32, |k: i32| _mm256_set1_epi32(k), _mm256_loadu_si256, |v, c| signs_32(_mm256_cmpgt_epi32(c, v));
            greater_i32: 8 i32, |k: i32| _mm256_set1_epi32(k), _mm256_loadu_si256, |v, c| signs_32(_mm256_cmpgt_epi32(v, c));
            equal_i32: 8 i32, |k: i32| _mm256_set1_epi32(k), _mm256_loadu_si256, |v, c| signs_32(_mm256_cmpeq_epi32(v, c));
            less_f64: 4 f64, |k: f64| _mm256_set1_pd(k), _mm256_loadu_pd, |v, c| signs_64(_mm256_cmp_pd::<_CMP_LT_OQ>(v, c));
            greater_f64: 4 f64, |k: f64| _mm256_set1_pd(k), _mm256_loadu_pd, |v, c| signs_64(_mm256_cmp_pd::<_CMP_GT_OQ>(v, c));
            equal_f64: 4 f64, |k: f64| _mm256_set1_pd(k), _mm256_loadu_pd, |v, c| signs_64(_mm256_cmp_pd::<_CMP_EQ_OQ>(v, c));
            // The bit of the set moves to the sign.
            near_i64: 4 i64, |k: Near| (_mm256_set1_epi64x(k.low), _mm256_set1_epi64x(k.set as i64)), _mm256_loadu_si256,
                |v, c| signs_64(_mm256_castsi256_pd(_mm256_slli_epi64::<63>(_mm256_srlv_epi64(c.1, _mm256_sub_epi64(v, c.0)))));
            alike_i64: 4 i64, |k: Alike| (_mm256_set1_epi64x(k.bits), _mm256_set1_epi64x(k.looked_at)), _mm256_loadu_si256,
                |v, c| signs_64(_mm256_castsi256_pd(_mm256_cmpeq_epi64(_mm256_and_si256(v, c.1), c.0)));
            member_u32: 8 u32, |k: u64| (_mm256_set1_epi32(k as i32), _mm256_set1_epi32((k >> 32) as i32)), _mm256_loadu_si256,
                |v, c| signs_32(_mm256_slli_epi32::<31>(_mm256_or_si256(_mm256_srlv_epi32(c.0, v),
                    _mm256_srlv_epi32(c.1, _mm256_sub_epi32(v, _mm256_set1_epi32(32))))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values around the constants, at both ends of their type, in every position of a word and of a last word.
    fn check<T: Copy + std::fmt::Debug, C: Copy + std::fmt::Debug>(
        values: &[T],
        constants: &[C],
        kernel: Compare<T, C>,
        test: fn(T, C) -> bool,
        what: &str,
    ) {
        for len in [0, 1, 7, 63, 64, 65, 128, 200] {
            let values: Vec<T> = values.iter().copied().cycle().take(len).collect();
            for constant in constants {
                let mut out = vec![0; len.div_ceil(64)];
                kernel(&values, *constant, &mut out);
                let want: Vec<u64> = values
                    .chunks(64)
                    .map(|c| c.iter().enumerate().fold(0, |bits, (at, v)| bits | u64::from(test(*v, *constant)) << at))
                    .collect();
                assert_eq!(out, want, "{what} with {constant:?} over {len}");
            }
        }
    }

    #[test]
    fn numbers_are_near_when_64_bits_hold_them() {
        assert_eq!(Near::of(&[-3, 0, 60]), Some(Near { low: -3, set: 1 | 1 << 3 | 1 << 63 }));
        assert_eq!(Near::of(&[-3, 61]), None);
        assert_eq!(Near::of(&[i64::MIN, i64::MAX]), None);
        assert_eq!(Near::of(&[]), None);
    }

    #[test]
    fn every_set_of_kernels_agrees_with_plain_comparison() {
        let longs = [i64::MIN, -5_000_000_000, -1, 0, 1, 41, 42, 43, 5_000_000_000, i64::MAX, 7];
        let ints = [i32::MIN, -2, -1, 0, 1, 41, 42, 43, i32::MAX, 9, 10, 11, 12];
        let floats = [f64::MIN, -1.5, -f64::MIN_POSITIVE, 0.0, f64::MIN_POSITIVE, 0.1, 1.5, f64::MAX, 2.0];
        let members: Vec<u32> = (0..70).chain([u32::MAX]).collect();
        let sets = [0, 1, 0x8000_0000, 0xdead_beef_0123_4567, 1 << 63, u64::MAX];
        let low = |low| Near { low, set: 0x8000_0000_dead_beef };
        let nears = [low(0), low(1), low(-20), low(i64::MIN), low(i64::MAX - 63), low(i64::MAX), low(42)];
        let sets_of_kernels = available();
        assert!(sets_of_kernels.last().is_some_and(|last| std::ptr::eq(*last, &PORTABLE)));
        for (n, kernels) in sets_of_kernels.into_iter().enumerate() {
            let name = &format!("set {n}");
            check(&longs, &longs, kernels.less_i64, |a, b| a < b, name);
            check(&longs, &longs, kernels.greater_i64, |a, b| a > b, name);
            check(&longs, &longs, kernels.equal_i64, |a, b| a == b, name);
            check(&ints, &ints, kernels.less_i32, |a, b| a < b, name);
            check(&ints, &ints, kernels.greater_i32, |a, b| a > b, name);
            check(&ints, &ints, kernels.equal_i32, |a, b| a == b, name);
            check(&floats, &floats, kernels.less_f64, |a, b| a < b, name);
            check(&floats, &floats, kernels.greater_f64, |a, b| a > b, name);
            check(&floats, &floats, kernels.equal_f64, |a, b| a == b, name);
            check(
                &longs,
                &nears,
                kernels.near_i64,
                |v, near| (0..64).any(|i| near.set >> i & 1 == 1 && near.low.wrapping_add(i) == v),
                name,
            );
            let alike = |bits, looked_at| Alike { bits: bits & looked_at, looked_at };
            let alikes = [alike(42, -1), alike(42, 0xff), alike(0, 0), alike(-1, 0xff << 56), alike(7, i64::MIN)];
            check(&longs, &alikes, kernels.alike_i64, |v, k| v & k.looked_at == k.bits, name);
            check(&members, &sets, kernels.member_u32, |v, set| v < 64 && set >> v & 1 == 1, name);
        }
    }
}
