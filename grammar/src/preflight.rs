//! What is looked for before a file is lexed: size, long lines, control characters, and the characters that documents and
//! chat programs put in place of plain ones (smart quotes, no-break spaces, look-alike letters, direction marks).
//! What it repairs for the parser keeps every byte offset, so that later messages still point to the author's text.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::scan::{FILE_BYTES_MAX, LINE_BYTES_MAX};
use crate::source::{FileId, Span};

/// The text as the lexer may read it, of the same length. `None` when the file is not to be parsed at all.
pub fn preflight(file: FileId, source: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    if source.len() > FILE_BYTES_MAX {
        let message = format!("the file has {} bytes; Seg reads up to {FILE_BYTES_MAX}", source.len());
        diagnostics.push(
            Diagnostic::error(codes::FILE_TOO_LARGE, Span::new(file, 0, 0), message, "this file")
                .help("split the playbook into several files, or keep long lists in a CSV file beside it"),
        );
        return None;
    }
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        if line.len() > LINE_BYTES_MAX {
            let message = format!("this line has {} bytes; a line may have {LINE_BYTES_MAX}", line.len());
            diagnostics.push(
                Diagnostic::error(codes::FILE_TOO_LARGE, Span::new(file, start, start), message, "this line")
                    .help("break the line, or keep long lists in a CSV file beside the playbook"),
            );
            return None;
        }
        start += line.len();
    }
    Some(plain(file, source, diagnostics))
}

fn plain(file: FileId, source: &str, diagnostics: &mut Vec<Diagnostic>) -> String {
    let mut out = String::with_capacity(source.len());
    let mut place = Place::Code;
    let mut last = '\0';
    for (at, c) in source.char_indices() {
        let span = Span::new(file, at, at + c.len_utf8());
        match c {
            '\u{feff}' if at == 0 => pad(&mut out, c),
            _ if is_direction_mark(c) => {
                diagnostics.push(direction_mark(span));
                pad(&mut out, c);
            }
            _ if c.is_control() && !matches!(c, '\n' | '\r' | '\t') => {
                diagnostics.push(control_character(span, c));
                pad(&mut out, c);
            }
            _ if c.is_ascii() => out.push(c),
            '“' | '”' | '«' | '»' | '‘' | '’' if place.is_closed_by(c) => {
                diagnostics.push(smart_quote(span, c));
                out.push_str(&format!("\"{}", " ".repeat(c.len_utf8() - 1)));
                place = Place::Code;
            }
            _ if place != Place::Code => out.push(c),
            '\u{a0}' | '\u{202f}' | '\u{2007}' | '\u{2009}' | '\u{200b}' | '\u{3000}' => {
                diagnostics.push(no_break_space(span));
                pad(&mut out, c);
            }
            '“' | '”' | '„' | '‟' | '«' | '»' | '‘' | '’' | '‚' => {
                let padding = " ".repeat(c.len_utf8() - 1);
                if last.is_alphanumeric() {
                    diagnostics.push(apostrophe(span, c));
                    out.push_str(&format!(" {padding}"));
                } else {
                    diagnostics.push(smart_quote(span, c));
                    out.push_str(&format!("{padding}\""));
                    place = Place::SmartText { double: !matches!(c, '‘' | '’' | '‚') };
                    last = '\0';
                    continue;
                }
            }
            _ => match look_alike(c) {
                Some(letter) => {
                    diagnostics.push(look_alike_letter(span, c, letter));
                    out.push(letter);
                    out.extend(std::iter::repeat_n('_', c.len_utf8() - 1));
                }
                None => out.push(c),
            },
        }
        place = place.after(c, last);
        last = if last == '\\' && c == '\\' { '\0' } else { c };
    }
    out
}

/// Where a character stands, as far as foreign characters go: quotes and comments may hold any.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Code,
    Text,
    /// Between typographic quotes.
    SmartText {
        double: bool,
    },
    Comment,
}

impl Place {
    fn is_closed_by(self, quote: char) -> bool {
        match self {
            Place::SmartText { double } => double != matches!(quote, '‘' | '’'),
            Place::Code | Place::Text | Place::Comment => false,
        }
    }

    fn after(self, c: char, last: char) -> Place {
        match (self, c) {
            (Place::Code, '"') => Place::Text,
            (Place::Code, '#') => Place::Comment,
            (Place::SmartText { .. }, '"') => Place::Code,
            (Place::Text, '"') if last != '\\' => Place::Code,
            (Place::Text | Place::SmartText { .. } | Place::Comment, '\n') => Place::Code,
            _ => self,
        }
    }
}

fn pad(out: &mut String, c: char) {
    out.extend(std::iter::repeat_n(' ', c.len_utf8()));
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn direction_mark(span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::DIRECTION_MARK,
        span,
        "an invisible mark here changes the direction in which text is shown",
        "the mark stands here",
    )
    .help("it can make a line read otherwise than it works; nothing in a playbook needs it")
    .fix("remove the mark", span, "")
}

fn control_character(span: Span, c: char) -> Diagnostic {
    Diagnostic::error(
        codes::STRAY_CHARACTER,
        span,
        format!("an invisible control character (U+{:04X}) has no meaning in a playbook", u32::from(c)),
        "the character stands here",
    )
    .fix("remove the character", span, "")
}

fn no_break_space(span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::NO_BREAK_SPACE,
        span,
        "this is a no-break space, not a plain one",
        "pasted from a document or web page",
    )
    .fix("write a plain space", span, " ")
}

fn smart_quote(span: Span, c: char) -> Diagnostic {
    Diagnostic::error(
        codes::SMART_QUOTE,
        span,
        format!("`{c}` is a typographic quote; a text stands between plain `\"`"),
        "pasted from a document",
    )
    .fix("write a plain quote", span, "\"")
}

/// A quote behind a word opens no text.
fn apostrophe(span: Span, c: char) -> Diagnostic {
    Diagnostic::error(
        codes::SMART_QUOTE,
        span,
        format!("`{c}` has no meaning behind a name"),
        "outside a text in quotes",
    )
    .help("a field of the customer is named alone, `card`; a field of a row behind a point, `item.department`")
}

fn look_alike_letter(span: Span, c: char, letter: char) -> Diagnostic {
    Diagnostic::error(
        codes::LOOK_ALIKE_LETTER,
        span,
        format!("`{c}` looks like the letter `{letter}` but is another (U+{:04X})", u32::from(c)),
        "a letter of another alphabet",
    )
    .fix(format!("write the letter `{letter}`"), span, letter.to_string())
}

/// The Latin letter for which a Cyrillic, Greek or full-width letter is easily taken.
fn look_alike(c: char) -> Option<char> {
    const PAIRS: &str = "аaеeоoрpсcуyхxіiјjѕsԁdһhԛqԝwАAВBЕEКKМMНHОOРPСCТTХXУYІIЅSαaοoνvΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX";
    let full_width = u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).filter(char::is_ascii_alphanumeric);
    let mut pairs = PAIRS.chars();
    while let (Some(from), Some(to)) = (pairs.next(), pairs.next()) {
        if from == c {
            return Some(to);
        }
    }
    full_width
}
