use super::{exp, polynomial};
use crate::simd::{Simd, Vector};

/// Largest error of [`erf`] in ULP.
#[cfg(test)]
pub(crate) const ERF_ULP: f64 = 2.0;

// erf(x) = x + x P(x²) for |x| < SMALL, 1 - exp(-x - x Q(x)) up to LARGE, and 1 beyond.
const SMALL: f32 = 0.9;
const LARGE: f32 = 3.925;
const ERF_SMALL: [f32; 7] = [
    0.12837916612625122,
    -0.37612631916999817,
    0.11283683031797409,
    -0.026859188452363014,
    0.005201258230954409,
    -0.0008150815847329795,
    8.420147059950978e-05,
];
const ERF_LARGE: [f32; 8] = [
    0.1285364180803299,
    0.6356967091560364,
    0.10512317717075348,
    -0.022526193410158157,
    0.0028382278978824615,
    -1.6127627532114275e-05,
    -5.2183760999469087e-05,
    5.483049790200312e-06,
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
