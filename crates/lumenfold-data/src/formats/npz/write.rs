//! Archives written.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::FORMAT;
use crate::axis::{Axis, Gridded, shape};
use crate::formats::npy::{EXACT_INTEGER, header_bytes};
use crate::formats::waiting::copy_pieces;
use crate::table::{Column, ColumnHead, ValueType, Values};
use crate::{DataError, Table};

/// Bytes gathered before they are compressed.
const BUFFER_BYTES: usize = 1 << 16;
/// Bytes from which a member needs the format's wide sizes; less than 2^32 to be safe.
pub(crate) const LARGE_BYTES: u64 = 1 << 31;
/// The name of the array of samples with axes, and of that of their standard errors.
pub(crate) const DATA: &str = "data";
const ERRORS: &str = "errors";
/// Longest name of a member in bytes.
const LONGEST_NAME: usize = u16::MAX as usize - 4;

/// Can one array per column hold this table?
pub(crate) fn check(table: &Table, name: &str) -> Result<(), DataError> {
    if table.columns().is_empty() {
        let reason = format!("a table without columns cannot be written as {FORMAT}");
        return Err(DataError::Unwritable { path: name.to_owned(), reason });
    }
    let gridded = table.gridded().filter(|gridded| !gridded.axes.is_empty());
    let is_own = |at: &usize| gridded.is_some_and(|gridded| gridded.holds(*at));
    let others = table.columns().iter().enumerate().filter(|(at, _)| !is_own(at)).map(|(_, column)| column);
    if let Some(gridded) = gridded {
        let is_taken = |name: &str| {
            name == DATA
                || (name == ERRORS && gridded.errors.is_some())
                || gridded.axes.iter().any(|axis| axis.array_name() == name)
        };
        if let Some(column) = others.clone().find(|column| is_taken(&column.name)) {
            let name_of_column = crate::suggest::excerpt(&column.name);
            let reason = format!(
                "column \"{name_of_column}\" has the name of the samples or of one of their axes; leave it out"
            );
            return Err(DataError::Unwritable { path: name.to_owned(), reason });
        }
    }
    for column in others {
        if column.name.len() > LONGEST_NAME {
            let reason =
                format!("column \"{}\" has a name too long for {FORMAT}", crate::suggest::excerpt(&column.name));
            return Err(DataError::Unwritable { path: name.to_owned(), reason });
        }
    }
    Ok(())
}

/// Writes one array per column, compressed; the same bytes every time.
///
/// An archive holds one array after the other, while rows come with all columns at once: their values go to a temporary
/// file first.
pub(crate) struct NpzEncoder<W: Write + Seek> {
    output: W,
    values: File,
    /// Bytes in `values`.
    length: u64,
    columns: Vec<Kept>,
    axes: Vec<Axis>,
    rows: u64,
}

/// An array of which the values are kept.
struct Kept {
    name: String,
    /// The columns of the table that it is made of: one, but for samples with axes.
    own: Range<usize>,
    /// The sizes of its dimensions beside that of the rows.
    shape: Vec<usize>,
    /// Where its values are, in order: offset and length.
    pieces: Vec<(u64, u64)>,
    missing: bool,
    /// The first integer that a float would round.
    inexact: Option<i64>,
    form: Form,
}

/// How the values of a column are kept.
enum Form {
    Float64,
    Float32,
    /// The values of a row one after the other, in four or eight bytes.
    Rows {
        size: usize,
    },
    /// Eight bytes, then 1 for a missing value.
    Integer,
    /// One byte, then 1 for a missing value.
    Boolean,
    /// The length in eight bytes, then UTF-8. The width is that of the longest cell in letters, at least 1.
    Text {
        width: usize,
    },
}

