//! How far the literals that begin with a digit and go on through marks reach: dates, instants, times of day. They end
//! where the grammar ends them, so that `2026-12-24-3 days` is a date less three days for both.

use super::is_word_byte;

/// How many bytes a date, an instant or a time of day takes at the start of what is given, or what was meant for one and
/// is none. `None` for any other number.
pub(super) fn with_marks(text: &[u8]) -> Option<usize> {
    let ends = [instant(text), day(text), time(text)];
    let is_whole = |end: &usize| !text.get(*end).is_some_and(|b| is_word_byte(*b));
    if let Some(end) = ends.into_iter().flatten().find(is_whole)
        && !(text.get(end) == Some(&b':') && is_digit(text, end + 1))
    {
        return Some(end);
    }
    // More digits than a day has: the grammar subtracts.
    let meant_for_day = day(text).is_some_and(|end| !is_digit(text, end));
    let meant = meant_for_day || text.get(digits(text, 0, usize::MAX)) == Some(&b':');
    meant.then(|| (0..text.len()).find(|at| !goes_on(text, *at)).unwrap_or(text.len()))
}

fn goes_on(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        // Digits follow the colon of a time; any other colon is a mark of its own.
        Some(b':') => is_digit(text, at + 1),
        Some(b'-' | b'+') => true,
        byte => byte.is_some_and(|b| is_word_byte(*b)),
    }
}

fn is_digit(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(u8::is_ascii_digit)
}

/// How many digits stand at a place, up to so many.
fn digits(text: &[u8], at: usize, most: usize) -> usize {
    text.iter().skip(at).take(most).take_while(|b| b.is_ascii_digit()).count()
}

/// Behind digits and a mark, if they are these.
fn behind(text: &[u8], at: usize, counts: std::ops::RangeInclusive<usize>, mark: Option<u8>) -> Option<usize> {
    let found = digits(text, at, *counts.end());
    let end = at + found;
    if !counts.contains(&found) {
        return None;
    }
    match mark {
        None => Some(end),
        Some(mark) => (text.get(end) == Some(&mark)).then_some(end + 1),
    }
}

/// `2026-3-1`
fn day(text: &[u8]) -> Option<usize> {
    let month = behind(text, 0, 4..=4, Some(b'-'))?;
    behind(text, behind(text, month, 1..=2, Some(b'-'))?, 1..=2, None)
}

/// `2026-03-01T09:00`, with its offset if there is one
fn instant(text: &[u8]) -> Option<usize> {
    let day = day(text).filter(|end| *end == "2026-03-01".len() && text.get(*end) == Some(&b'T'))?;
    let end = clock(text, day + 1, 2..=2)?;
    Some(match text.get(end) {
        Some(b'Z') => end + 1,
        Some(b'+' | b'-') => {
            let minutes = behind(text, end + 1, 2..=2, Some(b':'));
            minutes.and_then(|minutes| behind(text, minutes, 2..=2, None)).unwrap_or(end)
        }
        _ => end,
    })
}

/// `9:00`, `09:00:30`
fn time(text: &[u8]) -> Option<usize> {
    clock(text, 0, 1..=2)
}

fn clock(text: &[u8], at: usize, hour: std::ops::RangeInclusive<usize>) -> Option<usize> {
    let end = behind(text, behind(text, at, hour, Some(b':'))?, 2..=2, None)?;
    let seconds = (text.get(end) == Some(&b':')).then(|| behind(text, end + 1, 2..=2, None));
    Some(seconds.flatten().unwrap_or(end))
}

#[cfg(test)]
mod tests {
    use pest::Parser;

    use crate::lex::{TokenKind, lex};
    use crate::parse::{Rule, SegParser};

    /// Whatever the grammar reads as a literal is one token of the same bytes.
    #[test]
    fn numbers_end_where_the_grammar_ends_them() {
        let pieces = [
            "2026", "-", "12", "1", "245", "T", "10", ":", "00", "Z", "+", ".", "5", "%", "_", " ", "  ", "day",
            "days", "dayz", "GBP", "NOT", "x", "£", "$", ",", "000", "(",
        ];
        let mut literals = 0;
        let mut random: u64 = 1;
        for _ in 0..400_000 {
            let mut text = String::new();
            for _ in 0..3 + (random >> 40) % 9 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(pieces[(random >> 33) as usize % pieces.len()]);
            }
            let Ok(mut pairs) = SegParser::parse(Rule::literal, &text) else { continue };
            let read = pairs.next().map_or("", |pair| pair.as_str());
            if !read.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '£' | '$')) {
                continue;
            }
            literals += 1;
            let token = lex(&text).into_iter().find(|token| token.start == 0);
            let token = token.filter(|token| token.kind == TokenKind::Number).map(|token| token.text(&text));
            // These go on with no literal: what the grammar refuses may be cut anywhere.
            let refused = text[read.len()..].starts_with([':', '_', '%']);
            assert!(token == Some(read) || refused, "`{text}`: {token:?}, and the grammar reads `{read}`");
        }
        assert!(literals > 50_000, "only {literals}");
    }
}
