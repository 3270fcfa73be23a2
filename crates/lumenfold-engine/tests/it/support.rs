//! Numbers for tests: a small generator, and networks of every kind.

pub(crate) mod chain;
mod fields;

pub(crate) use fields::{field_kinds, field_networks};

use lumenfold_engine::{
    Activation, Corruption, Divergence, Division, InstructionSet, Layer, Loss, Network, Objective, Optimiser, Part,
    Revival, Sparsity, Trainer,
};
use std::num::NonZeroUsize;

/// Numbers between -1 and 1 from a linear congruential generator.
pub(crate) fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}

pub(crate) fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

/// Initial parameters with biases and normalisation moved off their special values, so that each matters.
pub(crate) fn parameters(network: &Network, seed: u64) -> Vec<f32> {
    let mut parameters = network.initial_parameters(seed);
    for tensor in network.tensors() {
        let noise = numbers(tensor.range.len(), seed + 17);
        for (value, noise) in parameters[tensor.range.clone()].iter_mut().zip(noise) {
            *value += 0.3 * noise;
        }
    }
    parameters
}

pub(crate) fn trainer<'a>(network: &'a Network, parameters: &[f32], optimiser: Optimiser) -> Trainer<'a> {
    let objective = Objective::squared_error(&vec![1.0; network.features()]);
    Trainer::new(network, parameters, objective, optimiser, InstructionSet::best(), threads(1)).unwrap()
}

/// One network for each activation, with and without normalisation, and some odd shapes.
pub(crate) fn networks() -> Vec<(String, Network)> {
    let mut networks = Vec::new();
    for activation in Activation::ALL {
        for layer_norm in [true, false] {
            let name = format!("5-8-7-2 {activation} norm {layer_norm}");
            networks.push((name, Network::dense(5, &[8, 7], 2, activation, layer_norm).unwrap()));
        }
    }
    // Among them widths of a whole number of vectors and a half, for vectors of 4, 8 and 16.
    let shapes: [(usize, &[usize], usize); 6] =
        [(1, &[3], 1), (3, &[], 2), (17, &[33, 16], 9), (40, &[40], 40), (300, &[65], 4), (24, &[12, 20], 6)];
    for (features, hidden, latent) in shapes {
        let name = format!("{features}-{hidden:?}-{latent}");
        networks.push((name, Network::dense(features, hidden, latent, Activation::Silu, true).unwrap()));
    }
    networks
}

/// Every instruction set with every division of the work.
pub(crate) fn sets_and_divisions() -> Vec<(InstructionSet, Division)> {
    let divisions = [Division::Tiles, Division::Layers];
    InstructionSet::available().into_iter().flat_map(|set| divisions.map(|division| (set, division))).collect()
}

/// A network for each way to end an encoder or a decoder, with an objective for it: every penalty, likelihood, loss and
/// weight of values.
pub(crate) fn kinds() -> Vec<(String, Network, Objective)> {
    const FEATURES: usize = 9;
    const LATENT: usize = 13;
    let build = |distribution: usize, code: Option<Layer>, link: Option<Layer>| {
        let plain = Network::dense(FEATURES, &[11], LATENT, Activation::Tanh, true).unwrap();
        let mut encoder = plain.part(Part::Encoder).to_vec();
        let mut decoder = plain.part(Part::Decoder).to_vec();
        encoder.pop();
        encoder.push(Layer::Dense { inputs: 11, outputs: distribution });
        encoder.extend(code);
        decoder.extend(link);
        Network::new(encoder, decoder).unwrap()
    };
    let weights: Vec<f32> = (0..FEATURES).map(|feature| 0.5 + feature as f32 / 7.0).collect();
    let plain = Objective { seed: 5, stream: 1, ..Objective::squared_error(&weights) };
    let corruptions = vec![Corruption::Gaussian { deviation: 0.3 }];
    let revival = Some(Revival { after: 40, most: 2, strength: 0.25 });
    let divergence = Some(Divergence { beta: 0.7, warm_up: 5, free_nats: 0.0 });
    let sparse = |sparsity| Objective { sparsity, ..plain.clone() };
    let variational = |loss| Objective { loss, divergence, ..plain.clone() };
    let (top, jump) = (Layer::TopK { width: LATENT, kept: 4 }, Layer::JumpRelu { width: LATENT });
    let (relu, sigmoid) = (Layer::Activation(Activation::Relu), Layer::Activation(Activation::Sigmoid));
    let gaussian = Some(Layer::Gaussian { width: LATENT });
    let (variance, exp) = (Layer::Variance { width: FEATURES }, Layer::Activation(Activation::Exp));
    let mut all = Vec::new();
    let mut add = |name: &str, network, objective| all.push((name.to_owned(), network, objective));
    let plainly = || build(LATENT, None, None);
    add("huber", plainly(), Objective { loss: Loss::Huber { distance: 0.4 }, ..plain.clone() });
    add("value weights", plainly(), Objective { value_weights: true, ..plain.clone() });
    let hidden = Objective { value_weights: true, corruptions, blind_spots: Some(0.3), ..plain.clone() };
    add("value weights, corrupted, blind", plainly(), Objective { ordered: true, ..hidden.clone() });
    add("absolute", build(LATENT, Some(relu), None), sparse(Sparsity::Absolute { strength: 0.3 }));
    let activity = sparse(Sparsity::Activity { target: 0.1, strength: 0.2 });
    add("activity", build(LATENT, Some(sigmoid), None), activity);
    add("top k", build(LATENT, Some(top), None), sparse(Sparsity::TopK { revival: None }));
    add("top k with revival", build(LATENT, Some(top), None), sparse(Sparsity::TopK { revival }));
    add("batch top k", build(LATENT, Some(jump), None), sparse(Sparsity::BatchTopK { kept: 3.5, revival: None }));
    let batch_top_k = Objective { sparsity: Sparsity::BatchTopK { kept: 3.0, revival }, ..hidden };
    add("batch top k with revival, corrupted", build(LATENT, Some(jump), None), batch_top_k);
    let jumps = sparse(Sparsity::JumpRelu { strength: 0.05, bandwidth: 0.4 });
    add("jump relu", build(LATENT, Some(jump), None), jumps);
    add("variational", build(2 * LATENT, gaussian, None), variational(Loss::SquaredError));
    let free = Some(Divergence { beta: 1.5, warm_up: 0, free_nats: 0.15 });
    let free = Objective { divergence: free, value_weights: true, ..variational(Loss::SquaredError) };
    add("variational with free nats", build(2 * LATENT, gaussian, None), free);
    add("variational, normal", build(2 * LATENT, gaussian, Some(variance)), variational(Loss::Normal));
    let bernoulli = Objective { draws: true, ..variational(Loss::Bernoulli) };
    add("variational, bernoulli", build(2 * LATENT, gaussian, Some(sigmoid)), bernoulli);
    add("variational, poisson", build(2 * LATENT, gaussian, Some(exp)), variational(Loss::Poisson));
    all
}
