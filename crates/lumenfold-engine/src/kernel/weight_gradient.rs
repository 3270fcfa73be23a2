//! The gradient of dense weights, `g[o][i] = Σ_s dy[o][s] x[i][s]`: the one product that contracts over samples. With
//! `x` transposed to `[sample][input]` it becomes a sum of outer products, and the vectors run over inputs.

use super::TILE;
use crate::simd::{InstructionSet, Kernel, Simd, Vector};

/// Outputs in a register block.
const OUTPUTS: usize = 5;

/// Vectors of inputs in a register block.
const VECTORS: usize = 4;

/// Adds to `gradient` (or overwrites it): samples in order, fused.
///
/// dy: `[outputs][TILE]`, xt: `[TILE][stride]` with `stride` a multiple of sixteen that is at least `inputs`,
/// gradient: `[outputs][inputs]`; the first `samples` of the tile count.
pub(crate) fn weight_gradient(
    set: InstructionSet,
    (outputs, inputs): (usize, usize),
    dy: &[f32],
    (xt, stride): (&[f32], usize),
    samples: usize,
    gradient: &mut [f32],
    accumulate: bool,
) {
    assert!(samples <= TILE && stride >= inputs && stride.is_multiple_of(16));
    assert!(dy.len() >= outputs * TILE && xt.len() >= TILE * stride && gradient.len() >= outputs * inputs);
    set.dispatch(WeightGradient { outputs, inputs, dy, xt, stride, samples, gradient, accumulate });
}

struct WeightGradient<'a> {
    outputs: usize,
    inputs: usize,
    dy: &'a [f32],
    xt: &'a [f32],
    stride: usize,
    samples: usize,
    gradient: &'a mut [f32],
    accumulate: bool,
}

impl Kernel for WeightGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let lanes = S::Vector::LANES;
        // Inputs outside: their slab of xt stays in the first cache while all outputs pass.
        let mut input = 0;
        while input < self.inputs {
            match (self.inputs - input).div_ceil(lanes).min(VECTORS) {
                4 => self.slab::<S, 4>(simd, input),
                3 => self.slab::<S, 3>(simd, input),
                2 => self.slab::<S, 2>(simd, input),
                _ => self.slab::<S, 1>(simd, input),
            }
            input += VECTORS * lanes;
        }
    }
}

impl WeightGradient<'_> {
    #[inline(always)]
    fn slab<S: Simd, const C: usize>(&mut self, simd: S, input: usize) {
        let mut output = 0;
        while output + OUTPUTS <= self.outputs {
            self.block::<S, OUTPUTS, C>(simd, output, input);
            output += OUTPUTS;
        }
        match self.outputs - output {
            1 => self.block::<S, 1, C>(simd, output, input),
            2 => self.block::<S, 2, C>(simd, output, input),
            3 => self.block::<S, 3, C>(simd, output, input),
            4 => self.block::<S, 4, C>(simd, output, input),
            _ => {}
        }
    }

    /// `R` outputs by `C` vectors of inputs, the last of which may be partly beyond the end.
    #[inline(always)]
    fn block<S: Simd, const R: usize, const C: usize>(&mut self, simd: S, output: usize, input: usize) {
        let lanes = S::Vector::LANES;
        let last = (self.inputs - input - (C - 1) * lanes).min(lanes);
        let mut sums = [[simd.splat(0.0); C]; R];
        // SAFETY: output + R <= outputs; of the vectors the first C - 1 are whole and the last has `last` inputs, and
        // xt is padded to its stride. The lengths were checked at the entry.
        unsafe {
            let gradient = self.gradient.as_mut_ptr().add(output * self.inputs + input);
            if self.accumulate {
                for (r, sums) in sums.iter_mut().enumerate() {
                    for (c, sum) in sums.iter_mut().enumerate() {
                        let count = if c == C - 1 { last } else { lanes };
                        *sum = simd.load_partial(gradient.add(r * self.inputs + c * lanes), count);
                    }
                }
            }
            let mut dy = self.dy.as_ptr().add(output * TILE);
            let mut xt = self.xt.as_ptr().add(input);
            for _ in 0..self.samples {
                let mut inputs = [simd.splat(0.0); C];
                for (c, inputs) in inputs.iter_mut().enumerate() {
                    *inputs = simd.load(xt.add(c * lanes));
                }
                for (r, sums) in sums.iter_mut().enumerate() {
                    let dy = simd.splat(*dy.add(r * TILE));
                    for (sum, inputs) in sums.iter_mut().zip(inputs) {
                        *sum = inputs.mul_add(dy, *sum);
                    }
                }
                dy = dy.wrapping_add(1);
                xt = xt.wrapping_add(self.stride);
            }
            for (r, sums) in sums.into_iter().enumerate() {
                for (c, sum) in sums.into_iter().enumerate() {
                    let target = gradient.add(r * self.inputs + c * lanes);
                    if c == C - 1 {
                        sum.store_partial(target, last);
                    } else {
                        sum.store(target);
                    }
                }
            }
        }
    }
}
