//! Changes inputs: text by its words, bytes by what formats are made of. The same random numbers give the same input.

use crate::random::Random;

/// The longest changed input.
const BYTES_MAX: usize = 16 << 10;

pub const SOURCE_WORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\"\"\"",
    "#",
    "## doc\n",
    "\n",
    "\r\n",
    ",",
    ".",
    "=",
    "=>",
    "==",
    "!=",
    "<",
    ">=",
    "|",
    "||",
    "?",
    "@",
    "@allow(unused-attribute) \"b\"\n",
    "+",
    "-",
    "*",
    "/",
    "£",
    "£5",
    "10%",
    "30 days",
    "2 months",
    "2026-02-30",
    "2026-01-01T10:00Z",
    "21:00",
    "where",
    "in last 3 days",
    "since",
    "between",
    "then no",
    "within 2 days of",
    "segment B when",
    "\nsegment ",
    "\nattribute x = ",
    "\nenum E { A, B }\n",
    "\nprofile P key id { id Text }\n",
    "\ntest \"t\" { given {} as of 2026-01-01 expect true }\n",
    "choose {",
    "when",
    "otherwise =>",
    "match",
    "any",
    "every",
    "missing",
    "else",
    "is",
    "is missing",
    "true",
    "false",
    "default",
    "max 3",
    "many",
    "List(Text)",
    "Money(GBP)",
    "Int",
    "Number?",
    "count(",
    "sum(",
    "latest(",
    "list(",
    "most_frequent(",
    "days since",
    "weekday of",
    "month of",
    "anniversary",
    "of",
    "first",
    "unique",
    "from \"t.csv\"",
    "\u{a0}",
    "“",
    "’",
    "é",
    "\u{202e}",
    "\u{feff}",
    "а",
    "1_",
    "0",
    "1",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999",
    "1e308",
    "0.1",
    "1.7976931348623157e309",
    "\\",
    "matches /",
    "\t",
    "\0",
    "ﬀ",
    "İ",
    "\u{301}",
];

pub const ROW_WORDS: &[&str] = &[
    ",",
    "\"",
    "\"\"",
    "\n",
    "\r\n",
    "\r",
    ";",
    "\t",
    " ",
    "a",
    "b",
    "gold",
    "blue",
    "true",
    "false",
    "yes",
    "0",
    "1",
    "-1",
    "-0",
    "00",
    "1.5",
    "1,5",
    ".5",
    "1e5",
    "1e999",
    "NaN",
    "inf",
    "-inf",
    "1_000",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "92233720368547758.07",
    "0.005",
    "12.345",
    "£5",
    "5 GBP",
    "10%",
    "2026-01-01",
    "2026-02-30",
    "0000-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-03-29T01:30:00",
    "2026-10-25T01:30",
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00+25:00",
    "2026-01-01T24:00:00Z",
    "2026-06-30T23:59:60Z",
    "21:00",
    "24:00",
    "[]",
    "[\"a\"]",
    "a|b",
    "null",
    "NULL",
    "\u{feff}",
    "é",
    "e\u{301}",
    "\u{200b}",
    "\0",
    "'",
    "=1+2",
    "id",
    "placed_at",
    "item_id",
    "total",
];

pub const JSON_WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u0061",
    "\\ud83d\\ude00",
    "\\ud800",
    "\\n",
    "null",
    "true",
    "false",
    "NaN",
    "-Infinity",
    "0",
    "-0",
    "01",
    "1.",
    "1e5",
    "1E-7",
    "1e999",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "123456789012345678901234567890.5",
    "0.005",
    "\"a\"",
    "\"gold\"",
    "\"2026-01-01\"",
    "\"2026-01-01T00:00:00Z\"",
    "\"2027-01-01T00:00:00Z\"",
    "\"2026-03-29T01:30:00\"",
    "\"12.5\"",
    "\"id\":",
    "\"orders\":[",
    "\"consent\":{",
    "\"consent.email\":",
    "\"tags\":[",
    "\"placed_at\":",
    "\"total\":",
    "\"x\":",
    "{}",
    "[]",
    "[[[[",
    "\n",
    "\r",
    " ",
    "\t",
    "\u{feff}",
    "é",
    "e\u{301}",
    "\u{0}",
    "\u{7f}",
    "\u{2028}",
];

/// Numbers at which widths and signs end.
const EDGES: [u64; 16] = [
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    1 << 40,
    i64::MAX as u64,
    u64::MAX,
];

/// A text with some of its words changed, by the words of its language and by pieces of the other texts.
pub fn text(seeds: &[Vec<u8>], words: &[&str], random: &mut Random) -> Vec<u8> {
    let mut out = seed(seeds, random).to_vec();
    for _ in 0..times(random) {
        let pieces = split(&out);
        let range = some(pieces.len(), if random.once_in(4) { 12 } else { 2 }, random);
        let bytes = span(&pieces, &range);
        let word = random.pick(words).as_bytes().to_vec();
        match random.below(10) {
            0 => drop(out.drain(bytes)),
            1 => drop(out.splice(bytes, word)),
            2 => drop(out.splice(bytes.end..bytes.end, [b" ", &word[..]].concat())),
            3 => drop(out.splice(bytes.start..bytes.start, word)),
            4 => {
                let again = out.get(bytes.clone()).unwrap_or_default().to_vec();
                let copies = if random.once_in(4) { 1 << random.below(8) } else { 1 };
                let room = BYTES_MAX / again.len().max(1);
                drop(out.splice(bytes.end..bytes.end, again.repeat(copies.min(room))));
            }
            5 | 6 => {
                let other = seed(seeds, random);
                let pieces = split(other);
                let taken = span(&pieces, &some(pieces.len(), 24, random));
                let taken = other.get(taken).unwrap_or_default().to_vec();
                let at = if random.once_in(2) { bytes.start..bytes.start } else { bytes };
                drop(out.splice(at, taken));
            }
            7 => {
                let second = span(&pieces, &some(pieces.len(), 2, random));
                if bytes.end <= second.start {
                    let moved: Vec<u8> = out.splice(second.clone(), Vec::new()).collect();
                    drop(out.splice(bytes.start..bytes.start, moved));
                }
            }
            8 => number(&mut out, &pieces, random),
            _ => byte(&mut out, random),
        }
    }
    out.truncate(BYTES_MAX);
    out
}

