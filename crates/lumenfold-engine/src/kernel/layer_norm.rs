//! Layer normalisation over the features of each sample; Ba, Kiros and Hinton (2016), arXiv:1607.06450, eq. 3 and 4.
//! A sample owns a lane, so mean and variance need no sum across lanes.

use super::TILE;
use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// Added to the variance, as in PyTorch.
pub(crate) const EPSILON: f32 = 1e-5;

/// What the backward pass needs: normalised values `[width][TILE]` and `1 / sqrt(variance + ε)` `[TILE]`.
pub(crate) struct Kept<'a> {
    pub(crate) normalised: &'a mut [f32],
    pub(crate) inverse_deviation: &'a mut [f32],
}

/// `values = scale · (values - mean) / sqrt(variance + ε) + shift`, over features. values: `[width][TILE]`,
/// scale and shift: `[width]`.
pub(crate) fn forward(set: InstructionSet, scale: &[f32], shift: &[f32], values: &mut [f32], kept: Kept<'_>) {
    let width = scale.len();
    assert!(shift.len() == width && values.len() >= width * TILE);
    assert!(kept.normalised.len() >= width * TILE && kept.inverse_deviation.len() >= TILE);
    set.dispatch(Forward { scale, shift, values, kept });
}

/// The gradient of the output becomes that of the input, in place; the gradients of scale and shift are added to
/// (or overwrite) theirs. Samples beyond the batch must have a gradient of zero.
#[expect(clippy::too_many_arguments, reason = "one kernel, one row of operands")]
pub(crate) fn backward(
    set: InstructionSet,
    scale: &[f32],
    normalised: &[f32],
    inverse_deviation: &[f32],
    gradient: &mut [f32],
    scale_gradient: &mut [f32],
    shift_gradient: &mut [f32],
    accumulate: bool,
) {
    let width = scale.len();
    assert!(normalised.len() >= width * TILE && gradient.len() >= width * TILE && inverse_deviation.len() >= TILE);
    assert!(scale_gradient.len() >= width && shift_gradient.len() >= width);
    set.dispatch(Backward {
        scale,
        normalised,
        inverse_deviation,
        gradient,
        scale_gradient,
        shift_gradient,
        accumulate,
    });
}

/// Vectors of samples that are normalised side by side, so that their sums do not wait for one another.
const VECTORS: usize = 4;

struct Forward<'a> {
    scale: &'a [f32],
    shift: &'a [f32],
    values: &'a mut [f32],
    kept: Kept<'a>,
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let lanes = S::Vector::LANES;
        let width = self.scale.len();
        let count = simd.splat(width as f32);
        let values = self.values.as_mut_ptr();
        let normalised = self.kept.normalised.as_mut_ptr();
        let inverse_deviation = self.kept.inverse_deviation.as_mut_ptr();
        for sample in (0..TILE).step_by(VECTORS * lanes) {
            let mut mean = [simd.splat(0.0); VECTORS];
            let mut variance = [simd.splat(0.0); VECTORS];
            // SAFETY: feature < width and sample + VECTORS * lanes <= TILE; lengths were checked at the entry.
            unsafe {
                for feature in 0..width {
                    for (index, mean) in mean.iter_mut().enumerate() {
                        *mean = *mean + simd.load(values.add(feature * TILE + sample + index * lanes));
                    }
                }
                for mean in &mut mean {
                    *mean = *mean / count;
                }
                for feature in 0..width {
                    for (index, variance) in variance.iter_mut().enumerate() {
                        let deviation = simd.load(values.add(feature * TILE + sample + index * lanes)) - mean[index];
                        *variance = deviation.mul_add(deviation, *variance);
                    }
                }
                for (index, variance) in variance.iter_mut().enumerate() {
                    let deviation = (*variance / count + simd.splat(EPSILON)).sqrt();
                    *variance = simd.splat(1.0) / deviation;
                    variance.store(inverse_deviation.add(sample + index * lanes));
                }
                for feature in 0..width {
                    let scale = simd.splat(*self.scale.as_ptr().add(feature));
                    let shift = simd.splat(*self.shift.as_ptr().add(feature));
                    for index in 0..VECTORS {
                        let at = feature * TILE + sample + index * lanes;
                        let unit = (simd.load(values.add(at)) - mean[index]) * variance[index];
                        unit.store(normalised.add(at));
                        unit.mul_add(scale, shift).store(values.add(at));
                    }
                }
            }
        }
    }
}

struct Backward<'a> {
    scale: &'a [f32],
    normalised: &'a [f32],
    inverse_deviation: &'a [f32],
    gradient: &'a mut [f32],
    scale_gradient: &'a mut [f32],
    shift_gradient: &'a mut [f32],
    accumulate: bool,
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let lanes = S::Vector::LANES;
        let width = self.scale.len();
        let gradient = self.gradient.as_mut_ptr();
        let normalised = self.normalised.as_ptr();
        for feature in 0..width {
            // SAFETY: feature < width; lengths were checked at the entry.
            let (dot, sum) = unsafe {
                let row = gradient.add(feature * TILE);
                (simd.dot_of_rows(row, normalised.add(feature * TILE), TILE), simd.sum_of_rows(row, TILE))
            };
            if self.accumulate {
                self.scale_gradient[feature] += dot;
                self.shift_gradient[feature] += sum;
            } else {
                self.scale_gradient[feature] = dot;
                self.shift_gradient[feature] = sum;
            }
        }
        // dx = (g - mean(g) - x̂ mean(g x̂)) / deviation with g = scale · dy
        let inverse_count = simd.splat(-1.0) / simd.splat(width as f32);
        for sample in (0..TILE).step_by(VECTORS * lanes) {
            let mut mean = [simd.splat(0.0); VECTORS];
            let mut mean_product = [simd.splat(0.0); VECTORS];
            // SAFETY: as in the forward pass.
            unsafe {
                for feature in 0..width {
                    let scale = simd.splat(*self.scale.as_ptr().add(feature));
                    for index in 0..VECTORS {
                        let at = feature * TILE + sample + index * lanes;
                        let scaled = simd.load(gradient.add(at)) * scale;
                        scaled.store(gradient.add(at));
                        mean[index] = mean[index] + scaled;
                        mean_product[index] = scaled.mul_add(simd.load(normalised.add(at)), mean_product[index]);
                    }
                }
                for index in 0..VECTORS {
                    mean[index] = mean[index] * inverse_count;
                    mean_product[index] = mean_product[index] * inverse_count;
                }
                for feature in 0..width {
                    for index in 0..VECTORS {
                        let at = feature * TILE + sample + index * lanes;
                        let inverse_deviation = simd.load(self.inverse_deviation.as_ptr().add(sample + index * lanes));
                        let scaled = simd.load(gradient.add(at)) + mean[index];
                        let unit = simd.load(normalised.add(at));
                        (mean_product[index].mul_add(unit, scaled) * inverse_deviation).store(gradient.add(at));
                    }
                }
            }
        }
    }
}
