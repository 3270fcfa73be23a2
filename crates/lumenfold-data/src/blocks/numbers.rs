//! Columns of text that are wanted as numbers.

use crate::DataError;
use crate::formats::parse_number;
use crate::formats::rows::Rows;
use crate::suggest::excerpt;
use crate::table::{ColumnHead, TextColumn, Values};

/// Rows of a file with the text of some columns turned into numbers.
pub(super) struct Numbers {
    rows: Box<dyn Rows>,
    path: String,
    names: Vec<String>,
    wanted: Vec<bool>,
    before: usize,
}

/// Cells of a column that are no numbers.
#[derive(Default)]
struct Others {
    count: usize,
    /// Row (from 1) and text of the first.
    first: Option<(u64, String)>,
}

impl Numbers {
    pub(super) fn new(rows: Box<dyn Rows>, path: &str, columns: &[ColumnHead], wanted: &[bool]) -> Self {
        let names = columns.iter().map(|column| column.name.clone()).collect();
        Self { rows, path: path.to_owned(), names, wanted: wanted.to_vec(), before: 0 }
    }

    /// The error for cells that are no numbers, all of them counted.
    fn refuse(&mut self, values: Vec<Values>) -> DataError {
        let mut others: Vec<Others> = self.wanted.iter().map(|_| Others::default()).collect();
        let mut next = Some(values);
        while let Some(values) = next {
            let wanted = values.iter().zip(&mut others).zip(&self.wanted).filter(|(_, wanted)| **wanted);
            for ((values, others), _) in wanted {
                if let Values::Text(cells) = values {
                    others.count(cells, self.before as u64);
                }
            }
            self.before += values.first().map_or(0, Values::len);
            next = match self.rows.next_rows() {
                Ok(next) => next,
                Err(error) => return error,
            };
        }
        let first = others.into_iter().enumerate().find_map(|(at, others)| Some((at, others.count, others.first?)));
        match first {
            Some((at, count, (row, text))) => {
                let (path, column) = (self.path.clone(), self.names[at].clone());
                DataError::NotANumber { path, row, column, text, count, rows: self.before }
            }
            None => DataError::Changed { path: self.path.clone() },
        }
    }
}

impl Others {
    fn count(&mut self, cells: &TextColumn, before: u64) {
        for (row, cell) in (before + 1..).zip(cells.iter()) {
            if parse_number(cell).is_none() {
                self.count += 1;
                self.first.get_or_insert_with(|| (row, excerpt(cell)));
            }
        }
    }
}

impl Rows for Numbers {
    fn next_rows(&mut self) -> Result<Option<Vec<Values>>, DataError> {
        let Some(mut values) = self.rows.next_rows()? else { return Ok(None) };
        for at in 0..values.len() {
            if let (true, Values::Text(cells)) = (self.wanted[at], &values[at]) {
                match cells.iter().map(parse_number).collect::<Option<Vec<f64>>>() {
                    Some(numbers) => values[at] = Values::Float64(numbers),
                    None => return Err(self.refuse(values)),
                }
            }
        }
        self.before += values.first().map_or(0, Values::len);
        Ok(Some(values))
    }
}
