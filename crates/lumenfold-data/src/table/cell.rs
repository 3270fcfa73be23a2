//! Cells as text.

use std::fmt::{self, Write as _};
use std::ops::Range;

use super::values::Values;

/// Appends the cell in `row` to `text`; nothing for a missing cell.
///
/// Floats use the shortest digits that round-trip, always with a point or an exponent, so that a column of floats is
/// still one when it is read again: `20.0`, `1e-7`.
pub(super) fn push(values: &Values, row: usize, text: &mut String) {
    // Writing to a String cannot fail.
    let _ = match values {
        Values::Float64(values) => match values.get(row) {
            Some(value) if !value.is_nan() => push_float(*value, text),
            _ => Ok(()),
        },
        Values::Float32(values) => match values.get(row) {
            Some(value) if !value.is_nan() => push_float(*value, text),
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

/// A float that can be written fast.
trait Written: zmij::Float + Copy + PartialOrd + fmt::Debug + Into<f64> {
    /// Sizes that the fast writer writes as the standard library does: without an exponent.
    const PLAIN: Range<f64>;
}

impl Written for f64 {
    const PLAIN: Range<f64> = 1e-4..1e15;
}

impl Written for f32 {
    const PLAIN: Range<f64> = 1e-4..1e12;
}

/// Appends a float as `{:?}` writes it.
fn push_float<T: Written>(value: T, text: &mut String) -> fmt::Result {
    let size = value.into().abs();
    if !T::PLAIN.contains(&size) {
        return write!(text, "{value:?}");
    }
    let mut buffer = zmij::Buffer::new();
    let written = buffer.format_finite(value);
    let decimals = written.bytes().rev().take_while(|byte| *byte != b'.').count();
    if halfway(size, decimals as i32) {
        return write!(text, "{value:?}");
    }
    text.push_str(written);
    Ok(())
}

/// Whether a float lies halfway between two numbers of so many decimals. Then both are equally short and equally near,
/// and the two writers choose differently: the fast one the even, the standard library the larger.
fn halfway(size: f64, decimals: i32) -> bool {
    // Half a unit of the last decimal is an odd number of 2^-(decimals + 1) if it is any.
    let halves = size * f64::from_bits(((1024 + decimals) as u64) << 52);
    halves.fract() == 0.0 && halves % 2.0 == 1.0
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
        // Halfway between two numbers of as few digits as it needs.
        single((285.0_f64 / 256.0) as f32);
        single((141.0_f64 / 512.0) as f32);
        for bits in (0x3800_0000..0x5000_0000_u32).step_by(1 << 9) {
            single(f32::from_bits(bits));
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
