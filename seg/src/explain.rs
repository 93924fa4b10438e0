//! Pages of codes, and definitions read back in plain words.

use seg_ir::Program;
use seg_ir::interpret::run_constant;
use seg_ir::program::{Piece, Sentence};

/// Every code of an error or a lint, with the first sentence of its page.
pub fn codes() -> Vec<(&'static str, &'static str)> {
    let errors = seg_grammar::codes::ALL.iter().map(|(code, page)| (code.0, *page));
    let lints = seg_compiler::LINTS.iter().map(|lint| (lint.name, lint.page));
    let mut all: Vec<_> = errors.chain(lints).map(|(name, page)| (name, first_line(page))).collect();
    all.sort_unstable();
    all
}

fn first_line(page: &'static str) -> &'static str {
    page.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#')).unwrap_or("")
}

/// The page of an error or a lint.
pub fn page(code: &str) -> Option<&'static str> {
    let error = seg_grammar::codes::ALL.iter().find(|(known, _)| known.0 == code).map(|(_, page)| *page);
    error.or_else(|| seg_compiler::LINTS.iter().find(|lint| lint.name == code).map(|lint| lint.page))
}

/// A segment or attribute in one plain sentence, with the dates that its windows have at an instant.
pub fn name(program: &Program, name: &str, as_of: i64) -> Option<String> {
    let reading = match (program.segment(name), program.attribute(name)) {
        (Some(segment), _) => &segment.reading,
        (None, Some(attribute)) => &attribute.reading,
        (None, None) => return None,
    };
    Some(sentence(program, reading, as_of))
}

/// A reading with its moments filled in.
pub fn sentence(program: &Program, reading: &Sentence, as_of: i64) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Words(words) => words.clone(),
        Piece::Moment(node) => run_constant(program.context(as_of), *node)
            .map_or_else(String::new, |value| seg_compiler::literal(&program.schema, program.ir.ty(*node), &value)),
    };
    reading.pieces.iter().map(piece).collect()
}
