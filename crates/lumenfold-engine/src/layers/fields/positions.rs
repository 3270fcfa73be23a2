//! What happens to each channel by itself: linear maps of positions, the largest value of a window, outer products.

use super::super::{Layers, Member};
use crate::field::{Connections, Extent};
use crate::kernel::field::outer::{self, LowRank};
use crate::kernel::field::{map, pool};
use crate::memory::Shared;
use crate::pass::tile_length;
use crate::stage::SparseRows;

/// Positions in a task of a linear map.
const POSITIONS: usize = 1024;

impl<const TILE: usize> Layers<'_, TILE> {
    /// Every channel of some values through a linear map of positions.
    fn map(
        &self,
        member: Member<'_>,
        rows: &SparseRows,
        channels: usize,
        (from, to): (&Shared<'_, f32>, &Shared<'_, f32>),
        tiles: usize,
    ) {
        let (sources, targets) = (rows.sources, rows.targets());
        let blocks = targets.div_ceil(POSITIONS);
        for task in member.share(tiles * channels * blocks) {
            let (tile, channel, block) = (task / (channels * blocks), task / blocks % channels, task % blocks);
            let range = block * POSITIONS..targets.min((block + 1) * POSITIONS);
            let x = tile * tile_length::<TILE>(channels * sources) + channel * sources * TILE;
            let y = tile * tile_length::<TILE>(channels * targets) + channel * targets * TILE;
            // SAFETY: what is mapped is only read in this phase; these positions of this channel belong to one thread.
            unsafe {
                let y = to.write(y + range.start * TILE..y + range.end * TILE);
                map::apply(self.set, rows, range, from.read(x..x + sources * TILE), y);
            }
        }
    }

    pub(crate) fn map_forward(
        &self,
        member: Member<'_>,
        rows: &SparseRows,
        channels: usize,
        current: usize,
        tiles: usize,
    ) {
        self.map(member, rows, channels, (&self.values[current], &self.values[current + 1]), tiles);
    }

    pub(crate) fn map_backward(
        &self,
        member: Member<'_>,
        rows: &SparseRows,
        channels: usize,
        from: usize,
        tiles: usize,
    ) {
        self.map(member, rows, channels, (&self.gradients[from], &self.gradients[1 - from]), tiles);
    }

    pub(crate) fn pool_forward(
        &self,
        member: Member<'_>,
        down: &Connections,
        channels: usize,
        (current, stage): (usize, usize),
        tiles: usize,
    ) {
        let (sources, targets) = (down.sources * TILE, down.targets * TILE);
        for task in member.share(tiles * channels) {
            let (tile, channel) = (task / channels, task % channels);
            let x = tile * tile_length::<TILE>(channels * down.sources) + channel * sources;
            let y = tile * tile_length::<TILE>(channels * down.targets) + channel * targets;
            // SAFETY: inputs are only read in this phase; a channel of a tile belongs to one thread.
            unsafe {
                let chosen = self.learns.then(|| self.kept[stage].slope.write(task * targets..(task + 1) * targets));
                let y = self.values[current + 1].write(y..y + targets);
                pool::largest(self.set, down, self.values[current].read(x..x + sources), y, chosen);
            }
        }
    }

    pub(crate) fn pool_backward(
        &self,
        member: Member<'_>,
        up: &Connections,
        channels: usize,
        (stage, from): (usize, usize),
        tiles: usize,
    ) {
        let (sources, targets) = (up.sources * TILE, up.targets * TILE);
        for task in member.share(tiles * channels) {
            let (tile, channel) = (task / channels, task % channels);
            let dy = tile * tile_length::<TILE>(channels * up.sources) + channel * sources;
            let dx = tile * tile_length::<TILE>(channels * up.targets) + channel * targets;
            // SAFETY: the output's gradient is only read in this phase; a channel of a tile belongs to one thread.
            unsafe {
                let chosen = self.kept[stage].slope.read(task * sources..(task + 1) * sources);
                let dx = self.gradients[1 - from].write(dx..dx + targets);
                pool::backward(self.set, up, self.gradients[from].read(dy..dy + sources), chosen, dx);
            }
        }
    }

    pub(crate) fn outer_forward(
        &self,
        member: Member<'_>,
        (channels, rank, extent): (usize, usize, Extent),
        current: usize,
        tiles: usize,
    ) {
        let low_rank = LowRank { sizes: extent.sizes(), rank };
        let (factors, positions) = (rank * extent.sizes().iter().sum::<usize>(), extent.positions());
        for task in member.share(tiles * channels) {
            let (tile, channel) = (task / channels, task % channels);
            let x = tile * tile_length::<TILE>(channels * factors) + channel * factors * TILE;
            let y = tile * tile_length::<TILE>(channels * positions) + channel * positions * TILE;
            // SAFETY: inputs are only read in this phase; a channel of a tile belongs to one thread.
            unsafe {
                let y = self.values[current + 1].write(y..y + positions * TILE);
                outer::forward(self.set, low_rank, self.values[current].read(x..x + factors * TILE), y);
            }
        }
    }

    pub(crate) fn outer_backward(
        &self,
        member: Member<'_>,
        (channels, rank, extent): (usize, usize, Extent),
        (current, from): (usize, usize),
        tiles: usize,
    ) {
        let low_rank = LowRank { sizes: extent.sizes(), rank };
        let (factors, positions) = (rank * extent.sizes().iter().sum::<usize>(), extent.positions());
        for task in member.share(tiles * channels) {
            let (tile, channel) = (task / channels, task % channels);
            let x = tile * tile_length::<TILE>(channels * factors) + channel * factors * TILE;
            let y = tile * tile_length::<TILE>(channels * positions) + channel * positions * TILE;
            // SAFETY: values and the output's gradient are only read in this phase; a channel of a tile belongs to one
            // thread.
            unsafe {
                let values = self.values[current].read(x..x + factors * TILE);
                let dy = self.gradients[from].read(y..y + positions * TILE);
                let dx = self.gradients[1 - from].write(x..x + factors * TILE);
                outer::backward(self.set, low_rank, values, dy, dx);
            }
        }
    }
}
