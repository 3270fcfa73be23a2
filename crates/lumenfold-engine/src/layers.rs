//! A whole batch through the layers, each of them shared by all threads: for networks whose weights do not fit into the
//! caches, so that they are read once for many samples.
//!
//! The samples lie in tiles as everywhere, `[tile][feature][TILE]`. Every number is computed by one thread in an order
//! that the shapes alone decide, so how a layer is divided into tasks changes no bit, and may follow the threads.

mod backward;
mod fields;
mod forward;
mod lengths;
mod sparse;

use crate::barrier::{Barrier, Broken};
use crate::memory::{Buffer, Shared};
use crate::network::{Network, Part};
use crate::pass::tile_length;
use crate::simd::InstructionSet;
use crate::stage::{Stage, stages};

pub(crate) use backward::{GradientScratch, WeightTasks};
pub(crate) use fields::RunningSums;
use lengths::Lengths;
pub(crate) use sparse::{CodesOfBatch, Sparse, SparseMemory};

/// Rows of a weight matrix in a task; a multiple of every register block.
const OUTPUT_BLOCK: usize = 40;

/// The memory of one batch.
pub(crate) struct LayerMemory<const TILE: usize> {
    set: InstructionSet,
    stages: Vec<Stage>,
    tiles: usize,
    // values[0] is the input; one more for each stage that does not work in place. Each: [tiles][tile_length].
    values: Vec<Buffer>,
    kept: Vec<KeptBuffers>,
    // The gradient of a layer's output and that of its input, in turn.
    gradients: [Buffer; 2],
    // For each tile the gradients of one normalisation: [tiles][scale and shift].
    affine: Buffer,
    // What residual blocks begin with, or the gradient of what they end with: [tiles][width][TILE] for each depth.
    skips: Vec<Buffer>,
    // Of one convolution, the gradient of its weights in parts and that of its biases.
    partials: Buffer,
    // For each tile the divergence of its codes.
    divergences: Vec<f64>,
    learns: bool,
}

#[derive(Default)]
struct KeptBuffers {
    activated: Buffer,
    slope: Buffer,
    statistics: Buffer,
}

/// What a stage keeps, for all tiles.
pub(crate) struct KeptShared<'a> {
    activated: Shared<'a, f32>,
    slope: Shared<'a, f32>,
    statistics: Shared<'a, f32>,
}

/// The same memory as all threads see it.
pub(crate) struct Layers<'a, const TILE: usize> {
    pub(crate) set: InstructionSet,
    pub(crate) stages: &'a [Stage],
    pub(crate) values: Vec<Shared<'a, f32>>,
    kept: Vec<KeptShared<'a>>,
    pub(crate) gradients: [Shared<'a, f32>; 2],
    affine: Shared<'a, f32>,
    skips: Vec<Shared<'a, f32>>,
    partials: Shared<'a, f32>,
    divergences: Shared<'a, f64>,
    learns: bool,
}

/// A thread among those that share the layers.
#[derive(Clone, Copy)]
pub(crate) struct Member<'a> {
    pub(crate) thread: usize,
    pub(crate) threads: usize,
    pub(crate) barrier: &'a Barrier,
}

impl Member<'_> {
    /// This thread's share of some tasks.
    pub(crate) fn share(&self, tasks: usize) -> std::ops::Range<usize> {
        tasks * self.thread / self.threads..tasks * (self.thread + 1) / self.threads
    }

    /// Waits for all.
    pub(crate) fn meet(&self) -> Result<(), Broken> {
        self.barrier.wait(self.thread)
    }
}

impl<const TILE: usize> LayerMemory<TILE> {
    /// Memory for batches of up to `samples`; `learns` if a backward pass will follow.
    pub(crate) fn new(stages: Vec<Stage>, set: InstructionSet, samples: usize, learns: bool) -> Self {
        let tiles = samples.div_ceil(TILE);
        let lengths = Lengths::of::<TILE>(&stages, tiles, learns);
        let kept = lengths.kept.iter().map(|length| {
            let [activated, slope, statistics] = length.map(Buffer::zeroed);
            KeptBuffers { activated, slope, statistics }
        });
        Self {
            set,
            tiles,
            values: lengths.values.iter().map(|length| Buffer::zeroed(*length)).collect(),
            kept: kept.collect(),
            gradients: [(); 2].map(|()| Buffer::zeroed(lengths.gradient)),
            affine: Buffer::zeroed(lengths.affine),
            skips: lengths.skips.iter().map(|length| Buffer::zeroed(*length)).collect(),
            partials: Buffer::zeroed(lengths.partials),
            divergences: vec![0.0; tiles],
            stages,
            learns,
        }
    }

    /// Values that it holds for batches of `samples`, in training; with those that sparse codes hold beside it: codes as
    /// they were before their selection, and a gradient of theirs.
    pub(crate) fn values(network: &Network, samples: usize) -> u64 {
        let tiles = samples.div_ceil(TILE);
        let stages = stages(network, network.layer_range(Part::Whole));
        let is_sparse = stages.iter().any(|stage| matches!(stage, Stage::TopK { .. } | Stage::JumpRelu { .. }));
        let codes = if is_sparse { 2 * tiles * tile_length::<TILE>(network.latent_dimension()) } else { 0 };
        Lengths::of::<TILE>(&stages, tiles, true).sum() + codes as u64
    }

    /// Values that it holds for batches of `samples` on the way forward alone.
    pub(crate) fn values_of_inference(network: &Network, samples: usize) -> u64 {
        let stages = stages(network, network.layer_range(Part::Whole));
        Lengths::of::<TILE>(&stages, samples.div_ceil(TILE), false).sum()
    }

    /// Samples that it has room for.
    pub(crate) fn room(&self) -> usize {
        self.tiles * TILE
    }

    /// For all threads.
    pub(crate) fn share(&mut self) -> Layers<'_, TILE> {
        let [first, second] = &mut self.gradients;
        Layers {
            set: self.set,
            stages: &self.stages,
            learns: self.learns,
            skips: self.skips.iter_mut().map(|skipped| Shared::new(skipped)).collect(),
            partials: Shared::new(&mut self.partials),
            values: self.values.iter_mut().map(|values| Shared::new(values)).collect(),
            kept: self
                .kept
                .iter_mut()
                .map(|kept| KeptShared {
                    activated: Shared::new(&mut kept.activated),
                    slope: Shared::new(&mut kept.slope),
                    statistics: Shared::new(&mut kept.statistics),
                })
                .collect(),
            gradients: [Shared::new(first), Shared::new(second)],
            affine: Shared::new(&mut self.affine),
            divergences: Shared::new(&mut self.divergences),
        }
    }
}

impl<const TILE: usize> Layers<'_, TILE> {
    /// Which of the values comes in at a stage.
    pub(crate) fn values_before(&self, stage: usize) -> usize {
        self.stages[..stage].iter().filter(|stage| stage.new_values().is_some()).count()
    }

    /// The divergence of the codes of the last batch; behind the barrier of [`Layers::forward`].
    pub(crate) fn divergence(&self, samples: usize) -> f64 {
        // SAFETY: divergences are written in phases that barriers keep apart.
        unsafe { self.divergences.read(0..samples.div_ceil(TILE)) }.iter().sum()
    }
}

/// Samples of a tile of a batch.
pub(crate) fn samples_of<const TILE: usize>(tile: usize, samples: usize) -> usize {
    (samples - tile * TILE).min(TILE)
}
