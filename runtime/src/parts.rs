//! The events of the customers of a part of the profile: their rows gathered from where they were put down, grouped by
//! customer, each customer's in canonical order, whatever order the files had. Parts are made as they are asked for and kept
//! only until the last of their customers is decided.

use std::cmp::Ordering;
use std::sync::atomic::{AtomicU32, Ordering as Order};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::UInt32Array;
use seg_evaluator::{Column, Table, Tables};
use seg_ir::{FieldId, Schema, TableId, fault};

use crate::build::pick;
use crate::clock::Worked;
use crate::error::Error;
use crate::events::Events;
use crate::load::Stats;
use crate::order;
use crate::store::{Division, Piece};

/// All parts of the event tables of a run.
pub(crate) struct Parts {
    /// None where no event table is bound: then one part has all customers.
    division: Option<Division>,
    events: Vec<Events>,
    /// The reference tables.
    references: Arc<Tables>,
    slots: Vec<Slot>,
}

/// A part while it is wanted.
struct Slot {
    made: Mutex<Option<Arc<Part>>>,
    /// Rows of the profile that are not decided.
    waiting: AtomicU32,
}

/// The events of the customers of a part.
pub(crate) struct Part {
    pub tables: Arc<Tables>,
    /// By event table that is bound: where the rows of each of the part's customers begin and, one further, end.
    starts: Vec<(TableId, Vec<u32>)>,
    division: Option<Division>,
}

impl Parts {
    pub fn new(division: Option<Division>, events: Vec<Events>, references: Arc<Tables>) -> Parts {
        let slot = |part: usize| Slot {
            made: Mutex::default(),
            waiting: AtomicU32::new(division.map_or(0, |division| division.rows_of(part).len() as u32)),
        };
        let slots = (0..division.map_or(0, Division::parts)).map(slot).collect();
        Parts { division, events, references, slots }
    }

    /// How many rows the profile had when its events were read; `None` where none were.
    pub fn rows(&self) -> Option<u32> {
        self.division.map(Division::rows)
    }

    /// How many rows of the profile from a row on are of one part, at most.
    pub fn rows_together(&self, row: u32) -> usize {
        let together = |division: Division| division.rows_of(division.part(row)).end.saturating_sub(row).max(1);
        self.division.map_or(usize::MAX, |division| together(division) as usize)
    }

    /// The part of a row of the profile, and the seconds of a core that grouping took. **Errors**: those of the disk.
    pub fn of(&self, schema: &Schema, row: u32) -> Result<(Arc<Part>, f64), Error> {
        let slot = self.division.and_then(|division| Some((division, self.slots.get(division.part(row))?)));
        let Some((division, slot)) = slot else { return Ok((self.without_events(), 0.0)) };
        let mut made = slot.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = &*made {
            return Ok((Arc::clone(part), 0.0));
        }
        let started = Worked::now();
        let part = Arc::new(self.make(schema, division, division.part(row))?);
        *made = Some(Arc::clone(&part));
        Ok((part, started.seconds()))
    }