impl<W: Write + Seek> NpzEncoder<W> {
    /// `columns` are those of every block, `values` and `output` are empty.
    pub(crate) fn new(output: W, values: File, columns: &[ColumnHead], gridded: Option<&Gridded>) -> Self {
        let kept = |(at, column): (usize, &ColumnHead)| Kept {
            name: column.name.clone(),
            own: at..at + 1,
            shape: Vec::new(),
            pieces: Vec::new(),
            missing: false,
            inexact: None,
            form: match column.value_type {
                ValueType::Float64 => Form::Float64,
                ValueType::Float32 => Form::Float32,
                ValueType::Integer => Form::Integer,
                ValueType::Boolean => Form::Boolean,
                ValueType::Text => Form::Text { width: 1 },
            },
        };
        let gridded = gridded.filter(|gridded| !gridded.axes.is_empty());
        let is_own = |at: usize| gridded.is_some_and(|gridded| gridded.holds(at));
        let mut kept: Vec<Kept> = columns.iter().enumerate().filter(|(at, _)| !is_own(*at)).map(kept).collect();
        let mut axes = Vec::new();
        if let Some(gridded) = gridded {
            if let Some(errors) = &gridded.errors {
                kept.insert(0, Kept::of_array(ERRORS, errors.clone(), gridded, columns));
            }
            kept.insert(0, Kept::of_array(DATA, gridded.columns.clone(), gridded, columns));
            // Bins of several axes that are merely counted are known from the shape.
            if gridded.axes.len() == 1 || !gridded.axes.iter().all(Axis::is_counted) {
                axes.clone_from(&gridded.axes);
            }
        }
        Self { output, values, length: 0, columns: kept, axes, rows: 0 }
    }

    pub(crate) fn write(&mut self, block: &Table) -> io::Result<()> {
        let mut buffer = Vec::new();
        for kept in &mut self.columns {
            let start = self.length;
            let step = (BUFFER_BYTES / 8 / kept.own.len()).max(1);
            for first in (0..block.rows()).step_by(step) {
                buffer.clear();
                let rows = first..block.rows().min(first + step);
                match (&kept.form, &block.columns()[kept.own.clone()]) {
                    (Form::Rows { size }, columns) => push_rows(columns, rows, *size, &mut buffer),
                    (_, [column, ..]) => kept.push(&column.values, rows, &mut buffer),
                    (_, []) => {}
                }
                self.values.write_all(&buffer)?;
                self.length += buffer.len() as u64;
            }
            kept.pieces.push((start, self.length - start));
        }
        self.rows += block.rows() as u64;
        Ok(())
    }

    /// Writes the archive, and gives back the output. The error of the inner result is about the values.
    pub(crate) fn finish(mut self, name: &str) -> io::Result<Result<W, DataError>> {
        for column in &self.columns {
            // Missing integers make a column of floats.
            if let (true, Some(value)) = (column.missing, column.inexact) {
                let format = "float64, which missing values need,";
                let (path, column) = (name.to_owned(), column.name.clone());
                return Ok(Err(DataError::InexactInteger { path, column, value, format }));
            }
        }
        let mut archive = ZipWriter::new(&mut self.output);
        let (array, columns) = match self.axes.is_empty() {
            true => (&[][..], &self.columns[..]),
            false => self.columns.split_at(1),
        };
        for column in array {
            column.write(&mut self.values, self.rows, &mut archive)?;
        }
        grids_written(&mut archive, &self.axes, self.rows)?;
        for column in columns {
            column.write(&mut self.values, self.rows, &mut archive)?;
        }
        archive.finish()?;
        self.output.seek(SeekFrom::End(0))?;
        Ok(Ok(self.output))
    }
}

/// Writes the grids of the axes of samples, of which there are so many, as members of their own.
pub(crate) fn grids_written<W: Write + Seek>(archive: &mut ZipWriter<W>, axes: &[Axis], rows: u64) -> io::Result<()> {
    for axis in axes {
        let name = match &axis.unit {
            // A list as long as there are rows would pass for a column.
            None if axis.size() as u64 == rows => format!("{}[]", axis.name),
            _ => axis.array_name(),
        };
        archive.start_file(format!("{name}.npy"), member(false))?;
        archive.write_all(&header_bytes("<f8", axis.size() as u64, &[]))?;
        let bytes: Vec<u8> = axis.grid.iter().flat_map(|centre| centre.to_le_bytes()).collect();
        archive.write_all(&bytes)?;
    }
    Ok(())
}

/// How a member is stored.
pub(crate) fn member(large: bool) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        // 1980-01-01, the first day of the format.
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        .large_file(large)
}

/// Appends some rows of columns of numbers, each row as a whole.
fn push_rows(columns: &[Column], rows: Range<usize>, size: usize, bytes: &mut Vec<u8>) {
    for row in rows {
        for column in columns {
            match &column.values {
                Values::Float32(values) if size == 4 => bytes.extend(values[row].to_le_bytes()),
                Values::Float64(values) => bytes.extend(values[row].to_le_bytes()),
                _ => bytes.extend(column.value(row).unwrap_or(f64::NAN).to_le_bytes()),
            }
        }
    }
}

