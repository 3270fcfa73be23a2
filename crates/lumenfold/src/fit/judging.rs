//! What a fit is judged by: the loss of its epochs, and the errors that its record tells.

use lumenfold_data::{Part, RowSource, Slice, StoredPart};
use lumenfold_engine::Objective;

use super::judged::Kept;
use super::objective::{self, Extent};
use super::weighted::WeightedPca;
use super::{Prepared, evidence, sparse};
use crate::metrics::{ErrorSums, Errors};
use crate::record::{DenoisingErrors, Evidence, PcaErrors, Usage};
use crate::settings::Settings;
use crate::{Autoencoder, Error, Pca};

/// Numbers of ordered coordinates whose errors are recorded.
const MOST_ORDERED: usize = 32;

/// How an epoch was judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct JudgedLoss {
    /// In the units of the loss, with what codes cost.
    pub(super) loss: f64,
    /// Mean squared residual in original units, if it was measured.
    pub(super) mse: Option<f64>,
}

impl Prepared<'_> {
    /// The rows to train on, in original units.
    pub(super) fn training_part(&self) -> Part<'_> {
        Part { rows: self.rows, split: &self.split, held_out: false }
    }

    /// The same with the errors of their values behind them, if they have any.
    pub(super) fn training_stored(&self) -> StoredPart<'_> {
        StoredPart { rows: self.rows, split: &self.split, held_out: false }
    }

    /// Errors on the held-out rows, if there are any.
    pub(super) fn held_out_errors(&self, autoencoder: &Autoencoder) -> Result<Option<Errors>, Error> {
        if self.split.held_out() == 0 {
            return Ok(None);
        }
        autoencoder.errors_over(&self.material.held_out, self.settings.threads).map(Some)
    }

    /// What the training of one start minimises.
    pub(super) fn objective(&self, start: u16) -> Objective {
        let rows = self.split.train();
        let steps = rows.div_ceil(self.batch) * self.settings.epochs_for(rows, self.batch);
        let extent = Extent { rows, batch: self.batch, steps: steps as u64 };
        // Of a stretched row not all values are known.
        let weighs = self.material.weighs || (self.stretching.is_some() && self.settings.components.is_none());
        let objective = objective::objective(
            self.settings,
            &self.scaling,
            &self.loss_weights,
            &self.material.ranges,
            start,
            extent,
        );
        Objective { value_weights: weighs, ..objective }
    }

    /// How the rows that judge use the latents of a sparse autoencoder.
    pub(super) fn usage(&self, autoencoder: &Autoencoder) -> Result<Option<Usage>, Error> {
        let Some(sparsity) = self.settings.sparsity else { return Ok(None) };
        let threads = self.settings.threads;
        let training = sparse::judge(autoencoder, sparsity, &self.training_part(), threads)?.usage;
        if self.split.held_out() == 0 {
            return Ok(Some(training));
        }
        let mut usage = sparse::judge(autoencoder, sparsity, &self.material.held_out, threads)?.usage;
        // A latent that is rarely used may be used by none of a few rows.
        let all = usage.shares.iter().zip(&training.shares);
        usage.dead = all.filter(|(held_out, training)| **held_out == 0.0 && **training == 0.0).count();
        Ok(Some(usage))
    }

    /// How well a variational autoencoder explains the rows that judge.
    pub(super) fn evidence(&self, autoencoder: &Autoencoder) -> Result<Option<Evidence>, Error> {
        let objective = self.objective(0);
        let Some(judge) = self.judge(autoencoder, &objective) else { return Ok(None) };
        let judged = match self.split.held_out() {
            0 => judge.judge(&self.training_part(), true)?,
            _ => judge.judge(&self.material.held_out, true)?,
        };
        Ok(Some(judged.evidence))
    }

    fn judge<'a>(&self, autoencoder: &'a Autoencoder, objective: &'a Objective) -> Option<evidence::Judge<'a>> {
        let likelihood = self.settings.chosen_likelihood()?;
        Some(evidence::Judge { autoencoder, objective, likelihood, threads: self.settings.threads })
    }

    /// Errors on held-out rows, or on training rows where none are held out, that come in as in training and keep so much
    /// of their codes.
    fn errors_as_in_training(
        &self,
        autoencoder: &Autoencoder,
        objective: &Objective,
        pca: Option<&Pca>,
        kept: Kept,
    ) -> Result<DenoisingErrors, Error> {
        match self.split.held_out() {
            0 => DenoisingErrors::of(autoencoder, objective, pca, kept, &self.training_stored(), self.settings),
            _ => DenoisingErrors::of(autoencoder, objective, pca, kept, &self.material.held_out, self.settings),
        }
    }

    /// Errors of a denoising autoencoder on corrupted rows.
    pub(super) fn denoising_errors(
        &self,
        autoencoder: &Autoencoder,
        pca: Option<&Pca>,
    ) -> Result<Option<DenoisingErrors>, Error> {
        let objective = self.objective(0);
        if !objective.corrupts() {
            return Ok(None);
        }
        self.errors_as_in_training(autoencoder, &objective, pca, Kept::All).map(Some)
    }

    /// Errors with the first coordinates of the code, where they are ordered.
    pub(super) fn ordered_errors(&self, autoencoder: &Autoencoder) -> Result<Vec<Errors>, Error> {
        if !self.settings.ordered {
            return Ok(Vec::new());
        }
        let plain = Objective::squared_error(&self.loss_weights);
        let of_first = |count| self.errors_as_in_training(autoencoder, &plain, None, Kept::First(count));
        let errors = (1..=self.settings.latent.min(MOST_ORDERED)).map(of_first);
        errors.map(|errors| errors.map(|errors| errors.reconstructed)).collect()
    }

    /// The loss by which an epoch is judged, if rows are held out for it.
    pub(super) fn judged_loss(&self, autoencoder: &Autoencoder) -> Result<Option<JudgedLoss>, Error> {
        if self.split.held_out() == 0 {
            return Ok(None);
        }
        let rows = &self.material.held_out;
        let objective = self.objective(0);
        if let Some(judge) = self.judge(autoencoder, &objective) {
            let judged = judge.judge(rows, false)?;
            return Ok(Some(JudgedLoss { loss: judged.loss, mse: None }));
        }
        if let Some(sparsity) = self.settings.sparsity {
            let judged = sparse::judge(autoencoder, sparsity, rows, self.settings.threads)?;
            return Ok(Some(JudgedLoss { loss: judged.loss, mse: Some(judged.mse) }));
        }
        let errors = if objective.corrupts() || objective.ordered {
            let kept = if objective.ordered { Kept::InTurn } else { Kept::All };
            self.errors_as_in_training(autoencoder, &objective, None, kept)?.reconstructed
        } else {
            autoencoder.errors_over(rows, self.settings.threads)?
        };
        Ok(Some(JudgedLoss { loss: errors.loss, mse: Some(errors.mse) }))
    }

    /// A loss that no healthy network comes near, as a multiple of those of [`material::Yardstick`].
    pub(super) fn largest_weight(&self) -> f64 {
        let largest = |weights: &[f32]| weights.iter().copied().fold(1.0_f32, f32::max);
        let objective = self.objective(0);
        f64::from(largest(&objective.feature_weights) / largest(&self.loss_weights)).max(1.0)
    }

    /// Errors of PCA with 1, 2, 3 and as many components as latents (that a row uses), on the held-out rows (or the training rows where
    /// none are held out).
    pub(super) fn pca_errors(
        &self,
        autoencoder: &Autoencoder,
        pca: Option<&Pca>,
        usage: Option<&Usage>,
    ) -> Result<Vec<PcaErrors>, Error> {
        let ordered = if self.settings.ordered { self.settings.latent.min(MOST_ORDERED) } else { 0 };
        let latents = usage.map_or(self.settings.latent, Usage::components);
        let counts = [1, 2, 3, latents].into_iter().chain(1..=ordered);
        let mut counts: Vec<usize> = counts.map(|count| count.min(self.network.features())).collect();
        counts.sort_unstable();
        counts.dedup();
        let baseline = match pca {
            Some(pca) => Baseline::Plain(pca),
            None => {
                let fit = |count: &usize| WeightedPca::fit(&self.material.training, &self.loss_weights, *count);
                Baseline::Weighted(counts.iter().map(fit).collect::<Result<_, _>>()?)
            }
        };
        let errors = match self.split.held_out() {
            0 => errors_of_pca(autoencoder, &baseline, &counts, &self.training_stored())?,
            _ => errors_of_pca(autoencoder, &baseline, &counts, &self.material.held_out)?,
        };
        Ok(counts.into_iter().zip(errors).map(|(components, errors)| PcaErrors { components, errors }).collect())
    }
}

