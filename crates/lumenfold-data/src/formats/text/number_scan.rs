//! Numbers read straight from the bytes of a line: the common forms, quickly. What is not recognised here is looked at
//! again by [`classify`](super::number::classify), which knows them all.

use super::number::LONGEST_NUMBER;

/// Most digits of an integer that needs no check for overflow.
const SAFE_DIGITS: usize = 18;

/// What a number looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Integer,
    Float,
}

/// A number that starts at `start` and ends a field: its value, and where its delimiter stands.
///
/// Digits behind a leading zero are left to the caller: `007` is a number or text, as the column goes.
pub(super) fn float(bytes: &[u8], start: usize, delimiter: u8) -> Option<(f64, usize)> {
    let start = skip_blanks(bytes, start);
    let digits = start + usize::from(bytes.get(start) == Some(&b'-'));
    match (bytes.get(digits)?, bytes.get(digits + 1)) {
        (b'0', Some(b'0'..=b'9')) => return None,
        (b'0'..=b'9' | b'.', _) => {}
        _ => return None,
    }
    let (value, length) = fast_float2::parse_partial::<f64, _>(&bytes[start..]).ok()?;
    if length > LONGEST_NUMBER {
        return None;
    }
    Some((value, field_end(bytes, start + length, delimiter)?))
}

/// As [`float`], for the text of an integer in its only form: no leading zeros, no `-0`, no `+`.
pub(super) fn integer(bytes: &[u8], start: usize, delimiter: u8) -> Option<(i64, usize)> {
    let start = skip_blanks(bytes, start);
    let negative = bytes.get(start) == Some(&b'-');
    let first = start + usize::from(negative);
    let (mut value, mut at) = (0_i64, first);
    while let Some(digit @ b'0'..=b'9') = bytes.get(at) {
        if at - first == SAFE_DIGITS {
            return None;
        }
        value = value * 10 + i64::from(digit - b'0');
        at += 1;
    }
    let padded = bytes.get(first) == Some(&b'0') && (at - first > 1 || negative);
    if at == first || padded {
        return None;
    }
    Some((if negative { -value } else { value }, field_end(bytes, at, delimiter)?))
}

/// As [`float`], without the value.
pub(super) fn shape(bytes: &[u8], start: usize, delimiter: u8) -> Option<(Shape, usize)> {
    let start = skip_blanks(bytes, start);
    let first = start + usize::from(bytes.get(start) == Some(&b'-'));
    let point = skip_digits(bytes, first);
    let mut at = point;
    let mut digits = point - first;
    if bytes.get(at) == Some(&b'.') {
        at = skip_digits(bytes, point + 1);
        digits += at - point - 1;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'-' | b'+')));
        let end = skip_digits(bytes, at);
        digits = if end > at { digits } else { 0 };
        at = end;
    }
    if digits == 0 || at - start > LONGEST_NUMBER {
        return None;
    }
    let end = field_end(bytes, at, delimiter)?;
    if at > point {
        return Some((Shape::Float, end));
    }
    let padded = bytes[first] == b'0' && (digits > 1 || first > start);
    (!padded && digits <= SAFE_DIGITS).then_some((Shape::Integer, end))
}

fn skip_digits(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

/// Where the field ends, if nothing but blanks is left of it.
fn field_end(bytes: &[u8], at: usize, delimiter: u8) -> Option<usize> {
    let at = skip_blanks(bytes, at);
    match bytes.get(at) {
        None | Some(b'\n' | b'\r') => Some(at),
        Some(&byte) => (byte == delimiter).then_some(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::text::number::{Cell, classify, parse_number};
    use proptest::prelude::*;

    /// The scans agree with the slow way wherever they say something.
    fn agree(cell: &str) {
        let line = format!("{cell},1\n");
        let slow = classify(cell);
        if let Some((value, end)) = float(line.as_bytes(), 0, b',') {
            assert_eq!(end, cell.len(), "{cell}");
            assert_eq!(parse_number(cell).map(f64::to_bits), Some(value.to_bits()), "{cell}");
            assert!(matches!(slow, Cell::Float(_) | Cell::Integer(_) | Cell::LongInteger(_)), "{cell}");
        }
        if let Some((value, end)) = integer(line.as_bytes(), 0, b',') {
            assert_eq!((slow, end), (Cell::Integer(value), cell.len()), "{cell}");
        }
        match shape(line.as_bytes(), 0, b',') {
            Some((Shape::Integer, end)) => {
                assert!(end == cell.len() && matches!(slow, Cell::Integer(_)), "{cell}");
            }
            Some((Shape::Float, end)) => assert!(end == cell.len() && matches!(slow, Cell::Float(_)), "{cell}"),
            None => {}
        }
    }

    #[test]
    fn odd_forms() {
        for cell in [
            "1",
            "-1",
            "0",
            "-0",
            "00",
            "007",
            "-007",
            "0.5",
            "00.5",
            ".5",
            "5.",
            "-.5",
            ".",
            "-",
            "-.",
            "1e5",
            "1e",
            "1e+",
            "1.e-5",
            ".e5",
            "+1",
            " 1",
            "1 ",
            " 1.5 ",
            "1 2",
            "inf",
            "-inf",
            "nan",
            "-nan",
            "1e999",
            "-1e-999",
            "1d5",
            "999999999999999999",
            "9999999999999999999",
            "-9223372036854775808",
            "1_000",
            "0x1f",
            "1.5.5",
            "",
            " ",
            "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880.0",
        ] {
            agree(cell);
            if matches!(classify(cell), Cell::Float(_)) && !cell.contains(['i', 'd', '+']) && !cell.starts_with("00") {
                assert!(float(format!("{cell},").as_bytes(), 0, b',').is_some(), "{cell} is left to the slow way");
            }
        }
    }

    #[test]
    fn a_million_random_numbers_are_what_the_standard_library_says() {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state ^ (state >> 29)
        };
        for _ in 0..1_000_000 {
            let (bits, digits) = (next(), (next() % 20) as usize);
            let value = f64::from_bits(bits);
            if value.is_finite() {
                agree(&format!("{value}"));
                agree(&format!("{value:.digits$e}"));
            }
            agree(&format!("{:.digits$}", (bits as i64 as f64) / 1e17));
        }
    }

    proptest! {
        #[test]
        fn any_cell(cell in "[-+0-9.eE ]{0,24}") {
            agree(&cell);
        }
    }
}
