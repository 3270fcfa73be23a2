use super::polynomial;
use crate::simd::{Simd, Vector};

/// Largest error of [`sine_and_cosine`], absolute, in ULP of 1 (1.2e-7), for arguments up to [`SINE_LARGEST`].
#[cfg(test)]
pub(crate) const SINE_ULP: f64 = 1.0;

/// Beyond this argument the result loses digits, since π/2 is held in three `f32`.
#[cfg(test)]
pub(crate) const SINE_LARGEST: f32 = 8192.0;

// sin(x) = x + x³ P(x²), cos(x) = 1 - x²/2 + x⁴ Q(x²) for |x| < π/4.
const SIN: [f32; 4] = [-0.166_666_67, 0.008_333_474, -0.000_199_011_05, 3.380_281e-6];
const COS: [f32; 3] = [0.041_666_664, -0.001_388_821_9, 2.453_060_7e-5];
// π/2 in three parts, the first two short, so that their products with a small integer are exact.
const HALF_PI: [f32; 3] = [1.5703125, 0.000_483_751_3, 7.549_79e-8];
const ROUND: f32 = 12_582_912.0;

/// `(sin x, cos x)`.
#[inline(always)]
pub(crate) fn sine_and_cosine<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
    let round = simd.splat(ROUND);
    let quarters = x.mul_add(simd.splat(std::f32::consts::FRAC_2_PI), round) - round;
    let mut r = x;
    for part in HALF_PI {
        r = quarters.mul_add(simd.splat(-part), r);
    }
    let square = r * r;
    let sine = (square * r).mul_add(polynomial(simd, square, SIN), r);
    let one = simd.splat(1.0);
    let cosine = (square * square).mul_add(polynomial(simd, square, COS), square.mul_add(simd.splat(-0.5), one));
    // The quadrant, -2 to 2:  0: (s, c)   1: (c, -s)   ±2: (-s, -c)   -1: (-c, s).
    let turns = quarters.mul_add(simd.splat(0.25), round) - round;
    let quadrant = turns.mul_add(simd.splat(-4.0), quarters);
    let odd = (quadrant.abs() - one).abs().less_than(simd.splat(0.5));
    let (sine_sign, cosine_sign) = (sign(simd, quadrant, -0.5, 1.5), sign(simd, quadrant, -1.5, 0.5));
    (sine_sign * S::Vector::select(odd, cosine, sine), cosine_sign * S::Vector::select(odd, sine, cosine))
}

/// -1 below `below` and above `above`, 1 between. (A closure might not be inlined, and would then lack the instructions.)
#[inline(always)]
fn sign<S: Simd>(simd: S, quadrant: S::Vector, below: f32, above: f32) -> S::Vector {
    let one = simd.splat(1.0);
    let upper = S::Vector::select(simd.splat(above).less_than(quadrant), -one, one);
    S::Vector::select(quadrant.less_than(simd.splat(below)), -one, upper)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::ulp::{Function, check_all, check_sample};

    struct Sine;

    impl Function for Sine {
        const NAME: &'static str = "sin";
        const BOUND: f64 = SINE_ULP;
        const ABSOLUTE: bool = true;
        const LARGEST: f32 = SINE_LARGEST;
        #[inline(always)]
        fn fast<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
            sine_and_cosine(simd, x).0
        }
        fn exact(x: f64) -> f64 {
            libm::sin(x)
        }
    }

    struct Cosine;

    impl Function for Cosine {
        const NAME: &'static str = "cos";
        const BOUND: f64 = SINE_ULP;
        const ABSOLUTE: bool = true;
        const LARGEST: f32 = SINE_LARGEST;
        #[inline(always)]
        fn fast<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
            sine_and_cosine(simd, x).1
        }
        fn exact(x: f64) -> f64 {
            libm::cos(x)
        }
    }

    #[test]
    fn a_sample_of_arguments_is_within_the_bound() {
        check_sample::<Sine>();
        check_sample::<Cosine>();
    }

    #[test]
    #[ignore = "all four thousand million arguments"]
    fn every_argument_is_within_the_bound() {
        check_all::<Sine>();
        check_all::<Cosine>();
    }
}
