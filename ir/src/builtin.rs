//! The shape of a builtin function, and the vocabulary that supplies them. The standard library fills it in.

use crate::types::Type;
use crate::value::Value;

/// A function of the language: everything that is known of it, in one place.
pub struct Builtin {
    pub name: &'static str,
    /// Raised when what it computes changes.
    pub version: u32,
    /// The page of the reference that it belongs to: `text`, `numbers`, `dates`.
    pub family: &'static str,
    pub parameters: &'static [Parameter],
    pub result: Shape,
    /// Whether it can be missing although its arguments are known.
    pub partial: bool,
    /// Called with known values only; a missing argument makes the call missing, with that argument's reason.
    pub call: fn(&[Value]) -> Value<'static>,
    /// What one call costs, in operations of the interpreter.
    pub cost: u64,
    /// The call in DuckDB's SQL, its arguments as `{0}`, `{1}`...
    pub sql: &'static str,
    /// One sentence that says what it gives.
    pub doc: &'static str,
    pub examples: &'static [Example],
}

pub struct Parameter {
    pub name: &'static str,
    pub shape: Shape,
}

/// A type, or one that the arguments decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    Is(Type),
    /// Int, Number, Percent or Money; the same everywhere in one call.
    AnyNumeric,
}

/// An expression and what it gives, both as source text; the tests run them.
pub struct Example {
    pub expression: &'static str,
    pub gives: &'static str,
}

/// All builtins, by index. The index is what the IR holds.
#[derive(Clone, Copy)]
pub struct Vocabulary(pub &'static [&'static Builtin]);

impl Vocabulary {
    pub fn find(&self, name: &str) -> Option<(u32, &'static Builtin)> {
        self.0.iter().position(|b| b.name == name).and_then(|i| Some((i as u32, *self.0.get(i)?)))
    }

    pub fn get(&self, index: u32) -> Option<&'static Builtin> {
        self.0.get(index as usize).copied()
    }
}

impl std::fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vocabulary({})", self.0.len())
    }
}
