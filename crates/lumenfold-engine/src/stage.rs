//! The layers of a network as they are computed: what one kernel does is one stage.

mod convolution;
mod position_map;

use std::ops::Range;
use std::sync::Arc;

use crate::field::{Connections, Extent};
use crate::layer::{Activation, Layer, Pooling};
use crate::network::{Network, Part};
use crate::objective::Objective;

pub(crate) use convolution::{ConvolutionPlan, Pieces};
pub(crate) use position_map::{PositionMap, SparseRows};

/// One step of a pass through the network.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stage {
    /// A dense layer, with the ranges of its parameters.
    Dense { inputs: usize, outputs: usize, weight: Range<usize>, bias: Range<usize> },
    /// An activation that no normalisation follows.
    Activation { kind: Activation, width: usize },
    /// An activation (perhaps the identity) and the normalisation after it.
    Normalised { activation: Activation, width: usize, scale: Range<usize>, shift: Range<usize> },
    /// The latent code, where something is done to it, or it costs something, in training.
    Code { width: usize },
    /// Of each sample the largest values stay.
    TopK { width: usize, kept: usize },
    /// Values above their thresholds stay.
    JumpRelu { width: usize, log_threshold: Range<usize> },
    /// From a normal distribution to its mean, or in training to a number of it. As a dense layer, it does not work in
    /// place.
    Gaussian { width: usize },
    /// A convolution or its adjoint, with the activation that follows it.
    Convolution { plan: Arc<ConvolutionPlan>, weight: Range<usize>, bias: Range<usize> },
    /// A linear map of positions: the mean over a window, upsampling.
    Positions { channels: usize, map: Arc<PositionMap> },
    /// The largest value of each window; with the connections down and up.
    MaxPool { channels: usize, window: Arc<[Connections; 2]> },
    /// Normalisation of a field, over the positions and channels of a group or over the channels of a position.
    FieldNorm { norm: FieldNorm, scale: Range<usize>, shift: Range<usize> },
    /// Some values become zero, in training; the number of the dropout in its network tells its random numbers.
    Dropout { width: usize, share: f32, number: u8 },
    /// Values are kept for the end of a residual block; so deep within others.
    Fork { width: usize, depth: usize },
    /// What was kept is added.
    Join { width: usize, depth: usize },
    /// A field of low rank.
    OuterProduct { channels: usize, rank: usize, extent: Extent },
}

/// What a normalisation of a field goes over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FieldNorm {
    pub(crate) channels: usize,
    pub(crate) positions: usize,
    /// Groups of channels; none for each position by itself.
    pub(crate) groups: Option<usize>,
}

impl FieldNorm {
    pub(crate) fn width(&self) -> usize {
        self.channels * self.positions
    }

    /// Sets of values of a sample that are normalised each by itself.
    pub(crate) fn sets(&self) -> usize {
        self.groups.unwrap_or(self.positions)
    }
}

impl Stage {
    /// Widths of what comes in and what goes out, if the latter gets memory of its own.
    pub(crate) fn new_values(&self) -> Option<(usize, usize)> {
        match self {
            Self::Dense { inputs, outputs, .. } => Some((*inputs, *outputs)),
            Self::Gaussian { width } => Some((2 * width, *width)),
            Self::Convolution { plan, .. } => Some((plan.width_in(), plan.width_out())),
            Self::Positions { channels, map } => {
                Some((channels * map.forward.sources, channels * map.backward.sources))
            }
            Self::MaxPool { channels, window } => Some((channels * window[0].sources, channels * window[0].targets)),
            Self::OuterProduct { channels, rank, extent } => {
                let factors: usize = extent.sizes().iter().sum();
                Some((channels * rank * factors, channels * extent.positions()))
            }
            _ => None,
        }
    }

    /// Stops where a stage has come to kernels that do not know it.
    pub(crate) fn is_for_layers(&self) -> ! {
        unreachable!("{self:?} is computed by layers")
    }

    /// The width of the values that a stage works on in place, or of its output.
    pub(crate) fn width(&self) -> usize {
        match self {
            Self::Activation { width, .. }
            | Self::Normalised { width, .. }
            | Self::Code { width }
            | Self::TopK { width, .. }
            | Self::JumpRelu { width, .. }
            | Self::Dropout { width, .. }
            | Self::Fork { width, .. }
            | Self::Join { width, .. } => *width,
            Self::FieldNorm { norm, .. } => norm.width(),
            other => other.new_values().map_or(0, |(_, outputs)| outputs),
        }
    }
}

/// The stages of training, from the features to what the loss is made of.
pub(crate) fn training_stages(network: &Network, objective: &Objective) -> Vec<Stage> {
    let mut all = stages(network, network.layer_range(Part::Encoder));
    if objective.ordered || objective.sparsity.costs_codes() {
        all.push(Stage::Code { width: network.latent_dimension() });
    }
    let exit = if objective.loss.is_before_link() { Part::Likelihood } else { Part::Decoder };
    all.extend(stages(network, network.layer_range(exit)));
    all
}

