//! Multinomial logistic regression with an L2 penalty.
//!
//! The loss is convex, so how its minimum is found changes nothing: here with Newton's steps whose linear equations are solved
//! by conjugate gradients, since products of the Hessian with a vector cost no more than a gradient (Lin, Weng and Keerthi,
//! *Trust region Newton method for large-scale logistic regression*, JMLR 9, 627, 2008).

use super::matrix::Matrix;
use crate::linear::dot;

/// Newton's steps, and conjugate gradients within one of them, at most.
const MOST_STEPS: usize = 60;
const MOST_DIRECTIONS: usize = 250;

/// The largest slope of the loss that counts as none.
const FLAT: f64 = 1e-6;

/// Class probabilities as a function of the features.
#[derive(Clone, Debug, PartialEq)]
pub struct Logistic {
    // [classes that were seen][width + 1]; the last one is the intercept.
    weights: Vec<f64>,
    // The classes that were seen, ascending.
    seen: Vec<u32>,
    classes: usize,
    width: usize,
}

impl Logistic {
    /// For each penalty the function with the least `mean of -log p(class) + penalty / 2 · Σ weights²`; intercepts are
    /// free. In scikit-learn's terms C is 1 / (penalty · rows); with two classes, where scikit-learn has one vector of
    /// weights for two opposite ones here, it is twice that. Each fit begins at the solution of the one before, so that
    /// penalties are best given from large to small.
    ///
    /// # Panics
    /// There are no rows, or not as many as codes; a code is not below `classes`; a penalty is not above zero.
    #[must_use]
    pub fn fit(rows: &Matrix, codes: &[u32], classes: usize, penalties: &[f64]) -> Vec<Self> {
        assert!(rows.rows() == codes.len() && !codes.is_empty(), "a class for each row");
        assert!(penalties.iter().all(|penalty| *penalty > 0.0), "penalties above zero");
        let mut seen = codes.to_vec();
        seen.sort_unstable();
        seen.dedup();
        assert!(seen.last().is_some_and(|last| (*last as usize) < classes), "codes below {classes}");
        let mut place = vec![0_u32; classes];
        (0..).zip(&seen).for_each(|(index, class)| place[*class as usize] = index);
        let codes: Vec<u32> = codes.iter().map(|code| place[*code as usize]).collect();
        let mut problem = Problem { rows, codes: &codes, classes: seen.len(), penalty: 0.0 };
        let mut weights = vec![0.0; seen.len() * (rows.width() + 1)];
        let fits = penalties.iter().map(|penalty| {
            problem.penalty = *penalty;
            problem.minimise(&mut weights);
            Self { weights: weights.clone(), seen: seen.clone(), classes, width: rows.width() }
        });
        fits.collect()
    }

    /// The probabilities of the classes for rows: `[rows][classes]`; zero for a class that was never seen.
    ///
    /// # Panics
    /// The rows have another width.
    #[must_use]
    pub fn probabilities(&self, rows: &Matrix) -> Vec<f64> {
        assert_eq!(rows.width(), self.width, "rows of the width that was fitted");
        let mut all = vec![0.0; rows.rows() * self.classes];
        let mut own = vec![0.0; self.seen.len()];
        for (row, all) in rows.each().zip(all.chunks_exact_mut(self.classes)) {
            scores(row, &self.weights, &mut own);
            softmax(&mut own);
            self.seen.iter().zip(&own).for_each(|(class, probability)| all[*class as usize] = *probability);
        }
        all
    }

    /// The most probable class of each row (the first of several).
    #[must_use]
    pub fn predict(&self, rows: &Matrix) -> Vec<u32> {
        let likeliest = |row: &[f64]| {
            let best = row.iter().enumerate().fold((0, f64::NEG_INFINITY), |best, (class, probability)| {
                if *probability > best.1 { (class, *probability) } else { best }
            });
            best.0 as u32
        };
        self.probabilities(rows).chunks_exact(self.classes).map(likeliest).collect()
    }
}

