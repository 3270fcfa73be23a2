//! Columns of a table that belong together: the values of one array whose samples have axes.

use std::ops::Range;

use super::{Axis, check_axes};
use crate::DataError;

/// Consecutive columns that are the values of samples with axes, or of samples whose axes are not known.
#[derive(Clone, Debug, PartialEq)]
pub struct Gridded {
    /// The name of the array, empty for a file that holds nothing else.
    pub array: String,
    /// Where its columns are in the table.
    pub columns: Range<usize>,
    /// Its axes, of as many values as there are columns; none where nothing is known of them.
    pub axes: Vec<Axis>,
    /// Where the columns of its standard errors are, in the same order, if they are in the table.
    pub errors: Option<Range<usize>>,
}

impl Gridded {
    /// Columns whose axes have been checked; `path` is the name of the input.
    ///
    /// # Errors
    /// As [`check_axes`].
    pub fn new(
        path: &str,
        array: impl Into<String>,
        columns: Range<usize>,
        axes: Vec<Axis>,
    ) -> Result<Self, DataError> {
        check_axes(path, &axes, columns.len())?;
        Ok(Self { array: array.into(), columns, axes, errors: None })
    }

    /// The same with the columns of the standard errors.
    #[must_use]
    pub fn with_errors(mut self, errors: Range<usize>) -> Self {
        self.errors = Some(errors);
        self
    }

    /// Whether a column is one of the values or of their errors.
    #[must_use]
    pub fn holds(&self, column: usize) -> bool {
        self.columns.contains(&column) || self.errors.as_ref().is_some_and(|errors| errors.contains(&column))
    }

    /// The axes, if `chosen` are the names of exactly these columns, in their order; `names` are those of the table.
    #[must_use]
    pub fn axes_of(&self, names: &[impl AsRef<str>], chosen: &[impl AsRef<str>]) -> Option<&[Axis]> {
        let own = names.get(self.columns.clone())?;
        let same =
            own.len() == chosen.len() && own.iter().zip(chosen).all(|(own, chosen)| own.as_ref() == chosen.as_ref());
        same.then_some(&self.axes)
    }
}
