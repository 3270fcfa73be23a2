//! How large errors are told to be: what the bootstrap predicts and what risks say, put together.
//!
//! Single risks are mostly noise; so values are put into classes by what is predicted of their errors, in
//! units of their noise, and each class gets the factor that its mean asks for.

use super::bootstrap::Raw;

/// Values that a class needs, and the most classes there are.
const CLASS_VALUES: usize = 2048;
const MOST_CLASSES: usize = 4;

/// Values that a stratum needs, and the most strata there are.
const STRATUM_VALUES: usize = 6144;
const MOST_STRATA: usize = 10;

/// Standard errors of a class that are added to its mean.
const CAUTION: f64 = 0.5;

/// An error is told as this share of the noise at least.
const LEAST: f64 = 0.02;

/// The square of an error is this share of what is predicted at least: the bootstrap tells part of it in any case.
const FLOOR: f64 = 0.5;

/// What the squared error of a value may depend on, in units of the variance of its noise.
type Signs = [f64; 4];

/// Rows that share a mean risk of each feature.
#[derive(Clone, Debug, Default, PartialEq)]
struct Features {
    sums: Vec<f64>,
    rows: f64,
}

/// How errors are told from what can be seen, for values whose noise is alike.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Stratum {
    /// The largest variance of the noise.
    pub up_to: f64,
    /// What the signs weigh: the bootstrap, the risk of the other values of the row, of those nearby, of the same feature in other
    /// rows.
    pub weights: [f64; 4],
    /// The predicted error of each class in deviations of the noise, ascending: its root mean square.
    pub predicted: Vec<f64>,
    /// The estimated error of each class in the same units.
    pub estimated: Vec<f64>,
}

/// How errors are told: weights of the signs, then a factor along their sum.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Calibration {
    /// By the variance of the noise, ascending: counts of faint and of bright values are wrong in other ways.
    pub strata: Vec<Stratum>,
    /// Values that were looked at.
    pub values: usize,
    /// The estimated mean squared error over the mean variance of the noise.
    pub risk: f64,
    #[serde(skip)]
    features: Features,
    #[serde(skip)]
    shape: Vec<usize>,
}

impl Calibration {
    /// From rows of this shape, their predicted squared errors and risks.
    pub(crate) fn of(raw: &Raw, risks: &[f64], shape: &[usize]) -> Self {
        let width: usize = shape.iter().product();
        let relative: Vec<f64> = risks.iter().zip(&raw.noise).map(|(risk, noise)| risk / noise).collect();
        let mut features = Features { sums: vec![0.0; width], rows: (risks.len() / width) as f64 };
        relative.iter().enumerate().for_each(|(at, risk)| features.sums[at % width] += risk);
        let mut calibration = Self {
            strata: Vec::new(),
            values: risks.len(),
            risk: risks.iter().sum::<f64>() / raw.noise.iter().sum::<f64>(),
            features,
            shape: shape.to_vec(),
        };
        let signs = calibration.signs(raw, &relative, true);
        let mut order: Vec<usize> = (0..risks.len()).collect();
        order.sort_by(|left, right| raw.noise[*left].total_cmp(&raw.noise[*right]));
        let count = (order.len() / STRATUM_VALUES).clamp(1, MOST_STRATA);
        for part in strata(&order, &raw.noise, order.len().div_ceil(count)) {
            let signs: Vec<Signs> = part.iter().map(|at| signs[*at]).collect();
            let risks: Vec<[f64; 2]> = part.iter().map(|at| [risks[*at], raw.noise[*at]]).collect();
            let up_to = part.last().map_or(0.0, |at| raw.noise[*at]);
            calibration.strata.push(Stratum::of(up_to, &signs, &risks));
        }
        calibration
    }

    /// The uncertainties of rows with these risks, which are not those that the calibration was made of.
    pub(crate) fn uncertainties(&self, raw: &Raw, risks: &[f64]) -> Vec<f64> {
        let relative: Vec<f64> = risks.iter().zip(&raw.noise).map(|(risk, noise)| risk / noise).collect();
        let signs = self.signs(raw, &relative, false);
        let last = self.strata.len().saturating_sub(1);
        let of = |(signs, noise): (&Signs, &f64)| {
            let stratum = &self.strata[self.strata.partition_point(|stratum| stratum.up_to < *noise).min(last)];
            stratum.error(stratum.sum(signs).sqrt()) * noise.sqrt()
        };
        signs.iter().zip(&raw.noise).map(of).collect()
    }

