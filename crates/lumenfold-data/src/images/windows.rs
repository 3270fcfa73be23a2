//! Where the windows lie that cover an image, and what each of their values weighs where they overlap.
//!
//! Neighbouring windows overlap, and each value of the result is the weighted mean of what the windows over it say. The
//! weight is a product of one taper for each axis: it rises over the overlap as sin² and falls as cos², so that the
//! weights of two neighbours sum to one, and with them nothing jumps where a window ends. Dividing by the sum of the
//! weights makes a partition of unity of them everywhere, at the borders too: what every window leaves as it is, stays
//! as it is.

use std::f64::consts::FRAC_PI_2;

/// The first bins of the windows of `patch` bins over an axis of `size`, `stride` apart; the last one ends with the axis.
/// None if the axis is shorter than a window.
///
/// ```
/// use lumenfold_data::images::windows::starts;
/// assert_eq!(starts(10, 4, 2), [0, 2, 4, 6]);
/// assert_eq!(starts(11, 4, 2), [0, 2, 4, 6, 7]);
/// assert_eq!(starts(4, 4, 2), [0]);
/// assert!(starts(3, 4, 2).is_empty());
/// ```
#[must_use]
pub fn starts(size: usize, patch: usize, stride: usize) -> Vec<usize> {
    let Some(last) = size.checked_sub(patch) else { return Vec::new() };
    let mut starts: Vec<usize> = (0..=last).step_by(stride.max(1)).collect();
    if starts.last() != Some(&last) {
        starts.push(last);
    }
    starts
}

/// What the bins of a window weigh along one axis: sin² over the overlap, or over half of the window where the overlap is
/// more; above zero everywhere.
#[must_use]
pub fn taper(patch: usize, overlap: usize) -> Vec<f64> {
    let ramp = overlap.min(patch / 2);
    let weight = |bin: usize| {
        let from_border = bin.min(patch - 1 - bin);
        if from_border >= ramp {
            return 1.0;
        }
        let sine = libm::sin(FRAC_PI_2 * (from_border as f64 + 0.5) / ramp as f64);
        sine * sine
    };
    (0..patch).map(weight).collect()
}

/// What the values of a window weigh, row-major: the product of the tapers of its axes.
#[must_use]
pub fn weights(patch: &[usize], overlap: &[usize]) -> Vec<f64> {
    let mut weights = vec![1.0];
    for (patch, overlap) in patch.iter().zip(overlap) {
        let taper = taper(*patch, *overlap);
        weights = weights.iter().flat_map(|weight| taper.iter().map(move |own| weight * own)).collect();
    }
    weights
}

/// The positions, within an image of these sizes, of the first value of each line (along the last axis) of a piece of
/// this shape that begins in the bins `start`.
pub fn lines<'a>(sizes: &'a [usize], start: &'a [usize], shape: &'a [usize]) -> impl Iterator<Item = u64> + 'a {
    let outer = sizes.len().saturating_sub(1);
    let count: u64 = shape[..outer].iter().map(|size| *size as u64).product();
    (0..count).map(move |line| {
        let (mut left, mut position, mut apart) = (line, 0, 1);
        for at in (0..sizes.len()).rev() {
            let bin = if at == outer { 0 } else { left % shape[at] as u64 };
            if at != outer {
                left /= shape[at] as u64;
            }
            position += (start[at] as u64 + bin) * apart;
            apart *= sizes[at] as u64;
        }
        position
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bin_lies_in_a_window() {
        for size in 1..40 {
            for patch in 1..=size {
                for stride in 1..=patch {
                    let starts = starts(size, patch, stride);
                    let mut covered = vec![false; size];
                    starts.iter().for_each(|start| covered[*start..start + patch].fill(true));
                    assert!(covered.iter().all(|covered| *covered), "{size} {patch} {stride}");
                    assert!(starts.windows(2).all(|pair| pair[0] < pair[1]));
                }
            }
        }
    }

    #[test]
    fn tapers_of_neighbours_sum_to_one() {
        for (patch, overlap) in [(8, 4), (8, 2), (9, 4), (32, 16), (7, 3), (5, 0), (1, 0)] {
            let taper = taper(patch, overlap);
            assert!(taper.iter().all(|weight| *weight > 0.0 && *weight <= 1.0));
            for bin in 0..overlap {
                let sum = taper[bin] + taper[patch - overlap + bin];
                assert!((sum - 1.0).abs() < 1e-15, "{patch} {overlap} {bin}: {sum}");
            }
            assert!(taper[overlap..patch - overlap].iter().all(|weight| *weight == 1.0));
        }
    }

    #[test]
    fn lines_are_where_a_loop_finds_them() {
        let (sizes, start, shape) = ([4, 5, 6], [1, 2, 3], [2, 3, 2]);
        let mut expected = Vec::new();
        for first in 0..2 {
            for second in 0..3 {
                expected.push(((1 + first) * 5 + 2 + second) * 6 + 3);
            }
        }
        assert_eq!(lines(&sizes, &start, &shape).collect::<Vec<_>>(), expected);
        assert_eq!(lines(&[9], &[4], &[3]).collect::<Vec<_>>(), [4]);
    }
}
