//! Conditions as trees that can be rewritten without changing what they mean, and printed.

use crate::random::Random;

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// A test and its opposite, both as they are written. `total`: it is never unknown.
    Test {
        text: String,
        opposite: String,
        total: bool,
        negative: bool,
    },
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    /// In parentheses that nothing asks for.
    Nested(Box<Condition>),
    /// Through a declared name.
    Named(Name, Box<Condition>),
}

/// What a part of a condition is declared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    Segment(usize),
    Attribute(usize),
}

/// Which rewritings keep a condition's meaning and, with it, whether it must be accepted.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Negations around parts: only where the whole is never unknown, or is refused anyway.
    pub negations: bool,
    /// Names for parts: not where rows are tested, whose fields are others.
    pub names: bool,
    /// Whether the condition is accepted; then only parts that stand by themselves are named.
    pub accepted: bool,
}

/// `field is known`
pub fn known(field: &str) -> Condition {
    total(format!("{field} is known"), format!("{field} is missing"))
}

/// `field is missing`
pub fn missing(field: &str) -> Condition {
    total(format!("{field} is missing"), format!("{field} is known"))
}

/// A test that is never unknown.
pub fn fact(text: &str, opposite: &str) -> Condition {
    total(text.to_string(), opposite.to_string())
}

fn total(text: String, opposite: String) -> Condition {
    Condition::Test { text, opposite, total: true, negative: false }
}

/// A test that can be unknown; its negative form begins with `not` or holds `!=` or `not in`.
pub fn test(text: &str, opposite: &str) -> Condition {
    let negative = is_negative(text);
    Condition::Test { text: text.to_string(), opposite: opposite.to_string(), total: false, negative }
}

pub fn all<const N: usize>(parts: [Condition; N]) -> Condition {
    Condition::All(parts.to_vec())
}

pub fn any<const N: usize>(parts: [Condition; N]) -> Condition {
    Condition::Any(parts.to_vec())
}

fn is_negative(text: &str) -> bool {
    text.starts_with("not ") || text.contains("!=") || text.contains(" not in ")
}

impl Condition {
    /// The opposite, pushed into the tests.
    fn negated(&self) -> Condition {
        match self {
            Condition::Test { text, opposite, total, .. } => Condition::Test {
                text: opposite.clone(),
                opposite: text.clone(),
                total: *total,
                negative: is_negative(opposite),
            },
            Condition::Not(inner) => (**inner).clone(),
            Condition::All(parts) => Condition::Any(parts.iter().map(Condition::negated).collect()),
            Condition::Any(parts) => Condition::All(parts.iter().map(Condition::negated).collect()),
            Condition::Nested(inner) => inner.negated(),
            Condition::Named(..) => Condition::Not(Box::new(self.clone())),
        }
    }

    /// Another way to write it.
    pub fn varied(&self, random: &mut Random, style: Style) -> Condition {
        let same = match self {
            Condition::Test { .. } => self.clone(),
            Condition::Not(inner) => Condition::Not(Box::new(inner.varied(random, style))),
            Condition::Nested(inner) => inner.varied(random, style),
            Condition::Named(name, inner) => Condition::Named(*name, Box::new(inner.varied(random, style))),
            Condition::All(parts) => Condition::All(regrouped(parts, random, style, true)),
            Condition::Any(parts) => Condition::Any(regrouped(parts, random, style, false)),
        };
        let same = match style.negations && random.once_in(4) {
            true if random.once_in(2) => Condition::Not(Box::new(Condition::Not(Box::new(same)))),
            true => Condition::Not(Box::new(same.negated())),
            false => same,
        };
        let same = match style.names && random.once_in(4) && same.may_be_named(style) {
            true if random.once_in(2) => Condition::Named(Name::Segment(random.below(1_000_000)), Box::new(same)),
            true => Condition::Named(Name::Attribute(random.below(1_000_000)), Box::new(same)),
            false => same,
        };
        if random.once_in(5) { Condition::Nested(Box::new(same)) } else { same }
    }

    /// A definition is judged by itself: where the whole is accepted, only what stands alone gets a name.
    fn may_be_named(&self, style: Style) -> bool {
        match self {
            _ if !style.accepted => true,
            Condition::Test { total, negative, .. } => *total || !*negative,
            _ => self.is_of_facts(),
        }
    }

    fn is_of_facts(&self) -> bool {
        match self {
            Condition::Test { total, .. } => *total,
            Condition::Not(inner) | Condition::Nested(inner) | Condition::Named(_, inner) => inner.is_of_facts(),
            Condition::All(parts) | Condition::Any(parts) => parts.iter().all(Condition::is_of_facts),
        }
    }

    /// As source text. Declarations of the names in it are added.
    pub fn written(&self, declarations: &mut Vec<String>) -> String {
        match self {
            Condition::Test { text, .. } => text.clone(),
            Condition::Not(inner) => match &**inner {
                Condition::Not(_) | Condition::Nested(_) | Condition::Named(..) => {
                    format!("not {}", inner.written(declarations))
                }
                _ => format!("not ({})", inner.written(declarations)),
            },
            Condition::All(parts) => joined(parts, " and ", declarations),
            Condition::Any(parts) => joined(parts, " or ", declarations),
            Condition::Nested(inner) => format!("({})", inner.written(declarations)),
            Condition::Named(name, inner) => {
                let definition = inner.written(declarations);
                let (declaration, name) = match name {
                    Name::Segment(n) => (format!("segment Part{n} when {definition}"), format!("Part{n}")),
                    Name::Attribute(n) => (format!("attribute part_{n} = {definition}"), format!("part_{n}")),
                };
                if !declarations.contains(&declaration) {
                    declarations.push(declaration);
                }
                name
            }
        }
    }
}

/// The parts in another order, some of them in a group of their own.
fn regrouped(parts: &[Condition], random: &mut Random, style: Style, all: bool) -> Vec<Condition> {
    let mut parts: Vec<Condition> = parts.iter().map(|p| p.varied(random, style)).collect();
    random.shuffle(&mut parts);
    if parts.len() > 2 && random.once_in(2) {
        let at = random.below(parts.len() - 1);
        let group: Vec<Condition> = parts.drain(at..at + 2).collect();
        let group = if all { Condition::All(group) } else { Condition::Any(group) };
        let group = match style.negations && random.once_in(3) {
            true => Condition::Not(Box::new(group.negated())),
            false => Condition::Nested(Box::new(group)),
        };
        parts.insert(at, group);
    }
    parts
}

fn joined(parts: &[Condition], word: &str, declarations: &mut Vec<String>) -> String {
    let part = |part: &Condition, declarations: &mut Vec<String>| match part {
        Condition::All(_) | Condition::Any(_) => format!("({})", part.written(declarations)),
        _ => part.written(declarations),
    };
    parts.iter().map(|p| part(p, declarations)).collect::<Vec<_>>().join(word)
}
