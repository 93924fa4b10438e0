//! Segments over columns in memory, by gates, by machine code and by masks, on so many threads; and a plain read of the columns that
//! the segments look at, on as many, which is the least that any evaluator can take.

use std::hint::black_box;
use std::ops::BitXor as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray as _;
use seg_evaluator::{Batch, Bulk, Method};
use serde_json::json;

use crate::playbook::Bound;
use crate::serve::{self, Answers, Failure, Form, Work};

/// Bytes that a thread reads before it asks for more.
const PIECE: usize = 1 << 20;

pub fn run(path: &str, threads: usize, data: &[String]) -> Result<(), Failure> {
    let bound = Bound::open(path, threads, data)?;
    let batches = bound.load()?;
    let looked_at = bound.looked_at(&batches);
    let about = json!({
        "customers": batches.iter().map(Batch::len).sum::<usize>(),
        "looked_at_bytes": looked_at.iter().map(|bytes| bytes.len()).sum::<usize>(),
        "input_bytes": bound.size(&batches),
    });
    let context = bound.program.running(bound.options.as_of);
    let bulk = |method| Bulk::new(context, bound.nodes(), method);
    let (gates, jit, masks) = (bulk(Method::Gates), bulk(Method::Jit), bulk(Method::Masks));
    let columns = |bulk| Columns { bulk, batches: &batches, threads, made: Vec::new() };
    let counts = |bulk| Counts { bulk, batches: &batches, threads, made: Vec::new() };
    let forms = vec![
        Form { name: "gates", kind: "columns", work: Box::new(columns(&gates)) },
        Form { name: "jit", kind: "columns", work: Box::new(columns(&jit)) },
        Form { name: "masks", kind: "columns", work: Box::new(columns(&masks)) },
        Form { name: "gates-counts", kind: "counts", work: Box::new(counts(&gates)) },
        Form { name: "jit-counts", kind: "counts", work: Box::new(counts(&jit)) },
        Form { name: "masks-counts", kind: "counts", work: Box::new(counts(&masks)) },
        Form { name: "read", kind: "read", work: Box::new(Read { pieces: pieces(&looked_at), threads }) },
    ];
    serve::serve(forms, &about, 0.0)
}

/// Does something for each of so many places, on so many threads, and gives what came of it in their order.
fn each<T: Send>(threads: usize, places: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(places));
    let worker = || {
        let mut own = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if place >= places {
                break;
            }
            own.push((place, work(place)));
        }
        if let Ok(mut done) = done.lock() {
            done.append(&mut own);
        }
    };
    std::thread::scope(|scope| {
        (1..threads).for_each(|_| drop(scope.spawn(worker)));
        worker();
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, made)| made).collect()
}

/// Decides every customer into columns.
struct Columns<'b> {
    bulk: &'b Bulk<'b>,
    batches: &'b [Batch],
    threads: usize,
    made: Vec<Vec<ArrayRef>>,
}

impl Work for Columns<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        let decide = |place: usize| self.batches.get(place).map(|batch| self.bulk.evaluate(batch).columns);
        self.made = each(self.threads, self.batches.len(), decide).into_iter().flatten().collect();
        Ok(())
    }

    fn answers(&self) -> Answers {
        let mut codes = vec![Vec::new(); self.made.first().map_or(0, Vec::len)];
        for columns in &self.made {
            for (codes, column) in codes.iter_mut().zip(columns) {
                codes.extend(column.as_boolean().iter().map(|value| value.map_or(2, u8::from)));
            }
        }
        Answers::Codes(codes)
    }

    fn forget(&mut self) {
        self.made.clear();
    }
}

/// Counts who is in and who is unknown, as a run does whose answers nobody wants.
struct Counts<'b> {
    bulk: &'b Bulk<'b>,
    batches: &'b [Batch],
    threads: usize,
    made: Vec<(u64, u64)>,
}

impl Work for Counts<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        let decide = |place: usize| -> Option<Vec<(u64, u64)>> {
            let (counts, _) = self.bulk.count(self.batches.get(place)?);
            Some(counts.iter().flatten().map(|counts| (counts.inside, counts.unknown)).collect())
        };
        let counts = each(self.threads, self.batches.len(), decide);
        self.made.clear();
        for of_batch in counts.into_iter().flatten() {
            self.made.resize(of_batch.len(), (0, 0));
            self.made.iter_mut().zip(of_batch).for_each(|(sum, (inside, unknown))| {
                sum.0 += inside;
                sum.1 += unknown;
            });
        }
        Ok(())
    }

    fn answers(&self) -> Answers {
        Answers::Counts(self.made.clone())
    }

    fn forget(&mut self) {}
}

/// Reads the columns, and nothing else.
struct Read<'b> {
    pieces: Vec<Vec<&'b [u8]>>,
    threads: usize,
}

impl Work for Read<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        let read =
            |place: usize| self.pieces.get(place).into_iter().flatten().fold(0, |sum, bytes| sum ^ folded(bytes));
        black_box(each(self.threads, self.pieces.len(), read));
        Ok(())
    }

    fn answers(&self) -> Answers {
        Answers::Counts(Vec::new())
    }

    fn forget(&mut self) {}
}

/// The columns in pieces of about [`PIECE`] bytes.
fn pieces<'b>(columns: &[&'b [u8]]) -> Vec<Vec<&'b [u8]>> {
    let (mut all, mut piece, mut size) = (Vec::new(), Vec::new(), 0);
    for part in columns.iter().flat_map(|column| column.chunks(PIECE)) {
        piece.push(part);
        size += part.len();
        if size >= PIECE {
            all.push(std::mem::take(&mut piece));
            size = 0;
        }
    }
    all.push(piece);
    all
}

/// All words of some bytes, exclusive-ored. Eight at a time, which the compiler makes into wide loads.
fn folded(bytes: &[u8]) -> u64 {
    let (lines, rest) = bytes.as_chunks::<64>();
    let mut sums = [0_u64; 8];
    for line in lines {
        let (words, _) = line.as_chunks::<8>();
        for (sum, word) in sums.iter_mut().zip(words) {
            *sum ^= u64::from_ne_bytes(*word);
        }
    }
    let last = rest.iter().fold(0, |sum, byte| sum ^ u64::from(*byte));
    sums.into_iter().fold(last, u64::bitxor)
}
