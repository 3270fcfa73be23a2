//! Columns made of cells whose type is not known beforehand.

use super::number::{Cell, classify, is_missing};
use crate::table::{IntegerColumn, TextColumn, Values};

/// A column that grows cell by cell and changes its type as the cells demand.
///
/// Integers become floats without loss of what they were parsed from. Numbers cannot become text again, because their
/// spelling is gone: such a column is given up, and [`Builder::finish`] asks for a second reading as text.
#[derive(Debug)]
pub(super) struct Builder {
    state: State,
    /// A cell that is a number but no integer was seen.
    float: bool,
    /// An integer of more than 64 bits was seen.
    long: bool,
}

#[derive(Debug)]
enum State {
    /// Only missing cells so far, as they were spelled.
    Undecided(TextColumn),
    Integer(IntegerColumn),
    Float(Vec<f64>),
    Text(TextColumn),
    /// Text after numbers: to be read again.
    GivenUp,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self { state: State::Undecided(TextColumn::new()), float: false, long: false }
    }

    /// A column that is known to be text.
    pub(super) fn of_text() -> Self {
        Self { state: State::Text(TextColumn::new()), float: false, long: false }
    }

    pub(super) fn push(&mut self, text: &str) {
        match &mut self.state {
            State::Text(column) => column.push(text),
            State::GivenUp => {}
            State::Undecided(_) | State::Integer(_) | State::Float(_) => self.push_number(text, classify(text)),
        }
    }

    fn push_number(&mut self, text: &str, cell: Cell) {
        self.float |= matches!(cell, Cell::Float(_));
        self.long |= matches!(cell, Cell::LongInteger(_));
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
            (State::Undecided(spelled), Cell::Integer(value)) => {
                let mut column: IntegerColumn = (0..spelled.len()).map(|_| None).collect();
                column.push(Some(value));
                State::Integer(column)
            }
            (State::Undecided(spelled), Cell::Float(value) | Cell::LongInteger(value)) => {
                let mut values = vec![f64::NAN; spelled.len()];
                values.push(value);
                State::Float(values)
            }
            (State::Integer(mut column), Cell::Missing) => {
                column.push(None);
                State::Integer(column)
            }
            (State::Integer(mut column), Cell::Integer(value)) => {
                column.push(Some(value));
                State::Integer(column)
            }
            (State::Integer(column), Cell::Float(value) | Cell::LongInteger(value)) => {
                let float = |row: usize| column.get(row).map_or(f64::NAN, |value| value as f64);
                let mut values: Vec<f64> = (0..column.values.len()).map(float).collect();
                values.push(value);
                State::Float(values)
            }
            (State::Float(mut values), Cell::Missing) => {
                values.push(f64::NAN);
                State::Float(values)
            }
            (State::Float(mut values), Cell::Integer(value)) => {
                values.push(value as f64);
                State::Float(values)
            }
            (State::Float(mut values), Cell::Float(value) | Cell::LongInteger(value)) => {
                values.push(value);
                State::Float(values)
            }
            (State::Integer(_) | State::Float(_) | State::GivenUp, _) => State::GivenUp,
            (State::Text(mut column), _) => {
                column.push(text);
                State::Text(column)
            }
        };
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
        match self.state {
            // Identifiers that a float would round stay text; beside true floats they are numbers like the others.
            State::Float(_) if self.long && !self.float => None,
            State::Float(values) => Some(Values::Float64(values)),
            State::Integer(column) => Some(Values::Integer(column)),
            State::Text(column) => Some(Values::Text(column)),
            State::GivenUp => None,
            State::Undecided(spelled) => {
                // Words such as `None` may be the names of a class; nothing and NaN are numbers that are not there.
                let word = |cell: &str| is_missing(cell.trim()) && !matches!(cell.trim(), "" | "nan" | "NaN");
                if spelled.iter().any(word) {
                    Some(Values::Text(spelled))
                } else {
                    Some(Values::Float64(vec![f64::NAN; spelled.len()]))
                }
            }
        }
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
