//! Rows of one parent lie beside each other: runs of lanes. What a mask of rows comes to for each parent is worked out for
//! all runs of a word at once, by the carries of one addition over the whole mask. Knows masks and numbers, not what they
//! are of.

use seg_ir::fault;

use crate::mask::{self, Words};

/// Where runs of lanes end, one after another without a gap, and which of the parents have one.
#[derive(Debug)]
pub(crate) struct Runs {
    /// The last lane of each run.
    ends: Words,
    /// The parents whose run is not empty.
    filled: Words,
    /// The same parents by name.
    parents_filled: Vec<u32>,
    parents: usize,
}

/// With fewer of its lanes set than one of so many, a mask is gone through lane by lane.
#[cfg(target_arch = "x86_64")]
const SPARSE: usize = 16;

impl Runs {
    /// The runs between two starts, which rise from zero.
    pub fn of(starts: &[u32]) -> Runs {
        let (parents, lanes) = (starts.len().saturating_sub(1), starts.last().copied().unwrap_or(0) as usize);
        let (mut ends, mut filled) = (mask::none(lanes), mask::none(parents));
        let (mut word, mut last) = (0, 0);
        // One more, so that there is always a place for the next.
        let (mut parents_filled, mut runs) = (vec![0; parents + 1], 0);
        let mut rest = starts;
        for (at, filled) in filled.iter_mut().enumerate() {
            let some = rest.len().saturating_sub(1).min(64);
            for (bit, run) in rest[..rest.len().min(some + 1)].windows(2).enumerate() {
                let is_filled = u64::from(run[1] > run[0]);
                *filled |= is_filled << bit;
                parents_filled[runs] = (at * 64 + bit) as u32;
                runs += is_filled as usize;
                // An empty run ends where the one before it does, and adds nothing there.
                let end = run[1].saturating_sub(1);
                let at = end as usize / 64;
                word = is_filled << (end % 64) | if at == last { word } else { 0 };
                last = at;
                if let Some(slot) = ends.get_mut(at) {
                    *slot = word;
                }
            }
            rest = &rest[some..];
        }
        parents_filled.truncate(runs);
        Runs { ends, filled, parents_filled, parents }
    }

    /// How many parents there are.
    pub fn parents(&self) -> usize {
        self.parents
    }

    /// The parents in whose run any lane of a mask is set. **Shape** of the mask: its words, in order.
    pub fn any(&self, lanes: impl Iterator<Item = u64>) -> Words {
        #[cfg(target_arch = "x86_64")]
        if x86::moves_bits() {
            // SAFETY: the feature was detected.
            return unsafe { x86::any(self, lanes) };
        }
        self.any_by(lanes, pack, spread)
    }

    /// The same, by how bits of a word are moved together and apart.
    #[inline(always)]
    fn any_by(
        &self,
        lanes: impl Iterator<Item = u64>,
        pack: impl Fn(u64, u64) -> u64,
        spread: impl Fn(u64, u64) -> u64,
    ) -> Words {
        let mut packed = mask::none(self.parents);
        let (mut word, mut at, mut used) = (0, 0, 0);
        let mut carry = false;
        for (lanes, ends) in lanes.zip(&self.ends) {
            // All ones below the end of a run, and any lane among them more: that carries into the end, where nothing else is.
            let below = !ends;
            let (sum, over) = (lanes & below).overflowing_add(below);
            let (sum, again) = sum.overflowing_add(u64::from(carry));
            carry = (over | again) && !fault::is("masks.run-ends-with-its-word");
            let found = pack(sum | lanes, *ends);
            word |= found << used;
            if let Some(slot) = packed.get_mut(at) {
                *slot = word;
            }
            let total = used + ends.count_ones();
            let is_full = total >= 64;
            word = if is_full { (found >> 1) >> (63 - used) } else { word };
            at += usize::from(is_full);
            used = total % 64;
        }
        if let Some(slot) = packed.get_mut(at) {
            *slot = word;
        }
        self.apart(&packed, spread)
    }

    /// Bits of the runs, one after another, to the parents that they are of.
    #[inline(always)]
    fn apart(&self, packed: &[u64], spread: impl Fn(u64, u64) -> u64) -> Words {
        let mut first = 0;
        let parents = self.filled.iter().map(|filled| {
            let (at, bit) = (first / 64, first % 64);
            let word = |at: usize| packed.get(at).copied().unwrap_or(0);
            first += filled.count_ones() as usize;
            spread(word(at) >> bit | (word(at + 1) << 1) << (63 - bit), *filled)
        });
        parents.collect()
    }

