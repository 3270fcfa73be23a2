//! The nearest neighbours of each sample.

use std::num::NonZeroUsize;

use crate::neighbours::{Search, squared_distance};
use crate::parallel::in_order;

/// Neighbours that are kept: in a random half of the samples, twenty of them are as good as certain to be left.
const KEPT: usize = 128;

/// Samples that a thread takes at a time.
const PIECE: usize = 64;

/// For each sample its nearest neighbours, the nearest first.
pub(super) struct Neighbours {
    // [rows][kept]: distance and row
    lists: Vec<(f64, u32)>,
    kept: usize,
    rows: usize,
}

impl Neighbours {
    /// Of rows `[rows][width]`, no two of which are the same; threads share them.
    pub(super) fn of(rows: &[f32], width: usize, threads: NonZeroUsize) -> Self {
        let count = rows.len() / width;
        let kept = KEPT.min(count.saturating_sub(1));
        let points: Vec<f64> = rows.iter().copied().map(f64::from).collect();
        let search = Search::among(&points, width);
        let pieces: Vec<&[f64]> = points.chunks(PIECE * width).collect();
        let lists = in_order(pieces.len(), threads, |piece| {
            let mut lists = Vec::with_capacity(PIECE * kept);
            let mut own = piece * PIECE;
            // One more: a sample is its own nearest neighbour.
            search.each_nearest(pieces[piece], kept + 1, |near| {
                let point = &points[own * width..][..width];
                let others = near.iter().map(|(_, row)| *row).filter(|row| *row as usize != own).take(kept);
                let exact = |row: u32| squared_distance(point, &points[row as usize * width..][..width]).sqrt();
                let mut list: Vec<(f64, u32)> = others.map(|row| (exact(row), row)).collect();
                list.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                lists.append(&mut list);
                own += 1;
            });
            lists
        });
        Self { lists: lists.concat(), kept, rows: count }
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
