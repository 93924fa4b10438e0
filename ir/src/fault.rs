//! Faults planted on purpose, to see that the tests find them. Without the feature `faults` there are none, and nothing of
//! them is in a build; with it, the environment variable `SEG_FAULT` names the one that a process has. `cargo xtask faults`
//! builds, runs and reports; it finds a fault where its id stands in the source, in `fault::is` or in a file `faults.rs`.

/// Whether this build has faults.
pub const PLANTED: bool = cfg!(feature = "faults");

/// Whether the fault of this id is the chosen one. Whoever asks then does the wrong thing.
#[inline(always)]
pub fn is(id: &str) -> bool {
    PLANTED && chosen::is(id)
}

/// The chosen fault of an area, `lower` or `verify`, by its name there.
#[inline(always)]
pub fn of(area: &str) -> Option<&'static str> {
    if PLANTED { chosen::of(area) } else { None }
}

/// Notes that the wrong thing was done.
#[inline(always)]
pub fn reached() {
    if PLANTED {
        chosen::reached();
    }
}

mod chosen {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, Ordering};

    static CHOSEN: OnceLock<Option<String>> = OnceLock::new();
    static REACHED: AtomicBool = AtomicBool::new(false);

    fn chosen() -> Option<&'static str> {
        CHOSEN.get_or_init(|| std::env::var("SEG_FAULT").ok()).as_deref()
    }

    pub(super) fn is(id: &str) -> bool {
        let is = chosen() == Some(id);
        if is {
            reached();
        }
        is
    }

    pub(super) fn of(area: &str) -> Option<&'static str> {
        chosen()?.strip_prefix(area)?.strip_prefix('.')
    }

    /// Tells it through the file that `SEG_FAULT_REACHED` names.
    #[cold]
    pub(super) fn reached() {
        if !REACHED.swap(true, Ordering::Relaxed)
            && let Some(path) = std::env::var_os("SEG_FAULT_REACHED")
        {
            // Without the file the fault counts as not reached, which is told.
            let _ = std::fs::write(path, "");
        }
    }
}
