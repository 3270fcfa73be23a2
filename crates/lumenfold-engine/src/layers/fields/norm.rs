//! Normalisations of fields.

use super::super::{Layers, Member};
use crate::kernel::field::norm::{self, Rows};
use crate::pass::tile_length;
use crate::stage::FieldNorm;

impl FieldNorm {
    /// The rows of a set.
    fn rows(&self, set: usize) -> Rows {
        match self.groups {
            Some(groups) => {
                let channels = self.channels / groups;
                Rows {
                    start: set * channels * self.positions,
                    count: channels * self.positions,
                    stride: 1,
                    run: self.positions,
                    channel: set * channels,
                }
            }
            None => Rows { start: set, count: self.channels, stride: self.positions, run: 1, channel: 0 },
        }
    }
}

impl<const TILE: usize> Layers<'_, TILE> {
    pub(crate) fn field_norm(
        &self,
        member: Member<'_>,
        norm: FieldNorm,
        affine: (&[f32], &[f32]),
        (current, stage): (usize, usize),
        tiles: usize,
    ) {
        let (width, sets) = (norm.width(), norm.sets());
        let length = tile_length::<TILE>(width);
        for task in member.share(tiles * sets) {
            let (tile, set) = (task / sets, task % sets);
            // SAFETY: a set of a tile belongs to one thread in this phase.
            unsafe {
                let values = self.values[current].pointer(tile * length..tile * length + width * TILE);
                let kept = &self.kept[stage];
                let kept = self.learns.then(|| {
                    let normalised = kept.activated.pointer(tile * width * TILE..(tile + 1) * width * TILE);
                    (normalised, kept.statistics.write(task * TILE..(task + 1) * TILE))
                });
                norm::forward(self.set, norm.rows(set), affine, (values, width), kept);
            }
        }
    }

    /// The gradients of scale and shift, for each tile: `[tiles][2][channels]`, rounded up to sixteen channels.
    pub(crate) fn field_norm_affine(
        &self,
        member: Member<'_>,
        norm: FieldNorm,
        (stage, from): (usize, usize),
        tiles: usize,
    ) {
        let (channels, channel, width) = (norm.channels, norm.positions * TILE, norm.width());
        let padded = channels.next_multiple_of(16);
        for task in member.share(tiles * channels) {
            let (tile, index) = (task / channels, task % channels);
            // SAFETY: gradients are only read in this phase; these two values belong to one thread.
            unsafe {
                let start = tile * width * TILE + index * channel;
                let normalised = self.kept[stage].activated.read(start..start + channel);
                let start = tile * tile_length::<TILE>(width) + index * channel;
                let gradient = self.gradients[from].read(start..start + channel);
                let [scale, shift] = norm::affine_gradients(self.set, normalised, gradient);
                self.affine.set(tile * 2 * padded + index, scale);
                self.affine.set((tile * 2 + 1) * padded + index, shift);
            }
        }
    }

    pub(crate) fn field_norm_backward(
        &self,
        member: Member<'_>,
        norm: FieldNorm,
        scale: &[f32],
        (stage, from): (usize, usize),
        tiles: usize,
    ) {
        let (width, sets) = (norm.width(), norm.sets());
        let length = tile_length::<TILE>(width);
        for task in member.share(tiles * sets) {
            let (tile, set) = (task / sets, task % sets);
            // SAFETY: a set of a tile belongs to one thread in this phase.
            unsafe {
                let normalised = self.kept[stage].activated.read(tile * width * TILE..(tile + 1) * width * TILE);
                let inverse = self.kept[stage].statistics.read(task * TILE..(task + 1) * TILE);
                let gradient = self.gradients[from].pointer(tile * length..tile * length + width * TILE);
                norm::backward(self.set, norm.rows(set), scale, (normalised, inverse), gradient);
            }
        }
    }
}
