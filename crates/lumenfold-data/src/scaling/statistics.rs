//! Mean and deviation, the same bits everywhere.

use super::Transform;
use crate::DataError;
use crate::store::RowSource;

/// Mean and standard deviation of a population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moments {
    pub(super) mean: f64,
    /// Divided by n, not n - 1.
    pub(super) deviation: f64,
}

/// The moments of each feature, bent by its transform: of finite values, at least one row; NaN is no value.
///
/// Two passes, in the order of the rows, and one before them: the values are first divided by a power of two near the
/// largest of them, which changes no digit and keeps squares of very large and very small values within range.
pub(super) fn moments(source: &impl RowSource<f64>, transforms: &[Transform]) -> Result<Vec<Moments>, DataError> {
    let width = transforms.len();
    let each = |of: &mut dyn FnMut(usize, f64)| {
        source.pass(|block| {
            for row in block.chunks_exact(width.max(1)) {
                for (feature, (value, transform)) in row.iter().zip(transforms).enumerate() {
                    if !value.is_nan() {
                        of(feature, transform.forward(*value));
                    }
                }
            }
            Ok::<_, DataError>(())
        })
    };
    let (mut largest, mut counts) = (vec![0.0_f64; width], vec![0_u64; width]);
    each(&mut |feature, value| {
        largest[feature] = largest[feature].max(value.abs());
        counts[feature] += 1;
    })?;
    let units: Vec<f64> = largest.iter().map(|largest| power_of_two_at_most(*largest)).collect();
    let mut means = vec![0.0; width];
    each(&mut |feature, value| means[feature] += value / units[feature])?;
    means.iter_mut().zip(&counts).for_each(|(mean, count)| *mean /= (*count).max(1) as f64);
    let mut squares = vec![0.0; width];
    each(&mut |feature, value| {
        let deviation = value / units[feature] - means[feature];
        squares[feature] += deviation * deviation;
    })?;
    let moments = |feature: usize| match largest[feature] {
        0.0 => Moments { mean: 0.0, deviation: 0.0 },
        _ => Moments {
            mean: means[feature] * units[feature],
            deviation: (squares[feature] / counts[feature] as f64).sqrt() * units[feature],
        },
    };
    Ok((0..width).map(moments).collect())
}

/// The largest power of two that is not above `value` (finite, above 0); the least normal number for smaller ones.
fn power_of_two_at_most(value: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff << 52;
    f64::from_bits(value.to_bits() & EXPONENT).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Slice;

    fn of(values: &[f64]) -> Moments {
        moments(&Slice { values, width: 1 }, &[Transform::Identity]).expect("in memory")[0]
    }

    #[test]
    fn moments_are_those_of_the_definition() {
        let Moments { mean, deviation } = of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!((mean, deviation), (5.0, 2.0));
    }

    #[test]
    fn moments_survive_the_ends_of_the_range() {
        let Moments { mean, deviation } = of(&[f64::MAX, -f64::MAX]);
        assert_eq!((mean, deviation), (0.0, f64::MAX));
        let Moments { mean, deviation } = of(&[1e-200, 3e-200]);
        assert!((mean / 2e-200 - 1.0).abs() < 1e-15 && (deviation / 1e-200 - 1.0).abs() < 1e-15);
    }

    #[test]
    fn powers_of_two() {
        assert_eq!(power_of_two_at_most(3.9), 2.0);
        assert_eq!(power_of_two_at_most(0.3), 0.25);
        assert_eq!(power_of_two_at_most(5e-324), f64::MIN_POSITIVE);
    }
}
