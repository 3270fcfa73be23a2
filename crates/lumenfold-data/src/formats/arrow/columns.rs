//! Arrays of the library made into columns.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Float16Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_schema::{ArrowError, DataType, TimeUnit};

use crate::formats::parquet::decimal;
use crate::table::{ValueType, Values};

/// Which values of an array are wanted: of each row in `rows`, the one at `offset` among `width`.
#[derive(Clone, Debug)]
pub(super) struct Pick {
    pub(super) rows: Range<usize>,
    pub(super) width: usize,
    pub(super) offset: usize,
    /// Most bytes of text: by a dictionary, few bytes can become many.
    pub(super) most_text: u64,
}

/// The values of an array, of a type that `convert` knows. A value that the column cannot hold is an error.
pub(super) fn values(array: &ArrayRef, value_type: ValueType, pick: &Pick) -> Result<Values, ArrowError> {
    let (start, count) = (pick.rows.start.checked_mul(pick.width), pick.rows.len());
    let length = count.checked_mul(pick.width).ok_or_else(contradiction)?;
    let start = start.filter(|start| start.checked_add(length).is_some_and(|end| end <= array.len()));
    // What is mapped by a dictionary is mapped for these rows only.
    let array = array.slice(start.ok_or_else(contradiction)?, length);
    let mut values = value_type.empty(count);
    let places = (0..count).map(|row| Some(row * pick.width + pick.offset));
    push(&array, places, &mut values, pick.most_text)?;
    Ok(values)
}

/// Appends the values at some places, `None` for a missing one.
fn push(
    array: &ArrayRef,
    places: impl Iterator<Item = Option<usize>>,
    values: &mut Values,
    most_text: u64,
) -> Result<(), ArrowError> {
    match (array.data_type(), values) {
        (DataType::Float64, Values::Float64(column)) => {
            column.extend(cells::<Float64Type>(array, places)?.map(|cell| cell.unwrap_or(f64::NAN)));
        }
        (DataType::Float32, Values::Float32(column)) => {
            column.extend(cells::<Float32Type>(array, places)?.map(|cell| cell.unwrap_or(f32::NAN)));
        }
        (DataType::Float16, Values::Float32(column)) => {
            column.extend(cells::<Float16Type>(array, places)?.map(|cell| cell.map_or(f32::NAN, |half| half.to_f32())));
        }
        (DataType::Boolean, Values::Boolean(column)) => {
            let array = array.as_boolean_opt().ok_or_else(contradiction)?;
            places.for_each(|place| column.push(place.filter(|&at| array.is_valid(at)).map(|at| array.value(at))));
        }
        (DataType::Int8, values) => integers::<Int8Type>(array, places, values)?,
        (DataType::Int16, values) => integers::<Int16Type>(array, places, values)?,
        (DataType::Int32, values) => integers::<Int32Type>(array, places, values)?,
        (DataType::Int64, values) => integers::<Int64Type>(array, places, values)?,
        (DataType::UInt8, values) => integers::<UInt8Type>(array, places, values)?,
        (DataType::UInt16, values) => integers::<UInt16Type>(array, places, values)?,
        (DataType::UInt32, values) => integers::<UInt32Type>(array, places, values)?,
        (DataType::UInt64, values) => integers::<UInt64Type>(array, places, values)?,
        (DataType::Date32 | DataType::Time32(_), values) => stored32(array, places, values)?,
        (DataType::Date64 | DataType::Time64(_) | DataType::Timestamp(_, _) | DataType::Duration(_), values) => {
            stored64(array, places, values)?;
        }
        (DataType::Decimal32(_, scale), values) => decimals::<Decimal32Type>(array, places, *scale, values)?,
        (DataType::Decimal64(_, scale), values) => decimals::<Decimal64Type>(array, places, *scale, values)?,
        (DataType::Decimal128(_, scale), values) => decimals::<Decimal128Type>(array, places, *scale, values)?,
        (DataType::Utf8, values) => {
            let array = array.as_string_opt::<i32>().ok_or_else(contradiction)?;
            text(places, values, most_text, |at| array.is_valid(at).then(|| array.value(at)))?;
        }
        (DataType::LargeUtf8, values) => {
            let array = array.as_string_opt::<i64>().ok_or_else(contradiction)?;
            text(places, values, most_text, |at| array.is_valid(at).then(|| array.value(at)))?;
        }
        (DataType::Utf8View, values) => {
            let array = array.as_string_view_opt().ok_or_else(contradiction)?;
            text(places, values, most_text, |at| array.is_valid(at).then(|| array.value(at)))?;
        }
        (DataType::Dictionary(_, _), values) => {
            let dictionary = array.as_any_dictionary_opt().ok_or_else(contradiction)?;
            let (keys, entries) = (dictionary.keys(), dictionary.values());
            if entries.is_empty() {
                // Every key is null then.
                push_missing(places.count(), values);
                return Ok(());
            }
            if matches!(entries.data_type(), DataType::Dictionary(_, _)) {
                return Err(contradiction());
            }
            let keys_of = dictionary.normalized_keys();
            let of = |at: usize| keys_of.get(at).copied().filter(|key| keys.is_valid(at) && *key < entries.len());
            let mapped: Vec<Option<usize>> = places.map(|place| place.and_then(of)).collect();
            // A boxed iterator: the entries are no dictionary, so that this ends.
            let mapped: Box<dyn Iterator<Item = Option<usize>>> = Box::new(mapped.into_iter());
            return push(entries, mapped, values, most_text);
        }
        _ => return Err(contradiction()),
    }
    Ok(())
}