    /// What can be seen of each value, its own risk excepted, which is mostly its own noise: whoever chose values by it would
    /// find large risks where there are none. `own` rows are part of the sums over rows.
    fn signs(&self, raw: &Raw, relative: &[f64], own: bool) -> Vec<Signs> {
        let width = self.features.sums.len();
        let mut signs = Vec::with_capacity(relative.len());
        for (row, risks) in relative.chunks_exact(width).enumerate() {
            let all: f64 = risks.iter().sum();
            let near = nearby(risks, &self.shape);
            for (feature, risk) in risks.iter().enumerate() {
                let at = row * width + feature;
                let (sum, rows) = match own {
                    true => (self.features.sums[feature] - risk, self.features.rows - 1.0),
                    false => (self.features.sums[feature], self.features.rows),
                };
                let elsewhere = if rows >= 1.0 { sum / rows } else { 0.0 };
                let others = if width > 1 { (all - risk) / (width - 1) as f64 } else { 0.0 };
                let boot = raw.predictor[at] / raw.noise[at];
                let (near, count) = near[feature];
                let [others, near] = [beyond_chance(others, width as f64 - 1.0), beyond_chance(near, count)];
                signs.push([boot, others, near, elsewhere.max(0.0)]);
            }
        }
        signs
    }
}

impl Stratum {
    /// Of values with these risks and variances of their noise. Sums of risks are compared with sums of variances: a mean of ratios would
    /// be too small for counts, where a low estimate, which has a small variance, goes with a low count.
    fn of(up_to: f64, signs: &[Signs], risks: &[[f64; 2]]) -> Self {
        let weights = if risks.len() >= FEWEST_TO_WEIGH { weights(signs, risks) } else { [1.0, 0.0, 0.0, 0.0] };
        let mut stratum = Self { up_to, weights, predicted: Vec::new(), estimated: Vec::new() };
        let predicted = signs.iter().map(|signs| stratum.sum(signs));
        let mut order: Vec<(f64, [f64; 2])> = predicted.zip(risks.iter().copied()).collect();
        order.sort_by(|left, right| left.0.total_cmp(&right.0));
        let classes = (order.len() / CLASS_VALUES).clamp(1, MOST_CLASSES);
        let sum = |part: &[(f64, [f64; 2])], of: fn(&(f64, [f64; 2])) -> f64| part.iter().map(of).sum::<f64>();
        let parts = order.chunks(order.len().div_ceil(classes).max(1));
        // The prediction itself counts as some values, so that a few rows do not decide alone.
        let (mut squares, mut sizes): (Vec<[f64; 2]>, Vec<f64>) = parts
            .map(|part| {
                let (size, noise) = (part.len() as f64, sum(part, |v| v.1[1]));
                let predicted = sum(part, |v| v.0 * v.1[1]) / noise;
                let mean = sum(part, |v| v.1[0]) / noise;
                // A mean of so many values is known so well: errors are told rather too large than too small.
                let squares: f64 = part.iter().map(|v| (v.1[0] - mean * v.1[1]).powi(2)).sum();
                let estimated = (size * (mean + CAUTION * squares.sqrt() / noise) + PRIOR * predicted) / (size + PRIOR);
                ([predicted, estimated], size)
            })
            .unzip();
        rising(&mut squares, &mut sizes);
        let least = |[predicted, estimated]: &[f64; 2]| estimated.max(LEAST * LEAST + FLOOR * predicted).sqrt();
        stratum.predicted = squares.iter().map(|square| square[0].sqrt()).collect();
        stratum.estimated = squares.iter().map(least).collect();
        stratum
    }

    fn sum(&self, signs: &Signs) -> f64 {
        let sum: f64 = self.weights.iter().zip(signs).map(|(weight, sign)| weight * sign).sum();
        sum.max(LEAST * LEAST)
    }

    /// The error in deviations of the noise where so much is predicted.
    fn error(&self, size: f64) -> f64 {
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
        factor * size
    }
}

/// Parts of so many of the values or more, which are sorted by their noise; values of one noise are in one part.
fn strata<'a>(order: &'a [usize], noise: &[f64], size: usize) -> Vec<&'a [usize]> {
    let (mut parts, mut rest) = (Vec::new(), order);
    while !rest.is_empty() {
        let at = size.clamp(1, rest.len());
        let last = noise[rest[at - 1]];
        let end = at + rest[at..].iter().take_while(|at| noise[**at] <= last).count();
        let (part, others) = rest.split_at(end);
        parts.push(part);
        rest = others;
    }
    parts
}

/// Bins to either side along each axis that count as near.
const NEAR: usize = 2;

/// Deviations of the mean of squared noise that chance accounts for.
const CHANCE: f64 = 3.0;

/// Values that signs need to be weighed by.
const FEWEST_TO_WEIGH: usize = 4096;

