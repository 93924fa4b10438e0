//! What `seg.toml` says to the compiler, as plain data.

use std::collections::BTreeMap;

/// How a lint is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Not told.
    Allow,
    Warn,
    /// Told as an error.
    Deny,
}

impl Level {
    pub fn from_word(word: &str) -> Option<Level> {
        Some(match word {
            "allow" => Level::Allow,
            "warn" => Level::Warn,
            "deny" => Level::Deny,
            _ => return None,
        })
    }
}

/// Settings of one compilation.
#[derive(Debug, Clone)]
pub struct Config {
    /// Levels of lints, by name; a lint that is not here has its own.
    pub lints: BTreeMap<String, Level>,
    /// How many days of history the data of an event table has, by its declared name.
    pub history_days: BTreeMap<String, i64>,
    /// The date against which "already past" is judged; none when the playbook sets no `as_of`.
    pub as_of: Option<i64>,
    /// Whether what is run is made smaller first; the answers do not depend on it.
    pub optimise: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config { lints: BTreeMap::new(), history_days: BTreeMap::new(), as_of: None, optimise: true }
    }
}
