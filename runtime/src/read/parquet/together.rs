//! Columns that several threads read at once, each column by one of them at a time, into chunks of the same rows of all
//! columns. Chunks come in the order of the file whoever reads what, and no column gets far ahead of the others.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use super::flat::Flat;
use crate::clock::Worked;
use crate::read::{DAMAGED, Helped, expected};

/// A column that is read from its first row to its last.
pub(super) enum Column {
    Flat(Box<Flat>),
    Other(Box<ParquetRecordBatchReader>),
}

/// The chunks of a file.
pub(super) struct Together {
    shared: Arc<Shared>,
    names: Vec<String>,
    helpers: Vec<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// All rows, and those of a chunk.
    rows: u64,
    at_once: u64,
    helped: Helped,
}

struct State {
    columns: Vec<Progress>,
    /// How many chunks were handed on.
    taken: u64,
    is_over: bool,
}

struct Progress {
    /// The column, while no thread reads it; none any more after its last row or an error.
    column: Option<Column>,
    /// Its next chunk.
    next: u64,
    done: VecDeque<Result<ArrayRef, String>>,
}

/// So many chunks that lack some of their columns are worked on.
const AT_WORK: u64 = 2;

impl Column {
    /// The next rows. **Errors**: there are fewer; after the last ones, that there are more.
    fn next(&mut self, rows: usize, is_last: bool) -> Result<ArrayRef, String> {
        match self {
            Column::Flat(flat) => flat.next(rows),
            Column::Other(reader) => {
                let batch = reader.next().transpose().map_err(|e| e.to_string())?;
                let array = batch.as_ref().and_then(|batch| batch.columns().first()).filter(|a| a.len() == rows);
                let array = array.ok_or_else(|| format!("a column in it ends early; {DAMAGED}"))?;
                match is_last && reader.next().is_some() {
                    true => Err(format!("a column in it has more rows than it says; {DAMAGED}")),
                    false => Ok(Arc::clone(array)),
                }
            }
        }
    }
}

impl Together {
    /// Reads so many rows of all columns, so many at a time, by so many threads, this one among them.
    pub fn new(
        columns: Vec<(String, Column)>,
        rows: u64,
        at_once: usize,
        threads: usize,
        helped: &Helped,
    ) -> Result<Together, String> {
        let threads = threads.clamp(1, columns.len().max(1));
        let (names, columns): (Vec<String>, Vec<Column>) = columns.into_iter().unzip();
        let progress = |column| Progress { column: Some(column), next: 0, done: VecDeque::new() };
        let columns = columns.into_iter().map(progress).collect();
        let shared = Arc::new(Shared {
            state: Mutex::new(State { columns, taken: 0, is_over: false }),
            changed: Condvar::new(),
            rows,
            at_once: at_once.max(1) as u64,
            helped: helped.clone(),
        });
        let mut together = Together { shared, names, helpers: Vec::new() };
        for _ in 1..threads {
            let shared = Arc::clone(&together.shared);
            let helper = std::thread::Builder::new().spawn(move || shared.help()).map_err(|e| e.to_string())?;
            together.helpers.push(helper);
        }
        Ok(together)
    }

    fn end(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.changed.notify_all();
        for helper in self.helpers.drain(..) {
            // What a helper panics with outside of a reader has nobody to go to.
            let _ = helper.join();
        }
    }
}

impl Iterator for Together {
    type Item = Result<RecordBatch, String>;

    fn next(&mut self) -> Option<Result<RecordBatch, String>> {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        if state.is_over || shared.chunk(state.taken) == 0 {
            drop(state);
            self.end();
            return None;
        }
        while state.columns.iter().any(|progress| progress.done.is_empty()) {
            state = match shared.free(&state) {
                Some(at) => shared.read(state, at),
                None => shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
        let done: Result<Vec<ArrayRef>, String> =
            state.columns.iter_mut().filter_map(|progress| progress.done.pop_front()).collect();
        state.taken += 1;
        state.is_over = done.is_err();
        drop(state);
        shared.changed.notify_all();
        Some(done.and_then(|arrays| batch(&self.names, arrays)))
    }
}

impl Drop for Together {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many rows a chunk has.
    fn chunk(&self, number: u64) -> usize {
        let from = number.saturating_mul(self.at_once);
        self.rows.saturating_sub(from).min(self.at_once) as usize
    }

    /// The column that is furthest behind of those that nobody reads and that may be read on.
    fn free(&self, state: &State) -> Option<usize> {
        let may_go_on = |progress: &Progress| {
            let is_near = progress.next < state.taken + AT_WORK;
            progress.column.is_some() && is_near && self.chunk(progress.next) > 0
        };
        let columns = state.columns.iter().enumerate().filter(|(_, progress)| may_go_on(progress));
        columns.min_by_key(|(_, progress)| progress.next).map(|(at, _)| at)
    }

    /// Reads the next rows of a column while others read other columns.
    fn read<'s>(&'s self, mut state: MutexGuard<'s, State>, at: usize) -> MutexGuard<'s, State> {
        let Some((mut column, number)) = state.columns.get_mut(at).and_then(|p| Some((p.column.take()?, p.next)))
        else {
            return state;
        };
        drop(state);
        let (rows, is_last) = (self.chunk(number), self.chunk(number + 1) == 0);
        // A reader that panicked is dropped, so nothing sees it in a broken state.
        let read = expected(move || (column.next(rows, is_last), column));
        let mut state = self.lock();
        if let Some(progress) = state.columns.get_mut(at) {
            progress.next += 1;
            match read {
                Ok((Ok(array), column)) => {
                    progress.done.push_back(Ok(array));
                    progress.column = (!is_last).then_some(column);
                }
                Ok((Err(what), _)) => progress.done.push_back(Err(what)),
                Err(_) => progress.done.push_back(Err(DAMAGED.to_string())),
            }
        }
        self.changed.notify_all();
        state
    }

    fn help(&self) {
        let started = Worked::now();
        let mut state = self.lock();
        while !state.is_over {
            state = match self.free(&state) {
                Some(at) => self.read(state, at),
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
        drop(state);
        self.helped.add(started.seconds());
    }
}

fn batch(names: &[String], arrays: Vec<ArrayRef>) -> Result<RecordBatch, String> {
    let fields = names.iter().zip(&arrays).map(|(name, array)| Field::new(name, array.data_type().clone(), true));
    let schema = Schema::new(fields.collect::<Vec<Field>>());
    RecordBatch::try_new(Arc::new(schema), arrays).map_err(|e| e.to_string())
}
