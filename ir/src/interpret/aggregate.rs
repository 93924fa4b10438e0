//! Folds over a customer's rows.

use std::ops::Range;

use super::{Interpreter, Source};
use crate::fault;
use crate::fold::{partition, reduce};
use crate::node::{Aggregate, AggregateKind, Bound, NodeId, Scope};
use crate::number::divide_half_even;
use crate::operation::{self, MILLION};
use crate::types::Type;
use crate::value::{Reason, Value};

impl<'a, S: Source> Interpreter<'a, S> {
    pub(super) fn aggregate(&mut self, id: NodeId, aggregate: &'a Aggregate, ty: &Type) -> Value<'a> {
        let customer = self.rows[Scope::Customer as usize];
        let Some(rows) = self.source.events(aggregate.collection, customer) else {
            return Value::Missing(Reason::NotBound);
        };
        let rows = match self.window(aggregate, rows) {
            Ok(rows) => rows,
            Err(reason) => return Value::Missing(reason),
        };
        let scope = aggregate.scope as usize;
        let (row, epoch) = (self.rows[scope], self.epochs[scope]);
        let value = self.fold(id, aggregate, ty, rows);
        // A fold may run inside another of the same scope: give that one its row back, and what was computed for it.
        if !fault::is("interpret.fold-keeps-its-row") {
            (self.rows[scope], self.epochs[scope]) = (row, epoch);
        }
        value
    }

    /// The rows within the window; they are in the order of time, so its ends are found by halving.
    fn window(&mut self, aggregate: &Aggregate, rows: Range<u32>) -> Result<Range<u32>, Reason> {
        let Some(window) = aggregate.window else { return Ok(rows) };
        let table = self.context.schema.collection(aggregate.collection).table;
        let Some(at) = self.context.schema.table(table).at else { return Err(Reason::NotBound) };
        let mut ends = [rows.start, rows.end];
        for (end, bound, is_low) in [(0, window.low, true), (1, window.high, false)] {
            let Some(Bound { at: node, inclusive }) = bound else { continue };
            let limit = self.value(node);
            if let Value::Missing(reason) = limit {
                return Err(reason);
            }
            let source = self.source;
            ends[end] = partition(rows.clone(), |row| {
                let order = operation::order(&source.field(table, at, row), &limit);
                let inclusive = inclusive != fault::is("interpret.window-bounds-are-flipped");
                order.is_some_and(|o| o.is_lt() || (o.is_eq() && inclusive != is_low))
            });
        }
        Ok(ends[0]..ends[1].max(ends[0]))
    }

    fn fold(&mut self, id: NodeId, aggregate: &'a Aggregate, ty: &Type, rows: Range<u32>) -> Value<'a> {
        match aggregate.kind {
            AggregateKind::Any => self.fold_any(aggregate, rows),
            AggregateKind::Every if rows.is_empty() && fault::is("interpret.every-of-none-is-true") => {
                Value::Bool(true)
            }
            AggregateKind::Every if rows.is_empty() => Value::Missing(Reason::Empty),
            AggregateKind::Every => self.fold_every(aggregate, rows),
            AggregateKind::Count => Value::Int(self.kept(aggregate, rows) as i64),
            AggregateKind::Share => self.share(aggregate, rows),
            AggregateKind::Latest | AggregateKind::LatestRow => self.end_of(aggregate, rows, true),
            AggregateKind::Earliest | AggregateKind::EarliestRow => self.end_of(aggregate, rows, false),
            kind => {
                let values = self.known_values(id, aggregate, rows);
                let value = reduce(kind, &values, ty, aggregate.value.map(|v| self.context.ir.ty(v)));
                self.counted(id, value)
            }
        }
    }

    fn row(&mut self, aggregate: &Aggregate, row: u32) {
        self.tally.events += 1;
        self.enter(aggregate.scope, row);
    }

    fn passes(&mut self, aggregate: &Aggregate) -> bool {
        aggregate.filter.is_none_or(|filter| self.value(filter).as_bool() == Some(true))
    }

    /// How many rows pass.
    fn kept(&mut self, aggregate: &Aggregate, rows: Range<u32>) -> usize {
        if aggregate.filter.is_none() {
            return rows.len();
        }
        rows.filter(|row| {
            self.row(aggregate, *row);
            self.passes(aggregate)
        })
        .count()
    }

    fn share(&mut self, aggregate: &Aggregate, rows: Range<u32>) -> Value<'a> {
        let total = rows.len();
        let kept = self.kept(aggregate, rows);
        let total = total - usize::from(total > 1 && fault::is("interpret.share-is-of-one-less"));
        match divide_half_even(kept as i128 * MILLION, total as i128) {
            Some(share) => Value::Percent(share as i64),
            None => Value::Missing(Reason::Empty),
        }
    }

    fn fold_any(&mut self, aggregate: &Aggregate, rows: Range<u32>) -> Value<'a> {
        let Some(test) = aggregate.filter else { return Value::Bool(!rows.is_empty()) };
        let mut unknown = None;
        for row in rows {
            self.row(aggregate, row);
            match self.value(test) {
                Value::Bool(true) => return Value::Bool(true),
                Value::Missing(reason) => unknown = unknown.or(Some(reason)),
                _ => {}
            }
        }
        unknown.map_or(Value::Bool(false), Value::Missing)
    }

    fn fold_every(&mut self, aggregate: &Aggregate, rows: Range<u32>) -> Value<'a> {
        let Some(test) = aggregate.filter else { return Value::Bool(true) };
        let mut unknown = None;
        for row in rows {
            self.row(aggregate, row);
            match self.value(test) {
                Value::Bool(false) => return Value::Bool(false),
                Value::Missing(reason) => unknown = unknown.or(Some(reason)),
                _ => {}
            }
        }
        unknown.map_or(Value::Bool(true), Value::Missing)
    }

    /// The value at the last or first row that passes: the first known one from that end, or of that very row.
    fn end_of(&mut self, aggregate: &Aggregate, rows: Range<u32>, last: bool) -> Value<'a> {
        let this_row = matches!(aggregate.kind, AggregateKind::LatestRow | AggregateKind::EarliestRow);
        let mut rows: Box<dyn Iterator<Item = u32>> = if last { Box::new(rows.rev()) } else { Box::new(rows) };
        let mut reason = Reason::Empty;
        for row in &mut rows {
            self.row(aggregate, row);
            if !self.passes(aggregate) {
                continue;
            }
            let value = aggregate.value.map_or(Value::Bool(true), |v| self.value(v));
            match value {
                Value::Missing(r) if this_row => {
                    reason = r;
                    break;
                }
                Value::Missing(_) => {}
                known => return known,
            }
        }
        Value::Missing(reason)
    }

    fn known_values(&mut self, id: NodeId, aggregate: &Aggregate, rows: Range<u32>) -> Vec<Value<'a>> {
        let Some(value) = aggregate.value else { return Vec::new() };
        let mut values = Vec::new();
        for row in rows {
            self.row(aggregate, row);
            if !self.passes(aggregate) {
                continue;
            }
            match self.value(value) {
                Value::Missing(_) if fault::is("interpret.skipped-values-are-not-counted") => {}
                Value::Missing(_) => *self.tally.skipped.entry(id).or_default() += 1,
                known => values.push(known),
            }
        }
        values
    }
}
