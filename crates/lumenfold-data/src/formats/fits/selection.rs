//! Which columns are read, and which of them are the values of samples with axes.

use std::ops::Range;

use crate::DataError;
use crate::axis::{Axis, Gridded};
use crate::formats::reader::Request;
use crate::formats::select_columns;

/// What a file has: columns of these names, some of which are samples.
#[derive(Debug, Default)]
pub(super) struct Offer {
    pub(super) names: Vec<String>,
    /// The name of the array of samples.
    pub(super) array: String,
    /// Where the values of the samples are among the names.
    pub(super) samples: Range<usize>,
    /// Their axes; none if nothing is known of them.
    pub(super) axes: Vec<Axis>,
    /// Whether there are standard errors for them.
    pub(super) has_errors: bool,
}

/// What is read.
#[derive(Debug)]
pub(super) struct Selection {
    /// Positions of the columns, ascending.
    pub(super) columns: Vec<usize>,
    /// Whether the errors of all samples come behind them.
    pub(super) errors: bool,
    pub(super) gridded: Option<Gridded>,
}

impl Offer {
    /// What a request takes of it.
    pub(super) fn select(&self, request: &Request<'_>) -> Result<Selection, DataError> {
        let columns = select_columns(&self.names, request.columns, request.path)?;
        let first = columns.partition_point(|column| *column < self.samples.start);
        let last = columns.partition_point(|column| *column < self.samples.end);
        let is_whole = last - first == self.samples.len() && !self.axes.is_empty();
        if !is_whole {
            return Ok(Selection { columns, errors: false, gridded: None });
        }
        let errors = request.errors && self.has_errors;
        let mut gridded = Gridded::new(request.path, self.array.clone(), first..last, self.axes.clone())?;
        if errors {
            gridded = gridded.with_errors(columns.len()..columns.len() + self.samples.len());
        }
        Ok(Selection { columns, errors, gridded: Some(gridded) })
    }
}

/// Names of the values of an array: its own name for a single one, otherwise with a number from 1.
pub(super) fn numbered(name: &str, count: usize, is_scalar: bool) -> Vec<String> {
    if is_scalar { vec![name.to_owned()] } else { (1..=count).map(|number| format!("{name}{number}")).collect() }
}
