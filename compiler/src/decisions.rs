//! Proofs about decision tables: every case has a row, every row has a case, and where `unique` is asked no two overlap.
//! Each column's domain falls into classes that no cell tells apart; the proof goes over combinations of classes, as far as
//! the rows that are left tell them apart, and gives up after a number of steps.

use std::cmp::Ordering;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use seg_grammar::{Diagnostic, SourceMap, codes};
use seg_ir::Type;
use seg_ir::node::Comparison;
use seg_ir::schema::Schema;
use seg_ir::value::{Const, Reason};

use crate::hir::{Cell, Decision, Hir, Optional, Parameter};
use crate::limits::TABLE_STEPS_MAX;
use crate::missing::Findings;

pub fn check(
    hir: &Hir,
    findings: &Findings,
    schema: &Schema,
    map: &SourceMap,
    diagnostics: &mut Vec<Diagnostic>,
) -> u64 {
    let mut steps = 0_u64;
    for decision in &hir.decisions {
        let broken = decision.rows.iter().any(|r| r.cells.contains(&Cell::Error));
        if decision.rows.is_empty() || broken {
            continue;
        }
        let mut proof = Proof::new(decision, findings, schema);
        proof.explore(0, &(0..decision.rows.len() as u32).collect::<Vec<_>>(), &mut Vec::new());
        proof.gap(map, diagnostics);
        if proof.steps <= TABLE_STEPS_MAX {
            proof.dead_rows(map, diagnostics);
        }
        if decision.unique.is_some() {
            proof.overlaps(diagnostics);
        }
        if proof.steps > TABLE_STEPS_MAX {
            diagnostics.push(not_proven(decision));
        }
        steps = steps.saturating_add(proof.steps);
    }
    steps
}

fn not_proven(decision: &Decision) -> Diagnostic {
    Diagnostic::error(
        codes::TABLE_TOO_LARGE,
        decision.name.span,
        format!("`{}` has too many combinations of cases to be proved complete", decision.name.text),
        "not proven: this table is too large",
    )
    .help("split it into two tables, one using the other's result")
}

/// The values of a column that every cell treats alike, by one of them.
struct Column {
    witnesses: Vec<Const>,
    /// By row: the classes that its cell matches.
    covers: Vec<Cover>,
}

/// The classes of a column that a cell matches.
#[derive(PartialEq)]
enum Cover {
    All,
    /// In ascending order.
    Some(Vec<u32>),
}

impl Cover {
    fn is_empty(&self) -> bool {
        matches!(self, Cover::Some(classes) if classes.is_empty())
    }

    /// Whether two cells match one case.
    fn meets(&self, other: &Cover) -> bool {
        let (Cover::Some(a), Cover::Some(b)) = (self, other) else { return !self.is_empty() && !other.is_empty() };
        let (small, large) = if a.len() < b.len() { (a, b) } else { (b, a) };
        small.iter().any(|class| large.binary_search(class).is_ok())
    }
}

struct Proof<'a> {
    decision: &'a Decision,
    schema: &'a Schema,
    columns: Vec<Column>,
    /// By row: the column from which on its cells match everything.
    open_from: Vec<usize>,
    /// By row: whether it is the first to match in some case.
    alive: Vec<bool>,
    /// A case that no row matches.
    left_out: Option<Vec<Const>>,
    /// Rows that remain at some column, and were looked at there.
    seen: HashSet<(usize, Vec<u32>)>,
    steps: u64,
}

