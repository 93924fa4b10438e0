//! What `seg explain` shows: a definition read back in one plain sentence with the real dates of its windows, and the pages
//! of errors and lints.

use crate::ir::interpret::run_constant;
use crate::ir::program::{Piece, Sentence};
use crate::ir::{Const, NodeId, Program};
use seg_compiler::{LINTS, first_moment, last_moment, moment};
use seg_grammar::codes;

/// A reading as text, its moments those of an as-of instant. Where a time of day is named, a last sentence says in which
/// zone.
pub fn sentence(program: &Program, reading: &Sentence, as_of: i64) -> String {
    let zone = &program.zone;
    let at = |node: NodeId| run_constant(program.context(as_of), node).unwrap_or(Const::Bool(false));
    let mut out = String::new();
    let mut has_time = false;
    for piece in &reading.pieces {
        let shown = match piece {
            Piece::Words(words) => {
                out.push_str(words);
                continue;
            }
            Piece::Moment(node) => moment(zone, &at(*node)),
            Piece::From { at: node, inclusive } => first_moment(zone, &at(*node), *inclusive),
            Piece::Until { at: node, inclusive } => last_moment(zone, &at(*node), *inclusive),
        };
        has_time |= shown.contains(':');
        out.push_str(&shown);
    }
    if has_time {
        out.push_str(&format!(" Times are those of {}.", zone.name()));
    }
    out
}

/// A segment or an attribute: its title, what its author wrote about it, what it says, and which fields it needs.
pub fn name(program: &Program, name: &str, as_of: i64) -> Option<String> {
    let (title, doc, reading, place) = match (program.segment(name), program.attribute(name)) {
        (Some(segment), _) => (segment.title.as_deref(), segment.doc.as_deref(), &segment.reading, &segment.place),
        (None, Some(attribute)) => (None, attribute.doc.as_deref(), &attribute.reading, &attribute.place),
        (None, None) => return None,
    };
    let mut out = match title {
        Some(title) => format!("{name}: {title}\n"),
        None => format!("{name}\n"),
    };
    if let Some(doc) = doc {
        out.push_str(&format!("{}\n", doc.trim()));
    }
    out.push_str(&format!("\n{}\n\n", sentence(program, reading, as_of)));
    if !reading.needs.is_empty() {
        let fields: Vec<String> = reading.needs.iter().map(|field| format!("`{field}`")).collect();
        out.push_str(&format!("Cannot be decided without {}.\n", fields.join(", ")));
    }
    out.push_str(&format!("Declared in {place}.\n"));
    Some(out)
}

/// The page of an error or a lint.
pub fn page(code: &str) -> Option<&'static str> {
    let error = codes::ALL.iter().find(|(known, _)| known.0 == code).map(|(_, page)| *page);
    error.or_else(|| LINTS.iter().find(|lint| lint.name == code).map(|lint| lint.page))
}

/// Every code of an error or a lint, with the first sentence of its page.
pub fn codes() -> Vec<(&'static str, &'static str)> {
    let errors = codes::ALL.iter().map(|(code, page)| (code.0, *page));
    let lints = LINTS.iter().map(|lint| (lint.name, lint.page));
    let mut all: Vec<_> = errors.chain(lints).map(|(name, page)| (name, first_line(page))).collect();
    all.sort_unstable();
    all
}

fn first_line(page: &'static str) -> &'static str {
    page.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#')).unwrap_or("")
}
