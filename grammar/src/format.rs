//! The formatter: one way to lay out a `.seg` file, without options. It moves white space, line ends and the commas that
//! a line end makes needless, writes `==` as `=` and `<>` as `!=`, and changes nothing else: no comment, no literal.
//! Knows what the tree says, not what names mean.
//!
//! The rules, in short:
//! - One blank line parts two declarations, none two `use` lines. Lines hold up to [`WIDTH`] columns where they can be
//!   broken.
//! - A segment says `when` and each `except` on a line of its own, and each of their `and`s or `or`s on the next ones.
//! - Fields, playbook properties, table rows and the parts of a test stand one a line, in columns.
//! - Records, enums, `match`, `given` and a `choose` of up to two branches stand on one line where they fit, else one part
//!   a line, without commas.
//! - A comment alone on its line stays above what it preceded, any other stays behind what it followed.

use crate::ast::{Ast, Item, ItemKind};
use crate::diagnostic::Severity;
use crate::lex::{Token, TokenKind, lex};
use crate::parse::parse;
use crate::scan::{FILE_BYTES_MAX, LINE_BYTES_MAX};
use crate::source::FileId;

mod declarations;
mod expressions;
pub mod laws;
mod layout;
mod print;

pub use print::WIDTH;

/// The formatted text. `None` for a file that does not parse: what is broken is not touched.
pub fn format(source: &str) -> Option<String> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let (ast, diagnostics) = parse(FileId(0), source);
    if diagnostics.iter().any(|d| d.severity == Severity::Error) {
        return None;
    }
    let text = file(source, &ast);
    let readable = text.len() <= FILE_BYTES_MAX && text.lines().all(|line| line.len() < LINE_BYTES_MAX);
    readable.then_some(text)
}

fn file(source: &str, ast: &Ast) -> String {
    let tokens = lex(source);
    let mut out = Vec::new();
    let mut at = 0;
    let mut above: Option<&Item> = None;
    for item in &ast.items {
        let range = item.span.range();
        let first = tokens.partition_point(|t| t.start < range.start);
        let after = tokens.partition_point(|t| t.start < range.end);
        let between = tokens.get(at..first).unwrap_or_default();
        let blank = match above {
            None => false,
            Some(above) => !(is_use(above) && is_use(item)),
        };
        let above_end = above.map(|a| a.span.range().end);
        comments_between(source, between, above_end, Some((range.start, blank)), &mut out);
        out.push(declarations::item(source, tokens.get(first..after).unwrap_or_default(), item));
        at = after;
        above = Some(item);
    }
    let above_end = above.map(|a| a.span.range().end);
    comments_between(source, tokens.get(at..).unwrap_or_default(), above_end, None, &mut out);
    let mut text = out.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn is_use(item: &Item) -> bool {
    matches!(item.kind, ItemKind::Use(_)) && item.allows.is_empty()
}

/// The lines between two declarations. A paragraph of comments that touches what is below belongs to it; one that only
/// touches what is above stays there; a blank line parts all others.
fn comments_between(
    source: &str,
    comments: &[Token],
    above_end: Option<usize>,
    below: Option<(usize, bool)>,
    out: &mut Vec<String>,
) {
    let mut comments = comments.iter().peekable();
    let mut end = above_end;
    if let (Some(above), Some(comment)) = (above_end, comments.peek())
        && line_ends(source, above, comment.start) == 0
        && let Some(last) = out.last_mut()
    {
        last.push_str("  ");
        last.push_str(comment.text(source));
        end = Some(comment.end);
        comments.next();
    }
    let comments: Vec<&Token> = comments.collect();
    let touches_above = match (end, comments.first(), below) {
        (Some(end), Some(comment), below) => {
            line_ends(source, end, comment.start) == 1 && !one_paragraph(source, &comments, below.map(|b| b.0))
        }
        _ => false,
    };
    for (n, comment) in comments.iter().enumerate() {
        let apart = match (end, n) {
            (None, _) => false,
            (Some(_), 0) if above_end.is_some() => {
                !touches_above && (below.is_none_or(|b| b.1) || line_ends_before(source, end, comment) > 1)
            }
            (Some(end), _) => line_ends(source, end, comment.start) > 1,
        };
        if apart {
            out.push(String::new());
        }
        let indented = touches_above && !at_column_1(source, comment.start) && stays_above(source, &comments, n);
        out.push(format!("{}{}", if indented { "  " } else { "" }, comment.text(source)));
        end = Some(comment.end);
    }
    let Some((start, blank)) = below else { return };
    let apart = match (end, comments.is_empty()) {
        (None, _) => false,
        (Some(_), true) => blank,
        (Some(end), false) => line_ends(source, end, start) > 1,
    };
    if apart {
        out.push(String::new());
    }
}

fn line_ends_before(source: &str, end: Option<usize>, comment: &Token) -> usize {
    end.map_or(0, |end| line_ends(source, end, comment.start))
}

/// Whether the comments run without a blank line to the declaration below.
fn one_paragraph(source: &str, comments: &[&Token], below: Option<usize>) -> bool {
    let Some(below) = below else { return false };
    let starts = comments.iter().skip(1).map(|c| c.start).chain([below]);
    comments.iter().zip(starts).all(|(comment, next)| line_ends(source, comment.end, next) == 1)
}

/// Whether a comment is in the paragraph that touches the declaration above.
fn stays_above(source: &str, comments: &[&Token], n: usize) -> bool {
    comments.iter().zip(comments.iter().skip(1)).take(n).all(|(a, b)| line_ends(source, a.end, b.start) == 1)
}

fn at_column_1(source: &str, start: usize) -> bool {
    start == 0 || source.as_bytes().get(start - 1) == Some(&b'\n')
}

fn line_ends(source: &str, from: usize, to: usize) -> usize {
    source.get(from..to).unwrap_or("").bytes().filter(|b| *b == b'\n').count()
}

/// A token as it is printed: canonical operators, one space within a number and its unit, plain line ends.
fn canonical(source: &str, token: &Token) -> String {
    let text = token.text(source);
    match token.kind {
        TokenKind::Punctuation if text == "==" => "=".to_string(),
        TokenKind::Punctuation if text == "<>" => "!=".to_string(),
        TokenKind::Number => text.split_whitespace().collect::<Vec<_>>().join(" "),
        TokenKind::Text => plain_line_ends(text),
        _ => text.to_string(),
    }
}

/// The line ends of a block of text without their carriage returns. Where several of these stand in a row the text means the
/// others, and would lose one each time it is written: such a line end stays.
fn plain_line_ends(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match line.strip_suffix("\r\n") {
            Some(line_text) if !line_text.ends_with('\r') => {
                out.push_str(line_text);
                out.push('\n');
            }
            _ => out.push_str(line),
        }
    }
    out
}
