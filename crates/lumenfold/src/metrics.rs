//! Reconstruction errors, always measured in the user's units as well as in those of the loss.

use serde::{Deserialize, Serialize};

use crate::Cost;

/// How well some rows are reconstructed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Errors {
    /// Rows that were measured.
    pub rows: usize,
    /// Mean squared residual over rows and features, in original units squared.
    pub mse: f64,
    /// Root mean squared residual of each feature, in its unit.
    pub rmse: Vec<f64>,
    /// Mean residual (reconstruction minus input) of each feature, in its unit.
    pub bias: Vec<f64>,
    /// Mean of the weighted cost of residuals in scaled units, their squares unless something else is asked for: the loss
    /// that is trained on, without what codes cost.
    pub loss: f64,
    /// Where values have standard errors: the squared residual over the squared error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chi_square: Option<ChiSquare>,
    /// One minus the sum of squared residuals over the sum of squared deviations from the training mean, both weighted
    /// as in the loss.
    pub explained_variance: f64,
}

/// Squared residuals in units of the standard errors of values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChiSquare {
    /// Values that were measured.
    pub values: usize,
    /// Their mean.
    pub per_value: f64,
    /// Their sum over the degrees of freedom: the values, less one for each latent of each row, which was chosen by the
    /// row itself. None where nothing is left.
    pub reduced: Option<f64>,
}

/// What errors are measured by: the loss of a model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure<'a> {
    /// What an error costs.
    pub(crate) cost: Cost,
    /// What the cost of each feature is multiplied by.
    pub(crate) weights: &'a [f32],
    /// The scaled mean of the training rows.
    pub(crate) mean: &'a [f64],
    /// Numbers that a row chooses by itself: latents that it uses.
    pub(crate) chosen: f64,
}

/// Sums that [`Errors`] are made of; rows are added one by one, in order.
#[derive(Clone, Debug)]
pub(crate) struct ErrorSums<'a> {
    measure: Measure<'a>,
    rows: usize,
    // Values of each feature; as many as rows, unless some of them do not count.
    counts: Vec<usize>,
    squares: Vec<f64>,
    residuals: Vec<f64>,
    loss: f64,
    // Both weighted as the loss.
    squared: f64,
    deviation: f64,
    // Squared residuals over squared errors, and how many.
    chi_square: (f64, usize),
}

impl<'a> ErrorSums<'a> {
    pub(crate) fn new(measure: Measure<'a>) -> Self {
        let features = measure.weights.len();
        Self {
            measure,
            rows: 0,
            counts: vec![0; features],
            squares: vec![0.0; features],
            residuals: vec![0.0; features],
            loss: 0.0,
            squared: 0.0,
            deviation: 0.0,
            chi_square: (0.0, 0),
        }
    }

    /// The same for rows that choose so many numbers by themselves.
    pub(crate) fn choosing(mut self, count: usize) -> Self {
        self.measure.chosen = count as f64;
        self
    }

    /// Adds the standard errors of a row's values.
    pub(crate) fn add_errors(&mut self, original: (&[f64], &[f64]), errors: &[f64]) {
        for ((input, output), error) in original.0.iter().zip(original.1).zip(errors) {
            if !input.is_nan() {
                let ratio = (output - input) / error;
                self.chi_square.0 += ratio * ratio;
                self.chi_square.1 += 1;
            }
        }
    }

    /// Adds a row: input and reconstruction in original units, and both in scaled units. Values whose weight is zero, and
    /// those that are absent, do not count; without weights, all count as one.
    pub(crate) fn add(&mut self, original: (&[f64], &[f64]), scaled: (&[f32], &[f32]), counting: Option<&[f32]>) {
        let Measure { cost, weights, mean, .. } = self.measure;
        self.rows += 1;
        for feature in 0..self.squares.len() {
            let of_value = counting.map_or(1.0, |counting| f64::from(counting[feature]));
            if of_value == 0.0 || original.0[feature].is_nan() {
                continue;
            }
            self.counts[feature] += 1;
            let residual = original.1[feature] - original.0[feature];
            self.squares[feature] += residual * residual;
            self.residuals[feature] += residual;
            let (input, weight) = (f64::from(scaled.0[feature]), of_value * f64::from(weights[feature]));
            let residual = f64::from(scaled.1[feature]) - input;
            self.loss += weight * cost.of(residual);
            self.squared += weight * residual * residual;
            let deviation = input - mean[feature];
            self.deviation += weight * deviation * deviation;
        }
    }

    pub(crate) fn finish(self) -> Errors {
        let all = self.counts.iter().sum::<usize>().max(1) as f64;
        let counts = || self.counts.iter().map(|count| (*count).max(1) as f64);
        Errors {
            rows: self.rows,
            mse: self.squares.iter().sum::<f64>() / all,
            rmse: self.squares.iter().zip(counts()).map(|(sum, count)| (sum / count).sqrt()).collect(),
            bias: self.residuals.iter().zip(counts()).map(|(sum, count)| sum / count).collect(),
            loss: self.loss / all,
            chi_square: (self.chi_square.1 > 0).then(|| {
                let (sum, values) = self.chi_square;
                let free = values as f64 - self.measure.chosen * self.rows as f64;
                let reduced = (free > 0.0).then_some(sum / free);
                ChiSquare { values, per_value: sum / values as f64, reduced }
            }),
            explained_variance: if self.deviation > 0.0 { 1.0 - self.squared / self.deviation } else { 0.0 },
        }
    }
}
