//! Means, quantiles and spreads of numbers in memory.

/// The range of the middle four fifths of a normal distribution, in standard deviations.
const NORMAL_MIDDLE: f64 = 2.563;

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

/// The mean; zero of none.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The median of values in any order, NaN among the largest; of an even number, the mean of the middle ones. NaN of none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => sorted[count / 2],
        count => 0.5 * (sorted[count / 2 - 1] + sorted[count / 2]),
    }
}

/// The values that are numbers, in ascending order.
pub(crate) fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The usual size of a deviation: the range of the middle four fifths over 2.563, its ratio to the standard deviation of a
/// normal distribution; where these are one and the same, the standard deviation. Zero of values that do not vary.
pub(crate) fn spread(sorted_values: &[f64]) -> f64 {
    let middle = quantile(sorted_values, 0.9) - quantile(sorted_values, 0.1);
    if middle > 0.0 { middle / NORMAL_MIDDLE } else { standard_deviation(sorted_values) }
}

/// The root of the mean squared deviation from the mean; zero of none.
pub(crate) fn standard_deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (squares / values.len().max(1) as f64).sqrt()
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
    fn the_median_is_in_the_middle() {
        assert_eq!([median(&[3.0, 1.0, 2.0]), median(&[4.0, 1.0, 3.0, 2.0]), mean(&[4.0, 1.0])], [2.0, 2.5, 2.5]);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn spread_is_robust_and_falls_back_on_the_standard_deviation() {
        let mut values: Vec<f64> = (0..=100).map(f64::from).collect();
        values[100] = 1e9;
        assert!((spread(&values) - 80.0 / NORMAL_MIDDLE).abs() < 1e-12);
        let mut values = vec![0.0; 16];
        values[15] = 4.0;
        assert_eq!(spread(&values), (15.0_f64 / 16.0).sqrt());
        assert_eq!(spread(&[5.0, 5.0]), 0.0);
    }
}
