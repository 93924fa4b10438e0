//! Comparisons of a column with one value, 64 lanes a word: AVX-512, AVX2 or portable code, chosen when the program
//! starts. Knows slices of numbers, neither columns nor missing values.

use std::sync::OnceLock;

use seg_ir::fault;

/// Writes whether each value compares so with the constant; bits beyond the last value are zero.
/// **Shape**: one word for each 64 values begun.
type Compare<T> = fn(&[T], T, &mut [u64]);

/// One set of kernels. Whatever is not here is one of these, negated.
#[derive(Debug)]
pub(crate) struct Kernels {
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
    /// Whether the bit of the value is set in the constant; values are below 32.
    pub member_u32: Compare<u32>,
}

/// The best kernels that this machine has.
pub(crate) fn best() -> &'static Kernels {
    static BEST: OnceLock<&'static Kernels> = OnceLock::new();
    BEST.get_or_init(|| available()[0])
}

/// All kernels that this machine has, the best first.
pub(crate) fn available() -> Vec<&'static Kernels> {
    let mut found = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") {
            found.push(&x86::AVX512);
        }
        if is_x86_feature_detected!("avx2") {
            found.push(&x86::AVX2);
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
    member_u32: |v, set, out| portable(v, out, |x| set.checked_shr(x).unwrap_or(0) & 1 == 1),
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

    use super::{Kernels, fault, portable};

    /// A kernel from the lanes of one vector register: whole words of 64 values by vectors, the rest one by one.
    macro_rules! kernel {
        ($name:ident, $features:literal, $type:ty, $lanes:literal, |$constant:ident| $splat:expr,
         |$at:ident, $c:ident| $bits:expr, |$x:ident| $test:expr) => {
            pub(super) fn $name(values: &[$type], $constant: $type, out: &mut [u64]) {
                #[target_feature(enable = $features)]
                fn whole(values: &[$type], $constant: $type, out: &mut [u64]) {
                    let $c = $splat;
                    for (chunk, word) in values.chunks_exact(64).zip(out) {
                        let mut bits = 0_u64;
                        let steps = 64 / $lanes - usize::from(fault::is("kernel.last-vector-is-left-out"));
                        for step in 0..steps {
                            let $at = chunk[step * $lanes..(step + 1) * $lanes].as_ptr();
                            // SAFETY: `at` points to as many values as the vector has lanes, by the slice above; the load
                            // needs no alignment.
                            let found = unsafe { $bits };
                            bits |= (found as u64) << (step * $lanes);
                        }
                        *word = bits;
                    }
                }
                let full = values.len() / 64;
                // SAFETY: this set of kernels is only handed out where the features were detected.
                unsafe { whole(&values[..full * 64], $constant, out) };
                if let Some(last) = out.get_mut(full..).filter(|_| !fault::is("kernel.rest-of-a-word-is-left-out")) {
                    portable(&values[full * 64..], last, |$x| $test);
                }
            }
        };
    }

    mod wide {
        use super::*;

        macro_rules! wide {
            ($name:ident, $type:ty, $lanes:literal, $splat:ident, $load:ident as $pointer:ty, $compare:ident, |$x:ident, $c:ident| $test:expr) => {
                kernel!(
                    $name,
                    "avx512f,avx512bw",
                    $type,
                    $lanes,
                    |$c| $splat($c),
                    |at, c| $compare($load(at as $pointer), c),
                    |$x| $test
                );
            };
        }

        wide!(
            less_i64,
            i64,
            8,
            _mm512_set1_epi64,
            _mm512_loadu_si512 as *const __m512i,
            _mm512_cmplt_epi64_mask,
            |x, c| x < c
        );
        wide!(
            greater_i64,
            i64,
            8,
            _mm512_set1_epi64,
            _mm512_loadu_si512 as *const __m512i,
            _mm512_cmpgt_epi64_mask,
            |x, c| x > c
        );
        wide!(
            equal_i64,
            i64,
            8,
            _mm512_set1_epi64,
            _mm512_loadu_si512 as *const __m512i,
            _mm512_cmpeq_epi64_mask,
            |x, c| x == c
        );
        wide!(
            less_i32,
            i32,
            16,
            _mm512_set1_epi32,
            _mm512_loadu_si512 as *const __m512i,
            _mm512_cmplt_epi32_mask,
            |x, c| x < c
        );
        wide!(
            greater_i32,
            i32,
            16,
            _mm512_set1_epi32,
            _mm512_loadu_si512 as *const __m512i,
            _mm512_cmpgt_epi32_mask,
            |x, c| x > c
        );
        wide!(
            equal_i32,
            i32,
            16,
            _mm512_set1_epi32,
            _mm512_loadu_si512 as *const __m512i,
            _mm512_cmpeq_epi32_mask,
            |x, c| x == c
        );
        kernel!(
            less_f64,
            "avx512f,avx512bw",
            f64,
            8,
            |c| _mm512_set1_pd(c),
            |at, c| _mm512_cmp_pd_mask::<_CMP_LT_OQ>(_mm512_loadu_pd(at), c),
            |x| x < c
        );
        kernel!(
            greater_f64,
            "avx512f,avx512bw",
            f64,
            8,
            |c| _mm512_set1_pd(c),
            |at, c| _mm512_cmp_pd_mask::<_CMP_GT_OQ>(_mm512_loadu_pd(at), c),
            |x| x > c
        );
        kernel!(
            equal_f64,
            "avx512f,avx512bw",
            f64,
            8,
            |c| _mm512_set1_pd(c),
            |at, c| _mm512_cmp_pd_mask::<_CMP_EQ_OQ>(_mm512_loadu_pd(at), c),
            |x| x == c
        );
        kernel!(
            member_u32,
            "avx512f,avx512bw",
            u32,
            16,
            |set| _mm512_set1_epi32(set as i32),
            |at, set| _mm512_test_epi32_mask(
                _mm512_srlv_epi32(set, _mm512_loadu_si512(at as *const __m512i)),
                _mm512_set1_epi32(1)
            ),
            |x| set.checked_shr(x).unwrap_or(0) & 1 == 1
        );
    }

    mod narrow {
        use super::*;

        kernel!(
            less_i64,
            "avx2",
            i64,
            4,
            |c| _mm256_set1_epi64x(c),
            |at, c| _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(
                c,
                _mm256_loadu_si256(at as *const __m256i)
            ))) as u32,
            |x| x < c
        );
        kernel!(
            greater_i64,
            "avx2",
            i64,
            4,
            |c| _mm256_set1_epi64x(c),
            |at, c| _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(
                _mm256_loadu_si256(at as *const __m256i),
                c
            ))) as u32,
            |x| x > c
        );
        kernel!(
            equal_i64,
            "avx2",
            i64,
            4,
            |c| _mm256_set1_epi64x(c),
            |at, c| _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(
                _mm256_loadu_si256(at as *const __m256i),
                c
            ))) as u32,
            |x| x == c
        );
        kernel!(
            less_i32,
            "avx2",
            i32,
            8,
            |c| _mm256_set1_epi32(c),
            |at, c| _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(
                c,
                _mm256_loadu_si256(at as *const __m256i)
            ))) as u32,
            |x| x < c
        );
        kernel!(
            greater_i32,
            "avx2",
            i32,
            8,
            |c| _mm256_set1_epi32(c),
            |at, c| _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(
                _mm256_loadu_si256(at as *const __m256i),
                c
            ))) as u32,
            |x| x > c
        );
        kernel!(
            equal_i32,
            "avx2",
            i32,
            8,
            |c| _mm256_set1_epi32(c),
            |at, c| _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(
                _mm256_loadu_si256(at as *const __m256i),
                c
            ))) as u32,
            |x| x == c
        );
        kernel!(
            less_f64,
            "avx2",
            f64,
            4,
            |c| _mm256_set1_pd(c),
            |at, c| _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LT_OQ>(_mm256_loadu_pd(at), c)) as u32,
            |x| x < c
        );
        kernel!(
            greater_f64,
            "avx2",
            f64,
            4,
            |c| _mm256_set1_pd(c),
            |at, c| _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_GT_OQ>(_mm256_loadu_pd(at), c)) as u32,
            |x| x > c
        );
        kernel!(
            equal_f64,
            "avx2",
            f64,
            4,
            |c| _mm256_set1_pd(c),
            |at, c| _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_EQ_OQ>(_mm256_loadu_pd(at), c)) as u32,
            |x| x == c
        );
        kernel!(
            member_u32,
            "avx2",
            u32,
            8,
            |set| _mm256_set1_epi32(set as i32),
            // The bit of the set moves to the sign, which is what the mask is made of.
            |at, set| _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_slli_epi32::<31>(_mm256_srlv_epi32(
                set,
                _mm256_loadu_si256(at as *const __m256i)
            )))) as u32,
            |x| set.checked_shr(x).unwrap_or(0) & 1 == 1
        );
    }

    macro_rules! set_of {
        ($name:literal, $from:ident) => {
            Kernels {
                name: $name,
                less_i64: $from::less_i64,
                greater_i64: $from::greater_i64,
                equal_i64: $from::equal_i64,
                less_i32: $from::less_i32,
                greater_i32: $from::greater_i32,
                equal_i32: $from::equal_i32,
                less_f64: $from::less_f64,
                greater_f64: $from::greater_f64,
                equal_f64: $from::equal_f64,
                member_u32: $from::member_u32,
            }
        };
    }

    pub(super) static AVX512: Kernels = set_of!("avx512", wide);
    pub(super) static AVX2: Kernels = set_of!("avx2", narrow);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values around the constants, at both ends of their type, in every position of a word and of a last word.
    fn check<T: Copy + std::fmt::Debug>(
        values: &[T],
        constants: &[T],
        kernel: Compare<T>,
        test: fn(T, T) -> bool,
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
    fn every_set_of_kernels_agrees_with_plain_comparison() {
        let longs = [i64::MIN, -5_000_000_000, -1, 0, 1, 41, 42, 43, 5_000_000_000, i64::MAX, 7];
        let ints = [i32::MIN, -2, -1, 0, 1, 41, 42, 43, i32::MAX, 9, 10, 11, 12];
        let floats = [f64::MIN, -1.5, -f64::MIN_POSITIVE, 0.0, f64::MIN_POSITIVE, 0.1, 1.5, f64::MAX, 2.0];
        let members: Vec<u32> = (0..32).collect();
        let sets = [0, 1, 0x8000_0000, 0xdead_beef, u32::MAX];
        let sets_of_kernels = available();
        assert_eq!(sets_of_kernels.last().map(|k| k.name), Some("portable"));
        for kernels in sets_of_kernels {
            let name = kernels.name;
            check(&longs, &longs, kernels.less_i64, |a, b| a < b, name);
            check(&longs, &longs, kernels.greater_i64, |a, b| a > b, name);
            check(&longs, &longs, kernels.equal_i64, |a, b| a == b, name);
            check(&ints, &ints, kernels.less_i32, |a, b| a < b, name);
            check(&ints, &ints, kernels.greater_i32, |a, b| a > b, name);
            check(&ints, &ints, kernels.equal_i32, |a, b| a == b, name);
            check(&floats, &floats, kernels.less_f64, |a, b| a < b, name);
            check(&floats, &floats, kernels.greater_f64, |a, b| a > b, name);
            check(&floats, &floats, kernels.equal_f64, |a, b| a == b, name);
            check(&members, &sets, kernels.member_u32, |v, set| set >> v & 1 == 1, name);
        }
    }
}
