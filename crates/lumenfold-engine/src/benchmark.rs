//! The kernels as pieces of work to be timed; for the benchmarks of this crate, not for its users.

use crate::kernel::dense::{Begin, End, Matrix, product};
use crate::kernel::weight_gradient::{transposed_length, weight_gradient};
use crate::kernel::{TILE, activation, adam, gather, normalised, sums, transpose};
use crate::layer::Activation;
use crate::memory::Buffer;
use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// Something to time.
pub struct Work {
    /// What it is: kernel and sizes.
    pub name: String,
    /// Fused multiply-adds of `f32` in one run; zero for kernels that are not about them.
    pub multiply_adds: usize,
    /// Values that one run goes over.
    pub values: usize,
    run: Box<dyn FnMut()>,
}

impl Work {
    fn new(name: String, multiply_adds: usize, values: usize, run: impl FnMut() + 'static) -> Self {
        Self { name, multiply_adds, values, run: Box::new(run) }
    }

    /// Does it once.
    pub fn run(&mut self) {
        (self.run)();
    }
}

/// The fastest that fused multiply-adds can go: independent ones, without a load or store.
#[must_use]
pub fn peak(set: InstructionSet) -> Work {
    struct Peak<'a>(&'a mut [f32; 16]);
    // Enough chains to fill two units of a latency of four.
    const CHAINS: usize = 12;
    const ROUNDS: usize = 1000;
    impl Kernel for Peak<'_> {
        type Output = ();
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            // SAFETY: sixteen values.
            let factor = unsafe { simd.load(self.0.as_ptr()) };
            let mut sums = [factor; CHAINS];
            for _ in 0..ROUNDS {
                for sum in &mut sums {
                    *sum = factor.mul_add(factor, *sum);
                }
            }
            let mut total = sums[0];
            for sum in &sums[1..] {
                total = total + *sum;
            }
            // SAFETY: sixteen values.
            unsafe { total.store(self.0.as_mut_ptr()) };
        }
    }
    let lanes = set.lanes();
    let mut values = [0.5; 16];
    let multiply_adds = CHAINS * ROUNDS * lanes;
    Work::new("multiply-add peak".into(), multiply_adds, multiply_adds, move || {
        values.fill(std::hint::black_box(1e-3));
        set.dispatch(Peak(&mut values));
        std::hint::black_box(&values);
    })
}

