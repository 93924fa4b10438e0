//! Text to tree, one declaration at a time: a broken one becomes a [`ItemKind::Broken`] item and hides nothing else.
//! Always returns a tree. Knows no names and no types.

use pest::Parser;
use pest::iterators::Pair;

use crate::ast::*;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lex::{Token, TokenKind, lex};
use crate::mistakes;
use crate::preflight::preflight;
use crate::scan::{Chunk, LATER_DECLARATIONS, is_declaration_word, nearest_declaration, scan};
use crate::source::{FileId, Span};

mod declarations;
mod expressions;
mod habits;
mod literals;
mod rows;

#[derive(pest_derive::Parser)]
#[grammar = "seg.pest"]
pub(crate) struct SegParser;

/// Parses one file. **Errors** are diagnostics; the tree then holds `Broken` items where something could not be read.
pub fn parse(file: FileId, source: &str) -> (Ast, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let Some(text) = preflight(file, source, &mut diagnostics) else {
        return (Ast::default(), diagnostics);
    };
    let tokens = lex(&text);
    let chunks = scan(file, &text, &tokens, bom_bytes(source), &mut diagnostics);
    let mut items = Vec::new();
    for chunk in &chunks {
        let mut builder = Builder {
            file,
            source: &text,
            written: source,
            tokens: chunk.tokens,
            offset: chunk.start,
            diagnostics: &mut diagnostics,
        };
        let doc = doc_above(&text, &tokens, chunk.start);
        let (allows, kind) = builder.chunk(chunk);
        let mut span = Span::new(file, chunk.start, chunk.end);
        widen(source, &mut span);
        items.push(Item { span, doc, allows, kind });
    }
    diagnostics.iter_mut().for_each(|d| snap(source, d));
    (Ast { items }, diagnostics)
}

/// Widens the places of a diagnostic to whole characters.
fn snap(source: &str, diagnostic: &mut Diagnostic) {
    let edits = diagnostic.fixes.iter_mut().flat_map(|fix| &mut fix.edits).map(|edit| &mut edit.span);
    diagnostic.labels.iter_mut().map(|label| &mut label.span).chain(edits).for_each(|span| widen(source, span));
}

/// Widens a place to whole characters: where the parser read a plain character in place of a foreign one, a place may begin
/// or end within the latter.
fn widen(source: &str, span: &mut Span) {
    while !source.is_char_boundary(span.start as usize) {
        span.start -= 1;
    }
    while (span.end as usize) < source.len() && !source.is_char_boundary(span.end as usize) {
        span.end += 1;
    }
}

