//! Training: epochs of AdamW steps, with results that do not depend on the number of threads.
//!
//! All threads run the same loop over the steps of an epoch. In a step, the tiles of the batch are dealt out in groups;
//! each group has a gradient of its own, to which its tiles are added in order. Behind a barrier, the gradients of the
//! groups are added in order, in chunks that are dealt out as well, and each chunk's parameters are updated. How tiles
//! make groups and parameters make chunks depends on the batch and the network alone; threads only take more or fewer of
//! them. So every sum has one order.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::barrier::{Barrier, Broken};
use crate::error::EngineError;
use crate::kernel::{TILE, adam, gather, loss};
use crate::memory::{Buffer, LINE, Shared};
use crate::network::{Network, Part};
use crate::pass::Pass;
use crate::schedule::Schedule;
use crate::simd::InstructionSet;

/// The most groups of tiles, and so the most threads that a step can use for its tiles.
const MOST_GROUPS: usize = 64;

/// Values that the gradients of all groups may take together (256 MiB); networks with more parameters get fewer groups.
const GROUP_VALUES: usize = 1 << 26;

/// Parameters in a chunk of the update; a multiple of [`LINE`].
const CHUNK: usize = 1024;

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

/// A network in training: its parameters, the moments of their gradients, and the step it has come to.
pub struct Trainer<'a> {
    network: &'a Network,
    optimiser: Optimiser,
    feature_weights: Vec<f32>,
    set: InstructionSet,
    threads: NonZeroUsize,
    parameters: Buffer,
    first: Buffer,
    second: Buffer,
    gradient: Buffer,
    group_gradients: Buffer,
    // For each line of parameters whether it decays.
    decays: Vec<bool>,
    step: u64,
}

/// What an epoch came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// The mean of the reconstruction loss over all samples of the epoch, each measured before its step.
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
    /// Sum of the weighted squared errors over samples and features, each measured before its step.
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
    /// Steps taken so far.
    pub step: u64,
}

