//! Held-out rows judged as a training sees rows: corrupted, partly hidden, with a part of their codes.

use std::num::NonZeroUsize;

use lumenfold_data::RowSource;
use lumenfold_engine::{InstructionSet, Objective, Part, corrupted};

use super::grouped::{JUDGED_STEP, grouped};
use crate::metrics::ErrorSums;
use crate::record::DenoisingErrors;
use crate::settings::Settings;
use crate::{Autoencoder, Error, Pca};

/// How many coordinates of its code a row keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    All,
    First(usize),
    /// One more from row to row, from one to all of them and again.
    InTurn,
}

impl Autoencoder {
    /// Scaled rows through the network, with that much of their codes.
    fn apply_kept(&self, inputs: &[f32], outputs: &mut [f32], kept: Kept, threads: NonZeroUsize) -> Result<(), Error> {
        if kept == Kept::All {
            return self.apply_once(Part::Whole, inputs, outputs, threads);
        }
        let latent = self.network.latent_dimension();
        let mut codes = vec![0.0; inputs.len() / self.features.len() * latent];
        self.apply_once(Part::Encoder, inputs, &mut codes, threads)?;
        for (row, code) in codes.chunks_exact_mut(latent).enumerate() {
            let count = match kept {
                Kept::All => latent,
                Kept::First(count) => count,
                Kept::InTurn => 1 + row % latent,
            };
            code[count.min(latent)..].fill(0.0);
        }
        self.apply_once(Part::Decoder, &codes, outputs, threads)
    }
}

impl DenoisingErrors {
    /// Errors on rows in original units that come in corrupted (if the objective corrupts), each row always by the same
    /// draws, and keep so much of their codes. PCA reconstructs them with as many components as there are latents.
    pub(super) fn of(
        autoencoder: &Autoencoder,
        objective: &Objective,
        pca: Option<&Pca>,
        kept: Kept,
        rows: &impl RowSource<f64>,
        settings: &Settings,
    ) -> Result<Self, Error> {
        let width = autoencoder.features.len();
        let set = InstructionSet::from_environment()?;
        let mut sums = [(); 3].map(|()| autoencoder.error_sums());
        // Of each row one group is hidden, in turn, and alone counts; rivals see the training means in its place.
        let noise = Objective { blind_spots: None, value_weights: false, ..objective.clone() };
        let groups: Vec<Vec<usize>> =
            autoencoder.blind_spots.iter().flat_map(|spots| spots.passes(width)).map(Iterator::collect).collect();
        grouped(rows, |group, block| {
            let apart = autoencoder.apart(block, rows.width());
            let block = &apart.values[..];
            let mut scaled = vec![0.0; block.len()];
            autoencoder.scaling.forward_block(block, &mut scaled);
            let drawn = corrupted(&noise, set, JUDGED_STEP + group, &scaled);
            // Of split counts the other part is what should come out.
            let split = settings.splits_counts().then(|| {
                let mut others = vec![0.0; block.len()];
                autoencoder.scaling.inverse_block(&drawn.targets, &mut others);
                others
            });
            let (block, scaled, mut inputs) = (split.as_deref().unwrap_or(block), drawn.targets, drawn.inputs);
            let mut rivals = inputs.clone();
            let mut counting = vec![1.0; if groups.is_empty() { 0 } else { width }];
            for (row, place) in (0..inputs.len()).step_by(width).enumerate() {
                let Some(hidden) = groups.get(row % groups.len().max(1)) else { break };
                for feature in hidden {
                    inputs[place + feature] = 0.0;
                    rivals[place + feature] = autoencoder.scaled_mean[*feature] as f32;
                }
            }
            let mut output = vec![0.0; block.len()];
            autoencoder.apply_kept(&inputs, &mut output, kept, settings.threads)?;
            let mut linear = vec![0.0; width];
            let mut values = vec![0.0; width];
            for (row, original) in block.chunks_exact(width).enumerate() {
                let place = row * width..(row + 1) * width;
                if let Some(group) = groups.get(row % groups.len().max(1)) {
                    counting.fill(0.0);
                    group.iter().for_each(|feature| counting[*feature] = 1.0);
                }
                let mut counting = (!groups.is_empty()).then(|| counting.clone());
                if let Some(weights) = apart.weights_of(row) {
                    let counting = counting.get_or_insert_with(|| vec![1.0; width]);
                    counting.iter_mut().zip(weights).for_each(|(counting, weight)| *counting *= weight);
                }
                let (target, rival) = (&scaled[place.clone()], &rivals[place.clone()]);
                if let Some(pca) = pca {
                    pca.reconstruct(settings.latent.min(width), rival, &mut linear);
                }
                for (sums, found) in sums.iter_mut().zip([rival, &output[place], &linear]) {
                    autoencoder.scaling.inverse_block(found, &mut values);
                    sums.add((original, &values), (target, found), counting.as_deref());
                }
            }
            Ok(())
        })?;
        let [corrupted, reconstructed, linear] = sums.map(ErrorSums::finish);
        Ok(Self { corrupted, reconstructed, pca: pca.map(|_| linear) })
    }
}
