//! Numbers along an axis.

mod decades;

/// Numbers from `low` to `high` at pixels from `start` to `end`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) start: f64,
    pub(crate) end: f64,
    logarithmic: bool,
}

impl Axis {
    /// Never empty: numbers that are all the same get some room.
    pub(crate) fn new((low, high): (f64, f64), (start, end): (f64, f64)) -> Self {
        let (low, high) = match (low.is_finite() && high.is_finite(), high > low) {
            (true, true) => (low, high),
            (true, false) => {
                let room = if low == 0.0 { 1.0 } else { 0.1 * low.abs() };
                (low - room, low + room)
            }
            (false, _) => (0.0, 1.0),
        };
        Self { low, high, start, end, logarithmic: false }
    }

    /// An axis on which equal factors are equally long, for numbers above zero.
    pub(crate) fn logarithmic((low, high): (f64, f64), (start, end): (f64, f64)) -> Self {
        let low = low.max(f64::MIN_POSITIVE);
        Self { low, high: if high > low { high } else { 10.0 * low }, start, end, logarithmic: true }
    }

    /// The same with a share of its length added at both ends.
    pub(crate) fn widened(self, share: f64) -> Self {
        let room = share * (self.high - self.low);
        // Still a number at the ends of what doubles hold.
        Self { low: (self.low - room).max(f64::MIN), high: (self.high + room).min(f64::MAX), ..self }
    }

    /// Where a number is; what is beyond the axis is beyond its ends, and on a logarithmic one zero is far below.
    pub(crate) fn place(&self, value: f64) -> f64 {
        if self.logarithmic {
            let [low, high, value] = [self.low, self.high, value.max(1e-300)].map(libm::log);
            return self.start + (value - low) / (high - low) * (self.end - self.start);
        }
        let share = (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0);
        self.start + share.clamp(-1.0, 2.0) * (self.end - self.start)
    }

    /// Round numbers along it, about so many, with the text of each.
    pub(crate) fn ticks(&self, about: usize) -> Vec<(f64, String)> {
        if self.logarithmic {
            let round = decades::round(self.low, self.high, about);
            return round.into_iter().map(|value| (value, decades::text(value))).collect();
        }
        ticks(self.low, self.high, about)
    }

    /// Numbers between those, on a logarithmic axis.
    pub(crate) fn small_ticks(&self) -> Vec<f64> {
        if self.logarithmic { decades::all(self.low, self.high) } else { Vec::new() }
    }
}

/// Round numbers from `low` to `high`, about so many, with the text of each.
pub(crate) fn ticks(low: f64, high: f64, about: usize) -> Vec<(f64, String)> {
    let rough = (high / 2.0 - low / 2.0) * 2.0 / about.max(1) as f64;
    if !(rough > 0.0 && rough.is_finite()) {
        return Vec::new();
    }
    let power = 10_f64.powi(rough.log10().floor() as i32);
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough * 0.8);
    let step = step.unwrap_or(10.0 * power);
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    // Far from zero, steps may vanish in the rounding.
    if !(last - first < 100.0 && first.abs() < 1e15 && last.abs() < 1e15) {
        return Vec::new();
    }
    let digits = decimals(step);
    let tick = |at: i64| {
        let value = at as f64 * step;
        let size = low.abs().max(high.abs());
        let text = if size >= 1e5 || step < 1e-4 { scientific(value) } else { format!("{value:.digits$}") };
        (value, text.replace('-', "\u{2212}"))
    };
    (first as i64..=last as i64).map(tick).collect()
}

/// Decimals that a multiple of a step needs.
pub(crate) fn decimals(step: f64) -> usize {
    (0..6)
        .find(|digits| {
            let scaled = step * 10_f64.powi(*digits as i32);
            (scaled - scaled.round()).abs() < 1e-6 * scaled.abs()
        })
        .unwrap_or(6)
}

fn scientific(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let text = format!("{value:.2e}");
    match text.split_once('e') {
        Some((digits, power)) => format!("{}e{power}", digits.trim_end_matches('0').trim_end_matches('.')),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(low: f64, high: f64) -> Vec<String> {
        ticks(low, high, 4).into_iter().map(|tick| tick.1).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(texts(-1.0, 1.0), ["\u{2212}1.0", "\u{2212}0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(texts(0.0, 255.0), ["0", "100", "200"]);
        assert_eq!(texts(380.2, 1001.0), ["400", "600", "800", "1000"]);
        assert_eq!(texts(0.0, 4e6), ["0", "1e6", "2e6", "3e6", "4e6"]);
    }

    #[test]
    fn odd_ranges_end() {
        for (low, high) in [(f64::NAN, 1.0), (1.0, 1.0), (-f64::MAX, f64::MAX), (1e300, 1e300), (1e17, 1e17 + 16.0)] {
            assert!(ticks(low, high, 5).len() < 100);
            let axis = Axis::new((low, high), (0.0, 100.0)).widened(0.1);
            assert!(axis.place(low).is_finite() || low.is_nan());
        }
    }

    #[test]
    fn logarithms_are_at_their_places() {
        let axis = Axis::logarithmic((0.01, 1.0), (200.0, 0.0));
        for (value, place) in [(0.01, 200.0), (0.1, 100.0), (1.0, 0.0)] {
            assert!((axis.place(value) - place).abs() < 1e-9);
        }
        assert!(axis.place(0.0) > 200.0 && axis.place(-1.0).is_finite());
        assert_eq!(
            axis.ticks(8).iter().map(|tick| tick.1.as_str()).collect::<Vec<_>>(),
            ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]
        );
        for axis in [Axis::logarithmic((0.0, 0.0), (0.0, 1.0)), Axis::logarithmic((2.0, 1.0), (0.0, 1.0))] {
            assert!(axis.ticks(8).len() <= 9 && axis.place(1.0).is_finite(), "{axis:?}");
        }
    }
}
