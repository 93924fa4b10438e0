//! Conditions on their way into a sentence: behind a noun ("whose card is Gold") or by themselves ("their card is Gold").

use super::text::{Text, list, list_without_commas, long_list, say};

/// What is said of the customers, or of the events, at hand.
#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    /// Of something they have: `card`, `is Gold`.
    Whose {
        thing: Text,
        verb: Text,
        what: Said,
    },
    /// Of themselves: `have no orders`.
    Who(Text),
    /// A sentence about something else: `17 March 2026 is before 1 April 2026`.
    For(Text),
    /// A sentence about what is known of them: `it is not known that ...`.
    Of(Text),
    All(Vec<Clause>),
    Any(Vec<Clause>),
}

/// What a test says of its subject's presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// That it is known, and nothing else.
    Known,
    /// Something positive, from which that follows.
    Positive,
    Other,
}

/// The words that join a clause to its noun.
#[derive(Debug, Clone, Copy)]
pub struct Pronouns {
    who: &'static str,
    for_whom: &'static str,
    of_whom: &'static str,
}

pub const PEOPLE: Pronouns = Pronouns { who: "who", for_whom: "for whom", of_whom: "of whom" };
pub const THINGS: Pronouns = Pronouns { who: "that", for_whom: "for which", of_whom: "of which" };

impl Clause {
    /// Behind a noun in the plural: `whose card is Gold and who have no orders`.
    pub fn relative(&self, pronouns: &Pronouns) -> Text {
        self.relative_after(pronouns, false)
    }

    /// `after_rows`: a description of events came before, so "whose" would be taken to be theirs.
    fn relative_after(&self, pronouns: &Pronouns, after_rows: bool) -> Text {
        let own = if after_rows { "own " } else { "" };
        match self {
            Clause::Whose { thing, verb, .. } => say!["whose ", own, thing, " ", verb],
            Clause::Who(verb) => say![pronouns.who, " ", verb],
            Clause::For(sentence) => say![pronouns.for_whom, " ", sentence],
            Clause::Of(sentence) => say![pronouns.of_whom, " ", sentence],
            Clause::All(parts) => joined(parts, "and", pronouns, after_rows, false),
            Clause::Any(parts) => joined(parts, "or", pronouns, after_rows, false),
        }
    }

    /// By itself: `their card is Gold and they have no orders`.
    pub fn plain(&self) -> Text {
        match self {
            Clause::Whose { thing, verb, .. } => say!["their ", thing, " ", verb],
            Clause::Who(verb) => say!["they ", verb],
            Clause::For(sentence) | Clause::Of(sentence) => sentence.clone(),
            Clause::All(parts) => list(merged(parts, "and").iter().map(Clause::plain).collect(), "and"),
            Clause::Any(parts) => {
                let parts = merged(parts, "or");
                match parts.as_slice() {
                    [one] => one.plain(),
                    parts => say!["either ", list(parts.iter().map(Clause::plain).collect(), "or")],
                }
            }
        }
    }
}

/// `inner`: it is part of another list, whose commas it leaves alone.
fn joined(parts: &[Clause], word: &'static str, pronouns: &Pronouns, after_rows: bool, inner: bool) -> Text {
    let parts = merged(parts, word);
    let mut texts: Vec<Text> = Vec::new();
    let mut after = after_rows;
    for part in &parts {
        let text = match part {
            Clause::All(parts) => joined(parts, "and", pronouns, after, true),
            Clause::Any(parts) => joined(parts, "or", pronouns, after, true),
            part => part.relative_after(pronouns, after),
        };
        after |= text.of_rows;
        texts.push(text);
    }
    if texts.len() == 1 {
        return texts.remove(0);
    }
    let nested = parts.iter().any(|p| matches!(p, Clause::All(_) | Clause::Any(_)));
    let list = if inner && texts.len() == 2 {
        list_without_commas(texts, word)
    } else if nested || word == "and" && texts.iter().any(Text::is_long) || texts.len() > 2 {
        long_list(texts, word)
    } else {
        list(texts, word)
    };
    if word == "or" { say!["either ", list] } else { list }
}

/// Nested lists of one kind as one list, tests of one thing as one test, and no "is known" where that follows anyway.
fn merged(parts: &[Clause], word: &'static str) -> Vec<Clause> {
    let mut flat = Vec::new();
    for part in parts {
        match (part, word) {
            (Clause::All(inner), "and") | (Clause::Any(inner), "or") => flat.extend(merged(inner, word)),
            _ => flat.push(part.clone()),
        }
    }
    if word == "and" {
        let all = flat.clone();
        flat.retain(|part| !matches!(part, Clause::Whose { thing, what: Said::Known, .. } if follows(&all, thing)));
    }
    let mut out: Vec<Clause> = Vec::new();
    for part in flat {
        match (out.last_mut(), &part) {
            (Some(Clause::Whose { thing, verb, what }), Clause::Whose { thing: same, verb: more, what: next })
                if thing == same =>
            {
                *verb = say![&*verb, " ", word, " ", more];
                *what = if *what == *next { *what } else { Said::Other };
            }
            _ => out.push(part),
        }
    }
    out
}

/// Whether something positive is said of the thing.
fn follows(parts: &[Clause], of: &Text) -> bool {
    parts.iter().any(|part| matches!(part, Clause::Whose { thing, what: Said::Positive, .. } if thing == of))
}
