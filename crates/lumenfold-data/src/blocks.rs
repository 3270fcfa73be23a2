//! Tables read in blocks, in bounded memory.
//!
//! [`BlockReader`] gives the rows of a file, or of several files as one table, a block at a time. All blocks have the
//! same columns of the same types, and put together they are what [`read_table`](crate::read_table) gives, bit for bit.
//!
//! ```text
//! Source ──Input──▶ Part ──Rows──▶ pieces ──Gather──▶ blocks ──Ahead──▶ next_block
//!  file, pipe        one file,      as they come      of about          read while the
//!                    columns known  from its format   block_bytes       last one is used
//! ```
//!
//! * `part` is one file of any format, with its columns known. Text has to be looked at as a whole for that, unless
//!   every column is wanted as numbers.
//! * `agreement` makes several files one table.
//! * `cast` turns values into the type that all files together ask for.
//! * `gather` cuts pieces into blocks, `ahead` reads them in a thread of its own.

mod agreement;
mod ahead;
mod cast;
mod companion;
mod gather;
mod given_names;
mod numbers;
mod part;
mod resampled;

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use agreement::agree;
use ahead::Ahead;
use companion::{Companion, name_beside};
use part::Part;
use resampled::Resampled;

use crate::axis::{Axis, Gridded};
use crate::formats::{Format, text};
use crate::input::{Input, Spool};
use crate::suggest::nearest;
use crate::table::{Column, ColumnHead, Table, ValueType};
use crate::{DEFAULT_MEMORY_LIMIT, DataError, Source};

/// Bytes of decoded columns in a block by default: 8 MiB.
pub const DEFAULT_BLOCK_BYTES: usize = 8 << 20;

/// How to read in blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockOptions {
    /// Names of the columns to read, in any order; they come in the order of the file. `None` for all of them.
    pub columns: Option<Vec<String>>,
    /// Names for the columns of a file that has none (an array, an image), one for each, in their order; `columns` and
    /// `numbers` are among these. `None` for x1, x2, ….
    pub names: Option<Vec<String>>,
    /// Columns that are wanted as numbers: a cell that is none is an error, as in
    /// [`Dataset::from_table`](crate::Dataset::from_table). If they are all that is read of a text file, no pass is
    /// needed to find out types.
    pub numbers: Vec<String>,
    /// Whether the standard errors that a file has for its samples are wanted beside them; see
    /// [`Gridded::errors`](crate::axis::Gridded::errors).
    pub errors: bool,
    /// The format, if the content should not decide.
    pub format: Option<Format>,
    /// Bytes of decoded columns in a block, about; a block has one row at least.
    pub block_bytes: usize,
    /// Bytes that a source which can be read only whole (NPZ) may use, or one row of any other.
    pub memory_limit: u64,
    /// Threads that parse text; `None` for one on each processor. The blocks do not depend on it.
    pub threads: Option<NonZeroUsize>,
    /// The directory for copies of what cannot be read twice (standard input, pipes); the system's own if `None`.
    pub temporary_directory: Option<PathBuf>,
}

impl Default for BlockOptions {
    fn default() -> Self {
        Self {
            columns: None,
            names: None,
            numbers: Vec::new(),
            errors: false,
            format: None,
            block_bytes: DEFAULT_BLOCK_BYTES,
            memory_limit: DEFAULT_MEMORY_LIMIT,
            threads: None,
            temporary_directory: None,
        }
    }
}

