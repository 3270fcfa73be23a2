//! Reconstruction errors, always measured in the user's units as well as in those of the loss.

use serde::{Deserialize, Serialize};

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
    /// Mean of the weighted squared residual in scaled units: the loss that is trained on.
    pub loss: f64,
    /// One minus the sum of squared residuals over the sum of squared deviations from the training mean, both weighted
    /// as in the loss.
    pub explained_variance: f64,
}

/// Sums that [`Errors`] are made of; rows are added one by one, in order.
#[derive(Clone, Debug)]
pub(crate) struct ErrorSums {
    rows: usize,
    // Values of each feature; as many as rows, unless some of them do not count.
    counts: Vec<usize>,
    squares: Vec<f64>,
    residuals: Vec<f64>,
    loss: f64,
    deviation: f64,
}

impl ErrorSums {
    pub(crate) fn new(features: usize) -> Self {
        Self {
            rows: 0,
            counts: vec![0; features],
            squares: vec![0.0; features],
            residuals: vec![0.0; features],
            loss: 0.0,
            deviation: 0.0,
        }
    }

    /// Adds a row: input and reconstruction in original units, and both in scaled units with the scaled training mean
    /// and the weights of the loss.
    pub(crate) fn add(&mut self, original: (&[f64], &[f64]), scaled: (&[f32], &[f32]), mean: &[f64], weights: &[f32]) {
        self.add_some(original, scaled, mean, weights, None);
    }

    /// As [`ErrorSums::add`], but only the values count for which `counting` is not zero.
    pub(crate) fn add_some(
        &mut self,
        original: (&[f64], &[f64]),
        scaled: (&[f32], &[f32]),
        mean: &[f64],
        weights: &[f32],
        counting: Option<&[f32]>,
    ) {
        self.rows += 1;
        for feature in 0..self.squares.len() {
            if counting.is_some_and(|counting| counting[feature] == 0.0) {
                continue;
            }
            self.counts[feature] += 1;
            let residual = original.1[feature] - original.0[feature];
            self.squares[feature] += residual * residual;
            self.residuals[feature] += residual;
            let (input, weight) = (f64::from(scaled.0[feature]), f64::from(weights[feature]));
            let residual = f64::from(scaled.1[feature]) - input;
            self.loss += weight * residual * residual;
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
            explained_variance: if self.deviation > 0.0 { 1.0 - self.loss / self.deviation } else { 0.0 },
        }
    }
}
