//! Levels of a page, as runs of equal ones.
//!
//! After the format's "Encodings", section "Run Length Encoding / Bit-Packing Hybrid (RLE = 3)". A few bytes can stand for billions
//! of levels, so that they are never spread out: whoever counts them counts runs.

/// Levels that are still to come.
pub(super) struct Levels<'a> {
    bytes: &'a [u8],
    /// Bits of a level.
    width: usize,
    run: Run<'a>,
}

enum Run<'a> {
    Repeated { level: u8, left: u64 },
    Packed { bytes: &'a [u8], bit: usize, left: usize },
}

impl<'a> Levels<'a> {
    /// Levels up to `most`, 255 at most.
    pub(super) fn new(bytes: &'a [u8], most: u8) -> Self {
        let width = (u8::BITS - most.leading_zeros()) as usize;
        Self { bytes, width, run: Run::Repeated { level: 0, left: 0 } }
    }

    /// The next level, and how often it follows at least. `None` where the bytes end.
    pub(super) fn next_run(&mut self) -> Option<(u8, u64)> {
        loop {
            match &self.run {
                Run::Repeated { level, left: left @ 1.. } => return Some((*level, *left)),
                Run::Packed { bytes, bit, left: 1.. } => {
                    let (byte, shift) = (bit / 8, bit % 8);
                    let low = u16::from(*bytes.get(byte)?);
                    let both = low | u16::from(bytes.get(byte + 1).copied().unwrap_or(0)) << 8;
                    let mask = (1_u16 << self.width) - 1;
                    return Some((((both >> shift) & mask) as u8, 1));
                }
                _ => self.load()?,
            }
        }
    }

    /// Steps over `count` levels of the run that was told.
    pub(super) fn skip(&mut self, count: u64) {
        match &mut self.run {
            Run::Repeated { left, .. } => *left = left.saturating_sub(count),
            Run::Packed { bit, left, .. } => {
                *bit += self.width;
                *left = left.saturating_sub(1);
            }
        }
    }

    fn load(&mut self) -> Option<()> {
        let header = self.header()?;
        let count = header >> 1;
        self.run = if header & 1 == 0 {
            let (&level, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            Run::Repeated { level, left: count }
        } else {
            // In groups of eight; some writers leave out the end of the last one.
            let length = usize::try_from(count).ok()?.checked_mul(self.width)?;
            let (packed, rest) = self.bytes.split_at(length.min(self.bytes.len()));
            self.bytes = rest;
            Run::Packed { bytes: packed, bit: 0, left: packed.len() * 8 / self.width.max(1) }
        };
        Some(())
    }

    fn header(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..35).step_by(7) {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut levels: Levels<'_>, most: usize) -> Vec<u8> {
        let mut found = Vec::new();
        while let Some((level, count)) = levels.next_run().filter(|_| found.len() < most) {
            found.extend((0..count).map(|_| level));
            levels.skip(count);
        }
        found
    }

    #[test]
    fn the_example_of_the_specification() {
        // The numbers 0 to 7 in 3 bits are the bytes 88 c6 fa; then five times 4.
        let bytes = [0x03, 0x88, 0xc6, 0xfa, 0x0a, 0x04];
        assert_eq!(all(Levels::new(&bytes, 7), 100), [0, 1, 2, 3, 4, 5, 6, 7, 4, 4, 4, 4, 4]);
    }

    #[test]
    fn billions_of_levels_are_one_run() {
        let bytes = [0xfe, 0xff, 0xff, 0xff, 0x0f, 0x01];
        assert_eq!(Levels::new(&bytes, 1).next_run(), Some((1, (1 << 31) - 1)));
    }

    #[test]
    fn what_is_cut_short_ends() {
        assert_eq!(all(Levels::new(&[0x05, 0xff], 1), 100), [1; 8]);
        for bytes in [&[][..], &[0x80], &[0x02], &[0x01], &[0xff; 6]] {
            assert!(all(Levels::new(bytes, 3), 100).is_empty(), "{bytes:?}");
        }
    }
}
