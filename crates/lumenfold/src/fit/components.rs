//! Learning in the principal components of the rows: for samples of many values of which there are few.
//!
//! A dense layer sees a row only through products with its weights, and what training adds to the weights of the first
//! layer are multiples of rows, to those of the last one residuals. So a network of 110,592 inputs that learns from a
//! thousand rows moves in a space of a thousand directions, and pays for 110,592 at every step. Here it learns in that
//! space. Let μ be the mean of the rows to train on and of copies of them stretched along their axes, R the roots of the
//! weights of the loss, and V the leading K principal components of R (x − μ), orthonormal columns (Jolliffe 2002,
//! section 3.5). The network learns the scores
//!
//! ```text
//! z = Vᵀ R (x − μ) / s
//! ```
//!
//! K numbers a row, with s the root of their mean square. Since V is orthonormal, the squared error of z times s² is the
//! weighed squared error of x within the components; what these leave of a row is an error that no training takes away.
//! Afterwards V, R, μ and s are multiplied into the first and the last layer ([`fold`]), so that the model is an ordinary
//! dense network.

mod basis;
mod fold;
mod products;

use std::num::NonZeroUsize;

use lumenfold_data::{BlockSplit, Dataset, Feature, RowSource, Rows};
use products::products;

use super::checkpoint::{Checkpoint, Checkpointing, Identity, Shape};
use super::training::STRETCH_STREAM;
use super::{Event, Fitted, Learnt, Prepared, memory, prepare_as};
use crate::parallel::each_chunk;
use crate::record::EpochLoss;
use crate::settings::{Kind, LossUnits, Settings};
use crate::{Cost, Error, Net};

/// Features that are gone through together.
const STRIP: usize = 4096;

/// Rows that a thread stretches at a time.
const STRETCHED: usize = 4;

/// Directions and what else turns rows into scores.
pub(super) struct Components {
    /// Of the scaled rows: `[features]`.
    mean: Vec<f64>,
    /// Roots of the weights of the loss: `[features]`.
    roots: Vec<f64>,
    /// Orthonormal columns: `[features][count]`.
    directions: Vec<f32>,
    count: usize,
    /// The root of the mean square of the scores of the rows.
    scale: f64,
}

impl Settings {
    /// Checks what a training in components goes together with, as far as it does not depend on the data.
    pub(crate) fn check_components(&self) -> Result<(), Error> {
        let refuse = |name: &'static str, value: String, allowed: &str| {
            Err(Error::Setting { name, value, allowed: allowed.to_owned() })
        };
        let Some(count) = self.components else {
            return match self.copies {
                0 => Ok(()),
                copies => refuse("--copies", copies.to_string(), "left out without --components"),
            };
        };
        if count < 2 {
            return refuse("--components", count.to_string(), "at least 2");
        }
        if count < self.latent {
            return refuse("--components", count.to_string(), "at least as many as --latent");
        }
        if self.copies > 0 && self.stretch.is_empty() {
            return refuse("--copies", self.copies.to_string(), "given with --stretch, which makes them differ");
        }
        if self.copies == 0 && !self.stretch.is_empty() {
            return refuse("--copies", "0".to_owned(), "at least 1 with --components and --stretch (9, say)");
        }
        let only = "left out with --components, whose network sees scores and not values";
        if self.kind != Kind::Undercomplete {
            return refuse("--kind", self.kind.to_string(), "undercomplete with --components");
        }
        if self.net != Net::Dense {
            return refuse("--net", self.net.to_string(), "dense with --components");
        }
        if self.jitter > 0.0 {
            return refuse("--jitter", self.jitter.to_string(), only);
        }
        match self.cost {
            Cost::Squared => Ok(()),
            cost => refuse("--loss", cost.to_string(), "squared with --components"),
        }
    }
}

