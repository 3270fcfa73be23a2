//! Ranks: what is left of a column when units and bends are taken from it.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A generator for one purpose.
pub(super) fn generator(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut generator = ChaCha8Rng::from_seed(key);
    generator.set_stream(stream);
    generator
}

/// The values of a column as numbers that are almost their ranks, no two of them equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// One for each row, from -0.5 to the number of rows less 0.5.
    pub values: Vec<f64>,
}

impl Ranked {
    /// Each value's rank, counted from 0, with a jitter of less than half a rank. Equal values get places in random order.
    /// A monotonic transformation of the values changes nothing. Values are no NaN; `stream` sets columns apart.
    #[must_use]
    pub fn of(values: &[f64], seed: u64, stream: u64) -> Self {
        let mut generator = generator(seed, stream);
        // Signed zeros are equal.
        let mut order: Vec<(f64, u32, usize)> =
            values.iter().enumerate().map(|(row, value)| (value + 0.0, generator.next_u32(), row)).collect();
        order.sort_unstable_by(|one, two| one.0.total_cmp(&two.0).then(one.1.cmp(&two.1)).then(one.2.cmp(&two.2)));
        let mut ranked = vec![0.0; values.len()];
        for (rank, (_, _, row)) in order.into_iter().enumerate() {
            // Strictly between -0.5 and 0.5.
            let jitter = (f64::from(generator.next_u32()) + 0.5) / 4_294_967_296.0 - 0.5;
            ranked[row] = rank as f64 + jitter;
        }
        Self { values: ranked }
    }
}

/// Ranks from 1, equal values sharing the mean of theirs.
pub(super) fn mean_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|one, two| (values[*one] + 0.0).total_cmp(&(values[*two] + 0.0)));
    let mut ranks = vec![0.0; values.len()];
    // The ranks before a group of equals, and half of those in it.
    let mut before = 0.0;
    for equal in order.chunk_by(|one, two| values[*one] == values[*two]) {
        let rank = before + (equal.len() as f64 + 1.0) / 2.0;
        equal.iter().for_each(|row| ranks[*row] = rank);
        before += equal.len() as f64;
    }
    ranks
}

/// Spearman's rank correlation: Pearson's correlation of the ranks, equal values sharing the mean of theirs. None if one
/// of the two does not vary. Both are as long, without NaN.
///
/// ```
/// use lumenfold::association::rank_correlation;
/// assert_eq!(rank_correlation(&[1.0, 2.0, 3.0], &[10.0, 1e3, 1e9]), Some(1.0));
/// assert_eq!(rank_correlation(&[1.0, 2.0, 3.0], &[5.0, 5.0, 5.0]), None);
/// ```
#[must_use]
pub fn rank_correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    correlation_of_ranks(&mean_ranks(x), &mean_ranks(y))
}

/// Pearson's correlation of ranks from [`mean_ranks`].
pub(super) fn correlation_of_ranks(x: &[f64], y: &[f64]) -> Option<f64> {
    let mean = (x.len() as f64 + 1.0) / 2.0;
    let (mut both, mut of_x, mut of_y) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (x, y) = (x - mean, y - mean);
        both += x * y;
        of_x += x * x;
        of_y += y * y;
    }
    let size = (of_x * of_y).sqrt();
    (size > 0.0).then(|| (both / size).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_mean_rank() {
        assert_eq!(mean_ranks(&[3.0, 1.0, 3.0, -0.0, 0.0]), [4.5, 3.0, 4.5, 1.5, 1.5]);
        assert!(mean_ranks(&[]).is_empty());
    }

    #[test]
    fn ranked_values_keep_the_order_and_are_never_equal() {
        let values = [5.0, 1.0, 5.0, f64::INFINITY, -2.0, 5.0];
        let ranked = Ranked::of(&values, 1, 2).values;
        for (one, x) in values.iter().enumerate() {
            for (two, y) in values.iter().enumerate().filter(|(two, _)| *two != one) {
                assert!(ranked[one] != ranked[two]);
                assert!(x >= y || ranked[one] < ranked[two], "{ranked:?}");
            }
        }
        let bent: Vec<f64> = values.iter().map(|value| value.atan() * 3.0 + 1.0).collect();
        assert_eq!(Ranked::of(&bent, 1, 2).values, ranked);
        assert_ne!(Ranked::of(&values, 1, 3).values, ranked);
    }
}
