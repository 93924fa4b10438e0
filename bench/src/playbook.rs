//! A playbook of the benchmark with its data bound, and what of the data its segments look at.

use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

use arrow_buffer::BooleanBuffer;
use seg::run::Request;
use seg::{Folder, Playbook};
use seg_evaluator::{Batch, Column};
use seg_runtime::ir::schema::PROFILE;
use seg_runtime::ir::{FieldId, NodeId, Op, Program};
use seg_runtime::{Options, scan};

use crate::serve::Failure;

/// A checked playbook with its data bound. `data`: `TABLE=FILE`, over what its seg.toml binds.
pub struct Bound {
    pub program: Program,
    pub options: Options,
}

impl Bound {
    pub fn open(path: &str, threads: usize, data: &[String]) -> Result<Bound, Failure> {
        let folder = Folder::open(Some(Path::new(path)))?;
        let checked = seg::check(&folder);
        let program = checked.program.ok_or_else(|| format!("{path} has errors; `seg check` shows them"))?;
        let playbook = Playbook::of(&folder, program);
        let request = Request { data: data.to_vec(), ..Request::default() };
        let mut options = seg::run::options(&playbook, &request, 0)?;
        options.threads = Some(threads);
        Ok(Bound { program: playbook.program, options })
    }

    /// What a run computes of the segments.
    pub fn nodes(&self) -> &[NodeId] {
        &self.program.optimised.segments
    }

    /// All customers, in memory, in batches as a run has them.
    pub fn load(&self) -> Result<Vec<Batch>, Failure> {
        let options = Options::new(self.options.as_of, self.options.bindings.clone());
        let mut batches = Vec::new();
        scan(&self.program, &options, |batch| {
            batches.push(batch.clone());
            ControlFlow::Continue(())
        })?;
        Ok(batches)
    }

    /// The columns that the segments look at, as bytes: values and validity of the profile's fields, of the event tables'
    /// kept fields, and the ranges that say whose events are where.
    pub fn looked_at<'b>(&self, batches: &'b [Batch]) -> Vec<&'b [u8]> {
        let fields: BTreeSet<FieldId> = self
            .program
            .optimised
            .ir
            .nodes
            .iter()
            .filter_map(|node| match &node.op {
                Op::Field { table, field, .. } if *table == PROFILE => Some(*field),
                _ => None,
            })
            .collect();
        let mut found = Vec::new();
        for batch in batches {
            let columns = fields.iter().filter_map(|field| batch.profile().columns.get(field.0 as usize));
            columns.for_each(|column| bytes(column, &mut found));
            for (id, _) in self.program.schema.collection_ids() {
                if let Some(ranges) = batch.ranges(id) {
                    found.extend([ranges.starts.inner().as_slice(), ranges.ends.inner().as_slice()]);
                }
            }
        }
        found.extend(self.events(batches));
        found
    }

    /// The kept columns of the event tables, as bytes. Batches may share a table, which is there once.
    fn events<'b>(&self, batches: &'b [Batch]) -> Vec<&'b [u8]> {
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        let tables: BTreeSet<_> = self.program.schema.collections.iter().map(|c| c.table).collect();
        for batch in batches {
            for table in tables.iter().filter_map(|table| batch.tables().get(*table)) {
                if seen.insert(std::ptr::from_ref(table)) {
                    table.columns.iter().for_each(|column| bytes(column, &mut found));
                }
            }
        }
        found
    }

    /// Bytes of all columns that are in memory.
    pub fn size(&self, batches: &[Batch]) -> usize {
        let mut found = self.events(batches);
        for batch in batches {
            batch.profile().columns.iter().for_each(|column| bytes(column, &mut found));
        }
        found.iter().map(|bytes| bytes.len()).sum()
    }
}

/// The buffers of a column.
fn bytes<'b>(column: &'b Column, found: &mut Vec<&'b [u8]>) {
    if let Some(nulls) = column.nulls() {
        found.push(bits(nulls.inner()));
    }
    match column {
        Column::Bool(a) => found.push(bits(a.values())),
        Column::Int(a) | Column::Percent(a) | Column::Money(a) | Column::Timestamp(a) | Column::Span(a) => {
            found.push(a.values().inner().as_slice());
        }
        Column::Number(a) => found.push(a.values().inner().as_slice()),
        Column::Text(a) => {
            found.push(a.offsets().inner().inner().as_slice());
            let at = |offset: Option<&i64>| offset.and_then(|o| usize::try_from(*o).ok()).unwrap_or(0);
            let range = at(a.offsets().first())..at(a.offsets().last());
            found.extend(a.values().as_slice().get(range));
        }
        Column::Date(a) | Column::TimeOfDay(a) => found.push(a.values().inner().as_slice()),
        Column::Enum(a) | Column::Reference(a) => found.push(a.values().inner().as_slice()),
        Column::List(a) => bytes(&a.items, found),
        Column::Unread(_) => {}
    }
}

fn bits(buffer: &BooleanBuffer) -> &[u8] {
    let range = buffer.offset() / 8..(buffer.offset() + buffer.len()).div_ceil(8);
    buffer.inner().as_slice().get(range).unwrap_or(&[])
}
