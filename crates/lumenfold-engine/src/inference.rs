//! One tile forward through some layers, without what learning needs.
//!
//! A normalisation that a dense layer follows becomes part of it. With `x` the activated values, `m` their mean and `d` one
//! over their deviation,
//!
//! ```text
//! W (γ (x - m) d + β) + b = d · (W γ) (x - m) + (W β + b)
//! ```
//!
//! so the normalisation leaves `x - m` and `d`, and the product ends with the rest: one pass over the tile less.

use std::ops::Range;

use crate::kernel::dense::{Begin, End, Matrix, product};
use crate::kernel::{TILE, activation, normalised, selection};
use crate::memory::Buffer;
use crate::network::Network;
use crate::pass::tile_length;
use crate::simd::InstructionSet;
use crate::stage::{Stage, stages};

/// Layers with their parameters, put together for inference.
pub(crate) struct Inference {
    set: InstructionSet,
    stages: Vec<Stage>,
    parameters: Vec<f32>,
}

/// The memory of one tile on its way through [`Inference`].
pub(crate) struct Tile {
    // values[0] is the input; one more for each stage that does not work in place.
    values: Vec<Buffer>,
    // One over the deviation of each sample.
    inverse_deviation: Buffer,
}

impl Inference {
    /// For the layers of `range`, which begins with a dense one.
    pub(crate) fn new(network: &Network, parameters: &[f32], layers: Range<usize>, set: InstructionSet) -> Self {
        let (stages, mut parameters) = (stages(network, layers), parameters.to_vec());
        for pair in stages.windows(2) {
            if let [Stage::Normalised { scale, shift, .. }, Stage::Dense { inputs, weight, bias, .. }] = pair {
                let (scale, shift) = (parameters[scale.clone()].to_vec(), parameters[shift.clone()].to_vec());
                for (row, bias) in weight.clone().step_by(*inputs).zip(bias.clone()) {
                    let mut sum = f64::from(parameters[bias]);
                    for (weight, (scale, shift)) in
                        parameters[row..row + inputs].iter_mut().zip(scale.iter().zip(&shift))
                    {
                        sum += f64::from(*weight) * f64::from(*shift);
                        *weight *= scale;
                    }
                    parameters[bias] = sum as f32;
                }
            }
        }
        Self { set, stages, parameters }
    }

    /// Memory for a tile.
    pub(crate) fn tile(&self) -> Tile {
        let mut values = Vec::new();
        for stage in &self.stages {
            if let Some((inputs, outputs)) = stage.new_values() {
                if values.is_empty() {
                    values.push(Buffer::zeroed(tile_length::<TILE>(inputs)));
                }
                values.push(Buffer::zeroed(tile_length::<TILE>(outputs)));
            }
        }
        Tile { values, inverse_deviation: Buffer::zeroed(TILE) }
    }

    /// From the input of the tile to its output.
    pub(crate) fn forward(&self, tile: &mut Tile) {
        let Self { set, stages, parameters } = self;
        let mut current = 0;
        let mut scaled = false;
        for (index, stage) in stages.iter().enumerate() {
            match stage {
                Stage::Dense { inputs, outputs, weight, bias } => {
                    let weights = Matrix::new(&parameters[weight.clone()], *outputs, *inputs);
                    let bias = &parameters[bias.clone()];
                    let end = if scaled { End::ScaleAndBias(&tile.inverse_deviation, bias) } else { End::Bias(bias) };
                    let (before, after) = tile.values.split_at_mut(current + 1);
                    product::<TILE>(*set, weights, Begin::Zero, end, &before[current], &mut after[0], TILE);
                    current += 1;
                    scaled = false;
                }
                Stage::Activation { kind, width } => {
                    activation::forward(*set, *kind, &mut tile.values[current][..width * TILE], None);
                }
                // Codes are what they are.
                Stage::Code { .. } => {}
                Stage::TopK { width, kept } => {
                    selection::keep_largest::<TILE>(*width, *kept, &mut tile.values[current], None);
                }
                Stage::JumpRelu { log_threshold, .. } => {
                    let thresholds = selection::thresholds(&parameters[log_threshold.clone()]);
                    selection::keep_above::<TILE>(&thresholds, &mut tile.values[current]);
                }
                Stage::Convolution { .. }
                | Stage::Positions { .. }
                | Stage::MaxPool { .. }
                | Stage::FieldNorm { .. }
                | Stage::Dropout { .. }
                | Stage::Fork { .. }
                | Stage::Join { .. }
                | Stage::OuterProduct { .. } => stage.is_for_layers(),
                Stage::Gaussian { width } => {
                    let (before, after) = tile.values.split_at_mut(current + 1);
                    after[0][..width * TILE].copy_from_slice(&before[current][..width * TILE]);
                    current += 1;
                }
                Stage::Normalised { activation, width, scale, shift } => {
                    let values = &mut tile.values[current][..width * TILE];
                    scaled = matches!(stages.get(index + 1), Some(Stage::Dense { .. }));
                    if scaled {
                        normalised::centre::<TILE>(*set, *activation, values, &mut tile.inverse_deviation);
                    } else {
                        let affine = (&parameters[scale.clone()], &parameters[shift.clone()]);
                        normalised::forward::<TILE>(*set, *activation, affine, values, None);
                    }
                }
            }
        }
    }
}

impl Tile {
    /// The input, `[features][TILE]` and perhaps more, to be filled before each pass.
    pub(crate) fn input(&mut self) -> &mut [f32] {
        &mut self.values[0]
    }

    /// The output of the last pass, `[features][TILE]` and perhaps more.
    pub(crate) fn output(&self) -> &[f32] {
        &self.values[self.values.len() - 1]
    }
}
