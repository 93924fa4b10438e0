//! Proofs about decision tables: every case has a row, every row has a case, and where `unique` is asked no two overlap.
//! Each column's domain falls into classes that no cell tells apart; the proof goes over combinations of classes.

use std::collections::HashSet;

use seg_grammar::{Diagnostic, SourceMap, codes};
use seg_ir::node::Comparison;
use seg_ir::schema::Schema;
use seg_ir::value::{Const, Reason};
use seg_ir::{Type, operation};

use crate::hir::{Cell, Decision, Hir, Optional, Parameter};
use crate::missing::Findings;

/// Combinations looked at before a table is refused as too large to prove.
const STEPS_MAX: u64 = 2_000_000;

pub fn check(hir: &Hir, findings: &Findings, schema: &Schema, map: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
    for decision in &hir.decisions {
        let broken = decision.rows.iter().any(|r| r.cells.contains(&Cell::Error));
        if decision.rows.is_empty() || broken {
            continue;
        }
        let mut proof = Proof::new(decision, findings, schema);
        proof.gap(map, diagnostics);
        proof.dead_rows(map, diagnostics);
        if decision.unique.is_some() {
            proof.overlaps(diagnostics);
        }
        if proof.steps > STEPS_MAX {
            diagnostics.push(
                Diagnostic::error(
                    codes::TABLE_TOO_LARGE,
                    decision.name.span,
                    format!("`{}` has too many combinations of cases to be proved complete", decision.name.text),
                    "this table is too large",
                )
                .help("split it into two tables, one using the other's result"),
            );
        }
    }
}

/// The values of a column that every cell treats alike: one of them, and the rows whose cell matches it.
struct Class {
    witness: Const,
    rows: Rows,
}

type Rows = Vec<u64>;

struct Proof<'a> {
    decision: &'a Decision,
    schema: &'a Schema,
    columns: Vec<Vec<Class>>,
    steps: u64,
}

