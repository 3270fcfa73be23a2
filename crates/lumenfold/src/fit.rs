//! A fit: from a data set and settings to an autoencoder and the record of its training.
//!
//! Where the rows live makes no difference: [`prepare`] takes a [`Dataset`](lumenfold_data::Dataset) in memory or a
//! [`Samples`](lumenfold_data::Samples) that may be on disk, checks them, fits the scaling and divides them; the
//! training goes over them in windows. A training can be left at any step and resumed from its [`Checkpoint`]; the
//! model that comes out has the same bits.

mod checkpoint;
mod checks;
mod domain;
mod evidence;
mod ground;
mod grouped;
mod initial;
mod judged;
mod material;
pub mod memory;
mod objective;
mod sparse;
mod state;
mod training;
mod weighted;
mod windows;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use lumenfold_data::{BlockSplit, OrderSizes, Part, RowSource, Rows, Scaling, StoredPart};
use lumenfold_engine::{InstructionSet, Network, Objective};

pub use checkpoint::{Checkpoint, Checkpointing, Every};
use checkpoint::{Identity, Saver};
pub(crate) use ground::Ground;
use judged::Kept;
use material::Material;
use objective::Extent;
use state::State;
use training::Training;
use weighted::WeightedPca;

use crate::blind_spots::BlindSpots;
use crate::metrics::{ErrorSums, Errors};
use crate::record::{DenoisingErrors, Evidence, PcaErrors, Recovery, TrainingRecord, Usage};
use crate::settings::Settings;
use crate::{Autoencoder, Error, Noise, Pca};

/// What a fit gives.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The autoencoder with the best held-out weights.
    pub autoencoder: Autoencoder,
    /// What was done and how well it went.
    pub record: TrainingRecord,
}

/// What an observer is told after each epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Epochs done.
    pub epoch: usize,
    /// Epochs planned, those of all starts together.
    pub epochs: usize,
    /// Training rows in an epoch.
    pub rows: usize,
    /// Training loss of the epoch, in the units of the loss.
    pub train_loss: f64,
    /// Held-out loss after the epoch, in the units of the loss; none where no rows are held out.
    pub validation_loss: Option<f64>,
    /// Mean squared held-out residual in original units.
    pub validation_mse: Option<f64>,
    /// Whether this is the best epoch so far.
    pub best: bool,
    /// The time that the epoch's steps took, shuffling and reading included, measuring the held-out rows excluded. Of an
    /// epoch that was resumed, the time since.
    pub training: Duration,
}

/// What happens during a fit.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// An epoch is done.
    Epoch(Progress),
    /// The training broke down and goes on from the end of the epoch before, with a lower learning rate.
    Recovered {
        /// From where and how it goes on.
        recovery: Recovery,
        /// The loss that it came to.
        loss: f64,
    },
    /// A checkpoint could not be written; the fit goes on without it.
    NotSaved {
        /// Why.
        reason: String,
    },
}

/// Trains an autoencoder on a data set.
///
/// The held-out rows choose the epoch whose weights are kept, among those of all starts; everything else is fitted on
/// the training rows only.
/// `observe` is called after each epoch. When `stop` becomes true, the fit ends at the next step with the best weights
/// so far.
///
/// # Errors
/// Settings out of range, data that cannot be learnt from, or a training that breaks down again and again.
pub fn fit<'a>(
    rows: impl Into<Rows<'a>>,
    settings: &'a Settings,
    stop: &AtomicBool,
    observe: impl FnMut(&Progress),
) -> Result<Fitted, Error> {
    prepare(rows, settings)?.train(stop, observe)
}

/// A share of a feature's scale that rounding to single precision may take below zero.
const LITTLE: f64 = 1e-5;

/// Numbers of ordered coordinates whose errors are recorded.
const MOST_ORDERED: usize = 32;

