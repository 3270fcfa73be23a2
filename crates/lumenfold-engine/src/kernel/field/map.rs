//! A linear map of the positions of a channel.

use std::ops::Range;

use super::TILE;
use crate::simd::{InstructionSet, Kernel, Simd, Vector};
use crate::stage::SparseRows;

/// `y[p] = Σ_q rows[p][q] x[q]` for the positions of a range, terms in order, fused.
///
/// x: `[sources][TILE]`; y: `[positions of the range][TILE]`.
pub(crate) fn apply(set: InstructionSet, rows: &SparseRows, range: Range<usize>, x: &[f32], y: &mut [f32]) {
    assert!(range.end <= rows.targets() && x.len() >= rows.sources * TILE && y.len() >= range.len() * TILE);
    set.dispatch(Apply { rows, range, x, y });
}

struct Apply<'a> {
    rows: &'a SparseRows,
    range: Range<usize>,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl Kernel for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (at, target) in self.range.enumerate() {
            let terms = self.rows.terms(target);
            for lane in (0..TILE).step_by(S::Vector::LANES) {
                let mut sum = simd.splat(0.0);
                // SAFETY: sources are smaller than `sources`; lengths were checked at the entry.
                unsafe {
                    for (source, weight) in terms {
                        let x = simd.load(self.x.as_ptr().add(*source as usize * TILE + lane));
                        sum = x.mul_add(simd.splat(*weight), sum);
                    }
                    sum.store(self.y.as_mut_ptr().add(at * TILE + lane));
                }
            }
        }
    }
}
