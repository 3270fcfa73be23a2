//! Whether a page holds as many indices of a dictionary, or truth values, as it has values.
//!
//! After the format's "Encodings", section "Run Length Encoding / Bit-Packing Hybrid (RLE = 3)". Where they end too early, what the
//! library gives depends on how many values it is asked for at a time.

/// Whether there are `count` numbers of `width` bits in runs and packed groups of eight.
pub(super) fn hold(mut bytes: &[u8], width: u8, count: u64) -> bool {
    // Numbers without bits need none.
    let mut found = if width == 0 { count } else { 0 };
    while found < count {
        let Some(header) = header(&mut bytes) else { return false };
        let many = u64::from(header >> 1);
        let length = if header & 1 == 0 { u64::from(width.div_ceil(8)) } else { many * u64::from(width) };
        // Some writers leave out the end of the last group.
        let (own, rest) = bytes.split_at(usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len()));
        found = found.saturating_add(match header & 1 {
            0 if own.len() as u64 == length => many,
            0 => 0,
            _ => own.len() as u64 * 8 / u64::from(width),
        });
        bytes = rest;
    }
    true
}

fn header(bytes: &mut &[u8]) -> Option<u32> {
    let mut value = 0_u64;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return u32::try_from(value).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::hold;

    #[test]
    fn runs_and_groups_are_counted() {
        // Five times 4, then the numbers 0 to 7, in 3 bits.
        let bytes = [0x0a, 0x04, 0x03, 0x88, 0xc6, 0xfa];
        assert!(hold(&bytes, 3, 13) && !hold(&bytes, 3, 14));
        // The last byte is missing: five numbers of the eight are whole.
        assert!(hold(&bytes[..5], 3, 10) && !hold(&bytes[..5], 3, 11));
        // A run whose value, of twelve bits, is not there.
        assert!(hold(&[0x0a, 0x04, 0x00], 12, 5) && !hold(&[0x0a, 0x04], 12, 5));
        assert!(hold(&[], 0, 5) && hold(&[], 3, 0) && !hold(&[0x80], 3, 1));
    }
}
