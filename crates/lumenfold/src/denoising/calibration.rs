//! The size of errors without the truth: Stein's unbiased estimate of risk.
//!
//! For y of mean λ and normal noise of variance σ², E (f(y) - λ)² = E [(f - y)² - σ² + 2 σ² ∂f/∂y] (Stein 1981, *Ann. Stat.* 9,
//! 1135); for counts the same with y in the place of σ², to first order in the step of one count (Hudson 1978, *Ann. Stat.* 6, 473). The
//! derivative of a value by itself is found with random signs b: (f(y + εσb) - f(y - εσb)) b / 2εσ (Ramani, Blu, Unser 2008, *IEEE
//! Trans. Image Process.* 17, 1540).
//!
//! Single values of it are mostly noise; so values are put into classes by what the bootstrap predicts of their errors, in
//! units of their noise, and each class gets the factor that its mean asks for.

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

/// Values that a class needs, and the most classes there are.
const CLASS_VALUES: usize = 8192;
const MOST_CLASSES: usize = 16;

/// An error is told as this share of the noise at least, and of what was predicted for it.
const LEAST: f64 = 0.02;

/// The unbiased estimate of the squared error of each value: `[rows][features]`.
pub(crate) fn risks(
    ensemble: &Ensemble,
    noise: StatedNoise,
    raw: &Raw,
    values: &[f64],
    numbers: &[u64],
    seed: u64,
) -> Result<Vec<f64>, Error> {
    let streams = RowStreams::new(seed, LABEL);
    let width = ensemble.width();
    let mut slopes = vec![0.0; values.len()];
    for probe in 0..PROBES {
        let mut signs = Vec::with_capacity(values.len());
        for number in numbers {
            let mut random = streams.row(number * PROBES + probe);
            signs.extend((0..width).map(|_| if random.uniform() < 0.5 { -1.0 } else { 1.0 }));
        }
        let moved = |way: f64| -> Result<Vec<f64>, Error> {
            let step = |at: usize| values[at] + way * STEP * raw.noise[at].sqrt() * signs[at];
            Ok(ensemble.pass(&(0..values.len()).map(step).collect::<Vec<_>>())?.mean)
        };
        let (up, down) = (moved(1.0)?, moved(-1.0)?);
        for (at, slope) in slopes.iter_mut().enumerate() {
            let step = 2.0 * STEP * raw.noise[at].sqrt() * PROBES as f64;
            *slope += signs[at] * (up[at] - down[at]) / step;
        }
    }
    let risk = |at: usize| {
        let (value, residual) = (values[at], raw.estimate[at] - values[at]);
        let variance = noise.unbiased_variance(value, raw.noise[at]);
        residual * residual - variance + 2.0 * variance * slopes[at]
    };
    Ok((0..values.len()).map(risk).collect())
}

/// What predicted errors are multiplied by, along their size in units of the noise.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Calibration {
    /// The predicted error of each class in deviations of the noise, ascending: its root mean square.
    pub predicted: Vec<f64>,
    /// The estimated error of each class in the same units.
    pub estimated: Vec<f64>,
    /// Values that were looked at.
    pub values: usize,
    /// The estimated mean squared error over the mean variance of the noise.
    pub risk: f64,
}

impl Calibration {
    /// From predicted squared errors, risks and variances of the noise, value by value.
    pub(crate) fn of(predicted: &[f64], risks: &[f64], noise: &[f64]) -> Self {
        let mut order: Vec<(f64, f64)> =
            predicted.iter().zip(risks).zip(noise).map(|((p, risk), noise)| (p / noise, risk / noise)).collect();
        order.sort_by(|left, right| left.0.total_cmp(&right.0));
        let values = order.len();
        let classes = (values / CLASS_VALUES).clamp(1, MOST_CLASSES);
        let mean = |part: &[(f64, f64)], of: fn(&(f64, f64)) -> f64| {
            part.iter().map(of).sum::<f64>() / part.len().max(1) as f64
        };
        let parts = order.chunks(values.div_ceil(classes).max(1));
        let (mut squares, mut sizes): (Vec<[f64; 2]>, Vec<f64>) =
            parts.map(|part| ([mean(part, |v| v.0), mean(part, |v| v.1)], part.len() as f64)).unzip();
        rising(&mut squares, &mut sizes);
        let least = |[predicted, estimated]: &[f64; 2]| estimated.max(LEAST * LEAST * (1.0 + predicted)).sqrt();
        Self {
            predicted: squares.iter().map(|square| square[0].max(1e-300).sqrt()).collect(),
            estimated: squares.iter().map(least).collect(),
            values,
            risk: risks.iter().sum::<f64>() / noise.iter().sum::<f64>(),
        }
    }

    /// The uncertainty of an estimate with this predicted squared error and this variance of its noise.
    pub(crate) fn uncertainty(&self, predicted: f64, noise: f64) -> f64 {
        let size = (predicted / noise).sqrt();
        let factor = |at: usize| self.estimated[at] / self.predicted[at];
        let above = self.predicted.partition_point(|known| *known < size);
        let factor = match above {
            0 => factor(0),
            above if above == self.predicted.len() => factor(above - 1),
            above => {
                let share = (size - self.predicted[above - 1]) / (self.predicted[above] - self.predicted[above - 1]);
                factor(above - 1) + share * (factor(above) - factor(above - 1))
            }
        };
        factor * predicted.sqrt()
    }
}

/// Joins neighbouring classes until estimated errors rise with predicted ones (pool adjacent violators).
fn rising(squares: &mut Vec<[f64; 2]>, sizes: &mut Vec<f64>) {
    let mut at = 1;
    while at < squares.len() {
        if squares[at][1] >= squares[at - 1][1] {
            at += 1;
            continue;
        }
        let (square, size) = (squares.remove(at), sizes.remove(at));
        let all = size + sizes[at - 1];
        for (joined, added) in squares[at - 1].iter_mut().zip(square) {
            *joined = (*joined * sizes[at - 1] + added * size) / all;
        }
        sizes[at - 1] = all;
        at = at.saturating_sub(1).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_follow_the_classes() {
        let count = 4 * CLASS_VALUES;
        let predicted: Vec<f64> = (0..count).map(|at| if at < count / 2 { 0.01 } else { 0.04 }).collect();
        let risks: Vec<f64> = predicted.iter().map(|p| if *p < 0.02 { 4.0 * p } else { 9.0 * p }).collect();
        let calibration = Calibration::of(&predicted, &risks, &vec![1.0; count]);
        assert!((calibration.uncertainty(0.01, 1.0) - 0.2).abs() < 1e-12);
        assert!((calibration.uncertainty(0.04, 1.0) - 0.6).abs() < 1e-12);
        assert!(calibration.uncertainty(1.0, 1.0) > calibration.uncertainty(0.04, 1.0));
    }

    #[test]
    fn classes_are_joined_until_they_rise() {
        let (mut squares, mut sizes) = (vec![[1.0, 3.0], [2.0, 1.0], [3.0, 5.0]], vec![1.0, 1.0, 2.0]);
        rising(&mut squares, &mut sizes);
        assert_eq!((squares, sizes), (vec![[1.5, 2.0], [3.0, 5.0]], vec![2.0, 2.0]));
    }
}
