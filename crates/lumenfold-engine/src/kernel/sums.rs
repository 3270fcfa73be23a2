//! Sums over the samples of a tile, one for each row: the gradients of biases and of shifts.

use crate::simd::{InstructionSet, Kernel, Simd};

/// `sums[r] (+)= Σ_s x[r][s]`. x: `[rows][TILE]`, sums: `[rows]`.
pub(crate) fn sum_over_samples<const TILE: usize>(set: InstructionSet, x: &[f32], sums: &mut [f32], accumulate: bool) {
    assert!(x.len() >= sums.len() * TILE);
    set.dispatch(SumOverSamples::<TILE> { x, sums, accumulate });
}

struct SumOverSamples<'a, const TILE: usize> {
    x: &'a [f32],
    sums: &'a mut [f32],
    accumulate: bool,
}

impl<const TILE: usize> Kernel for SumOverSamples<'_, TILE> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (row, sum) in self.sums.iter_mut().enumerate() {
            // SAFETY: the length was checked at the entry.
            let total = unsafe { simd.sum_of_rows(self.x.as_ptr().add(row * TILE), TILE) };
            *sum = if self.accumulate { *sum + total } else { total };
        }
    }
}
