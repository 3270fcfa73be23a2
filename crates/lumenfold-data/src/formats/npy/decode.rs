//! The elements of an array, made into columns.

use std::io::Read;

use half::f16;

use super::FORMAT;
use super::element::{Element, Field, Kind};
use super::header::{Header, read_failed};
use crate::DataError;
use crate::budget::Budget;
use crate::table::Values;

/// Bytes read at a time, at least one row.
const CHUNK_BYTES: u64 = 1 << 18;
/// Values for which memory is asked at first; a column then grows as its values arrive.
const FIRST_CAPACITY: u64 = 1 << 20;

/// Reads the elements and makes the selected columns, in the order of `selected`, which ascends.
pub(crate) fn decode(
    reader: &mut dyn Read,
    header: &Header,
    selected: &[usize],
    budget: &mut Budget,
) -> Result<Vec<Values>, DataError> {
    for &index in selected {
        budget.take_values(header.rows, header.fields[index].element.memory())?;
    }
    let mut columns: Vec<Values> =
        selected.iter().map(|&index| empty(header.fields[index].element, header.rows)).collect();
    if header.fortran_order {
        // The columns that are selected, in the order of their blocks.
        let mut blocks: Vec<(usize, usize)> =
            selected.iter().enumerate().map(|(at, &index)| (header.block(index), at)).collect();
        blocks.sort_unstable();
        let mut blocks = blocks.into_iter().peekable();
        for (block, field) in header.fields.iter().enumerate() {
            let mut column = blocks.next_if(|(wanted, _)| *wanted == block).map(|(_, at)| &mut columns[at]);
            for_chunks(reader, header.rows, field.element.size, budget, |chunk, first_row| match &mut column {
                Some(column) => extend(column, chunk, field.element.size, field, first_row),
                None => Ok(()),
            })?;
        }
    } else {
        for_chunks(reader, header.rows, header.row_bytes, budget, |chunk, first_row| {
            for (column, &index) in columns.iter_mut().zip(selected) {
                extend(column, chunk, header.row_bytes, &header.fields[index], first_row)?;
            }
            Ok(())
        })?;
    }
    Ok(columns)
}

/// Reads `count` rows from `first` on, from a file: `place` gives a reader that stands at an offset from the first
/// element.
pub(super) fn decode_rows<R: Read>(
    place: impl Fn(u64) -> R,
    header: &Header,
    selected: &[usize],
    first: u64,
    count: u64,
    budget: &mut Budget,
) -> Result<Vec<Values>, DataError> {
    for &index in selected {
        budget.take_values(count, header.fields[index].element.memory())?;
    }
    let mut columns: Vec<Values> = selected.iter().map(|&index| empty(header.fields[index].element, count)).collect();
    // The rows are in the file. Where there is no memory for them, the columns grow until that is found out.
    columns.iter_mut().for_each(|values| values.expect(usize::try_from(count).unwrap_or(0)));
    if header.fortran_order {
        for (column, &index) in columns.iter_mut().zip(selected) {
            let field = &header.fields[index];
            let size = field.element.size;
            let mut reader = place((header.block(index) as u64 * header.rows + first) * size);
            for_chunks(&mut reader, count, size, budget, |chunk, row| extend(column, chunk, size, field, first + row))?;
        }
    } else {
        for_chunks(&mut place(first * header.row_bytes), count, header.row_bytes, budget, |chunk, row| {
            for (column, &index) in columns.iter_mut().zip(selected) {
                extend(column, chunk, header.row_bytes, &header.fields[index], first + row)?;
            }
            Ok(())
        })?;
    }
    Ok(columns)
}

/// Reads `rows` rows of `row_bytes` bytes and passes them on in chunks, each with the number of its first row.
fn for_chunks(
    reader: &mut dyn Read,
    rows: u64,
    row_bytes: u64,
    budget: &Budget,
    mut use_chunk: impl FnMut(&[u8], u64) -> Result<(), String>,
) -> Result<(), DataError> {
    let rows_per_chunk = (CHUNK_BYTES / row_bytes.max(1)).max(1);
    let mut chunk = vec![0; (rows_per_chunk.min(rows) * row_bytes) as usize];
    let mut row = 0;
    while row < rows {
        let count = rows_per_chunk.min(rows - row);
        let bytes = &mut chunk[..(count * row_bytes) as usize];
        reader.read_exact(bytes).map_err(|error| read_failed(error, budget))?;
        use_chunk(bytes, row).map_err(|reason| budget.malformed(FORMAT, reason))?;
        row += count;
    }
    Ok(())
}

/// A column for elements of this type, still empty.
fn empty(element: Element, rows: u64) -> Values {
    element.value_type().empty(rows.min(FIRST_CAPACITY) as usize)
}

