//! What training minimises.

mod divergence;
mod loss;
mod sparsity;

use crate::corruption::Corruption;
use crate::error::EngineError;
use crate::layer::{Activation, Layer};
use crate::network::{Network, Part};

pub use divergence::Divergence;
pub use loss::Loss;
pub use sparsity::{Revival, Sparsity};

/// What training minimises: the error of the reconstruction of samples that may come in corrupted, and what their codes
/// cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// What an error costs.
    pub loss: Loss,
    /// What each feature's cost is multiplied by.
    pub feature_weights: Vec<f32>,
    /// Whether each value has a weight of its own. A row then has twice as many numbers: the values, then their weights. A
    /// value without weight is absent: zero comes in in its place.
    pub value_weights: bool,
    /// Whether the values are chances, from which zeros and ones are drawn anew in every step, as input and as target.
    pub draws: bool,
    /// What keeps most numbers of the code at zero.
    pub sparsity: Sparsity,
    /// What keeps the distribution of the code near the standard normal one.
    pub divergence: Option<Divergence>,
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
        Self {
            loss: Loss::SquaredError,
            feature_weights: feature_weights.to_vec(),
            value_weights: false,
            draws: false,
            sparsity: Sparsity::None,
            divergence: None,
            corruptions: Vec::new(),
            blind_spots: None,
            ordered: false,
            seed: 0,
            stream: 0,
        }
    }

    /// Whether samples come in other than they should come out.
    #[must_use]
    pub fn corrupts(&self) -> bool {
        !self.corruptions.is_empty() || self.blind_spots.is_some()
    }

    /// Whether inputs are not simply targets without weights.
    pub(crate) fn separates(&self) -> bool {
        self.corrupts() || self.value_weights || self.draws
    }

    /// Whether the values of a tile have weights of their own.
    pub(crate) fn weighs_values(&self) -> bool {
        self.value_weights || self.blind_spots.is_some()
    }

    /// Numbers of a row.
    #[must_use]
    pub fn row_length(&self) -> usize {
        self.feature_weights.len() * if self.value_weights { 2 } else { 1 }
    }

    /// Checks it for a network.
    pub(crate) fn check_network(&self, network: &Network) -> Result<(), EngineError> {
        self.check(network.features())?;
        let refuse = |reason: &str| Err(EngineError::Objective { reason: reason.to_owned() });
        let (encoder, decoder) = (network.part(Part::Encoder), network.part(Part::Decoder));
        let (code, link) = (encoder.last(), decoder.last());
        let is_gaussian = matches!(code, Some(Layer::Gaussian { .. }));
        if is_gaussian != self.divergence.is_some() {
            return refuse(
                "a divergence belongs to an encoder that ends with a normal distribution, and the other way",
            );
        }
        let fits = match self.loss {
            Loss::SquaredError | Loss::Huber { .. } => network.log_variance().is_none(),
            Loss::Normal => network.log_variance().is_some(),
            Loss::Bernoulli => link == Some(&Layer::Activation(Activation::Sigmoid)),
            Loss::Poisson => link == Some(&Layer::Activation(Activation::Exp)),
        };
        if !fits {
            return refuse("the decoder's last layer is not that of the likelihood");
        }
        let fits = match self.sparsity {
            Sparsity::None => !matches!(code, Some(Layer::TopK { .. } | Layer::JumpRelu { .. })),
            // The norms of the decoder's columns take part.
            Sparsity::Absolute { .. } if !matches!(decoder.first(), Some(Layer::Dense { .. })) => {
                return refuse(
                    "the absolute values of a code are weighed by the columns of a dense layer, with which the decoder \
                               does not begin",
                );
            }
            Sparsity::Absolute { .. } => !matches!(code, Some(Layer::TopK { .. } | Layer::JumpRelu { .. })),
            Sparsity::Activity { .. } => code == Some(&Layer::Activation(Activation::Sigmoid)),
            Sparsity::TopK { .. } => matches!(code, Some(Layer::TopK { .. })),
            Sparsity::BatchTopK { .. } | Sparsity::JumpRelu { .. } => matches!(code, Some(Layer::JumpRelu { .. })),
        };
        if !fits {
            return refuse("the encoder's last layer is not that of the sparsity");
        }
        if self.sparsity != Sparsity::None && (self.ordered || is_gaussian) {
            return refuse("sparse codes are neither ordered nor drawn");
        }
        Ok(())
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
        let positive = |value: f32| value.is_finite() && value > 0.0;
        let share = |value: f32| value > 0.0 && value < 1.0;
        if let Loss::Huber { distance } = self.loss {
            setting("the distance of the Huber loss", distance.into(), "a positive number", positive(distance))?;
        }
        let numbers: &[(&'static str, f32, bool)] = match self.sparsity {
            Sparsity::None | Sparsity::TopK { .. } => &[],
            Sparsity::Absolute { strength } => &[("the strength of the penalty", strength, positive(strength))],
            Sparsity::Activity { target, strength } => &[
                ("the activity that is wanted", target, share(target)),
                ("the strength of the penalty", strength, positive(strength)),
            ],
            Sparsity::BatchTopK { kept, .. } => &[("the latents that are kept", kept, positive(kept))],
            Sparsity::JumpRelu { strength, bandwidth } => &[
                ("the strength of the penalty", strength, positive(strength)),
                ("the bandwidth", bandwidth, positive(bandwidth)),
            ],
        };
        for (name, value, good) in numbers {
            setting(name, (*value).into(), "a positive number; an activity, below one", *good)?;
        }
        if let Some(Divergence { beta, free_nats, .. }) = self.divergence {
            let good = |value: f32| value.is_finite() && value >= 0.0;
            setting("the weight of the divergence", beta.into(), "zero or positive", good(beta))?;
            setting("the free nats", free_nats.into(), "zero or positive", good(free_nats))?;
        }
        self.corruptions.iter().try_for_each(|corruption| corruption.check(features))
    }
}
