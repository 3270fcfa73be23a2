//! The rules of sparse codes, as users spell them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::spelled::spelled;

/// What keeps most numbers of a sparse autoencoder's code at zero, spelled `name:number`. Penalties are in units of the
/// loss of a sample, that is of its squared errors in scaled units summed over features.
///
/// ```
/// use lumenfold::Sparsity;
/// let sparsity: Sparsity = "topk:16".parse()?;
/// assert_eq!(sparsity, Sparsity::TopK(16));
/// assert_eq!(sparsity.to_string(), "topk:16");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Sparsity {
    /// So many latents of each sample stay, those with the largest values.
    TopK(usize),
    /// So many latents stay on average over a batch; samples that need more get more.
    BatchTopK(f64),
    /// The sum of the latents' magnitudes, each times the length of what it adds in the decoder, costs so much for each unit.
    L1(f64),
    /// Sigmoid latents whose mean activities are drawn to a target by their divergence from it.
    Kl {
        /// The mean activity that is wanted.
        target: f64,
        /// What the divergence costs.
        strength: f64,
    },
    /// Each latent that is used costs so much; the thresholds from which latents count are learnt.
    JumpRelu {
        /// What a used latent costs.
        strength: f64,
        /// Width of the window about a threshold in which samples tell where it should go, in units of latents.
        bandwidth: f64,
    },
}

/// How thresholds are learnt unless something else is said.
const BANDWIDTH: f64 = 0.1;

/// What the divergence of activities costs unless something else is said.
const KL_STRENGTH: f64 = 1.0;

impl Sparsity {
    const EXAMPLES: &'static str = "topk:16, batch-topk:16, l1:0.1, kl:0.05:1 or jumprelu:0.1";

    /// Whether dead latents are revived by a second reconstruction.
    pub(crate) fn revives(self) -> bool {
        matches!(self, Self::TopK(_) | Self::BatchTopK(_))
    }

    /// What is wrong with a number of it, for a code of so many numbers if that is known: what it must be.
    pub(crate) fn out_of_range(self, latent: Option<usize>) -> Option<String> {
        let strength = |value: f64| (1e-9..=1e9).contains(&value);
        let most = latent.map_or_else(String::new, |latent| format!(", and at most the latent dimension ({latent})"));
        let latent = latent.unwrap_or(usize::MAX);
        let (good, allowed) = match self {
            Self::TopK(kept) => ((1..=latent).contains(&kept), format!("topk with a number from 1 on{most}")),
            Self::BatchTopK(kept) => {
                (kept > 0.0 && kept <= latent as f64, format!("batch-topk with a number above 0{most}"))
            }
            Self::L1(value) => (strength(value), "l1 with a cost from 1e-9 to 1e9".to_owned()),
            Self::Kl { target, strength: cost } => (
                (1e-4..=0.9).contains(&target) && strength(cost),
                "kl with a mean activity from 0.0001 to 0.9 and a cost from 1e-9 to 1e9".to_owned(),
            ),
            Self::JumpRelu { strength: cost, bandwidth } => (
                strength(cost) && (1e-4..=10.0).contains(&bandwidth),
                "jumprelu with a cost from 1e-9 to 1e9 and a bandwidth from 0.0001 to 10".to_owned(),
            ),
        };
        (!good).then_some(allowed)
    }

    /// The value above which a latent counts as used. A sigmoid is never zero: it is used where it is twice as active as it
    /// should be on average.
    pub(crate) fn used_above(self) -> f32 {
        match self {
            Self::Kl { target, .. } => (2.0 * target).min(0.5 * (1.0 + target)) as f32,
            _ => 0.0,
        }
    }
}

impl fmt::Display for Sparsity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TopK(kept) => write!(formatter, "topk:{kept}"),
            Self::BatchTopK(kept) => write!(formatter, "batch-topk:{kept}"),
            Self::L1(strength) => write!(formatter, "l1:{strength}"),
            Self::Kl { target, strength } => write!(formatter, "kl:{target}:{strength}"),
            Self::JumpRelu { strength, bandwidth } => write!(formatter, "jumprelu:{strength}:{bandwidth}"),
        }
    }
}

impl FromStr for Sparsity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let spelled = format!("sparsity is spelled as {}", Self::EXAMPLES);
        let mut parts = text.split(':').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let parts: Vec<&str> = parts.collect();
        let number = |index: usize, standard: Option<f64>| match (parts.get(index), standard) {
            (Some(text), _) => text.parse::<f64>().map_err(|_| format!("\"{text}\" is no number; {spelled}")),
            (None, Some(standard)) => Ok(standard),
            (None, None) => Err(format!("\"{name}\" has no number; {spelled}")),
        };
        let (sparsity, numbers) = match name {
            "topk" => {
                let text = parts.first().ok_or_else(|| format!("\"{name}\" has no number; {spelled}"))?;
                (Self::TopK(text.parse().map_err(|_| format!("\"{text}\" is no whole number; {spelled}"))?), 1)
            }
            "batch-topk" => (Self::BatchTopK(number(0, None)?), 1),
            "l1" => (Self::L1(number(0, None)?), 1),
            "kl" => (Self::Kl { target: number(0, None)?, strength: number(1, Some(KL_STRENGTH))? }, 2),
            "jumprelu" => (Self::JumpRelu { strength: number(0, None)?, bandwidth: number(1, Some(BANDWIDTH))? }, 2),
            _ => return Err(format!("unknown sparsity \"{name}\"; {spelled}")),
        };
        if parts.len() > numbers {
            return Err(format!("\"{text}\" has too many numbers; {spelled}"));
        }
        match sparsity.out_of_range(None) {
            Some(allowed) => Err(format!("{sparsity} must be {allowed}")),
            None => Ok(sparsity),
        }
    }
}

spelled!(Sparsity);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparsity_is_spelled_as_it_is_read() {
        for text in ["topk:16", "batch-topk:2.5", "l1:0.01", "kl:0.05:3", "jumprelu:0.01:0.2"] {
            assert_eq!(text.parse::<Sparsity>().map(|sparsity| sparsity.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("kl:0.1".parse(), Ok(Sparsity::Kl { target: 0.1, strength: 1.0 }));
    }

    #[test]
    fn what_is_no_sparsity_is_refused_with_the_reason() {
        for (text, reason) in [
            ("topk", "no number"),
            ("topk:2.5", "no whole number"),
            ("topk:0", "from 1"),
            ("batch-topk:-1", "above 0"),
            ("l1:nan", "from 1e-9"),
            ("l1:1:2", "too many"),
            ("kl:1", "0.0001 to 0.9"),
            ("jumprelu:1:0", "bandwidth"),
            ("l2:1", "unknown sparsity"),
        ] {
            let error = text.parse::<Sparsity>().expect_err(text);
            assert!(error.contains(reason), "{error}");
        }
        assert!(Sparsity::TopK(5).out_of_range(Some(4)).is_some());
    }
}
