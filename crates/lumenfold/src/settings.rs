//! What a user can choose about a fit.

mod kinds;
mod named;
mod nets;

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use lumenfold_data::ScalingKind;
use lumenfold_engine::{Activation, Network};
use serde::{Deserialize, Serialize};

use crate::architecture::{Net, Norm};
use crate::{Cost, Error, Likelihood, Noise, Sparsity};

/// The largest latent dimension and width of a hidden layer.
const WIDEST: usize = 1 << 20;

/// The most parameters of a network: 4 GiB, of which training needs six times as much.
const MOST_PARAMETERS: usize = 1 << 30;

/// Values of a batch of fields where nothing is chosen.
const FIELD_VALUES_OF_BATCH: usize = 1 << 19;

/// The largest weight of a feature.
const HEAVIEST: f64 = 1e6;

/// The most epochs of a fit; their steps can be counted.
const MOST_EPOCHS: usize = 1_000_000_000;

/// The units in which the reconstruction loss weighs features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LossUnits {
    /// Scaled units: with `standard` scaling each feature counts alike, whatever its unit.
    #[default]
    Scaled,
    /// The units of the data: right where all features share one, as magnitudes do.
    Original,
}

/// How the learning rate changes over a fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScheduleKind {
    /// Warm-up over a fiftieth of the steps, then a cosine down to zero.
    #[default]
    Cosine,
    /// No change.
    Constant,
    /// A tenth of the rate after each third of the epochs.
    Step,
}

/// The kind of autoencoder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A code of fewer numbers than features.
    #[default]
    Undercomplete,
    /// A code of which most numbers are zero.
    Sparse,
    /// Learns to undo a corruption of its inputs.
    Denoising,
    /// A code with a distribution, from which new samples can be drawn.
    Variational,
}

macro_rules! named {
    ($kind:ty, $what:literal, $($variant:ident = $name:literal),+) => {
        impl $kind {
            /// The name used in files and on the command line.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
        impl fmt::Display for $kind {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.name())
            }
        }
        impl FromStr for $kind {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($name => Ok(Self::$variant),)+
                    _ => Err(format!("unknown {} \"{text}\"; choose one of {}", $what, [$($name),+].join(", "))),
                }
            }
        }
    };
}

named!(
    Kind,
    "kind",
    Undercomplete = "undercomplete",
    Sparse = "sparse",
    Denoising = "denoising",
    Variational = "variational"
);
named!(LossUnits, "loss units", Scaled = "scaled", Original = "original");
named!(ScheduleKind, "schedule", Cosine = "cosine", Constant = "constant", Step = "step");

