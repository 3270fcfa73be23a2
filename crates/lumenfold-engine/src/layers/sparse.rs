//! Sparse codes in training: which latents a batch uses, what that costs, and the way back.
//!
//! Some rules see the whole batch, so the threads meet between the encoder and the decoder.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Layers, Member, samples_of};
use crate::barrier::Broken;
use crate::kernel::{gather::clear_beyond, selection};
use crate::memory::{Buffer, Shared};
use crate::objective::Sparsity;
use crate::stage::Stage;

/// The memory of a batch's codes.
pub(crate) struct SparseMemory<const TILE: usize> {
    width: usize,
    // As the codes were before their selection, and their gradient from the first of two reconstructions:
    // [tiles][width][TILE].
    before: Buffer,
    gradient: Buffer,
    // [tiles][width]: sums over samples.
    sums: Buffer,
    // [tiles]
    costs: Vec<f64>,
    // [width]: what belongs to a latent: norms of the decoder's columns, or the slope of the penalty; and what the penalty
    // adds to the gradient of those columns, for each unit of them.
    of_latent: Buffer,
    of_column: Buffer,
    used: Vec<AtomicBool>,
    // The threshold of the batch, and the smallest value above it.
    threshold: Vec<f32>,
}

/// The same as all threads see it.
pub(crate) struct Sparse<'a, const TILE: usize> {
    sparsity: Sparsity,
    width: usize,
    before: Shared<'a, f32>,
    gradient: Shared<'a, f32>,
    sums: Shared<'a, f32>,
    costs: Shared<'a, f64>,
    of_latent: Shared<'a, f32>,
    of_column: Shared<'a, f32>,
    used: &'a [AtomicBool],
    threshold: Shared<'a, f32>,
}

/// Where the codes of a batch are: after so many stages with values of their own, of so many samples.
#[derive(Clone, Copy)]
pub(crate) struct CodesOfBatch {
    pub(crate) values: usize,
    pub(crate) samples: usize,
}

impl<const TILE: usize> SparseMemory<TILE> {
    /// For codes of `width` latents and batches of up to `samples`; nothing where `sparsity` needs nothing.
    pub(crate) fn new(sparsity: Sparsity, width: usize, samples: usize) -> Self {
        let tiles = if sparsity == Sparsity::None { 0 } else { samples.div_ceil(TILE) };
        let chooses = !matches!(sparsity, Sparsity::Absolute { .. } | Sparsity::Activity { .. });
        let revives = sparsity.revival().is_some();
        let when = |needed: bool, length: usize| Buffer::zeroed(if needed { length } else { 0 });
        Self {
            width,
            before: when(chooses, tiles * width * TILE),
            gradient: when(revives, tiles * width * TILE),
            sums: when(true, tiles * width),
            costs: vec![0.0; tiles],
            of_latent: when(tiles > 0, width),
            of_column: when(tiles > 0, width),
            used: std::iter::repeat_with(AtomicBool::default).take(width).collect(),
            threshold: vec![0.0; 2],
        }
    }

    pub(crate) fn share(&mut self, sparsity: Sparsity) -> Sparse<'_, TILE> {
        Sparse {
            sparsity,
            width: self.width,
            before: Shared::new(&mut self.before),
            gradient: Shared::new(&mut self.gradient),
            sums: Shared::new(&mut self.sums),
            costs: Shared::new(&mut self.costs),
            of_latent: Shared::new(&mut self.of_latent),
            of_column: Shared::new(&mut self.of_column),
            used: &self.used,
            threshold: Shared::new(&mut self.threshold),
        }
    }
}

