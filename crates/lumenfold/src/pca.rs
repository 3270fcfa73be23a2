//! Principal component analysis in `f64`: what every fit is compared with.
//!
//! The components minimise the same weighted squared error as the autoencoder's loss, in the same scaled units, so the
//! comparison is with the best *linear* code of the same length; Jolliffe, *Principal Component Analysis* (2002),
//! section 3.5.
//!
//! Few features: their covariance is formed and diagonalised, or multiplied with vectors. Fewer rows than features: the
//! products of the rows tell the same (`gram`). Many of both: passes over the rows.

mod gram;

use std::num::NonZeroUsize;

use lumenfold_data::{DataError, RowSource};
use nalgebra::{DMatrix, SymmetricEigen};

use crate::linear::{add_products, dot};
use crate::parallel::in_order;

/// Up to so many features the covariance matrix is formed; beyond it, its products with vectors are.
const FORMED_FEATURES: usize = 4096;

/// Up to so many features it is diagonalised; beyond it, only the leading components are found by subspace iteration.
const DIRECT_FEATURES: usize = 192;

/// Values that are centred at a time.
const CENTRED_VALUES: usize = 1 << 20;

/// Rounds of the subspace iteration where each is a pass over the rows, and where it is a product with a matrix; the
/// vectors carried beyond the components that are wanted (Halko, Martinsson and Tropp 2011, SIAM Review 53, 217, algorithm
/// 4.4).
const ROUNDS: usize = 12;
const FORMED_ROUNDS: usize = 40;
const EXTRA: usize = 8;

/// Mean, weights and leading directions.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    mean: Vec<f64>,
    roots: Vec<f64>,
    // Orthonormal rows: [components][features].
    components: Vec<Vec<f64>>,
}

impl Pca {
    /// Fits `count` components (or as many as there are features) to rows with one weight for each feature. A few passes
    /// over the rows, in their order.
    ///
    /// # Errors
    /// Those of reading the rows.
    pub fn fit(
        rows: &impl RowSource<f32>,
        weights: &[f32],
        count: usize,
        threads: NonZeroUsize,
    ) -> Result<Self, DataError> {
        let features = weights.len();
        let roots: Vec<f64> = weights.iter().map(|weight| f64::from(*weight).sqrt()).collect();
        let mut mean = vec![0.0; features];
        let mut samples = 0_u32;
        each(rows, |row| {
            samples += 1;
            mean.iter_mut().zip(row).for_each(|(mean, value)| *mean += f64::from(*value));
        })?;
        mean.iter_mut().for_each(|mean| *mean /= f64::from(samples.max(1)));
        let count = count.min(features);
        let components = if gram::suits(samples as usize, features) {
            gram::components(rows, samples as usize, (&mean, &roots), count, threads)?
        } else if features <= FORMED_FEATURES {
            let covariance = Covariance::of(rows, &mean, &roots, threads)?;
            if features <= DIRECT_FEATURES {
                covariance.eigenvectors(count)
            } else {
                by_iteration(features, count, FORMED_ROUNDS, |vectors| Ok(covariance.times(vectors, threads)))?
            }
        } else {
            by_iteration(features, count, ROUNDS, |vectors| covariance_times(rows, &mean, &roots, vectors))?
        };
        Ok(Self { mean, roots, components })
    }

    /// Components that were found.
    #[must_use]
    pub fn components(&self) -> usize {
        self.components.len()
    }

    /// The components, unit vectors in scaled units times the roots of the weights, the one of largest variance first.
    pub fn directions(&self) -> impl Iterator<Item = &[f64]> {
        self.components.iter().map(Vec::as_slice)
    }

    /// The mean of the rows, in scaled units.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The loss on some rows with none, one, two, … of the components: what they leave of the weighed squares, the mean over
    /// rows and features. Every component leaves less of every row than the one before it, or as much.
    ///
    /// # Errors
    /// Those of reading the rows.
    pub fn losses(&self, rows: &impl RowSource<f32>) -> Result<Vec<f64>, DataError> {
        let mut sums = vec![0.0; self.components.len() + 1];
        let mut centred = vec![0.0; self.mean.len()];
        let mut samples = 0_usize;
        each(rows, |row| {
            samples += 1;
            centre(row, &self.mean, &self.roots, &mut centred);
            let mut left = dot(&centred, &centred);
            sums[0] += left;
            for (component, sum) in self.components.iter().zip(&mut sums[1..]) {
                left = (left - dot(component, &centred).powi(2)).max(0.0);
                *sum += left;
            }
        })?;
        let values = (samples * self.mean.len()).max(1) as f64;
        Ok(sums.into_iter().map(|sum| sum / values).collect())
    }