impl<'a> Trainer<'a> {
    /// Starts from `parameters`, laid out as the network says. `feature_weights` are the weights of the squared error,
    /// one for each feature; the loss of a sample is `Σ_f w_f (y_f - x_f)² / features`.
    ///
    /// # Errors
    /// [`EngineError::Length`] or [`EngineError::Setting`].
    pub fn new(
        network: &'a Network,
        parameters: &[f32],
        feature_weights: &[f32],
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
        check("the feature weights", network.features(), feature_weights.len())?;
        let mut decays = vec![false; length.div_ceil(LINE)];
        for tensor in network.tensors().iter().filter(|tensor| tensor.decays) {
            decays[tensor.range.start / LINE..tensor.range.end.div_ceil(LINE)].fill(true);
        }
        let groups = group_count(optimiser.batch, length);
        Ok(Self {
            network,
            feature_weights: feature_weights.to_vec(),
            set,
            threads,
            parameters: Buffer::copy_of(parameters),
            first: Buffer::zeroed(length),
            second: Buffer::zeroed(length),
            gradient: Buffer::zeroed(length),
            group_gradients: Buffer::zeroed(groups * length),
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
        TrainerState { parameters: &self.parameters, first: &self.first, second: &self.second, step: self.step }
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
    pub fn memory(network: &Network, batch: usize, threads: NonZeroUsize) -> u64 {
        let length = network.parameter_length() as u64;
        let buffers = 4 + group_count(batch, network.parameter_length()) as u64;
        // A pass keeps inputs, derivatives and gradients of every layer for one tile.
        let widths: usize = [Part::Encoder, Part::Decoder].iter().flat_map(|part| network.widths(*part)).sum();
        4 * (length * buffers + 8 * (widths * TILE) as u64 * threads.get() as u64)
    }

    /// The gradient of the mean loss over the given rows, in the layout of the parameters, and that loss. No step is
    /// taken.
    ///
    /// # Errors
    /// [`EngineError::Length`] if `rows` are no whole samples or `order` has none.
    pub fn gradient_of(&mut self, rows: &[f32], order: &[u32]) -> Result<(f64, Vec<f32>), EngineError> {
        self.check_rows(rows, order)?;
        let mut pass = Pass::new(self.network, self.network.layer_range(Part::Whole), self.set, true);
        let mut gradient = vec![0.0; self.parameters.len()];
        let mut sum = 0.0;
        for tile in order.chunks(TILE) {
            sum += self.tile(&mut pass, rows, tile, order.len(), &self.parameters, &mut gradient, true);
        }
        Ok((sum / (order.len() * self.network.features()) as f64, gradient))
    }

    /// One epoch: a step for each batch of `order`, whose numbers are rows of `rows`; the last batch may be smaller.
    /// Between steps `stop` is asked whether to break off.
    ///
    /// rows: `[n][features]`, scaled.
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
        let tiles = self.optimiser.batch.min(order.len()).div_ceil(TILE);
        let threads = self.threads.get().min(tiles);
        let length = self.parameters.len();

        let mut parameters = std::mem::take(&mut self.parameters);
        let mut first = std::mem::take(&mut self.first);
        let mut second = std::mem::take(&mut self.second);
        let mut gradient = std::mem::take(&mut self.gradient);
        let mut group_gradients = std::mem::take(&mut self.group_gradients);
        let mut tile_losses = vec![0.0; tiles];
        let mut chunk_norms = vec![0.0; length.div_ceil(CHUNK)];
        let barrier = Barrier::new(threads);
        let interrupted = AtomicBool::new(false);
        let result = {
            let shared = Step {
                trainer: self,
                rows,
                batches: &batches,
                parameters: Shared::new(&mut parameters),
                first: Shared::new(&mut first),
                second: Shared::new(&mut second),
                gradient: Shared::new(&mut gradient),
                group_gradients: Shared::new(&mut group_gradients),
                tile_losses: Shared::new(&mut tile_losses),
                chunk_norms: Shared::new(&mut chunk_norms),
                barrier: &barrier,
                stop,
                interrupted: &interrupted,
                threads,
                loss_sum: running.loss_sum,
            };
            std::thread::scope(|scope| {
                for thread in 1..threads {
                    let shared = &shared;
                    scope.spawn(move || shared.run(thread));
                }
                shared.run(0)
            })
        };
        self.parameters = parameters;
        self.first = first;
        self.second = second;
        self.gradient = gradient;
        self.group_gradients = group_gradients;
        let outcome = result.unwrap_or(Outcome::default());
        self.step += outcome.steps;
        if let Some(loss) = outcome.not_finite {
            return Err(EngineError::LossNotFinite { loss, step: self.step });
        }
        running.samples += batches[..outcome.steps as usize].iter().map(|batch| batch.len()).sum::<usize>();
        running.loss_sum = outcome.loss_sum;
        running.largest_norm = running.largest_norm.max(outcome.largest_norm);
        Ok(interrupted.load(Ordering::Relaxed))
    }

    fn check_rows(&self, rows: &[f32], order: &[u32]) -> Result<(), EngineError> {
        let features = self.network.features();
        let count = rows.len() / features;
        if rows.len() != count * features {
            return Err(EngineError::Length { what: "the rows", expected: count * features, found: rows.len() });
        }
        let largest = order.iter().max().map_or(0, |index| *index as usize + 1);
        if order.is_empty() || largest > count {
            return Err(EngineError::Length {
                what: "the rows",
                expected: largest.max(1) * features,
                found: rows.len(),
            });
        }
        Ok(())
    }

    /// Forward, loss and backward of one tile; returns the sum of its weighted squared errors.
    #[expect(clippy::too_many_arguments, reason = "the operands of a step, which live in different places")]
    fn tile(
        &self,
        pass: &mut Pass<'_>,
        rows: &[f32],
        indices: &[u32],
        batch: usize,
        parameters: &[f32],
        gradient: &mut [f32],
        accumulate: bool,
    ) -> f64 {
        let features = self.network.features();
        gather::gather(rows, features, indices, pass.input());
        pass.forward(parameters);
        let factor = (2.0 / (batch * features) as f64) as f32;
        let (output, target, output_gradient) = pass.output_input_gradient();
        let weights = &self.feature_weights;
        let sum = loss::squared_error(self.set, weights, output, target, output_gradient, factor, indices.len());
        pass.backward(parameters, gradient, indices.len(), accumulate);
        sum
    }
}

/// Groups of tiles for a batch: as many as tiles, up to a limit that the parameters may lower.
fn group_count(batch: usize, parameters: usize) -> usize {
    let most = (GROUP_VALUES / parameters.max(1)).clamp(2, MOST_GROUPS);
    batch.div_ceil(TILE).clamp(1, most)
}

/// The share of `0..count` that falls to part `index` of `parts`.
fn share(count: usize, index: usize, parts: usize) -> Range<usize> {
    count * index / parts..count * (index + 1) / parts
}

/// What all threads of an epoch see.
struct Step<'a> {
    trainer: &'a Trainer<'a>,
    rows: &'a [f32],
    batches: &'a [&'a [u32]],
    parameters: Shared<'a, f32>,
    first: Shared<'a, f32>,
    second: Shared<'a, f32>,
    gradient: Shared<'a, f32>,
    group_gradients: Shared<'a, f32>,
    tile_losses: Shared<'a, f64>,
    chunk_norms: Shared<'a, f64>,
    barrier: &'a Barrier,
    stop: &'a AtomicBool,
    interrupted: &'a AtomicBool,
    threads: usize,
    // Of the steps before, in the same epoch.
    loss_sum: f64,
}

