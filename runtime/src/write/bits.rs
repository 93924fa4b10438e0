//! Bits in words, the first in the lowest place, as Arrow and Parquet have them.

/// Bits that are put one behind the other.
#[derive(Debug, Default)]
pub(super) struct Bits {
    /// Full ones, then the rest, with zeros above it.
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    pub fn len(&self) -> usize {
        self.len
    }

    /// Forgets all, and keeps the memory.
    pub fn clear(&mut self) {
        self.words.clear();
        self.len = 0;
    }

    /// Appends the lowest `count` bits of a word that is zero above them.
    pub fn push(&mut self, word: u64, count: u32) {
        if count == 0 {
            return;
        }
        let filled = (self.len % 64) as u32;
        match self.words.last_mut() {
            Some(last) if filled > 0 => {
                *last |= word << filled;
                if filled + count > 64 {
                    self.words.push(word >> (64 - filled));
                }
            }
            _ => self.words.push(word),
        }
        self.len += count as usize;
    }

    /// Writes the bits in as few bytes as hold them.
    pub fn write(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.len.div_ceil(8);
        self.words.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
        out.truncate(end);
    }

    /// Writes the bits as levels, in Parquet's hybrid: one run where all are the same, else groups of eight as they stand.
    /// Runs between groups are not worth it: what they save, compression saves as well.
    pub fn write_levels(&self, out: &mut Vec<u8>) {
        let ones: usize = self.words.iter().map(|word| word.count_ones() as usize).sum();
        if ones == 0 || ones == self.len {
            write_varint(self.len << 1, out);
            out.push(u8::from(ones > 0));
        } else {
            write_varint((self.len.div_ceil(8) << 1) | 1, out);
            self.write(out);
        }
    }
}

/// The lowest `count` bits.
pub(super) fn low(count: u32) -> u64 {
    1_u64.checked_shl(count).map_or(u64::MAX, |bit| bit - 1)
}

/// The bits of a word that a mask has, moved together to the lowest places.
pub(super) fn compact(word: u64, mask: u64) -> u64 {
    let mut kept = word & mask;
    if mask & mask.wrapping_add(1) == 0 {
        return kept;
    }
    if mask.count_ones() > 32 {
        // Those that go, one by one, from the highest: what is above moves down.
        let mut gaps = !mask;
        while gaps != 0 {
            let below = low(63 - gaps.leading_zeros());
            kept = (kept & below) | ((kept >> 1) & !below);
            gaps &= below;
        }
        return kept;
    }
    // Those that stay, one by one.
    let (mut left, mut together, mut at) = (mask, 0, 0);
    while left != 0 {
        together |= ((kept >> left.trailing_zeros()) & 1) << at;
        left &= left - 1;
        at += 1;
    }
    together
}

/// Seven bits a byte, the lowest first.
fn write_varint(mut number: usize, out: &mut Vec<u8>) {
    while number > 0x7f {
        out.push(((number & 0x7f) | 0x80) as u8);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
pub(super) mod tests {
    use super::*;

    /// Bits that a test can make again: `per_mille` of them are one.
    pub fn random(seed: u64, count: usize, per_mille: u64) -> Vec<bool> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state >> 11
        };
        (0..count).map(|_| next() % 1000 < per_mille).collect()
    }

    fn word(bits: &[bool]) -> u64 {
        bits.iter().enumerate().fold(0, |word, (at, bit)| word | (u64::from(*bit) << at))
    }

    #[test]
    fn compacting_keeps_the_masked_bits_in_order() {
        for seed in 0..2000 {
            let (values, mask) = (random(seed, 64, 500), random(seed + 9000, 64, seed % 21 * 50));
            let kept: Vec<bool> = values.iter().zip(&mask).filter(|(_, keep)| **keep).map(|(bit, _)| *bit).collect();
            assert_eq!(compact(word(&values), word(&mask)), word(&kept), "seed {seed}");
        }
    }

    #[test]
    fn bits_are_put_one_behind_the_other() {
        for seed in 0..300 {
            let all = random(seed, 500, 500);
            let (mut bits, mut at) = (Bits::default(), 0);
            for step in (seed as usize % 64..).step_by(7) {
                let count = (step % 65).min(all.len() - at);
                bits.push(word(all.get(at..at + count).unwrap()), count as u32);
                at += count;
                if at == all.len() {
                    break;
                }
            }
            let mut bytes = Vec::new();
            bits.write(&mut bytes);
            assert_eq!(bytes, all.chunks(8).map(|eight| word(eight) as u8).collect::<Vec<u8>>(), "seed {seed}");
        }
    }

    #[test]
    fn levels_are_one_run_or_packed() {
        let levels = |bits: &[bool]| {
            let (mut all, mut bytes) = (Bits::default(), Vec::new());
            bits.iter().for_each(|bit| all.push(u64::from(*bit), 1));
            all.write_levels(&mut bytes);
            bytes
        };
        assert_eq!(levels(&[true]), [0b10, 1]);
        assert_eq!(levels(&[false; 63]), [63 << 1, 0]);
        assert_eq!(levels(&[true; 64]), [0x80, 1, 1]);
        assert_eq!(levels(&[true; 65_536]), [0x80, 0x80, 8, 1]);
        assert_eq!(levels(&[true, false, true]), [0b11, 0b101]);
        assert_eq!(levels(&[[true; 8], [false; 8]].concat()), [0b101, 0xff, 0]);
        let mixed = random(1, 8192, 900);
        let packed = mixed.chunks(8).map(|eight| word(eight) as u8);
        assert_eq!(levels(&mixed), [0x81, 0x10].into_iter().chain(packed).collect::<Vec<u8>>());
    }
}
