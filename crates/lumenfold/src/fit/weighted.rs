//! Principal components of values that weigh differently, some of them nothing: the baseline where values have errors or
//! are absent.
//!
//! The rows are `Σ_k c_k φ_k` about a mean; coefficients and components minimise the weighted squared error in turn, each
//! by weighted least squares: Bailey (2012), PASP 124, 1015, section 3 (EMPCA), in `f64`. A row is reconstructed by the
//! coefficients that fit the values that it has.

use lumenfold_data::{DataError, RowSource};
use nalgebra::DMatrix;

use crate::linear;

/// Rounds of the two steps.
const ROUNDS: usize = 40;

/// Multiplications that a fit may take, about: of many wide rows, evenly spaced ones are taken.
const MOST_WORK: f64 = 2e10;

/// What is added to the diagonal of the normal equations, as a share of their mean: rows may have too few values.
const RIDGE: f64 = 1e-6;

/// Mean, feature weights and components, which are neither orthogonal nor ordered.
#[derive(Clone, Debug)]
pub(super) struct WeightedPca {
    mean: Vec<f64>,
    feature_weights: Vec<f64>,
    // [features][count]
    components: Vec<f64>,
    count: usize,
}

/// The weighted mean of each feature. rows: `[rows][values, then weights]`.
pub(super) fn mean(rows: &impl RowSource<f32>) -> Result<Vec<f64>, DataError> {
    let width = rows.width() / 2;
    let (mut sums, mut totals) = (vec![0.0; width], vec![0.0; width]);
    rows.pass(|block| {
        for row in block.chunks_exact(2 * width) {
            for feature in 0..width {
                let weight = f64::from(row[width + feature]);
                sums[feature] += weight * f64::from(row[feature]);
                totals[feature] += weight;
            }
        }
        Ok::<_, DataError>(())
    })?;
    Ok(sums.iter().zip(&totals).map(|(sum, total)| if *total > 0.0 { sum / total } else { 0.0 }).collect())
}

impl WeightedPca {
    /// Fits `count` components to `[rows][values, then weights]`.
    pub(super) fn fit(rows: &impl RowSource<f32>, feature_weights: &[f32], count: usize) -> Result<Self, DataError> {
        let width = feature_weights.len();
        let mean = mean(rows)?;
        let feature_weights: Vec<f64> = feature_weights.iter().map(|weight| f64::from(*weight)).collect();
        let some = evenly_spaced(rows, width, count)?;
        // Any start in general position will do: a fixed one keeps results reproducible.
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let components = (0..width * count).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        });
        let mut pca = Self { mean, feature_weights, components: components.collect(), count };
        for _ in 0..ROUNDS {
            pca.improve(&some);
        }
        Ok(pca)
    }

    /// One round: the coefficients of all rows, then the components.
    fn improve(&mut self, rows: &[f32]) {
        let (width, count) = (self.mean.len(), self.count);
        let mut products = vec![0.0; width * count * count];
        let mut projections = vec![0.0; width * count];
        for row in rows.chunks_exact(2 * width) {
            let (values, weights) = row.split_at(width);
            let coefficients = self.coefficients(values, Some(weights));
            for feature in 0..width {
                let weight = f64::from(weights[feature]);
                if weight == 0.0 {
                    continue;
                }
                let residual = f64::from(values[feature]) - self.mean[feature];
                for (left, coefficient) in coefficients.iter().enumerate() {
                    projections[feature * count + left] += weight * coefficient * residual;
                    let products = &mut products[(feature * count + left) * count..][..count];
                    for (product, other) in products.iter_mut().zip(&coefficients) {
                        *product += weight * coefficient * other;
                    }
                }
            }
        }
        for feature in 0..width {
            let matrix = &products[feature * count * count..][..count * count];
            let solution = solve(matrix, &projections[feature * count..][..count]);
            self.components[feature * count..][..count].copy_from_slice(&solution);
        }
    }

    /// The coefficients of a row that fit its values best.
    fn coefficients(&self, values: &[f32], weights: Option<&[f32]>) -> Vec<f64> {
        let count = self.count;
        let (mut matrix, mut vector) = (vec![0.0; count * count], vec![0.0; count]);
        for (feature, component) in self.components.chunks_exact(count).enumerate() {
            let value = f64::from(values[feature]);
            let weight = weights.map_or(1.0, |weights| f64::from(weights[feature])) * self.feature_weights[feature];
            if weight == 0.0 || value.is_nan() {
                continue;
            }
            let residual = value - self.mean[feature];
            for (left, of_component) in component.iter().enumerate() {
                vector[left] += weight * of_component * residual;
                for (product, other) in matrix[left * count..][..count].iter_mut().zip(component) {
                    *product += weight * of_component * other;
                }
            }
        }
        solve(&matrix, &vector)
    }

    /// A scaled row, NaN where a value is absent, as the components reconstruct it: all of it.
    pub(super) fn reconstruct(&self, row: &[f32], weights: Option<&[f32]>, output: &mut [f32]) {
        let coefficients = self.coefficients(row, weights);
        for ((output, component), mean) in
            output.iter_mut().zip(self.components.chunks_exact(self.count)).zip(&self.mean)
        {
            let sum: f64 = component.iter().zip(&coefficients).map(|(value, coefficient)| value * coefficient).sum();
            *output = (mean + sum) as f32;
        }
    }
}

