//! Where the threads of a step meet.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Rounds of waiting in a tight loop before the processor is offered to others.
const SPINS: u32 = 2_000;

/// A barrier that waits by spinning briefly, then gives way to other threads. No lock is taken.
pub(crate) struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
    generation: AtomicUsize,
    broken: AtomicBool,
}

/// A thread that this barrier counted on is gone.
#[derive(Debug)]
pub(crate) struct Broken;

impl Barrier {
    pub(crate) fn new(threads: usize) -> Self {
        Self { threads, arrived: AtomicUsize::new(0), generation: AtomicUsize::new(0), broken: AtomicBool::new(false) }
    }

    /// Returns when all threads have called it. What each wrote before is visible to all after.
    pub(crate) fn wait(&self) -> Result<(), Broken> {
        let generation = self.generation.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            self.generation.store(generation.wrapping_add(1), Ordering::Release);
            return Ok(());
        }
        let mut rounds = 0;
        while self.generation.load(Ordering::Acquire) == generation {
            if self.broken.load(Ordering::Relaxed) {
                return Err(Broken);
            }
            if rounds < SPINS {
                rounds += 1;
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
        Ok(())
    }

    /// A guard that lets the others go if its thread panics, so that nobody waits for ever.
    pub(crate) fn guard(&self) -> Guard<'_> {
        Guard(self)
    }
}

pub(crate) struct Guard<'a>(&'a Barrier);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.broken.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_passes_before_all_have_arrived() {
        let barrier = Barrier::new(3);
        let count = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for round in 1..=200 {
                        count.fetch_add(1, Ordering::Relaxed);
                        barrier.wait().expect("all threads are well");
                        assert_eq!(count.load(Ordering::Relaxed), 3 * round);
                        barrier.wait().expect("all threads are well");
                    }
                });
            }
        });
    }

    #[test]
    fn a_panic_lets_the_others_go() {
        let barrier = Barrier::new(2);
        let result = std::thread::scope(|scope| {
            let lost = scope.spawn(|| {
                let _guard = barrier.guard();
                std::panic::resume_unwind(Box::new("lost"));
            });
            let result = barrier.wait();
            assert!(lost.join().is_err());
            result
        });
        assert!(result.is_err());
    }
}
