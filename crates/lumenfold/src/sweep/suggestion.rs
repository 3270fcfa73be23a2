//! Which of several latent dimensions is enough.
//!
//! The reconstruction error falls with every latent, even where there is nothing left but noise: a code of as many numbers
//! as features copies its input, noise and all. So the lowest error is no guide, and neither is a test of whether a larger
//! dimension is better at all. **The smallest dimension k is suggested for which no larger one, k', is worth its latents.** It is
//! worth them if both hold:
//!
//! 1. It matters: k' explains more of the held-out variance than k by more than a tolerance, one per cent by default.
//! 2. It is more than noise would give, by more than one standard error:
//!
//! ```text
//! L(k) · (D - k') / (D - k) - L(k') > standard error of the left side
//! ```
//!
//! with D features and the median loss L of the seeds. The first term is the loss that k' would have if what k leaves were
//! noise without structure, equal in all of the D - k directions that are left: each further latent takes away an equal share.
//! That the rest is of this kind is what Bartlett (1950, *British Journal of Psychology* 3, 77) tests of the last eigenvalues
//! of a covariance matrix, and the noise of probabilistic PCA (Tipping and Bishop 1999, *Journal of the Royal Statistical
//! Society B* 61, 611). Where noise differs from feature to feature in the units of the loss, its largest parts look like
//! structure to the second condition; the first is then what ends the search.
//!
//! One standard error is the margin of Breiman, Friedman, Olshen and Stone (1984) and of Hastie, Tibshirani and Friedman
//! (*The Elements of Statistical Learning*, section 7.10): the simplest model within it is taken. Its square has two parts:
//! that of the mean of the difference over the held-out rows, row by row, between the fits of median loss, since the same
//! rows are easy or hard for both; and that of the two medians over the seeds, 1.2533 · 1.4826 · (median absolute deviation)
//! / √seeds, as of a normal distribution.

use crate::order_statistics::{mean, median};

/// A dimension and how well it did.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The latent dimension.
    pub latent: usize,
    /// The held-out loss of each seed.
    pub losses: &'a [f64],
    /// The median share of the held-out variance that it explains.
    pub explained: f64,
    /// The loss of each held-out row in the fit of median loss: the same rows for every candidate, or none.
    pub row_losses: &'a [f32],
}

/// The standard error of a median in units of that of a mean, and a normal distribution's deviation in units of its median
/// absolute deviation.
const MEDIAN_ERROR: f64 = 1.2533;
const NORMAL_DEVIATION: f64 = 1.4826;

/// A share of the loss that is rounding.
const ROUNDING: f64 = 1e-9;

