//! One tile forward through the layers and backward again, in memory that one thread owns.
//!
//! Sparse codes do not come here: they are trained by [layers](crate::layers), since some of their rules see a whole batch.
//! Nor do fields, whose samples are large.

use crate::codes::Codes;
use crate::kernel::dense::{Begin, End, Matrix, product};
use crate::kernel::transpose::transpose;
use crate::kernel::weight_gradient::{over_outputs, transposed_length, weight_gradient};
use crate::kernel::{TILE, activation, normalised, sums};
use crate::memory::Buffer;
use crate::simd::InstructionSet;
use crate::stage::Stage;

/// A tile of a feature count: rounded up to whole cache lines of features, for the transpose.
pub(crate) fn tile_length<const TILE: usize>(features: usize) -> usize {
    features.next_multiple_of(16) * TILE
}

/// The memory of one thread for tiles that pass through some layers of a network.
///
/// Every dense layer writes to a buffer of its own, which is also its successor's input; activations and
/// normalisations work in place on it and keep what their backward pass needs.
pub(crate) struct Pass {
    set: InstructionSet,
    stages: Vec<Stage>,
    // values[0] is the input; one more for each stage that does not work in place.
    values: Vec<Buffer>,
    // One for each stage.
    kept: Vec<Kept>,
    gradient: Buffer,
    input_gradient: Buffer,
}

/// What a stage keeps on the way forward.
#[derive(Default)]
struct Kept {
    activated: Buffer,
    slope: Buffer,
    statistics: Buffer,
    // Of a dense layer, for the gradient of its weights: its input, or the gradient of its output.
    transposed: Buffer,
}

impl Pass {
    /// Memory for some stages, the first of which is dense.
    pub(crate) fn new(stages: Vec<Stage>, set: InstructionSet) -> Self {
        let (mut values, mut kept) = (Vec::new(), Vec::new());
        let mut widest = 0;
        for stage in &stages {
            if let Some((inputs, outputs)) = stage.new_values() {
                if values.is_empty() {
                    values.push(Buffer::zeroed(tile_length::<TILE>(inputs)));
                }
                values.push(Buffer::zeroed(tile_length::<TILE>(outputs)));
                widest = widest.max(outputs).max(inputs);
            }
            kept.push(match *stage {
                Stage::Dense { inputs, outputs, .. } => {
                    Kept { transposed: Buffer::zeroed(transposed_length::<TILE>(outputs, inputs)), ..Kept::default() }
                }
                Stage::Activation { width, .. } | Stage::Gaussian { width } => {
                    Kept { slope: Buffer::zeroed(width * TILE), ..Kept::default() }
                }
                Stage::Normalised { width, .. } => Kept {
                    activated: Buffer::zeroed(width * TILE),
                    slope: Buffer::zeroed(width * TILE),
                    statistics: Buffer::zeroed(2 * TILE),
                    ..Kept::default()
                },
                Stage::Code { .. } => Kept::default(),
                _ => stage.is_for_layers(),
            });
        }
        Self {
            set,
            stages,
            values,
            kept,
            gradient: Buffer::zeroed(tile_length::<TILE>(widest)),
            input_gradient: Buffer::zeroed(tile_length::<TILE>(widest)),
        }
    }

    /// The input tile, `[features][TILE]`, to be filled before [`Pass::forward`].
    pub(crate) fn input(&mut self) -> &mut [f32] {
        &mut self.values[0]
    }

    /// Output, input (the target of an autoencoder), and the gradient of the output, to be filled before
    /// [`Pass::backward`].
    pub(crate) fn output_input_gradient(&mut self) -> (&[f32], &[f32], &mut [f32]) {
        (&self.values[self.values.len() - 1], &self.values[0], &mut self.gradient)
    }

