//! The transpose of a tile, for the weight gradient.

use super::TILE;
use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// `xt[s][i] = x[i][s]`. x: `[rows][TILE]`, xt: `[TILE][rows]`; `rows` is a multiple of sixteen.
pub(crate) fn transpose(set: InstructionSet, rows: usize, x: &[f32], xt: &mut [f32]) {
    assert!(rows.is_multiple_of(16) && x.len() >= rows * TILE && xt.len() >= rows * TILE);
    set.dispatch(Transpose { rows, x, xt });
}

struct Transpose<'a> {
    rows: usize,
    x: &'a [f32],
    xt: &'a mut [f32],
}

impl Kernel for Transpose<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let lanes = S::Vector::LANES;
        for row in (0..self.rows).step_by(lanes) {
            for sample in (0..TILE).step_by(lanes) {
                // SAFETY: both sizes are multiples of every width, and the lengths were checked at the entry.
                unsafe {
                    simd.transpose_block(
                        self.x.as_ptr().add(row * TILE + sample),
                        TILE,
                        self.xt.as_mut_ptr().add(sample * self.rows + row),
                        self.rows,
                    );
                }
            }
        }
    }
}
