//! Activations that no normalisation follows: in place, with the derivative stored on the way forward.

use super::function::{Function, with_function};
use crate::layer::Activation;
use crate::simd::{InstructionSet, Kernel, Several, Simd, Vector};

/// Replaces `values` by the activation of them and fills `derivative` if there is room for it.
pub(crate) fn forward(set: InstructionSet, activation: Activation, values: &mut [f32], derivative: Option<&mut [f32]>) {
    assert!(values.len().is_multiple_of(16));
    assert!(derivative.as_ref().is_none_or(|derivative| derivative.len() >= values.len()));
    with_function!(activation, F => set.dispatch(Forward::<F> { values, derivative, function: std::marker::PhantomData }));
}

/// `gradient *= derivative`.
pub(crate) fn backward(set: InstructionSet, derivative: &[f32], gradient: &mut [f32]) {
    assert!(gradient.len().is_multiple_of(16) && derivative.len() >= gradient.len());
    set.dispatch(Backward { derivative, gradient });
}

struct Forward<'a, F> {
    values: &'a mut [f32],
    derivative: Option<&'a mut [f32]>,
    function: std::marker::PhantomData<F>,
}

impl<F: Function> Kernel for Forward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let several = Several::<S, 4>(simd);
        let lanes = S::Vector::LANES;
        let values = self.values.as_mut_ptr();
        let derivative = self.derivative.map(<[f32]>::as_mut_ptr);
        let whole = self.values.len() / (4 * lanes) * (4 * lanes);
        // SAFETY: every width divides the length, which was checked at the entry for both.
        unsafe {
            for at in (0..whole).step_by(4 * lanes) {
                apply::<F, _>(several, values.add(at), derivative.map(|derivative| derivative.add(at)));
            }
            for at in (whole..self.values.len()).step_by(lanes) {
                apply::<F, _>(simd, values.add(at), derivative.map(|derivative| derivative.add(at)));
            }
        }
    }
}

/// One vector.
///
/// # Safety
/// As many values can be read and written at each of the pointers.
#[inline(always)]
unsafe fn apply<F: Function, S: Simd>(simd: S, values: *mut f32, derivative: Option<*mut f32>) {
    // SAFETY: the caller's promise.
    unsafe {
        let (value, slope) = F::value_and_derivative(simd, simd.load(values));
        value.store(values);
        if let Some(derivative) = derivative {
            slope.store(derivative);
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
