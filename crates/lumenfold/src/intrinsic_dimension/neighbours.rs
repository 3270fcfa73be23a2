//! The nearest neighbours of each sample.

use std::num::NonZeroUsize;

/// Neighbours that are kept: in a random half of the samples, twenty of them are as good as certain to be left.
const KEPT: usize = 128;

/// Values that are summed side by side, in a fixed order.
const LANES: usize = 16;

/// For each sample its nearest neighbours, the nearest first.
pub(super) struct Neighbours {
    // [rows][kept]: distance and row
    lists: Vec<(f64, u32)>,
    kept: usize,
    rows: usize,
}

impl Neighbours {
    /// Of rows `[rows][width]`; threads share them.
    pub(super) fn of(rows: &[f32], width: usize, threads: NonZeroUsize) -> Self {
        let count = rows.len() / width;
        let kept = KEPT.min(count.saturating_sub(1));
        let mut lists = vec![(0.0, 0); count * kept];
        if kept > 0 {
            let share = count.div_ceil(threads.get());
            std::thread::scope(|scope| {
                for (part, lists) in lists.chunks_mut(share * kept).enumerate() {
                    scope.spawn(move || fill(rows, width, part * share, kept, lists));
                }
            });
        }
        Self { lists, kept, rows: count }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Calls `visit` with the ascending distances of each sample within to its `wanted` nearest neighbours within.
    pub(super) fn each(&self, within: &[bool], wanted: usize, mut visit: impl FnMut(&[f64])) {
        let mut distances = Vec::with_capacity(wanted);
        for (_, list) in within.iter().zip(self.lists.chunks_exact(self.kept.max(1))).filter(|(within, _)| **within) {
            distances.clear();
            let near = list.iter().filter(|(_, row)| within[*row as usize]).map(|(distance, _)| *distance);
            distances.extend(near.take(wanted));
            if distances.len() == wanted && distances[0] > 0.0 {
                visit(&distances);
            }
        }
    }
}

/// Finds the neighbours of the rows from `first` on.
fn fill(rows: &[f32], width: usize, first: usize, kept: usize, lists: &mut [(f64, u32)]) {
    let row = |index: usize| &rows[index * width..(index + 1) * width];
    let count = rows.len() / width;
    let mut candidates: Vec<(f32, u32)> = Vec::with_capacity(count);
    for (own, list) in (first..).zip(lists.chunks_exact_mut(kept)) {
        candidates.clear();
        let others = (0..count).filter(|other| *other != own);
        candidates.extend(others.map(|other| (square(row(own), row(other)), other as u32)));
        if kept < candidates.len() {
            candidates.select_nth_unstable_by(kept - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
        for (place, (_, other)) in list.iter_mut().zip(&candidates) {
            let pairs = row(own).iter().zip(row(*other as usize));
            let square: f64 = pairs.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
            *place = (square.sqrt(), *other);
        }
        list.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    }
}

/// The squared distance in single precision: enough to tell who is near.
fn square(first: &[f32], second: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (first, second) = (first.chunks_exact(LANES), second.chunks_exact(LANES));
    let rest: f32 = first.remainder().iter().zip(second.remainder()).map(|(a, b)| (a - b) * (a - b)).sum();
    for (first, second) in first.zip(second) {
        for lane in 0..LANES {
            let difference = first[lane] - second[lane];
            sums[lane] += difference * difference;
        }
    }
    sums.iter().sum::<f32>() + rest
}
