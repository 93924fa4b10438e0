//! What `seg.toml` says that a run needs: where the data is, at which instant to look at it, and within which bounds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::{DATE_MAX, DATE_MIN, DAY_US, Zone};
use crate::verify::is_instant;

/// The settings of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// By table. Relative paths start at the folder of `seg.toml`, or of the compiled playbook.
    pub data: BTreeMap<String, Data>,
    /// By environment: bindings that replace those of `data`.
    pub env: BTreeMap<String, BTreeMap<String, Data>>,
    pub as_of: Option<Moment>,
    /// As written: `0.1%` or `250`.
    pub reject_max: Option<String>,
    /// As written: `4 GB`.
    pub memory_max: Option<String>,
}

/// The files of a table, and which field has a column of another name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    pub files: Vec<String>,
    pub rename: BTreeMap<String, String>,
}

/// An instant, or a day that stands for its first instant in the playbook's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moment {
    /// Microseconds since 1970-01-01T00:00Z.
    Instant(i64),
    /// Days since 1970-01-01.
    Day(i32),
}

impl Moment {
    /// The instant that it is in a zone.
    pub fn in_zone(self, zone: &Zone) -> i64 {
        match self {
            Moment::Instant(instant) => instant,
            Moment::Day(day) => zone.start_of_day(day).unwrap_or(i64::from(day) * DAY_US),
        }
    }
}

impl Settings {
    /// The bindings of an environment: those of `data`, replaced table by table. `None`: there is no such environment.
    pub fn bindings(&self, env: Option<&str>) -> Option<BTreeMap<String, Data>> {
        let mut data = self.data.clone();
        if let Some(env) = env {
            data.extend(self.env.get(env)?.clone());
        }
        Some(data)
    }

    /// Checks what a run computes with; the rest is judged where it is used. **Errors**: what is wrong, in words.
    pub fn verify(&self) -> Result<(), String> {
        match self.as_of {
            Some(Moment::Instant(instant)) if !is_instant(instant) => Err("`as_of` is beyond all dates".into()),
            Some(Moment::Day(day)) if !(DATE_MIN..=DATE_MAX).contains(&day) => {
                Err("`as_of` is beyond all dates".into())
            }
            _ => Ok(()),
        }
    }

    /// Every file that is bound to a table in any environment.
    pub fn all_data_files(&self) -> impl Iterator<Item = &str> {
        let all = self.data.values().chain(self.env.values().flat_map(BTreeMap::values));
        all.flat_map(|d| d.files.iter().map(String::as_str))
    }
}
