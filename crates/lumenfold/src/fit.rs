//! A fit: from a data set and settings to an autoencoder and the record of its training.

use std::sync::atomic::AtomicBool;

use lumenfold_data::{Dataset, Scaling, ScalingKind, Split, Transform, jittered, permutation, split};
use lumenfold_engine::{EngineError, InstructionSet, Network, Optimiser, Schedule, Trainer};

use crate::metrics::{ErrorSums, Errors};
use crate::record::{EpochLoss, PcaErrors, Stopped, TrainingRecord};
use crate::settings::{LossUnits, ScheduleKind, Settings};
use crate::{Autoencoder, Error, Pca};

/// The first random stream of the orders of rows; epoch `e` (from 0, those of all starts counted on) takes the stream
/// `ORDER_STREAM + e`.
const ORDER_STREAM: u64 = 1 << 32;

/// As [`ORDER_STREAM`], for the jitter of the rows. The orders would need 2⁶² epochs to come here.
const JITTER_STREAM: u64 = 1 << 62;

/// Larger values cannot be squared and summed, and squares of smaller differences vanish.
const LARGEST_VALUE: f64 = 1e145;
const SMALLEST_SPREAD: f64 = 1e-145;

/// Share of all steps in which the learning rate rises.
const WARM_UP: f64 = 0.02;

/// What a fit gives.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The autoencoder with the best held-out weights.
    pub autoencoder: Autoencoder,
    /// What was done and how well it went.
    pub record: TrainingRecord,
    /// Which rows were trained on and which were held out.
    pub split: Split,
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
}

/// Trains an autoencoder on a data set.
///
/// The held-out rows choose the epoch whose weights are kept, among those of all starts; everything else is fitted on
/// the training rows only.
/// `observe` is called after each epoch. When `stop` becomes true, the fit ends at the next step with the best weights
/// so far.
///
/// # Errors
/// Settings out of range, data that cannot be learnt from, or a loss that is no longer a number.
pub fn fit(
    dataset: &Dataset,
    settings: &Settings,
    stop: &AtomicBool,
    observe: impl FnMut(&Progress),
) -> Result<Fitted, Error> {
    prepare(dataset, settings)?.train(stop, observe)
}

/// A fit that can begin: every setting is in range and the data can be learnt from.
pub struct Prepared<'a> {
    dataset: &'a Dataset,
    settings: &'a Settings,
    split: Split,
    scaling: Scaling,
    loss_weights: Vec<f32>,
    network: Network,
    // The scaled rows to train on: [rows][features].
    training_rows: Vec<f32>,
    batch: usize,
    set: InstructionSet,
}

/// The checks of a fit and what comes before its training: split, scaling and network.
///
/// # Errors
/// Settings out of range, or data that cannot be learnt from.
pub fn prepare<'a>(dataset: &'a Dataset, settings: &'a Settings) -> Result<Prepared<'a>, Error> {
    settings.check()?;
    let set = InstructionSet::from_environment()?;
    let split = split_rows(dataset, settings)?;
    let batch = settings.batch_for(split.train.len());
    if batch > split.train.len() {
        return Err(Error::BatchTooLarge { path: dataset.source.clone(), batch, rows: split.train.len() });
    }
    refuse_unusable_features(dataset, settings, &split)?;
    let scaling = Scaling::fit(settings.scaling, dataset, &split.train)?;
    let loss_weights = loss_weights(settings, &scaling)?;
    let width = dataset.features.len();
    let network = Network::dense(width, &settings.hidden, settings.latent, settings.activation, settings.layer_norm)?;
    settings.check_size(&network)?;
    let scaled = scaling.scaled(dataset)?;
    let training_rows = select(&scaled, width, &split.train);
    refuse_vanished_features(dataset, settings, &split, &training_rows)?;
    Ok(Prepared { dataset, settings, split, scaling, loss_weights, network, training_rows, batch, set })
}

impl Prepared<'_> {
    /// The network that will be trained.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Trains it, as [`fit`] says.
    ///
    /// # Errors
    /// A loss that is no longer a number.
    pub fn train(self, stop: &AtomicBool, observe: impl FnMut(&Progress)) -> Result<Fitted, Error> {
        train(self, stop, observe)
    }
}

