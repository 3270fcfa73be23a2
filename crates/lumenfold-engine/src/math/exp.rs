use crate::simd::{Simd, Vector};

/// Largest error of [`exp`] in ULP, for arguments between [`EXP_LOWEST`] and [`EXP_HIGHEST`].
#[cfg(test)]
pub(crate) const EXP_ULP: f64 = 1.2;

/// Smaller arguments are taken for this one: the result would fall below the normal numbers.
pub(crate) const EXP_LOWEST: f32 = -87.0;

/// Larger arguments are taken for this one: the result is then 1.65e38, near the largest number.
pub(crate) const EXP_HIGHEST: f32 = 88.0;

// exp(r) = 1 + r + r² Q(r) for |r| <= ln 2 / 16.
const EXP: [f32; 2] = [0.500_064_73, 0.166_678_7];
const STEPS: f32 = 8.0 * std::f32::consts::LOG2_E;
// ln 2 / 8 in two parts; the first has 13 bits, so that its product with a count of steps is exact.
const STEP: [f32; 2] = [0.086_639_404, 3.993_273e-6];
// Adding 1.5 · 2²³ rounds to an integer, which is then in the lowest bits; taking it away leaves the integer.
const ROUND: f32 = 12_582_912.0;
// The bits of 2^(j / 8), less what j adds to them when all steps are shifted to the exponent.
const ROOTS: [u32; 8] =
    [0x3f80_0000, 0x3f7b_95c2, 0x3f78_37f0, 0x3f75_fed7, 0x3f75_04f3, 0x3f75_672a, 0x3f77_44fd, 0x3f7a_c0c7];

/// The exponential function.
#[inline(always)]
pub(crate) fn exp<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    signed_exp::<S, false>(simd, x)
}

/// The exponential function of `-x`.
#[inline(always)]
pub(crate) fn exp_of_negative<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    signed_exp::<S, true>(simd, x)
}

/// With steps of ln 2 / 8: exp(±x) = 2^(steps / 8) exp(r); Tang (1989), ACM Transactions on Mathematical Software 15, 144.
#[inline(always)]
fn signed_exp<S: Simd, const NEGATIVE: bool>(simd: S, x: S::Vector) -> S::Vector {
    let (sign, lowest, highest) =
        if NEGATIVE { (-1.0, -EXP_HIGHEST, -EXP_LOWEST) } else { (1.0, EXP_LOWEST, EXP_HIGHEST) };
    let x = simd.splat(highest).smaller_of(simd.splat(lowest).greater_of(x));
    let rounded = x.mul_add(simd.splat(sign * STEPS), simd.splat(ROUND));
    let steps = rounded - simd.splat(ROUND);
    // r, or its negative
    let r = steps.mul_add(simd.splat(-sign * STEP[0]), x);
    let r = steps.mul_add(simd.splat(-sign * STEP[1]), r);
    let q = r.mul_add(simd.splat(sign * EXP[1]), simd.splat(EXP[0]));
    let fraction = (r * r).mul_add(q, if NEGATIVE { -r } else { r });
    let power = rounded.raised(&ROOTS);
    fraction.mul_add(power, power)
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
