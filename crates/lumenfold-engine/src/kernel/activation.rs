//! Activations, in place, with the derivative stored on the way forward.

use crate::layer::Activation;
use crate::math::{erf, exp, sigmoid, sine_and_cosine, tanh};
use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// The slope of leaky ReLU below zero, as in PyTorch.
pub(crate) const LEAKY_SLOPE: f32 = 0.01;

/// Replaces `values` by the activation of them and fills `derivative` if there is room for it.
pub(crate) fn forward(set: InstructionSet, activation: Activation, values: &mut [f32], derivative: Option<&mut [f32]>) {
    assert!(values.len().is_multiple_of(16));
    assert!(derivative.as_ref().is_none_or(|derivative| derivative.len() >= values.len()));
    match activation {
        Activation::Silu => set.dispatch(Forward::<Silu>::new(values, derivative)),
        Activation::Relu => set.dispatch(Forward::<Relu>::new(values, derivative)),
        Activation::LeakyRelu => set.dispatch(Forward::<LeakyRelu>::new(values, derivative)),
        Activation::Gelu => set.dispatch(Forward::<Gelu>::new(values, derivative)),
        Activation::Tanh => set.dispatch(Forward::<Tanh>::new(values, derivative)),
        Activation::Sin => set.dispatch(Forward::<Sin>::new(values, derivative)),
        Activation::Sigmoid => set.dispatch(Forward::<Sigmoid>::new(values, derivative)),
        Activation::Identity => {
            if let Some(derivative) = derivative {
                derivative[..values.len()].fill(1.0);
            }
        }
    }
}

/// `gradient *= derivative`.
pub(crate) fn backward(set: InstructionSet, derivative: &[f32], gradient: &mut [f32]) {
    assert!(gradient.len().is_multiple_of(16) && derivative.len() >= gradient.len());
    set.dispatch(Backward { derivative, gradient });
}

/// A function and its derivative.
trait Function {
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector);
}

struct Forward<'a, F> {
    values: &'a mut [f32],
    derivative: Option<&'a mut [f32]>,
    function: std::marker::PhantomData<F>,
}

impl<'a, F> Forward<'a, F> {
    fn new(values: &'a mut [f32], derivative: Option<&'a mut [f32]>) -> Self {
        Self { values, derivative, function: std::marker::PhantomData }
    }
}

impl<F: Function> Kernel for Forward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let values = self.values.as_mut_ptr();
        let derivative = self.derivative.map(<[f32]>::as_mut_ptr);
        for at in (0..self.values.len()).step_by(S::Vector::LANES) {
            // SAFETY: sixteen divides the length, which was checked at the entry for both.
            unsafe {
                let (value, slope) = F::value_and_derivative(simd, simd.load(values.add(at)));
                value.store(values.add(at));
                if let Some(derivative) = derivative {
                    slope.store(derivative.add(at));
                }
            }
        }
    }
}

struct Backward<'a> {
    derivative: &'a [f32],
    gradient: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let gradient = self.gradient.as_mut_ptr();
        for at in (0..self.gradient.len()).step_by(S::Vector::LANES) {
            // SAFETY: as in the forward pass.
            unsafe {
                let product = simd.load(gradient.add(at)) * simd.load(self.derivative.as_ptr().add(at));
                product.store(gradient.add(at));
            }
        }
    }
}

/// `x σ(x)`; Elfwing, Uchibe and Doya (2018), Neural Networks 107, 3.
struct Silu;
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
struct Relu;
impl Function for Relu {
    #[inline(always)]
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        let zero = simd.splat(0.0);
        (zero.greater_of(x), S::Vector::select(zero.less_than(x), simd.splat(1.0), zero))
    }
}

/// `x` above zero, 0.01 `x` below.
struct LeakyRelu;
impl Function for LeakyRelu {
    #[inline(always)]
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        let slope = S::Vector::select(simd.splat(0.0).less_than(x), simd.splat(1.0), simd.splat(LEAKY_SLOPE));
        (x * slope, slope)
    }
}

/// `x Φ(x)` with the normal distribution function Φ, not its tanh approximation; Hendrycks and Gimpel (2016),
/// arXiv:1606.08415.
struct Gelu;
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

struct Tanh;
impl Function for Tanh {
    #[inline(always)]
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        let value = tanh(simd, x);
        (value, (-value).mul_add(value, simd.splat(1.0)))
    }
}

/// The sine, whose derivative is the cosine; Sitzmann et al. (2020), arXiv:2006.09661.
struct Sin;
impl Function for Sin {
    #[inline(always)]
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        sine_and_cosine(simd, x)
    }
}

/// The logistic function.
struct Sigmoid;
impl Function for Sigmoid {
    #[inline(always)]
    fn value_and_derivative<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
        let value = sigmoid(simd, x);
        (value, value * (simd.splat(1.0) - value))
    }
}
