//! The dense product `y[r][s] = Σ_c w[r][c] x[c][s] + b[r]`, for the forward pass and, with the strides of the weights
//! exchanged, for the gradient of the input.

use std::ops::Range;

use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// Columns of the weights per panel: the panel of `x` that they meet stays in the first cache.
const PANEL: usize = 128;

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

/// Where the sums of a product begin.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Begin {
    Zero,
    /// At what `y` holds: the columns of a wide product come in several calls.
    Continue,
}

/// What becomes of the sums over all columns.
#[derive(Clone, Copy)]
pub(crate) enum End<'a> {
    Nothing,
    /// A value for each row is added: `[rows]`.
    Bias(&'a [f32]),
    /// They are multiplied by a value for each sample, then a value for each row is added: `[TILE]` and `[rows]`.
    ScaleAndBias(&'a [f32], &'a [f32]),
}

/// `y = weights · x`, as `begin` and `end` say. Each sum runs over the columns in order, fused, however they are divided into calls.
///
/// x: `[columns][TILE]`, y: `[rows][TILE]`. Only the first `samples` of the tile, rounded up to a multiple of sixteen,
/// are computed.
pub(crate) fn product<const TILE: usize>(
    set: InstructionSet,
    weights: Matrix<'_>,
    begin: Begin,
    end: End<'_>,
    x: &[f32],
    y: &mut [f32],
    samples: usize,
) {
    assert!(x.len() >= weights.columns * TILE && y.len() >= weights.rows * TILE && samples <= TILE);
    match end {
        End::Nothing => {}
        End::Bias(bias) => assert!(bias.len() >= weights.rows),
        End::ScaleAndBias(scale, bias) => assert!(scale.len() >= TILE && bias.len() >= weights.rows),
    }
    if weights.rows == 0 {
        return;
    }
    let last = (weights.rows - 1) * weights.row_stride + weights.columns.saturating_sub(1) * weights.column_stride;
    assert!(weights.columns == 0 || weights.values.len() > last);
    set.dispatch(Product::<TILE> { weights, begin, end, x, y, samples: samples.next_multiple_of(16) });
}

struct Product<'a, const TILE: usize> {
    weights: Matrix<'a>,
    begin: Begin,
    end: End<'a>,
    x: &'a [f32],
    y: &'a mut [f32],
    samples: usize,
}

impl<const TILE: usize> Kernel for Product<'_, TILE> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let lanes = S::Vector::LANES;
        let mut start = 0;
        loop {
            let end = self.weights.columns.min(start + PANEL);
            let mut sample = 0;
            while sample < self.samples {
                // Sixteen lanes come with 32 registers: blocks of 5 by 4 vectors, or 10 by 2 for what is left.
                let left = (self.samples - sample) / lanes;
                let vectors = match S::SAMPLE_VECTORS {
                    4 if left >= 4 => self.rows::<S, 5, 4>(simd, start..end, sample),
                    4 if left >= 2 => self.rows::<S, 10, 2>(simd, start..end, sample),
                    4 => self.rows::<S, 10, 1>(simd, start..end, sample),
                    _ => self.rows::<S, 5, 2>(simd, start..end, sample),
                };
                sample += vectors * lanes;
            }
            start = end;
            if start == self.weights.columns {
                break;
            }
        }
    }
}

impl<const TILE: usize> Product<'_, TILE> {
    /// All rows for `C` vectors of samples; returns `C`.
    #[inline(always)]
    fn rows<S: Simd, const R: usize, const C: usize>(&mut self, simd: S, panel: Range<usize>, sample: usize) -> usize {
        let mut row = 0;
        while row < self.weights.rows {
            let left = self.weights.rows - row;
            row += if left >= R {
                self.block::<S, R, C>(simd, row, panel.clone(), sample)
            } else if left >= 4 {
                self.block::<S, 4, C>(simd, row, panel.clone(), sample)
            } else if left >= 2 {
                self.block::<S, 2, C>(simd, row, panel.clone(), sample)
            } else {
                self.block::<S, 1, C>(simd, row, panel.clone(), sample)
            };
        }
        C
    }

    /// `R` rows by `C` vectors of samples, over the columns of one panel; returns `R`.
    #[inline(always)]
    fn block<S: Simd, const R: usize, const C: usize>(
        &mut self,
        simd: S,
        row: usize,
        panel: Range<usize>,
        sample: usize,
    ) -> usize {
        let lanes = S::Vector::LANES;
        let y = self.y.as_mut_ptr();
        let mut sums = [[simd.splat(0.0); C]; R];
        if panel.start > 0 || self.begin == Begin::Continue {
            for (r, sums) in sums.iter_mut().enumerate() {
                for (c, sum) in sums.iter_mut().enumerate() {
                    // SAFETY: row + r < rows and sample + C * LANES <= TILE; `product` checked the length of y.
                    *sum = unsafe { simd.load(y.add((row + r) * TILE + sample + c * lanes)) };
                }
            }
        }
        let Matrix { row_stride, column_stride, .. } = self.weights;
        let end = if panel.end == self.weights.columns { self.end } else { End::Nothing };
        // SAFETY: `product` checked that the last element of weights and x that is reached here exists, and the lengths of
        // what the sums end with.
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
            // A bias comes last: the products then begin without waiting for it.
            match end {
                End::Nothing => {}
                End::Bias(bias) => {
                    for (r, sums) in sums.iter_mut().enumerate() {
                        let bias = simd.splat(*bias.get_unchecked(row + r));
                        for sum in sums {
                            *sum = *sum + bias;
                        }
                    }
                }
                End::ScaleAndBias(scale, bias) => {
                    let mut scales = [simd.splat(0.0); C];
                    for (c, scale_of) in scales.iter_mut().enumerate() {
                        *scale_of = simd.load(scale.as_ptr().add(sample + c * lanes));
                    }
                    for (r, sums) in sums.iter_mut().enumerate() {
                        let bias = simd.splat(*bias.get_unchecked(row + r));
                        for (sum, scale) in sums.iter_mut().zip(scales) {
                            *sum = sum.mul_add(scale, bias);
                        }
                    }
                }
            }
            for (r, sums) in sums.into_iter().enumerate() {
                for (c, sum) in sums.into_iter().enumerate() {
                    sum.store(y.add((row + r) * TILE + sample + c * lanes));
                }
            }
        }
        R
    }
}
