//! The elementwise functions and their derivatives, on vectors.

use crate::math::{erf, exp, sigmoid, sine_and_cosine, tanh};
use crate::simd::{Simd, Vector};

/// The slope of leaky ReLU below zero, as in PyTorch.
pub(crate) const LEAKY_SLOPE: f32 = 0.01;

/// A function and its derivative.
pub(crate) trait Function {
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector);
}

/// Runs `$use` with the type that stands for an activation in place of `$function`.
macro_rules! with_function {
    ($activation:expr, $function:ident => $use:expr) => {{
        use $crate::kernel::function as functions;
        match $activation {
            $crate::layer::Activation::Silu => {
                type $function = functions::Silu;
                $use
            }
            $crate::layer::Activation::Relu => {
                type $function = functions::Relu;
                $use
            }
            $crate::layer::Activation::LeakyRelu => {
                type $function = functions::LeakyRelu;
                $use
            }
            $crate::layer::Activation::Gelu => {
                type $function = functions::Gelu;
                $use
            }
            $crate::layer::Activation::Tanh => {
                type $function = functions::Tanh;
                $use
            }
            $crate::layer::Activation::Sin => {
                type $function = functions::Sin;
                $use
            }
            $crate::layer::Activation::Sigmoid => {
                type $function = functions::Sigmoid;
                $use
            }
            $crate::layer::Activation::Identity => {
                type $function = functions::Identity;
                $use
            }
            $crate::layer::Activation::Exp => {
                type $function = functions::Exp;
                $use
            }
        }
    }};
}
pub(crate) use with_function;

/// `x σ(x)`; Elfwing, Uchibe and Doya (2018), Neural Networks 107, 3.
pub(crate) struct Silu;
impl Function for Silu {
    #[inline(always)]
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        let gate = sigmoid(simd, x);
        let value = x * gate;
        // σ + x σ (1 - σ)
        (value, (simd.splat(1.0) - gate).mul_add(value, gate))
    }
}

/// `max(x, 0)`.
pub(crate) struct Relu;
impl Function for Relu {
    #[inline(always)]
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        let zero = simd.splat(0.0);
        (zero.greater_of(x), S::Vector::select(zero.less_than(x), simd.splat(1.0), zero))
    }
}

/// `x` above zero, 0.01 `x` below.
pub(crate) struct LeakyRelu;
impl Function for LeakyRelu {
    #[inline(always)]
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        let slope = S::Vector::select(simd.splat(0.0).less_than(x), simd.splat(1.0), simd.splat(LEAKY_SLOPE));
        (x * slope, slope)
    }
}

/// `x Φ(x)` with the normal distribution function Φ, not its tanh approximation; Hendrycks and Gimpel (2016),
/// arXiv:1606.08415.
pub(crate) struct Gelu;
impl Function for Gelu {
    #[inline(always)]
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        const ROOT_HALF: f32 = std::f32::consts::FRAC_1_SQRT_2;
        const ROOT_TWO_PI_INVERSE: f32 = 0.398_942_3;
        let half = simd.splat(0.5);
        let distribution = half.mul_add(erf(simd, x * simd.splat(ROOT_HALF)), half);
        let density = exp(simd, x * x * simd.splat(-0.5)) * simd.splat(ROOT_TWO_PI_INVERSE);
        (x * distribution, x.mul_add(density, distribution))
    }
}

/// The hyperbolic tangent.
pub(crate) struct Tanh;
impl Function for Tanh {
    #[inline(always)]
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        let value = tanh(simd, x);
        (value, (-value).mul_add(value, simd.splat(1.0)))
    }
}

/// The sine, whose derivative is the cosine; Sitzmann et al. (2020), arXiv:2006.09661.
pub(crate) struct Sin;
impl Function for Sin {
    #[inline(always)]
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        sine_and_cosine(simd, x)
    }
}

/// The logistic function.
pub(crate) struct Sigmoid;
impl Function for Sigmoid {
    #[inline(always)]
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        let value = sigmoid(simd, x);
        (value, value * (simd.splat(1.0) - value))
    }
}

/// No change.
pub(crate) struct Identity;
impl Function for Identity {
    #[inline(always)]
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        (x, simd.splat(1.0))
    }
}

/// The exponential function.
pub(crate) struct Exp;
impl Function for Exp {
    #[inline(always)]
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        let value = exp(simd, x);
        (value, value)
    }
}
