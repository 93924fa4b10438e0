//! Spaces: what the lanes of vectors are. The customers of a block, the rows of one of their collections, or rows within
//! a row. A space knows its parent and which of the parent's lanes each of its own belongs to.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use seg_ir::interpret::Source;
use seg_ir::node::{Scope, Window};
use seg_ir::schema::PROFILE;
use seg_ir::{CollectionId, NodeId, TableId, fault};

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
    /// The parent's lane of each lane, once somebody asks.
    of: OnceCell<Vec<u32>>,
    /// The values of nodes that are of this scope or were brought here from a wider one.
    pub memo: Memo<'b>,
    /// The lanes within each window, and the parent's lanes whose window has its bounds.
    pub windows: HashMap<Window, Rc<(Words, Words)>>,
}

/// What was computed, by node. It takes no memory before something was.
#[derive(Default)]
pub(crate) struct Memo<'b>(Vec<Option<Rc<Vector<'b>>>>);

impl<'b> Memo<'b> {
    pub fn get(&self, id: NodeId) -> Option<&Rc<Vector<'b>>> {
        self.0.get(id.0 as usize)?.as_ref()
    }

    pub fn set(&mut self, id: NodeId, vector: Rc<Vector<'b>>) {
        let at = id.0 as usize;
        if self.0.len() <= at {
            self.0.resize(at + 1, None);
        }
        self.0[at] = Some(vector);
    }
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
    pub fn customers(first: u32, len: usize) -> Space<'b> {
        Space {
            scope: Scope::Customer,
            parent: CUSTOMERS,
            table: PROFILE,
            rows: Rows::From(first),
            len,
            starts: Vec::new(),
            of: OnceCell::new(),
            memo: Memo::default(),
            windows: HashMap::new(),
        }
    }

    /// The rows of a collection, by their parent's lanes: `ranges` gives the rows of each, in order.
    pub fn rows(
        scope: Scope,
        parent: SpaceId,
        table: TableId,
        ranges: impl Iterator<Item = Range<u32>> + Clone,
    ) -> Space<'b> {
        let (mut starts, mut len) = (vec![0], 0);
        let (mut first, mut next, mut gapless) = (0, None, true);
        for range in ranges.clone() {
            if !range.is_empty() {
                match next {
                    None => first = range.start,
                    Some(next) => gapless &= next == range.start || fault::is("masks.gaps-are-overlooked"),
                }
                (next, len) = (Some(range.end), len + range.len());
            }
            starts.push(len as u32);
        }
        Space {
            scope,
            parent,
            table,
            len,
            rows: if gapless { Rows::From(first) } else { Rows::Listed(ranges.flatten().collect()) },
            starts,
            of: OnceCell::new(),
            memo: Memo::default(),
            windows: HashMap::new(),
        }
    }

    /// The parent's lane of each lane; none for customers.
    pub fn of(&self) -> &[u32] {
        self.of.get_or_init(|| {
            let lanes = self.starts.windows(2).enumerate();
            lanes.flat_map(|(lane, ends)| std::iter::repeat_n(lane as u32, (ends[1] - ends[0]) as usize)).collect()
        })
    }

    /// The lanes that belong to a lane of the parent.
    pub fn lanes_of(&self, parent: usize) -> Range<usize> {
        self.starts[parent] as usize..self.starts[parent + 1] as usize
    }
}

/// The rows of a customer in a collection; none where the collection is not bound.
pub(crate) fn rows_of(batch: &Batch, collection: CollectionId, customer: u32) -> Range<u32> {
    let customer = customer.saturating_sub(u32::from(fault::is("masks.rows-of-the-neighbour")));
    let mut rows = batch.events(collection, customer).unwrap_or(0..0);
    rows.end -= u32::from(!rows.is_empty() && fault::is("masks.last-row-of-a-customer-is-dropped"));
    rows
}
