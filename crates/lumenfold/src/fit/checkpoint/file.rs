//! The file of a checkpoint: written in one go without a second copy in memory, read with every size checked first.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::path::Path;

use lumenfold_data::write_whole;
use lumenfold_engine::{Running, TrainerState};
use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use serde::{Deserialize, Serialize};

use super::super::state::{Best, Snapshot, State};
use super::{Checkpoint, Identity};
use crate::Error;
use crate::container::{Container, KEY, Opened, not_ours};
use crate::record::{EpochLoss, Recovery, Stopped};

/// Checkpoints, in the words of error messages.
pub(super) const CHECKPOINT: Container = Container {
    noun: "checkpoint",
    foreign: "is not a checkpoint of lumenfold; leave out --resume to start anew",
    advice: "leave out --resume to start anew",
    version: VERSION,
};

/// The version of the document.
const VERSION: u64 = 1;

/// Its tensors, each as long as the flat parameters: the trainer, the trainer at the end of the last epoch, and the best
/// weights, which may be missing.
const TENSORS: [&str; 7] = [
    "parameters",
    "first_moment",
    "second_moment",
    "good.parameters",
    "good.first_moment",
    "good.second_moment",
    "best.parameters",
];

/// The JSON document.
#[derive(Serialize, Deserialize)]
struct Document {
    version: u64,
    fit: Identity,
    start: u16,
    epochs_of_start: usize,
    // Of the epoch under way.
    samples: usize,
    loss_sum: f64,
    largest_norm: f64,
    // Of the trainer, and of the trainer at the end of the last epoch.
    step: u64,
    good_step: u64,
    // Of both: samples since each latent was used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    idle: Vec<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    good_idle: Vec<u32>,
    // Of the starts before.
    steps: u64,
    best: Option<BestDocument>,
    best_of_start: Option<(usize, f64)>,
    stopped: Stopped,
    losses: Vec<EpochLoss>,
    recoveries: Vec<Recovery>,
}

#[derive(Serialize, Deserialize)]
struct BestDocument {
    epoch: usize,
    loss: f64,
}

pub(super) fn save(path: &Path, fit: &Identity, state: &State, trainer: TrainerState<'_>) -> Result<(), Error> {
    let document = Document {
        version: VERSION,
        fit: fit.clone(),
        start: state.start,
        epochs_of_start: state.epochs_of_start,
        samples: state.running.samples,
        loss_sum: state.running.loss_sum,
        largest_norm: state.running.largest_norm,
        step: trainer.step,
        good_step: state.good.step,
        idle: trainer.idle.to_vec(),
        good_idle: state.good.idle.clone(),
        steps: state.steps,
        best: state.best.as_ref().map(|best| BestDocument { epoch: best.epoch, loss: best.loss }),
        best_of_start: state.best_of_start,
        stopped: state.stopped,
        losses: state.losses.clone(),
        recoveries: state.recoveries.clone(),
    };
    let good = &state.good;
    let mut tensors: Vec<&[f32]> =
        vec![trainer.parameters, trainer.first, trainer.second, &good.parameters, &good.first, &good.second];
    tensors.extend(state.best.as_ref().map(|best| &best.parameters[..]));
    let document = serde_json::to_string(&document).map_err(|error| not_ours(path, error))?;
    let mut at = 0;
    let infos = TENSORS.iter().zip(&tensors).map(|(name, values)| {
        let end = at + 4 * values.len();
        let info = TensorInfo { dtype: Dtype::F32, shape: vec![values.len()], data_offsets: (at, end) };
        at = end;
        ((*name).to_owned(), info)
    });
    let metadata = Metadata::new(Some(HashMap::from([(KEY.to_owned(), document)])), infos.collect())
        .map_err(|error| not_ours(path, error))?;
    let mut header = serde_json::to_vec(&metadata).map_err(|error| not_ours(path, error))?;
    // Tensors begin at a multiple of eight bytes.
    header.resize(header.len().next_multiple_of(8), b' ');
    Ok(write_whole(path, |target| {
        target.write_all(&(header.len() as u64).to_le_bytes())?;
        target.write_all(&header)?;
        tensors.iter().try_for_each(|values| write_values(target, values))
    })?)
}

fn write_values(target: &mut dyn Write, values: &[f32]) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(1 << 16);
    for values in values.chunks(1 << 14) {
        bytes.clear();
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        target.write_all(&bytes)?;
    }
    Ok(())
}

pub(super) fn load(path: &Path) -> Result<Checkpoint, Error> {
    let Opened { mut file, metadata, document } = CHECKPOINT.open::<Document>(path)?;
    let damaged = |reason: &str| CHECKPOINT.damaged(path, reason);
    let names = &TENSORS[..TENSORS.len() - usize::from(document.best.is_none())];
    let length = metadata.data_len() / 4 / names.len();
    if metadata.tensors().len() != names.len() {
        return Err(damaged(&format!("it has {} tensors, not {}", metadata.tensors().len(), names.len())));
    }
    let mut values = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let offsets = (4 * length * index, 4 * length * (index + 1));
        match metadata.info(name) {
            Some(info) if info.dtype == Dtype::F32 && info.shape == [length] && info.data_offsets == offsets => {}
            _ => return Err(damaged(&format!("tensor {name} is not F32 [{length}] at its place"))),
        }
        let unreadable = |source| Error::ReadModel { path: path.display().to_string(), source };
        values.push(read_values(&mut file, length).map_err(unreadable)?);
    }
    let numbers = [document.loss_sum, document.largest_norm];
    if numbers.iter().any(|number| !number.is_finite()) || values.iter().flatten().any(|value| value.is_nan()) {
        return Err(damaged("it holds what is no number"));
    }
    if !document.recoveries.iter().all(|recovery| recovery.learning_rate.is_finite() && recovery.learning_rate > 0.0) {
        return Err(damaged("it holds a learning rate that is not positive"));
    }
    let mut values = values.into_iter();
    let mut snapshot = |step, idle| Snapshot {
        parameters: values.next().unwrap_or_default(),
        first: values.next().unwrap_or_default(),
        second: values.next().unwrap_or_default(),
        idle,
        step,
    };
    let (trainer, good) = (snapshot(document.step, document.idle), snapshot(document.good_step, document.good_idle));
    let best = document.best.zip(values.next());
    let state = State {
        start: document.start,
        epochs_of_start: document.epochs_of_start,
        running: Running {
            loss_sum: document.loss_sum,
            samples: document.samples,
            largest_norm: document.largest_norm,
        },
        steps: document.steps,
        good,
        best: best.map(|(BestDocument { epoch, loss }, parameters)| Best { epoch, loss, parameters }),
        best_of_start: document.best_of_start,
        losses: document.losses,
        recoveries: document.recoveries,
        stopped: document.stopped,
    };
    Ok(Checkpoint { path: path.to_path_buf(), identity: document.fit, state, trainer })
}

/// The next numbers of a file, whose length has been checked.
fn read_values(file: &mut impl Read, length: usize) -> io::Result<Vec<f32>> {
    let mut values = Vec::with_capacity(length);
    let mut bytes = vec![0; 4 * length.min(1 << 14)];
    while values.len() < length {
        let piece = &mut bytes[..4 * (length - values.len()).min(1 << 14)];
        file.read_exact(piece)?;
        values.extend(piece.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)));
    }
    Ok(values)
}
