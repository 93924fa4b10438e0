//! The cells of one customer: filled in value by value or from any [`Source`], events put into canonical order. Knows where
//! a field's cell lies, not where its value comes from.

use std::marker::PhantomData;
use std::sync::Arc;

use seg_ir::host::Cell;
use seg_ir::interpret::Source;
use seg_ir::schema::PROFILE;
use seg_ir::{CollectionId, FieldId, Reason, TableId, Type, Value, fault};

use super::arena::Arena;
use super::host::canonical;
use super::plan::Layout;

/// Memory for the cells of one customer, used again and again.
#[derive(Debug, Default)]
pub struct Buffer {
    pub(super) profile: Vec<Cell>,
    pub(super) columns: Vec<Vec<Cell>>,
    /// The rows of each collection; -1 where it is not bound.
    pub(super) rows: Vec<i64>,
    arena: Arena,
    items: Vec<Cell>,
    /// All fields of the collection at hand, row by row.
    staged: Vec<Cell>,
    order: Vec<u32>,
}

/// The cells of one customer, for as long as the data `'d` that they lead into. Made by
/// [`Compiled::input`](super::Compiled::input).
#[derive(Debug)]
pub struct Input<'b, 'd> {
    pub(super) buffer: &'b mut Buffer,
    pub(super) layout: &'b Arc<Layout>,
    data: PhantomData<&'d str>,
}

/// The columns of the reference tables that lookups need, with their texts: made once, used for every customer.
#[derive(Debug)]
pub struct References {
    pub(super) columns: Vec<Vec<Cell>>,
    pub(super) layout: Arc<Layout>,
    _arena: Arena,
}

impl<'b, 'd> Input<'b, 'd> {
    /// A customer without a value and with no collection bound.
    pub(super) fn new(buffer: &'b mut Buffer, layout: &'b Arc<Layout>) -> Input<'b, 'd> {
        let missing = Cell::missing(Reason::NotGiven);
        if !fault::is("record.profile-of-the-last-customer-stays") {
            buffer.profile.clear();
        }
        buffer.profile.resize(layout.profile.len(), missing);
        if buffer.columns.len() < layout.columns {
            buffer.columns.resize_with(layout.columns, Vec::new);
        }
        buffer.columns.iter_mut().for_each(Vec::clear);
        if !fault::is("record.rows-of-the-last-customer-stay") {
            buffer.rows.clear();
        }
        buffer.rows.resize(layout.collections.len(), -1);
        buffer.arena.reset();
        Input { buffer, layout, data: PhantomData }
    }

    /// Whether the value of a profile field matters.
    pub fn needs(&self, field: FieldId) -> bool {
        self.layout.profile_at(field).is_some()
    }

    /// Whether any value of a collection, or how many rows it has, matters.
    pub fn needs_rows(&self, collection: CollectionId) -> bool {
        self.layout.rows_at(collection).is_some()
    }

    /// Sets a field of the profile, if it matters. A value of another type than the field's counts as missing.
    #[inline]
    pub fn set(&mut self, field: FieldId, value: &Value<'d>) {
        if let Some(at) = self.layout.profile_at(field)
            && let (Some((_, ty)), Some(slot)) = (self.layout.profile.get(at), self.buffer.profile.get_mut(at))
        {
            *slot = self.buffer.arena.cell(value, ty);
        }
    }

    /// Sets a list of the profile from its items, as [`Input::set`] does.
    pub fn set_list(&mut self, field: FieldId, items: impl Iterator<Item = Value<'d>>) {
        let Buffer { profile, arena, items: kept, .. } = &mut *self.buffer;
        if let Some(at) = self.layout.profile_at(field)
            && let (Some((_, Type::List(ty))), Some(slot)) = (self.layout.profile.get(at), profile.get_mut(at))
        {
            kept.clear();
            kept.extend(items.map(|item| arena.cell(&item, ty)));
            *slot = arena.list(kept);
        }
    }

    /// Binds a collection; its rows follow, each begun with [`Events::row`].
    pub fn events(&mut self, collection: CollectionId) -> Events<'_, 'b, 'd> {
        self.buffer.staged.clear();
        Events { at: self.layout.rows_at(collection), input: self }
    }

    /// Fills in a customer of a source, whose events are in canonical order.
    pub fn fill<S: Source>(&mut self, source: &'d S, customer: u32) {
        let layout = self.layout;
        let Buffer { profile, columns, rows, arena, .. } = &mut *self.buffer;
        for (slot, (field, ty)) in profile.iter_mut().zip(&layout.profile) {
            *slot = arena.cell(&source.field(PROFILE, *field, customer), ty);
        }
        for (count, of) in rows.iter_mut().zip(&layout.collections) {
            let Some(range) = source.events(of.id, customer) else { continue };
            for (field, column) in &of.fields {
                let (Some(cells), Some(ty)) = (columns.get_mut(*column), of.types.get(field.0 as usize)) else {
                    continue;
                };
                cells.extend(range.clone().map(|row| arena.cell(&source.field(of.table, *field, row), ty)));
            }
            // Last, for a source may panic: code believes that each column has as many cells.
            *count = range.len() as i64;
        }
    }
}

