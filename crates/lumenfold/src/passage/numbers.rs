//! The columns of a block that go into a model.

use std::borrow::Cow;
use std::ops::Range;

use lumenfold_data::formats::parse_number;
use lumenfold_data::{DataError, Dataset, DatasetOptions, FeatureScaling, Missing, Table, Values};

/// Values of a column as they are, so that nothing is copied before it is scaled.
pub(super) enum Numbers<'a> {
    Single(&'a [f32]),
    Double(Cow<'a, [f64]>),
}

/// All columns that go in.
pub(super) struct Inputs<'a>(pub(super) Vec<Numbers<'a>>);

impl<'a> Numbers<'a> {
    /// The columns of these names. Errors: one is not there, or holds text.
    pub(super) fn of(block: &'a Table, names: &[String]) -> Result<Inputs<'a>, DataError> {
        let numbers = |at: usize| {
            let column = &block.columns()[at];
            Ok(match &column.values {
                Values::Float32(values) => Self::Single(values),
                Values::Float64(values) => Self::Double(Cow::Borrowed(values)),
                // A column that is kept too, as the text that it is.
                Values::Text(cells) => match cells.iter().map(parse_number).collect::<Option<Vec<f64>>>() {
                    Some(numbers) => Self::Double(numbers.into()),
                    None => return Err(no_numbers(block, &column.name)),
                },
                _ => Self::Double((0..column.len()).map(|row| column.value(row).unwrap_or(f64::NAN)).collect()),
            })
        };
        block.positions(names)?.into_iter().map(numbers).collect::<Result<_, _>>().map(Inputs)
    }

    pub(super) fn value(&self, row: usize) -> f64 {
        match self {
            Self::Single(values) => values[row].into(),
            Self::Double(values) => values[row],
        }
    }

    /// Scales the values of some rows.
    pub(super) fn scale(&self, rows: Range<usize>, scaling: &FeatureScaling, scaled: &mut [f32]) {
        match self {
            Self::Single(values) => scaling.forward_values(&values[rows], scaled),
            Self::Double(values) => scaling.forward_values(&values[rows], scaled),
        }
    }
}

/// The error about text that is no number.
fn no_numbers(block: &Table, name: &str) -> DataError {
    let options =
        DatasetOptions { columns: Some(vec![name.to_owned()]), missing: Missing::Skip, ..DatasetOptions::default() };
    let unknown = || DataError::NoNumericColumns { path: block.source().to_owned(), available: block.names() };
    Dataset::from_table(block, &options).map_or_else(|error| error, |_| unknown())
}

impl Inputs<'_> {
    /// The first column that lacks a value in this row.
    pub(super) fn lacking(&self, row: usize) -> Option<usize> {
        self.0.iter().position(|column| !column.value(row).is_finite())
    }

    /// Whether a row has the value of a column.
    pub(super) fn has(&self, row: usize, column: usize) -> bool {
        self.0[column].value(row).is_finite()
    }

    /// Whether a row has any value.
    pub(super) fn has_any(&self, row: usize) -> bool {
        (0..self.0.len()).any(|column| self.has(row, column))
    }

    /// How many of the rows lack a value.
    pub(super) fn unusable(&self, rows: usize) -> usize {
        (0..rows).filter(|row| self.lacking(*row).is_some()).count()
    }
}
