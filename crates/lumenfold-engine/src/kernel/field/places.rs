//! What is done to each value at some places of a field: the activation after a convolution, while its values are near.

use super::TILE;
use crate::field::Place;
use crate::kernel::function::{Function, with_function};
use crate::layer::Activation;
use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// Replaces values by their activation, and tells the derivative there if there is room for it.
///
/// values, derivative: `[channels][channel / TILE positions][TILE]`.
///
/// # Safety
/// Both point to as many values, and nobody else touches those at the places.
pub(crate) unsafe fn activate(
    set: InstructionSet,
    activation: Activation,
    places: &[Place],
    (channels, channel): (usize, usize),
    values: *mut f32,
    derivative: Option<*mut f32>,
) {
    assert!(places.iter().all(|place| (place.target as usize + 1) * TILE <= channel));
    with_function!(activation, F => set.dispatch(Activate::<F> {
        places, channels, channel, values, derivative, function: std::marker::PhantomData
    }));
}

struct Activate<'a, F> {
    places: &'a [Place],
    channels: usize,
    channel: usize,
    values: *mut f32,
    derivative: Option<*mut f32>,
    function: std::marker::PhantomData<F>,
}

impl<F: Function> Kernel for Activate<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for channel in 0..self.channels {
            for place in self.places {
                for lane in (0..TILE).step_by(S::Vector::LANES) {
                    let at = channel * self.channel + place.target as usize * TILE + lane;
                    // SAFETY: the place is one of the channel's, and the pointers are the caller's promise.
                    unsafe {
                        let values = self.values.add(at);
                        let (value, slope) = F::value_and_derivative(simd, simd.load(values));
                        value.store(values);
                        if let Some(derivative) = self.derivative {
                            slope.store(derivative.add(at));
                        }
                    }
                }
            }
        }
    }
}