/// Reads a table block by block, as often as wanted.
///
/// ```
/// use lumenfold_data::{BlockOptions, BlockReader, Source};
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("stars.csv");
/// std::fs::write(&path, "id,u\n1,23.5\n2,21.0\n3,22.0\n")?;
/// let options = BlockOptions { block_bytes: 32, ..BlockOptions::default() };
/// let mut reader = BlockReader::open(&[Source::from(path)], &options)?;
/// assert_eq!(reader.names(), ["id", "u"]);
/// let first = reader.next_block()?.ok_or("no rows")?;
/// let second = reader.next_block()?.ok_or("no more rows")?;
/// assert_eq!((first.rows(), second.rows(), second.first_row()), (2, 1, 2));
/// assert_eq!(second.column("u")?.value(0), Some(22.0));
/// assert!(reader.next_block()?.is_none());
/// reader.rewind();
/// assert_eq!(reader.next_block()?, Some(first));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BlockReader {
    parts: Arc<Vec<Part>>,
    columns: Vec<ColumnHead>,
    names: Vec<String>,
    notes: Vec<String>,
    block_bytes: usize,
    ahead: Option<Ahead>,
    // Another table of as many rows, and its columns.
    companion: Option<Box<Companion>>,
    columns_beside: Vec<ColumnHead>,
    gridded: Option<Arc<Gridded>>,
    // What brings samples onto other grids.
    resampled: Option<Resampled>,
    // The columns as they are read, and as they are given out.
    read: Vec<ColumnHead>,
    finished: bool,
    rows: u64,
}

impl BlockReader {
    /// Opens sources that are read one after another as one table, and finds out the names and types of its columns.
    ///
    /// The sources must have the same columns in the same order. Where types differ, integers widen to floats and
    /// anything to text.
    ///
    /// # Errors
    ///
    /// As [`read_table`](crate::read_table), as far as can be known before the rows are read;
    /// [`DataError::DifferentColumns`] if the sources are not one table.
    ///
    /// # Panics
    ///
    /// `sources` is empty.
    pub fn open(sources: &[Source], options: &BlockOptions) -> Result<Self, DataError> {
        assert!(!sources.is_empty(), "a table is read from one source at least");
        let spool = Spool { directory: options.temporary_directory.clone(), limit: None };
        let mut parts = Vec::with_capacity(sources.len());
        for source in sources {
            let input = Input::open(source, options.format, &spool)?;
            parts.push(Part::open(input, options, &spool)?);
        }
        let (columns, mut notes) = agree(&mut parts)?;
        notes.splice(0..0, parts.iter().flat_map(|part| part.notes.iter().cloned()));
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        let known: HashSet<&str> = names.iter().map(String::as_str).collect();
        if let Some(name) = options.numbers.iter().find(|name| !known.contains(name.as_str())) {
            let (path, suggestion) = (sources[0].to_string(), nearest(name, &names));
            return Err(DataError::UnknownColumn { path, name: name.clone(), suggestion, available: names });
        }
        let gridded = parts[0].gridded.clone();
        let (parts, block_bytes) = (Arc::new(parts), options.block_bytes);
        Ok(Self {
            parts,
            read: columns.clone(),
            columns,
            names,
            notes,
            block_bytes,
            ahead: None,
            companion: None,
            columns_beside: Vec::new(),
            gridded,
            resampled: None,
            finished: false,
            rows: 0,
        })
    }

    /// The same rows with those of another table beside them: its columns follow, as numbers, each called `error of` and its
    /// name. What is missing there is NaN.
    #[must_use]
    pub fn beside(mut self, other: Self) -> Self {
        let heads = other.columns.iter().map(|head| ColumnHead {
            name: name_beside(&head.name),
            unit: head.unit.clone(),
            value_type: ValueType::Float64,
        });
        self.columns_beside = heads.collect();
        self.names.extend(self.columns_beside.iter().map(|head| head.name.clone()));
        self.companion = Some(Box::new(Companion::new(other)));
        self
    }

    /// The same rows with their samples, which lie on the grids of `gridded`, brought onto those of other axes by linear
    /// interpolation: see [`Resampling`](crate::axis::Resampling). Values outside the range of the data are NaN.
    ///
    /// # Errors
    ///
    /// The axes are not the same but for their grids, or another table is beside this one already.
    pub fn resampled(mut self, gridded: &Gridded, onto: &[Axis]) -> Result<Self, DataError> {
        let path = self.source();
        if self.companion.is_some() {
            let reason = "is beside another table and cannot be resampled".to_owned();
            return Err(DataError::OtherAxes { path, reason });
        }
        let resampled = Resampled::new(&path, gridded, onto)?;
        self.columns = resampled.heads(self.columns);
        self.names = self.columns.iter().map(|column| column.name.clone()).collect();
        self.gridded = Some(Arc::clone(&resampled.gridded));
        self.resampled = Some(resampled);
        Ok(self)
    }

