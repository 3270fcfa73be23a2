//! The values of a column: one type for all of its cells.

use std::ops::Range;

use super::text::TextColumn;
use super::value_type::ValueType;

/// The values of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// 64-bit floats; NaN is a missing value.
    Float64(Vec<f64>),
    /// 32-bit floats (also from 16-bit ones, which they hold exactly); NaN is a missing value.
    Float32(Vec<f32>),
    /// Signed 64-bit integers.
    Integer(IntegerColumn),
    /// Truth values.
    Boolean(BooleanColumn),
    /// Text, verbatim.
    Text(TextColumn),
}

/// Signed 64-bit integers, some of which may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntegerColumn {
    /// One value per row; 0 where missing.
    pub values: Vec<i64>,
    /// Empty when none is missing, else one flag per row.
    pub missing: Vec<bool>,
}

/// Truth values, some of which may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BooleanColumn {
    /// One value per row; false where missing.
    pub values: Vec<bool>,
    /// Empty when none is missing, else one flag per row.
    pub missing: Vec<bool>,
}

macro_rules! missing_flags {
    ($column:ty, $value:ty) => {
        impl $column {
            /// The value in `row` (from 0); `None` if it is missing or beyond the last row.
            #[must_use]
            pub fn get(&self, row: usize) -> Option<$value> {
                if self.is_missing(row) { None } else { self.values.get(row).copied() }
            }

            /// True if the value in `row` is missing.
            #[must_use]
            pub fn is_missing(&self, row: usize) -> bool {
                self.missing.get(row).copied().unwrap_or(false)
            }

            /// True if any value is missing.
            #[must_use]
            pub fn has_missing(&self) -> bool {
                self.missing.iter().any(|&missing| missing)
            }

            /// Appends the values of another column.
            pub(crate) fn append(&mut self, mut other: Self) {
                append_flags(&mut self.missing, self.values.len(), other.missing, other.values.len());
                append(&mut self.values, &mut other.values);
            }

            /// The values of the rows in `range`; panics beyond the last.
            fn slice(&self, range: Range<usize>) -> Self {
                let missing = slice_flags(&self.missing, range.clone());
                Self { values: self.values[range].to_vec(), missing }
            }

            /// Appends a value, or a missing one.
            pub fn push(&mut self, value: Option<$value>) {
                if value.is_none() {
                    self.missing.resize(self.values.len(), false);
                    self.missing.push(true);
                } else if !self.missing.is_empty() {
                    self.missing.push(false);
                }
                self.values.push(value.unwrap_or_default());
            }
        }

        impl FromIterator<Option<$value>> for $column {
            fn from_iter<I: IntoIterator<Item = Option<$value>>>(values: I) -> Self {
                let mut column = Self::default();
                for value in values {
                    column.push(value);
                }
                column
            }
        }
    };
}

/// Appends values, or takes them whole if there were none.
fn append<T>(values: &mut Vec<T>, more: &mut Vec<T>) {
    if values.is_empty() && more.capacity() >= values.capacity() {
        std::mem::swap(values, more);
    } else {
        values.append(more);
    }
}

/// Appends flags of missing values, which are left out while none is set.
pub(super) fn append_flags(flags: &mut Vec<bool>, rows: usize, more: Vec<bool>, more_rows: usize) {
    if flags.is_empty() && more.is_empty() {
        return;
    }
    flags.resize(rows, false);
    flags.extend(more);
    flags.resize(rows + more_rows, false);
}

/// The flags of some rows; none if none is set.
pub(super) fn slice_flags(flags: &[bool], range: Range<usize>) -> Vec<bool> {
    let flags = flags.get(range).unwrap_or_default();
    if flags.contains(&true) { flags.to_vec() } else { Vec::new() }
}

missing_flags!(IntegerColumn, i64);
missing_flags!(BooleanColumn, bool);

impl Values {
    /// Integers, none missing.
    #[must_use]
    pub fn integers(values: Vec<i64>) -> Self {
        Self::Integer(IntegerColumn { values, missing: Vec::new() })
    }

    /// Truth values, none missing.
    #[must_use]
    pub fn booleans(values: Vec<bool>) -> Self {
        Self::Boolean(BooleanColumn { values, missing: Vec::new() })
    }

    /// Text, none missing.
    pub fn text<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> Self {
        Self::Text(cells.into_iter().collect())
    }

