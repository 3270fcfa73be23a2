//! Column chunks decoded, value by value.

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;

use super::FORMAT;
use super::convert::{Conversion, big_endian, decimal};
use super::lists::flags;
use super::read::{Leaf, damaged};
use crate::DataError;
use crate::budget::Budget;
use crate::suggest::excerpt;
use crate::table::{IntegerColumn, Values};

/// Rows decoded at a time.
const BATCH_ROWS: usize = 8192;
/// Days between the start of the Julian count and 1970-01-01.
const JULIAN_DAY_OF_1970: i64 = 2_440_588;
const NANOSECONDS_PER_DAY: i128 = 86_400_000_000_000;

/// Decodes the next `rows` rows of a column chunk and appends their values to the column. `first` is the row of the file
/// (from 0) at which they start.
pub(super) fn read_chunk(
    column: &mut ColumnReader,
    leaf: &Leaf,
    first: u64,
    rows: usize,
    values: &mut Values,
    budget: &mut Budget,
) -> Result<(), DataError> {
    let conversion = leaf.conversion;
    match (column, values) {
        (ColumnReader::BoolColumnReader(reader), Values::Boolean(column)) => {
            for_values(reader, leaf, first, rows, budget, |value, _| {
                column.push(value.copied());
                Ok(())
            })
        }
        (ColumnReader::Int32ColumnReader(reader), values) => {
            for_values(reader, leaf, first, rows, budget, |value, _| {
                // Unsigned values are stored as the bits of signed ones.
                let wide = value.map(|&value| match conversion {
                    Conversion::Unsigned(_) => i64::from(value as u32),
                    _ => i64::from(value),
                });
                push_integer(values, wide, conversion)
            })
        }
        (ColumnReader::Int64ColumnReader(reader), Values::Integer(column)) if conversion == Conversion::Integer => {
            let IntegerColumn { values, missing } = column;
            whole_batches(reader, leaf, rows, values, budget, |values, present| {
                missing.resize(values.len() - present.iter().filter(|&&level| level != 0).count(), false);
                missing.extend(present.iter().map(|&level| level == 0));
                spread(values, present, 0);
            })?;
            if !missing.is_empty() {
                missing.resize(values.len(), false);
            }
            Ok(())
        }
        (ColumnReader::Int64ColumnReader(reader), values) => {
            for_values(reader, leaf, first, rows, budget, |value, _| {
                if let (Some(&value @ ..0), Conversion::Unsigned(_)) = (value, conversion) {
                    return Err(Refused(format!("{} does not fit in a signed 64-bit integer", value as u64)));
                }
                push_integer(values, value.copied(), conversion)
            })
        }
        (ColumnReader::Int96ColumnReader(reader), Values::Integer(column)) => {
            for_values(reader, leaf, first, rows, budget, |value, _| {
                column.push(value.and_then(|value| nanoseconds(value.data())));
                Ok(())
            })
        }
        (ColumnReader::FloatColumnReader(reader), Values::Float32(column)) => {
            whole_batches(reader, leaf, rows, column, budget, |column, present| spread(column, present, f32::NAN))
        }
        (ColumnReader::DoubleColumnReader(reader), Values::Float64(column)) => {
            whole_batches(reader, leaf, rows, column, budget, |column, present| spread(column, present, f64::NAN))
        }
        (ColumnReader::ByteArrayColumnReader(reader), values) => {
            for_values(reader, leaf, first, rows, budget, |value, budget| {
                push_bytes(values, value.map(|value| value.data()), conversion, budget)
            })
        }
        (ColumnReader::FixedLenByteArrayColumnReader(reader), values) => {
            for_values(reader, leaf, first, rows, budget, |value, budget| {
                push_bytes(values, value.map(|value| value.data()), conversion, budget)
            })
        }
        _ => Err(budget.malformed(FORMAT, "its schema contradicts itself; get it again")),
    }
}

/// Decodes some of the next `rows` rows; returns how many. `present` becomes one level for each value that the column has room for,
/// 1 for a value and 0 for a null, or stays empty if there can be no nulls; `values` gets the values.
fn next_batch<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    leaf: &Leaf,
    rows: usize,
    present: &mut Vec<i16>,
    values: &mut Vec<T::T>,
    budget: &Budget,
) -> Result<usize, DataError> {
    present.clear();
    let (wanted, before) = ((BATCH_ROWS / leaf.width()).clamp(1, rows.max(1)), values.len());
    let records = match &leaf.list {
        None => {
            let levels = leaf.optional.then_some(&mut *present);
            let read = reader.read_records(wanted, levels, None, values);
            read.map_err(|error| damaged(&error, budget))?.0
        }
        Some(list) => {
            let (mut defined, mut repeated) = (Vec::new(), Vec::new());
            let read = reader.read_records(wanted, Some(&mut defined), Some(&mut repeated), values);
            let (records, _, _) = read.map_err(|error| damaged(&error, budget))?;
            let found = flags(&repeated, &defined, list.levels, list.width, present);
            if found != Some(records) { 0 } else { records }
        }
    };
    let added = values.len() - before;
    let nullable = leaf.optional || leaf.list.is_some();
    let expected = if nullable { present.iter().filter(|&&level| level != 0).count() } else { records };
    let odd = nullable && present.len() != records * leaf.width();
    if records == 0 || records > wanted || odd || added != expected {
        return Err(budget.malformed(FORMAT, format!("column {} ends too early; get it again", excerpt(&leaf.name))));
    }
    Ok(records)
}

