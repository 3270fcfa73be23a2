//! The layers of a network as they are computed: what one kernel does is one stage.

use std::ops::Range;

use crate::layer::{Activation, Layer};
use crate::network::{Network, Part};
use crate::objective::Objective;

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
}

impl Stage {
    /// Widths of what comes in and what goes out, if the latter gets memory of its own.
    pub(crate) fn new_values(&self) -> Option<(usize, usize)> {
        match *self {
            Self::Dense { inputs, outputs, .. } => Some((inputs, outputs)),
            Self::Gaussian { width } => Some((2 * width, width)),
            _ => None,
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

/// The stages of some layers, the first of which is dense.
pub(crate) fn stages(network: &Network, layers: Range<usize>) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut width = 0;
    for layer in layers {
        match network.layers()[layer] {
            Layer::Dense { inputs, outputs } => {
                width = outputs;
                let (weight, bias) = network.weight_and_bias(layer);
                stages.push(Stage::Dense { inputs, outputs, weight, bias });
            }
            Layer::Activation(kind) => stages.push(Stage::Activation { kind, width }),
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
            Layer::TopK { width, kept } => stages.push(Stage::TopK { width, kept }),
            Layer::JumpRelu { width } => {
                stages.push(Stage::JumpRelu { width, log_threshold: network.only_tensor(layer) });
            }
            Layer::Gaussian { width: latent } => {
                width = latent;
                stages.push(Stage::Gaussian { width });
            }
            Layer::Variance { .. } => {}
            layer => unreachable!("{layer:?} has no stage yet"),
        }
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
            })
            .collect();
        let expected =
            ["dense 4", "normalised tanh 4", "tanh 4", "dense 2", "dense 4", "normalised identity 4", "dense 3"];
        assert_eq!(kinds, expected);
    }
}
