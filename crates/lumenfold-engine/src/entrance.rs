//! How samples come into a network in training: as they are, or corrupted.

use std::ops::Range;

use crate::codes::Codes;
use crate::kernel::TILE as WIDE;
use crate::kernel::code::Code;
use crate::kernel::corrupt::corrupt;
use crate::kernel::random::{Key, Purpose, normal, uniform};
use crate::layer::Layer;
use crate::network::Network;
use crate::objective::Objective;
use crate::simd::InstructionSet;

/// Features whose blind spots are drawn at a time; even.
const BLOCK: usize = 16;

/// What is drawn in one step.
pub(crate) struct Entrance<'a> {
    objective: &'a Objective,
    set: InstructionSet,
    targets: Key,
    blind_spots: Key,
    corruptions: Vec<Key>,
}

impl<'a> Entrance<'a> {
    pub(crate) fn new(objective: &'a Objective, set: InstructionSet, step: u64) -> Self {
        let key = |purpose| Key::new(objective.seed, objective.stream, purpose, step);
        let corruptions = (0..objective.corruptions.len()).map(|index| key(Purpose::Corruption(index as u8))).collect();
        let (targets, blind_spots) = (key(Purpose::Target), key(Purpose::BlindSpot));
        Self { objective, set, targets, blind_spots, corruptions }
    }

    /// Makes targets and input of some features of a tile of its values, and weights of their errors.
    ///
    /// target, which comes with the values, input, weights: `[features of the range][TILE]`; the range begins with an even
    /// one. Weights come with those of the values, if these have any. `first` is the position of the tile's first sample
    /// in the batch.
    pub(crate) fn corrupt<const TILE: usize>(
        &self,
        first: usize,
        features: Range<usize>,
        target: &mut [f32],
        input: &mut [f32],
        weights: &mut [f32],
    ) {
        let length = features.len() * TILE;
        let (target, input) = (&mut target[..length], &mut input[..length]);
        if self.objective.draws {
            self.draw::<TILE>(first, features.clone(), target);
        }
        input.copy_from_slice(target);
        for (corruption, key) in self.objective.corruptions.iter().zip(&self.corruptions) {
            corrupt::<TILE>(self.set, corruption, *key, first, features.clone(), input, target);
        }
        if !self.objective.weighs_values() {
            return;
        }
        let weights = &mut weights[..length];
        if self.objective.value_weights {
            for (input, weight) in input.iter_mut().zip(&*weights) {
                *input = if *weight > 0.0 { *input } else { 0.0 };
            }
        } else {
            weights.fill(1.0);
        }
        if let Some(share) = self.objective.blind_spots {
            self.hide::<TILE>(share, first, features, input, weights);
        }
    }

    /// One with the chance that the value tells, zero otherwise.
    fn draw<const TILE: usize>(&self, first: usize, features: Range<usize>, target: &mut [f32]) {
        let mut numbers = [0.0; BLOCK * WIDE];
        for (start, target) in features.clone().step_by(BLOCK).zip(target.chunks_mut(BLOCK * TILE)) {
            let block = start..features.end.min(start + BLOCK);
            let numbers = &mut numbers[..block.len() * TILE];
            uniform::<TILE>(self.set, self.targets, first, block, numbers);
            for (number, target) in numbers.iter().zip(target) {
                *target = if *number < *target { 1.0 } else { 0.0 };
            }
        }
    }

    /// Hides values; they alone weigh anything.
    fn hide<const TILE: usize>(
        &self,
        share: f32,
        first: usize,
        features: Range<usize>,
        input: &mut [f32],
        weights: &mut [f32],
    ) {
        let mut numbers = [0.0; BLOCK * WIDE];
        let blocks = input.chunks_mut(BLOCK * TILE).zip(weights.chunks_mut(BLOCK * TILE));
        for (start, (input, weights)) in features.clone().step_by(BLOCK).zip(blocks) {
            let block = start..features.end.min(start + BLOCK);
            let count = block.len() * TILE;
            uniform::<TILE>(self.set, self.blind_spots, first, block, &mut numbers[..count]);
            for ((number, input), weight) in numbers[..count].iter().zip(input).zip(weights) {
                let hides = *number < share;
                *weight = if hides { *weight / share } else { 0.0 };
                *input = if hides { 0.0 } else { *input };
            }
        }
    }
}

/// Samples as they come in during training, what should come out, and what errors weigh.
#[derive(Clone, Debug, PartialEq)]
pub struct Corrupted {
    /// `[rows][features]`.
    pub inputs: Vec<f32>,
    /// `[rows][features]`.
    pub targets: Vec<f32>,
    /// `[rows][features]`; none where all errors count alike.
    pub weights: Option<Vec<f32>>,
}