    /// From the input tile to the output tile; returns the weighted divergence of its codes. `first` is the position of
    /// the tile's first sample in its batch.
    pub(crate) fn forward(&mut self, parameters: &[f32], codes: Codes, (first, samples): (usize, usize)) -> f64 {
        let mut divergence = 0.0;
        let mut current = 0;
        for (stage, kept) in self.stages.iter().zip(&mut self.kept) {
            match stage {
                Stage::Dense { inputs, outputs, weight, bias } => {
                    let weights = Matrix::new(&parameters[weight.clone()], *outputs, *inputs);
                    let (before, after) = self.values.split_at_mut(current + 1);
                    if !over_outputs(*outputs, *inputs) {
                        // While it is near; the way back comes much later.
                        let stride = inputs.next_multiple_of(16);
                        transpose::<TILE>(self.set, stride, &before[current], &mut kept.transposed, stride);
                    }
                    let end = End::Bias(&parameters[bias.clone()]);
                    product::<TILE>(self.set, weights, Begin::Zero, end, &before[current], &mut after[0], TILE);
                    current += 1;
                }
                Stage::Activation { kind, width } => {
                    let values = &mut self.values[current][..width * TILE];
                    activation::forward(self.set, *kind, values, Some(&mut kept.slope));
                }
                Stage::Normalised { activation, scale, shift, .. } => {
                    let affine = (&parameters[scale.clone()], &parameters[shift.clone()]);
                    let kept = normalised::Kept {
                        activated: &mut kept.activated,
                        slope: &mut kept.slope,
                        statistics: &mut kept.statistics,
                    };
                    normalised::forward::<TILE>(self.set, *activation, affine, &mut self.values[current], Some(kept));
                }
                Stage::Code { width } => {
                    if let Some(ordered) = codes.ordered {
                        ordered.truncate::<TILE>(first, *width, &mut self.values[current]);
                    }
                }
                Stage::Gaussian { width } => {
                    if let Some(posterior) = codes.posterior {
                        let (before, after) = self.values.split_at_mut(current + 1);
                        let (distribution, code) = (&before[current], &mut after[0]);
                        let place = (first, samples);
                        divergence += posterior.draw::<TILE>(place, *width, distribution, code, &mut kept.slope);
                    }
                    current += 1;
                }
                _ => stage.is_for_layers(),
            }
        }
        divergence
    }

    /// From the gradient of the output to the gradients of all parameters, which are added to `parameter_gradient`, or
    /// overwrite it where `accumulate` is false. Only the first `samples` of the tile count. The cost of codes is
    /// multiplied by `factor`.
    pub(crate) fn backward(
        &mut self,
        parameters: &[f32],
        parameter_gradient: &mut [f32],
        codes: Codes,
        (first, samples): (usize, usize),
        factor: f32,
        accumulate: bool,
    ) {
        let mut current = self.values.len() - 1;
        for (stage, kept) in self.stages.iter().zip(&mut self.kept).rev() {
            match stage {
                Stage::Dense { inputs, outputs, weight, bias } => {
                    current -= 1;
                    sums::sum_over_samples::<TILE>(
                        self.set,
                        &self.gradient,
                        &mut parameter_gradient[bias.clone()],
                        accumulate,
                    );
                    if over_outputs(*outputs, *inputs) {
                        let stride = outputs.next_multiple_of(16);
                        transpose::<TILE>(self.set, stride, &self.gradient, &mut kept.transposed, stride);
                    }
                    weight_gradient::<TILE>(
                        self.set,
                        (*outputs, *inputs),
                        &self.gradient,
                        &self.values[current],
                        &kept.transposed,
                        samples,
                        &mut parameter_gradient[weight.clone()],
                        accumulate,
                    );
                    if current > 0 {
                        let weights = Matrix::new(&parameters[weight.clone()], *outputs, *inputs).transposed();
                        product::<TILE>(
                            self.set,
                            weights,
                            Begin::Zero,
                            End::Nothing,
                            &self.gradient,
                            &mut self.input_gradient,
                            TILE,
                        );
                        std::mem::swap(&mut self.gradient, &mut self.input_gradient);
                    }
                }
                Stage::Activation { width, .. } => {
                    activation::backward(self.set, &kept.slope, &mut self.gradient[..width * TILE]);
                }
                Stage::Code { width } => {
                    if let Some(ordered) = codes.ordered {
                        ordered.truncate::<TILE>(first, *width, &mut self.gradient);
                    }
                }
                Stage::Gaussian { width } => {
                    current -= 1;
                    if let Some(posterior) = codes.posterior {
                        let drawn = (&self.values[current][..], &kept.slope[..]);
                        let (of_code, gradient) = (&self.gradient, &mut self.input_gradient);
                        posterior.backward::<TILE>(samples, *width, drawn, of_code, gradient, factor);
                    }
                    std::mem::swap(&mut self.gradient, &mut self.input_gradient);
                }
                Stage::Normalised { scale, shift, .. } => {
                    let left = normalised::Left {
                        activated: &kept.activated,
                        slope: &kept.slope,
                        statistics: &kept.statistics,
                    };
                    // Scale and shift are neighbours, the scale first.
                    let (head, tail) = parameter_gradient.split_at_mut(shift.start);
                    let gradients = (&mut head[scale.clone()], &mut tail[..shift.len()]);
                    let scale = &parameters[scale.clone()];
                    normalised::backward::<TILE>(self.set, scale, left, &mut self.gradient, gradients, accumulate);
                }
                _ => stage.is_for_layers(),
            }
        }
    }
}
