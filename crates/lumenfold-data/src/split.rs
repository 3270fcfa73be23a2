//! Which rows train and which are held out.
//!
//! Rows are drawn in blocks of 2²⁰, so that a stream of any length is divided in bounded memory.

use std::ops::Range;

use crate::DataError;
use crate::random::{SPLIT_STREAM, numbers, shuffle};

/// Rows in a block of the draw.
pub const SPLIT_BLOCK: usize = 1 << 20;

/// Row numbers (from 0) of the two parts, ascending in each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Rows to learn from.
    pub train: Vec<u32>,
    /// Rows held out, to judge by.
    pub validation: Vec<u32>,
}

/// Divides rows 0 to `rows` - 1 at random into those that train and those that are held out.
///
/// `validation_fraction` of the rows, rounded, are held out; with a fraction above 0 and at least two rows, each part
/// has at least one. The parts depend on the arguments alone (see [`permutation`](crate::permutation()); stream 0).
///
/// ```
/// use lumenfold_data::split;
/// let parts = split(10, 0.2, 0)?;
/// assert_eq!((parts.train.len(), parts.validation.len()), (8, 2));
/// assert_eq!(parts, split(10, 0.2, 0)?);
/// assert_eq!(split(10, 0.0, 0)?.train.len(), 10);
/// # Ok::<(), lumenfold_data::DataError>(())
/// ```
///
/// # Errors
///
/// The fraction is not in [0, 1), or `rows` does not fit in 32 bits.
pub fn split(rows: usize, validation_fraction: f64, seed: u64) -> Result<Split, DataError> {
    let blocks = BlockSplit::new(rows, validation_fraction, seed)?;
    let mut parts = Split { train: Vec::with_capacity(blocks.train()), validation: Vec::new() };
    for index in 0..blocks.blocks() {
        let (range, held_out) = blocks.block(index);
        for (row, held_out) in range.zip(held_out) {
            if held_out { &mut parts.validation } else { &mut parts.train }.push(row as u32);
        }
    }
    Ok(parts)
}

/// The same division, block by block.
///
/// ```
/// use lumenfold_data::{BlockSplit, split};
/// let blocks = BlockSplit::new(10, 0.2, 0)?;
/// let (rows, held_out) = blocks.block(0);
/// let train: Vec<u32> = rows.filter(|row| !held_out[*row]).map(|row| row as u32).collect();
/// assert_eq!(train, split(10, 0.2, 0)?.train);
/// assert_eq!((blocks.blocks(), blocks.train(), blocks.held_out()), (1, 8, 2));
/// # Ok::<(), lumenfold_data::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockSplit {
    rows: usize,
    fraction: f64,
    seed: u64,
    held_out: usize,
    block_rows: usize,
    // The last rows are held out, whatever the seed.
    last: bool,
}

impl BlockSplit {
    /// Divides `rows` rows, as [`split`] says.
    ///
    /// # Errors
    ///
    /// As [`split`].
    pub fn new(rows: usize, validation_fraction: f64, seed: u64) -> Result<Self, DataError> {
        if !(0.0..1.0).contains(&validation_fraction) {
            return Err(DataError::BadFraction { fraction: validation_fraction });
        }
        if u32::try_from(rows).is_err() {
            return Err(DataError::TooManyRows { path: "split".to_owned(), rows, limit: u32::MAX });
        }
        let held_out = if validation_fraction == 0.0 || rows < 2 {
            0
        } else {
            ((rows as f64 * validation_fraction).round() as usize).clamp(1, rows - 1)
        };
        Ok(Self { rows, fraction: validation_fraction, seed, held_out, block_rows: SPLIT_BLOCK, last: false })
    }

    /// Holds out the last `held_out` of `rows` rows, which were chosen as such before.
    ///
    /// # Errors
    ///
    /// As [`split`].
    pub fn last(rows: usize, held_out: usize) -> Result<Self, DataError> {
        Ok(Self { held_out: held_out.min(rows), last: true, ..Self::new(rows, 0.0, 0)? })
    }

    /// Rows that are held out.
    #[must_use]
    pub fn held_out(&self) -> usize {
        self.held_out
    }

