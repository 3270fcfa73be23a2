//! Files written.

use std::io::{self, Write};
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
use crate::table::{Column, Values};
use crate::{DataError, Table};

/// Rows in a row group; a reader may hold one group in memory.
const GROUP_ROWS: usize = 1 << 17;
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

/// Writes a table; the same bytes every time.
pub(crate) fn write(table: &Table, output: &mut dyn Write) -> io::Result<()> {
    write_groups(table, output).map_err(|error| match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        error => io::Error::other(error),
    })
}

fn write_groups(table: &Table, output: &mut dyn Write) -> Result<(), ParquetError> {
    // The library wants a writer of its own; what it has written is passed on after each group.
    let mut writer = SerializedFileWriter::new(Vec::new(), schema(table)?, properties(table)?)?;
    for first in (0..table.rows()).step_by(GROUP_ROWS) {
        let end = (first + GROUP_ROWS).min(table.rows());
        let mut group = writer.next_row_group()?;
        for column in table.columns() {
            let Some(mut chunk) = group.next_column()? else { break };
            for start in (first..end).step_by(BATCH_ROWS) {
                write_batch(chunk.untyped(), column, start, (start + BATCH_ROWS).min(end))?;
            }
            chunk.close()?;
        }
        group.close()?;
        writer.flush()?;
        output.write_all(writer.inner())?;
        writer.inner_mut().clear();
    }
    output.write_all(&writer.into_inner()?)?;
    Ok(())
}

fn schema(table: &Table) -> Result<TypePtr, ParquetError> {
    let field = |column: &Column| {
        let (physical, logical) = match column.values {
            Values::Float64(_) => (Physical::DOUBLE, None),
            Values::Float32(_) => (Physical::FLOAT, None),
            Values::Integer(_) => (Physical::INT64, None),
            Values::Boolean(_) => (Physical::BOOLEAN, None),
            Values::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        Type::primitive_type_builder(&column.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let fields = table.columns().iter().map(field).collect::<Result<Vec<_>, _>>()?;
    Type::group_type_builder("schema").with_fields(fields).build().map(Arc::new)
}

fn properties(table: &Table) -> Result<WriterPropertiesPtr, ParquetError> {
    let unit = |column: &Column| {
        let unit = column.unit.clone()?;
        Some(KeyValue { key: format!("{UNIT_PREFIX}{}", column.name), value: Some(unit) })
    };
    let units: Vec<KeyValue> = table.columns().iter().filter_map(unit).collect();
    let mut builder = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_key_value_metadata((!units.is_empty()).then_some(units))
        // Measured numbers seldom repeat; class names do.
        .set_dictionary_enabled(false);
    for column in table.columns() {
        if matches!(column.values, Values::Text(_)) {
            builder = builder.set_column_dictionary_enabled(ColumnPath::new(vec![column.name.clone()]), true);
        }
    }
    Ok(Arc::new(builder.build()))
}

/// Writes rows `start` to `end`; missing values are nulls.
fn write_batch(writer: &mut ColumnWriter<'_>, column: &Column, start: usize, end: usize) -> Result<(), ParquetError> {
    let rows = start..end;
    let present: Vec<i16> = rows.clone().map(|row| i16::from(!column.is_missing(row))).collect();
    let present = Some(present.as_slice());
    let written = match (writer, &column.values) {
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