    /// What [`BlockReader::beside`] calls a column of the other table.
    #[must_use]
    pub fn name_beside(name: &str) -> String {
        name_beside(name)
    }

    /// The name of the first source in messages.
    #[must_use]
    pub fn source(&self) -> String {
        self.parts.first().map(|part| part.path.clone()).unwrap_or_default()
    }

    /// The names of the columns, in the order of the file.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Names, units and types of the columns, which are those of every block.
    #[must_use]
    pub fn columns(&self) -> &[ColumnHead] {
        &self.columns
    }

    /// The columns that are the values of samples with axes, if there are any: what is learnt from by default. Every block
    /// has them as [`Table::gridded`].
    #[must_use]
    pub fn gridded(&self) -> Option<&Gridded> {
        self.gridded.as_deref()
    }

    /// The grids that the first file has for axes of its samples, those that were not taken included.
    #[must_use]
    pub fn grids(&self) -> &[Axis] {
        self.parts.first().map_or(&[], |part| &part.grids)
    }

    /// The table without its rows.
    pub(crate) fn empty_table(&self) -> Result<Table, DataError> {
        let heads = self.columns.iter().chain(&self.columns_beside);
        let column = |head: &ColumnHead| Column {
            name: head.name.clone(),
            unit: head.unit.clone(),
            values: head.value_type.empty(0),
        };
        let table = Table::new(self.source(), heads.map(column).collect())?;
        Ok(table.with_gridded(self.gridded.clone()))
    }

    /// The next block, with one row at least; `None` after the last. The following one is read meanwhile.
    ///
    /// [`Table::source`] and [`Table::first_row`] say which rows of which file they are; [`Table::position`] counts over
    /// all files.
    ///
    /// # Errors
    ///
    /// As [`read_table`](crate::read_table). After an error there are no more blocks until [`BlockReader::rewind`].
    pub fn next_block(&mut self) -> Result<Option<Table>, DataError> {
        if self.finished {
            return Ok(None);
        }
        let ahead = self.ahead.get_or_insert_with(|| Ahead::start(&self.parts, &self.read, self.block_bytes));
        let mut block = ahead.next();
        if let (Some(companion), Ok(table)) = (&mut self.companion, &mut block) {
            let path = self.parts.first().map(|part| part.path.clone()).unwrap_or_default();
            let beside = match table {
                Some(table) => companion.take(table.rows(), self.rows, &path).and_then(|columns| table.append(columns)),
                None => companion.finish(self.rows, &path),
            };
            if let Err(error) = beside {
                block = Err(error);
            }
        }
        if let Some(resampled) = &self.resampled {
            block = block.and_then(|table| table.map(|table| resampled.apply(table)).transpose());
        }
        if let Ok(Some(table)) = &mut block {
            table.set_gridded(self.gridded.clone());
        }
        match &block {
            Ok(Some(table)) => self.rows += table.rows() as u64,
            Ok(None) | Err(_) => {
                self.finished = true;
                self.ahead = None;
            }
        }
        block
    }

    /// Rows of all blocks since the start.
    #[must_use]
    pub fn rows_read(&self) -> u64 {
        self.rows
    }

    /// The number of rows of all sources, where they say it or had to be looked at as a whole.
    #[must_use]
    pub fn total_rows(&self) -> Option<u64> {
        // A table of which every column was left out has no rows.
        if self.columns.is_empty() { Some(0) } else { self.parts.iter().map(|part| part.rows).sum() }
    }

    /// What was left out or taken otherwise than one might expect, one sentence each; complete before the first block.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Starts again from the first row.
    pub fn rewind(&mut self) {
        self.ahead = None;
        if let Some(companion) = &mut self.companion {
            companion.rewind();
        }
        self.finished = false;
        self.rows = 0;
    }
}

/// Threads that parse text.
fn threads(options: &BlockOptions) -> NonZeroUsize {
    options.threads.unwrap_or_else(text::available_threads)
}
