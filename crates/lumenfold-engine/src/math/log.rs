use super::polynomial;
use crate::simd::{Simd, Vector, Words};

/// Largest error of [`log`] in ULP, over the positive normal numbers.
#[cfg(test)]
pub(crate) const LOG_ULP: f64 = 1.5;

// The bits of the root of one half: mantissas are taken from there to the root of two.
const ROOT_HALF: u32 = 0x3f35_04f3;
const MANTISSA: u32 = 0x007f_ffff;
// log(1 + t) = t - t² / 2 + t³ P(t)
const LOG: [f32; 8] =
    [0.333_333_3, -0.250_008_2, 0.200_012_43, -0.166_234_1, 0.142_015_4, -0.131_595_5, 0.127_624_85, -0.076_369_405];
// ln 2 in two parts; the first has 15 bits, so that its product with an exponent is exact.
const LN_2: [f32; 2] = [0.693_145_75, 1.428_606_8e-6];

/// The natural logarithm of positive normal numbers. Of anything else it is some number, and NaN of NaN.
#[inline(always)]
pub(crate) fn log<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    let bits = S::Words::of(x).minus(simd.words(ROOT_HALF));
    let exponent = bits.shifted_right_signed::<23>().to_float();
    let mantissa = bits.and(simd.words(MANTISSA)).plus(simd.words(ROOT_HALF)).as_float();
    let t = mantissa - simd.splat(1.0);
    let square = t * t;
    let rest = (t * square) * polynomial(simd, t, LOG);
    let low = exponent.mul_add(simd.splat(LN_2[1]), rest);
    let low = square.mul_add(simd.splat(-0.5), low);
    let result = exponent.mul_add(simd.splat(LN_2[0]), t + low);
    // Bits are numbers of any kind; only a NaN is to stay one.
    result + x * simd.splat(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::ulp::{Function, check_all, check_sample};

    struct Log;

    impl Function for Log {
        const NAME: &'static str = "log";
        const BOUND: f64 = LOG_ULP;
        const LARGEST: f32 = f32::MAX;
        #[inline(always)]
        fn fast<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
            // Other numbers than positive normal ones are taken for one that is.
            let least = simd.splat(f32::MIN_POSITIVE);
            log(simd, least.greater_of(x.abs()))
        }
        fn exact(x: f64) -> f64 {
            libm::log(x.abs().max(f64::from(f32::MIN_POSITIVE)))
        }
    }

    #[test]
    fn a_sample_of_arguments_is_within_the_bound() {
        check_sample::<Log>();
    }

    #[test]
    #[ignore = "all four thousand million arguments"]
    fn every_argument_is_within_the_bound() {
        check_all::<Log>();
    }
}