/// Every kernel of a layer from `inputs` to `outputs` features, on one tile.
#[must_use]
pub fn kernels(set: InstructionSet, inputs: usize, outputs: usize) -> Vec<Work> {
    let tile = |features: usize| numbers(features.next_multiple_of(16) * TILE);
    let size = format!("{inputs} to {outputs}");
    let products = inputs * outputs * TILE;
    let mut works = Vec::new();

    let (weights, bias, x, mut y) = (numbers(inputs * outputs), numbers(outputs), tile(inputs), tile(outputs));
    works.push(Work::new(format!("dense forward {size}"), products, products, move || {
        product::<TILE>(set, Matrix::new(&weights, outputs, inputs), Begin::Zero, End::Bias(&bias), &x, &mut y, TILE);
    }));
    let (weights, dy, mut dx) = (numbers(inputs * outputs), tile(outputs), tile(inputs));
    works.push(Work::new(format!("input gradient {size}"), products, products, move || {
        product::<TILE>(
            set,
            Matrix::new(&weights, outputs, inputs).transposed(),
            Begin::Zero,
            End::Nothing,
            &dy,
            &mut dx,
            TILE,
        );
    }));
    let (dy, x, mut gradient) = (tile(outputs), tile(inputs), numbers(inputs * outputs));
    let transposed = numbers(transposed_length::<TILE>(outputs, inputs));
    works.push(Work::new(format!("weight gradient {size}"), products, products, move || {
        weight_gradient::<TILE>(set, (outputs, inputs), &dy, &x, &transposed, TILE, &mut gradient, false);
    }));
    let (x, mut xt) = (tile(inputs), tile(inputs));
    works.push(Work::new(format!("transpose {inputs}"), 0, inputs * TILE, move || {
        let stride = inputs.next_multiple_of(16);
        transpose::transpose::<TILE>(set, stride, &x, &mut xt, stride);
    }));
    let (x, mut values) = (tile(outputs), tile(outputs));
    works.push(Work::new(format!("copy {outputs}"), 0, outputs * TILE, move || copy(set, &x, &mut values)));
    for kind in Activation::ALL {
        let (x, mut values, mut derivative) = (tile(outputs), tile(outputs), tile(outputs));
        works.push(Work::new(format!("{kind} {outputs}"), 0, outputs * TILE, move || {
            copy(set, &x, &mut values);
            activation::forward(set, kind, &mut values[..outputs * TILE], Some(&mut derivative));
        }));
    }
    let (derivative, mut gradient) = (tile(outputs), tile(outputs));
    works.push(Work::new(format!("activation backward {outputs}"), 0, outputs * TILE, move || {
        activation::backward(set, &derivative, &mut gradient[..outputs * TILE]);
    }));
    for kind in [Activation::Silu, Activation::Identity] {
        let (scale, shift, x, mut values) = (numbers(outputs), numbers(outputs), tile(outputs), tile(outputs));
        let (mut activated, mut slope, mut statistics) = (tile(outputs), tile(outputs), numbers(2 * TILE));
        works.push(Work::new(format!("{kind} and norm {outputs}"), 0, outputs * TILE, move || {
            copy(set, &x, &mut values);
            let kept = normalised::Kept { activated: &mut activated, slope: &mut slope, statistics: &mut statistics };
            normalised::forward::<TILE>(set, kind, (&scale, &shift), &mut values, Some(kept));
        }));
    }
    let (scale, shift, x, mut values) = (numbers(outputs), numbers(outputs), tile(outputs), tile(outputs));
    works.push(Work::new(format!("silu and norm, nothing kept {outputs}"), 0, outputs * TILE, move || {
        copy(set, &x, &mut values);
        normalised::forward::<TILE>(set, Activation::Silu, (&scale, &shift), &mut values, None);
    }));
    let (x, mut values, mut deviation) = (tile(outputs), tile(outputs), numbers(TILE));
    works.push(Work::new(format!("silu, centred {outputs}"), 0, outputs * TILE, move || {
        copy(set, &x, &mut values);
        normalised::centre::<TILE>(set, Activation::Silu, &mut values[..outputs * TILE], &mut deviation);
    }));
    let (scale, activated, slope, statistics) = (numbers(outputs), tile(outputs), tile(outputs), numbers(2 * TILE));
    let (source, mut gradient) = (tile(outputs), tile(outputs));
    let (mut scale_gradient, mut shift_gradient) = (numbers(outputs), numbers(outputs));
    works.push(Work::new(format!("norm backward {outputs}"), 0, outputs * TILE, move || {
        copy(set, &source, &mut gradient);
        let left = normalised::Left { activated: &activated, slope: &slope, statistics: &statistics };
        let sums = (&mut scale_gradient[..], &mut shift_gradient[..]);
        normalised::backward::<TILE>(set, &scale, left, &mut gradient, sums, false);
    }));
    let (dy, mut bias) = (tile(outputs), numbers(outputs));
    works.push(Work::new(format!("bias gradient {outputs}"), 0, outputs * TILE, move || {
        sums::sum_over_samples::<TILE>(set, &dy, &mut bias, false);
    }));
    let rows = numbers(10_000 * inputs);
    let indices: Vec<u32> = (0..TILE as u32).map(|index| index * 7919 % 10_000).collect();
    let mut x = tile(inputs);
    works.push(Work::new(format!("gather {inputs}"), 0, inputs * TILE, move || {
        gather::gather::<TILE>(set, &rows, inputs, &indices, 0..inputs, &mut x);
    }));
    works
}

/// AdamW on so many parameters.
#[must_use]
pub fn adam(set: InstructionSet, count: usize) -> Work {
    let count = count.next_multiple_of(16);
    let (gradient, mut parameters, mut first, mut second) =
        (numbers(count), numbers(count), numbers(count), numbers(count));
    second.iter_mut().for_each(|value| *value = value.abs());
    let coefficients = adam::Coefficients {
        first_decay: 0.9,
        second_decay: 0.999,
        step_size: 1e-3,
        root_correction: 1.0,
        epsilon: 1e-8,
        keep: 1.0,
        gradient_factor: 1.0,
    };
    Work::new(format!("AdamW {count}"), 0, count, move || {
        let gradient = adam::Parts { values: &gradient, stride: count, parts: 1 };
        adam::update(set, coefficients, gradient, &mut parameters, &mut first, &mut second);
    })
}

/// A copy by vectors: the library's is slow to begin.
fn copy(set: InstructionSet, source: &[f32], target: &mut [f32]) {
    struct Copy<'a>(&'a [f32], &'a mut [f32]);
    impl Kernel for Copy<'_> {
        type Output = ();
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            for at in (0..self.0.len()).step_by(S::Vector::LANES) {
                // SAFETY: both have the same length, a multiple of sixteen.
                unsafe { simd.load(self.0.as_ptr().add(at)).store(self.1.as_mut_ptr().add(at)) };
            }
        }
    }
    assert!(source.len() == target.len() && source.len().is_multiple_of(16));
    set.dispatch(Copy(source, target));
}

/// Numbers between -1 and 1 in no order.
fn numbers(count: usize) -> Buffer {
    let mut state = 9_u64;
    let mut buffer = Buffer::zeroed(count);
    for value in buffer.iter_mut() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *value = (state >> 40) as f32 / 8_388_608.0 - 1.0;
    }
    buffer
}
