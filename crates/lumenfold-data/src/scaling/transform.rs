//! Functions that bend a feature, each with its inverse.

use serde::{Deserialize, Serialize};

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
}

impl Transform {
    /// The transformed value; NaN or infinite outside its domain.
    #[must_use]
    pub fn forward(self, value: f64) -> f64 {
        match self {
            Self::Identity => value,
            Self::Log => libm::log(value),
            Self::Asinh { softening } => libm::asinh(value / softening),
        }
    }

    /// The value that was transformed.
    #[must_use]
    pub fn inverse(self, transformed: f64) -> f64 {
        match self {
            Self::Identity => transformed,
            Self::Log => libm::exp(transformed),
            Self::Asinh { softening } => libm::sinh(transformed) * softening,
        }
    }

    /// The derivative of [`Transform::inverse`]: how far a value moves, to first order, per step of the transformed.
    #[must_use]
    pub fn inverse_slope(self, transformed: f64) -> f64 {
        match self {
            Self::Identity => 1.0,
            Self::Log => libm::exp(transformed),
            Self::Asinh { softening } => libm::cosh(transformed) * softening,
        }
    }
}
