//! Files written.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Float32Type, Float64Type, Int64Type};
use arrow_array::{ArrayRef, BooleanArray, FixedSizeListArray, PrimitiveArray, RecordBatch, StringArray};
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use arrow_ipc::{CompressionType, MetadataVersion};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};

use super::{AXES, DATA, ERRORS, ERRORS_OF, FORMAT, UNIT};
use crate::axis::Gridded;
use crate::formats::npy::EXACT_INTEGER;
use crate::table::{ColumnHead, ValueType, Values};
use crate::{DataError, Table};

/// Most rows of a batch: a reader holds one in memory.
const BATCH_ROWS: usize = 1 << 16;
/// Most values of a batch, so that wide tables need no more memory than narrow ones.
const BATCH_VALUES: usize = 1 << 22;
/// Messages and buffers begin at multiples of this, as other libraries have it.
const ALIGNMENT: usize = 8;
/// Level of compression, as for Parquet.
const ZSTD_LEVEL: i32 = 3;

/// Can columns of this format hold the table?
pub(crate) fn check(table: &Table, name: &str) -> Result<(), DataError> {
    let unwritable = |reason: String| Err(DataError::Unwritable { path: name.to_owned(), reason });
    if table.columns().is_empty() {
        return unwritable(format!("a table without columns cannot be written as {FORMAT}"));
    }
    let heads = table.heads();
    let parts = parts(&heads, table.gridded());
    let lists: Vec<&str> = parts.iter().filter(|part| part.list).map(|part| part.name.as_str()).collect();
    let plain = parts.iter().filter(|part| !part.list);
    for part in plain.clone() {
        if lists.contains(&part.name.as_str()) {
            let column = crate::suggest::excerpt(&part.name);
            return unwritable(format!("column \"{column}\" has the name of the samples; leave it out or rename it"));
        }
    }
    for part in parts.iter().filter(|part| part.list && part.value_type == ValueType::Float64) {
        for column in &table.columns()[part.columns.clone()] {
            let Values::Integer(integers) = &column.values else { continue };
            if let Some(&value) = integers.values.iter().find(|value| value.unsigned_abs() > EXACT_INTEGER) {
                let (path, column) = (name.to_owned(), column.name.clone());
                return Err(DataError::InexactInteger { path, column, value, format: "float64" });
            }
        }
    }
    Ok(())
}

/// A field that is written: one column, or the columns of samples.
#[derive(Clone, Debug)]
struct Part {
    name: String,
    columns: Range<usize>,
    value_type: ValueType,
    list: bool,
    /// Whether it holds the errors of the samples.
    errors: bool,
}

/// The fields of a table with these columns, in their order.
fn parts(heads: &[ColumnHead], gridded: Option<&Gridded>) -> Vec<Part> {
    // Samples of which no axes are known stay columns.
    let gridded = gridded.filter(|gridded| !gridded.axes.is_empty());
    let lists = gridded.into_iter().flat_map(|gridded| {
        let samples = (gridded.columns.clone(), false);
        [Some(samples), gridded.errors.clone().map(|errors| (errors, true))].into_iter().flatten()
    });
    let lists: Vec<(Range<usize>, bool)> = lists
        .filter(|(range, _)| {
            let own = heads.get(range.clone()).unwrap_or_default();
            !own.is_empty() && own.iter().all(|head| head.value_type.numeric())
        })
        .collect();
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(head) = heads.get(at) {
        let Some((range, errors)) = lists.iter().find(|(range, _)| range.start == at) else {
            let columns = at..at + 1;
            parts.push(Part {
                name: head.name.clone(),
                columns,
                value_type: head.value_type,
                list: false,
                errors: false,
            });
            at += 1;
            continue;
        };
        let own = &heads[range.clone()];
        let value_type = match own.iter().all(|other| other.value_type == head.value_type) {
            true => head.value_type,
            false => ValueType::Float64,
        };
        let name = if *errors { ERRORS.to_owned() } else { array_name(own) };
        parts.push(Part { name, columns: range.clone(), value_type, list: true, errors: *errors });
        at = range.end;
    }
    parts
}

