//! Splits a file into declarations and bounds what the grammar will see: depth, length, balance of brackets.
//! A declaration keyword in column 1 starts a declaration; nothing ends one.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::lex::{Token, TokenKind};
use crate::source::{FileId, Span};

mod spelling;

/// Nesting beyond this is refused before the grammar sees it.
pub const DEPTH_MAX: usize = 64;
/// How many operators may hang from one another, through brackets.
pub const OPERATORS_MAX: usize = 500;
/// A file's size beyond which it is not read as Seg.
pub const FILE_BYTES_MAX: usize = 8 << 20;
/// A line's length beyond which it is refused.
pub const LINE_BYTES_MAX: usize = 64 << 10;

/// The words that start a declaration this version has.
pub const DECLARATIONS: [&str; 11] =
    ["playbook", "use", "enum", "ordered", "profile", "event", "reference", "attribute", "segment", "table", "test"];

/// The words that start a declaration that the language has and this version does not.
pub const LATER_DECLARATIONS: [&str; 13] = [
    "content",
    "offer",
    "group",
    "placement",
    "experiment",
    "holdout",
    "channel",
    "message",
    "trigger",
    "policy",
    "suppress",
    "context",
    "override",
];

/// One declaration's bytes, and the tokens in it.
pub struct Chunk<'t> {
    pub start: usize,
    pub end: usize,
    pub tokens: &'t [Token],
    /// False when an error in it was already reported, so that the grammar need not see it.
    pub sound: bool,
}

/// Splits the tokens of a file; errors that it reports make a chunk unsound. The first column starts at byte `begin`.
pub fn scan<'t>(
    file: FileId,
    source: &str,
    tokens: &'t [Token],
    begin: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Chunk<'t>> {
    let starts: Vec<usize> = (0..tokens.len()).filter(|i| starts_declaration(source, tokens, *i, begin)).collect();
    let lead = starts.first().copied().unwrap_or(tokens.len());
    report_leading(file, source, tokens.get(..lead).unwrap_or_default(), diagnostics);
    let mut chunks = Vec::new();
    for (n, first) in starts.iter().enumerate() {
        let last = starts.get(n + 1).copied().unwrap_or(tokens.len());
        let body = trim_trailing_comments(tokens.get(*first..last).unwrap_or_default());
        let (Some(head), Some(tail)) = (body.first(), body.last()) else { continue };
        let before = diagnostics.len();
        check_texts(file, source, body, diagnostics);
        if diagnostics.len() == before {
            spelling::check(file, source, body, diagnostics);
        }
        check_brackets(file, source, body, diagnostics);
        chunks.push(Chunk { start: head.start, end: tail.end, tokens: body, sound: diagnostics.len() == before });
    }
    chunks
}

/// Whether the token opens a declaration: a keyword in column 1, or `@allow` there; a word that is nearly a keyword and
/// is followed like one counts too, so that a typo does not swallow what stands below it.
fn starts_declaration(source: &str, tokens: &[Token], index: usize, begin: usize) -> bool {
    let Some(token) = tokens.get(index) else { return false };
    let column_1 = token.start == begin || source.as_bytes().get(token.start - 1) == Some(&b'\n');
    if !column_1 || token.is_comment() {
        return false;
    }
    let word = token.text(source);
    if word != "@" && token.kind != TokenKind::Word || follows_allow(source, tokens, index) {
        return false;
    }
    if word == "@" {
        return true;
    }
    is_declaration_word(word) || (nearest_declaration(word).is_some() && followed_by_name(source, tokens, index))
}

/// Whether `@allow(...) "..."` stands right before the token: then the declaration began there.
fn follows_allow(source: &str, tokens: &[Token], index: usize) -> bool {
    let mut before = tokens.get(..index).unwrap_or_default().iter().rev().filter(|t| !t.is_comment());
    let shape = [")", "(", "allow", "@"];
    let Some(reason) = before.next() else { return false };
    if reason.kind != TokenKind::Text {
        return false;
    }
    let mut wanted = shape.iter();
    let mut next = wanted.next();
    for token in before.take(12) {
        let text = token.text(source);
        match next {
            Some(&w) if w == text => next = wanted.next(),
            Some(&"(") => {}
            _ => return false,
        }
        if next.is_none() {
            return true;
        }
    }
    false
}

pub fn is_declaration_word(word: &str) -> bool {
    DECLARATIONS.contains(&word) || LATER_DECLARATIONS.contains(&word)
}

