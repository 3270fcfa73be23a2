//! The gradient of dense weights, `g[o][i] = Σ_s dy[o][s] x[i][s]`: the one product that contracts over samples. With
//! one of the two transposed to `[sample][feature]` it becomes a sum of outer products, and the vectors run over
//! features.

use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// The most vectors of features in a register block.
const MOST_VECTORS: usize = 4;

/// Whether vectors run over outputs: a few inputs would leave most lanes of their vectors empty. Then it is `dy` that is
/// transposed.
pub(crate) fn over_outputs(outputs: usize, inputs: usize) -> bool {
    inputs < 16 && outputs > inputs
}

/// Values of the operand that is transposed: `[TILE][stride]`.
pub(crate) fn transposed_length<const TILE: usize>(outputs: usize, inputs: usize) -> usize {
    let columns = if over_outputs(outputs, inputs) { outputs } else { inputs };
    columns.next_multiple_of(16) * TILE
}

/// Adds to `gradient` (or overwrites it): samples in order, fused.
///
/// dy: `[outputs][TILE]`; x: `[inputs][TILE]`; transposed: `dy` or `x`, as [`over_outputs`] says, transposed with a stride
/// of its features rounded up to sixteen; gradient: `[outputs][inputs]`. The first `samples` of the tile count.
#[expect(clippy::too_many_arguments, reason = "one product, one row of operands")]
pub(crate) fn weight_gradient<const TILE: usize>(
    set: InstructionSet,
    (outputs, inputs): (usize, usize),
    dy: &[f32],
    x: &[f32],
    transposed: &[f32],
    samples: usize,
    gradient: &mut [f32],
    accumulate: bool,
) {
    assert!(samples <= TILE && dy.len() >= outputs * TILE && x.len() >= inputs * TILE);
    assert!(gradient.len() >= outputs * inputs && transposed.len() >= transposed_length::<TILE>(outputs, inputs));
    let target = Target { samples, values: gradient, row_stride: inputs, accumulate };
    if over_outputs(outputs, inputs) {
        let stride = outputs.next_multiple_of(16);
        let (rows, columns) = (inputs, outputs);
        set.dispatch(OuterProducts::<true, TILE> { rows, columns, left: x, right: transposed, stride, target });
    } else {
        let stride = inputs.next_multiple_of(16);
        let (rows, columns) = (outputs, inputs);
        set.dispatch(OuterProducts::<false, TILE> { rows, columns, left: dy, right: transposed, stride, target });
    }
}

/// Inputs in a panel of [`panel_gradient`]: their block of a transposed tile stays in the first cache.
pub(crate) const PANEL: usize = 64;

/// The same for one panel of inputs of a wide layer, whose transposes `xt` (`[TILE][PANEL]`) the caller
/// keeps: `gradient[o][i]`, a row every `row_stride` values, for `outputs` rows of `dy` and `inputs <= PANEL`.
#[expect(clippy::too_many_arguments, reason = "one product, one row of operands")]
pub(crate) fn panel_gradient<const TILE: usize>(
    set: InstructionSet,
    (outputs, inputs): (usize, usize),
    dy: &[f32],
    xt: &[f32],
    samples: usize,
    gradient: &mut [f32],
    row_stride: usize,
    accumulate: bool,
) {
    assert!(samples <= TILE && dy.len() >= outputs * TILE && xt.len() >= TILE * PANEL && inputs <= PANEL);
    assert!(outputs == 0 || (row_stride >= inputs && gradient.len() >= (outputs - 1) * row_stride + inputs));
    let target = Target { samples, values: gradient, row_stride, accumulate };
    set.dispatch(OuterProducts::<false, TILE> {
        rows: outputs,
        columns: inputs,
        left: dy,
        right: xt,
        stride: PANEL,
        target,
    });
}

struct Target<'a> {
    samples: usize,
    values: &'a mut [f32],
    row_stride: usize,
    accumulate: bool,
}

/// `target[r][c] (+)= Σ_s left[r][s] right[s][c]`, or `target[c][r]` where `TRANSPOSED`.
struct OuterProducts<'a, const TRANSPOSED: bool, const TILE: usize> {
    rows: usize,
    columns: usize,
    // [rows][TILE]
    left: &'a [f32],
    // [TILE][stride], the stride a multiple of sixteen that is at least `columns`
    right: &'a [f32],
    stride: usize,
    target: Target<'a>,
}

