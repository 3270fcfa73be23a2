//! Steps divided by layers: all threads share each layer of the whole batch, which is the way when the weights are many
//! and the samples few. No thread holds a gradient of its own. Without clipping no gradient is held at all: a block of
//! weights is updated as soon as its gradient is known, while both are in the caches.
//!
//! Sparse codes are always trained in this way. Between encoder and decoder their rules may see the whole batch; where
//! latents are dead, the decoder is passed a second time.

mod way_back;

use std::ops::Range;

use super::optimiser::Optimiser;
use super::step::{Outcome, Step};
use crate::barrier::Broken;
use crate::codes::Codes;
use crate::entrance::Entrance;
use crate::kernel::adam::Parts;
use crate::kernel::gather;
use crate::kernel::loss::{self, LogVariances, Operands};
use crate::layers::{CodesOfBatch, GradientScratch, LayerMemory, Layers, Member, Sparse, SparseMemory, samples_of};
use crate::memory::{Buffer, Shared};
use crate::network::{Network, Part};
use crate::objective::{Objective, Revival, Sparsity};
use crate::pass::tile_length;
use crate::simd::InstructionSet;
use crate::stage::{Stage, stages, training_stages};
use way_back::{Fate, WayBack};

/// Features in a task of gathering and of the loss.
const FEATURE_BLOCK: usize = 1024;

/// The share of the latest batch in a threshold that follows the batches.
const FOLLOWING: f64 = 0.01;

/// Values that a batch takes beside the layers.
pub(super) fn values_beside<const TILE: usize>(network: &Network, separates: bool, optimiser: &Optimiser) -> u64 {
    let tiles = optimiser.batch.div_ceil(TILE) * tile_length::<TILE>(network.features());
    if separates { 2 * tiles as u64 } else { 0 }
}

/// The memory of the stages for batches of so many samples.
pub(super) fn memory_of<const TILE: usize>(
    network: &Network,
    objective: &Objective,
    set: InstructionSet,
    batch: usize,
) -> WholeMemory<TILE> {
    WholeMemory {
        layers: LayerMemory::new(training_stages(network, objective), set, batch, true),
        sparse: SparseMemory::new(objective.sparsity, network.latent_dimension(), batch),
    }
}

/// What the steps of a batch need beside parameters and moments.
pub(super) struct WholeMemory<const TILE: usize> {
    layers: LayerMemory<TILE>,
    sparse: SparseMemory<TILE>,
}

/// The steps, or the gradient of one of them.
pub(super) fn run<const TILE: usize>(
    step: &Step<'_>,
    memory: &mut WholeMemory<TILE>,
    largest: usize,
    only: Option<&mut Buffer>,
) -> Outcome {
    if memory.layers.room() < largest {
        *memory = memory_of(step.network, step.objective, step.set, largest);
    }
    let mut own;
    let keeps = step.optimiser.clip_norm.is_some() || only.is_some();
    let revival = step.objective.sparsity.revival();
    let gradient = match only {
        Some(gradient) => gradient,
        None => {
            own = Buffer::zeroed(if keeps || revival.is_some() { step.length() } else { 0 });
            &mut own
        }
    };
    let features = step.network.features();
    let tiles = largest.div_ceil(TILE);
    let mut losses = vec![0.0; tiles * features.div_ceil(FEATURE_BLOCK)];
    let mut norms = vec![0.0; step.chunks()];
    let length = if step.objective.separates() { tiles * tile_length::<TILE>(features) } else { 0 };
    let (mut targets, mut weights) = (Buffer::zeroed(length), Buffer::zeroed(length));
    let variances = step.network.log_variance();
    let mut variance_slopes = vec![0.0; if variances.is_some() { tiles * features } else { 0 }];
    let whole = Whole {
        step,
        decoder: stages(step.network, step.network.layer_range(Part::Encoder)).len()
            + usize::from(step.objective.ordered || step.objective.sparsity.costs_codes()),
        targets: Shared::new(&mut targets),
        weights: Shared::new(&mut weights),
        layers: memory.layers.share(),
        sparse: memory.sparse.share(step.objective.sparsity),
        gradient: Shared::new(gradient),
        losses: Shared::new(&mut losses),
        norms: Shared::new(&mut norms),
        variances,
        variance_slopes: Shared::new(&mut variance_slopes),
        revival,
        keeps,
    };
    let scratches = std::iter::repeat_with(GradientScratch::default).take(step.threads);
    step.on_all_threads(scratches, |thread, mut scratch| whole.run(thread, &mut scratch))
}

struct Whole<'a, const TILE: usize> {
    step: &'a Step<'a>,
    layers: Layers<'a, TILE>,
    sparse: Sparse<'a, TILE>,
    // The first stage of the decoder.
    decoder: usize,
    // Where inputs are not simply targets: the targets, and what their errors weigh. As values[0] of the layers.
    targets: Shared<'a, f32>,
    weights: Shared<'a, f32>,
    // The whole gradient, where it must be known before the update.
    gradient: Shared<'a, f32>,
    losses: Shared<'a, f64>,
    norms: Shared<'a, f64>,
    variances: Option<Range<usize>>,
    // [tiles][features]: the gradient of the variances.
    variance_slopes: Shared<'a, f32>,
    revival: Option<Revival>,
    keeps: bool,
}

