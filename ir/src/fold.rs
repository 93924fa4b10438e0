//! What a fold makes of the known values of a customer's rows: the one home of that meaning, for the interpreter and for
//! every compiled evaluator that hands values over.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::fault;
use crate::node::AggregateKind;
use crate::operation::{self, Sum};
use crate::types::Type;
use crate::value::{Const, Reason, Value};

/// The first of the rows, in the order of their time, for which `before` is false: where a window begins or ends.
pub fn partition(rows: Range<u32>, before: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (rows.start, rows.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Folds known values, in the order of their rows.
pub fn reduce<'a>(kind: AggregateKind, values: &[Value<'a>], ty: &Type, value_ty: Option<&Type>) -> Value<'a> {
    match kind {
        AggregateKind::Sum | AggregateKind::Mean => {
            let Some(mut sum) = Sum::of(value_ty.unwrap_or(ty)) else { return Value::Missing(Reason::Empty) };
            values.iter().for_each(|v| sum.add(v));
            match kind {
                AggregateKind::Sum => sum.total(),
                _ if values.is_empty() => Value::Missing(Reason::Empty),
                _ => sum.mean(values.len() as u64),
            }
        }
        AggregateKind::Min => extreme(values, |o| o.is_lt()),
        AggregateKind::Max => extreme(values, |o| o.is_gt()),
        AggregateKind::Distinct => {
            let distinct: HashSet<Const> = values.iter().map(Value::to_const).collect();
            Value::Int(distinct.len() as i64)
        }
        AggregateKind::MostFrequent => most_frequent(values),
        _ => {
            let mut seen = HashSet::new();
            let distinct: Vec<Value> = values.iter().filter(|v| seen.insert(v.to_const())).cloned().collect();
            Value::List(distinct.into())
        }
    }
}

fn extreme<'a>(values: &[Value<'a>], better: impl Fn(std::cmp::Ordering) -> bool) -> Value<'a> {
    let mut best: Option<&Value> = None;
    for value in values {
        if best.is_none_or(|b| operation::order(value, b).is_some_and(&better)) {
            best = Some(value);
        }
    }
    best.cloned().unwrap_or(Value::Missing(Reason::Empty))
}

/// The value that occurs most often; among equals the one that occurred last.
fn most_frequent<'a>(values: &[Value<'a>]) -> Value<'a> {
    let mut seen: HashMap<Const, (usize, usize)> = HashMap::new();
    for (position, value) in values.iter().enumerate() {
        let entry = seen.entry(value.to_const()).or_default();
        *entry = (entry.0 + 1, position);
    }
    match seen.values().max() {
        Some(_) if fault::is("interpret.most-frequent-is-the-first") => {
            values.first().cloned().unwrap_or(Value::Missing(Reason::Empty))
        }
        Some((_, position)) => values.get(*position).cloned().unwrap_or(Value::Missing(Reason::Empty)),
        None => Value::Missing(Reason::Empty),
    }
}
