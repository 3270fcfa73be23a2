//! Stored elements made into values.

use super::FORMAT;
use super::card::letters;
use super::element::{Element, Scale, Stored};
use crate::DataError;
use crate::suggest::excerpt;
use crate::table::{TextColumn, Values};

/// Where an element is in every record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its first byte.
    pub(super) offset: usize,
    /// Its bit in that byte, from the highest.
    pub(super) bit: u8,
}

/// What cannot be made into a value: in which record of those that were given, and why.
pub(super) struct Failure {
    pub(super) record: usize,
    pub(super) reason: String,
}

impl Failure {
    /// The error, for records that begin with `first` (from 0).
    pub(super) fn error(self, path: &str, column: &str, first: u64) -> DataError {
        let (path, row) = (path.to_owned(), first + self.record as u64 + 1);
        let reason = format!("row {row}, column \"{}\": {}", excerpt(column), self.reason);
        DataError::Malformed { path, format: FORMAT, reason }
    }
}

/// Appends one value for each record of `stride` bytes to `values`, which are of the type of the element.
pub(super) fn extend(
    values: &mut Values,
    records: &[u8],
    stride: usize,
    place: Place,
    element: &Element,
) -> Result<(), Failure> {
    let offset = place.offset;
    match (element.stored, values) {
        (Stored::Single, Values::Float32(all)) => all.extend(cells(records, stride, offset).map(f32::from_be_bytes)),
        (Stored::Double, Values::Float64(all)) if element.scale == Scale::None => {
            all.extend(cells(records, stride, offset).map(f64::from_be_bytes));
        }
        (Stored::Single | Stored::Double, Values::Float64(all)) => {
            let Scale::Linear { scale, zero } = element.scale else { return Ok(()) };
            let scaled = |value: f64| value * scale + zero;
            match element.stored {
                Stored::Single => {
                    all.extend(cells(records, stride, offset).map(|cell| scaled(f64::from(f32::from_be_bytes(cell)))));
                }
                _ => all.extend(cells(records, stride, offset).map(|cell| scaled(f64::from_be_bytes(cell)))),
            }
        }
        (Stored::Byte, values) => {
            integers(values, cells(records, stride, offset).map(|[cell]: [u8; 1]| i64::from(cell)), element)?
        }
        (Stored::Short, values) => {
            integers(values, cells(records, stride, offset).map(|cell| i64::from(i16::from_be_bytes(cell))), element)?;
        }
        (Stored::Int, values) => {
            integers(values, cells(records, stride, offset).map(|cell| i64::from(i32::from_be_bytes(cell))), element)?;
        }
        (Stored::Long, values) => integers(values, cells(records, stride, offset).map(i64::from_be_bytes), element)?,
        (Stored::Logical, Values::Boolean(column)) => {
            for [cell] in cells(records, stride, offset) {
                column.push(match cell {
                    b'T' => Some(true),
                    b'F' => Some(false),
                    _ => None,
                });
            }
        }
        (Stored::Bit, Values::Boolean(column)) => {
            let bit = 0x80 >> place.bit;
            column.values.extend(cells(records, stride, offset).map(|[cell]: [u8; 1]| cell & bit != 0));
        }
        (Stored::Text(width), Values::Text(column)) => {
            for record in records.chunks_exact(stride.max(1)) {
                push_text(column, record.get(offset..offset + width).unwrap_or_default());
            }
        }
        (Stored::WrittenInteger(width) | Stored::WrittenReal(width, _), values) => {
            for (at, record) in records.chunks_exact(stride.max(1)).enumerate() {
                let cell = letters(record.get(offset..offset + width).unwrap_or_default());
                push_written(values, cell.trim(), element).map_err(|reason| Failure { record: at, reason })?;
            }
        }
        // Values are made by the type of the element.
        _ => {}
    }
    Ok(())
}

