//! Bounds what is decoded: how deep a value may hold values of its own kind, and how many items a list may have. Bytes
//! from elsewhere must not be able to exhaust the stack or the memory.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// Levels beyond which decoding is refused. A clause nests as its source does, and by each segment that it names.
pub const LEVELS_MAX: u32 = 256;

thread_local! {
    static LEVEL: Cell<u32> = const { Cell::new(0) };
}

/// One level, left again when decoding it ends, well or not.
struct Level;

impl Drop for Level {
    fn drop(&mut self) {
        LEVEL.set(LEVEL.get() - 1);
    }
}

/// Decodes a field that may hold its own kind again. **Errors**: it nests deeper than [`LEVELS_MAX`].
pub fn nested<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    LEVEL.set(LEVEL.get() + 1);
    let level = Level;
    if LEVEL.get() > LEVELS_MAX {
        return Err(D::Error::custom("it nests too deep"));
    }
    let value = T::deserialize(deserializer);
    drop(level);
    value
}

/// Decodes a list of at most `MAX` items. **Errors**: it claims or has more.
pub fn few<'de, D: Deserializer<'de>, T: Deserialize<'de>, const MAX: usize>(d: D) -> Result<Vec<T>, D::Error> {
    d.deserialize_seq(Few::<T, MAX>(PhantomData))
}

struct Few<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Few<T, MAX> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX} items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let claimed = seq.size_hint().unwrap_or(0);
        let mut items = Vec::with_capacity(claimed.min(PREPARED_MAX));
        if claimed > MAX {
            return Err(A::Error::custom("it has too many items"));
        }
        while let Some(item) = seq.next_element()? {
            if items.len() >= MAX {
                return Err(A::Error::custom("it has too many items"));
            }
            items.push(item);
        }
        Ok(items)
    }
}

/// Items for which room is made before any is read: a list may claim more than it has.
const PREPARED_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use crate::{Const, Type};

    /// A variant that holds itself, so often.
    fn nested(tag: &[u8], times: usize, last: u8) -> Vec<u8> {
        let mut bytes = tag.repeat(times);
        bytes.push(last);
        bytes
    }

    #[test]
    fn what_holds_its_own_kind_nests_so_deep_and_no_deeper() {
        let list_of = |times| postcard::from_bytes::<Type>(&nested(&[12], times, 0));
        assert_eq!(list_of(1).ok(), Some(Type::List(Box::new(Type::Bool))));
        assert!(list_of(256).is_ok() && list_of(257).is_err() && list_of(10_000_000).is_err());
        let constants = |times| postcard::from_bytes::<Const>(&nested(&[13, 1], times, 255));
        assert!(constants(10_000_000).is_err());
        // A failure inside leaves every level again.
        assert!(list_of(256).is_ok());
    }
}
