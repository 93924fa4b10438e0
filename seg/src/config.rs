//! `seg.toml`: what a playbook is called, where its data is per environment, how it runs, how lints are taken.

use std::collections::BTreeMap;

use seg_compiler::{Config, LINTS, Level};
use serde::Deserialize;

pub use crate::ir::playbook::{Data, Moment};

/// The settings of a playbook.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub name: Option<String>,
    /// What a run needs, and a compiled playbook keeps.
    pub run: crate::ir::playbook::Settings,
    pub lints: BTreeMap<String, Level>,
    pub history_days: BTreeMap<String, i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    playbook: PlaybookSection,
    #[serde(default)]
    data: BTreeMap<String, Entry>,
    #[serde(default)]
    env: BTreeMap<String, Environment>,
    #[serde(default)]
    run: RunSection,
    #[serde(default)]
    lints: BTreeMap<String, String>,
    /// Days of history that the data of an event table holds, for the lint on windows.
    #[serde(default)]
    history: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct PlaybookSection {
    name: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Environment {
    #[serde(default)]
    data: BTreeMap<String, Entry>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RunSection {
    as_of: Option<AsOf>,
    reject_max: Option<String>,
    memory_max: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AsOf {
    Text(String),
    Toml(toml::value::Datetime),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    One(String),
    Many(Vec<String>),
    Full(Full),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Full {
    file: Option<String>,
    files: Option<Vec<String>>,
    #[serde(default)]
    rename: BTreeMap<String, String>,
}

impl Settings {
    /// Reads a `seg.toml`. **Errors**: the 1-based line, and what is wrong there.
    pub fn parse(text: &str) -> Result<Settings, (usize, String)> {
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |s| s.start);
            let line = 1 + text.bytes().take(at).filter(|b| *b == b'\n').count();
            (line, error.message().to_string())
        })?;
        let at = |word: &str| 1 + text.lines().position(|l| l.trim_start().starts_with(word)).unwrap_or(0);
        let mut settings = Settings { name: file.playbook.name, ..Settings::default() };
        settings.run = crate::ir::playbook::Settings {
            data: entries(file.data),
            env: file.env.into_iter().map(|(name, env)| (name, entries(env.data))).collect(),
            as_of: None,
            reject_max: file.run.reject_max,
            memory_max: file.run.memory_max,
        };
        if let Some(as_of) = file.run.as_of {
            let text = match as_of {
                AsOf::Text(text) => text,
                AsOf::Toml(datetime) => datetime.to_string(),
            };
            settings.run.as_of = Some(parse_moment(&text).map_err(|reason| (at("as_of"), reason))?);
        }
        for (name, level) in file.lints {
            let line = at(&name);
            if !LINTS.iter().any(|l| l.name == name) {
                return Err((line, format!("there is no lint `{name}`; `seg explain NAME` shows those there are")));
            }
            let level = Level::from_word(&level)
                .ok_or_else(|| (line, format!("a lint is taken as `allow`, `warn` or `deny`, not `{level}`")))?;
            settings.lints.insert(name, level);
        }
        for (table, days) in file.history {
            let line = at(&table);
            let count = days.strip_suffix(" days").and_then(|d| d.trim().parse().ok());
            let count = count
                .ok_or_else(|| (line, format!("history is a number of days, such as `\"365 days\"`, not `{days}`")))?;
            settings.history_days.insert(table, count);
        }
        Ok(settings)
    }

    /// What the compiler is told.
    pub fn compiler(&self) -> Config {
        let as_of = self.run.as_of.map(|moment| moment.in_zone(&crate::ir::Zone::utc()));
        Config { lints: self.lints.clone(), history_days: self.history_days.clone(), as_of, ..Config::default() }
    }
}

fn entries(entries: BTreeMap<String, Entry>) -> BTreeMap<String, Data> {
    let data = |entry| match entry {
        Entry::One(file) => Data { files: vec![file], rename: BTreeMap::new() },
        Entry::Many(files) => Data { files, rename: BTreeMap::new() },
        Entry::Full(full) => {
            Data { files: full.file.into_iter().chain(full.files.unwrap_or_default()).collect(), rename: full.rename }
        }
    };
    entries.into_iter().map(|(table, entry)| (table, data(entry))).collect()
}

/// A moment as a user writes it: RFC 3339 with its offset, or a date. **Errors**: what is wrong with it.
pub fn parse_moment(text: &str) -> Result<Moment, String> {
    if let Some(day) = crate::ir::time::parse_date(text) {
        return Ok(Moment::Day(day));
    }
    match crate::ir::time::parse_timestamp(text) {
        Some(crate::ir::time::ParsedTime::Instant(instant)) => Ok(Moment::Instant(instant)),
        Some(crate::ir::time::ParsedTime::Civil(..)) => Err(format!(
            "`{text}` is no instant without an offset: write `{text}Z` for UTC, or an offset such as `+01:00`"
        )),
        None => Err(format!("`{text}` is no instant; write it as `2026-03-01T09:00Z`, or as a date, `2026-03-01`")),
    }
}