/// The rows of one collection of an [`Input`], in any order.
pub struct Events<'i, 'b, 'd> {
    input: &'i mut Input<'b, 'd>,
    at: Option<usize>,
}

impl<'d> Events<'_, '_, 'd> {
    /// Begins a row, in which every field is missing.
    pub fn row(&mut self) {
        if let Some(of) = self.at.and_then(|at| self.input.layout.collections.get(at)) {
            let staged = &mut self.input.buffer.staged;
            staged.resize(staged.len() + of.types.len(), Cell::missing(Reason::NotGiven));
        }
    }

    /// Sets a field of the row at hand. A value of another type than the field's counts as missing.
    pub fn set(&mut self, field: FieldId, value: &Value<'d>) {
        let Some(of) = self.at.and_then(|at| self.input.layout.collections.get(at)) else { return };
        let Buffer { staged, arena, .. } = &mut *self.input.buffer;
        let start = staged.len().saturating_sub(of.types.len());
        let at = field.0 as usize;
        if let (Some(slot), Some(ty)) = (staged.get_mut(start + at), of.types.get(at)) {
            *slot = arena.cell(value, ty);
        }
    }

    /// Takes the row at hand back.
    pub fn withdraw(&mut self) {
        if let Some(of) = self.at.and_then(|at| self.input.layout.collections.get(at)) {
            let staged = &mut self.input.buffer.staged;
            let width = if fault::is("record.withdrawn-rows-stay") { 0 } else { of.types.len() };
            staged.truncate(staged.len().saturating_sub(width));
        }
    }

    /// Puts the rows into canonical order: by time, then by the fields in the order of their declaration.
    pub fn finish(self) {
        let Some((at, of)) = self.at.and_then(|at| self.input.layout.collections.get(at).map(|of| (at, of))) else {
            return;
        };
        let Buffer { staged, order, columns, rows, .. } = &mut *self.input.buffer;
        let width = of.types.len().max(1);
        let cell = |row: u32, field: usize| staged.get(row as usize * width + field).copied();
        let compare = |a: u32, b: u32, field: usize| match (cell(a, field), cell(b, field), of.types.get(field)) {
            // SAFETY: both cells were made for this field's type; what they lead to is kept by `'d` or by the buffer's arena,
            // which is emptied only when a new input begins.
            (Some(a), Some(b), Some(ty)) => unsafe { canonical(a, b, ty) },
            _ => std::cmp::Ordering::Equal,
        };
        order.clear();
        order.extend(0..(staged.len() / width) as u32);
        order.sort_unstable_by(|a, b| {
            if fault::is("record.events-stay-as-they-came") {
                return a.cmp(b);
            }
            let by_time = of
                .at
                .filter(|_| !fault::is("record.order-is-not-by-time"))
                .map_or(std::cmp::Ordering::Equal, |at| compare(*a, *b, at.0 as usize));
            by_time.then_with(|| (0..width).map(|f| compare(*a, *b, f)).find(|o| o.is_ne()).unwrap_or(a.cmp(b)))
        });
        for (field, column) in &of.fields {
            if let Some(cells) = columns.get_mut(*column) {
                cells.extend(order.iter().filter_map(|row| cell(*row, field.0 as usize)));
            }
        }
        if let Some(count) = rows.get_mut(at) {
            *count = order.len() as i64;
        }
    }
}

impl References {
    /// Takes the needed columns of the source's reference tables, which have so many rows.
    pub(super) fn new<S: Source>(layout: Arc<Layout>, source: &S, rows: impl Fn(TableId) -> u32) -> References {
        let mut arena = Arena::default();
        let column = |(table, field, ty): &(TableId, FieldId, Type)| {
            (0..rows(*table)).map(|row| arena.owned(&source.field(*table, *field, row), ty)).collect()
        };
        let columns = layout.lookups.iter().map(column).collect();
        References { columns, layout, _arena: arena }
    }

    /// The largest row that a pointer of a column leads to, by the column's number.
    pub(super) fn last_row(&self, table: TableId) -> Option<u32> {
        let columns = self.columns.iter().zip(&self.layout.lookups);
        let pointers = columns.filter(|(_, (_, _, ty))| *ty == Type::Reference(table));
        pointers.flat_map(|(cells, _)| cells.iter().filter(|c| c.missing == 0).map(|c| c.bits as u32)).max()
    }
}

impl Input<'_, '_> {
    /// The largest row that a pointer of this customer leads to.
    pub(super) fn last_row(&self, table: TableId) -> Option<u32> {
        let is = |ty: &Type| *ty == Type::Reference(table);
        let profile =
            self.buffer.profile.iter().zip(&self.layout.profile).filter(|(_, (_, ty))| is(ty)).map(|(c, _)| c);
        let typed = |of: &'_ super::plan::Rows, field: FieldId| of.types.get(field.0 as usize).is_some_and(is);
        let columns = self.layout.collections.iter().flat_map(|of| of.fields.iter().map(move |f| (of, f)));
        let columns = columns.filter(|(of, (field, _))| typed(of, *field));
        let cells = columns.filter_map(|(_, (_, column))| self.buffer.columns.get(*column)).flatten();
        profile.chain(cells).filter(|c| c.missing == 0).map(|c| c.bits as u32).max()
    }
}
