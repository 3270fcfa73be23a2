//! Samples stretched along their axes by chance: more samples for a training that has few.
//!
//! A lattice with softer springs has its phonons at lower energies, one with a larger constant its Bragg peaks at lower |Q|:
//! what a stretched axis shows is nearly another sample of the same kind. A sample x becomes y(g) = x(g/s): values that
//! were at g/s come to g, with s log-uniform between exp(-share) and exp(share). Axes of one unit are stretched by one
//! factor. Zero of an axis with a unit stays where it is; of an axis without one, whose bins count pixels, the middle.
//! Of values from beyond the ends of a grid nothing is known: the outermost value stands there, and they are said to be
//! outside.
//!
//! Between bins the interpolation is the cubic convolution of Keys (1981), doi:10.1109/TASSP.1981.1163711: a line of a
//! width of two bins keeps its height within some percent, which linear interpolation cuts by a tenth. What it
//! overshoots is cut at the least and largest value of the sample, so that counts stay positive.

use rand_chacha::rand_core::Rng;

use super::{Axis, shape};
use crate::random::generator;

/// Largest share: a factor of e^½ = 1.65 either way.
const LARGEST: f64 = 0.5;

/// Words of random numbers that belong to a sample: two for each axis.
const WORDS: u128 = 2 * super::MOST_AXES as u128;

/// Stretches samples with these axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretching {
    sides: Vec<Side>,
    values: usize,
}

/// An axis to be stretched.
#[derive(Clone, Debug, PartialEq)]
struct Side {
    grid: Vec<f64>,
    share: f64,
    /// The axis whose factor it takes: the first of its unit.
    factor_of: usize,
    /// Values between one bin and the next.
    inner: usize,
}

/// Four values and what each counts.
#[derive(Clone, Copy)]
struct Taps {
    bins: [usize; 4],
    weights: [f32; 4],
    /// Whether the place lies beyond the ends of the grid.
    outside: bool,
}

impl Stretching {
    /// One share for all axes, or one for each; shares from 0 (not stretched) to ½.
    ///
    /// # Errors
    /// What is wrong with the shares, in words.
    pub fn new(axes: &[Axis], shares: &[f64]) -> Result<Self, String> {
        Self::check(shares)?;
        if axes.is_empty() {
            let reason = "left out: a row of a table has no axis to be stretched along (--axes, --shape name some)";
            return Err(reason.to_owned());
        }
        if shares.len() != 1 && shares.len() != axes.len() {
            return Err(format!("one share, or one for each of {} axes", axes.len()));
        }
        let sizes = shape(axes);
        let share = |at: usize| shares[if shares.len() == 1 { 0 } else { at }];
        let side = |(at, axis): (usize, &Axis)| {
            // Pixels grow about their middle.
            let zero = if axis.unit.is_some() { 0.0 } else { 0.5 * (axis.grid[0] + axis.grid[axis.size() - 1]) };
            Side {
                grid: axis.grid.iter().map(|centre| centre - zero).collect(),
                share: share(at),
                factor_of: axes.iter().position(|other| other.unit == axis.unit).unwrap_or(at),
                inner: sizes[at + 1..].iter().product(),
            }
        };
        Ok(Self { sides: axes.iter().enumerate().map(side).collect(), values: sizes.iter().product() })
    }

    /// Checks shares without axes.
    ///
    /// # Errors
    /// As [`Stretching::new`].
    pub fn check(shares: &[f64]) -> Result<(), String> {
        if shares.is_empty() || shares.iter().any(|share| !(0.0..=LARGEST).contains(share)) {
            return Err(format!("numbers from 0 to {LARGEST}"));
        }
        Ok(())
    }

    /// Stretches the sample of this number of the `stream` of `seed`. `inside` becomes one for each value that comes from
    /// inside the grids, and zero for the others.
    ///
    /// # Panics
    /// `sample` or `inside` has another number of values.
    pub fn apply(&self, sample: &mut [f32], inside: &mut [f32], seed: u64, stream: u64, number: u64) {
        let mut generator = generator(seed, stream, 0);
        generator.set_word_pos(WORDS * u128::from(number));
        let draws: Vec<f64> = self.sides.iter().map(|_| uniform(generator.next_u64())).collect();
        let factors: Vec<f64> = self.sides.iter().map(|side| (side.share * draws[side.factor_of]).exp()).collect();
        self.stretch(sample, inside, &factors);
    }

