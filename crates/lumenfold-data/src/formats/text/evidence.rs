//! What the cells of a column say about its type.

use super::number::Cell;
use super::number::is_missing;
use crate::table::ValueType;

/// Which kinds of cells a column has. It does not matter in which order they are seen, so that a file can be looked
/// at in pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    pub(super) integer: bool,
    /// A number that is no integer.
    pub(super) float: bool,
    /// An integer of more than 64 bits.
    pub(super) long: bool,
    /// A word such as `None`, which may be a missing number or the name of a class.
    word: bool,
    /// `1,500`: a thousand and a half, or one and a half.
    comma: bool,
    /// `1,5`: a number with a decimal comma.
    decimal_comma: bool,
    /// Any other text.
    pub(super) text: bool,
}

impl Evidence {
    /// Takes a cell into account.
    pub(super) fn see(&mut self, text: &str, cell: Cell) {
        match cell {
            Cell::Integer(_) => self.integer = true,
            Cell::Float(_) => self.float = true,
            Cell::LongInteger(_) => self.long = true,
            // Nothing and NaN are numbers that are not there.
            Cell::Missing => {
                self.word |= !self.word && is_missing(text.trim()) && !matches!(text.trim(), "" | "nan" | "NaN");
            }
            Cell::Text if self.text => {}
            Cell::Text => match comma_number(text.trim()) {
                None => self.text = true,
                Some(3) => self.comma = true,
                Some(_) => self.decimal_comma = true,
            },
        }
    }

    /// What two parts of a column say together.
    pub(crate) fn join(&mut self, other: Self) {
        self.integer |= other.integer;
        self.float |= other.float;
        self.long |= other.long;
        self.word |= other.word;
        self.comma |= other.comma;
        self.decimal_comma |= other.decimal_comma;
        self.text |= other.text;
    }

    /// The narrowest type that holds the column.
    pub(crate) fn value_type(self) -> ValueType {
        let words = self.text || self.comma || self.decimal_comma;
        let numbers = self.integer || self.float || self.long;
        match self {
            _ if words => ValueType::Text,
            // Identifiers that a float would round stay text; beside true floats they are numbers like the others.
            _ if self.long && !self.float => ValueType::Text,
            _ if self.float => ValueType::Float64,
            _ if self.integer => ValueType::Integer,
            _ if self.word && !numbers => ValueType::Text,
            _ => ValueType::Float64,
        }
    }

    /// True if no cell has a value, nor a word for none.
    pub(crate) fn all_missing(self) -> bool {
        self == Self::default()
    }

    /// True if integers of more than 64 bits make it text.
    pub(crate) fn long_integers(self) -> bool {
        self.long && !self.float && !(self.text || self.comma || self.decimal_comma)
    }

    /// True for numbers with decimal commas: what is text here is a number there.
    pub(crate) fn decimal_commas(self) -> bool {
        self.decimal_comma && !self.text
    }
}

/// Digits after the comma, if the cell is a number with one comma in the place of the point.
fn comma_number(cell: &str) -> Option<usize> {
    let (before, after) = cell.split_once(',')?;
    let before = before.strip_prefix(['-', '+']).unwrap_or(before);
    let end = after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len());
    let (digits, exponent) = after.split_at(end);
    let exponent_digits = exponent.strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['-', '+']).unwrap_or(rest));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let sound =
        all_digits(before) && all_digits(digits) && (exponent.is_empty() || exponent_digits.is_some_and(all_digits));
    // An exponent leaves no doubt.
    sound.then_some(if exponent.is_empty() { digits.len() } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::text::number::classify;

    fn of(cells: &[&str]) -> Evidence {
        let mut evidence = Evidence::default();
        cells.iter().for_each(|cell| evidence.see(cell, classify(cell)));
        evidence
    }

    #[test]
    fn types() {
        for (cells, expected) in [
            (&["1", "-2", ""][..], ValueType::Integer),
            (&["NA", "5"], ValueType::Integer),
            (&["1", "2.5"], ValueType::Float64),
            (&["", "NaN"], ValueType::Float64),
            (&["None", "None"], ValueType::Text),
            (&["1.5", "007"], ValueType::Text),
            (&["1", "12345678901234567890"], ValueType::Text),
            (&["1.5", "12345678901234567890"], ValueType::Float64),
            (&["1,5"], ValueType::Text),
        ] {
            assert_eq!(of(cells).value_type(), expected, "{cells:?}");
            let reversed: Vec<&str> = cells.iter().rev().copied().collect();
            assert_eq!(of(&reversed), of(cells));
        }
    }

    #[test]
    fn decimal_commas() {
        assert!(of(&["1,5", "-2,25", "3", "", "1,500", "1,5e-3"]).decimal_commas());
        for cells in [&["1,500", "2,250"][..], &["1,5", "x"], &["1,2,3"], &["a,5"], &["1.5"]] {
            assert!(!of(cells).decimal_commas(), "{cells:?}");
        }
    }
}
