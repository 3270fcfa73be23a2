//! The noise of denoising autoencoders, as users spell it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::spelled::spelled;

/// A way to corrupt the inputs of a denoising autoencoder, spelled `name:strength`. Noise is drawn anew for every value
/// in every epoch.
///
/// ```
/// use lumenfold::Noise;
/// let noise: Noise = "gaussian:0.3".parse()?;
/// assert_eq!(noise, Noise::Gaussian(0.3));
/// assert_eq!(noise.to_string(), "gaussian:0.3");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Noise {
    /// Normal noise of this standard deviation in scaled units is added.
    Gaussian(f64),
    /// This share of the values is replaced by zero in scaled units: with standard scaling by the feature's mean.
    Masking(f64),
    /// This share of the values is replaced, half of them by the lowest and half by the highest value of their feature
    /// among the training rows.
    SaltAndPepper(f64),
    /// The values, in original units, are replaced by counts of a Poisson process in which a value of one gives so many
    /// counts on average, divided by that number.
    Poisson(f64),
    /// The values are counts, and this share of the counts comes in; the others, an independent measurement of the same
    /// rates, are what must be told from them. It needs no clean data.
    Split(f64),
}

impl Noise {
    const NAMES: [&'static str; 5] = ["gaussian", "masking", "salt-pepper", "poisson", "split"];

    fn parts(self) -> (&'static str, f64) {
        match self {
            Self::Gaussian(deviation) => (Self::NAMES[0], deviation),
            Self::Masking(share) => (Self::NAMES[1], share),
            Self::SaltAndPepper(share) => (Self::NAMES[2], share),
            Self::Poisson(exposure) => (Self::NAMES[3], exposure),
            Self::Split(share) => (Self::NAMES[4], share),
        }
    }

    /// Whether it is one of counts, which must come in as they were counted but for a factor.
    pub(crate) fn counts(self) -> bool {
        matches!(self, Self::Poisson(_) | Self::Split(_))
    }

    /// What is wrong with the strength, if anything.
    pub(crate) fn out_of_range(self) -> Option<&'static str> {
        let (good, allowed) = match self {
            Self::Gaussian(deviation) => ((1e-6..=1e6).contains(&deviation), "a standard deviation from 1e-6 to 1e6"),
            Self::Masking(share) | Self::SaltAndPepper(share) => {
                (share > 0.0 && share < 1.0, "a share above 0 and below 1")
            }
            Self::Split(share) => ((0.01..=0.99).contains(&share), "a share of the counts from 0.01 to 0.99"),
            Self::Poisson(exposure) => {
                ((1e-12..=1e12).contains(&exposure), "counts for a value of one, from 1e-12 to 1e12")
            }
        };
        (!good).then_some(allowed)
    }
}

impl fmt::Display for Noise {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, strength) = self.parts();
        // Short for any number.
        if (1e-4..1e6).contains(&strength.abs()) {
            write!(formatter, "{name}:{strength}")
        } else {
            write!(formatter, "{name}:{strength:e}")
        }
    }
}

impl FromStr for Noise {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let examples = "gaussian:0.3, masking:0.25, salt-pepper:0.1, poisson:20 or split:0.8";
        let (name, strength) = text
            .split_once(':')
            .ok_or_else(|| format!("\"{text}\" has no strength; noise is spelled as {examples}"))?;
        let strength: f64 = strength
            .trim()
            .parse()
            .map_err(|_| format!("\"{strength}\" is no number; noise is spelled as {examples}"))?;
        let noise = match name.trim() {
            "gaussian" => Self::Gaussian(strength),
            "masking" => Self::Masking(strength),
            "salt-pepper" => Self::SaltAndPepper(strength),
            "poisson" => Self::Poisson(strength),
            "split" => Self::Split(strength),
            _ => return Err(format!("unknown noise \"{name}\"; choose one of {}", Self::NAMES.join(", "))),
        };
        match noise.out_of_range() {
            Some(allowed) => Err(format!("the strength of {noise} must be {allowed}")),
            None => Ok(noise),
        }
    }
}

spelled!(Noise);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_spelled_as_it_is_read() {
        for text in [
            "gaussian:0.3",
            "masking:0.25",
            "salt-pepper:0.1",
            "poisson:20",
            "poisson:1e12",
            "gaussian:2e-6",
            "split:0.8",
        ] {
            assert_eq!(text.parse::<Noise>().map(|noise| noise.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_is_no_noise_is_refused_with_the_reason() {
        for (text, reason) in [
            ("gaussian", "no strength"),
            ("gaussian:x", "no number"),
            ("gaussian:-1", "1e-6 to 1e6"),
            ("gaussian:1e300", "1e-6 to 1e6"),
            ("gaussian:nan", "1e-6 to 1e6"),
            ("masking:1", "above 0 and below 1"),
            ("salt-pepper:0", "above 0 and below 1"),
            ("poisson:inf", "from 1e-12"),
            ("brown:1", "unknown noise"),
        ] {
            let error = text.parse::<Noise>().expect_err(text);
            assert!(error.contains(reason), "{error}");
        }
    }
}
