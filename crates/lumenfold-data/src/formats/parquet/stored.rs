//! A file read in pieces: a row group may be larger than memory.

use std::sync::Arc;

use parquet::basic::Type;
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::errors::Result as ParquetResult;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};

use super::checked::{CheckedPages, Texts};
use super::convert::LONGEST_DECIMAL;
use super::decode::read_chunk;
use super::lists::element;
use super::pages::PageFile;
use super::read::{Leaf, Opened, damaged, leaves, left_out, nothing_left, open, quietly};
use super::room::Room;
use super::whole::read_columns;
use super::{FORMAT, guard};
use crate::axis::{Gridded, MOST_VALUES};
use crate::budget::Budget;
use crate::formats::reader::{OpenFile, Request, table_of_pieces};
use crate::formats::rows::Rows;
use crate::formats::select_columns;
use crate::input::SharedFile;
use crate::table::{Column, ColumnHead, ValueType, Values};
use crate::{DataError, Table};

/// Bytes that a cell of text is taken to have when pieces are planned.
const TEXT_BYTES: u64 = 16;
/// A piece takes no more than one part in so many of the memory, if it has several rows.
const SHARE_OF_PIECE: u64 = 4;

/// A file whose metadata are sound.
pub(super) struct ParquetFile {
    file: SharedFile,
    path: String,
    leaves: Vec<Leaf>,
    gridded: Option<Arc<Gridded>>,
    notes: Vec<String>,
    rows: u64,
    memory_limit: u64,
}

