//! Folds over rows as SQL aggregates. A fold is one aggregate expression over a relation whose rows are one customer's.

use seg_ir::node::{Aggregate, AggregateKind, Op, Scope};
use seg_ir::{NodeId, Type, fault};

use super::expression::{Frame, Level, Sql, Writer};
use super::literal::ident;
use super::macros::Macro;

/// An aggregate expression, and what makes the fold's value of it where there may be no rows at all.
pub struct Fold {
    pub text: String,
    pub finish: Finish,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    AsItIs,
    /// NULL stands for this.
    Or(&'static str),
    /// A sum in 128 bits, to be checked; over nothing it is zero.
    Whole,
    /// A sum of floats, to be checked; over nothing it is zero.
    Finite,
    /// Over no rows it is false; NULL is unknown.
    FalseWithoutRows,
}

impl Writer<'_> {
    /// The condition under which a row is within the window; none where every row is.
    pub fn window(&self, aggregate: &Aggregate, frame: &Frame) -> Result<Option<Sql>, String> {
        let schema = &self.program.schema;
        let Some(window) = aggregate.window else { return Ok(None) };
        let table = schema.table(schema.collection(aggregate.collection).table);
        let at = table.at.and_then(|at| table.fields.get(at.0 as usize)).ok_or("a window over rows without time")?;
        let at = format!("{}.{}", frame.alias, ident(&at.name));
        let mut parts = Vec::new();
        for (bound, strict, inclusive) in [(window.low, ">", ">="), (window.high, "<", "<=")] {
            let Some(bound) = bound else { continue };
            // Nothing later than the instant is there.
            if strict == "<" && bound.inclusive && matches!(self.program.ir.node(bound.at).op, Op::AsOf) {
                continue;
            }
            let limit = self.node(bound.at, frame)?;
            let sign = if bound.inclusive { inclusive } else { strict };
            parts.push(format!("{at} {sign} {}", limit.within(Level::Compare)));
        }
        Ok((!parts.is_empty()).then(|| Sql::new(parts.join(" AND "), Level::And)))
    }

    /// A value that is missing where a bound of the fold's window is, and otherwise as given.
    pub fn guard_bounds(&self, aggregate: &Aggregate, frame: &Frame, value: String) -> Result<String, String> {
        let mut tests = Vec::new();
        for bound in aggregate.window.iter().flat_map(|w| [w.low, w.high]).flatten() {
            let is_open = self.sayer.borrow().constant(bound.at).is_none();
            if is_open {
                tests.push(format!("{} IS NOT NULL", self.node(bound.at, frame)?.within(Level::Atom)));
            }
        }
        Ok(if tests.is_empty() { value } else { format!("CASE WHEN {} THEN {value} END", tests.join(" AND ")) })
    }

    /// The condition under which a row takes part: in the window, and the filter true.
    pub fn kept(&self, aggregate: &Aggregate, frame: &Frame) -> Result<Vec<String>, String> {
        let window = self.window(aggregate, frame)?;
        let filter = aggregate.filter.map(|f| self.node(f, frame)).transpose()?;
        let window = window.filter(|_| filter.is_none() || !fault::is("sql.filter-forgets-the-window"));
        Ok(window.iter().chain(&filter).map(|c| c.within(Level::And)).collect())
    }

    /// What an aggregate takes of each row. In SQL an aggregate over nothing but columns of an outer query is of that query: what
    /// a fold within a fold takes is tied to its own rows.
    fn folded(&self, id: NodeId, frame: &Frame) -> Result<Sql, String> {
        let sql = self.node(id, frame)?;
        let is_own = frame.outer.is_none() || self.program.ir.node(id).scope == Scope::InnerRow;
        if is_own || self.sayer.borrow().constant(id).is_some() {
            return Ok(sql);
        }
        let own = format!("{}.{}", frame.alias, super::CUSTOMER);
        Ok(Sql::atom(format!("CASE WHEN {own} IS NOT NULL THEN {} END", sql.text)))
    }

