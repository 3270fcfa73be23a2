//! Where a training has come to: everything that decides how it goes on.

use lumenfold_engine::{Running, TrainerState};

use crate::record::{EpochLoss, Recovery, Stopped};

/// A trainer's state, kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Snapshot {
    pub(crate) parameters: Vec<f32>,
    pub(crate) first: Vec<f32>,
    pub(crate) second: Vec<f32>,
    /// Samples since each latent was used, where dead ones are revived.
    pub(crate) idle: Vec<u32>,
    pub(crate) step: u64,
}

impl Snapshot {
    pub(crate) fn of(state: TrainerState<'_>) -> Self {
        Self {
            parameters: state.parameters.to_vec(),
            first: state.first.to_vec(),
            second: state.second.to_vec(),
            idle: state.idle.to_vec(),
            step: state.step,
        }
    }

    pub(crate) fn state(&self) -> TrainerState<'_> {
        TrainerState {
            parameters: &self.parameters,
            first: &self.first,
            second: &self.second,
            idle: &self.idle,
            step: self.step,
        }
    }
}

/// The best epoch so far.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Best {
    /// Counted from 1.
    pub(crate) epoch: usize,
    /// The loss that it was judged by.
    pub(crate) loss: f64,
    /// Its weights.
    pub(crate) parameters: Vec<f32>,
}

/// The state of a fit but for that of its trainer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    /// The start, counted from 0.
    pub(crate) start: u16,
    /// Epochs of this start that are done.
    pub(crate) epochs_of_start: usize,
    /// What the epoch under way has come to.
    pub(crate) running: Running,
    /// Steps of the starts before.
    pub(crate) steps: u64,
    /// The trainer at the end of the last epoch, to go back to.
    pub(crate) good: Snapshot,
    pub(crate) best: Option<Best>,
    /// The best epoch of this start, counted from 1 within it, and its loss.
    pub(crate) best_of_start: Option<(usize, f64)>,
    /// All epochs that are done.
    pub(crate) losses: Vec<EpochLoss>,
    pub(crate) recoveries: Vec<Recovery>,
    pub(crate) stopped: Stopped,
}

impl State {
    /// Before the first step.
    pub(crate) fn new() -> Self {
        Self {
            start: 0,
            epochs_of_start: 0,
            running: Running::default(),
            steps: 0,
            good: Snapshot::default(),
            best: None,
            best_of_start: None,
            losses: Vec::new(),
            recoveries: Vec::new(),
            stopped: Stopped::AllEpochs,
        }
    }

    /// The peak of the learning rate, as the last recovery left it.
    pub(crate) fn learning_rate(&self, chosen: f64) -> f64 {
        self.recoveries.last().map_or(chosen, |recovery| recovery.learning_rate)
    }
}