    /// The scores of a row on all components, in scaled units times the roots of the weights.
    #[must_use]
    pub fn scores(&self, row: &[f32]) -> Vec<f64> {
        let mut centred = vec![0.0; row.len()];
        centre(row, &self.mean, &self.roots, &mut centred);
        self.components.iter().map(|component| dot(component, &centred)).collect()
    }

    /// The row as `count` components reconstruct it.
    pub fn reconstruct(&self, count: usize, row: &[f32], output: &mut [f32]) {
        let mut centred = vec![0.0; row.len()];
        centre(row, &self.mean, &self.roots, &mut centred);
        let mut sum = vec![0.0; row.len()];
        for component in self.components.iter().take(count) {
            let score = dot(component, &centred);
            sum.iter_mut().zip(component).for_each(|(sum, value)| *sum += score * value);
        }
        for (index, output) in output.iter_mut().enumerate() {
            let root = self.roots[index];
            *output = (self.mean[index] + if root > 0.0 { sum[index] / root } else { 0.0 }) as f32;
        }
    }
}

/// Sets `centred` to the row without the mean, weighed.
fn centre(row: &[f32], mean: &[f64], roots: &[f64], centred: &mut [f64]) {
    for ((centred, value), (mean, root)) in centred.iter_mut().zip(row).zip(mean.iter().zip(roots)) {
        *centred = (f64::from(*value) - mean) * root;
    }
}

/// Calls `visit` with each row.
fn each(rows: &impl RowSource<f32>, mut visit: impl FnMut(&[f32])) -> Result<(), DataError> {
    rows.pass(|block| {
        block.chunks_exact(rows.width().max(1)).for_each(&mut visit);
        Ok(())
    })
}

/// The covariance matrix, but for the number of rows.
struct Covariance {
    features: usize,
    // [features][features]
    sums: Vec<f64>,
}

impl Covariance {
    /// A pass over the rows; threads share the features.
    fn of(rows: &impl RowSource<f32>, mean: &[f64], roots: &[f64], threads: NonZeroUsize) -> Result<Self, DataError> {
        let features = mean.len();
        let mut covariance = Self { features, sums: vec![0.0; features * features] };
        let mut centred = Vec::new();
        rows.pass(|block| {
            for block in block.chunks((CENTRED_VALUES / features).max(1) * features) {
                centred.resize(block.len(), 0.0);
                for (row, centred) in block.chunks_exact(features).zip(centred.chunks_exact_mut(features)) {
                    centre(row, mean, roots, centred);
                }
                covariance.add(&centred, threads);
            }
            Ok::<_, DataError>(())
        })?;
        covariance.mirror();
        Ok(covariance)
    }

    /// Adds the products of the features of some rows, on and above the diagonal: `[rows][features]`.
    fn add(&mut self, centred: &[f64], threads: NonZeroUsize) {
        let features = self.features;
        // A feature meets those from itself on: the first ones have most to do.
        let cut = |part: usize| {
            let left = 1.0 - part as f64 / threads.get() as f64;
            features - (features as f64 * left.sqrt()).round() as usize
        };
        std::thread::scope(|scope| {
            let mut left = &mut self.sums[..];
            for range in (0..threads.get()).map(|part| cut(part)..cut(part + 1)).filter(|range| !range.is_empty()) {
                let (own, rest) = left.split_at_mut(range.len() * features);
                left = rest;
                scope.spawn(move || add_products(centred, features, range, own));
            }
        });
    }

    /// Fills in what is below the diagonal.
    fn mirror(&mut self) {
        for row in 0..self.features {
            for column in 0..row {
                self.sums[row * self.features + column] = self.sums[column * self.features + row];
            }
        }
    }

