//! A sweep while it is done: one fit after the other.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use lumenfold_data::Rows;
use lumenfold_engine::Part;

use super::dimension::{Dimension, PcaNeeded, Run};
use super::stability::{Stability, pairs};
use super::{Broken, Observer, Suggestion, Sweep, SweepOptions, suggest};
use crate::fit::{Ground, prepare};
use crate::intrinsic_dimension::IntrinsicDimension;
use crate::metrics::Errors;
use crate::order_statistics::median;
use crate::record::{Stopped, TrainingRecord};
use crate::settings::{Kind, Settings};
use crate::words::shared_unit;
use crate::{Autoencoder, Error, Fitted};

/// Components of the PCA that codes are compared with: all of few features; of many, so many times the largest dimension.
const ALL_COMPONENTS: usize = 128;
const COMPONENTS_PER_LATENT: usize = 4;
const FEWEST_COMPONENTS: usize = 32;
const MOST_COMPONENTS: usize = 256;

/// The sweep as far as it has come, and what the fits to come need.
pub(super) struct UnderWay<'a> {
    rows: Rows<'a>,
    settings: &'a Settings,
    options: &'a SweepOptions,
    latents: &'a [usize],
    ground: Ground,
    // Fits of any dimension that were begun.
    begun: usize,
    first_error: Option<Error>,
    sweep: Sweep,
}

/// A fit that was done, and what the others are compared by.
struct Done {
    run: Run,
    pca: Option<Errors>,
    // [rows][latent]
    codes: Vec<f32>,
    row_losses: Vec<f32>,
}

impl<'a> UnderWay<'a> {
    /// Checks the widest of the fits, and measures what all have in common. There is one dimension at least.
    pub(super) fn begin(
        rows: Rows<'a>,
        settings: &'a Settings,
        options: &'a SweepOptions,
        latents: &'a [usize],
    ) -> Result<Self, Error> {
        let widest = latents.last().copied().unwrap_or(1);
        let features = rows.features().len();
        let (ground, held_out) = {
            let settings = Settings { latent: widest, ..settings.clone() };
            let prepared = prepare(rows, &settings)?;
            (prepared.ground(components(features, widest))?, prepared.held_out())
        };
        let sweep = Sweep {
            source: rows.source(),
            rows: rows.rows(),
            held_out,
            features,
            unit: shared_unit(rows.features()).map(str::to_owned),
            seed: settings.seed,
            split_seed: settings.seed_of_split(),
            seeds: options.seeds,
            tolerance: options.tolerance,
            dimensions: Vec::new(),
            broken: Vec::new(),
            intrinsic: IntrinsicDimension::of(&ground.weighed, features, settings.seed_of_split(), settings.threads),
            suggestion: None,
            interrupted: false,
        };
        Ok(Self { rows, settings, options, latents, ground, begun: 0, first_error: None, sweep })
    }

    pub(super) fn run(mut self, stop: &AtomicBool, observer: &mut dyn Observer) -> Result<Sweep, Error> {
        for latent in self.latents {
            let mut done = Vec::new();
            for seed in (0..self.options.seeds as u64).map(|further| self.settings.seed + further) {
                if let Some(fit) = self.fit(*latent, seed, stop, observer)? {
                    done.push(fit);
                }
                if self.sweep.interrupted {
                    break;
                }
            }
            if let Some(dimension) = self.dimension(*latent, done) {
                observer.measured(&dimension);
                self.sweep.dimensions.push(dimension);
            }
            if self.sweep.interrupted {
                break;
            }
        }
        match self.first_error {
            Some(error) if self.sweep.dimensions.is_empty() => Err(error),
            _ => {
                self.sweep.suggestion = self.suggestion();
                Ok(self.sweep)
            }
        }
    }

