//! How much memory the stages of a batch take: what is allocated, and what is predicted.

use crate::pass::tile_length;
use crate::stage::Stage;

/// Values in each of the buffers of a batch.
#[derive(Debug, Default)]
pub(super) struct Lengths {
    /// The input, and what comes out of each stage that does not work in place.
    pub(super) values: Vec<usize>,
    /// What each stage keeps: activated values, slopes, statistics.
    pub(super) kept: Vec<[usize; 3]>,
    /// Each of the two gradients.
    pub(super) gradient: usize,
    /// Gradients of scales and shifts.
    pub(super) affine: usize,
    /// What residual blocks begin with, by how deep they are within others.
    pub(super) skips: Vec<usize>,
    /// The parts of a convolution's weight gradient.
    pub(super) partials: usize,
}

impl Lengths {
    /// For batches of so many tiles of `TILE` samples; `learns` if a backward pass will follow.
    pub(super) fn of<const TILE: usize>(stages: &[Stage], tiles: usize, learns: bool) -> Self {
        let mut lengths = Self::default();
        let (mut widest, mut widest_norm) = (0, 0);
        for stage in stages {
            if let Some((inputs, outputs)) = stage.new_values() {
                if lengths.values.is_empty() {
                    lengths.values.push(tiles * tile_length::<TILE>(inputs));
                }
                lengths.values.push(tiles * tile_length::<TILE>(outputs));
                widest = widest.max(outputs).max(inputs);
            }
            let whole = tiles * stage.width() * TILE;
            let kept = match stage {
                Stage::Activation { .. } | Stage::Gaussian { .. } | Stage::MaxPool { .. } | Stage::Dropout { .. } => {
                    [0, whole, 0]
                }
                Stage::Normalised { width, .. } => {
                    widest_norm = widest_norm.max(*width);
                    [whole, whole, tiles * 2 * TILE]
                }
                Stage::FieldNorm { norm, .. } => {
                    widest_norm = widest_norm.max(norm.channels);
                    [whole, 0, tiles * norm.sets() * TILE]
                }
                Stage::Convolution { plan, .. } => {
                    // A batch of fewer tiles may have as many parts.
                    let parts = (1..=tiles).map(|tiles| plan.parts(tiles).count()).max().unwrap_or(0);
                    lengths.partials = lengths.partials.max(parts * plan.weights() + plan.outputs);
                    [0, if plan.activation.is_some() { whole } else { 0 }, 0]
                }
                Stage::Fork { depth, .. } => {
                    lengths.skips.resize(lengths.skips.len().max(depth + 1), 0);
                    lengths.skips[*depth] = lengths.skips[*depth].max(whole);
                    [0; 3]
                }
                Stage::Dense { .. }
                | Stage::Code { .. }
                | Stage::TopK { .. }
                | Stage::JumpRelu { .. }
                | Stage::Positions { .. }
                | Stage::Join { .. }
                | Stage::OuterProduct { .. } => [0; 3],
            };
            lengths.kept.push(if learns { kept } else { [0; 3] });
        }
        if learns {
            lengths.gradient = tiles * tile_length::<TILE>(widest);
            lengths.affine = tiles * 2 * widest_norm.next_multiple_of(16);
        } else {
            lengths.partials = 0;
        }
        lengths
    }

    /// All of them.
    pub(super) fn sum(&self) -> u64 {
        let kept = self.kept.iter().flatten();
        let all = self.values.iter().chain(kept).chain(&self.skips).map(|length| *length as u64);
        all.sum::<u64>() + (2 * self.gradient + self.affine + self.partials) as u64
    }
}