/// The bytes of an element in each record.
fn cells<const N: usize>(records: &[u8], stride: usize, offset: usize) -> impl Iterator<Item = [u8; N]> {
    let cell = move |record: &[u8]| record.get(offset..).and_then(|rest| rest.first_chunk().copied()).unwrap_or([0; N]);
    records.chunks_exact(stride.max(1)).map(cell)
}

/// Appends integers as they are, or scaled.
fn integers(values: &mut Values, stored: impl Iterator<Item = i64>, element: &Element) -> Result<(), Failure> {
    match (values, element.scale) {
        (Values::Float64(all), Scale::Linear { scale, zero }) => {
            let is_missing = |value: i64| element.null == Some(value);
            all.extend(stored.map(|value| if is_missing(value) { f64::NAN } else { value as f64 * scale + zero }));
        }
        (Values::Integer(column), Scale::Unsigned) => {
            for (record, value) in stored.enumerate() {
                // Half the range below zero is what can be held.
                let unsigned = (value as u64) ^ (1 << 63);
                let signed = i64::try_from(unsigned);
                match signed {
                    _ if element.null == Some(value) => column.push(None),
                    Ok(signed) => column.push(Some(signed)),
                    Err(_) => {
                        let reason = format!("{unsigned} is beyond 2^63 - 1; name the columns without it");
                        return Err(Failure { record, reason });
                    }
                }
            }
        }
        (Values::Integer(column), scale) => {
            let offset = if let Scale::Offset(offset) = scale { offset } else { 0 };
            match element.null {
                None if column.missing.is_empty() => column.values.extend(stored.map(|value| value + offset)),
                null => stored.for_each(|value| column.push((null != Some(value)).then_some(value + offset))),
            }
        }
        _ => {}
    }
    Ok(())
}

/// Appends text: up to the first NUL, without blanks that fill it up. What begins with NUL is missing
/// (section 7.3.3.1 of the standard).
fn push_text(column: &mut TextColumn, cell: &[u8]) {
    let end = cell.iter().position(|byte| *byte == 0);
    if end == Some(0) {
        column.push_missing();
        return;
    }
    let text = &cell[..end.unwrap_or(cell.len())];
    let filled = text.trim_ascii_end();
    // Blanks before a NUL are part of the text, unless it has nothing else.
    let text = if end.is_some() && !filled.is_empty() { text } else { filled };
    match std::str::from_utf8(text) {
        Ok(text) => column.push(text),
        Err(_) => column.push(&letters(text)),
    }
}

/// Appends a number as a table of letters has it.
fn push_written(values: &mut Values, cell: &str, element: &Element) -> Result<(), String> {
    let is_missing = cell.is_empty() || element.blank.as_deref() == Some(cell);
    let wrong = || format!("\"{}\" is no number", excerpt(cell));
    let scaled = |value: f64| match element.scale {
        Scale::Linear { scale, zero } => value * scale + zero,
        _ => value,
    };
    match (element.stored, values) {
        (_, Values::Integer(column)) if is_missing => column.push(None),
        (_, Values::Float64(all)) if is_missing => all.push(f64::NAN),
        (Stored::WrittenInteger(_), Values::Integer(column)) => column.push(Some(cell.parse().map_err(|_| wrong())?)),
        (Stored::WrittenInteger(_), Values::Float64(all)) => {
            all.push(scaled(cell.parse::<i64>().map_err(|_| wrong())? as f64));
        }
        (Stored::WrittenReal(_, decimals), Values::Float64(all)) => {
            let has_point = cell.contains(['.', 'e', 'E', 'd', 'D']);
            let value = crate::formats::parse_number(cell).ok_or_else(wrong)?;
            // Digits without a point: the last ones are decimals (section 7.2.5).
            let decimals = if has_point { 0 } else { decimals.min(22) };
            all.push(scaled(value / 10_f64.powi(decimals as i32)));
        }
        _ => {}
    }
    Ok(())
}
