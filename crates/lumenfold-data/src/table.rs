//! Tables: what a file holds, before anything is learnt from it.
//!
//! A [`Table`] is a list of [`Column`]s of equal length. A column has a name, perhaps a unit, and [`Values`] of one
//! type. The types are few and lossless: what a file says is kept, so that columns which are only carried along
//! (identifiers, classes) come out as they went in.

mod cell;
mod column;
mod text;
mod value_type;
mod values;

use std::collections::HashMap;
use std::sync::Arc;

pub use column::Column;
pub use text::TextColumn;
pub use value_type::{ColumnHead, ValueType};
pub use values::{BooleanColumn, IntegerColumn, Values};

use crate::DataError;
use crate::axis::{Axis, Gridded};
use crate::suggest::nearest;

/// Named columns of equal length.
///
/// ```
/// use lumenfold_data::{Column, Table, Values};
/// let table = Table::new("stars", vec![Column::new("u", Values::Float32(vec![23.5, 21.0]))])?;
/// assert_eq!((table.rows(), table.columns().len()), (2, 1));
/// assert_eq!(table.column("u")?.value(1), Some(21.0));
/// assert!(table.column("v").is_err());
/// # Ok::<(), lumenfold_data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    source: String,
    columns: Vec<Column>,
    rows: usize,
    first_row: u64,
    position: u64,
    block: bool,
    notes: Vec<String>,
    gridded: Option<Arc<Gridded>>,
    grids: Vec<Axis>,
}

/// Where a block begins, rows counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// In its own source.
    pub(crate) first_row: u64,
    /// Among the rows of all sources.
    pub(crate) position: u64,
}

impl Table {
    /// A table of `columns`; `source` is the name it goes by in messages.
    ///
    /// # Errors
    ///
    /// Two columns have the same name, or their lengths differ.
    pub fn new(source: impl Into<String>, columns: Vec<Column>) -> Result<Self, DataError> {
        let source = source.into();
        let rows = columns.first().map_or(0, Column::len);
        let mut seen: HashMap<&str, usize> = HashMap::with_capacity(columns.len());
        for (index, column) in columns.iter().enumerate() {
            if column.len() != rows {
                return Err(DataError::UnequalColumns {
                    path: source,
                    name: column.name.clone(),
                    expected: rows,
                    found: column.len(),
                });
            }
            if let Some(first) = seen.insert(&column.name, index) {
                return Err(DataError::DuplicateColumn {
                    path: source,
                    name: column.name.clone(),
                    first: first + 1,
                    second: index + 1,
                });
            }
        }
        Ok(Self {
            source,
            columns,
            rows,
            first_row: 0,
            position: 0,
            block: false,
            notes: Vec::new(),
            gridded: None,
            grids: Vec::new(),
        })
    }

    /// The same table as a part of its source that begins at `first_row` (from 0): messages name the right rows.
    ///
    /// ```
    /// use lumenfold_data::{Column, Dataset, DatasetOptions, Table, Values};
    /// let column = Column::new("u", Values::Float64(vec![1.0, f64::NAN]));
    /// let block = Table::new("stars", vec![column])?.with_first_row(1000);
    /// let error = Dataset::from_table(block, &DatasetOptions::default()).unwrap_err();
    /// assert!(error.to_string().contains("row 1002"));
    /// # Ok::<(), lumenfold_data::DataError>(())
    /// ```
    #[must_use]
    pub fn with_first_row(mut self, first_row: u64) -> Self {
        self.first_row = first_row;
        self.position = first_row;
        self
    }

    /// The same table as a block of a larger one.
    #[must_use]
    pub(crate) fn with_place(mut self, place: Place) -> Self {
        self.first_row = place.first_row;
        self.position = place.position;
        self.block = true;
        self
    }

    /// The positions of columns of these names, in their order.
    ///
    /// # Errors
    ///
    /// As [`Table::column`], for the first that is not there.
    pub fn positions(&self, names: &[String]) -> Result<Vec<usize>, DataError> {
        let mut places: Option<HashMap<&str, usize>> = None;
        let mut next = 0;
        let mut positions = Vec::with_capacity(names.len());
        for name in names {
            // Most often the names are those of the table, in its order.
            let position = match self.columns.get(next) {
                Some(column) if column.name == *name => Some(next),
                _ => {
                    let all =
                        || self.columns.iter().enumerate().map(|(at, column)| (column.name.as_str(), at)).collect();
                    places.get_or_insert_with(all).get(name.as_str()).copied()
                }
            };
            let Some(position) = position else { return self.column(name).map(|_| positions) };
            positions.push(position);
            next = position + 1;
        }
        Ok(positions)
    }

