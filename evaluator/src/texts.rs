//! Tests of a column's texts by their bytes, 64 lanes a word: texts are cut into pieces of eight bytes from either end, once for
//! all tests of the same rows, and compared as numbers. Knows neither missing values nor case.

use std::ops::Range;

use arrow_array::LargeStringArray;
use seg_ir::fault;
use seg_ir::node::TextTest;

use crate::kernel::{Alike, best};
use crate::mask;

/// Bytes to a piece.
const PIECE: usize = size_of::<u64>();
/// Pieces that are compared so; what a longer text has beyond them is compared where those agree.
const PIECES_MAX: usize = 4;
/// Stands where a text has no more bytes: no text has it.
const NONE: u8 = 0xff;

/// The pieces of some rows' texts, cut when they are first asked for.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    /// Whose they are: where the column's offsets are, and which rows.
    of: Option<(usize, Range<usize>)>,
    pieces: Vec<(End, usize, Vec<i64>)>,
    /// Room of pieces that are not needed any more.
    spare: Vec<Vec<i64>>,
}

/// Which end of a text pieces are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    Last,
}

/// Writes which texts of some rows pass the test; there are as many words as they need. False where the test is none of those
/// done here.
pub(crate) fn test(
    cut: &mut Cut,
    texts: &LargeStringArray,
    rows: Range<usize>,
    test: TextTest,
    with: &str,
    out: &mut [u64],
) -> bool {
    let (end, whole) = match test {
        TextTest::StartsWith => (End::First, false),
        TextTest::Equal => (End::First, true),
        TextTest::EndsWith if fault::is("kernel.ends-are-looked-for-at-the-start") => (End::First, false),
        TextTest::EndsWith => (End::Last, false),
        TextTest::Contains => return false,
    };
    let Some(ends) = texts.value_offsets().get(rows.start..=rows.end) else { return false };
    let lanes = rows.len();
    let found = &mut out[..lanes.div_ceil(64)];
    found.fill(u64::MAX);
    // A text that is equal has nothing after the last byte.
    let wanted = with.len() + usize::from(whole);
    let pieces = if fault::is("kernel.eight-bytes-are-enough") { 1 } else { wanted.div_ceil(PIECE).min(PIECES_MAX) };
    let mut here = [0; 16];
    for nth in 0..pieces {
        let alike = wanted_piece(with.as_bytes(), end, nth, whole);
        let values = cut.pieces(texts, &rows, end, nth);
        for (values, found) in values.chunks(64 * here.len()).zip(found.chunks_mut(here.len())) {
            (best().alike_i64)(values, alike, &mut here[..found.len()]);
            mask::and_into(found, &here);
        }
    }
    mask::clear_tail(found, lanes);
    if wanted > PIECES_MAX * PIECE && !fault::is("kernel.long-texts-are-not-compared") {
        let text = |lane: usize| texts.value_data().get(ends[lane] as usize..ends[lane + 1] as usize).unwrap_or(&[]);
        let passes = |text: &[u8]| match test {
            TextTest::StartsWith => text.starts_with(with.as_bytes()),
            TextTest::EndsWith => text.ends_with(with.as_bytes()),
            _ => text == with.as_bytes(),
        };
        let candidates: Vec<usize> = mask::ones(found).collect();
        let fail = candidates.into_iter().filter(|lane| !passes(text(*lane)));
        fail.for_each(|lane| found[lane / 64] &= !(1 << (lane % 64)));
    }
    true
}

/// A piece of what is looked for. Beyond its last byte anything will do, unless the `whole` text is to be this.
fn wanted_piece(with: &[u8], end: End, nth: usize, whole: bool) -> Alike {
    let piece = match end {
        End::First => at_an_edge::<false>(with, 0..with.len(), nth),
        End::Last => at_an_edge::<true>(with, 0..with.len(), nth),
    };
    let has = with.len().saturating_sub(nth * PIECE);
    let looked_at = match has {
        _ if whole => u64::MAX,
        PIECE.. => u64::MAX,
        0 => 0,
        few if end == End::First => u64::MAX >> (64 - 8 * few),
        few => u64::MAX << (64 - 8 * few),
    };
    let looked_at = if fault::is("kernel.a-byte-is-not-looked-at") { looked_at << 8 } else { looked_at };
    Alike { bits: (piece & looked_at) as i64, looked_at: looked_at as i64 }
}

