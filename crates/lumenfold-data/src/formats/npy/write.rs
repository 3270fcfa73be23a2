//! Arrays written.

use std::io::{self, Seek, SeekFrom, Write};

use super::FORMAT;
use crate::axis::{Gridded, shape, shape_in_words};
use crate::table::{Column, ColumnHead, ValueType, Values};
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
    let gridded = table.gridded().filter(|gridded| gridded.axes.len() > 1);
    if let Some(gridded) = gridded.filter(|gridded| gridded.columns.len() < table.columns().len()) {
        let shape = shape_in_words(&gridded.axes);
        let reason =
            format!("an array of samples of {shape} has no room for other columns; write .npz, or leave them out");
        return Err(DataError::Unwritable { path: name.to_owned(), reason });
    }
    table.columns().iter().try_for_each(|column| check_exact(column, name, "float64"))
}

/// Refuses integers that a float would round.
fn check_exact(column: &Column, name: &str, format: &'static str) -> Result<(), DataError> {
    let Values::Integer(integers) = &column.values else { return Ok(()) };
    match integers.values.iter().find(|value| value.unsigned_abs() > EXACT_INTEGER) {
        None => Ok(()),
        Some(&value) => {
            let (path, column) = (name.to_owned(), column.name.clone());
            Err(DataError::InexactInteger { path, column, value, format })
        }
    }
}

/// Writes all columns as one matrix, row by row: 32-bit floats if every column is of these, else 64-bit floats.
pub(crate) struct NpyEncoder<W: Write + Seek> {
    output: W,
    descr: &'static str,
    width: usize,
    // What a row is: its columns, or the sizes of its axes.
    shape: Vec<usize>,
    rows: u64,
}

impl<W: Write + Seek> NpyEncoder<W> {
    /// `columns` are those of every block, with their axes if they have some; `output` is empty.
    pub(crate) fn new(mut output: W, columns: &[ColumnHead], gridded: Option<&Gridded>) -> io::Result<Self> {
        let singles = columns.iter().all(|column| column.value_type == ValueType::Float32);
        let (descr, width) = (if singles { "<f4" } else { "<f8" }, columns.len());
        // The number of rows is known at the end. Headers of any number are equally long: see the test.
        let shape = match gridded {
            Some(gridded) if gridded.columns.len() == width && !gridded.axes.is_empty() => shape(&gridded.axes),
            _ => vec![width],
        };
        output.write_all(&array_header(descr, 0, &shape))?;
        Ok(Self { output, descr, width, shape, rows: 0 })
    }

    pub(crate) fn write(&mut self, block: &Table) -> io::Result<()> {
        let size = if self.descr == "<f4" { 4 } else { 8 };
        let step = (BUFFER_BYTES / (size * self.width)).max(1);
        let mut buffer = vec![0; step * size * self.width];
        for start in (0..block.rows()).step_by(step) {
            let end = block.rows().min(start + step);
            let bytes = &mut buffer[..(end - start) * size * self.width];
            for (index, column) in block.columns().iter().enumerate() {
                let cells = bytes.chunks_exact_mut(size * self.width).map(|row| &mut row[index * size..][..size]);
                match &column.values {
                    Values::Float32(values) if size == 4 => {
                        cells
                            .zip(&values[start..end])
                            .for_each(|(cell, value)| cell.copy_from_slice(&value.to_le_bytes()));
                    }
                    Values::Float64(values) if size == 8 => {
                        cells
                            .zip(&values[start..end])
                            .for_each(|(cell, value)| cell.copy_from_slice(&value.to_le_bytes()));
                    }
                    _ => {
                        for (row, cell) in (start..end).zip(cells) {
                            cell.copy_from_slice(&column.value(row).unwrap_or(f64::NAN).to_le_bytes());
                        }
                    }
                }
            }
            self.output.write_all(bytes)?;
        }
        self.rows += block.rows() as u64;
        Ok(())
    }

    /// Writes the number of rows, and gives back the output.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.output.seek(SeekFrom::Start(0))?;
        self.output.write_all(&array_header(self.descr, self.rows, &self.shape))?;
        self.output.seek(SeekFrom::End(0))?;
        Ok(self.output)
    }
}

/// The header of an array of rows of this shape; equally long for any number of rows.
fn array_header(descr: &str, rows: u64, shape: &[usize]) -> Vec<u8> {
    let longest = dictionary(descr, u64::MAX, shape).len();
    padded(dictionary(descr, rows, shape), longest)
}

/// The header of an array in C order: magic, version, length and the padded dictionary. `shape` are the sizes of all
/// dimensions but that of the rows.
pub(crate) fn header_bytes(descr: &str, rows: u64, shape: &[usize]) -> Vec<u8> {
    padded(dictionary(descr, rows, shape), 0)
}

/// The header of an array without dimensions: one number.
pub(crate) fn scalar_header_bytes(descr: &str) -> Vec<u8> {
    padded(format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (), }}"), 0)
}

fn dictionary(descr: &str, rows: u64, shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({rows}, {}), }}", sizes.join(", "))
        .replace(", )", ",)")
}

/// The bytes of a header whose dictionary has room for so many bytes at least.
fn padded(mut text: String, least: usize) -> Vec<u8> {
    let unpadded = 10 + text.len().max(least) + 1;
    text.extend(std::iter::repeat_n(' ', unpadded.next_multiple_of(ALIGNMENT) - 11 - text.len()));
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    // A type and a shape never need more than the 65535 bytes that version 1 allows.
    bytes.extend_from_slice(&(text.len() as u16).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_any_number_of_rows_are_equally_long() {
        for (shape, length) in [
            (&[1][..], 128),
            (&[1000], 128),
            (&[usize::MAX], 128),
            (&[28, 28], 128),
            (&[1 << 17, 2, 2, 1, 1], 128),
            (&[1 << 13, 2, 2, 2, 2, 2, 2, 2], 128),
            (&[1 << 20; 8], 192),
        ] {
            for rows in [0, 9, u64::from(u32::MAX), u64::MAX] {
                assert_eq!(array_header("<f8", rows, shape).len(), length, "{shape:?}");
            }
        }
        assert!(header_bytes("<f8", 3, &[]).windows(12).any(|bytes| bytes == b"'shape': (3,"));
    }
}
