//! What a test chooses for all of its process: at which end values meet a guard page, and which kernels compare.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::kernel::{self, Kernels};

/// The end at which values are flush with a guard page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// They end where the page begins.
    End,
    /// They begin where the page ends.
    Start,
}

impl Place {
    pub const ALL: [Place; 2] = [Place::End, Place::Start];
}

static AT_START: AtomicBool = AtomicBool::new(false);
static KERNELS: AtomicUsize = AtomicUsize::new(0);
static REGIONS: AtomicU64 = AtomicU64::new(0);

/// Does something with values at one end and with one set of kernels, of which the first is the best. One thread of a
/// process at a time does; what was chosen holds for the threads that it starts.
pub fn with<T>(place: Place, kernels: usize, run: impl FnOnce() -> T) -> T {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    AT_START.store(place == Place::Start, Ordering::SeqCst);
    KERNELS.store(kernels, Ordering::SeqCst);
    run()
}

/// The sets of kernels of this machine, by name, the best first.
pub fn kernel_sets() -> Vec<&'static str> {
    available().iter().map(|kernels| kernels.name).collect()
}

/// How many mappings with guard pages this process has made.
pub fn regions() -> u64 {
    REGIONS.load(Ordering::Relaxed)
}

fn available() -> &'static [&'static Kernels] {
    static ALL: OnceLock<Vec<&'static Kernels>> = OnceLock::new();
    ALL.get_or_init(kernel::available)
}

/// The kernels that were chosen.
pub(crate) fn kernels() -> &'static Kernels {
    available()[KERNELS.load(Ordering::Relaxed)]
}

pub(super) fn place() -> Place {
    if AT_START.load(Ordering::Relaxed) { Place::Start } else { Place::End }
}

pub(super) fn count() {
    REGIONS.fetch_add(1, Ordering::Relaxed);
}
