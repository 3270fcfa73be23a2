//! Spectra on one grid, made into a table: what the formats of single spectra have in common.

use std::io::Read;
use std::sync::Arc;

use super::reader::Request;
use super::select_columns;
use crate::axis::{Axis, Gridded, MOST_VALUES};
use crate::budget::Budget;
use crate::input::SharedFile;
use crate::table::{Column, IntegerColumn, Values};
use crate::{DataError, Table};

/// Bytes of memory that a column takes beside its values: names are short.
const COLUMN_BYTES: u64 = 160;
/// Bytes of memory that a line takes beside its text.
const LINE_BYTES: u64 = 32;

/// Samples with one axis, and what is known beside them.
pub(super) struct Spectra {
    /// What the values are: columns are called by it and counted from 1.
    pub(super) array: String,
    /// Unit of the values.
    pub(super) unit: Option<String>,
    pub(super) axis: Axis,
    /// The values of each sample, of the same type all and as many as the axis has bins.
    pub(super) samples: Vec<Values>,
    /// Columns of as many rows as there are samples, which come first.
    pub(super) beside: Vec<Column>,
    pub(super) notes: Vec<String>,
}

impl Spectra {
    /// The columns that are asked for.
    pub(super) fn table(self, request: &Request<'_>, budget: &mut Budget) -> Result<Table, DataError> {
        let (bins, first) = (self.axis.size(), self.beside.len());
        budget.take_values(bins as u64, COLUMN_BYTES + 9 * self.samples.len() as u64)?;
        let mut names: Vec<String> = self.beside.iter().map(|column| column.name.clone()).collect();
        names.extend((1..=bins).map(|bin| format!("{}{bin}", self.array)));
        let selected = select_columns(&names, request.columns, request.path)?;
        let own = selected.partition_point(|column| *column < first)..selected.len();
        let columns = selected.iter().map(|&column| match self.beside.get(column) {
            Some(beside) => beside.clone(),
            None => Column {
                name: names[column].clone(),
                unit: self.unit.clone(),
                values: bin_of(&self.samples, column - first),
            },
        });
        let columns = columns.collect();
        let gridded = match own.len() == bins {
            true => Some(Arc::new(Gridded::new(request.path, self.array, own, vec![self.axis.clone()])?)),
            false => None,
        };
        let table = Table::new(request.path, columns)?.with_notes(self.notes);
        Ok(table.with_gridded(gridded).with_grids(vec![self.axis]))
    }
}

/// The values of all samples in one bin.
fn bin_of(samples: &[Values], bin: usize) -> Values {
    let integers: Option<IntegerColumn> = samples
        .iter()
        .map(|sample| match sample {
            Values::Integer(column) => Some(column.get(bin)),
            _ => None,
        })
        .collect();
    integers.map_or_else(
        || {
            let number = |sample: &Values| match sample {
                Values::Float64(values) => values.get(bin).copied().unwrap_or(f64::NAN),
                _ => f64::NAN,
            };
            Values::Float64(samples.iter().map(number).collect())
        },
        Values::Integer,
    )
}

/// The content of a file of `length` bytes, as text: UTF-8, or else Latin-1.
pub(super) fn text_of(file: &SharedFile, length: u64, budget: &mut Budget) -> Result<String, DataError> {
    // The bytes, and as text, where each may need two.
    budget.take_values(length, 3)?;
    let mut bytes = Vec::new();
    let read = file.at(0).take(length).read_to_end(&mut bytes);
    read.map_err(|source| DataError::Read { path: budget.path().to_owned(), source })?;
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect::<String>());
    // Lines are kept as slices of the text.
    budget.take_values(text.bytes().filter(|byte| *byte == b'\n').count() as u64, LINE_BYTES)?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Refuses spectra that are longer than a sample may be.
pub(super) fn check_bins(bins: u64) -> Result<usize, String> {
    match usize::try_from(bins) {
        Ok(bins) if (1..=MOST_VALUES).contains(&bins) => Ok(bins),
        _ => Err(format!("claims a spectrum of {bins} values; 1 to {MOST_VALUES} are read")),
    }
}