    /// The fold as one aggregate expression. `MostFrequent` and `List` fold twice and have none.
    pub fn fold(&self, aggregate: &Aggregate, frame: &Frame) -> Result<Fold, String> {
        let window = self.window(aggregate, frame)?;
        let within = filter(&window.iter().map(|w| w.text.clone()).collect::<Vec<_>>());
        let kept = filter(&self.kept(aggregate, frame)?);
        let value = aggregate.value.map(|v| self.folded(v, frame).map(|sql| sql.text)).transpose()?;
        let value_ty = aggregate.value.map(|v| self.program.ir.ty(v).clone());
        let v = value.as_deref().unwrap_or("true");
        let order = format!("{}.{}", frame.alias, super::ORDER);
        Ok(match aggregate.kind {
            AggregateKind::Count => Fold { text: format!("count(*){kept}"), finish: Finish::Or("0") },
            AggregateKind::Distinct if fault::is("sql.distinct-counts-all") => {
                Fold { text: format!("count({v}){kept}"), finish: Finish::Or("0") }
            }
            AggregateKind::Distinct => Fold { text: format!("count(DISTINCT {v}){kept}"), finish: Finish::Or("0") },
            AggregateKind::Share => {
                let part = Sql::new(format!("count(*){kept} * CAST(1000000 AS HUGEINT)"), Level::Product);
                let share = self.apply(Macro::HalfEven, &[&part, &Sql::atom(format!("count(*){within}"))]);
                Fold { text: share.text, finish: Finish::AsItIs }
            }
            AggregateKind::Any => self.any(aggregate, frame, &within)?,
            AggregateKind::Every => self.every(aggregate, frame, &within)?,
            AggregateKind::Sum => match value_ty {
                Some(Type::Number) => Fold { text: format!("sum({v} ORDER BY {order}){kept}"), finish: Finish::Finite },
                _ => Fold { text: format!("sum({v}){kept}"), finish: Finish::Whole },
            },
            AggregateKind::Mean => {
                let counted = if fault::is("sql.mean-counts-missing") { "*" } else { v };
                let count = Sql::atom(format!("count({counted}){kept}"));
                let text = match value_ty {
                    Some(Type::Number) => {
                        let mean = format!("sum({v} ORDER BY {order}){kept} / {}", count.text);
                        self.apply(Macro::Finite, &[&Sql::new(mean, Level::Product)]).text
                    }
                    Some(Type::Int) => {
                        let mean = format!("CAST(sum({v}){kept} AS DOUBLE) / {}", count.text);
                        self.apply(Macro::Finite, &[&Sql::new(mean, Level::Product)]).text
                    }
                    _ => self.apply(Macro::HalfEven, &[&Sql::atom(format!("sum({v}){kept}")), &count]).text,
                };
                Fold { text, finish: Finish::AsItIs }
            }
            AggregateKind::Min | AggregateKind::Max => {
                let name = if aggregate.kind == AggregateKind::Min { "min" } else { "max" };
                let text = match (value_ty, aggregate.value) {
                    (Some(Type::Enum(id)), Some(node)) => {
                        let rank = self.rank(id.0, node, &Sql::atom(v));
                        format!("arg_{name}({v}, {}){kept}", rank.text)
                    }
                    _ => format!("{name}({v}){kept}"),
                };
                Fold { text, finish: Finish::AsItIs }
            }
            AggregateKind::LatestRow if fault::is("sql.latest-row-skips-missing") => {
                Fold { text: format!("arg_max({v}, {order}){kept}"), finish: Finish::AsItIs }
            }
            AggregateKind::Latest => Fold { text: format!("arg_max({v}, {order}){kept}"), finish: Finish::AsItIs },
            AggregateKind::Earliest => Fold { text: format!("arg_min({v}, {order}){kept}"), finish: Finish::AsItIs },
            AggregateKind::LatestRow => {
                Fold { text: format!("arg_max_null({v}, {order}){kept}"), finish: Finish::AsItIs }
            }
            AggregateKind::EarliestRow => {
                Fold { text: format!("arg_min_null({v}, {order}){kept}"), finish: Finish::AsItIs }
            }
            AggregateKind::MostFrequent | AggregateKind::List => {
                return Err("a fold that needs a relation of its own".into());
            }
        })
    }

