//! Numbers and units as the program and the report say them.

use lumenfold_data::Feature;

/// Four significant digits.
///
/// ```
/// assert_eq!(lumenfold::words::number(21.7341), "21.73");
/// ```
#[must_use]
pub fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if !(1e-3..1e5).contains(&size) {
        format!("{value:.3e}")
    } else {
        let digits = (3 - size.log10().floor() as i32).clamp(0, 6) as usize;
        format!("{value:.digits$}")
    }
}

/// 0.9831 as 98.31 %.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// A count with its thousands apart: 21593 as 21,593.
#[must_use]
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// 1 feature, 2 features.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// The unit that all features have.
pub(crate) fn shared_unit(features: &[Feature]) -> Option<&str> {
    let first = features.first()?.unit.as_deref()?;
    features.iter().all(|feature| feature.unit.as_deref() == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_digits() {
        let cases = [(0.0, "0"), (0.21734, "0.2173"), (21.7341, "21.73"), (99_999.0, "99999"), (0.00012, "1.200e-4")];
        for (value, expected) in cases {
            assert_eq!(number(value), expected);
        }
    }
}