/// How an epoch was judged.
#[derive(Clone, Copy, Debug)]
struct JudgedLoss {
    /// In the units of the loss, with what codes cost.
    loss: f64,
    /// Mean squared residual in original units, if it was measured.
    mse: Option<f64>,
}

/// The sizes of the pieces that a training works in. Results depend on the first, so that it is no user's choice.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    order: OrderSizes,
    // Multiplications and additions between two looks at the clock: about a second's work.
    piece_operations: f64,
}

/// A fit that can begin: every setting is in range and the data can be learnt from.
pub struct Prepared<'a> {
    rows: Rows<'a>,
    settings: &'a Settings,
    split: BlockSplit,
    scaling: Scaling,
    loss_weights: Vec<f32>,
    network: Network,
    material: Material,
    fingerprint: String,
    batch: usize,
    set: InstructionSet,
    sizes: Sizes,
    reads_ahead: bool,
}

/// The checks of a fit and what comes before its training: split, scaling and network.
///
/// # Errors
/// Settings out of range, data that cannot be learnt from, or a network that does not fit in memory.
pub fn prepare<'a>(rows: impl Into<Rows<'a>>, settings: &'a Settings) -> Result<Prepared<'a>, Error> {
    let rows = rows.into();
    settings.check()?;
    let set = InstructionSet::from_environment()?;
    checks::refuse_combinations(rows, settings)?;
    let split = checks::split_rows(rows, settings)?;
    let batch = settings.batch_for(split.train());
    if batch > split.train() {
        return Err(Error::BatchTooLarge { path: rows.source(), batch, rows: split.train() });
    }
    if settings.blind_spots.is_some() && rows.features().len() < 2 {
        let (name, value) = ("--blind-spots", "asked for one feature".to_owned());
        let allowed = "left out: there is no other feature to tell it from".to_owned();
        return Err(Error::Setting { name, value, allowed });
    }
    let network = settings.network(rows.features().len());
    // The hash goes through every byte of the data one after the other: beside the rest, it costs no time.
    let (fingerprint, rest) = std::thread::scope(|scope| {
        let fingerprint = scope.spawn(|| rows.fingerprint());
        let rest = (|| {
            let varies = checks::refuse_unusable_features(rows, settings, &split)?;
            let scaling = Scaling::fit_part(settings.scaling, Part { rows, split: &split, held_out: false })?;
            let loss_weights = checks::loss_weights(settings, &scaling)?;
            let network = network?;
            settings.check_size(&network)?;
            memory::check_network(&network, settings, batch)?;
            let material = material::prepare(rows, &split, &scaling, &loss_weights, &varies, settings)?;
            Ok::<_, Error>((scaling, loss_weights, network, material))
        })();
        (fingerprint.join(), rest)
    });
    let (scaling, loss_weights, network, material) = rest?;
    let fingerprint = fingerprint.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let sizes = Sizes { order: OrderSizes::default(), piece_operations: (1_u64 << 37) as f64 };
    Ok(Prepared {
        rows,
        settings,
        split,
        scaling,
        loss_weights,
        network,
        material,
        fingerprint,
        batch,
        set,
        sizes,
        reads_ahead: true,
    })
}