impl Prepared<'_> {
    /// Rows of an epoch in components: those to train on, and their copies.
    pub(super) fn rows_of_epoch(&self) -> usize {
        let copies = if self.settings.components.is_some() { self.settings.copies } else { 0 };
        self.split.train() * (1 + copies)
    }

    /// How many components there can be.
    fn count_of_components(&self) -> usize {
        let wanted = self.settings.components.unwrap_or(0);
        wanted.min(self.rows_of_epoch() - 1).min(self.network.features())
    }

    /// The settings of the training on scores.
    fn settings_of_scores(&self) -> Settings {
        Settings {
            components: None,
            copies: 0,
            stretch: Vec::new(),
            scaling: lumenfold_data::ScalingKind::None,
            loss_units: LossUnits::Scaled,
            feature_weights: None,
            batch: Some(self.batch),
            epochs: Some(self.settings.epochs_for(self.rows_of_epoch(), self.batch)),
            allow_constant: true,
            ..self.settings.clone()
        }
    }

    /// The shape that a checkpoint of the training on scores has.
    pub(super) fn shape_of_scores(&self) -> Result<Shape, Error> {
        let settings = self.settings_of_scores();
        Ok(Shape {
            length: settings.network(&[self.count_of_components()])?.parameter_length(),
            starts: settings.starts,
            epochs: settings.epochs.unwrap_or(1),
            batch: self.batch,
            rows: self.rows_of_epoch(),
            judged: self.split.held_out() > 0,
        })
    }

    /// Trains the network in components.
    pub(super) fn train_in_components(
        &self,
        identity: Identity,
        stop: &std::sync::atomic::AtomicBool,
        checkpointing: Option<&Checkpointing>,
        resume: Option<Checkpoint>,
        observe: &mut dyn FnMut(&Event),
    ) -> Result<Learnt, Error> {
        let (features, threads) = (self.network.features(), self.settings.threads);
        let (mut rows, train) = (self.rows_and_copies()?, self.rows_of_epoch());
        let components = Components::of(&mut rows, &self.loss_weights, self.count_of_components(), threads)?;
        let mut held_out = self.held_out_scaled()?;
        components.centre(&mut held_out, threads);
        // What the components leave of a row, the mean over rows and features.
        let train_scores = components.scores(&rows, threads)?;
        let held_out_scores = components.scores(&held_out, threads)?;
        let left = [components.left(&rows, &train_scores), components.left(&held_out, &held_out_scores)];
        drop((rows, held_out));
        let data = dataset(self.rows.source(), components.count, [train_scores, held_out_scores].concat());
        let there = components.there();
        let count = there.iter().filter(|is_there| **is_there).count();
        let mut settings = self.settings_of_scores();
        if count < there.len() {
            // What no row has needs not be learnt.
            settings.feature_weights = Some(there.iter().map(|is_there| f64::from(u8::from(*is_there))).collect());
        }
        let split = BlockSplit::last(data.rows, data.rows - train)?;
        let inner = prepare_as(Rows::from(&data), &settings, Some((split, identity)))?;
        let factor = count as f64 * components.scale * components.scale / features as f64;
        let whole = |loss: f64, left: f64| loss * factor + left;
        let to_original = self.common_factor();
        let Fitted { autoencoder, record } = inner.train_with(stop, checkpointing, resume, |event| match event {
            Event::Epoch(progress) => {
                let mut progress = *progress;
                progress.train_loss = whole(progress.train_loss, left[0]);
                progress.validation_loss = progress.validation_loss.map(|loss| whole(loss, left[1]));
                progress.validation_mse = progress.validation_loss.zip(to_original).map(|(loss, factor)| loss * factor);
                observe(&Event::Epoch(progress));
            }
            other => observe(other),
        })?;
        let losses = record.losses.iter().map(|losses| EpochLoss {
            epoch: losses.epoch,
            train: whole(losses.train, left[0]),
            validation: losses.validation.map(|loss| whole(loss, left[1])),
        });
        Ok(Learnt {
            parameters: components.folded(&autoencoder, &self.network, threads)?,
            losses: losses.collect(),
            best_epoch: record.best_epoch,
            steps: record.steps,
            recoveries: record.recoveries,
            stopped: record.stopped,
        })
    }

    /// What turns a squared error in the units of the loss into original units, if one number does.
    fn common_factor(&self) -> Option<f64> {
        let features = &self.scaling.features;
        let first = features.first()?;
        let alike = features.iter().all(|feature| feature.scale == first.scale && feature.transform == first.transform);
        let plain = first.transform == lumenfold_data::Transform::Identity;
        let weights = self.loss_weights.iter().all(|weight| *weight == 1.0);
        (alike && plain && weights).then_some(first.scale * first.scale)
    }

    /// The scaled rows to train on, and behind them their copies: `[1 + copies][rows][features]`.
    fn rows_and_copies(&self) -> Result<Vec<f32>, Error> {
        let (features, rows) = (self.network.features(), self.split.train());
        let length = self.rows_of_epoch() as u64 * features as u64;
        // The rows, a strip of them, the matrix of their products.
        let needed = 4 * length + 12 * (self.rows_of_epoch() as u64).pow(2);
        if let Some(available) = memory::available().filter(|available| needed > *available) {
            let (name, value) = ("--copies", self.settings.copies.to_string());
            let allowed = format!("fewer: rows and copies take {needed} bytes of memory, {available} are free");
            return Err(Error::Setting { name, value, allowed });
        }
        let mut all = Vec::with_capacity(length as usize);
        self.material.training.read(0..rows, &mut all)?;
        let Some(stretching) = &self.stretching else { return Ok(all) };
        for copy in 0..self.settings.copies {
            let at = all.len();
            all.extend_from_within(..rows * features);
            let stream = STRETCH_STREAM + copy as u64;
            each_chunk(&mut all[at..], STRETCHED * features, self.settings.threads, |piece, rows| {
                let mut inside = vec![0.0; features];
                for (number, row) in rows.chunks_exact_mut(features).enumerate() {
                    let number = (piece * STRETCHED + number) as u64;
                    stretching.apply(row, &mut inside, self.settings.seed, stream, number);
                }
            });
        }
        Ok(all)
    }

    /// The held-out rows, scaled: `[rows][features]`.
    fn held_out_scaled(&self) -> Result<Vec<f32>, Error> {
        let mut scaled = Vec::new();
        self.material.held_out.pass(|block: &[f64]| {
            let at = scaled.len();
            scaled.resize(at + block.len(), 0.0);
            self.scaling.forward_block(block, &mut scaled[at..]);
            Ok::<_, Error>(())
        })?;
        Ok(scaled)
    }
}

