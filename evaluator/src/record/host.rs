//! The host's half of a call out of compiled code: one thunk, which looks its job up by site. A panic inside is caught and
//! set down as a fault; the code goes on with a missing value, and its answers are thrown away.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use regex::Regex;
use seg_ir::builtin::Builtin;
use seg_ir::host::Cell;
use seg_ir::node::{AggregateKind, TextTest};
use seg_ir::operation::{self, Sum};
use seg_ir::{Const, Op, Reason, Type, Value, Zone, fault, text};

use super::arena::Arena;

/// The operations for which compiled code may call its host, by [`Op::name`]; everything else is computed in place.
pub const CALLS: &[&str] = &[
    "compare",
    "text test",
    "matches",
    "in",
    "list test",
    "arithmetic",
    "percent of",
    "civil date",
    "start of day",
    "start of unit",
    "shift",
    "part",
    "elapsed",
    "anniversary",
    "call",
    "aggregate",
];

/// What is to be done at a place in the code that calls its host.
pub(crate) struct Site<'p> {
    /// The operation's name, as in [`CALLS`].
    pub name: &'static str,
    /// The types of the operands that are passed.
    pub operands: Vec<Type>,
    pub result: Type,
    pub job: Job<'p>,
}

pub(crate) enum Job<'p> {
    /// An operation over one or two known operands.
    Apply(&'p Op),
    /// A known text against a constant, which is folded where case is ignored.
    Text {
        test: TextTest,
        with: Cow<'p, str>,
        ignoring_case: bool,
    },
    /// A pattern; `None` for one that cannot be compiled, of which the verifier lets none through.
    Matches(Option<Regex>),
    /// A known whole number among sorted ones.
    InWholes(Vec<i64>),
    /// A known text among sorted ones.
    InTexts(Vec<Arc<str>>),
    /// Operands: the list, which is known, and the items, which need not be.
    ListTest {
        all: bool,
    },
    Call(&'static Builtin),
    /// Of whole values of the type. Operands: the low and the high half of their sum, and their count.
    Mean(Type),
    /// Empties the values that a fold gathers.
    Begin {
        fold: usize,
    },
    /// Operand: a known value.
    Gather {
        fold: usize,
    },
    /// `ty` is that of the values gathered.
    Reduce {
        fold: usize,
        kind: AggregateKind,
        ty: Type,
    },
}

/// What folds gather, and what jobs make.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub arena: Arena,
    gathered: Vec<Vec<Cell>>,
    order: Vec<u32>,
    items: Vec<Cell>,
}

impl Made {
    /// Forgets what was made, and makes room for so many folds that gather values.
    pub fn begin(&mut self, folds: usize) {
        self.arena.reset();
        if self.gathered.len() < folds {
            self.gathered.resize_with(folds, Vec::new);
        }
    }
}

/// What a thunk works with, for the time of one run of the code.
pub(crate) struct Host<'h, 'p> {
    pub sites: &'h [Site<'p>],
    pub zone: &'h Zone,
    pub made: &'h mut Made,
    /// The first site at which the host panicked.
    pub fault: Option<u32>,
}

/// The one function that compiled code calls. See [`seg_ir::host::Thunk`].
///
/// # Safety
/// `host` is a [`Host`] that nobody else uses during the call; `cells` are as many cells as the site has operands, at
/// least one, whose texts and lists are alive and of the site's types.
pub(crate) unsafe extern "C" fn thunk(host: *mut c_void, site: u32, cells: *mut Cell) {
    // SAFETY: the code passes on the host that `Compiled::run` put into the frame for the time of this run; nothing else
    // uses it until the code comes back.
    let host = unsafe { &mut *host.cast::<Host<'_, '_>>() };
    let done = catch_unwind(AssertUnwindSafe(|| {
        let sites = host.sites;
        let Some(site) = sites.get(site as usize) else { return Cell::missing(Reason::NotGiven) };
        // SAFETY: the emitter stored a cell for every operand of the site, just before the call, at the head of the slots,
        // where there is room for the operands of every site.
        let operands = unsafe { std::slice::from_raw_parts(cells, site.operands.len()) };
        host.perform(site, operands)
    }));
    let result = done.unwrap_or_else(|_| {
        host.fault.get_or_insert(site);
        Cell::missing(Reason::NotGiven)
    });
    // SAFETY: there is at least one cell, and the operands are not used any more.
    unsafe { cells.write(result) };
}

