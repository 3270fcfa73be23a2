//! What the resolution of an instrument does to a spectrum: fine bins become the bins of an axis.

use std::f64::consts::SQRT_2;

use super::axis::Axis;
use super::error::PhononError;

/// Full width at half maximum of a Gaussian of standard deviation 1: 2 √(2 ln 2).
const WIDTH: f64 = 2.354_820_045_030_949_3;
/// Standard deviations beyond which a Gaussian is left out: 6e-7 of it.
const REACH: f64 = 5.0;
/// Fine bins in a standard deviation.
const FINENESS: f64 = 4.0;
/// The most fine bins of an axis.
const MOST_FINE_BINS: f64 = 50_000.0;

/// Resolution of an axis: Gaussian, with a full width at half maximum that may grow or shrink along it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resolution {
    /// Full width at half maximum at zero, in the unit of the axis.
    pub at_zero: f64,
    /// What the width grows by for each unit of the axis; the width is never less than a tenth of that at zero.
    pub slope: f64,
}

impl Resolution {
    /// The same width everywhere.
    #[must_use]
    pub fn constant(width: f64) -> Self {
        Self { at_zero: width, slope: 0.0 }
    }

    /// The full width at half maximum at a place on the axis.
    #[must_use]
    pub fn width(&self, place: f64) -> f64 {
        (self.at_zero + self.slope * place.abs()).max(0.1 * self.at_zero)
    }

    /// The standard deviation at a place on the axis.
    pub(super) fn deviation(&self, place: f64) -> f64 {
        self.width(place) / WIDTH
    }

    /// The least of the widths between two places.
    pub(super) fn least_width(&self, (low, high): (f64, f64)) -> f64 {
        let nearest = if low <= 0.0 && high >= 0.0 { 0.0 } else { low.abs().min(high.abs()) };
        self.width(nearest).min(self.width(low.abs().max(high.abs())))
    }
}

/// Equal bins, finer than the resolution, into which modes are sorted before they are broadened.
#[derive(Clone, Copy, Debug)]
pub(super) struct FineBins {
    pub(super) begin: f64,
    pub(super) step: f64,
    pub(super) count: usize,
}

impl FineBins {
    pub(super) fn middle(&self, bin: usize) -> f64 {
        self.begin + (bin as f64 + 0.5) * self.step
    }

    /// The two bins between whose middles a value lies, as the first of them and the share of the second. Sums and first
    /// moments stay exact that way.
    #[inline(always)]
    pub(super) fn between(&self, value: f64) -> Option<(usize, f64)> {
        let place = (value - self.begin) / self.step - 0.5;
        let inside = place >= 0.0 && place < (self.count - 1) as f64;
        let bin = place as usize;
        inside.then_some((bin, place - bin as f64))
    }

    /// The bin of a value.
    #[inline(always)]
    pub(super) fn containing(&self, value: f64) -> Option<usize> {
        let place = (value - self.begin) / self.step;
        (place >= 0.0 && place < self.count as f64).then_some(place as usize)
    }
}

/// From fine bins to the bins of an axis.
#[derive(Clone, Debug)]
pub(super) struct Broadening {
    pub(super) fine: FineBins,
    /// For each bin of the axis the first fine bin that reaches it, and what of each from there on falls into it, for each
    /// unit of the axis.
    rows: Vec<(usize, Vec<f64>)>,
}

impl Broadening {
    /// Of an axis from fine bins that begin no lower than `lowest`.
    pub(super) fn new(
        name: &'static str,
        axis: &Axis,
        resolution: &Resolution,
        lowest: f64,
    ) -> Result<Self, PhononError> {
        let good = resolution.at_zero.is_finite() && resolution.at_zero > 0.0 && resolution.slope.abs() <= 1.0;
        let allowed = "a positive width, with a slope from -1 to 1";
        PhononError::check(good, name, format!("{} + {} × place", resolution.at_zero, resolution.slope), allowed)?;
        let (low, high) = axis.ends();
        // Modes beyond the ends reach into the axis with the resolution of their own place, which is wider further out.
        let beyond = |end: f64| {
            let slope = (resolution.slope.max(0.0) * REACH / WIDTH).min(0.9);
            REACH * resolution.deviation(end) / (1.0 - slope)
        };
        let begin = (low - beyond(low)).max(lowest);
        let end = high + beyond(high);
        let step = resolution.least_width((begin, end)) / WIDTH / FINENESS;
        let bins = (end - begin) / step;
        let allowed = "at least a 12,500th of the axis";
        PhononError::check(bins <= MOST_FINE_BINS, name, format!("{} wide", resolution.at_zero), allowed)?;
        let fine = FineBins { begin, step, count: bins.ceil() as usize + 1 };
        let edges = axis.edges();
        let rows = edges.windows(2).map(|bin| row(&fine, resolution, (bin[0], bin[1]))).collect();
        Ok(Self { fine, rows })
    }

