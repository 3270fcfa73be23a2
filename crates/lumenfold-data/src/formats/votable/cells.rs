//! Cells made into values.

use super::Sink;
use super::field::Primitive;
use crate::formats::text::parse_number;
use crate::suggest::excerpt;
use crate::table::Values;

/// An integer as it is written: decimal, or hexadecimal behind `0x`.
pub(super) fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => {
            let size = i64::from_str_radix(digits, 16).ok()?;
            Some(if negative { -size } else { size })
        }
        None => text.strip_prefix('+').unwrap_or(text).parse().ok(),
    }
}

/// A value of one of the columns of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Float(f64),
    Single(f32),
    Integer(i64),
    Boolean(bool),
    Text(&'a str),
    Missing,
}

impl Sink<'_> {
    /// Appends a value to the column of this element of the field, if it is asked for.
    pub(super) fn push(&self, element: usize, cell: Cell<'_>, values: &mut [Values]) {
        let place = self.columns.and_then(|columns| columns.get(element).copied().flatten());
        let Some(column) = place.and_then(|place| values.get_mut(place)) else { return };
        match (column, cell) {
            (Values::Float64(column), Cell::Float(value)) => column.push(value),
            (Values::Float32(column), Cell::Single(value)) => column.push(value),
            (Values::Integer(column), Cell::Integer(value)) => {
                column.push(Some(value).filter(|value| self.field.null != Some(*value)));
            }
            (Values::Boolean(column), Cell::Boolean(value)) => column.push(Some(value)),
            (Values::Text(column), Cell::Text(value)) => column.push(value),
            (Values::Float64(column), _) => column.push(f64::NAN),
            (Values::Float32(column), _) => column.push(f32::NAN),
            (Values::Integer(column), _) => column.push(None),
            (Values::Boolean(column), _) => column.push(None),
            (Values::Text(column), _) => column.push_missing(),
        }
    }

    /// Whether any of its columns is asked for.
    pub(super) fn is_wanted(&self) -> bool {
        self.columns.is_some_and(|columns| columns.iter().any(Option::is_some))
    }

    /// Appends missing values to all columns.
    pub(super) fn push_missing(&self, values: &mut [Values]) {
        for element in 0..self.columns.map_or(0, <[_]>::len) {
            self.push(element, Cell::Missing, values);
        }
    }

    /// Appends what stands in an element of a table. The error says what is wrong with it.
    pub(super) fn push_text(&self, text: &str, values: &mut [Values]) -> Result<(), String> {
        let primitive = self.field.primitive;
        if primitive.is_text() {
            self.push(0, Cell::Text(text), values);
            return Ok(());
        }
        let wanted = self.columns.map_or(0, <[_]>::len);
        if text.trim().is_empty() {
            self.push_missing(values);
            return Ok(());
        }
        if !self.field.is_array() {
            // Some archives write a dash for no number without saying so.
            let is_null = text.trim() == "-" || self.field.null_text.as_deref() == Some(text.trim());
            self.push(0, if is_null { Cell::Missing } else { cell(primitive, text.trim())? }, values);
            return Ok(());
        }
        let mut count = 0;
        let mut next = |text: &str| -> Result<(), String> {
            self.push(count, cell(primitive, text)?, values);
            count += 1;
            Ok(())
        };
        for word in text.split(|letter: char| letter.is_whitespace() || letter == ',').filter(|word| !word.is_empty()) {
            match primitive {
                // Bits may stand without blanks.
                Primitive::Bit => word.char_indices().try_for_each(|(at, _)| next(&word[at..=at]))?,
                _ => next(word)?,
            }
        }
        match count == wanted {
            true => Ok(()),
            false => Err(format!("has {count} elements, {wanted} were expected")),
        }
    }
}

/// A number or truth value as it is written.
fn cell(primitive: Primitive, text: &str) -> Result<Cell<'static>, String> {
    let odd = || format!("\"{}\" is not of its type", excerpt(text));
    Ok(match primitive {
        Primitive::Boolean => match text {
            "?" => Cell::Missing,
            _ if ["T", "TRUE", "1"].iter().any(|word| word.eq_ignore_ascii_case(text)) => Cell::Boolean(true),
            _ if ["F", "FALSE", "0"].iter().any(|word| word.eq_ignore_ascii_case(text)) => Cell::Boolean(false),
            _ => return Err(odd()),
        },
        Primitive::Bit => match text {
            "1" => Cell::Boolean(true),
            "0" => Cell::Boolean(false),
            _ => return Err(odd()),
        },
        Primitive::Float => {
            Cell::Single(text.parse().ok().or_else(|| float(text).map(|value| value as f32)).ok_or_else(odd)?)
        }
        Primitive::Double => Cell::Float(float(text).ok_or_else(odd)?),
        _ => Cell::Integer(integer(text).ok_or_else(odd)?),
    })
}

/// A float as it is written, `NaN` and `+Inf` included.
fn float(text: &str) -> Option<f64> {
    match text.trim_start_matches(['+', '-']) {
        word if word.eq_ignore_ascii_case("nan") => Some(f64::NAN),
        word if word.eq_ignore_ascii_case("inf") => {
            Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY })
        }
        _ => parse_number(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_they_are_written() {
        for (text, value) in [("12", 12), (" -7 ", -7), ("+3", 3), ("0xff", 255), ("-0x10", -16)] {
            assert_eq!(integer(text), Some(value), "{text}");
        }
        assert!(["", "1.5", "0x", "99999999999999999999", "--1"].iter().all(|text| integer(text).is_none()));
        assert_eq!(
            (float("+Inf"), float("-inf"), float("1e3")),
            (Some(f64::INFINITY), Some(f64::NEG_INFINITY), Some(1e3))
        );
        assert!(float("NaN").is_some_and(f64::is_nan) && float("x").is_none());
    }
}
