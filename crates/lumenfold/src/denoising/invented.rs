//! Structure that a model makes up: noise about known rows goes in, and what comes out beside these is invented.

use lumenfold_data::axis::place_in_words;
use serde::Serialize;

use super::bootstrap::{Draws, variances};
use super::work::Denoising;
use crate::Error;

/// Draws for each row whose truth is known, and rows at hand that are bridged.
const DRAWS: u64 = 24;
const ROWS: usize = 6;

/// What is invented may exceed the noise by so many deviations where the uncertainty covers it, and where it does not.
const COVERED: f64 = 3.0;
const UNCOVERED: f64 = 1.0;

/// Deviations that an uncertainty covers.
const TWO: f64 = 1.96;

/// Rows with p-values up to this are recognised as unlike the training's, by half of them at least.
const RECOGNISED: f64 = 0.01;

/// The share of the last axis that is bridged, one over it.
const STRETCH: usize = 5;

/// What came out for one kind of rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Invented {
    /// What went in: `mean`, `flat` or `bridged`.
    pub rows: &'static str,
    /// The largest mean structure that is not there, in deviations of the noise.
    pub over_noise: f64,
    /// The same over the stated uncertainty.
    pub over_uncertainty: f64,
    /// Where it is.
    pub place: String,
    /// The share of such rows that p-values recognise; none without a calibration.
    pub recognised: Option<f64>,
    /// Whether it passes: nothing beyond one deviation of the noise that the uncertainty does not cover, nothing beyond three in
    /// any case; or the rows are recognised as unlike those of the training.
    pub passes: bool,
}

/// Feeds noise about the training mean, about a flat level, and about estimates whose strongest feature is bridged. `rows` are some
/// at hand.
///
/// # Errors
/// An instruction set that is not there.
pub fn invented(denoising: &Denoising<'_>, rows: (&[f64], Option<&[f64]>)) -> Result<Vec<Invented>, Error> {
    let own = &denoising.model.autoencoder;
    let width = own.features().len();
    let mean: Vec<f64> =
        own.scaled_mean.iter().zip(&own.scaling.features).map(|(mean, scaling)| scaling.inverse(*mean)).collect();
    let errors = rows.1.map(|errors| &errors[..width.min(errors.len())]);
    let mut found = vec![denoising.invents("mean", &mean, errors)?];
    if own.axes().is_empty() {
        return Ok(found);
    }
    let level = mean.iter().sum::<f64>() / width as f64;
    found.push(denoising.invents("flat", &vec![level; width], errors)?);
    let some = (rows.0.len() / width).min(ROWS) * width;
    let estimates = denoising.ensemble.pass(&rows.0[..some])?.mean;
    let length = *own.shape().last().unwrap_or(&width);
    let bridged: Vec<f64> = estimates.chunks_exact(width).flat_map(|row| bridge(row, length)).collect();
    found.push(denoising.invents("bridged", &bridged, rows.1.map(|errors| &errors[..some]))?);
    Ok(found)
}

/// A row without the stretch of its last axis about its largest value, where a smooth step takes its place. The stretch goes on down
/// the flanks: an edge cut off halfway would be sharper than any that was measured.
fn bridge(row: &[f64], length: usize) -> Vec<f64> {
    let at = (0..row.len()).max_by(|left, right| row[*left].total_cmp(&row[*right])).unwrap_or(0);
    let (line, largest) = (&row[at - at % length..][..length], at % length);
    let half = (length / STRETCH / 2).max(1);
    let within = |reach: usize| (largest.saturating_sub(reach), (largest + reach).min(length - 1));
    let ((mut first, mut last), farthest) = (within(half), within(2 * half));
    while first > farthest.0 && line[first - 1] < line[first] {
        first -= 1;
    }
    while last < farthest.1 && line[last + 1] < line[last] {
        last += 1;
    }
    let mut bridged = row.to_vec();
    for line in bridged.chunks_exact_mut(length) {
        let (low, high) = (line[first], line[last]);
        // What lies at an end of the axis may be the feature itself.
        let low = if first == 0 { low.min(high) } else { low };
        let high = if last == length - 1 { high.min(low) } else { high };
        for (step, value) in line[first..=last].iter_mut().enumerate() {
            // Half a wave: a kink would be structure that no measurement has, and that whatever smooths it would fail for.
            let share = step as f64 / (last - first).max(1) as f64;
            *value = low + (high - low) * 0.5 * (1.0 - libm::cos(std::f64::consts::PI * share));
        }
    }
    bridged
}