/// A declaration word at edit distance one or two, for a word long enough to be a typo of it.
pub fn nearest_declaration(word: &str) -> Option<&'static str> {
    DECLARATIONS
        .iter()
        .chain(&LATER_DECLARATIONS)
        .copied()
        .find(|known| known.len() >= 4 && word.len().abs_diff(known.len()) <= 1 && known != &word && near(word, known))
}

/// One letter wrong, missing, added or swapped with its neighbour.
fn near(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let longest = a.len().max(b.len());
    let swapped = a.len() == b.len()
        && prefix + 2 + suffix >= longest
        && a.get(prefix) == b.get(prefix + 1)
        && a.get(prefix + 1) == b.get(prefix);
    prefix + suffix + 1 >= longest || swapped
}

fn followed_by_name(source: &str, tokens: &[Token], index: usize) -> bool {
    tokens.get(index + 1).is_some_and(|next| {
        matches!(next.kind, TokenKind::Word | TokenKind::Text)
            && !matches!(next.text(source), "is" | "in" | "and" | "or")
    })
}

/// Comments behind the last token of a declaration belong to what follows.
fn trim_trailing_comments(tokens: &[Token]) -> &[Token] {
    let kept = tokens.iter().rposition(|t| !t.is_comment()).map_or(0, |last| last + 1);
    tokens.get(..kept).unwrap_or_default()
}

fn report_leading(file: FileId, source: &str, tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) {
    let Some(first) = tokens.iter().find(|t| !t.is_comment()) else { return };
    let last = tokens.iter().rfind(|t| !t.is_comment()).unwrap_or(first);
    let span = Span::new(file, first.start, last.end.min(line_end(source, first.start)));
    let head = Span::new(file, first.start, first.end);
    let word = first.text(source);
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_DECLARATION,
        span,
        format!("`{word}` does not start a declaration"),
        "expected a declaration here",
    );
    let meant = match word.to_ascii_lowercase().as_str() {
        "import" | "include" | "using" | "require" => "use",
        "let" | "const" | "var" | "def" | "define" | "metric" | "field" => "attribute",
        "audience" | "cohort" | "list" | "select" | "where" | "when" => "segment",
        "function" | "rules" | "decision" => "table",
        "customer" | "customers" | "user" | "schema" => "profile",
        "config" | "settings" | "campaign" => "playbook",
        _ => "",
    };
    diagnostics.push(if is_declaration_word(word) {
        let line_start = source.get(..first.start).and_then(|before| before.rfind('\n')).map_or(0, |n| n + 1);
        let space = Span::new(file, line_start, first.start);
        let blank = source.get(space.range()).is_some_and(|gap| gap.trim().is_empty());
        let diagnostic =
            diagnostic.help(format!("a declaration starts in the first column: remove the space before `{word}`"));
        if blank { diagnostic.fix("remove the space before it", space, "") } else { diagnostic }
    } else if matches!(word, "/" | "-" | "*" | "'") {
        diagnostic.help("a comment starts with `#`")
    } else if !meant.is_empty() {
        let example = match meant {
            "use" => "use std.lifecycle",
            "attribute" => "attribute spend = sum(orders.total)",
            "segment" => "segment GoldHolders when card = Gold",
            "table" => "table rate(card) -> Percent { card || result  Gold || 10%  any || 0% }",
            "profile" => "profile Customer key customer_id { customer_id Text }",
            _ => "playbook \"Spring\" { currency GBP }",
        };
        diagnostic.suggest(format!("write `{meant}`"), head, meant).help(format!("for example `{example}`"))
    } else {
        diagnostic.help("a file is a list of declarations such as `segment GoldHolders when card = Gold`")
    });
}

fn line_end(source: &str, from: usize) -> usize {
    source.get(from..).and_then(|rest| rest.find('\n')).map_or(source.len(), |n| from + n)
}

fn check_texts(file: FileId, source: &str, tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) {
    for (n, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::UnclosedText => {
                diagnostics.push(unclosed_text(file, source, token));
                return;
            }
            TokenKind::Stray => diagnostics.push(stray(file, source, tokens, n)),
            _ => {}
        }
    }
}

