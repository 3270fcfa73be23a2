//! What is measured of a row.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::spelled::spelled;

/// One measure of how unlike ordinary rows a row is. All are above zero, in scaled units, and the mean (geometric) over the
/// members of a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Component {
    /// The mean over features of the squared residual over its usual square.
    Residual,
    /// The squared Mahalanobis distance of the residual, by the covariance of residuals of rows that the member did not
    /// see (Mahalanobis 1936), a tenth of it shrunk to a multiple of the identity.
    Mahalanobis,
    /// The distance from the nearest of a few reconstructed training rows, over many draws of them (the geometric mean).
    /// Few prototypes, since anomalies that come in groups would be near one another among many (Ting, Xu, Washio, Zhou
    /// 2017, *Machine Learning* 106, 55).
    Density,
    /// The distance of the code from the fifth nearest of the codes of training rows, each latent in units of its standard
    /// deviation: codes that no training row has.
    Latent,
    /// The mean over features of the squared residual over its variance: the squared standard error of the value, and what the
    /// member misses beside the errors. The reduced χ² of the reconstruction; of rows whose values have errors.
    Chi2,
}

/// The components of a row, at their places.
pub(crate) type Measures = [f64; Component::COUNT];

/// All of them, in the order in which they are kept.
pub const COMPONENTS: [Component; Component::COUNT] =
    [Component::Residual, Component::Mahalanobis, Component::Density, Component::Latent, Component::Chi2];

/// Those that need no errors of the values come first.
const WITHOUT_ERRORS: usize = 4;

/// Those that can be measured of values with errors or without.
pub(crate) fn measurable(errors: bool) -> &'static [Component] {
    if errors { &COMPONENTS } else { &COMPONENTS[..WITHOUT_ERRORS] }
}

/// What scores are made of unless others are asked for, of values without errors.
pub(crate) const USUAL: [Component; 2] = [Component::Mahalanobis, Component::Density];

impl Component {
    /// How many there are.
    pub(crate) const COUNT: usize = 5;

    /// Whether it can be measured only of values that have errors.
    #[must_use]
    pub fn needs_errors(self) -> bool {
        self.place() >= WITHOUT_ERRORS
    }

    /// Its place in [`COMPONENTS`].
    pub(crate) fn place(self) -> usize {
        self as usize
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Residual => "residual",
            Self::Mahalanobis => "mahalanobis",
            Self::Density => "density",
            Self::Latent => "latent",
            Self::Chi2 => "chi2",
        }
    }
}

impl AsRef<str> for Component {
    fn as_ref(&self) -> &str {
        self.name()
    }
}

impl fmt::Display for Component {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Component {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = COMPONENTS.into_iter().find(|component| component.name() == text);
        found.ok_or_else(|| {
            format!("\"{text}\" is no measure; choose among residual, mahalanobis, density, latent, chi2")
        })
    }
}

spelled!(Component);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for (place, component) in COMPONENTS.into_iter().enumerate() {
            assert_eq!((component.to_string().parse(), component.place()), (Ok(component), place));
        }
        assert!("isolation".parse::<Component>().is_err());
    }
}