/// Everything that decides what a fit gives, but the data: with the same settings and data the model has the same bits.
/// Threads are the exception: they change the time and nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The kind of autoencoder.
    pub kind: Kind,
    /// What corrupts the inputs of a denoising autoencoder, one after the other.
    pub noise: Vec<Noise>,
    /// Share of the values that a denoising autoencoder must tell from the others in each step, without seeing them.
    pub blind_spots: Option<f64>,
    /// What keeps most numbers of a sparse autoencoder's code at zero.
    pub sparsity: Option<Sparsity>,
    /// The weight of the second reconstruction that revives dead latents, where the sparsity is `topk` or `batch-topk`; 0
    /// for none. `None`: 0.25.
    pub revival: Option<f64>,
    /// The distribution of a sample about its reconstruction, in a variational autoencoder; `None`: normal, with a variance
    /// that is learnt for each feature.
    pub likelihood: Option<Likelihood>,
    /// Whether values are chances from which zeros and ones are drawn anew in every epoch; with the Bernoulli likelihood.
    pub binarize: bool,
    /// The weight of the divergence in a variational autoencoder; `None`: 1, which makes the loss the evidence lower bound.
    pub beta: Option<f64>,
    /// Share of all steps in which that weight rises from zero; `None`: 0.1.
    pub beta_warm_up: Option<f64>,
    /// Nats that each latent's divergence costs at least; `None`: 0.
    pub free_nats: Option<f64>,
    /// What an error costs, where no likelihood says it.
    pub cost: Cost,
    /// Order the coordinates of the code: the first k of them are the best code of k numbers that the training finds.
    pub ordered: bool,
    /// Numbers in the latent code.
    pub latent: usize,
    /// What the network is made of.
    pub net: Net,
    /// Widths of the encoder's hidden layers; the decoder mirrors them. May be empty. In a convolutional network they come
    /// between the convolutions and the code.
    pub hidden: Vec<usize>,
    /// Channels of the convolutions of a convolutional network; `None`: as the shape of a sample calls for.
    pub channels: Option<Vec<usize>>,
    /// Positions of their windows along each dimension; `None`: 5 in one dimension, 3 in two and three.
    pub kernel: Option<usize>,
    /// The function after each hidden layer.
    pub activation: Activation,
    /// Normalisation after each hidden layer.
    pub norm: Norm,
    /// How features are scaled.
    pub scaling: ScalingKind,
    /// How the loss weighs features.
    pub loss_units: LossUnits,
    /// What the loss of each feature is multiplied by besides, in the order of the features; `None`: one.
    pub feature_weights: Option<Vec<f64>>,
    /// Passes over the training rows from each start; `None`: as many as make 20,000 steps, 20 at least.
    pub epochs: Option<usize>,
    /// Rows in a step; `None`: 512, for networks of fields fewer (from 128 for small samples to 16 for large ones), or a
    /// sixteenth of the training rows where that is less, 16 at least.
    pub batch: Option<usize>,
    /// Peak of the learning rate.
    pub learning_rate: f64,
    /// How the learning rate changes.
    pub schedule: ScheduleKind,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Largest norm of a gradient.
    pub clip_norm: Option<f64>,
    /// Standard deviation, in scaled units, of the noise that every epoch adds anew to the training rows, as input and
    /// as target. It keeps the network smooth between the rows, so that rare rows do not bend it; 0 for none.
    pub jitter: f64,
    /// How far every epoch stretches the training rows along their axes anew, by factors between exp(-share) and
    /// exp(share): one share for all axes, or one for each; empty for none.
    pub stretch: Vec<f64>,
    /// Principal components of the rows in which the network learns, before they are multiplied into its first and last
    /// layers; `None`: it learns from the values. For samples of many values of which there are few.
    pub components: Option<usize>,
    /// Stretched copies of each row that are learnt from beside it, with `components`: made once.
    pub copies: usize,
    /// Sets of initial weights from which the whole training is done; the one that comes to the lowest held-out error
    /// is kept. The training of a deep autoencoder ends in one of many local minima, and this is a choice among them.
    pub starts: u16,
    /// Epochs without a better held-out error after which a fit (each start, if there are several) ends; `None`: never
    /// before the last epoch.
    pub patience: Option<usize>,
    /// Share of the rows that is held out.
    pub validation: f64,
    /// Seed of the split, the initial weights and the order of rows.
    pub seed: u64,
    /// Seed of the split alone; `None`: that of everything else. Fits with one split can be compared row by row.
    pub split_seed: Option<u64>,
    /// Threads; changes the time only.
    pub threads: NonZeroUsize,
    /// Accept features that never change.
    pub allow_constant: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            kind: Kind::Undercomplete,
            noise: Vec::new(),
            blind_spots: None,
            sparsity: None,
            revival: None,
            likelihood: None,
            binarize: false,
            beta: None,
            beta_warm_up: None,
            free_nats: None,
            cost: Cost::Squared,
            ordered: false,
            latent: 2,
            net: Net::Dense,
            hidden: Net::Dense.default_hidden(),
            channels: None,
            kernel: None,
            activation: Activation::Silu,
            norm: Norm::Layer,
            scaling: ScalingKind::Standard,
            loss_units: LossUnits::Scaled,
            feature_weights: None,
            epochs: None,
            batch: None,
            learning_rate: Self::default_learning_rate(Kind::Undercomplete, true),
            schedule: ScheduleKind::Cosine,
            weight_decay: 0.0,
            clip_norm: None,
            jitter: 0.0,
            stretch: Vec::new(),
            components: None,
            copies: 0,
            starts: 1,
            patience: None,
            validation: 0.2,
            seed: 0,
            split_seed: None,
            threads: NonZeroUsize::MIN,
            allow_constant: false,
        }
    }
}

