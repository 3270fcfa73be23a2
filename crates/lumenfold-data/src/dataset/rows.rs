//! Which rows can be learnt from.

use std::borrow::Cow;

use super::Missing;
use crate::DataError;
use crate::table::{Column, Table};

/// The rows (from 0) whose every feature is finite.
pub(super) fn usable(
    table: &Table,
    chosen: &[&Column],
    numbers: &[Cow<'_, [f64]>],
    missing: Missing,
) -> Result<Vec<u64>, DataError> {
    let mut finite = vec![true; table.rows()];
    for column in numbers {
        for (flag, value) in finite.iter_mut().zip(column.iter()) {
            *flag &= value.is_finite();
        }
    }
    let Some(first) = finite.iter().position(|&flag| !flag) else {
        return Ok((0..table.rows() as u64).collect());
    };
    let count = finite.iter().filter(|&&flag| !flag).count();
    let culprit = numbers.iter().position(|column| !column[first].is_finite()).unwrap_or(0);
    let (path, column) = (table.source().to_owned(), chosen[culprit].name.clone());
    if missing == Missing::Refuse {
        let value = match numbers[culprit][first] {
            value if value.is_nan() => "missing",
            value if value > 0.0 => "inf",
            _ => "-inf",
        };
        return Err(DataError::MissingValues { path, row: first as u64 + 1, column, value, count, rows: table.rows() });
    }
    if count == table.rows() {
        return Err(DataError::NoUsableRows { path, rows: table.rows(), column });
    }
    Ok((0_u64..).zip(&finite).filter(|&(_, &flag)| flag).map(|(row, _)| row).collect())
}
