//! Which rows the latent map shows.

use lumenfold_data::{BlockReader, BlockSplit, Column, Dataset, DatasetOptions, Walk};

use super::MOST_ROWS_SHOWN;
use crate::Error;

/// The seed of the choice, another than people use for their fits.
const SEED: u64 = 0x6c75_6d65_6e66_6f6c;

/// All rows, or as many as [`MOST_ROWS_SHOWN`] drawn at random; always the same ones of as many rows.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    rows: usize,
    chosen: Option<BlockSplit>,
}

impl Shown {
    /// Of so many rows.
    ///
    /// # Errors
    /// There are more rows than 32 bits can count.
    pub fn of(rows: usize) -> Result<Self, Error> {
        let share = MOST_ROWS_SHOWN as f64 / rows.max(1) as f64;
        // A draw without replacement, block by block: what a split holds out.
        let chosen = if share < 1.0 { Some(BlockSplit::new(rows, share, SEED)?) } else { None };
        Ok(Self { rows, chosen })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.chosen.map_or(self.rows, |chosen| chosen.held_out())
    }

    /// The given columns of the rows that are shown. `reader` stands at the first row of the same table, and `options` are
    /// those by which its rows were chosen, with the columns in `keep`.
    ///
    /// # Errors
    /// Those of reading.
    pub fn carried(&self, reader: &mut BlockReader, options: &DatasetOptions) -> Result<Vec<Column>, Error> {
        let (mut picker, mut first) = (self.picker(), 0);
        let mut carried: Vec<Column> = Vec::new();
        while let Some(block) = reader.next_block()? {
            let block = Dataset::from_table(block, options)?;
            let picked = picker.pick(first, block.rows);
            first += block.rows;
            let columns = block.carried.iter().map(|column| column.select(&picked));
            if carried.is_empty() {
                carried = columns.collect();
            } else {
                // All blocks have the same columns of the same types.
                for (all, more) in carried.iter_mut().zip(columns) {
                    all.append(more);
                }
            }
        }
        Ok(carried)
    }

    pub(super) fn picker(&self) -> Picker {
        Picker(self.chosen.map(Walk::new))
    }
}

/// Goes through the rows in order.
pub(super) struct Picker(Option<Walk>);

impl Picker {
    /// Those of `count` rows from row `first` on that are shown, counted from `first`.
    pub(super) fn pick(&mut self, first: usize, count: usize) -> Vec<u64> {
        match &mut self.0 {
            Some(chosen) => chosen.held_out(first, count),
            None => (0..count as u64).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_wanted_are_shown_whatever_the_blocks() {
        for rows in [0, 1, MOST_ROWS_SHOWN, MOST_ROWS_SHOWN + 1, 1_200_000] {
            let shown = Shown::of(rows).expect("few enough");
            let all = shown.picker().pick(0, rows);
            assert_eq!((all.len(), shown.count()), (rows.min(MOST_ROWS_SHOWN), rows.min(MOST_ROWS_SHOWN)));
            let (mut picker, mut pieces) = (shown.picker(), Vec::new());
            for first in (0..rows).step_by(7777) {
                let picked = picker.pick(first, 7777.min(rows - first));
                pieces.extend(picked.into_iter().map(|row| row + first as u64));
            }
            assert!(all == pieces);
        }
    }
}