/// What the autoencoder is compared with.
enum Baseline<'a> {
    Plain(&'a Pca),
    /// One fit for each number of components, where values weigh differently.
    Weighted(Vec<WeightedPca>),
}

/// Errors of PCA with each of these numbers of components, on rows in original units.
fn errors_of_pca(
    autoencoder: &Autoencoder,
    baseline: &Baseline<'_>,
    counts: &[usize],
    rows: &impl RowSource<f64>,
) -> Result<Vec<Errors>, Error> {
    let width = autoencoder.features.len();
    let mut sums: Vec<_> = counts.iter().map(|count| autoencoder.error_sums().choosing(*count)).collect();
    let (mut scaled, mut output, mut values) = (vec![0.0; width], vec![0.0; width], vec![0.0; width]);
    rows.pass(|block| {
        let apart = autoencoder.apart(block, rows.width());
        for (row, original) in apart.values.chunks_exact(width).enumerate() {
            autoencoder.scaling.forward_block(original, &mut scaled);
            let weights = apart.weights_of(row);
            for (index, (count, sums)) in counts.iter().zip(&mut sums).enumerate() {
                match baseline {
                    Baseline::Plain(pca) => pca.reconstruct(*count, &scaled, &mut output),
                    Baseline::Weighted(fits) => fits[index].reconstruct(&scaled, weights, &mut output),
                }
                autoencoder.scaling.inverse_block(&output, &mut values);
                sums.add((original, &values), (&scaled, &output), weights);
                apart.errors_of(row).iter().for_each(|errors| sums.add_errors((original, &values), errors));
            }
        }
        Ok::<_, Error>(())
    })?;
    Ok(sums.into_iter().map(ErrorSums::finish).collect())
}

/// Errors of PCA with 1, 2, 3 and as many components as latents, fitted to scaled rows, on rows in original units.
pub(crate) fn pca_of(
    autoencoder: &Autoencoder,
    scaled: &[f32],
    rows: &[f64],
    settings: &Settings,
) -> Result<Vec<PcaErrors>, Error> {
    let width = autoencoder.features.len();
    let mut counts = [1, 2, 3, settings.latent].map(|count| count.min(width)).to_vec();
    counts.sort_unstable();
    counts.dedup();
    let training = Slice { values: scaled, width };
    let most = counts.last().copied().unwrap_or(1);
    let pca = Pca::fit(&training, &autoencoder.loss_weights, most, settings.threads)?;
    let errors = errors_of_pca(autoencoder, &Baseline::Plain(&pca), &counts, &Slice { values: rows, width })?;
    Ok(counts.into_iter().zip(errors).map(|(components, errors)| PcaErrors { components, errors }).collect())
}
