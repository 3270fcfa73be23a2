//! What can go wrong in the engine.

/// Errors of the engine: wrong shapes, unusable settings, numbers that are no longer finite.
#[derive(Debug, thiserror::Error, PartialEq)]
#[non_exhaustive]
pub enum EngineError {
    /// `LUMENFOLD_SIMD` names instructions that do not exist or that this processor lacks.
    #[error("instruction set \"{name}\" is not available on this processor; available: {available}")]
    InstructionSet {
        /// The name that was asked for.
        name: String,
        /// The names that would work.
        available: String,
    },
    /// A chain of layers that does not fit together.
    #[error("layer {layer} of the network cannot be used: {reason}")]
    Architecture {
        /// Index of the layer, counted from 0.
        layer: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A slice of the wrong length.
    #[error("{what} has {found} values where {expected} are needed")]
    Length {
        /// Which argument.
        what: &'static str,
        /// Values that the shapes call for.
        expected: usize,
        /// Values that were passed.
        found: usize,
    },
    /// A setting outside its range.
    #[error("{name} is {value}, but must be {allowed}")]
    Setting {
        /// The setting's name.
        name: &'static str,
        /// Its value, as text.
        value: String,
        /// The range that it must lie in.
        allowed: &'static str,
    },
    /// An objective that does not fit its network.
    #[error("the objective does not fit the network: {reason}")]
    Objective {
        /// What does not fit.
        reason: String,
    },
    /// The loss is no longer a number.
    #[error("the training loss became {loss} at step {step}")]
    LossNotFinite {
        /// The loss.
        loss: f64,
        /// The optimiser's step, counted from 1.
        step: u64,
    },
}
