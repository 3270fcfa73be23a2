//! How samples come into a network in training: as they are, or corrupted.

use std::ops::Range;

use crate::kernel::TILE;
use crate::kernel::code::Code;
use crate::kernel::corrupt::corrupt;
use crate::kernel::random::{Key, Purpose, uniform};
use crate::objective::Objective;
use crate::simd::InstructionSet;

/// Features whose blind spots are drawn at a time; even.
const BLOCK: usize = 16;

/// What is drawn in one step.
pub(crate) struct Entrance<'a> {
    objective: &'a Objective,
    set: InstructionSet,
    blind_spots: Key,
    corruptions: Vec<Key>,
}

impl<'a> Entrance<'a> {
    pub(crate) fn new(objective: &'a Objective, set: InstructionSet, step: u64) -> Self {
        let key = |purpose| Key::new(objective.seed, objective.stream, purpose, step);
        let corruptions = (0..objective.corruptions.len()).map(|index| key(Purpose::Corruption(index as u8))).collect();
        Self { objective, set, blind_spots: key(Purpose::BlindSpot), corruptions }
    }

    /// Makes the input of some features of a tile of its targets, and with blind spots the weights of their errors.
    ///
    /// target, input, weights: `[features of the range][TILE]`; the range begins with an even one. `first` is the position
    /// of the tile's first sample in the batch.
    pub(crate) fn corrupt(
        &self,
        first: usize,
        features: Range<usize>,
        target: &[f32],
        input: &mut [f32],
        weights: Option<&mut [f32]>,
    ) {
        input[..features.len() * TILE].copy_from_slice(&target[..features.len() * TILE]);
        for (corruption, key) in self.objective.corruptions.iter().zip(&self.corruptions) {
            corrupt(self.set, corruption, *key, first, features.clone(), input);
        }
        if let (Some(share), Some(weights)) = (self.objective.blind_spots, weights) {
            self.hide(share, first, features, input, weights);
        }
    }

    /// Hides values; they alone weigh anything.
    fn hide(&self, share: f32, first: usize, features: Range<usize>, input: &mut [f32], weights: &mut [f32]) {
        let mut numbers = [0.0; BLOCK * TILE];
        let blocks = input.chunks_mut(BLOCK * TILE).zip(weights.chunks_mut(BLOCK * TILE));
        for (start, (input, weights)) in features.clone().step_by(BLOCK).zip(blocks) {
            let block = start..features.end.min(start + BLOCK);
            let count = block.len() * TILE;
            uniform(self.set, self.blind_spots, first, block, &mut numbers[..count]);
            for ((number, input), weight) in numbers[..count].iter().zip(input).zip(weights) {
                let hides = *number < share;
                *weight = if hides { 1.0 / share } else { 0.0 };
                *input = if hides { 0.0 } else { *input };
            }
        }
    }
}

/// Samples as they come in during training, and what their errors weigh.
#[derive(Clone, Debug, PartialEq)]
pub struct Corrupted {
    /// `[rows][features]`.
    pub inputs: Vec<f32>,
    /// `[rows][features]`; none where all errors count.
    pub weights: Option<Vec<f32>>,
}

/// How many coordinates of the code each of so many samples of one batch keeps at a step of an ordered training, bit for
/// bit as there.
#[must_use]
pub fn kept_coordinates(objective: &Objective, step: u64, samples: usize, latent: usize) -> Vec<usize> {
    let key = Key::new(objective.seed, objective.stream, Purpose::Code, step);
    let code = Code { set: InstructionSet::portable(), key };
    (0..samples).map(|sample| code.kept(sample / TILE * TILE, latent)[sample % TILE]).collect()
}

/// The samples of one batch as they come in at a step, bit for bit as in training. rows: `[rows][features]`.
///
/// # Panics
/// The objective is not one for so many features.
#[must_use]
pub fn corrupted(objective: &Objective, set: InstructionSet, step: u64, rows: &[f32]) -> Corrupted {
    let features = objective.feature_weights.len();
    objective.check(features).expect("an objective for these features");
    let entrance = Entrance::new(objective, set, step);
    let mut inputs = vec![0.0; rows.len()];
    let mut weights = objective.blind_spots.map(|_| vec![0.0; rows.len()]);
    let [mut target, mut input, mut weight] = [(); 3].map(|()| vec![0.0; features * TILE]);
    for (tile, rows) in rows.chunks(TILE * features).enumerate() {
        let samples = rows.len() / features;
        target.fill(0.0);
        for (sample, row) in rows.chunks_exact(features).enumerate() {
            row.iter().enumerate().for_each(|(feature, value)| target[feature * TILE + sample] = *value);
        }
        entrance.corrupt(tile * TILE, 0..features, &target, &mut input, Some(&mut weight));
        let start = tile * TILE * features;
        let unload = |tile: &[f32], rows: &mut [f32]| {
            for (sample, row) in rows[start..start + samples * features].chunks_exact_mut(features).enumerate() {
                row.iter_mut().enumerate().for_each(|(feature, value)| *value = tile[feature * TILE + sample]);
            }
        };
        unload(&input, &mut inputs);
        if let Some(weights) = &mut weights {
            unload(&weight, weights);
        }
    }
    Corrupted { inputs, weights }
}
