//! What a component usually is, so that components can be added: the surprise at a value.

use crate::order_statistics::quantile;

/// Values that are kept of the distribution: enough for the combination; p-values come from the calibration.
const KEPT: usize = 1024;

/// What a distance beyond all that is known adds, as a share for values below all of them, where order alone counts.
const BELOW: f64 = 1e-3;

/// The distribution of a component over training rows that the members did not see.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Usual {
    /// Ascending, above zero.
    pub(super) values: Vec<f64>,
}

impl Usual {
    /// Of values in any order.
    pub(super) fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        if values.len() > KEPT {
            let share = |index: usize| index as f64 / (KEPT - 1) as f64;
            values = (0..KEPT).map(|index| quantile(&values, share(index))).collect();
        }
        Self { values }
    }

    /// Minus the logarithm of the share of usual values that are as large, between them interpolated, and the logarithm of
    /// how many times larger it is than all of them: it rises with the value throughout.
    pub(super) fn surprise(&self, value: f64) -> f64 {
        let count = self.values.len();
        let (Some(first), Some(last)) = (self.values.first(), self.values.last()) else { return libm::log(value) };
        let all = (count + 1) as f64;
        if value < *first {
            return -BELOW * libm::log(first / value).min(700.0);
        }
        if value >= *last {
            return libm::log(all) + libm::log(value / last);
        }
        let above = self.values.partition_point(|known| *known <= value);
        let (low, high) = (self.values[above - 1], self.values[above]);
        let place = (above - 1) as f64 + (value - low) / (high - low);
        libm::log(all / (count as f64 - place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_with_the_value() {
        for usual in [Usual::of(vec![3.0, 1.0, 2.0, 2.0]), Usual::of((1..5000).map(f64::from).collect())] {
            let surprises: Vec<f64> = (-20..200).map(|step| usual.surprise(1.1_f64.powi(step))).collect();
            assert!(surprises.is_sorted_by(|left, right| left < right), "{surprises:?}");
        }
        assert!(Usual::of(Vec::new()).surprise(2.0) > Usual::of(Vec::new()).surprise(1.0));
    }

    #[test]
    fn the_median_has_a_surprise_of_ln_2() {
        let usual = Usual::of((1..=1001).map(f64::from).collect());
        assert!((usual.surprise(501.0) - 2.0_f64.ln()).abs() < 0.01);
    }
}
