//! Whether two codes of the same samples are the same code in other coordinates.
//!
//! What an autoencoder learns is at best determined up to an invertible map of its latent space: another seed gives a
//! code that is rotated, stretched or bent. Two measures compare codes in spite of that: how much of one an affine map of
//! the other explains, and linear centred kernel alignment.
//!
//! ```
//! use lumenfold::alignment::Alignment;
//! // Four samples of two coordinates, and the same ones turned by a right angle and moved.
//! let code = [0.0, 0.0, 1.0, 0.0, 2.0, 1.0, 0.0, 3.0];
//! let turned = [5.0, 0.0, 5.0, 1.0, 4.0, 2.0, 2.0, 0.0];
//! let alignment = Alignment::of(&code, 2, &turned, 2).expect("both vary");
//! assert!((alignment.affine_r2 - 1.0).abs() < 1e-9 && (alignment.cka - 1.0).abs() < 1e-9);
//! ```

use nalgebra::{DMatrix, SymmetricEigen};

/// Directions of a code whose variance is so small a share of the largest carry rounding only.
const NEGLIGIBLE: f64 = 1e-10;

/// How much alike two codes of the same samples are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alignment {
    /// The explained share R² of the best affine map by least squares, from the first code to the second and back: the
    /// lower of the two. R² is one minus the squared residuals over the squared deviations from the mean, both summed over
    /// all coordinates. 1: the codes tell the same, in other coordinates; 0: nothing of each other.
    pub affine_r2: f64,
    /// Linear centred kernel alignment |BᵀA|² / (|AᵀA| |BᵀB|) of the centred codes, in Frobenius norms (Kornblith, Norouzi,
    /// Lee and Hinton 2019, *Similarity of Neural Network Representations Revisited*, ICML, equation 5). It is 1 only if one
    /// code is a rotated, mirrored and scaled copy of the other.
    pub cka: f64,
}

impl Alignment {
    /// Compares two codes of as many samples each: `[samples][width]`.
    ///
    /// None where one of them does not vary, or holds a value that is no number.
    ///
    /// # Panics
    /// A width is zero, or the codes are of different numbers of samples.
    #[must_use]
    pub fn of(first: &[f32], first_width: usize, second: &[f32], second_width: usize) -> Option<Self> {
        let (first, second) = (Centred::of(first, first_width), Centred::of(second, second_width));
        assert_eq!(first.samples(), second.samples(), "the codes are of different numbers of samples");
        let (own, other) = (first.products(&first), second.products(&second));
        let crossed = first.products(&second);
        let norms = own.norm() * other.norm();
        let cka = crossed.norm_squared() / norms;
        let forward = explained(&own, &crossed, other.trace())?;
        let backward = explained(&other, &crossed.transpose(), own.trace())?;
        cka.is_finite().then_some(Self { affine_r2: forward.min(backward), cka })
    }
}

/// Columns of mean zero: `[samples][width]`.
struct Centred {
    values: Vec<f64>,
    width: usize,
}

impl Centred {
    fn of(code: &[f32], width: usize) -> Self {
        let samples = code.len() / width;
        let mut values: Vec<f64> = code.iter().map(|value| f64::from(*value)).collect();
        let mut mean = vec![0.0; width];
        for row in values.chunks_exact(width) {
            mean.iter_mut().zip(row).for_each(|(mean, value)| *mean += value);
        }
        mean.iter_mut().for_each(|mean| *mean /= samples.max(1) as f64);
        for row in values.chunks_exact_mut(width) {
            row.iter_mut().zip(&mean).for_each(|(value, mean)| *value -= mean);
        }
        Self { values, width }
    }

    fn samples(&self) -> usize {
        self.values.len() / self.width
    }

    /// Sums over the samples of the products of each own coordinate with each of the other's: `[width][width]`.
    fn products(&self, other: &Self) -> DMatrix<f64> {
        let mut sums = vec![0.0; self.width * other.width];
        for (own, others) in self.values.chunks_exact(self.width).zip(other.values.chunks_exact(other.width)) {
            for (own, sums) in own.iter().zip(sums.chunks_exact_mut(other.width)) {
                sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += own * other);
            }
        }
        DMatrix::from_row_slice(self.width, other.width, &sums)
    }
}

/// The share of a target's sum of squares `total` that a linear map of the predictors explains. `own` holds the products of
/// the predictors with each other, `crossed` those with the target's coordinates.
fn explained(own: &DMatrix<f64>, crossed: &DMatrix<f64>, total: f64) -> Option<f64> {
    // Each predictor in units of its own size, so that what is negligible does not depend on units.
    let sizes: Vec<f64> = own.diagonal().iter().map(|square| square.sqrt()).collect();
    let inverse = |size: f64| if size > 0.0 { 1.0 / size } else { 0.0 };
    let own = DMatrix::from_fn(own.nrows(), own.ncols(), |i, j| own[(i, j)] * inverse(sizes[i]) * inverse(sizes[j]));
    let crossed = DMatrix::from_fn(crossed.nrows(), crossed.ncols(), |i, j| crossed[(i, j)] * inverse(sizes[i]));
    if !(total > 0.0 && total.is_finite()) || own.iter().chain(&crossed).any(|value| !value.is_finite()) {
        return None;
    }
    let eigen = SymmetricEigen::new(own);
    let largest = eigen.eigenvalues.max();
    if largest <= 0.0 {
        return None;
    }
    let projected = eigen.eigenvectors.transpose() * crossed;
    let kept = eigen.eigenvalues.iter().zip(projected.row_iter()).filter(|(value, _)| **value > NEGLIGIBLE * largest);
    let sum: f64 = kept.map(|(value, row)| row.norm_squared() / value).sum();
    Some((sum / total).min(1.0))
}
