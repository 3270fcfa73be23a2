//! Steps divided by layers: all threads share each layer of the whole batch, which is the way when the weights are many
//! and the samples few. No thread holds a gradient of its own. Without clipping no gradient is held at all: a block of
//! weights is updated as soon as its gradient is known, while both are in the caches.

use super::optimiser::Optimiser;
use super::step::{Outcome, Step, Update};
use crate::barrier::Broken;
use crate::entrance::Entrance;
use crate::kernel::adam::{self, Parts};
use crate::kernel::{TILE, gather, loss};
use crate::layers::{GradientScratch, LayerMemory, Layers, Member, WeightTasks, samples_of};
use crate::memory::{Buffer, Shared};
use crate::network::Network;
use crate::pass::tile_length;
use crate::stage::{Stage, training_stages};

/// Features in a task of gathering and of the loss.
const FEATURE_BLOCK: usize = 1024;

/// Values that a batch takes beside the layers.
pub(super) fn values_beside(network: &Network, corrupts: bool, optimiser: &Optimiser) -> u64 {
    let tiles = optimiser.batch.div_ceil(TILE) * tile_length(network.features());
    if corrupts { 2 * tiles as u64 } else { 0 }
}

/// The steps, or the gradient of one of them.
pub(super) fn run(step: &Step<'_>, memory: &mut LayerMemory, largest: usize, only: Option<&mut Buffer>) -> Outcome {
    if memory.room() < largest {
        let stages = training_stages(step.network, step.objective.ordered);
        *memory = LayerMemory::new(stages, step.set, largest, true);
    }
    let mut own;
    let keeps = step.optimiser.clip_norm.is_some() || only.is_some();
    let gradient = match only {
        Some(gradient) => gradient,
        None => {
            own = Buffer::zeroed(if keeps { step.length() } else { 0 });
            &mut own
        }
    };
    let features = step.network.features();
    let mut losses = vec![0.0; largest.div_ceil(TILE) * features.div_ceil(FEATURE_BLOCK)];
    let mut norms = vec![0.0; step.chunks()];
    let length = if step.objective.corrupts() { largest.div_ceil(TILE) * tile_length(features) } else { 0 };
    let (mut targets, mut weights) = (Buffer::zeroed(length), Buffer::zeroed(length));
    let whole = Whole {
        step,
        targets: Shared::new(&mut targets),
        weights: Shared::new(&mut weights),
        layers: memory.share(),
        gradient: Shared::new(gradient),
        losses: Shared::new(&mut losses),
        norms: Shared::new(&mut norms),
        keeps,
    };
    let scratches = std::iter::repeat_with(GradientScratch::default).take(step.threads);
    step.on_all_threads(scratches, |thread, mut scratch| whole.run(thread, &mut scratch))
}

struct Whole<'a> {
    step: &'a Step<'a>,
    layers: Layers<'a>,
    // Where samples come in corrupted: as they are, and what their errors weigh. As values[0] of the layers.
    targets: Shared<'a, f32>,
    weights: Shared<'a, f32>,
    // The whole gradient, where it must be known before the update.
    gradient: Shared<'a, f32>,
    losses: Shared<'a, f64>,
    norms: Shared<'a, f64>,
    keeps: bool,
}

