//! What residuals vary like: their covariance about zero, shrunk, and distances by it.

use nalgebra::DMatrix;

/// The share of a multiple of the identity in the covariance, which keeps directions that hardly vary from deciding.
const SHRINKAGE: f64 = 0.1;

/// Up to so many features the covariance is kept; beyond it, the variances alone.
const MOST_FEATURES: usize = 512;

/// A variance below this share of the mean one counts as this.
const LEAST_SHARE: f64 = 1e-9;

/// The covariance of residuals in scaled units.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Covariance {
    /// The variance of each feature.
    pub(super) variances: Vec<f64>,
    /// The inverse of its Cholesky factor by rows, the lower triangle alone: `[features (features + 1) / 2]`; none for many
    /// features.
    pub(super) whitening: Vec<f64>,
    /// Of values with errors: the variance of each feature that errors do not tell; else none.
    pub(super) misfit: Vec<f64>,
}

impl Covariance {
    /// Of residuals `[rows][features]`, shrunk. Of no rows, the identity.
    pub(super) fn of(residuals: &[f64], features: usize) -> Self {
        let rows = residuals.len() / features;
        let squares = |feature: usize| -> f64 {
            residuals.iter().skip(feature).step_by(features).map(|residual| residual * residual).sum()
        };
        let count = rows.max(1) as f64;
        let mut variances: Vec<f64> = (0..features).map(|feature| squares(feature) / count).collect();
        let mean = variances.iter().sum::<f64>() / features as f64;
        let mean = if mean > 0.0 { mean } else { 1.0 };
        let least = mean * LEAST_SHARE;
        variances.iter_mut().for_each(|variance| *variance = (1.0 - SHRINKAGE) * *variance + SHRINKAGE * mean + least);
        let whitening = if features > MOST_FEATURES { Vec::new() } else { whitening(residuals, &variances) };
        Self { variances, whitening, misfit: Vec::new() }
    }

    /// The same, with the variances that are left when the mean squared errors are taken from the mean squared residuals, each above
    /// zero: `residuals` and `squared_errors` are `[rows][features]`. An infinite error tells nothing.
    pub(super) fn with_misfit(mut self, residuals: &[f64], squared_errors: &[f64]) -> Self {
        let features = self.variances.len();
        self.misfit = (0..features)
            .map(|feature| {
                let pairs = residuals.iter().zip(squared_errors).skip(feature).step_by(features);
                let known = pairs.filter(|(_, squared)| squared.is_finite());
                let (sum, count) = known.fold((0.0, 0_u64), |(sum, count), (residual, squared)| {
                    (sum + residual * residual - squared, count + 1)
                });
                (sum / count.max(1) as f64).max(LEAST_SHARE * self.variances[feature])
            })
            .collect();
        self
    }

    /// Whether its numbers are those of a covariance of so many features.
    pub(super) fn fits(&self, features: usize) -> bool {
        let triangle = features * (features + 1) / 2;
        let whitens = self.whitening.is_empty() || (features <= MOST_FEATURES && self.whitening.len() == triangle);
        let positive = self.variances.iter().all(|value| value.is_finite() && *value > 0.0);
        let misses = self.misfit.is_empty() || self.misfit.len() == features;
        let misses = misses && self.misfit.iter().all(|value| value.is_finite() && *value > 0.0);
        self.variances.len() == features
            && misses
            && positive
            && whitens
            && self.whitening.iter().all(|value| value.is_finite())
    }

    /// The squared Mahalanobis distance of a residual from zero. `white` is memory for as many numbers.
    pub(super) fn distance(&self, residual: &[f64], white: &mut Vec<f64>) -> f64 {
        self.whiten(residual, white);
        white.iter().map(|value| value * value).sum()
    }

    /// The residual in coordinates in which the covariance is the identity.
    fn whiten(&self, residual: &[f64], white: &mut Vec<f64>) {
        white.clear();
        if self.whitening.is_empty() {
            white.extend(residual.iter().zip(&self.variances).map(|(residual, variance)| residual / variance.sqrt()));
            return;
        }
        let mut rest = &self.whitening[..];
        for length in 1..=residual.len() {
            let (row, further) = rest.split_at(length);
            white.push(row.iter().zip(residual).map(|(factor, residual)| factor * residual).sum());
            rest = further;
        }
    }

