use super::exp_of_negative;
use crate::simd::Simd;

/// Largest error of [`sigmoid`] in ULP, down to arguments of -87, below which it stays at 1.6e-38.
#[cfg(test)]
pub(crate) const SIGMOID_ULP: f64 = 2.9;

/// The logistic function `1 / (1 + exp(-x))`.
#[inline(always)]
pub(crate) fn sigmoid<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    let one = simd.splat(1.0);
    one / (one + exp_of_negative(simd, x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::ulp::{Function, check_all, check_sample};

    struct Sigmoid;

    impl Function for Sigmoid {
        const NAME: &'static str = "sigmoid";
        const BOUND: f64 = SIGMOID_ULP;
        const LARGEST: f32 = f32::MAX;
        #[inline(always)]
        fn fast<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
            sigmoid(simd, x)
        }
        fn exact(x: f64) -> f64 {
            1.0 / (1.0 + libm::exp((-x).clamp(-87.0, 88.0)))
        }
    }

    #[test]
    fn a_sample_of_arguments_is_within_the_bound() {
        check_sample::<Sigmoid>();
    }

    #[test]
    #[ignore = "all four thousand million arguments"]
    fn every_argument_is_within_the_bound() {
        check_all::<Sigmoid>();
    }
}
