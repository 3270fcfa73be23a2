//! Which rows can be learnt from.

use std::borrow::Cow;

use super::{Missing, Unusable};
use crate::DataError;
use crate::table::{Column, Table};

/// The rows of the table (from 0) whose every feature is finite, and the first of the others.
pub(super) fn usable(
    table: &Table,
    chosen: &[&Column],
    numbers: &[Cow<'_, [f64]>],
    missing: Missing,
) -> Result<(Vec<u64>, Option<Unusable>), DataError> {
    let mut finite = vec![true; table.rows()];
    for column in numbers {
        for (flag, value) in finite.iter_mut().zip(column.iter()) {
            *flag &= value.is_finite();
        }
    }
    let Some(first) = finite.iter().position(|&flag| !flag) else {
        return Ok(((0..table.rows() as u64).collect(), None));
    };
    let count = finite.iter().filter(|&&flag| !flag).count();
    let culprit = numbers.iter().position(|column| !column[first].is_finite()).unwrap_or(0);
    let value = match numbers[culprit][first] {
        value if value.is_nan() => "missing",
        value if value > 0.0 => "inf",
        _ => "-inf",
    };
    let (path, column) = (table.source().to_owned(), chosen[culprit].name.clone());
    let row = table.first_row() + first as u64 + 1;
    if missing == Missing::Refuse {
        return Err(DataError::MissingValues { path, row, column, value, count, rows: table.rows() });
    }
    // The other blocks of a table may have what this one lacks.
    if count == table.rows() && !table.is_block() {
        return Err(DataError::NoUsableRows { path, rows: table.rows(), column });
    }
    let rows = (0_u64..).zip(&finite).filter(|&(_, &flag)| flag).map(|(row, _)| row).collect();
    Ok((rows, Some(Unusable { row, column, value })))
}

/// Rows gathered at a time, few enough to stay in the caches while each column is written.
const GATHERED_ROWS: usize = 256;

/// The values of some rows (from 0) of all columns: `[rows][columns]`.
pub(super) fn gather(columns: &[Cow<'_, [f64]>], rows: &[u64]) -> Vec<f64> {
    let width = columns.len();
    let mut values = vec![0.0; rows.len() * width];
    for (rows, values) in rows.chunks(GATHERED_ROWS).zip(values.chunks_mut(GATHERED_ROWS * width)) {
        for (at, column) in columns.iter().enumerate() {
            let places = values[at..].iter_mut().step_by(width);
            match rows {
                // Most often no row is left out.
                [first, .., last] if last - first == rows.len() as u64 - 1 => {
                    places.zip(&column[*first as usize..]).for_each(|(place, value)| *place = *value);
                }
                _ => places.zip(rows).for_each(|(place, row)| *place = column[*row as usize]),
            }
        }
    }
    values
}
