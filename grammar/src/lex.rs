//! The lexer: a file as tokens and comments, nothing lost between them but white space.
//! Used by the scanner (to split and bound a file) and by the formatter. Knows no grammar beyond single tokens.

use place::Place;

mod literal;
mod place;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A name or keyword.
    Word,
    /// A number with whatever is written into it: `£500`, `10%`, `2026-03-01T09:00Z`, `30 days`, `500 GBP`.
    Number,
    /// `"..."` or `"""..."""`
    Text,
    /// `/.../` behind `matches`
    Regex,
    /// An operator or bracket, the longest that fits.
    Punctuation,
    /// `# ...` up to the line's end
    Comment,
    /// `## ...` up to the line's end
    Doc,
    /// A text that its line, or the file, ends before its closing quote.
    UnclosedText,
    /// A byte sequence that no token begins with.
    Stray,
}

/// A token: its kind and its half-open byte range in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}

impl Token {
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.start..self.end).unwrap_or("")
    }

    /// Whether it is a comment of either kind.
    pub fn is_comment(&self) -> bool {
        matches!(self.kind, TokenKind::Comment | TokenKind::Doc)
    }
}

/// All tokens of a file, in order. Linear in the file's length; never fails.
///
/// INVARIANT: of a declaration that the grammar reads, every literal, pattern, name and mark is one token of the same bytes,
/// but for lint names and locales, which hold dashes. So what bounds a file by its tokens bounds what the grammar sees, and
/// what is written by its tokens is read again as it was.
pub fn lex(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { source, bytes: source.as_bytes(), at: 0, place: Place::default() };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next_token() {
        let column_1 = token.start.checked_sub(1).is_none_or(|before| lexer.bytes.get(before) == Some(&b'\n'));
        lexer.place.follow(token.kind, token.text(source), column_1);
        tokens.push(token);
    }
    tokens
}

struct Lexer<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
    place: Place,
}

const LONG: [&str; 10] = ["=>", "==", "<>", "!=", "<=", ">=", "||", "->", "&&", "::"];

impl Lexer<'_> {
    fn next_token(&mut self) -> Option<Token> {
        while self.peek(0).is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
        let start = self.at;
        let first = self.peek(0)?;
        let kind = match first {
            b'#' => self.comment(),
            b'"' => self.text(),
            b'/' if self.place.is_before_pattern() => self.regex(),
            b'0'..=b'9' => self.number(),
            b'$' => self.money(1),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            0x80.. => self.beyond_ascii(),
            _ => self.punctuation(),
        };
        Some(Token { kind, start, end: self.at })
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or("")
    }

    fn comment(&mut self) -> TokenKind {
        let doc = self.peek(1) == Some(b'#') && self.peek(2) != Some(b'#');
        while self.peek(0).is_some_and(|b| b != b'\n') {
            self.at += 1;
        }
        while self.at > 0 && matches!(self.bytes.get(self.at - 1), Some(b'\r' | b' ' | b'\t')) {
            self.at -= 1;
        }
        if doc { TokenKind::Doc } else { TokenKind::Comment }
    }

    fn text(&mut self) -> TokenKind {
        let block = self.rest().starts_with("\"\"\"");
        self.at += if block { 3 } else { 1 };
        loop {
            match self.peek(0) {
                None => return TokenKind::UnclosedText,
                Some(b'\n') if !block => return TokenKind::UnclosedText,
                Some(b'\\') => self.at = (self.at + 2).min(self.bytes.len()),
                Some(b'"') if !block => {
                    self.at += 1;
                    return TokenKind::Text;
                }
                Some(b'"') if self.rest().starts_with("\"\"\"") => {
                    self.at += 3;
                    return TokenKind::Text;
                }
                Some(_) => self.at += 1,
            }
            while !self.source.is_char_boundary(self.at) {
                self.at += 1;
            }
        }
    }

    fn regex(&mut self) -> TokenKind {
        self.at += 1;
        loop {
            match self.peek(0) {
                None | Some(b'\n') => return TokenKind::Stray,
                Some(b'\\') => self.at = (self.at + 2).min(self.bytes.len()),
                Some(b'/') => {
                    self.at += 1;
                    return TokenKind::Regex;
                }
                Some(_) => self.at += 1,
            }
            while !self.source.is_char_boundary(self.at) {
                self.at += 1;
            }
        }
    }

    fn word(&mut self) -> TokenKind {
        while self.peek(0).is_some_and(is_word_byte) {
            self.at += 1;
        }
        TokenKind::Word
    }

    fn money(&mut self, sign_bytes: usize) -> TokenKind {
        self.at += sign_bytes;
        if !self.peek(0).is_some_and(|b| b.is_ascii_digit()) {
            return TokenKind::Stray;
        }
        self.digits();
        self.fraction();
        while self.peek(0) == Some(b',') && (1..=4).all(|i| self.peek(i).is_some_and(|b| b.is_ascii_digit()) == (i < 4))
        {
            self.at += 4;
        }
        self.fraction();
        TokenKind::Number
    }

    fn digits(&mut self) {
        while self.peek(0).is_some_and(|b| b.is_ascii_digit() || b == b'_') {
            self.at += 1;
        }
    }

    fn fraction(&mut self) {
        if self.peek(0) == Some(b'.') && self.peek(1).is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
            self.digits();
        }
    }

    /// A number; a date or a time of day goes on through `-`, `:` and `T`, a unit or currency code on the same line is
    /// part of it.
    fn number(&mut self) -> TokenKind {
        if let Some(length) = literal::with_marks(self.bytes.get(self.at..).unwrap_or_default()) {
            self.at += length;
            return TokenKind::Number;
        }
        self.digits();
        let whole = self.at;
        self.fraction();
        if self.peek(0) == Some(b'%') {
            self.at += 1;
            return TokenKind::Number;
        }
        let is_whole = self.at == whole;
        while self.peek(0).is_some_and(is_word_byte) {
            self.at += 1;
        }
        if !self.place.is_before_plain_number() {
            self.unit_or_code(is_whole);
        }
        TokenKind::Number
    }

    /// Whole numbers alone have units.
    fn unit_or_code(&mut self, is_whole: bool) {
        let mut ahead = 0;
        while matches!(self.peek(ahead), Some(b' ' | b'\t')) {
            ahead += 1;
        }
        if ahead == 0 {
            return;
        }
        let mut end = ahead;
        while self.peek(end).is_some_and(is_word_byte) {
            end += 1;
        }
        let word = self.source.get(self.at + ahead..self.at + end).unwrap_or("");
        // Words of the language in capitals are a mistake of their own, not currencies.
        let code = word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase()) && !matches!(word, "AND" | "NOT");
        if code || is_whole && crate::ast::Unit::from_word(word).is_some() {
            self.at += end;
        }
    }

    fn beyond_ascii(&mut self) -> TokenKind {
        let Some(first) = self.rest().chars().next() else { return TokenKind::Stray };
        if matches!(first, '£' | '€' | '¥') {
            return self.money(first.len_utf8());
        }
        self.at += first.len_utf8();
        TokenKind::Stray
    }

    fn punctuation(&mut self) -> TokenKind {
        let rest = self.rest();
        let long = LONG.iter().find(|op| rest.starts_with(**op));
        self.at += long.map_or(1, |op| op.len());
        TokenKind::Punctuation
    }
}

pub(crate) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