/// What is minimised.
struct Problem<'a> {
    rows: &'a Matrix,
    codes: &'a [u32],
    classes: usize,
    penalty: f64,
}

impl Problem<'_> {
    /// Brings weights to the minimum.
    fn minimise(&self, weights: &mut Vec<f64>) {
        let mut probabilities = vec![0.0; self.rows.rows() * self.classes];
        let mut loss = self.probabilities(weights, &mut probabilities);
        for _ in 0..MOST_STEPS {
            let gradient = self.gradient(weights, &probabilities);
            if gradient.iter().all(|slope| slope.abs() <= FLAT) {
                return;
            }
            let step = self.newton_step(&gradient, &probabilities);
            let descent = dot(&gradient, &step);
            // Armijo's rule.
            let mut length = 1.0;
            loop {
                let tried: Vec<f64> = weights.iter().zip(&step).map(|(weight, step)| weight + length * step).collect();
                let new = self.probabilities(&tried, &mut probabilities);
                if new <= loss + 1e-4 * length * descent {
                    (*weights, loss) = (tried, new);
                    break;
                }
                length *= 0.5;
                if length < 1e-10 {
                    // As flat as rounding lets it be.
                    return;
                }
            }
        }
    }

    /// The loss; `probabilities`, `[rows][classes]`, are set.
    fn probabilities(&self, weights: &[f64], probabilities: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        let rows = self.rows.each().zip(self.codes);
        for ((row, code), own) in rows.zip(probabilities.chunks_exact_mut(self.classes)) {
            scores(row, weights, own);
            let score = own[*code as usize];
            sum += softmax(own) - score;
        }
        let squares: f64 = self.slopes(weights).map(|(_, slopes)| dot(slopes, slopes)).sum();
        sum / self.rows.rows() as f64 + 0.5 * self.penalty * squares
    }

    /// The weights that are penalised, with the place of the first of each class.
    fn slopes<'w>(&self, weights: &'w [f64]) -> impl Iterator<Item = (usize, &'w [f64])> {
        let width = self.rows.width();
        weights.chunks_exact(width + 1).enumerate().map(move |(class, own)| (class * (width + 1), &own[..width]))
    }

    fn gradient(&self, weights: &[f64], probabilities: &[f64]) -> Vec<f64> {
        self.mean(weights, probabilities, |row, own, residual| {
            residual.copy_from_slice(own);
            residual[self.codes[row] as usize] -= 1.0;
        })
    }

    /// The Hessian times a vector.
    fn curved(&self, vector: &[f64], probabilities: &[f64]) -> Vec<f64> {
        self.mean(vector, probabilities, |row, own, bent| {
            scores(self.rows.row(row), vector, bent);
            let mean = dot(own, bent);
            bent.iter_mut().zip(own).for_each(|(bent, own)| *bent = own * (*bent - mean));
        })
    }

    /// The mean over the rows of what `factors` gives for each class, times the row and a one, and the slope of the penalty
    /// at `place`: `[classes][width + 1]`.
    fn mean(
        &self,
        place: &[f64],
        probabilities: &[f64],
        mut factors: impl FnMut(usize, &[f64], &mut [f64]),
    ) -> Vec<f64> {
        let width = self.rows.width();
        let (mut sums, mut own) = (vec![0.0; place.len()], vec![0.0; self.classes]);
        for (index, (row, probabilities)) in self.rows.each().zip(probabilities.chunks_exact(self.classes)).enumerate()
        {
            factors(index, probabilities, &mut own);
            for (sums, factor) in sums.chunks_exact_mut(width + 1).zip(&own) {
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += factor * value);
                sums[width] += factor;
            }
        }
        let count = self.rows.rows() as f64;
        sums.iter_mut().for_each(|sum| *sum /= count);
        for (first, slopes) in self.slopes(place) {
            sums[first..].iter_mut().zip(slopes).for_each(|(sum, slope)| *sum += self.penalty * slope);
        }
        sums
    }

    /// An approximate solution of `Hessian · step = -gradient` by conjugate gradients, the nearer to the minimum the better.
    fn newton_step(&self, gradient: &[f64], probabilities: &[f64]) -> Vec<f64> {
        let length = dot(gradient, gradient).sqrt();
        let enough = length * length.sqrt().min(0.1);
        let mut step = vec![0.0; gradient.len()];
        let mut residual: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
        let mut direction = residual.clone();
        let mut square = dot(&residual, &residual);
        for _ in 0..MOST_DIRECTIONS {
            if square.sqrt() <= enough {
                break;
            }
            let image = self.curved(&direction, probabilities);
            let curvature = dot(&direction, &image);
            // Rounding can take it from zero where all rows are told with certainty.
            if curvature.is_nan() || curvature <= 0.0 {
                break;
            }
            let along = square / curvature;
            step.iter_mut().zip(&direction).for_each(|(step, direction)| *step += along * direction);
            residual.iter_mut().zip(&image).for_each(|(residual, image)| *residual -= along * image);
            let new = dot(&residual, &residual);
            direction
                .iter_mut()
                .zip(&residual)
                .for_each(|(direction, residual)| *direction = residual + new / square * *direction);
            square = new;
        }
        if step.iter().all(|value| *value == 0.0) { residual } else { step }
    }
}

