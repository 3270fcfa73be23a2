//! What was taken away: is it the noise that is stated?
//!
//! Residuals of normal noise are divided by its deviation; those of counts become the normal number that is as improbable, at
//! random within the step of a count (randomised quantile residuals, Dunn and Smyth 1996, *J. Comput. Graph. Stat.* 5, 236).

use lumenfold_data::axis::place_in_words;
use lumenfold_data::{Axis, Feature};
use serde::Serialize;

use super::noise::StatedNoise;
use super::work::Denoised;
use crate::synthetic::random::RowStreams;

const LABEL: &[u8; 24] = b"lumenfold denoise steps ";

/// Lags along each axis.
const LAGS: usize = 3;

/// The histogram that the distance of Kolmogorov and Smirnov is taken from: bins, and how far it reaches.
const BINS: usize = 4096;
const REACH: f64 = 8.0;

/// Limits of what is called noise: the mean of residuals, what their variance differs from 1 by, correlations, mean residuals of one
/// place; and the deviations by which such a number must differ from zero besides.
const MEAN: f64 = 0.05;
const VARIANCE: f64 = 0.1;
const CORRELATION: f64 = 0.05;
const PLACE: f64 = 0.2;
const SURE: f64 = 4.0;

/// Places that are named.
const NAMED: usize = 3;

/// Sums over the residuals of rows that are added in order.
#[derive(Clone, Debug)]
pub struct Residuals {
    noise: StatedNoise,
    streams: RowStreams,
    shape: Vec<usize>,
    count: f64,
    powers: [f64; 4],
    beyond: f64,
    histogram: Vec<u64>,
    // For each axis and lag the sum of products and their number.
    products: Vec<[(f64, f64); LAGS]>,
    places: Vec<f64>,
    rows: f64,
}

/// What the residuals say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResidualReport {
    /// Their mean, in deviations of the noise.
    pub mean: f64,
    /// Their variance: 1 if exactly the noise was taken away, less where some of it was left, more where signal went with it.
    pub variance: f64,
    /// The excess of their kurtosis: 0 for a normal distribution.
    pub excess: f64,
    /// The share beyond three deviations: 0.0027 for a normal distribution.
    pub beyond_three: f64,
    /// The largest distance of their distribution from the normal one (Kolmogorov, Smirnov), and its p-value.
    pub distance: (f64, f64),
    /// For each axis its name and the correlations at lags from 1 on.
    pub correlations: Vec<(String, Vec<f64>)>,
    /// The standard error of a correlation of independent residuals.
    pub correlation_error: f64,
    /// The mean over places of the squared mean residual over its variance: 1 without structure.
    pub structure: f64,
    /// The places with the largest mean residuals, in deviations of the noise.
    pub worst: Vec<(String, f64)>,
    /// What was found, in words; none if it is noise.
    pub findings: Vec<String>,
}

impl Residuals {
    /// Of rows of this shape.
    #[must_use]
    pub fn new(noise: StatedNoise, shape: &[usize], seed: u64) -> Self {
        Self {
            noise,
            streams: RowStreams::new(seed, LABEL),
            shape: shape.to_vec(),
            count: 0.0,
            powers: [0.0; 4],
            beyond: 0.0,
            histogram: vec![0; BINS],
            products: vec![[(0.0, 0.0); LAGS]; shape.len()],
            places: vec![0.0; shape.iter().product()],
            rows: 0.0,
        }
    }

    /// Adds rows.
    pub fn add(&mut self, values: &[f64], denoised: &Denoised, numbers: &[u64]) {
        let width = self.places.len();
        let mut row_residuals = vec![0.0; width];
        for (row, number) in numbers.iter().enumerate() {
            let mut random = self.streams.row(*number);
            for (feature, residual) in row_residuals.iter_mut().enumerate() {
                let at = row * width + feature;
                let (value, mean, variance) = (values[at], denoised.estimate[at], denoised.noise[at]);
                *residual = match self.noise {
                    StatedNoise::Poisson => quantile_residual(value, variance, random.uniform()),
                    _ => (value - mean) / variance.sqrt(),
                };
            }
            self.add_row(&row_residuals);
        }
    }

