//! Runs of small whole numbers as Parquet packs them: the same number many times, or each in a few bits. Knows no columns.
//! **Source**: "Run Length Encoding / Bit-Packing Hybrid" in Encodings.md of Apache Parquet.

use arrow_buffer::BooleanBufferBuilder;
use arrow_buffer::bit_chunk_iterator::UnalignedBitChunk;
use bytes::Bytes;

/// Numbers that have not been read.
pub(super) struct Runs {
    bytes: Bytes,
    /// Where the next run begins.
    at: usize,
    /// How many bits a number has, 32 at most.
    width: usize,
    run: Run,
}

#[derive(Debug, Clone, Copy)]
enum Run {
    Same {
        number: u32,
        left: usize,
    },
    /// Numbers from one on, of those packed from a byte on.
    Packed {
        from: usize,
        next: usize,
        left: usize,
    },
}

/// So many numbers are unpacked at a time: they fill whole words of 32 bits, whatever their width.
const TOGETHER: usize = 32;

impl Runs {
    /// `None`: no number has so many bits.
    pub fn new(bytes: Bytes, width: usize) -> Option<Runs> {
        (width <= 32).then_some(Runs { bytes, at: 0, width, run: Run::Same { number: 0, left: 0 } })
    }

    /// Reads as many numbers as there is room for. `None`: there are fewer.
    pub fn read(&mut self, mut to: &mut [u32]) -> Option<()> {
        while !to.is_empty() {
            let (now, rest) = to.split_at_mut(self.left()?.min(to.len()));
            match &mut self.run {
                Run::Same { number, left } => {
                    now.fill(*number);
                    *left -= now.len();
                }
                Run::Packed { from, next, left } => {
                    unpack(self.bytes.get(*from..)?, self.width, *next, now)?;
                    *next += now.len();
                    *left -= now.len();
                }
            }
            to = rest;
        }
        Some(())
    }

    /// Reads so many numbers of one bit each, and tells how many are 1. `None`: there are fewer, or they have another width.
    pub fn read_bits(&mut self, mut count: usize, to: &mut BooleanBufferBuilder) -> Option<usize> {
        let mut ones = 0;
        while count > 0 && self.width == 1 {
            let now = self.left()?.min(count);
            match &mut self.run {
                Run::Same { number, left } => {
                    to.append_n(now, *number & 1 == 1);
                    ones += if *number & 1 == 1 { now } else { 0 };
                    *left -= now;
                }
                Run::Packed { from, next, left } => {
                    let bits = self.bytes.get(*from..)?.get(..(*next + now).div_ceil(8))?;
                    to.append_packed_range(*next..*next + now, bits);
                    ones += UnalignedBitChunk::new(bits, *next, now).count_ones();
                    *next += now;
                    *left -= now;
                }
            }
            count -= now;
        }
        (count == 0).then_some(ones)
    }

    /// How many numbers the run has that is being read, which is the next one where the last has ended.
    fn left(&mut self) -> Option<usize> {
        loop {
            match self.run {
                Run::Same { left, .. } | Run::Packed { left, .. } if left > 0 => return Some(left),
                _ => self.run = self.next()?,
            }
        }
    }

    fn next(&mut self) -> Option<Run> {
        let mut head = 0_u32;
        for shift in (0..32).step_by(7) {
            let byte = self.byte()?;
            head |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        let count = (head >> 1) as usize;
        if head & 1 == 0 {
            let mut number = 0_u32;
            for place in 0..self.width.div_ceil(8) {
                number |= u32::from(self.byte()?) << (8 * place);
            }
            return Some(Run::Same { number, left: count });
        }
        if self.width == 0 {
            return Some(Run::Same { number: 0, left: count.checked_mul(8)? });
        }
        // Eight numbers have as many bytes as one has bits. Some writers cut the last ones off.
        let bytes = count.checked_mul(self.width)?.min(self.bytes.len() - self.at);
        let from = self.at;
        self.at += bytes;
        let left = bytes.checked_mul(8)? / self.width;
        (left > 0 || count == 0).then_some(Run::Packed { from, next: 0, left })
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied();
        self.at += usize::from(byte.is_some());
        byte
    }
}

/// Numbers from the one at `first` on.
fn unpack(bytes: &[u8], width: usize, first: usize, to: &mut [u32]) -> Option<()> {
    // One by one to where a whole block begins, and after the last one.
    let alone = first.next_multiple_of(TOGETHER).saturating_sub(first).min(to.len());
    let (head, rest) = to.split_at_mut(alone);
    let (blocks, tail) = rest.split_at_mut(rest.len() / TOGETHER * TOGETHER);
    let mut at = first;
    for slot in head {
        *slot = number(bytes, width, at)?;
        at += 1;
    }
    let packed = bytes.get(at * width / 8..)?.get(..blocks.len() * width / 8)?;
    macro_rules! by_width {
        ($($width:literal)*) => {
            match width {
                $($width => unpack_blocks::<$width>(packed, blocks),)*
                _ => for (place, slot) in blocks.iter_mut().enumerate() {
                    *slot = number(bytes, width, at + place)?;
                },
            }
        };
    }
    by_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20);
    at += blocks.len();
    for slot in tail {
        *slot = number(bytes, width, at)?;
        at += 1;
    }
    Some(())
}

