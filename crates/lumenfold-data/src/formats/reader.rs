//! What every reader of a file gives, and which readers there are.
//!
//! A [`Reader`] knows its format by the first bytes of a file, and opens it: what comes out is an [`OpenFile`], of which
//! columns, axes and remarks are known before any row is read, and whose rows come in pieces of bounded size. Text tables
//! are the exception: the types of their columns are known after a pass over all of them, so that
//! [`TextFile`](super::text::TextFile) has an interface of its own.

use std::ops::Range;
use std::sync::Arc;

use super::rows::Rows;
use super::text::available_threads;
use super::{Format, arrow, fits, hdf5, idx, jcamp, npy, npz, parquet, spe, votable};
use crate::DataError;
use crate::axis::{Axis, Gridded};
use crate::budget::Budget;
use crate::input::SharedFile;
use crate::table::{Column, ColumnHead, Table, Values};

/// Bytes of a piece where all rows are wanted: few enough to be near the processor when they are put behind the others.
const PIECE_BYTES: usize = 1 << 20;

/// Values from which on threads share the columns.
const SHARED_VALUES: u64 = 1 << 20;

/// What is asked of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// The name it goes by in messages.
    pub(crate) path: &'a str,
    /// What follows the colon after its name: an array, a group, an extension.
    pub(crate) member: Option<&'a str>,
    /// The columns that are wanted; they come in the order of the file. `None` for all.
    pub(crate) columns: Option<&'a [String]>,
    /// Whether the standard errors that the file has for its samples are wanted beside them: columns behind those of the
    /// samples, named by [`error_of`], which [`Gridded::errors`] tells.
    pub(crate) errors: bool,
    /// Bytes that one piece of rows, or what can be read only whole, may use.
    pub(crate) memory_limit: u64,
}

impl Request<'_> {
    /// The memory that may be used.
    pub(crate) fn budget(&self) -> Budget {
        Budget::new(self.path, self.memory_limit)
    }
}

/// A format that is read.
pub(crate) trait Reader: Sync {
    /// The format.
    fn format(&self) -> Format;

    /// Whether a file that starts with these bytes is of this format, whatever its name.
    fn recognises(&self, start: &[u8]) -> bool;

    /// Finds out the columns of a file of `length` bytes.
    fn open(&self, file: SharedFile, length: u64, request: &Request<'_>) -> Result<Box<dyn OpenFile>, DataError>;
}

/// A file whose columns are known, and which can be read as often as wanted.
pub(crate) trait OpenFile: Send + Sync {
    /// The columns that are read, in the order of the file.
    fn columns(&self) -> Vec<ColumnHead>;

    /// The number of rows, where it is known before they are read.
    fn rows(&self) -> Option<u64>;

    /// What is left out or taken otherwise than one might expect, one sentence each.
    fn notes(&self) -> &[String] {
        &[]
    }

    /// The columns that are the values of samples with axes.
    fn gridded(&self) -> Option<Arc<Gridded>> {
        None
    }

    /// The grids that the file has for axes of samples, those that were not taken included.
    fn grids(&self) -> &[Axis] {
        &[]
    }

    /// The rows from the first, in pieces of about `piece_bytes`: values of the types of [`OpenFile::columns`].
    fn stored_rows(&self, piece_bytes: usize) -> Result<Box<dyn Rows>, DataError>;

