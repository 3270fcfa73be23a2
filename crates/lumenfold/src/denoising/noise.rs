//! The noise that data are stated to have.

use std::fmt;
use std::str::FromStr;

use crate::synthetic::phonons::poisson;
use crate::synthetic::random::RowRandom;

/// Counts whose mean is estimated below this are taken to have this variance: a mean of zero would leave no room for any
/// count, and estimates of such means are no better than that.
const LEAST_VARIANCE: f64 = 0.1;

/// What is known of the noise of each value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StatedNoise {
    /// Normal, with the standard errors that the data have.
    Errors,
    /// Counts: their variance is their mean, which is the estimate and never the count itself.
    Poisson,
    /// Normal, with this standard deviation in the data's units.
    Gaussian(f64),
}

impl StatedNoise {
    /// The variance of a value whose mean is estimated; `error` is its standard error, if the data have them.
    #[must_use]
    pub fn variance(self, mean: f64, error: Option<f64>) -> f64 {
        match self {
            Self::Errors => error.map_or(f64::NAN, |error| error * error),
            Self::Poisson => mean.max(LEAST_VARIANCE),
            Self::Gaussian(deviation) => deviation * deviation,
        }
    }

    /// A value that might have been measured in its place.
    pub(crate) fn draw(self, mean: f64, variance: f64, random: &mut RowRandom) -> f64 {
        match self {
            Self::Poisson => poisson(mean.max(0.0), random),
            Self::Errors | Self::Gaussian(_) => mean + variance.sqrt() * random.normal(),
        }
    }

    /// What has the variance of the noise as its mean, whatever the true value: for counts the count.
    pub(crate) fn unbiased_variance(self, value: f64, variance: f64) -> f64 {
        if self == Self::Poisson { value } else { variance }
    }
}

impl fmt::Display for StatedNoise {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Errors => formatter.write_str("errors"),
            Self::Poisson => formatter.write_str("poisson"),
            Self::Gaussian(deviation) => write!(formatter, "gaussian:{deviation}"),
        }
    }
}

impl FromStr for StatedNoise {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "errors" => Ok(Self::Errors),
            None if text == "poisson" => Ok(Self::Poisson),
            Some(("gaussian", number)) => match number.trim().parse::<f64>() {
                Ok(deviation) if deviation > 0.0 && deviation.is_finite() => Ok(Self::Gaussian(deviation)),
                _ => Err(format!("\"{number}\" is no standard deviation above zero, in the data's units")),
            },
            _ => Err(format!("\"{text}\" is no noise; it is errors, poisson or gaussian:DEVIATION")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noises_are_spelled_as_they_are_read() {
        for text in ["errors", "poisson", "gaussian:0.5"] {
            assert_eq!(text.parse::<StatedNoise>().map(|noise| noise.to_string()), Ok(text.to_owned()));
        }
        for text in ["gaussian", "gaussian:0", "gaussian:-1", "gaussian:inf", "gaussian:x", "brown", ""] {
            assert!(text.parse::<StatedNoise>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_variance_of_counts_is_their_mean_and_never_zero() {
        assert_eq!(StatedNoise::Poisson.variance(7.0, None), 7.0);
        assert_eq!(StatedNoise::Poisson.variance(-3.0, None), LEAST_VARIANCE);
        assert_eq!(StatedNoise::Errors.variance(7.0, Some(3.0)), 9.0);
        assert_eq!(StatedNoise::Gaussian(2.0).variance(7.0, None), 4.0);
    }
}
