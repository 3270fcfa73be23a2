//! The likelihoods of variational autoencoders, as users spell them, and the costs of other errors.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::spelled::spelled;

/// The distribution of a sample about its reconstruction, in a variational autoencoder.
///
/// ```
/// use lumenfold::Likelihood;
/// assert_eq!("gaussian".parse(), Ok(Likelihood::Gaussian { deviation: None }));
/// assert_eq!("gaussian:0.1".parse(), Ok(Likelihood::Gaussian { deviation: Some(0.1) }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Likelihood {
    /// A normal distribution in scaled units.
    Gaussian {
        /// Its standard deviation, the same for all features; learnt for each feature if there is none.
        deviation: Option<f64>,
    },
    /// Zeros and ones with the chance of the reconstruction.
    Bernoulli,
    /// Counts with the rate of the reconstruction.
    Poisson,
}

impl Default for Likelihood {
    fn default() -> Self {
        Self::Gaussian { deviation: None }
    }
}

impl fmt::Display for Likelihood {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gaussian { deviation: None } => formatter.write_str("gaussian"),
            Self::Gaussian { deviation: Some(deviation) } => write!(formatter, "gaussian:{deviation}"),
            Self::Bernoulli => formatter.write_str("bernoulli"),
            Self::Poisson => formatter.write_str("poisson"),
        }
    }
}

impl FromStr for Likelihood {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let spelled = "a likelihood is gaussian, gaussian:DEVIATION, bernoulli or poisson";
        Ok(match text.split_once(':') {
            None if text == "gaussian" => Self::default(),
            None if text == "bernoulli" => Self::Bernoulli,
            None if text == "poisson" => Self::Poisson,
            Some(("gaussian", number)) => match number.trim().parse::<f64>() {
                Ok(deviation) if (1e-4..=1e4).contains(&deviation) => Self::Gaussian { deviation: Some(deviation) },
                _ => return Err(format!("\"{number}\" is no deviation from 0.0001 to 10000; {spelled}")),
            },
            _ => return Err(format!("unknown likelihood \"{text}\"; {spelled}")),
        })
    }
}

spelled!(Likelihood);

/// What an error costs in a fit, where no likelihood says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Cost {
    /// Its square.
    #[default]
    Squared,
    /// Its square up to this distance in scaled units, and beyond it only in proportion to the distance, so that outliers
    /// pull less; Huber (1964).
    Huber(f64),
}

impl Cost {
    /// The cost of a residual in scaled units.
    pub(crate) fn of(self, residual: f64) -> f64 {
        match self {
            Self::Huber(distance) if residual.abs() > distance => distance * (2.0 * residual.abs() - distance),
            _ => residual * residual,
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Squared => formatter.write_str("squared"),
            Self::Huber(distance) => write!(formatter, "huber:{distance}"),
        }
    }
}

impl FromStr for Cost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let spelled = "a loss is squared or huber:DISTANCE, in scaled units";
        match text.split_once(':') {
            None if text == "squared" => Ok(Self::Squared),
            Some(("huber", number)) => match number.trim().parse::<f64>() {
                Ok(distance) if (1e-4..=1e4).contains(&distance) => Ok(Self::Huber(distance)),
                _ => Err(format!("\"{number}\" is no distance from 0.0001 to 10000; {spelled}")),
            },
            _ => Err(format!("unknown loss \"{text}\"; {spelled}")),
        }
    }
}

spelled!(Cost);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likelihoods_and_costs_are_spelled_as_they_are_read() {
        for text in ["gaussian", "gaussian:0.5", "bernoulli", "poisson"] {
            assert_eq!(text.parse::<Likelihood>().map(|likelihood| likelihood.to_string()), Ok(text.to_owned()));
        }
        for text in ["squared", "huber:1.5"] {
            assert_eq!(text.parse::<Cost>().map(|cost| cost.to_string()), Ok(text.to_owned()));
        }
        for text in ["gaussian:0", "gaussian:x", "normal", "poisson:3", ""] {
            assert!(text.parse::<Likelihood>().is_err(), "{text}");
        }
        for text in ["huber", "huber:-1", "huber:inf", "l1"] {
            assert!(text.parse::<Cost>().is_err(), "{text}");
        }
    }

    #[test]
    fn beyond_its_distance_a_cost_goes_on_without_a_step() {
        let cost = Cost::Huber(0.5);
        assert_eq!(cost.of(-0.5), 0.25);
        assert!((cost.of(0.5 + 1e-9) - 0.25 - 1e-9).abs() < 1e-12);
        assert_eq!(cost.of(3.0), 0.5 * 5.5);
        assert_eq!(Cost::Squared.of(-3.0), 9.0);
    }
}