impl Components {
    /// Which of the components the rows have.
    fn there(&self) -> Vec<bool> {
        let mut there = vec![false; self.count];
        for direction in self.directions.chunks_exact(self.count) {
            there.iter_mut().zip(direction).for_each(|(there, value)| *there |= *value != 0.0);
        }
        there
    }

    /// Sets rows to what they are without the mean, weighed.
    fn centre(&self, rows: &mut [f32], threads: NonZeroUsize) {
        let features = self.mean.len();
        each_chunk(rows, features, threads, |_, row| {
            for ((value, mean), root) in row.iter_mut().zip(&self.mean).zip(&self.roots) {
                *value = ((f64::from(*value) - mean) * root) as f32;
            }
        });
    }

    /// The scores of centred rows: `[rows][count]`.
    fn scores(&self, rows: &[f32], threads: NonZeroUsize) -> Result<Vec<f64>, Error> {
        let features = self.mean.len();
        let count = rows.len() / features;
        let mut scores = vec![0.0; count * self.count];
        for first in (0..features).step_by(STRIP) {
            let strip = first..features.min(first + STRIP);
            let part = products::strip(rows, features, strip.clone());
            let directions = &self.directions[first * self.count..strip.end * self.count];
            let turned = products::turned(directions, self.count);
            let more = products(&part, &turned, strip.len(), threads)?;
            scores.iter_mut().zip(more).for_each(|(sum, more)| *sum += f64::from(more));
        }
        scores.iter_mut().for_each(|score| *score /= self.scale);
        Ok(scores)
    }

    /// The mean square, over rows and features, of what the components leave of centred rows.
    fn left(&self, rows: &[f32], scores: &[f64]) -> f64 {
        let square = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>();
        let all = square(&mut rows.iter().map(|value| f64::from(*value)));
        let held = square(&mut scores.iter().map(|score| score * self.scale));
        (all - held).max(0.0) / rows.len().max(1) as f64
    }
}

/// Scores as a data set: `[rows][count]`.
fn dataset(source: String, count: usize, values: Vec<f64>) -> Dataset {
    let rows = values.len() / count;
    Dataset {
        values,
        errors: None,
        masks: false,
        rows,
        features: (1..=count).map(|at| Feature { name: format!("component {at}"), unit: None }).collect(),
        axes: Vec::new(),
        carried: Vec::new(),
        source,
        used_rows: (0..rows as u64).collect(),
        rows_before: 0,
        skipped: 0,
        first_skipped: None,
    }
}
