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
    /// Rows of whole keys that are small for how many keys there are, at the place that is the key: numbers given out one
    /// after another need no hash. `NONE` where no such key is.
    near: Vec<u32>,
    near_count: usize,
}

/// No row; a row of this number is kept in `whole`.
const NONE: u32 = u32::MAX;

/// `near` is at most so many times as long as there are keys, but for the first ones.
const NEAR_PER_KEY: usize = 8;
const NEAR_MIN: usize = 1 << 13;

impl KeyIndex {
    #[cfg(test)]
    fn len(&self) -> usize {
        self.texts.len() + self.whole.len() + self.near_count
    }

    pub fn find(&self, key: &KeyCell<'_>) -> Option<u32> {
        match key {
            KeyCell::Text(text) => self.texts.get(text.as_str()).copied(),
            KeyCell::Whole(whole) => {
                let near = usize::try_from(*whole).ok().and_then(|place| self.near.get(place));
                match near.copied().filter(|row| *row != NONE) {
                    // What came before `near` was long enough for it.
                    None if !self.whole.is_empty() => self.whole.get(whole).copied(),
                    found => found,
                }
            }
        }
    }

    /// The number of a key, which is `next` if it is new; and whether it is.
    pub fn insert(&mut self, key: &KeyCell<'_>, next: u32) -> (u32, bool) {
        if let Some(known) = self.find(key).filter(|_| !seg_ir::fault::is("ingest.known-keys-are-new")) {
            return (known, false);
        }
        match key {
            KeyCell::Text(text) => {
                self.texts.insert(text.as_str().into(), next);
            }
            KeyCell::Whole(whole) => self.insert_whole(*whole, next),
        }
        (next, true)
    }

    /// The rows of whole keys, `u32::MAX` for those that name none or are not `wanted`. As [`KeyIndex::find`] one by one, but
    /// memory is waited for many keys at a time.
    pub fn find_all(&self, keys: &[i64], wanted: impl Fn(usize) -> bool, rows: &mut [u32]) {
        for (key, row) in keys.iter().zip(&mut *rows) {
            *row = usize::try_from(*key).ok().and_then(|place| self.near.get(place)).copied().unwrap_or(NONE);
        }
        for (at, (key, row)) in keys.iter().zip(rows).enumerate() {
            *row = match (wanted(at), *row) {
                (false, _) => NONE,
                (true, NONE) if !self.whole.is_empty() => self.whole.get(key).copied().unwrap_or(NONE),
                (true, known) => known,
            };
        }
    }

    fn insert_whole(&mut self, key: i64, row: u32) {
        let length_max = NEAR_MIN.max(NEAR_PER_KEY * (self.near_count + self.whole.len() + 1));
        let place = usize::try_from(key).ok().filter(|place| *place < length_max && row != NONE);
        let Some(place) = place else {
            self.whole.insert(key, row);
            return;
        };
        if place >= self.near.len() {
            // Doubling what is there keeps growing cheap; the bound keeps the memory in proportion.
            let length = (2 * (place + 1)).min(length_max);
            self.near.resize(length, NONE);
        }
        if let Some(slot) = self.near.get_mut(place) {
            self.near_count += usize::from(*slot == NONE);
            *slot = row;
        }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

    use super::*;

    /// What a plain map would say of the same keys.
    fn agrees(keys: impl Iterator<Item = i64>) {
        let (mut index, mut plain) = (KeyIndex::default(), HashMap::new());
        let mut probes = vec![i64::MIN, -1, 0, i64::MAX];
        for key in keys {
            let next = plain.len() as u32;
            let known = plain.get(&key).copied();
            assert_eq!(index.insert(&KeyCell::Whole(key), next), (known.unwrap_or(next), known.is_none()), "{key}");
            plain.entry(key).or_insert(next);
            assert_eq!(index.len(), plain.len());
            probes.extend([key, key.wrapping_add(1), key.wrapping_sub(1)]);
        }
        for probe in probes {
            assert_eq!(index.find(&KeyCell::Whole(probe)), plain.get(&probe).copied(), "{probe}");
        }
    }

    #[test]
    fn whole_keys_are_found_wherever_they_are_kept() {
        agrees(0..50_000);
        agrees((0..50_000).rev());
        // All over a range that `near` comes to cover, each twice.
        agrees((0..100_000_i64).map(|i| i * 7919 % 50_000));
        agrees((0..3_000_i64).map(|i| (i * i * 1_000_003) % 1_000_000_007 - 500_000_000));
        agrees([-1, i64::MIN, i64::MAX, 0, 8191, 8192, 8193, -1, 8192].into_iter());
    }

    #[test]
    fn many_keys_are_found_as_each_would_be_alone() {
        let mut index = KeyIndex::default();
        let key = |i: i64| (i * 7919) % 3_000 - 5 + (i % 3) * (1 << 40);
        (0..6_000).step_by(2).for_each(|i| {
            index.insert(&KeyCell::Whole(key(i)), i as u32);
        });
        let keys: Vec<i64> = (0..6_000).map(key).collect();
        let mut rows = vec![0; keys.len()];
        index.find_all(&keys, |at| at % 7 != 3, &mut rows);
        for (at, key) in keys.iter().enumerate() {
            let alone = index.find(&KeyCell::Whole(*key)).filter(|_| at % 7 != 3);
            assert_eq!(rows[at], alone.unwrap_or(NONE), "{key}");
        }
        assert!(rows.contains(&NONE) && rows.iter().any(|row| *row != NONE));
    }

    #[test]
    fn the_memory_of_keys_that_are_far_apart_is_in_proportion() {
        let mut index = KeyIndex::default();
        assert!((0..100_000_i64).all(|i| index.insert(&KeyCell::Whole(i * 1_000), i as u32).1));
        assert!(index.near.len() <= NEAR_PER_KEY * index.len());
        assert_eq!(index.find(&KeyCell::Whole(99_999_000)), Some(99_999));
        assert_eq!(index.find(&KeyCell::Whole(99_999_001)), None);
    }
}