fn train(prepared: Prepared<'_>, stop: &AtomicBool, mut observe: impl FnMut(&Progress)) -> Result<Fitted, Error> {
    let Prepared { dataset, settings, split, scaling, loss_weights, network, training_rows, batch, set } = prepared;
    let epochs = settings.epochs_for(split.train.len(), batch);
    let pca = Pca::fit(&training_rows, &loss_weights, settings.latent.max(3));

    let mut autoencoder = Autoencoder {
        parameters: network.initial_parameters(settings.seed),
        network: network.clone(),
        features: dataset.features.clone(),
        scaled_mean: pca.mean().to_vec(),
        loss_weights,
        scaling,
    };
    let optimiser = optimiser(settings, split.train.len().div_ceil(batch), epochs, batch);
    let weights = autoencoder.loss_weights.clone();
    let starts = usize::from(settings.starts);
    let mut noisy = vec![0.0; if settings.jitter > 0.0 { training_rows.len() } else { 0 }];
    let mut losses: Vec<EpochLoss> = Vec::new();
    let mut best: Option<(usize, f64, Vec<f32>)> = None;
    let mut stopped = Stopped::AllEpochs;
    let mut steps = 0;
    for start in 0..settings.starts {
        let parameters = network.initial_parameters_of_start(settings.seed, start);
        let mut trainer = Trainer::new(&network, &parameters, &weights, optimiser.clone(), set, settings.threads)?;
        let mut best_of_start = (0, f64::INFINITY);
        for epoch_of_start in 1..=epochs {
            let epoch = losses.len() + 1;
            let stream = u64::from(start) * epochs as u64 + epoch_of_start as u64 - 1;
            let order = permutation(split.train.len(), settings.seed, ORDER_STREAM + stream);
            let rows = if noisy.is_empty() {
                &training_rows
            } else {
                let deviation = settings.jitter as f32;
                jittered(&training_rows, deviation, settings.seed, JITTER_STREAM + stream, &mut noisy);
                &noisy
            };
            let done = trainer.epoch(rows, &order, stop).map_err(|error| match error {
                EngineError::LossNotFinite { loss, .. } => {
                    Error::Diverged { loss, epoch, learning_rate: settings.learning_rate }
                }
                other => Error::Engine(other),
            })?;
            if done.interrupted {
                stopped = Stopped::Interrupted;
                break;
            }
            autoencoder.parameters.copy_from_slice(trainer.parameters());
            let held_out = match split.validation.is_empty() {
                true => None,
                false => Some(autoencoder.errors(dataset, &split.validation, settings.threads)?),
            };
            let validation_loss = held_out.as_ref().map(|errors| errors.loss);
            let judged = validation_loss.unwrap_or(done.loss);
            // The last step of an epoch can spoil the weights; its own loss was measured before.
            if !judged.is_finite() || !autoencoder.parameters.iter().all(|value| value.is_finite()) {
                let loss = if judged.is_finite() { f64::NAN } else { judged };
                return Err(Error::Diverged { loss, epoch, learning_rate: settings.learning_rate });
            }
            // Without held-out rows there is nothing to choose by: the last weights are kept.
            let is_best = best.as_ref().is_none_or(|(_, loss, _)| validation_loss.is_none() || judged < *loss);
            if is_best {
                best = Some((epoch, judged, trainer.parameters().to_vec()));
            }
            if judged < best_of_start.1 {
                best_of_start = (epoch_of_start, judged);
            }
            losses.push(EpochLoss { epoch, train: done.loss, validation: validation_loss });
            observe(&Progress {
                epoch,
                epochs: starts * epochs,
                rows: split.train.len(),
                train_loss: done.loss,
                validation_loss,
                validation_mse: held_out.map(|errors| errors.mse),
                best: is_best,
            });
            let since = epoch_of_start - best_of_start.0;
            if settings.patience.is_some_and(|patience| since >= patience) && epoch_of_start < epochs {
                stopped = Stopped::Patience;
                break;
            }
        }
        steps += trainer.steps();
        if stopped == Stopped::Interrupted {
            break;
        }
    }
    let best_epoch = best.as_ref().map_or(0, |(epoch, ..)| *epoch);
    if let Some((_, _, parameters)) = best {
        autoencoder.parameters = parameters;
    }
    let record = TrainingRecord {
        fingerprint: dataset.fingerprint(),
        rows: dataset.rows,
        skipped_rows: dataset.skipped,
        train_rows: split.train.len(),
        validation_rows: split.validation.len(),
        seed: settings.seed,
        settings: settings.into(),
        batch,
        epochs_planned: starts * epochs,
        epochs: losses.len(),
        best_epoch,
        steps,
        stopped,
        train: autoencoder.errors(dataset, &split.train, settings.threads)?,
        validation: match split.validation.is_empty() {
            true => None,
            false => Some(autoencoder.errors(dataset, &split.validation, settings.threads)?),
        },
        pca: pca_errors(&autoencoder, &pca, dataset, &split, settings.latent),
        losses,
    };
    Ok(Fitted { autoencoder, record, split })
}

