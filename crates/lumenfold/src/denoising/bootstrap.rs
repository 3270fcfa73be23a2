//! How far an estimate would move if the noise were another: the parametric bootstrap (Efron and Tibshirani, *An
//! Introduction to the Bootstrap*, 1993, section 6.5).

use super::ensemble::Ensemble;
use super::noise::StatedNoise;
use crate::Error;
use crate::synthetic::random::RowStreams;

/// Rows as they are denoised: `[rows][features]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Raw {
    /// The estimates.
    pub(crate) estimate: Vec<f64>,
    /// The variance of the noise of each value, by the estimate.
    pub(crate) noise: Vec<f64>,
    /// What the squared error of each estimate is like, but for a factor: the variance of what comes out when new noise is put
    /// on the estimate, the square of how far its mean is from the estimate, and the variance of the members.
    pub(crate) predictor: Vec<f64>,
}

/// Keeps the random numbers of draws apart from those of other uses of the same seed.
const LABEL: &[u8; 24] = b"lumenfold denoise draws ";

/// What is drawn.
#[derive(Clone, Debug)]
pub(crate) struct Draws {
    streams: RowStreams,
    pub(crate) count: u64,
}

impl Draws {
    pub(crate) fn new(seed: u64, count: u64) -> Self {
        Self { streams: RowStreams::new(seed, LABEL), count }
    }

    /// One more measurement of rows with these means. `numbers` are those of the rows, by which they draw.
    pub(crate) fn measured(
        &self,
        noise: StatedNoise,
        (means, variances): (&[f64], &[f64]),
        numbers: &[u64],
        draw: u64,
    ) -> Vec<f64> {
        let width = means.len() / numbers.len().max(1);
        let mut values = Vec::with_capacity(means.len());
        for (row, number) in numbers.iter().enumerate() {
            let mut random = self.streams.row(number * self.count.max(1) + draw);
            let row = row * width..(row + 1) * width;
            let pairs = means[row.clone()].iter().zip(&variances[row]);
            values.extend(pairs.map(|(mean, variance)| noise.draw(*mean, *variance, &mut random)));
        }
        values
    }
}

/// The variances of the noise of values with these means.
pub(crate) fn variances(noise: StatedNoise, means: &[f64], errors: Option<&[f64]>) -> Vec<f64> {
    let error = |at: usize| errors.map(|errors| errors[at]);
    means.iter().enumerate().map(|(at, mean)| noise.variance(*mean, error(at))).collect()
}

/// Denoises rows and draws new noise for them.
pub(crate) fn raw(
    ensemble: &Ensemble,
    noise: StatedNoise,
    draws: &Draws,
    (values, errors): (&[f64], Option<&[f64]>),
    numbers: &[u64],
) -> Result<Raw, Error> {
    let passed = ensemble.pass(values)?;
    let variance = variances(noise, &passed.mean, errors);
    let (mut sums, mut squares) = (vec![0.0; values.len()], vec![0.0; values.len()]);
    for draw in 0..draws.count {
        let again = draws.measured(noise, (&passed.mean, &variance), numbers, draw);
        let moved = ensemble.pass(&again)?.mean;
        for (at, (moved, mean)) in moved.iter().zip(&passed.mean).enumerate() {
            sums[at] += moved - mean;
            squares[at] += (moved - mean) * (moved - mean);
        }
    }
    let count = draws.count.max(1) as f64;
    // Variance and squared bias together are the mean square; the noise of the bias is the noise of few draws.
    let predictor = squares.iter().zip(&passed.variance).map(|(squares, members)| squares / count + members).collect();
    Ok(Raw { estimate: passed.mean, noise: variance, predictor })
}
