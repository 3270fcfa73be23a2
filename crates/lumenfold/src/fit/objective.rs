//! What a fit minimises.

use lumenfold_data::Scaling;
use lumenfold_engine::{Corruption, Divergence, Loss, Objective, Revival, Sparsity as Rule};

use crate::settings::Settings;
use crate::{Cost, Likelihood, Noise, Sparsity};

/// The lowest and the highest scaled value of each feature, among the training rows.
pub(super) type Ranges = Vec<[f32; 2]>;

/// Steps without use after which a latent is dead; an epoch, where that is shorter.
const DEAD_AFTER: usize = 32;

/// Dead latents that a sample may use in the second reconstruction, for each that it uses in the first, and at least.
const REVIVED: usize = 2;
const FEWEST_REVIVED: usize = 16;

/// How long a training is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// Rows to train on.
    pub(super) rows: usize,
    /// Rows in a step.
    pub(super) batch: usize,
    /// Steps of a start.
    pub(super) steps: u64,
}

/// What the training of one start minimises.
pub(super) fn objective(
    settings: &Settings,
    scaling: &Scaling,
    loss_weights: &[f32],
    ranges: &Ranges,
    start: u16,
    extent: Extent,
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
        Noise::Split(share) => Corruption::Split {
            share,
            center: scaling.features.iter().map(|feature| feature.center).collect(),
            scale: scaling.features.iter().map(|feature| feature.scale).collect(),
        },
    };
    let (loss, feature_weights) = match (settings.chosen_likelihood(), settings.cost) {
        (None, Cost::Squared) => (Loss::SquaredError, loss_weights.to_vec()),
        (None, Cost::Huber(distance)) => (Loss::Huber { distance: distance as f32 }, loss_weights.to_vec()),
        (Some(likelihood), _) => of_likelihood(likelihood, scaling),
    };
    let divergence = settings.chosen_likelihood().map(|_| Divergence {
        beta: settings.chosen_beta() as f32,
        warm_up: (settings.chosen_warm_up() * extent.steps as f64).round() as u64,
        free_nats: settings.free_nats.unwrap_or(0.0) as f32,
    });
    Objective {
        loss,
        feature_weights,
        value_weights: false,
        draws: settings.binarize,
        sparsity: sparsity(settings, extent),
        divergence,
        corruptions: settings.noise.iter().map(corruption).collect(),
        blind_spots: settings.blind_spots.map(|share| share as f32),
        ordered: settings.ordered,
        seed: settings.seed,
        stream: start,
    }
}

/// As much of the objective as decides over memory, before the data are known.
pub(super) fn rules(settings: &Settings, features: usize) -> Objective {
    let noise = if settings.noise.is_empty() { vec![] } else { vec![Corruption::Gaussian { deviation: 0.0 }] };
    Objective {
        corruptions: noise,
        blind_spots: settings.blind_spots.map(|share| share as f32),
        draws: settings.binarize,
        sparsity: sparsity(settings, Extent { rows: 1, batch: 1, steps: 1 }),
        ..Objective::squared_error(&vec![1.0; features])
    }
}

/// The loss of a likelihood, and what makes it one in scaled units.
fn of_likelihood(likelihood: Likelihood, scaling: &Scaling) -> (Loss, Vec<f32>) {
    let ones = vec![1.0; scaling.features.len()];
    match likelihood {
        Likelihood::Gaussian { deviation: None } => (Loss::Normal, ones),
        Likelihood::Gaussian { deviation: Some(deviation) } => {
            (Loss::SquaredError, vec![(0.5 / (deviation * deviation)) as f32; ones.len()])
        }
        Likelihood::Bernoulli => (Loss::Bernoulli, ones),
        Likelihood::Poisson => (Loss::Poisson, scaling.features.iter().map(|feature| feature.scale as f32).collect()),
    }
}

/// The rule of sparse codes.
fn sparsity(settings: &Settings, extent: Extent) -> Rule {
    let strength = settings.revival_strength() as f32;
    let revival = |kept: usize| {
        let after = extent.rows.min(extent.batch.saturating_mul(DEAD_AFTER));
        let after = u32::try_from(after).unwrap_or(u32::MAX);
        let most = (REVIVED * kept).max(FEWEST_REVIVED);
        (strength > 0.0).then_some(Revival { after, most, strength })
    };
    match settings.sparsity {
        None => Rule::None,
        Some(Sparsity::TopK(kept)) => Rule::TopK { revival: revival(kept) },
        Some(Sparsity::BatchTopK(kept)) => {
            Rule::BatchTopK { kept: kept as f32, revival: revival(kept.ceil() as usize) }
        }
        Some(Sparsity::L1(strength)) => Rule::Absolute { strength: strength as f32 },
        Some(Sparsity::Kl { target, strength }) => Rule::Activity { target: target as f32, strength: strength as f32 },
        Some(Sparsity::JumpRelu { strength, bandwidth }) => {
            Rule::JumpRelu { strength: strength as f32, bandwidth: bandwidth as f32 }
        }
    }
}