    fn add_row(&mut self, residuals: &[f64]) {
        self.rows += 1.0;
        for (place, residual) in self.places.iter_mut().zip(residuals) {
            *place += residual;
            self.count += 1.0;
            let mut power = 1.0;
            for sum in &mut self.powers {
                power *= residual;
                *sum += power;
            }
            self.beyond += f64::from(u8::from(residual.abs() > 3.0));
            let bin = (residual + REACH) / (2.0 * REACH) * BINS as f64;
            self.histogram[(bin.max(0.0) as usize).min(BINS - 1)] += 1;
        }
        let mut stride = residuals.len();
        for (axis, size) in self.shape.iter().enumerate() {
            stride /= size;
            for (lag, (sum, number)) in (1..).zip(&mut self.products[axis]) {
                for (at, residual) in residuals.iter().enumerate() {
                    if at / stride % size + lag < *size {
                        *sum += residual * residuals[at + lag * stride];
                        *number += 1.0;
                    }
                }
            }
        }
    }

    /// What they say, place by place in the words of the axes, or of the features where there are none.
    #[must_use]
    pub fn report(&self, axes: &[Axis], features: &[Feature]) -> ResidualReport {
        let [first, second, third, fourth] = self.powers.map(|sum| sum / self.count.max(1.0));
        let variance = second - first * first;
        let central = fourth - 4.0 * third * first + 6.0 * second * first * first - 3.0 * first.powi(4);
        let distance = self.distance();
        let root = self.count.max(1.0).sqrt();
        let name = |axis: usize| axes.get(axis).map_or("columns", |axis| &axis.name).to_owned();
        let correlation = |(sum, number): &(f64, f64)| (sum / number.max(1.0) - first * first) / variance;
        // Plain columns have no order that means anything.
        let along = if axes.is_empty() { &[][..] } else { &self.products[..] };
        let correlations: Vec<(String, Vec<f64>)> =
            along.iter().enumerate().map(|(axis, lags)| (name(axis), lags.iter().map(correlation).collect())).collect();
        let means: Vec<f64> = self.places.iter().map(|sum| sum / self.rows.max(1.0)).collect();
        let structure = means.iter().map(|mean| mean * mean).sum::<f64>() * self.rows / means.len() as f64;
        let mut order: Vec<usize> = (0..means.len()).collect();
        order.sort_by(|left, right| means[*right].abs().total_cmp(&means[*left].abs()));
        let place = |at: &usize| match axes.is_empty() {
            true => features[*at].name.clone(),
            false => place_in_words(axes, *at),
        };
        let worst: Vec<(String, f64)> = order.iter().take(NAMED).map(|at| (place(at), means[*at])).collect();
        let mut findings = Vec::new();
        if first.abs() > MEAN && first.abs() > SURE / root {
            findings.push(format!(
                "estimates are {} by {:.2} deviations of the noise",
                if first > 0.0 { "too low" } else { "too high" },
                first.abs()
            ));
        }
        if variance - 1.0 > VARIANCE {
            findings.push(format!(
                "more than the noise was taken away: the variance of the residuals is {variance:.2}, not 1"
            ));
        } else if 1.0 - variance > VARIANCE {
            findings.push(format!("part of the noise was left: the variance of the residuals is {variance:.2}, not 1"));
        }
        for (name, lags) in &correlations {
            if let Some((lag, found)) =
                (1..).zip(lags).find(|(_, found)| found.abs() > CORRELATION && found.abs() > SURE / root)
            {
                findings.push(format!(
                    "residuals know of their neighbours along {name}: correlation {found:.2} at lag {lag}"
                ));
            }
        }
        let certain = SURE / self.rows.max(1.0).sqrt();
        let left: Vec<&(String, f64)> =
            worst.iter().filter(|(_, mean)| mean.abs() > PLACE && mean.abs() > certain).collect();
        if !left.is_empty() {
            let places: Vec<String> = left.iter().map(|(place, mean)| format!("{place} ({mean:+.2})")).collect();
            findings.push(format!("structure is left at {}", places.join(", ")));
        }
        ResidualReport {
            mean: first,
            variance,
            excess: central / (variance * variance) - 3.0,
            beyond_three: self.beyond / self.count.max(1.0),
            distance,
            correlations,
            correlation_error: 1.0 / root,
            structure,
            worst,
            findings,
        }
    }

