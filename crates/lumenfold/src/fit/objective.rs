//! What a fit minimises.

use lumenfold_data::Scaling;
use lumenfold_engine::{Corruption, Objective};

use crate::Noise;
use crate::settings::Settings;

/// The lowest and the highest scaled value of each feature, among the training rows.
pub(super) type Ranges = Vec<[f32; 2]>;

/// What the training of one start minimises.
pub(super) fn objective(
    settings: &Settings,
    scaling: &Scaling,
    loss_weights: &[f32],
    ranges: &Ranges,
    start: u16,
) -> Objective {
    let corruption = |noise: &Noise| match *noise {
        Noise::Gaussian(deviation) => Corruption::Gaussian { deviation: deviation as f32 },
        Noise::Masking(share) => Corruption::Masking { share: share as f32, value: vec![0.0; loss_weights.len()] },
        Noise::SaltAndPepper(share) => Corruption::SaltAndPepper {
            share: share as f32,
            lowest: ranges.iter().map(|range| range[0]).collect(),
            highest: ranges.iter().map(|range| range[1]).collect(),
        },
        Noise::Poisson(exposure) => Corruption::Poisson {
            exposure,
            center: scaling.features.iter().map(|feature| feature.center).collect(),
            scale: scaling.features.iter().map(|feature| feature.scale).collect(),
        },
    };
    Objective {
        feature_weights: loss_weights.to_vec(),
        corruptions: settings.noise.iter().map(corruption).collect(),
        blind_spots: settings.blind_spots.map(|share| share as f32),
        ordered: settings.ordered,
        seed: settings.seed,
        stream: start,
    }
}
