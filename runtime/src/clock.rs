//! How long a thread has worked, which other threads that want the same core do not lengthen.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A moment in the work of this thread.
pub(crate) struct Worked(Duration);

impl Worked {
    pub fn now() -> Worked {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Worked(Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32))
    }

    /// Seconds of a core that this thread has used since. To be asked on the thread that took the moment.
    pub fn seconds(&self) -> f64 {
        Worked::now().0.saturating_sub(self.0).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleep_is_no_work() {
        let started = Worked::now();
        std::thread::sleep(Duration::from_millis(50));
        assert!(started.seconds() < 0.04);
        let mut sum = 0_u64;
        while started.seconds() < 0.005 {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(sum > 0);
    }
}
