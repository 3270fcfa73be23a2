//! A convolution as it is computed: its connections both ways, and how its work is divided.

use std::ops::Range;

use crate::field::{Connections, Piece};
use crate::kernel::field::TILE;
use crate::layer::{Activation, Convolution};

/// Positions in a task of the product.
const PLACES: usize = 64;

/// Positions that one part of a weight gradient goes over at least, the most parts of a batch, and the most values of all
/// parts together.
const PLACES_OF_PART: usize = 2048;
const MOST_PARTS: usize = 16;
const MOST_PARTIAL_VALUES: usize = 1 << 22;

/// Running sums of a task of the weight gradient at most, tasks for each thread, and rows of the smallest block.
const MOST_RUNNING: usize = 1 << 16;
const TASKS_OF_THREAD: usize = 4;
const LEAST_ROWS: usize = 5;

/// A convolution or its adjoint, with the activation that follows it.
#[derive(Debug, PartialEq)]
pub(crate) struct ConvolutionPlan {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) groups: usize,
    pub(crate) activation: Option<Activation>,
    /// Whether it leads from the coarse field to the fine one.
    pub(crate) transposed: bool,
    /// From its input to its output, and back.
    pub(crate) forward: Pieces,
    pub(crate) backward: Pieces,
}

/// Connections, cut into tasks.
#[derive(Debug, PartialEq)]
pub(crate) struct Pieces {
    pub(crate) connections: Connections,
    pub(crate) pieces: Vec<Piece>,
    // What the pieces up to each cost, in arbitrary units.
    costs: Vec<u64>,
}

impl Pieces {
    pub(crate) fn new(connections: Connections) -> Self {
        let pieces = connections.pieces(PLACES);
        let mut sum = 0;
        let costs = pieces
            .iter()
            .map(|piece| {
                // A position costs something even where no tap reaches it.
                sum += (piece.places.len() * (connections.classes[piece.class].taps.len() + 1)) as u64;
                sum
            })
            .collect();
        Self { connections, pieces, costs }
    }

    /// The share of a thread, one of so many, of the pieces of so many tiles: `tile * pieces + piece`.
    pub(crate) fn share(&self, tiles: usize, thread: usize, threads: usize) -> Range<usize> {
        let count = self.pieces.len();
        let of_tile = self.costs.last().copied().unwrap_or(0);
        let begin = |thread: usize| {
            let cost = (of_tile as u128 * tiles as u128 * thread as u128 / threads as u128) as u64;
            if of_tile == 0 {
                return 0;
            }
            let (tile, rest) = ((cost / of_tile) as usize, cost % of_tile);
            tile * count + self.costs.partition_point(|sum| *sum <= rest)
        };
        begin(thread)..if thread + 1 == threads { tiles * count } else { begin(thread + 1) }
    }
}

impl ConvolutionPlan {
    pub(crate) fn new(convolution: &Convolution, transposed: bool, activation: Option<Activation>) -> Self {
        let Convolution { window, inputs, outputs, groups } = *convolution;
        let (down, up) = (Pieces::new(Connections::down(&window)), Pieces::new(Connections::up(&window)));
        let (forward, backward) = if transposed { (up, down) } else { (down, up) };
        Self { inputs, outputs, groups, activation, transposed, forward, backward }
    }

    pub(crate) fn width_in(&self) -> usize {
        self.inputs * self.forward.connections.sources
    }

    pub(crate) fn width_out(&self) -> usize {
        self.outputs * self.forward.connections.targets
    }

    /// Connections from the fine field to the coarse one.
    pub(crate) fn down(&self) -> &Pieces {
        if self.transposed { &self.backward } else { &self.forward }
    }

    /// Channels of a group on the coarse and on the fine side: rows and columns of the weights.
    pub(crate) fn rows_and_columns(&self) -> (usize, usize) {
        let (coarse, fine) = if self.transposed { (self.inputs, self.outputs) } else { (self.outputs, self.inputs) };
        (coarse / self.groups, fine / self.groups)
    }

    pub(crate) fn weights(&self) -> usize {
        let (rows, columns) = self.rows_and_columns();
        self.groups * rows * columns * self.forward.connections.taps
    }

    /// The parts of the weight gradient of a batch of so many tiles. They decide the order of sums, so they know nothing of
    /// threads.
    pub(crate) fn parts(&self, tiles: usize) -> WeightParts {
        let down = self.down();
        let most = (MOST_PARTIAL_VALUES / self.weights()).clamp(1, MOST_PARTS);
        let of_tiles = tiles.min(most);
        let of_places = (down.connections.targets / PLACES_OF_PART).clamp(1, most / of_tiles).min(down.pieces.len());
        WeightParts { tiles, of_tiles, of_places }
    }

