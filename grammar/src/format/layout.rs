//! The hand that lays out: goes through the tokens of one declaration in order, so that none is lost, and puts the places
//! between them where a line may end. Comments come along with the token that they precede.

use crate::format::canonical;
use crate::format::print::{Piece, print};
use crate::lex::{Token, lex};
use crate::source::Span;

pub(super) struct Layout<'a> {
    source: &'a str,
    tokens: Vec<Token>,
    /// The first token that is not written yet.
    at: usize,
    pieces: Vec<Piece>,
    /// The open groups: where their `Open` piece is.
    groups: Vec<usize>,
    /// The text of the token written last.
    last: String,
    glue: bool,
}

impl<'a> Layout<'a> {
    pub fn new(source: &'a str, tokens: &[Token]) -> Layout<'a> {
        let tokens = tokens.to_vec();
        Layout { source, tokens, at: 0, pieces: Vec::new(), groups: Vec::new(), last: String::new(), glue: true }
    }

    pub fn finish(mut self) -> String {
        self.until(usize::MAX);
        print(&self.pieces)
    }

    // ---- tokens ----------------------------------------------------------------------------------------------------

    /// The next token that is no comment.
    fn next(&self) -> Option<&Token> {
        self.tokens.iter().skip(self.at).find(|t| !t.is_comment())
    }

    pub fn next_text(&self) -> &str {
        self.next().map_or("", |t| t.text(self.source))
    }

    pub fn next_starts_before(&self, end: usize) -> bool {
        self.next().is_some_and(|t| t.start < end)
    }

    /// Writes the next token, and the comments before it.
    pub fn token(&mut self) {
        self.comments();
        let Some(token) = self.tokens.get(self.at).copied() else { return };
        self.at += 1;
        let text = canonical(self.source, &token);
        if !std::mem::take(&mut self.glue) && parted(&self.last, &text) {
            self.pieces.push(Piece::Space);
        }
        if text.contains('\n') {
            self.force();
        }
        self.last.clone_from(&text);
        self.pieces.push(Piece::Text(text));
    }

    /// Writes the next token right behind the last one.
    pub fn glued(&mut self) {
        self.glue();
        self.token();
    }

    /// Lets the next token follow without a space.
    pub fn glue(&mut self) {
        self.glue = true;
    }

    /// Writes the tokens that start before a place.
    pub fn until(&mut self, place: usize) {
        while self.cut_at(place) {
            self.token();
        }
    }

    pub fn through(&mut self, span: Span) {
        self.until(span.range().end);
    }

    pub fn up_to(&mut self, span: Span) {
        self.until(span.range().start);
    }

    /// Writes the tokens of a span without spaces between them.
    pub fn tight(&mut self, span: Span) {
        self.up_to(span);
        let mut is_first = true;
        while self.cut_at(span.range().end) {
            if !std::mem::take(&mut is_first) {
                self.glue();
            }
            self.token();
        }
    }

    /// Whether the next token starts before a place. One that goes on behind it is cut there, and what is left of it is
    /// read anew: a locale may end in a number that the word behind it would be the unit of.
    fn cut_at(&mut self, place: usize) -> bool {
        let next = (self.at..self.tokens.len()).find(|i| self.tokens.get(*i).is_some_and(|t| !t.is_comment()));
        let Some((index, token)) = next.and_then(|index| Some((index, self.tokens.get_mut(index)?))) else {
            return false;
        };
        if token.start >= place {
            return false;
        }
        if token.end > place {
            let rest = lex(self.source.get(place..token.end).unwrap_or(""));
            let rest = rest.into_iter().map(|t| Token { start: t.start + place, end: t.end + place, ..t });
            token.end = token.start + self.source.get(token.start..place).unwrap_or("").trim_end().len();
            self.tokens.splice(index + 1..index + 1, rest);
        }
        true
    }

    /// Writes the comments that stand before the next token.
    pub fn comments(&mut self) {
        while let Some(token) = self.tokens.get(self.at).copied()
            && token.is_comment()
        {
            let before = self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).copied();
            let after = self.tokens.get(self.at + 1).copied();
            let above = before.map_or(0, |b| line_ends(self.source, b.end, token.start));
            let below = after.map_or(0, |a| line_ends(self.source, token.end, a.start));
            let opened = before.is_some_and(|b| matches!(b.text(self.source), "{" | "(" | "["));
            let closed = after.is_some_and(|a| matches!(a.text(self.source), "}" | ")" | "]" | ","));
            self.pieces.push(Piece::Comment {
                text: token.text(self.source).to_string(),
                own_line: above > 0,
                blank_before: above > 1 && !opened,
                blank_after: above > 0 && below > 1 && !closed,
            });
            self.force();
            self.at += 1;
        }
    }

