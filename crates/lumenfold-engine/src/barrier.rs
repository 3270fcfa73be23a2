//! Where the threads of a step meet.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::Thread;

/// Rounds of waiting in a tight loop, some tens of microseconds, before a thread gives way to others.
const SPINS: u32 = 2_000;

/// How often it gives way before it goes to sleep. A thread that gives way is still seen to be ready: the system then
/// moves one of two that share a processor to an idle one, which it would not do for threads that sleep in turns.
const YIELDS: u32 = 200;

/// A barrier that waits by spinning briefly, gives way to other threads for a while, and then sleeps until it is woken. No
/// lock is taken.
///
/// Threads take part by a number of their own, from 0 on, so that the last to arrive knows whom to wake.
pub(crate) struct Barrier {
    arrived: AtomicUsize,
    generation: AtomicUsize,
    broken: AtomicBool,
    places: Vec<Place>,
}

/// Where a thread sleeps.
#[derive(Default)]
struct Place {
    thread: OnceLock<Thread>,
    sleeps: AtomicBool,
}

/// A thread that this barrier counted on is gone.
#[derive(Debug)]
pub(crate) struct Broken;

impl Barrier {
    pub(crate) fn new(threads: usize) -> Self {
        Self {
            arrived: AtomicUsize::new(0),
            generation: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
            places: std::iter::repeat_with(Place::default).take(threads).collect(),
        }
    }

    /// Returns when all threads have called it, each with its number. What each wrote before is visible to all after.
    pub(crate) fn wait(&self, thread: usize) -> Result<(), Broken> {
        let generation = self.generation.load(Ordering::SeqCst);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.places.len() {
            self.arrived.store(0, Ordering::Relaxed);
            self.generation.store(generation.wrapping_add(1), Ordering::SeqCst);
            self.wake_all();
            return Ok(());
        }
        for _ in 0..SPINS {
            if self.generation.load(Ordering::Acquire) != generation {
                return Ok(());
            }
            std::hint::spin_loop();
        }
        for _ in 0..YIELDS {
            if self.generation.load(Ordering::Acquire) != generation {
                return Ok(());
            }
            std::thread::yield_now();
        }
        self.sleep(thread, generation)
    }

    /// Sleeps until the generation has changed. Both sides write their flag before they read the other's, in one total
    /// order: either the sleeper sees the new generation, or it is seen to sleep.
    fn sleep(&self, thread: usize, generation: usize) -> Result<(), Broken> {
        let place = &self.places[thread];
        place.thread.get_or_init(std::thread::current);
        loop {
            place.sleeps.store(true, Ordering::SeqCst);
            if self.generation.load(Ordering::SeqCst) != generation {
                place.sleeps.store(false, Ordering::SeqCst);
                return Ok(());
            }
            if self.broken.load(Ordering::SeqCst) {
                return Err(Broken);
            }
            std::thread::park();
        }
    }

    fn wake_all(&self) {
        for place in &self.places {
            if place.sleeps.swap(false, Ordering::SeqCst)
                && let Some(thread) = place.thread.get()
            {
                thread.unpark();
            }
        }
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
            self.0.broken.store(true, Ordering::SeqCst);
            self.0.wake_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Threads that come late by more than the others spin make these sleep.
    fn check(late: std::time::Duration, rounds: usize) {
        let barrier = Barrier::new(3);
        let count = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for thread in 0..3 {
                let (barrier, count) = (&barrier, &count);
                scope.spawn(move || {
                    for round in 1..=rounds {
                        if !late.is_zero() && round % 3 == thread {
                            std::thread::sleep(late);
                        }
                        count.fetch_add(1, Ordering::Relaxed);
                        barrier.wait(thread).expect("all threads are well");
                        assert_eq!(count.load(Ordering::Relaxed), 3 * round);
                        barrier.wait(thread).expect("all threads are well");
                    }
                });
            }
        });
    }

    #[test]
    fn nobody_passes_before_all_have_arrived() {
        check(std::time::Duration::ZERO, 200);
    }

    #[test]
    fn those_who_sleep_are_woken() {
        check(std::time::Duration::from_millis(2), 30);
    }

    #[test]
    fn a_panic_lets_the_others_go() {
        let barrier = Barrier::new(2);
        let result = std::thread::scope(|scope| {
            let lost = scope.spawn(|| {
                let _guard = barrier.guard();
                std::panic::resume_unwind(Box::new("lost"));
            });
            let result = barrier.wait(0);
            assert!(lost.join().is_err());
            result
        });
        assert!(result.is_err());
    }
}
