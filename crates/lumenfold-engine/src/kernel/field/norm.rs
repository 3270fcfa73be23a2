//! Normalisation of sets of rows of a tile: the channels and positions of a group, or the channels of a position.

use super::TILE;
use crate::kernel::normalised::EPSILON;
use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// Rows whose sums are taken together before they are added to the others, so that long sums lose little.
const TOGETHER: usize = 128;

/// The rows of a set: `start + index * stride`. `run` neighbours of them share a channel, the first of which is `channel`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    pub(crate) start: usize,
    pub(crate) count: usize,
    pub(crate) stride: usize,
    pub(crate) run: usize,
    pub(crate) channel: usize,
}

impl Rows {
    fn at(&self, index: usize) -> usize {
        (self.start + index * self.stride) * TILE
    }

    fn check(&self, width: usize, channels: usize) {
        assert!(self.count > 0 && self.run > 0 && (self.start + (self.count - 1) * self.stride) < width);
        assert!(self.channel + (self.count - 1) / self.run < channels);
    }
}

/// `values = scale · x̂ + shift` with `x̂ = (values - mean) / sqrt(variance + ε)` over the rows of a set. `x̂` and one over
/// the deviation are kept if there is room for them.
///
/// values, normalised: `[width][TILE]`; scale, shift: `[channels]`; inverse: `[TILE]`.
///
/// # Safety
/// The pointers reach so many values, and nobody else touches those of the rows.
pub(crate) unsafe fn forward(
    set: InstructionSet,
    rows: Rows,
    (scale, shift): (&[f32], &[f32]),
    (values, width): (*mut f32, usize),
    kept: Option<(*mut f32, &mut [f32])>,
) {
    rows.check(width, scale.len().min(shift.len()));
    let (normalised, inverse) = match kept {
        Some((normalised, inverse)) => {
            assert!(inverse.len() >= TILE);
            (Some(normalised), inverse.as_mut_ptr())
        }
        None => (None, std::ptr::null_mut()),
    };
    set.dispatch(Forward { rows, scale, shift, values, normalised, inverse });
}

/// The gradient of the output becomes that of the input, in place, for the rows of a set.
///
/// normalised, gradient: `[width][TILE]`; inverse: `[TILE]`; scale: `[channels]`.
///
/// # Safety
/// `gradient` reaches so many values, and nobody else touches those of the rows.
pub(crate) unsafe fn backward(
    set: InstructionSet,
    rows: Rows,
    scale: &[f32],
    (normalised, inverse): (&[f32], &[f32]),
    gradient: *mut f32,
) {
    rows.check(normalised.len() / TILE, scale.len());
    assert!(inverse.len() >= TILE);
    set.dispatch(Backward { rows, scale, normalised, inverse, gradient });
}

/// The gradients of scale and shift of a channel: `Σ x̂ dy` and `Σ dy` over its positions and samples.
///
/// normalised, gradient: `[positions][TILE]`.
pub(crate) fn affine_gradients(set: InstructionSet, normalised: &[f32], gradient: &[f32]) -> [f32; 2] {
    assert!(normalised.len() >= gradient.len() && gradient.len().is_multiple_of(TILE));
    set.dispatch(AffineGradients { normalised, gradient })
}