/// Appends missing values.
fn push_missing(count: usize, values: &mut Values) {
    for _ in 0..count {
        match values {
            Values::Float64(column) => column.push(f64::NAN),
            Values::Float32(column) => column.push(f32::NAN),
            Values::Integer(column) => column.push(None),
            Values::Boolean(column) => column.push(None),
            Values::Text(column) => column.push_missing(),
        }
    }
}

/// The cells of an array of this type.
fn cells<'a, T: ArrowPrimitiveType>(
    array: &'a ArrayRef,
    places: impl Iterator<Item = Option<usize>> + 'a,
) -> Result<impl Iterator<Item = Option<T::Native>> + 'a, ArrowError> {
    let array: &PrimitiveArray<T> = array.as_primitive_opt().ok_or_else(contradiction)?;
    let stored = array.values();
    Ok(places.map(move |place| place.filter(|&at| array.is_valid(at)).and_then(|at| stored.get(at).copied())))
}

fn integers<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    places: impl Iterator<Item = Option<usize>>,
    values: &mut Values,
) -> Result<(), ArrowError>
where
    T::Native: TryInto<i64>,
{
    let Values::Integer(column) = values else { return Err(contradiction()) };
    for cell in cells::<T>(array, places)? {
        let cell = cell.map(|cell| {
            let wide = || ArrowError::CastError("a number does not fit in a signed 64-bit integer".to_owned());
            cell.try_into().map_err(|_| wide())
        });
        column.push(cell.transpose()?);
    }
    Ok(())
}

/// Dates and times of 32 bits, as they are stored.
fn stored32(
    array: &ArrayRef,
    places: impl Iterator<Item = Option<usize>>,
    values: &mut Values,
) -> Result<(), ArrowError> {
    use arrow_array::types::{Date32Type, Time32MillisecondType, Time32SecondType};
    match array.data_type() {
        DataType::Date32 => integers::<Date32Type>(array, places, values),
        DataType::Time32(TimeUnit::Second) => integers::<Time32SecondType>(array, places, values),
        DataType::Time32(TimeUnit::Millisecond) => integers::<Time32MillisecondType>(array, places, values),
        _ => Err(contradiction()),
    }
}

/// Dates, times and timestamps of 64 bits, as they are stored.
fn stored64(
    array: &ArrayRef,
    places: impl Iterator<Item = Option<usize>>,
    values: &mut Values,
) -> Result<(), ArrowError> {
    use arrow_array::types as of;
    match array.data_type() {
        DataType::Date64 => integers::<of::Date64Type>(array, places, values),
        DataType::Time64(TimeUnit::Microsecond) => integers::<of::Time64MicrosecondType>(array, places, values),
        DataType::Time64(TimeUnit::Nanosecond) => integers::<of::Time64NanosecondType>(array, places, values),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => integers::<of::TimestampSecondType>(array, places, values),
            TimeUnit::Millisecond => integers::<of::TimestampMillisecondType>(array, places, values),
            TimeUnit::Microsecond => integers::<of::TimestampMicrosecondType>(array, places, values),
            TimeUnit::Nanosecond => integers::<of::TimestampNanosecondType>(array, places, values),
        },
        DataType::Duration(unit) => match unit {
            TimeUnit::Second => integers::<of::DurationSecondType>(array, places, values),
            TimeUnit::Millisecond => integers::<of::DurationMillisecondType>(array, places, values),
            TimeUnit::Microsecond => integers::<of::DurationMicrosecondType>(array, places, values),
            TimeUnit::Nanosecond => integers::<of::DurationNanosecondType>(array, places, values),
        },
        _ => Err(contradiction()),
    }
}

fn decimals<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    places: impl Iterator<Item = Option<usize>>,
    scale: i8,
    values: &mut Values,
) -> Result<(), ArrowError>
where
    T::Native: Into<i128>,
{
    let Values::Float64(column) = values else { return Err(contradiction()) };
    let number = |cell: Option<T::Native>| cell.map_or(f64::NAN, |digits| decimal(digits.into(), i32::from(scale)));
    column.extend(cells::<T>(array, places)?.map(number));
    Ok(())
}

fn text<'a>(
    places: impl Iterator<Item = Option<usize>>,
    values: &mut Values,
    most: u64,
    cell: impl Fn(usize) -> Option<&'a str>,
) -> Result<(), ArrowError> {
    let Values::Text(column) = values else { return Err(contradiction()) };
    for place in places {
        match place.and_then(&cell) {
            Some(cell) if (column.text_bytes() + cell.len()) as u64 > most => {
                return Err(ArrowError::MemoryError(format!("more than {most} bytes of text")));
            }
            Some(cell) => column.push(cell),
            None => column.push_missing(),
        }
    }
    Ok(())
}

fn contradiction() -> ArrowError {
    ArrowError::SchemaError("its batches contradict its schema".to_owned())
}