/// The bytes of a byte order mark, which the first declaration may stand behind.
fn bom_bytes(source: &str) -> usize {
    if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// Parses one cell of a decision table that lives in a CSV file; `source` is the cell's text.
pub fn parse_cell(file: FileId, whole: &str, at: std::ops::Range<usize>) -> Result<Cell, Vec<Diagnostic>> {
    parse_part(file, whole, at, Rule::whole_cell, |builder, pair| builder.cell(pair))
}

/// Parses the result column of a decision table that lives in a CSV file.
pub fn parse_result(file: FileId, whole: &str, at: std::ops::Range<usize>) -> Result<Expr, Vec<Diagnostic>> {
    parse_part(file, whole, at, Rule::whole_result, |builder, pair| builder.expr(pair))
}

fn parse_part<T>(
    file: FileId,
    whole: &str,
    at: std::ops::Range<usize>,
    rule: Rule,
    build: impl FnOnce(&mut Builder, Pair<Rule>) -> T,
) -> Result<T, Vec<Diagnostic>> {
    let text = whole.get(at.clone()).unwrap_or("");
    let tokens = lex(text);
    let mut diagnostics = Vec::new();
    let depth = tokens.iter().filter(|t| matches!(t.text(text), "(" | "[" | "{")).count();
    if depth > crate::scan::DEPTH_MAX {
        let span = Span::new(file, at.start, at.end);
        return Err(vec![Diagnostic::error(codes::TOO_DEEP, span, "this cell nests too deep", "in this cell")]);
    }
    match SegParser::parse(rule, text) {
        Ok(mut pairs) => {
            let shifted = |token: &Token| Token { start: token.start + at.start, end: token.end + at.start, ..*token };
            let tokens: Vec<Token> = tokens.iter().map(shifted).collect();
            let mut builder = Builder {
                file,
                source: whole,
                written: whole,
                tokens: &tokens,
                offset: at.start,
                diagnostics: &mut diagnostics,
            };
            let value = build(&mut builder, first(child(&mut pairs)));
            if diagnostics.is_empty() { Ok(value) } else { Err(diagnostics) }
        }
        Err(error) => Err(vec![mistakes::explain(file, text, at.start, &tokens, &error)]),
    }
}

/// The `##` lines right above a declaration or a field, joined by line ends. Commas part nothing.
fn doc_above(source: &str, tokens: &[Token], start: usize) -> Option<String> {
    let before = tokens.partition_point(|t| t.start < start);
    let mut lines = Vec::new();
    let mut below = start;
    for token in tokens.get(..before).unwrap_or_default().iter().rev().filter(|t| t.text(source) != ",") {
        let gap = source.get(token.end..below).unwrap_or("");
        let alone = source.get(..token.start).unwrap_or("").trim_end_matches([',', ' ', '\t', '\r']);
        if token.kind != TokenKind::Doc
            || gap.matches('\n').count() != 1
            || !(alone.is_empty() || alone.ends_with('\n'))
        {
            break;
        }
        lines.push(token.text(source).trim_start_matches('#').trim().to_string());
        below = token.start;
    }
    lines.reverse();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Turns the pairs of one declaration into tree nodes; spans are shifted to the file.
pub(crate) struct Builder<'a> {
    pub file: FileId,
    pub source: &'a str,
    /// The same as its author wrote it, with the foreign characters that the parser reads plain ones for.
    pub written: &'a str,
    /// The tokens of what is turned, by their places in the file.
    pub tokens: &'a [Token],
    pub offset: usize,
    pub diagnostics: &'a mut Vec<Diagnostic>,
}

impl Builder<'_> {
    fn chunk(&mut self, chunk: &Chunk) -> (Vec<Allow>, ItemKind) {
        if let Some(kind) = self.unavailable(chunk) {
            return (Vec::new(), kind);
        }
        if !chunk.sound {
            return (Vec::new(), ItemKind::Broken(self.broken_name(chunk)));
        }
        let text = self.source.get(chunk.start..chunk.end).unwrap_or("");
        match SegParser::parse(Rule::declaration, text) {
            Ok(mut pairs) => {
                let before = self.diagnostics.len();
                let (allows, kind) = self.declaration(child(&mut pairs));
                let failed = self.diagnostics.iter().skip(before).any(|d| d.severity == crate::Severity::Error);
                if failed { (allows, ItemKind::Broken(self.broken_name(chunk))) } else { (allows, kind) }
            }
            Err(error) => {
                let local: Vec<Token> = chunk
                    .tokens
                    .iter()
                    .map(|t| Token { start: t.start - chunk.start, end: t.end - chunk.start, ..*t })
                    .collect();
                self.diagnostics.push(mistakes::explain(self.file, text, chunk.start, &local, &error));
                (Vec::new(), ItemKind::Broken(self.broken_name(chunk)))
            }
        }
    }

    /// A declaration of the language that this version lacks, or a word that is nearly a declaration's.
    fn unavailable(&mut self, chunk: &Chunk) -> Option<ItemKind> {
        let head = chunk.tokens.iter().find(|t| !t.is_comment())?;
        let word = head.text(self.source);
        let span = Span::new(self.file, head.start, head.end);
        if LATER_DECLARATIONS.contains(&word) {
            self.diagnostics.push(
                Diagnostic::error(
                    codes::NOT_YET,
                    span,
                    format!("this version of Seg does not have `{word}` yet"),
                    "a declaration of a later version",
                )
                .help("it reads segments, attributes, tables and tests; keep this declaration in a file of its own for now"),
            );
            return Some(ItemKind::Broken(self.broken_name(chunk)));
        }
        if word == "@" || is_declaration_word(word) {
            return None;
        }
        let nearest = nearest_declaration(word)?;
        self.diagnostics.push(
            Diagnostic::error(
                codes::UNKNOWN_DECLARATION,
                span,
                format!("`{word}` does not start a declaration"),
                format!("did you mean `{nearest}`?"),
            )
            .fix(format!("write `{nearest}`"), span, nearest),
        );
        Some(ItemKind::Broken(self.broken_name(chunk)))
    }

    /// The name that a declaration that cannot be read was going to have.
    fn broken_name(&self, chunk: &Chunk) -> Option<Ident> {
        let mut words = chunk.tokens.iter().filter(|t| t.kind == TokenKind::Word).skip(1);
        let mut token = words.next()?;
        if token.text(self.source) == "enum" {
            token = words.next()?;
        }
        Some(Ident { text: token.text(self.source).to_string(), span: Span::new(self.file, token.start, token.end) })
    }

    /// The place of a rule's text, in whole characters, without the white space and comments that pest lets it end in.
    pub(crate) fn span(&self, pair: &Pair<Rule>) -> Span {
        let trimmed = pair.as_str().trim_end();
        let start = self.offset + pair.as_span().start();
        let mut end = start + trimmed.len();
        if trimmed.rsplit('\n').next().unwrap_or("").contains('#') {
            let before = self.tokens.partition_point(|token| token.start < end);
            let last = self.tokens.get(..before).unwrap_or_default().iter().rfind(|token| !token.is_comment());
            end = last.map_or(start, |token| token.end.clamp(start, end));
        }
        let mut span = Span::new(self.file, start, end);
        widen(self.written, &mut span);
        span
    }

    pub(crate) fn ident(&self, pair: Pair<Rule>) -> Ident {
        Ident { text: pair.as_str().to_string(), span: self.span(&pair) }
    }

    pub(crate) fn path(&self, pair: Pair<Rule>) -> Path {
        let span = self.span(&pair);
        Path { parts: pair.into_inner().map(|p| self.ident(p)).collect(), span }
    }
}