    /// What each feature adds to the squared distance, `residual × (inverse covariance × residual)`: they add up to it, and
    /// a feature that others make up for adds less than nothing.
    pub(super) fn shares(&self, residual: &[f64]) -> Vec<f64> {
        let mut white = Vec::new();
        self.whiten(residual, &mut white);
        if self.whitening.is_empty() {
            return white.iter().map(|value| value * value).collect();
        }
        let mut inverse = vec![0.0; residual.len()];
        let mut rest = &self.whitening[..];
        for (length, white) in (1..).zip(&white) {
            let (row, further) = rest.split_at(length);
            inverse.iter_mut().zip(row).for_each(|(sum, factor)| *sum += factor * white);
            rest = further;
        }
        inverse.iter().zip(residual).map(|(inverse, residual)| inverse * residual).collect()
    }
}

/// The inverse of the Cholesky factor of the shrunk covariance.
fn whitening(residuals: &[f64], variances: &[f64]) -> Vec<f64> {
    let features = variances.len();
    let rows = (residuals.len() / features).max(1) as f64;
    let matrix = DMatrix::from_row_slice(residuals.len() / features, features, residuals);
    let mut covariance = matrix.tr_mul(&matrix) * ((1.0 - SHRINKAGE) / rows);
    (0..features).for_each(|feature| covariance[(feature, feature)] = variances[feature]);
    let identity = DMatrix::identity(features, features);
    let inverse = covariance.cholesky().and_then(|cholesky| cholesky.l().solve_lower_triangular(&identity));
    // Shrunk, it is positive definite; were rounding to make it otherwise, the variances alone would decide.
    inverse.map_or_else(Vec::new, |inverse| {
        (0..features).flat_map(|row| (0..=row).map(move |column| (row, column))).map(|at| inverse[at]).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two features that vary together, and one by itself.
    fn residuals() -> Vec<f64> {
        let wave = |index: usize, step: f64| (index as f64 * step).sin();
        (0..600)
            .flat_map(|index| [wave(index, 0.7), wave(index, 0.7) + 0.1 * wave(index, 1.3), 3.0 * wave(index, 2.9)])
            .collect()
    }

    #[test]
    fn shares_add_up_to_the_distance() {
        let covariance = Covariance::of(&residuals(), 3);
        for residual in [[1.0, 1.0, 0.0], [1.0, -1.0, 0.5], [0.0, 0.0, 9.0]] {
            let distance = covariance.distance(&residual, &mut Vec::new());
            assert!((covariance.shares(&residual).iter().sum::<f64>() - distance).abs() < 1e-9 * distance);
        }
        let [along, across] =
            [[1.0, 1.0, 0.0], [1.0, -1.0, 0.0]].map(|residual| covariance.distance(&residual, &mut Vec::new()));
        assert!(across > 5.0 * along);
    }

    #[test]
    fn it_is_the_inverse_of_the_shrunk_covariance() {
        let residuals = residuals();
        let covariance = Covariance::of(&residuals, 3);
        let mut full = nalgebra::Matrix3::<f64>::zeros();
        for row in residuals.chunks_exact(3) {
            let row = nalgebra::Vector3::from_row_slice(row);
            full += row * row.transpose() / 200.0 / 3.0;
        }
        let shrunk = full * 0.9 + nalgebra::Matrix3::identity() * (0.1 * full.trace() / 3.0);
        let residual = nalgebra::Vector3::new(0.3, -0.8, 2.0);
        let expected = (residual.transpose() * shrunk.try_inverse().expect("an inverse") * residual)[0];
        let found = covariance.distance(residual.as_slice(), &mut Vec::new());
        assert!((found - expected).abs() < 1e-6 * expected, "{found} {expected}");
    }

    #[test]
    fn what_errors_do_not_tell_is_misfit() {
        let residuals = residuals();
        let of = |squared: f64| Covariance::of(&residuals, 3).with_misfit(&residuals, &[squared; 1800]).misfit;
        let squares = of(0.0);
        assert!((squares[2] - 4.5).abs() < 0.1, "{squares:?}");
        assert!(squares.iter().zip(of(0.1)).all(|(all, rest)| (all - rest - 0.1).abs() < 1e-9));
        assert!(of(1e6).iter().all(|misfit| *misfit > 0.0 && *misfit < 1e-6));
        assert!(of(f64::INFINITY).iter().all(|misfit| *misfit > 0.0));
    }

    #[test]
    fn residuals_of_nothing_do_not_divide_by_zero() {
        for covariance in [Covariance::of(&[], 2), Covariance::of(&[0.0; 8], 2)] {
            assert!(covariance.distance(&[1.0, 2.0], &mut Vec::new()).is_finite());
        }
    }
}
