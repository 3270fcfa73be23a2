//! Columns made of cells whose type is not known beforehand.

use super::evidence::Evidence;
use super::number::{Cell, classify};
use super::number_scan;
use crate::table::{IntegerColumn, TextColumn, ValueType, Values};

/// A column that grows cell by cell, or piece by piece, and changes its type as the cells demand.
///
/// Integers become floats without loss of what they were parsed from. Numbers cannot become text again, because their
/// spelling is gone: such a column is given up, and [`Builder::finish`] asks for a second reading as text.
#[derive(Debug)]
pub(super) struct Builder {
    state: State,
    evidence: Evidence,
}

#[derive(Debug)]
enum State {
    /// Only missing cells so far, as they were spelled.
    Undecided(TextColumn),
    Integer(IntegerColumn),
    Float(Vec<f64>),
    Text(TextColumn),
    /// Text and numbers: to be read again.
    GivenUp,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self { state: State::Undecided(TextColumn::new()), evidence: Evidence::default() }
    }

    /// A column of which an earlier piece was text.
    pub(super) fn of_text() -> Self {
        Self { state: State::Text(TextColumn::new()), evidence: Evidence::default() }
    }

    pub(super) fn push(&mut self, text: &str) {
        let cell = match self.state {
            // Nothing that follows makes it anything but text.
            State::Text(_) | State::GivenUp if self.evidence.text => Cell::Text,
            _ => classify(text),
        };
        self.evidence.see(text, cell);
        match &mut self.state {
            State::Text(column) => column.push(text),
            State::GivenUp => {}
            State::Undecided(_) | State::Integer(_) | State::Float(_) => self.push_number(text, cell),
        }
    }

    /// Takes a number that starts at `start` of a line and ends a field, if it is of the column's own type; where it
    /// ends.
    #[inline]
    pub(super) fn take(&mut self, bytes: &[u8], start: usize, delimiter: u8) -> Option<usize> {
        match &mut self.state {
            // Beside a float an integer is evidence of nothing.
            State::Float(values) if self.evidence.float => {
                let (value, end) = number_scan::float(bytes, start, delimiter)?;
                values.push(value);
                Some(end)
            }
            State::Integer(column) => {
                let (value, end) = number_scan::integer(bytes, start, delimiter)?;
                column.push(Some(value));
                Some(end)
            }
            _ => None,
        }
    }

    fn push_number(&mut self, text: &str, cell: Cell) {
        let state = std::mem::replace(&mut self.state, State::GivenUp);
        self.state = match (state, cell) {
            (State::Undecided(mut spelled), Cell::Missing) => {
                spelled.push(text);
                State::Undecided(spelled)
            }
            (State::Undecided(mut spelled), Cell::Text) => {
                spelled.push(text);
                State::Text(spelled)
            }
            (state, Cell::Integer(value)) => match state {
                State::Float(mut values) => {
                    values.push(value as f64);
                    State::Float(values)
                }
                state => state.into_integer().map_or(State::GivenUp, |mut column| {
                    column.push(Some(value));
                    State::Integer(column)
                }),
            },
            (State::Integer(mut column), Cell::Missing) => {
                column.push(None);
                State::Integer(column)
            }
            (state, Cell::Float(value) | Cell::LongInteger(value)) => state.with_float(value),
            (state, Cell::Missing) => state.with_float(f64::NAN),
            (_, Cell::Text) => State::GivenUp,
        };
    }

    /// Appends what was made of the next piece.
    pub(super) fn append(&mut self, next: Self) {
        self.evidence.join(next.evidence);
        let state = std::mem::replace(&mut self.state, State::GivenUp);
        self.state = match (state, next.state) {
            (State::Undecided(mut spelled), State::Undecided(more)) => {
                spelled.append(more);
                State::Undecided(spelled)
            }
            (State::Undecided(mut column) | State::Text(mut column), State::Text(more))
            | (State::Text(mut column), State::Undecided(more)) => {
                column.append(more);
                State::Text(column)
            }
            (State::Text(_), _) | (_, State::Text(_)) => State::GivenUp,
            (State::Float(mut values), next) => next.into_float().map_or(State::GivenUp, |more| {
                values.extend(more);
                State::Float(values)
            }),
            (state, State::Float(more)) => state.into_float().map_or(State::GivenUp, |mut values| {
                values.extend(more);
                State::Float(values)
            }),
            (state, next) => match (state.into_integer(), next.into_integer()) {
                (Some(mut column), Some(more)) => {
                    column.append(more);
                    State::Integer(column)
                }
                _ => State::GivenUp,
            },
        };
    }

    /// What its cells say.
    pub(super) fn evidence(&self) -> Evidence {
        self.evidence
    }

    /// True if it is text, whatever follows.
    pub(super) fn is_text(&self) -> bool {
        self.evidence.text
    }

    /// Bytes of memory that the cells use.
    pub(super) fn bytes(&self) -> u64 {
        let bytes = match &self.state {
            State::Undecided(column) | State::Text(column) => column.text_bytes() + 8 * column.len(),
            State::Integer(column) => 8 * column.values.len() + column.missing.len(),
            State::Float(values) => 8 * values.len(),
            State::GivenUp => 0,
        };
        bytes as u64
    }

    /// The column; `None` if its cells have to be read again as text.
    pub(super) fn finish(self) -> Option<Values> {
        match (self.evidence.value_type(), self.state) {
            (ValueType::Text, State::Text(column) | State::Undecided(column)) => Some(Values::Text(column)),
            (ValueType::Float64, state) => state.into_float().map(Values::Float64),
            (ValueType::Integer, state) => state.into_integer().map(Values::Integer),
            _ => None,
        }
    }
}

