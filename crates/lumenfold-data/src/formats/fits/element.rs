//! The elements of arrays and tables, and what becomes of them.

use crate::table::ValueType;

/// How an element is stored; numbers are big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// `T`, `F`, or 0 for neither.
    Logical,
    /// One bit, the first of a byte being the highest.
    Bit,
    /// Unsigned, in one byte.
    Byte,
    Short,
    Int,
    Long,
    Single,
    Double,
    /// Text in so many bytes.
    Text(usize),
    /// An integer as text.
    WrittenInteger(usize),
    /// A number as text; without a point, so many of its digits are decimals.
    WrittenReal(usize, u32),
}

/// How a stored number becomes a value: `value = zero + scale × stored`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    /// The number itself.
    None,
    /// An integer is added, which is how integers with the other kind of sign are kept.
    Offset(i64),
    /// Unsigned integers of 64 bits.
    Unsigned,
    Linear {
        scale: f64,
        zero: f64,
    },
}

/// An element and what becomes of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Element {
    pub(super) stored: Stored,
    pub(super) scale: Scale,
    /// The integer that stands for a missing value, as it is stored.
    pub(super) null: Option<i64>,
    /// The text that stands for a missing value in a table of letters.
    pub(super) blank: Option<String>,
}

impl Element {
    /// An element of a `BITPIX`, without scale.
    pub(super) fn of_bitpix(bitpix: i64) -> Option<Stored> {
        Some(match bitpix {
            8 => Stored::Byte,
            16 => Stored::Short,
            32 => Stored::Int,
            64 => Stored::Long,
            -32 => Stored::Single,
            -64 => Stored::Double,
            _ => return None,
        })
    }

    /// With scale and zero, if they are given, and what stands for a missing integer.
    pub(super) fn new(stored: Stored, scale: Option<f64>, zero: Option<f64>, null: Option<i64>) -> Self {
        let (scale, zero) = (scale.unwrap_or(1.0), zero.unwrap_or(0.0));
        // Section 5.2.5 of the standard: half the range is added for the other kind of sign.
        let half = match stored {
            Stored::Byte => -128.0,
            Stored::Short => 32_768.0,
            Stored::Int => 2_147_483_648.0,
            Stored::Long => 9_223_372_036_854_775_808.0,
            _ => f64::NAN,
        };
        let scale = match stored {
            Stored::Logical | Stored::Bit | Stored::Text(_) => Scale::None,
            _ if scale == 1.0 && zero == 0.0 => Scale::None,
            Stored::Long if scale == 1.0 && zero == half => Scale::Unsigned,
            _ if scale == 1.0 && zero == half => Scale::Offset(zero as i64),
            _ => Scale::Linear { scale, zero },
        };
        let null = null.filter(|_| matches!(stored, Stored::Byte | Stored::Short | Stored::Int | Stored::Long));
        Self { stored, scale, null, blank: None }
    }

    /// Bytes of an element; of a bit the byte that it is in.
    pub(super) fn size(&self) -> usize {
        match self.stored {
            Stored::Logical | Stored::Bit | Stored::Byte => 1,
            Stored::Short => 2,
            Stored::Int | Stored::Single => 4,
            Stored::Long | Stored::Double => 8,
            Stored::Text(width) | Stored::WrittenInteger(width) | Stored::WrittenReal(width, _) => width,
        }
    }

    /// The type of the values.
    pub(super) fn value_type(&self) -> ValueType {
        match (self.stored, self.scale) {
            (Stored::Logical | Stored::Bit, _) => ValueType::Boolean,
            (Stored::Text(_), _) => ValueType::Text,
            (_, Scale::Linear { .. }) | (Stored::Double | Stored::WrittenReal(..), _) => ValueType::Float64,
            (Stored::Single, _) => ValueType::Float32,
            _ => ValueType::Integer,
        }
    }

    /// Bytes of memory that a value takes, about.
    pub(super) fn memory(&self) -> u64 {
        match self.stored {
            Stored::Text(width) => 8 + width as u64,
            _ => self.value_type().least_bytes(),
        }
    }
}