    /// Rows that train.
    #[must_use]
    pub fn train(&self) -> usize {
        self.rows - self.held_out
    }

    /// Blocks of rows.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.rows.div_ceil(self.block_rows)
    }

    /// The rows of a block and, for each, whether it is held out.
    #[must_use]
    pub fn block(&self, index: usize) -> (Range<usize>, Vec<bool>) {
        let range = index * self.block_rows..self.rows.min((index + 1) * self.block_rows);
        if self.last {
            let flags = range.clone().map(|row| row >= self.train()).collect();
            return (range, flags);
        }
        let count = self.held_out_before(range.end) - self.held_out_before(range.start);
        let mut held_out = vec![false; range.len()];
        if count > 0 {
            let mut order = numbers(range.len());
            shuffle(&mut order, self.seed, SPLIT_STREAM, index as u64);
            for row in &order[..count] {
                held_out[*row as usize] = true;
            }
        }
        (range, held_out)
    }

    /// Rows that the blocks before `row` hold out: the share of them, rounded, so that the rounding never adds up.
    fn held_out_before(&self, row: usize) -> usize {
        if row == self.rows {
            return self.held_out;
        }
        ((row as f64 * self.fraction).round() as usize).min(self.held_out)
    }
}

/// Goes through the rows of a split in order.
///
/// ```
/// use lumenfold_data::{BlockSplit, Walk, split};
/// let mut walk = Walk::new(BlockSplit::new(10, 0.2, 0)?);
/// let held_out: Vec<u64> = [walk.held_out(0, 7), walk.held_out(7, 3).iter().map(|row| 7 + row).collect()].concat();
/// assert_eq!(held_out, split(10, 0.2, 0)?.validation.into_iter().map(u64::from).collect::<Vec<_>>());
/// # Ok::<(), lumenfold_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Walk {
    split: BlockSplit,
    /// The block that comes next.
    index: usize,
    /// The rows of the block before it, and whether they are held out.
    range: Range<usize>,
    flags: Vec<bool>,
}

impl Walk {
    /// From the first row on.
    #[must_use]
    pub fn new(split: BlockSplit) -> Self {
        Self { split, index: 0, range: 0..0, flags: Vec::new() }
    }

    /// Those of `count` rows from row `first` on that are held out, counted from `first`; none beyond the last row. `first`
    /// never goes back.
    pub fn held_out(&mut self, first: usize, count: usize) -> Vec<u64> {
        let mut held_out = Vec::new();
        for row in first..first + count {
            while row >= self.range.end && self.index < self.split.blocks() {
                (self.range, self.flags) = self.split.block(self.index);
                self.index += 1;
            }
            if row.checked_sub(self.range.start).and_then(|at| self.flags.get(at)) == Some(&true) {
                held_out.push((row - first) as u64);
            }
        }
        held_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_holds_out_its_share_and_the_whole_its_count() {
        for (rows, fraction) in [(1000, 0.2), (1001, 0.999), (1003, 1e-9), (1007, 0.333)] {
            let split = BlockSplit { block_rows: 64, ..BlockSplit::new(rows, fraction, 3).expect("in range") };
            let counts: Vec<usize> = (0..split.blocks())
                .map(|block| split.block(block).1.iter().filter(|held_out| **held_out).count())
                .collect();
            assert_eq!(counts.iter().sum::<usize>(), split.held_out());
            let share = 64.0 * fraction;
            assert!(counts[..15].iter().all(|count| (*count as f64 - share).abs() <= 1.0), "{counts:?}");
        }
    }

    #[test]
    fn the_last_rows_are_held_out_in_every_block() {
        let split = BlockSplit { block_rows: 64, ..BlockSplit::last(200, 90).expect("few rows") };
        let flags: Vec<bool> = (0..split.blocks()).flat_map(|block| split.block(block).1).collect();
        assert_eq!((split.train(), split.held_out()), (110, 90));
        assert!(flags.iter().enumerate().all(|(row, held_out)| *held_out == (row >= 110)));
    }

    #[test]
    fn blocks_are_drawn_apart() {
        let split = BlockSplit { block_rows: 64, ..BlockSplit::new(256, 0.5, 3).expect("in range") };
        assert_ne!(split.block(0).1, split.block(1).1);
    }
}
