//! Sheets: what was decided for the customers of a batch, mask after mask, with how many lanes of each are set. The memory of
//! a sheet is used again once nobody reads its answers any more: what was never touched before costs more to write than to
//! decide. Knows neither conditions nor columns.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, ToByteSlice};
use seg_ir::fault;

use crate::mask::{self, Words};

/// Words of a line of the cache.
const LINE_WORDS: usize = 8;
/// Sheets that are kept for later: two for each of a few threads.
const SPARE_MAX: usize = 8;

/// The memory of sheets that are not read any more.
#[derive(Debug, Default)]
pub(crate) struct Spare(Mutex<Vec<Words>>);

impl Spare {
    /// So many words, with anything in them.
    fn take(&self, words: usize) -> Words {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = spare.iter().position(|kept| kept.len() == words).map(|at| spare.swap_remove(at));
        drop(spare);
        found.unwrap_or_else(|| vec![0; words])
    }

    fn give_back(&self, words: Words) {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE_MAX {
            spare.push(words);
        }
    }
}

/// Masks of one length, one after another.
#[derive(Debug)]
pub(crate) struct Sheet {
    words: Words,
    /// From one mask to the next, an even number of words.
    stride: usize,
    /// How many lanes of each mask are set.
    counts: Vec<u64>,
}

impl Sheet {
    /// Room for so many masks, each of which is to be written whole.
    pub fn new(masks: usize, lanes: usize, spare: &Spare) -> Sheet {
        let stride = Sheet::stride_for(lanes);
        Sheet { words: spare.take(masks * stride), stride, counts: vec![0; masks] }
    }

    /// Long masks begin an odd number of lines of the cache apart: with a power of two between them, the same words of all masks,
    /// which are written one after another, would share a few places of it.
    fn stride_for(lanes: usize) -> usize {
        let words = mask::words(lanes);
        let lines = words.div_ceil(LINE_WORDS);
        if lines < 8 { words } else { (lines | 1) * LINE_WORDS }
    }

    pub fn mask(&self, at: usize, words: Range<usize>) -> &[u64] {
        &self.words[at * self.stride..][..self.stride][words]
    }

    /// From one mask to the next, in words.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Some words of a mask, from `first` on, to be written, and how many lanes of it were set before.
    #[inline(always)]
    pub fn room(&mut self, at: usize, first: usize, words: usize) -> (&mut [u64], &mut u64) {
        (&mut self.words[at * self.stride..][..self.stride][first..][..words], &mut self.counts[at])
    }

    /// By mask, how many lanes are set.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Lets go of what nobody reads.
    pub fn give_back(self, spare: &Spare) {
        spare.give_back(self.words);
    }

    /// All masks, to be written elsewhere.
    pub fn masks_mut(&mut self) -> impl Iterator<Item = &mut [u64]> {
        self.words.chunks_exact_mut(self.stride.max(1))
    }

    /// Clears what lies behind the last of the lanes that begin with a word, and counts those, in every mask.
    pub fn settle(&mut self, first: usize, lanes: usize) {
        let (words, cleared) = (mask::words(lanes), !fault::is("machine.tail-is-not-cleared"));
        for (mask, count) in self.words.chunks_exact_mut(self.stride.max(1)).zip(&mut self.counts) {
            let mask = &mut mask[first..first + words];
            if cleared {
                mask::clear_tail(mask, lanes);
            }
            *count += mask::count(mask);
        }
    }
}

/// A finished sheet as Arrow reads it.
pub(crate) struct Bits {
    all: Buffer,
    /// The lanes from one mask to the next.
    stride: usize,
    customers: usize,
    counts: Vec<u64>,
}

/// Words that Arrow reads; with the last of its readers they are given back.
struct Lent {
    words: Words,
    spare: Arc<Spare>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.words.to_byte_slice()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.spare.give_back(std::mem::take(&mut self.words));
    }
}

impl Bits {
    /// The masks of a sheet; of none where there is no sheet.
    pub fn of(sheet: Option<Sheet>, customers: usize, spare: &Arc<Spare>) -> Bits {
        let Some(Sheet { words, stride, counts }) = sheet else {
            return Bits { all: Buffer::default(), stride: 0, customers, counts: Vec::new() };
        };
        let lent = Lent { words, spare: Arc::clone(spare) };
        Bits { all: Buffer::from(bytes::Bytes::from_owner(lent)), stride: stride * 64, customers, counts }
    }

    pub fn mask(&self, at: usize) -> BooleanBuffer {
        BooleanBuffer::new(self.all.clone(), at * self.stride, self.customers)
    }

    /// How many lanes of a mask are set.
    pub fn count(&self, at: usize) -> u64 {
        self.counts.get(at).copied().unwrap_or(0)
    }

    pub fn customers(&self) -> usize {
        self.customers
    }

    /// How many lanes of a mask are not set.
    pub fn missing(&self, at: usize) -> u64 {
        (self.customers as u64).saturating_sub(self.count(at))
    }

    /// A mask that says which answers there are; none where all are.
    pub fn nulls(&self, at: usize) -> Option<NullBuffer> {
        let missing = self.missing(at) as usize;
        // SAFETY: so many lanes of the mask are not set: those that are were counted when they were written.
        (missing > 0).then(|| unsafe { NullBuffer::new_unchecked(self.mask(at), missing) })
    }
}
