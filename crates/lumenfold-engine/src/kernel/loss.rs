//! The reconstruction loss: weighted squared error.

use super::{TILE, gather::clear_beyond};
use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// Returns `Σ_s Σ_f w_f v_fs (y - t)²` over the first `samples` of the tile, and sets
/// `gradient = factor · w_f v_fs (y - t)`, zero beyond them. Without weights for each value, `v` is one.
///
/// y, target, gradient, value_weights: `[features][TILE]`; weights: `[features]`.
pub(crate) fn squared_error(
    set: InstructionSet,
    weights: &[f32],
    value_weights: Option<&[f32]>,
    (y, target, gradient): (&[f32], &[f32], &mut [f32]),
    factor: f32,
    samples: usize,
) -> f64 {
    let features = weights.len();
    assert!(y.len() >= features * TILE && target.len() >= features * TILE && gradient.len() >= features * TILE);
    assert!(value_weights.is_none_or(|weights| weights.len() >= features * TILE));
    let mut sums = [0.0; TILE];
    set.dispatch(SquaredError { weights, value_weights, y, target, gradient, factor, sums: &mut sums });
    clear_beyond(samples, features, gradient);
    sums[..samples].iter().map(|sum| f64::from(*sum)).sum()
}

struct SquaredError<'a> {
    weights: &'a [f32],
    value_weights: Option<&'a [f32]>,
    y: &'a [f32],
    target: &'a [f32],
    gradient: &'a mut [f32],
    factor: f32,
    sums: &'a mut [f32; TILE],
}

impl Kernel for SquaredError<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let factor = simd.splat(self.factor);
        for sample in (0..TILE).step_by(S::Vector::LANES) {
            let mut sum = simd.splat(0.0);
            // SAFETY: sample + LANES <= TILE; lengths were checked at the entry.
            unsafe {
                for (feature, weight) in self.weights.iter().enumerate() {
                    let at = feature * TILE + sample;
                    let residual = simd.load(self.y.as_ptr().add(at)) - simd.load(self.target.as_ptr().add(at));
                    let mut weighted = residual * simd.splat(*weight);
                    if let Some(weights) = self.value_weights {
                        weighted = weighted * simd.load(weights.as_ptr().add(at));
                    }
                    sum = weighted.mul_add(residual, sum);
                    (weighted * factor).store(self.gradient.as_mut_ptr().add(at));
                }
                sum.store(self.sums.as_mut_ptr().add(sample));
            }
        }
    }
}
