//! A second table of as many rows, read beside the first one: the standard errors of its values.

use std::collections::VecDeque;

use super::BlockReader;
use crate::formats::reader::error_of;
use crate::{Column, DataError, Table, Values};

/// What the columns of a companion are called beside those of the table.
pub(super) fn name_beside(name: &str) -> String {
    error_of(name)
}

/// The rows of the second table that are still to come.
pub(super) struct Companion {
    reader: BlockReader,
    // Blocks that were read, and rows of the first of them that were given away.
    pending: VecDeque<Table>,
    taken: usize,
}

impl Companion {
    pub(super) fn new(reader: BlockReader) -> Self {
        Self { reader, pending: VecDeque::new(), taken: 0 }
    }

    pub(super) fn rewind(&mut self) {
        self.reader.rewind();
        self.pending.clear();
        self.taken = 0;
    }

    /// The next rows, as columns of numbers. `before` rows came before them; `path` is the table that they are beside.
    pub(super) fn take(&mut self, rows: usize, before: u64, path: &str) -> Result<Vec<Column>, DataError> {
        let mut columns: Vec<Vec<f64>> = vec![Vec::with_capacity(rows); self.reader.names().len()];
        let mut left = rows;
        while left > 0 {
            if self.pending.front().is_none_or(|block| block.rows() == self.taken) {
                self.pending.pop_front();
                self.taken = 0;
                let Some(block) = self.reader.next_block()? else {
                    let (other, found) = (self.reader.source(), before + (rows - left) as u64);
                    return Err(DataError::FewerErrors { path: path.to_owned(), other, found });
                };
                self.pending.push_back(block);
            }
            let Some(block) = self.pending.front() else { break };
            let range = self.taken..(self.taken + left).min(block.rows());
            for (column, values) in block.columns().iter().zip(&mut columns) {
                values.extend(range.clone().map(|row| column.value(row).unwrap_or(f64::NAN)));
            }
            left -= range.len();
            self.taken = range.end;
        }
        let names = self.reader.names().iter().map(|name| name_beside(name));
        Ok(names.zip(columns).map(|(name, values)| Column::new(name, Values::Float64(values))).collect())
    }

    /// Checks that all rows were taken.
    pub(super) fn finish(&mut self, rows: u64, path: &str) -> Result<(), DataError> {
        let more = self.pending.front().is_some_and(|block| block.rows() > self.taken);
        if more || self.reader.next_block()?.is_some() {
            let other = self.reader.source();
            return Err(DataError::MoreErrors { path: path.to_owned(), other, rows });
        }
        Ok(())
    }
}
