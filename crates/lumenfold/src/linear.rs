//! Sums of products of numbers in `f64`, and the systems of equations that they make.

use std::ops::Range;

use lumenfold_engine::{InstructionSet, moments};
use nalgebra::{DMatrix, DVector};

/// Rows that stay near the processor while all pairs of features meet them.
const NEAR_VALUES: usize = 1 << 15;

/// The sum of the products, in eight sums, so that one addition does not wait for another.
pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (left, right) = (left.chunks_exact(8), right.chunks_exact(8));
    let rest: f64 = left.remainder().iter().zip(right.remainder()).map(|(left, right)| left * right).sum();
    for (left, right) in left.zip(right) {
        for lane in 0..8 {
            sums[lane] += left[lane] * right[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Adds `Σ_r x[r][i] x[r][j]` to `sums[i - range.start][j]` for the `i` of a range and every `j` from `i` on; see
/// [`moments::add_products`]. rows: `[rows][width]`; sums: `[range][width]`.
pub(crate) fn add_products(rows: &[f64], width: usize, range: Range<usize>, sums: &mut [f64]) {
    let set = InstructionSet::best();
    for part in rows.chunks((NEAR_VALUES / width).max(1) * width) {
        moments::add_products(set, part, width, range.clone(), sums);
    }
}

/// The solution of a symmetric positive definite system, by Cholesky's factors. Zeros where rounding has taken the
/// definiteness: then the system tells nothing.
pub(crate) fn solve(matrix: DMatrix<f64>, right: &[f64]) -> Vec<f64> {
    match matrix.cholesky() {
        Some(factors) => factors.solve(&DVector::from_column_slice(right)).as_slice().to_vec(),
        None => vec![0.0; right.len()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_solution_gives_the_right_side() {
        let rows: Vec<f64> = (0..33 * 3).map(|index| f64::from(index * 7919 % 101) / 50.0 - 1.0).collect();
        let mut sums = vec![0.0; 9];
        add_products(&rows, 3, 0..3, &mut sums);
        let matrix = DMatrix::from_fn(3, 3, |row, column| sums[row.min(column) * 3 + row.max(column)]);
        let columns: Vec<Vec<f64>> = (0..3).map(|at| rows.iter().skip(at).step_by(3).copied().collect()).collect();
        assert!((dot(&columns[0], &columns[2]) - matrix[(0, 2)]).abs() < 1e-12);
        let solution = solve(matrix.clone(), &[1.0, -2.0, 0.5]);
        for (row, right) in matrix.row_iter().zip([1.0, -2.0, 0.5]) {
            let sum: f64 = row.iter().zip(&solution).map(|(value, factor)| value * factor).sum();
            assert!((sum - right).abs() < 1e-12);
        }
        assert_eq!(solve(DMatrix::zeros(2, 2), &[1.0, 1.0]), [0.0, 0.0]);
    }
}
