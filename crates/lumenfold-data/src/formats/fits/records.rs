//! Records of one size, one after the other: the rows of a table, the lines of an image.

use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::sync::Arc;

use super::FORMAT;
use super::decode::{Place, extend};
use super::element::Element;
use super::heap::Heap;
use crate::axis::{Axis, Gridded};
use crate::budget::Budget;
use crate::formats::reader::{OpenFile, shared_columns};
use crate::formats::rows::Rows;
use crate::input::SharedFile;
use crate::table::{Column, ColumnHead, Values};
use crate::{DataError, Table};

/// Bytes read at a time, at least one record.
const CHUNK_BYTES: u64 = 1 << 18;

/// Where the elements of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// In the records.
    Record,
    /// In the arrays of the heap that a column of descriptors points to.
    Heap(Heap),
}

/// A column that is read.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub(super) name: String,
    pub(super) unit: Option<String>,
    pub(super) element: Element,
    pub(super) origin: Origin,
    pub(super) place: Place,
}

impl Output {
    fn head(&self) -> ColumnHead {
        let value_type = self.element.value_type();
        ColumnHead { name: self.name.clone(), unit: self.unit.clone(), value_type }
    }
}

/// Records whose header is sound.
#[derive(Clone)]
pub(super) struct Records {
    pub(super) file: SharedFile,
    pub(super) path: String,
    pub(super) memory_limit: u64,
    /// Where the first record is.
    pub(super) data: u64,
    pub(super) rows: u64,
    pub(super) record_bytes: u64,
    pub(super) outputs: Arc<Vec<Output>>,
    pub(super) gridded: Option<Arc<Gridded>>,
    pub(super) grids: Vec<Axis>,
    pub(super) notes: Vec<String>,
}

impl Records {
    /// The values of `count` records from `first` on, one `Values` for each output.
    pub(super) fn read(&self, first: u64, count: u64, budget: &mut Budget) -> Result<Vec<Values>, DataError> {
        self.charge(count, budget)?;
        self.read_some(&self.outputs, first, count)
    }

    fn charge(&self, count: u64, budget: &mut Budget) -> Result<(), DataError> {
        budget.take(self.record_bytes)?;
        self.outputs.iter().try_for_each(|output| budget.take_values(count, output.element.memory()))
    }

    /// Those of some outputs.
    fn read_some(&self, outputs: &[Output], first: u64, count: u64) -> Result<Vec<Values>, DataError> {
        let mut all: Vec<Values> =
            outputs.iter().map(|output| output.element.value_type().empty(count as usize)).collect();
        let step = (CHUNK_BYTES / self.record_bytes.max(1)).max(1);
        let mut file = self.file.at(self.data + first * self.record_bytes);
        let mut chunk = Vec::new();
        let mut at = 0;
        while at < count {
            let records = step.min(count - at);
            chunk.resize((records * self.record_bytes) as usize, 0);
            file.read_exact(&mut chunk).map_err(|error| failed(error, &self.path))?;
            self.decode(outputs, &chunk, first + at, &mut all)?;
            at += records;
        }
        Ok(all)
    }

    fn decode(&self, outputs: &[Output], chunk: &[u8], first: u64, all: &mut [Values]) -> Result<(), DataError> {
        let mut fetched: Option<(Heap, Vec<u8>)> = None;
        for (output, values) in outputs.iter().zip(all) {
            let (records, stride) = match output.origin {
                Origin::Record => (chunk, self.record_bytes as usize),
                Origin::Heap(heap) => {
                    if fetched.as_ref().is_none_or(|(known, _)| *known != heap) {
                        let arrays = heap.fetch(&self.file, chunk, self.record_bytes as usize);
                        fetched = Some((heap, arrays.map_err(|error| failed(error, &self.path))?));
                    }
                    (fetched.as_ref().map_or(&[][..], |(_, arrays)| arrays), heap.bytes)
                }
            };
            extend(values, records, stride, output.place, &output.element)
                .map_err(|failure| failure.error(&self.path, &output.name, first))?;
        }
        Ok(())
    }

    /// Rows that a piece of so many bytes has.
    pub(super) fn step(&self, piece_bytes: usize) -> u64 {
        let row: u64 = self.outputs.iter().map(|output| output.element.memory()).sum();
        (piece_bytes as u64 / row.max(1)).max(1)
    }
}

impl OpenFile for Records {
    fn columns(&self) -> Vec<ColumnHead> {
        self.outputs.iter().map(Output::head).collect()
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows)
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn gridded(&self) -> Option<Arc<Gridded>> {
        self.gridded.clone()
    }

    fn grids(&self) -> &[Axis] {
        &self.grids
    }

    fn table(&self, budget: &mut Budget) -> Result<Table, DataError> {
        // All at once: the records lie within the file, so that their number can be believed.
        self.charge(self.rows, budget)?;
        let read = |range: Range<usize>| self.read_some(&self.outputs[range], 0, self.rows);
        let values = shared_columns(self.outputs.len(), self.rows, read)?;
        let column = |(output, values): (&Output, Values)| Column {
            name: output.name.clone(),
            unit: output.unit.clone(),
            values,
        };
        let table = Table::new(budget.path(), self.outputs.iter().zip(values).map(column).collect())?;
        Ok(table.with_notes(self.notes.clone()).with_gridded(self.gridded.clone()).with_grids(self.grids.clone()))
    }

    fn stored_rows(&self, piece_bytes: usize) -> Result<Box<dyn Rows>, DataError> {
        Ok(Box::new(RecordRows { records: self.clone(), at: 0, step: self.step(piece_bytes) }))
    }
}

/// Records read in pieces.
struct RecordRows {
    records: Records,
    at: u64,
    step: u64,
}

impl Rows for RecordRows {
    fn next_rows(&mut self) -> Result<Option<Vec<Values>>, DataError> {
        let count = self.step.min(self.records.rows - self.at);
        if count == 0 {
            return Ok(None);
        }
        let mut budget = Budget::new(self.records.path.clone(), self.records.memory_limit);
        let values = self.records.read(self.at, count, &mut budget)?;
        self.at += count;
        Ok(Some(values))
    }
}

/// The error for a failed read: the file was long enough when it was opened.
pub(super) fn failed(error: std::io::Error, path: &str) -> DataError {
    let path = path.to_owned();
    match error.kind() {
        ErrorKind::UnexpectedEof => DataError::Changed { path },
        ErrorKind::InvalidData => DataError::Malformed { path, format: FORMAT, reason: error.to_string() },
        _ => DataError::Read { path, source: error },
    }
}
