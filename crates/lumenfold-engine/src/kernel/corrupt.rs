//! Values of a tile corrupted, each by numbers of its own place.

use std::ops::Range;

use super::TILE as WIDE;
use super::random::{Key, normal, uniform, words};
use crate::corruption::Corruption;
use crate::simd::InstructionSet;

/// Features whose random numbers are drawn at a time.
const BLOCK: usize = 16;

/// The distance of random words taken as numbers from 0 to 1.
const UNIT: f64 = 1.0 / 4_294_967_296.0;

/// Rates from here on are drawn by the normal approximation.
const LARGE_RATE: f64 = 64.0;

/// Corrupts some features of a tile whose first sample has the position `first` in its batch; where samples are split, their
/// other part goes to `target`.
///
/// x, target: `[features of the range][TILE]`. The range begins with an even feature.
pub(crate) fn corrupt<const TILE: usize>(
    set: InstructionSet,
    corruption: &Corruption,
    key: Key,
    first: usize,
    features: Range<usize>,
    x: &mut [f32],
    target: &mut [f32],
) {
    let mut numbers = [0.0; BLOCK * WIDE];
    let mut more = [0.0; BLOCK * WIDE];
    let blocks = x.chunks_mut(BLOCK * TILE).zip(target.chunks_mut(BLOCK * TILE));
    for (start, (x, target)) in features.clone().step_by(BLOCK).zip(blocks) {
        let block = start..features.end.min(start + BLOCK);
        let count = block.len() * TILE;
        let (x, numbers, more) = (&mut x[..count], &mut numbers[..count], &mut more[..count]);
        match corruption {
            Corruption::Gaussian { deviation } => {
                normal::<TILE>(set, key, first, block, numbers);
                x.iter_mut().zip(numbers).for_each(|(x, number)| *x += deviation * *number);
            }
            Corruption::Masking { share, value } => {
                uniform::<TILE>(set, key, first, block.clone(), numbers);
                let rows = x.chunks_exact_mut(TILE).zip(numbers.chunks_exact(TILE));
                for ((x, numbers), value) in rows.zip(&value[block]) {
                    x.iter_mut().zip(numbers).for_each(|(x, number)| *x = if number < share { *value } else { *x });
                }
            }
            Corruption::SaltAndPepper { share, lowest, highest } => {
                uniform::<TILE>(set, key, first, block.clone(), numbers);
                let rows = x.chunks_exact_mut(TILE).zip(numbers.chunks_exact(TILE));
                for ((x, numbers), (lowest, highest)) in rows.zip(lowest[block.clone()].iter().zip(&highest[block])) {
                    for (x, number) in x.iter_mut().zip(numbers) {
                        let replaced = if *number < share / 2.0 { *lowest } else { *highest };
                        *x = if number < share { replaced } else { *x };
                    }
                }
            }
            Corruption::Poisson { exposure, center, scale } => {
                words::<TILE>(set, key, first, block.clone(), numbers, more);
                for (index, feature) in block.enumerate() {
                    let (center, scale) = (center[feature], scale[feature]);
                    let range = index * TILE..(index + 1) * TILE;
                    for (x, words) in x[range.clone()].iter_mut().zip(numbers[range.clone()].iter().zip(&more[range])) {
                        let rate = (f64::from(*x) * scale + center).max(0.0) * exposure;
                        let count = poisson(rate, [words.0.to_bits(), words.1.to_bits()]);
                        *x = ((count / exposure - center) / scale) as f32;
                    }
                }
            }
            Corruption::Split { share, center, scale } => {
                words::<TILE>(set, key, first, block.clone(), numbers, more);
                for (index, feature) in block.enumerate() {
                    let (center, scale) = (center[feature], scale[feature]);
                    let range = index * TILE..(index + 1) * TILE;
                    let words = numbers[range.clone()].iter().zip(&more[range.clone()]);
                    for ((x, target), words) in x[range.clone()].iter_mut().zip(&mut target[range]).zip(words) {
                        let count = (f64::from(*x) * scale + center).round().max(0.0);
                        let part = binomial(count, *share, [words.0.to_bits(), words.1.to_bits()]);
                        *x = ((part / share - center) / scale) as f32;
                        *target = (((count - part) / (1.0 - share) - center) / scale) as f32;
                    }
                }
            }
        }
    }
}

