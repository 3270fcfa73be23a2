//! Steps divided by tiles: a thread takes tiles of samples through all layers while they are in its caches.
//!
//! The tiles of a batch are [dealt out](super::deal) in groups; each group has a gradient of its own, to which its tiles are added in
//! order. Behind a barrier the gradients of the groups are added in order, in chunks of parameters that are dealt out
//! as well, and each chunk is updated at once. How tiles make groups depends on the batch and the network alone;
//! threads only take more or fewer of them. So every sum has one order.

use super::deal::Deal;
use super::step::{CHUNK, Outcome, Step, share};
use crate::barrier::Broken;
use crate::codes::Codes;
use crate::entrance::Entrance;
use crate::kernel::adam::{self, Parts};
use crate::kernel::loss::{self, LogVariances, Operands};
use crate::kernel::{TILE, gather};
use crate::memory::{Buffer, Shared};
use crate::pass::Pass;
use crate::stage::training_stages;

/// The most groups of tiles, and so the most threads that a step can use for its tiles.
const MOST_GROUPS: usize = 64;

/// Fewer tiles than this make a group each; more share groups of four, so that adding the groups stays cheap.
const SINGLE_TILES: usize = 8;

/// Values that the gradients of all groups may take together (256 MiB); networks with more parameters get fewer groups.
const GROUP_VALUES: usize = 1 << 26;

/// What the steps of a batch need beside parameters and moments.
pub(super) struct TileMemory {
    // The gradients of the groups, one after the other.
    groups: Buffer,
    workers: Vec<Worker>,
}

/// The tile of a thread.
struct Worker {
    pass: Pass,
    // Where inputs are not simply targets: the targets, and what their errors weigh.
    target: Buffer,
    weights: Buffer,
}

impl TileMemory {
    pub(super) fn new(batch: usize, parameters: usize) -> Self {
        Self { groups: Buffer::zeroed(group_count(batch, parameters) * parameters), workers: Vec::new() }
    }

    /// Values that it holds.
    pub(super) fn values(batch: usize, parameters: usize) -> u64 {
        (1 + group_count(batch, parameters)) as u64 * parameters as u64
    }
}

/// Groups of tiles for a batch: as many as tiles at first, then a quarter, up to a limit that the parameters may lower.
fn group_count(batch: usize, parameters: usize) -> usize {
    let most = (GROUP_VALUES / parameters.max(1)).clamp(2, MOST_GROUPS);
    let tiles = batch.div_ceil(TILE);
    tiles.min((tiles / 4).max(SINGLE_TILES)).clamp(1, most)
}

/// The steps, or the gradient of one of them.
pub(super) fn run(step: &Step<'_>, memory: &mut TileMemory, largest: usize, only: Option<&mut Buffer>) -> Outcome {
    let mut own;
    let clips = step.optimiser.clip_norm.is_some() || only.is_some();
    let gradient = match only {
        Some(gradient) => gradient,
        None => {
            own = Buffer::zeroed(if clips { step.length() } else { 0 });
            &mut own
        }
    };
    let beside = if step.objective.separates() { step.network.features() * TILE } else { 0 };
    while memory.workers.len() < step.threads {
        let (target, weights) = (Buffer::zeroed(beside), Buffer::zeroed(beside));
        let stages = training_stages(step.network, step.objective);
        memory.workers.push(Worker { pass: Pass::new(stages, step.set), target, weights });
    }
    // A gradient may be asked for a batch that is larger than those of the steps.
    let needed = group_count(largest, step.length()) * step.length();
    if memory.groups.len() < needed {
        memory.groups = Buffer::zeroed(needed);
    }
    let mut losses = vec![0.0; largest.div_ceil(TILE)];
    let mut norms = vec![0.0; step.chunks()];
    let deal = Deal::new(step.threads);
    if let Some(first) = step.batches.first() {
        (0..step.threads).for_each(|thread| deal.give(thread, group_count(first.len(), step.length())));
    }
    let tiles = Tiles {
        step,
        deal,
        groups: Shared::new(&mut memory.groups),
        gradient: Shared::new(gradient),
        losses: Shared::new(&mut losses),
        norms: Shared::new(&mut norms),
        clips,
    };
    step.on_all_threads(memory.workers.iter_mut().take(step.threads), |thread, worker| tiles.run(thread, worker))
}

struct Tiles<'a> {
    step: &'a Step<'a>,
    deal: Deal,
    groups: Shared<'a, f32>,
    // The sum of the groups, where it must be known before the update.
    gradient: Shared<'a, f32>,
    losses: Shared<'a, f64>,
    norms: Shared<'a, f64>,
    clips: bool,
}

