//! Amounts of memory as people write them.

/// Bytes from `500MB`, `2GiB`, `1.5 GB` or a plain number of bytes.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || format!("\"{text}\" is no amount of memory; write for example 500MB, 2GiB or a number of bytes");
    let text_of_number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: f64 = match text[text_of_number.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        "tib" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return Err(wrong()),
    };
    let number = text_of_number.trim();
    if number.is_empty() || !number.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return Err(wrong());
    }
    match number.parse::<f64>().map(|number| number * factor) {
        Ok(bytes) if (1.0..1e18).contains(&bytes) => Ok(bytes as u64),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_with_and_without_units() {
        let cases = [
            ("500MB", 500_000_000),
            ("2GiB", 2 << 30),
            ("1.5 gb", 1_500_000_000),
            ("1024", 1024),
            ("64kB", 64_000),
            ("64KiB", 65_536),
            ("1m", 1_000_000),
        ];
        for (text, expected) in cases {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for text in ["", "MB", "0", "-1GB", "1e3MB", "inf", "5 apples", "1..5GB", "1e30TB", "99999999999TB", "é"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
