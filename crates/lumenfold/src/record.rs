//! What was done in a fit and how well it went: kept in the model file, shown by `inspect` and the report.
//!
//! It holds nothing that changes from run to run (no times, no host, no threads, no file names), so the same data,
//! settings and seed give the same file, whatever format the data came in.

use serde::{Deserialize, Serialize};

use crate::metrics::Errors;
use crate::settings::{LossUnits, ScheduleKind, Settings};

/// The training record of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingRecord {
    /// Hash of the data, see [`lumenfold_data::Dataset::fingerprint`].
    pub fingerprint: String,
    /// Usable rows.
    pub rows: usize,
    /// Rows that were left out because a value was missing.
    pub skipped_rows: usize,
    /// Rows that were trained on.
    pub train_rows: usize,
    /// Rows that were held out.
    pub validation_rows: usize,
    /// The seed of split, initial weights and order.
    pub seed: u64,
    /// The settings of the optimisation.
    pub settings: RecordedSettings,
    /// Rows in a step.
    pub batch: usize,
    /// Epochs that were planned, those of all starts together.
    pub epochs_planned: usize,
    /// Epochs that were done.
    pub epochs: usize,
    /// The epoch whose weights were kept, counted from 1; 0 if the fit ended before the first.
    pub best_epoch: usize,
    /// Steps that were taken.
    pub steps: u64,
    /// Why the fit ended.
    pub stopped: Stopped,
    /// Errors on the training rows, with the weights that were kept.
    pub train: Errors,
    /// Errors on the held-out rows.
    pub validation: Option<Errors>,
    /// Errors of PCA on the same rows as `validation` (on the training rows where none were held out).
    pub pca: Vec<PcaErrors>,
    /// Loss of every epoch.
    pub losses: Vec<EpochLoss>,
    /// How often the training broke down and went on from the epoch before with a lower learning rate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recoveries: Vec<Recovery>,
}

/// A training that broke down and went on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recovery {
    /// The epoch that broke down and was done again, counted from 1.
    pub epoch: usize,
    /// Peak of the learning rate from there on.
    pub learning_rate: f64,
}

impl TrainingRecord {
    /// Errors on held-out rows, or on the training rows where none were held out.
    #[must_use]
    pub fn judged(&self) -> &Errors {
        self.validation.as_ref().unwrap_or(&self.train)
    }

    /// PCA with that many components.
    #[must_use]
    pub fn pca_with(&self, components: usize) -> Option<&Errors> {
        self.pca.iter().find(|pca| pca.components == components).map(|pca| &pca.errors)
    }
}

/// The settings that shaped the optimisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedSettings {
    /// How features were scaled, as the program's option spells it.
    pub scaling: String,
    /// How the loss weighed features.
    pub loss_units: LossUnits,
    /// The optimiser.
    pub optimiser: String,
    /// Peak of the learning rate.
    pub learning_rate: f64,
    /// How the learning rate changed.
    pub schedule: ScheduleKind,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Largest norm of a gradient.
    pub clip_norm: Option<f64>,
    /// Deviation of the noise on the training rows, in scaled units.
    #[serde(default)]
    pub jitter: f64,
    /// Sets of initial weights that were planned.
    #[serde(default = "one_start")]
    pub starts: u16,
    /// Epochs without a better held-out error that would have ended the fit, or one start.
    pub patience: Option<usize>,
    /// Share of the rows that was held out.
    pub validation: f64,
}

/// What a record without the key says.
fn one_start() -> u16 {
    1
}

impl From<&Settings> for RecordedSettings {
    fn from(settings: &Settings) -> Self {
        Self {
            scaling: settings.scaling.to_string(),
            loss_units: settings.loss_units,
            optimiser: "AdamW".to_owned(),
            learning_rate: settings.learning_rate,
            schedule: settings.schedule,
            weight_decay: settings.weight_decay,
            clip_norm: settings.clip_norm,
            jitter: settings.jitter,
            starts: settings.starts,
            patience: settings.patience,
            validation: settings.validation,
        }
    }
}

/// Loss of one epoch, in the units of the loss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochLoss {
    /// Counted from 1.
    pub epoch: usize,
    /// Mean over the training rows, with their jitter, each measured before its step.
    pub train: f64,
    /// Mean over the held-out rows after the epoch.
    pub validation: Option<f64>,
}

/// Why a fit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// All planned epochs were done.
    AllEpochs,
    /// The held-out error had not improved for as many epochs as the patience; with several starts, in one of them.
    Patience,
    /// Somebody asked for it.
    Interrupted,
}

/// PCA with some components, on the same rows as the autoencoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PcaErrors {
    /// Principal components.
    pub components: usize,
    /// Their errors.
    pub errors: Errors,
}
