//! The values of a dataset, kept in a temporary file until all are known.

use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::Range;

use super::messages::{Attribute, boolean, float, integer, text_type};
use crate::Table;
use crate::axis::{Axis, shape};
use crate::formats::waiting::copy_pieces;
use crate::table::{Column, ColumnHead, ValueType, Values};

/// Bytes gathered before they are passed on.
const BUFFER_BYTES: usize = 1 << 16;
/// Integers that may stand for a missing one: the least ones there are.
const CANDIDATES: i64 = 64;
/// Texts that may stand for a missing one, the first that no cell has.
const ABSENT: [&str; 6] = ["", "N/A", "NA", "missing", "(missing)", "<missing>"];

/// A dataset of which the values are kept.
pub(super) struct Kept {
    pub(super) name: String,
    pub(super) unit: Option<String>,
    /// The columns of the table that it is made of: one, but for samples with axes.
    own: Range<usize>,
    /// The sizes of its dimensions beside that of the rows.
    pub(super) shape: Vec<usize>,
    /// Where its values are, in order: offset and length.
    pieces: Vec<(u64, u64)>,
    missing: bool,
    /// A bit for each value that may stand for a missing one, set where the values have it.
    seen: u64,
    form: Form,
}

/// How the values are kept.
enum Form {
    /// In four or eight bytes.
    Float { size: usize },
    /// Eight bytes, then 1 for a missing value.
    Integer,
    /// One byte, 255 for a missing value.
    Boolean,
    /// The length in eight bytes, all ones for a missing cell, then UTF-8. The width is that of the longest cell, at least 1.
    Text { width: usize },
}

impl Kept {
    pub(super) fn of_column(at: usize, column: &ColumnHead) -> Self {
        let form = match column.value_type {
            ValueType::Float64 => Form::Float { size: 8 },
            ValueType::Float32 => Form::Float { size: 4 },
            ValueType::Integer => Form::Integer,
            ValueType::Boolean => Form::Boolean,
            ValueType::Text => Form::Text { width: 1 },
        };
        let (name, unit) = (column.name.clone(), column.unit.clone());
        Self { name, unit, own: at..at + 1, shape: Vec::new(), pieces: Vec::new(), missing: false, seen: 0, form }
    }

    pub(super) fn of_samples(name: &str, own: Range<usize>, columns: &[ColumnHead], axes: &[Axis]) -> Self {
        let own_columns = columns.get(own.clone()).unwrap_or_default();
        let singles = own_columns.iter().all(|column| column.value_type == ValueType::Float32);
        let unit = own_columns.first().and_then(|first| first.unit.clone());
        let unit = unit.filter(|unit| own_columns.iter().all(|column| column.unit.as_ref() == Some(unit)));
        let form = Form::Float { size: if singles { 4 } else { 8 } };
        Self { name: name.to_owned(), unit, own, shape: shape(axes), pieces: Vec::new(), missing: false, seen: 0, form }
    }

    /// Whether it holds samples with axes, or their errors.
    pub(super) fn is_samples(&self) -> bool {
        !self.shape.is_empty()
    }

    /// Keeps the rows of a block; `length` is that of the file.
    pub(super) fn keep(&mut self, block: &Table, values: &mut File, length: &mut u64) -> io::Result<()> {
        let (start, mut buffer) = (*length, Vec::new());
        let step = (BUFFER_BYTES / 8 / self.own.len().max(1)).max(1);
        for first in (0..block.rows()).step_by(step) {
            buffer.clear();
            let rows = first..block.rows().min(first + step);
            match &block.columns()[self.own.clone()] {
                [column] if !self.is_samples() => self.push(column, rows, &mut buffer),
                columns => {
                    rows.for_each(|row| columns.iter().for_each(|column| self.push_float(column, row, &mut buffer)))
                }
            }
            values.write_all(&buffer)?;
            *length += buffer.len() as u64;
        }
        self.pieces.push((start, *length - start));
        Ok(())
    }

    fn push_float(&self, column: &Column, row: usize, bytes: &mut Vec<u8>) {
        match (&column.values, &self.form) {
            (Values::Float32(values), Form::Float { size: 4 }) => bytes.extend(values[row].to_le_bytes()),
            _ => bytes.extend(column.value(row).unwrap_or(f64::NAN).to_le_bytes()),
        }
    }