    /// Eigenvectors, largest eigenvalue first.
    fn eigenvectors(self, count: usize) -> Vec<Vec<f64>> {
        let eigen = SymmetricEigen::new(DMatrix::from_vec(self.features, self.features, self.sums));
        let mut order: Vec<usize> = (0..self.features).collect();
        order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
        let vector = |index| eigen.eigenvectors.column(index).iter().copied().collect();
        order.into_iter().take(count).map(vector).collect()
    }

    /// Products with vectors; threads share these.
    fn times(&self, vectors: &[Vec<f64>], threads: NonZeroUsize) -> Vec<Vec<f64>> {
        let parts: Vec<&[Vec<f64>]> = vectors.chunks(vectors.len().div_ceil(threads.get()).max(1)).collect();
        let images = in_order(parts.len(), threads, |part| {
            let mut images = vec![vec![0.0; self.features]; parts[part].len()];
            // A row of the matrix stays near while all vectors meet it.
            for (row, matrix) in self.sums.chunks_exact(self.features).enumerate() {
                for (vector, image) in parts[part].iter().zip(&mut images) {
                    image[row] = dot(matrix, vector);
                }
            }
            images
        });
        images.concat()
    }
}

/// The leading eigenvectors of the covariance matrix by repeated products `times` it.
pub(crate) fn by_iteration<E>(
    features: usize,
    count: usize,
    rounds: usize,
    times: impl Fn(&[Vec<f64>]) -> Result<Vec<Vec<f64>>, E>,
) -> Result<Vec<Vec<f64>>, E> {
    let carried = (count + EXTRA).min(features);
    // Any start that is in general position will do: a fixed one keeps results reproducible.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut vectors: Vec<Vec<f64>> = (0..carried)
        .map(|_| {
            (0..features)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
                })
                .collect()
        })
        .collect();
    orthonormalise(&mut vectors);
    for _ in 0..rounds {
        vectors = times(&vectors)?;
        orthonormalise(&mut vectors);
    }
    // Within the subspace, the small problem is solved directly (Rayleigh and Ritz).
    let images = times(&vectors)?;
    let small = DMatrix::from_fn(carried, carried, |row, column| dot(&vectors[row], &images[column]));
    let small = (&small + small.transpose()) * 0.5;
    let eigen = SymmetricEigen::new(small);
    let mut order: Vec<usize> = (0..carried).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let component = |index| {
        let mut component = vec![0.0; features];
        for (vector, factor) in vectors.iter().zip(eigen.eigenvectors.column(index).iter()) {
            component.iter_mut().zip(vector).for_each(|(sum, value)| *sum += factor * value);
        }
        component
    };
    Ok(order.into_iter().take(count).map(component).collect())
}

fn covariance_times(
    rows: &impl RowSource<f32>,
    mean: &[f64],
    roots: &[f64],
    vectors: &[Vec<f64>],
) -> Result<Vec<Vec<f64>>, DataError> {
    let features = mean.len();
    let mut images = vec![vec![0.0; features]; vectors.len()];
    let mut centred = vec![0.0; features];
    each(rows, |row| {
        centre(row, mean, roots, &mut centred);
        for (vector, image) in vectors.iter().zip(&mut images) {
            let score = dot(vector, &centred);
            image.iter_mut().zip(&centred).for_each(|(sum, value)| *sum += score * value);
        }
    })?;
    Ok(images)
}

/// Gram and Schmidt, twice, which is enough (Giraud et al. 2005). Vectors that vanish become zero.
fn orthonormalise(vectors: &mut [Vec<f64>]) {
    for index in 0..vectors.len() {
        let (before, rest) = vectors.split_at_mut(index);
        let vector = &mut rest[0];
        let length = dot(vector, vector).sqrt();
        for _ in 0..2 {
            for other in before.iter() {
                let overlap = dot(other, vector);
                vector.iter_mut().zip(other).for_each(|(value, other)| *value -= overlap * other);
            }
        }
        let left = dot(vector, vector).sqrt();
        let factor = if left > 1e-12 * length && left > 0.0 { 1.0 / left } else { 0.0 };
        vector.iter_mut().for_each(|value| *value *= factor);
    }
}

#[cfg(test)]
mod tests {
    use lumenfold_data::Slice;

    use super::*;

    pub(super) const THREADS: NonZeroUsize = NonZeroUsize::new(3).expect("not zero");