/// What the columns of samples are called without their numbers, so that they are called so again when they are read.
fn array_name(own: &[ColumnHead]) -> String {
    let name = own.first().and_then(|head| head.name.strip_suffix('1')).filter(|name| !name.is_empty());
    let counted = |name: &&str| own.iter().zip(1..).all(|(head, number)| head.name == format!("{name}{number}"));
    name.filter(counted).unwrap_or(DATA).to_owned()
}

fn schema(heads: &[ColumnHead], parts: &[Part], gridded: Option<&Gridded>) -> io::Result<Schema> {
    let samples = parts.iter().find(|part| part.list && !part.errors).map(|part| part.name.as_str());
    let mut fields = Vec::with_capacity(parts.len());
    for part in parts {
        let scalar = match part.value_type {
            ValueType::Float64 => DataType::Float64,
            ValueType::Float32 => DataType::Float32,
            ValueType::Integer => DataType::Int64,
            ValueType::Boolean => DataType::Boolean,
            ValueType::Text => DataType::Utf8,
        };
        let data_type = match part.list {
            true => list_of(scalar, part.columns.len())?,
            false => scalar,
        };
        let mut metadata = std::collections::BTreeMap::new();
        if let Some(unit) = heads.get(part.columns.start).and_then(|head| head.unit.clone()) {
            metadata.insert(UNIT.to_owned(), unit);
        }
        match (part.list, part.errors, gridded) {
            (true, true, _) => {
                metadata.insert(ERRORS_OF.to_owned(), samples.unwrap_or(DATA).to_owned());
            }
            (true, false, Some(gridded)) => {
                let axes = serde_json::to_string(&gridded.axes).map_err(io::Error::other)?;
                metadata.insert(AXES.to_owned(), axes);
            }
            _ => {}
        }
        fields.push(Field::new(&part.name, data_type, !part.list).with_metadata(metadata));
    }
    Ok(Schema::new(fields))
}

fn list_of(item: DataType, width: usize) -> io::Result<DataType> {
    let width = i32::try_from(width).map_err(io::Error::other)?;
    Ok(DataType::FixedSizeList(Arc::new(Field::new("item", item, true)), width))
}

/// Writes batches of a fixed number of rows, so that the bytes do not depend on how blocks were cut.
pub(crate) struct ArrowEncoder<W: Write> {
    writer: FileWriter<W>,
    schema: SchemaRef,
    parts: Vec<Part>,
    batch_rows: usize,
    /// Rows of a batch that is not full yet.
    waiting: Vec<Values>,
}

impl<W: Write> ArrowEncoder<W> {
    /// `columns` are those of every block, with their axes if they have some.
    pub(crate) fn new(output: W, columns: &[ColumnHead], gridded: Option<&Gridded>) -> io::Result<Self> {
        let parts = parts(columns, gridded);
        let schema = Arc::new(schema(columns, &parts, gridded)?);
        let options = || {
            IpcWriteOptions::try_new(ALIGNMENT, false, MetadataVersion::V5)?
                .try_with_compression(Some(CompressionType::ZSTD))?
                .try_with_compression_level(Some(ZSTD_LEVEL))
        };
        let options = options().map_err(failed)?;
        let writer = FileWriter::try_new_with_options(output, &schema, options).map_err(failed)?;
        let batch_rows = (BATCH_VALUES / columns.len().max(1)).clamp(1, BATCH_ROWS);
        let waiting = columns.iter().map(|column| column.value_type.empty(0)).collect();
        Ok(Self { writer, schema, parts, batch_rows, waiting })
    }

