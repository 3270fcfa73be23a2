//! Stages of fields, each shared by all threads: tasks are tiles, channels and pieces of positions.
//!
//! Networks that have them come in tiles of [`FIELD_TILE`](crate::kernel::FIELD_TILE) samples.

mod convolution;
mod norm;
mod positions;

use super::{Layers, Member};
use crate::codes::Drops;

pub(crate) use convolution::RunningSums;

impl<const TILE: usize> Layers<'_, TILE> {
    /// Drops values of a tile, and keeps what the others were multiplied by.
    pub(super) fn dropout(
        &self,
        member: Member<'_>,
        (current, stage): (usize, usize),
        (width, share, number): (usize, f32, u8),
        drops: Drops,
        tiles: usize,
    ) {
        for tile in member.share(tiles) {
            // SAFETY: a tile belongs to one thread in this phase.
            let (values, kept) = unsafe {
                let kept = self.kept[stage].slope.write(tile * width * TILE..(tile + 1) * width * TILE);
                (self.tile(current, width, tile), kept)
            };
            drops.factors::<TILE>(self.set, (number, share), tile * TILE, width, kept);
            values.iter_mut().zip(kept).for_each(|(value, kept)| *value *= *kept);
        }
    }

    /// Keeps the values that a residual block begins with.
    pub(super) fn fork(&self, member: Member<'_>, current: usize, (width, depth): (usize, usize), tiles: usize) {
        for tile in member.share(tiles) {
            // SAFETY: a tile belongs to one thread in this phase.
            let (values, kept) = unsafe { (self.tile(current, width, tile), self.skipped(depth, width, tile)) };
            kept.copy_from_slice(&values[..width * TILE]);
        }
    }

    /// Adds them to those that it ends with.
    pub(super) fn join(&self, member: Member<'_>, current: usize, (width, depth): (usize, usize), tiles: usize) {
        for tile in member.share(tiles) {
            // SAFETY: as above.
            let (values, kept) = unsafe { (self.tile(current, width, tile), self.skipped(depth, width, tile)) };
            values.iter_mut().zip(kept).for_each(|(value, kept)| *value += *kept);
        }
    }

    /// Back through a join: its gradient is that of both that were added.
    pub(crate) fn join_backward(&self, member: Member<'_>, from: usize, (width, depth): (usize, usize), tiles: usize) {
        for tile in member.share(tiles) {
            // SAFETY: as above.
            let (gradient, kept) = unsafe { (self.gradient(from, width, tile), self.skipped(depth, width, tile)) };
            kept.copy_from_slice(&gradient[..width * TILE]);
        }
    }

    /// Back through a fork: the two gradients meet.
    pub(crate) fn fork_backward(&self, member: Member<'_>, from: usize, (width, depth): (usize, usize), tiles: usize) {
        for tile in member.share(tiles) {
            // SAFETY: as above.
            let (gradient, kept) = unsafe { (self.gradient(from, width, tile), self.skipped(depth, width, tile)) };
            gradient.iter_mut().zip(kept).for_each(|(gradient, kept)| *gradient += *kept);
        }
    }

    /// # Safety
    /// No other thread touches the tile while the result lives.
    #[expect(clippy::mut_from_ref, reason = "the phases of a step hand out each tile to one thread")]
    unsafe fn skipped(&self, depth: usize, width: usize, tile: usize) -> &mut [f32] {
        // SAFETY: the caller's promise.
        unsafe { self.skips[depth].write(tile * width * TILE..(tile + 1) * width * TILE) }
    }
}
