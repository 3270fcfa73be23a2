//! Checkpoints: a training left at any step, in a file beside the model, to be resumed.
//!
//! The file is a safetensors file with one JSON document, like a model, and is written whole or not at all. It holds
//! what decides how the training goes on and nothing that follows from data and settings; these are only named, so that
//! a checkpoint of another fit is refused.

mod every;
mod file;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

pub use every::Every;
use lumenfold_data::OrderSizes;
use lumenfold_engine::Trainer;
use serde::{Deserialize, Serialize};

use super::Event;
use super::state::{Snapshot, State};
use crate::Error;
use crate::settings::Settings;

/// Where and when checkpoints are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpointing {
    /// The file.
    pub path: PathBuf,
    /// How often.
    pub every: Every,
}

impl Checkpointing {
    /// The checkpoint's place for a model file: `stars.model.checkpoint` beside `stars.model`.
    #[must_use]
    pub fn path_for(model: &Path) -> PathBuf {
        let mut name = model.as_os_str().to_owned();
        name.push(".checkpoint");
        PathBuf::from(name)
    }

    /// Removes a checkpoint that is no longer needed; it is no error if there is none.
    ///
    /// # Errors
    /// It is there and cannot be removed.
    pub fn remove(path: &Path) -> std::io::Result<()> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// What a fit is a fit of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    /// The program; another version may do other arithmetic.
    written_by: String,
    settings: BTreeMap<String, String>,
    /// Hash of the data.
    fingerprint: String,
    chunk_values: usize,
    window_values: usize,
}

impl Identity {
    pub(super) fn new(settings: &Settings, fingerprint: &str, order: OrderSizes) -> Self {
        Self {
            written_by: program(),
            settings: settings.named().into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            fingerprint: fingerprint.to_owned(),
            chunk_values: order.chunk_values,
            window_values: order.window_values,
        }
    }
}

/// What a checkpoint must fit, besides the identity of the fit.
pub(super) struct Shape {
    /// Length of the flat parameters.
    pub(super) length: usize,
    pub(super) starts: u16,
    /// Epochs of a start.
    pub(super) epochs: usize,
    pub(super) batch: usize,
    /// Rows to train on.
    pub(super) rows: usize,
    /// Whether rows are held out.
    pub(super) judged: bool,
}

/// A checkpoint that was read.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    identity: Identity,
    state: State,
    trainer: Snapshot,
}

impl Checkpoint {
    /// Reads a checkpoint.
    ///
    /// # Errors
    /// There is none, or it is damaged.
    pub fn load(path: &Path) -> Result<Self, Error> {
        if !path.exists() {
            return Err(Error::NoCheckpoint { path: path.display().to_string() });
        }
        file::load(path)
    }

    /// Epochs that were done.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.state.losses.len()
    }

    /// Checks that it is of a fit with these settings, which can be known before any data are read.
    ///
    /// # Errors
    /// [`Error::OtherSetting`] names the first that differs.
    pub fn check_settings(&self, settings: &Settings) -> Result<(), Error> {
        for (name, now) in settings.named() {
            match self.identity.settings.get(name) {
                Some(was) if *was == now => {}
                was => return Err(self.other(name, was.map_or("unknown", String::as_str), &now)),
            }
        }
        let program = program();
        if self.identity.written_by != program {
            return Err(self.other("program", &self.identity.written_by, &program));
        }
        Ok(())
    }

    fn other(&self, setting: &str, was: &str, now: &str) -> Error {
        Error::OtherSetting {
            path: self.path.display().to_string(),
            setting: setting.to_owned(),
            was: was.to_owned(),
            now: now.to_owned(),
        }
    }

    /// Checks that it is of this fit.
    pub(super) fn check(&self, settings: &Settings, identity: &Identity, shape: &Shape) -> Result<(), Error> {
        self.check_settings(settings)?;
        if self.identity.fingerprint != identity.fingerprint {
            return Err(Error::OtherData { path: self.path.display().to_string() });
        }
        if self.identity != *identity {
            let sizes = |of: &Identity| format!("{} of {}", of.window_values, of.chunk_values);
            return Err(self.other("windows", &sizes(&self.identity), &sizes(identity)));
        }
        match shape.fault(&self.state, &self.trainer) {
            None => Ok(()),
            Some(reason) => Err(file::CHECKPOINT.damaged(&self.path, reason)),
        }
    }

    /// The state to go on from and that of its trainer.
    pub(super) fn into_state(self) -> (State, Snapshot) {
        (self.state, self.trainer)
    }
}

