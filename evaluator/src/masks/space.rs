//! Spaces: what the lanes of vectors are. The customers of a block, the rows of one of their collections, or rows within
//! a row. A space knows its parent and which of the parent's lanes each of its own belongs to.

use std::collections::HashMap;
use std::rc::Rc;

use seg_ir::interpret::Source;
use seg_ir::node::{Scope, Window};
use seg_ir::schema::PROFILE;
use seg_ir::{CollectionId, TableId, fault};

use crate::batch::Batch;
use crate::mask::Words;
use crate::vector::Vector;

/// Names a space of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SpaceId(pub usize);

/// The customers of the block; always the first space.
pub(crate) const CUSTOMERS: SpaceId = SpaceId(0);

/// Which row of its table each lane is.
#[derive(Debug)]
pub(crate) enum Rows {
    /// Lane 0 is this row, and so on without a gap.
    From(u32),
    Listed(Vec<u32>),
}

/// Lanes, and what was computed for them.
pub(crate) struct Space<'b> {
    /// How fields address these lanes: `Customer`, `Row` or `InnerRow`.
    pub scope: Scope,
    pub parent: SpaceId,
    pub table: TableId,
    pub rows: Rows,
    pub len: usize,
    /// The lanes of the parent's lane `p` are `starts[p]..starts[p + 1]`; empty for customers.
    pub starts: Vec<u32>,
    /// The parent's lane of each lane; empty for customers.
    pub of: Vec<u32>,
    /// By node: its values here, if it is of this scope or was brought here from a wider one.
    pub memo: Vec<Option<Rc<Vector<'b>>>>,
    /// The lanes within each window, and the parent's lanes whose window has its bounds.
    pub windows: HashMap<Window, Rc<(Words, Words)>>,
}

impl Rows {
    pub fn row(&self, lane: usize) -> u32 {
        match self {
            Rows::From(first) => first + lane as u32,
            Rows::Listed(rows) => rows[lane],
        }
    }
}

impl<'b> Space<'b> {
    /// The customers of a block.
    pub fn customers(first: u32, len: usize, nodes: usize) -> Space<'b> {
        Space {
            scope: Scope::Customer,
            parent: CUSTOMERS,
            table: PROFILE,
            rows: Rows::From(first),
            len,
            starts: Vec::new(),
            of: Vec::new(),
            memo: vec![None; nodes],
            windows: HashMap::new(),
        }
    }

    /// The rows of a collection, by their parent's lanes: `ranges` gives the rows of each, in order.
    pub fn rows(
        scope: Scope,
        parent: SpaceId,
        table: TableId,
        ranges: impl Iterator<Item = std::ops::Range<u32>>,
        nodes: usize,
    ) -> Space<'b> {
        let (mut starts, mut of, mut listed) = (vec![0], Vec::new(), Vec::new());
        for (lane, range) in ranges.enumerate() {
            of.resize(of.len() + range.len(), lane as u32);
            listed.extend(range);
            starts.push(of.len() as u32);
        }
        let first = listed.first().copied().unwrap_or(0);
        let gapless = fault::is("masks.gaps-are-overlooked")
            || listed.iter().enumerate().all(|(lane, row)| *row == first.wrapping_add(lane as u32));
        Space {
            scope,
            parent,
            table,
            len: of.len(),
            rows: if gapless { Rows::From(first) } else { Rows::Listed(listed) },
            starts,
            of,
            memo: vec![None; nodes],
            windows: HashMap::new(),
        }
    }

    /// The lanes that belong to a lane of the parent.
    pub fn lanes_of(&self, parent: usize) -> std::ops::Range<usize> {
        self.starts[parent] as usize..self.starts[parent + 1] as usize
    }
}

/// The rows of a customer in a collection; none where the collection is not bound.
pub(crate) fn rows_of(batch: &Batch, collection: CollectionId, customer: u32) -> std::ops::Range<u32> {
    let customer = customer.saturating_sub(u32::from(fault::is("masks.rows-of-the-neighbour")));
    let mut rows = batch.events(collection, customer).unwrap_or(0..0);
    rows.end -= u32::from(!rows.is_empty() && fault::is("masks.last-row-of-a-customer-is-dropped"));
    rows
}