/// Values that a prediction counts as.
const PRIOR: f64 = 256.0;

/// The mean risk of the values near each one, in a box along the axes, without itself.
fn nearby(risks: &[f64], shape: &[usize]) -> Vec<(f64, f64)> {
    let mut sums: Vec<[f64; 2]> = risks.iter().map(|risk| [*risk, 1.0]).collect();
    let mut stride = 1;
    for size in shape.iter().rev() {
        let before = sums.clone();
        for (at, sum) in sums.iter_mut().enumerate() {
            let place = at / stride % size;
            *sum = [0.0; 2];
            for other in place.saturating_sub(NEAR)..(place + NEAR + 1).min(*size) {
                let value = before[at - place * stride + other * stride];
                *sum = [sum[0] + value[0], sum[1] + value[1]];
            }
        }
        stride *= size;
    }
    let mean = |(sum, own): (&[f64; 2], &f64)| {
        let count = (sum[1] - 1.0).max(1.0);
        ((sum[0] - own) / count, count)
    };
    sums.iter().zip(risks).map(mean).collect()
}

/// What a mean of so many risks says for sure. Where a network smooths, values share their noise, and so do their risks: whoever chose
/// values by small risks of their neighbours would find errors smaller than they are.
fn beyond_chance(mean: f64, count: f64) -> f64 {
    (mean - CHANCE * (2.0 / count.max(1.0)).sqrt()).max(0.0)
}

/// Weights of the signs, none below zero, that tell the risks best: weighted least squares by coordinate descent.
fn weights(signs: &[Signs], risks: &[[f64; 2]]) -> [f64; 4] {
    let (mut products, mut moments) = ([[0.0; 4]; 4], [0.0; 4]);
    for (signs, [risk, noise]) in signs.iter().zip(risks) {
        let risk = risk / noise;
        // A risk varies about as the square of noise and error together.
        let deviation = 1.0 + signs.iter().sum::<f64>();
        let weight = 1.0 / (deviation * deviation);
        for left in 0..4 {
            moments[left] += weight * signs[left] * risk;
            for right in 0..4 {
                products[left][right] += weight * signs[left] * signs[right];
            }
        }
    }
    let mut weights = [0.5, 0.0, 0.0, 0.0];
    for _ in 0..ROUNDS {
        for at in 0..4 {
            let others: f64 =
                (0..4).filter(|other| *other != at).map(|other| products[at][other] * weights[other]).sum();
            weights[at] =
                if products[at][at] > 0.0 { ((moments[at] - others) / products[at][at]).max(0.0) } else { 0.0 };
        }
    }
    weights
}

/// Rounds of the coordinate descent.
const ROUNDS: usize = 200;

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
        // Of a single feature there are no others to look at, and risks have no noise: the bootstrap alone decides.
        let count = 4 * CLASS_VALUES;
        let predictor: Vec<f64> = (0..count).map(|at| if at % 2 == 0 { 0.01 } else { 0.04 }).collect();
        let risks: Vec<f64> = predictor.iter().map(|p| 4.0 * p).collect();
        let raw = Raw { estimate: vec![0.0; count], noise: vec![1.0; count], predictor };
        let calibration = Calibration::of(&raw, &risks, &[1]);
        let uncertain = calibration.uncertainties(&raw, &risks);
        assert!((uncertain[0] - 0.2).abs() < 0.01 && (uncertain[1] - 0.4).abs() < 0.01, "{:?}", &uncertain[..2]);
    }

    #[test]
    fn values_of_one_noise_are_in_one_stratum() {
        let noise = [1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 4.0];
        let parts =
            |size| strata(&[0, 1, 2, 3, 4, 5, 6], &noise, size).iter().map(|part| part.len()).collect::<Vec<_>>();
        assert_eq!((parts(2), parts(1), parts(7), parts(9)), (vec![3, 2, 2], vec![3, 2, 1, 1], vec![7], vec![7]));
        assert!(strata(&[], &[], 0).is_empty());
    }

    #[test]
    fn classes_are_joined_until_they_rise() {
        let (mut squares, mut sizes) = (vec![[1.0, 3.0], [2.0, 1.0], [3.0, 5.0]], vec![1.0, 1.0, 2.0]);
        rising(&mut squares, &mut sizes);
        assert_eq!((squares, sizes), (vec![[1.5, 2.0], [3.0, 5.0]], vec![2.0, 2.0]));
    }

    #[test]
    fn what_is_near_is_a_box_without_the_value_itself() {
        let near = nearby(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[2, 3]);
        assert_eq!(near, [4.0, 3.8, 3.6, 3.4, 3.2, 3.0].map(|mean| (mean, 5.0)));
    }
}