impl<const TILE: usize> Sparse<'_, TILE> {
    /// Chooses the latents of every sample and finds what the codes cost. `thresholds` are those of the network's last
    /// layer; `decoder` is the weight of the decoder's first layer, `[outputs][width]`.
    pub(crate) fn forward(
        &self,
        member: Member<'_>,
        layers: &Layers<'_, TILE>,
        codes: CodesOfBatch,
        (log_thresholds, decoder): (&[f32], &[f32]),
    ) -> Result<(), Broken> {
        let tiles = codes.samples.div_ceil(TILE);
        let own = || member.share(tiles);
        match self.sparsity {
            Sparsity::None => return Ok(()),
            Sparsity::Absolute { strength } => {
                self.norms(member, decoder);
                member.meet()?;
                // SAFETY: behind the barrier the norms are only read.
                let norms = unsafe { self.of_latent.read(0..self.width) };
                for tile in own() {
                    let sums = self.magnitudes(layers, codes, tile);
                    let cost: f64 = sums.iter().zip(norms).map(|(sum, norm)| f64::from(*sum) * f64::from(*norm)).sum();
                    // SAFETY: a tile belongs to one thread in this phase.
                    unsafe { self.costs.set(tile, f64::from(strength) * cost) };
                }
            }
            Sparsity::Activity { target, strength } => {
                for tile in own() {
                    self.magnitudes(layers, codes, tile);
                }
                member.meet()?;
                if member.thread == 0 {
                    self.activity(tiles, codes.samples, f64::from(target), f64::from(strength));
                }
            }
            Sparsity::TopK { .. } | Sparsity::JumpRelu { .. } => {
                let kept = layers.stages.iter().find_map(|stage| match stage {
                    Stage::TopK { kept, .. } => Some(*kept),
                    _ => None,
                });
                let thresholds = selection::thresholds(log_thresholds);
                for tile in own() {
                    self.choose(layers, codes, tile, |values| match kept {
                        Some(kept) => selection::keep_largest::<TILE>(self.width, kept, values, None),
                        None => selection::keep_above::<TILE>(&thresholds, values),
                    });
                }
            }
            Sparsity::BatchTopK { kept, .. } => {
                if member.thread == 0 {
                    self.find_threshold(layers, codes, f64::from(kept));
                }
                member.meet()?;
                // SAFETY: behind the barrier the threshold is only read.
                let threshold = unsafe { self.threshold.read(0..1) }[0];
                let thresholds = vec![threshold; self.width];
                for tile in own() {
                    self.choose(layers, codes, tile, |values| selection::keep_above::<TILE>(&thresholds, values));
                }
            }
        }
        member.meet()
    }

    /// What the codes of the batch cost; behind the barrier of [`Sparse::forward`].
    pub(crate) fn cost(&self, samples: usize) -> f64 {
        let tiles = if self.sparsity == Sparsity::None { 0 } else { samples.div_ceil(TILE) };
        // SAFETY: costs are written in phases that barriers keep apart.
        unsafe { self.costs.read(0..tiles) }.iter().sum()
    }

    /// The norms of this thread's share of the decoder's columns.
    fn norms(&self, member: Member<'_>, decoder: &[f32]) {
        for latent in member.share(self.width) {
            let column = decoder.iter().skip(latent).step_by(self.width);
            let norm = column.map(|weight| f64::from(*weight) * f64::from(*weight)).sum::<f64>().sqrt();
            // SAFETY: a latent belongs to one thread in this phase.
            unsafe { self.of_latent.set(latent, norm as f32) };
        }
    }

    /// The sums of the magnitudes of a tile's codes, for each latent.
    fn magnitudes(&self, layers: &Layers<'_, TILE>, codes: CodesOfBatch, tile: usize) -> &[f32] {
        let samples = samples_of::<TILE>(tile, codes.samples);
        let range = tile * self.width..(tile + 1) * self.width;
        // SAFETY: a tile belongs to one thread in this phase.
        unsafe {
            let values = layers.tile(codes.values, self.width, tile);
            let sums = self.sums.write(range.clone());
            for (sum, values) in sums.iter_mut().zip(values.chunks_exact(TILE)) {
                *sum = values[..samples].iter().map(|value| f64::from(value.abs())).sum::<f64>() as f32;
            }
            self.sums.read(range)
        }
    }

    /// The slope and the cost of the divergence of mean activities.
    fn activity(&self, tiles: usize, samples: usize, target: f64, strength: f64) {
        let count = samples as f64;
        let mut cost = 0.0;
        for latent in 0..self.width {
            // SAFETY: behind the barrier the sums are only read; one thread comes here.
            unsafe {
                let sums = self.sums.read(0..tiles * self.width);
                let sum: f64 = (0..tiles).map(|tile| f64::from(sums[tile * self.width + latent])).sum();
                // A sigmoid comes near its ends, but does not pass them.
                let mean = (sum / count).clamp(1e-6, 1.0 - 1e-6);
                cost += target * libm::log(target / mean) + (1.0 - target) * libm::log((1.0 - target) / (1.0 - mean));
                let slope = strength * ((1.0 - target) / (1.0 - mean) - target / mean);
                self.of_latent.set(latent, slope as f32);
            }
        }
        for tile in 0..tiles {
            // SAFETY: one thread comes here. The cost is that of each sample of the batch.
            unsafe { self.costs.set(tile, strength * cost * samples_of::<TILE>(tile, samples) as f64) };
        }
    }

    /// Keeps what `select` leaves of a tile, and notes which latents it uses.
    fn choose(&self, layers: &Layers<'_, TILE>, codes: CodesOfBatch, tile: usize, select: impl FnOnce(&mut [f32])) {
        let length = self.width * TILE;
        // SAFETY: a tile belongs to one thread in this phase.
        let (values, before) = unsafe {
            let before = self.before.write(tile * length..(tile + 1) * length);
            (&mut layers.tile(codes.values, self.width, tile)[..length], before)
        };
        before.copy_from_slice(values);
        select(values);
        clear_beyond::<TILE>(samples_of::<TILE>(tile, codes.samples), self.width, values);
        let mut count = 0;
        for (values, used) in values.chunks_exact(TILE).zip(self.used) {
            let used_by = values.iter().filter(|value| **value != 0.0).count();
            count += used_by;
            if used_by > 0 {
                used.store(true, Ordering::Relaxed);
            }
        }
        let strength = if let Sparsity::JumpRelu { strength, .. } = self.sparsity { strength } else { 0.0 };
        // SAFETY: as above.
        unsafe { self.costs.set(tile, f64::from(strength) * count as f64) };
    }

    /// The threshold that leaves so many values for each sample.
    fn find_threshold(&self, layers: &Layers<'_, TILE>, codes: CodesOfBatch, kept: f64) {
        let mut all = Vec::with_capacity(codes.samples * self.width);
        for tile in 0..codes.samples.div_ceil(TILE) {
            let samples = samples_of::<TILE>(tile, codes.samples);
            // SAFETY: one thread comes here, between two barriers.
            let values = unsafe { layers.tile(codes.values, self.width, tile) };
            values[..self.width * TILE].chunks_exact(TILE).for_each(|values| all.extend_from_slice(&values[..samples]));
        }
        let count = (kept * codes.samples as f64).round() as usize;
        let (threshold, least) = selection::threshold_of_largest(&mut all, count);
        // SAFETY: as above.
        unsafe {
            self.threshold.set(0, threshold);
            self.threshold.set(1, least.unwrap_or(threshold));
        }
    }

    /// The smallest value that the last batch kept.
    pub(crate) fn least_kept(&self) -> f32 {
        // SAFETY: it is written in a phase that barriers keep apart.
        let threshold = unsafe { self.threshold.read(1..2) };
        threshold[0]
    }

    /// Which latents the last batch used; they are forgotten.
    pub(crate) fn take_used(&self, latent: usize) -> bool {
        self.used[latent].swap(false, Ordering::Relaxed)
    }

    /// What the penalty adds to the gradient of the decoder's first layer, for each unit of a column; `factor` makes a mean
    /// of a sum over the batch. All threads come here, and meet.
    pub(crate) fn column_pulls(
        &self,
        member: Member<'_>,
        samples: usize,
        factor: f64,
    ) -> Result<Option<&[f32]>, Broken> {
        let Sparsity::Absolute { strength } = self.sparsity else { return Ok(None) };
        let tiles = samples.div_ceil(TILE);
        for latent in member.share(self.width) {
            // SAFETY: sums and norms are only read in this phase; a latent belongs to one thread.
            unsafe {
                let sums = self.sums.read(0..tiles * self.width);
                let sum: f64 = (0..tiles).map(|tile| f64::from(sums[tile * self.width + latent])).sum();
                let norm = f64::from(self.of_latent.read(latent..latent + 1)[0]);
                let pull = if norm > 0.0 { f64::from(strength) * factor * sum / norm } else { 0.0 };
                self.of_column.set(latent, pull as f32);
            }
        }
        member.meet()?;
        // SAFETY: behind the barrier they are only read.
        Ok(Some(unsafe { self.of_column.read(0..self.width) }))
    }

    /// Back through the choice of latents and what the codes cost, in place. `again` if this is the way back from the second
    /// reconstruction: then the gradient that [`Sparse::revive`] kept is added. Behind the barrier at its end the slopes of
    /// thresholds lie in [`Sparse::threshold_parts`].
    pub(crate) fn backward(
        &self,
        member: Member<'_>,
        layers: &Layers<'_, TILE>,
        codes: CodesOfBatch,
        from: usize,
        (log_thresholds, factor, again): (&[f32], f64, bool),
    ) -> Result<(), Broken> {
        if self.sparsity == Sparsity::None {
            return Ok(());
        }
        let (length, factor) = (self.width * TILE, factor as f32);
        let thresholds = selection::thresholds(log_thresholds);
        for tile in member.share(codes.samples.div_ceil(TILE)) {
            let samples = samples_of::<TILE>(tile, codes.samples);
            // SAFETY: a tile belongs to one thread in this phase.
            let (values, gradient) = unsafe {
                (&layers.tile(codes.values, self.width, tile)[..length], layers.gradient(from, self.width, tile))
            };
            let rows = || values.chunks_exact(TILE).enumerate();
            match self.sparsity {
                Sparsity::None => {}
                Sparsity::Absolute { .. } | Sparsity::Activity { .. } => {
                    let strength = if let Sparsity::Absolute { strength } = self.sparsity { strength } else { 1.0 };
                    // SAFETY: they are only read in this phase.
                    let of_latent = unsafe { self.of_latent.read(0..self.width) };
                    for ((_, values), (gradient, slope)) in rows().zip(gradient.chunks_exact_mut(TILE).zip(of_latent)) {
                        for (gradient, value) in gradient.iter_mut().zip(values) {
                            let sign = f32::from(i8::from(*value > 0.0) - i8::from(*value < 0.0));
                            *gradient += factor * strength * slope * sign;
                        }
                    }
                    clear_beyond::<TILE>(samples, self.width, gradient);
                }
                Sparsity::TopK { .. } | Sparsity::BatchTopK { .. } => {
                    let first = tile * length;
                    for (latent, values) in rows() {
                        let at = latent * TILE..(latent + 1) * TILE;
                        for (gradient, value) in gradient[at].iter_mut().zip(values) {
                            *gradient = if *value > 0.0 { *gradient } else { 0.0 };
                        }
                    }
                    if again {
                        // SAFETY: as above.
                        let kept = unsafe { self.gradient.read(first..first + length) };
                        gradient.iter_mut().zip(kept).for_each(|(gradient, kept)| *gradient += kept);
                    }
                }
                Sparsity::JumpRelu { strength, bandwidth } => {
                    // SAFETY: as above.
                    let (before, slopes) = unsafe {
                        (
                            self.before.read(tile * length..(tile + 1) * length),
                            self.sums.write(tile * self.width..(tile + 1) * self.width),
                        )
                    };
                    let of_count = strength * factor;
                    for (latent, (before, gradient)) in
                        before.chunks_exact(TILE).zip(gradient.chunks_exact_mut(TILE)).enumerate()
                    {
                        let threshold = thresholds[latent];
                        let mut slope = 0.0;
                        for (before, gradient) in before[..samples].iter().zip(&mut gradient[..samples]) {
                            // The derivatives of step and value by the threshold, and of the threshold by its logarithm.
                            if (before - threshold).abs() < 0.5 * bandwidth {
                                slope -= threshold * (threshold * *gradient + of_count) / bandwidth;
                            }
                            *gradient = if *before > threshold { *gradient } else { 0.0 };
                        }
                        slopes[latent] = slope;
                    }
                }
            }
        }
        member.meet()
    }

    /// The slopes of the thresholds' logarithms that the tiles left, where thresholds are learnt: `[tiles][width]`.
    pub(crate) fn threshold_parts(&self, samples: usize) -> Option<&[f32]> {
        // SAFETY: they are written in phases that barriers keep apart.
        matches!(self.sparsity, Sparsity::JumpRelu { .. })
            .then(|| unsafe { self.sums.read(0..samples.div_ceil(TILE) * self.width) })
    }

    /// Keeps the gradient of the first reconstruction, and adds to each code the largest values of dead latents that
    /// it does not use.
    pub(crate) fn revive(
        &self,
        member: Member<'_>,
        layers: &Layers<'_, TILE>,
        codes: CodesOfBatch,
        from: usize,
        (most, dead): (usize, &[bool]),
    ) -> Result<(), Broken> {
        let length = self.width * TILE;
        let mut chosen = vec![0.0; length];
        for tile in member.share(codes.samples.div_ceil(TILE)) {
            let range = tile * length..(tile + 1) * length;
            // SAFETY: a tile belongs to one thread in this phase.
            unsafe {
                let values = &mut layers.tile(codes.values, self.width, tile)[..length];
                let gradient = &layers.gradient(from, self.width, tile)[..length];
                for ((kept, gradient), value) in
                    self.gradient.write(range.clone()).iter_mut().zip(gradient).zip(&*values)
                {
                    *kept = if *value > 0.0 { *gradient } else { 0.0 };
                }
                // What a sample uses already, it uses once.
                for ((chosen, before), value) in chosen.iter_mut().zip(self.before.read(range)).zip(&*values) {
                    *chosen = if *value > 0.0 { 0.0 } else { *before };
                }
                selection::keep_largest::<TILE>(self.width, most, &mut chosen, Some(dead));
                values.iter_mut().zip(&chosen).for_each(|(value, chosen)| *value += chosen);
            }
        }
        member.meet()
    }
}