impl ParquetFile {
    /// Finds out the columns. Without `columns`, those that turn out not to be readable are left out, which takes a look
    /// at all of their values.
    pub(super) fn open(file: SharedFile, request: &Request<'_>) -> Result<Self, DataError> {
        let (path, columns, memory_limit) = (request.path.to_owned(), request.columns, request.memory_limit);
        let budget = request.budget();
        let (rows, (leaves, mut notes)) = quietly(&path, || {
            guard::check(&file, &mut request.budget())?;
            let opened = open(file.at(0), &budget)?;
            Ok((opened.rows, leaves(&opened, columns, &budget)?))
        })?;
        let mut parquet = Self { file, path, leaves: Vec::new(), gridded: None, notes: Vec::new(), rows, memory_limit };
        parquet.leaves = select(leaves, columns, &budget)?;
        if columns.is_none() {
            for leaf in std::mem::take(&mut parquet.leaves) {
                match if leaf.conversion.may_fail() { parquet.check(&leaf) } else { Ok(()) } {
                    Ok(()) => parquet.leaves.push(leaf),
                    Err(DataError::UnreadableColumn { name, reason, .. }) => {
                        notes.push(left_out(&parquet.path, &name, &reason));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        if parquet.leaves.is_empty() && !notes.is_empty() {
            return Err(nothing_left(&notes, &budget));
        }
        parquet.gridded = gridded(&parquet.path, &parquet.leaves)?.map(Arc::new);
        parquet.notes = notes;
        Ok(parquet)
    }

    /// Some of its columns, as if there were no others.
    fn only(&self, leaves: Vec<Leaf>) -> Self {
        let (file, path) = (self.file.at(0), self.path.clone());
        Self { file, path, leaves, gridded: None, notes: Vec::new(), rows: self.rows, memory_limit: self.memory_limit }
    }

    /// Reads a column once without keeping it.
    fn check(&self, leaf: &Leaf) -> Result<(), DataError> {
        let mut rows = self.rows_of(std::slice::from_ref(leaf), crate::DEFAULT_BLOCK_BYTES)?;
        while rows.next_rows()?.is_some() {}
        Ok(())
    }

    /// The values of columns that have one of fixed size for each row, in the order of the file.
    fn flat_columns(&self, leaves: &[&Leaf], budget: &mut Budget) -> Result<Vec<Values>, DataError> {
        for leaf in leaves {
            // What is claimed is compared with the limit before anything is read.
            budget.take_values(self.rows, leaf.conversion.memory())?;
        }
        let opened = quietly(&self.path, || {
            guard::check(&self.file, &mut Budget::new(self.path.clone(), self.memory_limit))?;
            open(self.file.at(0), budget)
        })?;
        if opened.rows != self.rows {
            return Err(DataError::Changed { path: self.path.clone() });
        }
        read_columns(&opened, leaves, &self.path, self.memory_limit)
    }

    fn rows_of(&self, leaves: &[Leaf], piece_bytes: usize) -> Result<ParquetRows, DataError> {
        let mut budget = Budget::new(self.path.clone(), self.memory_limit);
        guard::check(&self.file, &mut budget)?;
        let Opened { reader, room, .. } = quietly(&self.path, || open(self.file.at(0), &budget))?;
        let text = |leaf: &Leaf| if leaf.conversion.value_type() == ValueType::Text { TEXT_BYTES } else { 0 };
        let stored = |leaf: &Leaf| leaf.conversion.memory().saturating_mul(leaf.width() as u64) + text(leaf);
        let row: u64 = leaves.iter().map(stored).sum();
        let piece_bytes = (piece_bytes as u64).min(self.memory_limit / SHARE_OF_PIECE);
        Ok(ParquetRows {
            reader,
            leaves: leaves.to_vec(),
            path: self.path.clone(),
            memory_limit: self.memory_limit,
            room,
            piece_bytes,
            step: (piece_bytes / row.max(1)).max(1) as usize,
            next_group: 0,
            chunks: Vec::new(),
            left: 0,
            row: 0,
        })
    }
}

/// Those of the columns that are asked for.
fn select(mut leaves: Vec<Leaf>, wanted: Option<&[String]>, budget: &Budget) -> Result<Vec<Leaf>, DataError> {
    let width = leaves.iter().fold(0_usize, |sum, leaf| sum.saturating_add(leaf.width()));
    if width > MOST_VALUES {
        let reason = format!("has {width} columns; at most {MOST_VALUES} are read");
        return Err(budget.malformed(FORMAT, reason));
    }
    budget.check_columns(width as u64)?;
    leaves.iter_mut().filter_map(|leaf| leaf.list.as_mut()).for_each(|list| list.wanted = (0..list.width).collect());
    let names: Vec<String> = leaves.iter().flat_map(Leaf::heads).map(|head| head.name).collect();
    let selected = select_columns(&names, wanted, budget.path())?;
    let (mut chosen, mut start) = (Vec::new(), 0);
    for mut leaf in leaves {
        let end = start + leaf.width();
        let own = selected.partition_point(|&at| at < start)..selected.partition_point(|&at| at < end);
        let own = selected.get(own).unwrap_or_default();
        if let Some(list) = &mut leaf.list {
            list.wanted = own.iter().map(|at| at - start).collect();
        }
        if !own.is_empty() {
            chosen.push(leaf);
        }
        start = end;
    }
    Ok(chosen)
}

/// The samples: the only lists, if all of their values are read.
fn gridded(path: &str, leaves: &[Leaf]) -> Result<Option<Gridded>, DataError> {
    let mut lists = leaves.iter().enumerate().filter_map(|(at, leaf)| leaf.list.as_ref().map(|list| (at, leaf, list)));
    let (Some((at, leaf, list)), None) = (lists.next(), lists.next()) else { return Ok(None) };
    // Columns before it are flat.
    let columns = at..at + list.width;
    if list.wanted.len() < list.width {
        Ok(None)
    } else {
        Gridded::new(path, &leaf.name, columns, Vec::new()).map(Some)
    }
}

impl OpenFile for ParquetFile {
    fn columns(&self) -> Vec<ColumnHead> {
        self.leaves.iter().flat_map(Leaf::heads).collect()
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

    fn stored_rows(&self, piece_bytes: usize) -> Result<Box<dyn Rows>, DataError> {
        Ok(Box::new(self.rows_of(&self.leaves, piece_bytes)?))
    }

    fn table(&self, budget: &mut Budget) -> Result<Table, DataError> {
        let (flat, others): (Vec<&Leaf>, Vec<&Leaf>) = self.leaves.iter().partition(|leaf| leaf.is_flat());
        let mut flat = self.flat_columns(&flat, budget)?.into_iter();
        let mut others = if others.is_empty() {
            Vec::new().into_iter()
        } else {
            let others = others.into_iter().cloned().collect();
            table_of_pieces(&self.only(others), budget)?.into_columns().into_iter()
        };
        let mut columns = Vec::new();
        for leaf in &self.leaves {
            for head in leaf.heads() {
                let values = if leaf.is_flat() { flat.next() } else { others.next().map(|column| column.values) };
                let values = values.ok_or_else(|| DataError::Changed { path: self.path.clone() })?;
                columns.push(Column { name: head.name, unit: head.unit, values });
            }
        }
        let table = Table::new(budget.path(), columns)?.with_notes(self.notes.clone());
        Ok(table.with_gridded(self.gridded.clone()))
    }
}

/// A column of a row group.
pub(super) struct Chunk {
    pub(super) values: ColumnReader,
    /// What is known of its texts, if they are kept.
    texts: Option<Texts>,
}

impl Chunk {
    pub(super) fn open(group: &dyn RowGroupReader, leaf: &Leaf, room: &Room) -> ParquetResult<Self> {
        let column = group.metadata().column(leaf.index).column_descr_ptr();
        let is_text = leaf.conversion.value_type() == ValueType::Text;
        let most = if is_text { u64::MAX } else { LONGEST_DECIMAL as u64 };
        let pages = group.get_column_page_reader(leaf.index)?;
        let pages = CheckedPages::new(pages, column.clone(), most, room.clone());
        let texts = (is_text && column.physical_type() == Type::BYTE_ARRAY).then(|| pages.texts());
        Ok(Self { values: get_column_reader(column, Box::new(pages)), texts })
    }
}

/// Bytes of text in a column.
fn text_bytes(values: &Values) -> u64 {
    if let Values::Text(text) = values { text.text_bytes() as u64 } else { 0 }
}

/// The rows of a file.
pub(super) struct ParquetRows {
    reader: SerializedFileReader<PageFile>,
    leaves: Vec<Leaf>,
    path: String,
    memory_limit: u64,
    room: Room,
    /// Bytes of text from which on a piece is at its end.
    piece_bytes: u64,
    /// Most rows of a piece.
    step: usize,
    next_group: usize,
    /// The columns of the current row group, and the rows that are left in it.
    chunks: Vec<Chunk>,
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
            self.chunks.clear();
            let chunks = self.leaves.iter().map(|leaf| Chunk::open(group.as_ref(), leaf, &self.room));
            self.chunks = chunks.collect::<Result<_, _>>().map_err(|error| damaged(&error, &budget))?;
        }
        let mut all = Vec::with_capacity(self.leaves.len());
        let most = self.step.min(self.left);
        for leaf in &self.leaves {
            let cells = (most as u64).saturating_mul(leaf.width() as u64);
            budget.take_values(cells, leaf.conversion.memory())?;
            all.push(leaf.conversion.value_type().empty(cells as usize));
        }
        let count = self.read(&mut all, most, &mut budget)?;
        let mut columns = Vec::with_capacity(self.leaves.len());
        for (leaf, values) in self.leaves.iter().zip(all) {
            let Some(list) = &leaf.list else {
                columns.push(values);
                continue;
            };
            budget.take_values((count * list.wanted.len()) as u64, leaf.conversion.memory())?;
            columns.extend(list.wanted.iter().map(|&place| element(&values, list.width, place)));
        }
        Ok(Some(columns))
    }

    /// Decodes up to `most` rows of all columns, fewer where their texts are long; returns how many.
    fn read(&mut self, all: &mut [Values], most: usize, budget: &mut Budget) -> Result<usize, DataError> {
        let (mut count, mut text) = (0, 0);
        while count < most && text < self.piece_bytes {
            let mut rows = most - count;
            for texts in self.chunks.iter_mut().filter_map(|chunk| chunk.texts.as_mut()) {
                rows = texts.fitting(rows, self.piece_bytes).map_err(|error| damaged(&error, budget))?;
            }
            for ((leaf, chunk), values) in self.leaves.iter().zip(&mut self.chunks).zip(&mut *all) {
                read_chunk(&mut chunk.values, leaf, self.row, rows, values, budget)?;
                if let Some(texts) = &mut chunk.texts {
                    texts.pass(rows);
                }
            }
            count += rows;
            self.left -= rows;
            self.row += rows as u64;
            text = all.iter().map(text_bytes).sum();
        }
        Ok(count)
    }
}

impl Rows for ParquetRows {
    fn next_rows(&mut self) -> Result<Option<Vec<Values>>, DataError> {
        let path = self.path.clone();
        quietly(&path, || self.next_quietly())
    }
}
