//! An array read in pieces.

use std::io::BufReader;
use std::ops::Range;
use std::sync::Arc;

use super::decode::decode_rows;
use super::header::Header;
use crate::axis::Gridded;
use crate::budget::Budget;
use crate::formats::reader::{OpenFile, Request, shared_columns};
use crate::formats::rows::Rows;
use crate::formats::select_columns;
use crate::input::SharedFile;
use crate::table::{ColumnHead, Values};
use crate::{DataError, Table};

/// An array whose header is sound.
pub(crate) struct NpyFile {
    file: SharedFile,
    header: Header,
    /// Where the elements start.
    data: u64,
    /// Positions of the columns that are asked for, ascending.
    selected: Vec<usize>,
    gridded: Option<Arc<Gridded>>,
    path: String,
    memory_limit: u64,
}

impl NpyFile {
    /// Reads the header of a file of `length` bytes.
    pub(super) fn open(file: SharedFile, length: u64, request: &Request<'_>) -> Result<Self, DataError> {
        let header = Header::read(&mut BufReader::new(file.at(0)), length, &request.budget())?;
        // The header was compared with the length, so that the elements are what is left of it.
        let data = length - header.rows * header.row_bytes;
        Self::new(file, header, data, request)
    }

    /// An array whose elements begin at `data`.
    pub(crate) fn new(file: SharedFile, header: Header, data: u64, request: &Request<'_>) -> Result<Self, DataError> {
        let selected = select_columns(&header.column_names(None), request.columns, request.path)?;
        let gridded = header.gridded(request.path, "", &selected)?.map(Arc::new);
        let (path, memory_limit) = (request.path.to_owned(), request.memory_limit);
        Ok(Self { file, header, data, selected, gridded, path, memory_limit })
    }
}

impl OpenFile for NpyFile {
    fn columns(&self) -> Vec<ColumnHead> {
        let names = self.header.column_names(None);
        let head = |&index: &usize| ColumnHead {
            name: names[index].clone(),
            unit: None,
            value_type: self.header.fields[index].element.value_type(),
        };
        self.selected.iter().map(head).collect()
    }

    fn rows(&self) -> Option<u64> {
        Some(self.header.rows)
    }

    fn gridded(&self) -> Option<Arc<Gridded>> {
        self.gridded.clone()
    }

    fn table(&self, budget: &mut Budget) -> Result<Table, DataError> {
        let rows = self.header.rows;
        for &index in &self.selected {
            budget.take_values(rows, self.header.fields[index].element.memory())?;
        }
        let place = |offset: u64| self.file.at(self.data + offset);
        let read = |range: Range<usize>| {
            let mut own = Budget::new(self.path.clone(), u64::MAX);
            decode_rows(place, &self.header, &self.selected[range], 0, rows, &mut own)
        };
        let values = shared_columns(self.selected.len(), rows, read)?;
        let names = self.header.column_names(None);
        let table = Table::new(budget.path(), super::named(&names, &self.selected, values))?;
        Ok(table.with_gridded(self.gridded()))
    }

    fn stored_rows(&self, piece_bytes: usize) -> Result<Box<dyn Rows>, DataError> {
        let row: u64 = self.selected.iter().map(|&index| self.header.fields[index].element.memory()).sum();
        let step = (piece_bytes as u64 / row.max(1)).max(1);
        Ok(Box::new(NpyRows {
            file: self.file.at(0),
            header: self.header.clone(),
            data: self.data,
            selected: self.selected.clone(),
            at: 0,
            step,
            path: self.path.clone(),
            memory_limit: self.memory_limit,
        }))
    }
}

/// The rows of an array.
pub(super) struct NpyRows {
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
