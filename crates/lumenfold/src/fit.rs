//! A fit: from a data set and settings to an autoencoder and the record of its training.
//!
//! Where the rows live makes no difference: [`prepare`] takes a [`Dataset`](lumenfold_data::Dataset) in memory or a
//! [`Samples`](lumenfold_data::Samples) that may be on disk, checks them, fits the scaling and divides them; the
//! training goes over them in windows. A training can be left at any step and resumed from its [`Checkpoint`]; the
//! model that comes out has the same bits.

mod checkpoint;
mod checks;
mod components;
mod domain;
mod evidence;
mod fresh;
mod ground;
mod grouped;
mod initial;
mod judged;
mod judging;
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

use lumenfold_data::axis::Stretching;
use lumenfold_data::{BlockSplit, OrderSizes, Part, Rows, Scaling};
use lumenfold_engine::{InstructionSet, Network};

pub use checkpoint::{Checkpoint, Checkpointing, Every};
use checkpoint::{Identity, Saver};
pub(crate) use ground::Ground;
pub(crate) use judging::pca_of;
use material::Material;
use state::State;
use training::Training;

use crate::blind_spots::BlindSpots;
use crate::record::{EpochLoss, PatchRecord, Recovery, Stopped, TrainingRecord};
use crate::settings::Settings;
use crate::{Autoencoder, Error, Pca};

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

/// What a training comes to.
struct Learnt {
    /// The best parameters.
    parameters: Vec<f32>,
    best_epoch: usize,
    steps: u64,
    losses: Vec<EpochLoss>,
    recoveries: Vec<Recovery>,
    stopped: Stopped,
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
    // What its checkpoints are named by, if not by its own data and settings.
    named: Option<Identity>,
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
    stretching: Option<Stretching>,
}

/// The checks of a fit and what comes before its training: split, scaling and network.
///
/// # Errors
/// Settings out of range, data that cannot be learnt from, or a network that does not fit in memory.
pub fn prepare<'a>(rows: impl Into<Rows<'a>>, settings: &'a Settings) -> Result<Prepared<'a>, Error> {
    prepare_as(rows.into(), settings, None)
}