impl<'a> Proof<'a> {
    fn new(decision: &'a Decision, findings: &Findings, schema: &'a Schema) -> Proof<'a> {
        let optional = |p: &Parameter| match p.optional {
            Optional::Stated(optional) => optional,
            Optional::AsAttribute(id) => findings.is_optional(id),
        };
        let mut steps = 0;
        let mut columns = Vec::new();
        for (n, parameter) in decision.parameters.iter().enumerate() {
            columns.push(column(decision, n, parameter, optional(parameter), schema, &mut steps));
        }
        let open_from = |row: usize| {
            let closed = columns.iter().rposition(|column| column.covers.get(row) != Some(&Cover::All));
            closed.map_or(0, |column| column + 1)
        };
        let open_from = (0..decision.rows.len()).map(open_from).collect();
        let alive = vec![false; decision.rows.len()];
        Proof { decision, schema, columns, open_from, alive, left_out: None, seen: HashSet::new(), steps }
    }

    /// Looks at every case of the columns from `at` on, for the rows that still match: which of them is the first, and
    /// whether there is one. Cases that these rows treat alike are one.
    fn explore(&mut self, at: usize, rows: &[u32], chosen: &mut Vec<Const>) {
        self.steps += 1 + rows.len() as u64;
        if self.steps > TABLE_STEPS_MAX {
            return;
        }
        let open = rows.iter().position(|row| self.open_from.get(*row as usize).is_some_and(|from| *from <= at));
        // A row that takes all that is left is the last of which anything is to be said.
        let rows = open.and_then(|last| rows.get(..=last)).unwrap_or(rows);
        let Some(first) = rows.first() else {
            self.left_out.get_or_insert_with(|| {
                let rest = self.columns.iter().skip(at).filter_map(|column| column.witnesses.first().cloned());
                chosen.iter().cloned().chain(rest).collect()
            });
            return;
        };
        if open == Some(0) {
            self.alive[*first as usize] = true;
            return;
        }
        let settled = open.is_some() || self.left_out.is_some();
        if settled && rows.iter().all(|row| self.alive[*row as usize]) {
            return;
        }
        if !self.seen.insert((at, rows.to_vec())) {
            return;
        }
        for (class, rest) in self.cases(at, rows) {
            let Some(witness) = self.columns.get(at).and_then(|column| column.witnesses.get(class as usize)) else {
                continue;
            };
            chosen.push(witness.clone());
            self.explore(at + 1, &rest, chosen);
            chosen.pop();
        }
    }

    /// The classes of a column that the rows tell apart, each by its first, with the rows that match it.
    fn cases(&mut self, at: usize, rows: &[u32]) -> Vec<(u32, Vec<u32>)> {
        let Some(column) = self.columns.get(at) else { return Vec::new() };
        let mut all: Vec<u32> = Vec::new();
        let mut told_apart: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for row in rows {
            match column.covers.get(*row as usize) {
                Some(Cover::Some(classes)) => classes.iter().for_each(|class| {
                    told_apart.entry(*class).or_default().push(*row);
                    self.steps += 1;
                }),
                Some(Cover::All) | None => all.push(*row),
            }
        }
        let rest = (0..column.witnesses.len() as u32).find(|class| !told_apart.contains_key(class));
        let mut cases: Vec<(u32, Vec<u32>)> = Vec::new();
        for (class, own) in told_apart {
            let mut both: Vec<u32> = own.into_iter().chain(all.iter().copied()).collect();
            self.steps += both.len() as u64;
            both.sort_unstable();
            cases.push((class, both));
        }
        cases.extend(rest.map(|class| (class, all)));
        cases.sort_by_key(|(class, _)| *class);
        cases
    }

    fn gap(&self, map: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
        let Some(found) = &self.left_out else { return };
        let case: Vec<String> =
            self.decision.parameters.iter().zip(found).map(|(p, value)| self.show(p, value)).collect();
        let cells: Vec<String> =
            self.decision.parameters.iter().zip(found).map(|(p, value)| self.as_cell(p, value)).collect();
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
    fn dead_rows(&self, map: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
        for (n, _) in self.alive.iter().enumerate().filter(|(_, alive)| !**alive) {
            let Some(row) = self.decision.rows.get(n) else { continue };
            let inline = map.text(row.span).contains("||");
            let line = if inline { String::new() } else { format!(" (row {} of the file)", n + 1) };
            let possible = self.columns.iter().all(|column| column.covers.get(n).is_some_and(|c| !c.is_empty()));
            let why =
                if possible { "the rows above it take all its cases" } else { "one of its cells matches nothing" };
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

    /// The first row that a row above it meets, and the first of those. Only rows that share a class of the column with
    /// most classes are held against each other.
    fn overlaps(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        let Some(column) = self.columns.iter().max_by_key(|column| column.witnesses.len()) else { return };
        let mut above: Vec<Vec<usize>> = vec![Vec::new(); column.witnesses.len()];
        let mut above_all: Vec<usize> = Vec::new();
        for b in 0..self.decision.rows.len() {
            let mut near = above_all.clone();
            match column.covers.get(b) {
                Some(Cover::Some(classes)) => {
                    for class in classes {
                        near.extend(above.get(*class as usize).into_iter().flatten());
                    }
                }
                Some(Cover::All) | None => near = (0..b).collect(),
            }
            self.steps = self.steps.saturating_add((near.len() * self.columns.len()) as u64);
            if self.steps > TABLE_STEPS_MAX {
                return;
            }
            let meets = |a: &usize| {
                self.columns.iter().all(|column| match (column.covers.get(*a), column.covers.get(b)) {
                    (Some(one), Some(other)) => one.meets(other),
                    _ => false,
                })
            };
            if let Some(a) = near.into_iter().filter(meets).min() {
                self.overlap(a, b, diagnostics);
                return;
            }
            match column.covers.get(b) {
                Some(Cover::Some(classes)) => classes.iter().for_each(|class| above[*class as usize].push(b)),
                Some(Cover::All) | None => above_all.push(b),
            }
        }
    }

    fn overlap(&self, a: usize, b: usize, diagnostics: &mut Vec<Diagnostic>) {
        let (Some(first), Some(second)) = (self.decision.rows.get(a), self.decision.rows.get(b)) else { return };
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

/// The classes of a column, told apart by which rows match, in the order of their witnesses.
fn column(
    decision: &Decision,
    at: usize,
    parameter: &Parameter,
    optional: bool,
    schema: &Schema,
    steps: &mut u64,
) -> Column {
    let witnesses = witnesses(decision, at, parameter, optional, schema);
    let mut sorted: Vec<usize> = (0..witnesses.len()).filter(|n| !witnesses[*n].is_missing()).collect();
    sorted.sort_by(|a, b| order(&witnesses[*a], &witnesses[*b]));
    let missing = witnesses.iter().position(Const::is_missing);
    // By witness: the rows whose cell it matches, but for those of `any`, which it does not tell apart.
    let mut matched: Vec<Vec<u32>> = vec![Vec::new(); witnesses.len()];
    for (n, row) in decision.rows.iter().enumerate() {
        let Some(cell) = row.cells.get(at) else { continue };
        if *cell == Cell::Any {
            continue;
        }
        let known = ranges(cell, &sorted, &witnesses);
        let missing = missing.filter(|_| *cell == Cell::Missing);
        for witness in known.into_iter().flatten().filter_map(|n| sorted.get(n).copied()).chain(missing) {
            *steps += 1;
            if matched[witness].last() != Some(&(n as u32)) {
                matched[witness].push(n as u32);
            }
        }
        if *steps > TABLE_STEPS_MAX {
            break;
        }
    }
    let mut classes: HashMap<(bool, Vec<u32>), u32> = HashMap::new();
    let mut column = Column { witnesses: Vec::new(), covers: Vec::new() };
    let mut covers: Vec<Vec<u32>> = vec![Vec::new(); decision.rows.len()];
    let mut known = Vec::new();
    for (witness, rows) in witnesses.into_iter().zip(matched) {
        let is_known = !witness.is_missing();
        let class = column.witnesses.len() as u32;
        if let Entry::Vacant(entry) = classes.entry((is_known, rows)) {
            entry.key().1.iter().for_each(|row| covers[*row as usize].push(class));
            entry.insert(class);
            column.witnesses.push(witness);
            known.extend(is_known.then_some(class));
        }
    }
    let is_any = |row: usize| decision.rows.get(row).and_then(|r| r.cells.get(at)) == Some(&Cell::Any);
    for (row, classes) in covers.into_iter().enumerate() {
        let classes = if is_any(row) { known.clone() } else { classes };
        let cover = if classes.len() == column.witnesses.len() { Cover::All } else { Cover::Some(classes) };
        *steps += if is_any(row) && cover != Cover::All { known.len() as u64 } else { 0 };
        column.covers.push(cover);
        if *steps > TABLE_STEPS_MAX {
            break;
        }
    }
    column
}

/// The sorted known witnesses that a cell matches, as ranges.
#[allow(clippy::single_range_in_vec_init)] // Each is a list of ranges, most of them of one.
fn ranges(cell: &Cell, sorted: &[usize], witnesses: &[Const]) -> Vec<std::ops::Range<usize>> {
    let from = |limit: &Const| sorted.partition_point(|n| order(&witnesses[*n], limit).is_lt());
    let behind = |limit: &Const| sorted.partition_point(|n| order(&witnesses[*n], limit).is_le());
    let all = sorted.len();
    match cell {
        Cell::Any => vec![0..all],
        Cell::Missing | Cell::Error => Vec::new(),
        Cell::Compare(op, limit) => match op {
            Comparison::Equal => vec![from(limit)..behind(limit)],
            Comparison::NotEqual => vec![0..from(limit), behind(limit)..all],
            Comparison::Less => vec![0..from(limit)],
            Comparison::LessEqual => vec![0..behind(limit)],
            Comparison::Greater => vec![behind(limit)..all],
            Comparison::GreaterEqual => vec![from(limit)..all],
        },
        Cell::Between(low, high) => vec![from(low)..behind(high)],
        Cell::OneOf(values) => values.iter().map(|value| from(value)..behind(value)).collect(),
    }
}

/// The order of values of one type.
fn order(a: &Const, b: &Const) -> Ordering {
    match (a, b) {
        (Const::Number(a), Const::Number(b)) => f64::from_bits(*a).total_cmp(&f64::from_bits(*b)),
        _ => a.cmp(b),
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
