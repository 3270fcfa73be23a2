//! Axes: from values to places, and where the ticks are.

/// The most ticks with labels.
const MOST_TICKS: usize = 8;

/// An axis from `low` to `high`, drawn between two places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
    places: (f64, f64),
}

impl Axis {
    /// An axis with equal steps.
    pub(crate) fn linear((low, high): (f64, f64), places: (f64, f64)) -> Self {
        Self { low, high: if high > low { high } else { low + 1.0 }, logarithmic: false, places }
    }

    /// An axis with equal factors, for positive values.
    pub(crate) fn logarithmic((low, high): (f64, f64), places: (f64, f64)) -> Self {
        let low = low.max(f64::MIN_POSITIVE);
        Self { low, high: if high > low { high } else { 10.0 * low }, logarithmic: true, places }
    }

    /// Where a value is; beyond the axis too. Values that a logarithm has not are far below.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let share = if self.logarithmic {
            (libm::log(value.max(1e-300)) - libm::log(self.low)) / (libm::log(self.high) - libm::log(self.low))
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.places.0 + share * (self.places.1 - self.places.0)
    }

    /// The two ends.
    pub(crate) fn ends(&self) -> (f64, f64) {
        self.places
    }

    /// Round values within the axis, few enough to be labelled.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        if !self.logarithmic {
            return self.round_steps();
        }
        let candidates: [&[f64]; 5] = [
            &[1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0],
            &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0],
            &[1.0, 2.0, 5.0],
            &[1.0, 3.0],
            &[1.0],
        ];
        for digits in candidates {
            let ticks = self.of_decades(digits, 1);
            if ticks.len() <= MOST_TICKS {
                return if ticks.len() > 2 { ticks } else { self.round_steps() };
            }
        }
        let decades = (libm::log10(self.high / self.low) / MOST_TICKS as f64).ceil() as i32;
        self.of_decades(&[1.0], decades.max(1))
    }

    /// Ticks without labels between the others, on a logarithmic axis.
    pub(crate) fn small_ticks(&self) -> Vec<f64> {
        if !self.logarithmic || libm::log10(self.high / self.low) > 6.0 {
            return Vec::new();
        }
        self.of_decades(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], 1)
    }

    fn of_decades(&self, digits: &[f64], every: i32) -> Vec<f64> {
        let (first, last) = (libm::log10(self.low).floor() as i32, libm::log10(self.high).ceil() as i32);
        let decades = (first..=last).filter(|decade| decade.rem_euclid(every) == 0);
        let ticks = decades.flat_map(|decade| digits.iter().map(move |digit| rounded(*digit, decade)));
        ticks.filter(|tick| self.holds(*tick)).collect()
    }

    fn round_steps(&self) -> Vec<f64> {
        let rough = (self.high - self.low) / (MOST_TICKS - 2) as f64;
        let decade = libm::log10(rough).floor() as i32;
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|digit| rounded(digit, decade)).find(|step| *step >= rough);
        let Some(step) = step.filter(|step| *step > 0.0) else { return Vec::new() };
        let first = (self.low / step).ceil() as i64;
        (0..=MOST_TICKS as i64).map(|index| (first + index) as f64 * step).filter(|tick| self.holds(*tick)).collect()
    }

    fn holds(&self, value: f64) -> bool {
        let slack = 1e-9 * (self.high - self.low);
        (self.low - slack..=self.high + slack).contains(&value)
    }
}

/// The digit times a power of ten, as nearly as a number can be.
fn rounded(digit: f64, decade: i32) -> f64 {
    format!("{digit}e{decade}").parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        let axis = Axis::linear((0.5, 8.5), (0.0, 100.0));
        assert_eq!(axis.ticks(), [2.0, 4.0, 6.0, 8.0]);
        let axis = Axis::logarithmic((0.03, 2.1), (100.0, 0.0));
        assert_eq!(axis.ticks(), [0.05, 0.1, 0.2, 0.5, 1.0, 2.0]);
        assert_eq!(Axis::logarithmic((1e-12, 1.0), (0.0, 1.0)).ticks().len(), 7);
        assert!(Axis::logarithmic((2.1, 2.9), (0.0, 1.0)).ticks().len() >= 3);
        for axis in [axis, Axis::logarithmic((0.0, 0.0), (0.0, 1.0)), Axis::linear((3.0, 3.0), (0.0, 1.0))] {
            assert!(axis.ticks().len() <= MOST_TICKS + 1, "{axis:?}");
        }
    }

    #[test]
    fn ends_are_at_their_places() {
        let axis = Axis::logarithmic((0.01, 1.0), (200.0, 0.0));
        for (value, place) in [(0.01, 200.0), (0.1, 100.0), (1.0, 0.0)] {
            assert!((axis.place(value) - place).abs() < 1e-9);
        }
        assert!(axis.place(0.0) > 200.0 && axis.place(-1.0).is_finite());
    }
}
