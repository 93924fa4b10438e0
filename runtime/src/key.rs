//! Keys: finding a row by its key, and a hash of keys that never changes, for samples.

use std::collections::HashMap;

use seg_ir::Value;

use crate::cell::KeyCell;
use crate::rule::{Kind, Rule};

/// Rows by key. Whole keys are those of every type that is a whole number inside: `Int`, `Date`, enums.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyIndex {
    texts: HashMap<Box<str>, u32>,
    whole: HashMap<i64, u32>,
}

impl KeyIndex {
    pub fn len(&self) -> usize {
        self.texts.len() + self.whole.len()
    }

    pub fn find(&self, key: &KeyCell<'_>) -> Option<u32> {
        match key {
            KeyCell::Text(text) => self.texts.get(text.as_str()).copied(),
            KeyCell::Whole(whole) => self.whole.get(whole).copied(),
        }
    }

    /// The number of a key, which is `next` if it is new; and whether it is.
    pub fn insert(&mut self, key: &KeyCell<'_>, next: u32) -> (u32, bool) {
        if let Some(known) = self.find(key).filter(|_| !seg_ir::fault::is("ingest.known-keys-are-new")) {
            return (known, false);
        }
        match key {
            KeyCell::Text(text) => self.texts.insert(text.as_str().into(), next),
            KeyCell::Whole(whole) => self.whole.insert(*whole, next),
        };
        (next, true)
    }
}

/// The key that a validated value is; `None` for values that name nothing.
pub(crate) fn of_value<'v>(value: &'v Value<'v>) -> Option<KeyCell<'v>> {
    Some(match value {
        Value::Text(text) => KeyCell::Text((*text).into()),
        Value::Made(text) => KeyCell::Text(text.as_ref().into()),
        Value::Int(v) | Value::Money(v) | Value::Percent(v) | Value::Timestamp(v) | Value::Span(v) => {
            KeyCell::Whole(*v)
        }
        Value::Date(v) | Value::TimeOfDay(v) => KeyCell::Whole(i64::from(*v)),
        Value::Enum(v) | Value::Reference(v) => KeyCell::Whole(i64::from(*v)),
        Value::Bool(v) => KeyCell::Whole(i64::from(*v)),
        Value::Number(_) | Value::Period(_) | Value::List(_) | Value::Missing(_) => return None,
    })
}

/// A key as people write it.
pub(crate) fn show_cell(key: &KeyCell<'_>, rule: &Rule) -> String {
    match key {
        KeyCell::Text(text) => text.as_str().to_string(),
        KeyCell::Whole(whole) => {
            let day = || i32::try_from(*whole).unwrap_or(i32::MAX);
            match &rule.kind {
                Kind::Date => seg_ir::time::show_date(day()),
                Kind::Timestamp => seg_ir::time::show_instant(*whole),
                Kind::TimeOfDay => seg_ir::time::show_time(whole.saturating_mul(1_000_000)),
                Kind::Enum(members) => {
                    let name = usize::try_from(*whole).ok().and_then(|i| members.values.get(i));
                    name.map_or_else(|| whole.to_string(), Clone::clone)
                }
                Kind::Bool => (*whole != 0).to_string(),
                _ => whole.to_string(),
            }
        }
    }
}

/// A validated key as people write it.
pub(crate) fn show(value: &Value<'_>, rule: &Rule) -> Option<String> {
    of_value(value).map(|key| show_cell(&key, rule))
}

/// A hash of a key that is the same on every machine and in every release. **Source**: FNV-1a (64 bits), finished by
/// the mixer of MurmurHash3.
pub(crate) fn stable_hash(key: &KeyCell<'_>) -> u64 {
    let fnv = |bytes: &[u8]| {
        bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
    };
    let mut h = match key {
        KeyCell::Text(text) => fnv(text.as_str().as_bytes()),
        KeyCell::Whole(whole) if seg_ir::fault::is("ingest.whole-keys-hash-otherwise") => fnv(&whole.to_be_bytes()),
        KeyCell::Whole(whole) => fnv(&whole.to_le_bytes()),
    };
    h ^= h >> 33;
    h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^= h >> 33;
    h = h.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    h ^ (h >> 33)
}
