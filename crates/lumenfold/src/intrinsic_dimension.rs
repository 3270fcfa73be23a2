//! How many numbers tell where a sample is, as far as the distances between samples say: the intrinsic dimension.
//!
//! Two estimators look at the nearest neighbours of each sample. Within a small ball, samples on a surface of dimension d
//! lie as evenly as in d-dimensional space, whatever the number of features; the number of neighbours grows as the d-th
//! power of the distance.
//!
//! - TwoNN (Facco, d'Errico, Rodriguez and Laio 2017, *Scientific Reports* 7, 12140): the ratio μ of the distances to the
//!   second and the first neighbour has the distribution F(μ) = 1 - μ⁻ᵈ, so d is the slope of -log(1 - F) against log μ,
//!   through the origin, for the nine tenths of the samples with the smallest ratios.
//! - The maximum-likelihood estimator of Levina and Bickel (2004, *NIPS* 17, equation 8) from the distances T_j to the k
//!   nearest neighbours, with the correction of MacKay and Ghahramani (2005): it is the inverses that are averaged over the
//!   samples, 1/d = mean of 1/(k - 1) Σ_{j<k} log(T_k / T_j). The estimates for k from 10 to 20 are averaged, as Levina and
//!   Bickel do.
//!
//! Noise fills every direction and raises both at distances below its size; few samples in many dimensions lower them. The
//! error is that of the draw of the samples only: the deviation of the estimate in random halves of them, which for halves is
//! the standard error of the whole (the delete-d jackknife of Shao and Wu 1989, *Annals of Statistics* 17, 1176).
//!
//! ```
//! use std::num::NonZeroUsize;
//! use lumenfold::intrinsic_dimension::IntrinsicDimension;
//! // A line in space.
//! let mut state = 1_u64;
//! let mut next = || {
//!     state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
//!     (state >> 40) as f32 / 16_777_216.0
//! };
//! let line: Vec<f32> = (0..500).flat_map(|_| { let t = next(); [t, 2.0 * t, -t] }).collect();
//! let found = IntrinsicDimension::of(&line, 3, 0, NonZeroUsize::MIN).expect("500 points are enough");
//! assert!((found.two_nn.value - 1.0).abs() < 0.15 && (found.maximum_likelihood.value - 1.0).abs() < 0.1);
//! ```

mod neighbours;

use std::collections::HashSet;
use std::num::NonZeroUsize;

use lumenfold_data::permutation;
use neighbours::Neighbours;

/// Rows that are looked at, at most.
pub const MOST_ROWS: usize = 5000;

/// The fewest samples without a twin that an estimate is made of: twice as many as the neighbours that are looked at.
pub const FEWEST_ROWS: usize = 2 * MOST_NEIGHBOURS + 2;

/// Values whose differences are squared at most: of very wide rows, fewer are looked at.
const MOST_DIFFERENCES: f64 = 2e10;

/// The numbers of neighbours of the maximum-likelihood estimator.
const FEWEST_NEIGHBOURS: usize = 10;
const MOST_NEIGHBOURS: usize = 20;

/// Share of the ratios, the largest, that TwoNN leaves out.
const LEFT_OUT: f64 = 0.1;

/// Random halves that the error is told from.
const HALVES: u64 = 20;

/// The streams of [`permutation`] that choose rows and halves.
const ROWS_STREAM: u64 = 1 << 61;
const HALVES_STREAM: u64 = ROWS_STREAM + 1;

/// An estimate and its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The dimension.
    pub value: f64,
    /// Its deviation in random halves of the samples.
    pub error: f64,
}

/// The intrinsic dimension of some samples, by two estimators.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntrinsicDimension {
    /// Samples that were looked at.
    pub rows: usize,
    /// By the ratio of the distances to the two nearest neighbours.
    pub two_nn: Estimate,
    /// By maximum likelihood, from ten to twenty neighbours.
    pub maximum_likelihood: Estimate,
}

