//! The choices of a fit: from the command line, from a TOML file, or the default, in this order.

mod ensembles;

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::str::FromStr;

use clap::Args;
use lumenfold::architecture::Description;
use lumenfold::data::axis::AxesChoice;
use lumenfold::data::{Axis, CropOptions, ScalingKind};
use lumenfold::{Error, Net, Noise, Settings};
use serde::{Deserialize, Deserializer};

pub(crate) use ensembles::measures;

use crate::failure::Failure;
use crate::images;
use crate::latents::Latents;
use crate::names::{Names, names};

/// The most patches of an epoch.
const MOST_PATCHES: usize = 1 << 30;

/// The choices, each of which may be left open. The names in a file are those of the options.
#[derive(Clone, Debug, Default, PartialEq, Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Choices {
    /// Features to learn from, in this order [default: the values of samples with axes, else every numeric column].
    #[arg(long, value_name = "NAME,…", value_parser = names, help_heading = "Data")]
    pub(crate) columns: Option<Names>,
    /// Columns with the standard error of each feature, in the order of the features, or a file of as many rows and columns
    /// (errors.npy, spectra.fits:errors): the loss weighs values by one over the square, and a reduced chi-square is told.
    #[arg(long, value_name = "NAME,…|FILE", value_parser = names, help_heading = "Data")]
    pub(crate) errors: Option<Names>,
    /// Axes of a sample, the last one fastest: grids that the file has (energy_meV), grids as FIRST:LAST:BINS
    /// (q[1/angstrom]=0.1:10:100), names for bins that are counted (y,x with --shape), or none for plain columns [default:
    /// those that the file tells].
    #[arg(long, value_name = "AXIS,…", help_heading = "Data")]
    pub(crate) axes: Option<String>,
    /// Sizes of the axes of a sample, whose values stand in the columns, the last axis fastest [default: as in the file].
    #[arg(long, value_name = "NxN…", help_heading = "Data")]
    pub(crate) shape: Option<String>,
    /// Learn from patches of this shape, cut from images (spectra, maps, volumes) at random places, new in every epoch; an
    /// array of as many dimensions is one image, one of one more dimension several.
    #[arg(long, value_name = "NxN…", help_heading = "Data")]
    pub(crate) patch: Option<String>,
    /// Patches in an epoch, those held out included; with --patch [default: as many as cover every value 8 times, 4096 at
    /// least, as far as they have no more than 2^24 values].
    #[arg(long, value_name = "N", help_heading = "Data")]
    pub(crate) patches: Option<usize>,
    /// Scaling: standard, robust, log, asinh, robust-asinh (each feature by itself), common (all features together), anscombe (for counts,
    /// all together), none, or factor:NUMBER to divide by [default: common for samples with axes, else standard;
    /// with --for anomalies half of the members standard, half robust-asinh].
    #[arg(long, help_heading = "Data")]
    pub(crate) scale: Option<String>,
    /// Share of the rows that is held out to judge by [default: 0.2].
    #[arg(long, value_name = "SHARE", help_heading = "Data")]
    pub(crate) validation: Option<f64>,
    /// Accept columns that have the same value in every row.
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL", help_heading = "Data")]
    pub(crate) allow_constant: Option<bool>,

    /// Kind of autoencoder: undercomplete, sparse, denoising or variational [default: undercomplete].
    #[arg(long, help_heading = "Network")]
    pub(crate) kind: Option<String>,
    /// What corrupts the inputs of a denoising autoencoder, in turn: gaussian:DEVIATION (in scaled units), masking:SHARE,
    /// salt-pepper:SHARE, poisson:COUNTS (for a value of one).
    #[arg(long, value_delimiter = ',', value_name = "NOISE:STRENGTH,…", help_heading = "Network")]
    #[serde(default, deserialize_with = "texts")]
    pub(crate) noise: Option<Vec<String>>,
    /// Denoising without clean data: this share of the values is hidden in each step, and is what must be told from the
    /// others.
    #[arg(long, value_name = "SHARE", help_heading = "Network")]
    pub(crate) blind_spots: Option<f64>,
    /// What keeps most latents of a sparse autoencoder at zero: topk:K or batch-topk:K (latents that a sample may use, or
    /// uses on average), l1:COST, kl:ACTIVITY[:COST], jumprelu:COST[:BANDWIDTH].
    #[arg(long, value_name = "RULE:NUMBER", help_heading = "Network")]
    pub(crate) sparsity: Option<String>,
    /// Weight of the second reconstruction that revives dead latents, with topk and batch-topk; 0 for none [default:
    /// 0.25].
    #[arg(long, value_name = "WEIGHT", help_heading = "Network")]
    pub(crate) revival: Option<f64>,
    /// Distribution of a sample about its reconstruction, in a variational autoencoder: gaussian (with a variance that is
    /// learnt for each feature), gaussian:DEVIATION (in scaled units), bernoulli, poisson [default: gaussian].
    #[arg(long, help_heading = "Network")]
    pub(crate) likelihood: Option<String>,
    /// Take values as chances and draw zeros and ones from them, new in every epoch; with --likelihood bernoulli.
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL", help_heading = "Network")]
    pub(crate) binarize: Option<bool>,
    /// Weight of the divergence of a variational autoencoder's codes from a standard normal distribution [default: 1].
    #[arg(long, value_name = "WEIGHT", help_heading = "Network")]
    pub(crate) beta: Option<f64>,
    /// Share of all steps in which that weight rises from zero [default: 0.1].
    #[arg(long, value_name = "SHARE", help_heading = "Network")]
    pub(crate) beta_warm_up: Option<f64>,
    /// What the divergence of each latent costs at least, in nats [default: 0].
    #[arg(long, value_name = "NATS", help_heading = "Network")]
    pub(crate) free_nats: Option<f64>,
    /// Numbers in the latent code [default: 2].
    #[arg(long, value_name = "N", help_heading = "Network")]
    pub(crate) latent: Option<Latents>,
    /// Order the latent coordinates: the first k of them are made the best code of k numbers, as in PCA.
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL", help_heading = "Network")]
    pub(crate) ordered: Option<bool>,
    /// The network: dense, conv (convolutions, for samples with one to three axes), or a TOML file that describes it layer by
    /// layer [default: dense].
    #[arg(long, value_name = "dense|conv|FILE", help_heading = "Network")]
    pub(crate) net: Option<String>,
    /// Channels of the convolutions, each of which halves the field; with --net conv [default: 16,32,64,… until the field is
    /// small].
    #[arg(long, value_delimiter = ',', value_name = "N,…", help_heading = "Network")]
    pub(crate) channels: Option<Vec<usize>>,
    /// Positions of the convolutions' windows along each axis [default: 5 for spectra, 3 for maps and volumes].
    #[arg(long, value_name = "N", help_heading = "Network")]
    pub(crate) kernel: Option<usize>,
    /// Widths of the encoder's hidden layers; the decoder mirrors them; `none` for none. With --net conv they come between
    /// convolutions and code [default: 40,40,40,40; none with --net conv].
    #[arg(long, value_delimiter = ',', value_name = "N,…", value_parser = width, help_heading = "Network")]
    pub(crate) hidden: Option<Vec<usize>>,
    /// Function after each hidden layer: silu, relu, leaky-relu, gelu, tanh, sin, sigmoid, identity [default: silu].
    #[arg(long, help_heading = "Network")]
    pub(crate) activation: Option<String>,
    /// Normalisation of each hidden layer: layer (of fields, over channels), group (of fields), or none [default: layer;
    /// none with --net conv].
    #[arg(long, help_heading = "Network")]
    pub(crate) norm: Option<String>,

    /// Passes over the training rows, from each start [default: as many as make 20,000 steps, 20 at least].
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub(crate) epochs: Option<usize>,
    /// Rows in a step [default: 512, fewer for small tables; from 128 to 16 with --net conv].
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub(crate) batch: Option<usize>,
    /// Peak of the learning rate [default: 0.01; 0.003 unless --net is dense, 0.001 for sparse autoencoders].
    #[arg(long, value_name = "RATE", help_heading = "Training")]
    pub(crate) learning_rate: Option<f64>,
    /// Learning rate over time: cosine (with warm-up), constant, or step (a tenth after each third) [default: cosine].
    #[arg(long, help_heading = "Training")]
    pub(crate) schedule: Option<String>,
    /// What an error costs: squared, or huber:DISTANCE (in scaled units), which outliers pull less [default: squared].
    #[arg(long, value_name = "LOSS", help_heading = "Training")]
    pub(crate) loss: Option<String>,
    /// What the loss weighs features by: scaled (each alike) or original (in the data's units) [default: scaled].
    #[arg(long, value_name = "UNITS", help_heading = "Training")]
    pub(crate) loss_units: Option<String>,
    /// What the loss of each feature is multiplied by, in the order of the columns [default: 1 for each].
    #[arg(long, value_delimiter = ',', value_name = "W,…", help_heading = "Training")]
    pub(crate) feature_weights: Option<Vec<f64>>,
    /// Decoupled weight decay [default: 0].
    #[arg(long, value_name = "RATE", help_heading = "Training")]
    pub(crate) weight_decay: Option<f64>,
    /// Shorten gradients to this norm [default: no limit].
    #[arg(long, value_name = "NORM", help_heading = "Training")]
    pub(crate) clip_norm: Option<f64>,
    /// Noise of this deviation, in scaled units, on the training rows, new in every epoch [default: 0].
    #[arg(long, value_name = "DEVIATION", help_heading = "Training")]
    pub(crate) jitter: Option<f64>,
    /// Stretch the training rows along their axes, by chance and anew in every epoch, by factors between exp(-SHARE) and
    /// exp(SHARE): one share for all axes, or one for each [default: not]
    #[arg(long, value_name = "SHARE,…", value_delimiter = ',', help_heading = "Training")]
    pub(crate) stretch: Option<Vec<f64>>,
    /// Learn in so many principal components of the rows, which are multiplied into the network's first and last layer
    /// afterwards: for samples of many values of which there are few [default: not].
    #[arg(long, value_name = "K", help_heading = "Training")]
    pub(crate) components: Option<usize>,
    /// Stretched copies of each row that are learnt from beside it, made once; with --components and --stretch.
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub(crate) copies: Option<usize>,
    /// Train this many times from different initial weights and keep the best [default: 1].
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub(crate) starts: Option<u16>,
    /// End after so many epochs without a better held-out error; the best weights are kept in any case [default: never].
    #[arg(long, value_name = "EPOCHS", help_heading = "Training")]
    pub(crate) patience: Option<usize>,
    /// What the model is for: anomalies makes an ensemble that judges rows, with p-values calibrated on the held-out rows
    /// (for score); with it, --latent is half the features, --hidden 64,32, --learning-rate 0.003 and --batch 128 by default,
    /// and --epochs as many as make 600 steps, 20 at least. denoising makes an ensemble of ordinary fits from other seeds, and
    /// keeps half of the held-out rows apart to calibrate p-values on (for denoise).
    #[arg(long = "for", value_name = "anomalies|denoising", help_heading = "Anomalies")]
    #[serde(rename = "for")]
    pub(crate) purpose: Option<String>,
    /// Autoencoders of the ensemble, each from other weights; for anomalies each from other four fifths of the training rows
    /// [default: 10; 5 with --for denoising].
    #[arg(long, value_name = "N", help_heading = "Anomalies")]
    pub(crate) members: Option<u16>,
    /// Share of its rows that each of them is trained without in the end, those that it reconstructed worst; 0 where no
    /// anomalies are among them [default: 0.2].
    #[arg(long, value_name = "SHARE", help_heading = "Anomalies")]
    pub(crate) trim: Option<f64>,
    /// Members of other widths: how many times as wide their hidden layers are, in turn with those of --hidden: 0.5,2.
    #[arg(long, value_name = "FACTOR,…", value_delimiter = ',', help_heading = "Anomalies")]
    pub(crate) widths: Option<Vec<f64>>,
    /// What the score is made of: residual (mean squared residual over its usual square), mahalanobis (distance of the residual
    /// by the covariance of residuals), density (distance from what the autoencoders make of a few ordinary rows), latent
    /// (distance of the code from those of ordinary rows), chi2 (residuals over the errors of their values, for --errors)
    /// [default: mahalanobis,density; with --errors chi2].
    #[arg(long, value_name = "MEASURE,…", value_delimiter = ',', help_heading = "Anomalies")]
    #[serde(default, deserialize_with = "texts")]
    pub(crate) by: Option<Vec<String>>,

    /// Seed of everything random [default: 0].
    #[arg(long, help_heading = "Training")]
    pub(crate) seed: Option<u64>,
    /// Seed of the split into rows to train on and held-out rows alone [default: that of --seed].
    #[arg(long, value_name = "SEED", help_heading = "Training")]
    pub(crate) split_seed: Option<u64>,
}

