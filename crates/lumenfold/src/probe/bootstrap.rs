//! Figures of predictions with 95 % intervals, by resampling the held-out rows.
//!
//! A resample draws as many rows as there are, with replacement (Efron and Tibshirani, *An Introduction to the Bootstrap*,
//! 1993, chapter 13: percentile intervals). Every model meets the same resamples, so that differences between models are
//! paired. With repeated splits a row is held out more than once: a resample draws rows, each with all that was said of
//! it, since what is said of one row twice is not two independent findings.

use std::num::NonZeroUsize;

use serde::Serialize;

use super::draws::{Draws, Purpose};
use super::tasks;

/// The share of resamples within an interval.
const CONFIDENCE: f64 = 0.95;

/// A number and the interval that holds 95 % of the resamples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// On the rows themselves.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether the interval is above (greater), below (less) or around zero (equal).
    #[must_use]
    pub fn sign(&self) -> std::cmp::Ordering {
        match () {
            () if self.low > 0.0 => std::cmp::Ordering::Greater,
            () if self.high < 0.0 => std::cmp::Ordering::Less,
            () => std::cmp::Ordering::Equal,
        }
    }
}

/// What was said of the held-out rows by several models.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// How often each row was held out.
    pub times: Vec<u32>,
    /// Its class, or its quantity.
    pub truth: Truth,
    /// For each row and model, how many times the class was right, or the sum of the squared residuals: `[rows][models]`.
    pub said: Vec<f64>,
    /// Models.
    pub models: usize,
}

/// What is true of the held-out rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Truth {
    /// Codes of classes below `classes`.
    Classes {
        /// For each row.
        codes: Vec<u32>,
        /// How many there are.
        classes: usize,
    },
    /// Numbers.
    Quantity(Vec<f64>),
}

/// Names of the figures of classes: the share of right predictions, and its mean over the classes.
pub const CLASS_FIGURES: [&str; 2] = ["accuracy", "balanced_accuracy"];

/// Names of the figures of quantities: the share of the squared deviation from the mean that is told, and the root mean squared
/// residual.
pub const QUANTITY_FIGURES: [&str; 2] = ["r2", "rmse"];

/// The two figures of each model, with those of every resample.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampled {
    // [models][2]
    values: Vec<[f64; 2]>,
    // [resamples][models][2]
    resamples: Vec<Vec<[f64; 2]>>,
}

impl Judged {
    /// Draws the resamples.
    #[must_use]
    pub fn resampled(&self, resamples: usize, seed: u64, threads: NonZeroUsize) -> Resampled {
        let rows = self.times.len();
        let drawn = |number: usize| {
            let mut draws = Draws::new(seed, Purpose::Resample, number);
            let mut weights = vec![0_u32; rows];
            (0..rows).for_each(|_| weights[draws.below(rows)] += 1);
            self.figures(&weights)
        };
        Resampled { values: self.figures(&vec![1; rows]), resamples: tasks::all(resamples, threads, drawn) }
    }

