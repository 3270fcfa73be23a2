//! One file of a table.

use std::collections::HashSet;
use std::io::BufReader;
use std::sync::Arc;

use super::numbers::Numbers;
use super::{BlockOptions, threads};
use crate::DataError;
use crate::axis::{Axis, Gridded};
use crate::budget::Budget;
use crate::formats::npy::NpyFile;
use crate::formats::parquet::ParquetFile;
use crate::formats::rows::Rows;
use crate::formats::text::{Evidence, TextFile};
use crate::formats::{Format, npz};
use crate::input::{Input, Spool};
use crate::table::{ColumnHead, Table, ValueType, Values};

/// A file whose columns are known, and which can be read as often as wanted.
pub(super) struct Part {
    /// The name it goes by in messages.
    pub(super) path: String,
    /// Its columns, with the types that they have by themselves.
    pub(super) columns: Vec<ColumnHead>,
    /// What the cells of a column of text say about its type, where that was looked at.
    pub(super) evidence: Vec<Option<Evidence>>,
    pub(super) notes: Vec<String>,
    /// The number of rows, if known.
    pub(super) rows: Option<u64>,
    /// Which columns are wanted as numbers.
    numbers: Vec<bool>,
    /// The columns that are the values of samples with axes.
    pub(super) gridded: Option<Arc<Gridded>>,
    /// The grids that the file has.
    pub(super) grids: Vec<Axis>,
    content: Content,
    options: BlockOptions,
}

enum Content {
    Text(Arc<TextFile>),
    Npy(NpyFile),
    Parquet(ParquetFile),
    /// What can be read only whole.
    Whole(Arc<Table>),
}

impl Part {
    /// Finds out the columns.
    pub(super) fn open(input: Input, options: &BlockOptions, spool: &Spool) -> Result<Self, DataError> {
        let (path, columns) = (input.path.clone(), options.columns.as_deref());
        let mut budget = Budget::new(path.clone(), options.memory_limit);
        if matches!(input.format, Format::Csv | Format::Tsv) {
            return Self::of_text(TextFile::open(Arc::new(input), columns, options.memory_limit)?, options);
        }
        let spool = Spool { limit: Some(options.memory_limit), ..spool.clone() };
        let (file, length) = input.plain(&spool)?;
        let (mut gridded, mut grids) = (None, Vec::new());
        let (content, heads, notes, rows) = match input.format {
            Format::Npy => {
                let npy = NpyFile::open(file, length, columns, &budget)?;
                let (heads, rows) = (npy.columns(), npy.rows());
                gridded = npy.gridded(&path)?.map(Arc::new);
                (Content::Npy(npy), heads, Vec::new(), rows)
            }
            Format::Npz => {
                let read = options.read_options();
                let table = npz::read(BufReader::new(file), input.member.as_deref(), &read, &mut budget)?;
                let (heads, notes, rows) = (table.heads(), table.notes().to_vec(), table.rows() as u64);
                (gridded, grids) = (table.shared_gridded(), table.grids().to_vec());
                (Content::Whole(Arc::new(table)), heads, notes, rows)
            }
            _ => {
                let parquet = ParquetFile::open(file, &path, columns, options.memory_limit)?;
                let (heads, notes, rows) = (parquet.columns(), parquet.notes().to_vec(), parquet.rows());
                (Content::Parquet(parquet), heads, notes, rows)
            }
        };
        let evidence = vec![None; heads.len()];
        let part = Self::new(path, heads, evidence, content, options).with(notes, Some(rows));
        Ok(Self { gridded, grids, ..part })
    }