impl Denoising<'_> {
    fn invents(&self, name: &'static str, truth: &[f64], errors: Option<&[f64]>) -> Result<Invented, Error> {
        let width = self.ensemble.width();
        let own = &self.model.autoencoder;
        let truth: Vec<f64> = match self.noise() {
            super::StatedNoise::Poisson => truth.iter().map(|value| value.max(0.0)).collect(),
            _ => truth.to_vec(),
        };
        let noise = variances(self.noise(), &truth, errors);
        let draws = Draws::new(self.seed ^ u64::from(name.as_bytes()[0]), DRAWS);
        let numbers: Vec<u64> = (0..(truth.len() / width) as u64).collect();
        let (mut sums, mut squares, mut uncertainties) =
            (vec![0.0; truth.len()], vec![0.0; truth.len()], vec![0.0; truth.len()]);
        let (mut recognised, mut rows) = (0, 0);
        for draw in 0..DRAWS {
            let measured = draws.measured(self.noise(), (&truth, &noise), &numbers, draw);
            let others: Vec<u64> = numbers.iter().map(|number| number + draw * numbers.len() as u64).collect();
            let denoised = self.rows((&measured, errors), &others)?;
            for at in 0..truth.len() {
                let error = denoised.estimate[at] - truth[at];
                sums[at] += error;
                squares[at] += error * error;
                uncertainties[at] += denoised.uncertainty[at];
            }
            rows += numbers.len();
            recognised += denoised.p_values.iter().flatten().filter(|p| **p <= RECOGNISED).count();
        }
        let count = DRAWS as f64;
        let amount = |at: usize| {
            let mean = sums[at] / count;
            // Chance moves a mean of few draws; what it may explain is taken off.
            let chance = ((squares[at] / count - mean * mean).max(0.0) / count).sqrt();
            (mean.abs() - 3.0 * chance).max(0.0)
        };
        // Less than a count is no structure, however little is expected.
        let least = if self.noise() == super::StatedNoise::Poisson { 1.0 } else { 0.0 };
        let over_noise = |at: usize| amount(at) / noise[at].max(least).sqrt();
        let over_uncertainty = |at: usize| amount(at) * count / uncertainties[at];
        let is_covered = |at: usize| over_uncertainty(at) <= TWO;
        let fails = |at: usize| over_noise(at) > if is_covered(at) { COVERED } else { UNCOVERED };
        // The worst place is one that fails, if any does.
        let worst = (0..truth.len())
            .max_by(|left, right| {
                (fails(*left), over_noise(*left))
                    .partial_cmp(&(fails(*right), over_noise(*right)))
                    .unwrap_or(std::cmp::Ordering::Equal)
            })
            .unwrap_or(0);
        let place = match own.axes() {
            [] => own.features()[worst % width].name.clone(),
            axes => place_in_words(axes, worst % width),
        };
        let recognised = self.conformal().map(|_| recognised as f64 / rows.max(1) as f64);
        Ok(Invented {
            rows: name,
            over_noise: over_noise(worst),
            over_uncertainty: over_uncertainty(worst),
            place,
            recognised,
            passes: !fails(worst) || recognised.is_some_and(|share| share >= 0.5),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bridge_leads_smoothly_over_the_largest_value() {
        let row = [1.0, 1.0, 1.0, 1.0, 9.0, 2.0, 2.0, 2.0, 2.0, 2.0];
        let bridged = bridge(&row, 10);
        assert_eq!(&bridged[3..6], &[1.0, 1.5, 2.0]);
        assert_eq!(bridge(&[9.0, 2.0, 2.0, 2.0, 2.0], 5), [2.0; 5]);
        // Down the flank, and of each line the same stretch.
        let (peak, other) = ([0.0, 0.0, 0.0, 0.0, 9.0, 4.0, 0.0, 0.0, 0.0, 1.0], [5.0; 10]);
        let bridged = bridge(&[other, peak].concat(), 10);
        assert_eq!(bridged, [&other[..], &[0.0; 9], &[1.0]].concat());
    }
}
