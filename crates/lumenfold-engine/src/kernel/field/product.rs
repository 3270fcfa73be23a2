//! The product of fields, `y[r][p] = Σ_c Σ_t w[r][c][t] x[c][p + t]`: a convolution, and with rows and columns of the weights
//! exchanged and the connections the other way round, its adjoint.

use std::ops::Range;

use super::TILE;
use crate::field::{Class, Connections, Piece, Place};
use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// Weights of a row, over columns and taps, that meet some positions before the next row does: what they meet of `x` stays in
/// the first cache.
const PANEL: usize = 96;

/// Weights inside a slice: that of row r, column c and tap t is at `r * row_stride + c * column_stride + t`.
#[derive(Clone, Copy)]
pub(crate) struct Weights<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) row_stride: usize,
    pub(crate) column_stride: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

/// Sets `y` at the places of a piece. Each sum runs over columns, then taps, in order, fused; `bias`, one for each row, is
/// added at the end.
///
/// x: `[columns][sources][TILE]`; y: `[rows][targets][TILE]`.
///
/// # Safety
/// `y` points to as many values, and nobody else touches those of these places.
pub(crate) unsafe fn product(
    set: InstructionSet,
    connections: &Connections,
    piece: &Piece,
    weights: Weights<'_>,
    bias: Option<&[f32]>,
    x: &[f32],
    y: *mut f32,
) {
    let Weights { rows, columns, .. } = weights;
    assert!(x.len() >= columns * connections.sources * TILE && rows > 0 && columns > 0);
    let last = (rows - 1) * weights.row_stride + (columns - 1) * weights.column_stride + connections.taps;
    assert!(weights.values.len() >= last && bias.is_none_or(|bias| bias.len() >= rows));
    let class = &connections.classes[piece.class];
    let places = &class.places[piece.places.clone()];
    set.dispatch(Product {
        class,
        places,
        channel_in: connections.sources * TILE,
        channel_out: connections.targets * TILE,
        weights,
        bias,
        x,
        y,
    });
}

struct Product<'a> {
    class: &'a Class,
    places: &'a [Place],
    // Values of a channel.
    channel_in: usize,
    channel_out: usize,
    weights: Weights<'a>,
    bias: Option<&'a [f32]>,
    x: &'a [f32],
    y: *mut f32,
}

impl Kernel for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let panel = (PANEL / self.class.taps.len().max(1)).max(1);
        let mut start = 0;
        loop {
            let end = self.weights.columns.min(start + panel);
            self.panel(simd, start..end);
            start = end;
            if start == self.weights.columns {
                break;
            }
        }
    }
}

