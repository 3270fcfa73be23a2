//! Components of few long rows, from the products of the rows with each other.
//!
//! With fewer rows than features the covariance has no more directions than rows, and they are sums of these: if `u` is a
//! unit eigenvector of the matrix of products of centred rows, `X Xᵀ`, with eigenvalue `λ`, then `Xᵀ u / √λ` is one of
//! the covariance, `Xᵀ X` (Jolliffe 2002, section 3.5; for images Sirovich and Kirby 1987, J. Opt. Soc. Am. A 4, 519).
//! The matrix is small, however long the rows are. They are gone through a strip of features at a time, in order, so that
//! nothing depends on where they are or on the number of threads.

use std::num::NonZeroUsize;

use lumenfold_data::{DataError, RowSource};

use super::{Covariance, by_iteration, centre, each, orthonormalise};

/// Up to so many rows their products are formed; with more, that costs more than the passes of an iteration.
const MOST_ROWS: usize = 2048;

/// Up to so many rows the matrix is diagonalised; beyond it, only the leading directions are found.
const DIRECT_ROWS: usize = 512;

/// Values of a strip of features.
const STRIP_VALUES: usize = 1 << 23;

/// A direction with less than this share of the largest eigenvalue is rounding.
const LEAST_SHARE: f64 = 1e-13;

/// Rounds of the iteration, each a product with the matrix.
const ROUNDS: usize = super::FORMED_ROUNDS;

/// Whether so few rows of so many features are better met this way.
pub(super) fn suits(rows: usize, features: usize) -> bool {
    rows < features && rows <= MOST_ROWS
}

/// The leading `count` components of `samples` rows; zero where there are no more directions.
pub(super) fn components(
    rows: &impl RowSource<f32>,
    samples: usize,
    (mean, roots): (&[f64], &[f64]),
    count: usize,
    threads: NonZeroUsize,
) -> Result<Vec<Vec<f64>>, DataError> {
    let features = mean.len();
    let mut products = Covariance { features: samples, sums: vec![0.0; samples * samples] };
    let mut centred = vec![0.0; features];
    let width = (STRIP_VALUES / samples.max(1)).clamp(1, features);
    for start in (0..features).step_by(width) {
        let strip = start..features.min(start + width);
        // [features of the strip][rows]
        let mut turned = vec![0.0; strip.len() * samples];
        let mut row_number = 0;
        each(rows, |row| {
            let centred = &mut centred[strip.clone()];
            centre(&row[strip.clone()], &mean[strip.clone()], &roots[strip.clone()], centred);
            for (place, value) in turned[row_number..].iter_mut().step_by(samples).zip(&*centred) {
                *place = *value;
            }
            row_number += 1;
        })?;
        products.add(&turned, threads);
    }
    products.mirror();
    let wanted = count.min(samples);
    let vectors = match samples <= DIRECT_ROWS {
        true => products.eigenvectors(wanted),
        false => by_iteration(samples, wanted, ROUNDS, |vectors| Ok(products.times(vectors, threads)))?,
    };
    let mut components = vec![vec![0.0; features]; vectors.len()];
    let mut row_number = 0;
    each(rows, |row| {
        centre(row, mean, roots, &mut centred);
        for (vector, component) in vectors.iter().zip(&mut components) {
            let share = vector[row_number];
            component.iter_mut().zip(&centred).for_each(|(sum, value)| *sum += share * value);
        }
        row_number += 1;
    })?;
    let square = |component: &Vec<f64>| component.iter().map(|value| value * value).sum::<f64>();
    let largest = components.first().map_or(0.0, square);
    components.iter_mut().filter(|component| square(component) <= LEAST_SHARE * largest).for_each(|one| one.fill(0.0));
    orthonormalise(&mut components);
    components.resize(count, vec![0.0; features]);
    Ok(components)
}

#[cfg(test)]
mod tests {
    use lumenfold_data::Slice;

    use super::super::Pca;
    use super::super::tests::{THREADS, rows, source};
    use super::*;
    use crate::linear::dot;

    /// One over what two ways may differ by.
    const NEAR: f64 = 1e-9;

    fn found(values: &[f32], features: usize, count: usize) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
        let samples = values.len() / features;
        let rows = source(values, features);
        let weights: Vec<f32> = (0..features).map(|feature| 0.5 + (feature % 3) as f32).collect();
        let roots: Vec<f64> = weights.iter().map(|weight| f64::from(*weight).sqrt()).collect();
        let mean = Pca::fit(&rows, &weights, 1, THREADS).expect("in memory").mean;
        let direct = Covariance::of(&rows, &mean, &roots, THREADS).expect("in memory").eigenvectors(count);
        (components(&rows, samples, (&mean, &roots), count, THREADS).expect("in memory"), direct)
    }

    #[test]
    fn products_of_rows_tell_the_same_as_those_of_features() {
        for (features, samples) in [(60, 20), (61, 37), (150, 149), (700, 600)] {
            let (found, direct) = found(&rows(features, samples), features, 3);
            for (found, direct) in found.iter().zip(&direct) {
                assert!((dot(found, direct).abs() - 1.0).abs() < NEAR, "{samples} rows of {features}");
            }
        }
    }

    #[test]
    fn there_are_no_more_directions_than_rows() {
        // Three rows about their mean span a plane.
        let (found, _) = found(&rows(50, 3), 50, 5);
        let lengths: Vec<f64> = found.iter().map(|one| dot(one, one)).collect();
        assert_eq!(found.len(), 5);
        assert!(lengths[..2].iter().all(|length| (length - 1.0).abs() < NEAR), "{lengths:?}");
        assert_eq!(lengths[2..], [0.0; 3]);
    }

    #[test]
    fn neither_strips_nor_threads_change_anything() {
        // More features than a strip has with so many rows.
        let (features, samples) = (STRIP_VALUES / 300 + 1000, 300);
        let values: Vec<f32> = (0..features * samples).map(|index| ((index * 7919) % 10_007) as f32 / 5000.0).collect();
        let rows = Slice { values: &values, width: features };
        let weights = vec![1.0; features];
        let one = Pca::fit(&rows, &weights, 2, NonZeroUsize::MIN).expect("in memory");
        assert_eq!(one, Pca::fit(&rows, &weights, 2, THREADS).expect("in memory"));
    }
}
