//! Which thread takes which group of tiles: its own ones first, then those that others have not come to.
//!
//! A processor that is slower for a while, or has other work, leaves its last groups to the others. What is computed does
//! not depend on who does it.

use std::sync::atomic::{AtomicU64, Ordering};

use super::step::share;

/// The groups of a step, dealt out to threads. What is taken here is seen by all threads once they have met: no order of
/// memory is needed beside the barrier's.
pub(super) struct Deal {
    shares: Vec<Share>,
}

/// The groups that are left of a thread's share, from the first in the upper half to the one after the last in the lower.
/// Each lies in a cache line of its own.
#[repr(align(64))]
#[derive(Default)]
struct Share(AtomicU64);

impl Deal {
    pub(super) fn new(threads: usize) -> Self {
        Self { shares: std::iter::repeat_with(Share::default).take(threads).collect() }
    }

    /// Gives a thread its share of a step's groups. Nobody takes groups meanwhile.
    pub(super) fn give(&self, thread: usize, groups: usize) {
        let range = share(groups, thread, self.shares.len());
        self.shares[thread].0.store((range.start as u64) << 32 | range.end as u64, Ordering::Relaxed);
    }

    /// The next group for this thread; `None` once all are taken.
    pub(super) fn take(&self, thread: usize) -> Option<usize> {
        let first = self.shares[thread].take(|start, end| (start, (start + 1, end)));
        first.or_else(|| {
            let count = self.shares.len();
            let mut others = (1..count).map(|step| &self.shares[(thread + step) % count]);
            // From the end that its owner comes to last.
            others.find_map(|other| other.take(|start, end| (end - 1, (start, end - 1))))
        })
    }
}

impl Share {
    /// Takes a group of what is left: `which` tells it and the rest.
    fn take(&self, which: impl Fn(u64, u64) -> (u64, (u64, u64))) -> Option<usize> {
        let rest = |left: u64| {
            let (start, end) = (left >> 32, left & u64::from(u32::MAX));
            (start < end).then(|| which(start, end).1).map(|(start, end)| start << 32 | end)
        };
        let left = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, rest).ok()?;
        Some(which(left >> 32, left & u64::from(u32::MAX)).0 as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_is_taken_once() {
        for (threads, groups) in [(1, 5), (2, 7), (3, 2), (4, 64), (5, 0)] {
            let deal = Deal::new(threads);
            (0..threads).for_each(|thread| deal.give(thread, groups));
            let mut taken: Vec<usize> = std::thread::scope(|scope| {
                let deal = &deal;
                let all: Vec<_> = (0..threads)
                    .map(|thread| scope.spawn(move || std::iter::from_fn(|| deal.take(thread)).collect::<Vec<_>>()))
                    .collect();
                all.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
            });
            taken.sort_unstable();
            assert!(taken.into_iter().eq(0..groups), "{groups} groups and {threads} threads");
        }
    }

    #[test]
    fn a_thread_takes_its_own_groups_first_and_the_last_of_others_then() {
        let deal = Deal::new(2);
        deal.give(0, 6);
        deal.give(1, 6);
        assert_eq!(deal.take(1), Some(3));
        let rest: Vec<_> = std::iter::from_fn(|| deal.take(0)).collect();
        assert_eq!(rest, [0, 1, 2, 5, 4]);
        assert_eq!(deal.take(1), None);
    }
}
