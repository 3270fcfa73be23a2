//! What a fit minimises, and how held-out rows are corrupted to judge it.

use lumenfold_data::{RowSource, Scaling};
use lumenfold_engine::{Corruption, InstructionSet, Objective, Part, corrupted};

use crate::metrics::ErrorSums;
use crate::record::DenoisingErrors;
use crate::settings::Settings;
use crate::{Autoencoder, Error, Noise, Pca};

/// The step whose draws the first rows that are judged get; training never comes so far.
const JUDGED_STEP: u64 = 1 << 39;

/// Rows that are corrupted at a time, always the same ones together.
const TOGETHER: usize = 4096;

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
        seed: settings.seed,
        stream: start,
    }
}

impl DenoisingErrors {
    /// Errors on rows in original units that come in corrupted; each row always by the same draws. PCA reconstructs them
    /// with as many components as there are latents.
    pub(super) fn of(
        autoencoder: &Autoencoder,
        objective: &Objective,
        pca: Option<&Pca>,
        rows: &impl RowSource<f64>,
        settings: &Settings,
    ) -> Result<Self, Error> {
        let width = rows.width();
        let set = InstructionSet::from_environment()?;
        let mut sums = [(); 3].map(|()| ErrorSums::new(width));
        let mut chunk = 0;
        let mut pending: Vec<f64> = Vec::new();
        let mut judge = |block: &[f64]| {
            let mut scaled = vec![0.0; block.len()];
            autoencoder.scaling.forward_block(block, &mut scaled);
            let come_in = corrupted(objective, set, JUDGED_STEP + chunk, &scaled);
            chunk += 1;
            let mut output = vec![0.0; block.len()];
            autoencoder.apply_once(Part::Whole, &come_in.inputs, &mut output, settings.threads)?;
            let mut linear = vec![0.0; width];
            let mut values = vec![0.0; width];
            for (row, original) in block.chunks_exact(width).enumerate() {
                let place = row * width..(row + 1) * width;
                let weights = come_in.weights.as_ref().map(|weights| &weights[place.clone()]);
                let target = &scaled[place.clone()];
                let input = &come_in.inputs[place.clone()];
                if let Some(pca) = pca {
                    pca.reconstruct(settings.latent.min(width), input, &mut linear);
                }
                for (sums, found) in sums.iter_mut().zip([input, &output[place], &linear]) {
                    autoencoder.scaling.inverse_block(found, &mut values);
                    let both = (target, found);
                    let (mean, feature_weights) = (&autoencoder.scaled_mean, &autoencoder.loss_weights);
                    sums.add_some((original, &values), both, mean, feature_weights, weights);
                }
            }
            Ok::<_, Error>(())
        };
        rows.pass(|mut block| {
            while !block.is_empty() {
                let missing = TOGETHER * width - pending.len();
                let (taken, rest) = block.split_at(missing.min(block.len()));
                block = rest;
                if pending.is_empty() && taken.len() == TOGETHER * width {
                    judge(taken)?;
                    continue;
                }
                pending.extend_from_slice(taken);
                if pending.len() == TOGETHER * width {
                    judge(&pending)?;
                    pending.clear();
                }
            }
            Ok::<_, Error>(())
        })?;
        judge(&pending)?;
        let [corrupted, reconstructed, linear] = sums.map(ErrorSums::finish);
        Ok(Self { corrupted, reconstructed, pca: pca.map(|_| linear) })
    }
}
