//! The leading directions of many long rows, from the products of the rows with each other; see `pca::gram`.
//!
//! Here there are hundreds of directions and thousands of rows, so products are formed in single precision by the
//! engine, strip by strip of features, and summed in double. That the directions are not exactly those of largest
//! variance costs nothing: they only have to hold the rows, and to be orthonormal, which the last step makes them.

use std::num::NonZeroUsize;

use nalgebra::DMatrix;

use super::products::{products, strip, turned};
use super::{Components, STRIP};
use crate::Error;
use crate::linear::add_products;
use crate::parallel::in_order;
use crate::pca::by_iteration;

/// Rows whose products with all rows behind them are formed together.
const BLOCK: usize = 1024;

/// Products of the iteration with the matrix.
const ROUNDS: usize = 3;

/// A direction with less than this share of the largest variance drowns in the rounding of single precision.
const LEAST_SHARE: f64 = 1e-6;

impl Components {
    /// The leading `count` directions of rows in scaled units. Afterwards the rows are without their
    /// mean, and weighed: `[rows][features]`.
    pub(super) fn of(
        rows: &mut [f32],
        loss_weights: &[f32],
        count: usize,
        threads: NonZeroUsize,
    ) -> Result<Self, Error> {
        let features = loss_weights.len();
        let samples = rows.len() / features;
        let mut mean = vec![0.0; features];
        for row in rows.chunks_exact(features) {
            mean.iter_mut().zip(row).for_each(|(mean, value)| *mean += f64::from(*value));
        }
        mean.iter_mut().for_each(|mean| *mean /= samples as f64);
        let roots = loss_weights.iter().map(|weight| f64::from(*weight).sqrt()).collect();
        let mut components = Self { mean, roots, directions: Vec::new(), count, scale: 1.0 };
        components.centre(rows, threads);

        let matrix = products_of_rows(rows, features, threads)?;
        let vectors = by_iteration(samples, count, ROUNDS, |vectors| {
            let flat: Vec<f32> = vectors.iter().flatten().map(|value| *value as f32).collect();
            let images = products(&flat, &matrix, samples, threads)?;
            Ok::<_, Error>(
                images.chunks_exact(samples).map(|image| image.iter().map(|v| f64::from(*v)).collect()).collect(),
            )
        })?;
        drop(matrix);
        let (mut squares, mut directions) = (vec![0.0; vectors.len()], Vec::with_capacity(features * vectors.len()));
        let flat: Vec<f32> = vectors.iter().flatten().map(|value| *value as f32).collect();
        for first in (0..features).step_by(STRIP) {
            let part = first..features.min(first + STRIP);
            let columns = turned(&strip(rows, features, part.clone()), part.len());
            directions.extend(products(&columns, &flat, samples, threads)?);
        }
        for direction in directions.chunks_exact(vectors.len()) {
            squares.iter_mut().zip(direction).for_each(|(sum, value)| *sum += f64::from(*value).powi(2));
        }
        let least = LEAST_SHARE * squares.iter().copied().fold(0.0, f64::max);
        // A direction that the rows do not have is zero, and so is every score of it.
        let factors: Vec<f64> =
            squares.iter().map(|square| if *square > least { 1.0 / square.sqrt() } else { 0.0 }).collect();
        for direction in directions.chunks_exact_mut(factors.len()) {
            direction.iter_mut().zip(&factors).for_each(|(value, factor)| *value = (f64::from(*value) * factor) as f32);
        }
        components.directions = directions;
        components.orthonormalise(threads)?;
        let scores = components.scores(rows, threads)?;
        let square = scores.iter().map(|score| score * score).sum::<f64>() / scores.len().max(1) as f64;
        components.scale = if square > 0.0 { square.sqrt() } else { 1.0 };
        Ok(components)
    }