impl<'a> Proof<'a> {
    fn new(decision: &'a Decision, findings: &Findings, schema: &'a Schema) -> Proof<'a> {
        let optional = |p: &Parameter| match p.optional {
            Optional::Stated(optional) => optional,
            Optional::AsAttribute(id) => findings.is_optional(id),
        };
        let columns =
            decision.parameters.iter().enumerate().map(|(n, p)| classes(decision, n, p, optional(p), schema)).collect();
        Proof { decision, schema, columns, steps: 0 }
    }

    fn all_rows(&self, upto: usize) -> Rows {
        let mut rows = vec![0_u64; self.decision.rows.len().div_ceil(64)];
        for n in 0..upto {
            rows[n / 64] |= 1 << (n % 64);
        }
        rows
    }

    fn gap(&mut self, map: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
        let all = self.all_rows(self.decision.rows.len());
        let found = self.search(0, all, &mut HashSet::new(), &|rows| is_empty(rows), &|rows| is_empty(rows));
        let Some(found) = found else { return };
        let case: Vec<String> =
            self.decision.parameters.iter().zip(&found).map(|(p, value)| self.show(p, value)).collect();
        let cells: Vec<String> =
            self.decision.parameters.iter().zip(&found).map(|(p, value)| self.as_cell(p, value)).collect();
        let diagnostic = Diagnostic::error(
            codes::TABLE_GAP,
            self.decision.name.span,
            format!("`{}` has no row for {}", self.decision.name.text, case.join(" and ")),
            "a case is left out",
        );
        let row = format!("{} || missing", cells.join(" | "));
        // In a source text (not a CSV file) the row can be written for the author.
        if let Some(last) = self.decision.rows.last()
            && map.text(last.span).contains("||")
        {
            let at = seg_grammar::Span { start: last.span.end, ..last.span };
            let title = format!("add the row `{row}`, with the right result in place of `missing`");
            let diagnostic = diagnostic.suggest(title, at, format!("\n  {row}"));
            diagnostics.push(diagnostic.help(match found.iter().any(Const::is_missing) {
                true => "`any` stands for known values; a missing one needs a row with `missing`",
                false => "or let a row have more cases, by `any` in a column that does not matter",
            }));
            return;
        }
        diagnostics.push(diagnostic.help(format!("add a row for it, such as `{row}`, or one with `any`")));
    }

    /// A row that is never the first to match.
    fn dead_rows(&mut self, map: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
        for n in 0..self.decision.rows.len() {
            let upto = self.all_rows(n + 1);
            let alive = self.search(
                0,
                upto,
                &mut HashSet::new(),
                &|rows| first(rows) == Some(n),
                // Once it is out of the rows that still match, nothing brings it back; once it is alone, it is the first.
                &|rows| first(rows) == Some(n),
            );
            if alive.is_some() || self.steps > STEPS_MAX {
                continue;
            }
            let Some(row) = self.decision.rows.get(n) else { continue };
            let inline = map.text(row.span).contains("||");
            let line = if inline { String::new() } else { format!(" (row {} of the file)", n + 1) };
            let impossible = self.columns.iter().all(|column| column.iter().any(|c| has(&c.rows, n)));
            let why =
                if impossible { "the rows above it take all its cases" } else { "one of its cells matches nothing" };
            let diagnostic = Diagnostic::error(
                codes::DEAD_ROW,
                row.span,
                format!("this row of `{}` can never match{line}", self.decision.name.text),
                why,
            );
            diagnostics.push(if inline {
                diagnostic.suggest("remove it", row.span, "").help("or move it above the row that takes its cases")
            } else {
                diagnostic.help("remove it, or move it above the row that takes its cases")
            });
        }
    }

    fn overlaps(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        for b in 1..self.decision.rows.len() {
            for a in 0..b {
                self.steps += 1;
                let both = |class: &Class| has(&class.rows, a) && has(&class.rows, b);
                if !self.columns.iter().all(|column| column.iter().any(both)) {
                    continue;
                }
                let (Some(first), Some(second)) = (self.decision.rows.get(a), self.decision.rows.get(b)) else {
                    continue;
                };
                diagnostics.push(
                    Diagnostic::error(
                        codes::TABLE_OVERLAP,
                        second.span,
                        format!("two rows of `{}` match the same case", self.decision.name.text),
                        format!("row {}", b + 1),
                    )
                    .label(first.span, format!("row {}", a + 1))
                    .help("`unique` asks that at most one row matches; narrow one of the two"),
                );
                return;
            }
        }
    }

    /// A combination of classes, column by column, for whose matching rows `wanted` holds; `sure` says that it will hold
    /// whatever the remaining columns are.
    fn search(
        &mut self,
        column: usize,
        rows: Rows,
        seen: &mut HashSet<(usize, Rows)>,
        wanted: &dyn Fn(&Rows) -> bool,
        sure: &dyn Fn(&Rows) -> bool,
    ) -> Option<Vec<Const>> {
        self.steps += 1;
        if self.steps > STEPS_MAX || !seen.insert((column, rows.clone())) {
            return None;
        }
        if column == self.columns.len() {
            return wanted(&rows).then(Vec::new);
        }
        if is_empty(&rows) && !sure(&rows) {
            return None;
        }
        let classes: Vec<(Const, Rows)> =
            self.columns[column].iter().map(|c| (c.witness.clone(), intersect(&rows, &c.rows))).collect();
        for (witness, rest) in classes {
            if let Some(mut found) = self.search(column + 1, rest, seen, wanted, sure) {
                found.insert(0, witness);
                return Some(found);
            }
        }
        None
    }

    fn show(&self, parameter: &Parameter, value: &Const) -> String {
        match value {
            Const::Missing(_) => format!("a missing `{}`", parameter.name),
            Const::Text(text) if text.starts_with('\u{1}') => format!("any other `{}`", parameter.name),
            value => format!("`{} = {}`", parameter.name, crate::english::literal(self.schema, &parameter.ty, value)),
        }
    }

    fn as_cell(&self, parameter: &Parameter, value: &Const) -> String {
        match value {
            Const::Missing(_) => "missing".to_string(),
            Const::Text(text) if text.starts_with('\u{1}') => "any".to_string(),
            value => crate::english::literal(self.schema, &parameter.ty, value),
        }
    }
}

fn is_empty(rows: &Rows) -> bool {
    rows.iter().all(|w| *w == 0)
}

fn has(rows: &Rows, n: usize) -> bool {
    rows.get(n / 64).is_some_and(|w| w & (1 << (n % 64)) != 0)
}

fn first(rows: &Rows) -> Option<usize> {
    rows.iter().enumerate().find(|(_, w)| **w != 0).map(|(n, w)| n * 64 + w.trailing_zeros() as usize)
}

fn intersect(a: &Rows, b: &Rows) -> Rows {
    a.iter().zip(b).map(|(a, b)| a & b).collect()
}