impl Cut {
    /// The `nth` piece of each row's text.
    fn pieces(&mut self, texts: &LargeStringArray, rows: &Range<usize>, end: End, nth: usize) -> &[i64] {
        let offsets = texts.value_offsets();
        let of = (offsets.as_ptr().addr(), rows.clone());
        if self.of.as_ref() != Some(&of) && !fault::is("kernel.pieces-of-other-rows-are-kept") {
            self.of = Some(of);
            self.spare.extend(self.pieces.drain(..).map(|(_, _, values)| values));
        }
        let known = self.pieces.iter().position(|(e, n, _)| (*e, *n) == (end, nth));
        let at = known.unwrap_or_else(|| {
            let mut values = self.spare.pop().unwrap_or_default();
            values.clear();
            let (ends, data) = (&offsets[rows.start..=rows.end], texts.value_data());
            match end {
                End::First => cut::<false>(ends, data, nth, &mut values),
                End::Last => cut::<true>(ends, data, nth, &mut values),
            }
            self.pieces.push((end, nth, values));
            self.pieces.len() - 1
        });
        &self.pieces[at].2
    }
}

/// Adds the `nth` piece of each text of some data, whose bounds are given.
fn cut<const LAST: bool>(ends: &[i64], data: &[u8], nth: usize, values: &mut Vec<i64>) {
    // Offsets of a column are never negative.
    let bounds = ends.windows(2).map(|pair| pair[0] as usize..pair[1] as usize);
    values.extend(bounds.map(|text| piece::<LAST>(data, text, nth) as i64));
}

/// The `nth` eight bytes of a text that lies in some data, from either end, as a number whose lowest byte comes first.
#[inline(always)]
fn piece<const LAST: bool>(data: &[u8], text: Range<usize>, nth: usize) -> u64 {
    let before = nth * PIECE;
    let from = if LAST { text.end.checked_sub(before + PIECE) } else { Some(text.start + before) };
    let Some(loaded) = from.and_then(|from| data.get(from..)?.first_chunk().copied()) else {
        return at_an_edge::<LAST>(data, text, nth);
    };
    // Its neighbours' bytes are loaded as well where it has fewer than eight left: how many of those, without a branch, which
    // nobody could foretell.
    let others = 4 * (PIECE - text.len().saturating_sub(before).min(PIECE)) as u32;
    let others = if LAST { !(u64::MAX << others << others) } else { !(u64::MAX >> others >> others) };
    let read_on = LAST && fault::is("kernel.ends-may-reach-beyond-the-text");
    u64::from_le_bytes(loaded) | if read_on { 0 } else { others }
}

/// The same where the data has no eight bytes to load.
#[cold]
fn at_an_edge<const LAST: bool>(data: &[u8], text: Range<usize>, nth: usize) -> u64 {
    let mut piece = [NONE; PIECE];
    let text = data.get(text).unwrap_or(&[]);
    if LAST {
        let own = text.get(..text.len().saturating_sub(nth * PIECE)).unwrap_or(&[]);
        piece.iter_mut().rev().zip(own.iter().rev()).for_each(|(byte, own)| *byte = *own);
    } else {
        let own = text.get(nth * PIECE..).unwrap_or(&[]);
        piece.iter_mut().zip(own).for_each(|(byte, own)| *byte = *own);
    }
    u64::from_le_bytes(piece)
}

#[cfg(test)]
mod tests {
    use super::*;
    use seg_ir::operation::text_test;

    #[test]
    fn bytes_say_what_the_texts_say() {
        let texts = [
            "",
            "a",
            "@",
            "ann@example.org",
            "example.org",
            "xample.org",
            "bob@corp.example.com",
            "é@example.org",
            "example.org.example.org",
            "@example.orgs",
            "12345678",
            "1234567",
            "123456789",
            "\0example.org",
            "a text that is longer than four pieces of eight bytes",
            "a text that is longer than four pieces of eight bytes, and more",
            "er than four pieces of eight bytes",
            "a text that is longer than four ",
        ];
        let withs = [
            "",
            "a",
            "@",
            "@example.org",
            "example.org",
            "12345678",
            "a text that is longer than four pieces of eight bytes",
            "er than four pieces of eight bytes",
            "1234567",
            "9",
            "é",
            "org",
            "bob@corp.example.com",
            "xob@corp.example.com",
            "bob@corpXexample.com",
            "bob@corp.example.coM",
            "@example.orgx",
        ];
        let mut cut = Cut::default();
        for len in [0, 1, 13, 64, 65, 130, 1100] {
            let column: LargeStringArray = texts.iter().cycle().take(len + 3).map(Some).collect();
            for kind in [TextTest::Equal, TextTest::StartsWith, TextTest::EndsWith] {
                for with in withs {
                    let mut out = vec![0; len.div_ceil(64)];
                    assert!(test(&mut cut, &column, 3..3 + len, kind, with, &mut out));
                    for lane in 0..len {
                        let found = out[lane / 64] >> (lane % 64) & 1 == 1;
                        let text = column.value(lane + 3);
                        assert_eq!(found, text_test(kind, text, with, false), "{text:?} {kind:?} {with:?}");
                    }
                }
            }
        }
    }
}
