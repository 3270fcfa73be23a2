//! A model at work on noisy rows.

use std::num::NonZeroUsize;

use lumenfold_data::ScalingKind;

use super::bootstrap::{Draws, Raw, raw, variances};
use super::calibration::Calibration;
use super::ensemble::Ensemble;
use super::filters::{Chosen, filters};
use super::noise::StatedNoise;
use super::risk::risks;
use super::stored::Denoiser;
use crate::anomaly::Conformal;
use crate::{Autoencoder, Error, Likelihood, Model};

/// Rows with p-values up to this are unlike those of the training, if p-values can be as small.
const OUTSIDE: f64 = 0.01;

/// Rows whose score is so many times the largest of the calibration take no part in calibrating uncertainties. Far, since whoever left
/// out rows for residuals that chance made large would find risks too small.
const FAR: f64 = 4.0;

/// How rows are denoised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DenoisingOptions {
    /// The noise of the data; what the model was trained with tells it where it is not given.
    pub noise: Option<StatedNoise>,
    /// Whether the data have standard errors.
    pub errors: bool,
    /// Draws of new noise for each row.
    pub draws: u64,
    /// The seed of all that is drawn.
    pub seed: u64,
    /// Threads; the result does not depend on it.
    pub threads: NonZeroUsize,
}

/// Rows without noise, as far as the model can tell: `[rows][features]` in original units.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Denoised {
    /// The estimates.
    pub estimate: Vec<f64>,
    /// The standard uncertainty of each.
    pub uncertainty: Vec<f64>,
    /// The variance of the noise of each value.
    pub noise: Vec<f64>,
    /// For each row the share of rows like those of the calibration with residuals as large; none without a calibration.
    pub p_values: Option<Vec<f64>>,
}

/// A model, the noise of the data, and what uncertainties are calibrated by.
#[derive(Debug)]
pub struct Denoising<'a> {
    pub(super) model: &'a Model,
    pub(super) ensemble: Ensemble,
    pub(super) noise: StatedNoise,
    pub(super) draws: Draws,
    pub(super) seed: u64,
    conformal: Option<(&'a Denoiser, Conformal)>,
    pub(super) calibration: Calibration,
}

impl<'a> Denoising<'a> {
    /// Prepares a model and calibrates it on rows at hand, `[rows][features]` with their standard errors, if there are any.
    ///
    /// # Errors
    /// The noise is not told, or is not one that the data can have; models of patches or that judge anomalies; values
    /// that are no counts where counts are stated.
    pub fn new(
        model: &'a Model,
        options: &DenoisingOptions,
        rows: (&[f64], Option<&[f64]>),
        numbers: &[u64],
    ) -> Result<Self, Error> {
        refuse(model)?;
        let noise = noise_of(model, options)?;
        let own = &model.autoencoder;
        let other = |parameters: &Vec<f32>| Autoencoder { parameters: parameters.clone(), ..own.clone() };
        let others = model.denoiser.iter().flat_map(|denoiser| denoiser.others.iter().map(other));
        let members = std::iter::once(own.clone()).chain(others).collect();
        let mut denoising = Self {
            model,
            ensemble: Ensemble { members, counts: noise == StatedNoise::Poisson, threads: options.threads },
            noise,
            draws: Draws::new(options.seed, options.draws),
            seed: options.seed,
            conformal: model.denoiser.as_ref().map(|denoiser| (denoiser, Conformal::new(denoiser.calibration.clone()))),
            calibration: Calibration::default(),
        };
        let width = own.features().len();
        let [values, errors] = [Some(rows.0), rows.1];
        // A row that is nothing like the others would decide for all of them.
        let ordinary = denoising.ordinary(rows)?;
        let part = |values: &[f64]| -> Vec<f64> {
            ordinary.iter().flat_map(|row| &values[row * width..][..width]).copied().collect()
        };
        let (values, errors) = (values.map(part).unwrap_or_default(), errors.map(part));
        let numbers: Vec<u64> = ordinary.iter().map(|row| numbers[*row]).collect();
        let (rows, numbers) = ((&values[..], errors.as_deref()), &numbers[..]);
        let raw = denoising.raw(rows, numbers)?;
        let risks = risks(&denoising.ensemble, noise, &raw, rows.0, numbers, options.seed)?;
        denoising.calibration = Calibration::of(&raw, &risks, &own.shape());
        Ok(denoising)
    }

