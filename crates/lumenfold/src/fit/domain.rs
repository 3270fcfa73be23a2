//! The values that a likelihood can be a likelihood of, and those that can be split as counts.

use crate::Likelihood;
use crate::settings::Settings;

/// Which scaled values are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Domain {
    /// All of them.
    Any,
    /// From 0 to 1; `drawn` if zeros and ones are drawn from them.
    Chances { drawn: bool },
    /// From 0 on.
    Counts,
    /// All of them, rounded.
    Split,
}

impl Domain {
    pub(super) fn of(settings: &Settings) -> Self {
        match settings.chosen_likelihood() {
            None if settings.splits_counts() => Self::Split,
            None | Some(Likelihood::Gaussian { .. }) => Self::Any,
            Some(Likelihood::Bernoulli) => Self::Chances { drawn: settings.binarize },
            Some(Likelihood::Poisson) => Self::Counts,
        }
    }

    pub(super) fn takes(self, scaled: f32) -> bool {
        match self {
            Self::Any | Self::Split => true,
            Self::Chances { .. } => (0.0..=1.0).contains(&scaled),
            Self::Counts => scaled >= 0.0,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Any | Self::Split => "any",
            Self::Chances { .. } => "from 0 to 1 after scaling; --scale factor:MAXIMUM brings them there",
            Self::Counts => "counts, which are not negative",
        }
    }

    /// Whether a value is none of those that the distribution gives: neither zero nor one, or no whole number.
    pub(super) fn is_strange(self, original: f64, scaled: f32) -> bool {
        match self {
            Self::Any | Self::Chances { drawn: true } => false,
            Self::Chances { drawn: false } => scaled != 0.0 && scaled != 1.0,
            Self::Counts | Self::Split => original.fract() != 0.0,
        }
    }

    /// What to say of so many strange values.
    pub(super) fn remark(self, strange: usize) -> Option<String> {
        let words = match self {
            Self::Any => return None,
            Self::Chances { .. } => {
                "values are neither 0 nor 1 and are taken as chances: the ELBO is then that of no data; --binarize draws \
                 zeros and ones from them"
            }
            Self::Counts => "values are no whole numbers: a Poisson likelihood is one of counts",
            Self::Split => "values are no whole numbers: counts are split, and others are rounded first",
        };
        let option = if self == Self::Split { "noise split" } else { "likelihood" };
        (strange > 0).then(|| format!("{option}: {strange} {words}"))
    }
}
