//! Ensembles for denoising: ordinary fits from other seeds, and rows kept apart from all of them.

use std::sync::atomic::{AtomicBool, Ordering};

use lumenfold_data::{DataError, Dataset, RowSource, Rows, split};

use super::bootstrap::variances;
use super::ensemble::Ensemble;
use super::noise::StatedNoise;
use super::stored::{Denoiser, Measured};
use crate::fit::{Event, prepare};
use crate::settings::Settings;
use crate::{Autoencoder, Error, Fitted, Likelihood, Model};

/// How an ensemble is made, besides the settings of its autoencoders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DenoiserOptions {
    /// Autoencoders, each from other initial weights.
    pub members: u16,
}

impl Default for DenoiserOptions {
    fn default() -> Self {
        Self { members: 5 }
    }
}

/// A usual squared residual is this share of the mean one at least.
const LEAST_SHARE: f64 = 1e-9;

/// Keeps the choice of calibration rows apart from the splits of the members.
const CALIBRATION: u64 = 0x6361_6C69_6272_6174;

/// Whether a model or a fit with these settings takes its values for counts.
pub(super) fn counts(settings: &Settings) -> bool {
    settings.scaling == lumenfold_data::ScalingKind::Anscombe
        || settings.likelihood == Some(Likelihood::Poisson)
        || settings.noise.iter().any(|noise| noise.counts())
}

/// Trains a model with an ensemble. Half of the held-out rows choose the epochs, the other half are seen by none of the fits and calibrate
/// p-values. `observe` is told the member (from 0) and what happens to it.
///
/// # Errors
/// Settings out of range or that have no meaning here; rows that are not in memory or lack values; too few of them; a training
/// that breaks down again and again; [`Error::Stopped`].
pub fn train(
    rows: Rows<'_>,
    settings: &Settings,
    options: &DenoiserOptions,
    stop: &AtomicBool,
    mut observe: impl FnMut(usize, &Event),
) -> Result<Model, Error> {
    settings.check()?;
    refuse(&rows, settings, options)?;
    let width = rows.features().len();
    let stored = if rows.has_errors() { 2 * width } else { width };
    let mut values = Vec::new();
    rows.stored().pass(|block| {
        values.extend_from_slice(block);
        Ok::<_, DataError>(())
    })?;
    let share = settings.validation / 2.0;
    let parts = split(rows.rows(), share, settings.seed_of_split() ^ CALIBRATION)?;
    if parts.validation.is_empty() {
        return Err(Error::TooFewRows {
            path: rows.source(),
            rows: rows.rows(),
            needed: (1.0 / share).ceil() as usize,
        });
    }
    let [training, apart] = [&parts.train, &parts.validation].map(|chosen| part(&rows, &values, stored, chosen));
    drop(values);
    let own = Settings { validation: share / (1.0 - share), ..settings.clone() };
    let (mut members, mut record): (Vec<Autoencoder>, _) = (Vec::new(), None);
    for member in 0..usize::from(options.members) {
        let seed = settings.seed.wrapping_add((member as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let own = Settings { seed, split_seed: Some(settings.seed_of_split()), ..own.clone() };
        let prepared = prepare(&training, &own)?;
        let fitted: Fitted = prepared.train_with(stop, None, None, |event| observe(member, event))?;
        if stop.load(Ordering::Relaxed) {
            return Err(Error::Stopped);
        }
        record.get_or_insert(fitted.record);
        members.push(fitted.autoencoder);
    }
    let (Some(autoencoder), Some(mut record)) = (members.first().cloned(), record) else { return Err(Error::Stopped) };
    record.rows = rows.rows();
    record.fingerprint = rows.fingerprint()?;
    record.skipped_rows = rows.skipped();
    let others = members[1..].iter().map(|member| member.parameters.clone()).collect();
    let measured = match (rows.has_errors(), counts(settings)) {
        (true, _) => Measured::Errors,
        (false, true) => Measured::Poisson,
        (false, false) => Measured::Usual,
    };
    let ensemble = Ensemble { members, counts: measured == Measured::Poisson, threads: settings.threads };
    let estimates = ensemble.pass(&apart.values)?.mean;
    let usual = usual(&apart.values, &estimates, width);
    let mut denoiser = Denoiser { others, measured, usual, calibration: Vec::new() };
    let noise = if rows.has_errors() { StatedNoise::Errors } else { StatedNoise::Poisson };
    let variance = variances(noise, &estimates, apart.errors.as_deref());
    let rows = apart.values.chunks_exact(width).zip(estimates.chunks_exact(width)).zip(variance.chunks_exact(width));
    denoiser.calibration = rows.map(|((values, estimates), noise)| denoiser.score(values, estimates, noise)).collect();
    Ok(Model { denoiser: Some(denoiser), ..Model::from(Fitted { autoencoder, record }) })
}

/// The mean squared residual of each feature.
fn usual(values: &[f64], estimates: &[f64], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; width];
    for (at, (value, estimate)) in values.iter().zip(estimates).enumerate() {
        sums[at % width] += (value - estimate) * (value - estimate);
    }
    let rows = (values.len() / width).max(1) as f64;
    let mean = sums.iter().sum::<f64>() / rows / width as f64;
    let least = if mean > 0.0 { LEAST_SHARE * mean } else { f64::MIN_POSITIVE };
    sums.into_iter().map(|sum| (sum / rows).max(least)).collect()
}

/// Some of the rows as a data set.
fn part(rows: &Rows<'_>, values: &[f64], stored: usize, chosen: &[u32]) -> Dataset {
    let width = rows.features().len();
    let all = || chosen.iter().map(|row| &values[*row as usize * stored..][..stored]);
    Dataset {
        values: all().flat_map(|row| &row[..width]).copied().collect(),
        errors: (stored > width).then(|| all().flat_map(|row| &row[width..]).copied().collect()),
        masks: false,
        rows: chosen.len(),
        features: rows.features().to_vec(),
        axes: rows.axes().to_vec(),
        carried: Vec::new(),
        source: rows.source(),
        used_rows: chosen.iter().map(|row| u64::from(*row)).collect(),
        rows_before: 0,
        skipped: 0,
        first_skipped: None,
    }
}

/// Refuses what an ensemble cannot be made of.
fn refuse(rows: &Rows<'_>, settings: &Settings, options: &DenoiserOptions) -> Result<(), Error> {
    let wrong = |name, value: String, allowed: &str| Err(Error::Setting { name, value, allowed: allowed.to_owned() });
    if !(1..=1000).contains(&options.members) {
        return wrong("--members", options.members.to_string(), "from 1 to 1000");
    }
    if rows.crops().is_some() {
        return wrong("--patch", "asked for".to_owned(), "left out with --for denoising");
    }
    if rows.masks() {
        return wrong("--missing", "mask".to_owned(), "refuse or skip with --for denoising");
    }
    if settings.validation <= 0.0 {
        return wrong("--validation", settings.validation.to_string(), "above 0: held-out rows calibrate p-values");
    }
    Ok(())
}
