//! Tests of a column's texts by their bytes, 64 lanes a word: the first eight bytes and the last eight are compared at once,
//! and what is between only where they are equal. Knows neither missing values nor case.

use arrow_array::LargeStringArray;
use seg_ir::fault;
use seg_ir::node::TextTest;

/// Writes which texts from `first` on pass the test; there are as many words as the lanes need. False where the test is none
/// of those done here.
pub(crate) fn test(
    texts: &LargeStringArray,
    first: usize,
    lanes: usize,
    test: TextTest,
    with: &str,
    out: &mut [u64],
) -> bool {
    let (data, wanted) = (texts.value_data(), Wanted::of(with.as_bytes()));
    let Some(ends) = texts.value_offsets().get(first..=first + lanes) else { return false };
    let len = with.len();
    match test {
        TextTest::StartsWith => each(ends, out, |start, end| end - start >= len && wanted.is_at(data, start)),
        TextTest::Equal => each(ends, out, |start, end| end - start == len && wanted.is_at(data, start)),
        TextTest::EndsWith => each(ends, out, |start, end| {
            let fits = end - start >= len || fault::is("kernel.ends-may-reach-beyond-the-text");
            let from =
                if fault::is("kernel.ends-are-looked-for-at-the-start") { Some(start) } else { end.checked_sub(len) };
            fits && from.is_some_and(|from| wanted.is_at(data, from))
        }),
        TextTest::Contains => return false,
    }
    true
}

/// Calls a test with where each text begins and ends.
#[inline(always)]
fn each(ends: &[i64], out: &mut [u64], test: impl Fn(usize, usize) -> bool) {
    let texts = ends.len().saturating_sub(1);
    for (word, at) in out.iter_mut().zip((0..texts).step_by(64)) {
        let pairs = ends[at..].windows(2).take(64).enumerate();
        *word = pairs.fold(0, |bits, (lane, pair)| {
            // Offsets of a column are never negative.
            bits | u64::from(test(pair[0] as usize, pair[1] as usize)) << lane
        });
    }
}

/// Bytes that are looked for, their first eight and their last eight as numbers. Those of fewer are one number, of as many
/// bits as `mask` has.
struct Wanted<'w> {
    bytes: &'w [u8],
    head: u64,
    tail: u64,
    mask: u64,
}

impl Wanted<'_> {
    fn of(bytes: &[u8]) -> Wanted<'_> {
        let (head, tail) = (bytes.first_chunk().copied(), bytes.last_chunk().copied());
        let few = bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
        Wanted {
            bytes,
            head: head.map_or(few, u64::from_le_bytes),
            tail: tail.map_or(0, u64::from_le_bytes),
            mask: if bytes.len() < 8 { (1 << (8 * bytes.len())) - 1 } else { u64::MAX },
        }
    }

    /// Whether the data has these bytes at a place. They are compared without a branch, unless they are many.
    #[inline(always)]
    fn is_at(&self, data: &[u8], from: usize) -> bool {
        let len = self.bytes.len();
        let eight = |from: usize| data.get(from..from + 8)?.first_chunk().copied().map(u64::from_le_bytes);
        let Some(head) = eight(from) else { return data.get(from..from + len) == Some(self.bytes) };
        if len < 8 {
            return head & self.mask == self.head;
        }
        let Some(tail) = eight(from + len - 8) else { return false };
        let tail = if fault::is("kernel.eight-bytes-are-enough") { self.tail } else { tail };
        let ends_agree = (head ^ self.head) | (tail ^ self.tail) == 0;
        ends_agree && (len <= 16 || data[from..from + len] == *self.bytes)
    }
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
        ];
        let withs = [
            "",
            "a",
            "@",
            "@example.org",
            "example.org",
            "12345678",
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
        for len in [0, 1, 13, 64, 65, 130] {
            let column: LargeStringArray = texts.iter().cycle().take(len + 3).map(Some).collect();
            for kind in [TextTest::Equal, TextTest::StartsWith, TextTest::EndsWith] {
                for with in withs {
                    let mut out = vec![0; len.div_ceil(64)];
                    assert!(test(&column, 3, len, kind, with, &mut out));
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