impl Whole<'_> {
    /// The loop that every thread runs.
    fn run(&self, thread: usize, scratch: &mut GradientScratch) -> Result<Outcome, Broken> {
        let step = self.step;
        let member = Member { thread, threads: step.threads, barrier: step.barrier };
        let mut outcome = Outcome { loss_sum: step.loss_sum, ..Outcome::default() };
        for batch in step.batches {
            self.gather(member, batch, step.entrance(outcome.steps).as_ref());
            member.meet()?;
            self.layers.forward(member, &step.parameters, batch.len(), step.code(outcome.steps))?;
            self.loss(member, batch.len());
            step.ask_whether_to_stop(thread);
            member.meet()?;
            let features = step.network.features();
            let parts = batch.len().div_ceil(TILE) * features.div_ceil(FEATURE_BLOCK);
            // SAFETY: behind the barrier nobody writes losses until the next step.
            let loss: f64 = unsafe { self.losses.read(0..parts) }.iter().sum();
            if !step.goes_on(&mut outcome, batch.len(), loss) {
                return Ok(outcome);
            }
            self.backward(member, batch.len(), outcome.steps, scratch)?;
            let norm = if self.keeps { self.clip_and_update(member, outcome.steps)? } else { 0.0 };
            member.meet()?;
            outcome.steps += 1;
            outcome.loss_sum += loss;
            outcome.largest_norm = outcome.largest_norm.max(norm);
        }
        Ok(outcome)
    }

    /// The rows of the batch into tiles, corrupted on the way if they are to be.
    fn gather(&self, member: Member<'_>, batch: &[u32], entrance: Option<&Entrance<'_>>) {
        let features = self.step.network.features();
        let blocks = features.div_ceil(FEATURE_BLOCK);
        for task in member.share(blocks * batch.len().div_ceil(TILE)) {
            let (tile, block) = (task / blocks, task % blocks);
            let range = block * FEATURE_BLOCK..features.min((block + 1) * FEATURE_BLOCK);
            let indices = &batch[tile * TILE..batch.len().min((tile + 1) * TILE)];
            let start = tile * tile_length(features);
            let values = start + range.start * TILE..start + range.end * TILE;
            // SAFETY: these features of this tile belong to one thread.
            let x = unsafe { self.layers.values[0].write(values.clone()) };
            let Some(entrance) = entrance else {
                gather::gather(self.step.set, self.step.rows, features, indices, range, x);
                continue;
            };
            // SAFETY: as above.
            let (target, weights) = unsafe { (self.targets.write(values.clone()), self.weights.write(values)) };
            gather::gather(self.step.set, self.step.rows, features, indices, range.clone(), target);
            entrance.corrupt(tile * TILE, range, target, x, Some(weights));
        }
    }

    /// The loss of each block of features of each tile, and the gradient of the output.
    fn loss(&self, member: Member<'_>, samples: usize) {
        let step = self.step;
        let objective = step.objective;
        let features = step.network.features();
        let blocks = features.div_ceil(FEATURE_BLOCK);
        let factor = (2.0 / (samples * features) as f64) as f32;
        let last = self.layers.values.len() - 1;
        for task in member.share(blocks * samples.div_ceil(TILE)) {
            let (tile, block) = (task / blocks, task % blocks);
            let range = block * FEATURE_BLOCK..features.min((block + 1) * FEATURE_BLOCK);
            let start = tile * tile_length(features);
            let values = start + range.start * TILE..start + range.end * TILE;
            // SAFETY: outputs and inputs are only read in this phase; these gradients belong to one thread.
            unsafe {
                let targets = if objective.corrupts() { &self.targets } else { &self.layers.values[0] };
                let operands = (
                    self.layers.values[last].read(values.clone()),
                    targets.read(values.clone()),
                    self.layers.gradients[0].write(values.clone()),
                );
                let value_weights = objective.blind_spots.map(|_| self.weights.read(values));
                let feature_weights = &objective.feature_weights[range];
                let samples = samples_of(tile, samples);
                let sum = loss::squared_error(step.set, feature_weights, value_weights, operands, factor, samples);
                self.losses.set(task, sum);
            }
        }
    }

    /// Back through all layers. Parameters are updated on the way, or their gradients are kept.
    fn backward(
        &self,
        member: Member<'_>,
        samples: usize,
        steps_before: u64,
        scratch: &mut GradientScratch,
    ) -> Result<(), Broken> {
        let step = self.step;
        let update = (!self.keeps).then(|| step.coefficients(steps_before, 0.0));
        scratch.forget();
        let (mut current, mut from) = (self.layers.values.len() - 1, 0);
        for (index, stage) in self.layers.stages.iter().enumerate().rev() {
            match stage {
                Stage::Dense { inputs, outputs, weight, bias } => {
                    current -= 1;
                    if current > 0 {
                        // SAFETY: nobody writes these parameters before the next barrier.
                        let weights = unsafe { step.parameters.read(weight.clone()) };
                        self.layers.input_gradient(member, (*outputs, *inputs), weights, from, samples, scratch);
                        member.meet()?;
                    }
                    if let Some(tasks) = WeightTasks::new(&self.layers, stage, current, from, samples) {
                        for task in member.share(tasks.count()) {
                            tasks.run(
                                task,
                                scratch,
                                |offset, values| self.take(update, weight.start + offset, values),
                                |offset, values| self.take(update, bias.start + offset, values),
                            );
                        }
                    }
                    from = 1 - from;
                }
                Stage::Code { width } => {
                    if let Some(code) = step.code(steps_before) {
                        self.layers.code_backward(member, code, *width, from, samples);
                    }
                }
                Stage::Activation { width, .. } => {
                    self.layers.activation_backward(member, index, *width, from, samples);
                }
                Stage::Normalised { width, scale, shift, .. } => {
                    // SAFETY: nobody writes these parameters before the next barrier.
                    let values = unsafe { step.parameters.read(scale.clone()) };
                    self.layers.normalised_backward(member, index, values, from, samples);
                    member.meet()?;
                    if member.thread == 0 {
                        for (range, is_shift) in [(scale, false), (shift, true)] {
                            // SAFETY: behind the barrier the parts are only read.
                            let (values, stride) = unsafe { self.layers.affine_parts(*width, is_shift, samples) };
                            self.take_parts(update, range.clone(), values, stride, samples.div_ceil(TILE));
                        }
                    }
                }
            }
            member.meet()?;
        }
        Ok(())
    }

    /// A part of the gradient: used at once, or kept.
    fn take(&self, update: Option<Update>, start: usize, values: &[f32]) {
        self.take_parts(update, start..start + values.len(), values, 0, 1);
    }

    /// The same for a part that is a sum.
    fn take_parts(
        &self,
        update: Option<Update>,
        range: std::ops::Range<usize>,
        values: &[f32],
        stride: usize,
        parts: usize,
    ) {
        let gradient = Parts { values, stride, parts };
        // SAFETY: every parameter belongs to one task.
        unsafe {
            match update {
                Some(update) => self.step.update_tensor(update, range, gradient),
                None => adam::add(self.step.set, gradient, self.gradient.write(range)),
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
