//! Tests of a column's texts by their bytes, 64 lanes a word: eight bytes are compared at once, and the rest only where they
//! are equal. Knows neither missing values nor case.

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
    let (data, with) = (texts.value_data(), with.as_bytes());
    let Some(ends) = texts.value_offsets().get(first..=first + lanes) else { return false };
    match test {
        TextTest::StartsWith => each(ends, out, |start, end| has(data, start, end, with)),
        TextTest::Equal => each(ends, out, |start, end| end - start == with.len() && has(data, start, end, with)),
        TextTest::EndsWith => each(ends, out, |start, end| {
            let from = end.wrapping_sub(with.len());
            let from = if fault::is("kernel.ends-are-looked-for-at-the-start") { start } else { from };
            let fits = end - start >= with.len() || fault::is("kernel.ends-may-reach-beyond-the-text");
            fits && from <= end && has(data, from, end, with)
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

/// Whether the bytes from `start` on, before `end`, begin with these.
#[inline(always)]
fn has(data: &[u8], start: usize, end: usize, with: &[u8]) -> bool {
    if end - start < with.len() {
        return false;
    }
    match (data.get(start..start + 8), with.first_chunk::<8>()) {
        (Some(eight), Some(wanted)) => {
            eight == wanted
                && (data[start + 8..start + with.len()] == with[8..] || fault::is("kernel.eight-bytes-are-enough"))
        }
        _ => data[start..start + with.len()] == *with,
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
        let withs = ["", "a", "@", "@example.org", "example.org", "12345678", "1234567", "9", "é", "org"];
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
