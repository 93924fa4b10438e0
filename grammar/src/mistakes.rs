//! What pest says, in a marketer's words: the mistakes that beginners make are recognised by the text around the place
//! where the grammar stopped; the rest is told as "expected ...".

use pest::Parser;
use pest::error::{Error, InputLocation};

use crate::codes;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::lex::{Token, TokenKind};
use crate::parse::{Rule, SegParser};
use crate::source::{FileId, Span};

mod amounts;
mod branches;
mod clauses;
mod expected;
mod operators;
mod phrases;
mod playbook;
mod schema;
mod tables;
mod tests;
mod windows;

/// Explains why a declaration does not parse. `text` is the declaration, `offset` its place in the file, `tokens` its
/// tokens with offsets from its start.
pub fn explain(file: FileId, text: &str, offset: usize, tokens: &[Token], error: &Error<Rule>) -> Diagnostic {
    let stop = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let tokens: Vec<Token> = tokens.iter().filter(|t| !t.is_comment()).copied().collect();
    let index = tokens.iter().position(|t| t.end > stop).unwrap_or(tokens.len());
    let base = declaration_word(text, &tokens);
    let stuck = Stuck { file, text, offset, tokens: &tokens, index, base };
    KNOWN_MISTAKES.iter().find_map(|recognise| recognise(&stuck)).unwrap_or_else(|| expected::expected(&stuck, error))
}

/// In the order in which they are asked: what is certain first, what only the position tells last.
const KNOWN_MISTAKES: &[fn(&Stuck) -> Option<Diagnostic>] = &[
    operators::quoted_otherwise,
    tests::mistake,
    schema::mistake,
    playbook::mistake,
    tables::mistake,
    amounts::mistake,
    windows::mistake,
    operators::mistake,
    branches::mistake,
    phrases::upper_case_keyword,
    phrases::mistake,
    clauses::mistake,
];

/// Where the declaration's own word stands, behind any `@allow(...) "..."`.
fn declaration_word(text: &str, tokens: &[Token]) -> usize {
    let mut at = 0;
    while tokens.get(at).is_some_and(|t| t.text(text) == "@") {
        let reason = tokens.iter().skip(at).position(|t| t.kind == TokenKind::Text);
        match reason {
            Some(ahead) => at += ahead + 1,
            None => return 0,
        }
    }
    at
}

/// Where the grammar stopped, with the tokens around it. Places are given as tokens ahead of it, or behind.
struct Stuck<'a> {
    file: FileId,
    text: &'a str,
    offset: usize,
    tokens: &'a [Token],
    index: usize,
    /// The index of the word that starts the declaration.
    base: usize,
}

