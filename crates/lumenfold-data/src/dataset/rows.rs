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
