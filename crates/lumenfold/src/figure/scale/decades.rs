//! Numbers along a logarithmic axis.

use super::ticks;
use crate::words::number;

/// The most decades with ticks between the labelled ones.
const MOST_DECADES: f64 = 6.0;

/// Round numbers from `low` to `high`, both above zero: `most` at most, but for those of a range within which equal steps do
/// better.
pub(super) fn round(low: f64, high: f64, most: usize) -> Vec<f64> {
    let digits: [&[f64]; 5] = [
        &[1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0],
        &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0],
        &[1.0, 2.0, 5.0],
        &[1.0, 3.0],
        &[1.0],
    ];
    for digits in digits {
        let found = of_decades(low, high, digits, 1);
        match found.len() {
            0..=2 => return ticks(low, high, most.saturating_sub(2)).into_iter().map(|(value, _)| value).collect(),
            count if count <= most => return found,
            _ => {}
        }
    }
    let every = (libm::log10(high / low) / most as f64).ceil() as i32;
    of_decades(low, high, &[1.0], every.max(1))
}

/// All digits of all decades, where these are few.
pub(super) fn all(low: f64, high: f64) -> Vec<f64> {
    if libm::log10(high / low) > MOST_DECADES {
        return Vec::new();
    }
    of_decades(low, high, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], 1)
}

/// A number beside its tick: a power of ten where it is very small or large.
pub(super) fn text(value: f64) -> String {
    if (1e-3..1e5).contains(&value) {
        let text = number(value);
        return if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let raised = |digit: char| match digit.to_digit(10) {
        Some(digit) => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][digit as usize],
        None => '⁻',
    };
    let raised: String = exponent.chars().map(raised).collect();
    if digits == "1" { format!("10{raised}") } else { format!("{digits}·10{raised}") }
}

fn of_decades(low: f64, high: f64, digits: &[f64], every: i32) -> Vec<f64> {
    let (first, last) = (libm::log10(low).floor() as i32, libm::log10(high).ceil() as i32);
    let decades = (first..=last).filter(|decade| decade.rem_euclid(every) == 0);
    let ticks = decades.flat_map(|decade| digits.iter().map(move |digit| in_decade(*digit, decade)));
    let slack = 1e-9 * (high - low);
    ticks.filter(|tick| (low - slack..=high + slack).contains(tick)).collect()
}

/// The digit times a power of ten, as nearly as a number can be.
fn in_decade(digit: f64, decade: i32) -> f64 {
    format!("{digit}e{decade}").parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(round(0.03, 2.1, 8), [0.05, 0.1, 0.2, 0.5, 1.0, 2.0]);
        assert_eq!(round(1e-12, 1.0, 8).len(), 7);
        assert!((3..=9).contains(&round(2.1, 2.9, 8).len()));
        assert_eq!(all(0.5, 2.1), [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 2.0]);
        assert!(all(1e-9, 1.0).is_empty() && round(f64::MIN_POSITIVE, f64::MAX, 8).len() <= 9);
    }

    #[test]
    fn texts_are_short() {
        let cases = [(0.05, "0.05"), (1.5, "1.5"), (20.0, "20"), (2000.0, "2000"), (1e-5, "10⁻⁵"), (2e6, "2·10⁶")];
        for (value, expected) in cases {
            assert_eq!(text(value), expected);
        }
    }
}
