//! Random numbers for a tile of samples.
//!
//! They come from Threefry-2x32 with twenty rounds (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy
//! as 1, 2, 3", SC '11), a cipher of a counter: a number belongs to a place, namely the seed, what it is drawn for, the
//! step, the position of the sample in its batch and a number within the sample. Neither threads nor vectors nor the
//! memory in which rows lie change it.

use std::ops::Range;

use crate::math::{log, sine_and_cosine};
use crate::simd::{InstructionSet, Kernel, Simd, Vector, Words};

/// What numbers are drawn for; each has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The corruption of that number, counted from 0.
    Corruption(u8),
    /// The values that a network must tell from the others.
    BlindSpot,
    /// The coordinates of the code that are kept.
    Code,
    /// A code of its distribution.
    Posterior,
    /// Targets of zero or one, of their chances.
    Target,
    /// The values that a dropout of that number sets to zero, counted from 0 modulo 64.
    Dropout(u8),
}

/// The key of all numbers that are drawn in a step for one purpose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key([u32; 2]);

/// Steps are counted up to here.
const MOST_STEPS: u64 = 1 << 40;

impl Key {
    /// `stream` separates uses of the same seed by the caller.
    pub(crate) fn new(seed: u64, stream: u16, purpose: Purpose, step: u64) -> Self {
        let purpose = match purpose {
            Purpose::BlindSpot => 0,
            Purpose::Code => 1,
            Purpose::Corruption(index) => 2 + u64::from(index),
            Purpose::Posterior => 128,
            Purpose::Target => 129,
            Purpose::Dropout(number) => 130 + u64::from(number % 64),
        };
        let counter = (step % MOST_STEPS) | (u64::from(stream) << 40) | (purpose << 56);
        let halves = |word: u64| [word as u32, (word >> 32) as u32];
        Self(InstructionSet::portable().dispatch(Cipher { key: halves(seed), counter: halves(counter) }))
    }
}

/// Uniform numbers from 0 to below 1, multiples of 2⁻²⁴: `numbers[f][s]` for the features of a range that begins with an
/// even one. `first` is the position of the tile's first sample in the batch.
pub(crate) fn uniform<const TILE: usize>(
    set: InstructionSet,
    key: Key,
    first: usize,
    features: Range<usize>,
    numbers: &mut [f32],
) {
    fill::<TILE, Uniform>(set, key, first, features, numbers);
}

/// As [`uniform`], of the normal distribution with mean 0 and variance 1, by Box and Muller's method (1958), Annals of
/// Mathematical Statistics 29, 610. None is larger than 5.9.
pub(crate) fn normal<const TILE: usize>(
    set: InstructionSet,
    key: Key,
    first: usize,
    features: Range<usize>,
    numbers: &mut [f32],
) {
    fill::<TILE, Normal>(set, key, first, features, numbers);
}

fn fill<const TILE: usize, D: Distribution>(
    set: InstructionSet,
    key: Key,
    first: usize,
    features: Range<usize>,
    numbers: &mut [f32],
) {
    assert!(features.start.is_multiple_of(2) && numbers.len() >= features.len() * TILE);
    let first = u32::try_from(first).expect("a batch is counted in 32 bits");
    set.dispatch(Fill::<D, TILE> { key, first, features, numbers, distribution: std::marker::PhantomData });
}

/// Two words for each value, as bits: `[features of the range][TILE]` each.
pub(crate) fn words<const TILE: usize>(
    set: InstructionSet,
    key: Key,
    first: usize,
    features: Range<usize>,
    high: &mut [f32],
    low: &mut [f32],
) {
    assert!(high.len() >= features.len() * TILE && low.len() >= features.len() * TILE);
    let first = u32::try_from(first).expect("a batch is counted in 32 bits");
    set.dispatch(Raw::<TILE> { key, first, features, high, low });
}

/// How two words become two numbers.
trait Distribution {
    fn pair<S: Simd>(simd: S, words: [S::Words; 2]) -> [S::Vector; 2];
}

struct Uniform;

impl Distribution for Uniform {
    #[inline(always)]
    fn pair<S: Simd>(simd: S, [a, b]: [S::Words; 2]) -> [S::Vector; 2] {
        let unit = simd.splat(UNIT);
        [a.shifted_right::<8>().to_float() * unit, b.shifted_right::<8>().to_float() * unit]
    }
}