impl<const TRANSPOSED: bool, const TILE: usize> Kernel for OuterProducts<'_, TRANSPOSED, TILE> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let lanes = S::Vector::LANES;
        if !TRANSPOSED && self.target.row_stride == self.columns {
            match 2 * self.columns {
                columns if columns == 5 * lanes => return self.pairs_of_rows::<S, 5>(simd),
                columns if columns == 3 * lanes => return self.pairs_of_rows::<S, 3>(simd),
                _ => {}
            }
        }
        // Eight lanes come with sixteen registers: fewer vectors in a block.
        let most = if lanes == 8 { 2 } else { MOST_VECTORS };
        // Columns outside: their slab of `right` stays in the first cache while all rows pass.
        let mut column = 0;
        while column < self.columns {
            let vectors = (self.columns - column).div_ceil(lanes).min(most);
            match vectors {
                4 => self.slab::<S, 5, 4>(simd, column),
                3 => self.slab::<S, 5, 3>(simd, column),
                2 if lanes == 8 => self.slab::<S, 6, 2>(simd, column),
                2 => self.slab::<S, 10, 2>(simd, column),
                _ => self.slab::<S, 10, 1>(simd, column),
            }
            column += vectors * lanes;
        }
    }
}

impl<const TRANSPOSED: bool, const TILE: usize> OuterProducts<'_, TRANSPOSED, TILE> {
    /// Rows of a whole number of vectors and a half: two of them together fill `V` vectors, where each alone would leave
    /// half a vector empty. The middle vector holds the end of the one row and the beginning of the next.
    #[inline(always)]
    fn pairs_of_rows<S: Simd, const V: usize>(&mut self, simd: S) {
        let mut row = 0;
        while row + 2 <= self.rows {
            let pairs = (self.rows - row) / 2;
            row += if pairs >= 4 && S::Vector::LANES == 16 {
                self.pairs::<S, 4, V>(simd, row)
            } else {
                self.pairs::<S, 1, V>(simd, row)
            };
        }
        if row < self.rows {
            for column in (0..self.columns).step_by(S::Vector::LANES) {
                self.block::<S, 1, 1>(simd, row, column);
            }
        }
    }

    /// `P` pairs of rows; returns the rows.
    #[inline(always)]
    fn pairs<S: Simd, const P: usize, const V: usize>(&mut self, simd: S, row: usize) -> usize {
        let lanes = S::Vector::LANES;
        let target = self.target.values.as_mut_ptr().wrapping_add(row * self.columns);
        let mut sums = [[simd.splat(0.0); V]; P];
        // SAFETY: row + 2 P <= rows, whose values follow one another in the target; `right` is padded to whole vectors. The
        // lengths were checked at the entry.
        unsafe {
            if self.target.accumulate {
                for (p, sums) in sums.iter_mut().enumerate() {
                    for (v, sum) in sums.iter_mut().enumerate() {
                        *sum = simd.load(target.add((p * V + v) * lanes));
                    }
                }
            }
            let mut left = self.left.as_ptr().add(row * TILE);
            let mut right = self.right.as_ptr();
            for _ in 0..self.target.samples {
                let mut columns = [simd.splat(0.0); V];
                let end = V / 2;
                for (v, columns) in columns.iter_mut().enumerate().take(end + 1) {
                    *columns = simd.load(right.add(v * lanes));
                }
                let last = columns[end];
                columns[end] = last.lower_lower(columns[0]);
                for v in 0..end {
                    let next = if v + 1 == end { last } else { columns[v + 1] };
                    columns[end + 1 + v] = columns[v].upper_lower(next);
                }
                for (p, sums) in sums.iter_mut().enumerate() {
                    let first = simd.splat(*left.add(2 * p * TILE));
                    let second = simd.splat(*left.add((2 * p + 1) * TILE));
                    let both = first.lower_upper(second);
                    for (v, sum) in sums.iter_mut().enumerate() {
                        let factor = if v < end {
                            first
                        } else if v == end {
                            both
                        } else {
                            second
                        };
                        *sum = columns[v].mul_add(factor, *sum);
                    }
                }
                left = left.wrapping_add(1);
                right = right.wrapping_add(self.stride);
            }
            for (p, sums) in sums.into_iter().enumerate() {
                for (v, sum) in sums.into_iter().enumerate() {
                    sum.store(target.add((p * V + v) * lanes));
                }
            }
        }
        2 * P
    }

    #[inline(always)]
    fn slab<S: Simd, const R: usize, const C: usize>(&mut self, simd: S, column: usize) {
        let mut row = 0;
        while row < self.rows {
            let left = self.rows - row;
            row += if left >= R {
                self.block::<S, R, C>(simd, row, column);
                R
            } else if left >= 4 {
                self.block::<S, 4, C>(simd, row, column);
                4
            } else if left >= 2 {
                self.block::<S, 2, C>(simd, row, column);
                2
            } else {
                self.block::<S, 1, C>(simd, row, column);
                1
            };
        }
    }

    /// `R` rows by `C` vectors of columns, the last of which may be partly beyond the end.
    #[inline(always)]
    fn block<S: Simd, const R: usize, const C: usize>(&mut self, simd: S, row: usize, column: usize) {
        let lanes = S::Vector::LANES;
        let last = (self.columns - column - (C - 1) * lanes).min(lanes);
        let mut sums = [[simd.splat(0.0); C]; R];
        // SAFETY: row + R <= rows; of the vectors the first C - 1 are whole and the last has `last` columns, and
        // `right` is padded to its stride. The lengths were checked at the entry.
        unsafe {
            if self.target.accumulate {
                for (r, sums) in sums.iter_mut().enumerate() {
                    for (c, sum) in sums.iter_mut().enumerate() {
                        let count = if c == C - 1 { last } else { lanes };
                        *sum = self.load(simd, row + r, column + c * lanes, count);
                    }
                }
            }
            let mut left = self.left.as_ptr().add(row * TILE);
            let mut right = self.right.as_ptr().add(column);
            for _ in 0..self.target.samples {
                let mut columns = [simd.splat(0.0); C];
                for (c, columns) in columns.iter_mut().enumerate() {
                    *columns = simd.load(right.add(c * lanes));
                }
                for (r, sums) in sums.iter_mut().enumerate() {
                    let left = simd.splat(*left.add(r * TILE));
                    for (sum, columns) in sums.iter_mut().zip(columns) {
                        *sum = columns.mul_add(left, *sum);
                    }
                }
                left = left.wrapping_add(1);
                right = right.wrapping_add(self.stride);
            }
            for (r, sums) in sums.into_iter().enumerate() {
                for (c, sum) in sums.into_iter().enumerate() {
                    let count = if c == C - 1 { last } else { lanes };
                    self.store(sum, row + r, column + c * lanes, count);
                }
            }
        }
    }

    /// `count` columns of the target's row, from `column` on.
    ///
    /// # Safety
    /// They exist.
    #[inline(always)]
    unsafe fn load<S: Simd>(&self, simd: S, row: usize, column: usize, count: usize) -> S::Vector {
        let target = self.target.values.as_ptr();
        // SAFETY: the caller's promise.
        unsafe {
            if TRANSPOSED {
                let mut values = [0.0; 16];
                for (lane, value) in values.iter_mut().enumerate().take(count) {
                    *value = *target.add((column + lane) * self.target.row_stride + row);
                }
                simd.load(values.as_ptr())
            } else {
                simd.load_partial(target.add(row * self.target.row_stride + column), count)
            }
        }
    }

    /// The counterpart of [`OuterProducts::load`].
    ///
    /// # Safety
    /// As there.
    #[inline(always)]
    unsafe fn store<V: Vector>(&mut self, sum: V, row: usize, column: usize, count: usize) {
        let target = self.target.values.as_mut_ptr();
        // SAFETY: the caller's promise.
        unsafe {
            if TRANSPOSED {
                let mut values = [0.0; 16];
                sum.store(values.as_mut_ptr());
                for (lane, value) in values.iter().enumerate().take(count) {
                    *target.add((column + lane) * self.target.row_stride + row) = *value;
                }
            } else if count == V::LANES {
                sum.store(target.add(row * self.target.row_stride + column));
            } else {
                sum.store_partial(target.add(row * self.target.row_stride + column), count);
            }
        }
    }
}
