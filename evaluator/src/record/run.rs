//! The meeting of code and data: the frame that functions are given, and the memory that one run after another uses.

use std::cell::RefCell;
use std::ffi::c_void;
use std::mem::offset_of;
use std::sync::Arc;

use seg_ir::host::Cell;

use super::host::Made;
use super::plan::Layout;

/// Bytes of a cell.
pub(super) const CELL: usize = size_of::<Cell>();

// Code finds the cell of a row by a shift of four.
const _: () = assert!(CELL == 1 << 4 && align_of::<Cell>() == 8);

/// What a function is given. **Shape**: at the head of `slots` lie the cells through which operands and results of calls
/// pass; `columns` points to one address a column, `rows` to one count a collection (-1
/// where it is not bound), `lookups` to one [`Lookup`] a column of a reference table; `words` are those
/// of [`Gates`](super::gates::Gates).
#[repr(C)]
pub(super) struct Frame {
    pub slots: *mut Cell,
    pub words: *mut u64,
    pub profile: *const Cell,
    pub columns: *const usize,
    pub rows: *const i64,
    pub lookups: *const Lookup,
    pub as_of: i64,
    pub host: *mut c_void,
}

/// A column of a reference table.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(super) struct Lookup {
    pub cells: usize,
    pub rows: u64,
}

/// Where the parts of a frame, of a cell and of a lookup lie, in bytes.
pub(super) mod field {
    use super::{Cell, Frame, Lookup, offset_of};

    pub const SLOTS: i32 = offset_of!(Frame, slots) as i32;
    pub const WORDS: i32 = offset_of!(Frame, words) as i32;
    pub const PROFILE: i32 = offset_of!(Frame, profile) as i32;
    pub const COLUMNS: i32 = offset_of!(Frame, columns) as i32;
    pub const ROWS: i32 = offset_of!(Frame, rows) as i32;
    pub const LOOKUPS: i32 = offset_of!(Frame, lookups) as i32;
    pub const AS_OF: i32 = offset_of!(Frame, as_of) as i32;
    pub const HOST: i32 = offset_of!(Frame, host) as i32;
    pub const LEN: i32 = offset_of!(Cell, len) as i32;
    pub const MISSING: i32 = offset_of!(Cell, missing) as i32;
    pub const LOOKUP: i32 = size_of::<Lookup>() as i32;
    pub const LOOKUP_ROWS: i32 = offset_of!(Lookup, rows) as i32;
}

/// A function of the code: `fn(frame)`.
pub(super) type Body = unsafe extern "C" fn(*mut Frame);

/// Memory for evaluating, used again and again. One thread uses it at a time.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Whose memory it is.
    pub(super) of: Option<Arc<Layout>>,
    pub(super) quick: Memory,
    /// Words that tell what is true.
    pub(super) yes: Vec<u64>,
    pub(super) asked: RefCell<Asked>,
}

/// What is computed only where somebody asks: which conditions are known, and all of them with their reasons.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Words that tell what is known; whether they are the present customer's.
    pub known: Vec<u64>,
    pub is_known_done: bool,
    pub whole: Memory,
    pub is_whole_done: bool,
}

/// What one routine works with.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub slots: Vec<Cell>,
    /// What was made from the instant alone, and from the customer.
    pub run: Made,
    pub customer: Made,
    /// The instant for which the slots of the run are filled.
    pub ready: Option<i64>,
    /// Whether all that is taken to be known of the run is.
    pub is_complete: bool,
    pub columns: Vec<usize>,
    pub lookups: Vec<Lookup>,
}
