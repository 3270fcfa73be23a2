//! Linear maps from the positions of one field to those of another, the same for every channel: the mean over a window, and
//! upsampling.

use crate::field::{Connections, Extent, Window};
use crate::layer::Interpolation;

/// A sparse matrix of positions, and its transpose.
#[derive(Debug, PartialEq)]
pub(crate) struct PositionMap {
    pub(crate) forward: SparseRows,
    pub(crate) backward: SparseRows,
}

/// For each target the sources that make it, and what each weighs.
#[derive(Debug, PartialEq)]
pub(crate) struct SparseRows {
    pub(crate) sources: usize,
    // Where the terms of each target begin, and the end of the last: [targets + 1].
    starts: Vec<u32>,
    terms: Vec<(u32, f32)>,
}

impl SparseRows {
    fn new(sources: usize, rows: impl Iterator<Item = Vec<(u32, f32)>>) -> Self {
        let (mut starts, mut terms) = (vec![0], Vec::new());
        for row in rows {
            terms.extend(row);
            starts.push(terms.len() as u32);
        }
        Self { sources, starts, terms }
    }

    pub(crate) fn targets(&self) -> usize {
        self.starts.len() - 1
    }

    /// The terms of a target; sources are smaller than [`SparseRows::sources`].
    pub(crate) fn terms(&self, target: usize) -> &[(u32, f32)] {
        &self.terms[self.starts[target] as usize..self.starts[target + 1] as usize]
    }

    fn transposed(&self) -> Self {
        let mut rows = vec![Vec::new(); self.sources];
        for target in 0..self.targets() {
            for (source, weight) in self.terms(target) {
                rows[*source as usize].push((target as u32, *weight));
            }
        }
        Self::new(self.targets(), rows.into_iter())
    }
}

impl PositionMap {
    fn new(forward: SparseRows) -> Self {
        Self { backward: forward.transposed(), forward }
    }

    /// The mean over the positions of a window that are inside the field.
    pub(crate) fn mean_of(window: &Window) -> Self {
        let connections = Connections::down(window);
        let mut rows = vec![Vec::new(); connections.targets];
        for class in &connections.classes {
            let weight = 1.0 / class.taps.len() as f32;
            for place in &class.places {
                let source = |offset: i32| (i64::from(place.source) + i64::from(offset)) as u32;
                rows[place.target as usize] = class.taps.iter().map(|tap| (source(tap.offset), weight)).collect();
            }
        }
        Self::new(SparseRows::new(connections.sources, rows.into_iter()))
    }

    /// From one field to another of as many dimensions.
    pub(crate) fn resize(from: Extent, to: Extent, interpolation: Interpolation) -> Self {
        let (sizes, to) = (from.all(), to.all());
        let along: Vec<Vec<Vec<(usize, f32)>>> = (0..3)
            .map(|dimension| {
                (0..to[dimension]).map(|index| weights(index, sizes[dimension], to[dimension], interpolation)).collect()
            })
            .collect();
        let mut rows = Vec::with_capacity(to.iter().product());
        for first in &along[0] {
            for second in &along[1] {
                for third in &along[2] {
                    let mut row = Vec::with_capacity(first.len() * second.len() * third.len());
                    for (a, weight_a) in first {
                        for (b, weight_b) in second {
                            for (c, weight_c) in third {
                                let source = (a * sizes[1] + b) * sizes[2] + c;
                                row.push((source as u32, weight_a * weight_b * weight_c));
                            }
                        }
                    }
                    rows.push(row);
                }
            }
        }
        Self::new(SparseRows::new(from.positions(), rows.into_iter()))
    }
}

/// The sources of an index along one dimension, from a size of `from` to one of `to`.
fn weights(index: usize, from: usize, to: usize, interpolation: Interpolation) -> Vec<(usize, f32)> {
    match interpolation {
        Interpolation::Nearest => vec![(index * from / to, 1.0)],
        Interpolation::Linear => {
            // Centres of cells: (index + 1/2) from / to - 1/2.
            let place = ((index as f64 + 0.5) * from as f64 / to as f64 - 0.5).max(0.0);
            let below = (place as usize).min(from - 1);
            let share = place - below as f64;
            if below + 1 < from && share > 0.0 {
                vec![(below, (1.0 - share) as f32), (below + 1, share as f32)]
            } else {
                vec![(below, 1.0)]
            }
        }
    }
}