/// Bytes with some of them changed: bits, numbers of any width at their edges, lengths, pieces left out, doubled, moved and
/// taken from other inputs, the end cut off.
pub fn binary(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut out = seed(seeds, random).to_vec();
    for _ in 0..times(random) {
        // What describes a file mostly stands at its end.
        let at = match random.once_in(2) {
            true => random.below(out.len().max(1)),
            false => out.len().saturating_sub(1 + random.below(out.len() / 3 + 1)),
        };
        let most = if random.once_in(4) { 200 } else { 8 };
        let range = at..(at + 1 + random.below(most)).min(out.len());
        if range.is_empty() {
            continue;
        }
        match random.below(12) {
            0..=2 => byte(&mut out, random),
            3..=5 => {
                let edge = random.pick(&EDGES).to_le_bytes();
                let width = random.pick(&[1, 2, 4, 8]);
                out.iter_mut().skip(at).zip(&edge[..width]).for_each(|(byte, edge)| *byte = *edge);
            }
            6 => varint(&mut out, at, random),
            7 => drop(out.drain(range)),
            8 => {
                let again = out.get(range.clone()).unwrap_or_default().to_vec();
                let to = random.below(out.len() + 1);
                drop(out.splice(to..to, again));
            }
            9 => {
                let other = seed(seeds, random);
                let from = if random.once_in(2) { at.min(other.len()) } else { random.below(other.len() + 1) };
                let taken: Vec<u8> = other.iter().skip(from).take(range.len()).copied().collect();
                drop(out.splice(range, taken));
            }
            10 => {
                let fill = random.pick(&[0, 0xff, 0xa5]);
                out.get_mut(range).into_iter().flatten().for_each(|byte| *byte = fill);
            }
            _ if random.once_in(4) => out.truncate(at),
            _ => {
                if let Some(byte) = out.get_mut(at) {
                    *byte = byte.wrapping_add(random.pick(&[1, 0xff, 2, 16]));
                }
            }
        }
    }
    out
}

/// How many changes: mostly one or two.
fn times(random: &mut Random) -> usize {
    let mut times = 1;
    while times < 8 && random.once_in(2) {
        times += 1;
    }
    times
}

fn seed<'s>(seeds: &'s [Vec<u8>], random: &mut Random) -> &'s [u8] {
    seeds.get(random.below(seeds.len())).map_or(&[], Vec::as_slice)
}

/// A few neighbours among so many.
fn some(all: usize, most: usize, random: &mut Random) -> std::ops::Range<usize> {
    let start = random.below(all);
    start..(start + 1 + random.below(most)).min(all)
}

/// Where each piece of a text ends: words, spaces, and every other byte by itself.
fn split(text: &[u8]) -> Vec<usize> {
    let class = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | 0x80.. => 1,
        b' ' => 2,
        _ => 3,
    };
    let ends = (1..text.len()).filter(|at| class(text[*at]) == 3 || class(text[*at]) != class(text[at - 1]));
    ends.chain(std::iter::once(text.len())).collect()
}

/// The bytes of some pieces.
fn span(ends: &[usize], pieces: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    let end_of = |piece: usize| ends.get(piece).copied().unwrap_or(0);
    let start = pieces.start.checked_sub(1).map_or(0, end_of);
    start..pieces.end.checked_sub(1).map_or(start, end_of).max(start)
}

/// Puts another number in the place of one.
fn number(out: &mut Vec<u8>, pieces: &[usize], random: &mut Random) {
    let piece = |piece: usize| out.get(span(pieces, &(piece..piece + 1))).and_then(<[u8]>::first);
    let is_number = |at: &usize| piece(*at).is_some_and(u8::is_ascii_digit);
    let numbers: Vec<usize> = (0..pieces.len()).filter(is_number).collect();
    if numbers.is_empty() {
        return;
    }
    let piece = random.pick(&numbers);
    let new = match random.below(3) {
        0 => random.pick(&EDGES).to_string(),
        1 => random.below(70).to_string(),
        _ => "9".repeat(1 + random.below(40)),
    };
    drop(out.splice(span(pieces, &(piece..piece + 1)), new.into_bytes()));
}

/// Flips a bit, or sets, adds or removes a byte.
fn byte(out: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(out.len() + 1);
    let new = random.next_u64() as u8;
    match (random.below(4), out.get_mut(at)) {
        (0, _) | (_, None) => out.insert(at, new),
        (1, Some(_)) => drop(out.remove(at)),
        (2, Some(byte)) => *byte = new,
        (_, Some(byte)) => *byte ^= 1 << (new % 8),
    }
}

/// Writes a number as several formats write theirs: seven bits a byte.
fn varint(out: &mut Vec<u8>, at: usize, random: &mut Random) {
    let mut value = random.pick(&EDGES);
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    let old = out.iter().skip(at).take_while(|byte| **byte >= 0x80).count() + 1;
    let end = (at + old).min(out.len());
    drop(out.splice(at..end, bytes));
}
