//! The figures of several models on held-out rows, and on resamples of these rows.
//!
//! A resample draws as many rows as there are, with replacement (Efron and Tibshirani, *An Introduction to the Bootstrap*,
//! 1993, chapter 13). Every model meets the same resamples, so that differences between models are paired.

use std::num::NonZeroUsize;

use super::draws::{Draws, Purpose};
use super::target::Target;
use crate::order_statistics::mean;
use crate::parallel::in_order;

/// Both figures of every model.
pub type Figures = Vec<[f64; 2]>;

/// What was said of held-out rows by several models.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What is true of them.
    pub truth: Target,
    /// For each row and model, whether the class was right (1 or 0), or the squared residual: `[rows][models]`.
    pub said: Vec<f64>,
    /// Models.
    pub models: usize,
}

/// Names of the figures of classes: the share of right predictions, and its mean over the classes.
pub const CLASS_FIGURES: [&str; 2] = ["accuracy", "balanced_accuracy"];

/// Names of the figures of quantities: the share of the squared deviation from the mean that is told, and the root mean squared
/// residual.
pub const QUANTITY_FIGURES: [&str; 2] = ["r2", "rmse"];

impl Judged {
    /// Rows of which this is true and that was said, by each model.
    #[must_use]
    pub fn of(truth: Target, said: &[&[f64]]) -> Self {
        let right = |row: usize, said: f64| match &truth {
            Target::Classes { .. } => f64::from(u8::from(said == truth.value(row))),
            Target::Quantity(values) => (said - values[row]) * (said - values[row]),
        };
        let cells = (0..truth.rows()).flat_map(|row| said.iter().map(move |said| (row, said[row])));
        let models = said.len();
        let said = cells.map(|(row, said)| right(row, said)).collect();
        Self { truth, said, models }
    }

    /// The figures of all models on the rows themselves.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.weighed(&vec![1; self.truth.rows()])
    }

    /// The same on so many resamples.
    #[must_use]
    pub fn resampled(&self, resamples: usize, seed: u64, threads: NonZeroUsize) -> Vec<Figures> {
        let rows = self.truth.rows();
        let drawn = |number: usize| {
            let mut draws = Draws::new(seed, Purpose::Resample, number);
            let mut weights = vec![0_u32; rows];
            (0..rows).for_each(|_| weights[draws.below(rows)] += 1);
            self.weighed(&weights)
        };
        in_order(resamples, threads, drawn)
    }

    /// The figures where each row counts so many times.
    fn weighed(&self, weights: &[u32]) -> Figures {
        let weighed = || {
            let rows = weights.iter().zip(self.said.chunks_exact(self.models)).enumerate();
            rows.filter(|(_, (weight, _))| **weight > 0).map(|(row, (weight, said))| (row, f64::from(*weight), said))
        };
        match &self.truth {
            Target::Classes { names, codes } => {
                let mut counts = vec![0.0; names.len()];
                let mut right = vec![0.0; names.len() * self.models];
                for (row, weight, said) in weighed() {
                    let code = codes[row] as usize;
                    counts[code] += weight;
                    let right = &mut right[code * self.models..][..self.models];
                    right.iter_mut().zip(said).for_each(|(right, said)| *right += weight * said);
                }
                let present = counts.iter().filter(|count| **count > 0.0).count() as f64;
                let of_model = |model: usize| {
                    let right = || right.iter().skip(model).step_by(self.models).zip(&counts);
                    let accuracy = right().map(|(right, _)| right).sum::<f64>() / counts.iter().sum::<f64>();
                    let shares = right().filter(|(_, count)| **count > 0.0).map(|(right, count)| right / count);
                    [accuracy, shares.sum::<f64>() / present]
                };
                (0..self.models).map(of_model).collect()
            }
            Target::Quantity(values) => {
                let (mut count, mut sum) = (0.0, 0.0);
                for (row, weight, _) in weighed() {
                    count += weight;
                    sum += weight * values[row];
                }
                let middle = sum / count;
                let (mut deviation, mut residuals) = (0.0, vec![0.0; self.models]);
                for (row, weight, said) in weighed() {
                    deviation += weight * (values[row] - middle) * (values[row] - middle);
                    residuals.iter_mut().zip(said).for_each(|(sum, said)| *sum += weight * said);
                }
                residuals.iter().map(|squares| [1.0 - squares / deviation, (squares / count).sqrt()]).collect()
            }
        }
    }
}

/// The mean over the classes, of those that occur or were said, of the harmonic mean of precision and recall,
/// `2 right / (said + true)`.
///
/// # Panics
/// More was said than there are rows, or something that is no class.
#[must_use]
pub fn macro_f1(truth: &Target, said: &[f64]) -> f64 {
    let (mut right, mut counts) = (vec![0_usize; truth.classes()], vec![0_usize; truth.classes()]);
    for (row, said) in said.iter().enumerate() {
        let (said, truth) = (*said as usize, truth.value(row) as usize);
        counts[said] += 1;
        counts[truth] += 1;
        right[said] += usize::from(said == truth);
    }
    let present = right.iter().zip(&counts).filter(|(_, count)| **count > 0);
    let scores: Vec<f64> = present.map(|(right, count)| 2.0 * *right as f64 / *count as f64).collect();
    mean(&scores)
}