/// The learning rate over the steps of a fit, and the rest of what AdamW needs.
fn optimiser(settings: &Settings, steps_per_epoch: usize, epochs: usize, batch: usize) -> Optimiser {
    let steps = (steps_per_epoch * epochs) as u64;
    let schedule = match settings.schedule {
        ScheduleKind::Constant => Schedule::Constant,
        ScheduleKind::Cosine => Schedule::Cosine { warm_up: (steps as f64 * WARM_UP).ceil() as u64, steps, floor: 0.0 },
        ScheduleKind::Step => Schedule::Step { every: (steps_per_epoch * epochs.div_ceil(3)) as u64, factor: 0.1 },
    };
    Optimiser {
        batch,
        learning_rate: settings.learning_rate,
        schedule,
        weight_decay: settings.weight_decay,
        clip_norm: settings.clip_norm,
        ..Optimiser::default()
    }
}

fn split_rows(dataset: &Dataset, settings: &Settings) -> Result<Split, Error> {
    let needed = if settings.validation > 0.0 { 3 } else { 2 };
    if dataset.rows < needed {
        return Err(Error::TooFewRows { path: dataset.source.clone(), rows: dataset.rows, needed });
    }
    let split = split(dataset.rows, settings.validation, settings.seed)?;
    if split.train.len() < 2 {
        let allowed = format!("small enough to leave 2 of the {} rows to train on", dataset.rows);
        return Err(Error::Setting { name: "--validation", value: settings.validation.to_string(), allowed });
    }
    Ok(split)
}

/// Errors are reported as squares in original units, summed over rows: values must neither overflow nor vanish there.
fn refuse_unusable_features(dataset: &Dataset, settings: &Settings, split: &Split) -> Result<(), Error> {
    let path = || dataset.source.clone();
    if let Some(at) = dataset.values.iter().position(|value| value.abs() > LARGEST_VALUE) {
        let (row, feature) = (at / dataset.features.len(), at % dataset.features.len());
        let (row, column) = (dataset.used_rows[row] + 1, dataset.features[feature].name.clone());
        return Err(Error::TooLargeToSquare { path: path(), row, column, value: dataset.values[at] });
    }
    let first = dataset.row(split.train[0] as usize);
    let mut spread = vec![0.0_f64; first.len()];
    for row in &split.train {
        for (spread, (value, first)) in spread.iter_mut().zip(dataset.row(*row as usize).iter().zip(first)) {
            *spread = spread.max((value - first).abs());
        }
    }
    if let Some(feature) = spread.iter().position(|spread| *spread > 0.0 && *spread < SMALLEST_SPREAD) {
        let column = dataset.features[feature].name.clone();
        return Err(Error::TooSmallToSquare { path: path(), column, spread: spread[feature] });
    }
    if settings.allow_constant {
        return Ok(());
    }
    let constant: Vec<usize> = (0..spread.len()).filter(|feature| spread[*feature] == 0.0).collect();
    match constant.first() {
        None => Ok(()),
        Some(feature) => Err(Error::ConstantFeature {
            path: path(),
            column: dataset.features[*feature].name.clone(),
            value: first[*feature],
            others: constant.len() - 1,
        }),
    }
}

