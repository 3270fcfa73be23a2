//! Independent pieces of work on several threads, with the results in the order of the pieces.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What `work` gives for 0, 1, … `count` - 1. Threads take the next piece when they are free; the result does not depend on
/// how many there are.
pub(crate) fn in_order<T: Send>(count: usize, threads: NonZeroUsize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= count {
                return done;
            }
            done.push((piece, work(piece)));
        }
    };
    let others = threads.get().min(count).saturating_sub(1);
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (0..others).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            match other.join() {
                Ok(other) => done.extend(other),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(piece, _)| *piece);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Changes the chunks of `values` on several threads; `work` gets the number of the chunk with it.
pub(crate) fn each_chunk<T: Send>(
    values: &mut [T],
    length: usize,
    threads: NonZeroUsize,
    work: impl Fn(usize, &mut [T]) + Sync,
) {
    let count = values.len().div_ceil(length);
    let chunks = Mutex::new(values.chunks_mut(length).enumerate());
    in_order(count, threads, |_| {
        // Nothing panics while it is held.
        let next = chunks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
        if let Some((number, chunk)) = next {
            work(number, chunk);
        }
    });
}
