//! Rows of numbers in `f64`, as the probe's models take them.

/// Values row by row: `[rows][width]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    values: Vec<f64>,
    width: usize,
}

impl Matrix {
    /// A matrix of `values`, `[rows][width]`.
    ///
    /// # Panics
    /// There is no column, or the last row is not whole.
    #[must_use]
    pub fn new(values: Vec<f64>, width: usize) -> Self {
        assert!(width > 0 && values.len().is_multiple_of(width), "whole rows of {width} values");
        Self { values, width }
    }

    /// The given rows (from 0) of single-precision `values`, `[rows][width]`.
    ///
    /// # Panics
    /// As [`Matrix::new`]; a row is beyond the last.
    #[must_use]
    pub fn of_rows(values: &[f32], width: usize, rows: &[u32]) -> Self {
        let row = |row: &u32| values[*row as usize * width..][..width].iter().map(|value| f64::from(*value));
        Self::new(rows.iter().flat_map(row).collect(), width)
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.len() / self.width
    }

    /// Values in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// All values, row by row.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The values of a row (from 0).
    #[must_use]
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.width..][..self.width]
    }

    /// The rows, in order.
    pub fn each(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.width)
    }

    /// Some rows (from 0), in the order given.
    #[must_use]
    pub fn chosen(&self, rows: &[u32]) -> Self {
        Self::new(rows.iter().flat_map(|row| self.row(*row as usize)).copied().collect(), self.width)
    }

    /// The mean of each column.
    #[must_use]
    pub fn means(&self) -> Vec<f64> {
        let mut means = vec![0.0; self.width];
        for row in self.each() {
            means.iter_mut().zip(row).for_each(|(mean, value)| *mean += value);
        }
        means.iter_mut().for_each(|mean| *mean /= self.rows().max(1) as f64);
        means
    }

    /// Takes `means` from every row.
    pub fn subtract(&mut self, means: &[f64]) {
        for row in self.values.chunks_exact_mut(self.width) {
            row.iter_mut().zip(means).for_each(|(value, mean)| *value -= mean);
        }
    }

    /// The matrix with rows and columns exchanged.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let mut values = Vec::with_capacity(self.values.len());
        for column in 0..self.width {
            values.extend(self.values.iter().skip(column).step_by(self.width));
        }
        Self::new(values, self.rows().max(1))
    }
}

/// Means and deviations of columns, by which rows are standardised.
#[derive(Clone, Debug, PartialEq)]
pub struct Standard {
    means: Vec<f64>,
    deviations: Vec<f64>,
}

/// A deviation below this share of the mean is rounding: the column is constant.
const LEAST_DEVIATION: f64 = 1e-13;

impl Standard {
    /// Those of some rows. A constant column has deviation 1, so that it becomes zero.
    #[must_use]
    pub fn of(rows: &Matrix) -> Self {
        let means = rows.means();
        let mut squares = vec![0.0; rows.width()];
        for row in rows.each() {
            for (square, (value, mean)) in squares.iter_mut().zip(row.iter().zip(&means)) {
                *square += (value - mean) * (value - mean);
            }
        }
        let deviation = |(square, mean): (f64, &f64)| {
            let deviation = (square / rows.rows().max(1) as f64).sqrt();
            if deviation > LEAST_DEVIATION * mean.abs() { deviation } else { 1.0 }
        };
        let deviations = squares.into_iter().zip(&means).map(deviation).collect();
        Self { means, deviations }
    }

    /// Standardises rows.
    pub fn apply(&self, rows: &mut Matrix) {
        for row in rows.values.chunks_exact_mut(self.means.len()) {
            for (value, (mean, deviation)) in row.iter_mut().zip(self.means.iter().zip(&self.deviations)) {
                *value = (*value - mean) / deviation;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standardised_rows_have_mean_zero_and_deviation_one_and_constants_vanish() {
        let mut rows = Matrix::new(vec![1.0, 0.1, 3.0, 0.1, 8.0, 0.1], 2);
        Standard::of(&rows).apply(&mut rows);
        assert!(rows.means().iter().all(|mean| mean.abs() < 1e-15));
        let squares: f64 = rows.each().map(|row| row[0] * row[0]).sum();
        assert!((squares / 3.0 - 1.0).abs() < 1e-14);
        assert!(rows.each().all(|row| row[1].abs() < 1e-15));
    }

    #[test]
    fn transposing_twice_changes_nothing() {
        let rows = Matrix::new((0..6).map(f64::from).collect(), 2);
        assert_eq!(rows.transposed().row(1), [1.0, 3.0, 5.0]);
        assert_eq!(rows.transposed().transposed(), rows);
    }
}
