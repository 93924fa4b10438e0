//! Sentences in the making: words with gaps for moments.

use seg_ir::NodeId;
use seg_ir::program::Piece;

/// Several parts as one text: `say!["whose ", thing, " is ", value]`.
macro_rules! say {
    ($($part:expr),* $(,)?) => {{
        let mut text = $crate::english::text::Text::default();
        $(text.push($part);)*
        text
    }};
}
pub(super) use say;

/// Words, and gaps that only an as-of instant can fill.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Text {
    pieces: Vec<Piece>,
    /// Whether it ends with a description of events, to which a following "whose" could be taken to belong.
    pub of_rows: bool,
}

impl Text {
    pub fn moment(node: NodeId) -> Text {
        Text { pieces: vec![Piece::Moment(node)], of_rows: false }
    }

    pub fn piece(piece: Piece) -> Text {
        Text { pieces: vec![piece], of_rows: false }
    }

    pub fn push(&mut self, other: impl Into<Text>) {
        let mut other = other.into();
        // A phrase that is set off by commas may end where a list goes on or the sentence ends.
        if let (Some(Piece::Words(last)), Some(Piece::Words(next))) = (self.pieces.last_mut(), other.pieces.first_mut())
            && last.ends_with(',')
            && next.starts_with([',', '.'])
        {
            last.pop();
        }
        if !other.pieces.is_empty() {
            self.of_rows = other.of_rows;
        }
        for piece in other.pieces {
            match (self.pieces.last_mut(), piece) {
                (Some(Piece::Words(words)), Piece::Words(more)) => words.push_str(&more),
                (_, piece) => self.pieces.push(piece),
            }
        }
    }

    /// This noun before another one: `product` and `category`; `campaign` and `campaign ID` share their word.
    pub fn compound(&self, words: &str) -> Text {
        let last = match self.pieces.last() {
            Some(Piece::Words(last)) => last.rsplit(' ').next().unwrap_or(""),
            _ => "",
        };
        let rest = words.strip_prefix(last).and_then(|rest| rest.strip_prefix(' ')).filter(|_| !last.is_empty());
        say![self, " ", rest.unwrap_or(words)]
    }

    /// The noun in the plural, by its last word.
    pub fn plural(mut self) -> Text {
        if let Some(Piece::Words(words)) = self.pieces.last_mut() {
            *words = super::names::plural(words);
        }
        self
    }

    /// Whether it begins with a sum or a product that is named as one.
    pub fn is_wrapped(&self) -> bool {
        const NAMED: [&str; 4] = ["the sum of ", "the difference of ", "the product of ", "the quotient of "];
        let first = self.pieces.first();
        first.is_some_and(|p| matches!(p, Piece::Words(words) if NAMED.iter().any(|name| words.starts_with(name))))
    }

    /// Whether a list of such texts needs more than `and` between them.
    pub fn is_long(&self) -> bool {
        self.pieces.iter().any(|p| match p {
            Piece::Words(words) => words.contains(',') || words.contains(" or ") || words.contains(" and "),
            Piece::Moment(_) | Piece::From { .. } | Piece::Until { .. } => true,
        })
    }

    pub fn into_pieces(self) -> Vec<Piece> {
        self.pieces
    }
}

impl From<&str> for Text {
    fn from(words: &str) -> Text {
        Text::from(words.to_string())
    }
}

impl From<String> for Text {
    fn from(words: String) -> Text {
        let pieces = if words.is_empty() { Vec::new() } else { vec![Piece::Words(words)] };
        Text { pieces, of_rows: false }
    }
}

impl From<&String> for Text {
    fn from(words: &String) -> Text {
        Text::from(words.clone())
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Text {
        text.clone()
    }
}

/// `a`, `a and b`, `a, b, and c`: the word before the last, and a comma where the parts are long.
pub fn list(parts: Vec<Text>, word: &str) -> Text {
    let long = parts.iter().any(Text::is_long);
    listed(parts, word, long)
}

/// A list with a comma before the last word whatever its parts are.
pub fn long_list(parts: Vec<Text>, word: &str) -> Text {
    listed(parts, word, true)
}

/// A list of short names: `a, b and c`.
pub fn short_list(parts: Vec<String>, word: &str) -> Text {
    list_without_commas(parts.into_iter().map(Text::from).collect(), word)
}

/// A list with a comma between its parts only where there are more than two.
pub fn list_without_commas(parts: Vec<Text>, word: &str) -> Text {
    listed(parts, word, false)
}

fn listed(parts: Vec<Text>, word: &str, long: bool) -> Text {
    let count = parts.len();
    let mut out = Text::default();
    for (n, part) in parts.into_iter().enumerate() {
        if n > 0 && n + 1 == count {
            let comma = if long { ", " } else { " " };
            out.push(format!("{comma}{word} "));
        } else if n > 0 {
            out.push(", ");
        }
        out.push(part);
    }
    out
}