/// As many numbers as words of 32 bits hold of this width, again and again.
fn unpack_blocks<const WIDTH: usize>(packed: &[u8], to: &mut [u32]) {
    let mask = ((1_u64 << WIDTH) - 1) as u32;
    for (block, to) in packed.chunks_exact(4 * WIDTH).zip(to.chunks_exact_mut(TOGETHER)) {
        let mut words = [0_u32; WIDTH];
        for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
            *word = u32::from_le_bytes(bytes.try_into().unwrap_or_default());
        }
        for (place, slot) in to.iter_mut().enumerate() {
            let (word, shift) = (place * WIDTH / 32, place * WIDTH % 32);
            let low = words.get(word).copied().unwrap_or(0);
            let high = words.get(word + 1).copied().unwrap_or(0);
            *slot = ((u64::from(high) << 32 | u64::from(low)) >> shift) as u32 & mask;
        }
    }
}

/// One number, which lies within five bytes.
fn number(bytes: &[u8], width: usize, at: usize) -> Option<u32> {
    let bit = at * width;
    let mut word = [0; 8];
    let end = (bit + width).div_ceil(8);
    let of = bytes.get(bit / 8..end)?;
    word.get_mut(..of.len())?.copy_from_slice(of);
    Some(((u64::from_le_bytes(word) >> (bit % 8)) & ((1 << width) - 1)) as u32)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn packed(numbers: &[u32], width: usize) -> Vec<u8> {
        let mut bytes = vec![0_u8; (numbers.len() * width).div_ceil(8)];
        for (at, number) in numbers.iter().enumerate() {
            for bit in (0..width).filter(|bit| number >> bit & 1 == 1) {
                bytes[(at * width + bit) / 8] |= 1 << ((at * width + bit) % 8);
            }
        }
        bytes
    }

    #[test]
    fn packed_numbers_of_every_width_are_read_in_pieces_of_every_length() {
        for width in 1..=32 {
            let numbers: Vec<u32> =
                (0..248_u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - width)) as u32).collect();
            // 31 groups of eight, then the first number five times.
            let mut bytes = vec![31 << 1 | 1];
            bytes.extend(packed(&numbers, width as usize));
            bytes.push(5 << 1);
            bytes.extend(&numbers[0].to_le_bytes()[..(width as usize).div_ceil(8)]);
            let all: Vec<u32> = numbers.iter().copied().chain([numbers[0]; 5]).collect();
            for length in [1, 7, 31, 32, 64, 100, 253] {
                let mut runs = Runs::new(bytes.clone().into(), width as usize).unwrap();
                let mut read = vec![0; all.len()];
                read.chunks_mut(length).for_each(|piece| runs.read(piece).unwrap());
                assert_eq!(read, all, "{width} bits, {length} at a time");
                assert!(runs.read(&mut [0]).is_none());
            }
        }
    }

    #[test]
    fn bits_are_read_and_counted() {
        // Three ones, then eight bits, five of which are ones.
        let mut runs = Runs::new(vec![3 << 1, 1, 1 << 1 | 1, 0b1011_0110].into(), 1).unwrap();
        let mut bits = BooleanBufferBuilder::new(0);
        assert_eq!(runs.read_bits(4, &mut bits), Some(3));
        assert_eq!(runs.read_bits(7, &mut bits), Some(5));
        assert_eq!(runs.read_bits(1, &mut bits), None);
        let read: Vec<bool> = bits.build().iter().collect();
        assert_eq!(read.iter().map(|bit| u8::from(*bit)).collect::<Vec<u8>>(), [1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1]);
    }

    #[test]
    fn what_claims_more_than_there_is_ends() {
        // 2^31 - 1 groups of which there is one byte; a number without end; no bits at all.
        let mut runs = Runs::new(vec![0xff, 0xff, 0xff, 0xff, 0x0f, 0xaa].into(), 1).unwrap();
        assert_eq!(runs.read(&mut [0; 8]), Some(()));
        assert_eq!(runs.read(&mut [0]), None);
        assert_eq!(Runs::new(vec![0xff; 3].into(), 1).unwrap().read(&mut [0]), None);
        let mut none = [7; 3];
        assert_eq!(Runs::new(vec![6].into(), 0).unwrap().read(&mut none), Some(()));
        assert_eq!(none, [0; 3]);
        assert!(Runs::new(Bytes::new(), 33).is_none());
    }
}
