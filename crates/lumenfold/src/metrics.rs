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
    squares: Vec<f64>,
    residuals: Vec<f64>,
    loss: f64,
    deviation: f64,
}

impl ErrorSums {
    pub(crate) fn new(features: usize) -> Self {
        Self { rows: 0, squares: vec![0.0; features], residuals: vec![0.0; features], loss: 0.0, deviation: 0.0 }
    }

    /// Adds a row: input and reconstruction in original units, and both in scaled units with the scaled training mean
    /// and the weights of the loss.
    pub(crate) fn add(&mut self, original: (&[f64], &[f64]), scaled: (&[f32], &[f32]), mean: &[f64], weights: &[f32]) {
        self.rows += 1;
        for (feature, (input, output)) in original.0.iter().zip(original.1).enumerate() {
            let residual = output - input;
            self.squares[feature] += residual * residual;
            self.residuals[feature] += residual;
        }
        for (feature, (input, output)) in scaled.0.iter().zip(scaled.1).enumerate() {
            let (input, weight) = (f64::from(*input), f64::from(weights[feature]));
            let residual = f64::from(*output) - input;
            self.loss += weight * residual * residual;
            let deviation = input - mean[feature];
            self.deviation += weight * deviation * deviation;
        }
    }

    pub(crate) fn finish(self) -> Errors {
        let rows = self.rows.max(1) as f64;
        let features = self.squares.len().max(1) as f64;
        Errors {
            rows: self.rows,
            mse: self.squares.iter().sum::<f64>() / (rows * features),
            rmse: self.squares.iter().map(|sum| (sum / rows).sqrt()).collect(),
            bias: self.residuals.iter().map(|sum| sum / rows).collect(),
            loss: self.loss / (rows * features),
            explained_variance: if self.deviation > 0.0 { 1.0 - self.loss / self.deviation } else { 0.0 },
        }
    }
}