/// Texts in a list, or separated by commas in one.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Texts {
        One(String),
        Many(Vec<String>),
    }
    Ok(Some(match Texts::deserialize(deserializer)? {
        Texts::One(text) => text.split(',').map(|text| text.trim().to_owned()).collect(),
        Texts::Many(texts) => texts,
    }))
}

/// `none` stands for no hidden layer; it becomes a width of zero here and is taken out again in [`Choices::settings`].
fn width(text: &str) -> Result<usize, String> {
    if text == "none" {
        return Ok(0);
    }
    match text.trim().parse() {
        Ok(width) if width > 0 => Ok(width),
        _ => Err("widths are whole numbers from 1 on, for example 40,40,40,40".to_owned()),
    }
}

/// Reads a file of choices.
pub(crate) fn read(path: &Path) -> Result<Choices, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{}: cannot be read: {error}", path.display())))?;
    toml::from_str(&text).map_err(|error| {
        let message = error.message();
        let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        Failure::usage(format!("{}: line {line}: {message}", path.display()))
    })
}

impl Choices {
    /// These choices, and those of `other` where these are open.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            columns: self.columns.or(other.columns),
            errors: self.errors.or(other.errors),
            axes: self.axes.or(other.axes),
            shape: self.shape.or(other.shape),
            patch: self.patch.or(other.patch),
            patches: self.patches.or(other.patches),
            scale: self.scale.or(other.scale),
            validation: self.validation.or(other.validation),
            allow_constant: self.allow_constant.or(other.allow_constant),
            kind: self.kind.or(other.kind),
            noise: self.noise.or(other.noise),
            blind_spots: self.blind_spots.or(other.blind_spots),
            sparsity: self.sparsity.or(other.sparsity),
            revival: self.revival.or(other.revival),
            likelihood: self.likelihood.or(other.likelihood),
            binarize: self.binarize.or(other.binarize),
            beta: self.beta.or(other.beta),
            beta_warm_up: self.beta_warm_up.or(other.beta_warm_up),
            free_nats: self.free_nats.or(other.free_nats),
            loss: self.loss.or(other.loss),
            ordered: self.ordered.or(other.ordered),
            latent: self.latent.or(other.latent),
            net: self.net.or(other.net),
            channels: self.channels.or(other.channels),
            kernel: self.kernel.or(other.kernel),
            hidden: self.hidden.or(other.hidden),
            activation: self.activation.or(other.activation),
            norm: self.norm.or(other.norm),
            epochs: self.epochs.or(other.epochs),
            batch: self.batch.or(other.batch),
            learning_rate: self.learning_rate.or(other.learning_rate),
            schedule: self.schedule.or(other.schedule),
            loss_units: self.loss_units.or(other.loss_units),
            feature_weights: self.feature_weights.or(other.feature_weights),
            weight_decay: self.weight_decay.or(other.weight_decay),
            clip_norm: self.clip_norm.or(other.clip_norm),
            jitter: self.jitter.or(other.jitter),
            stretch: self.stretch.or(other.stretch),
            components: self.components.or(other.components),
            copies: self.copies.or(other.copies),
            starts: self.starts.or(other.starts),
            patience: self.patience.or(other.patience),
            purpose: self.purpose.or(other.purpose),
            members: self.members.or(other.members),
            trim: self.trim.or(other.trim),
            widths: self.widths.or(other.widths),
            by: self.by.or(other.by),
            seed: self.seed.or(other.seed),
            split_seed: self.split_seed.or(other.split_seed),
        }
    }

    /// What is said about the axes of samples.
    pub(crate) fn axes(&self) -> Result<AxesChoice, Failure> {
        let parsed = |text: &str| text.parse().map_err(|error| Failure::usage(format!("--axes: {error}")));
        let axes = self.axes.as_deref().map(parsed).transpose()?;
        let parsed = |text: &str| text.parse().map_err(|error| Failure::usage(format!("--shape: {error}")));
        let shape = self.shape.as_deref().map(parsed).transpose()?;
        Ok(AxesChoice { axes, shape })
    }

    /// How crops are cut from images, if they are; `masks` tells whether values may be absent.
    pub(crate) fn crops(&self, masks: bool) -> Result<Option<CropOptions>, Failure> {
        let Some(patch) = &self.patch else {
            return match self.patches {
                None => Ok(None),
                Some(_) => Err(Failure::usage("--patches: says how many patches are cut; --patch says of which shape")),
            };
        };
        if self.columns.is_some() {
            return Err(Failure::usage("--columns: images have no columns; leave it out with --patch"));
        }
        let standard = Settings::default();
        if self.patches.is_some_and(|patches| !(4..=MOST_PATCHES).contains(&patches)) {
            return Err(Failure::usage(format!("--patches: must be from 4 to {MOST_PATCHES}")));
        }
        let seed = self.seed.unwrap_or(standard.seed);
        Ok(Some(CropOptions {
            patch: images::patch(patch)?,
            crops: self.patches,
            validation: self.validation.unwrap_or(standard.validation),
            seed,
            split_seed: self.split_seed.unwrap_or(seed),
            masks,
        }))
    }

    /// The settings of the fit for samples with these axes: bins that hardly vary must not be blown up by a scaling of
    /// their own.
    pub(crate) fn for_axes(&self, settings: Settings, axes: &[Axis]) -> Settings {
        match self.scale {
            None if !axes.is_empty() => Settings { scaling: ScalingKind::Common, ..settings },
            _ => settings,
        }
    }

    /// The settings of the fit, checked.
    pub(crate) fn settings(&self, threads: NonZeroUsize) -> Result<Settings, Failure> {
        let standard = Settings::default();
        let net = match self.net.as_deref() {
            None | Some("dense") => Net::Dense,
            Some("conv") => Net::Convolutional,
            Some(path) => Net::Described(Box::new(Description::read(Path::new(path)).map_err(described)?)),
        };
        let mut hidden = self.hidden.clone().unwrap_or_else(|| net.default_hidden());
        if hidden == [0] {
            hidden.clear();
        }
        let norm = named("--norm", self.norm.as_deref(), net.default_norm())?;
        let kind = named("--kind", self.kind.as_deref(), standard.kind)?;
        let noise = self.noise.iter().flatten().map(|noise| noise.parse::<Noise>());
        let is_dense = net == Net::Dense;
        let settings = Settings {
            kind,
            noise: noise.collect::<Result<_, _>>().map_err(|error| Failure::usage(format!("--noise: {error}")))?,
            blind_spots: self.blind_spots,
            sparsity: optional("--sparsity", self.sparsity.as_deref())?,
            revival: self.revival,
            likelihood: optional("--likelihood", self.likelihood.as_deref())?,
            binarize: self.binarize.unwrap_or(standard.binarize),
            beta: self.beta,
            beta_warm_up: self.beta_warm_up,
            free_nats: self.free_nats,
            cost: named("--loss", self.loss.as_deref(), standard.cost)?,
            ordered: self.ordered.unwrap_or(standard.ordered),
            latent: self.latent.as_ref().map_or(Ok(standard.latent), Latents::only)?,
            hidden,
            activation: named("--activation", self.activation.as_deref(), standard.activation)?,
            norm,
            channels: self.channels.clone(),
            kernel: self.kernel,
            net,
            scaling: named("--scale", self.scale.as_deref(), standard.scaling)?,
            loss_units: named("--loss-units", self.loss_units.as_deref(), standard.loss_units)?,
            feature_weights: self.feature_weights.clone(),
            epochs: self.epochs,
            batch: self.batch,
            learning_rate: self.learning_rate.unwrap_or_else(|| Settings::default_learning_rate(kind, is_dense)),
            schedule: named("--schedule", self.schedule.as_deref(), standard.schedule)?,
            weight_decay: self.weight_decay.unwrap_or(standard.weight_decay),
            clip_norm: self.clip_norm,
            jitter: self.jitter.unwrap_or(standard.jitter),
            stretch: self.stretch.clone().unwrap_or_default(),
            components: self.components,
            copies: self.copies.unwrap_or(0),
            starts: self.starts.unwrap_or(standard.starts),
            patience: self.patience,
            validation: self.validation.unwrap_or(standard.validation),
            seed: self.seed.unwrap_or(standard.seed),
            split_seed: self.split_seed,
            threads,
            allow_constant: self.allow_constant.unwrap_or(standard.allow_constant),
        };
        settings.check()?;
        Ok(settings)
    }
}

/// A file that is not there may have been meant as a name.
fn described(error: Error) -> Failure {
    Failure::usage(format!("--net: {error}; choose dense, conv, or a TOML file that describes the network"))
}

fn optional<T: FromStr<Err: std::fmt::Display>>(option: &str, text: Option<&str>) -> Result<Option<T>, Failure> {
    text.map(|text| text.parse().map_err(|error| Failure::usage(format!("{option}: {error}")))).transpose()
}

fn named<T: FromStr<Err: std::fmt::Display>>(option: &str, text: Option<&str>, standard: T) -> Result<T, Failure> {
    match text {
        None => Ok(standard),
        Some(text) => text.parse().map_err(|error| Failure::usage(format!("{option}: {error}"))),
    }
}