impl<const TILE: usize> Whole<'_, TILE> {
    /// The loop that every thread runs.
    fn run(&self, thread: usize, scratch: &mut GradientScratch) -> Result<Outcome, Broken> {
        let step = self.step;
        let member = Member { thread, threads: step.threads, barrier: step.barrier };
        let mut outcome = Outcome { loss_sum: step.loss_sum, ..Outcome::default() };
        let encoder = 0..self.decoder;
        for batch in step.batches {
            let (samples, codes) = (batch.len(), step.codes(outcome.steps));
            let place = CodesOfBatch { values: self.layers.values_before(self.decoder), samples };
            self.gather(member, batch, step.entrance(outcome.steps).as_ref());
            member.meet()?;
            let dead = self.dead();
            self.layers.forward(member, &step.parameters, samples, Some(codes), encoder.clone())?;
            self.sparse.forward(member, &self.layers, place, self.of_codes())?;
            self.decode(member, samples, codes)?;
            self.loss(member, samples, 1.0);
            step.ask_whether_to_stop(thread);
            member.meet()?;
            let mut loss = self.sum_of_losses(samples) + self.layers.divergence(samples) + self.sparse.cost(samples);
            if !step.goes_on(&mut outcome, samples, loss) {
                return Ok(outcome);
            }
            let keeps = self.keeps || dead.is_some();
            let fate = if keeps { Fate::Kept } else { Fate::Used(step.coefficients(outcome.steps, 0.0)) };
            let mut way = WayBack { samples, codes, fate, from: 0 };
            let pulls = self.sparse.column_pulls(member, samples, step.factor(samples))?;
            self.variances_backward(member, way);
            way.from = self.backward(member, way, self.decoder..self.layers.stages.len(), pulls, scratch)?;
            if let (Some(dead), Some(revival)) = (&dead, self.revival) {
                self.sparse.revive(member, &self.layers, place, way.from, (revival.most, dead))?;
                self.decode(member, samples, codes)?;
                self.loss(member, samples, revival.strength);
                member.meet()?;
                loss += f64::from(revival.strength) * self.sum_of_losses(samples);
                let again = WayBack { fate: Fate::Added, from: 0, ..way };
                way.from = self.backward(member, again, self.decoder..self.layers.stages.len(), None, scratch)?;
            }
            self.codes_backward(member, place, way, dead.is_some())?;
            self.backward(member, way, encoder.clone(), None, scratch)?;
            let norm = if keeps { self.clip_and_update(member, outcome.steps)? } else { 0.0 };
            member.meet()?;
            self.after_step(member, samples, outcome.steps);
            outcome.steps += 1;
            outcome.loss_sum += loss;
            outcome.largest_norm = outcome.largest_norm.max(if self.keeps { norm } else { 0.0 });
        }
        Ok(outcome)
    }

    /// Through the decoder.
    fn decode(&self, member: Member<'_>, samples: usize, codes: Codes) -> Result<(), Broken> {
        let stages = self.decoder..self.layers.stages.len();
        self.layers.forward(member, &self.step.parameters, samples, Some(codes), stages)
    }

    /// The thresholds of the encoder's last layer, if it has any, and the weights of the decoder's first.
    fn of_codes(&self) -> (&[f32], &[f32]) {
        // SAFETY: nobody writes parameters before the update.
        unsafe {
            let thresholds = self.log_thresholds().map_or(&[][..], |range| self.step.parameters.read(range));
            let Some(Stage::Dense { weight, .. }) = self.layers.stages.get(self.decoder) else {
                return (thresholds, &[]);
            };
            (thresholds, self.step.parameters.read(weight.clone()))
        }
    }

    fn log_thresholds(&self) -> Option<Range<usize>> {
        match &self.layers.stages[self.decoder - 1] {
            Stage::JumpRelu { log_threshold, .. } => Some(log_threshold.clone()),
            _ => None,
        }
    }

    /// Which latents are dead, if any is.
    fn dead(&self) -> Option<Vec<bool>> {
        let after = self.revival?.after;
        // SAFETY: idle times are written after the barrier at the end of a step.
        let idle = unsafe { self.step.idle.read(0..self.step.idle.len()) };
        let dead: Vec<bool> = idle.iter().map(|samples| *samples >= after).collect();
        dead.contains(&true).then_some(dead)
    }

    /// What is told from step to step: how long latents have not been used, and the threshold of a batch.
    fn after_step(&self, member: Member<'_>, samples: usize, steps_before: u64) {
        if member.thread > 0 || !self.step.updates {
            return;
        }
        for latent in 0..self.step.idle.len() {
            let used = self.sparse.take_used(latent);
            // SAFETY: the others wait for the next barrier, or read nothing of this.
            unsafe {
                let idle = &mut self.step.idle.write(latent..latent + 1)[0];
                *idle = if used { 0 } else { idle.saturating_add(samples as u32) };
            }
        }
        if let (Sparsity::BatchTopK { .. }, Some(range)) = (self.step.objective.sparsity, self.log_thresholds()) {
            let share = FOLLOWING.max(1.0 / (self.step.first_step + steps_before + 1) as f64);
            // SAFETY: as above; thresholds are no part of what this kind trains on.
            let thresholds = unsafe { self.step.parameters.write(range) };
            let before = libm::exp(f64::from(thresholds[0]));
            // A value that is kept must be above the threshold.
            let latest = f64::from(self.sparse.least_kept()) * (1.0 - f64::from(f32::EPSILON));
            let follows = before + share * (latest - before);
            thresholds.fill(libm::log(follows.max(f64::from(f32::MIN_POSITIVE))) as f32);
        }
    }

    /// The sum of the costs of a batch; behind a barrier.
    fn sum_of_losses(&self, samples: usize) -> f64 {
        let parts = samples.div_ceil(TILE) * self.step.network.features().div_ceil(FEATURE_BLOCK);
        // SAFETY: behind the barrier nobody writes losses until the next ones.
        unsafe { self.losses.read(0..parts) }.iter().sum()
    }

    /// The rows of the batch into tiles, corrupted on the way if they are to be.
    fn gather(&self, member: Member<'_>, batch: &[u32], entrance: Option<&Entrance<'_>>) {
        let Step { set, rows, objective, network, .. } = *self.step;
        let (features, length) = (network.features(), objective.row_length());
        let blocks = features.div_ceil(FEATURE_BLOCK);
        for task in member.share(blocks * batch.len().div_ceil(TILE)) {
            let (tile, block) = (task / blocks, task % blocks);
            let range = block * FEATURE_BLOCK..features.min((block + 1) * FEATURE_BLOCK);
            let indices = &batch[tile * TILE..batch.len().min((tile + 1) * TILE)];
            let start = tile * tile_length::<TILE>(features);
            let values = start + range.start * TILE..start + range.end * TILE;
            // SAFETY: these features of this tile belong to one thread.
            let x = unsafe { self.layers.values[0].write(values.clone()) };
            let Some(entrance) = entrance else {
                gather::gather::<TILE>(set, rows, length, indices, range, x);
                continue;
            };
            // SAFETY: as above.
            let (target, weights) = unsafe { (self.targets.write(values.clone()), self.weights.write(values)) };
            gather::gather::<TILE>(set, rows, length, indices, range.clone(), target);
            if objective.value_weights {
                let of_values = features + range.start..features + range.end;
                gather::gather::<TILE>(set, rows, length, indices, of_values, weights);
            }
            entrance.corrupt::<TILE>(tile * TILE, range, target, x, weights);
        }
    }

    /// The cost of each block of features of each tile, and the gradient of the output, times `strength`.
    fn loss(&self, member: Member<'_>, samples: usize, strength: f32) {
        let step = self.step;
        let objective = step.objective;
        let features = step.network.features();
        let blocks = features.div_ceil(FEATURE_BLOCK);
        let factor = step.factor(samples) * f64::from(strength);
        let last = self.layers.values.len() - 1;
        for task in member.share(blocks * samples.div_ceil(TILE)) {
            let (tile, block) = (task / blocks, task % blocks);
            let range = block * FEATURE_BLOCK..features.min((block + 1) * FEATURE_BLOCK);
            let start = tile * tile_length::<TILE>(features);
            let values = start + range.start * TILE..start + range.end * TILE;
            // SAFETY: outputs and inputs are only read in this phase; these gradients belong to one thread.
            unsafe {
                let targets = if objective.separates() { &self.targets } else { &self.layers.values[0] };
                let operands = Operands {
                    output: self.layers.values[last].read(values.clone()),
                    target: targets.read(values.clone()),
                    gradient: self.layers.gradients[0].write(values.clone()),
                    feature_weights: &objective.feature_weights[range.clone()],
                    value_weights: if objective.weighs_values() { Some(self.weights.read(values)) } else { None },
                };
                let log_variances = self.variances.as_ref().map(|variances| LogVariances {
                    values: step.parameters.read(variances.start + range.start..variances.start + range.end),
                    gradient: self.variance_slopes.write(tile * features + range.start..tile * features + range.end),
                    accumulate: false,
                });
                let samples = samples_of::<TILE>(tile, samples);
                self.losses
                    .set(task, loss::cost::<TILE>(step.set, objective.loss, operands, log_variances, factor, samples));
            }
        }
    }

    /// The norm of the whole gradient, and the update with it.
    fn clip_and_update(&self, member: Member<'_>, steps_before: u64) -> Result<f64, Broken> {
        let step = self.step;
        let norm = step.norm(member.thread, &self.gradient, &self.norms)?;
        if step.updates {
            let update = step.coefficients(steps_before, norm);
            for range in member.share(step.chunks()).map(|chunk| step.chunk(chunk)) {
                // SAFETY: chunks are dealt out to threads; the gradient is only read.
                unsafe {
                    let gradient = Parts { values: self.gradient.read(range.clone()), stride: 0, parts: 1 };
                    step.update(update, range, gradient);
                }
            }
        }
        Ok(norm)
    }
}
