//! One named column.

use super::cell;
use super::values::Values;

/// A name, perhaps a unit, and values of one type.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Name, unique in its table.
    pub name: String,
    /// Unit as the file gives it, for example `mag` or `meV`.
    pub unit: Option<String>,
    /// One value per row.
    pub values: Values,
}

impl Column {
    /// A column without a unit.
    pub fn new(name: impl Into<String>, values: Values) -> Self {
        Self { name: name.into(), unit: None, values }
    }

    /// The same column with a unit.
    #[must_use]
    pub fn with_unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True without rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True for floats and integers, which are learnt from by default; false for booleans and text.
    #[must_use]
    pub fn numeric(&self) -> bool {
        matches!(self.values, Values::Float64(_) | Values::Float32(_) | Values::Integer(_))
    }

    /// The cell in `row` (from 0) as a number: NaN when missing, 0 or 1 for a boolean, `None` for text and beyond the
    /// last row. Integers beyond 2^53 are rounded.
    #[must_use]
    pub fn value(&self, row: usize) -> Option<f64> {
        match &self.values {
            Values::Float64(values) => values.get(row).copied(),
            Values::Float32(values) => values.get(row).map(|&value| f64::from(value)),
            Values::Integer(column) => column.values.get(row).map(|&value| match column.is_missing(row) {
                true => f64::NAN,
                false => value as f64,
            }),
            Values::Boolean(column) => column.values.get(row).map(|&value| match column.is_missing(row) {
                true => f64::NAN,
                false => f64::from(u8::from(value)),
            }),
            Values::Text(_) => None,
        }
    }

    /// True if the cell in `row` (from 0) is missing: NaN, or marked so.
    #[must_use]
    pub fn is_missing(&self, row: usize) -> bool {
        self.values.is_missing(row)
    }

    /// The cell in `row` (from 0) as text: the fewest digits that give the same number back at the column's own
    /// precision, and nothing for a missing value or beyond the last row.
    ///
    /// ```
    /// use lumenfold_data::{Column, Values};
    /// assert_eq!(Column::new("x", Values::Float32(vec![0.1])).text(0), "0.1");
    /// assert_eq!(Column::new("x", Values::Float64(vec![f64::from(0.1_f32)])).text(0), "0.10000000149011612");
    /// assert_eq!(Column::new("x", Values::Float64(vec![f64::NAN])).text(0), "");
    /// ```
    #[must_use]
    pub fn text(&self, row: usize) -> String {
        let mut text = String::new();
        self.push_text(row, &mut text);
        text
    }

    /// Appends the cell in `row` (from 0) to `text`, as [`Column::text`] writes it.
    pub fn push_text(&self, row: usize, text: &mut String) {
        cell::push(&self.values, row, text);
    }

    /// Appends the rows of a column of the same type; false, and nothing is done, if it is of another.
    pub fn append(&mut self, other: Self) -> bool {
        self.values.append(other.values)
    }

    /// The column at the given rows (from 0), in their order.
    ///
    /// # Panics
    ///
    /// A row is beyond the last.
    #[must_use]
    pub fn select(&self, rows: &[u64]) -> Self {
        Self { name: self.name.clone(), unit: self.unit.clone(), values: self.values.select(rows) }
    }
}
