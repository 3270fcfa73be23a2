//! The values of a column: one type for all of its cells.

use super::text::TextColumn;

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

    /// The name of the type in messages: `float64`, `float32`, `integer`, `boolean` or `text`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Float64(_) => "float64",
            Self::Float32(_) => "float32",
            Self::Integer(_) => "integer",
            Self::Boolean(_) => "boolean",
            Self::Text(_) => "text",
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