    /// Stretches a sample by a factor for each axis.
    fn stretch(&self, sample: &mut [f32], inside: &mut [f32], factors: &[f64]) {
        assert!(sample.len() == self.values && inside.len() == self.values, "a sample of these axes");
        let mut room = vec![0.0; self.values];
        inside.fill(1.0);
        let (least, largest) = sample.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(least, largest), value| {
            (least.min(*value), largest.max(*value))
        });
        let mut stretched = false;
        for (side, factor) in self.sides.iter().zip(factors) {
            if *factor == 1.0 || side.grid.len() == 1 {
                continue;
            }
            let taps: Vec<Taps> = side.grid.iter().map(|centre| side.taps(centre / factor)).collect();
            side.stretch(sample, &mut room, &taps);
            sample.copy_from_slice(&room);
            for line in inside.chunks_exact_mut(side.grid.len() * side.inner) {
                for (values, taps) in line.chunks_exact_mut(side.inner).zip(&taps) {
                    if taps.outside {
                        values.fill(0.0);
                    }
                }
            }
            stretched = true;
        }
        if stretched {
            sample.iter_mut().for_each(|value| *value = value.clamp(least, largest));
        }
    }
}

impl Side {
    fn stretch(&self, from: &[f32], onto: &mut [f32], taps: &[Taps]) {
        let line = self.grid.len() * self.inner;
        for (from, onto) in from.chunks_exact(line).zip(onto.chunks_exact_mut(line)) {
            if self.inner == 1 {
                for (onto, Taps { bins: [a, b, c, d], weights, .. }) in onto.iter_mut().zip(taps) {
                    *onto =
                        weights[0] * from[*a] + weights[1] * from[*b] + weights[2] * from[*c] + weights[3] * from[*d];
                }
                continue;
            }
            for (onto, Taps { bins, weights, .. }) in onto.chunks_exact_mut(self.inner).zip(taps) {
                let [a, b, c, d] = bins.map(|bin| &from[bin * self.inner..][..self.inner]);
                for (at, onto) in onto.iter_mut().enumerate() {
                    *onto = weights[0] * a[at] + weights[1] * b[at] + weights[2] * c[at] + weights[3] * d[at];
                }
            }
        }
    }

    /// The bins around a place of the axis, and their weights.
    fn taps(&self, place: f64) -> Taps {
        let (grid, last) = (&self.grid, self.grid.len() - 1);
        let rises = grid[0] < grid[last];
        let before = grid.partition_point(|bin| if rises { *bin <= place } else { *bin >= place });
        let (left, share) = match before {
            0 => (0, 0.0),
            bin if bin > last => (last, 0.0),
            bin => (bin - 1, (place - grid[bin - 1]) / (grid[bin] - grid[bin - 1])),
        };
        let (one, two, three) = (share, share * share, share * share * share);
        let weights = [
            0.5 * (-three + 2.0 * two - one),
            0.5 * (3.0 * three - 5.0 * two + 2.0),
            0.5 * (-3.0 * three + 4.0 * two + one),
            0.5 * (three - two),
        ];
        let bins = [left.saturating_sub(1), left, (left + 1).min(last), (left + 2).min(last)];
        // Half a bin beyond the outermost centre is still inside its bin.
        let beyond = |end: usize, next: usize| (place - grid[end]).abs() > 0.5 * (grid[next] - grid[end]).abs();
        let outside = match before {
            0 => beyond(0, 1),
            bin if bin > last => beyond(last, last - 1),
            _ => false,
        };
        Taps { bins, weights: weights.map(|weight| weight as f32), outside }
    }
}

