//! The judged rows of an event table by the part of the customers that they belong to: in memory as long as they keep within
//! their share of it, else on disk. Knows neither customers nor the order of their rows.

use std::ops::Range;

use seg_evaluator::Column;
use seg_ir::fault;

use crate::build::{bytes, concat, pick, slice};
use crate::error::Error;
use crate::spill::{Run, Spill};

/// How the rows of the profile are cut into parts: so many rows each, which is a power of two, but for the last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Division {
    shift: u32,
    rows: u32,
}

impl Division {
    /// The most rows of a part: what tells them apart fits into 16 bits.
    pub const ROWS_MAX: u64 = 1 << 16;

    /// Parts of at most so many of all rows.
    pub fn new(rows: u32, part_rows: u64) -> Division {
        Division { shift: part_rows.clamp(1, Division::ROWS_MAX).ilog2(), rows }
    }

    /// All rows.
    pub fn rows(self) -> u32 {
        self.rows
    }

    pub fn parts(self) -> usize {
        (self.rows as usize).div_ceil(self.part_rows())
    }

    /// The rows of a part.
    pub fn part_rows(self) -> usize {
        1 << self.shift
    }

    /// The part of a row.
    pub fn part(self, row: u32) -> usize {
        (row >> self.shift) as usize
    }

    /// The place of a row in its part.
    pub fn place(self, row: u32) -> u16 {
        (row & ((1 << self.shift) - 1)) as u16
    }

    /// All rows of a part.
    pub fn rows_of(self, part: usize) -> Range<u32> {
        let first = (part as u32) << self.shift;
        first..first.saturating_add(1 << self.shift).min(self.rows)
    }
}

/// Some rows, part after part.
pub(crate) struct Block {
    /// The place of each row's customer in its part.
    places: Vec<u16>,
    columns: Vec<Column>,
    /// Where the rows of each part end.
    ends: Vec<u32>,
}

/// Rows of one part, in the order of the files.
pub(crate) struct Piece {
    pub places: Vec<u16>,
    pub columns: Vec<Column>,
}

impl Block {
    /// Puts rows in the order of parts. `customers` has the profile's row for each; `u32::MAX` for those that are left out.
    pub fn new(division: Division, customers: &[u32], columns: &[Column]) -> Result<Block, Error> {
        let mut ends = vec![0_u32; division.parts()];
        let kept = |row: &&u32| **row != u32::MAX;
        for customer in customers.iter().filter(kept) {
            if let Some(count) = ends.get_mut(division.part(*customer)) {
                *count += 1;
            }
        }
        // First where each part begins; it has moved to where the part ends when all its rows are placed.
        let mut sum = 0;
        for end in &mut ends {
            sum += std::mem::replace(end, sum);
        }
        let (mut places, mut order) = (vec![0_u16; sum as usize], vec![0_u32; sum as usize]);
        for (row, customer) in customers.iter().enumerate().filter(|(_, customer)| kept(customer)) {
            let Some(at) = ends.get_mut(division.part(*customer)) else { continue };
            if let (Some(place), Some(from)) = (places.get_mut(*at as usize), order.get_mut(*at as usize)) {
                (*place, *from) = (division.place(*customer), row as u32);
            }
            *at += 1;
        }
        let order = order.into();
        let columns = columns.iter().map(|column| pick(column, &order)).collect::<Result<_, _>>()?;
        Ok(Block { places, columns, ends })
    }

    fn bytes(&self) -> u64 {
        let columns: usize = self.columns.iter().map(bytes).sum();
        (columns + self.places.len() * 2 + self.ends.len() * 4) as u64
    }

    fn rows(&self, part: usize) -> Range<usize> {
        let end = |part: usize| self.ends.get(part).map_or(0, |end| *end as usize);
        part.checked_sub(1).map_or(0, end)..end(part)
    }
}

/// So many blocks are made one, where they have so many parts that each has few rows of a part: what is read together later
/// lies together.
const MERGED: usize = 16;
const PARTS_MERGED: usize = 64;

/// The rows of a table that were kept.
pub(crate) struct Store {
    blocks: Vec<Block>,
    /// How many of the last blocks were not merged.
    fresh: usize,
    /// Their bytes, and how many there may be before they go to disk.
    held_bytes: u64,
    share_bytes: u64,
    runs: Vec<Run>,
    /// The bytes that went to disk.
    pub spilled_bytes: u64,
}