    /// All rows as one table.
    fn table(&self, budget: &mut Budget) -> Result<Table, DataError> {
        table_of_pieces(self, budget)
    }
}

/// All rows as one table, put together from pieces.
pub(crate) fn table_of_pieces<F: OpenFile + ?Sized>(file: &F, budget: &mut Budget) -> Result<Table, DataError> {
    let heads = file.columns();
    if let Some(rows) = file.rows() {
        // What is claimed is compared with the limit before anything is read.
        let row: u64 = heads.iter().map(|head| head.value_type.least_bytes()).sum();
        let needed = rows.saturating_mul(row);
        if needed > budget.left() {
            return Err(budget.exceeded(needed));
        }
    }
    let mut all: Vec<Values> = heads.iter().map(|head| head.value_type.empty(0)).collect();
    // Memory that is asked for and not used costs nothing; where there is none, the columns grow.
    let expected = file.rows().and_then(|rows| usize::try_from(rows).ok()).unwrap_or(0);
    all.iter_mut().for_each(|values| values.expect(expected));
    let mut rows = file.stored_rows(PIECE_BYTES)?;
    while let Some(piece) = rows.next_rows()? {
        budget.take(piece.iter().map(Values::bytes).sum())?;
        for (values, more) in all.iter_mut().zip(piece) {
            if !values.append(more) {
                return Err(DataError::Changed { path: budget.path().to_owned() });
            }
        }
    }
    let column = |(head, values): (ColumnHead, Values)| Column { name: head.name, unit: head.unit, values };
    let table = Table::new(budget.path(), heads.into_iter().zip(all).map(column).collect())?;
    let table = table.with_notes(file.notes().to_vec());
    Ok(table.with_gridded(file.gridded()).with_grids(file.grids().to_vec()))
}

/// The readers of all formats but text.
pub(crate) static READERS: &[&dyn Reader] = &[
    // One line each.
    &parquet::ParquetReader,
    &arrow::ArrowReader,
    &npy::NpyReader,
    &npz::NpzReader,
    &hdf5::Hdf5Reader,
    &votable::VoTableReader,
    &spe::SpeReader,
    &jcamp::JcampReader,
    &idx::IdxReader,
    &fits::FitsReader,
];

/// The reader of a format; none for text.
pub(crate) fn reader_of(format: Format) -> Option<&'static dyn Reader> {
    READERS.iter().copied().find(|reader| reader.format() == format)
}

/// Reads all columns of a large table, of which threads share the columns; `read` gives those of a range. The rows are known to be
/// in the file.
pub(crate) fn shared_columns(
    columns: usize,
    rows: u64,
    read: impl Fn(Range<usize>) -> Result<Vec<Values>, DataError> + Sync,
) -> Result<Vec<Values>, DataError> {
    let threads = available_threads().get().min(columns);
    if threads < 2 || rows.saturating_mul(columns as u64) < SHARED_VALUES {
        return read(0..columns);
    }
    let step = columns.div_ceil(threads);
    let parts: Vec<_> = std::thread::scope(|scope| {
        let read = &read;
        let start = |first: usize| scope.spawn(move || read(first..columns.min(first + step)));
        let started: Vec<_> = (0..columns).step_by(step).map(start).collect();
        started.into_iter().map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    match parts.into_iter().collect::<Result<Vec<_>, _>>() {
        Ok(parts) => Ok(parts.into_iter().flatten().collect()),
        // The first row that is wrong is told, whichever columns a thread had.
        Err(_) => read(0..columns),
    }
}

/// What the standard error of a column is called.
pub(crate) fn error_of(name: &str) -> String {
    format!("error of {name}")
}

/// A file that could be read only whole.
pub(crate) struct Whole(Arc<Table>);

impl Whole {
    pub(crate) fn new(table: Table) -> Self {
        Self(Arc::new(table))
    }
}

impl OpenFile for Whole {
    fn columns(&self) -> Vec<ColumnHead> {
        self.0.heads()
    }

    fn rows(&self) -> Option<u64> {
        Some(self.0.rows() as u64)
    }

    fn notes(&self) -> &[String] {
        self.0.notes()
    }

    fn gridded(&self) -> Option<Arc<Gridded>> {
        self.0.shared_gridded()
    }

    fn grids(&self) -> &[Axis] {
        self.0.grids()
    }

    fn stored_rows(&self, piece_bytes: usize) -> Result<Box<dyn Rows>, DataError> {
        let bytes: u64 = self.0.columns().iter().map(|column| column.values.bytes()).sum();
        let rows = self.0.rows();
        let step = (rows as u128 * piece_bytes as u128 / u128::from(bytes.max(1))).clamp(1, 1 << 32) as usize;
        Ok(Box::new(WholeRows { table: Arc::clone(&self.0), at: 0, step }))
    }

    fn table(&self, _: &mut Budget) -> Result<Table, DataError> {
        Ok(Table::clone(&self.0))
    }
}

/// Rows of a table in memory.
struct WholeRows {
    table: Arc<Table>,
    at: usize,
    step: usize,
}

impl Rows for WholeRows {
    fn next_rows(&mut self) -> Result<Option<Vec<Values>>, DataError> {
        let (start, end) = (self.at, self.table.rows().min(self.at.saturating_add(self.step)));
        self.at = end;
        Ok((start < end).then(|| self.table.columns().iter().map(|column| column.values.slice(start..end)).collect()))
    }
}
