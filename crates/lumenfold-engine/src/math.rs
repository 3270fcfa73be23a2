//! Elementary functions on vectors of `f32`.
//!
//! One function per file, each with its bound in units in the last place (ULP) as a constant, a sampled test and an
//! exhaustive one over all `f32` values that is ignored by default (`cargo test --release -- --ignored`). The
//! coefficients come from `tools/fit_polynomials.py`. All use fused multiply-add in a fixed order, so a lane's result
//! has the same bits on every instruction set. A NaN in is a NaN out.

mod erf;
mod exp;
mod log;
mod sigmoid;
mod sine;
mod tanh;
#[cfg(test)]
mod ulp;

pub(crate) use erf::erf;
pub(crate) use exp::{exp, exp_of_negative};
pub(crate) use log::log;
pub(crate) use sigmoid::sigmoid;
pub(crate) use sine::sine_and_cosine;
pub(crate) use tanh::tanh;

use crate::simd::{Simd, Vector};

/// `c[0] + c[1] x + c[2] x² + …` by Horner's rule.
#[inline(always)]
pub(crate) fn polynomial<S: Simd, const N: usize>(simd: S, x: S::Vector, coefficients: [f32; N]) -> S::Vector {
    let mut sum = simd.splat(coefficients[N - 1]);
    let mut index = N - 1;
    while index > 0 {
        index -= 1;
        sum = sum.mul_add(x, simd.splat(coefficients[index]));
    }
    sum
}