    /// The distance from the normal distribution and its p-value, by Kolmogorov's series.
    fn distance(&self) -> (f64, f64) {
        let (mut below, mut largest) = (0_u64, 0.0_f64);
        for (bin, count) in self.histogram.iter().enumerate().take(BINS - 1) {
            below += count;
            let edge = ((bin + 1) as f64 / BINS as f64 - 0.5) * 2.0 * REACH;
            largest = largest.max((below as f64 / self.count - normal(edge)).abs());
        }
        let root = self.count.sqrt();
        let scaled = largest * (root + 0.12 + 0.11 / root);
        if scaled < 0.2 {
            return (largest, 1.0);
        }
        let term =
            |k: i32| (if k % 2 == 1 { 2.0 } else { -2.0 }) * libm::exp(-2.0 * f64::from(k * k) * scaled * scaled);
        (largest, (1..=100).map(term).sum::<f64>().clamp(0.0, 1.0))
    }
}

/// The share of a standard normal distribution below this.
fn normal(value: f64) -> f64 {
    0.5 * libm::erfc(-value / std::f64::consts::SQRT_2)
}

/// Means from here on are large enough for roots of counts to be normal.
const LARGE: f64 = 200.0;

/// The normal number as improbable as a count of Poisson's distribution of this mean, at random within its step.
fn quantile_residual(count: f64, mean: f64, share: f64) -> f64 {
    if mean >= LARGE {
        return 2.0 * ((count - 0.5 + share + 0.375).max(0.0).sqrt() - (mean + 0.125).sqrt());
    }
    let (mut chance, mut below) = (libm::exp(-mean), 0.0);
    let mut at = 0.0;
    while at < count && (at < mean || chance > f64::MIN_POSITIVE) {
        below += chance;
        at += 1.0;
        chance *= mean / at;
    }
    let chance = if at < count { 0.0 } else { chance };
    inverse_normal((below + share * chance).clamp(1e-15, 1.0 - 1e-15))
}

/// The inverse of the standard normal distribution, by Newton's steps from a rational guess (Abramowitz and Stegun 26.2.23).
fn inverse_normal(share: f64) -> f64 {
    let tail = share.min(1.0 - share);
    let t = (-2.0 * libm::log(tail)).sqrt();
    let guess = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    let mut value = -guess;
    for _ in 0..2 {
        let density = libm::exp(-0.5 * value * value) / (2.0 * std::f64::consts::PI).sqrt();
        value -= (normal(value) - tail) / density;
    }
    if share < 0.5 { value } else { -value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::phonons::poisson;

    fn report_of(estimate: impl Fn(usize) -> f64) -> ResidualReport {
        let streams = RowStreams::new(3, b"lumenfold residual tests");
        let mut residuals = Residuals::new(StatedNoise::Poisson, &[40], 0);
        for row in 0..400 {
            let mut random = streams.row(row);
            let mean = |at: usize| 2.0 + at as f64;
            let values: Vec<f64> = (0..40).map(|at| poisson(mean(at), &mut random)).collect();
            let estimate: Vec<f64> = (0..40).map(|at| mean(at) + estimate(at)).collect();
            let denoised = Denoised { noise: estimate.clone(), estimate, ..Denoised::default() };
            residuals.add(&values, &denoised, &[row]);
        }
        residuals.report(&[Axis::counted(1, 40)], &[])
    }

    #[test]
    fn counts_about_their_means_are_noise() {
        let report = report_of(|_| 0.0);
        assert!(report.findings.is_empty(), "{report:?}");
        assert!((report.variance - 1.0).abs() < 0.05 && report.distance.1 > 0.001, "{report:?}");
        assert!((report.structure - 1.0).abs() < 0.7 && report.correlations[0].1[0].abs() < 0.04, "{report:?}");
    }

    #[test]
    fn what_is_left_is_named_with_its_place() {
        let report = report_of(|at| if at == 17 { -8.0 } else { 0.0 });
        assert!(report.worst[0].0.contains("17") && report.worst[0].1 > 1.0, "{report:?}");
        assert!(report.findings.iter().any(|finding| finding.contains("structure is left at")), "{report:?}");
    }

    #[test]
    fn the_inverse_of_the_normal_distribution() {
        for (share, value) in [(0.5, 0.0), (0.975, 1.959_963_984_540_054), (1e-6, -4.753_424_308_822_899)] {
            assert!((inverse_normal(share) - value).abs() < 1e-6, "{share}: {}", inverse_normal(share));
        }
    }
}
