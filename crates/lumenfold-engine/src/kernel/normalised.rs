//! An activation and the layer normalisation that follows it, in one: Ba, Kiros and Hinton (2016), arXiv:1607.06450,
//! eq. 3 and 4, over the features of each sample. A sample owns a lane, so mean and variance need no sum across lanes.
//!
//! What limits these kernels is the traffic with the caches, so the activation is summed while it is computed, and the
//! backward pass finds the normalised values again instead of reading them.

use super::function::{Function, with_function};
use crate::layer::Activation;
use crate::simd::{InstructionSet, Kernel, SUM_LANES, Several, Simd, Vector};

/// Added to the variance, as in PyTorch.
pub(crate) const EPSILON: f32 = 1e-5;

/// What the backward pass needs. activated, slope: `[width][TILE]`, the values that were normalised and the derivative
/// of the activation; statistics: `[2][TILE]`, mean and `1 / sqrt(variance + ε)`.
pub(crate) struct Kept<'a> {
    pub(crate) activated: &'a mut [f32],
    pub(crate) slope: &'a mut [f32],
    pub(crate) statistics: &'a mut [f32],
}

/// `values = scale · (a - mean) / sqrt(variance + ε) + shift` with `a = activation(values)`, over features.
///
/// values: `[width][TILE]`; scale, shift: `[width]`. Nothing is kept if no backward pass follows.
pub(crate) fn forward<const TILE: usize>(
    set: InstructionSet,
    activation: Activation,
    (scale, shift): (&[f32], &[f32]),
    values: &mut [f32],
    kept: Option<Kept<'_>>,
) {
    let width = scale.len();
    assert!(shift.len() == width && values.len() >= width * TILE);
    let pointers = match kept {
        Some(Kept { activated, slope, statistics }) => {
            assert!(activated.len() >= width * TILE && slope.len() >= width * TILE && statistics.len() >= 2 * TILE);
            let kept = (activated.as_mut_ptr(), slope.as_mut_ptr());
            let pointers = Pointers {
                values: values.as_mut_ptr(),
                activated: kept.0,
                slope: kept.1,
                statistics: statistics.as_mut_ptr(),
            };
            with_function!(activation, F => set.dispatch(Forward::<F, KEEP, TILE> {
                width, scale, shift, pointers, function: std::marker::PhantomData
            }));
            return;
        }
        None => Pointers::in_place(values, std::ptr::null_mut()),
    };
    with_function!(activation, F => set.dispatch(Forward::<F, FORGET, TILE> {
        width, scale, shift, pointers, function: std::marker::PhantomData
    }));
}

/// `values = a - mean` with `a = activation(values)`, and `inverse_deviation = 1 / sqrt(variance + ε)`, over features: what
/// [`forward`] does but for its last step.
///
/// values: `[width][TILE]`, the whole slice; inverse_deviation: `[TILE]`.
pub(crate) fn centre<const TILE: usize>(
    set: InstructionSet,
    activation: Activation,
    values: &mut [f32],
    inverse_deviation: &mut [f32],
) {
    let width = values.len() / TILE;
    assert!(inverse_deviation.len() >= TILE);
    let pointers = Pointers::in_place(values, inverse_deviation.as_mut_ptr());
    with_function!(activation, F => set.dispatch(Forward::<F, CENTRE, TILE> {
        width, scale: &[], shift: &[], pointers, function: std::marker::PhantomData
    }));
}

/// What [`forward`] left for [`backward`], to be read.
#[derive(Clone, Copy)]
pub(crate) struct Left<'a> {
    pub(crate) activated: &'a [f32],
    pub(crate) slope: &'a [f32],
    pub(crate) statistics: &'a [f32],
}

/// The gradient of the output becomes that of the activation's input, in place; the gradients of scale and shift are
/// added to (or overwrite) theirs. Samples beyond the batch must have a gradient of zero.
///
/// gradient: `[width][TILE]`; scale and the two gradients: `[width]`.
pub(crate) fn backward<const TILE: usize>(
    set: InstructionSet,
    scale: &[f32],
    left: Left<'_>,
    gradient: &mut [f32],
    (scale_gradient, shift_gradient): (&mut [f32], &mut [f32]),
    accumulate: bool,
) {
    let width = scale.len();
    assert!(left.activated.len() >= width * TILE && left.slope.len() >= width * TILE);
    assert!(left.statistics.len() >= 2 * TILE && gradient.len() >= width * TILE);
    assert!(scale_gradient.len() >= width && shift_gradient.len() >= width);
    set.dispatch(Backward::<TILE> { scale, left, gradient, scale_gradient, shift_gradient, accumulate });
}