/// The program, which names itself in files.
fn program() -> String {
    format!("lumenfold {}", env!("CARGO_PKG_VERSION"))
}

impl Shape {
    /// What is wrong with a state of such a fit.
    fn fault(&self, state: &State, trainer: &Snapshot) -> Option<&'static str> {
        let steps = self.rows.div_ceil(self.batch) as u64;
        let done = state.epochs_of_start as u64 * steps;
        let samples = state.running.samples;
        let all = state.losses.len();
        let best = state.best.as_ref();
        let checks = [
            (trainer.parameters.len() == self.length, "its tensors are not those of the network"),
            (state.start < self.starts && state.epochs_of_start <= self.epochs, "it is beyond the last epoch"),
            (samples <= self.rows, "it is beyond the last row"),
            (samples == self.rows || samples.is_multiple_of(self.batch), "it is within a batch"),
            (trainer.step == done + samples.div_ceil(self.batch) as u64, "its steps do not fit its rows"),
            (state.good.step == done, "its steps do not fit its epochs"),
            (state.steps <= u64::from(state.start) * self.epochs as u64 * steps, "its steps are too many"),
            (
                all >= state.epochs_of_start
                    && all - state.epochs_of_start <= usize::from(state.start) * self.epochs
                    && state.losses.iter().zip(1..).all(|(loss, epoch)| loss.epoch == epoch)
                    && state.losses.iter().all(|loss| loss.validation.is_some() == self.judged),
                "its losses do not fit its epochs",
            ),
            (best.is_some() == (all > 0), "its best epoch is missing"),
            (best.is_none_or(|best| (1..=all).contains(&best.epoch)), "its best epoch is none"),
            (
                state.best_of_start.is_some() == (state.epochs_of_start > 0)
                    && state.best_of_start.is_none_or(|(epoch, _)| epoch <= state.epochs_of_start),
                "the best epoch of its start is none",
            ),
        ];
        checks.into_iter().find(|(good, _)| !good).map(|(_, reason)| reason)
    }
}

/// Writes checkpoints when it is time.
pub(super) struct Saver {
    checkpointing: Option<Checkpointing>,
    identity: Identity,
    last: Instant,
    epochs_since: usize,
}

impl Saver {
    pub(super) fn new(checkpointing: Option<Checkpointing>, identity: Identity) -> Self {
        Self { checkpointing, identity, last: Instant::now(), epochs_since: 0 }
    }

    /// Between two pieces of an epoch.
    pub(super) fn within_epoch(&mut self, state: &State, trainer: &Trainer<'_>, observe: &mut dyn FnMut(&Event)) {
        if let Some(Checkpointing { every: Every::Time(time), .. }) = self.checkpointing
            && self.last.elapsed() >= time
        {
            self.save(state, trainer, observe);
        }
    }

    /// At the end of an epoch.
    pub(super) fn after_epoch(&mut self, state: &State, trainer: &Trainer<'_>, observe: &mut dyn FnMut(&Event)) {
        self.epochs_since += 1;
        match self.checkpointing {
            Some(Checkpointing { every: Every::Epochs(epochs), .. }) if self.epochs_since >= epochs.get() => {
                self.save(state, trainer, observe);
            }
            _ => self.within_epoch(state, trainer, observe),
        }
    }

    /// Now, where checkpoints are wanted at all. A checkpoint that cannot be written is no reason to end a fit.
    pub(super) fn save(&mut self, state: &State, trainer: &Trainer<'_>, observe: &mut dyn FnMut(&Event)) {
        let Some(Checkpointing { path, .. }) = &self.checkpointing else { return };
        if let Err(error) = file::save(path, &self.identity, state, trainer.state()) {
            observe(&Event::NotSaved { reason: error.to_string() });
        }
        self.last = Instant::now();
        self.epochs_since = 0;
    }

    /// Takes the checkpoint away, for a training that leads nowhere.
    pub(super) fn remove(&self) {
        if let Some(Checkpointing { path, .. }) = &self.checkpointing {
            // The error that is about to be told matters more than a file that stays.
            let _ = Checkpointing::remove(path);
        }
    }
}
