//! Which rows can be learnt from.

use std::borrow::Cow;

use super::{Missing, Unusable};
use crate::DataError;
use crate::table::{Column, Table};

/// The rows of the table (from 0) whose every feature (or, under [`Missing::Mask`], one at least) is finite, and so is its
/// error if there are any; and the first of the others.
#[expect(clippy::type_complexity, reason = "numbers and errors, which are numbers with their columns")]
pub(super) fn usable(
    table: &Table,
    chosen: &[&Column],
    (numbers, errors): (&[Cow<'_, [f64]>], Option<&[(&Column, Cow<'_, [f64]>)]>),
    missing: Missing,
) -> Result<(Vec<u64>, Option<Unusable>), DataError> {
    let masks = missing == Missing::Mask;
    let mut finite = vec![!masks; table.rows()];
    for (feature, column) in numbers.iter().enumerate() {
        let error = errors.map(|errors| &errors[feature].1);
        for (row, (flag, value)) in finite.iter_mut().zip(column.iter()).enumerate() {
            let is_there = value.is_finite() && error.is_none_or(|error| error[row].is_finite());
            *flag = if masks { *flag | is_there } else { *flag & is_there };
        }
    }
    let Some(first) = finite.iter().position(|&flag| !flag) else {
        return Ok(((0..table.rows() as u64).collect(), None));
    };
    let count = finite.iter().filter(|&&flag| !flag).count();
    let of_errors = errors.unwrap_or_default().iter().map(|(column, numbers)| (*column, numbers));
    let mut all = chosen.iter().copied().zip(numbers).chain(of_errors);
    let culprit = all.find(|(_, numbers)| !numbers[first].is_finite()).or(chosen.first().copied().zip(numbers.first()));
    let value = match culprit.map_or(f64::NAN, |(_, numbers)| numbers[first]) {
        value if value.is_nan() => "missing",
        value if value > 0.0 => "inf",
        _ => "-inf",
    };
    let column = culprit.map_or_else(String::new, |(column, _)| column.name.clone());
    let path = table.source().to_owned();
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

/// Makes NaN of values that are not finite or whose error is not, and of errors that belong to such values.
pub(super) fn mask(values: &mut [f64], errors: Option<&mut [f64]>) {
    let Some(errors) = errors else {
        values.iter_mut().filter(|value| !value.is_finite()).for_each(|value| *value = f64::NAN);
        return;
    };
    for (value, error) in values.iter_mut().zip(errors) {
        if !value.is_finite() || !error.is_finite() {
            (*value, *error) = (f64::NAN, f64::NAN);
        }
    }
}
