//! The order in which an epoch goes through rows that may not fit in memory.
//!
//! Rows are cut into chunks of neighbours, which can be read in one piece. The chunks come in random order; a run of
//! them is a window, within which all rows are shuffled. Only windows have to be in memory. Rows of 2²⁴ values and fewer
//! make one window: there the order is a full permutation.

use std::ops::Range;

use crate::random::{numbers, permutation, shuffle};

/// How large chunks and windows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderSizes {
    /// Values (rows × features) in a chunk, about; one row at least.
    pub chunk_values: usize,
    /// The most values in a window; one chunk at least.
    pub window_values: usize,
}

impl Default for OrderSizes {
    /// The sizes of every fit: chunks of 1 MiB and windows of 64 MiB in single precision.
    fn default() -> Self {
        Self { chunk_values: 1 << 18, window_values: 1 << 24 }
    }
}

/// A seeded order of rows, in windows.
///
/// ```
/// use lumenfold_data::{EpochOrder, OrderSizes, permutation};
/// let small = EpochOrder::new(1000, 5, 0, 1, OrderSizes::default());
/// assert_eq!(small.windows(), 1);
/// assert_eq!(small.window(0).order, permutation(1000, 0, 1));
/// let sizes = OrderSizes { chunk_values: 50, window_values: 250 };
/// let windows = EpochOrder::new(1000, 5, 0, 1, sizes);
/// assert_eq!((windows.windows(), windows.window(3).rows()), (20, 50));
/// ```
#[derive(Clone, Debug)]
pub struct EpochOrder {
    rows: usize,
    chunk_rows: usize,
    // The chunks in their order; `chunks_per_window` of them make a window.
    chunks: Vec<u32>,
    chunks_per_window: usize,
    seed: u64,
    stream: u64,
}

/// A part of an epoch's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Rows that belong to the window, as ranges of neighbours. Its row `i` is row `i` of their concatenation.
    pub chunks: Vec<Range<usize>>,
    /// The rows of the window in the order of the epoch.
    pub order: Vec<u32>,
}

impl Window {
    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.order.len()
    }
}

impl EpochOrder {
    /// The order of `rows` rows of `features` values each.
    ///
    /// # Panics
    /// The rows do not fit in 32 bits.
    #[must_use]
    pub fn new(rows: usize, features: usize, seed: u64, stream: u64, sizes: OrderSizes) -> Self {
        let features = features.max(1);
        if rows.saturating_mul(features) <= sizes.window_values {
            return Self { rows, chunk_rows: rows.max(1), chunks: vec![0], chunks_per_window: 1, seed, stream };
        }
        let chunk_rows = (sizes.chunk_values / features).max(1);
        let chunks = permutation(rows.div_ceil(chunk_rows), seed, stream);
        let chunks_per_window = (sizes.window_values / (chunk_rows * features)).max(1);
        Self { rows, chunk_rows, chunks, chunks_per_window, seed, stream }
    }

    /// How many windows it has; at least one.
    #[must_use]
    pub fn windows(&self) -> usize {
        self.chunks.len().div_ceil(self.chunks_per_window)
    }

    /// The rows before a window in the order of the epoch.
    #[must_use]
    pub fn rows_before(&self, window: usize) -> usize {
        self.chunks_of(0..window).map(|chunk| chunk.len()).sum()
    }

    /// A window, from 0 to [`EpochOrder::windows`] - 1.
    #[must_use]
    pub fn window(&self, index: usize) -> Window {
        let chunks: Vec<Range<usize>> = self.chunks_of(index..index + 1).collect();
        let mut order = numbers(chunks.iter().map(ExactSizeIterator::len).sum());
        let part = if self.chunks.len() == 1 { 0 } else { index as u64 + 1 };
        shuffle(&mut order, self.seed, self.stream, part);
        Window { chunks, order }
    }

    /// The rows of the chunks of some windows.
    fn chunks_of(&self, windows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let most = self.chunks.len();
        let end = (windows.end * self.chunks_per_window).min(most);
        let chunks = &self.chunks[(windows.start * self.chunks_per_window).min(end)..end];
        chunks.iter().map(|chunk| {
            let first = *chunk as usize * self.chunk_rows;
            first..self.rows.min(first + self.chunk_rows)
        })
    }
}