    /// The rows that are not far beyond all of the calibration; all of them if there is no other.
    fn ordinary(&self, rows: (&[f64], Option<&[f64]>)) -> Result<Vec<usize>, Error> {
        let width = self.ensemble.width();
        let all: Vec<usize> = (0..rows.0.len() / width).collect();
        let Some((denoiser, _)) = &self.conformal else { return Ok(all) };
        let largest = denoiser.calibration.iter().copied().fold(0.0, f64::max);
        let estimates = self.ensemble.pass(rows.0)?.mean;
        let noise = variances(self.noise, &estimates, rows.1);
        let of = |values: &[f64], row: usize| -> Vec<f64> { values[row * width..][..width].to_vec() };
        let is_ordinary = |row: &usize| {
            let score = denoiser.score(&of(rows.0, *row), &of(&estimates, *row), &of(&noise, *row));
            score <= FAR * largest
        };
        let ordinary: Vec<usize> = all.iter().copied().filter(is_ordinary).collect();
        Ok(if ordinary.is_empty() { all } else { ordinary })
    }

    /// The p-value up to which rows are called unlike those of the training, where no other is asked for.
    #[must_use]
    pub fn outside(&self) -> f64 {
        self.conformal().map_or(OUTSIDE, |conformal| OUTSIDE.max(conformal.smallest()))
    }

    /// The noise that is taken for granted.
    #[must_use]
    pub fn noise(&self) -> StatedNoise {
        self.noise
    }

    /// Autoencoders that estimate.
    #[must_use]
    pub fn members(&self) -> usize {
        self.ensemble.members.len()
    }

    /// How uncertainties are scaled.
    #[must_use]
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// The calibration of p-values, if the model has one.
    #[must_use]
    pub fn conformal(&self) -> Option<&Conformal> {
        self.conformal.as_ref().map(|(_, conformal)| conformal)
    }

    /// Classical filters with the windows that are best for these rows, as far as can be told without the truth.
    ///
    /// # Errors
    /// An instruction set that is not there.
    pub fn filters(&self, rows: (&[f64], Option<&[f64]>), numbers: &[u64]) -> Result<Vec<Chosen>, Error> {
        let variance = variances(self.noise, &self.ensemble.pass(rows.0)?.mean, rows.1);
        let (own, threads) = (&self.model.autoencoder, self.ensemble.threads);
        let shape = (&own.shape()[..], !own.axes().is_empty());
        filters(self.noise, (rows.0, &variance), shape, numbers, self.seed, threads)
    }

    pub(super) fn raw(&self, rows: (&[f64], Option<&[f64]>), numbers: &[u64]) -> Result<Raw, Error> {
        raw(&self.ensemble, self.noise, &self.draws, rows, numbers)
    }

    /// Denoises rows in original units. `numbers` are those of the rows among all, which decide what is drawn for them.
    ///
    /// # Errors
    /// An instruction set that is not there.
    pub fn rows(&self, rows: (&[f64], Option<&[f64]>), numbers: &[u64]) -> Result<Denoised, Error> {
        let raw = self.raw(rows, numbers)?;
        let risks = risks(&self.ensemble, self.noise, &raw, rows.0, numbers, self.seed)?;
        let uncertainty = self.calibration.uncertainties(&raw, &risks);
        let width = self.ensemble.width();
        let p_values = self.conformal.as_ref().map(|(denoiser, conformal)| {
            let all = rows.0.chunks_exact(width).zip(raw.estimate.chunks_exact(width));
            all.zip(raw.noise.chunks_exact(width))
                .map(|((values, estimates), noise)| conformal.p_value(denoiser.score(values, estimates, noise)))
                .collect()
        });
        Ok(Denoised { estimate: raw.estimate, uncertainty, noise: raw.noise, p_values })
    }
}

/// The noise of the data: as stated, or as the model was trained for.
fn noise_of(model: &Model, options: &DenoisingOptions) -> Result<StatedNoise, Error> {
    let settings = &model.record.settings;
    let counts = settings.scaling == ScalingKind::Anscombe.to_string()
        || settings.likelihood == Some(Likelihood::Poisson)
        || settings.noise.iter().any(|noise| noise.counts());
    match options.noise {
        Some(StatedNoise::Errors) if !options.errors => Err(Error::NoiseNotTold { reason: "the data have no errors" }),
        Some(noise) => Ok(noise),
        None if options.errors => Ok(StatedNoise::Errors),
        None if counts => Ok(StatedNoise::Poisson),
        None => Err(Error::NoiseNotTold { reason: "neither data nor model tell the noise" }),
    }
}

fn refuse(model: &Model) -> Result<(), Error> {
    if model.record.patches.is_some() {
        return Err(Error::NotForDenoising { what: "is of patches", instead: "lumenfold reconstruct" });
    }
    if model.detector.is_some() {
        return Err(Error::NotForDenoising { what: "was fitted to judge anomalies", instead: "lumenfold score" });
    }
    Ok(())
}