fn unclosed_text(file: FileId, source: &str, token: &Token) -> Diagnostic {
    let end = line_end(source, token.start).min(token.end);
    let span = Span::new(file, token.start, end);
    let block = token.text(source).starts_with("\"\"\"");
    if let Some((at, quote)) = source.get(token.start..end).and_then(smart_quote) {
        let span = Span::new(file, token.start + at, token.start + at + quote.len_utf8());
        let diagnostic = Diagnostic::error(
            codes::SMART_QUOTE,
            span,
            format!("`{quote}` is a typographic quote and does not close this text"),
            "pasted from a document",
        )
        .label(Span::new(file, token.start, token.start + 1), "the text is open since here");
        let closes = source.get(..token.start + at).is_some_and(|before| !before.ends_with([' ', '\t']));
        return if closes {
            diagnostic.fix("write a plain quote", span, "\"")
        } else {
            diagnostic.suggest("write a plain quote", span, "\"")
        };
    }
    let diagnostic = Diagnostic::error(
        codes::UNCLOSED_TEXT,
        span,
        "this text has no closing quote",
        if block { "opened here, never closed" } else { "the line ends before the text does" },
    );
    if block {
        return diagnostic.help("close it with `\"\"\"`");
    }
    diagnostic
        .suggest("close the text at the end of the line", Span::new(file, end, end), "\"")
        .help("a text starts and ends with `\"` on one line; a longer one stands between `\"\"\"` and `\"\"\"`")
}

/// The first typographic quote of a text, a double one before a single one.
fn smart_quote(text: &str) -> Option<(usize, char)> {
    let find = |quotes: &[char]| text.char_indices().find(|(_, c)| quotes.contains(c));
    find(&['“', '”', '„', '‟', '«', '»']).or_else(|| find(&['‘', '’', '‚']))
}

fn stray(file: FileId, source: &str, tokens: &[Token], n: usize) -> Diagnostic {
    let place = tokens.get(n).map_or(0..0, |t| t.start..t.end);
    let text = source.get(place.clone()).unwrap_or("");
    let span = Span::new(file, place.start, place.end);
    if text.starts_with('/') {
        return Diagnostic::error(codes::UNCLOSED_TEXT, span, "this pattern has no closing `/`", "opened here")
            .help("a pattern starts and ends with `/` on one line; write `\\/` for a slash inside it");
    }
    if matches!(text, "$" | "£" | "€" | "¥") {
        return spelling::lone_sign(file, source, tokens, n);
    }
    let diagnostic = Diagnostic::error(
        codes::STRAY_CHARACTER,
        span,
        format!("the character `{text}` has no meaning here"),
        "outside a text in quotes",
    );
    match text {
        "≥" => diagnostic.fix("write `>=`", span, ">="),
        "≤" => diagnostic.fix("write `<=`", span, "<="),
        "≠" => diagnostic.fix("write `!=`", span, "!="),
        "×" => diagnostic.fix("write `*`", span, "*"),
        "÷" => diagnostic.fix("write `/`", span, "/"),
        "–" | "—" | "−" => diagnostic.fix("write `-`", span, "-"),
        "…" => diagnostic.help("spell out what stands for the dots"),
        "←" | "→" | "⇒" => diagnostic.help("a branch gives its value behind `=>`"),
        _ => diagnostic.help("names use the letters a to z, digits and `_`; put other text between quotes"),
    }
}

/// Brackets must match within the declaration and may not nest deeper than the bound.
fn check_brackets(file: FileId, source: &str, tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) {
    let mut open: Vec<(&Token, &str)> = Vec::new();
    let mut chains = Chains::default();
    for token in tokens {
        let text = token.text(source);
        let span = Span::new(file, token.start, token.end);
        if chains.follow(token.kind, text) > OPERATORS_MAX {
            diagnostics.push(
                Diagnostic::error(
                    codes::TOO_DEEP,
                    span,
                    format!("more than {OPERATORS_MAX} operators hang from one another"),
                    "this is one too many, counting those within the brackets before it",
                )
                .help("give the inner part a name of its own with `attribute` or `segment`"),
            );
            return;
        }
        if token.kind != TokenKind::Punctuation {
            continue;
        }
        match text {
            "(" | "[" | "{" => {
                open.push((token, text));
                if open.len() > DEPTH_MAX {
                    diagnostics.push(
                        Diagnostic::error(
                            codes::TOO_DEEP,
                            span,
                            format!("brackets nest deeper than {DEPTH_MAX} levels"),
                            "this is one level too many",
                        )
                        .help("give the inner part a name of its own with `attribute` or `segment`"),
                    );
                    return;
                }
            }
            ")" | "]" | "}" => {
                let expected = open.last().map(|(_, opener)| closer(opener));
                if expected != Some(text) {
                    diagnostics.push(unmatched(file, span, text, open.last().copied()));
                    return;
                }
                open.pop();
            }
            _ => {}
        }
    }
    if let Some((token, opener)) = open.last() {
        let span = Span::new(file, token.start, token.end);
        diagnostics.push(
            Diagnostic::error(
                codes::UNCLOSED_BRACKET,
                span,
                format!("`{opener}` is never closed"),
                format!("no `{}` before the next declaration", closer(opener)),
            )
            .help(format!("add `{}` where the part ends that `{opener}` opens", closer(opener))),
        );
    }
}

