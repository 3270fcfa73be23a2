//! Column chunks decoded, value by value.

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;

use super::FORMAT;
use super::convert::{Conversion, big_endian, decimal};
use super::read::{Leaf, damaged};
use crate::DataError;
use crate::budget::Budget;
use crate::suggest::excerpt;
use crate::table::Values;

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
            for_values(reader, leaf, first, rows, budget, |value, _| {
                column.push(value.copied().unwrap_or(f32::NAN));
                Ok(())
            })
        }
        (ColumnReader::DoubleColumnReader(reader), Values::Float64(column)) => {
            for_values(reader, leaf, first, rows, budget, |value, _| {
                column.push(value.copied().unwrap_or(f64::NAN));
                Ok(())
            })
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
        present.clear();
        batch.clear();
        let wanted = BATCH_ROWS.min(rows - read);
        let levels = leaf.optional.then_some(&mut present);
        let (records, _, _) =
            reader.read_records(wanted, levels, None, &mut batch).map_err(|error| damaged(&error, budget))?;
        if records == 0 || records > wanted || (leaf.optional && present.len() != records) {
            return Err(
                budget.malformed(FORMAT, format!("column {} ends too early; get it again", excerpt(&leaf.name)))
            );
        }
        let mut values = batch.iter();
        for row in 0..records {
            let null = present.get(row) == Some(&0);
            let value = if null { None } else { values.next() };
            push(value, budget).map_err(|failure| match failure {
                Failure::Data(error) => error,
                Refused(reason) => DataError::UnreadableColumn {
                    path: budget.path().to_owned(),
                    name: leaf.name.clone(),
                    reason: format!("row {}: {reason}", first + (read + row + 1) as u64),
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