    fn of_text(mut file: TextFile, options: &BlockOptions) -> Result<Self, DataError> {
        let names = file.names();
        let numbers: HashSet<&String> = options.numbers.iter().collect();
        let unknown: Vec<usize> = (0..names.len()).filter(|&at| !numbers.contains(&names[at])).collect();
        let mut evidence = vec![None; names.len()];
        let mut rows = None;
        if !unknown.is_empty() {
            for (&at, survey) in unknown.iter().zip(file.survey(&unknown, false, threads(options))?) {
                file.refuse_decimal_commas(file.position(at), survey.evidence)?;
                evidence[at] = Some(survey.evidence);
                rows = Some(survey.rows());
            }
            file.drop_leftovers(&mut evidence);
        }
        let head = |(name, evidence): (String, &Option<Evidence>)| ColumnHead {
            name,
            unit: None,
            value_type: evidence.map_or(ValueType::Float64, Evidence::value_type),
        };
        let heads = file.names().into_iter().zip(&evidence).map(head).collect();
        let path = file.path().to_owned();
        Ok(Self::new(path, heads, evidence, Content::Text(Arc::new(file)), options).with(Vec::new(), rows))
    }

    fn new(
        path: String,
        mut columns: Vec<ColumnHead>,
        evidence: Vec<Option<Evidence>>,
        content: Content,
        options: &BlockOptions,
    ) -> Self {
        let numbers: HashSet<&String> = options.numbers.iter().collect();
        let numbers: Vec<bool> = columns.iter().map(|column| numbers.contains(&column.name)).collect();
        for (column, _) in columns.iter_mut().zip(&numbers).filter(|&(_, &wanted)| wanted) {
            // Text of numbers becomes numbers.
            if column.value_type == ValueType::Text {
                column.value_type = ValueType::Float64;
            }
        }
        let (notes, rows, gridded, grids) = (Vec::new(), None, None, Vec::new());
        Self { path, columns, evidence, notes, rows, numbers, gridded, grids, content, options: options.clone() }
    }

    fn with(mut self, notes: Vec<String>, rows: Option<u64>) -> Self {
        self.notes = notes;
        self.rows = rows;
        self
    }

    /// The rows from the first, in types that [`cast`](super::cast) turns into those of `columns`.
    pub(super) fn rows(&self, columns: &[ColumnHead], block_bytes: usize) -> Result<Box<dyn Rows>, DataError> {
        if let Content::Text(file) = &self.content {
            let types: Vec<ValueType> = columns.iter().map(|column| column.value_type).collect();
            return Ok(Box::new(file.rows(&types, &self.numbers, block_bytes, threads(&self.options))?));
        }
        let rows = self.stored_rows(block_bytes)?;
        Ok(Box::new(Numbers::new(rows, &self.path, &self.columns, &self.numbers)))
    }

    /// The rows of a file that is not text, as they are stored.
    fn stored_rows(&self, block_bytes: usize) -> Result<Box<dyn Rows>, DataError> {
        Ok(match &self.content {
            Content::Text(_) => return Err(DataError::Changed { path: self.path.clone() }),
            Content::Npy(npy) => Box::new(npy.stored_rows(block_bytes, &self.path, self.options.memory_limit)),
            Content::Parquet(parquet) => Box::new(parquet.stored_rows(block_bytes)?),
            Content::Whole(table) => {
                let bytes: u64 = table.columns().iter().map(|column| column.values.bytes()).sum();
                let rows = table.rows();
                let step = (rows as u128 * block_bytes as u128 / u128::from(bytes.max(1))).clamp(1, 1 << 32) as usize;
                Box::new(TableRows { table: Arc::clone(table), at: 0, rows, step })
            }
        })
    }

    /// What the user should know about a column, from what all files together say.
    pub(super) fn note(&self, at: usize, evidence: Evidence) -> Option<String> {
        match &self.content {
            Content::Text(file) => file.note(file.position(at), evidence),
            _ => None,
        }
    }

    /// The error for a difference from the first part.
    pub(super) fn differs(&self, difference: String) -> DataError {
        DataError::DifferentColumns { path: self.path.clone(), difference }
    }
}

/// Rows of a table in memory.
struct TableRows {
    table: Arc<Table>,
    at: usize,
    rows: usize,
    step: usize,
}

impl Rows for TableRows {
    fn next_rows(&mut self) -> Result<Option<Vec<Values>>, DataError> {
        let (start, end) = (self.at, self.rows.min(self.at.saturating_add(self.step)));
        self.at = end;
        Ok((start < end).then(|| self.table.columns().iter().map(|column| column.values.slice(start..end)).collect()))
    }
}
