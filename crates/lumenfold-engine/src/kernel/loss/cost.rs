//! What one error costs, and the derivative by the output, on vectors.

use crate::math::{exp, log, sigmoid};
use crate::simd::{Simd, Vector};

/// A cost of the output `y` where `target` is wanted.
pub(super) trait Cost {
    fn value_and_slope<S: Simd>(
        &self,
        simd: S,
        feature: usize,
        y: S::Vector,
        target: S::Vector,
    ) -> (S::Vector, S::Vector);
}

/// See [`Loss::Huber`](crate::Loss::Huber).
pub(super) struct Huber {
    pub(super) distance: f32,
}

impl Cost for Huber {
    #[inline(always)]
    fn value_and_slope<S: Simd>(&self, simd: S, _: usize, y: S::Vector, target: S::Vector) -> (S::Vector, S::Vector) {
        let residual = y - target;
        let distance = simd.splat(self.distance);
        // The part of the distance that is squared.
        let near = residual.abs().smaller_of(distance).copy_sign(residual);
        let value = near * ((residual + residual) - near);
        (value, near + near)
    }
}

/// See [`Loss::Normal`](crate::Loss::Normal).
pub(super) struct Normal<'a> {
    pub(super) log_variances: &'a [f32],
}

impl Cost for Normal<'_> {
    #[inline(always)]
    fn value_and_slope<S: Simd>(
        &self,
        simd: S,
        feature: usize,
        y: S::Vector,
        target: S::Vector,
    ) -> (S::Vector, S::Vector) {
        let log_variance = self.log_variances[feature].max(LOWEST_LOG_VARIANCE);
        let inverse = simd.splat(libm::expf(-log_variance));
        let constant = simd.splat(0.5 * (log_variance + LOG_TWO_PI));
        let residual = y - target;
        let slope = residual * inverse;
        ((slope * simd.splat(0.5)).mul_add(residual, constant), slope)
    }
}

/// The lowest logarithm of a variance: values that are told exactly would draw theirs down for ever. It is about that of
/// the rounding of a scaled value.
pub(crate) const LOWEST_LOG_VARIANCE: f32 = -14.0;

/// The logarithm of 2π.
const LOG_TWO_PI: f32 = 1.837_877_1;

/// See [`Loss::Bernoulli`](crate::Loss::Bernoulli).
pub(super) struct Bernoulli;

impl Cost for Bernoulli {
    #[inline(always)]
    fn value_and_slope<S: Simd>(&self, simd: S, _: usize, y: S::Vector, target: S::Vector) -> (S::Vector, S::Vector) {
        let one = simd.splat(1.0);
        // log(1 + exp(y)), where the exponential cannot overflow
        let rest = log(simd, one + exp(simd, -y.abs()));
        let value = (-target).mul_add(y, simd.splat(0.0).greater_of(y) + rest);
        (value, sigmoid(simd, y) - target)
    }
}

/// See [`Loss::Poisson`](crate::Loss::Poisson).
pub(super) struct Poisson;

impl Cost for Poisson {
    #[inline(always)]
    fn value_and_slope<S: Simd>(&self, simd: S, _: usize, y: S::Vector, target: S::Vector) -> (S::Vector, S::Vector) {
        let rate = exp(simd, y);
        ((-target).mul_add(y, rate), rate - target)
    }
}