impl Settings {
    /// Steps that the default number of epochs comes to.
    pub const DEFAULT_STEPS: usize = 20_000;

    /// Rows in a step where nothing is chosen and there are many rows.
    pub const LARGEST_DEFAULT_BATCH: usize = 512;

    /// Checks every setting that does not depend on the data.
    ///
    /// # Errors
    /// [`Error::Setting`] names the first that is out of range.
    pub fn check(&self) -> Result<(), Error> {
        let check = |name: &'static str, value: String, allowed: &str, good: bool| {
            if good { Ok(()) } else { Err(Error::Setting { name, value, allowed: allowed.to_owned() }) }
        };
        let width = |width: usize| (1..=WIDEST).contains(&width);
        self.check_kind()?;
        check("--latent", self.latent.to_string(), "from 1 to 1048576", width(self.latent))?;
        let orders = self.latent > 1 || !self.ordered;
        check("--latent", self.latent.to_string(), "at least 2 with --ordered: one number has no order", orders)?;
        for hidden in &self.hidden {
            check("--hidden", hidden.to_string(), "widths from 1 to 1048576", width(*hidden))?;
        }
        check("--hidden", format!("{} layers", self.hidden.len()), "at most 64 layers", self.hidden.len() <= 64)?;
        self.check_net()?;
        let hidden = self.activation != Activation::Exp;
        check("--activation", self.activation.to_string(), "another: exp makes rates, not hidden values", hidden)?;
        let positive = |value: f64| value.is_finite() && value > 0.0;
        for weight in self.feature_weights.iter().flatten() {
            let good = (0.0..=HEAVIEST).contains(weight);
            check("--feature-weights", weight.to_string(), "a list of numbers from 0 to 1e6", good)?;
        }
        let some = self.feature_weights.iter().flatten().any(|weight| *weight > 0.0) || self.feature_weights.is_none();
        check("--feature-weights", "zero for every feature".to_owned(), "above zero for one at least", some)?;
        let batch = self.batch.unwrap_or(1);
        check("--batch", batch.to_string(), "at least 1", batch > 0)?;
        let epochs = self.epochs.unwrap_or(1);
        check("--epochs", epochs.to_string(), "from 1 to 1000000000", (1..=MOST_EPOCHS).contains(&epochs))?;
        let patience = self.patience.unwrap_or(1);
        check("--patience", patience.to_string(), "at least 1", patience > 0)?;
        let rate = self.learning_rate;
        check("--learning-rate", rate.to_string(), "a positive number", positive(rate))?;
        let decay = self.weight_decay;
        check("--weight-decay", decay.to_string(), "zero or positive", decay.is_finite() && decay >= 0.0)?;
        let clip = self.clip_norm.unwrap_or(1.0);
        check("--clip-norm", clip.to_string(), "a positive number", positive(clip))?;
        let jitter = self.jitter;
        check("--jitter", jitter.to_string(), "zero or positive", jitter.is_finite() && jitter >= 0.0)?;
        self.check_stretch()?;
        self.check_components()?;
        check("--starts", self.starts.to_string(), "from 1 to 65535", self.starts > 0)?;
        let share = self.validation;
        check("--validation", share.to_string(), "from 0 to below 1", (0.0..1.0).contains(&share))?;
        check("--starts", self.starts.to_string(), "1 where --validation is 0", share > 0.0 || self.starts == 1)?;
        check(
            "--patience",
            patience.to_string(),
            "left out where --validation is 0",
            share > 0.0 || self.patience.is_none(),
        )
    }

    /// Checks that the network is of a size that can be trained.
    pub(crate) fn check_size(&self, network: &Network) -> Result<(), Error> {
        let count = network.parameter_count();
        if count <= MOST_PARAMETERS {
            return Ok(());
        }
        let value = format!("{} and --latent {}", listed(&self.hidden), self.latent);
        let allowed =
            format!("narrower: the network would have {count} parameters, at most {MOST_PARAMETERS} are trained");
        Err(Error::Setting { name: "--hidden", value, allowed })
    }

    /// Whether the training rows differ from epoch to epoch.
    pub(crate) fn varies_rows(&self) -> bool {
        self.jitter > 0.0 || (!self.stretch.is_empty() && self.components.is_none())
    }

    /// The seed of the split.
    #[must_use]
    pub fn seed_of_split(&self) -> u64 {
        self.split_seed.unwrap_or(self.seed)
    }

    /// Rows in a step where nothing is chosen and there are many rows of so many features. Convolutions make much of a
    /// sample, so large ones come in small batches.
    #[must_use]
    pub fn largest_default_batch(&self, features: usize) -> usize {
        match self.net {
            Net::Dense => Self::LARGEST_DEFAULT_BATCH,
            Net::Convolutional | Net::Described(_) => (FIELD_VALUES_OF_BATCH / features.max(1)).clamp(16, 128),
        }
    }

    /// Rows in a step for so many training rows.
    #[must_use]
    pub fn batch_for(&self, training_rows: usize, features: usize) -> usize {
        let largest = self.largest_default_batch(features);
        self.batch.unwrap_or_else(|| (training_rows / 16).clamp(16, largest).min(training_rows))
    }

    /// Epochs for so many training rows and this batch.
    #[must_use]
    pub fn epochs_for(&self, training_rows: usize, batch: usize) -> usize {
        self.epochs.unwrap_or_else(|| Self::DEFAULT_STEPS.div_ceil(training_rows.div_ceil(batch)).max(20))
    }
}