    pub(crate) fn write(&mut self, block: &Table) -> io::Result<()> {
        let mut start = 0;
        while start < block.rows() {
            let waiting = self.waiting.first().map_or(0, Values::len);
            let end = block.rows().min(start + self.batch_rows - waiting);
            for (values, column) in self.waiting.iter_mut().zip(block.columns()) {
                values.append(column.values.slice(start..end));
            }
            start = end;
            if self.waiting.first().map_or(0, Values::len) == self.batch_rows {
                self.batch()?;
            }
        }
        Ok(())
    }

    /// Writes the last rows and the index, and gives back the output.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        if self.waiting.first().is_some_and(|values| !values.is_empty()) {
            self.batch()?;
        }
        self.writer.into_inner().map_err(failed)
    }

    /// Writes the rows that wait as a batch.
    fn batch(&mut self) -> io::Result<()> {
        let emptied = self.waiting.iter().map(|values| values.value_type().empty(0)).collect();
        let columns = std::mem::replace(&mut self.waiting, emptied);
        let arrays = self.parts.iter().map(|part| array(part, &columns[part.columns.clone()]));
        let arrays = arrays.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(failed)?;
        self.writer.write(&batch).map_err(failed)
    }
}

fn failed(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, error) => error,
        error => io::Error::other(error),
    }
}

/// The array of a field; missing values are nulls.
fn array(part: &Part, columns: &[Values]) -> Result<ArrayRef, ArrowError> {
    let rows = columns.first().map_or(0, Values::len);
    if part.list {
        let cells = || (0..rows).flat_map(|row| columns.iter().map(move |values| (values, row)));
        let items: ArrayRef = match part.value_type {
            ValueType::Integer => primitive::<Int64Type>(cells().map(|(values, row)| match values {
                Values::Integer(column) => column.get(row),
                _ => None,
            })),
            ValueType::Float32 => primitive::<Float32Type>(cells().map(|(values, row)| single(values, row))),
            _ => primitive::<Float64Type>(cells().map(|(values, row)| double(values, row))),
        };
        let width = i32::try_from(columns.len()).map_err(|error| ArrowError::CastError(error.to_string()))?;
        let field = Arc::new(Field::new("item", items.data_type().clone(), true));
        return Ok(Arc::new(FixedSizeListArray::try_new(field, width, items, None)?));
    }
    Ok(match columns.first() {
        Some(values @ Values::Float64(_)) => primitive::<Float64Type>((0..rows).map(|row| double(values, row))),
        Some(values @ Values::Float32(_)) => primitive::<Float32Type>((0..rows).map(|row| single(values, row))),
        Some(Values::Integer(column)) => primitive::<Int64Type>((0..rows).map(|row| column.get(row))),
        Some(Values::Boolean(column)) => Arc::new((0..rows).map(|row| column.get(row)).collect::<BooleanArray>()),
        Some(Values::Text(column)) => {
            let cell = |row: usize| if column.is_missing(row) { None } else { column.get(row) };
            Arc::new((0..rows).map(cell).collect::<StringArray>())
        }
        None => return Err(ArrowError::SchemaError("a field without columns".to_owned())),
    })
}

fn primitive<T: ArrowPrimitiveType>(cells: impl Iterator<Item = Option<T::Native>>) -> ArrayRef
where
    PrimitiveArray<T>: FromIterator<Option<T::Native>>,
{
    Arc::new(cells.collect::<PrimitiveArray<T>>())
}

fn single(values: &Values, row: usize) -> Option<f32> {
    match values {
        Values::Float32(values) => values.get(row).copied().filter(|value| !value.is_nan()),
        _ => None,
    }
}

fn double(values: &Values, row: usize) -> Option<f64> {
    let value = match values {
        Values::Float64(values) => values.get(row).copied(),
        Values::Float32(values) => values.get(row).map(|value| f64::from(*value)),
        Values::Integer(column) => column.get(row).map(|value| value as f64),
        Values::Boolean(_) | Values::Text(_) => None,
    };
    value.filter(|value| !value.is_nan())
}