    /// Makes the directions, which are nearly orthonormal, orthonormal: with VᵀV = L Lᵀ, V L⁻ᵀ is.
    fn orthonormalise(&mut self, threads: NonZeroUsize) -> Result<(), Error> {
        let count = self.count;
        let wide: Vec<f64> = self.directions.iter().map(|value| f64::from(*value)).collect();
        // Threads share the rows of the matrix.
        let share = count.div_ceil(threads.get()).max(1);
        let sums = in_order(count.div_ceil(share), threads, |part| {
            let range = part * share..count.min((part + 1) * share);
            let mut sums = vec![0.0; range.len() * count];
            add_products(&wide, count, range, &mut sums);
            sums
        });
        drop(wide);
        let sums = sums.concat();
        let entry = |row: usize, column: usize| match sums[row.min(column) * count + row.max(column)] {
            0.0 if row == column => 1.0,
            product => product,
        };
        let matrix = DMatrix::from_fn(count, count, entry);
        let inverse = matrix.cholesky().and_then(|factors| factors.l().try_inverse());
        // They are orthonormal to some digits; where rounding forbids more, that has to do.
        if let Some(inverse) = inverse {
            let weights: Vec<f32> = inverse.transpose().iter().map(|value| *value as f32).collect();
            self.directions = products(&self.directions, &weights, count, threads)?;
        }
        Ok(())
    }
}

/// The products of rows with each other: `[rows][rows]`.
fn products_of_rows(rows: &[f32], features: usize, threads: NonZeroUsize) -> Result<Vec<f32>, Error> {
    let samples = rows.len() / features;
    let mut sums = vec![0.0_f64; samples * samples];
    for first in (0..features).step_by(STRIP) {
        let part = first..features.min(first + STRIP);
        let values = strip(rows, features, part.clone());
        for begin in (0..samples).step_by(BLOCK) {
            let end = samples.min(begin + BLOCK);
            // Those before have met these rows already.
            let (own, behind) = (&values[begin * part.len()..end * part.len()], &values[begin * part.len()..]);
            let found = products(own, behind, part.len(), threads)?;
            let width = samples - begin;
            for (row, found) in (begin..end).zip(found.chunks_exact(width)) {
                let sums = &mut sums[row * samples + begin..(row + 1) * samples];
                sums.iter_mut().zip(found).for_each(|(sum, more)| *sum += f64::from(*more));
            }
        }
    }
    let entry = |at: usize| {
        let (row, column) = (at / samples, at % samples);
        sums[row.min(column) * samples + row.max(column)] as f32
    };
    Ok((0..samples * samples).map(entry).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What single precision leaves of zero and one.
    const NEAR: f64 = 1e-5;

    #[test]
    fn directions_are_orthonormal_and_hold_the_rows() {
        let threads = NonZeroUsize::new(2).expect("not zero");
        for (samples, features, count) in [(40, 24, 24), (12, 24, 11), (300, 90, 90), (60, 5000, 20)] {
            // Smooth lines, whose variances fall by orders of magnitude.
            let value = |sample: usize, feature: usize| {
                let (centre, x) = (sample as f64 / samples as f64, feature as f64 / features as f64);
                (libm::exp(-20.0 * (x - centre) * (x - centre)) * 3.0 - 0.7) as f32
            };
            let mut rows: Vec<f32> = (0..samples * features).map(|at| value(at / features, at % features)).collect();
            let found = Components::of(&mut rows, &vec![1.0; features], count, threads).expect("in memory");
            for one in 0..count {
                for other in 0..count {
                    let product: f64 = found
                        .directions
                        .chunks_exact(count)
                        .map(|direction| f64::from(direction[one]) * f64::from(direction[other]))
                        .sum();
                    let is_there = found.directions[one..].iter().step_by(count).any(|value| *value != 0.0);
                    let expected = if one == other && is_there { 1.0 } else { 0.0 };
                    assert!((product - expected).abs() < NEAR, "{samples} × {features}: {one}, {other}: {product}");
                }
            }
            let scores = found.scores(&rows, threads).expect("in memory");
            assert!(found.left(&rows, &scores) < NEAR, "{}", found.left(&rows, &scores));
        }
    }
}
