//! Archives written.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::FORMAT;
use crate::formats::npy::{EXACT_INTEGER, header_bytes};
use crate::table::{ColumnHead, Values};
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
    rows: u64,
}

/// A column of which the values are kept.
struct Kept {
    name: String,
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
    pub(crate) fn new(output: W, values: File, columns: &[ColumnHead]) -> Self {
        use crate::table::ValueType;
        let kept = |column: &ColumnHead| Kept {
            name: column.name.clone(),
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
        Self { output, values, length: 0, columns: columns.iter().map(kept).collect(), rows: 0 }
    }

    pub(crate) fn write(&mut self, block: &Table) -> io::Result<()> {
        let mut buffer = Vec::new();
        for (kept, column) in self.columns.iter_mut().zip(block.columns()) {
            let start = self.length;
            for first in (0..block.rows()).step_by(BUFFER_BYTES / 8) {
                buffer.clear();
                kept.push(&column.values, first..block.rows().min(first + BUFFER_BYTES / 8), &mut buffer);
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
        for column in &self.columns {
            let (descr, size) = column.array();
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Deflated)
                // 1980-01-01, the first day of the format.
                .last_modified_time(DateTime::default())
                .unix_permissions(0o644)
                .large_file(size.saturating_mul(self.rows) >= LARGE_BYTES);
            archive.start_file(format!("{}.npy", column.name), options)?;
            archive.write_all(&header_bytes(&descr, &format!("({},)", self.rows)))?;
            column.copy(&mut self.values, &mut archive)?;
        }
        archive.finish()?;
        self.output.seek(SeekFrom::End(0))?;
        Ok(Ok(self.output))
    }
}

impl Kept {
    /// Appends the values of some rows to `bytes`, as they are kept.
    fn push(&mut self, values: &Values, rows: std::ops::Range<usize>, bytes: &mut Vec<u8>) {
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
            Form::Integer if !self.missing => ("<i8".to_owned(), 8),
            Form::Boolean if !self.missing => ("|b1".to_owned(), 1),
            Form::Float64 | Form::Integer | Form::Boolean => ("<f8".to_owned(), 8),
            Form::Text { width } => (format!("<U{width}"), 4 * width as u64),
        }
    }

    /// Writes the elements of the array.
    fn copy(&self, values: &mut File, output: &mut impl Write) -> io::Result<()> {
        // What a compressor is given at a time decides its bytes: as much for any blocks.
        let mut buffer = Vec::with_capacity(2 * BUFFER_BYTES);
        for &(offset, length) in &self.pieces {
            values.seek(SeekFrom::Start(offset))?;
            let mut kept = BufReader::with_capacity(BUFFER_BYTES, &mut *values).take(length);
            while kept.limit() > 0 {
                self.copy_one(&mut kept, &mut buffer)?;
                if buffer.len() >= BUFFER_BYTES {
                    output.write_all(&buffer)?;
                    buffer.clear();
                }
            }
        }
        output.write_all(&buffer)
    }

    fn copy_one(&self, kept: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<()> {
        let mut word = [0; 8];
        let float = |value: f64, missing: u8| if missing == 0 { value } else { f64::NAN }.to_le_bytes();
        match self.form {
            Form::Float64 => {
                kept.read_exact(&mut word)?;
                buffer.extend(word);
            }
            Form::Float32 => {
                kept.read_exact(&mut word[..4])?;
                buffer.extend(&word[..4]);
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
