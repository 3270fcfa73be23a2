//! Cells as text.

use std::fmt::Write as _;

use super::values::Values;

/// Appends the cell in `row` to `text`; nothing for a missing cell.
///
/// Floats use the shortest digits that round-trip, always with a point or an exponent, so that a column of floats is
/// still one when it is read again: `20.0`, `1e-7`.
pub(super) fn push(values: &Values, row: usize, text: &mut String) {
    // Writing to a String cannot fail.
    let _ = match values {
        Values::Float64(values) => match values.get(row) {
            Some(value) if !value.is_nan() => write!(text, "{value:?}"),
            _ => Ok(()),
        },
        Values::Float32(values) => match values.get(row) {
            Some(value) if !value.is_nan() => write!(text, "{value:?}"),
            _ => Ok(()),
        },
        Values::Integer(column) => match column.get(row) {
            Some(value) => write!(text, "{value}"),
            None => Ok(()),
        },
        Values::Boolean(column) => match column.get(row) {
            Some(value) => write!(text, "{value}"),
            None => Ok(()),
        },
        Values::Text(column) => {
            text.push_str(column.get(row).unwrap_or_default());
            Ok(())
        }
    };
}