    /// Takes the first set lane of each run off a mask.
    pub fn drop_first(&self, mask: &mut [u64]) {
        let (mut before, mut borrow) = (1, false);
        for (lanes, ends) in mask.iter_mut().zip(&self.ends) {
            let starts = ends << 1 | before;
            before = ends >> 63;
            // One less than a run with any lane set, as a number, has all of its lanes but the first in common with it.
            let (less, under) = (*lanes | ends).overflowing_sub(starts);
            let (less, again) = less.overflowing_sub(u64::from(borrow));
            borrow = under | again;
            *lanes &= less;
        }
    }

    /// Calls with each set lane of a mask and the place of its run among all runs.
    #[inline]
    fn each(&self, mask: &[u64], mut each: impl FnMut(usize, usize)) {
        let mut before = 0;
        for (at, (lanes, ends)) in mask.iter().zip(&self.ends).enumerate() {
            let mut left = *lanes;
            while left != 0 {
                let bit = left.trailing_zeros();
                let ended = ends & ((1 << bit) - 1);
                each(at * 64 + bit as usize, before + ended.count_ones() as usize);
                left &= left - 1;
            }
            before += ends.count_ones() as usize;
        }
    }

    /// Folds the values of the set lanes of a mask, for each parent; whose run has none keeps `empty`.
    #[inline]
    pub fn fold(&self, values: &[i64], mask: &[u64], empty: i64, mut fold: impl FnMut(i64, i64) -> i64) -> Vec<i64> {
        let mut folded = vec![empty; self.parents];
        self.each(mask, |lane, run| {
            let parent = self.parents_filled[run] as usize;
            folded[parent] = fold(folded[parent], values[lane]);
        });
        folded
    }

    /// The sums of the values of the set lanes of a mask, for each parent. `None` where one may leave 64 bits on its way.
    pub fn sums(&self, values: &[i64], mask: &[u64]) -> Option<Vec<i64>> {
        #[cfg(target_arch = "x86_64")]
        if mask::count(mask) as usize * SPARSE >= values.len()
            && x86::sums_by_vectors()
            && let Some(sums) = self.sums_by_vectors(values, mask)
        {
            return Some(sums);
        }
        self.sums_by_lanes(values, mask)
    }

    fn sums_by_lanes(&self, values: &[i64], mask: &[u64]) -> Option<Vec<i64>> {
        let mut overflows = false;
        let sums = self.fold(values, mask, 0, |sum, value| {
            let (sum, over) = sum.overflowing_add(value);
            overflows |= over;
            sum
        });
        (!overflows || fault::is("masks.sum-in-sixty-four-bits")).then_some(sums)
    }

    /// The same by a running sum over all lanes, eight at a time. `None` where it may leave 64 bits, by the greatest value.
    #[cfg(target_arch = "x86_64")]
    fn sums_by_vectors(&self, values: &[i64], mask: &[u64]) -> Option<Vec<i64>> {
        let (words, rest) = values.as_chunks();
        let mut running = vec![0; self.parents_filled.len() + 1 + x86::LANES];
        let mut sums = x86::Sums { sum: 0, size: 0, done: 1 };
        // SAFETY: the features were detected by whoever calls.
        unsafe { x86::running(words, mask, &self.ends, &mut sums, &mut running) };
        let mut last = [0; 64];
        last[..rest.len()].copy_from_slice(rest);
        let at = words.len();
        let (mask, ends) = (mask.get(at..).unwrap_or_default(), self.ends.get(at..).unwrap_or_default());
        // SAFETY: as above.
        unsafe { x86::running(&[last], mask, ends, &mut sums, &mut running) };
        // So many values, none of so many bits and a sign, stay below 2^63.
        if 64 - sums.size.leading_zeros() + usize::BITS - values.len().leading_zeros() > 63 {
            return None;
        }
        let mut of_parents = vec![0; self.parents.next_multiple_of(64)];
        // SAFETY: as above.
        unsafe { x86::differences(&running, &self.filled, &mut of_parents) };
        of_parents.truncate(self.parents);
        Some(of_parents)
    }
}