#[derive(Default)]
struct Outcome {
    steps: u64,
    loss_sum: f64,
    largest_norm: f64,
    not_finite: Option<f64>,
}

impl Step<'_> {
    /// The loop that every thread runs.
    fn run(&self, thread: usize) -> Result<Outcome, Broken> {
        let _guard = self.barrier.guard();
        let network = self.trainer.network;
        let mut pass = Pass::new(network, network.layer_range(Part::Whole), self.trainer.set, true);
        let mut outcome = Outcome { loss_sum: self.loss_sum, ..Outcome::default() };
        for batch in self.batches {
            let tiles = batch.len().div_ceil(TILE);
            let groups = group_count(batch.len(), self.parameters.len());
            self.gradients_of_groups(thread, &mut pass, batch, tiles, groups);
            if thread == 0 && self.stop.load(Ordering::Relaxed) {
                self.interrupted.store(true, Ordering::Relaxed);
            }
            self.barrier.wait()?;
            // SAFETY: behind the barrier nobody writes losses until the next step.
            let loss: f64 = unsafe { self.tile_losses.read(0..tiles) }.iter().sum();
            if !loss.is_finite() {
                outcome.not_finite = Some(loss / (batch.len() * network.features()) as f64);
                return Ok(outcome);
            }
            if self.interrupted.load(Ordering::Relaxed) {
                return Ok(outcome);
            }
            let norm = self.add_groups(thread, groups)?;
            self.update(thread, outcome.steps, norm);
            self.barrier.wait()?;
            outcome.steps += 1;
            outcome.loss_sum += loss;
            outcome.largest_norm = outcome.largest_norm.max(norm);
        }
        Ok(outcome)
    }

    /// Phase 1: the tiles of this thread's groups.
    fn gradients_of_groups(&self, thread: usize, pass: &mut Pass<'_>, batch: &[u32], tiles: usize, groups: usize) {
        let length = self.parameters.len();
        // SAFETY: parameters are written only in phase 2, which barriers keep apart.
        let parameters = unsafe { self.parameters.read(0..length) };
        for group in share(groups, thread, self.threads) {
            // SAFETY: a group belongs to one thread, and so do its tiles.
            let gradient = unsafe { self.group_gradients.write(group * length..(group + 1) * length) };
            for (index, tile) in share(tiles, group, groups).enumerate() {
                let indices = &batch[tile * TILE..batch.len().min((tile + 1) * TILE)];
                let sum = self.trainer.tile(pass, self.rows, indices, batch.len(), parameters, gradient, index > 0);
                // SAFETY: as above.
                unsafe { self.tile_losses.set(tile, sum) };
            }
        }
    }

    /// The parameters of a chunk.
    fn chunk(&self, chunk: usize) -> Range<usize> {
        chunk * CHUNK..self.parameters.len().min((chunk + 1) * CHUNK)
    }

    /// Phase 2a: the gradients of the groups, added in order. With clipping, the norm of the sum.
    fn add_groups(&self, thread: usize, groups: usize) -> Result<f64, Broken> {
        let length = self.parameters.len();
        let clips = self.trainer.optimiser.clip_norm.is_some();
        for chunk in share(self.chunk_norms.len(), thread, self.threads) {
            let range = self.chunk(chunk);
            // SAFETY: chunks are dealt out to threads; group gradients are only read in this phase.
            let sum = unsafe { self.gradient.write(range.clone()) };
            for group in 0..groups {
                let offset = group * length;
                // SAFETY: as above.
                let values = unsafe { self.group_gradients.read(offset + range.start..offset + range.end) };
                if group == 0 {
                    sum.copy_from_slice(values);
                } else {
                    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
                }
            }
            if clips {
                let squares = sum.iter().map(|value| f64::from(*value) * f64::from(*value)).sum();
                // SAFETY: as above.
                unsafe { self.chunk_norms.set(chunk, squares) };
            }
        }
        if !clips {
            return Ok(0.0);
        }
        self.barrier.wait()?;
        // SAFETY: behind the barrier nobody writes norms until the next step.
        let squares = unsafe { self.chunk_norms.read(0..self.chunk_norms.len()) };
        Ok(squares.iter().sum::<f64>().sqrt())
    }

    /// Phase 2b: AdamW on this thread's chunks.
    fn update(&self, thread: usize, steps_before: u64, norm: f64) {
        let optimiser = &self.trainer.optimiser;
        let step = self.trainer.step + steps_before;
        let rate = optimiser.schedule.rate(step, optimiser.learning_rate);
        let correction = |decay: f64| 1.0 - libm::pow(decay, (step + 1) as f64);
        let clip = match optimiser.clip_norm {
            Some(limit) if norm > limit => limit / norm,
            _ => 1.0,
        };
        let coefficients = adam::Coefficients {
            first_decay: optimiser.first_decay as f32,
            second_decay: optimiser.second_decay as f32,
            step_size: (rate / correction(optimiser.first_decay)) as f32,
            root_correction: (1.0 / correction(optimiser.second_decay).sqrt()) as f32,
            epsilon: optimiser.epsilon as f32,
            keep: 1.0,
            gradient_factor: clip as f32,
        };
        let decaying = adam::Coefficients { keep: (1.0 - rate * optimiser.weight_decay) as f32, ..coefficients };
        for chunk in share(self.chunk_norms.len(), thread, self.threads) {
            for run in self.runs(self.chunk(chunk)) {
                let decays = self.trainer.decays[run.start / LINE] && optimiser.weight_decay > 0.0;
                // SAFETY: chunks are dealt out to threads.
                unsafe {
                    adam::update(
                        self.trainer.set,
                        if decays { decaying } else { coefficients },
                        self.gradient.read(run.clone()),
                        self.parameters.write(run.clone()),
                        self.first.write(run.clone()),
                        self.second.write(run),
                    );
                }
            }
        }
    }

    /// The range cut where decaying parameters meet others; whole if nothing decays.
    fn runs(&self, range: Range<usize>) -> Vec<Range<usize>> {
        if self.trainer.optimiser.weight_decay == 0.0 {
            return vec![range];
        }
        let mut runs: Vec<Range<usize>> = Vec::new();
        for line in range.step_by(LINE) {
            match runs.last_mut() {
                Some(run) if self.trainer.decays[run.start / LINE] == self.trainer.decays[line / LINE] => {
                    run.end = line + LINE;
                }
                _ => runs.push(line..line + LINE),
            }
        }
        runs
    }
}
