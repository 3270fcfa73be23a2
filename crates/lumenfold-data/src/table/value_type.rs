//! The types of columns.

use super::text::TextColumn;
use super::values::Values;

/// The type of a column's values; see [`Values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// 64-bit floats.
    Float64,
    /// 32-bit floats.
    Float32,
    /// Signed 64-bit integers.
    Integer,
    /// Truth values.
    Boolean,
    /// Text.
    Text,
}

impl ValueType {
    /// The name in messages: `float64`, `float32`, `integer`, `boolean` or `text`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Float64 => "float64",
            Self::Float32 => "float32",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Text => "text",
        }
    }

    /// True for floats and integers, which are learnt from by default.
    #[must_use]
    pub fn numeric(self) -> bool {
        matches!(self, Self::Float64 | Self::Float32 | Self::Integer)
    }

    /// The narrowest type that holds the values of both: integers and 32-bit floats widen to 64-bit floats, anything
    /// to text. `None` for truth values beside numbers, which mean something else.
    pub(crate) fn wider(self, other: Self) -> Option<Self> {
        match (self, other) {
            (one, two) if one == two => Some(one),
            (Self::Text, _) | (_, Self::Text) => Some(Self::Text),
            (Self::Boolean, _) | (_, Self::Boolean) => None,
            _ => Some(Self::Float64),
        }
    }

    /// The fewest bytes of memory that a value takes.
    pub(crate) fn least_bytes(self) -> u64 {
        match self {
            Self::Float64 | Self::Integer | Self::Text => 8,
            Self::Float32 => 4,
            Self::Boolean => 1,
        }
    }

    /// No values, with room for some.
    pub(crate) fn empty(self, capacity: usize) -> Values {
        match self {
            Self::Float64 => Values::Float64(Vec::with_capacity(capacity)),
            Self::Float32 => Values::Float32(Vec::with_capacity(capacity)),
            Self::Integer => Values::integers(Vec::with_capacity(capacity)),
            Self::Boolean => Values::booleans(Vec::with_capacity(capacity)),
            Self::Text => Values::Text(TextColumn::new()),
        }
    }
}

/// A column without its values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ColumnHead {
    /// Name, unique in its table.
    pub name: String,
    /// Unit as the file gives it, for example `mag` or `meV`.
    pub unit: Option<String>,
    /// Type of the values.
    pub value_type: ValueType,
}
