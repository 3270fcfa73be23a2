//! Numbers for pictures, in sixteen bits each.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::report::document::Packed;

/// The code of the largest number; the one after it stands for a number that is absent.
const LARGEST: f64 = 65_534.0;
const ABSENT: u16 = u16::MAX;

/// The numbers as steps between the least and the largest of them: each is off by half a step at most.
pub(super) fn packed(values: &[f64]) -> Packed {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let (low, high) = match finite().next() {
        Some(_) => (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max)),
        None => (0.0, 0.0),
    };
    // Halves, since the whole range may be beyond the largest number.
    let half = 0.5 * high - 0.5 * low;
    let code = |value: &f64| match *value {
        value if !value.is_finite() => ABSENT,
        _ if half == 0.0 => 0,
        value => ((0.5 * value - 0.5 * low) / half * LARGEST).round() as u16,
    };
    Packed {
        low,
        high,
        codes: STANDARD.encode(values.iter().map(code).flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(packed: &Packed) -> Vec<u16> {
        let bytes = STANDARD.decode(&packed.codes).expect("base64");
        bytes.as_chunks::<2>().0.iter().map(|code| u16::from_le_bytes(*code)).collect()
    }

    #[test]
    fn numbers_come_back_within_half_a_step() {
        let values = [-3.5, 0.1, f64::NAN, 7.25, f64::INFINITY, 2.0];
        let packed = packed(&values);
        assert_eq!((packed.low, packed.high), (-3.5, 7.25));
        let step = (packed.high - packed.low) / LARGEST;
        for (value, code) in values.iter().zip(codes(&packed)) {
            match value.is_finite() {
                true => assert!((packed.low + f64::from(code) * step - value).abs() <= 0.5001 * step, "{value}"),
                false => assert_eq!(code, ABSENT),
            }
        }
    }

    #[test]
    fn one_number_none_and_the_largest_are_no_trouble() {
        assert_eq!(codes(&packed(&[4.0, 4.0])), [0, 0]);
        assert_eq!(codes(&packed(&[f64::NAN])), [ABSENT]);
        assert!(codes(&packed(&[])).is_empty());
        assert_eq!(codes(&packed(&[f64::MIN, f64::MAX])), [0, 65_534]);
    }
}