impl State {
    /// Numbers as floats; `None` for text.
    fn into_float(self) -> Option<Vec<f64>> {
        match self {
            Self::Undecided(spelled) => Some(vec![f64::NAN; spelled.len()]),
            Self::Integer(column) => {
                let float = |row: usize| column.get(row).map_or(f64::NAN, |value| value as f64);
                Some((0..column.values.len()).map(float).collect())
            }
            Self::Float(values) => Some(values),
            Self::Text(_) | Self::GivenUp => None,
        }
    }

    /// Integers; `None` for anything else.
    fn into_integer(self) -> Option<IntegerColumn> {
        match self {
            Self::Undecided(spelled) => {
                let rows = spelled.len();
                Some(IntegerColumn { values: vec![0; rows], missing: vec![true; rows] })
            }
            Self::Integer(column) => Some(column),
            Self::Float(_) | Self::Text(_) | Self::GivenUp => None,
        }
    }

    /// Numbers, and one more.
    fn with_float(self, value: f64) -> Self {
        self.into_float().map_or(Self::GivenUp, |mut values| {
            values.push(value);
            Self::Float(values)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[&str]) -> Option<Values> {
        let mut builder = Builder::new();
        cells.iter().for_each(|cell| builder.push(cell));
        builder.finish()
    }

    #[test]
    fn a_column_is_of_the_narrowest_type_that_holds_it() {
        assert_eq!(column(&["1", "-2"]), Some(Values::integers(vec![1, -2])));
        assert_eq!(column(&["1", "2.5"]), Some(Values::Float64(vec![1.0, 2.5])));
        assert_eq!(column(&["STAR", "1"]), Some(Values::text(["STAR", "1"])));
        assert_eq!(column(&["NA", "STAR"]), Some(Values::text(["NA", "STAR"])));
        assert_eq!(column(&["NA", "5"]), Some(Values::Integer([None, Some(5)].into_iter().collect())));
        assert_eq!(column(&["None", "None"]), Some(Values::text(["None", "None"])));
        assert!(matches!(column(&["", "NaN"]), Some(Values::Float64(values)) if values.len() == 2));
    }

    #[test]
    fn what_a_float_would_round_is_read_again_as_text() {
        assert_eq!(column(&["1", "12345678901234567890"]), None);
        assert_eq!(column(&["1.5", "100000000000000000000"]), Some(Values::Float64(vec![1.5, 1e20])));
        assert_eq!(column(&["100000000000000000000", "1.5"]), Some(Values::Float64(vec![1e20, 1.5])));
        assert_eq!(column(&["1.5", "007"]), None);
        assert_eq!(column(&["1.5", "x", "y"]), None);
    }
}
