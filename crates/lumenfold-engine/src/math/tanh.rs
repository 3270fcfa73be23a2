use super::{exp, polynomial};
use crate::simd::{Simd, Vector};

/// Largest error of [`tanh`] in ULP.
#[cfg(test)]
pub(crate) const TANH_ULP: f64 = 2.0;

// tanh(x) = x + x³ P(x²) for |x| < SMALL.
const SMALL: f32 = 0.625;
const TANH: [f32; 6] = [-0.333_333_34, 0.133_334_34, -0.053_983_953, 0.021_936_2, -0.008_812_076, 0.002_754_747_6];

/// The hyperbolic tangent: a polynomial near zero, `1 - 2 / (exp(2 |x|) + 1)` beyond.
#[inline(always)]
pub(crate) fn tanh<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    let magnitude = x.abs();
    let square = x * x;
    let near = (square * x).mul_add(polynomial(simd, square, TANH), x);
    let one = simd.splat(1.0);
    let far = one - simd.splat(2.0) / (exp(simd, magnitude + magnitude) + one);
    S::Vector::select(magnitude.less_than(simd.splat(SMALL)), near, far.copy_sign(x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::ulp::{Function, check_all, check_sample};

    struct Tanh;

    impl Function for Tanh {
        const NAME: &'static str = "tanh";
        const BOUND: f64 = TANH_ULP;
        const LARGEST: f32 = f32::MAX;
        #[inline(always)]
        fn fast<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
            tanh(simd, x)
        }
        fn exact(x: f64) -> f64 {
            libm::tanh(x)
        }
    }

    #[test]
    fn a_sample_of_arguments_is_within_the_bound() {
        check_sample::<Tanh>();
    }

    #[test]
    #[ignore = "all four thousand million arguments"]
    fn every_argument_is_within_the_bound() {
        check_all::<Tanh>();
    }
}