/// Vectors of samples that are normalised side by side, so that their sums do not wait for one another.
const VECTORS: usize = 4;

/// What a forward pass leaves: all that the way back needs, the result alone, or the centred values and their deviation.
const KEEP: u8 = 0;
const FORGET: u8 = 1;
const CENTRE: u8 = 2;

/// Pointers to as many values as the functions above have checked. Where nothing is kept, the activated values take the
/// place of the values, and there is no slope.
struct Pointers {
    values: *mut f32,
    activated: *mut f32,
    slope: *mut f32,
    /// Mean and inverse deviation; the latter alone where values are centred.
    statistics: *mut f32,
}

impl Pointers {
    fn in_place(values: &mut [f32], statistics: *mut f32) -> Self {
        let values = values.as_mut_ptr();
        Self { values, activated: values, slope: std::ptr::null_mut(), statistics }
    }
}

struct Forward<'a, F, const MODE: u8, const TILE: usize> {
    width: usize,
    scale: &'a [f32],
    shift: &'a [f32],
    pointers: Pointers,
    function: std::marker::PhantomData<F>,
}

impl<F: Function, const MODE: u8, const TILE: usize> Kernel for Forward<'_, F, MODE, TILE> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        if TILE >= VECTORS * S::Vector::LANES {
            self.run_vectors::<S, VECTORS>(simd);
        } else {
            self.run_vectors::<S, 1>(simd);
        }
    }
}

impl<F: Function, const MODE: u8, const TILE: usize> Forward<'_, F, MODE, TILE> {
    #[inline(always)]
    fn run_vectors<S: Simd, const VECTORS: usize>(self, simd: S) {
        let lanes = S::Vector::LANES;
        let width = self.width;
        let count = simd.splat(width as f32);
        let Pointers { values, activated, slope, statistics } = self.pointers;
        for sample in (0..TILE).step_by(VECTORS * lanes) {
            let mut variance = [simd.splat(0.0); VECTORS];
            // SAFETY: feature < width and sample + VECTORS * lanes <= TILE; lengths were checked at the entry.
            unsafe {
                let several = Several::<S, VECTORS>(simd);
                let mut sum = several.splat(0.0);
                for feature in 0..width {
                    let at = feature * TILE + sample;
                    let (value, derivative) = F::value_and_derivative(several, several.load(values.add(at)));
                    value.store(activated.add(at));
                    if MODE == KEEP {
                        derivative.store(slope.add(at));
                    }
                    sum = sum + value;
                }
                let mean = sum.parts().map(|sum| sum / count);
                for feature in 0..width {
                    for (index, variance) in variance.iter_mut().enumerate() {
                        let at = feature * TILE + sample + index * lanes;
                        let deviation = simd.load(activated.add(at)) - mean[index];
                        *variance = deviation.mul_add(deviation, *variance);
                        if MODE == CENTRE {
                            deviation.store(values.add(at));
                        }
                    }
                }
                for (index, variance) in variance.iter_mut().enumerate() {
                    let deviation = (*variance / count + simd.splat(EPSILON)).sqrt();
                    *variance = simd.splat(1.0) / deviation;
                    let at = sample + index * lanes;
                    if MODE == KEEP {
                        mean[index].store(statistics.add(at));
                        variance.store(statistics.add(TILE + at));
                    }
                    if MODE == CENTRE {
                        variance.store(statistics.add(at));
                    }
                }
                if MODE == CENTRE {
                    continue;
                }
                for feature in 0..width {
                    let scale = simd.splat(*self.scale.as_ptr().add(feature));
                    let shift = simd.splat(*self.shift.as_ptr().add(feature));
                    for index in 0..VECTORS {
                        let at = feature * TILE + sample + index * lanes;
                        let unit = (simd.load(activated.add(at)) - mean[index]) * variance[index];
                        unit.mul_add(scale, shift).store(values.add(at));
                    }
                }
            }
        }
    }
}