/// The normal numbers that the codes of so many samples of one batch are drawn with at a step, `[samples][latent]`, bit
/// for bit as there.
#[must_use]
pub fn posterior_noise(objective: &Objective, step: u64, samples: usize, latent: usize) -> Vec<f32> {
    let key = Key::new(objective.seed, objective.stream, Purpose::Posterior, step);
    let mut tile = vec![0.0; latent * WIDE];
    let mut noise = vec![0.0; samples * latent];
    for (index, rows) in noise.chunks_mut(WIDE * latent).enumerate() {
        normal::<WIDE>(InstructionSet::portable(), key, index * WIDE, 0..latent, &mut tile);
        for (sample, row) in rows.chunks_exact_mut(latent).enumerate() {
            row.iter_mut().enumerate().for_each(|(latent, value)| *value = tile[latent * WIDE + sample]);
        }
    }
    noise
}

/// What each dropout of a network multiplies its values with at a step, for so many samples of one batch: zero, or one over
/// the share that stays, `[samples][width]` for each of them, bit for bit as there.
#[must_use]
pub fn dropout_factors(network: &Network, objective: &Objective, step: u64, samples: usize) -> Vec<Vec<f32>> {
    let set = InstructionSet::portable();
    let drops = Codes::of_step(objective, set, step).drops;
    let dropouts = network.layers().iter().filter_map(|layer| match *layer {
        Layer::Dropout { width, share } => Some((width, share)),
        _ => None,
    });
    let factors = dropouts.enumerate().map(|(number, (width, share))| {
        let mut factors = vec![0.0; samples * width];
        let mut tile = vec![0.0; width * WIDE];
        for (index, rows) in factors.chunks_mut(WIDE * width).enumerate() {
            drops.factors::<WIDE>(set, (number as u8, share), index * WIDE, width, &mut tile);
            for (sample, row) in rows.chunks_exact_mut(width).enumerate() {
                row.iter_mut().enumerate().for_each(|(at, value)| *value = tile[at * WIDE + sample]);
            }
        }
        factors
    });
    factors.collect()
}

/// How many coordinates of the code each of so many samples of one batch keeps at a step of an ordered training, bit for
/// bit as there.
#[must_use]
pub fn kept_coordinates(objective: &Objective, step: u64, samples: usize, latent: usize) -> Vec<usize> {
    let key = Key::new(objective.seed, objective.stream, Purpose::Code, step);
    let code = Code { set: InstructionSet::portable(), key };
    (0..samples).map(|sample| code.kept::<WIDE>(sample / WIDE * WIDE, latent)[sample % WIDE]).collect()
}

/// The samples of one batch as they come in at a step, bit for bit as in training. rows: `[rows][features]`, with as many
/// weights of its values behind each row where the objective has them.
///
/// # Panics
/// The objective is not one for so many features.
#[must_use]
pub fn corrupted(objective: &Objective, set: InstructionSet, step: u64, rows: &[f32]) -> Corrupted {
    let (features, length) = (objective.feature_weights.len(), objective.row_length());
    objective.check(features).expect("an objective for these features");
    let entrance = Entrance::new(objective, set, step);
    let mut come_in = [(); 3].map(|()| vec![0.0; rows.len() / length * features]);
    let mut tiles = [(); 3].map(|()| vec![0.0; features * WIDE]);
    for (index, rows) in rows.chunks(WIDE * length).enumerate() {
        let samples = rows.len() / length;
        let [target, input, weights] = &mut tiles;
        target.fill(0.0);
        weights.fill(0.0);
        for (sample, row) in rows.chunks_exact(length).enumerate() {
            let (values, of_values) = row.split_at(features);
            values.iter().enumerate().for_each(|(feature, value)| target[feature * WIDE + sample] = *value);
            of_values.iter().enumerate().for_each(|(feature, value)| weights[feature * WIDE + sample] = *value);
        }
        entrance.corrupt::<WIDE>(index * WIDE, 0..features, target, input, weights);
        let start = index * WIDE * features;
        for (tile, rows) in tiles.iter().zip(&mut come_in) {
            for (sample, row) in rows[start..start + samples * features].chunks_exact_mut(features).enumerate() {
                row.iter_mut().enumerate().for_each(|(feature, value)| *value = tile[feature * WIDE + sample]);
            }
        }
    }
    let [targets, inputs, weights] = come_in;
    Corrupted { inputs, targets, weights: objective.weighs_values().then_some(weights) }
}