impl IntrinsicDimension {
    /// Estimates the dimension of rows `[rows][width]`, of [`MOST_ROWS`] at most, drawn by the seed. The metric is that of the
    /// values as they are: scale them before.
    ///
    /// Of samples with the same values one is looked at. None where fewer than [`FEWEST_ROWS`] are left.
    ///
    /// # Panics
    /// The width is zero.
    #[must_use]
    pub fn of(rows: &[f32], width: usize, seed: u64, threads: NonZeroUsize) -> Option<Self> {
        let chosen = chosen(rows, width, seed);
        let neighbours = Neighbours::of(&chosen, width, threads);
        let count = neighbours.rows();
        if count < FEWEST_ROWS {
            return None;
        }
        let all = vec![true; count];
        let whole = [two_nn(&neighbours, &all)?, maximum_likelihood(&neighbours, &all)?];
        let mut squares = [0.0; 2];
        for half in 0..HALVES {
            let mut within = vec![false; count];
            let drawn = permutation(count, seed, HALVES_STREAM + half);
            drawn[..count / 2].iter().for_each(|row| within[*row as usize] = true);
            let part = [two_nn(&neighbours, &within)?, maximum_likelihood(&neighbours, &within)?];
            (0..2).for_each(|index| squares[index] += (part[index] - whole[index]).powi(2));
        }
        let estimate = |index: usize| Estimate { value: whole[index], error: (squares[index] / HALVES as f64).sqrt() };
        Some(Self { rows: count, two_nn: estimate(0), maximum_likelihood: estimate(1) })
    }

    /// The lowest and the highest dimension that either estimate allows, one error to both sides.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        let estimates = [self.two_nn, self.maximum_likelihood];
        let low = estimates.iter().map(|estimate| estimate.value - estimate.error).fold(f64::INFINITY, f64::min);
        let high = estimates.iter().map(|estimate| estimate.value + estimate.error).fold(0.0, f64::max);
        (low.max(0.0), high)
    }
}

/// The rows that are looked at: each set of values once, few enough, in units of the largest value.
fn chosen(rows: &[f32], width: usize, seed: u64) -> Vec<f32> {
    let most = ((MOST_DIFFERENCES / width as f64).sqrt() as usize).min(MOST_ROWS);
    let count = rows.len() / width;
    let largest = rows.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let factor = if largest > 0.0 && largest.is_finite() { 1.0 / largest } else { 1.0 };
    let mut seen = HashSet::new();
    let mut chosen = Vec::new();
    for row in permutation(count, seed, ROWS_STREAM).into_iter().map(|row| row as usize) {
        if seen.len() == most {
            break;
        }
        // Adding zero makes one zero of the two.
        let row: Vec<f32> = rows[row * width..(row + 1) * width].iter().map(|value| value * factor + 0.0).collect();
        if seen.insert(row.iter().map(|value| value.to_bits()).collect::<Vec<_>>()) {
            chosen.extend(row);
        }
    }
    chosen
}

/// The estimate from the two nearest neighbours, among the samples `within` (one flag for each).
fn two_nn(neighbours: &Neighbours, within: &[bool]) -> Option<f64> {
    let mut logarithms: Vec<f64> = Vec::new();
    neighbours.each(within, 2, |distances| logarithms.push(libm::log(distances[1] / distances[0])));
    logarithms.sort_by(f64::total_cmp);
    let all = logarithms.len();
    let kept = (all as f64 * (1.0 - LEFT_OUT)) as usize;
    let (mut products, mut squares) = (0.0, 0.0);
    for (index, logarithm) in logarithms[..kept].iter().enumerate() {
        let empirical = (index + 1) as f64 / all as f64;
        products -= logarithm * libm::log(1.0 - empirical);
        squares += logarithm * logarithm;
    }
    number(products / squares)
}

/// The estimate by maximum likelihood, among the samples `within`.
fn maximum_likelihood(neighbours: &Neighbours, within: &[bool]) -> Option<f64> {
    let mut inverses = [0.0; MOST_NEIGHBOURS - FEWEST_NEIGHBOURS + 1];
    let mut count = 0.0;
    neighbours.each(within, MOST_NEIGHBOURS, |distances| {
        let logarithms: Vec<f64> = distances.iter().map(|distance| libm::log(*distance)).collect();
        for (k, inverse) in (FEWEST_NEIGHBOURS..=MOST_NEIGHBOURS).zip(&mut inverses) {
            let sum: f64 = logarithms[..k - 1].iter().map(|logarithm| logarithms[k - 1] - logarithm).sum();
            *inverse += sum / (k - 1) as f64;
        }
        count += 1.0;
    });
    number(inverses.iter().map(|sum| count / sum).sum::<f64>() / inverses.len() as f64)
}

fn number(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