impl Host<'_, '_> {
    fn perform(&mut self, site: &Site<'_>, cells: &[Cell]) -> Cell {
        let missing = Cell::missing(Reason::NotGiven);
        let first = cells.first().copied().unwrap_or(missing);
        let truth = |b: bool| Cell::known(u64::from(b));
        // SAFETY: asked for by jobs of texts alone, whose first operand is a text, and known, since the code calls only then;
        // it is alive as long as the run.
        let text = || unsafe { as_text(first) };
        match &site.job {
            Job::Apply(op) => {
                let operand = |at: usize| match (cells.get(at), site.operands.get(at)) {
                    // SAFETY: the site's operands are of its types, which are those of verified nodes, and alive.
                    (Some(cell), Some(ty)) => unsafe { value(*cell, ty) },
                    _ => Value::Missing(Reason::NotGiven),
                };
                let operands = [operand(0), operand(1)];
                let operands = operands.get(..site.operands.len()).unwrap_or(&operands);
                self.made.arena.cell(&operation::apply(op, operands, self.zone), &site.result)
            }
            Job::Text { test, with, ignoring_case } => truth(text_test(*test, text(), with, *ignoring_case)),
            Job::Matches(pattern) => pattern.as_ref().map_or(missing, |pattern| truth(pattern.is_match(text()))),
            Job::InTexts(set) => truth(set.binary_search_by(|item| (**item).cmp(text())).is_ok()),
            Job::InWholes(set) if fault::is("record.large-sets-hold-their-first") => {
                truth(set.first() == Some(&first.bits.cast_signed()))
            }
            Job::InWholes(set) => truth(set.binary_search(&first.bits.cast_signed()).is_ok()),
            Job::ListTest { all } => {
                // SAFETY: the verifier lets nothing but lists be tested, and the code calls only where this one is known; its
                // cells are alive.
                let held = unsafe { as_list(first) };
                let types = site.operands.get(1..).unwrap_or(&[]);
                list_test(held, cells.get(1..).unwrap_or(&[]), types, *all)
            }
            Job::Call(builtin) => self.call(builtin, site, cells),
            Job::Mean(ty) => {
                let ([low, high, count], Some(Sum::Whole(_, make))) = (cells, Sum::of(ty)) else { return missing };
                let high = if fault::is("record.mean-loses-its-high-half") { 0 } else { high.bits.cast_signed() };
                let sum = i128::from(high) << 64 | i128::from(low.bits);
                Cell::scalar(&Sum::Whole(sum, make).mean(count.bits)).unwrap_or(missing)
            }
            Job::Begin { .. } if fault::is("record.gathered-values-stay") => missing,
            Job::Begin { fold } => {
                self.made.gathered.get_mut(*fold).into_iter().for_each(Vec::clear);
                missing
            }
            Job::Gather { fold } => {
                self.made.gathered.get_mut(*fold).into_iter().for_each(|values| values.push(first));
                missing
            }
            Job::Reduce { fold, kind, ty } => self.reduce(*fold, *kind, ty),
        }
    }

