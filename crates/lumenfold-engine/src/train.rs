//! Training: epochs of AdamW steps, with results that do not depend on the number of threads.
//!
//! All threads run the same loop over the steps of an epoch. In a step, the tiles of the batch are dealt out in groups;
//! each group has a gradient of its own, to which its tiles are added in order. Behind a barrier, the gradients of the
//! groups are added in order, in chunks that are dealt out as well, and each chunk's parameters are updated. How tiles
//! make groups and parameters make chunks depends on the batch and the network alone; threads only take more or fewer of
//! them. So every sum has one order.

mod deal;
mod layers;
mod optimiser;
mod step;
mod tiles;

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

use crate::barrier::Barrier;
use crate::error::EngineError;
use crate::kernel::{FIELD_TILE, TILE};
use crate::layers::LayerMemory;
use crate::memory::{Buffer, LINE, Shared};
use crate::network::{Network, Part};
use crate::objective::{Objective, Sparsity};
use crate::simd::InstructionSet;
use layers::WholeMemory;
use step::{Outcome, Step};
use tiles::TileMemory;

pub use optimiser::{Division, Optimiser};

/// A network in training: its parameters, the moments of their gradients, and the step it has come to.
pub struct Trainer<'a> {
    network: &'a Network,
    optimiser: Optimiser,
    objective: Objective,
    set: InstructionSet,
    threads: NonZeroUsize,
    parameters: Buffer,
    first: Buffer,
    second: Buffer,
    // Where dead latents are revived: samples since each latent was used.
    idle: Vec<u32>,
    memory: Memory,
    // For each line of parameters whether it decays.
    decays: Vec<bool>,
    step: u64,
}

/// What a step needs beside parameters and moments.
enum Memory {
    Tiles(TileMemory),
    Layers(Box<WholeMemory<TILE>>),
    Fields(Box<WholeMemory<FIELD_TILE>>),
}

/// What an epoch came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// The mean of the loss over all samples of the epoch, each measured before its step.
    pub loss: f64,
    /// Samples that were seen.
    pub samples: usize,
    /// The largest norm of a step's gradient before clipping; zero where no clipping is asked for.
    pub largest_norm: f64,
    /// Whether the epoch was broken off.
    pub interrupted: bool,
}

/// What the steps of an epoch have come to so far. It is handed on from call to call, so that the sums have one order
/// wherever an epoch is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Running {
    /// Sum of the costs of samples, each measured before its step.
    pub loss_sum: f64,
    /// Samples that were seen.
    pub samples: usize,
    /// The largest norm of a step's gradient before clipping.
    pub largest_norm: f64,
}

/// Everything that training changes: from here it goes on as if it had never been left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrainerState<'a> {
    /// The parameters, laid out as the network says.
    pub parameters: &'a [f32],
    /// Their mean gradients.
    pub first: &'a [f32],
    /// Their mean squared gradients.
    pub second: &'a [f32],
    /// Samples since each latent was used; empty unless dead ones are revived.
    pub idle: &'a [u32],
    /// Steps taken so far.
    pub step: u64,
}

impl<'a> Trainer<'a> {
    /// Starts from `parameters`, laid out as the network says.
    ///
    /// # Errors
    /// [`EngineError::Length`] or [`EngineError::Setting`].
    pub fn new(
        network: &'a Network,
        parameters: &[f32],
        objective: Objective,
        optimiser: Optimiser,
        set: InstructionSet,
        threads: NonZeroUsize,
    ) -> Result<Self, EngineError> {
        optimiser.check()?;
        let length = network.parameter_length();
        let check = |what, expected, found| {
            if expected == found { Ok(()) } else { Err(EngineError::Length { what, expected, found }) }
        };
        check("the flat parameters", length, parameters.len())?;
        objective.check_network(network)?;
        let mut decays = vec![false; length.div_ceil(LINE)];
        for tensor in network.tensors().iter().filter(|tensor| tensor.decays) {
            decays[tensor.range.start / LINE..tensor.range.end.div_ceil(LINE)].fill(true);
        }
        // The rules of sparse codes see a whole batch.
        let by_layers = optimiser.division.by_layers(length) || objective.sparsity != Sparsity::None;
        let memory = if network.has_fields() {
            Memory::Fields(Box::new(layers::memory_of(network, &objective, set, optimiser.batch)))
        } else if by_layers {
            Memory::Layers(Box::new(layers::memory_of(network, &objective, set, optimiser.batch)))
        } else {
            Memory::Tiles(TileMemory::new(optimiser.batch, length))
        };
        let latents = if objective.sparsity.revival().is_some() { network.latent_dimension() } else { 0 };
        Ok(Self {
            network,
            objective,
            idle: vec![0; latents],
            set,
            threads,
            parameters: Buffer::copy_of(parameters),
            first: Buffer::zeroed(length),
            second: Buffer::zeroed(length),
            memory,
            decays,
            step: 0,
            optimiser,
        })
    }