impl Prepared<'_> {
    /// The network that will be trained.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// What a user should know before the training: values that are not what noise or likelihood want.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let strange = self.material.strange.clone();
        let counts = self.settings.noise.iter().find(|noise| matches!(noise, Noise::Poisson(_)));
        let features = self.rows.features().iter().zip(&self.scaling.features).zip(&self.material.ranges);
        let below: Vec<&str> = features
            .filter(|((_, scaling), range)| scaling.inverse(f64::from(range[0])) < -LITTLE * scaling.scale)
            .map(|((feature, _), _)| feature.name.as_str())
            .collect();
        let remark = counts.zip(below.first()).map(|(noise, first)| {
            let more = if below.len() > 1 { format!(" and {} more", below.len() - 1) } else { String::new() };
            format!("noise {noise}: \"{first}\"{more} has values below zero, which count as zero")
        });
        let absent = self.material.absent;
        let values = self.rows.rows() * self.rows.features().len();
        let absent = (absent > 0).then(|| format!("{absent} of {values} values are absent and count in no loss"));
        remark.into_iter().chain(strange).chain(absent).collect()
    }

    /// Keeps the training itself within so many bytes, rows in memory excepted: where they are too few to read rows
    /// ahead, it does without.
    #[must_use]
    pub fn within(mut self, limit: u64) -> Self {
        self.reads_ahead = memory::of_training(self.network(), self.settings, self.batch, 2) <= limit;
        self
    }

    /// Checks that a checkpoint is of this fit and whole.
    ///
    /// # Errors
    /// It is of a fit of other data or with another setting, or damaged.
    pub fn check(&self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let shape = checkpoint::Shape {
            length: self.network.parameter_length(),
            starts: self.settings.starts,
            epochs: self.settings.epochs_for(self.split.train(), self.batch),
            batch: self.batch,
            rows: self.split.train(),
            judged: self.split.held_out() > 0,
        };
        checkpoint.check(self.settings, &self.identity(), &shape)
    }

    fn identity(&self) -> Identity {
        Identity::new(self.settings, &self.fingerprint, self.sizes.order)
    }

    /// Trains it, as [`fit`] says.
    ///
    /// # Errors
    /// A training that breaks down again and again.
    pub fn train(self, stop: &AtomicBool, mut observe: impl FnMut(&Progress)) -> Result<Fitted, Error> {
        self.train_with(stop, None, None, |event| {
            if let Event::Epoch(progress) = event {
                observe(progress);
            }
        })
    }

    /// Trains it with checkpoints, from a checkpoint if one is given. When `stop` becomes true, a last checkpoint is
    /// written. The file stays there at the end: see [`Checkpointing::remove`].
    ///
    /// # Errors
    /// A training that breaks down again and again, or a checkpoint of another fit.
    pub fn train_with(
        self,
        stop: &AtomicBool,
        checkpointing: Option<&Checkpointing>,
        resume: Option<Checkpoint>,
        mut observe: impl FnMut(&Event),
    ) -> Result<Fitted, Error> {
        let Self { rows, settings, split, material, batch, .. } = &self;
        let epochs = settings.epochs_for(split.train(), *batch);
        let (mut state, at) = match resume {
            Some(checkpoint) => {
                self.check(&checkpoint)?;
                let (state, at) = checkpoint.into_state();
                (state, Some(at))
            }
            None => (State::new(), None),
        };
        let pca = if material.weighs {
            None
        } else {
            Some(Pca::fit(&material.training, &self.loss_weights, settings.latent.max(3), settings.threads)?)
        };
        let mean = match &pca {
            Some(pca) => pca.mean().to_vec(),
            None => weighted::mean(&material.training)?,
        };
        let mut autoencoder = Autoencoder {
            parameters: initial::parameters(&self.network, settings, &mean, 0),
            network: self.network.clone(),
            features: rows.features().to_vec(),
            scaled_mean: mean,
            cost: settings.cost,
            weight_unit: material.weight_unit,
            loss_weights: self.loss_weights.clone(),
            scaling: self.scaling.clone(),
            blind_spots: settings.blind_spots.map(|share| BlindSpots::of_share(share, self.network.features())),
        };
        let saver = Saver::new(checkpointing.cloned(), self.identity());
        let mut training = Training { prepared: &self, epochs, stop, saver, largest_weight: self.largest_weight() };
        let steps = training.run(&mut state, at, &mut autoencoder, &mut observe)?;
        let best_epoch = state.best.as_ref().map_or(0, |best| best.epoch);
        if let Some(best) = state.best {
            autoencoder.parameters = best.parameters;
        }
        let usage = self.usage(&autoencoder)?;
        let record = TrainingRecord {
            fingerprint: self.fingerprint.clone(),
            rows: rows.rows(),
            skipped_rows: rows.skipped(),
            train_rows: split.train(),
            validation_rows: split.held_out(),
            seed: settings.seed,
            split_seed: settings.split_seed.filter(|seed| *seed != settings.seed),
            settings: (*settings).into(),
            batch: *batch,
            epochs_planned: usize::from(settings.starts) * epochs,
            epochs: state.losses.len(),
            best_epoch,
            steps,
            stopped: state.stopped,
            train: autoencoder.errors_over(&self.training_stored(), settings.threads)?,
            validation: self.held_out_errors(&autoencoder)?,
            absent_values: material.absent,
            pca: self.pca_errors(&autoencoder, pca.as_ref(), usage.as_ref())?,
            denoising: self.denoising_errors(&autoencoder, pca.as_ref())?,
            usage,
            evidence: self.evidence(&autoencoder)?,
            ordered: self.ordered_errors(&autoencoder)?,
            losses: state.losses,
            recoveries: state.recoveries,
        };
        Ok(Fitted { autoencoder, record })
    }

    /// The rows to train on, in original units.
    fn training_part(&self) -> Part<'_> {
        Part { rows: self.rows, split: &self.split, held_out: false }
    }

    /// The same with the errors of their values behind them, if they have any.
    fn training_stored(&self) -> StoredPart<'_> {
        StoredPart { rows: self.rows, split: &self.split, held_out: false }
    }

    /// Errors on the held-out rows, if there are any.
    fn held_out_errors(&self, autoencoder: &Autoencoder) -> Result<Option<Errors>, Error> {
        if self.split.held_out() == 0 {
            return Ok(None);
        }
        autoencoder.errors_over(&self.material.held_out, self.settings.threads).map(Some)
    }

    /// What the training of one start minimises.
    fn objective(&self, start: u16) -> Objective {
        let rows = self.split.train();
        let steps = rows.div_ceil(self.batch) * self.settings.epochs_for(rows, self.batch);
        let extent = Extent { rows, batch: self.batch, steps: steps as u64 };
        let weighs = self.material.weighs;
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
    fn usage(&self, autoencoder: &Autoencoder) -> Result<Option<Usage>, Error> {
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
    fn evidence(&self, autoencoder: &Autoencoder) -> Result<Option<Evidence>, Error> {
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
    fn denoising_errors(&self, autoencoder: &Autoencoder, pca: Option<&Pca>) -> Result<Option<DenoisingErrors>, Error> {
        let objective = self.objective(0);
        if !objective.corrupts() {
            return Ok(None);
        }
        self.errors_as_in_training(autoencoder, &objective, pca, Kept::All).map(Some)
    }

    /// Errors with the first coordinates of the code, where they are ordered.
    fn ordered_errors(&self, autoencoder: &Autoencoder) -> Result<Vec<Errors>, Error> {
        if !self.settings.ordered {
            return Ok(Vec::new());
        }
        let plain = Objective::squared_error(&self.loss_weights);
        let of_first = |count| self.errors_as_in_training(autoencoder, &plain, None, Kept::First(count));
        let errors = (1..=self.settings.latent.min(MOST_ORDERED)).map(of_first);
        errors.map(|errors| errors.map(|errors| errors.reconstructed)).collect()
    }

    /// The loss by which an epoch is judged, if rows are held out for it.
    fn judged_loss(&self, autoencoder: &Autoencoder) -> Result<Option<JudgedLoss>, Error> {
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
    fn largest_weight(&self) -> f64 {
        let largest = |weights: &[f32]| weights.iter().copied().fold(1.0_f32, f32::max);
        let objective = self.objective(0);
        f64::from(largest(&objective.feature_weights) / largest(&self.loss_weights)).max(1.0)
    }

    /// Errors of PCA with 1, 2, 3 and as many components as latents (that a row uses), on the held-out rows (or the training rows where
    /// none are held out).
    fn pca_errors(
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

#[cfg(test)]
mod tests;
