//! Where a token stands: behind the end of an operand, where an operator may follow and no name, or not. A word that is a
//! keyword in some places and a name in others, and the mark that divides and begins a pattern, are told apart by that
//! alone. Knows no grammar beyond it; what the grammar refuses may be told either way.

use crate::ast::Unit;
use crate::lex::TokenKind;
use crate::scan::is_declaration_word;

/// The words that are never names, but for those that are values.
const RESERVED: [&str; 21] = [
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
    "choose",
    "match",
    "when",
    "otherwise",
    "as",
    "default",
    "except",
    "missing",
];

#[derive(Default)]
pub(super) struct Place {
    /// An operand ended with the last token.
    operand_ended: bool,
    last: Last,
    /// The brackets that are open.
    open: Vec<u8>,
}

/// What the last token was, where that decides what the next one is.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Last {
    #[default]
    Other,
    /// `.`, which a name follows
    Point,
    /// `in`, which a window may follow
    In,
    /// A unit where an operand begins: `days until`
    Unit,
    /// `starts` or `ends` where an operator stands
    Starts,
    /// `matches` where an operator stands
    Matches,
    /// `max`, which a plain number follows
    Max,
}

impl Place {
    /// Whether `/` begins a pattern here and does not divide.
    pub fn is_before_pattern(&self) -> bool {
        self.last == Last::Matches
    }

    /// Whether a number here takes no word behind it as its unit.
    pub fn is_before_plain_number(&self) -> bool {
        self.last == Last::Max
    }

    /// Goes on by a token; `column_1` says whether it stands in the first column.
    pub fn follow(&mut self, kind: TokenKind, text: &str, column_1: bool) {
        if column_1 && (is_declaration_word(text) || text == "@") {
            *self = Place::default();
        }
        (self.operand_ended, self.last) = match kind {
            TokenKind::Comment | TokenKind::Doc => return,
            TokenKind::Number | TokenKind::Text | TokenKind::Regex => (true, Last::Other),
            TokenKind::UnclosedText | TokenKind::Stray => (false, Last::Other),
            TokenKind::Punctuation => self.mark(text),
            TokenKind::Word => self.word(text),
        };
    }

    fn mark(&mut self, text: &str) -> (bool, Last) {
        match text {
            "(" | "[" | "{" => self.open.extend(text.bytes()),
            ")" | "]" | "}" => drop(self.open.pop()),
            _ => {}
        }
        (matches!(text, ")" | "]" | "}"), if text == "." { Last::Point } else { Last::Other })
    }

    fn word(&self, word: &str) -> (bool, Last) {
        let ended = self.operand_ended;
        match word {
            _ if self.last == Last::Point => (true, Last::Other),
            "missing" => (true, Last::Other),
            "in" => (false, Last::In),
            _ if RESERVED.contains(&word) => (false, Last::Other),
            "since" if ended || self.last == Last::In => (false, Last::Other),
            "until" if self.last == Last::Unit => (false, Last::Other),
            "with" if self.last == Last::Starts => (false, Last::Other),
            "contains" if ended => (false, Last::Other),
            // Behind an operand within braces no name is next; within others it names the rows before it.
            "expect" if ended && self.open.last() == Some(&b'{') => (false, Last::Other),
            "matches" if ended => (false, Last::Matches),
            "starts" | "ends" if ended => (true, Last::Starts),
            "max" => (true, Last::Max),
            _ if !ended && Unit::from_word(word).is_some() => (true, Last::Unit),
            _ => (true, Last::Other),
        }
    }
}

#[cfg(test)]
mod tests {
    use pest::Parser;

    use super::*;
    use crate::lex::lex;
    use crate::parse::{Rule, SegParser};

