//! Pieces of any length put together, or cut, to blocks.

use crate::DataError;
use crate::formats::rows::Rows;
use crate::table::Values;

/// Cuts the rows of a file into blocks.
pub(super) struct Gather {
    rows: Box<dyn Rows>,
    block_bytes: u64,
    /// Columns that are not given out yet, from row `given` on.
    waiting: Option<Vec<Values>>,
    given: usize,
    ended: bool,
}

impl Gather {
    pub(super) fn new(rows: Box<dyn Rows>, block_bytes: usize) -> Self {
        Self { rows, block_bytes: block_bytes as u64, waiting: None, given: 0, ended: false }
    }

    /// The columns of the next block; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Vec<Values>>, DataError> {
        loop {
            let (rows, bytes) = self.left();
            if rows > 0 && (self.ended || 2 * bytes > self.block_bytes) {
                return Ok(Some(self.give(rows, bytes)));
            }
            if self.ended {
                return Ok(None);
            }
            match self.rows.next_rows()? {
                None => self.ended = true,
                Some(more) => self.add(more),
            }
        }
    }

    /// Rows that wait, and the bytes they take.
    fn left(&self) -> (usize, u64) {
        let Some(waiting) = &self.waiting else { return (0, 0) };
        let all = waiting.first().map_or(0, Values::len);
        let left = all - self.given;
        let bytes: u64 = waiting.iter().map(Values::bytes).sum();
        (left, (u128::from(bytes) * left as u128 / all.max(1) as u128) as u64)
    }

    fn add(&mut self, more: Vec<Values>) {
        let given = std::mem::take(&mut self.given);
        self.waiting = Some(match self.waiting.take() {
            Some(waiting) if given < waiting.first().map_or(0, Values::len) => {
                let rest = |values: Values| if given == 0 { values } else { values.slice(given..values.len()) };
                let join = |(values, more): (Values, Values)| {
                    let mut values = rest(values);
                    values.append(more);
                    values
                };
                waiting.into_iter().zip(more).map(join).collect()
            }
            _ => more,
        });
    }

    /// As many of the waiting rows as a block holds, one at least.
    fn give(&mut self, rows: usize, bytes: u64) -> Vec<Values> {
        let fit = u128::from(self.block_bytes) * rows as u128 / u128::from(bytes.max(1));
        let fit = usize::try_from(fit).unwrap_or(usize::MAX).clamp(1, rows);
        let (start, end) = (self.given, self.given + fit);
        match self.waiting.take() {
            Some(waiting) if start == 0 && fit == rows => {
                self.given = 0;
                waiting
            }
            Some(waiting) => {
                let block = waiting.iter().map(|values| values.slice(start..end)).collect();
                self.given = end;
                self.waiting = (fit < rows).then_some(waiting);
                block
            }
            None => Vec::new(),
        }
    }
}
