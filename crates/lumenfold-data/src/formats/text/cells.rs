//! What becomes of the cells of one column.

use super::builder::Builder;
use super::number::{Cell, classify, parse_number};
use super::number_scan;
use super::survey::Survey;
use crate::table::{IntegerColumn, TextColumn, ValueType, Values};

/// What to do with a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Leave it out.
    Skip,
    /// Find out its type while it is read.
    Infer,
    /// Find out its type, and, if true, count the cells that are no numbers.
    Survey(bool),
    /// Read it as this type, which is known.
    Read(ValueType),
}

/// The cells of a column in one piece of the text.
#[derive(Debug)]
pub(super) enum Cells {
    Skip,
    Infer(Builder),
    Survey(Survey),
    Float(Vec<f64>),
    Integer(IntegerColumn),
    Text(TextColumn),
}

/// A cell is not of the type that its column is known to have.
#[derive(Debug)]
pub(super) struct Misfit;

impl Cells {
    pub(super) fn new(task: Task, known_text: bool) -> Self {
        match task {
            Task::Skip => Self::Skip,
            Task::Infer if known_text => Self::Infer(Builder::of_text()),
            Task::Infer => Self::Infer(Builder::new()),
            Task::Survey(count) => Self::Survey(Survey::new(count)),
            Task::Read(ValueType::Integer) => Self::Integer(IntegerColumn::default()),
            Task::Read(ValueType::Text) => Self::Text(TextColumn::new()),
            Task::Read(_) => Self::Float(Vec::new()),
        }
    }

    /// Takes the cell `text`.
    pub(super) fn push(&mut self, text: &str) -> Result<(), Misfit> {
        match self {
            Self::Skip => {}
            Self::Infer(builder) => builder.push(text),
            Self::Survey(survey) => survey.push(text),
            Self::Text(column) => column.push(text),
            Self::Float(values) => {
                let value = parse_number(text).ok_or(Misfit)?;
                // Only one NaN: `-nan` has another sign.
                values.push(if value.is_nan() { f64::NAN } else { value });
            }
            Self::Integer(column) => column.push(match classify(text) {
                Cell::Integer(value) => Some(value),
                Cell::Missing => None,
                _ => return Err(Misfit),
            }),
        }
        Ok(())
    }

    /// Takes the cell that starts at `start` of `text` if it is a number of the expected form, or of no interest; where it
    /// ends.
    #[inline]
    pub(super) fn take(&mut self, bytes: &[u8], start: usize, delimiter: u8) -> Option<usize> {
        match self {
            Self::Float(values) => {
                let (value, end) = number_scan::float(bytes, start, delimiter)?;
                values.push(value);
                Some(end)
            }
            Self::Infer(builder) => builder.take(bytes, start, delimiter),
            Self::Survey(survey) => survey.take(bytes, start, delimiter),
            Self::Integer(column) => {
                let (value, end) = number_scan::integer(bytes, start, delimiter)?;
                column.push(Some(value));
                Some(end)
            }
            Self::Skip | Self::Text(_) => None,
        }
    }

    /// The values of a column whose type was known.
    pub(super) fn into_values(self) -> Option<Values> {
        match self {
            Self::Float(values) => Some(Values::Float64(values)),
            Self::Integer(column) => Some(Values::Integer(column)),
            Self::Text(column) => Some(Values::Text(column)),
            Self::Skip | Self::Infer(_) | Self::Survey(_) => None,
        }
    }
}
