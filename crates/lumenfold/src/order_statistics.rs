//! Quantiles of numbers in memory, and what is made of them.

/// The standard deviation of a normal distribution in median absolute deviations.
const NORMAL_MAD: f64 = 1.4826;

/// The value below which a share of the sorted values lies, interpolated linearly between the two nearest (Hyndman and
/// Fan's type 7, the default of NumPy and R). NaN of none.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share * last as f64;
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let (low, high) = (sorted[below], sorted[above]);
    if low == high { low } else { low + (high - low) * (place - below as f64) }
}

/// The values that are numbers, in ascending order.
pub(crate) fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The usual size of a deviation from the median: 1.4826 times the median absolute deviation, or, where more than half of
/// the values are one and the same, the standard deviation. Zero if they do not vary.
pub(crate) fn spread(sorted_values: &[f64]) -> f64 {
    let median = quantile(sorted_values, 0.5);
    let deviations = sorted(sorted_values.iter().map(|value| (value - median).abs()));
    let robust = NORMAL_MAD * quantile(&deviations, 0.5);
    if robust > 0.0 { robust } else { standard_deviation(sorted_values) }
}

/// The root of the mean squared deviation from the mean; zero of none.
pub(crate) fn standard_deviation(values: &[f64]) -> f64 {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate() {
        let values = sorted([4.0, 1.0, f64::NAN, 3.0, 2.0].into_iter());
        assert_eq!([0.0, 0.5, 1.0].map(|share| quantile(&values, share)), [1.0, 2.5, 4.0]);
        assert_eq!(quantile(&[7.0], 0.99), 7.0);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn spread_is_robust_and_falls_back_on_the_standard_deviation() {
        assert!((spread(&[1.0, 2.0, 3.0, 4.0, 1e9]) - NORMAL_MAD).abs() < 1e-12);
        assert_eq!(spread(&[0.0, 0.0, 0.0, 4.0]), 3.0_f64.sqrt());
        assert_eq!(spread(&[5.0, 5.0]), 0.0);
    }
}