impl Store {
    pub fn new(share_bytes: u64) -> Store {
        Store { blocks: Vec::new(), fresh: 0, held_bytes: 0, share_bytes, runs: Vec::new(), spilled_bytes: 0 }
    }

    /// The bytes that are in memory.
    pub fn held_bytes(&self) -> u64 {
        self.held_bytes
    }

    /// Takes rows in. **Errors**: those of the disk, where they go there.
    pub fn push(&mut self, block: Block, spill: &mut Spill<'_>) -> Result<(), Error> {
        self.held_bytes += block.bytes();
        self.fresh += 1;
        let parts = block.ends.len();
        self.blocks.push(block);
        if self.held_bytes > self.share_bytes {
            self.spill(spill)?;
        } else if self.fresh == MERGED && parts > PARTS_MERGED {
            let fresh = self.blocks.split_off(self.blocks.len().saturating_sub(MERGED));
            self.blocks.push(merged(&fresh, parts)?);
            self.fresh = 0;
        }
        Ok(())
    }

    /// To be called after the last row: what is in memory follows the rows that are on disk, if any are.
    pub fn finish(&mut self, spill: &mut Spill<'_>) -> Result<(), Error> {
        if self.runs.is_empty() || self.blocks.is_empty() { Ok(()) } else { self.spill(spill) }
    }

    fn spill(&mut self, spill: &mut Spill<'_>) -> Result<(), Error> {
        let blocks = std::mem::take(&mut self.blocks);
        let parts = blocks.first().map_or(0, |block| block.ends.len());
        let run = spill.write((0..parts).map(|part| joined(pieces(&blocks, part))))?;
        self.spilled_bytes += run.bytes;
        self.runs.push(run);
        (self.held_bytes, self.fresh) = (0, 0);
        Ok(())
    }

    /// All rows of a part, in the order of the files; `None` when it has none. **Errors**: those of the disk.
    pub fn part(&self, part: usize) -> Result<Option<Piece>, Error> {
        let mut found = Vec::new();
        for run in self.runs.iter().filter(|_| !fault::is("ingest.rows-on-disk-are-forgotten")) {
            found.extend(run.read(part)?);
        }
        found.extend(pieces(&self.blocks, part));
        joined(found)
    }
}

fn pieces(blocks: &[Block], part: usize) -> Vec<Piece> {
    let piece = |block: &Block| {
        let rows = block.rows(part);
        let places = block.places.get(rows.clone()).filter(|places| !places.is_empty())?.to_vec();
        let columns = block.columns.iter().map(|column| slice(column, rows.start, rows.len())).collect();
        Some(Piece { places, columns })
    };
    blocks.iter().filter_map(piece).collect()
}

/// Blocks as one.
fn merged(blocks: &[Block], parts: usize) -> Result<Block, Error> {
    let pieces = || (0..parts).flat_map(|part| blocks.iter().map(move |block| (block, block.rows(part))));
    let places = pieces().filter_map(|(block, rows)| block.places.get(rows)).flatten().copied().collect();
    let fields = blocks.first().map_or(0, |block| block.columns.len());
    let column = |field: usize| {
        let cut =
            |(block, rows): (&Block, Range<usize>)| Some(slice(block.columns.get(field)?, rows.start, rows.len()));
        concat(&pieces().filter(|(_, rows)| !rows.is_empty()).filter_map(cut).collect::<Vec<Column>>())
    };
    let columns = (0..fields).map(column).collect::<Result<_, _>>()?;
    let mut end = 0;
    let ends = (0..parts).map(|part| {
        end += blocks.iter().map(|block| block.rows(part).len() as u32).sum::<u32>();
        end
    });
    Ok(Block { places, ends: ends.collect(), columns })
}

/// Pieces one after another.
fn joined(mut pieces: Vec<Piece>) -> Result<Option<Piece>, Error> {
    if pieces.len() < 2 {
        return Ok(pieces.pop());
    }
    let places: Vec<u16> = pieces.iter().flat_map(|piece| piece.places.iter().copied()).collect();
    let mut by_field: Vec<Vec<Column>> = Vec::new();
    for piece in pieces {
        by_field.resize_with(piece.columns.len(), Vec::new);
        by_field.iter_mut().zip(piece.columns).for_each(|(parts, column)| parts.push(column));
    }
    let columns = by_field.into_iter().map(|parts| concat(&parts)).collect::<Result<_, _>>()?;
    Ok(Some(Piece { places, columns }))
}