    #[test]
    fn the_reserved_words_are_those_of_the_grammar() {
        let values = ["true", "false"];
        let known = |word: &str| RESERVED.contains(&word) || values.contains(&word);
        let words =
            include_str!("../seg.pest").split(|c: char| !c.is_ascii_lowercase()).filter(|word| !word.is_empty());
        for word in words.chain(RESERVED).chain(values) {
            assert_eq!(known(word), SegParser::parse(Rule::reserved, word).is_ok(), "{word}");
        }
    }

    /// Wherever the grammar reads a pattern, the lexer has one token of the same bytes, and nowhere else.
    #[test]
    fn a_slash_divides_behind_a_name_and_begins_a_pattern_behind_an_operator() {
        let divided = [
            "attribute x = matches / 2 / 3",
            "attribute x = 1 + matches / 2 / 3",
            "attribute x = a.matches / 2 / 3",
            "attribute x = (a) . matches / 2 / 3",
            "attribute x = days since matches / 2 / 3",
            "attribute x = days until matches / 2 / 3",
            "attribute x = day of matches / 2 / 3",
            "attribute x = count(orders where matches / 2 / 3 = 1)",
            "attribute x = count(orders since matches / 2 / 3)",
            "attribute x = count(orders with since matches / 2 / 3)",
            "attribute x = count(orders until since matches / 2 / 3)",
            "attribute x = count(orders expect since matches / 2 / 3)",
            "attribute x = choose { when matches / 2 / 3 > 1 => matches / 2 / 3 otherwise => matches / 2 / 3 }",
            "attribute x = match matches / 2 / 3 { any => 1 }",
            "segment A when matches / 2 / 3 = matches / 2 / 3 except not matches / 2 / 3 > 1",
            "segment A when a in since matches / 2 / 3",
            "segment A when a since matches / 2 / 3",
            "segment A when a between matches / 2 / 3 and matches / 2 / 3",
            "segment A when a in last 3 days before matches or a before matches / 2 / 3",
            "segment A when a starts with matches / 2 / 3 or a ends with matches / 2 / 3",
            "segment A when a contains matches / 2 / 3 or a contains any of matches / 2 / 3",
            "segment A when a is matches / 2 / 3 or a is not matches / 2 / 3",
            "segment A when a in [matches / 2 / 3, matches / 2 / 3]",
            "test \"t\" { given {} as of 2026-01-01 expect matches / 2 / 3 = 1 expect matches / 2 / 3 = 1 }",
            "table t(a) -> Int { a || r = matches / 2 / 3 || 1 }",
        ];
        let matched = [
            "segment A when matches matches /2 #\"(/ and a",
            "segment A when a.matches matches /2 #\"(/",
            "segment A when not matches matches # why\n /2 #\"(/ ignoring case",
            "segment A when since matches /2 #\"(/ or with matches /2 #\"(/ or until matches /2 #\"(/",
            "segment A when contains matches /2 #\"(/ or expect matches /2 #\"(/ or starts matches /2 #\"(/",
            "segment A when f(a) matches /2 #\"(/ or \"a\" matches /2 #\"(/ or [1] matches /2 #\"(/",
            "segment A when choose { when a => b } matches /2 #\"(/ or (missing matches /2 #\"(/)",
            "segment A when 3 days ago matches /2 #\"(/ or 5 matches /2 #\"(/",
            "attribute x = count(orders with where with.a matches /2 #\"(/)",
            "test \"t\" { given {} as of 2026-01-01 expect expect matches /2 #\"(/ expect a matches /2 #\"(/ }",
        ];
        for (text, patterns) in divided.iter().map(|text| (text, false)).chain(matched.iter().map(|text| (text, true)))
        {
            assert!(SegParser::parse(Rule::declaration, text).is_ok(), "{text}");
            let tokens = lex(text);
            let found = tokens.iter().filter(|token| token.kind == TokenKind::Regex);
            assert!(found.clone().all(|token| token.text(text) == "/2 #\"(/"), "{text}");
            assert_eq!(found.count(), text.matches("/2 #\"(/").count(), "{text}");
            assert!(patterns != text.contains("/ 2 / 3"), "{text}");
        }
    }
}
