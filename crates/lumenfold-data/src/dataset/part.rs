//! Some rows of a data set, as sources of their own.

use super::{Dataset, Rows};
use crate::DataError;
use crate::split::BlockSplit;
use crate::store::{RowSource, block_rows};

/// The rows of one part of a split.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The rows of both parts.
    pub rows: Rows<'a>,
    /// How they are divided.
    pub split: &'a BlockSplit,
    /// Whether the held-out rows are meant, or those that train.
    pub held_out: bool,
}

impl RowSource<f64> for Part<'_> {
    fn width(&self) -> usize {
        self.rows.width()
    }

    fn pass<E: From<DataError>>(&self, visit: impl FnMut(&[f64]) -> Result<(), E>) -> Result<(), E> {
        pass_part(&self.rows, self.split, self.held_out, visit)
    }
}

/// As [`Part`], with the standard errors of values behind them, if there are any: `[rows][2 features]`.
#[derive(Clone, Copy, Debug)]
pub struct StoredPart<'a> {
    /// The rows of both parts.
    pub rows: Rows<'a>,
    /// How they are divided.
    pub split: &'a BlockSplit,
    /// Whether the held-out rows are meant, or those that train.
    pub held_out: bool,
}

impl RowSource<f64> for StoredPart<'_> {
    fn width(&self) -> usize {
        self.rows.stored().width()
    }

    fn pass<E: From<DataError>>(&self, visit: impl FnMut(&[f64]) -> Result<(), E>) -> Result<(), E> {
        pass_part(&self.rows.stored(), self.split, self.held_out, visit)
    }
}

/// The rows of one part.
fn pass_part<E: From<DataError>>(
    rows: &impl RowSource<f64>,
    split: &BlockSplit,
    wanted: bool,
    mut visit: impl FnMut(&[f64]) -> Result<(), E>,
) -> Result<(), E> {
    let mut chosen = Vec::new();
    divide(rows, split, |_, block, held_out| {
        chosen.clear();
        for (row, flag) in block.chunks_exact(rows.width().max(1)).zip(held_out) {
            if *flag == wanted {
                chosen.extend_from_slice(row);
            }
        }
        if chosen.is_empty() { Ok(()) } else { visit(&chosen) }
    })
}

/// Calls `visit` with blocks of rows, the number of the first of them, and for each whether it is held out.
///
/// # Errors
/// Those of `visit`, and those of reading.
pub fn divide<E: From<DataError>>(
    rows: &impl RowSource<f64>,
    split: &BlockSplit,
    mut visit: impl FnMut(usize, &[f64], &[bool]) -> Result<(), E>,
) -> Result<(), E> {
    let width = rows.width().max(1);
    let mut first = 0;
    let (mut range, mut held_out) = if split.blocks() > 0 { split.block(0) } else { (0..0, Vec::new()) };
    let mut index = 0;
    rows.pass(|mut block| {
        while !block.is_empty() {
            if first == range.end {
                index += 1;
                (range, held_out) = split.block(index);
            }
            let count = (block.len() / width).min(range.end - first).min(block_rows(width));
            let (here, rest) = block.split_at(count * width);
            visit(first, here, &held_out[first - range.start..][..count])?;
            block = rest;
            first += count;
        }
        Ok(())
    })
}

/// Some rows of a data set in memory, in the order of their numbers.
#[derive(Clone, Copy, Debug)]
pub struct Chosen<'a> {
    /// The data set.
    pub dataset: &'a Dataset,
    /// Numbers of its rows, from 0.
    pub rows: &'a [u32],
}

impl RowSource<f64> for Chosen<'_> {
    fn width(&self) -> usize {
        self.dataset.features.len()
    }

    fn pass<E: From<DataError>>(&self, mut visit: impl FnMut(&[f64]) -> Result<(), E>) -> Result<(), E> {
        let mut block = Vec::new();
        for rows in self.rows.chunks(block_rows(self.width())) {
            block.clear();
            rows.iter().for_each(|row| block.extend_from_slice(self.dataset.row(*row as usize)));
            visit(&block)?;
        }
        Ok(())
    }
}