/// Appends one field of each row of a chunk to its column. The error says what is wrong in which row.
pub(crate) fn extend(
    column: &mut Values,
    chunk: &[u8],
    row_bytes: u64,
    field: &Field,
    first_row: u64,
) -> Result<(), String> {
    let Element { kind, size, big_endian } = field.element;
    let (start, end) = (field.offset as usize, (field.offset + size) as usize);
    if row_bytes == 0 {
        return Err("its elements have no bytes".to_owned());
    }
    let cells = chunk.chunks_exact(row_bytes as usize).map(|row| &row[start..end]);
    match column {
        Values::Float64(values) if big_endian => values.extend(words(cells).map(f64::from_be_bytes)),
        Values::Float64(values) => values.extend(words(cells).map(f64::from_le_bytes)),
        Values::Float32(values) if size == 2 => {
            values.extend(cells.map(|cell| f16::from_bits(bits(cell, big_endian) as u16).to_f32()));
        }
        Values::Float32(values) if big_endian => values.extend(words(cells).map(f32::from_be_bytes)),
        Values::Float32(values) => values.extend(words(cells).map(f32::from_le_bytes)),
        Values::Boolean(booleans) => booleans.values.extend(cells.map(|cell| cell != [0])),
        Values::Integer(integers) if kind == Kind::Signed && size == 8 && !big_endian => {
            integers.values.extend(words(cells).map(i64::from_le_bytes));
        }
        Values::Integer(integers) if kind == Kind::Signed => {
            let unused = 64 - 8 * size as u32;
            // To the left and back again: the sign comes along.
            let signed = |cell| ((bits(cell, big_endian) << unused) as i64) >> unused;
            integers.values.extend(cells.map(signed));
        }
        Values::Integer(integers) if size == 1 => integers.values.extend(words(cells).map(|[byte]| i64::from(byte))),
        Values::Integer(integers) => {
            for (row, cell) in (first_row..).zip(cells) {
                let value = bits(cell, big_endian);
                let value = i64::try_from(value).map_err(|_| {
                    format!(
                        "row {}: {value} does not fit in a signed 64-bit integer; save it as float64 or text",
                        row + 1
                    )
                })?;
                integers.values.push(value);
            }
        }
        Values::Text(text) => {
            let mut buffer = String::new();
            for (row, cell) in (first_row..).zip(cells) {
                buffer.clear();
                let valid = match kind {
                    Kind::Ascii => push_bytes(cell, &mut buffer),
                    _ => push_unicode(cell, big_endian, &mut buffer),
                };
                if !valid {
                    return Err(format!("row {}: its text is not valid", row + 1));
                }
                text.push(&buffer);
            }
        }
    }
    Ok(())
}

/// Cells of `N` bytes as arrays, which become numbers without a look at each byte.
pub(super) fn words<'a, const N: usize>(cells: impl Iterator<Item = &'a [u8]>) -> impl Iterator<Item = [u8; N]> {
    cells.map(|cell| cell.try_into().unwrap_or([0; N]))
}

/// Up to eight bytes as an unsigned integer.
pub(crate) fn bits(cell: &[u8], big_endian: bool) -> u64 {
    let join = |bits: u64, byte: &u8| (bits << 8) | u64::from(*byte);
    if big_endian { cell.iter().fold(0, join) } else { cell.iter().rev().fold(0, join) }
}

/// A number of up to eight bytes; a truth value is 0 or 1.
pub(crate) fn number(kind: Kind, cell: &[u8], big_endian: bool) -> f64 {
    let raw = bits(cell, big_endian);
    let unused = 64 - 8 * cell.len().clamp(1, 8) as u32;
    match (kind, cell.len()) {
        (Kind::Float, 8) => f64::from_bits(raw),
        (Kind::Float, 4) => f64::from(f32::from_bits(raw as u32)),
        (Kind::Float, _) => f16::from_bits(raw as u16).to_f64(),
        (Kind::Signed, _) => (((raw << unused) as i64) >> unused) as f64,
        (Kind::Boolean, _) => f64::from(u8::from(raw != 0)),
        _ => raw as f64,
    }
}

/// Appends UTF-32 without the zeros at its end; false if it is no text.
fn push_unicode(cell: &[u8], big_endian: bool, text: &mut String) -> bool {
    for letter in cell.chunks_exact(4) {
        match char::from_u32(bits(letter, big_endian) as u32) {
            Some(letter) => text.push(letter),
            None => return false,
        }
    }
    text.truncate(text.trim_end_matches('\0').len());
    true
}

/// Appends bytes without the zeros at their end; false if they are not UTF-8.
fn push_bytes(cell: &[u8], text: &mut String) -> bool {
    let end = cell.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    match std::str::from_utf8(&cell[..end]) {
        Ok(valid) => {
            text.push_str(valid);
            true
        }
        Err(_) => false,
    }
}
