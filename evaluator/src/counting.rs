//! An allocator that counts, for tests and measurements that claim to allocate nothing or little: whoever wants it names
//! it as its global allocator. Nothing else does.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

/// The system's allocator, with a count for each thread.
pub struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// How often this thread has allocated or grown memory, if [`Counting`] is the allocator; else zero.
pub fn allocations() -> u64 {
    ALLOCATIONS.with(Cell::get)
}

/// What a piece of work took of memory, on all threads together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// How often memory was asked for.
    pub calls: u64,
    /// The most that was held at a time, beyond what was held before.
    pub peak_bytes: u64,
}

static MEASURING: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicU64 = AtomicU64::new(0);
static HELD: AtomicI64 = AtomicI64::new(0);
static PEAK: AtomicI64 = AtomicI64::new(0);

/// Does a piece of work and tells what it took, if [`Counting`] is the allocator; else nothing is counted. Work that runs
/// beside it counts as its own, so one is measured at a time.
pub fn measured<T>(work: impl FnOnce() -> T) -> (T, Spent) {
    CALLS.store(0, Relaxed);
    HELD.store(0, Relaxed);
    PEAK.store(0, Relaxed);
    MEASURING.store(true, Relaxed);
    let done = work();
    MEASURING.store(false, Relaxed);
    (done, Spent { calls: CALLS.load(Relaxed), peak_bytes: PEAK.load(Relaxed).unsigned_abs() })
}

/// Takes note of memory that is asked for, and given back.
fn held(more: usize, less: usize) {
    if MEASURING.load(Relaxed) {
        let change = more as i64 - less as i64;
        let now = HELD.fetch_add(change, Relaxed) + change;
        if more > 0 {
            CALLS.fetch_add(1, Relaxed);
            PEAK.fetch_max(now, Relaxed);
        }
    }
}

fn count() {
    // At a thread's end its count may be gone already, while what it held is still being freed.
    let _ = ALLOCATIONS.try_with(|n| n.set(n.get().wrapping_add(1)));
}

// SAFETY: every call is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        held(layout.size(), 0);
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        held(layout.size(), 0);
        // SAFETY: the caller's.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        held(0, layout.size());
        // SAFETY: the caller's.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        held(size, layout.size());
        // SAFETY: the caller's.
        unsafe { System.realloc(at, layout, size) }
    }
}
