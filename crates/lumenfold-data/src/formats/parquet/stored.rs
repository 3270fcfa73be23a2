//! A file read in pieces: a row group may be larger than memory.

use std::fs::File;

use parquet::column::reader::ColumnReader;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::decode::read_chunk;
use super::guard;
use super::read::{Leaf, Opened, damaged, left_out, nothing_left, open, quietly};
use crate::DataError;
use crate::budget::Budget;
use crate::formats::reader::{OpenFile, Request};
use crate::formats::rows::Rows;
use crate::input::SharedFile;
use crate::table::{ColumnHead, ValueType, Values};

/// Bytes that a cell of text is taken to have when pieces are planned.
const TEXT_BYTES: u64 = 16;

/// A file whose metadata are sound.
pub(super) struct ParquetFile {
    file: SharedFile,
    path: String,
    columns: Vec<ColumnHead>,
    notes: Vec<String>,
    rows: u64,
    memory_limit: u64,
}

impl ParquetFile {
    /// Finds out the columns. Without `columns`, those that turn out not to be readable are left out, which takes a look
    /// at all of their values.
    pub(super) fn open(file: SharedFile, request: &Request<'_>) -> Result<Self, DataError> {
        let (path, columns, memory_limit) = (request.path.to_owned(), request.columns, request.memory_limit);
        let mut budget = request.budget();
        let mut handle = handle(&file, &path)?;
        guard::check(&mut handle, &mut budget)?;
        let opened = quietly(&path, || open(handle, columns, &budget))?;
        let head = |leaf: &Leaf| ColumnHead {
            name: leaf.name.clone(),
            unit: leaf.unit.clone(),
            value_type: leaf.conversion.value_type(),
        };
        let (heads, mut notes, rows) = (opened.leaves.iter().map(head).collect(), opened.notes.clone(), opened.rows);
        let mut parquet = Self { file, path, columns: heads, notes: Vec::new(), rows, memory_limit };
        if columns.is_none() {
            for leaf in opened.leaves.iter().filter(|leaf| leaf.conversion.may_fail()) {
                match parquet.check(&leaf.name) {
                    Ok(()) => {}
                    Err(DataError::UnreadableColumn { name, reason, .. }) => {
                        parquet.columns.retain(|column| column.name != name);
                        notes.push(left_out(&parquet.path, &name, &reason));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        if parquet.columns.is_empty() && !notes.is_empty() {
            return Err(nothing_left(&notes, &budget));
        }
        parquet.notes = notes;
        Ok(parquet)
    }

    /// Reads a column once without keeping it.
    fn check(&self, name: &str) -> Result<(), DataError> {
        let mut rows = self.rows_of(&[name.to_owned()], crate::DEFAULT_BLOCK_BYTES)?;
        while rows.next_rows()?.is_some() {}
        Ok(())
    }

    fn rows_of(&self, names: &[String], piece_bytes: usize) -> Result<ParquetRows, DataError> {
        let budget = Budget::new(self.path.clone(), self.memory_limit);
        let mut handle = handle(&self.file, &self.path)?;
        guard::check(&mut handle, &mut Budget::new(self.path.clone(), self.memory_limit))?;
        let Opened { reader, leaves, .. } = quietly(&self.path, || open(handle, Some(names), &budget))?;
        let text = |leaf: &Leaf| if leaf.conversion.value_type() == ValueType::Text { TEXT_BYTES } else { 0 };
        let row: u64 = leaves.iter().map(|leaf| leaf.conversion.memory() + text(leaf)).sum();
        Ok(ParquetRows {
            reader,
            leaves,
            path: self.path.clone(),
            memory_limit: self.memory_limit,
            step: (piece_bytes as u64 / row.max(1)).max(1) as usize,
            next_group: 0,
            chunks: Vec::new(),
            left: 0,
            row: 0,
        })
    }
}

impl OpenFile for ParquetFile {
    fn columns(&self) -> Vec<ColumnHead> {
        self.columns.clone()
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows)
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn stored_rows(&self, piece_bytes: usize) -> Result<Box<dyn Rows>, DataError> {
        let names: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        Ok(Box::new(self.rows_of(&names, piece_bytes)?))
    }
}

fn handle(file: &SharedFile, path: &str) -> Result<File, DataError> {
    file.handle().map_err(|source| DataError::Read { path: path.to_owned(), source })
}

/// The rows of a file.
pub(super) struct ParquetRows {
    reader: SerializedFileReader<File>,
    leaves: Vec<Leaf>,
    path: String,
    memory_limit: u64,
    /// Most rows of a piece.
    step: usize,
    next_group: usize,
    /// The columns of the current row group, and the rows that are left in it.
    chunks: Vec<ColumnReader>,
    left: usize,
    /// Rows that were read.
    row: u64,
}

impl ParquetRows {
    fn next_quietly(&mut self) -> Result<Option<Vec<Values>>, DataError> {
        // What was given out before needs no more of the memory.
        let mut budget = Budget::new(self.path.clone(), self.memory_limit);
        while self.left == 0 {
            if self.next_group == self.reader.num_row_groups() {
                return Ok(None);
            }
            let group = self.reader.get_row_group(self.next_group).map_err(|error| damaged(&error, &budget))?;
            self.next_group += 1;
            self.left = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
            let chunks = self.leaves.iter().map(|leaf| group.get_column_reader(leaf.index));
            self.chunks = chunks.collect::<Result<_, _>>().map_err(|error| damaged(&error, &budget))?;
        }
        let count = self.step.min(self.left);
        let mut columns = Vec::with_capacity(self.leaves.len());
        for (leaf, chunk) in self.leaves.iter().zip(&mut self.chunks) {
            budget.take_values(count as u64, leaf.conversion.memory())?;
            let mut values = leaf.conversion.value_type().empty(count);
            read_chunk(chunk, leaf, self.row, count, &mut values, &mut budget)?;
            columns.push(values);
        }
        self.left -= count;
        self.row += count as u64;
        Ok(Some(columns))
    }
}

impl Rows for ParquetRows {
    fn next_rows(&mut self) -> Result<Option<Vec<Values>>, DataError> {
        let path = self.path.clone();
        quietly(&path, || self.next_quietly())
    }
}