    /// The blocks of weights that are tasks of every part and group, enough of them for the threads.
    pub(crate) fn blocks(&self, tiles: usize, threads: usize) -> WeightBlocks {
        let (rows, columns) = self.rows_and_columns();
        let taps = self.forward.connections.taps;
        let wanted = (TASKS_OF_THREAD * threads).div_ceil(self.parts(tiles).count() * self.groups);
        let of_columns = columns.div_ceil(wanted.min(columns));
        let of_rows = rows.div_ceil(wanted.div_ceil(columns.div_ceil(of_columns)).min(rows.div_ceil(LEAST_ROWS)));
        let of_rows = of_rows.min((MOST_RUNNING / (taps * TILE)).max(1));
        let of_columns = of_columns.min((MOST_RUNNING / (taps * TILE * of_rows)).max(1));
        WeightBlocks { rows, columns, of_rows, of_columns }
    }
}

/// Parts of a weight gradient, each a sum over some tiles and some pieces of places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct WeightParts {
    tiles: usize,
    of_tiles: usize,
    of_places: usize,
}

impl WeightParts {
    pub(crate) fn count(&self) -> usize {
        self.of_tiles * self.of_places
    }

    /// The tiles of a part.
    pub(crate) fn tiles_of(&self, part: usize) -> Range<usize> {
        let index = part / self.of_places;
        self.tiles * index / self.of_tiles..self.tiles * (index + 1) / self.of_tiles
    }

    /// The share of the pieces that a part has.
    pub(crate) fn pieces_of(&self, part: usize, pieces: usize) -> Range<usize> {
        let index = part % self.of_places;
        pieces * index / self.of_places..pieces * (index + 1) / self.of_places
    }
}

/// Blocks of rows and columns of the weights of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct WeightBlocks {
    rows: usize,
    columns: usize,
    of_rows: usize,
    of_columns: usize,
}

impl WeightBlocks {
    pub(crate) fn count(&self) -> usize {
        self.rows.div_ceil(self.of_rows) * self.columns.div_ceil(self.of_columns)
    }

    /// The rows and columns of a block.
    pub(crate) fn block(&self, index: usize) -> (Range<usize>, Range<usize>) {
        let of_columns = self.columns.div_ceil(self.of_columns);
        let range = |index: usize, size: usize, all: usize| index * size..all.min((index + 1) * size);
        (range(index / of_columns, self.of_rows, self.rows), range(index % of_columns, self.of_columns, self.columns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{Extent, Window};

    #[test]
    fn every_piece_of_every_tile_belongs_to_one_thread() {
        let window = Window::new(Extent::new(&[37, 23]).expect("a window"), &[5, 3], &[2, 1], &[2, 1], &[1, 1])
            .expect("a window");
        let pieces = Pieces::new(Connections::up(&window));
        for (tiles, threads) in [(1, 1), (1, 3), (2, 2), (3, 7), (1, 200)] {
            let mut next = 0;
            for thread in 0..threads {
                let share = pieces.share(tiles, thread, threads);
                assert_eq!(share.start, next);
                next = share.end;
            }
            assert_eq!(next, tiles * pieces.pieces.len());
        }
    }

    #[test]
    fn parts_of_a_gradient_cover_all_tiles_and_pieces() {
        let window = Window::new(Extent::new(&[300, 300]).expect("a window"), &[3, 3], &[2, 2], &[1, 1], &[1, 1])
            .expect("a window");
        let convolution = Convolution { window, inputs: 3, outputs: 4, groups: 1 };
        let plan = ConvolutionPlan::new(&convolution, false, None);
        for tiles in [1, 2, 5, 40] {
            let parts = plan.parts(tiles);
            let pieces = plan.down().pieces.len();
            let mut seen = vec![0; tiles * pieces];
            for part in 0..parts.count() {
                for tile in parts.tiles_of(part) {
                    parts.pieces_of(part, pieces).for_each(|piece| seen[tile * pieces + piece] += 1);
                }
            }
            assert!(parts.count() <= MOST_PARTS && seen.iter().all(|count| *count == 1), "{tiles}: {parts:?}");
        }
    }

    #[test]
    fn blocks_of_weights_cover_all_rows_and_columns() {
        let window = Window::new(Extent::new(&[20]).expect("a window"), &[9], &[1], &[4], &[1]).expect("a window");
        for (inputs, outputs) in [(1, 1), (3, 64), (200, 7), (513, 33)] {
            let plan = ConvolutionPlan::new(&Convolution { window, inputs, outputs, groups: 1 }, false, None);
            for threads in [1, 2, 64] {
                let blocks = plan.blocks(1, threads);
                let mut seen = vec![0; inputs * outputs];
                for block in 0..blocks.count() {
                    let (rows, columns) = blocks.block(block);
                    assert!(rows.len() * columns.len() * 9 * TILE <= MOST_RUNNING);
                    for row in rows {
                        columns.clone().for_each(|column| seen[row * inputs + column] += 1);
                    }
                }
                assert!(seen.iter().all(|count| *count == 1), "{blocks:?}");
            }
        }
    }
}
