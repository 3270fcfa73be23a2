//! The check sum of metadata: lookup3 by Bob Jenkins (public domain, 2006), `hashlittle` with an initial value of 0.

/// The check sum of some bytes.
pub(in super::super) fn checksum(bytes: &[u8]) -> u32 {
    let start = 0xdead_beef_u32.wrapping_add(bytes.len() as u32);
    let (mut a, mut b, mut c) = (start, start, start);
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
    // The last block, of 1 to 12 bytes, is mixed otherwise.
    let blocks = bytes.len().saturating_sub(1) / 12;
    for block in bytes.chunks_exact(12).take(blocks) {
        a = a.wrapping_add(word(&block[..4]));
        b = b.wrapping_add(word(&block[4..8]));
        c = c.wrapping_add(word(&block[8..]));
        (a, b, c) = mixed(a, b, c);
    }
    let last = &bytes[12 * blocks..];
    if last.is_empty() {
        return c;
    }
    a = a.wrapping_add(word(&last[..last.len().min(4)]));
    b = b.wrapping_add(word(last.get(4..last.len().min(8)).unwrap_or_default()));
    c = c.wrapping_add(word(last.get(8..).unwrap_or_default()));
    finished(a, b, c)
}

fn mixed(mut a: u32, mut b: u32, mut c: u32) -> (u32, u32, u32) {
    for bits in [[4, 6, 8], [16, 19, 4]] {
        a = a.wrapping_sub(c) ^ c.rotate_left(bits[0]);
        c = c.wrapping_add(b);
        b = b.wrapping_sub(a) ^ a.rotate_left(bits[1]);
        a = a.wrapping_add(c);
        c = c.wrapping_sub(b) ^ b.rotate_left(bits[2]);
        b = b.wrapping_add(a);
    }
    (a, b, c)
}

fn finished(mut a: u32, mut b: u32, mut c: u32) -> u32 {
    let step = |value: u32, other: u32, bits: u32| (value ^ other).wrapping_sub(other.rotate_left(bits));
    c = step(c, b, 14);
    a = step(a, c, 11);
    b = step(b, a, 25);
    c = step(c, b, 16);
    a = step(a, c, 4);
    b = step(b, a, 14);
    step(c, b, 24)
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn the_published_values_come_out() {
        // From the driver of lookup3.c.
        assert_eq!(checksum(b""), 0xdead_beef);
        assert_eq!(checksum(b"Four score and seven years ago"), 0x1777_0551);
    }
}
