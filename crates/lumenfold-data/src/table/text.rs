//! Text columns: one string for all cells.

use std::ops::Range;

use super::values::{append_flags, slice_flags};

/// The cells of a text column, end to end in one string.
///
/// A hundred thousand class names cost one allocation, not a hundred thousand.
///
/// ```
/// use lumenfold_data::TextColumn;
/// let column: TextColumn = ["STAR", "", "QSO"].into_iter().collect();
/// assert_eq!(column.len(), 3);
/// assert_eq!(column.get(2), Some("QSO"));
/// assert_eq!(column.get(1), Some(""));
/// assert_eq!(column.get(3), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextColumn {
    text: String,
    /// Where each cell ends in `text`, in bytes.
    ends: Vec<usize>,
    /// Empty when no cell is missing, else one flag per cell.
    missing: Vec<bool>,
}

impl TextColumn {
    /// A column without cells.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a cell.
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
        if !self.missing.is_empty() {
            self.missing.push(false);
        }
    }

    /// Appends a cell that is missing, which is not the same as empty.
    pub fn push_missing(&mut self) {
        self.missing.resize(self.ends.len(), false);
        self.ends.push(self.text.len());
        self.missing.push(true);
    }

    /// Appends the cells of another column.
    pub(crate) fn append(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
            return;
        }
        append_flags(&mut self.missing, self.ends.len(), other.missing, other.ends.len());
        let before = self.text.len();
        self.text.push_str(&other.text);
        self.ends.extend(other.ends.iter().map(|end| before + end));
    }

    /// The cells of the rows in `range`; panics beyond the last.
    pub(super) fn slice(&self, range: Range<usize>) -> Self {
        let end_before = |row: usize| row.checked_sub(1).map_or(0, |before| self.ends[before]);
        let start = end_before(range.start);
        let text = self.text.get(start..end_before(range.end)).unwrap_or_default().to_owned();
        let ends = self.ends[range.clone()].iter().map(|end| end - start).collect();
        Self { text, ends, missing: slice_flags(&self.missing, range) }
    }

    /// Number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True without cells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The cell in `row` (from 0), empty if it is missing; `None` beyond the last row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        let end = *self.ends.get(row)?;
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end)
    }

    /// True if the cell in `row` is missing.
    #[must_use]
    pub fn is_missing(&self, row: usize) -> bool {
        self.missing.get(row).copied().unwrap_or(false)
    }

    /// The cells in order, empty where missing.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|row| self.get(row))
    }

    /// Bytes of text in all cells together.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }
}

impl<T: AsRef<str>> FromIterator<T> for TextColumn {
    fn from_iter<I: IntoIterator<Item = T>>(cells: I) -> Self {
        let mut column = Self::new();
        for cell in cells {
            column.push(cell.as_ref());
        }
        column
    }
}
