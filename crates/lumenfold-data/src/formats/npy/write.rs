//! Arrays written.

use std::io::{self, Write};

use super::FORMAT;
use crate::table::{Column, Values};
use crate::{DataError, Table};

/// The data of a file begin at a multiple of this, as NumPy has it.
const ALIGNMENT: usize = 64;
/// Bytes gathered before they are passed on.
const BUFFER_BYTES: usize = 1 << 16;
/// Integers up to this are exact as 64-bit floats.
pub(crate) const EXACT_INTEGER: u64 = 1 << 53;

/// Can one matrix of numbers hold this table?
pub(crate) fn check(table: &Table, name: &str) -> Result<(), DataError> {
    let texts = table.columns().iter().filter(|column| matches!(column.values, Values::Text(_)));
    let columns: Vec<String> = texts.map(|column| column.name.clone()).collect();
    if !columns.is_empty() {
        return Err(DataError::TextInArray { path: name.to_owned(), columns });
    }
    if table.columns().is_empty() {
        let reason = format!("a table without columns cannot be written as {FORMAT}");
        return Err(DataError::Unwritable { path: name.to_owned(), reason });
    }
    table.columns().iter().try_for_each(|column| check_exact(column, name, "float64"))
}

/// Refuses integers that a float would round.
pub(crate) fn check_exact(column: &Column, name: &str, format: &'static str) -> Result<(), DataError> {
    let Values::Integer(integers) = &column.values else { return Ok(()) };
    match integers.values.iter().find(|value| value.unsigned_abs() > EXACT_INTEGER) {
        None => Ok(()),
        Some(&value) => {
            let (path, column) = (name.to_owned(), column.name.clone());
            Err(DataError::InexactInteger { path, column, value, format })
        }
    }
}

/// Writes all columns as one matrix: 32-bit floats if every column is of these, else 64-bit floats.
pub(crate) fn write(table: &Table, output: &mut dyn Write) -> io::Result<()> {
    let columns = table.columns();
    let singles: Option<Vec<&Vec<f32>>> = columns
        .iter()
        .map(|column| match &column.values {
            Values::Float32(values) => Some(values),
            _ => None,
        })
        .collect();
    let descr = if singles.is_some() { "<f4" } else { "<f8" };
    output.write_all(&header_bytes(descr, &format!("({}, {})", table.rows(), columns.len())))?;
    let mut buffer = Vec::with_capacity(2 * BUFFER_BYTES);
    for row in 0..table.rows() {
        match &singles {
            Some(singles) => singles.iter().for_each(|values| buffer.extend_from_slice(&values[row].to_le_bytes())),
            None => {
                for column in columns {
                    buffer.extend_from_slice(&column.value(row).unwrap_or(f64::NAN).to_le_bytes());
                }
            }
        }
        if buffer.len() >= BUFFER_BYTES {
            output.write_all(&buffer)?;
            buffer.clear();
        }
    }
    output.write_all(&buffer)
}

/// The header of an array in C order: magic, version, length and the padded dictionary.
pub(crate) fn header_bytes(descr: &str, shape: &str) -> Vec<u8> {
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let unpadded = 10 + text.len() + 1;
    text.extend(std::iter::repeat_n(' ', unpadded.next_multiple_of(ALIGNMENT) - unpadded));
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    // A type and a shape never need more than the 65535 bytes that version 1 allows.
    bytes.extend_from_slice(&(text.len() as u16).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
    bytes
}
