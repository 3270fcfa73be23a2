//! Lists of numbers in DELTA_BINARY_PACKED, read without believing how many they claim to be.
//!
//! After the format's "Encodings", section "Delta Encoding (DELTA_BINARY_PACKED = 5)". A header tells the sizes of blocks, the number
//! of values and the first of them; each block has its least difference, the widths of its miniblocks, and differences in so many bits.

/// Values for which a list needs no bytes, and those that a byte can stand for beyond them. Blocks of 128 values, which most writers
/// make, take five bytes at least; the longest that were seen have 2048 values in nine.
const FREE_VALUES: u64 = 1 << 20;
const MOST_VALUES_OF_BYTE: u64 = 1 << 10;

/// The header of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The number of values.
    pub(super) count: u64,
    first: i64,
    miniblocks: usize,
    /// Values of a miniblock.
    length: u64,
}

impl Header {
    /// Reads a header, and steps behind it; `None` if it makes no sense, or claims more values than such bytes hold.
    pub(super) fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (block, miniblocks) = (unsigned(bytes)?, unsigned(bytes)?);
        let (count, first) = (unsigned(bytes)?, signed(bytes)?);
        let length = block.checked_div(miniblocks)?;
        let sound = block > 0 && block % 128 == 0 && block % miniblocks == 0 && length % 32 == 0;
        let most = FREE_VALUES.saturating_add((bytes.len() as u64).saturating_mul(MOST_VALUES_OF_BYTE));
        (sound && count <= most).then_some(Self { count, first, miniblocks: miniblocks.try_into().ok()?, length })
    }

    /// Passes on each value, of 32 bits as the library takes them, and steps behind the last block; `None` where the bytes end too
    /// early, or `each` does not go on.
    pub(super) fn values(self, bytes: &mut &[u8], mut each: impl FnMut(i32) -> Option<()>) -> Option<()> {
        let Some(mut left) = self.count.checked_sub(1) else { return Some(()) };
        let mut value = i32::try_from(self.first).ok()?;
        each(value)?;
        while left > 0 {
            let least = i32::try_from(signed(bytes)?).ok()?;
            let widths = take(bytes, self.miniblocks)?;
            for &width in widths {
                if left == 0 {
                    break;
                }
                let count = left.min(self.length);
                let mut packed = Packed::new(bytes, width, self.length)?;
                for _ in 0..count {
                    value = value.wrapping_add(least).wrapping_add(packed.next() as i32);
                    each(value)?;
                }
                left -= count;
            }
        }
        Some(())
    }
}

/// Numbers of the same width, the lowest bits first.
struct Packed<'a> {
    bytes: std::slice::Iter<'a, u8>,
    width: u32,
    buffer: u64,
    bits: u32,
}

impl<'a> Packed<'a> {
    /// So many numbers, a multiple of eight, of 32 bits at most.
    fn new(bytes: &mut &'a [u8], width: u8, count: u64) -> Option<Self> {
        let length = (count / 8).checked_mul(u64::from(width)).filter(|_| width <= 32)?;
        let own = take(bytes, usize::try_from(length).ok()?)?;
        Some(Self { bytes: own.iter(), width: width.into(), buffer: 0, bits: 0 })
    }

    fn next(&mut self) -> u32 {
        while self.bits < self.width {
            self.buffer |= u64::from(self.bytes.next().copied().unwrap_or_default()) << self.bits;
            self.bits += 8;
        }
        let value = self.buffer & ((1 << self.width) - 1);
        self.buffer >>= self.width;
        self.bits -= self.width;
        value as u32
    }
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (first, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(first)
}

fn unsigned(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn signed(bytes: &mut &[u8]) -> Option<i64> {
    let zigzag = unsigned(bytes)?;
    Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut bytes: &[u8]) -> Option<(Vec<i32>, usize)> {
        let header = Header::read(&mut bytes)?;
        let mut found = Vec::new();
        header.values(&mut bytes, |value| {
            found.push(value);
            Some(())
        })?;
        Some((found, bytes.len()))
    }

    #[test]
    fn the_examples_of_the_specification() {
        // 1 to 5: differences of 1 in no bits. One byte follows.
        assert_eq!(all(&[0x80, 1, 4, 5, 2, 2, 0, 0, 0, 0, 9]), Some((vec![1, 2, 3, 4, 5], 1)));
        // 7, 5, 3, 1, 2, 3, 4, 5: the least difference is -2, the others lie 0 or 3 above it, in two bits.
        let bytes = [0x80, 1, 4, 8, 14, 3, 2, 0, 0, 0, 0b1100_0000, 0b0011_1111, 0, 0, 0, 0, 0, 0];
        assert_eq!(all(&bytes), Some((vec![7, 5, 3, 1, 2, 3, 4, 5], 0)));
    }

    #[test]
    fn lists_without_blocks() {
        assert_eq!(all(&[0x80, 1, 4, 0, 0]), Some((vec![], 0)));
        assert_eq!(all(&[0x80, 1, 4, 1, 3]), Some((vec![-2], 0)));
    }

    #[test]
    fn what_claims_too_much_or_makes_no_sense_is_refused() {
        // 2³¹ values without a byte; no miniblocks; blocks of none, of 100 values, of 128 in 8 miniblocks.
        let claims: [&[u8]; 5] = [
            &[0x80, 1, 4, 0x80, 0x80, 0x80, 0x80, 8, 0],
            &[0x80, 1, 0, 1, 0],
            &[0, 4, 1, 0],
            &[100, 4, 1, 0],
            &[0x80, 1, 8, 1, 0],
        ];
        for claim in claims {
            assert_eq!(all(claim), None, "{claim:?}");
        }
        // Widths, or numbers, that are not there; a width of 33 bits.
        for claim in
            [&[0x80, 1, 4, 2, 0, 0, 1, 0][..], &[0x80, 1, 4, 2, 0, 0, 1, 0, 0, 0], &[0x80, 1, 4, 2, 0, 0, 33, 0, 0, 0]]
        {
            assert_eq!(all(&[claim, &[0; 3]].concat()), None, "{claim:?}");
        }
    }
}