    /// Kleene's or: true where a test is, unknown where none is true and one is unknown.
    fn any(&self, aggregate: &Aggregate, frame: &Frame, within: &str) -> Result<Fold, String> {
        let finish = Finish::FalseWithoutRows;
        let Some(test) = aggregate.filter else {
            return Ok(Fold { text: format!("count(*){within} > 0"), finish: Finish::Or("false") });
        };
        let sql = self.folded(test, frame)?;
        let may_be_missing = self.sayer.borrow_mut().may_be_missing(test);
        let text = match may_be_missing && !fault::is("sql.unknown-of-any-is-false") {
            false => {
                return Ok(Fold { text: format!("bool_or({}){within}", sql.text), finish: Finish::Or("false") });
            }
            true => format!(
                "CASE WHEN bool_or({0}){within} THEN true WHEN bool_or({1} IS NULL){within} THEN NULL ELSE false END",
                sql.text,
                sql.within(Level::Atom)
            ),
        };
        Ok(Fold { text, finish })
    }

    fn every(&self, aggregate: &Aggregate, frame: &Frame, within: &str) -> Result<Fold, String> {
        let Some(test) = aggregate.filter else {
            return Ok(Fold { text: format!("CASE WHEN count(*){within} > 0 THEN true END"), finish: Finish::AsItIs });
        };
        let sql = self.folded(test, frame)?;
        let may_be_missing = self.sayer.borrow_mut().may_be_missing(test);
        let text = match may_be_missing && !fault::is("sql.unknown-of-every-is-true") {
            false => format!("bool_and({}){within}", sql.text),
            true => format!(
                "CASE WHEN NOT bool_and({0}){within} THEN false WHEN NOT bool_or({1} IS NULL){within} THEN true END",
                sql.text,
                sql.within(Level::Atom)
            ),
        };
        Ok(Fold { text, finish: Finish::AsItIs })
    }

    /// The fold's value from what its aggregate gave. `no_rows`: the condition that there was none, where there may be.
    pub fn finish(&self, finish: Finish, value: String, no_rows: Option<&str>) -> String {
        match (finish, no_rows) {
            (Finish::AsItIs, _) | (Finish::FalseWithoutRows, None) => value,
            (Finish::Whole, _) if fault::is("sql.sum-of-none-is-missing") => value,
            (Finish::Or(other), _) => format!("coalesce({value}, {other})"),
            (Finish::Whole, _) => self.apply(Macro::Whole, &[&Sql::atom(format!("coalesce({value}, 0)"))]).text,
            (Finish::Finite, _) => self.apply(Macro::Finite, &[&Sql::atom(format!("coalesce({value}, 0e0)"))]).text,
            (Finish::FalseWithoutRows, Some(none)) => format!("CASE WHEN {none} THEN false ELSE {value} END"),
        }
    }

    /// Whether a fold needs the rows' order.
    pub fn needs_order(&self, aggregate: &Aggregate) -> bool {
        let float = |v: NodeId| *self.program.ir.ty(v) == Type::Number;
        match aggregate.kind {
            AggregateKind::Sum | AggregateKind::Mean => aggregate.value.is_some_and(float),
            AggregateKind::Latest
            | AggregateKind::Earliest
            | AggregateKind::LatestRow
            | AggregateKind::EarliestRow
            | AggregateKind::MostFrequent
            | AggregateKind::List => true,
            AggregateKind::Count
            | AggregateKind::Share
            | AggregateKind::Any
            | AggregateKind::Every
            | AggregateKind::Min
            | AggregateKind::Max
            | AggregateKind::Distinct => false,
        }
    }
}

fn filter(conditions: &[String]) -> String {
    if conditions.is_empty() { String::new() } else { format!(" FILTER (WHERE {})", conditions.join(" AND ")) }
}
