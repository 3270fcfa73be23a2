//! Sums over the samples of a tile, one for each row: the gradients of biases and of shifts.

use crate::simd::{InstructionSet, Kernel, Simd};

/// `sums[r] (+)= Σ_s x[r][s]`. x: `[rows][TILE]`, sums: `[rows]`.
pub(crate) fn sum_over_samples<const TILE: usize>(set: InstructionSet, x: &[f32], sums: &mut [f32], accumulate: bool) {
    assert!(x.len() >= sums.len() * TILE);
    set.dispatch(SumOverSamples::<TILE> { x, sums, accumulate });
}

/// `Σ x` over all values, of which there is a multiple of sixteen.
pub(crate) fn sum_of_values(set: InstructionSet, x: &[f32]) -> f32 {
    assert!(x.len().is_multiple_of(16));
    let mut sum = [0.0];
    set.dispatch(SumOfValues { x, sum: &mut sum });
    sum[0]
}

struct SumOfValues<'a> {
    x: &'a [f32],
    sum: &'a mut [f32; 1],
}

impl Kernel for SumOfValues<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        // In pieces, so that long sums lose little.
        for x in self.x.chunks(LONG) {
            // SAFETY: the length is a multiple of sixteen, as that of the pieces is.
            self.sum[0] += unsafe { simd.sum_of_rows(x.as_ptr(), x.len()) };
        }
    }
}

/// Values that are summed at a time.
const LONG: usize = 1 << 11;

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
