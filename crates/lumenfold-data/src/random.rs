//! Random rows from an explicit seed.
//!
//! All draws come from the counter-based generator ChaCha8. Its 32-byte key is the seed, little-endian, followed by
//! zeros; a stream number separates the uses, so that drawing more in one place moves nothing in another:
//!
//! | stream | use |
//! |---|---|
//! | 0 | [`split`](crate::split()): which rows are held out |
//! | 1, 2, 3, … | free for callers of [`permutation`] and [`jittered`] |
//!
//! The draws depend on `rows`, `seed` and `stream` alone, on every platform and for every number of threads.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The stream that decides which rows are held out.
pub(crate) const SPLIT_STREAM: u64 = 0;

/// The numbers 0 to `rows` - 1 in random order.
///
/// Fisher and Yates's shuffle from the last place down (Durstenfeld, Algorithm 235, 1964) with unbiased bounded draws
/// (Lemire, *Fast random integer generation in an interval*, 2019, algorithm 5, with 32-bit words).
///
/// ```
/// use lumenfold_data::permutation;
/// let order = permutation(5, 42, 1);
/// assert_eq!(order, permutation(5, 42, 1));
/// let mut sorted = order.clone();
/// sorted.sort_unstable();
/// assert_eq!(sorted, [0, 1, 2, 3, 4]);
/// ```
///
/// # Panics
///
/// `rows` does not fit in 32 bits. A [`Dataset`](crate::Dataset) never has that many.
#[must_use]
pub fn permutation(rows: usize, seed: u64, stream: u64) -> Vec<u32> {
    let rows = u32::try_from(rows).expect("at most 4294967295 rows can be permuted");
    let mut generator = generator(seed, stream);
    let mut order: Vec<u32> = (0..rows).collect();
    for last in (1..rows).rev() {
        let other = below(last + 1, &mut generator);
        order.swap(last as usize, other as usize);
    }
    order
}

/// Sets `noisy` to `values` with independent noise of mean 0 and the given standard deviation.
///
/// The noise is a sum of four uniform draws (Irwin and Hall's distribution): close to normal, bounded at 3.5 deviations,
/// and free of functions that round differently from platform to platform.
///
/// ```
/// use lumenfold_data::jittered;
/// let mut noisy = [0.0; 3];
/// jittered(&[1.0, 2.0, 3.0], 0.1, 0, 1, &mut noisy);
/// assert!(noisy.iter().zip([1.0, 2.0, 3.0]).all(|(noisy, value)| (noisy - value).abs() < 0.35));
/// ```
///
/// # Panics
///
/// The slices have different lengths.
pub fn jittered(values: &[f32], deviation: f32, seed: u64, stream: u64, noisy: &mut [f32]) {
    assert_eq!(values.len(), noisy.len(), "as many noisy values as values");
    // A uniform draw from 16 bits has the variance (2^32 - 1) / 12; four of them a third of 2^32, but for rounding.
    let factor = deviation * (3.0_f32.sqrt() / 65_536.0);
    let mut generator = generator(seed, stream);
    for (value, noisy) in values.iter().zip(noisy) {
        let draw = generator.next_u64();
        let sum: i32 = [0, 16, 32, 48].map(|shift| i32::from((draw >> shift) as u16)).iter().sum();
        *noisy = value + factor * (sum - 2 * 65_535) as f32;
    }
}

/// ChaCha8 keyed by `seed`, on `stream`.
fn generator(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut generator = ChaCha8Rng::from_seed(key);
    generator.set_stream(stream);
    generator
}

/// A draw from 0 to `bound` - 1, each equally likely; `bound` is above 0.
fn below(bound: u32, generator: &mut ChaCha8Rng) -> u32 {
    let mut product = u64::from(generator.next_u32()) * u64::from(bound);
    if (product as u32) < bound {
        // 2^32 mod bound: low words below this would be drawn once too often.
        let excess = bound.wrapping_neg() % bound;
        while (product as u32) < excess {
            product = u64::from(generator.next_u32()) * u64::from(bound);
        }
    }
    (product >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounded_draws_are_uniform() {
        // 60,000 draws of a die: each face within five standard deviations (91) of 10,000.
        let mut generator = generator(7, 3);
        let mut counts = [0_i32; 6];
        for _ in 0..60_000 {
            counts[below(6, &mut generator) as usize] += 1;
        }
        for count in counts {
            assert!((count - 10_000).abs() < 5 * 91, "{counts:?}");
        }
    }

    #[test]
    fn jitter_has_the_deviation_asked_for_and_no_mean() {
        // Of 100,000 draws, mean and mean square are within five of their standard deviations (0.0032 and 0.0037).
        let mut noisy = vec![0.0; 100_000];
        jittered(&vec![0.0; 100_000], 1.0, 5, 9, &mut noisy);
        let mean = noisy.iter().map(|value| f64::from(*value)).sum::<f64>() / 1e5;
        let square = noisy.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 5.0 * 0.0032 && (square - 1.0).abs() < 5.0 * 0.0037, "{mean} {square}");
        assert!(noisy.iter().all(|value| value.abs() < 3.5));
    }

    #[test]
    fn jitter_depends_on_seed_and_stream_and_is_nothing_at_deviation_zero() {
        let values = [1.5, -2.0, 0.25];
        let noise = |deviation, seed, stream| {
            let mut noisy = [0.0; 3];
            jittered(&values, deviation, seed, stream, &mut noisy);
            noisy
        };
        assert_eq!(noise(0.0, 1, 1), values);
        assert_eq!(noise(0.1, 1, 1), noise(0.1, 1, 1));
        assert_ne!(noise(0.1, 1, 1), noise(0.1, 1, 2));
        assert_ne!(noise(0.1, 1, 1), noise(0.1, 2, 1));
    }

    #[test]
    fn bounded_draws_stay_below_the_bound() {
        let mut generator = generator(0, 0);
        for bound in [1, 2, 3, 1 << 31, (1 << 31) + 1, u32::MAX] {
            for _ in 0..200 {
                assert!(below(bound, &mut generator) < bound);
            }
        }
    }
}
