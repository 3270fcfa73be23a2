//! What one member of a detector says of rows that came through it.

use super::codes::Codes;
use super::component::Component;
use super::covariance::Covariance;

/// Prototypes of a draw.
const PROTOTYPES: usize = 8;

/// Draws of a member, fewer where samples are large.
const DRAWS: usize = 10;

/// Values of the prototypes of a member.
const MOST_VALUES: usize = 1 << 20;

/// The square of a distance below which rows are as good as equal.
const NO_DISTANCE: f64 = 1e-12;

/// Reconstructed training rows that stand for all of them, in scaled units: draws of [`PROTOTYPES`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Prototypes {
    /// `[draws][PROTOTYPES][features]`
    pub(super) rows: Vec<f32>,
    /// The same as `[features][draws × PROTOTYPES]`: distances from all of them are computed side by side.
    columns: Vec<f32>,
}

impl Prototypes {
    /// Of whole rows.
    pub(super) fn new(rows: Vec<f32>, features: usize) -> Self {
        let count = rows.len() / features;
        let columns = (0..features).flat_map(|feature| (0..count).map(move |row| row * features + feature));
        let columns = columns.map(|at| rows[at]).collect();
        Self { rows, columns }
    }

    /// How many rows they are made of, at most, for so many features.
    pub(super) fn count(features: usize) -> usize {
        PROTOTYPES * (MOST_VALUES / (PROTOTYPES * features)).clamp(1, DRAWS)
    }

    /// Whether so many values can be prototypes.
    pub(super) fn fits(values: usize, features: usize) -> bool {
        values > 0 && values.is_multiple_of(features) && values / features <= PROTOTYPES * DRAWS
    }

    /// The draws, each `[PROTOTYPES][features]`; the last may have fewer rows.
    fn draws(&self, features: usize) -> impl Iterator<Item = &[f32]> {
        self.rows.chunks(PROTOTYPES * features)
    }

    /// The geometric mean, over draws, of the squared distance from the nearest of each.
    fn squared_distance(&self, row: &[f32], distances: &mut Vec<f32>) -> f64 {
        let count = self.rows.len() / row.len();
        distances.clear();
        distances.resize(count, 0.0);
        for (value, column) in row.iter().zip(self.columns.chunks_exact(count)) {
            for (distance, prototype) in distances.iter_mut().zip(column) {
                *distance += (value - prototype) * (value - prototype);
            }
        }
        let nearest = |draw: &[f32]| f64::from(draw.iter().copied().fold(f32::INFINITY, f32::min)).max(NO_DISTANCE);
        // A product of so few squares, each from 1e-12 to some 1e27, overflows nowhere, and takes one logarithm.
        let product: f64 = distances.chunks(PROTOTYPES).map(nearest).product();
        libm::exp(libm::log(product) / count.div_ceil(PROTOTYPES) as f64)
    }

    /// What each feature adds to the squared distance from the nearest prototype, the mean of the draws' shares.
    fn shares(&self, row: &[f32], shares: &mut [f64]) {
        for draw in self.draws(row.len()) {
            let prototypes = draw.chunks_exact(row.len());
            let Some(nearest) = prototypes.min_by(|left, right| squared(row, left).total_cmp(&squared(row, right)))
            else {
                continue;
            };
            let whole = squared(row, nearest).max(NO_DISTANCE);
            for ((share, value), prototype) in shares.iter_mut().zip(row).zip(nearest) {
                *share += f64::from(value - prototype).powi(2) / whole;
            }
        }
    }
}

fn squared(left: &[f32], right: &[f32]) -> f64 {
    left.iter().zip(right).map(|(left, right)| f64::from(left - right).powi(2)).sum()
}

/// A row that has come through a member, in scaled units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed<'a> {
    pub(super) scaled: &'a [f32],
    pub(super) output: &'a [f32],
    /// Squared standard errors of the values; empty where χ² is not wanted.
    pub(super) squared_errors: &'a [f64],
    /// Empty where the latents are not wanted.
    pub(super) code: &'a [f32],
}

/// A member's measures of rows.
pub(super) struct Judge<'a> {
    pub(super) covariance: &'a Covariance,
    pub(super) prototypes: &'a Prototypes,
    pub(super) codes: Option<&'a Codes>,
}

/// Memory that rows share.
#[derive(Default)]
pub(super) struct Scratch {
    residual: Vec<f64>,
    white: Vec<f64>,
    distances: Vec<f32>,
}

impl Judge<'_> {
    /// A component of a row, above zero. Those of the residual need its reconstruction, that of the latents its code.
    pub(super) fn measure(&self, component: Component, passed: Passed<'_>, scratch: &mut Scratch) -> f64 {
        let Passed { scaled, output, code, .. } = passed;
        let residuals = scaled.iter().zip(output).map(|(scaled, output)| f64::from(scaled - output));
        let value = match component {
            Component::Residual => {
                let terms = residuals.zip(&self.covariance.variances).map(|(residual, one)| residual * residual / one);
                terms.sum::<f64>() / scaled.len() as f64
            }
            Component::Mahalanobis => {
                scratch.residual.clear();
                scratch.residual.extend(residuals);
                self.covariance.distance(&scratch.residual, &mut scratch.white)
            }
            Component::Density => self.prototypes.squared_distance(scaled, &mut scratch.distances).sqrt(),
            Component::Latent => self.codes.map_or(1.0, |codes| codes.distance(code)),
            Component::Chi2 => self.chi2(passed).sum::<f64>() / scaled.len() as f64,
        };
        value.max(f64::MIN_POSITIVE)
    }

    /// What each feature adds to χ². A value whose error has no bound adds nothing.
    fn chi2<'b>(&'b self, passed: Passed<'b>) -> impl Iterator<Item = f64> + use<'b> {
        let variances = passed.squared_errors.iter().zip(&self.covariance.misfit);
        let residuals = passed.scaled.iter().zip(passed.output).map(|(scaled, output)| f64::from(scaled - output));
        residuals.zip(variances).map(|(residual, (squared, misfit))| residual * residual / (squared + misfit))
    }

    /// Adds the share that each feature has in a component.
    pub(super) fn add_shares(&self, component: Component, passed: Passed<'_>, weight: f64, sums: &mut [f64]) {
        let Passed { scaled, output, .. } = passed;
        let residual: Vec<f64> = scaled.iter().zip(output).map(|(scaled, output)| f64::from(scaled - output)).collect();
        let shares = match component {
            Component::Residual => residual
                .iter()
                .zip(&self.covariance.variances)
                .map(|(residual, one)| residual * residual / one)
                .collect(),
            Component::Mahalanobis => self.covariance.shares(&residual),
            Component::Chi2 => self.chi2(passed).collect(),
            // A code is no feature's: what is far from where rows are has it from there.
            Component::Density | Component::Latent => {
                let mut shares = vec![0.0; scaled.len()];
                self.prototypes.shares(scaled, &mut shares);
                shares
            }
        };
        let whole: f64 = shares.iter().sum();
        if whole > 0.0 {
            sums.iter_mut().zip(&shares).for_each(|(sum, share)| *sum += weight * share / whole);
        }
    }
}
