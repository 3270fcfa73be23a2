//! Files written.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type, TypePtr};

use super::{FORMAT, UNIT_PREFIX};
use crate::table::{ColumnHead, ValueType, Values};
use crate::{DataError, Table};

/// Most rows in a row group; a reader may hold one group in memory.
const GROUP_ROWS: usize = 1 << 17;
/// Most values in a row group, so that wide tables need no more memory than narrow ones.
const GROUP_VALUES: usize = 1 << 23;
/// Bytes of text after which a row group ends: long texts must not wait for many others.
const GROUP_TEXT: usize = 1 << 26;
/// Rows handed to the library at a time.
const BATCH_ROWS: usize = 1 << 13;
/// Who wrote the file.
const CREATED_BY: &str = concat!("lumenfold version ", env!("CARGO_PKG_VERSION"));

/// Every table with columns can be written.
pub(crate) fn check(table: &Table, name: &str) -> Result<(), DataError> {
    if table.columns().is_empty() {
        let reason = format!("a table without columns cannot be written as {FORMAT}");
        return Err(DataError::Unwritable { path: name.to_owned(), reason });
    }
    Ok(())
}

/// Writes row groups of a fixed number of rows, or of as many as have so much text, so that the bytes do not depend on how
/// blocks were cut.
pub(crate) struct ParquetEncoder<W: Write> {
    output: W,
    /// The library wants a writer of its own; what it has written is passed on after each group.
    writer: SerializedFileWriter<Vec<u8>>,
    group_rows: usize,
    /// Rows of a group that is not full yet.
    waiting: Vec<Values>,
    /// Bytes of their text.
    waiting_text: usize,
}

impl<W: Write> ParquetEncoder<W> {
    /// `columns` are those of every block.
    pub(crate) fn new(output: W, columns: &[ColumnHead]) -> io::Result<Self> {
        let open = || SerializedFileWriter::new(Vec::new(), schema(columns)?, properties(columns)?);
        let group_rows = (GROUP_VALUES / columns.len().max(1)).clamp(1, GROUP_ROWS);
        Ok(Self { output, writer: open().map_err(failed)?, group_rows, waiting: Vec::new(), waiting_text: 0 })
    }

    pub(crate) fn write(&mut self, block: &Table) -> io::Result<()> {
        let columns: Vec<&Values> = block.columns().iter().map(|column| &column.values).collect();
        let mut start = 0;
        while start < block.rows() {
            let (end, full) = self.until(&columns, start, block.rows());
            match (full, self.waiting.is_empty()) {
                (true, true) => self.group(&columns, start..end)?,
                (false, true) => self.waiting = columns.iter().map(|values| values.slice(start..end)).collect(),
                (full, false) => {
                    for (values, more) in self.waiting.iter_mut().zip(&columns) {
                        values.append(more.slice(start..end));
                    }
                    if full {
                        let group = std::mem::take(&mut self.waiting);
                        let rows = group.first().map_or(0, Values::len);
                        self.group(&group.iter().collect::<Vec<_>>(), 0..rows)?;
                    }
                }
            }
            start = end;
        }
        Ok(())
    }

    /// The row of a block up to which rows from `start` on belong to the group that is being filled, and whether it is full then.
    fn until(&mut self, columns: &[&Values], start: usize, rows: usize) -> (usize, bool) {
        let waiting = self.waiting.first().map_or(0, Values::len);
        let most = start + (self.group_rows - waiting).min(rows - start);
        let texts = columns.iter().filter_map(|values| match values {
            Values::Text(cells) => Some(cells),
            _ => None,
        });
        let texts: Vec<_> = texts.collect();
        if !texts.is_empty() {
            for row in start..most {
                self.waiting_text += texts.iter().map(|cells| cells.get(row).map_or(0, str::len)).sum::<usize>();
                if self.waiting_text >= GROUP_TEXT {
                    self.waiting_text = 0;
                    return (row + 1, true);
                }
            }
        }
        let full = waiting + most - start == self.group_rows;
        if full {
            self.waiting_text = 0;
        }
        (most, full)
    }

