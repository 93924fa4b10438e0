//! Spaces: what the lanes of vectors are. The customers of a block, the rows of one of their collections, or rows within
//! a row. A space knows its parent and which of the parent's lanes each of its own belongs to.

use std::cell::{OnceCell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use seg_ir::interpret::Source;
use seg_ir::node::{Bound, Comparison, Scope, Window};
use seg_ir::schema::PROFILE;
use seg_ir::{CollectionId, FieldId, NodeId, TableId, fault};

use super::codes::Codes;
use super::runs::Runs;
use crate::batch::{Batch, Ranges};
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
    /// The lanes of each parent's lane as runs, once somebody asks.
    runs: OnceCell<Runs>,
    /// The values of nodes that are of this scope or were brought here from a wider one.
    pub memo: Memo<'b>,
    /// The lanes within each window, and the parent's lanes whose window has its bounds.
    pub windows: Vec<(Window, Rc<(Words, Words)>)>,
    /// The time of each lane, once a window asks.
    pub times: Option<Rc<Vector<'b>>>,
    /// The lanes beyond bounds of windows: earlier than a low one (`true`), later than a high one.
    pub beyond: Vec<((Bound, bool), Rc<Words>)>,
    /// The lanes whose value of a node compares so with a number.
    pub compared: Vec<((NodeId, Comparison, i64), Rc<Words>)>,
    /// The numbers of fields as bytes, once a condition asks.
    codes: RefCell<Vec<(FieldId, Rc<Codes>)>>,
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
        let rows = Rows::From(first);
        Space { len, rows, ..Space::empty(Scope::Customer, CUSTOMERS, PROFILE) }
    }

    fn empty(scope: Scope, parent: SpaceId, table: TableId) -> Space<'b> {
        Space {
            scope,
            parent,
            table,
            rows: Rows::From(0),
            len: 0,
            starts: Vec::new(),
            of: OnceCell::new(),
            runs: OnceCell::new(),
            memo: Memo::default(),
            windows: Vec::new(),
            times: None,
            beyond: Vec::new(),
            compared: Vec::new(),
            codes: RefCell::default(),
        }
    }

    /// The rows of a collection, of some customers, where they lie together in the order of the customers; else none.
    pub fn together(table: TableId, ranges: &Ranges, customers: Range<usize>) -> Option<Space<'b>> {
        if fault::is("masks.rows-of-the-neighbour") || fault::is("masks.last-row-of-a-customer-is-dropped") {
            return None;
        }
        let (starts, ends) = (ranges.starts.get(customers.clone())?, ranges.ends.get(customers)?);
        let (first, last) = (*starts.first()?, *ends.last()?);
        if starts[1..] != ends[..ends.len() - 1] {
            return None;
        }
        let mut from_first = Vec::with_capacity(starts.len() + 1);
        from_first.extend(starts.iter().map(|start| start.wrapping_sub(first)));
        from_first.push(last.wrapping_sub(first));
        let len = last.wrapping_sub(first) as usize;
        let empty = Space::empty(Scope::Row, CUSTOMERS, table);
        Some(Space { len, rows: Rows::From(first), starts: from_first, ..empty })
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
        let rows = if gapless { Rows::From(first) } else { Rows::Listed(ranges.flatten().collect()) };
        Space { len, rows, starts, ..Space::empty(scope, parent, table) }
    }

    /// The parent's lane of each lane; none for customers.
    pub fn of(&self) -> &[u32] {
        self.of.get_or_init(|| {
            let mut of = Vec::with_capacity(self.len);
            for (lane, ends) in self.starts.windows(2).enumerate() {
                of.extend(std::iter::repeat_n(lane as u32, (ends[1] - ends[0]) as usize));
            }
            of
        })
    }

    /// The numbers of a field of these rows, which `numbers` gives, as bytes.
    pub fn codes<'c>(&self, field: FieldId, numbers: impl FnOnce() -> &'c [u32]) -> Rc<Codes> {
        let mut codes = self.codes.borrow_mut();
        if let Some((_, known)) = codes.iter().find(|(known, _)| *known == field) {
            return Rc::clone(known);
        }
        let made = Rc::new(Codes::of(numbers()));
        codes.push((field, Rc::clone(&made)));
        made
    }

    /// The lanes of each of the parent's lanes, as runs.
    pub fn runs(&self) -> &Runs {
        self.runs.get_or_init(|| Runs::of(&self.starts))
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
