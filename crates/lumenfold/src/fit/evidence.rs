//! How well a variational autoencoder explains rows: the evidence lower bound, and the likelihood itself by importance
//! sampling.

use std::num::NonZeroUsize;

use lumenfold_data::RowSource;
use lumenfold_engine::{InstructionSet, Objective, Part, corrupted, posterior_noise};

use super::grouped::{JUDGED_STEP, grouped};
use crate::parallel::in_order;
use crate::record::{Evidence, Importance};
use crate::{Autoencoder, Error, Likelihood};

/// The step whose draws the first group of importance sampling gets, and the steps between groups.
const IMPORTANCE_STEP: u64 = 1 << 38;
const IMPORTANCE_STEPS: u64 = 1 << 12;

/// Draws for each row, and rows, in the estimate of the likelihood.
const DRAWS: usize = 100;
const MOST_ROWS: usize = 5000;

/// The variance of a latent's mean from which it counts as active: Burda, Grosse and Salakhutdinov (2016),
/// arXiv:1509.00519, section 5.2.
const ACTIVE: f64 = 0.01;

const LOG_TWO_PI: f64 = 1.837_877_066_409_345_3;

/// The logarithm of the likelihood of one value, from what comes in at the decoder's link.
#[derive(Clone, Debug)]
pub(super) enum LogLikelihood {
    /// The logarithm of the variance of each feature, in scaled units.
    Gaussian {
        log_variances: Vec<f64>,
    },
    Bernoulli,
    /// The count of one scaled unit, for each feature.
    Poisson {
        scales: Vec<f64>,
    },
}

impl LogLikelihood {
    pub(super) fn of(autoencoder: &Autoencoder, likelihood: Likelihood) -> Self {
        match likelihood {
            Likelihood::Gaussian { deviation: Some(deviation) } => {
                Self::Gaussian { log_variances: vec![2.0 * deviation.ln(); autoencoder.features.len()] }
            }
            Likelihood::Gaussian { deviation: None } => Self::Gaussian { log_variances: autoencoder.log_variances() },
            Likelihood::Bernoulli => Self::Bernoulli,
            Likelihood::Poisson => {
                Self::Poisson { scales: autoencoder.scaling.features.iter().map(|feature| feature.scale).collect() }
            }
        }
    }

    /// Summed over the features of a sample.
    fn of_sample(&self, outputs: &[f32], targets: &[f32]) -> f64 {
        let values = || outputs.iter().zip(targets).map(|(y, target)| (f64::from(*y), f64::from(*target)));
        match self {
            Self::Gaussian { log_variances } => {
                let of_value = |((y, target), log_variance): ((f64, f64), &f64)| {
                    (y - target) * (y - target) * libm::exp(-log_variance) + log_variance + LOG_TWO_PI
                };
                -0.5 * values().zip(log_variances).map(of_value).sum::<f64>()
            }
            Self::Bernoulli => {
                values().map(|(y, target)| target * y - y.max(0.0) - libm::log1p(libm::exp(-y.abs()))).sum()
            }
            Self::Poisson { scales } => {
                let of_value = |((y, target), scale): ((f64, f64), &f64)| {
                    let count = (target * scale).round();
                    count * (y + scale.ln()) - scale * libm::exp(y) - libm::lgamma(count + 1.0)
                };
                values().zip(scales).map(of_value).sum()
            }
        }
    }

    /// What training leaves out of the cost of a sample, because no parameter changes it.
    fn constant(&self, targets: &[f32], learns_variance: bool) -> f64 {
        match self {
            Self::Gaussian { log_variances } if !learns_variance => {
                0.5 * log_variances.iter().map(|log_variance| log_variance + LOG_TWO_PI).sum::<f64>()
            }
            Self::Gaussian { .. } | Self::Bernoulli => 0.0,
            Self::Poisson { scales } => {
                let of_value = |(target, scale): (&f32, &f64)| {
                    let count = (f64::from(*target) * scale).round();
                    libm::lgamma(count + 1.0) - count * scale.ln()
                };
                targets.iter().zip(scales).map(of_value).sum()
            }
        }
    }
}

