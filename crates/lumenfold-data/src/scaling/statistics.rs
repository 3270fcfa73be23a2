//! Mean, deviation and quantiles, the same bits everywhere.

/// Mean and standard deviation of a population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moments {
    pub(super) mean: f64,
    /// Divided by n, not n - 1.
    pub(super) deviation: f64,
}

/// The moments of finite values, at least one: two passes, in the order of the values.
///
/// The values are first divided by a power of two near the largest of them, which changes no digit and keeps squares
/// of very large and very small values within range.
pub(super) fn moments(values: &[f64]) -> Moments {
    let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if largest == 0.0 {
        return Moments { mean: 0.0, deviation: 0.0 };
    }
    let unit = power_of_two_at_most(largest);
    let count = values.len() as f64;
    let mean = values.iter().map(|value| value / unit).sum::<f64>() / count;
    let squares = values.iter().map(|value| (value / unit - mean) * (value / unit - mean)).sum::<f64>();
    Moments { mean: mean * unit, deviation: (squares / count).sqrt() * unit }
}

/// The value below which a fraction `level` of the ascending `values` lies, interpolated linearly between the two
/// nearest (Hyndman and Fan's type 7, the default of NumPy and R). At least one value.
pub(super) fn quantile(values: &[f64], level: f64) -> f64 {
    let place = (values.len() - 1) as f64 * level;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    let fraction = place - place.floor();
    if values[below] == values[above] {
        return values[below];
    }
    values[below] * (1.0 - fraction) + values[above] * fraction
}

/// The values in ascending order.
pub(super) fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut ascending: Vec<f64> = values.collect();
    ascending.sort_unstable_by(f64::total_cmp);
    ascending
}

/// The largest power of two that is not above `value` (finite, above 0); the least normal number for smaller ones.
fn power_of_two_at_most(value: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff << 52;
    f64::from_bits(value.to_bits() & EXPONENT).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_definition() {
        let Moments { mean, deviation } = moments(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!((mean, deviation), (5.0, 2.0));
    }

    #[test]
    fn moments_survive_the_ends_of_the_range() {
        let Moments { mean, deviation } = moments(&[f64::MAX, -f64::MAX]);
        assert_eq!((mean, deviation), (0.0, f64::MAX));
        let Moments { mean, deviation } = moments(&[1e-200, 3e-200]);
        assert!((mean / 2e-200 - 1.0).abs() < 1e-15 && (deviation / 1e-200 - 1.0).abs() < 1e-15);
    }

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.5), 2.5);
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.25), 2.0);
        assert_eq!(quantile(&[7.0], 0.75), 7.0);
    }

    #[test]
    fn powers_of_two() {
        assert_eq!(power_of_two_at_most(3.9), 2.0);
        assert_eq!(power_of_two_at_most(0.3), 0.25);
        assert_eq!(power_of_two_at_most(5e-324), f64::MIN_POSITIVE);
    }
}