/// `weights · (row, 1)` for each class.
fn scores(row: &[f64], weights: &[f64], scores: &mut [f64]) {
    let width = row.len();
    for (score, weights) in scores.iter_mut().zip(weights.chunks_exact(width + 1)) {
        *score = dot(row, &weights[..width]) + weights[width];
    }
}

/// Turns scores into probabilities; the logarithm of the sum of their exponentials.
fn softmax(scores: &mut [f64]) -> f64 {
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in &mut *scores {
        *score = libm::exp(*score - largest);
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
    largest + libm::log(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three clouds on a line and a feature that tells nothing.
    fn clouds() -> (Matrix, Vec<u32>) {
        let code = |index: usize| (index % 3) as u32;
        let row =
            |index: usize| [f64::from(code(index)) + ((index * 37) % 19) as f64 / 12.0, ((index * 7) % 11) as f64];
        (Matrix::new((0..120).flat_map(row).collect(), 2), (0..120).map(code).collect())
    }

    #[test]
    fn permuting_rows_or_classes_permutes_the_probabilities() {
        let (rows, codes) = clouds();
        let expected = Logistic::fit(&rows, &codes, 3, &[1e-2])[0].probabilities(&rows);
        let order: Vec<u32> = (0..120).map(|row| row * 77 % 120).collect();
        let permuted: Vec<u32> = order.iter().map(|row| codes[*row as usize]).collect();
        let by_rows = Logistic::fit(&rows.chosen(&order), &permuted, 3, &[1e-2])[0].probabilities(&rows);
        let turned: Vec<u32> = codes.iter().map(|code| (code + 1) % 3).collect();
        let by_classes = Logistic::fit(&rows, &turned, 3, &[1e-2])[0].probabilities(&rows);
        for place in 0..expected.len() {
            let (row, class) = (place / 3, place % 3);
            assert!((expected[place] - by_rows[place]).abs() < 1e-5);
            assert!((expected[place] - by_classes[row * 3 + (class + 1) % 3]).abs() < 1e-5);
        }
    }

    #[test]
    fn a_class_that_was_never_seen_has_no_probability_and_certain_rows_do_no_harm() {
        let rows = Matrix::new(vec![-1.0, -2.0, 1.0, 2.0], 1);
        let fits = Logistic::fit(&rows, &[1, 1, 3, 3], 5, &[1.0, 1e-9]);
        assert_eq!(fits[1].predict(&rows), [1, 1, 3, 3]);
        let probabilities = fits[1].probabilities(&rows);
        assert!(probabilities.iter().all(|value| value.is_finite()) && probabilities[0] == 0.0);
        let alone = &Logistic::fit(&rows, &[2; 4], 3, &[1.0])[0];
        assert_eq!(alone.predict(&rows), [2; 4]);
    }
}
