//! Counting noise: a spectrum as so many neutrons would show it.

use std::fmt;
use std::str::FromStr;

use super::error::PhononError;
use crate::synthetic::random::{RowRandom, RowStreams};

/// Keeps the random numbers of counts apart from those of other generators given the same seed.
const LABEL: &[u8; 24] = b"lumenfold phonon counts ";
/// Least and greatest number of counts that can be asked for.
const LIMITS: (f64, f64) = (1e-3, 1e6);
/// Means from here on are drawn by rejection.
const LARGE_MEAN: f64 = 10.0;

/// How long is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Counts {
    /// Until a bin has so many counts on average.
    Mean(f64),
    /// Until the strongest bin expects so many counts.
    Maximum(f64),
}

impl Counts {
    /// Counts for each unit of the spectrum. A spectrum without intensity has no counts.
    #[must_use]
    pub fn scale(&self, spectrum: &[f64]) -> f64 {
        let (wanted, had) = match self {
            Self::Mean(counts) => (counts, spectrum.iter().sum::<f64>() / spectrum.len() as f64),
            Self::Maximum(counts) => (counts, spectrum.iter().copied().fold(0.0, f64::max)),
        };
        if had > 0.0 { wanted / had } else { 0.0 }
    }
}

impl FromStr for Counts {
    type Err = PhononError;

    /// `100` and `mean:100` are means, `max:1000` a maximum.
    fn from_str(text: &str) -> Result<Self, PhononError> {
        let (make, number): (fn(f64) -> Self, &str) = match text.split_once(':') {
            None => (Self::Mean, text),
            Some(("mean", number)) => (Self::Mean, number),
            Some(("max", number)) => (Self::Maximum, number),
            Some(_) => (Self::Mean, ""),
        };
        let counts = number.parse().unwrap_or(f64::NAN);
        let good = (LIMITS.0..=LIMITS.1).contains(&counts);
        let allowed = "a mean as 100, or a maximum as max:1000, from 0.001 to 1000000";
        PhononError::check(good, "the number of counts", text, allowed).map(|()| make(counts))
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mean(counts) => write!(formatter, "mean:{counts}"),
            Self::Maximum(counts) => write!(formatter, "max:{counts}"),
        }
    }
}

/// Draws counts. Those of spectrum k depend on the seed, on k and on what is expected alone.
///
/// ```
/// use lumenfold::synthetic::phonons::CountingNoise;
/// let counts = CountingNoise::new(0).counts(5, &[0.0, 3.5, 1e4]);
/// assert!(counts[0] == 0.0 && counts.iter().all(|count| count.fract() == 0.0));
/// ```
#[derive(Clone, Debug)]
pub struct CountingNoise {
    streams: RowStreams,
}

impl CountingNoise {
    /// The noise of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { streams: RowStreams::new(seed, LABEL) }
    }

    /// Counts of spectrum `number` where `expected` counts are expected.
    #[must_use]
    pub fn counts(&self, number: u64, expected: &[f64]) -> Vec<f64> {
        let mut random = self.streams.row(number);
        expected.iter().map(|mean| poisson(*mean, &mut random)).collect()
    }
}

/// A number of the Poisson distribution of this mean. The methods are exact but for the rounding of `f64`.
pub(crate) fn poisson(mean: f64, random: &mut RowRandom) -> f64 {
    if mean >= LARGE_MEAN { by_rejection(mean, random) } else { by_inversion(mean.max(0.0), random) }
}

/// The first count whose cumulated chance exceeds a uniform number.
fn by_inversion(mean: f64, random: &mut RowRandom) -> f64 {
    let chance = random.uniform();
    let (mut count, mut probability) = (0.0, libm::exp(-mean));
    let mut sum = probability;
    // A probability that no longer adds anything has reached the end of the numbers.
    while chance >= sum && probability > f64::EPSILON * f64::EPSILON {
        count += 1.0;
        probability *= mean / count;
        sum += probability;
    }
    count
}

/// Transformed rejection with squeeze: algorithm PTRS of Hörmann, The transformed rejection method for generating Poisson
/// random variables, Insurance: Mathematics and Economics 12 (1993) 39-45; for means from 10 on.
fn by_rejection(mean: f64, random: &mut RowRandom) -> f64 {
    let b = 0.931 + 2.53 * mean.sqrt();
    let a = -0.059 + 0.02483 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let squeeze = 0.9277 - 3.6224 / (b - 2.0);
    let log_mean = libm::log(mean);
    loop {
        let u = random.uniform() - 0.5;
        // In (0, 1], where the logarithm is finite.
        let v = 1.0 - random.uniform();
        let us = 0.5 - u.abs();
        let count = ((2.0 * a / us + b) * u + mean + 0.43).floor();
        if us >= 0.07 && v <= squeeze {
            return count;
        }
        if count < 0.0 || (us < 0.013 && v > us) {
            continue;
        }
        let proposed = libm::log(v * inverse_alpha / (a / (us * us) + b));
        if proposed <= count * log_mean - mean - libm::lgamma(count + 1.0) {
            return count;
        }
    }
}
