//! The dense product `y[r][s] = b[r] + Σ_c w[r][c] x[c][s]`, for the forward pass and, with the strides of the weights
//! exchanged, for the gradient of the input.

use super::TILE;
use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// Columns of the weights per panel: the panel of `x` that they meet stays in the first cache.
const PANEL: usize = 128;

/// Rows of the weights in a register block.
const ROWS: usize = 5;

/// A matrix inside a slice: element (r, c) is at `r * row_stride + c * column_stride`.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) row_stride: usize,
    pub(crate) column_stride: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

impl<'a> Matrix<'a> {
    /// `values` holds `rows` by `columns`, row after row.
    pub(crate) fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert!(values.len() >= rows * columns, "a matrix of {rows} by {columns} in {} values", values.len());
        Self { values, row_stride: columns, column_stride: 1, rows, columns }
    }

    /// The same values with rows and columns exchanged.
    pub(crate) fn transposed(self) -> Self {
        Self {
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            rows: self.columns,
            columns: self.rows,
            ..self
        }
    }
}

/// `y = bias + weights · x`. Each sum starts at the bias (or zero) and runs over the columns in order, fused.
///
/// x: `[columns][TILE]`, y: `[rows][TILE]`, bias: `[rows]`.
pub(crate) fn product(set: InstructionSet, weights: Matrix<'_>, bias: Option<&[f32]>, x: &[f32], y: &mut [f32]) {
    assert!(x.len() >= weights.columns * TILE && y.len() >= weights.rows * TILE);
    assert!(bias.is_none_or(|bias| bias.len() >= weights.rows));
    if weights.rows == 0 {
        return;
    }
    let last = (weights.rows - 1) * weights.row_stride + weights.columns.saturating_sub(1) * weights.column_stride;
    assert!(weights.columns == 0 || weights.values.len() > last);
    set.dispatch(Product { weights, bias, x, y });
}

struct Product<'a> {
    weights: Matrix<'a>,
    bias: Option<&'a [f32]>,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl Kernel for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        // The width of a block is a constant of the instruction set; only one arm of the match is compiled in.
        match S::SAMPLE_VECTORS {
            4 => self.run_blocks::<S, 4>(simd),
            _ => self.run_blocks::<S, 2>(simd),
        }
    }
}

impl Product<'_> {
    #[inline(always)]
    fn run_blocks<S: Simd, const C: usize>(mut self, simd: S) {
        let mut start = 0;
        loop {
            let end = self.weights.columns.min(start + PANEL);
            let mut sample = 0;
            while sample < TILE {
                let mut row = 0;
                while row + ROWS <= self.weights.rows {
                    self.block::<S, ROWS, C>(simd, row, start..end, sample);
                    row += ROWS;
                }
                match self.weights.rows - row {
                    1 => self.block::<S, 1, C>(simd, row, start..end, sample),
                    2 => self.block::<S, 2, C>(simd, row, start..end, sample),
                    3 => self.block::<S, 3, C>(simd, row, start..end, sample),
                    4 => self.block::<S, 4, C>(simd, row, start..end, sample),
                    _ => {}
                }
                sample += C * S::Vector::LANES;
            }
            start = end;
            if start == self.weights.columns {
                break;
            }
        }
    }

    /// `R` rows by `C` vectors of samples, over the columns of one panel.
    #[inline(always)]
    fn block<S: Simd, const R: usize, const C: usize>(
        &mut self,
        simd: S,
        row: usize,
        panel: std::ops::Range<usize>,
        sample: usize,
    ) {
        let lanes = S::Vector::LANES;
        let y = self.y.as_mut_ptr();
        let mut sums = [[simd.splat(0.0); C]; R];
        for (r, sums) in sums.iter_mut().enumerate() {
            for (c, sum) in sums.iter_mut().enumerate() {
                if panel.start > 0 {
                    // SAFETY: row + r < rows and sample + C * LANES <= TILE; `product` checked the length of y.
                    *sum = unsafe { simd.load(y.add((row + r) * TILE + sample + c * lanes)) };
                } else if let Some(bias) = self.bias {
                    *sum = simd.splat(bias[row + r]);
                }
            }
        }
        let Matrix { row_stride, column_stride, .. } = self.weights;
        // SAFETY: `product` checked that the last element of weights and x that is reached here exists.
        unsafe {
            let mut weights = self.weights.values.as_ptr().add(row * row_stride + panel.start * column_stride);
            let mut x = self.x.as_ptr().add(panel.start * TILE + sample);
            for _ in panel {
                let mut samples = [simd.splat(0.0); C];
                for (c, samples) in samples.iter_mut().enumerate() {
                    *samples = simd.load(x.add(c * lanes));
                }
                for (r, sums) in sums.iter_mut().enumerate() {
                    let weight = simd.splat(*weights.add(r * row_stride));
                    for (sum, samples) in sums.iter_mut().zip(samples) {
                        *sum = samples.mul_add(weight, *sum);
                    }
                }
                weights = weights.wrapping_add(column_stride);
                x = x.wrapping_add(TILE);
            }
            for (r, sums) in sums.into_iter().enumerate() {
                for (c, sum) in sums.into_iter().enumerate() {
                    sum.store(y.add((row + r) * TILE + sample + c * lanes));
                }
            }
        }
    }
}