const UNIT: f32 = 1.0 / 16_777_216.0;

struct Normal;

impl Distribution for Normal {
    #[inline(always)]
    fn pair<S: Simd>(simd: S, [a, b]: [S::Words; 2]) -> [S::Vector; 2] {
        // Never zero.
        let chance = (a.shifted_right::<8>().to_float() + simd.splat(0.5)) * simd.splat(UNIT);
        let radius = (log(simd, chance) * simd.splat(-2.0)).sqrt();
        let angle = b.shifted_right::<8>().to_float() * simd.splat(UNIT * std::f32::consts::TAU);
        let (sine, cosine) = sine_and_cosine(simd, angle);
        [radius * cosine, radius * sine]
    }
}

struct Fill<'a, D, const TILE: usize> {
    key: Key,
    first: u32,
    features: Range<usize>,
    numbers: &'a mut [f32],
    distribution: std::marker::PhantomData<D>,
}

impl<D: Distribution, const TILE: usize> Kernel for Fill<'_, D, TILE> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let lanes = S::Vector::LANES;
        let count = self.features.len();
        let numbers = self.numbers.as_mut_ptr();
        for feature in (0..count).step_by(2) {
            let pair = simd.words(((self.features.start + feature) / 2) as u32);
            for sample in (0..TILE).step_by(lanes) {
                let place = simd.counted_words().plus(simd.words(self.first.wrapping_add(sample as u32)));
                let [even, odd] = D::pair(simd, threefry(simd, self.key.0, [place, pair]));
                // SAFETY: feature < count, and sample + LANES <= TILE; the length was checked at the entry.
                unsafe {
                    even.store(numbers.add(feature * TILE + sample));
                    if feature + 1 < count {
                        odd.store(numbers.add((feature + 1) * TILE + sample));
                    }
                }
            }
        }
    }
}

struct Raw<'a, const TILE: usize> {
    key: Key,
    first: u32,
    features: Range<usize>,
    high: &'a mut [f32],
    low: &'a mut [f32],
}

impl<const TILE: usize> Kernel for Raw<'_, TILE> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (index, feature) in self.features.enumerate() {
            let feature = simd.words(feature as u32);
            for sample in (0..TILE).step_by(S::Vector::LANES) {
                let place = simd.counted_words().plus(simd.words(self.first.wrapping_add(sample as u32)));
                let [high, low] = threefry(simd, self.key.0, [place, feature]);
                // SAFETY: index < features, and sample + LANES <= TILE; lengths were checked at the entry.
                unsafe {
                    high.as_float().store(self.high.as_mut_ptr().add(index * TILE + sample));
                    low.as_float().store(self.low.as_mut_ptr().add(index * TILE + sample));
                }
            }
        }
    }
}

/// Twenty rounds.
#[inline(always)]
fn threefry<S: Simd>(simd: S, key: [u32; 2], [mut a, mut b]: [S::Words; 2]) -> [S::Words; 2] {
    let keys = [key[0], key[1], 0x1bd1_1bda ^ key[0] ^ key[1]];
    a = a.plus(simd.words(keys[0]));
    b = b.plus(simd.words(keys[1]));
    macro_rules! four_rounds {
        ($count:literal: $($rotation:literal),+) => {
            $(
                a = a.plus(b);
                b = b.rotated::<$rotation, { 32 - $rotation }>().exclusive_or(a);
            )+
            a = a.plus(simd.words(keys[$count % 3]));
            b = b.plus(simd.words(keys[($count + 1) % 3].wrapping_add($count)));
        };
    }
    four_rounds!(1: 13, 15, 26, 6);
    four_rounds!(2: 17, 29, 16, 24);
    four_rounds!(3: 13, 15, 26, 6);
    four_rounds!(4: 17, 29, 16, 24);
    four_rounds!(5: 13, 15, 26, 6);
    [a, b]
}

/// One counter.
struct Cipher {
    key: [u32; 2],
    counter: [u32; 2],
}

