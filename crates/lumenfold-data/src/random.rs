//! Random rows from an explicit seed.
//!
//! All draws come from the counter-based generator ChaCha8. Its 32-byte key is the seed and the number of a part, both
//! of 8 bytes and little-endian, followed by zeros; a stream number separates the uses, so that drawing more in one place
//! moves nothing in another:
//!
//! | stream | use |
//! |---|---|
//! | 0 | [`split`](crate::split()): which rows are held out; part `b` is the block `b` of the rows |
//! | 1, 2, 3, … | free for callers of [`permutation`], [`EpochOrder`](crate::EpochOrder), [`jitter`] and [`Stretching`](crate::axis::Stretching) |
//! | 3·2⁶¹ + e | where the crops of epoch `e` lie in their images; part `i` is crop `i` ([`Crops`](crate::Crops)) |
//! | 2⁶³ | the same for the crops that are held out |
//!
//! What is drawn at once has the part 0. An [`EpochOrder`](crate::EpochOrder) of several windows draws the order of the
//! chunks in part 0 and that of the rows of window `w` in part `w + 1`.
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
    let mut order: Vec<u32> = numbers(rows);
    shuffle(&mut order, seed, stream, 0);
    order
}

/// The numbers 0 to `rows` - 1.
pub(crate) fn numbers(rows: usize) -> Vec<u32> {
    (0..u32::try_from(rows).expect("at most 4294967295 rows can be permuted")).collect()
}

/// Brings values into random order; see [`permutation`].
pub(crate) fn shuffle<T>(values: &mut [T], seed: u64, stream: u64, part: u64) {
    let mut generator = generator(seed, stream, part);
    for last in (1..values.len()).rev() {
        let other = below(last as u32 + 1, &mut generator);
        values.swap(last, other as usize);
    }
}

/// Adds independent noise of mean 0 and the given standard deviation to values.
///
/// The noise is a sum of four uniform draws (Irwin and Hall's distribution): close to normal, bounded at 3.5 deviations,
/// and free of functions that round differently from platform to platform. It belongs to a value's place: that of
/// `values[i]` is `first + i`, in whatever pieces the places come.
///
/// ```
/// use lumenfold_data::jitter;
/// let mut all = [1.0, 2.0, 3.0];
/// jitter(&mut all, 0.1, 0, 1, 0);
/// assert!(all.iter().zip([1.0, 2.0, 3.0]).all(|(noisy, value)| (noisy - value).abs() < 0.35));
/// let mut last = [3.0];
/// jitter(&mut last, 0.1, 0, 1, 2);
/// assert_eq!(last[0], all[2]);
/// ```
pub fn jitter(values: &mut [f32], deviation: f32, seed: u64, stream: u64, first: u64) {
    // A uniform draw from 16 bits has the variance (2^32 - 1) / 12; four of them a third of 2^32, but for rounding.
    let factor = deviation * (3.0_f32.sqrt() / 65_536.0);
    let mut generator = generator(seed, stream, 0);
    // A draw of 64 bits takes two words.
    generator.set_word_pos(2 * u128::from(first));
    for value in values {
        let draw = generator.next_u64();
        let sum: i32 = [0, 16, 32, 48].map(|shift| i32::from((draw >> shift) as u16)).iter().sum();
        *value += factor * (sum - 2 * 65_535) as f32;
    }
}

/// ChaCha8 keyed by `seed` and `part`, on `stream`.
pub(crate) fn generator(seed: u64, stream: u64, part: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&part.to_le_bytes());
    let mut generator = ChaCha8Rng::from_seed(key);
    generator.set_stream(stream);
    generator
}

/// A draw from 0 to `bound` - 1, each equally likely; `bound` is above 0.
pub(crate) fn below(bound: u32, generator: &mut ChaCha8Rng) -> u32 {
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
        let mut generator = generator(7, 3, 0);
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
        jitter(&mut noisy, 1.0, 5, 9, 0);
        let mean = noisy.iter().map(|value| f64::from(*value)).sum::<f64>() / 1e5;
        let square = noisy.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 5.0 * 0.0032 && (square - 1.0).abs() < 5.0 * 0.0037, "{mean} {square}");
        assert!(noisy.iter().all(|value| value.abs() < 3.5));
    }

    #[test]
    fn jitter_depends_on_seed_and_stream_and_is_nothing_at_deviation_zero() {
        let values = [1.5, -2.0, 0.25];
        let noise = |deviation, seed, stream| {
            let mut noisy = values;
            jitter(&mut noisy, deviation, seed, stream, 0);
            noisy
        };
        assert_eq!(noise(0.0, 1, 1), values);
        assert_eq!(noise(0.1, 1, 1), noise(0.1, 1, 1));
        assert_ne!(noise(0.1, 1, 1), noise(0.1, 1, 2));
        assert_ne!(noise(0.1, 1, 1), noise(0.1, 2, 1));
    }

    #[test]
    fn bounded_draws_stay_below_the_bound() {
        let mut generator = generator(0, 0, 0);
        for bound in [1, 2, 3, 1 << 31, (1 << 31) + 1, u32::MAX] {
            for _ in 0..200 {
                assert!(below(bound, &mut generator) < bound);
            }
        }
    }
}
