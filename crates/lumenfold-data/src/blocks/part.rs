//! One file of a table.

use std::collections::HashSet;
use std::sync::Arc;

use super::given_names::GivenNames;
use super::numbers::Numbers;
use super::{BlockOptions, threads};
use crate::DataError;
use crate::axis::{Axis, Gridded};
use crate::formats::Format;
use crate::formats::reader::OpenFile;
use crate::formats::rows::Rows;
use crate::formats::text::{Evidence, TextFile};
use crate::input::{Input, Spool};
use crate::read::open_input;
use crate::table::{ColumnHead, ValueType};

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
    Stored(Box<dyn OpenFile>),
}

impl Part {
    /// Finds out the columns.
    pub(super) fn open(input: Input, options: &BlockOptions, spool: &Spool) -> Result<Self, DataError> {
        let Some(names) = &options.names else { return Self::as_stored(input, options, spool) };
        let path = input.path.clone();
        let given = GivenNames { path: &path, names };
        if matches!(input.format, Format::Csv | Format::Tsv) {
            return Err(given.refuse_text());
        }
        given.check(&open_input(&input, spool, None, false, options.memory_limit)?.columns())?;
        let mut part = Self::as_stored(input, &given.stored(options)?, spool)?;
        given.give(&mut part.columns);
        Ok(part)
    }

    /// The same in the names that the file is read by.
    fn as_stored(input: Input, options: &BlockOptions, spool: &Spool) -> Result<Self, DataError> {
        let (path, columns) = (input.path.clone(), options.columns.as_deref());
        if matches!(input.format, Format::Csv | Format::Tsv) {
            return Self::of_text(TextFile::open(Arc::new(input), columns, options.memory_limit)?, options);
        }
        let spool = Spool { limit: Some(options.memory_limit), ..spool.clone() };
        let file = open_input(&input, &spool, columns, options.errors, options.memory_limit)?;
        let (heads, rows, notes) = (file.columns(), file.rows(), file.notes().to_vec());
        let (gridded, grids) = (file.gridded(), file.grids().to_vec());
        let evidence = vec![None; heads.len()];
        let part = Self::new(path, heads, evidence, Content::Stored(file), options).with(notes, rows);
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
        let Content::Stored(file) = &self.content else {
            return Err(DataError::Changed { path: self.path.clone() });
        };
        let rows = file.stored_rows(block_bytes)?;
        Ok(Box::new(Numbers::new(rows, &self.path, &self.columns, &self.numbers)))
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
