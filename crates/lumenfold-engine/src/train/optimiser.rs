//! The settings of the optimisation.

use crate::error::EngineError;
use crate::schedule::Schedule;

/// How a network is optimised.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimiser {
    /// Samples in a step.
    pub batch: usize,
    /// The peak of the learning rate.
    pub learning_rate: f64,
    /// How the learning rate changes.
    pub schedule: Schedule,
    /// Decay of the mean gradient (β₁).
    pub first_decay: f64,
    /// Decay of the mean squared gradient (β₂).
    pub second_decay: f64,
    /// Added to the root of the mean squared gradient (ε).
    pub epsilon: f64,
    /// Decoupled weight decay of dense weights; 0 for plain Adam.
    pub weight_decay: f64,
    /// The largest norm of a step's gradient; longer ones are shortened to it.
    pub clip_norm: Option<f64>,
    /// How threads share the work of a step.
    pub division: Division,
}

/// How threads share the work of a step. The sums of a gradient are arranged differently, so the last bits of a result
/// depend on it; they never depend on the number of threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Division {
    /// By layers for networks of millions of weights, which outgrow the caches, by tiles for all others.
    #[default]
    Automatic,
    /// Each thread takes tiles of samples through all layers, with a gradient of its own.
    Tiles,
    /// All threads share each layer: no gradient is held for a thread, and without clipping none at all.
    Layers,
}

/// Parameters from which a network counts as wide (8 MiB), measured: with 1.6 million, tiles were 1.3 times as fast, with
/// 2.2 million layers 1.1 to 1.4 times.
const WIDE: usize = 1 << 21;

impl Division {
    /// Whether a network with so many parameters is divided by layers.
    #[must_use]
    pub fn by_layers(self, parameters: usize) -> bool {
        match self {
            Self::Automatic => parameters >= WIDE,
            Self::Tiles => false,
            Self::Layers => true,
        }
    }
}

impl Default for Optimiser {
    fn default() -> Self {
        Self {
            batch: 512,
            learning_rate: 1e-3,
            schedule: Schedule::Constant,
            first_decay: 0.9,
            second_decay: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
            clip_norm: None,
            division: Division::Automatic,
        }
    }
}

impl Optimiser {
    /// Checks every setting.
    ///
    /// # Errors
    /// [`EngineError::Setting`] names the first that is out of range.
    pub fn check(&self) -> Result<(), EngineError> {
        let check = |name, value: f64, allowed, good: bool| {
            if good { Ok(()) } else { Err(EngineError::Setting { name, value: value.to_string(), allowed }) }
        };
        let share = |value: f64| (0.0..1.0).contains(&value);
        check("batch", self.batch as f64, "at least 1", self.batch > 0)?;
        let rate = self.learning_rate;
        check("learning rate", rate, "a positive number", rate.is_finite() && rate > 0.0)?;
        check("first decay", self.first_decay, "from 0 to below 1", share(self.first_decay))?;
        check("second decay", self.second_decay, "from 0 to below 1", share(self.second_decay))?;
        check("epsilon", self.epsilon, "a positive number", self.epsilon.is_finite() && self.epsilon > 0.0)?;
        let decay = self.weight_decay;
        check("weight decay", decay, "zero or positive", decay.is_finite() && decay >= 0.0)?;
        let clip = self.clip_norm.unwrap_or(1.0);
        check("clip norm", clip, "a positive number", clip.is_finite() && clip > 0.0)
    }
}