/// A number of the Poisson distribution with this mean, from two random words.
///
/// Small means by inversion. Large ones by the first terms of Cornish and Fisher's expansion in a normal number `z`,
/// `mean + z √mean + (z² - 1) / 6`, rounded, whose mean is right and whose variance is 0.14 too large.
fn poisson(mean: f64, words: [u32; 2]) -> f64 {
    if mean < LARGE_RATE {
        let chance = uniform_number(words);
        let (mut count, mut probability) = (0.0, libm::exp(-mean));
        let mut sum = probability;
        // A sum that no longer grows has reached the end of the numbers.
        while chance > sum && probability > 0.0 {
            count += 1.0;
            probability *= mean / count;
            sum += probability;
        }
        return count;
    }
    let z = normal_number(words);
    (mean + z * mean.sqrt() + (z * z - 1.0) / 6.0).round().max(0.0)
}

/// A number of the binomial distribution: how many of `count` things come, each with this chance; from two random words.
///
/// By inversion where few come or few do not; else as [`poisson`], with the skewness of this distribution.
fn binomial(count: f64, chance: f64, words: [u32; 2]) -> f64 {
    if chance > 0.5 {
        return count - binomial(count, 1.0 - chance, words);
    }
    let (mean, rest) = (count * chance, 1.0 - chance);
    if mean < LARGE_RATE {
        let draw = uniform_number(words);
        let (mut number, mut probability) = (0.0, libm::pow(rest, count));
        let mut sum = probability;
        while draw > sum && number < count {
            probability *= (count - number) / (number + 1.0) * (chance / rest);
            number += 1.0;
            sum += probability;
        }
        return number;
    }
    let z = normal_number(words);
    let number = mean + z * (mean * rest).sqrt() + (z * z - 1.0) * (rest - chance) / 6.0;
    number.round().clamp(0.0, count)
}

/// A number above 0 and below 1.
fn uniform_number(words: [u32; 2]) -> f64 {
    let [high, low] = words.map(f64::from);
    (high + (low + 0.5) * UNIT) * UNIT
}

