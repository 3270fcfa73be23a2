//! Archives written.

use std::io::{self, Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::FORMAT;
use crate::formats::npy::{check_exact, header_bytes};
use crate::table::{Column, TextColumn, Values};
use crate::{DataError, Table};

/// Bytes gathered before they are compressed.
const BUFFER_BYTES: usize = 1 << 16;
/// Bytes from which a member needs the format's wide sizes; less than 2^32 to be safe.
const LARGE_BYTES: u64 = 1 << 31;
/// Longest name of a member in bytes.
const LONGEST_NAME: usize = u16::MAX as usize - 4;

/// Can one array per column hold this table?
pub(crate) fn check(table: &Table, name: &str) -> Result<(), DataError> {
    if table.columns().is_empty() {
        let reason = format!("a table without columns cannot be written as {FORMAT}");
        return Err(DataError::Unwritable { path: name.to_owned(), reason });
    }
    for column in table.columns() {
        if column.name.len() > LONGEST_NAME {
            let reason =
                format!("column \"{}\" has a name too long for {FORMAT}", crate::suggest::excerpt(&column.name));
            return Err(DataError::Unwritable { path: name.to_owned(), reason });
        }
        // Missing integers make a column of floats.
        if matches!(&column.values, Values::Integer(integers) if integers.has_missing()) {
            check_exact(column, name, "float64, which missing values need,")?;
        }
    }
    Ok(())
}

/// Writes one array per column, compressed; the same bytes every time.
pub(crate) fn write(table: &Table, output: &mut dyn Write) -> io::Result<()> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for column in table.columns() {
        let array = Array::of(column);
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            // 1980-01-01, the first day of the format.
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644)
            .large_file(array.bytes(column.len()) >= LARGE_BYTES);
        archive.start_file(format!("{}.npy", column.name), options)?;
        array.write(column.len(), &mut archive)?;
    }
    output.write_all(archive.finish()?.get_ref())
}

/// A column as an array.
enum Array<'a> {
    Float64(&'a [f64]),
    Float32(&'a [f32]),
    Integer(&'a [i64]),
    Boolean(&'a [bool]),
    /// Integers or booleans some of which are missing: floats.
    WithMissing(&'a Column),
    Text {
        cells: &'a TextColumn,
        /// Letters of the longest cell, at least 1.
        width: usize,
    },
}

impl<'a> Array<'a> {
    fn of(column: &'a Column) -> Self {
        match &column.values {
            Values::Float64(values) => Self::Float64(values),
            Values::Float32(values) => Self::Float32(values),
            Values::Integer(integers) if !integers.has_missing() => Self::Integer(&integers.values),
            Values::Boolean(booleans) if !booleans.has_missing() => Self::Boolean(&booleans.values),
            Values::Integer(_) | Values::Boolean(_) => Self::WithMissing(column),
            Values::Text(cells) => {
                Self::Text { cells, width: cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0).max(1) }
            }
        }
    }

    fn descr(&self) -> String {
        match self {
            Self::Float64(_) | Self::WithMissing(_) => "<f8".to_owned(),
            Self::Float32(_) => "<f4".to_owned(),
            Self::Integer(_) => "<i8".to_owned(),
            Self::Boolean(_) => "|b1".to_owned(),
            Self::Text { width, .. } => format!("<U{width}"),
        }
    }

    /// Bytes of the array without its header.
    fn bytes(&self, rows: usize) -> u64 {
        let size = match self {
            Self::Float64(_) | Self::WithMissing(_) | Self::Integer(_) => 8,
            Self::Float32(_) => 4,
            Self::Boolean(_) => 1,
            Self::Text { width, .. } => 4 * *width as u64,
        };
        size * rows as u64
    }

    fn write(&self, rows: usize, output: &mut impl Write) -> io::Result<()> {
        output.write_all(&header_bytes(&self.descr(), &format!("({rows},)")))?;
        let mut buffer = Vec::with_capacity(2 * BUFFER_BYTES);
        for row in 0..rows {
            match self {
                Self::Float64(values) => buffer.extend_from_slice(&values[row].to_le_bytes()),
                Self::Float32(values) => buffer.extend_from_slice(&values[row].to_le_bytes()),
                Self::Integer(values) => buffer.extend_from_slice(&values[row].to_le_bytes()),
                Self::Boolean(values) => buffer.push(u8::from(values[row])),
                Self::WithMissing(column) => {
                    buffer.extend_from_slice(&column.value(row).unwrap_or(f64::NAN).to_le_bytes());
                }
                Self::Text { cells, width } => {
                    let end = buffer.len() + 4 * width;
                    for letter in cells.get(row).unwrap_or_default().chars() {
                        buffer.extend_from_slice(&u32::from(letter).to_le_bytes());
                    }
                    buffer.resize(end, 0);
                }
            }
            if buffer.len() >= BUFFER_BYTES {
                output.write_all(&buffer)?;
                buffer.clear();
            }
        }
        output.write_all(&buffer)
    }
}
