//! The parameters that a training begins with.

use lumenfold_engine::{Layer, Network, Part};

use crate::settings::{Kind, Settings};

/// The parameters that a start begins with.
///
/// Those of sparse codes see samples about their mean: where values are not centred, as with fixed factors, the same few
/// latents would be the largest for every sample. Where encoder and decoder are one layer each, the decoder begins as the
/// transpose of the encoder, which leaves fewer latents without use: Gao et al. (2024), arXiv:2406.04093, section 2.4.
///
/// mean: `[features]`, that of the scaled rows to train on.
pub(super) fn parameters(network: &Network, settings: &Settings, mean: &[f64], start: u16) -> Vec<f32> {
    let mut parameters = network.initial_parameters_of_start(settings.seed, start);
    let begins_dense = matches!(network.layers()[0], Layer::Dense { .. });
    if settings.kind != Kind::Sparse || !begins_dense {
        return parameters;
    }
    let tensor = |name: String| network.tensors().iter().find(|tensor| tensor.name == name).map(|t| t.range.clone());
    let last_dense =
        network.part(Part::Decoder).iter().rposition(|layer| matches!(layer, Layer::Dense { .. })).unwrap_or(0);
    let encoder = (tensor("encoder.0.weight".to_owned()), tensor("encoder.0.bias".to_owned()));
    let decoder = (tensor("decoder.0.weight".to_owned()), tensor(format!("decoder.{last_dense}.bias")));
    let ((Some(weight), Some(bias)), (Some(columns), Some(end))) = (encoder, decoder) else { return parameters };
    for (row, at) in weight.clone().step_by(mean.len()).zip(bias) {
        let weights = &parameters[row..row + mean.len()];
        let sum: f64 = weights.iter().zip(mean).map(|(weight, mean)| f64::from(*weight) * mean).sum();
        parameters[at] = -sum as f32;
    }
    parameters[end].iter_mut().zip(mean).for_each(|(bias, mean)| *bias = *mean as f32);
    if last_dense == 0 && network.widths(Part::Encoder).len() == 2 {
        let (features, latent) = (network.features(), network.latent_dimension());
        for feature in 0..features {
            for index in 0..latent {
                parameters[columns.start + feature * latent + index] =
                    parameters[weight.start + index * features + feature];
            }
        }
    }
    parameters
}