/// The bits of a word at some places, moved together to the lowest.
fn pack(word: u64, mut places: u64) -> u64 {
    let (mut packed, mut at) = (0, 0);
    while places != 0 {
        packed |= (word >> places.trailing_zeros() & 1) << at;
        places &= places - 1;
        at += 1;
    }
    packed
}

/// The lowest bits of a word, moved apart to some places.
fn spread(word: u64, mut places: u64) -> u64 {
    let (mut spread, mut at) = (0, 0);
    while places != 0 {
        spread |= (word >> at & 1) << places.trailing_zeros();
        places &= places - 1;
        at += 1;
    }
    spread
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Runs, Words};

    /// The lanes of a vector.
    pub(super) const LANES: usize = 8;

    /// A running sum.
    pub(super) struct Sums {
        pub sum: i64,
        /// The bits that any value has, those of negative ones turned.
        pub size: u64,
        /// How many sums were written.
        pub done: usize,
    }

    pub(super) fn sums_by_vectors() -> bool {
        is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("popcnt")
    }

    /// Adds up the values of a mask's lanes, and writes what the sum is at each of some ends. What is written beyond the last
    /// means nothing.
    #[target_feature(enable = "avx512f,popcnt")]
    pub(super) fn running(words: &[[i64; 64]], mask: &[u64], ends: &[u64], sums: &mut Sums, out: &mut [i64]) {
        let (zero, last) = (_mm512_setzero_si512(), _mm512_set1_epi64(7));
        let (mut sum, mut size, mut done) = (_mm512_set1_epi64(sums.sum), zero, sums.done);
        for ((values, mask), ends) in words.iter().zip(mask).zip(ends) {
            let (chosen, ends) = (mask.to_le_bytes(), ends.to_le_bytes());
            let (vectors, _) = values.as_chunks::<LANES>();
            for ((values, chosen), ends) in vectors.iter().zip(chosen).zip(ends) {
                // SAFETY: eight values are there; the load needs no alignment.
                let v = unsafe { _mm512_maskz_loadu_epi64(chosen, values.as_ptr()) };
                size = _mm512_or_si512(size, _mm512_xor_si512(v, _mm512_srai_epi64::<63>(v)));
                // Each lane and those before it, by ones, twos and fours.
                let v = _mm512_add_epi64(v, _mm512_alignr_epi64::<7>(v, zero));
                let v = _mm512_add_epi64(v, _mm512_alignr_epi64::<6>(v, zero));
                let v = _mm512_add_epi64(v, _mm512_alignr_epi64::<4>(v, zero));
                let at_ends = _mm512_maskz_compress_epi64(ends, _mm512_add_epi64(sum, v));
                sum = _mm512_add_epi64(sum, _mm512_permutexvar_epi64(last, v));
                if let Some(out) = out.get_mut(done..).and_then(<[i64]>::first_chunk_mut::<LANES>) {
                    // SAFETY: eight values are there; the store needs no alignment.
                    unsafe { _mm512_storeu_epi64(out.as_mut_ptr(), at_ends) };
                }
                done += ends.count_ones() as usize;
            }
        }
        sums.done = done;
        sums.sum = _mm_cvtsi128_si64(_mm512_castsi512_si128(sum));
        sums.size |= _mm512_reduce_or_epi64(size) as u64;
    }

    /// By how much each sum is more than the one before, at the places of a mask; zero at others.
    #[target_feature(enable = "avx512f,popcnt")]
    pub(super) fn differences(running: &[i64], places: &[u64], out: &mut [i64]) {
        let (out, _) = out.as_chunks_mut::<LANES>();
        let places = places.iter().flat_map(|word| word.to_le_bytes());
        let mut first = 0;
        for (out, places) in out.iter_mut().zip(places) {
            let before = running[first..].first_chunk::<LANES>();
            let after = running[first + 1..].first_chunk::<LANES>();
            if let (Some(before), Some(after)) = (before, after) {
                // SAFETY: eight values are at each of the places; neither loads nor stores need alignment.
                unsafe {
                    let (before, after) = (_mm512_loadu_epi64(before.as_ptr()), _mm512_loadu_epi64(after.as_ptr()));
                    let more = _mm512_maskz_expand_epi64(places, _mm512_sub_epi64(after, before));
                    _mm512_storeu_epi64(out.as_mut_ptr(), more);
                }
            }
            first += places.count_ones() as usize;
        }
    }

    pub(super) fn moves_bits() -> bool {
        is_x86_feature_detected!("bmi2")
    }

    #[target_feature(enable = "bmi2")]
    pub(super) fn any(runs: &Runs, lanes: impl Iterator<Item = u64>) -> Words {
        runs.any_by(lanes, |word, places| _pext_u64(word, places), |word, places| _pdep_u64(word, places))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers without a pattern.
    fn numbers(seed: u64) -> impl FnMut() -> u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.wrapping_mul(0x2545_f491_4f6c_dd1d)
        }
    }

    /// Starts of runs of many lengths, empty ones and some longer than words among them, and masks of their lanes.
    fn cases() -> impl Iterator<Item = (Vec<u32>, Words)> {
        (0..600_u64).map(|case| {
            let mut next = numbers(case + 1);
            let parents = [0, 1, 2, 63, 64, 65, 128, 300][case as usize % 8];
            let longest = [1, 2, 4, 9, 70, 200][case as usize % 6];
            let mut starts = vec![0];
            let mut end = 0;
            for _ in 0..parents {
                end += (next() >> 33) as u32 % (longest + 1);
                starts.push(end);
            }
            let mut lanes = mask::none(end as usize);
            let rare = case / 48 % 3;
            for word in &mut lanes {
                *word = (0..rare * 2).fold(next(), |word, _| word & next());
            }
            mask::clear_tail(&mut lanes, end as usize);
            (starts, lanes)
        })
    }

    fn runs_of(starts: &[u32]) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        starts.windows(2).map(|run| run[0] as usize..run[1] as usize)
    }

    fn mask_of(bits: impl Iterator<Item = bool>, lanes: usize) -> Words {
        let mut mask = mask::none(lanes);
        bits.enumerate().filter(|(_, bit)| *bit).for_each(|(lane, _)| mask::set(&mut mask, lane));
        mask
    }

    #[test]
    fn a_parent_has_any_where_one_of_its_lanes_is_set() {
        for (starts, lanes) in cases() {
            let (runs, parents) = (Runs::of(&starts), starts.len() - 1);
            assert_eq!(runs.filled, mask_of(runs_of(&starts).map(|run| !run.is_empty()), parents));
            let want =
                mask_of(runs_of(&starts).map(|run| run.into_iter().any(|lane| mask::has(&lanes, lane))), parents);
            assert_eq!(runs.any(lanes.iter().copied()), want, "{starts:?}");
            assert_eq!(runs.any_by(lanes.iter().copied(), pack, spread), want, "{starts:?}");
        }
    }

    #[test]
    fn the_first_set_lane_of_each_run_is_dropped() {
        for (starts, mut lanes) in cases() {
            let runs = Runs::of(&starts);
            let mut want = lanes.clone();
            for run in runs_of(&starts) {
                if let Some(first) = run.into_iter().find(|lane| mask::has(&lanes, *lane)) {
                    want[first / 64] &= !(1 << (first % 64));
                }
            }
            runs.drop_first(&mut lanes);
            assert_eq!(lanes, want, "{starts:?}");
        }
    }

    #[test]
    fn sums_are_those_of_the_lanes_one_by_one() {
        for (case, (starts, lanes)) in cases().enumerate() {
            let mut next = numbers(case as u64 + 7);
            let shift = [2, 20, 40][case % 3];
            let values: Vec<i64> = (0..starts.last().copied().unwrap_or(0)).map(|_| next() as i64 >> shift).collect();
            let sum = |run: std::ops::Range<usize>| -> i128 {
                run.filter(|lane| mask::has(&lanes, *lane)).map(|lane| i128::from(values[lane])).sum()
            };
            let want: Option<Vec<i64>> = runs_of(&starts).map(|run| i64::try_from(sum(run)).ok()).collect();
            let runs = Runs::of(&starts);
            match (runs.sums(&values, &lanes), want) {
                (Some(sums), want) => assert_eq!(Some(sums), want, "{starts:?}"),
                (None, _) => assert_eq!(shift, 2, "small numbers stay within 64 bits"),
            }
            #[cfg(target_arch = "x86_64")]
            if x86::sums_by_vectors() {
                let (vectors, lanes) = (runs.sums_by_vectors(&values, &lanes), runs.sums_by_lanes(&values, &lanes));
                assert!(vectors == lanes || (vectors.is_none() && shift == 2), "{starts:?}");
            }
        }
    }
}