    /// Values for each unit of the axis, from sums in fine bins.
    pub(super) fn apply(&self, fine: &[f64], values: &mut [f64]) {
        for ((first, shares), value) in self.rows.iter().zip(values) {
            let sum: f64 = shares.iter().zip(&fine[*first..]).map(|(share, fine)| share * fine).sum();
            *value = sum;
        }
    }

    /// For each bin of the axis: the first fine bin, and the shares from there on.
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, &[f64])> {
        self.rows.iter().map(|(first, shares)| (*first, shares.as_slice()))
    }
}

/// The share of each fine bin that falls between two edges, for each unit of the axis.
fn row(fine: &FineBins, resolution: &Resolution, (low, high): (f64, f64)) -> (usize, Vec<f64>) {
    let share = |bin: usize| {
        let middle = fine.middle(bin);
        let deviation = resolution.deviation(middle);
        let below = |edge: f64| {
            let distance = (edge - middle) / deviation;
            if distance.abs() > REACH { 0.5_f64.copysign(distance) } else { 0.5 * libm::erf(distance / SQRT_2) }
        };
        (below(high) - below(low)) / (high - low)
    };
    let shares: Vec<f64> = (0..fine.count).map(share).collect();
    let first = shares.iter().position(|share| *share != 0.0).unwrap_or(0);
    let end = shares.iter().rposition(|share| *share != 0.0).map_or(first, |last| last + 1);
    (first, shares[first..end].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mode far from the ends keeps its sum and its mean, whatever the grid; its width is that of the resolution.
    #[test]
    fn a_line_keeps_its_sum_mean_and_width() {
        let resolution = Resolution { at_zero: 1.5, slope: 0.05 };
        for points in [41, 97, 400] {
            let axis = Axis::between("energy", 0.0, 60.0, points).expect("an axis");
            let broadening = Broadening::new("resolution", &axis, &resolution, f64::MIN).expect("a resolution");
            let line = 31.234;
            let mut fine = vec![0.0; broadening.fine.count];
            let (bin, share) = broadening.fine.between(line).expect("on the axis");
            fine[bin] += 1.0 - share;
            fine[bin + 1] += share;
            let mut values = vec![0.0; points];
            broadening.apply(&fine, &mut values);
            let step = axis.values()[1];
            let moment = |power: i32| {
                let terms = values.iter().zip(axis.values()).map(|(value, x)| value * (x - line).powi(power) * step);
                terms.sum::<f64>()
            };
            assert!((moment(0) - 1.0).abs() < 1e-5, "{points}: {}", moment(0));
            assert!(moment(1).abs() < 1e-3, "{points}: {}", moment(1));
            // Bins add a twelfth of their squared width, fine bins as much of theirs.
            let expected = resolution.deviation(line).powi(2) + step * step / 12.0;
            assert!((moment(2) / expected - 1.0).abs() < 0.02, "{points}: {} {expected}", moment(2));
        }
    }

    #[test]
    fn the_least_width_is_found() {
        let narrowing = Resolution { at_zero: 4.0, slope: -0.0625 };
        assert_eq!(narrowing.least_width((0.0, 48.0)), 1.0);
        assert_eq!(narrowing.least_width((-56.0, 48.0)), 0.5);
        assert_eq!(narrowing.width(1e6), 0.1 * 4.0);
        let widening = Resolution { at_zero: 1.0, slope: 0.1 };
        assert_eq!((widening.least_width((-5.0, 50.0)), widening.least_width((10.0, 50.0))), (1.0, 2.0));
    }

    #[test]
    fn resolutions_that_make_no_sense_are_refused() {
        let axis = Axis::between("energy", 0.0, 60.0, 61).expect("an axis");
        for (at_zero, slope) in [(0.0, 0.0), (-1.0, 0.0), (f64::NAN, 0.0), (1.0, 2.0), (1e-5, 0.0), (1.0, f64::NAN)] {
            assert!(Broadening::new("resolution", &axis, &Resolution { at_zero, slope }, 0.0).is_err());
        }
    }
}