    fn push(&mut self, column: &Column, rows: Range<usize>, bytes: &mut Vec<u8>) {
        match &column.values {
            Values::Float64(_) | Values::Float32(_) => rows.for_each(|row| self.push_float(column, row, bytes)),
            Values::Integer(integers) => {
                for row in rows {
                    let (value, missing) = (integers.values[row], integers.is_missing(row));
                    bytes.extend(value.to_le_bytes());
                    bytes.push(u8::from(missing));
                    self.missing |= missing;
                    let above = value.wrapping_sub(i64::MIN);
                    if !missing && (0..CANDIDATES).contains(&above) {
                        self.seen |= 1 << above;
                    }
                }
            }
            Values::Boolean(booleans) => {
                for row in rows {
                    self.missing |= booleans.is_missing(row);
                    bytes.push(booleans.get(row).map_or(255, u8::from));
                }
            }
            Values::Text(text) => {
                for row in rows {
                    let cell = text.get(row).unwrap_or_default();
                    if text.is_missing(row) {
                        self.missing = true;
                        bytes.extend(u64::MAX.to_le_bytes());
                        continue;
                    }
                    if let Some(at) = ABSENT.iter().position(|absent| *absent == cell) {
                        self.seen |= 1 << at;
                    }
                    bytes.extend((cell.len() as u64).to_le_bytes());
                    bytes.extend(cell.as_bytes());
                    if let Form::Text { width } = &mut self.form {
                        *width = cell.len().max(*width);
                    }
                }
            }
        }
    }

    /// The integer that stands for missing ones.
    fn absent_integer(&self) -> i64 {
        i64::MIN + i64::from((!self.seen).trailing_zeros() as u8 & 63)
    }

    /// The text that stands for missing ones.
    fn absent_text(&self) -> &'static str {
        let free = ABSENT.iter().enumerate().find(|(at, _)| self.seen & (1 << at) == 0);
        free.map_or("", |(_, text)| text)
    }

    /// The attribute that tells what stands for a missing value.
    pub(super) fn fill(&self) -> Option<Attribute> {
        match self.form {
            Form::Integer if self.missing => Some(Attribute::integer("_FillValue", self.absent_integer())),
            Form::Text { .. } if self.missing => Some(Attribute::text("_FillValue", self.absent_text())),
            _ => None,
        }
    }

    /// The type of the dataset and the bytes of one element.
    pub(super) fn datatype(&self) -> (Vec<u8>, u64) {
        match self.form {
            Form::Float { size } => (float(size as u8), size as u64),
            Form::Integer => (integer(8), 8),
            Form::Boolean => (boolean(self.missing), 1),
            Form::Text { .. } => (text_type(self.text_width()), self.text_width()),
        }
    }

    fn text_width(&self) -> u64 {
        let Form::Text { width } = self.form else { return 1 };
        if self.missing { width.max(self.absent_text().len()) as u64 } else { width as u64 }
    }

    /// Writes the elements of the dataset.
    pub(super) fn copy(&self, values: &mut File, output: &mut impl Write) -> io::Result<()> {
        copy_pieces(&self.pieces, values, output, |kept, buffer| self.copy_one(kept, buffer))
    }

    fn copy_one(&self, kept: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<()> {
        let mut word = [0; 8];
        match self.form {
            Form::Float { size } => {
                kept.read_exact(&mut word[..size])?;
                buffer.extend(&word[..size]);
            }
            Form::Integer => {
                let mut flag = [0];
                kept.read_exact(&mut word)?;
                kept.read_exact(&mut flag)?;
                buffer.extend(if flag[0] == 0 { word } else { self.absent_integer().to_le_bytes() });
            }
            Form::Boolean => {
                kept.read_exact(&mut word[..1])?;
                buffer.push(word[0]);
            }
            Form::Text { .. } => {
                kept.read_exact(&mut word)?;
                let end = buffer.len() + self.text_width() as usize;
                match u64::from_le_bytes(word) {
                    u64::MAX => buffer.extend_from_slice(self.absent_text().as_bytes()),
                    length => drop(kept.take(length).read_to_end(buffer)?),
                }
                buffer.resize(end, 0);
            }
        }
        Ok(())
    }
}