    /// Says that so many rows from one on are decided. A part of which all are is not kept.
    pub fn decided(&self, row: u32, rows: usize) {
        let Some(slot) = self.division.and_then(|division| self.slots.get(division.part(row))) else { return };
        let rows = rows as u32;
        if slot.waiting.fetch_sub(rows, Order::AcqRel) == rows {
            *slot.made.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// What is told of an event table.
    pub fn stats(&self, id: TableId) -> Option<&Stats> {
        self.events.iter().find(|events| events.id == id).map(|events| &events.stats)
    }

    /// Seconds of a core for reading the tables, and for putting their rows down by part.
    pub fn seconds(&self) -> (f64, f64) {
        self.events.iter().fold((0.0, 0.0), |(read, group), events| (read + events.read_s, group + events.group_s))
    }

    pub fn spilled_bytes(&self) -> u64 {
        self.events.iter().map(|events| events.store.spilled_bytes).sum()
    }

    fn without_events(&self) -> Arc<Part> {
        Arc::new(Part { tables: Arc::clone(&self.references), starts: Vec::new(), division: None })
    }

    fn make(&self, schema: &Schema, division: Division, part: usize) -> Result<Part, Error> {
        let (mut tables, mut starts) = (Vec::new(), Vec::new());
        let customers = division.rows_of(part).len();
        for events in &self.events {
            let (table, starts_of) = grouped(events, events.store.part(part)?, customers)?;
            tables.push((events.id, table));
            starts.push((events.id, starts_of));
        }
        let tables = Arc::new(self.references.with(schema, tables)?);
        Ok(Part { tables, starts, division: Some(division) })
    }
}

impl Part {
    /// Whether the table is bound.
    pub fn has(&self, table: TableId) -> bool {
        self.starts.iter().any(|(id, _)| *id == table)
    }

    /// The events of the customer that a row of the profile is.
    pub fn rows(&self, table: TableId, row: u32) -> (u32, u32) {
        let place = self.division.map_or(0, |division| division.place(row) as usize);
        let of = self.starts.iter().find(|(id, _)| *id == table).map(|(_, starts)| starts);
        let bound = |place: usize| of.and_then(|starts| starts.get(place)).copied();
        bound(place).zip(bound(place + 1)).unwrap_or((0, 0))
    }
}

/// Puts the rows of a part in order, by customer and time, and tells where each customer's begin.
fn grouped(events: &Events, piece: Option<Piece>, customers: usize) -> Result<(Table, Vec<u32>), Error> {
    let none = || Piece { places: Vec::new(), columns: events.layout.clone() };
    let Piece { places, columns } = piece.unwrap_or_else(none);
    let (starts, mut order) = by_customer(&places, customers);
    sort(&mut order, &starts, &columns, events.at);
    let picked = UInt32Array::from(order);
    let mut kept: Vec<Column> = Vec::with_capacity(events.fields);
    for (index, column) in columns.into_iter().enumerate() {
        kept.push(match events.used.contains(&FieldId(index as u32)) {
            true => pick(&column, &picked)?,
            false => Column::Unread(picked.len()),
        });
    }
    kept.resize(events.fields, Column::Unread(picked.len()));
    Ok((Table { columns: kept, rows: picked.len() }, starts))
}

/// Counts the rows of each customer and lines them up, customer by customer.
fn by_customer(places: &[u16], customers: usize) -> (Vec<u32>, Vec<u32>) {
    let mut next = vec![0_u32; customers];
    for place in places {
        if let Some(count) = next.get_mut(*place as usize) {
            *count += 1;
        }
    }
    let mut starts = Vec::with_capacity(customers + 1);
    let mut sum = 0;
    for count in &mut next {
        starts.push(sum);
        sum += std::mem::replace(count, sum);
    }
    starts.push(sum);
    let mut order = vec![0_u32; sum as usize];
    for (row, place) in places.iter().enumerate() {
        let Some(at) = next.get_mut(*place as usize) else { continue };
        if let Some(slot) = order.get_mut(*at as usize) {
            *slot = row as u32;
        }
        *at += 1;
    }
    (starts, order)
}

/// Sorts the rows of each customer: by time, then by the columns in the order of their declaration, missing first.
fn sort(order: &mut [u32], starts: &[u32], columns: &[Column], at: Option<FieldId>) {
    if fault::is("ingest.events-are-not-sorted") {
        return;
    }
    let time = at.and_then(|at| columns.get(at.0 as usize));
    let columns: Vec<&Column> = columns.iter().collect();
    let mut keyed: Vec<(i64, u32)> = Vec::new();
    for pair in starts.windows(2) {
        let (Some(from), Some(to)) = (pair.first(), pair.get(1)) else { continue };
        let Some(rows) = order.get_mut(*from as usize..*to as usize).filter(|rows| rows.len() > 1) else { continue };
        keyed.clear();
        keyed.extend(rows.iter().map(|row| (time.map_or(0, |t| moment(t, *row as usize)), *row)));
        // Most files have their rows in the order of time.
        if keyed.is_sorted_by(|a, b| a.0 < b.0) {
            continue;
        }
        keyed.sort_unstable_by(|a, b| match a.0.cmp(&b.0) {
            Ordering::Equal if fault::is("ingest.ties-keep-the-order-of-files") => a.1.cmp(&b.1),
            Ordering::Equal => order::rows(&columns, a.1 as usize, b.1 as usize),
            unequal => unequal,
        });
        for (slot, (_, row)) in rows.iter_mut().zip(&keyed) {
            *slot = *row;
        }
    }
}

/// The time of a row as a number that orders as it does; a missing time is first.
fn moment(column: &Column, row: usize) -> i64 {
    if column.nulls().is_some_and(|n| n.is_null(row)) {
        return i64::MIN;
    }
    match column {
        Column::Timestamp(times) => times.values().get(row).copied().unwrap_or(i64::MIN),
        Column::Date(days) => days.values().get(row).map_or(i64::MIN, |d| i64::from(*d)),
        _ => 0,
    }
}