/// A number of the standard normal distribution, by Box and Muller.
fn normal_number(words: [u32; 2]) -> f64 {
    let [high, low] = words.map(f64::from);
    (-2.0 * libm::log((high + 0.5) * UNIT)).sqrt() * libm::cos(std::f64::consts::TAU * low * UNIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::TILE;
    use crate::kernel::random::Purpose;

    /// Values of 200 tiles of three features that all began as `x`, corrupted, feature by feature.
    fn corrupted(corruption: &Corruption, x: [f32; 3]) -> [Vec<f64>; 3] {
        let mut all = [const { Vec::new() }; 3];
        for tile in 0..200 {
            let key = Key::new(3, 0, Purpose::Corruption(0), 17);
            let mut values: Vec<f32> = x.iter().flat_map(|x| [*x; TILE]).collect();
            let mut others = values.clone();
            let set = InstructionSet::best();
            corrupt::<TILE>(set, corruption, key, tile * TILE, 0..3, &mut values, &mut others);
            for (all, values) in all.iter_mut().zip(values.chunks_exact(TILE)) {
                all.extend(values.iter().map(|value| f64::from(*value)));
            }
        }
        all
    }

    /// Mean and variance are within five of their standard deviations, given the fourth central moment.
    fn check(what: &str, values: &[f64], mean: f64, variance: f64, fourth: f64) {
        let count = values.len() as f64;
        let found = values.iter().sum::<f64>() / count;
        assert!((found - mean).abs() <= 5.0 * (variance / count).sqrt() + 1e-6, "{what}: mean {found}, not {mean}");
        let found = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let deviation = ((fourth - variance * variance) / count).sqrt();
        assert!((found - variance).abs() <= 5.0 * deviation + 1e-6, "{what}: variance {found}, not {variance}");
    }

    #[test]
    fn counts_are_split_into_independent_parts() {
        // Below and above the border of the normal approximation, of either part; a count that is not whole, and none.
        for (share, counts) in [(0.5, [3.0, 40.0, 700.0]), (0.9, [1.0, 100.0, 5000.0]), (0.2, [6.6, 333.0, -2.0])] {
            let (center, scale) = (vec![5.0; 3], vec![2.0; 3]);
            let corruption = Corruption::Split { share, center, scale };
            let mut parts = [const { Vec::new() }; 3];
            for tile in 0..400 {
                let key = Key::new(3, 0, Purpose::Corruption(0), 17);
                let scaled = counts.map(|count: f64| ((count - 5.0) / 2.0) as f32);
                let mut values: Vec<f32> = scaled.iter().flat_map(|x| [*x; TILE]).collect();
                let mut others = values.clone();
                let set = InstructionSet::best();
                corrupt::<TILE>(set, &corruption, key, tile * TILE, 0..3, &mut values, &mut others);
                for (at, (value, other)) in values.iter().zip(&others).enumerate() {
                    let unscaled = |value: f32| f64::from(value) * 2.0 + 5.0;
                    parts[at / TILE].push((unscaled(*value) * share, unscaled(*other) * (1.0 - share)));
                }
            }
            for (count, parts) in counts.into_iter().zip(parts) {
                let count = count.round().max(0.0);
                assert!(parts.iter().all(|(part, other)| (part + other - count).abs() < 1e-3 * (1.0 + count)));
                assert!(parts.iter().all(|(part, _)| (part - part.round()).abs() < 1e-3 * (1.0 + count)));
                let firsts: Vec<f64> = parts.iter().map(|(part, _)| *part).collect();
                let variance = count * share * (1.0 - share);
                let fourth = variance * (1.0 + 3.0 * variance);
                check(&format!("{share} of {count}"), &firsts, count * share, variance, fourth);
            }
        }
    }

    #[test]
    fn gaussian_noise_has_its_mean_and_variance() {
        let values = corrupted(&Corruption::Gaussian { deviation: 0.3 }, [0.0, -2.0, 5.0]);
        for (values, x) in values.iter().zip([0.0, -2.0, 5.0]) {
            check("gaussian", values, x, 0.09, 3.0 * 0.09 * 0.09);
        }
    }

    /// Mean, variance and fourth central moment of a value that is one of several with these chances.
    fn moments(values: &[(f64, f64)]) -> [f64; 3] {
        let mean = values.iter().map(|(value, chance)| value * chance).sum::<f64>();
        let central = |power| values.iter().map(|(value, chance)| chance * (value - mean).powi(power)).sum::<f64>();
        [mean, central(2), central(4)]
    }

    #[test]
    fn masks_and_salt_and_pepper_strike_as_often_as_they_should() {
        let x = [1.0, -1.0, 3.0];
        let masked = corrupted(&Corruption::Masking { share: 0.25, value: vec![0.0, 2.0, -1.0] }, x);
        let (lowest, highest) = (vec![-5.0, -4.0, -3.0], vec![5.0, 6.0, 7.0]);
        let salted = Corruption::SaltAndPepper { share: 0.1, lowest: lowest.clone(), highest: highest.clone() };
        let salted = corrupted(&salted, x);
        for feature in 0..3 {
            let x = f64::from(x[feature]);
            let [mean, variance, fourth] = moments(&[(x, 0.75), ([0.0, 2.0, -1.0][feature], 0.25)]);
            check("masking", &masked[feature], mean, variance, fourth);
            let ends = [(lowest[feature].into(), 0.05), (highest[feature].into(), 0.05)];
            let [mean, variance, fourth] = moments(&[(x, 0.9), ends[0], ends[1]]);
            check("salt and pepper", &salted[feature], mean, variance, fourth);
        }
    }

    #[test]
    fn counts_have_the_mean_and_variance_of_their_distribution() {
        for exposure in [0.5, 20.0, 63.0, 65.0, 4000.0] {
            // Rates of 0, 1 and 2 in original units, with another scaling for each feature.
            let (center, scale) = (vec![0.0, 1.0, -4.0], vec![1.0, 0.5, 3.0]);
            let corruption = Corruption::Poisson { exposure, center: center.clone(), scale: scale.clone() };
            let values = corrupted(&corruption, [0.0, 0.0, 2.0]);
            for (feature, rate) in [0.0, 1.0, 2.0].into_iter().enumerate() {
                let mean = rate * exposure;
                let counts: Vec<f64> =
                    values[feature].iter().map(|x| (x * scale[feature] + center[feature]) * exposure).collect();
                let largest = counts.iter().map(|count| (count - count.round()).abs()).fold(0.0, f64::max);
                assert!(largest < 1e-2, "counts are whole numbers, but for {largest} of single precision");
                check("poisson", &counts, mean, mean, mean * (1.0 + 3.0 * mean));
            }
        }
    }

    #[test]
    fn features_may_come_in_pieces() {
        let key = Key::new(3, 0, Purpose::Corruption(0), 17);
        let corruption = Corruption::Gaussian { deviation: 1.0 };
        let mut whole = vec![0.0; 40 * TILE];
        let mut others = whole.clone();
        corrupt::<TILE>(InstructionSet::best(), &corruption, key, 64, 0..40, &mut whole, &mut others);
        let mut part = vec![0.0; 7 * TILE];
        corrupt::<TILE>(InstructionSet::best(), &corruption, key, 64, 22..29, &mut part, &mut others);
        assert_eq!(part, whole[22 * TILE..29 * TILE]);
    }
}