/// The children of a pair that carry meaning.
pub(crate) fn inner(pair: Pair<Rule>) -> impl Iterator<Item = Pair<Rule>> {
    pair.into_inner().filter(|p| !is_keyword(p.as_rule()))
}

/// The next child of a pair.
#[expect(clippy::expect_used, reason = "the grammar guarantees each child that the builder asks for")]
pub(crate) fn child<'i>(pairs: &mut impl Iterator<Item = Pair<'i, Rule>>) -> Pair<'i, Rule> {
    pairs.next().expect("the grammar guarantees this child")
}

/// The first child of a pair.
pub(crate) fn first(pair: Pair<Rule>) -> Pair<Rule> {
    child(&mut pair.into_inner())
}

/// Whether a rule is a bare keyword or mark, which carries nothing but its presence. They are the last of the grammar.
pub(crate) fn is_keyword(rule: Rule) -> bool {
    rule >= Rule::k_after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_and_only_they_are_named_so() {
        for rule in Rule::all_rules() {
            assert_eq!(is_keyword(*rule), format!("{rule:?}").starts_with("k_"), "{rule:?}");
        }
    }

    /// What a field is told to be stands above it, in lines of its own that are comments.
    #[test]
    fn a_field_has_the_lines_above_it() {
        let doc = |above: &str| {
            let (ast, diagnostics) =
                parse(FileId(0), &format!("profile P key id {{ id Text default \"\"\"a\n## b\"\"\"{above} n Int }}"));
            assert!(diagnostics.is_empty(), "{diagnostics:?}");
            let Some(Item { kind: ItemKind::Profile(table), .. }) = ast.items.first() else { panic!("no profile") };
            table.fields.last().and_then(|field| field.doc.clone())
        };
        for above in ["\n", "\n# c\n", " ## c\n", "\n## c\n\n", "\n## c\n# d\n", "\n### c\n"] {
            assert_eq!(doc(above), None, "{above}");
        }
        for above in ["\n## c\n", "\n  ##c\r\n", "\n\r ## c\n ,", "\n, ## c\n", "\n# b\n\n## c\n"] {
            assert_eq!(doc(above).as_deref(), Some("c"), "{above}");
        }
        assert_eq!(doc("\n## c\n ## d\n").as_deref(), Some("c\nd"));
    }
}