    /// The figures of all models where each row counts so many times.
    fn figures(&self, weights: &[u32]) -> Vec<[f64; 2]> {
        let weighed = || {
            let rows = weights.iter().zip(&self.times).zip(self.said.chunks_exact(self.models)).enumerate();
            rows.filter(|(_, ((weight, _), _))| **weight > 0).map(|(row, ((weight, times), said))| {
                (row, f64::from(*weight), f64::from(*weight) * f64::from(*times), said)
            })
        };
        match &self.truth {
            Truth::Classes { codes, classes } => {
                let mut counts = vec![0.0; *classes];
                let mut right = vec![0.0; classes * self.models];
                for (row, weight, times, said) in weighed() {
                    let code = codes[row] as usize;
                    counts[code] += times;
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
            Truth::Quantity(values) => {
                let (mut count, mut sum) = (0.0, 0.0);
                for (row, _, times, _) in weighed() {
                    count += times;
                    sum += times * values[row];
                }
                let mean = sum / count;
                let (mut deviation, mut residuals) = (0.0, vec![0.0; self.models]);
                for (row, weight, times, said) in weighed() {
                    deviation += times * (values[row] - mean) * (values[row] - mean);
                    residuals.iter_mut().zip(said).for_each(|(sum, said)| *sum += weight * said);
                }
                residuals.iter().map(|squares| [1.0 - squares / deviation, (squares / count).sqrt()]).collect()
            }
        }
    }
}

impl Resampled {
    /// Figure 0 or 1 of a model.
    #[must_use]
    pub fn of(&self, model: usize, figure: usize) -> Interval {
        self.interval(|all| all[model][figure])
    }

    /// Figure 0 or 1 of a model less that of another, paired.
    #[must_use]
    pub fn difference(&self, model: usize, other: usize, figure: usize) -> Interval {
        self.interval(|all| all[model][figure] - all[other][figure])
    }

    fn interval(&self, figure: impl Fn(&[[f64; 2]]) -> f64) -> Interval {
        let value = figure(&self.values);
        // Of quantities, a resample in which all rows have one value tells nothing.
        let mut all: Vec<f64> =
            self.resamples.iter().map(|all| figure(all)).filter(|figure| figure.is_finite()).collect();
        all.sort_unstable_by(f64::total_cmp);
        let beyond = 0.5 * (1.0 - CONFIDENCE);
        let ends = [beyond, 1.0 - beyond].map(|share| quantile(&all, share).unwrap_or(value));
        Interval { value, low: ends[0], high: ends[1] }
    }
}

/// The quantile of sorted values, linear between them (R's type 7, NumPy's default).
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let low = sorted[place.floor() as usize];
    let high = sorted[place.ceil() as usize];
    Some(low + (high - low) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREADS: NonZeroUsize = NonZeroUsize::new(2).expect("not zero");

    fn binomial(rows: usize, share: f64, seed: u64) -> Judged {
        let mut draws = Draws::new(seed, Purpose::Rows, 0);
        let right = |_| f64::from(u8::from((draws.bits() as f64) < share * 2_f64.powi(64)));
        Judged {
            times: vec![1; rows],
            truth: Truth::Classes { codes: vec![0; rows], classes: 1 },
            said: (0..rows).map(right).collect(),
            models: 1,
        }
    }

    #[test]
    fn intervals_of_a_binomial_hold_the_truth_as_often_as_they_say() {
        // Of 400 intervals, 95 % are 380; five standard deviations of that are 22, and percentile intervals of 150 rows are
        // a little narrow.
        let (share, trials) = (0.8, 400);
        let holds = (0..trials).filter(|seed| {
            let interval = binomial(150, share, *seed).resampled(300, *seed, THREADS).of(0, 0);
            (interval.low..=interval.high).contains(&share)
        });
        let count = holds.count();
        assert!((355..=396).contains(&count), "{count} of {trials}");
    }

    #[test]
    fn an_interval_of_a_share_has_the_width_of_its_standard_error() {
        let judged = binomial(1000, 0.7, 1);
        let interval = judged.resampled(2000, 0, THREADS).of(0, 0);
        let error = (interval.value * (1.0 - interval.value) / 1000.0).sqrt();
        let width = (interval.high - interval.low) / (2.0 * 1.96 * error);
        assert!((0.92..1.08).contains(&width), "{width}");
    }

    #[test]
    fn differences_are_paired_and_threads_change_nothing() {
        // The second model is right where the first is, and in ten more of 500 rows.
        let mut judged = binomial(500, 0.6, 2);
        let mut more = 10;
        judged.said = judged
            .said
            .iter()
            .flat_map(|right| {
                let lucky = *right == 0.0 && more > 0;
                more -= i32::from(lucky);
                [*right, if lucky { 1.0 } else { *right }]
            })
            .collect();
        judged.models = 2;
        let resampled = judged.resampled(1000, 3, THREADS);
        let difference = resampled.difference(1, 0, 0);
        assert!((difference.value - 0.02).abs() < 1e-12 && difference.low > 0.005, "{difference:?}");
        assert!(resampled.of(0, 0).high > resampled.of(1, 0).low);
        assert_eq!(resampled, judged.resampled(1000, 3, NonZeroUsize::MIN));
        assert_eq!(difference.sign(), std::cmp::Ordering::Greater);
    }

    #[test]
    fn rows_held_out_twice_are_still_one_row() {
        let once = binomial(300, 0.7, 4);
        let twice =
            Judged { times: vec![2; 300], said: once.said.iter().map(|said| 2.0 * said).collect(), ..once.clone() };
        assert_eq!(once.resampled(200, 0, THREADS).of(0, 0), twice.resampled(200, 0, THREADS).of(0, 0));
    }

    #[test]
    fn quantities_have_the_coefficient_of_determination() {
        // Truth 1, 2, 3, 6 with mean 3 and deviation 14; residuals 1, 0, 0, 1.
        let truth = Truth::Quantity(vec![1.0, 2.0, 3.0, 6.0]);
        let judged = Judged { times: vec![1; 4], truth, said: vec![1.0, 0.0, 0.0, 1.0], models: 1 };
        let resampled = judged.resampled(50, 0, THREADS);
        assert!((resampled.of(0, 0).value - (1.0 - 2.0 / 14.0)).abs() < 1e-15);
        assert!((resampled.of(0, 1).value - 0.5_f64.sqrt()).abs() < 1e-15);
    }
}