    /// The same rows with other columns in the place of some.
    pub(crate) fn replace(mut self, own: std::ops::Range<usize>, columns: Vec<Column>) -> Result<Self, DataError> {
        let mut all = std::mem::take(&mut self.columns);
        all.splice(own, columns);
        self.columns = Self::new(self.source.clone(), all)?.columns;
        Ok(self)
    }

    /// Adds columns of as many rows, behind the others.
    pub(crate) fn append(&mut self, columns: Vec<Column>) -> Result<(), DataError> {
        let all = std::mem::take(&mut self.columns).into_iter().chain(columns).collect();
        self.columns = Self::new(self.source.clone(), all)?.columns;
        Ok(())
    }

    /// The same table with remarks of its reader, for example about columns that were left out.
    #[must_use]
    pub(crate) fn with_notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }

    /// The same table, some columns of which are the values of samples with axes.
    ///
    /// # Errors
    ///
    /// The columns are not there, or the axes do not go with them.
    pub fn with_axes(self, columns: std::ops::Range<usize>, axes: Vec<Axis>) -> Result<Self, DataError> {
        let found = columns.end.min(self.columns.len()).saturating_sub(columns.start);
        if found != columns.len() {
            let shape = crate::axis::shape_in_words(&axes);
            return Err(DataError::AxesCount { path: self.source, shape, features: found });
        }
        let gridded = Gridded::new(&self.source, "", columns, axes)?;
        Ok(self.with_gridded(Some(Arc::new(gridded))))
    }

    /// The same, with the columns of the standard errors of the values.
    ///
    /// # Errors
    /// As [`Table::with_axes`].
    pub fn with_axes_and_errors(
        self,
        columns: std::ops::Range<usize>,
        errors: std::ops::Range<usize>,
        axes: Vec<Axis>,
    ) -> Result<Self, DataError> {
        let table = self.with_axes(columns, axes)?;
        let gridded = table.gridded().map(|gridded| Arc::new(gridded.clone().with_errors(errors)));
        Ok(table.with_gridded(gridded))
    }

    /// The same table with such columns, which are there.
    #[must_use]
    pub(crate) fn with_gridded(mut self, gridded: Option<Arc<Gridded>>) -> Self {
        self.set_gridded(gridded);
        self
    }

    /// Sets such columns, which are there.
    pub(crate) fn set_gridded(&mut self, gridded: Option<Arc<Gridded>>) {
        self.gridded = gridded;
    }

    /// The columns that are the values of samples with axes, if there are any: what is learnt from by default.
    #[must_use]
    pub fn gridded(&self) -> Option<&Gridded> {
        self.gridded.as_deref()
    }

    /// The same table with the grids that its file has.
    #[must_use]
    pub(crate) fn with_grids(mut self, grids: Vec<Axis>) -> Self {
        self.grids = grids;
        self
    }

    /// The grids that the file has for axes of its samples, those that were not taken included.
    #[must_use]
    pub fn grids(&self) -> &[Axis] {
        &self.grids
    }

    /// The same as [`Table::gridded`], to be kept.
    pub(crate) fn shared_gridded(&self) -> Option<Arc<Gridded>> {
        self.gridded.clone()
    }

    /// The name the table goes by in messages: a path as it was given, or `stdin`.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The columns, in the order of the file.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The columns, by value.
    #[must_use]
    pub fn into_columns(self) -> Vec<Column> {
        self.columns
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The row of the source (from 0) that is the first of this table: 0 unless it is a block of a larger one.
    #[must_use]
    pub fn first_row(&self) -> u64 {
        self.first_row
    }

    /// The place of the first row (from 0) among the rows of all sources that are read as one table. It is
    /// [`Table::first_row`] unless files come before this one.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// True for a block of a larger table, as [`crate::BlockReader`] gives it.
    #[must_use]
    pub fn is_block(&self) -> bool {
        self.block
    }

    /// Number of rows; the same as [`Table::rows`].
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// True without rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// What the reader left out, one sentence each: for the user to see, nothing went wrong.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The names of the columns, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The columns without their values.
    #[must_use]
    pub fn heads(&self) -> Vec<ColumnHead> {
        let head = |column: &Column| ColumnHead {
            name: column.name.clone(),
            unit: column.unit.clone(),
            value_type: column.values.value_type(),
        };
        self.columns.iter().map(head).collect()
    }

    /// The column named `name`.
    ///
    /// # Errors
    ///
    /// There is none; the error suggests the nearest name.
    pub fn column(&self, name: &str) -> Result<&Column, DataError> {
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| {
            let available = self.names();
            DataError::UnknownColumn {
                path: self.source.clone(),
                name: name.to_owned(),
                suggestion: nearest(name, &available),
                available,
            }
        })
    }
}