/// The solution of a symmetric system that is made definite.
fn solve(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
    let count = vector.len();
    let trace: f64 = (0..count).map(|index| matrix[index * count + index]).sum();
    if trace <= 0.0 {
        return vec![0.0; count];
    }
    let mut matrix = DMatrix::from_row_slice(count, count, matrix);
    for index in 0..count {
        matrix[(index, index)] += RIDGE * trace / count as f64;
    }
    linear::solve(matrix, vector)
}

/// As many rows as the work allows, evenly spaced.
fn evenly_spaced(rows: &impl RowSource<f32>, width: usize, count: usize) -> Result<Vec<f32>, DataError> {
    let mut all = 0;
    rows.pass(|block| {
        all += block.len() / rows.width();
        Ok::<_, DataError>(())
    })?;
    let of_row = (2 * width * count * count * ROUNDS) as f64;
    let step = (all as f64 * of_row / MOST_WORK).ceil().max(1.0) as usize;
    let mut some = Vec::new();
    let mut at = 0;
    rows.pass(|block| {
        for row in block.chunks_exact(rows.width()) {
            if at % step == 0 {
                some.extend_from_slice(row);
            }
            at += 1;
        }
        Ok::<_, DataError>(())
    })?;
    Ok(some)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use lumenfold_data::Slice;

    use super::*;
    use crate::Pca;

    /// Rows of a plane with a little noise: `[rows][5]`.
    fn rows(count: usize) -> Vec<f32> {
        let mut state = 3_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / 8_388_608.0 - 1.0
        };
        let mut rows = Vec::new();
        for _ in 0..count {
            let (a, b) = (next(), next());
            let row = [a, b, a + 2.0 * b, 1.0 - a, 0.5 * b];
            rows.extend(row.map(|value| value + 0.05 * next()));
        }
        rows
    }

    #[test]
    fn with_equal_weights_it_is_pca() {
        let rows = rows(500);
        let stored: Vec<f32> = rows.chunks(5).flat_map(|row| row.iter().copied().chain([1.0; 5])).collect();
        let plain = Pca::fit(&Slice { values: &rows, width: 5 }, &[1.0; 5], 2, NonZeroUsize::MIN).expect("rows");
        let weighted = WeightedPca::fit(&Slice { values: &stored, width: 10 }, &[1.0; 5], 2).expect("rows");
        let (mut left, mut right) = ([0.0; 5], [0.0; 5]);
        for row in rows.chunks(5) {
            plain.reconstruct(2, row, &mut left);
            weighted.reconstruct(row, None, &mut right);
            let far = left.iter().zip(&right).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max);
            assert!(far < 2e-3, "{left:?} {right:?}");
        }
    }

    #[test]
    fn absent_values_are_told_from_the_others() {
        let rows = rows(500);
        let stored: Vec<f32> = rows
            .chunks(5)
            .enumerate()
            .flat_map(|(index, row)| {
                let weights = (0..5).map(move |feature| f32::from(u8::from(feature != index % 5)));
                row.iter().copied().chain(weights).collect::<Vec<_>>()
            })
            .collect();
        let weighted = WeightedPca::fit(&Slice { values: &stored, width: 10 }, &[1.0; 5], 2).expect("rows");
        let mut output = [0.0; 5];
        let mut sum = 0.0;
        for (index, row) in rows.chunks(5).enumerate() {
            let mut seen = row.to_vec();
            seen[index % 5] = f32::NAN;
            weighted.reconstruct(&seen, None, &mut output);
            sum += (output[index % 5] - row[index % 5]).powi(2);
        }
        assert!((sum / 500.0).sqrt() < 0.1, "{}", (sum / 500.0).sqrt());
    }
}
