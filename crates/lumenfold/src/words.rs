//! Numbers as the program and the report say them.

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