/// How deep operators hang from one another, found out as the tokens go by: a chain hangs from its first operand, and a
/// bracket is an operand as deep as the deepest chain in it.
struct Chains {
    /// By open bracket, that of the declaration first.
    open: Vec<Chain>,
}

#[derive(Default)]
struct Chain {
    /// The chain at hand.
    depth: usize,
    /// The deepest one within the same brackets.
    deepest: usize,
}

impl Default for Chains {
    fn default() -> Chains {
        Chains { open: vec![Chain::default()] }
    }
}

impl Chains {
    /// Goes on by a token; how deep the chain at hand is then.
    fn follow(&mut self, kind: TokenKind, text: &str) -> usize {
        let mut inner = None;
        match (kind, text) {
            (TokenKind::Punctuation, "(" | "[" | "{") => self.open.push(Chain::default()),
            (TokenKind::Punctuation, ")" | "]" | "}") if self.open.len() > 1 => inner = self.open.pop(),
            _ => {}
        }
        let Some(chain) = self.open.last_mut() else { return 0 };
        match (kind, text) {
            (TokenKind::Punctuation, "(" | "[" | "{" | ")" | "]" | "}" | ".") => {}
            (TokenKind::Punctuation, "+" | "-" | "*" | "/") | (TokenKind::Word, "else" | "of" | "not") => {
                chain.depth += 1
            }
            // A name or a value goes on with the chain; all else begins another.
            (TokenKind::Punctuation, _)
            | (TokenKind::Word, "and" | "or" | "when" | "where" | "otherwise" | "expect" | "default") => {
                chain.deepest = chain.deepest.max(chain.depth);
                chain.depth = 0;
            }
            _ => {}
        }
        if let Some(inner) = inner {
            chain.depth = chain.depth.max(inner.depth.max(inner.deepest) + 1);
        }
        chain.depth
    }
}

fn unmatched(file: FileId, span: Span, text: &str, open: Option<(&Token, &str)>) -> Diagnostic {
    match open {
        None => Diagnostic::error(
            codes::UNCLOSED_BRACKET,
            span,
            format!("`{text}` closes nothing"),
            "no bracket is open here",
        )
        .suggest(format!("remove `{text}`"), span, ""),
        Some((opener_token, opener)) => Diagnostic::error(
            codes::UNCLOSED_BRACKET,
            span,
            format!("`{text}` does not close `{opener}`"),
            format!("expected `{}`", closer(opener)),
        )
        .label(Span::new(file, opener_token.start, opener_token.end), format!("`{opener}` is open since here"))
        .suggest(format!("write `{}`", closer(opener)), span, closer(opener)),
    }
}

fn closer(opener: &str) -> &'static str {
    match opener {
        "(" => ")",
        "[" => "]",
        _ => "}",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing ends a declaration, a field or a property but what comes next, so that must not be able to go on with it.
    #[test]
    fn no_word_that_starts_something_goes_on_with_an_expression() {
        let goes_on = [
            "and",
            "or",
            "not",
            "in",
            "is",
            "else",
            "of",
            "between",
            "before",
            "after",
            "where",
            "then",
            "within",
            "matches",
            "contains",
            "starts",
            "ends",
            "ignoring",
            "since",
            "until",
            "this",
            "today",
            "ago",
            "anniversary",
        ];
        let starts = [
            "when",
            "except",
            "otherwise",
            "given",
            "as",
            "expect",
            "max",
            "default",
            "many",
            "key",
            "by",
            "at",
            "unique",
        ];
        for word in DECLARATIONS.iter().chain(&LATER_DECLARATIONS).chain(&starts) {
            assert!(!goes_on.contains(word), "{word}");
        }
    }
}