impl Tiles<'_> {
    /// The loop that every thread runs.
    fn run(&self, thread: usize, worker: &mut Worker) -> Result<Outcome, Broken> {
        let step = self.step;
        let mut outcome = Outcome { loss_sum: step.loss_sum, ..Outcome::default() };
        for (index, batch) in step.batches.iter().enumerate() {
            let next = step.batches.get(index + 1).copied().unwrap_or_default();
            let groups = group_count(batch.len(), step.length());
            let drawn = (step.entrance(outcome.steps), step.codes(outcome.steps));
            self.gradients_of_groups(thread, worker, &drawn, (batch, next), groups);
            step.ask_whether_to_stop(thread);
            step.barrier.wait(thread)?;
            // SAFETY: behind the barrier nobody writes losses until the next step.
            let loss: f64 = unsafe { self.losses.read(0..batch.len().div_ceil(TILE)) }.iter().sum();
            if !step.goes_on(&mut outcome, batch.len(), loss) {
                return Ok(outcome);
            }
            self.deal.give(thread, group_count(next.len(), step.length()));
            let norm = self.update(thread, outcome.steps, groups)?;
            step.barrier.wait(thread)?;
            outcome.steps += 1;
            outcome.loss_sum += loss;
            outcome.largest_norm = outcome.largest_norm.max(norm);
        }
        Ok(outcome)
    }

    /// Phase 1: the tiles of the groups that this thread takes. The rows of the tile after each are asked for ahead.
    fn gradients_of_groups(
        &self,
        thread: usize,
        worker: &mut Worker,
        (entrance, codes): &(Option<Entrance<'_>>, Codes),
        (batch, next): (&[u32], &[u32]),
        groups: usize,
    ) {
        let step = self.step;
        let (length, tiles) = (step.length(), batch.len().div_ceil(TILE));
        let row_length = step.objective.row_length();
        let rows = |tile: usize| &batch[tile * TILE..batch.len().min((tile + 1) * TILE)];
        // SAFETY: parameters are written only in phase 2, which barriers keep apart.
        let parameters = unsafe { step.parameters.read(0..length) };
        let own = share(groups, thread, step.threads);
        let next_first = next.chunks(TILE).nth(share(tiles, own.start, groups).start);
        while let Some(group) = self.deal.take(thread) {
            // SAFETY: a group is taken by one thread, and its tiles with it.
            let gradient = unsafe { self.groups.write(group * length..(group + 1) * length) };
            let range = share(tiles, group, groups);
            let followed = own.contains(&group) && group + 1 < own.end;
            for tile in range.clone() {
                let ahead = if tile + 1 < range.end || followed { Some(rows(tile + 1)) } else { next_first };
                if let Some(ahead) = ahead {
                    gather::prefetch(step.rows, row_length, ahead);
                }
                self.load(worker, entrance.as_ref(), tile, rows(tile));
                let (place, factor) = ((tile * TILE, rows(tile).len()), step.factor(batch.len()));
                let sum = self.tile(worker, *codes, place, factor, parameters, (gradient, tile > range.start));
                // SAFETY: as above.
                unsafe { self.losses.set(tile, sum) };
            }
        }
    }

    /// The rows of a tile into the pass, corrupted on the way if they are to be.
    fn load(&self, worker: &mut Worker, entrance: Option<&Entrance<'_>>, tile: usize, indices: &[u32]) {
        let Step { set, rows, objective, network, .. } = *self.step;
        let (features, length) = (network.features(), objective.row_length());
        let Worker { pass, target, weights } = worker;
        match entrance {
            None => gather::gather::<TILE>(set, rows, length, indices, 0..features, pass.input()),
            Some(entrance) => {
                gather::gather::<TILE>(set, rows, length, indices, 0..features, target);
                if objective.value_weights {
                    gather::gather::<TILE>(set, rows, length, indices, features..length, weights);
                }
                entrance.corrupt::<TILE>(tile * TILE, 0..features, target, pass.input(), weights);
            }
        }
    }

    /// Forward, loss and backward of one tile, given the position of its first sample and the number of its samples;
    /// returns the sum of its costs. `factor` makes a mean of a sum over the batch. The gradient is added to, or
    /// overwritten.
    fn tile(
        &self,
        worker: &mut Worker,
        codes: Codes,
        place: (usize, usize),
        factor: f64,
        parameters: &[f32],
        (gradient, accumulate): (&mut [f32], bool),
    ) -> f64 {
        let objective = self.step.objective;
        let Worker { pass, target, weights } = worker;
        let divergence = pass.forward(parameters, codes, place);
        let (output, input, output_gradient) = pass.output_input_gradient();
        let operands = Operands {
            output,
            target: if objective.separates() { target } else { input },
            gradient: output_gradient,
            feature_weights: &objective.feature_weights,
            value_weights: objective.weighs_values().then_some(weights),
        };
        let log_variances = self.step.network.log_variance().map(|range| LogVariances {
            values: &parameters[range.clone()],
            gradient: &mut gradient[range],
            accumulate,
        });
        let sum = loss::cost::<TILE>(self.step.set, objective.loss, operands, log_variances, factor, place.1);
        pass.backward(parameters, gradient, codes, place, factor as f32, accumulate);
        sum + divergence
    }

    /// Phase 2: the gradients of the groups are added in order and each chunk of parameters is updated. With clipping
    /// their sum is found first, and its norm is returned.
    fn update(&self, thread: usize, steps_before: u64, groups: usize) -> Result<f64, Broken> {
        let step = self.step;
        let length = step.length();
        let chunks = || share(step.chunks(), thread, step.threads);
        // SAFETY: group gradients are only read in this phase.
        let values = unsafe { self.groups.read(0..groups * length) };
        let parts = |start: usize| Parts { values: &values[start..], stride: length, parts: groups };
        if !self.clips {
            let update = step.coefficients(steps_before, 0.0);
            let mut sum = [0.0; CHUNK];
            for range in chunks().map(|chunk| step.chunk(chunk)) {
                let sum = &mut sum[..range.len()];
                adam::add(step.set, parts(range.start), sum);
                // SAFETY: chunks are dealt out to threads.
                unsafe { step.update(update, range, Parts { values: sum, stride: 0, parts: 1 }) };
            }
            return Ok(0.0);
        }
        for range in chunks().map(|chunk| step.chunk(chunk)) {
            // SAFETY: chunks are dealt out to threads.
            adam::add(step.set, parts(range.start), unsafe { self.gradient.write(range) });
        }
        let norm = step.norm(thread, &self.gradient, &self.norms)?;
        if step.updates {
            let update = step.coefficients(steps_before, norm);
            for range in chunks().map(|chunk| step.chunk(chunk)) {
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
