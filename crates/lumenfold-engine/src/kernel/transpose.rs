//! The transpose of a tile, for the weight gradient.

use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// `xt[s][i] = x[i][s]`. x: `[rows][TILE]`, xt: `[TILE][stride]`; `rows` is a multiple of sixteen.
pub(crate) fn transpose<const TILE: usize>(set: InstructionSet, rows: usize, x: &[f32], xt: &mut [f32], stride: usize) {
    assert!(rows.is_multiple_of(16) && rows <= stride && x.len() >= rows * TILE && xt.len() >= stride * TILE);
    set.dispatch(Transpose::<TILE> { rows, stride, x, xt });
}

struct Transpose<'a, const TILE: usize> {
    rows: usize,
    stride: usize,
    x: &'a [f32],
    xt: &'a mut [f32],
}

impl<const TILE: usize> Kernel for Transpose<'_, TILE> {
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
                        self.xt.as_mut_ptr().add(sample * self.stride + row),
                        self.stride,
                    );
                }
            }
        }
    }
}
