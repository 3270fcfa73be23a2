//! Functions that bend a feature, each with its inverse.

use serde::{Deserialize, Serialize};

use crate::DataError;

/// A function of one number that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// x
    Identity,
    /// ln x, for x > 0.
    Log,
    /// asinh(x / softening): linear near 0, logarithmic far from it, of either sign (Lupton, Gunn and Szalay 1999).
    Asinh {
        /// Where linear turns into logarithmic, in units of x; above 0.
        softening: f64,
    },
    /// asinh((x - center) / softening): linear near the center, logarithmic far from it on either side.
    AsinhAbout {
        /// Where it is zero, in units of x.
        center: f64,
        /// Where linear turns into logarithmic, in units of x; above 0.
        softening: f64,
    },
    /// 2 √(x + 3/8), for x ≥ -3/8: makes the noise of counts about normal with deviation 1, whatever their mean (Anscombe,
    /// *Biometrika* 35, 1948). Its inverse is not that of the function but gives the mean of the counts whose transformed
    /// values have the mean that comes in, since such means are what networks tell: see [`Transform::inverse`].
    Anscombe,
}

impl Transform {
    /// The transformed value; NaN or infinite outside its domain.
    #[must_use]
    pub fn forward(self, value: f64) -> f64 {
        match self {
            Self::Identity => value,
            Self::Log => libm::log(value),
            Self::Asinh { softening } => libm::asinh(value / softening),
            Self::AsinhAbout { center, softening } => libm::asinh((value - center) / softening),
            Self::Anscombe => 2.0 * libm::sqrt(value + 0.375),
        }
    }

    /// The value that was transformed.
    ///
    /// For [`Transform::Anscombe`] it is the exact unbiased inverse in its closed form,
    /// `y²/4 + √(3/2)/(4 y) - 11/(8 y²) + 5 √(3/2)/(8 y³) - 1/8`, and 0 below its zero at y = 2 √(3/8) (Mäkitalo and Foi,
    /// *IEEE Trans. Image Process.* 20, 2697, 2011): the mean of a Poisson distribution whose transformed counts have the mean y. The
    /// function itself, undone, would give means that are too low by up to a quarter of a count.
    #[must_use]
    pub fn inverse(self, transformed: f64) -> f64 {
        match self {
            Self::Identity => transformed,
            Self::Log => libm::exp(transformed),
            Self::Asinh { softening } => libm::sinh(transformed) * softening,
            Self::AsinhAbout { center, softening } => libm::sinh(transformed) * softening + center,
            Self::Anscombe => counts(transformed),
        }
    }

    /// The derivative of [`Transform::inverse`]: how far a value moves, to first order, per step of the transformed.
    #[must_use]
    pub fn inverse_slope(self, transformed: f64) -> f64 {
        match self {
            Self::Identity => 1.0,
            Self::Log => libm::exp(transformed),
            Self::Asinh { softening } | Self::AsinhAbout { softening, .. } => libm::cosh(transformed) * softening,
            Self::Anscombe => slope_of_counts(transformed),
        }
    }
}

/// What refuses values.
impl Transform {
    /// Whether a value is outside its domain; NaN is no value.
    #[must_use]
    pub fn refuses(self, value: f64) -> bool {
        match self {
            Self::Identity | Self::Asinh { .. } | Self::AsinhAbout { .. } => false,
            Self::Log => value <= 0.0,
            Self::Anscombe => value < -0.375,
        }
    }

    /// The error about a value outside its domain, which is in a row (counted from 1) and a column.
    #[must_use]
    pub fn refusal(self, path: String, row: u64, column: String, value: f64) -> DataError {
        match self {
            Self::Anscombe => DataError::CountBelowZero { path, row, column, value },
            _ => DataError::LogOfNonPositive { path, row, column, value },
        }
    }
}

/// √(3/2).
const ROOT: f64 = 1.224_744_871_391_589;

/// Where the inverse of Anscombe's transform is zero: 2 √(3/8).
const NO_COUNTS: f64 = ROOT;

fn counts(transformed: f64) -> f64 {
    let y = transformed;
    if y.is_nan() {
        return y;
    }
    if y <= NO_COUNTS {
        return 0.0;
    }
    (0.25 * y * y + 0.25 * ROOT / y - 1.375 / (y * y) + 0.625 * ROOT / (y * y * y) - 0.125).max(0.0)
}

fn slope_of_counts(transformed: f64) -> f64 {
    // Below the zero, the slope there: a scale that is used for nothing but sizes must not vanish.
    let y = transformed.max(NO_COUNTS);
    let square = y * y;
    0.5 * y - 0.25 * ROOT / square + 2.75 / (square * y) - 1.875 * ROOT / (square * square)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of transformed counts whose mean is given, summed over the Poisson distribution.
    fn mean_of_transformed(mean: f64) -> f64 {
        let (mut sum, mut log_factorial) = (0.0, 0.0);
        for count in 0..2000 {
            if count > 0 {
                log_factorial += libm::log(f64::from(count));
            }
            let chance = libm::exp(f64::from(count) * libm::log(mean) - mean - log_factorial);
            sum += chance * Transform::Anscombe.forward(f64::from(count));
        }
        sum
    }

    /// How far the closed form is from the mean at most, in counts: 0.0182 for means from 0.01 to 2000.
    const TOLERANCE: f64 = 0.0185;

    #[test]
    fn the_inverse_of_anscombe_gives_the_mean_of_counts() {
        for mean in [0.05, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0, 500.0] {
            let found = Transform::Anscombe.inverse(mean_of_transformed(mean));
            assert!((found - mean).abs() < TOLERANCE, "{mean}: {found}");
            // The function undone is too low.
            let plain = 0.25 * mean_of_transformed(mean) * mean_of_transformed(mean) - 0.375;
            assert!(mean < 3.0 || (mean - plain > 0.2 && mean - plain < 0.3), "{mean}: {plain}");
        }
    }

    #[test]
    fn anscombe_rises_and_has_the_slope_it_says() {
        let inverse = |y: f64| Transform::Anscombe.inverse(y);
        assert_eq!((inverse(-5.0), inverse(1.2)), (0.0, 0.0));
        let mut before = 0.0;
        for step in 0..400 {
            let y = NO_COUNTS + f64::from(step) * 0.1;
            assert!(inverse(y) >= before, "{y}");
            before = inverse(y);
            let slope = (inverse(y + 1.001e-4) - inverse(y + 1e-6)) / (1.001e-4 - 1e-6);
            let told = Transform::Anscombe.inverse_slope(y + 5e-5);
            assert!((slope - told).abs() < 1e-4 * told.max(1.0), "{y}: {slope} {told}");
        }
        assert!(Transform::Anscombe.forward(-0.5).is_nan());
    }
}
