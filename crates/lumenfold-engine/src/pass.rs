//! One tile forward through the layers and backward again, in memory that one thread owns.

use std::ops::Range;

use crate::kernel::dense::{Matrix, product};
use crate::kernel::weight_gradient::weight_gradient;
use crate::kernel::{TILE, activation, layer_norm, sums, transpose};
use crate::layer::Layer;
use crate::memory::Buffer;
use crate::network::Network;
use crate::simd::InstructionSet;

/// A tile of a feature count: rounded up to whole cache lines of features, for the transpose.
fn tile_length(features: usize) -> usize {
    features.next_multiple_of(16) * TILE
}

/// The memory of one thread for tiles that pass through some layers of a network.
///
/// Every dense layer writes to a buffer of its own, which is also its successor's input; activations and
/// normalisations work in place on it and keep what their backward pass needs.
pub(crate) struct Pass<'a> {
    network: &'a Network,
    set: InstructionSet,
    layers: Range<usize>,
    // values[0] is the input; one more for each dense layer.
    values: Vec<Buffer>,
    // For each layer: the derivative of an activation, the normalised values of a normalisation.
    kept: Vec<Buffer>,
    inverse_deviations: Vec<Buffer>,
    gradient: Buffer,
    input_gradient: Buffer,
    transposed: Buffer,
    learns: bool,
}

impl<'a> Pass<'a> {
    /// Memory for the layers of `range`, which begins with a dense one; `learns` if [`Pass::backward`] will be called.
    pub(crate) fn new(network: &'a Network, layers: Range<usize>, set: InstructionSet, learns: bool) -> Self {
        let mut values = Vec::new();
        let (mut kept, mut inverse_deviations) = (Vec::new(), Vec::new());
        let (mut width, mut widest, mut widest_input) = (0, 0, 0);
        for layer in &network.layers()[layers.clone()] {
            let (mut kept_length, mut deviation_length) = (0, 0);
            match layer {
                Layer::Dense { inputs, outputs } => {
                    if values.is_empty() {
                        values.push(Buffer::zeroed(tile_length(*inputs)));
                    }
                    values.push(Buffer::zeroed(tile_length(*outputs)));
                    width = *outputs;
                    widest = widest.max(*outputs).max(*inputs);
                    widest_input = widest_input.max(*inputs);
                }
                Layer::Activation(_) if learns => kept_length = width * TILE,
                Layer::Activation(_) => {}
                Layer::LayerNorm { width } => {
                    kept_length = width * TILE;
                    deviation_length = TILE;
                }
            }
            kept.push(Buffer::zeroed(kept_length));
            inverse_deviations.push(Buffer::zeroed(deviation_length));
        }
        let when_learning = |features: usize| Buffer::zeroed(if learns { tile_length(features) } else { 0 });
        Self {
            network,
            set,
            layers,
            values,
            kept,
            inverse_deviations,
            gradient: when_learning(widest),
            input_gradient: when_learning(widest),
            transposed: when_learning(widest_input),
            learns,
        }
    }

    /// The input tile, `[features][TILE]`, to be filled before [`Pass::forward`].
    pub(crate) fn input(&mut self) -> &mut [f32] {
        &mut self.values[0]
    }

    /// The output tile of the last forward pass.
    pub(crate) fn output(&self) -> &[f32] {
        &self.values[self.values.len() - 1]
    }

    /// Output, input (the target of an autoencoder), and the gradient of the output, to be filled before
    /// [`Pass::backward`].
    pub(crate) fn output_input_gradient(&mut self) -> (&[f32], &[f32], &mut [f32]) {
        (&self.values[self.values.len() - 1], &self.values[0], &mut self.gradient)
    }

    /// From the input tile to the output tile.
    pub(crate) fn forward(&mut self, parameters: &[f32]) {
        let mut current = 0;
        for (index, layer) in self.layers.clone().enumerate() {
            match self.network.layers()[layer] {
                Layer::Dense { inputs, outputs } => {
                    let (weight, bias) = self.network.weight_and_bias(layer);
                    let weights = Matrix::new(&parameters[weight], outputs, inputs);
                    let (before, after) = self.values.split_at_mut(current + 1);
                    product(self.set, weights, Some(&parameters[bias]), &before[current], &mut after[0]);
                    current += 1;
                }
                Layer::Activation(kind) => {
                    let width = self.width_before(layer);
                    let derivative = self.learns.then_some(&mut self.kept[index][..]);
                    activation::forward(self.set, kind, &mut self.values[current][..width * TILE], derivative);
                }
                Layer::LayerNorm { .. } => {
                    let (scale, shift) = self.network.weight_and_bias(layer);
                    let kept = layer_norm::Kept {
                        normalised: &mut self.kept[index],
                        inverse_deviation: &mut self.inverse_deviations[index],
                    };
                    let values = &mut self.values[current];
                    layer_norm::forward(self.set, &parameters[scale], &parameters[shift], values, kept);
                }
            }
        }
    }

    /// From the gradient of the output to the gradients of all parameters, which are added to `parameter_gradient`, or
    /// overwrite it where `accumulate` is false. Only the first `samples` of the tile count.
    pub(crate) fn backward(
        &mut self,
        parameters: &[f32],
        parameter_gradient: &mut [f32],
        samples: usize,
        accumulate: bool,
    ) {
        debug_assert!(self.learns);
        let mut current = self.values.len() - 1;
        for (index, layer) in self.layers.clone().enumerate().rev() {
            match self.network.layers()[layer] {
                Layer::Dense { inputs, outputs } => {
                    current -= 1;
                    let (weight, bias) = self.network.weight_and_bias(layer);
                    let stride = inputs.next_multiple_of(16);
                    transpose::transpose(self.set, stride, &self.values[current], &mut self.transposed);
                    sums::sum_over_samples(self.set, &self.gradient, &mut parameter_gradient[bias], accumulate);
                    weight_gradient(
                        self.set,
                        (outputs, inputs),
                        &self.gradient,
                        (&self.transposed, stride),
                        samples,
                        &mut parameter_gradient[weight.clone()],
                        accumulate,
                    );
                    if current > 0 {
                        let weights = Matrix::new(&parameters[weight], outputs, inputs).transposed();
                        product(self.set, weights, None, &self.gradient, &mut self.input_gradient);
                        std::mem::swap(&mut self.gradient, &mut self.input_gradient);
                    }
                }
                Layer::Activation(_) => {
                    let width = self.width_before(layer);
                    activation::backward(self.set, &self.kept[index], &mut self.gradient[..width * TILE]);
                }
                Layer::LayerNorm { .. } => {
                    let (scale, shift) = self.network.weight_and_bias(layer);
                    // Weight and bias are neighbours, the weight first.
                    let (head, tail) = parameter_gradient.split_at_mut(shift.start);
                    layer_norm::backward(
                        self.set,
                        &parameters[scale.clone()],
                        &self.kept[index],
                        &self.inverse_deviations[index],
                        &mut self.gradient,
                        &mut head[scale],
                        &mut tail[..shift.len()],
                        accumulate,
                    );
                }
            }
        }
    }

    /// Features that enter a layer: what the nearest dense layer before it gives.
    fn width_before(&self, layer: usize) -> usize {
        self.network.layers()[..layer]
            .iter()
            .rev()
            .find_map(|layer| match layer {
                Layer::Dense { outputs, .. } => Some(*outputs),
                _ => None,
            })
            .unwrap_or(0)
    }
}
