//! AdamW, one flat loop: Kingma and Ba (2015), arXiv:1412.6980, algorithm 1, with the decoupled weight decay of
//! Loshchilov and Hutter (2019), arXiv:1711.05101, algorithm 2.

use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// The numbers of one step. `step_size` is the learning rate over the bias correction of the first moment,
/// `root_correction` one over the root of that of the second, `keep` one minus learning rate times weight decay.
#[derive(Clone, Copy)]
pub(crate) struct Coefficients {
    pub(crate) first_decay: f32,
    pub(crate) second_decay: f32,
    pub(crate) step_size: f32,
    pub(crate) root_correction: f32,
    pub(crate) epsilon: f32,
    pub(crate) keep: f32,
    pub(crate) gradient_factor: f32,
}

/// Updates parameters and moments. All slices have one length, a multiple of sixteen.
pub(crate) fn update(
    set: InstructionSet,
    coefficients: Coefficients,
    gradient: &[f32],
    parameters: &mut [f32],
    first: &mut [f32],
    second: &mut [f32],
) {
    let count = parameters.len();
    assert!(count.is_multiple_of(16));
    assert!(gradient.len() == count && first.len() == count && second.len() == count);
    set.dispatch(Update { coefficients, gradient, parameters, first, second });
}

struct Update<'a> {
    coefficients: Coefficients,
    gradient: &'a [f32],
    parameters: &'a mut [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
}

impl Kernel for Update<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Coefficients { first_decay, second_decay, step_size, root_correction, epsilon, keep, gradient_factor } =
            self.coefficients;
        let (new_first, new_second) = (simd.splat(1.0 - first_decay), simd.splat(1.0 - second_decay));
        let (first_decay, second_decay) = (simd.splat(first_decay), simd.splat(second_decay));
        let (step_size, root_correction) = (simd.splat(-step_size), simd.splat(root_correction));
        let (epsilon, keep, gradient_factor) = (simd.splat(epsilon), simd.splat(keep), simd.splat(gradient_factor));
        for at in (0..self.parameters.len()).step_by(S::Vector::LANES) {
            // SAFETY: sixteen divides the common length, which was checked at the entry.
            unsafe {
                let gradient = simd.load(self.gradient.as_ptr().add(at)) * gradient_factor;
                let first = simd.load(self.first.as_ptr().add(at)) * first_decay;
                let first = gradient.mul_add(new_first, first);
                let second = simd.load(self.second.as_ptr().add(at)) * second_decay;
                let second = (gradient * gradient).mul_add(new_second, second);
                let divisor = second.sqrt().mul_add(root_correction, epsilon);
                let parameters = simd.load(self.parameters.as_ptr().add(at)) * keep;
                let parameters = (first / divisor).mul_add(step_size, parameters);
                first.store(self.first.as_mut_ptr().add(at));
                second.store(self.second.as_mut_ptr().add(at));
                parameters.store(self.parameters.as_mut_ptr().add(at));
            }
        }
    }
}
