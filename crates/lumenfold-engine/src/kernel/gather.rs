//! Rows of a data set into a tile, and a tile back into rows.

use std::ops::Range;

use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// `x[f][s] = rows[indices[s]][f]` for the features of a range, zero in the samples beyond the indices.
///
/// rows: `[n][features]`; x: `[features of the range][TILE]`.
pub(crate) fn gather<const TILE: usize>(
    set: InstructionSet,
    rows: &[f32],
    features: usize,
    indices: &[u32],
    range: Range<usize>,
    x: &mut [f32],
) {
    assert!(range.end <= features && indices.len() <= TILE && x.len() >= range.len() * TILE);
    for index in indices {
        assert!((*index as usize + 1) * features <= rows.len());
    }
    let count = range.len();
    set.dispatch(Gather::<TILE> { rows, features, indices, range, x });
    clear_beyond::<TILE>(indices.len(), count, x);
}

struct Gather<'a, const TILE: usize> {
    rows: &'a [f32],
    features: usize,
    indices: &'a [u32],
    range: Range<usize>,
    x: &'a mut [f32],
}

impl<const TILE: usize> Kernel for Gather<'_, TILE> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let lanes = S::Vector::LANES;
        let x = self.x.as_mut_ptr();
        // Blocks of as many samples as features are transposed; the rest goes value by value.
        let whole_samples = self.indices.len() / lanes * lanes;
        let whole_features = self.range.len() / lanes * lanes;
        let mut block = [0.0; 256];
        // SAFETY: indices, features and samples are within the lengths that were checked at the entry.
        unsafe {
            for feature in (0..whole_features).step_by(lanes) {
                for sample in (0..whole_samples).step_by(lanes) {
                    for (lane, index) in self.indices[sample..sample + lanes].iter().enumerate() {
                        let source = *index as usize * self.features + self.range.start + feature;
                        simd.load(self.rows.as_ptr().add(source)).store(block.as_mut_ptr().add(lane * lanes));
                    }
                    simd.transpose_block(block.as_ptr(), lanes, x.add(feature * TILE + sample), TILE);
                }
            }
            for (sample, index) in self.indices.iter().enumerate() {
                let row = self.rows.as_ptr().add(*index as usize * self.features + self.range.start);
                let first = if sample < whole_samples { whole_features } else { 0 };
                for feature in first..self.range.len() {
                    *x.add(feature * TILE + sample) = *row.add(feature);
                }
            }
        }
    }
}

/// Asks for the rows that a tile will need, so that they are near when [`gather`] reads them.
pub(crate) fn prefetch(rows: &[f32], features: usize, indices: &[u32]) {
    #[cfg(target_arch = "x86_64")]
    for index in indices {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let start = *index as usize * features;
        // A short row may lie across two lines; of a long one the processor foresees the rest.
        for value in [start, start + features.min(16) - 1].into_iter().filter_map(|at| rows.get(at)) {
            // SAFETY: SSE is part of the platform; a prefetch touches nothing.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast()) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (rows, features, indices);
}

/// The indices of consecutive rows, for [`gather`].
pub(crate) const CONSECUTIVE: [u32; super::TILE] = {
    let mut indices = [0; super::TILE];
    let mut index = 0;
    while index < super::TILE {
        indices[index] = index as u32;
        index += 1;
    }
    indices
};

/// `rows[s][f] = y[f][s]` for the features of a range and as many samples as `rows` has.
///
/// y: `[features of the range][TILE]`; rows: `[samples][features]`, of which only the range is written.
///
/// # Safety
/// `rows` points to `samples` rows whose values of the range nobody else touches.
pub(crate) unsafe fn unload<const TILE: usize>(
    set: InstructionSet,
    y: &[f32],
    features: usize,
    range: Range<usize>,
    rows: *mut f32,
    samples: usize,
) {
    assert!(samples <= TILE && range.end <= features && y.len() >= range.len() * TILE);
    set.dispatch(Unload::<TILE> { y, features, range, rows, samples });
}

struct Unload<'a, const TILE: usize> {
    y: &'a [f32],
    features: usize,
    range: Range<usize>,
    rows: *mut f32,
    samples: usize,
}

impl<const TILE: usize> Kernel for Unload<'_, TILE> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let lanes = S::Vector::LANES;
        let y = self.y.as_ptr();
        let whole_samples = self.samples / lanes * lanes;
        let whole_features = self.range.len() / lanes * lanes;
        // SAFETY: features and samples are within the lengths that were checked at the entry; the rows are the caller's
        // promise.
        unsafe {
            let rows = self.rows.add(self.range.start);
            for sample in (0..whole_samples).step_by(lanes) {
                for feature in (0..whole_features).step_by(lanes) {
                    let target = rows.add(sample * self.features + feature);
                    simd.transpose_block(y.add(feature * TILE + sample), TILE, target, self.features);
                }
            }
            for sample in 0..self.samples {
                let first = if sample < whole_samples { whole_features } else { 0 };
                for feature in first..self.range.len() {
                    *rows.add(sample * self.features + feature) = *y.add(feature * TILE + sample);
                }
            }
        }
    }
}

/// Zero in the samples from `samples` on.
pub(crate) fn clear_beyond<const TILE: usize>(samples: usize, features: usize, x: &mut [f32]) {
    if samples < TILE {
        for row in x.chunks_exact_mut(TILE).take(features) {
            row[samples..].fill(0.0);
        }
    }
}

/// Zero in the lanes that [`product`](super::dense::product) leaves out, so that what an earlier batch left there can do
/// no harm. y: `[features][TILE]`.
pub(crate) fn clear_lanes<const TILE: usize>(samples: usize, y: &mut [f32]) {
    let computed = samples.next_multiple_of(16);
    if computed < TILE {
        for row in y.chunks_exact_mut(TILE) {
            row[computed..].fill(0.0);
        }
    }
}