    /// Writes the last rows and the metadata, and gives back the output.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let group = std::mem::take(&mut self.waiting);
        let rows = group.first().map_or(0, Values::len);
        if rows > 0 {
            self.group(&group.iter().collect::<Vec<_>>(), 0..rows)?;
        }
        self.output.write_all(&self.writer.into_inner().map_err(failed)?)?;
        Ok(self.output)
    }

    fn group(&mut self, columns: &[&Values], rows: Range<usize>) -> io::Result<()> {
        write_group(&mut self.writer, columns, rows).map_err(failed)?;
        self.output.write_all(self.writer.inner())?;
        self.writer.inner_mut().clear();
        Ok(())
    }
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        error => io::Error::other(error),
    }
}

fn write_group(
    writer: &mut SerializedFileWriter<Vec<u8>>,
    columns: &[&Values],
    rows: Range<usize>,
) -> Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    for values in columns {
        let Some(mut chunk) = group.next_column()? else { break };
        for start in rows.clone().step_by(BATCH_ROWS) {
            write_batch(chunk.untyped(), values, start, (start + BATCH_ROWS).min(rows.end))?;
        }
        chunk.close()?;
    }
    group.close()?;
    writer.flush()?;
    Ok(())
}

fn schema(columns: &[ColumnHead]) -> Result<TypePtr, ParquetError> {
    let field = |column: &ColumnHead| {
        let (physical, logical) = match column.value_type {
            ValueType::Float64 => (Physical::DOUBLE, None),
            ValueType::Float32 => (Physical::FLOAT, None),
            ValueType::Integer => (Physical::INT64, None),
            ValueType::Boolean => (Physical::BOOLEAN, None),
            ValueType::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        Type::primitive_type_builder(&column.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let fields = columns.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    Type::group_type_builder("schema").with_fields(fields).build().map(Arc::new)
}

fn properties(columns: &[ColumnHead]) -> Result<WriterPropertiesPtr, ParquetError> {
    let unit = |column: &ColumnHead| {
        let unit = column.unit.clone()?;
        Some(KeyValue { key: format!("{UNIT_PREFIX}{}", column.name), value: Some(unit) })
    };
    let units: Vec<KeyValue> = columns.iter().filter_map(unit).collect();
    let mut builder = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_key_value_metadata((!units.is_empty()).then_some(units))
        // Measured numbers seldom repeat; class names do.
        .set_dictionary_enabled(false);
    for column in columns {
        if column.value_type == ValueType::Text {
            builder = builder.set_column_dictionary_enabled(ColumnPath::new(vec![column.name.clone()]), true);
        }
    }
    Ok(Arc::new(builder.build()))
}

/// Writes rows `start` to `end`; missing values are nulls.
fn write_batch(writer: &mut ColumnWriter<'_>, values: &Values, start: usize, end: usize) -> Result<(), ParquetError> {
    let rows = start..end;
    let present: Vec<i16> = rows.clone().map(|row| i16::from(!values.is_missing(row))).collect();
    let present = Some(present.as_slice());
    let written = match (writer, values) {
        (ColumnWriter::DoubleColumnWriter(writer), Values::Float64(values)) => {
            let values: Vec<f64> = values[rows].iter().copied().filter(|value| !value.is_nan()).collect();
            writer.write_batch(&values, present, None)
        }
        (ColumnWriter::FloatColumnWriter(writer), Values::Float32(values)) => {
            let values: Vec<f32> = values[rows].iter().copied().filter(|value| !value.is_nan()).collect();
            writer.write_batch(&values, present, None)
        }
        (ColumnWriter::Int64ColumnWriter(writer), Values::Integer(integers)) => {
            let values: Vec<i64> = rows.filter_map(|row| integers.get(row)).collect();
            writer.write_batch(&values, present, None)
        }
        (ColumnWriter::BoolColumnWriter(writer), Values::Boolean(booleans)) => {
            let values: Vec<bool> = rows.filter_map(|row| booleans.get(row)).collect();
            writer.write_batch(&values, present, None)
        }
        (ColumnWriter::ByteArrayColumnWriter(writer), Values::Text(cells)) => {
            let values: Vec<ByteArray> = rows
                .filter(|&row| !cells.is_missing(row))
                .map(|row| ByteArray::from(cells.get(row).unwrap_or_default()))
                .collect();
            writer.write_batch(&values, present, None)
        }
        _ => Err(ParquetError::General("a column's type contradicts its values".to_owned())),
    };
    written.map(drop)
}
