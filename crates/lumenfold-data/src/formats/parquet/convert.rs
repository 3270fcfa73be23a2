//! How the types of the format become types of columns.

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::schema::types::ColumnDescriptor;

use crate::table::ValueType;

/// Powers of ten up to this are exact as 64-bit floats.
const EXACT_POWERS: i32 = 22;
/// Integers below this are exact as 64-bit floats.
const EXACT_INTEGER: u128 = 1 << 53;
/// Most bytes of a decimal.
pub(super) const LONGEST_DECIMAL: usize = 16;
/// Largest scale of a decimal.
const LARGEST_SCALE: i32 = 1000;

/// What the stored values of a column become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conversion {
    Boolean,
    Integer,
    /// Unsigned in this many bits.
    Unsigned(u32),
    /// An integer of any width, divided by ten to this power.
    Decimal(i32),
    Float32,
    Float64,
    Float16,
    Text,
    /// Nanoseconds since 1970 from the old 96-bit timestamps.
    Timestamp96,
}

impl Conversion {
    /// The conversion of a flat column and its unit, or why there is none.
    pub(super) fn of(column: &ColumnDescriptor) -> Result<(Self, Option<&'static str>), String> {
        let logical = column.logical_type_ref();
        if let Some(unit) = time_unit(column) {
            return Ok((Self::Integer, Some(unit)));
        }
        let is_decimal =
            matches!(logical, Some(LogicalType::Decimal(_))) || column.converted_type() == ConvertedType::DECIMAL;
        if is_decimal && column.physical_type() == Type::FIXED_LEN_BYTE_ARRAY {
            // The library makes room for as many bytes as a value is said to have.
            let length = column.type_length();
            if !usize::try_from(length).is_ok_and(|length| (1..=LONGEST_DECIMAL).contains(&length)) {
                return Err(format!("it holds decimals of {length} bytes; at most {LONGEST_DECIMAL} are read"));
            }
        }
        if let Some(LogicalType::Decimal(decimal)) = logical {
            return decimal_of(decimal.scale);
        }
        if column.converted_type() == ConvertedType::DECIMAL {
            return decimal_of(column.type_scale());
        }
        let conversion = match column.physical_type() {
            Type::BOOLEAN => Self::Boolean,
            Type::INT32 | Type::INT64 => integer_of(column),
            Type::INT96 => return Ok((Self::Timestamp96, Some("ns since 1970-01-01"))),
            Type::FLOAT => Self::Float32,
            Type::DOUBLE => Self::Float64,
            Type::BYTE_ARRAY => match logical {
                None | Some(LogicalType::String | LogicalType::Enum | LogicalType::Json) => Self::Text,
                Some(other) => return Err(format!("it holds bytes of type {other:?}; save it as numbers or text")),
            },
            Type::FIXED_LEN_BYTE_ARRAY if logical == Some(&LogicalType::Float16) => Self::Float16,
            Type::FIXED_LEN_BYTE_ARRAY => {
                return Err("it holds byte strings of fixed length; save it as numbers or text".to_owned());
            }
        };
        Ok((conversion, None))
    }

    /// Bytes that one value takes in a column, text not counted.
    pub(super) fn memory(self) -> u64 {
        match self {
            Self::Boolean => 2,
            Self::Float32 | Self::Float16 => 4,
            Self::Float64 | Self::Decimal(_) | Self::Text => 8,
            Self::Integer | Self::Unsigned(_) | Self::Timestamp96 => 9,
        }
    }

    /// The type of the column.
    pub(super) fn value_type(self) -> ValueType {
        match self {
            Self::Boolean => ValueType::Boolean,
            Self::Integer | Self::Unsigned(_) | Self::Timestamp96 => ValueType::Integer,
            Self::Float32 | Self::Float16 => ValueType::Float32,
            Self::Float64 | Self::Decimal(_) => ValueType::Float64,
            Self::Text => ValueType::Text,
        }
    }

    /// True if values may turn up that such a column cannot hold.
    pub(super) fn may_fail(self) -> bool {
        matches!(self, Self::Text | Self::Unsigned(64) | Self::Decimal(_))
    }
}

fn decimal_of(scale: i32) -> Result<(Conversion, Option<&'static str>), String> {
    if (0..=LARGEST_SCALE).contains(&scale) {
        Ok((Conversion::Decimal(scale), None))
    } else {
        Err(format!("it holds decimals of scale {scale}"))
    }
}

fn integer_of(column: &ColumnDescriptor) -> Conversion {
    let width = if column.physical_type() == Type::INT32 { 32 } else { 64 };
    let unsigned = match column.logical_type_ref() {
        Some(LogicalType::Integer(integer)) => !integer.is_signed,
        _ => {
            use ConvertedType as Old;
            matches!(column.converted_type(), Old::UINT_8 | Old::UINT_16 | Old::UINT_32 | Old::UINT_64)
        }
    };
    if unsigned { Conversion::Unsigned(width) } else { Conversion::Integer }
}

fn time_unit(column: &ColumnDescriptor) -> Option<&'static str> {
    match column.logical_type_ref() {
        Some(LogicalType::Date) => Some("days since 1970-01-01"),
        Some(LogicalType::Timestamp(timestamp)) => Some(match timestamp.unit {
            TimeUnit::MILLIS => "ms since 1970-01-01",
            TimeUnit::MICROS => "us since 1970-01-01",
            TimeUnit::NANOS => "ns since 1970-01-01",
        }),
        Some(LogicalType::Time(time)) => Some(match time.unit {
            TimeUnit::MILLIS => "ms",
            TimeUnit::MICROS => "us",
            TimeUnit::NANOS => "ns",
        }),
        _ => match column.converted_type() {
            ConvertedType::DATE => Some("days since 1970-01-01"),
            ConvertedType::TIMESTAMP_MILLIS => Some("ms since 1970-01-01"),
            ConvertedType::TIMESTAMP_MICROS => Some("us since 1970-01-01"),
            ConvertedType::TIME_MILLIS => Some("ms"),
            ConvertedType::TIME_MICROS => Some("us"),
            _ => None,
        },
    }
}

/// `digits` / 10^`scale`, to the nearest float.
pub(crate) fn decimal(digits: i128, scale: i32) -> f64 {
    if digits.unsigned_abs() < EXACT_INTEGER && scale <= EXACT_POWERS {
        // Both are exact, so that their quotient is rounded once.
        let mut power = 1.0;
        (0..scale).for_each(|_| power *= 10.0);
        digits as f64 / power
    } else {
        format!("{digits}e-{scale}").parse().unwrap_or(f64::NAN)
    }
}

/// A big-endian two's complement integer of up to 16 bytes.
pub(super) fn big_endian(bytes: &[u8]) -> Option<i128> {
    let negative = bytes.first().is_some_and(|&first| first >= 0x80);
    let start = if negative { -1_i128 } else { 0 };
    (bytes.len() <= LONGEST_DECIMAL).then(|| bytes.iter().fold(start, |value, &byte| (value << 8) | i128::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_rounded_once() {
        assert_eq!(decimal(12_345, 2), 123.45);
        assert_eq!(decimal(-1, 30), -1e-30);
        assert_eq!(decimal(123_456_789_012_345_678_901, 10), 12_345_678_901.234_568);
    }

    #[test]
    fn integers_of_any_width() {
        assert_eq!(big_endian(&[0xff, 0xfe]), Some(-2));
        assert_eq!(big_endian(&[0x01, 0x00]), Some(256));
        assert_eq!(big_endian(&[]), Some(0));
        assert_eq!(big_endian(&[0; 17]), None);
    }
}