/// A feature that varies in the data must still do so when it is scaled to single precision.
fn refuse_vanished_features(dataset: &Dataset, settings: &Settings, split: &Split, rows: &[f32]) -> Result<(), Error> {
    let width = dataset.features.len();
    let varies = |feature: usize| {
        let mut values = rows.iter().skip(feature).step_by(width);
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    let varied = |feature: usize| {
        let first = dataset.row(split.train[0] as usize)[feature];
        split.train.iter().any(|row| dataset.row(*row as usize)[feature] != first)
    };
    match (0..width).find(|feature| !varies(*feature) && varied(*feature)) {
        None => Ok(()),
        Some(feature) => Err(Error::VanishesWhenScaled {
            path: dataset.source.clone(),
            column: dataset.features[feature].name.clone(),
            scaling: settings.scaling.to_string(),
        }),
    }
}

/// Weights of the squared error in scaled units, with mean 1.
fn loss_weights(settings: &Settings, scaling: &Scaling) -> Result<Vec<f32>, Error> {
    match settings.loss_units {
        LossUnits::Scaled => Ok(vec![1.0; scaling.features.len()]),
        LossUnits::Original => {
            if scaling.features.iter().any(|feature| feature.transform != Transform::Identity) {
                return Err(Error::Setting {
                    name: "--loss-units",
                    value: LossUnits::Original.to_string(),
                    allowed: format!(
                        "scaled with --scale {}: {} scaling bends the values, so no weights restore their units",
                        settings.scaling,
                        if settings.scaling == ScalingKind::Log { "log" } else { "asinh" }
                    ),
                });
            }
            let squares: Vec<f64> = scaling.features.iter().map(|feature| feature.scale * feature.scale).collect();
            let mean = squares.iter().sum::<f64>() / squares.len() as f64;
            Ok(squares.iter().map(|square| (square / mean) as f32).collect())
        }
    }
}

fn select(scaled: &[f32], width: usize, rows: &[u32]) -> Vec<f32> {
    let mut selected = Vec::with_capacity(rows.len() * width);
    for row in rows {
        selected.extend_from_slice(&scaled[*row as usize * width..][..width]);
    }
    selected
}

/// Errors of PCA with 1, 2, 3 and as many components as latents, on the held-out rows (or the training rows where none
/// are held out).
fn pca_errors(autoencoder: &Autoencoder, pca: &Pca, dataset: &Dataset, split: &Split, latent: usize) -> Vec<PcaErrors> {
    let rows = if split.validation.is_empty() { &split.train } else { &split.validation };
    let mut counts = [1, 2, 3, latent].map(|count| count.min(dataset.features.len())).to_vec();
    counts.sort_unstable();
    counts.dedup();
    counts
        .into_iter()
        .map(|components| PcaErrors {
            components,
            errors: errors_of(autoencoder, dataset, rows, |scaled, output| pca.reconstruct(components, scaled, output)),
        })
        .collect()
}

fn errors_of(
    autoencoder: &Autoencoder,
    dataset: &Dataset,
    rows: &[u32],
    reconstruct: impl Fn(&[f32], &mut [f32]),
) -> Errors {
    let width = dataset.features.len();
    let mut sums = ErrorSums::new(width);
    let (mut scaled, mut output, mut values) = (vec![0.0; width], vec![0.0; width], vec![0.0; width]);
    for row in rows {
        let original = dataset.row(*row as usize);
        autoencoder.scaling.forward_block(original, &mut scaled);
        reconstruct(&scaled, &mut output);
        autoencoder.scaling.inverse_block(&output, &mut values);
        sums.add((original, &values), (&scaled, &output), &autoencoder.scaled_mean, &autoencoder.loss_weights);
    }
    sums.finish()
}

#[cfg(test)]
mod tests;