impl Kernel for Cipher {
    type Output = [u32; 2];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [u32; 2] {
        let words = threefry(simd, self.key, self.counter.map(|word| simd.words(word)));
        words.map(|words| {
            let mut lanes = [0.0_f32; 16];
            // SAFETY: no vector has more than sixteen lanes.
            unsafe { words.as_float().store(lanes.as_mut_ptr()) };
            lanes[0].to_bits()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::TILE;

    /// The authors' known answers (Random123, kat_vectors, threefry2x32 20).
    #[test]
    fn known_answers() {
        let answers = [
            ([0, 0], [0, 0], [0x6b20_0159, 0x99ba_4efe]),
            ([u32::MAX; 2], [u32::MAX; 2], [0x1cb9_96fc, 0xbb00_2be7]),
            ([0x1319_8a2e, 0x0370_7344], [0x243f_6a88, 0x85a3_08d3], [0xc492_3a9c, 0x483d_f7a0]),
        ];
        for (key, counter, answer) in answers {
            for set in InstructionSet::available() {
                assert_eq!(set.dispatch(Cipher { key, counter }), answer, "{set}");
            }
        }
    }

    /// Numbers of 64 tiles of 33 features.
    fn numbers(draw: impl Fn(usize, &mut [f32])) -> Vec<f64> {
        let mut all = Vec::new();
        for tile in 0..64 {
            let mut numbers = vec![0.0; 33 * TILE];
            draw(tile * TILE, &mut numbers);
            all.extend(numbers.into_iter().map(f64::from));
        }
        all
    }

    /// The mean of a power is within five of its standard deviations.
    fn check_moment(numbers: &[f64], power: i32, mean: f64, variance: f64) {
        let count = numbers.len() as f64;
        let found = numbers.iter().map(|number| number.powi(power)).sum::<f64>() / count;
        assert!((found - mean).abs() < 5.0 * (variance / count).sqrt(), "power {power}: {found} instead of {mean}");
    }

    #[test]
    fn uniform_numbers_have_the_moments_of_their_distribution() {
        let key = Key::new(7, 0, Purpose::Corruption(0), 5);
        let all = numbers(|first, numbers| uniform::<TILE>(InstructionSet::best(), key, first, 0..33, numbers));
        assert!(all.iter().all(|number| (0.0..1.0).contains(number)));
        for power in 1..=4 {
            let mean = |power: i32| 1.0 / f64::from(power + 1);
            check_moment(&all, power, mean(power), mean(2 * power) - mean(power) * mean(power));
        }
    }

    #[test]
    fn normal_numbers_have_the_moments_of_their_distribution() {
        let key = Key::new(7, 1, Purpose::BlindSpot, 5);
        let all = numbers(|first, numbers| normal::<TILE>(InstructionSet::best(), key, first, 0..33, numbers));
        for (power, mean, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
            check_moment(&all, power, mean, variance);
        }
        // Neighbours, and the two of a pair, do not depend on one another.
        for lag in [1, 2, TILE, 2 * TILE] {
            let products: Vec<f64> = all.iter().zip(&all[lag..]).map(|(a, b)| a * b).collect();
            check_moment(&products, 1, 0.0, 1.0);
        }
    }

    #[test]
    fn a_number_belongs_to_its_place() {
        let key = Key::new(1, 0, Purpose::Corruption(3), 9);
        let draw = |set, first, range: Range<usize>| {
            let mut numbers = vec![0.0; range.len() * TILE];
            normal::<TILE>(set, key, first, range, &mut numbers);
            numbers
        };
        let whole = draw(InstructionSet::best(), 128, 0..7);
        assert_eq!(draw(InstructionSet::best(), 128, 4..7), whole[4 * TILE..]);
        for set in InstructionSet::available() {
            assert!(draw(set, 128, 0..7) == whole, "{set}");
            // A tile that begins sixteen samples later has the same numbers for the same samples.
            assert_eq!(draw(set, 144, 0..1)[..48], whole[16..64]);
        }
        let others = [
            Key::new(2, 0, Purpose::Corruption(3), 9),
            Key::new(1, 1, Purpose::Corruption(3), 9),
            Key::new(1, 0, Purpose::Corruption(2), 9),
            Key::new(1, 0, Purpose::BlindSpot, 9),
            Key::new(1, 0, Purpose::Corruption(3), 8),
        ];
        assert!(others.iter().all(|other| other.0 != key.0));
    }
}
