//! An array read in pieces.

use std::io::BufReader;

use super::decode::decode_rows;
use super::header::Header;
use crate::DataError;
use crate::axis::Gridded;
use crate::budget::Budget;
use crate::formats::rows::Rows;
use crate::formats::select_columns;
use crate::input::SharedFile;
use crate::table::{ColumnHead, Values};

/// An array whose header is sound.
pub(crate) struct NpyFile {
    file: SharedFile,
    header: Header,
    /// Where the elements start.
    data: u64,
    /// Positions of the columns that are asked for, ascending.
    selected: Vec<usize>,
}

impl NpyFile {
    /// Reads the header of a file of `length` bytes.
    pub(crate) fn open(
        file: SharedFile,
        length: u64,
        columns: Option<&[String]>,
        budget: &Budget,
    ) -> Result<Self, DataError> {
        let header = Header::read(&mut BufReader::new(file.at(0)), length, budget)?;
        let selected = select_columns(&header.column_names(None), columns, budget.path())?;
        // The header was compared with the length, so that the elements are what is left of it.
        let data = length - header.rows * header.row_bytes;
        Ok(Self { file, header, data, selected })
    }

    /// The columns that are asked for.
    pub(crate) fn columns(&self) -> Vec<ColumnHead> {
        let names = self.header.column_names(None);
        let head = |&index: &usize| ColumnHead {
            name: names[index].clone(),
            unit: None,
            value_type: self.header.fields[index].element.value_type(),
        };
        self.selected.iter().map(head).collect()
    }

    /// The columns as samples with axes, if they are.
    pub(crate) fn gridded(&self, path: &str) -> Result<Option<Gridded>, DataError> {
        self.header.gridded(path, "", &self.selected)
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> u64 {
        self.header.rows
    }

    /// The rows from the first, in pieces of about `piece_bytes`.
    pub(crate) fn stored_rows(&self, piece_bytes: usize, path: &str, memory_limit: u64) -> NpyRows {
        let row: u64 = self.selected.iter().map(|&index| self.header.fields[index].element.memory()).sum();
        let step = (piece_bytes as u64 / row.max(1)).max(1);
        NpyRows {
            file: self.file.at(0),
            header: self.header.clone(),
            data: self.data,
            selected: self.selected.clone(),
            at: 0,
            step,
            path: path.to_owned(),
            memory_limit,
        }
    }
}

/// The rows of an array.
pub(crate) struct NpyRows {
    file: SharedFile,
    header: Header,
    data: u64,
    selected: Vec<usize>,
    at: u64,
    step: u64,
    path: String,
    memory_limit: u64,
}

impl Rows for NpyRows {
    fn next_rows(&mut self) -> Result<Option<Vec<Values>>, DataError> {
        let count = self.step.min(self.header.rows - self.at);
        if count == 0 {
            return Ok(None);
        }
        let mut budget = Budget::new(self.path.clone(), self.memory_limit);
        let place = |offset: u64| self.file.at(self.data + offset);
        let values = decode_rows(place, &self.header, &self.selected, self.at, count, &mut budget)?;
        self.at += count;
        Ok(Some(values))
    }
}