    /// One fit, unless it breaks down or is interrupted.
    fn fit(
        &mut self,
        latent: usize,
        seed: u64,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Option<Done>, Error> {
        if stop.load(Ordering::Relaxed) {
            self.sweep.interrupted = true;
            return Ok(None);
        }
        self.begun += 1;
        observer.begins(latent, seed, self.begun, self.latents.len() * self.options.seeds);
        let split_seed = Some(self.sweep.split_seed);
        let settings = Settings { latent, seed, split_seed, ..self.settings.clone() };
        let begin = Instant::now();
        let mut prepared = prepare(self.rows, &settings)?;
        if let Some(limit) = self.options.memory {
            prepared = prepared.within(limit);
        }
        let fitted = match prepared.train_with(stop, None, None, |event| observer.event(event)) {
            Ok(fitted) => fitted,
            Err(error @ Error::Diverged { .. }) => {
                let broken = Broken { latent, seed, reason: error.to_string() };
                observer.broke_down(&broken);
                self.sweep.broken.push(broken);
                self.first_error.get_or_insert(error);
                return Ok(None);
            }
            Err(other) => return Err(other),
        };
        if fitted.record.stopped == Stopped::Interrupted {
            self.sweep.interrupted = true;
            return Ok(None);
        }
        let done = self.measure(&settings, &fitted, begin.elapsed().as_secs_f64())?;
        observer.fitted(&done.run, fitted)?;
        Ok(Some(done))
    }

    fn measure(&self, settings: &Settings, fitted: &Fitted, seconds: f64) -> Result<Done, Error> {
        let Fitted { autoencoder, record } = fitted;
        let (errors, pca) = judged(record, settings);
        let run = Run {
            latent: settings.latent,
            seed: settings.seed,
            parameters: autoencoder.network.parameter_count(),
            epochs: record.epochs,
            best_epoch: record.best_epoch,
            errors,
            stability: None,
            seconds,
        };
        let rows = &self.ground.rows;
        let mut codes = vec![0.0; rows.len() / self.sweep.features * settings.latent];
        autoencoder.apply(Part::Encoder, rows, &mut codes, settings.threads)?;
        // Corrupted rows have other errors than those of clean ones.
        let row_losses =
            if settings.kind == Kind::Denoising { Vec::new() } else { row_losses(autoencoder, rows, settings)? };
        Ok(Done { run, pca, codes, row_losses })
    }

    /// What the fits of one dimension come to; none of none.
    fn dimension(&self, latent: usize, mut done: Vec<Done>) -> Option<Dimension> {
        let codes: Vec<Vec<f32>> = done.iter_mut().map(|done| std::mem::take(&mut done.codes)).collect();
        let pairs = pairs(&codes, latent);
        for (place, done) in done.iter_mut().enumerate() {
            let own = pairs.iter().filter(|(first, second, _)| *first == place || *second == place);
            done.run.stability = Stability::of(own.map(|(_, _, alignment)| alignment));
        }
        let pca = done.first()?.pca.clone()?;
        let mut dimension = Dimension {
            latent,
            runs: Vec::new(),
            pca,
            pca_needed: None,
            stability: Stability::of(pairs.iter().map(|(_, _, alignment)| alignment)),
            row_losses: Vec::new(),
        };
        let losses: Vec<f64> = done.iter().map(|done| done.run.errors.loss).collect();
        let middle = median(&losses);
        let distance = |place: &usize| (losses[*place] - middle).abs();
        let typical = (0..losses.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
        dimension.row_losses = std::mem::take(&mut done[typical].row_losses);
        if self.settings.kind != Kind::Denoising {
            dimension.pca_needed = PcaNeeded::of(&self.ground.pca_losses, middle);
        }
        dimension.runs = done.into_iter().map(|done| done.run).collect();
        Some(dimension)
    }

    fn suggestion(&self) -> Option<Suggestion> {
        let dimensions = &self.sweep.dimensions;
        let losses: Vec<Vec<f64>> = dimensions.iter().map(Dimension::losses).collect();
        let candidates: Vec<_> =
            dimensions.iter().zip(&losses).map(|(dimension, losses)| dimension.candidate(losses)).collect();
        let place = suggest(&candidates, self.sweep.features, self.options.tolerance)?;
        Some(Suggestion { latent: dimensions[place].latent, is_largest: place + 1 == dimensions.len() })
    }
}

/// Components of the PCA that codes are compared with.
fn components(features: usize, widest: usize) -> usize {
    if features <= ALL_COMPONENTS {
        return features;
    }
    (COMPONENTS_PER_LATENT * widest).clamp(FEWEST_COMPONENTS, MOST_COMPONENTS.max(widest)).min(features)
}

/// Errors that a fit is judged by and those of PCA with as many components on the same rows.
fn judged(record: &TrainingRecord, settings: &Settings) -> (Errors, Option<Errors>) {
    match &record.denoising {
        Some(denoising) => (denoising.reconstructed.clone(), denoising.pca.clone()),
        None => (record.judged().clone(), record.pca_with(settings.latent).cloned()),
    }
}

/// The loss of each of some scaled rows.
fn row_losses(autoencoder: &Autoencoder, rows: &[f32], settings: &Settings) -> Result<Vec<f32>, Error> {
    let width = autoencoder.features.len();
    let mut output = vec![0.0; rows.len()];
    autoencoder.apply(Part::Whole, rows, &mut output, settings.threads)?;
    let loss = |(row, output): (&[f32], &[f32])| {
        let values = row.iter().zip(output).zip(&autoencoder.loss_weights);
        values.map(|((x, y), weight)| weight * (x - y) * (x - y)).sum::<f32>() / width as f32
    };
    Ok(rows.chunks_exact(width).zip(output.chunks_exact(width)).map(loss).collect())
}
