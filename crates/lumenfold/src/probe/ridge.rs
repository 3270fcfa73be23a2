//! Ridge regression; Hoerl and Kennard, Technometrics 12, 55 (1970).

use nalgebra::DMatrix;

use super::matrix::Matrix;
use crate::linear::{add_products, dot, solve};
use crate::order_statistics::mean;

/// A linear function of the features.
#[derive(Clone, Debug, PartialEq)]
pub struct Ridge {
    /// What each feature is multiplied by.
    pub coefficients: Vec<f64>,
    /// What is added.
    pub intercept: f64,
}

impl Ridge {
    /// For each penalty the function with the least `Σ (y - ŷ)² / rows + penalty · Σ coefficients²`; the intercept is free.
    /// In scikit-learn's terms alpha is the penalty times the rows.
    ///
    /// # Panics
    /// There are no rows, or not as many as targets; a penalty is not above zero.
    #[must_use]
    pub fn fit(rows: &Matrix, target: &[f64], penalties: &[f64]) -> Vec<Self> {
        assert!(rows.rows() == target.len() && !target.is_empty(), "a target for each row");
        assert!(penalties.iter().all(|penalty| *penalty > 0.0), "penalties above zero");
        let (count, means, height) = (target.len() as f64, rows.means(), mean(target));
        let mut centred = rows.clone();
        centred.subtract(&means);
        let target: Vec<f64> = target.iter().map(|value| (value - height) / count).collect();
        let transposed = centred.transposed();
        // The smaller of the two systems of equations: (XᵀX/n + p) w = Xᵀy/n, or w = Xᵀ a with (XXᵀ/n + p) a = y/n.
        let dual = rows.width() > rows.rows();
        let rows_of_system = if dual { &transposed } else { &centred };
        let size = rows_of_system.width();
        let mut products = vec![0.0; size * size];
        add_products(rows_of_system.values(), size, 0..size, &mut products);
        let right = if dual { target } else { transposed.each().map(|feature| dot(feature, &target)).collect() };
        let fit = |penalty: &f64| {
            let mut left =
                DMatrix::from_fn(size, size, |row, column| products[row.min(column) * size + row.max(column)] / count);
            left.iter_mut().step_by(size + 1).for_each(|value| *value += penalty);
            // Rounding can take it only if the features are far from standardised; then nothing is told.
            let solution = solve(left, &right);
            let coefficients = match dual {
                true => transposed.each().map(|feature| dot(feature, &solution)).collect(),
                false => solution,
            };
            let intercept = height - dot(&coefficients, &means);
            Self { coefficients, intercept }
        };
        penalties.iter().map(fit).collect()
    }

    /// Its values for rows.
    #[must_use]
    pub fn predict(&self, rows: &Matrix) -> Vec<f64> {
        rows.each().map(|row| self.intercept + dot(&self.coefficients, row)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(count: usize, seed: u64) -> Vec<f64> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn the_gradient_vanishes_whether_rows_or_features_are_more() {
        for (count, width) in [(60, 7), (20, 45)] {
            let rows = Matrix::new(noise(count * width, 3), width);
            let target: Vec<f64> = rows.each().map(|row| 4.0 + row[0] - 2.0 * row[1]).collect();
            for (ridge, penalty) in Ridge::fit(&rows, &target, &[1e-3, 0.5]).iter().zip([1e-3, 0.5]) {
                let residuals: Vec<f64> = ridge.predict(&rows).iter().zip(&target).map(|(a, b)| a - b).collect();
                assert!(residuals.iter().sum::<f64>().abs() < 1e-10);
                for feature in 0..width {
                    let slope: f64 = rows.each().zip(&residuals).map(|(row, residual)| row[feature] * residual).sum();
                    let gradient = slope / count as f64 + penalty * ridge.coefficients[feature];
                    assert!(gradient.abs() < 1e-12, "{gradient}");
                }
            }
        }
    }

    #[test]
    fn a_constant_added_to_a_feature_changes_no_prediction() {
        let rows = Matrix::new(noise(300, 5), 3);
        let target = noise(100, 6);
        let moved = Matrix::new(rows.each().flat_map(|row| [row[0] + 7.0, row[1], row[2]]).collect(), 3);
        let (a, b) = (&Ridge::fit(&rows, &target, &[0.1])[0], &Ridge::fit(&moved, &target, &[0.1])[0]);
        assert!(a.predict(&rows).iter().zip(b.predict(&moved)).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}