/// The stages of some layers, the first of which makes new values.
pub(crate) fn stages(network: &Network, layers: Range<usize>) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut width = 0;
    let mut depth = 0;
    for layer in layers.clone() {
        match network.layers()[layer] {
            Layer::Dense { inputs, outputs } => {
                let (weight, bias) = network.weight_and_bias(layer);
                stages.push(Stage::Dense { inputs, outputs, weight, bias });
            }
            Layer::Activation(kind) => match (layer > layers.start).then(|| network.layers()[layer - 1]) {
                // It went with its convolution.
                Some(Layer::Convolution(_) | Layer::TransposedConvolution(_)) => {}
                _ => stages.push(Stage::Activation { kind, width }),
            },
            Layer::LayerNorm { width } => {
                let (scale, shift) = network.weight_and_bias(layer);
                let activation = match stages.last() {
                    Some(Stage::Activation { kind, .. }) => {
                        let kind = *kind;
                        stages.pop();
                        kind
                    }
                    _ => Activation::Identity,
                };
                stages.push(Stage::Normalised { activation, width, scale, shift });
            }
            Layer::Convolution(convolution) | Layer::TransposedConvolution(convolution) => {
                let transposed = matches!(network.layers()[layer], Layer::TransposedConvolution(_));
                let activation = match network.layers().get(layer + 1) {
                    Some(Layer::Activation(kind)) if layers.contains(&(layer + 1)) => Some(*kind),
                    _ => None,
                };
                let plan = Arc::new(ConvolutionPlan::new(&convolution, transposed, activation));
                let (weight, bias) = network.weight_and_bias(layer);
                stages.push(Stage::Convolution { plan, weight, bias });
            }
            Layer::Pool { window, channels, pooling: Pooling::Average } => {
                stages.push(Stage::Positions { channels, map: Arc::new(PositionMap::mean_of(&window)) });
            }
            Layer::Pool { window, channels, pooling: Pooling::Max } => {
                let window = Arc::new([Connections::down(&window), Connections::up(&window)]);
                stages.push(Stage::MaxPool { channels, window });
            }
            Layer::Upsample { channels, from, to, interpolation } => {
                let map = Arc::new(PositionMap::resize(from, to, interpolation));
                stages.push(Stage::Positions { channels, map });
            }
            Layer::GroupNorm { channels, positions, groups } => {
                let norm = FieldNorm { channels, positions, groups: Some(groups) };
                let (scale, shift) = network.weight_and_bias(layer);
                stages.push(Stage::FieldNorm { norm, scale, shift });
            }
            Layer::ChannelNorm { channels, positions } => {
                let norm = FieldNorm { channels, positions, groups: None };
                let (scale, shift) = network.weight_and_bias(layer);
                stages.push(Stage::FieldNorm { norm, scale, shift });
            }
            Layer::Dropout { width, share } => {
                let before = network.layers()[..layer].iter().filter(|layer| matches!(layer, Layer::Dropout { .. }));
                // Beyond 256 of them numbers come again, at other places.
                stages.push(Stage::Dropout { width, share, number: before.count() as u8 });
            }
            Layer::Fork { width } => {
                stages.push(Stage::Fork { width, depth });
                depth += 1;
            }
            Layer::Join { width } => {
                depth -= 1;
                stages.push(Stage::Join { width, depth });
            }
            Layer::OuterProduct { channels, rank, extent } => {
                stages.push(Stage::OuterProduct { channels, rank, extent });
            }
            Layer::TopK { width, kept } => stages.push(Stage::TopK { width, kept }),
            Layer::JumpRelu { width } => {
                stages.push(Stage::JumpRelu { width, log_threshold: network.only_tensor(layer) });
            }
            Layer::Gaussian { width } => stages.push(Stage::Gaussian { width }),
            Layer::Variance { .. } => {}
        }
        width = stages.last().map_or(0, Stage::width);
    }
    stages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_activation_goes_with_the_normalisation_that_follows_it() {
        let norm = Layer::LayerNorm { width: 4 };
        let tanh = Layer::Activation(Activation::Tanh);
        let encoder =
            vec![Layer::Dense { inputs: 3, outputs: 4 }, tanh, norm, tanh, Layer::Dense { inputs: 4, outputs: 2 }];
        let decoder = vec![Layer::Dense { inputs: 2, outputs: 4 }, norm, Layer::Dense { inputs: 4, outputs: 3 }];
        let network = Network::new(encoder, decoder).expect("the layers fit");
        let found = stages(&network, 0..8);
        let kinds: Vec<_> = found
            .iter()
            .map(|stage| match stage {
                Stage::Dense { outputs, .. } => format!("dense {outputs}"),
                Stage::Activation { kind, width } => format!("{kind} {width}"),
                Stage::Normalised { activation, width, .. } => format!("normalised {activation} {width}"),
                Stage::Code { width } => format!("code {width}"),
                Stage::TopK { width, kept } => format!("{kept} of {width}"),
                Stage::JumpRelu { width, .. } => format!("jump {width}"),
                Stage::Gaussian { width } => format!("gaussian {width}"),
                other => format!("{other:?}"),
            })
            .collect();
        let expected =
            ["dense 4", "normalised tanh 4", "tanh 4", "dense 2", "dense 4", "normalised identity 4", "dense 3"];
        assert_eq!(kinds, expected);
    }
}
