use super::{exp, polynomial};
use crate::simd::{Simd, Vector};

/// Largest error of [`erf`] in ULP.
#[cfg(test)]
pub(crate) const ERF_ULP: f64 = 2.0;

// erf(x) = x + x P(x²) for |x| < SMALL, 1 - exp(-x - x Q(x)) up to LARGE, and 1 beyond.
const SMALL: f32 = 0.9;
const LARGE: f32 = 3.925;
const ERF_SMALL: [f32; 7] =
    [0.128_379_17, -0.376_126_32, 0.112_836_83, -0.026_859_188, 0.005_201_258, -0.000_815_081_6, 8.420_147e-5];
const ERF_LARGE: [f32; 8] = [
    0.128_536_42,
    0.635_696_7,
    0.105_123_18,
    -0.022_526_193,
    0.002_838_228,
    -1.612_762_8e-5,
    -5.218_376e-5,
    5.483_05e-6,
];

/// The error function.
#[inline(always)]
pub(crate) fn erf<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    let magnitude = x.abs();
    let near = x.mul_add(polynomial(simd, x * x, ERF_SMALL), x);
    let limited = simd.splat(LARGE).smaller_of(magnitude);
    let exponent = limited.mul_add(polynomial(simd, limited, ERF_LARGE), limited);
    let far = simd.splat(1.0) - exp(simd, -exponent);
    S::Vector::select(magnitude.less_than(simd.splat(SMALL)), near, far.copy_sign(x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::ulp::{Function, check_all, check_sample};

    struct Erf;

    impl Function for Erf {
        const NAME: &'static str = "erf";
        const BOUND: f64 = ERF_ULP;
        const LARGEST: f32 = f32::MAX;
        #[inline(always)]
        fn fast<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
            erf(simd, x)
        }
        fn exact(x: f64) -> f64 {
            libm::erf(x)
        }
    }

    #[test]
    fn a_sample_of_arguments_is_within_the_bound() {
        check_sample::<Erf>();
    }

    #[test]
    #[ignore = "all four thousand million arguments"]
    fn every_argument_is_within_the_bound() {
        check_all::<Erf>();
    }
}