    /// Writes a `,` if one is next and something follows it, before the comments that stand before it.
    pub fn comma(&mut self) {
        if self.drop_comma() && !matches!(self.next_text(), ")" | "]") {
            self.pieces.push(Piece::Text(",".to_string()));
            self.last = ",".to_string();
        }
    }

    /// The end of a part of a list whose parts need no comma where each has its line.
    pub fn end_of_part(&mut self) {
        self.drop_comma();
        // These would go on with the part above them.
        let goes_on = matches!(
            self.next_text(),
            "-" | "ago" | "anniversary" | "today" | "since" | "this" | "contains" | "matches" | "starts" | "ends"
        );
        match self.next_text() {
            "" | "}" | "]" => {}
            _ if goes_on => self.pieces.push(Piece::Text(",".to_string())),
            _ => self.pieces.push(Piece::Comma),
        }
    }

    fn drop_comma(&mut self) -> bool {
        let comma = (self.at..self.tokens.len()).find(|i| self.tokens.get(*i).is_some_and(|t| !t.is_comment()));
        match comma {
            Some(index) if self.tokens.get(index).is_some_and(|t| t.text(self.source) == ",") => {
                self.tokens.remove(index);
                true
            }
            _ => false,
        }
    }

    /// Whether the author left a blank line before the next token or comment.
    pub fn keep_blank(&mut self) {
        let (Some(before), Some(after)) =
            (self.at.checked_sub(1).and_then(|i| self.tokens.get(i)), self.tokens.get(self.at))
        else {
            return;
        };
        if !after.is_comment() && !before.is_comment() && line_ends(self.source, before.end, after.start) > 1 {
            self.pieces.push(Piece::Blank);
        }
    }

    // ---- places ----------------------------------------------------------------------------------------------------

    pub fn line(&mut self) {
        self.glue = true;
        self.pieces.push(Piece::Line);
    }

    pub fn soft(&mut self) {
        self.glue = true;
        self.pieces.push(Piece::Soft);
    }

    pub fn fill(&mut self) {
        self.glue = true;
        self.pieces.push(Piece::Fill);
    }

    pub fn hard(&mut self) {
        self.glue = true;
        self.pieces.push(Piece::Hard);
        self.force();
    }

    /// Lets the next token start in the first column.
    pub fn margin(&mut self) {
        self.pieces.push(Piece::Margin);
    }

    pub fn tab(&mut self) {
        self.glue = true;
        self.pieces.push(Piece::Tab);
    }

    pub fn row(&mut self) {
        self.pieces.push(Piece::Row);
    }

    pub fn indented(&mut self, width: usize, inner: impl FnOnce(&mut Self)) {
        self.pieces.push(Piece::Indent(width));
        inner(self);
        self.pieces.push(Piece::Dedent);
    }

    /// What stands on one line if it fits.
    pub fn group(&mut self, inner: impl FnOnce(&mut Self)) {
        self.groups.push(self.pieces.len());
        self.pieces.push(Piece::Open { forced: false });
        inner(self);
        self.pieces.push(Piece::Close);
        self.groups.pop();
    }

    pub fn block(&mut self, always: bool, inner: impl FnOnce(&mut Self)) {
        self.pieces.push(Piece::BlockOpen { always });
        inner(self);
        self.pieces.push(Piece::BlockClose);
    }

    /// Keeps every open group from standing on one line.
    pub fn force(&mut self) {
        for open in self.groups.iter().rev() {
            match self.pieces.get_mut(*open) {
                Some(Piece::Open { forced }) if !*forced => *forced = true,
                _ => break,
            }
        }
    }

    /// `{`, parts with a place to break before each, `}`; the closing brace is on the indent of what opened it.
    pub fn braces<T>(&mut self, parts: &[T], always: bool, mut part: impl FnMut(&mut Self, &T)) {
        self.token();
        self.indented(2, |l| {
            l.block(always, |l| {
                for item in parts {
                    l.line();
                    l.row();
                    part(l, item);
                }
            });
            l.comments();
        });
        if parts.is_empty() {
            self.glue();
        } else {
            self.line();
        }
        self.token();
    }
}

fn line_ends(source: &str, from: usize, to: usize) -> usize {
    source.get(from..to).unwrap_or("").bytes().filter(|b| *b == b'\n').count()
}

/// Whether a space parts two tokens.
fn parted(left: &str, right: &str) -> bool {
    !matches!(left, "(" | "[" | "." | "@" | "") && !matches!(right, ")" | "]" | "," | "." | "?" | ":")
}
