//! What a cell of text says.

/// Longest number in characters; longer cells are text.
pub(super) const LONGEST_NUMBER: usize = 400;

/// What a cell may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    /// No value.
    Missing,
    /// The exact text of a 64-bit integer.
    Integer(i64),
    /// Digits only, but too many for 64 bits; the nearest float.
    LongInteger(f64),
    /// A number.
    Float(f64),
    /// Not a number, or one that would not survive (`007`).
    Text,
}

/// The number in a cell: NaN if it is missing, `None` if it is text.
///
/// ```
/// use lumenfold_data::formats::parse_number;
/// assert_eq!(parse_number(" 1.5e1 "), Some(15.0));
/// assert_eq!(parse_number("1.5D+01"), Some(15.0));
/// assert!(parse_number("NA").is_some_and(f64::is_nan));
/// assert_eq!(parse_number("STAR"), None);
/// ```
#[must_use]
pub fn parse_number(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    if is_missing(cell) { Some(f64::NAN) } else { parse_float(cell) }
}

/// Says what a cell is.
pub(super) fn classify(cell: &str) -> Cell {
    let cell = cell.trim();
    if is_missing(cell) {
        return Cell::Missing;
    }
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return match (cell.parse::<i64>(), digits) {
            (_, "0") if cell.starts_with('-') => Cell::Float(-0.0),
            (_, digits) if digits.len() > 1 && digits.starts_with('0') => Cell::Text,
            (Ok(value), _) => Cell::Integer(value),
            (Err(_), _) => parse_float(cell).map_or(Cell::Text, Cell::LongInteger),
        };
    }
    match parse_float(cell) {
        Some(value) if value.is_nan() => Cell::Missing,
        Some(value) => Cell::Float(value),
        None => Cell::Text,
    }
}

/// Words for a missing value; `nan` in other forms (`-nan`, `NAN`) is parsed as a number.
pub(super) fn is_missing(cell: &str) -> bool {
    matches!(cell, "" | "NA" | "null" | "NULL" | "None" | "nan" | "NaN")
}

fn parse_float(cell: &str) -> Option<f64> {
    if cell.len() > LONGEST_NUMBER {
        return None;
    }
    if let Ok(value) = cell.parse::<f64>() {
        return Some(value);
    }
    // Fortran's double precision: 1.0D+01. A digit or point comes before the letter.
    let letter = cell.find(['d', 'D'])?;
    let before = cell[..letter].chars().next_back()?;
    if !(before.is_ascii_digit() || before == '.') {
        return None;
    }
    format!("{}e{}", &cell[..letter], &cell[letter + 1..]).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_what_they_say() {
        assert_eq!(classify("1237648720693755918"), Cell::Integer(1_237_648_720_693_755_918));
        assert_eq!(classify(" -5 "), Cell::Integer(-5));
        assert_eq!(classify("9223372036854775808"), Cell::LongInteger(9_223_372_036_854_775_808.0));
        assert_eq!(classify("007"), Cell::Text);
        assert_eq!(classify("-0"), Cell::Float(-0.0));
        assert_eq!(classify("+5"), Cell::Float(5.0));
        assert_eq!(classify("2.352535D+01"), Cell::Float(23.52535));
        assert_eq!(classify("1.d-3"), Cell::Float(0.001));
        assert_eq!(classify("Infinity"), Cell::Float(f64::INFINITY));
        assert_eq!(classify("-inf"), Cell::Float(f64::NEG_INFINITY));
        for word in ["", "NA", "null", "None", "nan", "NaN", " ", "-nan"] {
            assert_eq!(classify(word), Cell::Missing, "{word}");
        }
        for word in ["star", "D5", "1,5", "12:30", "0x1f", "1e", "-", "1 2", "D", "1D"] {
            assert_eq!(classify(word), Cell::Text, "{word}");
        }
    }
}
