//! What was done in a fit and how well it went: kept in the model file, shown by `inspect` and the report.
//!
//! It holds nothing that changes from run to run (no times, no host, no threads, no file names), so the same data,
//! settings and seed give the same file, whatever format the data came in.

use serde::{Deserialize, Serialize};

use crate::Noise;
use crate::metrics::Errors;
use crate::settings::{Kind, LossUnits, ScheduleKind, Settings};
use crate::words::{number, percent};

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
    /// The seed of the split, where it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_seed: Option<u64>,
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
    /// Of a denoising autoencoder: errors on the same rows where they came in corrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denoising: Option<DenoisingErrors>,
    /// Where the coordinates of the code are ordered: errors with the first 1, 2, 3, … of them, zero standing for the
    /// others, on the rows of `pca`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ordered: Vec<Errors>,
    /// Loss of every epoch.
    pub losses: Vec<EpochLoss>,
    /// How often the training broke down and went on from the epoch before with a lower learning rate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recoveries: Vec<Recovery>,
}

/// Errors on rows that came in corrupted as in training, measured against the rows as they were. With blind spots,
/// only the hidden values count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DenoisingErrors {
    /// Of the corrupted rows themselves.
    pub corrupted: Errors,
    /// Of their reconstruction.
    pub reconstructed: Errors,
    /// Of their reconstruction by PCA with as many components as latents.
    pub pca: Option<Errors>,
}

impl TrainingRecord {
    /// What was done to the inputs of a denoising autoencoder, in words.
    #[must_use]
    pub fn corruption(&self) -> Option<String> {
        let settings = &self.settings;
        let noise = settings.noise.iter().map(Noise::to_string);
        let blind = settings.blind_spots.map(|share| format!("blind spots in {} of the values", percent(share)));
        let all: Vec<String> = noise.chain(blind).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// How well a denoising autoencoder does, in a sentence for each finding.
    #[must_use]
    pub fn denoising_in_words(&self) -> Vec<String> {
        let (Some(errors), Some(corruption)) = (&self.denoising, self.corruption()) else { return Vec::new() };
        let rms = |errors: &Errors| number(errors.mse.sqrt());
        let rows = if self.validation.is_some() { "held-out" } else { "training" };
        let (before, after) = (rms(&errors.corrupted), rms(&errors.reconstructed));
        let mut sentences = vec![match self.settings.blind_spots {
            None => format!("Of {rows} rows corrupted by {corruption}, an rms error of {before} becomes {after}"),
            Some(_) => format!(
                "Values hidden in {rows} rows ({corruption}) are told from the others with an rms error of {after}; a \
                 constant in their place is off by {before}"
            ),
        }];
        if let Some(pca) = &errors.pca {
            sentences[0] += &format!("; with PCA of as many components it is {}", rms(pca));
        }
        let losses =
            [Some(&errors.corrupted), errors.pca.as_ref()].map(|rival| rival.map_or(f64::INFINITY, |rival| rival.loss));
        let own = errors.reconstructed.loss;
        match (losses[0] < own, losses[1] < own) {
            (true, _) if self.settings.blind_spots.is_some() => {
                sentences.push("The network tells hidden values worse than their means do".to_owned());
            }
            (true, false) => sentences.push(
                "The network loses more than the noise: it needs more latents, or rows need no such denoiser"
                    .to_owned(),
            ),
            (true, true) if losses[0] <= losses[1] => sentences.push(
                "Network and PCA lose more than the noise: more latents are needed, or rows need no such denoiser"
                    .to_owned(),
            ),
            (_, true) => sentences.push("PCA is the better denoiser here".to_owned()),
            _ => {}
        }
        if self.settings.blind_spots.is_some() {
            let why =
                "In the table of errors, each value is hidden while the autoencoder tells it; PCA sees all of them";
            sentences.push(why.to_owned());
        }
        sentences.into_iter().map(|sentence| sentence + ".").collect()
    }
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

    /// The seed of the split.
    #[must_use]
    pub fn seed_of_split(&self) -> u64 {
        self.split_seed.unwrap_or(self.seed)
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
    /// The kind of autoencoder.
    #[serde(default)]
    pub kind: Kind,
    /// What corrupted the inputs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub noise: Vec<Noise>,
    /// Share of the values that were hidden in each step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blind_spots: Option<f64>,
    /// Whether the coordinates of the code were ordered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ordered: bool,
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
            kind: settings.kind,
            noise: settings.noise.clone(),
            blind_spots: settings.blind_spots,
            ordered: settings.ordered,
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