impl Kept {
    /// An array of the shape of samples with axes.
    fn of_array(name: &str, own: Range<usize>, gridded: &Gridded, columns: &[ColumnHead]) -> Self {
        let singles = columns[own.clone()].iter().all(|column| column.value_type == ValueType::Float32);
        Self {
            name: name.to_owned(),
            own,
            shape: shape(&gridded.axes),
            pieces: Vec::new(),
            missing: false,
            inexact: None,
            form: Form::Rows { size: if singles { 4 } else { 8 } },
        }
    }

    /// Writes the array as a member.
    fn write<W: Write + Seek>(&self, values: &mut File, rows: u64, archive: &mut ZipWriter<W>) -> io::Result<()> {
        let (descr, size) = self.array();
        let row = size.saturating_mul(self.own.len() as u64);
        archive.start_file(format!("{}.npy", self.name), member(row.saturating_mul(rows) >= LARGE_BYTES))?;
        archive.write_all(&header_bytes(&descr, rows, &self.shape))?;
        self.copy(values, archive)
    }

    /// Appends the values of some rows to `bytes`, as they are kept.
    fn push(&mut self, values: &Values, rows: Range<usize>, bytes: &mut Vec<u8>) {
        match values {
            Values::Float64(values) => values[rows].iter().for_each(|value| bytes.extend(value.to_le_bytes())),
            Values::Float32(values) => values[rows].iter().for_each(|value| bytes.extend(value.to_le_bytes())),
            Values::Integer(column) => {
                for row in rows {
                    let (value, missing) = (column.values[row], column.is_missing(row));
                    bytes.extend(value.to_le_bytes());
                    bytes.push(u8::from(missing));
                    self.missing |= missing;
                    if value.unsigned_abs() > EXACT_INTEGER {
                        self.inexact.get_or_insert(value);
                    }
                }
            }
            Values::Boolean(column) => {
                for row in rows {
                    let missing = column.is_missing(row);
                    bytes.extend([u8::from(column.values[row]), u8::from(missing)]);
                    self.missing |= missing;
                }
            }
            Values::Text(column) => {
                for cell in rows.map(|row| column.get(row).unwrap_or_default()) {
                    bytes.extend((cell.len() as u64).to_le_bytes());
                    bytes.extend(cell.as_bytes());
                    if let Form::Text { width } = &mut self.form {
                        *width = cell.chars().count().max(*width);
                    }
                }
            }
        }
    }

    /// The type of the array and the bytes of one element.
    fn array(&self) -> (String, u64) {
        match self.form {
            Form::Float32 => ("<f4".to_owned(), 4),
            Form::Rows { size } => (format!("<f{size}"), size as u64),
            Form::Integer if !self.missing => ("<i8".to_owned(), 8),
            Form::Boolean if !self.missing => ("|b1".to_owned(), 1),
            Form::Float64 | Form::Integer | Form::Boolean => ("<f8".to_owned(), 8),
            Form::Text { width } => (format!("<U{width}"), 4 * width as u64),
        }
    }

    /// Writes the elements of the array.
    fn copy(&self, values: &mut File, output: &mut impl Write) -> io::Result<()> {
        copy_pieces(&self.pieces, values, output, |kept, buffer| self.copy_one(kept, buffer))
    }

    fn copy_one(&self, kept: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<()> {
        let mut word = [0; 8];
        let float = |value: f64, missing: u8| if missing == 0 { value } else { f64::NAN }.to_le_bytes();
        match self.form {
            Form::Float32 | Form::Rows { size: 4 } => {
                kept.read_exact(&mut word[..4])?;
                buffer.extend(&word[..4]);
            }
            Form::Float64 | Form::Rows { .. } => {
                kept.read_exact(&mut word)?;
                buffer.extend(word);
            }
            Form::Integer => {
                let mut flag = [0];
                kept.read_exact(&mut word)?;
                kept.read_exact(&mut flag)?;
                buffer.extend(if self.missing { float(i64::from_le_bytes(word) as f64, flag[0]) } else { word });
            }
            Form::Boolean => {
                kept.read_exact(&mut word[..2])?;
                match self.missing {
                    true => buffer.extend(float(f64::from(word[0]), word[1])),
                    false => buffer.push(word[0]),
                }
            }
            Form::Text { width } => {
                kept.read_exact(&mut word)?;
                let mut cell = Vec::new();
                kept.take(u64::from_le_bytes(word)).read_to_end(&mut cell)?;
                let cell = String::from_utf8(cell).map_err(io::Error::other)?;
                let end = buffer.len() + 4 * width;
                cell.chars().for_each(|letter| buffer.extend(u32::from(letter).to_le_bytes()));
                buffer.resize(end, 0);
            }
        }
        Ok(())
    }
}
