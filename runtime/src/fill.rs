//! Whole columns through the judgement of cells: one loop for each layout and kind, so that neither is asked per cell; and
//! none for a column that is right as it is.

use arrow_array::builder::{BooleanBuilder, LargeStringBuilder, PrimitiveBuilder};
use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, ArrayRef, Int64Array};
use seg_evaluator::Column;
use seg_ir::outcome::RejectCode;
use seg_ir::{Const, Zone};

use crate::build::Builder;
use crate::cell::{self, KeyCell, Note, Raw, TextCell, Verdict};
use crate::cells::{Cells, CsvCells, JsonCells, prepare, with_cells};
use crate::reason::reason;
use crate::rule::{Kind, Rule};
use crate::whole;

/// What a chunk's rows come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Keep,
    /// Later than the as-of instant.
    Later,
    /// Of a customer that is not asked for.
    Outside,
    Rejected,
}

/// A cell that was refused.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub row: u32,
    pub code: RejectCode,
    pub reason: String,
}

/// A column of a chunk, in whatever format it came.
pub(crate) enum RawColumn<'a> {
    Arrow(ArrayRef),
    Csv(CsvCells<'a>),
    Json(JsonCells<'a>),
    /// The file does not have it.
    Absent,
}

/// What a column's loop reports besides the values.
#[derive(Default)]
pub(crate) struct Report {
    pub refusals: Vec<Refusal>,
    pub notes: Vec<(u32, u8)>,
}

/// The field's values, those of rows that are kept validated; what the others have means nothing. **Errors**: a column that
/// no layout holds.
pub(crate) fn fill(
    column: &RawColumn<'_>,
    rule: &Rule,
    zone: &Zone,
    fates: &[Fate],
) -> Result<(Column, Report), String> {
    let mut builder = Builder::new(&rule.kind, fates.len());
    let report = match column {
        RawColumn::Arrow(array) => {
            if let Some(column) = whole::column(array, rule) {
                return Ok((column, Report::default()));
            }
            with_cells!(&prepare(array)?, cells => fill_cells(&cells, rule, zone, fates, &mut builder))
        }
        RawColumn::Csv(cells) if matches!(rule.kind, Kind::List(_)) => {
            // A list in a CSV cell is written as JSON.
            fill_cells(&CsvLists::new(cells, fates.len()), rule, zone, fates, &mut builder)
        }
        RawColumn::Csv(cells) => fill_cells(cells, rule, zone, fates, &mut builder),
        RawColumn::Json(cells) => fill_cells(cells, rule, zone, fates, &mut builder),
        RawColumn::Absent => fill_cells(&crate::cells::NullCells, rule, zone, fates, &mut builder),
    };
    Ok((builder.finish(), report))
}

/// Takes a row and its key, or why it has none.
pub(crate) type Visit<'v> = &'v mut dyn FnMut(usize, Result<KeyCell<'_>, (RejectCode, String)>);

/// Calls `each` with every row that is kept and its key, or why it has none. **Errors**: a column that no layout holds.
pub(crate) fn keys(
    column: &RawColumn<'_>,
    rule: &Rule,
    zone: &Zone,
    fates: &[Fate],
    each: Visit<'_>,
) -> Result<(), String> {
    match column {
        RawColumn::Arrow(array) => {
            with_cells!(&prepare(array)?, cells => each_key(&cells, rule, zone, fates, each));
        }
        RawColumn::Csv(cells) => each_key(cells, rule, zone, fates, each),
        RawColumn::Json(cells) => each_key(cells, rule, zone, fates, each),
        RawColumn::Absent => each_key(&crate::cells::NullCells, rule, zone, fates, each),
    }
    Ok(())
}

/// The keys of a column that has a whole number in every row.
pub(crate) fn whole_keys(column: &RawColumn<'_>, rule: &Rule) -> Option<Int64Array> {
    let RawColumn::Arrow(array) = column else { return None };
    match whole::column(array, rule).filter(|_| array.null_count() == 0)? {
        Column::Int(keys) => Some(keys),
        _ => None,
    }
}

fn each_key<C: Cells>(cells: &C, rule: &Rule, zone: &Zone, fates: &[Fate], each: Visit<'_>) {
    for (row, fate) in fates.iter().enumerate() {
        if *fate != Fate::Keep {
            continue;
        }
        let raw = cell::typed(cells.raw(row), &rule.kind);
        let key = match raw {
            Raw::Null => Err(RejectCode::MissingValue),
            _ => cell::key(&raw, rule, zone, &mut Note::default()),
        };
        each(row, key.map_err(|code| (code, reason(rule, &raw, code))));
    }
}

fn fill_cells<C: Cells>(cells: &C, rule: &Rule, zone: &Zone, fates: &[Fate], builder: &mut Builder) -> Report {
    match (&rule.kind, builder) {
        (Kind::Bool, Builder::Bool(b)) => each(cells, rule, fates, b, |raw, _| cell::bool(raw).map(Some)),
        (Kind::Int, Builder::Wide(b, _)) => each(cells, rule, fates, b, |raw, _| cell::int(raw).map(Some)),
        (Kind::Number, Builder::Number(b)) => each(cells, rule, fates, b, |raw, _| cell::float(raw).map(Some)),
        (Kind::Percent, Builder::Wide(b, _)) => each(cells, rule, fates, b, |raw, _| cell::percent(raw).map(Some)),
        (Kind::Money(exponent), Builder::Wide(b, _)) => {
            each(cells, rule, fates, b, |raw, note| cell::money(raw, *exponent, note).map(Some))
        }
        (Kind::Text, Builder::Text(b)) => texts(cells, rule, fates, b),
        (Kind::Date, Builder::Narrow(b, _)) => each(cells, rule, fates, b, |raw, _| cell::date(raw, zone).map(Some)),
        (Kind::Timestamp, Builder::Wide(b, _)) => {
            each(cells, rule, fates, b, |raw, note| cell::timestamp(raw, zone, note).map(Some))
        }
        (Kind::TimeOfDay, Builder::Narrow(b, _)) => {
            each(cells, rule, fates, b, |raw, _| cell::time_of_day(raw).map(Some))
        }
        (Kind::Enum(members), Builder::Code(b, _)) => {
            each(cells, rule, fates, b, |raw, _| cell::member(raw, members).map(Some))
        }
        (Kind::Reference(..), Builder::Code(b, _)) => {
            each(cells, rule, fates, b, |raw, note| cell::pointer(raw, rule, zone, note))
        }
        (_, builder) => constants(cells, rule, zone, fates, builder),
    }
}

/// What a loop appends to.
trait Append<T> {
    fn append(&mut self, value: Option<T>);
    fn append_default(&mut self, value: &Const);
}

impl Append<bool> for BooleanBuilder {
    #[inline(always)]
    fn append(&mut self, value: Option<bool>) {
        self.append_option(value);
    }

    fn append_default(&mut self, value: &Const) {
        self.append_option(if let Const::Bool(v) = value { Some(*v) } else { None });
    }
}

impl<T: ArrowPrimitiveType> Append<T::Native> for PrimitiveBuilder<T>
where
    T::Native: FromConst,
{
    #[inline(always)]
    fn append(&mut self, value: Option<T::Native>) {
        self.append_option(value);
    }

    fn append_default(&mut self, value: &Const) {
        self.append_option(T::Native::from_const(value));
    }
}

/// The number inside a constant.
trait FromConst: Sized {
    fn from_const(value: &Const) -> Option<Self>;
}

impl FromConst for i64 {
    fn from_const(value: &Const) -> Option<i64> {
        match value {
            Const::Int(v) | Const::Percent(v) | Const::Money(v) | Const::Timestamp(v) | Const::Span(v) => Some(*v),
            _ => None,
        }
    }
}

impl FromConst for i32 {
    fn from_const(value: &Const) -> Option<i32> {
        match value {
            Const::Date(v) | Const::TimeOfDay(v) => Some(*v),
            _ => None,
        }
    }
}

impl FromConst for u32 {
    fn from_const(value: &Const) -> Option<u32> {
        match value {
            Const::Enum(v) | Const::Reference(v) => Some(*v),
            _ => None,
        }
    }
}

impl FromConst for f64 {
    fn from_const(value: &Const) -> Option<f64> {
        match value {
            Const::Number(bits) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }
}

#[inline(always)]
fn each<C: Cells, T>(
    cells: &C,
    rule: &Rule,
    fates: &[Fate],
    builder: &mut impl Append<T>,
    judge: impl Fn(&Raw<'_>, &mut Note) -> Verdict<Option<T>>,
) -> Report {
    let mut report = Report::default();
    for (row, fate) in fates.iter().enumerate() {
        if *fate != Fate::Keep {
            builder.append(None);
            continue;
        }
        let raw = cell::typed(cells.raw(row), &rule.kind);
        let mut note = Note::default();
        if let Raw::Null = raw {
            match cell::missing(rule, &mut note) {
                Ok(Some(default)) => builder.append_default(default),
                Ok(None) => builder.append(None),
                Err(code) => {
                    builder.append(None);
                    report.refuse(row, rule, &raw, code);
                }
            }
        } else {
            match judge(&raw, &mut note) {
                Ok(value) => builder.append(value),
                Err(code) => {
                    builder.append(None);
                    report.refuse(row, rule, &raw, code);
                }
            }
        }
        report.note(row, note);
    }
    report
}

fn texts<C: Cells>(cells: &C, rule: &Rule, fates: &[Fate], builder: &mut LargeStringBuilder) -> Report {
    let mut report = Report::default();
    for (row, fate) in fates.iter().enumerate() {
        if *fate != Fate::Keep {
            builder.append_null();
            continue;
        }
        let raw = cell::typed(cells.raw(row), &rule.kind);
        let mut note = Note::default();
        let judged: Verdict<Option<TextCell<'_>>> = match &raw {
            Raw::Null => cell::missing(rule, &mut note).map(|default| match default {
                Some(Const::Text(text)) => Some(TextCell::from(&**text)),
                _ => None,
            }),
            raw => cell::text(raw, rule.max).map(Some),
        };
        match judged {
            Ok(text) => builder.append_option(text.as_ref().map(TextCell::as_str)),
            Err(code) => {
                builder.append_null();
                report.refuse(row, rule, &raw, code);
            }
        }
        report.note(row, note);
    }
    report
}

/// The loop for kinds without one of their own: lists.
fn constants<C: Cells>(cells: &C, rule: &Rule, zone: &Zone, fates: &[Fate], builder: &mut Builder) -> Report {
    let mut report = Report::default();
    for (row, fate) in fates.iter().enumerate() {
        if *fate != Fate::Keep {
            builder.push_missing();
            continue;
        }
        let raw = cells.raw(row);
        let mut note = Note::default();
        match cell::check(raw.clone(), rule, zone, &mut note) {
            Ok(value) => builder.push(&value),
            Err(code) => {
                builder.push_missing();
                report.refuse(row, rule, &raw, code);
            }
        }
        report.note(row, note);
    }
    report
}

impl Report {
    #[cold]
    fn refuse(&mut self, row: usize, rule: &Rule, raw: &Raw<'_>, code: RejectCode) {
        self.refusals.push(Refusal { row: row as u32, code, reason: reason(rule, raw, code) });
    }

    #[inline(always)]
    fn note(&mut self, row: usize, note: Note) {
        if note.0 != 0 {
            self.notes.push((row as u32, note.0));
        }
    }
}

/// CSV cells that hold lists, read as JSON; a cell that is none stays a text.
struct CsvLists<'a> {
    cells: &'a CsvCells<'a>,
    parsed: Vec<Option<crate::json::Json>>,
}

impl<'a> CsvLists<'a> {
    fn new(cells: &'a CsvCells<'a>, rows: usize) -> CsvLists<'a> {
        let parse = |row| match cells.raw(row) {
            Raw::Untyped(text) => crate::json::Json::parse(text).ok(),
            _ => None,
        };
        CsvLists { cells, parsed: (0..rows).map(parse).collect() }
    }
}

impl Cells for CsvLists<'_> {
    fn raw(&self, row: usize) -> Raw<'_> {
        match self.parsed.get(row) {
            Some(Some(json)) => json.raw(),
            _ => self.cells.raw(row),
        }
    }
}
