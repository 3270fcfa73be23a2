//! What training minimises.

use crate::corruption::Corruption;
use crate::error::EngineError;

/// What training minimises: the error of the reconstruction of samples that may come in corrupted.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// The weights of the squared error, one for each feature; the loss of a sample is `Σ_f w_f (y_f - x_f)² / features`.
    pub feature_weights: Vec<f32>,
    /// What is done to the samples before they come in, one after the other; the loss is that against the samples as
    /// they were.
    pub corruptions: Vec<Corruption>,
    /// The share of the values that are blind spots in a step: zero comes in in their place, whatever corruptions made of
    /// them, and they alone count in the loss, divided by the share. So a network learns to tell each value from the
    /// others, and noise that is independent from value to value is not learnt; Batson and Royer (2019),
    /// arXiv:1901.11365. A reconstruction is put together from passes in which every value is hidden once.
    pub blind_spots: Option<f32>,
    /// Whether the coordinates of the code are ordered: in each step a sample keeps the first k of them, k from 1 to all
    /// being as likely, and zero stands for the others. So the first k are made the best code of k numbers; Rippel,
    /// Gelbart and Adams (2014), arXiv:1402.0915.
    pub ordered: bool,
    /// The seed of all that is drawn.
    pub seed: u64,
    /// Separates several trainings with the same seed.
    pub stream: u16,
}

/// The most corruptions of a training.
const MOST_CORRUPTIONS: usize = 64;

impl Objective {
    /// The squared error with these weights of samples that come in as they are.
    #[must_use]
    pub fn squared_error(feature_weights: &[f32]) -> Self {
        let feature_weights = feature_weights.to_vec();
        Self { feature_weights, corruptions: Vec::new(), blind_spots: None, ordered: false, seed: 0, stream: 0 }
    }

    /// Whether samples come in other than they are.
    #[must_use]
    pub fn corrupts(&self) -> bool {
        !self.corruptions.is_empty() || self.blind_spots.is_some()
    }

    pub(crate) fn check(&self, features: usize) -> Result<(), EngineError> {
        let setting = |name, value: f64, allowed, good: bool| {
            if good { Ok(()) } else { Err(EngineError::Setting { name, value: value.to_string(), allowed }) }
        };
        let found = self.feature_weights.len();
        if found != features {
            return Err(EngineError::Length { what: "the feature weights", expected: features, found });
        }
        let count = self.corruptions.len();
        setting("the number of corruptions", count as f64, "at most 64", count <= MOST_CORRUPTIONS)?;
        if let Some(share) = self.blind_spots {
            let good = share > 0.0 && share < 1.0;
            setting("the share of blind spots", share.into(), "between 0 and 1", good)?;
        }
        self.corruptions.iter().try_for_each(|corruption| corruption.check(features))
    }
}