    fn call(&mut self, builtin: &Builtin, site: &Site<'_>, cells: &[Cell]) -> Cell {
        // SAFETY: the site's operands are of its types, which are those of verified nodes, and alive.
        let operand = |(cell, ty): (&Cell, &Type)| unsafe { value(*cell, ty) };
        let mut operands = cells.iter().zip(&site.operands);
        let result = if cells.len() <= 4 {
            let values: [Value<'_>; 4] = std::array::from_fn(|_| operands.next().map_or(Value::Bool(false), operand));
            (builtin.call)(values.get(..cells.len()).unwrap_or(&[]))
        } else {
            (builtin.call)(&operands.map(operand).collect::<Vec<_>>())
        };
        self.made.arena.cell(&result, &site.result)
    }

    /// What the values that a fold gathered come down to.
    fn reduce(&mut self, fold: usize, kind: AggregateKind, ty: &Type) -> Cell {
        let Made { arena, gathered, order, items } = &mut *self.made;
        let values: &[Cell] = gathered.get(fold).map_or(&[], Vec::as_slice);
        let at = |index: u32| values.get(index as usize).copied().unwrap_or(Cell::known(0));
        order.clear();
        order.extend(0..values.len() as u32);
        // SAFETY: what was gathered since the fold began are known values of its type, alive as long as the run; what stands
        // for an index beyond them has no length.
        let compare = |a: u32, b: u32| unsafe { identity(at(a), at(b), ty) };
        order.sort_unstable_by(|a, b| compare(*a, *b).then(a.cmp(b)));
        let same = |a: &u32, b: &u32| compare(*a, *b).is_eq();
        match kind {
            AggregateKind::Distinct if fault::is("record.distinct-counts-all") => Cell::known(order.len() as u64),
            AggregateKind::Distinct => Cell::known(order.chunk_by(same).count() as u64),
            AggregateKind::MostFrequent => {
                let late = |run: &[u32]| run.last().copied().filter(|_| !fault::is("record.ties-go-to-the-earliest"));
                let best = order.chunk_by(same).max_by_key(|run| (run.len(), late(run)));
                best.and_then(|run| run.last()).map_or(Cell::missing(Reason::Empty), |last| at(*last))
            }
            _ => {
                items.clear();
                order.dedup_by(|b, a| same(a, b));
                if !fault::is("record.list-is-in-order-of-value") {
                    order.sort_unstable();
                }
                items.extend(order.iter().map(|index| at(*index)));
                arena.list(items)
            }
        }
    }
}

/// A text test against a constant that is folded already where case is ignored; ASCII is compared in place.
fn text_test(test: TextTest, value: &str, with: &str, ignoring_case: bool) -> bool {
    if !ignoring_case {
        return operation::text_test(test, value, with, false);
    }
    if !value.is_ascii() && !fault::is("record.case-is-of-ascii-alone") {
        return operation::text_test(test, &text::fold(value), with, false);
    }
    let (value, with) = (value.as_bytes(), with.as_bytes());
    let same =
        |part: Option<&[u8]>| part.is_some_and(|p| p.iter().zip(with).all(|(a, b)| a.to_ascii_lowercase() == *b));
    let from_end = value.len().checked_sub(with.len());
    match test {
        TextTest::Equal => value.len() == with.len() && same(Some(value)),
        TextTest::StartsWith => same(value.get(..with.len())),
        TextTest::EndsWith => same(from_end.and_then(|at| value.get(at..))),
        TextTest::Contains => with.is_empty() || value.windows(with.len()).any(|part| same(Some(part))),
    }
}

/// Whether a list holds any, or all, of the items; an item that is missing is unknown unless the others decide.
fn list_test(held: &[Cell], items: &[Cell], types: &[Type], all: bool) -> Cell {
    let mut unknown = None;
    for (item, ty) in items.iter().zip(types) {
        if item.missing != 0 {
            // Without the bits of what it holds: whoever reads a truth looks at them.
            if fault::is("record.missing-items-are-not-held") {
                continue;
            }
            unknown = unknown.or(Some(Cell { bits: 0, len: 0, ..*item }));
            continue;
        }
        // SAFETY: both are known and alive, and of one type: the verifier has seen to it.
        let found = held.iter().any(|h| h.missing == 0 && unsafe { identity(*h, *item, ty) }.is_eq());
        if found != all {
            return Cell::known(u64::from(found));
        }
    }
    unknown.unwrap_or(Cell::known(u64::from(all)))
}

/// The value of a cell.
///
/// # Safety
/// The cell is of the type, and the text or list that it leads to is alive for `'a`.
pub(crate) unsafe fn value<'a>(cell: Cell, ty: &Type) -> Value<'a> {
    if let Some(value) = cell.to_scalar(ty) {
        return value;
    }
    match ty {
        // SAFETY: the caller's.
        Type::List(item) => Value::List(unsafe { as_list(cell) }.iter().map(|c| unsafe { value(*c, item) }).collect()),
        // SAFETY: the caller's; only texts are left.
        _ => Value::Text(unsafe { as_text(cell) }),
    }
}

/// # Safety
/// The cell holds a text that is alive for `'a`, or is missing.
unsafe fn as_text<'a>(cell: Cell) -> &'a str {
    if cell.len == 0 {
        return "";
    }
    let start = std::ptr::with_exposed_provenance::<u8>(cell.bits as usize);
    // SAFETY: cells of texts are made from whole `str`s, with all their bytes, which the caller says are alive.
    unsafe { std::str::from_utf8_unchecked(std::slice::from_raw_parts(start, cell.len as usize)) }
}

/// # Safety
/// The cell holds a list that is alive for `'a`, or is missing.
unsafe fn as_list<'a>(cell: Cell) -> &'a [Cell] {
    if cell.len == 0 {
        return &[];
    }
    let start = std::ptr::with_exposed_provenance::<Cell>(cell.bits as usize);
    // SAFETY: cells of lists are made from whole slices, with all their cells, which the caller says are alive.
    unsafe { std::slice::from_raw_parts(start, cell.len as usize) }
}

/// An order in which equal values, and no others, are equal. It is no order of the language's.
///
/// # Safety
/// Both are known values of the type and alive.
unsafe fn identity(a: Cell, b: Cell, ty: &Type) -> Ordering {
    match ty {
        // SAFETY: the caller's.
        Type::Text => unsafe { as_text(a).cmp(as_text(b)) },
        _ => a.bits.cmp(&b.bits),
    }
}

/// The canonical order of two cells of a field: missing first, then by value.
///
/// # Safety
/// Both are of the type and alive.
pub(crate) unsafe fn canonical(a: Cell, b: Cell, ty: &Type) -> Ordering {
    match (a.missing == 0, b.missing == 0, ty) {
        (false, false, _) => Ordering::Equal,
        (false, true, _) if fault::is("record.missing-comes-last") => Ordering::Greater,
        (false, true, _) => Ordering::Less,
        (true, false, _) => Ordering::Greater,
        // SAFETY: the caller's.
        (true, true, Type::Text) => unsafe { as_text(a).cmp(as_text(b)) },
        (true, true, Type::List(item)) => {
            // SAFETY: the caller's.
            let (a, b) = unsafe { (as_list(a), as_list(b)) };
            // SAFETY: the items of two such lists are such values.
            let mut pairs = a.iter().zip(b).map(|(a, b)| unsafe { canonical(*a, *b, item) });
            pairs.find(|o| o.is_ne()).unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (true, true, ty) => match (a.to_scalar(ty), b.to_scalar(ty)) {
            (Some(a), Some(b)) => operation::order(&a, &b).unwrap_or(Ordering::Equal),
            _ => Ordering::Equal,
        },
    }
}

/// A constant's cell, kept by `arena`.
pub(crate) fn constant(value: &Const, ty: &Type, arena: &mut Arena) -> Cell {
    arena.cell(&value.value(), ty)
}