/// The place of the smallest dimension that is enough, of candidates in ascending order, for data of so many features.
/// `tolerance` is a share of the variance that is not worth a latent. None of none.
///
/// ```
/// use lumenfold::sweep::{Candidate, suggest};
/// // Of ten features, one latent tells a third, two nearly all; what is left falls by an eighth, then a seventh.
/// let candidate = |(latent, losses): (usize, &'static [f64; 1])| {
///     Candidate { latent, losses, explained: 1.0 - losses[0], row_losses: &[] }
/// };
/// const LOSSES: [[f64; 1]; 4] = [[0.3], [0.08], [0.071], [0.0615]];
/// let candidates: Vec<Candidate> = (1..).zip(&LOSSES).map(candidate).collect();
/// assert_eq!(suggest(&candidates, 10, 0.01), Some(1));
/// ```
#[must_use]
pub fn suggest(candidates: &[Candidate<'_>], features: usize, tolerance: f64) -> Option<usize> {
    let enough = |place: &usize| {
        let (small, larger) = (&candidates[*place], &candidates[place + 1..]);
        !larger.iter().any(|larger| is_worth_it(small, larger, features, tolerance))
    };
    (0..candidates.len()).find(enough)
}

/// Whether the larger dimension is better by so much that it matters, and by more than its share.
fn is_worth_it(small: &Candidate<'_>, large: &Candidate<'_>, features: usize, tolerance: f64) -> bool {
    if small.latent >= features || large.explained - small.explained <= tolerance {
        return false;
    }
    let left = features.saturating_sub(large.latent) as f64 / (features - small.latent) as f64;
    let excess = left * median(small.losses) - median(large.losses);
    let of_seeds = (left * error_of_median(small.losses)).powi(2) + error_of_median(large.losses).powi(2);
    let pairs = small.row_losses.iter().zip(large.row_losses);
    let differences: Vec<f64> = pairs.map(|(small, large)| left * f64::from(*small) - f64::from(*large)).collect();
    excess > (of_seeds + square_error_of_mean(&differences)).sqrt() + ROUNDING * median(small.losses)
}

/// The standard error of the median of normally distributed values; zero of one.
fn error_of_median(values: &[f64]) -> f64 {
    let middle = median(values);
    let deviations: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    MEDIAN_ERROR * NORMAL_DEVIATION * median(&deviations) / (values.len() as f64).sqrt()
}

/// The square of the standard error of the mean; zero of fewer than two values.
fn square_error_of_mean(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    if values.len() < 2 {
        return 0.0;
    }
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0) / count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The suggestion for losses of dimensions 1, 2, 3, … with one seed.
    fn of(losses: &[f64], features: usize) -> Option<usize> {
        of_tolerance(losses, features, 0.0)
    }

    fn of_tolerance(losses: &[f64], features: usize, tolerance: f64) -> Option<usize> {
        let losses: Vec<[f64; 1]> = losses.iter().map(|loss| [*loss]).collect();
        let candidates: Vec<_> = (1..).zip(&losses).map(|(latent, losses)| candidate(latent, losses, &[])).collect();
        suggest(&candidates, features, tolerance).map(|place| place + 1)
    }

    /// Of data whose variance is one.
    fn candidate<'a>(latent: usize, losses: &'a [f64], row_losses: &'a [f32]) -> Candidate<'a> {
        Candidate { latent, losses, explained: 1.0 - median(losses), row_losses }
    }

    #[test]
    fn what_does_not_matter_is_not_worth_a_latent() {
        // Noise that differs from feature to feature: every further latent takes away more than an equal share.
        let losses = [0.4, 0.009, 0.005, 0.003, 0.0015, 0.0007];
        assert_eq!(of(&losses, 12), Some(6));
        assert_eq!(of_tolerance(&losses, 12, 0.01), Some(2));
        assert_eq!(of_tolerance(&losses, 12, 0.005), Some(3));
        assert_eq!(of_tolerance(&losses, 12, 0.5), Some(1));
    }

    #[test]
    fn noise_alone_needs_one_dimension() {
        // 20 equal directions: each latent takes one of them.
        let losses: Vec<f64> = (1..20).map(|latent| 1.0 - f64::from(latent) / 20.0).collect();
        assert_eq!(of(&losses, 20), Some(1));
    }

    #[test]
    fn structure_is_told_from_the_noise_below_it() {
        // Of ten features: three directions of variance 5, 3, 1 upon noise of 0.01 in the others.
        let variances = [5.0, 3.0, 1.0, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01];
        let losses: Vec<f64> = (1..9).map(|latent| variances[latent..].iter().sum::<f64>() / 10.0).collect();
        assert_eq!(of(&losses, 10), Some(3));
    }

    #[test]
    fn a_dimension_that_did_badly_does_not_hide_better_ones() {
        assert_eq!(of(&[1.0, 1.1, 0.1, 0.1], 10), Some(3));
        // And a good one is not given up for worse.
        assert_eq!(of(&[1.0, 0.1, 0.4, 0.3], 10), Some(2));
    }

    #[test]
    fn what_still_falls_asks_for_the_largest() {
        assert_eq!(of(&[1.0, 0.5, 0.25, 0.12], 100), Some(4));
    }

    #[test]
    fn what_seeds_do_not_agree_on_is_no_gain() {
        let losses = [vec![0.5, 0.52, 0.48], vec![0.30, 0.31, 0.29], vec![0.15, 0.35, 0.24]];
        let of = |losses: &[Vec<f64>]| {
            let candidates: Vec<_> = (1..).zip(losses).map(|(latent, losses)| candidate(latent, losses, &[])).collect();
            suggest(&candidates, 20, 0.0)
        };
        assert_eq!(of(&losses), Some(1));
        assert_eq!(of(&[losses[0].clone(), losses[1].clone(), vec![0.24; 3]]), Some(2));
    }

    #[test]
    fn what_a_few_rows_make_is_no_gain() {
        // One row of forty is much better with two latents, the others are as they were.
        let small: Vec<f32> = (0..40).map(|row| if row == 7 { 40.0 } else { 1.0 }).collect();
        let large = vec![1.0_f32; 40];
        let pair = [candidate(1, &[1.975], &small), candidate(2, &[1.0], &large)];
        assert_eq!(suggest(&pair, 30, 0.0), Some(0));
        // The same gain in every row is one.
        let even = vec![1.975_f32; 40];
        let pair = [candidate(1, &[1.975], &even), candidate(2, &[1.0], &large)];
        assert_eq!(suggest(&pair, 30, 0.0), Some(1));
    }

    #[test]
    fn edges() {
        assert_eq!(suggest(&[], 5, 0.0), None);
        assert_eq!(of(&[0.3], 5), Some(1));
        // As many latents as features copy their input: no gain.
        assert_eq!(of(&[0.3, 0.0], 2), Some(1));
        assert_eq!(of(&[0.0, 0.0], 5), Some(1));
        assert_eq!(of(&[f64::NAN, 0.1], 5), Some(1));
    }
}
