//! Cells as text.

use std::fmt::{self, Write as _};
use std::ops::{Neg, Range};

use super::values::Values;

/// Sizes of floats that the fast writer writes as the standard library does: without an exponent.
const PLAIN_DOUBLES: Range<f64> = 1e-4..1e15;
const PLAIN_SINGLES: Range<f32> = 1e-4..1e12;

/// Appends the cell in `row` to `text`; nothing for a missing cell.
///
/// Floats use the shortest digits that round-trip, always with a point or an exponent, so that a column of floats is
/// still one when it is read again: `20.0`, `1e-7`.
pub(super) fn push(values: &Values, row: usize, text: &mut String) {
    // Writing to a String cannot fail.
    let _ = match values {
        Values::Float64(values) => match values.get(row) {
            Some(value) if !value.is_nan() => push_float(*value, PLAIN_DOUBLES, text),
            _ => Ok(()),
        },
        Values::Float32(values) => match values.get(row) {
            Some(value) if !value.is_nan() => push_float(*value, PLAIN_SINGLES, text),
            _ => Ok(()),
        },
        Values::Integer(column) => match column.get(row) {
            Some(value) => write!(text, "{value}"),
            None => Ok(()),
        },
        Values::Boolean(column) => match column.get(row) {
            Some(value) => write!(text, "{value}"),
            None => Ok(()),
        },
        Values::Text(column) => {
            text.push_str(column.get(row).unwrap_or_default());
            Ok(())
        }
    };
}

/// Appends a float as `{:?}` writes it.
fn push_float<T: zmij::Float + PartialOrd + Default + fmt::Debug + Neg<Output = T>>(
    value: T,
    plain: Range<T>,
    text: &mut String,
) -> fmt::Result {
    let size = if value < T::default() { -value } else { value };
    if plain.contains(&size) {
        text.push_str(zmij::Buffer::new().format_finite(value));
        Ok(())
    } else {
        write!(text, "{value:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every so many bit patterns of single precision are tried.
    const STRIDE: usize = 4999;

    #[test]
    fn floats_are_written_as_the_standard_library_does() {
        let check = |values: &Values, expected: String| {
            let mut text = String::new();
            push(values, 0, &mut text);
            assert_eq!(text, expected);
        };
        let single = |value: f32| check(&Values::Float32(vec![value]), format!("{value:?}"));
        let double = |value: f64| check(&Values::Float64(vec![value]), format!("{value:?}"));
        for bits in (0..u32::MAX).step_by(STRIDE) {
            let value = f32::from_bits(bits);
            if !value.is_nan() {
                single(value);
                double(f64::from(value));
                // Digits that only a double has.
                double(f64::from(value) * (1.0 / 3.0));
            }
        }
        for power in -30..30 {
            for value in [10_f64.powi(power), 10_f64.powi(power).next_up(), 10_f64.powi(power).next_down()] {
                double(value);
                double(-value);
                single(value as f32);
            }
        }
    }
}
