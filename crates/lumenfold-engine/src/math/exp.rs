use crate::simd::{Simd, Vector};

/// Largest error of [`exp`] in ULP, for arguments between [`EXP_LOWEST`] and [`EXP_HIGHEST`].
#[cfg(test)]
pub(crate) const EXP_ULP: f64 = 1.1;

/// Smaller arguments are taken for this one: the result would fall below the normal numbers.
pub(crate) const EXP_LOWEST: f32 = -87.0;

/// Larger arguments are taken for this one: the result is then 1.65e38, near the largest number.
pub(crate) const EXP_HIGHEST: f32 = 88.0;

// exp(r) = 1 + r + r² Q(r) for |r| <= ln 2 / 2.
const EXP: [f32; 5] = [0.499_999_97, 0.166_665_21, 0.041_667_223, 0.008_368_679, 0.001_389_085_4];
const LOG2_E: f32 = std::f32::consts::LOG2_E;
// ln 2 in two parts; the first has 15 bits, so that its product with an exponent is exact.
const LN_2: [f32; 2] = [0.693_145_75, 1.428_606_8e-6];
// Adding and taking away 1.5 · 2²³ rounds to an integer.
const ROUND: f32 = 12_582_912.0;

/// The exponential function.
#[inline(always)]
pub(crate) fn exp<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    let x = simd.splat(EXP_HIGHEST).smaller_of(simd.splat(EXP_LOWEST).greater_of(x));
    let power = x.mul_add(simd.splat(LOG2_E), simd.splat(ROUND)) - simd.splat(ROUND);
    let r = power.mul_add(simd.splat(-LN_2[0]), x);
    let r = power.mul_add(simd.splat(-LN_2[1]), r);
    // Estrin's scheme: the powers of r are at hand sooner than Horner's sums.
    let square = r * r;
    let low = r.mul_add(simd.splat(EXP[1]), simd.splat(EXP[0]));
    let high = r.mul_add(simd.splat(EXP[3]), simd.splat(EXP[2]));
    let q = square.mul_add(simd.splat(EXP[4]), high).mul_add(square, low);
    let fraction = square.mul_add(q, r) + simd.splat(1.0);
    fraction.times_two_to_the(power)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::ulp::{Function, check_all, check_sample};

    struct Exp;

    impl Function for Exp {
        const NAME: &'static str = "exp";
        const BOUND: f64 = EXP_ULP;
        const LARGEST: f32 = f32::MAX;
        #[inline(always)]
        fn fast<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
            exp(simd, x)
        }
        fn exact(x: f64) -> f64 {
            libm::exp(x.clamp(f64::from(EXP_LOWEST), f64::from(EXP_HIGHEST)))
        }
    }

    #[test]
    fn a_sample_of_arguments_is_within_the_bound() {
        check_sample::<Exp>();
    }

    #[test]
    #[ignore = "all four thousand million arguments"]
    fn every_argument_is_within_the_bound() {
        check_all::<Exp>();
    }
}
