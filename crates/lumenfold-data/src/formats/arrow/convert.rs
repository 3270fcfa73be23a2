//! How the types of the format become types of columns.

use arrow_schema::{DataType, Field, TimeUnit};

use crate::axis::MOST_VALUES;
use crate::table::ValueType;

/// Largest scale of a decimal.
const LARGEST_SCALE: i8 = 100;

/// What a column becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Conversion {
    pub(super) value_type: ValueType,
    /// The unit that goes with the type.
    pub(super) unit: Option<&'static str>,
    /// Numbers of a list of a fixed length; none for a plain column.
    pub(super) width: Option<usize>,
}

impl Conversion {
    /// The conversion of a column, or why there is none.
    pub(super) fn of(field: &Field) -> Result<Self, String> {
        if let DataType::FixedSizeList(item, width) = field.data_type() {
            let value_type = scalar(item.data_type())?;
            let width = usize::try_from(*width).ok().filter(|width| (1..=MOST_VALUES).contains(width));
            return match (width, value_type.numeric()) {
                (Some(width), true) => Ok(Self { value_type, unit: unit(item.data_type()), width: Some(width) }),
                (None, _) => Err(format!("its lists are empty, or longer than {MOST_VALUES}")),
                _ => Err("it holds lists of what are no numbers; save its parts as columns".to_owned()),
            };
        }
        Ok(Self { value_type: scalar(field.data_type())?, unit: unit(field.data_type()), width: None })
    }

    /// The number of columns that it becomes.
    pub(super) fn columns(&self) -> usize {
        self.width.unwrap_or(1)
    }
}

/// The type of a column of such values.
fn scalar(data_type: &DataType) -> Result<ValueType, String> {
    Ok(match data_type {
        DataType::Boolean => ValueType::Boolean,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => ValueType::Integer,
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => ValueType::Integer,
        DataType::Date32 | DataType::Date64 | DataType::Time32(_) | DataType::Time64(_) => ValueType::Integer,
        DataType::Timestamp(_, _) | DataType::Duration(_) => ValueType::Integer,
        DataType::Float16 | DataType::Float32 => ValueType::Float32,
        DataType::Float64 => ValueType::Float64,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => ValueType::Text,
        DataType::Decimal32(_, scale) | DataType::Decimal64(_, scale) | DataType::Decimal128(_, scale) => match scale {
            0..=LARGEST_SCALE => ValueType::Float64,
            _ => return Err(format!("it holds decimals of scale {scale}")),
        },
        DataType::Dictionary(_, values) if !matches!(**values, DataType::Dictionary(_, _)) => return scalar(values),
        other => return Err(format!("it is of type {}; save it as numbers or text", kind_in_words(other))),
    })
}

/// A type in a few words: that of structures can be as long as one likes.
fn kind_in_words(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Null => "null (it has no values)",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => "raw bytes",
        DataType::Struct(_) | DataType::Union(_, _) | DataType::Map(_, _) => "structure",
        DataType::Decimal256(_, _) => "decimal of 256 bits",
        DataType::Interval(_) => "interval",
        DataType::RunEndEncoded(_, _) => "runs",
        DataType::Dictionary(_, _) => "nested dictionary",
        _ => "list of any length",
    }
}

/// The unit that goes with a type.
fn unit(data_type: &DataType) -> Option<&'static str> {
    let words = |unit: &TimeUnit, since: [&'static str; 4]| match unit {
        TimeUnit::Second => since[0],
        TimeUnit::Millisecond => since[1],
        TimeUnit::Microsecond => since[2],
        TimeUnit::Nanosecond => since[3],
    };
    Some(match data_type {
        DataType::Date32 => "days since 1970-01-01",
        DataType::Date64 => "ms since 1970-01-01",
        DataType::Timestamp(unit, _) => {
            words(unit, ["s since 1970-01-01", "ms since 1970-01-01", "us since 1970-01-01", "ns since 1970-01-01"])
        }
        DataType::Time32(unit) | DataType::Time64(unit) | DataType::Duration(unit) => {
            words(unit, ["s", "ms", "us", "ns"])
        }
        DataType::Dictionary(_, values) => return unit_of_values(values),
        _ => return None,
    })
}

fn unit_of_values(data_type: &DataType) -> Option<&'static str> {
    match data_type {
        DataType::Dictionary(_, _) => None,
        other => unit(other),
    }
}