/// Rows as they are judged.
pub(super) struct Judge<'a> {
    pub(super) autoencoder: &'a Autoencoder,
    /// With the divergence, and the targets' draws.
    pub(super) objective: &'a Objective,
    pub(super) likelihood: Likelihood,
    pub(super) threads: NonZeroUsize,
}

/// What comes of judging rows.
pub(super) struct Judged {
    pub(super) evidence: Evidence,
    /// The mean loss as training counts it, at the full weight of the divergence.
    pub(super) loss: f64,
}

impl Judge<'_> {
    /// Judges rows in original units; with the likelihood by importance sampling, if `samples`.
    pub(super) fn judge(&self, rows: &impl RowSource<f64>, samples: bool) -> Result<Judged, Error> {
        let Self { autoencoder, objective, likelihood, .. } = self;
        let (latent, features) = (autoencoder.network.latent_dimension(), autoencoder.features.len());
        let log_likelihood = LogLikelihood::of(autoencoder, *likelihood);
        let learns_variance = *likelihood == Likelihood::default();
        let divergence = objective
            .divergence
            .map_or((1.0, 0.0), |divergence| (f64::from(divergence.beta), f64::from(divergence.free_nats)));
        let mut count = 0_usize;
        let (mut reconstruction, mut constant, mut weighted) = (0.0, 0.0, 0.0);
        let mut nats = vec![0.0; latent];
        let mut sums = vec![[0.0; 2]; latent];
        let mut importance = (0_usize, 0.0);
        grouped(rows, |group, block| {
            let rows = block.len() / features;
            let targets = self.targets(JUDGED_STEP + group, block)?;
            let distributions = self.distributions(&targets)?;
            let noise = posterior_noise(objective, JUDGED_STEP + group, rows, latent);
            let codes = drawn(&distributions, &noise, latent);
            let mut of_samples = self.log_likelihoods(&log_likelihood, &codes, &targets)?;
            for target in targets.chunks_exact(features) {
                constant += log_likelihood.constant(target, learns_variance);
            }
            for distribution in distributions.chunks_exact(2 * latent) {
                count += 1;
                for index in 0..latent {
                    let (mean, log_variance) =
                        (f64::from(distribution[index]), f64::from(distribution[latent + index]));
                    let of_latent = 0.5 * (mean * mean + libm::exp(log_variance) - 1.0 - log_variance);
                    nats[index] += of_latent;
                    weighted += divergence.0 * of_latent.max(divergence.1);
                    sums[index][0] += mean;
                    sums[index][1] += mean * mean;
                }
            }
            if samples && importance.0 < MOST_ROWS {
                let rows = rows.min(MOST_ROWS - importance.0);
                let step = IMPORTANCE_STEP + group * IMPORTANCE_STEPS;
                let (targets, distributions) = (&targets[..rows * features], &distributions[..rows * 2 * latent]);
                let (sum, means) = self.importance(&log_likelihood, step, targets, distributions)?;
                importance.1 += sum;
                importance.0 += rows;
                // Of the same draws, so that the bound is one.
                of_samples[..rows].copy_from_slice(&means);
            }
            reconstruction += of_samples.iter().sum::<f64>();
            Ok(())
        })?;
        let mean = |sum: f64| sum / count.max(1) as f64;
        let spread: Vec<f64> =
            sums.iter().map(|[sum, squares]| (mean(*squares) - mean(*sum) * mean(*sum)).max(0.0)).collect();
        let divergences: Vec<f64> = nats.iter().map(|nats| mean(*nats)).collect();
        let loss = mean(weighted - reconstruction - constant) / features as f64;
        let total: f64 = divergences.iter().sum();
        let evidence = Evidence {
            rows: count,
            elbo: mean(reconstruction) - total,
            reconstruction: mean(reconstruction),
            divergence: total,
            active: spread.iter().filter(|variance| **variance > ACTIVE).count(),
            divergences,
            spread,
            importance: (importance.0 > 0).then(|| Importance {
                rows: importance.0,
                draws: DRAWS,
                log_likelihood: importance.1 / importance.0 as f64,
            }),
        };
        Ok(Judged { evidence, loss })
    }

    /// Scaled rows, drawn from their chances if the objective says so.
    fn targets(&self, step: u64, block: &[f64]) -> Result<Vec<f32>, Error> {
        let mut scaled = vec![0.0; block.len()];
        self.autoencoder.scaling.forward_block(block, &mut scaled);
        let set = InstructionSet::from_environment()?;
        Ok(if self.objective.draws { corrupted(self.objective, set, step, &scaled).targets } else { scaled })
    }

    /// Means and logarithms of variances: `[rows][2 latent]`.
    fn distributions(&self, inputs: &[f32]) -> Result<Vec<f32>, Error> {
        let network = &self.autoencoder.network;
        let mut distributions = vec![0.0; inputs.len() / network.features() * 2 * network.latent_dimension()];
        self.autoencoder.apply_once(Part::Posterior, inputs, &mut distributions, self.threads)?;
        Ok(distributions)
    }

    /// The logarithm of the likelihood of each sample, given its code; in their order, on all threads.
    fn log_likelihoods(&self, likelihood: &LogLikelihood, codes: &[f32], targets: &[f32]) -> Result<Vec<f64>, Error> {
        let features = self.autoencoder.features.len();
        let mut outputs = vec![0.0; targets.len()];
        self.autoencoder.apply_once(Part::Likelihood, codes, &mut outputs, self.threads)?;
        let share = (targets.len() / features).div_ceil(self.threads.get()).max(1) * features;
        let parts: Vec<(&[f32], &[f32])> = outputs.chunks(share).zip(targets.chunks(share)).collect();
        let results = in_order(parts.len(), self.threads, |part| {
            let samples = parts[part].0.chunks_exact(features).zip(parts[part].1.chunks_exact(features));
            samples.map(|(output, target)| likelihood.of_sample(output, target)).collect::<Vec<_>>()
        });
        Ok(results.concat())
    }

    /// The mean logarithm of each sample's likelihood over its draws, and the sum over samples of the logarithm of `1/K Σ_k p(x|z_k) p(z_k) / q(z_k|x)`: Burda, Grosse and Salakhutdinov
    /// (2016), arXiv:1509.00519, equation 8.
    fn importance(
        &self,
        likelihood: &LogLikelihood,
        step: u64,
        targets: &[f32],
        distributions: &[f32],
    ) -> Result<(f64, Vec<f64>), Error> {
        let latent = self.autoencoder.network.latent_dimension();
        let rows = distributions.len() / (2 * latent);
        let mut weights = vec![Vec::with_capacity(DRAWS); rows];
        let mut means = vec![0.0; rows];
        for draw in 0..DRAWS as u64 {
            let noise = posterior_noise(self.objective, step + draw, rows, latent);
            let codes = drawn(distributions, &noise, latent);
            let likelihoods = self.log_likelihoods(likelihood, &codes, targets)?;
            for (row, of_sample) in likelihoods.into_iter().enumerate() {
                let place = row * latent..(row + 1) * latent;
                let log_variances = &distributions[row * 2 * latent + latent..(row + 1) * 2 * latent];
                let ratios = codes[place.clone()].iter().zip(&noise[place]).zip(log_variances);
                let ratio: f64 = ratios
                    .map(|((code, noise), log_variance)| {
                        f64::from(*noise).powi(2) - f64::from(*code).powi(2) + f64::from(*log_variance)
                    })
                    .sum();
                weights[row].push(of_sample + 0.5 * ratio);
                means[row] += of_sample / DRAWS as f64;
            }
        }
        let of_row = |weights: Vec<f64>| {
            let largest = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = weights.iter().map(|weight| libm::exp(weight - largest)).sum();
            largest + libm::log(sum / weights.len() as f64)
        };
        Ok((weights.into_iter().map(of_row).sum(), means))
    }
}

/// Codes of their distributions, `μ + σ ε`: `[rows][latent]`.
fn drawn(distributions: &[f32], noise: &[f32], latent: usize) -> Vec<f32> {
    let samples = distributions.chunks_exact(2 * latent).zip(noise.chunks_exact(latent));
    let code = |(distribution, noise): (&[f32], &[f32])| -> Vec<f32> {
        let (means, log_variances) = distribution.split_at(latent);
        let values = means.iter().zip(log_variances).zip(noise);
        values.map(|((mean, log_variance), noise)| mean + libm::expf(0.5 * log_variance) * noise).collect()
    };
    samples.flat_map(code).collect()
}