/// A number between -1 and 1.
fn uniform(draw: u64) -> f64 {
    (draw >> 11) as f64 * (2.0 / (1_u64 << 53) as f64) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(name: &str, unit: Option<&str>, grid: impl Iterator<Item = f64>) -> Axis {
        Axis::new(name, unit.map(str::to_owned), grid.collect()).expect("sound")
    }

    fn energy(bins: usize) -> Axis {
        axis("energy", Some("meV"), (0..bins).map(|bin| 2.0 + 0.5 * bin as f64))
    }

    /// A line with a width (full, at half maximum) of two bins and a half.
    fn line(axis: &Axis, centre: f64) -> Vec<f32> {
        let deviation = 2.5 * (axis.grid[1] - axis.grid[0]).abs() / 2.355;
        axis.grid.iter().map(|place| (-0.5 * ((place - centre) / deviation).powi(2)).exp() as f32).collect()
    }

    fn centroid(axis: &Axis, sample: &[f32]) -> f64 {
        let sum: f64 = sample.iter().map(|value| f64::from(*value)).sum();
        sample.iter().zip(&axis.grid).map(|(value, place)| f64::from(*value) * place).sum::<f64>() / sum
    }

    fn stretched(stretching: &Stretching, sample: &[f32], factors: &[f64]) -> Vec<f32> {
        let mut sample = sample.to_vec();
        let mut inside = vec![0.0; sample.len()];
        stretching.stretch(&mut sample, &mut inside, factors);
        sample
    }

    fn applied(stretching: &Stretching, sample: &[f32], stream: u64, number: u64) -> Vec<f32> {
        let mut sample = sample.to_vec();
        let mut inside = vec![0.0; sample.len()];
        stretching.apply(&mut sample, &mut inside, 4, stream, number);
        sample
    }

    #[test]
    fn what_comes_from_beyond_the_ends_is_said_to_be_outside() {
        // Bins at 2, 2.5, … 9.5 meV, and pixels about their middle at 3.5.
        let axes = [energy(16), Axis::counted(2, 8)];
        let stretching = Stretching::new(&axes, &[0.5]).expect("sound");
        let inside = |factors: [f64; 2]| {
            let mut inside = vec![0.5; 16 * 8];
            stretching.stretch(&mut [1.0; 16 * 8], &mut inside, &factors);
            let along: Vec<bool> = (0..16).map(|bin| (0..8).any(|pixel| inside[8 * bin + pixel] == 1.0)).collect();
            let across: Vec<bool> = (0..8).map(|pixel| (0..16).any(|bin| inside[8 * bin + pixel] == 1.0)).collect();
            // A value is inside where it is on both axes.
            for at in 0..16 * 8 {
                assert_eq!(inside[at] == 1.0, along[at / 8] && across[at % 8]);
            }
            (along, across)
        };
        assert_eq!(inside([1.0, 1.0]), (vec![true; 16], vec![true; 8]));
        // Twice as far: what is at 3.5 comes from 1.75, where the first bin begins.
        let (along, across) = inside([2.0, 2.0]);
        assert_eq!(along, (0..16).map(|bin| bin >= 3).collect::<Vec<_>>());
        assert_eq!(across, [true; 8]);
        // Half as far: what is at 5 comes from 10, beyond the end of the last bin at 9.75.
        let (along, across) = inside([0.5, 0.5]);
        assert_eq!(along, (0..16).map(|bin| bin <= 5).collect::<Vec<_>>());
        assert_eq!(across, [false, false, true, true, true, true, false, false]);
    }

    #[test]
    fn a_line_moves_in_proportion_to_its_place_and_keeps_its_height() {
        for axis in [energy(80), axis("energy", Some("meV"), energy(80).grid.into_iter().rev())] {
            let stretching = Stretching::new(std::slice::from_ref(&axis), &[0.2]).expect("sound");
            for (centre, factor) in [(20.0, 1.0), (20.0, 1.13), (20.25, 0.9), (30.1, 1.07)] {
                let after = stretched(&stretching, &line(&axis, centre), &[factor]);
                assert!((centroid(&axis, &after) - factor * centre).abs() < 0.02, "{centre} {factor}");
                let height = after.iter().copied().fold(0.0, f32::max);
                let expected = line(&axis, factor * centre).into_iter().fold(0.0, f32::max);
                assert!((height / expected - 1.0).abs() < 0.05, "{centre} {factor}: {height} {expected}");
            }
        }
    }

    #[test]
    fn a_factor_of_one_changes_no_bit_and_a_plane_stays_a_plane_inside() {
        let (q, e) = (axis("q", Some("1/angstrom"), (0..9).map(|bin| 0.3 * f64::from(bin))), energy(12));
        let stretching = Stretching::new(&[q.clone(), e.clone()], &[0.3]).expect("sound");
        let plane: Vec<f32> =
            q.grid.iter().flat_map(|q| e.grid.iter().map(move |e| (1.0 + 0.5 * q + 0.25 * e) as f32)).collect();
        assert_eq!(stretched(&stretching, &plane, &[1.0, 1.0]), plane);
        let after = stretched(&stretching, &plane, &[1.1, 1.2]);
        for (at, value) in after.iter().enumerate() {
            let (q, e) = (q.grid[at / 12] / 1.1, e.grid[at % 12] / 1.2);
            // Next to the ends of a grid a tap is repeated.
            if e > 2.5 && (0.3..2.1).contains(&q) {
                assert!((f64::from(*value) - (1.0 + 0.5 * q + 0.25 * e)).abs() < 1e-5, "{at}");
            }
        }
    }

    #[test]
    fn nothing_leaves_the_range_of_a_sample() {
        let axes = [energy(40)];
        let stretching = Stretching::new(&axes, &[0.5]).expect("sound");
        let steps: Vec<f32> = (0..40).map(|bin| if (bin / 3) % 2 == 0 { 0.0 } else { 7.0 }).collect();
        let samples: Vec<Vec<f32>> = (0..50).map(|number| applied(&stretching, &steps, 1, number)).collect();
        assert!(samples.iter().flatten().all(|value| (0.0..=7.0).contains(value)));
        assert!(samples.iter().filter(|sample| **sample != steps).count() > 45);
    }

    #[test]
    fn factors_belong_to_seed_stream_and_number_and_fill_their_range() {
        let axis = energy(80);
        let stretching = Stretching::new(std::slice::from_ref(&axis), &[0.2]).expect("sound");
        let sample = line(&axis, 20.0);
        assert_eq!(applied(&stretching, &sample, 9, 3), applied(&stretching, &sample, 9, 3));
        assert_ne!(applied(&stretching, &sample, 9, 3), applied(&stretching, &sample, 9, 4));
        assert_ne!(applied(&stretching, &sample, 9, 3), applied(&stretching, &sample, 10, 3));
        let factors = (0..4000).map(|number| centroid(&axis, &applied(&stretching, &sample, 9, number)) / 20.0);
        let logarithms: Vec<f64> = factors.map(f64::ln).collect();
        let [least, largest] = [f64::min, f64::max].map(|pick| logarithms.iter().copied().reduce(pick).expect("some"));
        assert!((least + 0.2).abs() < 0.003 && (largest - 0.2).abs() < 0.003, "{least} {largest}");
        let mean = logarithms.iter().sum::<f64>() / 4000.0;
        // The deviation of a uniform number is its range over the root of twelve; of the mean of 4,000 it is 0.0018.
        assert!(mean.abs() < 5.0 * 0.0018, "{mean}");
    }

    #[test]
    fn axes_of_one_unit_are_stretched_alike_and_pixels_about_their_middle() {
        let pixels = [Axis::counted(1, 21), Axis::counted(2, 21)];
        let stretching = Stretching::new(&pixels, &[0.3]).expect("sound");
        // A disc stays a disc, and in the middle.
        let disc = |radius: f64| -> Vec<f32> {
            (0..441)
                .map(|at| {
                    let (y, x) = (f64::from(at / 21) - 10.0, f64::from(at % 21) - 10.0);
                    (1.0 / (1.0 + ((y * y + x * x).sqrt() - radius).exp())) as f32
                })
                .collect()
        };
        let sample = applied(&stretching, &disc(4.0), 1, 0);
        let transposed: Vec<f32> = (0..441).map(|at| sample[(at % 21) * 21 + at / 21]).collect();
        assert!(sample.iter().zip(&transposed).all(|(one, other)| (one - other).abs() < 1e-6));
        assert_ne!(sample, disc(4.0));
        assert!((sample[10 * 21 + 10] - disc(4.0)[10 * 21 + 10]).abs() < 0.02);
    }

    #[test]
    fn shares_go_with_the_axes() {
        let axes = [energy(4), axis("q", Some("1/angstrom"), (0..3).map(f64::from))];
        assert!(Stretching::new(&axes, &[0.1, 0.0]).is_ok());
        for (axes, shares, words) in [
            (&axes[..], &[0.1, 0.1, 0.1][..], "one for each of 2 axes"),
            (&axes, &[], "from 0 to 0.5"),
            (&axes, &[0.6], "from 0 to 0.5"),
            (&axes, &[f64::NAN], "from 0 to 0.5"),
            (&[], &[0.1], "axes"),
        ] {
            let reason = Stretching::new(axes, shares).expect_err("refused");
            assert!(reason.contains(words), "{reason}");
        }
        // The share of an axis that is not stretched: nothing moves along it.
        let stretching = Stretching::new(&axes, &[0.0, 0.2]).expect("sound");
        let before: Vec<f32> = (0..12).map(|at| (at / 3) as f32).collect();
        let sample = applied(&stretching, &before, 0, 0);
        assert!(sample.iter().zip(&before).all(|(one, other)| (one - other).abs() < 1e-6));
    }
}
