//! Work on items by several threads, whose results are taken in the order of the items.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use crate::clock::Worked;
use crate::error::Error;

/// Hands an item over; false when nobody takes results any more.
pub(crate) type Hand<'s, T> = &'s mut dyn FnMut(T) -> bool;

/// What `make` and `take` gave, and the seconds of a core that `work` took.
#[derive(Debug)]
pub(crate) struct Done<M, D> {
    pub made: M,
    pub taken: D,
    pub worked_s: f64,
}

/// Makes items on this thread, works on them on `threads` others, and takes the results in the order of the items on one
/// more, all at a time; what waits is bounded. **Errors**: those of `take`, else of `make`.
pub(crate) fn ordered<T, U, M, D>(
    threads: usize,
    make: impl FnOnce(Hand<'_, T>) -> Result<M, Error>,
    work: impl Fn(T) -> U + Sync,
    take: impl FnOnce(&mut dyn Iterator<Item = U>) -> Result<D, Error> + Send,
) -> Result<Done<M, D>, Error>
where
    T: Send,
    U: Send,
    D: Send,
{
    let threads = threads.max(1);
    let (to_workers, items) = sync_channel::<(u64, T)>(threads * 2);
    let (to_taker, results) = sync_channel::<(u64, U)>(threads * 2);
    let items = Arc::new(Mutex::new(items));
    std::thread::scope(|scope| {
        let work = &work;
        let worker = |items: Arc<Mutex<Receiver<(u64, T)>>>, to_taker: SyncSender<(u64, U)>| {
            move || {
                let started = Worked::now();
                while let Some((number, item)) = next(&items) {
                    if to_taker.send((number, work(item))).is_err() {
                        break;
                    }
                }
                started.seconds()
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker(Arc::clone(&items), to_taker.clone()))).collect();
        // The workers alone hold the ends that are left: when they have stopped, or panicked, handing over fails.
        drop((items, to_taker));
        let taker = scope.spawn(move || take(&mut InOrder { results, waiting: BTreeMap::new(), next: 0 }));
        let mut number = 0;
        let made = make(&mut |item| {
            number += 1;
            to_workers.send((number - 1, item)).is_ok()
        });
        drop(to_workers);
        let taken = joined(taker.join());
        let worked_s = workers.into_iter().map(|worker| joined(worker.join())).sum();
        Ok(Done { taken: taken?, made: made?, worked_s })
    })
}

/// What a thread gave; its panic goes on in this one.
pub(crate) fn joined<T>(result: std::thread::Result<T>) -> T {
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn next<T>(items: &Mutex<Receiver<T>>) -> Option<T> {
    items.lock().ok()?.recv().ok()
}

/// Results by their number.
struct InOrder<U> {
    results: Receiver<(u64, U)>,
    waiting: BTreeMap<u64, U>,
    next: u64,
}

impl<U> Iterator for InOrder<U> {
    type Item = U;

    fn next(&mut self) -> Option<U> {
        loop {
            if let Some(result) = self.waiting.remove(&self.next) {
                self.next += 1;
                return Some(result);
            }
            let (number, result) = self.results.recv().ok()?;
            self.waiting.insert(number, result);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_whoever_is_first() {
        let make = |send: Hand<'_, u64>| Ok((0..100).filter(|n| send(*n)).count());
        let work = |n: u64| {
            std::thread::sleep(std::time::Duration::from_micros((100 - n) % 7 * 50));
            n * 2
        };
        let done = ordered(3, make, work, |results| Ok(results.collect::<Vec<_>>())).unwrap();
        assert_eq!((done.made, done.taken), (100, (0..100).map(|n| n * 2).collect()));
    }

    #[test]
    fn an_error_of_the_taker_ends_everything() {
        let make = |send: Hand<'_, u64>| Ok((0..).take_while(|n| send(*n)).count());
        let take = |results: &mut dyn Iterator<Item = u64>| match results.nth(5) {
            Some(_) => Err(Error::UnknownTable { name: "t".into(), hint: String::new() }),
            None => Ok(()),
        };
        assert!(matches!(ordered(2, make, |n| n, take), Err(Error::UnknownTable { .. })));
    }

    #[test]
    fn a_panic_at_work_ends_everything() {
        for threads in [1, 3] {
            let make = |send: Hand<'_, u64>| Ok((0..1_000).take_while(|n| send(*n)).count());
            let work = |n: u64| {
                assert!(n < 5, "it breaks down");
                n
            };
            let all = std::panic::AssertUnwindSafe(|| ordered(threads, make, work, |results| Ok(results.count())));
            assert!(std::panic::catch_unwind(all).is_err());
        }
    }
}