/// Numbers with commas between them.
pub(crate) fn listed<T: ToString>(numbers: &[T]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_out_of_range_is_refused_by_name() {
        let good = Settings::default();
        let denoising = Settings { kind: Kind::Denoising, noise: vec![Noise::Gaussian(0.1)], ..good.clone() };
        let sparse = Settings { kind: Kind::Sparse, sparsity: Some(Sparsity::TopK(1)), ..good.clone() };
        let variational = Settings { kind: Kind::Variational, ..good.clone() };
        let counting = Settings { scaling: ScalingKind::Factor(10.0), ..variational.clone() };
        let counting = Settings { likelihood: Some(Likelihood::Poisson), ..counting };
        for settings in [&good, &denoising, &sparse, &variational, &counting] {
            assert!(settings.check().is_ok());
        }
        let bad = [
            ("--latent", Settings { latent: 0, ..good.clone() }),
            ("--latent", Settings { latent: 1, ordered: true, ..good.clone() }),
            ("--hidden", Settings { hidden: vec![4, 0], ..good.clone() }),
            ("--hidden", Settings { hidden: vec![4; 65], ..good.clone() }),
            ("--batch", Settings { batch: Some(0), ..good.clone() }),
            ("--epochs", Settings { epochs: Some(0), ..good.clone() }),
            ("--epochs", Settings { epochs: Some(usize::MAX), ..good.clone() }),
            ("--patience", Settings { patience: Some(0), ..good.clone() }),
            ("--learning-rate", Settings { learning_rate: f64::INFINITY, ..good.clone() }),
            ("--weight-decay", Settings { weight_decay: -0.1, ..good.clone() }),
            ("--clip-norm", Settings { clip_norm: Some(0.0), ..good.clone() }),
            ("--kind", Settings { kind: Kind::Denoising, ..good.clone() }),
            ("--noise", Settings { noise: vec![Noise::Gaussian(0.1)], ..good.clone() }),
            ("--noise", Settings { noise: vec![Noise::Masking(2.0)], ..denoising.clone() }),
            ("--noise", Settings { noise: vec![Noise::Gaussian(0.1); 17], ..denoising.clone() }),
            (
                "--noise",
                Settings { noise: vec![Noise::Poisson(2.0)], scaling: ScalingKind::Asinh, ..denoising.clone() },
            ),
            ("--sparsity", Settings { sparsity: Some(Sparsity::TopK(1)), ..good.clone() }),
            ("--kind", Settings { kind: Kind::Sparse, ..good.clone() }),
            ("--sparsity", Settings { sparsity: Some(Sparsity::TopK(9)), ..sparse.clone() }),
            ("--revival", Settings { revival: Some(0.1), sparsity: Some(Sparsity::L1(0.1)), ..sparse.clone() }),
            ("--revival", Settings { revival: Some(-1.0), ..sparse.clone() }),
            ("--revival", Settings { revival: Some(0.1), ..good.clone() }),
            ("--ordered", Settings { ordered: true, ..sparse.clone() }),
            ("--noise", Settings { noise: vec![Noise::Gaussian(0.1)], ..sparse.clone() }),
            ("--likelihood", Settings { likelihood: Some(Likelihood::Poisson), ..good.clone() }),
            ("--beta", Settings { beta: Some(1.0), ..sparse.clone() }),
            ("--beta", Settings { beta: Some(f64::NAN), ..variational.clone() }),
            ("--beta-warm-up", Settings { beta_warm_up: Some(2.0), ..variational.clone() }),
            ("--free-nats", Settings { free_nats: Some(-1.0), ..variational.clone() }),
            ("--binarize", Settings { binarize: true, ..variational.clone() }),
            ("--ordered", Settings { ordered: true, ..variational.clone() }),
            ("--loss", Settings { cost: Cost::Huber(1.0), ..variational.clone() }),
            ("--loss-units", Settings { loss_units: LossUnits::Original, ..variational.clone() }),
            ("--feature-weights", Settings { feature_weights: Some(vec![1.0]), ..variational.clone() }),
            ("--scale", Settings { likelihood: Some(Likelihood::Bernoulli), ..variational.clone() }),
            ("--jitter", Settings { jitter: 0.1, likelihood: Some(Likelihood::Poisson), ..counting.clone() }),
            ("--activation", Settings { activation: Activation::Exp, ..good.clone() }),
            ("--blind-spots", Settings { blind_spots: Some(0.1), ..good.clone() }),
            ("--blind-spots", Settings { blind_spots: Some(1.0), ..denoising.clone() }),
            ("--jitter", Settings { jitter: -0.1, ..good.clone() }),
            ("--jitter", Settings { jitter: f64::NAN, ..good.clone() }),
            ("--stretch", Settings { stretch: vec![0.1, 0.7], scaling: ScalingKind::Common, ..good.clone() }),
            ("--stretch", Settings { stretch: vec![f64::NAN], scaling: ScalingKind::Common, ..good.clone() }),
            ("--stretch", Settings { stretch: vec![0.1], scaling: ScalingKind::Factor(2.0), ..counting.clone() }),
            ("--feature-weights", Settings { feature_weights: Some(vec![1.0, -1.0]), ..good.clone() }),
            ("--feature-weights", Settings { feature_weights: Some(vec![1.0, f64::NAN]), ..good.clone() }),
            ("--feature-weights", Settings { feature_weights: Some(vec![0.0, 0.0]), ..good.clone() }),
            ("--starts", Settings { starts: 0, ..good.clone() }),
            ("--starts", Settings { validation: 0.0, starts: 2, ..good.clone() }),
            ("--validation", Settings { validation: 1.0, ..good.clone() }),
            ("--patience", Settings { validation: 0.0, patience: Some(3), ..good.clone() }),
        ];
        for (name, settings) in bad {
            let message = settings.check().expect_err(name).to_string();
            assert!(message.starts_with(name), "{message}");
        }
    }

    #[test]
    fn batch_and_epochs_follow_the_number_of_rows() {
        let settings = Settings::default();
        assert_eq!(settings.batch_for(7, 5), 7);
        assert_eq!(settings.batch_for(1000, 5), 62);
        assert_eq!(settings.batch_for(1_000_000, 5), 512);
        assert_eq!(settings.epochs_for(17_274, 512), 589);
        assert_eq!(settings.epochs_for(10_000_000, 512), 20);
        assert_eq!(Settings { epochs: Some(3), ..settings }.epochs_for(7, 7), 3);
    }
}
