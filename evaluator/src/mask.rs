//! Bit masks: lane `i` is bit `i % 64` of word `i / 64`. Bits beyond the last lane are zero, always, and there is an even
//! number of words, so that machine code may take them two by two.

use std::ops::Range;

use arrow_buffer::BooleanBuffer;

pub(crate) type Words = Vec<u64>;

/// How many words hold that many lanes: an even number.
pub(crate) fn words(lanes: usize) -> usize {
    lanes.div_ceil(128) * 2
}

pub(crate) fn none(lanes: usize) -> Words {
    vec![0; words(lanes)]
}

pub(crate) fn all(lanes: usize) -> Words {
    let mut mask = vec![u64::MAX; words(lanes)];
    clear_tail(&mut mask, lanes);
    mask
}

/// Zeroes the bits beyond the last lane.
pub(crate) fn clear_tail(mask: &mut [u64], lanes: usize) {
    let (full, used) = (lanes / 64, lanes % 64);
    if let Some(beyond) = mask.get_mut(full..).filter(|_| !seg_ir::fault::is("masks.tail-is-not-cleared")) {
        beyond.iter_mut().enumerate().for_each(|(at, word)| *word &= if at == 0 { (1 << used) - 1 } else { 0 });
    }
}

/// The lanes of part of an Arrow bitmap.
pub(crate) fn of_buffer(bits: &BooleanBuffer, start: usize, lanes: usize) -> Words {
    let mut mask = none(lanes);
    copy_buffer(bits, start, lanes, &mut mask);
    mask
}

/// Writes the lanes of part of an Arrow bitmap.
pub(crate) fn copy_buffer(bits: &BooleanBuffer, start: usize, lanes: usize, out: &mut [u64]) {
    let first = bits.offset() + start;
    // Blocks begin with a byte, as a rule.
    let bytes = bits.inner().as_slice().get(first / 8..(first + lanes).div_ceil(8));
    if let Some(bytes) = bytes.filter(|_| first.is_multiple_of(8)) {
        let (whole, rest) = bytes.as_chunks();
        let last = rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        let words = whole.iter().map(|bytes| u64::from_le_bytes(*bytes)).chain([last]);
        out.iter_mut().zip(words).for_each(|(word, bits)| *word = bits);
        clear_tail(out, lanes);
        return;
    }
    let slice = bits.slice(start, lanes);
    for (word, chunk) in out.iter_mut().zip(slice.bit_chunks().iter_padded()) {
        *word = chunk;
    }
}

pub(crate) fn has(mask: &[u64], lane: usize) -> bool {
    mask[lane / 64] >> (lane % 64) & 1 == 1
}

pub(crate) fn set(mask: &mut [u64], lane: usize) {
    mask[lane / 64] |= 1 << (lane % 64);
}

pub(crate) fn any(mask: &[u64]) -> bool {
    mask.iter().any(|w| *w != 0)
}

pub(crate) fn count(mask: &[u64]) -> u64 {
    mask.iter().map(|w| u64::from(w.count_ones())).sum()
}

/// `a` and `b`, word by word.
pub(crate) fn and(a: &[u64], b: &[u64]) -> Words {
    a.iter().zip(b).map(|(a, b)| a & b).collect()
}

pub(crate) fn or(a: &[u64], b: &[u64]) -> Words {
    a.iter().zip(b).map(|(a, b)| a | b).collect()
}

/// `a` without `b`.
pub(crate) fn without(a: &[u64], b: &[u64]) -> Words {
    a.iter().zip(b).map(|(a, b)| a & !b).collect()
}

pub(crate) fn or_into(into: &mut [u64], mask: &[u64]) {
    into.iter_mut().zip(mask).for_each(|(a, b)| *a |= b);
}

pub(crate) fn and_into(into: &mut [u64], mask: &[u64]) {
    into.iter_mut().zip(mask).for_each(|(a, b)| *a &= b);
}

pub(crate) fn without_into(into: &mut [u64], mask: &[u64]) {
    into.iter_mut().zip(mask).for_each(|(a, b)| *a &= !b);
}

/// The lanes of a mask, from the first.
pub(crate) fn ones(mask: &[u64]) -> impl Iterator<Item = usize> + '_ {
    mask.iter().enumerate().flat_map(|(at, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            if left == 0 {
                return None;
            }
            let bit = left.trailing_zeros() as usize;
            left &= left - 1;
            Some(at * 64 + bit)
        })
    })
}

/// Up to 64 lanes, the first in the lowest bit.
#[inline]
fn bits(mask: &[u64], lanes: &Range<usize>) -> u64 {
    let (at, shift, len) = (lanes.start / 64, lanes.start % 64, lanes.len());
    let mut word = mask[at] >> shift;
    if shift + len > 64 && !seg_ir::fault::is("masks.range-ends-with-its-word") {
        word |= mask[at + 1] << (64 - shift);
    }
    if seg_ir::fault::is("masks.range-takes-its-neighbours") { word } else { word & (u64::MAX >> (64 - len)) }
}

/// A range cut so that each part fits a word; none for an empty one.
#[inline]
fn parts(range: Range<usize>) -> impl DoubleEndedIterator<Item = Range<usize>> {
    let end = range.end;
    range.step_by(64).map(move |start| start..end.min(start + 64))
}