struct Backward<'a, const TILE: usize> {
    scale: &'a [f32],
    left: Left<'a>,
    gradient: &'a mut [f32],
    scale_gradient: &'a mut [f32],
    shift_gradient: &'a mut [f32],
    accumulate: bool,
}

impl<const TILE: usize> Kernel for Backward<'_, TILE> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        // Vectors in a tile and in a group of lanes over which sums are arranged; constants of the instruction set.
        match (S::Vector::LANES, TILE / S::Vector::LANES) {
            (16, 1) => self.run_vectors::<S, 1, 1>(simd),
            (16, _) => self.run_vectors::<S, 4, 1>(simd),
            (8, 2) => self.run_vectors::<S, 2, 2>(simd),
            (8, _) => self.run_vectors::<S, 8, 2>(simd),
            (_, 4) => self.run_vectors::<S, 4, 4>(simd),
            (..) => self.run_vectors::<S, 16, 4>(simd),
        }
    }
}

impl<const TILE: usize> Backward<'_, TILE> {
    #[inline(always)]
    fn run_vectors<S: Simd, const V: usize, const G: usize>(self, simd: S) {
        let lanes = S::Vector::LANES;
        let width = self.scale.len();
        let gradient = self.gradient.as_mut_ptr();
        let (activated, slope) = (self.left.activated.as_ptr(), self.left.slope.as_ptr());
        let zero = simd.splat(0.0);
        // x̂ = x / deviation + offset, with offset = - mean / deviation
        let (mut inverse_deviation, mut offset) = ([zero; V], [zero; V]);
        // dx = (g - mean(g) - x̂ mean(g x̂)) / deviation with g = scale · dy
        let (mut mean_g, mut mean_product) = ([zero; V], [zero; V]);
        // SAFETY: feature < width, and V vectors make a tile; lengths were checked at the entry.
        unsafe {
            for index in 0..V {
                inverse_deviation[index] = simd.load(self.left.statistics.as_ptr().add(TILE + index * lanes));
                let mean = simd.load(self.left.statistics.as_ptr().add(index * lanes));
                offset[index] = -mean * inverse_deviation[index];
            }
            for feature in 0..width {
                let scale = simd.splat(*self.scale.as_ptr().add(feature));
                let (mut dot, mut sum) = ([zero; SUM_LANES / 4], [zero; SUM_LANES / 4]);
                for index in 0..V {
                    let at = feature * TILE + index * lanes;
                    let dy = simd.load(gradient.add(at));
                    let unit = simd.load(activated.add(at)).mul_add(inverse_deviation[index], offset[index]);
                    let product = dy * unit;
                    dot[index % G] = dot[index % G] + product;
                    sum[index % G] = sum[index % G] + dy;
                    mean_g[index] = dy.mul_add(scale, mean_g[index]);
                    mean_product[index] = product.mul_add(scale, mean_product[index]);
                }
                let (dot, sum) = (simd.fold(dot), simd.fold(sum));
                let scale_gradient = self.scale_gradient.get_unchecked_mut(feature);
                let shift_gradient = self.shift_gradient.get_unchecked_mut(feature);
                if self.accumulate {
                    *scale_gradient += dot;
                    *shift_gradient += sum;
                } else {
                    *scale_gradient = dot;
                    *shift_gradient = sum;
                }
            }
            // dx = (scale · dy + x factor + constant) / deviation
            let inverse_count = simd.splat(-1.0) / simd.splat(width as f32);
            let (mut factor, mut constant) = ([zero; V], [zero; V]);
            for index in 0..V {
                let product = mean_product[index] * inverse_count;
                factor[index] = product * inverse_deviation[index];
                constant[index] = product.mul_add(offset[index], mean_g[index] * inverse_count);
            }
            for feature in 0..width {
                let scale = simd.splat(*self.scale.as_ptr().add(feature));
                for index in 0..V {
                    let at = feature * TILE + index * lanes;
                    let centred = simd.load(gradient.add(at)).mul_add(scale, constant[index]);
                    let dx = simd.load(activated.add(at)).mul_add(factor[index], centred) * inverse_deviation[index];
                    (dx * simd.load(slope.add(at))).store(gradient.add(at));
                }
            }
        }
    }
}
