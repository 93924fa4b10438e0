//! What must hold of the formatter for every file that parses, as functions that say what is broken. Tests run them over
//! fixtures and over every `.seg` file that a playbook or the standard library has.

use pest::Parser;

use crate::ast::Ast;
use crate::diagnostic::Severity;
use crate::format::{canonical, format};
use crate::lex::{Token, TokenKind, lex};
use crate::parse::{Rule, SegParser, parse};
use crate::source::FileId;

/// The formatted text means the same, holds the same comments, and formatting it again changes nothing.
pub fn keeps_meaning(source: &str) -> Result<(), String> {
    let Some(before) = tree(source) else { return Ok(()) };
    let Some(text) = format(source) else { return Err(format!("a file that parses is not formatted:\n{source}")) };
    let broken = |what: &str| Err(format!("{what}\n---- source\n{source}\n---- formatted\n{text}"));
    match tree(&text) {
        None => return broken("the formatted text does not parse"),
        Some(after) if shape(&after) != shape(&before) => return broken("the formatted text means something else"),
        Some(_) => {}
    }
    if comments(source) != comments(&text) {
        return broken("a comment was lost, doubled or moved past another");
    }
    if words(source) != words(&text) {
        return broken("a token was lost, doubled or moved");
    }
    match format(&text) {
        Some(again) if again == text => Ok(()),
        Some(again) => {
            broken(&format!("formatting twice is not formatting once; the second time gives\n{again}\n----"))
        }
        None => broken("the formatted text is not formatted again"),
    }
}

/// [`keeps_meaning`] with a comment put at every token boundary of every declaration, behind what stands before it and
/// on a line of its own. Returns how many such texts parse; a boundary inside a word that has dashes does not.
pub fn keeps_comments(source: &str) -> Result<usize, String> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let (ast, _) = parse(FileId(0), source);
    let mut parsed = 0;
    for item in &ast.items {
        let text = source.get(item.span.range()).unwrap_or("");
        for token in lex(text) {
            if token.is_comment() {
                continue;
            }
            let (before, after) = text.split_at(token.end);
            for comment in [" # why\n ", "\n # why\n ", "\n\n # why\n\n ", " ## why\n "] {
                let commented = format!("{before}{comment}{after}\n");
                if tree(&commented).is_some() {
                    parsed += 1;
                    keeps_meaning(&commented)?;
                }
            }
        }
    }
    Ok(parsed)
}

/// What the grammar reads as a literal, a pattern or a name is a token of the same bytes; and what is such a token is read so,
/// but in lint names and locales, which hold dashes.
pub fn reads_alike(source: &str) -> Result<(), String> {
    let Some(ast) = tree(source) else { return Ok(()) };
    let tokens = lex(source);
    for item in &ast.items {
        let range = item.span.range();
        let text = source.get(range.clone()).unwrap_or("");
        let mut tokens = tokens.iter().skip(tokens.partition_point(|t| t.start < range.start)).peekable();
        for pair in
            SegParser::parse(Rule::declaration, text).into_iter().flatten().flat_map(|pair| pair.into_inner().flatten())
        {
            let (start, end) = (range.start + pair.as_span().start(), range.start + pair.as_span().end());
            let broken = |token: Option<&Token>| {
                let token = token.map_or("nothing", |token| token.text(source));
                format!("the grammar reads `{}`, and the lexer `{token}`, in\n{source}", pair.as_str())
            };
            match pair.as_rule() {
                Rule::locale | Rule::lint_name => while tokens.next_if(|token| token.start < end).is_some() {},
                rule if WHOLE.contains(&rule) => {
                    while let Some(token) = tokens.next_if(|token| token.start < start) {
                        if matches!(token.kind, TokenKind::Number | TokenKind::Text | TokenKind::Regex) {
                            return Err(broken(Some(token)));
                        }
                    }
                    if tokens.next_if(|token| token.start == start && token.end == end).is_none() {
                        return Err(broken(tokens.peek().copied()));
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// What is one token, and consists of no other such.
const WHOLE: [Rule; 13] = [
    Rule::stamp,
    Rule::date,
    Rule::time,
    Rule::money,
    Rule::percent,
    Rule::quantity,
    Rule::number,
    Rule::int,
    Rule::text,
    Rule::title,
    Rule::regex,
    Rule::lower,
    Rule::upper,
];

/// The tree of a file without errors.
fn tree(source: &str) -> Option<Ast> {
    let (ast, diagnostics) = parse(FileId(0), source);
    diagnostics.iter().all(|d| d.severity != Severity::Error).then_some(ast)
}

/// A tree as text, without where it stood.
pub fn shape(ast: &Ast) -> String {
    let text = format!("{ast:?}");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("Span { file: FileId(") {
        out.push_str(before);
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}

fn comments(source: &str) -> Vec<String> {
    lex(source).iter().filter(|t| t.is_comment()).map(|t| t.text(source).to_string()).collect()
}

/// Everything but comments and commas, in order.
fn words(source: &str) -> String {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let tokens = lex(source);
    let kept = tokens.iter().filter(|t| !t.is_comment() && t.text(source) != ",");
    let text = |token: &Token| {
        let text = canonical(source, token);
        // A number may have been parted from a word that only looked like its unit.
        if token.kind == TokenKind::Number { text.replace(' ', "") } else { text }
    };
    kept.map(text).collect()
}