impl Stuck<'_> {
    fn token(&self, ahead: isize) -> Option<&Token> {
        self.index.checked_add_signed(ahead).and_then(|i| self.tokens.get(i))
    }

    fn word(&self, ahead: isize) -> &str {
        self.token(ahead).map_or("", |t| t.text(self.text))
    }

    fn kind(&self, ahead: isize) -> Option<TokenKind> {
        self.token(ahead).map(|t| t.kind)
    }

    fn at_end(&self) -> bool {
        self.index >= self.tokens.len()
    }

    /// The span of a token; behind the last one, its end.
    fn span(&self, ahead: isize) -> Span {
        match self.token(ahead) {
            Some(t) => Span::new(self.file, self.offset + t.start, self.offset + t.end),
            None => {
                let end = self.offset + self.tokens.last().map_or(self.text.len(), |t| t.end);
                Span::new(self.file, end, end)
            }
        }
    }

    /// The empty span before a token.
    fn before(&self, ahead: isize) -> Span {
        let start = self.span(ahead).range().start;
        Span::new(self.file, start, start)
    }

    /// The empty span behind a token.
    fn behind(&self, ahead: isize) -> Span {
        let end = self.span(ahead).range().end;
        Span::new(self.file, end, end)
    }

    /// Whether nothing stands between a token and the one before it.
    fn touches(&self, ahead: isize) -> bool {
        match (self.token(ahead - 1), self.token(ahead)) {
            (Some(before), Some(token)) => before.end == token.start,
            _ => false,
        }
    }

    /// Whether a token stands on the line of the one before it.
    fn same_line(&self, ahead: isize) -> bool {
        match (self.token(ahead - 1), self.token(ahead)) {
            (Some(before), Some(token)) => !self.text.get(before.end..token.start).unwrap_or("").contains('\n'),
            _ => false,
        }
    }

    /// The source under a span.
    fn source(&self, span: Span) -> &str {
        let range = span.range();
        let (Some(start), Some(end)) = (range.start.checked_sub(self.offset), range.end.checked_sub(self.offset))
        else {
            return "";
        };
        self.text.get(start..end).unwrap_or("")
    }

    /// The word that starts the declaration.
    fn head(&self) -> &str {
        self.tokens.get(self.base).map_or("", |t| t.text(self.text))
    }

    /// How many tokens of the declaration, its own word included, stand before the place.
    fn position(&self) -> usize {
        self.index.saturating_sub(self.base)
    }

    /// The brackets that are open at the place, outermost first, as places ahead.
    fn open_brackets(&self) -> Vec<isize> {
        let mut open = Vec::new();
        for (i, token) in self.tokens.iter().enumerate().take(self.index) {
            match token.text(self.text) {
                "(" | "[" | "{" if token.kind == TokenKind::Punctuation => open.push(self.ahead_of(i)),
                ")" | "]" | "}" if token.kind == TokenKind::Punctuation => {
                    open.pop();
                }
                _ => {}
            }
        }
        open
    }

    /// The innermost open bracket, or nothing.
    fn bracket(&self) -> &str {
        self.open_brackets().last().map_or("", |at| self.word(*at))
    }

    fn ahead_of(&self, index: usize) -> isize {
        isize::try_from(index).unwrap_or(isize::MAX) - isize::try_from(self.index).unwrap_or(0)
    }

    /// The place of the bracket that closes the one at a place.
    fn closing(&self, open: isize) -> Option<isize> {
        let mut depth = 0;
        let mut ahead = open;
        loop {
            let token = self.token(ahead)?;
            match token.text(self.text) {
                "(" | "[" | "{" if token.kind == TokenKind::Punctuation => depth += 1,
                ")" | "]" | "}" if token.kind == TokenKind::Punctuation => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(ahead);
            }
            ahead += 1;
        }
    }

    /// Whether a word stands between the opening of the innermost braces, or the declaration's start, and the place.
    fn follows(&self, word: &str) -> bool {
        let from = self.open_brackets().last().map_or(self.ahead_of(self.base), |at| *at);
        (from..0).any(|ahead| self.word(ahead) == word)
    }

    /// Whether `choose` or `match` opened the innermost braces.
    fn in_choice(&self) -> Option<&str> {
        let open = *self.open_brackets().iter().rev().find(|at| self.word(**at) == "{")?;
        if self.word(open - 1) == "choose" {
            return Some("choose");
        }
        let before = (1..self.tokens.len()).map_while(|back| {
            let ahead = open.checked_sub_unsigned(back)?;
            self.token(ahead).map(|t| t.text(self.text))
        });
        before.take_while(|word| !matches!(*word, "{" | "}" | "=>")).any(|word| word == "match").then_some("match")
    }

    fn syntax(&self, ahead: isize, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic::error(codes::SYNTAX, self.span(ahead), message, label)
    }

    fn keyword(&self, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic::error(codes::SYNTAX_KEYWORD, span, message, label)
    }

    /// A mark that Seg writes otherwise, or not at all.
    fn operator(&self, span: Span, right: &str) -> Diagnostic {
        let wrong = self.source(span);
        Diagnostic::error(
            codes::SYNTAX_OPERATOR,
            span,
            format!("there is no `{wrong}` in Seg"),
            format!("it is written `{right}`"),
        )
    }
}

/// Adds a repair of several edits.
fn with_edits(mut diagnostic: Diagnostic, title: impl Into<String>, edits: &[(Span, &str)], safe: bool) -> Diagnostic {
    let edits = edits.iter().map(|(span, text)| Edit { span: *span, replacement: (*text).to_string() }).collect();
    diagnostic.fixes.push(Fix { title: title.into(), edits, safe });
    diagnostic
}

/// `gold holders`, `gold-holders` or `gold_holders` as the name of a segment or type: `GoldHolders`.
fn upper_camel(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    let name: String = words
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        })
        .collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("N{name}") } else { name }
}

/// `LifetimeValue`, `lifetime-value` or `Lifetime value` as the name of a field: `lifetime_value`.
fn lower_snake(text: &str) -> String {
    let mut name = String::new();
    let mut before = '_';
    for c in text.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            name.push('_');
        }
        name.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
        before = c;
    }
    name.trim_matches('_').to_string()
}

/// Whether the grammar keeps a word for itself.
fn is_reserved(word: &str) -> bool {
    SegParser::parse(Rule::reserved, word).is_ok()
}

fn is_lower(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
}

fn is_upper(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
}
