//! Numbers for tests: a small generator, and networks of every kind.

use lumenfold_engine::{Activation, Division, InstructionSet, Network, Objective, Optimiser, Trainer};
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
