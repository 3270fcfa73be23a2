//! The reconstruction loss of a tile, and its gradient.

mod cost;

use super::{gather::clear_beyond, sums};
use crate::objective::Loss;
use crate::simd::{InstructionSet, Kernel, Simd, Vector};
use cost::{Bernoulli, Cost, Huber, Normal, Poisson};

pub(crate) use cost::LOWEST_LOG_VARIANCE;

/// What the loss of some features of a tile is made of.
pub(crate) struct Operands<'a> {
    /// What the decoder gives, `[features][TILE]`.
    pub(crate) output: &'a [f32],
    /// What it should give, `[features][TILE]`.
    pub(crate) target: &'a [f32],
    /// Gets the gradient of the output, `[features][TILE]`.
    pub(crate) gradient: &'a mut [f32],
    /// `[features]`.
    pub(crate) feature_weights: &'a [f32],
    /// `[features][TILE]`; none where all values weigh one.
    pub(crate) value_weights: Option<&'a [f32]>,
}

/// Returns the sum of the weighted costs over features and the first `samples` of the tile, and sets the gradient of
/// that sum times `factor`, zero beyond them.
///
/// log_variances: `[features]` of a learnt variance with where its gradient goes: that of the tile is added to it, or
/// overwrites it.
pub(crate) fn cost<const TILE: usize>(
    set: InstructionSet,
    loss: Loss,
    operands: Operands<'_>,
    log_variances: Option<LogVariances<'_>>,
    factor: f64,
    samples: usize,
) -> f64 {
    let Operands { output, target, gradient, feature_weights: weights, value_weights } = operands;
    let factor = (loss.slope_factor() * factor) as f32;
    let length = weights.len() * TILE;
    assert!(output.len() >= length && target.len() >= length && gradient.len() >= length);
    let values = Weighted { weights, value_weights, y: output, target, factor };
    match loss {
        Loss::SquaredError => {
            squared_error::<TILE>(set, weights, value_weights, (output, target, gradient), factor, samples)
        }
        Loss::Huber { distance } => values.run::<TILE>(set, Huber { distance }, gradient, samples),
        Loss::Bernoulli => values.run::<TILE>(set, Bernoulli, gradient, samples),
        Loss::Poisson => values.run::<TILE>(set, Poisson, gradient, samples),
        Loss::Normal => {
            let variances = log_variances.expect("a network with variances");
            let cost = Normal { log_variances: variances.values };
            values.slopes_of_variances::<TILE>(set, gradient, samples, variances);
            values.run::<TILE>(set, cost, gradient, samples)
        }
    }
}

/// The variances of a likelihood that are learnt.
pub(crate) struct LogVariances<'a> {
    /// Their logarithms, `[features]`.
    pub(crate) values: &'a [f32],
    /// Their gradient, `[features]`.
    pub(crate) gradient: &'a mut [f32],
    /// Whether it is added to what is there.
    pub(crate) accumulate: bool,
}

/// Returns `Σ_s Σ_f w_f v_fs (y - t)²` over the first `samples` of the tile, and sets
/// `gradient = factor · w_f v_fs (y - t)`, zero beyond them. Without weights for each value, `v` is one.
///
/// y, target, gradient, value_weights: `[features][TILE]`; weights: `[features]`.
fn squared_error<const TILE: usize>(
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
    set.dispatch(SquaredError::<TILE> { weights, value_weights, y, target, gradient, factor, sums: &mut sums });
    clear_beyond::<TILE>(samples, features, gradient);
    sums[..samples].iter().map(|sum| f64::from(*sum)).sum()
}

struct SquaredError<'a, const TILE: usize> {
    weights: &'a [f32],
    value_weights: Option<&'a [f32]>,
    y: &'a [f32],
    target: &'a [f32],
    gradient: &'a mut [f32],
    factor: f32,
    sums: &'a mut [f32; TILE],
}

impl<const TILE: usize> Kernel for SquaredError<'_, TILE> {
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

/// What costs are made of.
#[derive(Clone, Copy)]
struct Weighted<'a> {
    weights: &'a [f32],
    value_weights: Option<&'a [f32]>,
    y: &'a [f32],
    target: &'a [f32],
    factor: f32,
}

impl Weighted<'_> {
    fn run<const TILE: usize>(self, set: InstructionSet, cost: impl Cost, gradient: &mut [f32], samples: usize) -> f64 {
        assert!(self.value_weights.is_none_or(|weights| weights.len() >= self.weights.len() * TILE));
        let mut sums = [0.0; TILE];
        set.dispatch(Costs::<_, TILE> { cost, values: self, gradient: &mut *gradient, sums: &mut sums });
        clear_beyond::<TILE>(samples, self.weights.len(), gradient);
        sums[..samples].iter().map(|sum| f64::from(*sum)).sum()
    }

    /// The gradient of the logarithms of variances, `½ w (1 - (y - t)² / σ²)` summed over samples.
    fn slopes_of_variances<const TILE: usize>(
        self,
        set: InstructionSet,
        scratch: &mut [f32],
        samples: usize,
        variances: LogVariances<'_>,
    ) {
        let features = self.weights.len();
        for (feature, slopes) in scratch[..features * TILE].chunks_exact_mut(TILE).enumerate() {
            let inverse = libm::expf(-variances.values[feature].max(LOWEST_LOG_VARIANCE));
            for (sample, slope) in slopes.iter_mut().enumerate().take(samples) {
                let at = feature * TILE + sample;
                let residual = self.y[at] - self.target[at];
                let weight = self.weights[feature] * self.value_weights.map_or(1.0, |weights| weights[at]);
                *slope = 0.5 * self.factor * weight * (1.0 - residual * residual * inverse);
            }
            slopes[samples..].fill(0.0);
        }
        // At the lowest variance nothing goes further down.
        for (slopes, log_variance) in scratch.chunks_exact_mut(TILE).zip(variances.values) {
            if *log_variance <= LOWEST_LOG_VARIANCE && slopes.iter().sum::<f32>() > 0.0 {
                slopes.fill(0.0);
            }
        }
        sums::sum_over_samples::<TILE>(set, scratch, &mut variances.gradient[..features], variances.accumulate);
    }
}

struct Costs<'a, C, const TILE: usize> {
    cost: C,
    values: Weighted<'a>,
    gradient: &'a mut [f32],
    sums: &'a mut [f32; TILE],
}

impl<C: Cost, const TILE: usize> Kernel for Costs<'_, C, TILE> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Weighted { weights, value_weights, y, target, factor } = self.values;
        let factor = simd.splat(factor);
        for sample in (0..TILE).step_by(S::Vector::LANES) {
            let mut sum = simd.splat(0.0);
            // SAFETY: sample + LANES <= TILE; lengths were checked at the entry.
            unsafe {
                for (feature, weight) in weights.iter().enumerate() {
                    let at = feature * TILE + sample;
                    let (y, target) = (simd.load(y.as_ptr().add(at)), simd.load(target.as_ptr().add(at)));
                    let (value, slope) = self.cost.value_and_slope(simd, feature, y, target);
                    let mut weight = simd.splat(*weight);
                    if let Some(weights) = value_weights {
                        weight = weight * simd.load(weights.as_ptr().add(at));
                    }
                    sum = weight.mul_add(value, sum);
                    (weight * slope * factor).store(self.gradient.as_mut_ptr().add(at));
                }
                sum.store(self.sums.as_mut_ptr().add(sample));
            }
        }
    }
}
