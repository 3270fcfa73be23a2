//! What a denoising autoencoder does to its inputs.

use crate::error::EngineError;

/// A way to corrupt samples, in the scaled units of the engine. Every value is corrupted for itself, anew in every step.
#[derive(Clone, Debug, PartialEq)]
pub enum Corruption {
    /// Normal noise of this standard deviation is added.
    Gaussian {
        /// The standard deviation.
        deviation: f32,
    },
    /// This share of the values is replaced.
    Masking {
        /// The share, from 0 to 1.
        share: f32,
        /// What stands in their place, for each feature.
        value: Vec<f32>,
    },
    /// This share of the values is replaced, half of them by the lowest and half by the highest value of their feature.
    SaltAndPepper {
        /// The share, from 0 to 1.
        share: f32,
        /// The lowest value of each feature.
        lowest: Vec<f32>,
        /// The highest value of each feature.
        highest: Vec<f32>,
    },
    /// The values are rates of a Poisson process that counts for this time: `count / exposure` stands in their place.
    /// Rates below zero count as zero.
    Poisson {
        /// Counts that a value of one in original units gives on average.
        exposure: f64,
        /// For each feature what is to be added to a scaled value after it was multiplied by `scale`, to give the rate.
        center: Vec<f64>,
        /// For each feature the units of the rate in one scaled unit.
        scale: Vec<f64>,
    },
    /// The values are counts, each of which goes into the first of two parts with the chance `share`, else into the second.
    /// The first part, divided by its share, comes in; the second, divided by its share, is the target. Of Poisson counts
    /// the parts are independent measurements of one rate: what is learnt from one about the other is the rate alone
    /// (Neufeld et al. 2024, JMLR 25(57); Lehtinen et al. 2018, arXiv:1803.04189). Counts are rounded, and those below zero
    /// count as zero.
    Split {
        /// The share of the counts that comes in, between 0 and 1.
        share: f64,
        /// For each feature what is to be added to a scaled value after it was multiplied by `scale`, to give the counts.
        center: Vec<f64>,
        /// For each feature the counts in one scaled unit.
        scale: Vec<f64>,
    },
}

impl Corruption {
    /// Checks it for samples of so many features.
    pub(crate) fn check(&self, features: usize) -> Result<(), EngineError> {
        let setting = |name, value: f64, allowed, good: bool| {
            if good { Ok(()) } else { Err(EngineError::Setting { name, value: value.to_string(), allowed }) }
        };
        let share = |share: f32| {
            setting("the share of corrupted values", share.into(), "from 0 to 1", (0.0..=1.0).contains(&share))
        };
        let length = |what, found| {
            if found == features { Ok(()) } else { Err(EngineError::Length { what, expected: features, found }) }
        };
        match self {
            Self::Gaussian { deviation } => {
                let good = deviation.is_finite() && *deviation >= 0.0;
                setting("the deviation of the noise", (*deviation).into(), "zero or positive", good)
            }
            Self::Masking { share: part, value } => {
                share(*part).and_then(|()| length("the values that mask", value.len()))
            }
            Self::SaltAndPepper { share: part, lowest, highest } => share(*part)
                .and_then(|()| length("the lowest values", lowest.len()))
                .and_then(|()| length("the highest values", highest.len())),
            Self::Poisson { exposure, center, scale } => {
                let good = exposure.is_finite() && *exposure > 0.0;
                setting("the exposure", *exposure, "positive", good)
                    .and_then(|()| length("the centres", center.len()))
                    .and_then(|()| length("the scales", scale.len()))
            }
            Self::Split { share, center, scale } => {
                setting("the share of counts", *share, "between 0 and 1", *share > 0.0 && *share < 1.0)
                    .and_then(|()| length("the centres", center.len()))
                    .and_then(|()| length("the scales", scale.len()))
            }
        }
    }
}
