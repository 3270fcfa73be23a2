//! The size of errors without the truth: Stein's unbiased estimate of risk.
//!
//! For y of mean λ and normal noise of variance σ², E (f(y) - λ)² = E [(f - y)² - σ² + 2 σ² ∂f/∂y] (Stein 1981, *Ann. Stat.* 9,
//! 1135); for counts the same with y in the place of σ², to first order in the step of one count (Hudson 1978, *Ann. Stat.* 6, 473). The
//! derivative of a value by itself is found with random signs b: (f(y + εσb) - f(y - εσb)) b / 2εσ (Ramani, Blu, Unser 2008, *IEEE
//! Trans. Image Process.* 17, 1540).

use super::bootstrap::Raw;
use super::ensemble::Ensemble;
use super::noise::StatedNoise;
use crate::Error;
use crate::synthetic::random::RowStreams;

const LABEL: &[u8; 24] = b"lumenfold denoise probes";

/// Steps of the probe in deviations of the noise.
const STEP: f64 = 0.2;

/// Probes, each of which passes twice.
const PROBES: u64 = 2;

/// The unbiased estimate of the squared error of each value: `[rows][features]`.
pub(crate) fn risks(
    ensemble: &Ensemble,
    noise: StatedNoise,
    raw: &Raw,
    values: &[f64],
    numbers: &[u64],
    seed: u64,
) -> Result<Vec<f64>, Error> {
    let apply = |values: &[f64]| Ok(ensemble.pass(values)?.mean);
    probe(apply, noise, (&raw.estimate, &raw.noise), values, numbers, seed)
}

/// The same for anything that makes estimates of values. `estimates` are its estimates and the variances of the noise.
pub(crate) fn probe(
    apply: impl Fn(&[f64]) -> Result<Vec<f64>, Error>,
    noise: StatedNoise,
    estimates: (&[f64], &[f64]),
    values: &[f64],
    numbers: &[u64],
    seed: u64,
) -> Result<Vec<f64>, Error> {
    let streams = RowStreams::new(seed, LABEL);
    let width = values.len() / numbers.len().max(1);
    let (estimate, variances) = estimates;
    let mut slopes = vec![0.0; values.len()];
    for probe in 0..PROBES {
        let mut signs = Vec::with_capacity(values.len());
        for number in numbers {
            let mut random = streams.row(number * PROBES + probe);
            signs.extend((0..width).map(|_| if random.uniform() < 0.5 { -1.0 } else { 1.0 }));
        }
        let moved = |way: f64| {
            let step = |at: usize| values[at] + way * STEP * variances[at].sqrt() * signs[at];
            apply(&(0..values.len()).map(step).collect::<Vec<_>>())
        };
        let (up, down) = (moved(1.0)?, moved(-1.0)?);
        for (at, slope) in slopes.iter_mut().enumerate() {
            let step = 2.0 * STEP * variances[at].sqrt() * PROBES as f64;
            *slope += signs[at] * (up[at] - down[at]) / step;
        }
    }
    let risk = |at: usize| {
        let (value, residual) = (values[at], estimate[at] - values[at]);
        let variance = noise.unbiased_variance(value, variances[at]);
        residual * residual - variance + 2.0 * variance * slopes[at]
    };
    Ok((0..values.len()).map(risk).collect())
}