/// The same with a split that was drawn before, and the identity of the fit that it is a part of.
fn prepare_as<'a>(
    rows: Rows<'a>,
    settings: &'a Settings,
    part: Option<(BlockSplit, Identity)>,
) -> Result<Prepared<'a>, Error> {
    settings.check()?;
    let set = InstructionSet::from_environment()?;
    checks::refuse_combinations(rows, settings)?;
    let stretching = checks::stretching(rows, settings)?;
    let (split, named) = match part {
        Some((split, identity)) => (split, Some(identity)),
        None => (checks::split_rows(rows, settings)?, None),
    };
    let copies = if settings.components.is_some() { settings.copies } else { 0 };
    let batch = settings.batch_for(split.train().saturating_mul(1 + copies), rows.features().len());
    if batch > split.train() {
        return Err(Error::BatchTooLarge { path: rows.source(), batch, rows: split.train() });
    }
    if settings.blind_spots.is_some() && rows.features().len() < 2 {
        let (name, value) = ("--blind-spots", "asked for one feature".to_owned());
        let allowed = "left out: there is no other feature to tell it from".to_owned();
        return Err(Error::Setting { name, value, allowed });
    }
    let network = settings.network(&shape_of(&rows));
    // The hash goes through every byte of the data one after the other: beside the rest, it costs no time.
    let (fingerprint, rest) = std::thread::scope(|scope| {
        let fingerprint = scope.spawn(|| rows.fingerprint());
        let rest = (|| {
            let varies = checks::refuse_unusable_features(rows, settings, &split)?;
            let scaling = Scaling::fit_part(settings.scaling, Part { rows, split: &split, held_out: false })?;
            if let Some(crops) = rows.crops() {
                checks::refuse_images(crops, &scaling, settings)?;
            }
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
        named,
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
        stretching,
    })
}

/// The shape of a row: the sizes of its axes, or the number of its features.
pub(crate) fn shape_of(rows: &Rows<'_>) -> Vec<usize> {
    match rows.axes() {
        [] => vec![rows.features().len()],
        axes => lumenfold_data::axis::shape(axes),
    }
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
        let counts = self.settings.noise.iter().find(|noise| noise.counts());
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
        if self.settings.components.is_some() {
            return checkpoint.check(self.settings, &self.identity(), &self.shape_of_scores()?);
        }
        let shape = checkpoint::Shape {
            length: self.network.parameter_length(),
            starts: self.settings.starts,
            epochs: self.epochs(),
            batch: self.batch,
            rows: self.split.train(),
            judged: self.split.held_out() > 0,
        };
        checkpoint.check(self.settings, &self.identity(), &shape)
    }

    fn identity(&self) -> Identity {
        let own = || Identity::new(self.settings, &self.fingerprint, self.sizes.order);
        self.named.clone().unwrap_or_else(own)
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
        let Self { rows, settings, split, material, .. } = &self;
        // A part of another fit was checked with it.
        if let (Some(checkpoint), None) = (&resume, &self.named) {
            self.check(checkpoint)?;
        }
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
            parameters: Vec::new(),
            network: self.network.clone(),
            features: rows.features().to_vec(),
            axes: rows.axes().to_vec(),
            scaled_mean: mean,
            cost: settings.cost,
            weight_unit: material.weight_unit,
            loss_weights: self.loss_weights.clone(),
            scaling: self.scaling.clone(),
            blind_spots: settings.blind_spots.map(|share| BlindSpots::of_share(share, self.network.features())),
        };
        let learnt = match settings.components {
            Some(_) => self.train_in_components(self.identity(), stop, checkpointing, resume, &mut observe)?,
            None => self.train_directly(&mut autoencoder, stop, checkpointing, resume, &mut observe)?,
        };
        autoencoder.parameters = learnt.parameters;
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
            batch: self.batch,
            epochs_planned: usize::from(settings.starts) * self.epochs(),
            epochs: learnt.losses.len(),
            best_epoch: learnt.best_epoch,
            steps: learnt.steps,
            stopped: learnt.stopped,
            train: autoencoder.errors_over(&self.training_stored(), settings.threads)?,
            validation: self.held_out_errors(&autoencoder)?,
            absent_values: material.absent,
            patches: rows.crops().map(PatchRecord::from),
            pca: self.pca_errors(&autoencoder, pca.as_ref(), usage.as_ref())?,
            denoising: self.denoising_errors(&autoencoder, pca.as_ref())?,
            usage,
            evidence: self.evidence(&autoencoder)?,
            ordered: self.ordered_errors(&autoencoder)?,
            losses: learnt.losses,
            recoveries: learnt.recoveries,
        };
        Ok(Fitted { autoencoder, record })
    }

    /// Epochs of a start.
    fn epochs(&self) -> usize {
        self.settings.epochs_for(self.rows_of_epoch(), self.batch)
    }

    /// Trains the network on the rows themselves.
    fn train_directly(
        &self,
        autoencoder: &mut Autoencoder,
        stop: &AtomicBool,
        checkpointing: Option<&Checkpointing>,
        resume: Option<Checkpoint>,
        observe: &mut dyn FnMut(&Event),
    ) -> Result<Learnt, Error> {
        autoencoder.parameters = initial::parameters(&self.network, self.settings, &autoencoder.scaled_mean, 0);
        let (mut state, at) = match resume.map(Checkpoint::into_state) {
            Some((state, at)) => (state, Some(at)),
            None => (State::new(), None),
        };
        let saver = Saver::new(checkpointing.cloned(), self.identity());
        let largest_weight = self.largest_weight();
        let mut training = Training { prepared: self, epochs: self.epochs(), stop, saver, largest_weight };
        let steps = training.run(&mut state, at, autoencoder, observe)?;
        let best_epoch = state.best.as_ref().map_or(0, |best| best.epoch);
        let last = std::mem::take(&mut autoencoder.parameters);
        Ok(Learnt {
            parameters: state.best.map_or(last, |best| best.parameters),
            best_epoch,
            steps,
            losses: state.losses,
            recoveries: state.recoveries,
            stopped: state.stopped,
        })
    }
}

#[cfg(test)]
mod tests;