    /// The parameters as they are now.
    #[must_use]
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// Steps taken so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.step
    }

    /// The state as it is now.
    #[must_use]
    pub fn state(&self) -> TrainerState<'_> {
        TrainerState {
            parameters: &self.parameters,
            first: &self.first,
            second: &self.second,
            idle: &self.idle,
            step: self.step,
        }
    }

    /// Goes back, or on, to a state of a trainer of the same network.
    ///
    /// # Errors
    /// [`EngineError::Length`]; then nothing has changed.
    pub fn restore(&mut self, state: TrainerState<'_>) -> Result<(), EngineError> {
        let expected = self.parameters.len();
        for (what, values) in [
            ("the flat parameters", state.parameters),
            ("the mean gradients", state.first),
            ("the mean squared gradients", state.second),
        ] {
            if values.len() != expected {
                return Err(EngineError::Length { what, expected, found: values.len() });
            }
        }
        if state.idle.len() != self.idle.len() {
            let (expected, found) = (self.idle.len(), state.idle.len());
            return Err(EngineError::Length { what: "the times without use", expected, found });
        }
        self.idle.copy_from_slice(state.idle);
        self.parameters.copy_from_slice(state.parameters);
        self.first.copy_from_slice(state.first);
        self.second.copy_from_slice(state.second);
        self.step = state.step;
        Ok(())
    }

    /// Changes the peak of the learning rate from the next step on.
    ///
    /// # Errors
    /// [`EngineError::Setting`].
    pub fn set_learning_rate(&mut self, learning_rate: f64) -> Result<(), EngineError> {
        Optimiser { learning_rate, ..self.optimiser.clone() }.check()?;
        self.optimiser.learning_rate = learning_rate;
        Ok(())
    }

    /// Bytes that a trainer of this network takes, and each thread beside it.
    #[must_use]
    pub fn memory(network: &Network, objective: &Objective, optimiser: &Optimiser, threads: NonZeroUsize) -> u64 {
        let length = network.parameter_length();
        let keeps = optimiser.clip_norm.is_some() || objective.sparsity.revival().is_some();
        let clipped = if keeps { length as u64 } else { 0 };
        let division = if network.has_fields() {
            clipped
                + LayerMemory::<FIELD_TILE>::values(network, optimiser.batch)
                + layers::values_beside::<FIELD_TILE>(network, objective.separates(), optimiser)
        } else if optimiser.division.by_layers(length) || objective.sparsity != Sparsity::None {
            clipped
                + LayerMemory::<TILE>::values(network, optimiser.batch)
                + layers::values_beside::<TILE>(network, objective.separates(), optimiser)
        } else {
            // A pass keeps inputs, derivatives and gradients of every layer for one tile.
            let widths: usize = [Part::Encoder, Part::Decoder].iter().flat_map(|part| network.widths(*part)).sum();
            TileMemory::values(optimiser.batch, length) + 8 * (widths * TILE) as u64 * threads.get() as u64
        };
        4 * (3 * length as u64 + division)
    }

    /// The gradient of the mean loss over the given rows, in the layout of the parameters, and that loss. No step is
    /// taken.
    ///
    /// # Errors
    /// [`EngineError::Length`] if `rows` are no whole samples or `order` has none.
    pub fn gradient_of(&mut self, rows: &[f32], order: &[u32]) -> Result<(f64, Vec<f32>), EngineError> {
        self.check_rows(rows, order)?;
        let mut gradient = Buffer::zeroed(self.parameters.len());
        let never = AtomicBool::new(false);
        let outcome = self.steps_of(rows, &[order], &Running::default(), &never, Some(&mut gradient));
        if let Some(loss) = outcome.not_finite {
            return Err(EngineError::LossNotFinite { loss, step: self.step + 1 });
        }
        Ok((outcome.loss_sum / (order.len() * self.network.features()) as f64, gradient.to_vec()))
    }

    /// One epoch: a step for each batch of `order`, whose numbers are rows of `rows`; the last batch may be smaller.
    /// Between steps `stop` is asked whether to break off.
    ///
    /// rows: `[n][features]`, scaled; with as many weights behind each row where the objective has them.
    ///
    /// # Errors
    /// [`EngineError::LossNotFinite`] as soon as a step's loss is NaN or infinite; [`EngineError::Length`].
    pub fn epoch(&mut self, rows: &[f32], order: &[u32], stop: &AtomicBool) -> Result<Epoch, EngineError> {
        let mut running = Running::default();
        let interrupted = self.advance(rows, order, &mut running, stop)?;
        Ok(Epoch {
            loss: running.loss_sum / (running.samples.max(1) * self.network.features()) as f64,
            samples: running.samples,
            largest_norm: running.largest_norm,
            interrupted,
        })
    }

    /// A part of an epoch: as [`Trainer::epoch`], but adds to what the steps before have come to. A part that is not the
    /// last of its epoch holds whole batches, so that it makes no difference where the epoch is divided. Returns whether
    /// it was broken off; `running.samples` tells how far it came.
    ///
    /// # Errors
    /// As [`Trainer::epoch`].
    pub fn advance(
        &mut self,
        rows: &[f32],
        order: &[u32],
        running: &mut Running,
        stop: &AtomicBool,
    ) -> Result<bool, EngineError> {
        self.check_rows(rows, order)?;
        let batches: Vec<&[u32]> = order.chunks(self.optimiser.batch).collect();
        let outcome = self.steps_of(rows, &batches, running, stop, None);
        self.step += outcome.steps;
        if let Some(loss) = outcome.not_finite {
            return Err(EngineError::LossNotFinite { loss, step: self.step });
        }
        running.samples += batches[..outcome.steps as usize].iter().map(|batch| batch.len()).sum::<usize>();
        running.loss_sum = outcome.loss_sum;
        running.largest_norm = running.largest_norm.max(outcome.largest_norm);
        Ok(outcome.interrupted)
    }

    /// A step for each of the batches on all threads, or only the gradient of a single one.
    fn steps_of(
        &mut self,
        rows: &[f32],
        batches: &[&[u32]],
        running: &Running,
        stop: &AtomicBool,
        gradient_only: Option<&mut Buffer>,
    ) -> Outcome {
        let largest = batches.iter().map(|batch| batch.len()).max().unwrap_or(0);
        let threads = match &self.memory {
            Memory::Tiles(_) => self.threads.get().min(largest.div_ceil(TILE)),
            Memory::Layers(_) | Memory::Fields(_) => self.threads.get(),
        };
        let barrier = Barrier::new(threads);
        let updates = gradient_only.is_none();
        let step = Step {
            network: self.network,
            optimiser: &self.optimiser,
            objective: &self.objective,
            set: self.set,
            decays: &self.decays,
            rows,
            batches,
            parameters: Shared::new(&mut self.parameters),
            first: Shared::new(&mut self.first),
            second: Shared::new(&mut self.second),
            idle: Shared::new(&mut self.idle),
            barrier: &barrier,
            stop,
            interrupted: &AtomicBool::new(false),
            threads,
            first_step: self.step,
            loss_sum: running.loss_sum,
            updates,
        };
        match &mut self.memory {
            Memory::Tiles(memory) => tiles::run(&step, memory, largest, gradient_only),
            Memory::Layers(memory) => layers::run(&step, memory, largest, gradient_only),
            Memory::Fields(memory) => layers::run(&step, memory, largest, gradient_only),
        }
    }

    fn check_rows(&self, rows: &[f32], order: &[u32]) -> Result<(), EngineError> {
        let length = self.objective.row_length();
        let count = rows.len() / length;
        if rows.len() != count * length {
            return Err(EngineError::Length { what: "the rows", expected: count * length, found: rows.len() });
        }
        let largest = order.iter().max().map_or(0, |index| *index as usize + 1);
        if order.is_empty() || largest > count {
            return Err(EngineError::Length { what: "the rows", expected: largest.max(1) * length, found: rows.len() });
        }
        Ok(())
    }
}
