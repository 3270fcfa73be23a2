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

/// The parts of a gradient, whose sum counts: part `p` of the gradient of the updated parameters is
/// `values[p * stride..][..count]`.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) stride: usize,
    pub(crate) parts: usize,
}

impl Parts<'_> {
    fn check(&self, count: usize) {
        assert!(self.parts > 0 && self.values.len() >= (self.parts - 1) * self.stride + count);
    }

    /// The sum of the parts, `count` lanes from `at`, in their order.
    ///
    /// # Safety
    /// The lanes lie within the count that was checked.
    #[inline(always)]
    unsafe fn sum<S: Simd>(&self, simd: S, at: usize, count: usize) -> S::Vector {
        // SAFETY: the caller's promise.
        unsafe {
            let mut sum = load(simd, self.values.as_ptr().add(at), count);
            for part in 1..self.parts {
                sum = sum + load(simd, self.values.as_ptr().add(part * self.stride + at), count);
            }
            sum
        }
    }
}

/// `count` lanes; a whole vector is loaded without a mask.
///
/// # Safety
/// They can be read.
#[inline(always)]
unsafe fn load<S: Simd>(simd: S, source: *const f32, count: usize) -> S::Vector {
    // SAFETY: the caller's promise.
    unsafe { if count == S::Vector::LANES { simd.load(source) } else { simd.load_partial(source, count) } }
}

/// The counterpart of [`load`].
///
/// # Safety
/// As there.
#[inline(always)]
unsafe fn store<V: Vector>(vector: V, target: *mut f32, count: usize) {
    // SAFETY: the caller's promise.
    unsafe { if count == V::LANES { vector.store(target) } else { vector.store_partial(target, count) } }
}

/// Lanes of the vector at `at` that are within `length`.
#[inline(always)]
fn lanes_at<V: Vector>(at: usize, length: usize) -> usize {
    V::LANES.min(length - at)
}

/// The sum of the parts of a gradient, in their order.
pub(crate) fn add(set: InstructionSet, parts: Parts<'_>, sum: &mut [f32]) {
    parts.check(sum.len());
    set.dispatch(AddParts { parts, sum });
}

struct AddParts<'a> {
    parts: Parts<'a>,
    sum: &'a mut [f32],
}

impl Kernel for AddParts<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        // Part after part: each is read in one go, which the processor foresees.
        for part in 0..self.parts.parts {
            let source = self.parts.values.as_ptr().wrapping_add(part * self.parts.stride);
            for at in (0..self.sum.len()).step_by(S::Vector::LANES) {
                let count = lanes_at::<S::Vector>(at, self.sum.len());
                // SAFETY: the lanes are within the length; the parts were checked at the entry.
                unsafe {
                    let target = self.sum.as_mut_ptr().add(at);
                    let value = load(simd, source.add(at), count);
                    store(if part == 0 { value } else { load(simd, target, count) + value }, target, count);
                }
            }
        }
    }
}

/// Updates parameters and moments. The slices have one length.
pub(crate) fn update(
    set: InstructionSet,
    coefficients: Coefficients,
    gradient: Parts<'_>,
    parameters: &mut [f32],
    first: &mut [f32],
    second: &mut [f32],
) {
    let count = parameters.len();
    assert!(first.len() == count && second.len() == count);
    gradient.check(count);
    set.dispatch(Update { coefficients, gradient, parameters, first, second });
}

struct Update<'a> {
    coefficients: Coefficients,
    gradient: Parts<'a>,
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
            let count = lanes_at::<S::Vector>(at, self.parameters.len());
            // SAFETY: the lanes are within the common length; it and the parts were checked at the entry.
            unsafe {
                let gradient = self.gradient.sum(simd, at, count) * gradient_factor;
                let first = load(simd, self.first.as_ptr().add(at), count) * first_decay;
                let first = gradient.mul_add(new_first, first);
                let second = load(simd, self.second.as_ptr().add(at), count) * second_decay;
                let second = (gradient * gradient).mul_add(new_second, second);
                let divisor = second.sqrt().mul_add(root_correction, epsilon);
                let parameters = load(simd, self.parameters.as_ptr().add(at), count) * keep;
                let parameters = (first / divisor).mul_add(step_size, parameters);
                store(first, self.first.as_mut_ptr().add(at), count);
                store(second, self.second.as_mut_ptr().add(at), count);
                store(parameters, self.parameters.as_mut_ptr().add(at), count);
            }
        }
    }
}
