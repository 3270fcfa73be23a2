//! Second moments in `f64`, for the linear baseline.

use std::ops::Range;

use crate::simd::{InstructionSet, Kernel, Simd};

/// Features whose moments are summed side by side with `LANES` others.
const ROWS: usize = 4;
const LANES: usize = 8;

/// Adds `Σ_r x[r][i] x[r][j]` to `sums[i - range.start][j]` for the `i` of a range and every `j` from `i` on (and perhaps
/// some before it). Each sum runs over the rows in order, so neither how the rows come nor the instruction set changes
/// a bit of it.
///
/// x: `[rows][features]`; sums: `[range][features]`.
///
/// # Panics
/// The lengths do not fit.
pub fn add_products(set: InstructionSet, x: &[f64], features: usize, range: Range<usize>, sums: &mut [f64]) {
    assert!(features > 0 && x.len().is_multiple_of(features), "whole rows of {features} features");
    assert!(range.end <= features && sums.len() == range.len() * features, "sums of a range of features");
    set.dispatch(AddProducts { x, features, range, sums });
}

struct AddProducts<'a> {
    x: &'a [f64],
    features: usize,
    range: Range<usize>,
    sums: &'a mut [f64],
}

impl Kernel for AddProducts<'_> {
    type Output = ();

    // Plain loops: the compiler makes vectors of them with the instructions that this copy is compiled for.
    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { x, features, range, sums } = self;
        let first = range.start;
        let mut i = range.start;
        while i < range.end {
            let together = if i + ROWS <= range.end { ROWS } else { 1 };
            let mut j = i / LANES * LANES;
            while j < features {
                let lanes = if j + LANES <= features { LANES } else { 1 };
                match (together, lanes) {
                    (ROWS, LANES) => block::<ROWS, LANES>(x, features, (i, j), (i - first) * features, sums),
                    (ROWS, _) => block::<ROWS, 1>(x, features, (i, j), (i - first) * features, sums),
                    (_, LANES) => block::<1, LANES>(x, features, (i, j), (i - first) * features, sums),
                    _ => block::<1, 1>(x, features, (i, j), (i - first) * features, sums),
                }
                j += lanes;
            }
            i += together;
        }
    }
}

/// The sums of `R` features with `C` others; `start` is where the first of them has its sums.
#[inline(always)]
fn block<const R: usize, const C: usize>(
    x: &[f64],
    features: usize,
    (i, j): (usize, usize),
    start: usize,
    sums: &mut [f64],
) {
    let mut block = [[0.0; C]; R];
    for r in 0..R {
        block[r].copy_from_slice(&sums[start + r * features + j..][..C]);
    }
    for row in x.chunks_exact(features) {
        let (left, right) = (&row[i..i + R], &row[j..j + C]);
        for r in 0..R {
            for c in 0..C {
                block[r][c] += left[r] * right[c];
            }
        }
    }
    for r in 0..R {
        sums[start + r * features + j..][..C].copy_from_slice(&block[r]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_plain_loops_however_the_rows_come() {
        for features in [1, 3, 4, 8, 13, 40] {
            let x: Vec<f64> = (0..57 * features).map(|index| ((index * 7919) % 1009) as f64 / 31.0 - 16.0).collect();
            let mut expected = vec![0.0; features * features];
            for row in x.chunks_exact(features) {
                for i in 0..features {
                    for j in 0..features {
                        expected[i * features + j] += row[i] * row[j];
                    }
                }
            }
            for set in InstructionSet::available() {
                let cut = features / 3;
                let mut sums = vec![0.0; features * features];
                let (low, high) = sums.split_at_mut(cut * features);
                for part in x.chunks(11 * features) {
                    add_products(set, part, features, 0..cut, low);
                    add_products(set, part, features, cut..features, high);
                }
                for i in 0..features {
                    assert_eq!(sums[i * features + i..][..features - i], expected[i * features + i..][..features - i]);
                }
            }
        }
    }
}
