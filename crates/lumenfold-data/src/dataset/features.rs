//! Which columns are learnt from, and their cells as numbers.

use std::borrow::Cow;
use std::collections::HashSet;

use super::DatasetOptions;
use crate::axis::{Gridded, axis_of, check_axes};
use crate::formats::parse_number;
use crate::suggest::excerpt;
use crate::table::{Column, Table, TextColumn, Values};
use crate::{Axis, DataError};

/// The feature columns, in order; at least one.
pub(super) fn choose<'a>(table: &'a Table, options: &DatasetOptions) -> Result<Vec<&'a Column>, DataError> {
    let chosen: Vec<&Column> = match &options.columns {
        Some(names) => {
            let mut seen = HashSet::new();
            if let Some(name) = names.iter().find(|name| !seen.insert(name.as_str())) {
                return Err(DataError::DuplicateFeature { path: table.source().to_owned(), name: name.clone() });
            }
            table.positions(names)?.into_iter().map(|at| &table.columns()[at]).collect()
        }
        None if let Some(gridded) = array(table, options) => table.columns()[gridded.columns.clone()].iter().collect(),
        None => {
            let free = || free(table, options);
            let numeric: Vec<&Column> = free().filter(|column| column.numeric()).collect();
            if numeric.is_empty() {
                free().filter(|column| matches!(column.values, Values::Boolean(_))).collect()
            } else {
                numeric
            }
        }
    };
    if chosen.is_empty() {
        // A column that is a number here and there was meant as one: its first other cell is the better message.
        for column in free(table, options) {
            if let Values::Text(cells) = &column.values
                && cells.iter().any(|cell| parse_number(cell).is_some_and(f64::is_finite))
            {
                text_numbers(table, column, cells)?;
            }
        }
        return Err(DataError::NoNumericColumns { path: table.source().to_owned(), available: table.names() });
    }
    Ok(chosen)
}

/// The columns that are learnt from because they are an array with axes, or are to have axes.
pub(super) fn array<'a>(table: &'a Table, options: &DatasetOptions) -> Option<&'a Gridded> {
    let has_axes = |gridded: &&Gridded| !options.axes.as_ref().unwrap_or(&gridded.axes).is_empty();
    table.gridded().filter(has_axes)
}

/// The axes of the chosen columns; none for plain ones.
pub(super) fn axes(table: &Table, chosen: &[&Column], options: &DatasetOptions) -> Result<Vec<Axis>, DataError> {
    let axes = match (&options.axes, table.gridded()) {
        (Some(axes), _) => axes.clone(),
        (None, Some(gridded)) => {
            let own = table.columns().get(gridded.columns.clone()).unwrap_or_default();
            let same = own.len() == chosen.len() && own.iter().zip(chosen).all(|(own, chosen)| own.name == chosen.name);
            if same { gridded.axes.clone() } else { Vec::new() }
        }
        (None, None) => axis_of(chosen.iter().map(|column| column.name.as_str())).into_iter().collect(),
    };
    check_axes(table.source(), &axes, chosen.len())?;
    Ok(axes)
}

/// The columns that are wanted for nothing else than being learnt from.
fn free<'a>(table: &'a Table, options: &DatasetOptions) -> impl Iterator<Item = &'a Column> {
    let taken: HashSet<&String> = options.keep.iter().chain(options.errors.iter().flatten()).collect();
    let free: Vec<&Column> = table.columns().iter().filter(|column| !taken.contains(&column.name)).collect();
    free.into_iter()
}

/// The columns of standard errors, one for each feature, with their numbers.
#[expect(clippy::type_complexity, reason = "a column and its numbers")]
pub(super) fn errors<'a>(
    table: &'a Table,
    chosen: &[&Column],
    names: &[String],
) -> Result<Vec<(&'a Column, Cow<'a, [f64]>)>, DataError> {
    if names.len() != chosen.len() {
        let (expected, found) = (chosen.len(), names.len());
        return Err(DataError::ErrorCount { path: table.source().to_owned(), expected, found });
    }
    let column = |at: usize| {
        let column = &table.columns()[at];
        let numbers = numbers(table, column)?;
        match numbers.iter().position(|error| *error <= 0.0) {
            None => Ok((column, numbers)),
            Some(row) => Err(DataError::ErrorNotPositive {
                path: table.source().to_owned(),
                row: table.first_row() + row as u64 + 1,
                column: column.name.clone(),
                value: numbers[row],
            }),
        }
    };
    table.positions(names)?.into_iter().map(column).collect()
}

/// The cells of a feature column; NaN where missing.
pub(super) fn numbers<'a>(table: &Table, column: &'a Column) -> Result<Cow<'a, [f64]>, DataError> {
    match &column.values {
        Values::Float64(values) => Ok(Cow::Borrowed(values)),
        Values::Text(cells) => text_numbers(table, column, cells).map(Cow::Owned),
        Values::Float32(values) => Ok(Cow::Owned(values.iter().map(|&value| f64::from(value)).collect())),
        Values::Integer(integers) if integers.missing.is_empty() => {
            Ok(Cow::Owned(integers.values.iter().map(|&value| value as f64).collect()))
        }
        _ => Ok(Cow::Owned((0..column.len()).map(|row| column.value(row).unwrap_or(f64::NAN)).collect())),
    }
}

/// Text cells as numbers; the error names the first that is none.
fn text_numbers(table: &Table, column: &Column, cells: &TextColumn) -> Result<Vec<f64>, DataError> {
    let parsed: Vec<Option<f64>> = cells.iter().map(parse_number).collect();
    match parsed.iter().position(Option::is_none) {
        None => Ok(parsed.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect()),
        Some(row) => Err(DataError::NotANumber {
            path: table.source().to_owned(),
            row: table.first_row() + row as u64 + 1,
            column: column.name.clone(),
            text: excerpt(cells.get(row).unwrap_or_default()),
            count: parsed.iter().filter(|value| value.is_none()).count(),
            rows: cells.len(),
        }),
    }
}