    /// Number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Float64(values) => values.len(),
            Self::Float32(values) => values.len(),
            Self::Integer(column) => column.values.len(),
            Self::Boolean(column) => column.values.len(),
            Self::Text(column) => column.len(),
        }
    }

    /// True without values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Their type.
    #[must_use]
    pub fn value_type(&self) -> ValueType {
        match self {
            Self::Float64(_) => ValueType::Float64,
            Self::Float32(_) => ValueType::Float32,
            Self::Integer(_) => ValueType::Integer,
            Self::Boolean(_) => ValueType::Boolean,
            Self::Text(_) => ValueType::Text,
        }
    }

    /// The name of the type in messages: `float64`, `float32`, `integer`, `boolean` or `text`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.value_type().name()
    }

    /// Bytes of memory that the values take.
    pub(crate) fn bytes(&self) -> u64 {
        let bytes = match self {
            Self::Float64(values) => 8 * values.len(),
            Self::Float32(values) => 4 * values.len(),
            Self::Integer(column) => 8 * column.values.len() + column.missing.len(),
            Self::Boolean(column) => column.values.len() + column.missing.len(),
            Self::Text(column) => column.text_bytes() + 8 * column.len(),
        };
        bytes as u64
    }

    /// True if the value in `row` (from 0) is missing: NaN, or marked so.
    pub(crate) fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Float64(values) => values.get(row).is_some_and(|value| value.is_nan()),
            Self::Float32(values) => values.get(row).is_some_and(|value| value.is_nan()),
            Self::Integer(column) => column.is_missing(row),
            Self::Boolean(column) => column.is_missing(row),
            Self::Text(column) => column.is_missing(row),
        }
    }

    /// Makes room for so many values of a fixed size in all, if there is that much memory.
    pub(crate) fn expect(&mut self, rows: usize) {
        let _ = match self {
            Self::Float64(values) => values.try_reserve_exact(rows),
            Self::Float32(values) => values.try_reserve_exact(rows),
            Self::Integer(column) => column.values.try_reserve_exact(rows),
            Self::Boolean(column) => column.values.try_reserve_exact(rows),
            Self::Text(_) => Ok(()),
        };
    }

    /// Appends values of the same type; false, and nothing is done, if they are of another.
    pub(crate) fn append(&mut self, other: Self) -> bool {
        match (self, other) {
            (Self::Float64(values), Self::Float64(mut more)) => append(values, &mut more),
            (Self::Float32(values), Self::Float32(mut more)) => append(values, &mut more),
            (Self::Integer(column), Self::Integer(more)) => column.append(more),
            (Self::Boolean(column), Self::Boolean(more)) => column.append(more),
            (Self::Text(column), Self::Text(more)) => column.append(more),
            _ => return false,
        }
        true
    }

    /// The values of the rows in `range` (from 0); panics beyond the last row.
    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        match self {
            Self::Float64(values) => Self::Float64(values[range].to_vec()),
            Self::Float32(values) => Self::Float32(values[range].to_vec()),
            Self::Integer(column) => Self::Integer(column.slice(range)),
            Self::Boolean(column) => Self::Boolean(column.slice(range)),
            Self::Text(column) => Self::Text(column.slice(range)),
        }
    }

    /// The values at the given rows (from 0), in their order; panics beyond the last row.
    pub(super) fn select(&self, rows: &[u64]) -> Self {
        let rows = rows.iter().map(|&row| row as usize);
        match self {
            Self::Float64(values) => Self::Float64(rows.map(|row| values[row]).collect()),
            Self::Float32(values) => Self::Float32(rows.map(|row| values[row]).collect()),
            Self::Integer(column) => {
                Self::Integer(rows.map(|row| (!column.is_missing(row)).then(|| column.values[row])).collect())
            }
            Self::Boolean(column) => {
                Self::Boolean(rows.map(|row| (!column.is_missing(row)).then(|| column.values[row])).collect())
            }
            Self::Text(column) => {
                let mut selected = TextColumn::new();
                for row in rows {
                    assert!(row < column.len(), "row {row} of {} rows", column.len());
                    if column.is_missing(row) {
                        selected.push_missing();
                    } else {
                        selected.push(column.get(row).unwrap_or_default());
                    }
                }
                Self::Text(selected)
            }
        }
    }
}