/// How many lanes of a range are set.
#[inline]
pub(crate) fn count_in(mask: &[u64], range: Range<usize>) -> u32 {
    parts(range).map(|part| bits(mask, &part).count_ones()).sum()
}

/// How many lanes are set in each of the ranges between two starts, which rise.
pub(crate) fn counts<'m>(mask: &'m [u64], starts: &'m [u32]) -> impl Iterator<Item = u32> + 'm {
    let mut before = Vec::with_capacity(mask.len() + 1);
    let mut sum = 0;
    for word in mask {
        before.push(sum);
        sum += word.count_ones();
    }
    before.push(sum);
    let rank = move |start: u32| {
        let (at, bit) = (start as usize / 64, start % 64);
        let word = mask.get(at).copied().unwrap_or(0);
        before[at] + (word & ((1 << bit) - 1)).count_ones()
    };
    let (first, ends) = starts.split_first().unwrap_or((&0, &[]));
    let mut last = rank(*first);
    ends.iter().map(move |end| {
        let rank = rank(*end);
        rank - std::mem::replace(&mut last, rank)
    })
}

/// Calls with the set lanes of a range, from the first.
#[inline]
pub(crate) fn each_in(mask: &[u64], range: Range<usize>, mut each: impl FnMut(usize)) {
    let (mut start, end) = (range.start, range.end);
    while start < end {
        let part = start..end.min(start + 64);
        let mut word = bits(mask, &part);
        while word != 0 {
            each(start + word.trailing_zeros() as usize);
            word &= word - 1;
        }
        start = part.end;
    }
}

/// The set lanes of a range, from the first.
#[inline]
pub(crate) fn ones_in(mask: &[u64], range: Range<usize>) -> impl DoubleEndedIterator<Item = usize> + '_ {
    parts(range).flat_map(move |part| Bits { word: bits(mask, &part), base: part.start })
}

/// Of a word, that at `at`, only the lanes of `range`.
fn clip(mut word: u64, at: usize, range: &Range<usize>) -> u64 {
    if at == range.start / 64 && !seg_ir::fault::is("masks.range-begins-with-its-word") {
        word &= u64::MAX << (range.start % 64);
    }
    if at == (range.end - 1) / 64 {
        word &= u64::MAX >> (63 - (range.end - 1) % 64);
    }
    word
}

/// The words that hold the lanes of a range, none for an empty one.
fn within(range: &Range<usize>) -> Range<usize> {
    if range.is_empty() { 0..0 } else { range.start / 64..(range.end - 1) / 64 + 1 }
}

/// Sets every lane of a range.
pub(crate) fn fill(mask: &mut [u64], range: Range<usize>) {
    within(&range).for_each(|at| mask[at] |= clip(u64::MAX, at, &range));
}

/// Clears every lane of a range.
pub(crate) fn clear(mask: &mut [u64], range: Range<usize>) {
    within(&range).for_each(|at| mask[at] &= !clip(u64::MAX, at, &range));
}

/// The set bits of one word, from either end.
struct Bits {
    word: u64,
    base: usize,
}

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.word == 0 {
            return None;
        }
        let bit = self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        Some(self.base + bit)
    }
}

impl DoubleEndedIterator for Bits {
    fn next_back(&mut self) -> Option<usize> {
        if self.word == 0 {
            return None;
        }
        let bit = 63 - self.word.leading_zeros() as usize;
        self.word &= !(1 << bit);
        Some(self.base + bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_agree_with_lane_by_lane() {
        let mask: Words = vec![0x8000_0000_0000_0001, 0xf0f0_0000_ffff_1234, u64::MAX, 0x5];
        for start in 0..200 {
            for end in start..200 {
                let lanes: Vec<usize> = (start..end).filter(|i| has(&mask, *i)).collect();
                assert_eq!(ones_in(&mask, start..end).collect::<Vec<_>>(), lanes);
                assert_eq!(count_in(&mask, start..end) as usize, lanes.len());
                let mut seen = Vec::new();
                each_in(&mask, start..end, |lane| seen.push(lane));
                assert_eq!(seen, lanes);
                let starts = [start as u32, start as u32, end as u32, 256];
                let later = (end..256).filter(|i| has(&mask, *i)).count();
                let counted = [0, lanes.len() as u32, later as u32];
                assert_eq!(counts(&mask, &starts).collect::<Vec<_>>(), counted);
                let mut back: Vec<usize> = ones_in(&mask, start..end).rev().collect();
                back.reverse();
                assert_eq!(back, lanes);
                let mut filled = none(200);
                fill(&mut filled, start..end);
                assert!((0..200).all(|i| has(&filled, i) == (start..end).contains(&i)));
                let mut left = all(200);
                clear(&mut left, start..end);
                assert!((0..200).all(|i| has(&left, i) != (start..end).contains(&i)));
            }
        }
        assert_eq!(ones(&mask).collect::<Vec<_>>(), (0..256).filter(|i| has(&mask, *i)).collect::<Vec<_>>());
        assert_eq!(count(&all(130)), 130);
    }
}