struct Forward<'a> {
    rows: Rows,
    scale: &'a [f32],
    shift: &'a [f32],
    values: *mut f32,
    normalised: Option<*mut f32>,
    inverse: *mut f32,
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { rows, values, .. } = self;
        let (zero, count) = (simd.splat(0.0), simd.splat(rows.count as f32));
        for lane in (0..TILE).step_by(S::Vector::LANES) {
            // SAFETY: rows were checked at the entry, and the pointers are the caller's promise.
            unsafe {
                let load = |index: usize| simd.load(values.add(rows.at(index) + lane));
                let mean = sum_of(zero, rows.count, |sum, index| sum + load(index)) / count;
                let variance = sum_of(zero, rows.count, |sum, index| {
                    let deviation = load(index) - mean;
                    deviation.mul_add(deviation, sum)
                }) / count;
                let inverse = simd.splat(1.0) / (variance + simd.splat(EPSILON)).sqrt();
                let mut index = 0;
                let mut channel = rows.channel;
                while index < rows.count {
                    let scale = simd.splat(*self.scale.get_unchecked(channel));
                    let shift = simd.splat(*self.shift.get_unchecked(channel));
                    let end = rows.count.min(index + rows.run);
                    for index in index..end {
                        let unit = (load(index) - mean) * inverse;
                        if let Some(normalised) = self.normalised {
                            unit.store(normalised.add(rows.at(index) + lane));
                        }
                        unit.mul_add(scale, shift).store(values.add(rows.at(index) + lane));
                    }
                    index = end;
                    channel += 1;
                }
                if self.normalised.is_some() {
                    inverse.store(self.inverse.add(lane));
                }
            }
        }
    }
}

/// A sum over rows in pieces.
#[inline(always)]
fn sum_of<V: Vector>(zero: V, count: usize, mut add: impl FnMut(V, usize) -> V) -> V {
    let mut total = zero;
    let mut start = 0;
    while start < count {
        let end = count.min(start + TOGETHER);
        let mut sum = zero;
        for index in start..end {
            sum = add(sum, index);
        }
        total = total + sum;
        start = end;
    }
    total
}

struct Backward<'a> {
    rows: Rows,
    scale: &'a [f32],
    normalised: &'a [f32],
    inverse: &'a [f32],
    gradient: *mut f32,
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { rows, gradient, .. } = self;
        let (zero, count) = (simd.splat(0.0), simd.splat(rows.count as f32));
        for lane in (0..TILE).step_by(S::Vector::LANES) {
            // SAFETY: rows were checked at the entry, and the pointer is the caller's promise.
            unsafe {
                let scale = |index: usize| simd.splat(*self.scale.get_unchecked(rows.channel + index / rows.run));
                let unit = |index: usize| simd.load(self.normalised.as_ptr().add(rows.at(index) + lane));
                let scaled = |index: usize| simd.load(gradient.add(rows.at(index) + lane)) * scale(index);
                let mean = sum_of(zero, rows.count, |sum, index| sum + scaled(index)) / count;
                let product = sum_of(zero, rows.count, |sum, index| scaled(index).mul_add(unit(index), sum)) / count;
                let inverse = simd.load(self.inverse.as_ptr().add(lane));
                for index in 0..rows.count {
                    let centred = scaled(index) - mean;
                    let dx = (-product).mul_add(unit(index), centred) * inverse;
                    dx.store(gradient.add(rows.at(index) + lane));
                }
            }
        }
    }
}

struct AffineGradients<'a> {
    normalised: &'a [f32],
    gradient: &'a [f32],
}

impl Kernel for AffineGradients<'_> {
    type Output = [f32; 2];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [f32; 2] {
        let zero = simd.splat(0.0);
        let lanes = S::Vector::LANES;
        let (mut products, mut sums) = ([zero; TILE / 4], [zero; TILE / 4]);
        for lane in 0..TILE / lanes {
            // SAFETY: the lengths were checked at the entry.
            unsafe {
                let at = |index: usize| index * TILE + lane * lanes;
                let gradient = |index: usize| simd.load(self.gradient.as_ptr().add(at(index)));
                let unit = |index: usize| simd.load(self.normalised.as_ptr().add(at(index)));
                let count = self.gradient.len() / TILE;
                products[lane] = sum_of(zero, count, |sum, index| gradient(index).mul_add(unit(index), sum));
                sums[lane] = sum_of(zero, count, |sum, index| sum + gradient(index));
            }
        }
        [simd.fold(products), simd.fold(sums)]
    }
}
