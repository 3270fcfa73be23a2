//! The kinds of scaling that can be asked for.

use std::fmt;
use std::str::FromStr;

use crate::DataError;

/// How scalings are fitted. As text: `standard`, `robust`, `common`, `log`, `asinh`, `robust-asinh`, `anscombe`, `none`, `factor:20`.
///
/// ```
/// use lumenfold_data::ScalingKind;
/// assert_eq!("factor:20".parse::<ScalingKind>()?, ScalingKind::Factor(20.0));
/// assert_eq!(ScalingKind::Robust.to_string(), "robust");
/// assert!("factor:0".parse::<ScalingKind>().is_err());
/// # Ok::<(), lumenfold_data::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum ScalingKind {
    /// Mean 0 and standard deviation 1 (that of the population: divided by n).
    #[default]
    Standard,
    /// Median 0 and interquartile range 1.349, which is that of a normal distribution of deviation 1. A feature whose
    /// interquartile range is 0 is divided by its standard deviation instead.
    Robust,
    /// One mean and one standard deviation for the values of all features together, as spectra and images want it: what
    /// varies little stays little.
    Common,
    /// The natural logarithm, standardised.
    Log,
    /// asinh(x / softening), standardised; the softening is the median of |x|, or 1 if that is 0.
    Asinh,
    /// asinh of the values as [`ScalingKind::Robust`] scales them: what is far out comes near, and the middle of
    /// each feature stays as it is.
    RobustAsinh,
    /// 2 √(x + 3/8), with one mean and one standard deviation for all values: for counts, whose noise it makes alike
    /// everywhere.
    Anscombe,
    /// As it is.
    None,
    /// Divided by a fixed number, finite and above 0.
    Factor(f64),
}

impl fmt::Display for ScalingKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standard => formatter.write_str("standard"),
            Self::Robust => formatter.write_str("robust"),
            Self::Common => formatter.write_str("common"),
            Self::Log => formatter.write_str("log"),
            Self::Asinh => formatter.write_str("asinh"),
            Self::RobustAsinh => formatter.write_str("robust-asinh"),
            Self::Anscombe => formatter.write_str("anscombe"),
            Self::None => formatter.write_str("none"),
            Self::Factor(factor) if (1e-5..1e15).contains(factor) => write!(formatter, "factor:{factor}"),
            Self::Factor(factor) => write!(formatter, "factor:{factor:e}"),
        }
    }
}

impl FromStr for ScalingKind {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Self, DataError> {
        let bad = || DataError::BadScaling { text: crate::suggest::excerpt(text) };
        match text {
            "standard" => Ok(Self::Standard),
            "robust" => Ok(Self::Robust),
            "common" => Ok(Self::Common),
            "log" => Ok(Self::Log),
            "asinh" => Ok(Self::Asinh),
            "robust-asinh" => Ok(Self::RobustAsinh),
            "anscombe" => Ok(Self::Anscombe),
            "none" => Ok(Self::None),
            _ => {
                let factor: f64 =
                    text.strip_prefix("factor:").and_then(|factor| factor.parse().ok()).ok_or_else(bad)?;
                // Its reciprocal must be a number too: data are divided by it.
                if factor > 0.0 && factor.is_finite() && factor.recip().is_finite() {
                    Ok(Self::Factor(factor))
                } else {
                    Err(bad())
                }
            }
        }
    }
}