/// The classes of a column, told apart by which rows match.
fn classes(decision: &Decision, column: usize, parameter: &Parameter, optional: bool, schema: &Schema) -> Vec<Class> {
    let mut seen: HashSet<Rows> = HashSet::new();
    let mut classes = Vec::new();
    for witness in witnesses(decision, column, parameter, optional, schema) {
        let mut rows = vec![0_u64; decision.rows.len().div_ceil(64)];
        for (n, row) in decision.rows.iter().enumerate() {
            if row.cells.get(column).is_some_and(|cell| matches(cell, &witness)) {
                rows[n / 64] |= 1 << (n % 64);
            }
        }
        if seen.insert(rows.clone()) {
            classes.push(Class { witness, rows });
        }
    }
    classes
}

fn matches(cell: &Cell, value: &Const) -> bool {
    if value.is_missing() {
        return *cell == Cell::Missing;
    }
    let compare = |op, limit: &Const| operation::compare(op, &value.value(), &limit.value()).as_bool() == Some(true);
    match cell {
        Cell::Any => true,
        Cell::Missing | Cell::Error => false,
        Cell::Compare(op, limit) => compare(*op, limit),
        Cell::Between(low, high) => compare(Comparison::GreaterEqual, low) && compare(Comparison::LessEqual, high),
        Cell::OneOf(values) => values.iter().any(|v| compare(Comparison::Equal, v)),
    }
}

/// At least one value of every class of a column.
fn witnesses(decision: &Decision, column: usize, parameter: &Parameter, optional: bool, schema: &Schema) -> Vec<Const> {
    let mut out = Vec::new();
    match &parameter.ty {
        Type::Bool => out.extend([Const::Bool(true), Const::Bool(false)]),
        Type::Enum(id) => out.extend((0..schema.enum_type(*id).members.len()).map(|m| Const::Enum(m as u32))),
        _ => {
            let mentioned = constants(decision, column);
            for value in &mentioned {
                out.extend(neighbours(value));
            }
            out.push(anything(&parameter.ty));
        }
    }
    if optional {
        out.push(Const::Missing(Reason::NotGiven));
    }
    out
}

fn constants(decision: &Decision, column: usize) -> Vec<Const> {
    let mut out = Vec::new();
    for row in &decision.rows {
        match row.cells.get(column) {
            Some(Cell::Compare(_, value)) => out.push(value.clone()),
            Some(Cell::Between(low, high)) => out.extend([low.clone(), high.clone()]),
            Some(Cell::OneOf(values)) => out.extend(values.iter().cloned()),
            Some(Cell::Any | Cell::Missing | Cell::Error) | None => {}
        }
    }
    out.sort();
    out.dedup();
    out
}

/// A value and those right beside it, as far as its type has any.
fn neighbours(value: &Const) -> Vec<Const> {
    let whole = |v: i64, make: fn(i64) -> Const| {
        [Some(v), v.checked_sub(1), v.checked_add(1)].into_iter().flatten().map(make).collect()
    };
    match value {
        Const::Int(v) => whole(*v, Const::Int),
        Const::Percent(v) => whole(*v, Const::Percent),
        Const::Money(v) => whole(*v, Const::Money),
        Const::Timestamp(v) => whole(*v, Const::Timestamp),
        Const::Span(v) => whole(*v, Const::Span),
        Const::Date(v) => {
            [*v, v - 1, v + 1].into_iter().filter(|d| seg_ir::time::ymd(*d).is_some()).map(Const::Date).collect()
        }
        Const::TimeOfDay(v) => {
            [*v, v - 1, v + 1].into_iter().filter(|s| (0..86_400).contains(s)).map(Const::TimeOfDay).collect()
        }
        Const::Number(bits) => {
            let v = f64::from_bits(*bits);
            [v, v.next_down(), v.next_up()].into_iter().map(Const::number).collect()
        }
        other => vec![other.clone()],
    }
}

/// A value that no cell mentions.
fn anything(ty: &Type) -> Const {
    match ty {
        Type::Int => Const::Int(0),
        Type::Number => Const::number(0.0),
        Type::Percent => Const::Percent(0),
        Type::Money(_) => Const::Money(0),
        Type::Date => Const::Date(0),
        Type::Timestamp => Const::Timestamp(0),
        Type::TimeOfDay => Const::TimeOfDay(0),
        Type::Span => Const::Span(0),
        _ => Const::text("\u{1}"),
    }
}
