//! What was done in a fit and how well it went: kept in the model file, shown by `inspect` and the report.
//!
//! It holds nothing that changes from run to run (no times, no host, no threads, no file names), so the same data,
//! settings and seed give the same file, whatever format the data came in.

mod sentences;

use lumenfold_data::Crops;
use serde::{Deserialize, Serialize};

use crate::metrics::Errors;
use crate::settings::{Kind, LossUnits, ScheduleKind, Settings};
use crate::{Cost, Likelihood, Noise, Sparsity};

/// The training record of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingRecord {
    /// Hash of the data, see [`lumenfold_data::Dataset::fingerprint`].
    pub fingerprint: String,
    /// Usable rows.
    pub rows: usize,
    /// Rows that were left out because a value was missing.
    pub skipped_rows: usize,
    /// Values of the other rows that were absent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub absent_values: usize,
    /// Of a patch model: the images that its rows were cut from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patches: Option<PatchRecord>,
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
    /// Of a sparse autoencoder: how its latents are used, on the rows of `pca`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Of a variational autoencoder: how well it explains the rows of `pca`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
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

/// The images of a patch model. The shape of a patch, its axes and the steps of their grids are those of a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatchRecord {
    /// How many images there were.
    pub images: usize,
    /// The bins of an image along each axis.
    pub sizes: Vec<usize>,
    /// Blocks that the images were divided into, whole images where there were many.
    pub blocks: usize,
    /// Blocks that were held out: no patch that trained touches them, every patch that judged lies within one.
    pub held_out_blocks: usize,
    /// What was held out, in words.
    pub held_out: String,
}

impl From<&Crops> for PatchRecord {
    fn from(crops: &Crops) -> Self {
        let (held_out_blocks, blocks) = crops.regions().counts();
        Self {
            images: crops.images().count(),
            sizes: crops.images().sizes(),
            blocks,
            held_out_blocks,
            held_out: crops.regions().in_words(),
        }
    }
}

/// How the latents of a sparse autoencoder are used by some rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Rows that were measured.
    pub rows: usize,
    /// Latents that a row uses, on average.
    pub active: f64,
    /// Latents that no row uses, neither of these nor of those that were trained on.
    pub dead: usize,
    /// The share of the rows that use each latent.
    pub shares: Vec<f64>,
    /// The mean value of each latent.
    pub activity: Vec<f64>,
}

impl RecordedSettings {
    /// The value above which a latent of a sparse code counts as used; none for other codes.
    #[must_use]
    pub fn used_above(&self) -> Option<f32> {
        self.sparsity.map(Sparsity::used_above)
    }
}

impl Usage {
    /// Components of the PCA that such codes are compared with: as many as a row uses latents, one at least.
    #[must_use]
    pub fn components(&self) -> usize {
        self.active.round().max(1.0) as usize
    }
}

/// How well a variational autoencoder explains some rows, in nats for a row. A normal density is that of scaled values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Rows that were measured.
    pub rows: usize,
    /// The evidence lower bound, at a weight of one of the divergence.
    pub elbo: f64,
    /// Its first term: the mean logarithm of the likelihood, given a drawn code.
    pub reconstruction: f64,
    /// Its second term: the mean divergence of the codes' distributions from the standard normal one.
    pub divergence: f64,
    /// Latents whose mean varies over the rows with a variance above 0.01.
    pub active: usize,
    /// The mean divergence of each latent.
    pub divergences: Vec<f64>,
    /// The variance of each latent's mean over the rows.
    pub spread: Vec<f64>,
    /// The likelihood itself, estimated.
    pub importance: Option<Importance>,
}

/// The logarithm of the likelihood by importance sampling, a lower bound that is tighter than the evidence lower bound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// Rows that were measured.
    pub rows: usize,
    /// Codes that were drawn for each.
    pub draws: usize,
    /// Its mean, in nats for a row.
    pub log_likelihood: f64,
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
    /// What kept most numbers of the code at zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sparsity: Option<Sparsity>,
    /// The weight of the second reconstruction that revives dead latents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revival: Option<f64>,
    /// The distribution of a sample about its reconstruction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likelihood: Option<Likelihood>,
    /// Whether zeros and ones were drawn from the values.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub binarize: bool,
    /// The weight of the divergence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beta: Option<f64>,
    /// The share of the steps in which it rose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beta_warm_up: Option<f64>,
    /// Nats that each latent's divergence cost at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_nats: Option<f64>,
    /// What an error cost.
    #[serde(default)]
    pub cost: Cost,
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
    /// Shares by which the training rows are stretched along their axes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stretch: Vec<f64>,
    /// Principal components in which the network learnt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<usize>,
    /// Stretched copies of each row that were learnt from beside it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub copies: usize,
    /// Sets of initial weights that were planned.
    #[serde(default = "one_start")]
    pub starts: u16,
    /// Epochs without a better held-out error that would have ended the fit, or one start.
    pub patience: Option<usize>,
    /// Share of the rows that was held out.
    pub validation: f64,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
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
            sparsity: settings.sparsity,
            revival: Some(settings.revival_strength()).filter(|strength| *strength > 0.0),
            likelihood: settings.chosen_likelihood(),
            binarize: settings.binarize,
            beta: (settings.kind == Kind::Variational).then(|| settings.chosen_beta()),
            beta_warm_up: (settings.kind == Kind::Variational).then(|| settings.chosen_warm_up()),
            free_nats: settings.free_nats,
            cost: settings.cost,
            ordered: settings.ordered,
            scaling: settings.scaling.to_string(),
            loss_units: settings.loss_units,
            optimiser: "AdamW".to_owned(),
            learning_rate: settings.learning_rate,
            schedule: settings.schedule,
            weight_decay: settings.weight_decay,
            clip_norm: settings.clip_norm,
            jitter: settings.jitter,
            stretch: settings.stretch.clone(),
            components: settings.components,
            copies: settings.copies,
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
