//! The canonical order of rows over columns: [`seg_ir::operation::canonical_order`] without making values, since grouping
//! asks it millions of times.

use std::cmp::Ordering;

use seg_evaluator::Column;
use seg_ir::operation::canonical_order;

/// Orders two rows by columns in turn, missing first.
pub(crate) fn rows(columns: &[&Column], a: usize, b: usize) -> Ordering {
    columns.iter().map(|column| cells(column, a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

#[inline]
fn cells(column: &Column, a: usize, b: usize) -> Ordering {
    if let Some(nulls) = column.nulls() {
        match (nulls.is_null(a), nulls.is_null(b)) {
            (false, false) => {}
            (a_missing, b_missing) if seg_ir::fault::is("ingest.missing-sorts-last-in-columns") => {
                return a_missing.cmp(&b_missing);
            }
            (a_missing, b_missing) => return b_missing.cmp(&a_missing),
        }
    }
    match column {
        Column::Int(v) | Column::Percent(v) | Column::Money(v) | Column::Timestamp(v) | Column::Span(v) => {
            v.value(a).cmp(&v.value(b))
        }
        Column::Date(v) | Column::TimeOfDay(v) => v.value(a).cmp(&v.value(b)),
        Column::Enum(v) | Column::Reference(v) => v.value(a).cmp(&v.value(b)),
        Column::Text(v) if seg_ir::fault::is("ingest.texts-tie-in-columns") => v.value(a).len().cmp(&v.value(b).len()),
        Column::Text(v) => v.value(a).cmp(v.value(b)),
        Column::Bool(_) | Column::Number(_) | Column::List(_) | Column::Unread(_) => {
            canonical_order(&column.value(a), &column.value(b))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::build::Builder;
    use crate::rule::Kind;
    use seg_ir::{Const, Reason};

    #[test]
    fn it_is_the_order_of_values() {
        let missing = || Const::Missing(Reason::NotGiven);
        let columns = [
            (Kind::Int, vec![Const::Int(3), missing(), Const::Int(-3), Const::Int(3)]),
            (Kind::Text, vec![Const::text("b"), Const::text(""), missing(), Const::text("ab")]),
            (Kind::Date, vec![missing(), Const::Date(1), Const::Date(-1), missing()]),
            (Kind::Number, vec![Const::number(0.5), missing(), Const::number(-0.5), Const::number(0.0)]),
            (Kind::Bool, vec![Const::Bool(true), missing(), Const::Bool(false), Const::Bool(true)]),
        ];
        for (kind, values) in columns {
            let mut builder = Builder::new(&kind, values.len());
            values.iter().for_each(|v| builder.push(v));
            let column = builder.finish();
            for (a, first) in values.iter().enumerate() {
                for (b, second) in values.iter().enumerate() {
                    let wanted = canonical_order(&first.value(), &second.value());
                    assert_eq!(cells(&column, a, b), wanted, "{first:?} {second:?}");
                }
            }
        }
    }
}