/// Decodes values straight into their column. For a batch with nulls, whose place is not taken yet, `spread` is told
/// which cells have a value (level 1) and which have none (0).
fn whole_batches<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    leaf: &Leaf,
    rows: usize,
    column: &mut Vec<T::T>,
    budget: &Budget,
    mut spread: impl FnMut(&mut Vec<T::T>, &[i16]),
) -> Result<(), DataError> {
    let mut present = Vec::new();
    let mut read = 0;
    while read < rows {
        read += next_batch(reader, leaf, rows - read, &mut present, column, budget)?;
        if present.contains(&0) {
            spread(column, &present);
        }
    }
    Ok(())
}

/// Moves the last values of a column to their rows, with `null` in the others.
fn spread<T: Copy>(column: &mut Vec<T>, present: &[i16], null: T) {
    let mut from = column.len();
    let mut to = from - present.iter().filter(|&&level| level != 0).count() + present.len();
    column.resize(to, null);
    for &level in present.iter().rev() {
        to -= 1;
        column[to] = if level == 0 {
            null
        } else {
            from -= 1;
            column[from]
        };
    }
}

/// Why a value cannot be taken.
enum Failure {
    /// The column is of no use.
    Refused(String),
    Data(DataError),
}
use Failure::Refused;

/// Decodes a column chunk batch by batch and passes on each value, `None` for a null.
fn for_values<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    leaf: &Leaf,
    first: u64,
    rows: usize,
    budget: &mut Budget,
    mut push: impl FnMut(Option<&T::T>, &mut Budget) -> Result<(), Failure>,
) -> Result<(), DataError> {
    let (mut present, mut batch) = (Vec::new(), Vec::new());
    let mut read = 0;
    while read < rows {
        batch.clear();
        let records = next_batch(reader, leaf, rows - read, &mut present, &mut batch, budget)?;
        let mut values = batch.iter();
        for cell in 0..records * leaf.width() {
            let null = present.get(cell) == Some(&0);
            let value = if null { None } else { values.next() };
            push(value, budget).map_err(|failure| match failure {
                Failure::Data(error) => error,
                Refused(reason) => DataError::UnreadableColumn {
                    path: budget.path().to_owned(),
                    name: leaf.name.clone(),
                    reason: format!("row {}: {reason}", first + (read + cell / leaf.width() + 1) as u64),
                },
            })?;
        }
        read += records;
    }
    Ok(())
}

fn push_integer(values: &mut Values, value: Option<i64>, conversion: Conversion) -> Result<(), Failure> {
    match (values, conversion) {
        (Values::Float64(column), Conversion::Decimal(scale)) => {
            column.push(value.map_or(f64::NAN, |value| decimal(i128::from(value), scale)));
        }
        (Values::Integer(column), _) => column.push(value),
        _ => return Err(Refused("its type contradicts itself".to_owned())),
    }
    Ok(())
}

fn push_bytes(
    values: &mut Values,
    bytes: Option<&[u8]>,
    conversion: Conversion,
    budget: &mut Budget,
) -> Result<(), Failure> {
    match (values, bytes, conversion) {
        (Values::Text(column), None, _) => column.push_missing(),
        (Values::Text(column), Some(bytes), _) => {
            let text = std::str::from_utf8(bytes);
            let text = text.map_err(|_| Refused("it holds bytes that are no text".to_owned()))?;
            budget.take(text.len() as u64).map_err(Failure::Data)?;
            column.push(text);
        }
        (Values::Float32(column), bytes, Conversion::Float16) => column.push(match bytes {
            Some(&[low, high]) => half::f16::from_le_bytes([low, high]).to_f32(),
            _ => f32::NAN,
        }),
        (Values::Float64(column), bytes, Conversion::Decimal(scale)) => column.push(match bytes {
            None => f64::NAN,
            Some(bytes) => {
                let digits = big_endian(bytes).ok_or_else(|| Refused("a decimal of more than 16 bytes".to_owned()))?;
                decimal(digits, scale)
            }
        }),
        _ => return Err(Refused("its type contradicts itself".to_owned())),
    }
    Ok(())
}

/// Nanoseconds since 1970 of an old timestamp: nanoseconds of the day in 64 bits, then the Julian day in 32.
fn nanoseconds(words: &[u32]) -> Option<i64> {
    let [low, high, day] = *words else { return None };
    let of_day = (i128::from(high) << 32) | i128::from(low);
    let days = i128::from(i64::from(day) - JULIAN_DAY_OF_1970);
    i64::try_from(days * NANOSECONDS_PER_DAY + of_day).ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn values_move_to_their_rows() {
        let mut column = vec![1, 2, 3, 4];
        super::spread(&mut column, &[0, 1, 0, 0, 1, 1, 0], -1);
        assert_eq!(column, [1, -1, 2, -1, -1, 3, 4, -1]);
    }
}