    pub(super) fn source(values: &[f32], width: usize) -> Slice<'_, f32> {
        Slice { values, width }
    }

    pub(super) fn rows(features: usize, samples: usize) -> Vec<f32> {
        let mut state = 7_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f32 / 8_388_608.0 - 1.0
        };
        let mut rows = Vec::new();
        for _ in 0..samples {
            let (a, b, c) = (next() * 5.0, next() * 2.0, next());
            for feature in 0..features {
                let x = feature as f32 / features as f32;
                rows.push(a * (3.0 * x).sin() + b * (5.0 * x).cos() + c * x * x + 0.01 * next());
            }
        }
        rows
    }

    fn error(pca: &Pca, count: usize, rows: &[f32], features: usize) -> f64 {
        let mut output = vec![0.0; features];
        let mut sum = 0.0;
        for row in rows.chunks_exact(features) {
            pca.reconstruct(count, row, &mut output);
            sum += row.iter().zip(&output).map(|(x, y)| f64::from(x - y).powi(2)).sum::<f64>();
        }
        sum
    }

    #[test]
    fn more_components_never_reconstruct_worse_and_all_of_them_reconstruct_exactly() {
        let rows = rows(6, 300);
        let pca = Pca::fit(&source(&rows, 6), &[1.0, 2.0, 0.5, 1.0, 3.0, 1.0], 6, THREADS).expect("in memory");
        let errors: Vec<f64> = (0..=6).map(|count| error(&pca, count, &rows, 6)).collect();
        assert!(errors.windows(2).all(|pair| pair[1] <= pair[0] * 1.5), "{errors:?}");
        assert!(errors[6] < 1e-8 * errors[0], "{errors:?}");
    }

    #[test]
    fn the_iteration_finds_what_the_direct_solution_finds() {
        let rows = rows(40, 500);
        let rows = source(&rows, 40);
        let (mean, roots) = (Pca::fit(&rows, &[1.0; 40], 1, THREADS).expect("in memory").mean, vec![1.0; 40]);
        let formed = Covariance::of(&rows, &mean, &roots, THREADS).expect("in memory");
        let found = [
            by_iteration(40, 3, ROUNDS, |vectors| covariance_times(&rows, &mean, &roots, vectors)),
            by_iteration(40, 3, FORMED_ROUNDS, |vectors| Ok(formed.times(vectors, THREADS))),
        ];
        let exact = formed.eigenvectors(3);
        for found in found {
            for (found, exact) in found.expect("in memory").iter().zip(&exact) {
                assert!((dot(found, exact).abs() - 1.0).abs() < 1e-8);
            }
        }
    }

    #[test]
    fn threads_change_no_bit() {
        let rows = rows(200, 300);
        let fit = |threads| Pca::fit(&source(&rows, 200), &[1.0; 200], 5, threads).expect("in memory");
        assert_eq!(fit(NonZeroUsize::MIN), fit(THREADS));
    }

    #[test]
    fn losses_are_those_of_the_reconstructions() {
        let rows = rows(6, 300);
        let weights = [1.0, 2.0, 0.5, 1.0, 3.0, 1.0];
        let pca = Pca::fit(&source(&rows, 6), &weights, 4, THREADS).expect("in memory");
        let losses = pca.losses(&source(&rows, 6)).expect("in memory");
        assert_eq!(losses.len(), 5);
        let mut output = [0.0; 6];
        for (count, loss) in losses.into_iter().enumerate() {
            let mut sum = 0.0;
            for row in rows.chunks_exact(6) {
                pca.reconstruct(count, row, &mut output);
                let squares = row.iter().zip(output).zip(weights);
                sum += squares.map(|((x, y), weight)| f64::from(weight) * f64::from(x - y).powi(2)).sum::<f64>();
            }
            assert!((loss / (sum / 1800.0) - 1.0).abs() < 1e-4, "{count}: {loss} {sum}");
        }
    }

    #[test]
    fn wide_rows_are_handled() {
        let rows = rows(400, 60);
        let pca = Pca::fit(&source(&rows, 400), &[1.0; 400], 3, THREADS).expect("in memory");
        assert!(error(&pca, 3, &rows, 400) < 1e-3 * error(&pca, 0, &rows, 400));
    }
}
