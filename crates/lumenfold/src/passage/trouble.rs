//! A row that stops a passage.

use lumenfold_data::{DataError, Missing, Table};

use super::numbers::Inputs;
use super::{Passage, Way};
use crate::Error;

/// What is wrong with a row, in the order in which it is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// A value is missing or infinite, which is not allowed.
    Missing { column: usize },
    /// A value that the engine cannot take when it is scaled.
    OutOfRange { column: usize },
    /// The result is not a number.
    Overflow,
}

/// A row of a block that has no result. The first one is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Trouble {
    pub(super) row: usize,
    pub(super) fault: Fault,
}

impl Trouble {
    /// The error about it; `missing` rows of the block lack a value.
    pub(super) fn error(self, passage: &Passage<'_>, block: &Table, inputs: &Inputs<'_>, missing: usize) -> Error {
        let path = block.source().to_owned();
        let row = block.first_row() + self.row as u64 + 1;
        let named = |column: usize| (passage.options.columns[column].clone(), inputs.0[column].value(self.row));
        match self.fault {
            Fault::Missing { column } => {
                let (column, value) = named(column);
                let (value, count, rows) = (why_unusable(value), missing, block.rows());
                DataError::MissingValues { path, row, column, value, count, rows }.into()
            }
            // Codes that no encoder gives are as far out as what overflows.
            Fault::OutOfRange { .. } if passage.options.way == Way::Decode => Error::Overflow { path, row },
            Fault::OutOfRange { column } => {
                let scaling = passage.entrance[column];
                let (column, value) = named(column);
                if scaling.transform.refuses(value) {
                    scaling.transform.refusal(path, row, column, value).into()
                } else {
                    let scaled = scaling.forward(value);
                    DataError::ScaledOutOfRange { path, row, column, value, scaled }.into()
                }
            }
            Fault::Overflow => Error::Overflow { path, row },
        }
    }
}

/// What keeps a value from being used, in one word.
pub(super) fn why_unusable(value: f64) -> &'static str {
    match value {
        value if value.is_nan() => "missing",
        value if value > 0.0 => "inf",
        _ => "-inf",
    }
}

impl Passage<'_> {
    /// The fault of a row that lacks a value, if that is one.
    pub(super) fn fault_of_missing(&self, column: usize) -> Option<Fault> {
        (self.options.missing == Missing::Refuse).then_some(Fault::Missing { column })
    }
}