impl Product<'_> {
    #[inline(always)]
    fn panel<S: Simd>(&self, simd: S, columns: Range<usize>) {
        let lanes = S::Vector::LANES;
        let mut at = 0;
        while at < self.places.len() {
            let left = self.places.len() - at;
            // A tile is one vector of sixteen lanes: several positions make a block. Of narrower vectors the samples do.
            if lanes == TILE {
                // With few rows there must be more places, so that sums do not wait for one another.
                at += match (self.weights.rows, left) {
                    (1 | 2, 8..) => self.rows::<S, 2, 8, 1>(simd, columns.clone(), at, 0),
                    (_, 4..) => self.rows::<S, 6, 4, 1>(simd, columns.clone(), at, 0),
                    (_, 2..) => self.rows::<S, 8, 2, 1>(simd, columns.clone(), at, 0),
                    _ => self.rows::<S, 8, 1, 1>(simd, columns.clone(), at, 0),
                };
            } else if S::SAMPLE_VECTORS == 4 {
                at += self.rows::<S, 6, 1, 4>(simd, columns.clone(), at, 0);
            } else {
                for lane in (0..TILE).step_by(2 * lanes) {
                    self.rows::<S, 6, 1, 2>(simd, columns.clone(), at, lane);
                }
                at += 1;
            }
        }
    }

    /// All rows for `P` places, `V` vectors of samples each, in blocks of at most `R` rows that are as equal as can be;
    /// returns `P`.
    #[inline(always)]
    fn rows<S: Simd, const R: usize, const P: usize, const V: usize>(
        &self,
        simd: S,
        columns: Range<usize>,
        at: usize,
        lane: usize,
    ) -> usize {
        let mut row = 0;
        while row < self.weights.rows {
            let left = self.weights.rows - row;
            let columns = columns.clone();
            // SAFETY: so many rows are left, and `P` places are.
            unsafe {
                row += match left.div_ceil(left.div_ceil(R)) {
                    8 if R >= 8 => self.block::<S, 8, P, V>(simd, row, columns, at, lane),
                    7 if R >= 7 => self.block::<S, 7, P, V>(simd, row, columns, at, lane),
                    6 if R >= 6 => self.block::<S, 6, P, V>(simd, row, columns, at, lane),
                    5 if R >= 5 => self.block::<S, 5, P, V>(simd, row, columns, at, lane),
                    4 if R >= 4 => self.block::<S, 4, P, V>(simd, row, columns, at, lane),
                    3 if R >= 3 => self.block::<S, 3, P, V>(simd, row, columns, at, lane),
                    2 => self.block::<S, 2, P, V>(simd, row, columns, at, lane),
                    _ => self.block::<S, 1, P, V>(simd, row, columns, at, lane),
                };
            }
        }
        P
    }

    /// `R` rows by `P` places of `V` vectors, over some columns; returns `R`.
    ///
    /// # Safety
    /// There are so many rows and places.
    #[inline(always)]
    unsafe fn block<S: Simd, const R: usize, const P: usize, const V: usize>(
        &self,
        simd: S,
        row: usize,
        columns: Range<usize>,
        at: usize,
        lane: usize,
    ) -> usize {
        let lanes = S::Vector::LANES;
        let zero = simd.splat(0.0);
        let mut sums = [[[zero; V]; P]; R];
        // SAFETY: the lengths were checked at the entry of the module, connections stay within their fields, and `y` is the
        // caller's promise.
        unsafe {
            let mut sources = [self.x.as_ptr(); P];
            let mut targets = [self.y; P];
            for place in 0..P {
                let Place { target, source } = *self.places.get_unchecked(at + place);
                sources[place] = self.x.as_ptr().add(source as usize * TILE + lane);
                targets[place] = self.y.add(row * self.channel_out + target as usize * TILE + lane);
            }
            if columns.start > 0 {
                for (r, sums) in sums.iter_mut().enumerate() {
                    for (sums, target) in sums.iter_mut().zip(targets) {
                        for (v, sum) in sums.iter_mut().enumerate() {
                            *sum = simd.load(target.add(r * self.channel_out + v * lanes));
                        }
                    }
                }
            }
            let Weights { values, row_stride, column_stride, .. } = self.weights;
            let is_last = columns.end == self.weights.columns;
            for column in columns {
                let weights = values.as_ptr().add(row * row_stride + column * column_stride);
                let channel = (column * self.channel_in) as isize;
                for tap in &self.class.taps {
                    let offset = channel + tap.offset as isize * TILE as isize;
                    let mut samples = [[zero; V]; P];
                    for (samples, source) in samples.iter_mut().zip(sources) {
                        let source = source.offset(offset);
                        for (v, samples) in samples.iter_mut().enumerate() {
                            *samples = simd.load(source.add(v * lanes));
                        }
                    }
                    let weights = weights.add(tap.index as usize);
                    for (r, sums) in sums.iter_mut().enumerate() {
                        let weight = simd.splat(*weights.add(r * row_stride));
                        for (sums, samples) in sums.iter_mut().zip(&samples) {
                            for (sum, samples) in sums.iter_mut().zip(samples) {
                                *sum = samples.mul_add(weight, *sum);
                            }
                        }
                    }
                }
            }
            for (r, sums) in sums.into_iter().enumerate() {
                let bias = match self.bias {
                    Some(bias) if is_last => simd.splat(*bias.get_unchecked(row + r)),
                    _ => zero,
                };
                for (sums, target) in sums.into_iter().zip(targets) {
                    for (v, sum) in sums.into_iter().enumerate() {
                        let sum = if is_last { sum + bias } else { sum };
                        sum.store(target.add(r * self.channel_out + v * lanes));
                    }
                }
            }
        }
        R
    }
}
