//! The filter scale-offset: integers as differences from the least, in as few bits as the largest needs; floats after they were
//! rounded to so many decimals (H5Zscaleoffset.c describes the form; the specification does not).

use super::disk::Bytes;
use super::fault::Fault;

/// Where the packed differences begin.
const DATA: usize = 21;

/// Undoes the filter; `most` bytes may come out.
pub(super) fn undo(values: &[u32], bytes: &[u8], most: u64) -> Result<Vec<u8>, Fault> {
    let value = |at: usize| values.get(at).copied().unwrap_or(0);
    let (scale, decimals) = (value(0), value(1) as i32);
    let (count, class, size, big_endian) = (u64::from(value(2)), value(3), value(4) as usize, value(6) == 1);
    if ![1, 2, 4, 8].contains(&size) || class > 1 || (class == 1 && (scale != 0 || size < 4)) {
        return Fault::unsupported(
            "was packed by a form of the filter scale-offset that is not read; rewrite it with h5repack -f GZIP=4",
        );
    }
    if count.saturating_mul(size as u64) > most {
        return Fault::damaged("a chunk is longer than its shape says");
    }
    let mut head = Bytes(bytes);
    let bits = head.u32()?;
    let least_bytes = usize::from(head.u8()?);
    let least = head.unsigned(least_bytes.min(8))?;
    let Some(packed) = bytes.get(DATA..) else { return Fault::damaged("a packed chunk is cut short") };
    let width = 8 * size as u32;
    let needed = count.saturating_mul(bits.into()).div_ceil(8);
    if bits > width || needed > packed.len() as u64 {
        return Fault::damaged("a packed chunk is cut short");
    }
    // Where values may be absent, the largest difference stands for them; the value that is written instead follows, in words.
    let absent = (value(7) == 1).then(|| u64::from(value(8)) | u64::from(value(9)) << 32);
    let largest = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
    let mut stream = Bits { bytes: packed, place: 0 };
    let mut out = Vec::with_capacity(count as usize * size);
    for _ in 0..count {
        let restored = if bits == width {
            // Packing would have saved nothing: the values themselves.
            Bytes(packed.get(out.len()..).unwrap_or_default()).unsigned(size)?
        } else {
            match (stream.next(bits), absent) {
                (difference, Some(absent)) if difference == largest => absent,
                (difference, _) if class == 0 => difference.wrapping_add(least),
                (difference, _) => unrounded(difference, least, decimals, size),
            }
        };
        let cell = restored.to_le_bytes();
        match big_endian {
            true => out.extend(cell[..size].iter().rev()),
            false => out.extend_from_slice(&cell[..size]),
        }
    }
    Ok(out)
}

/// The bits of a float that lies so many units of its last decimal above the least.
fn unrounded(difference: u64, least: u64, decimals: i32, size: usize) -> u64 {
    match size {
        4 => {
            let unit = libm::pow(10.0, f64::from(decimals)) as f32;
            u64::from((difference as f32 / unit + f32::from_bits(least as u32)).to_bits())
        }
        _ => (difference as f64 / libm::pow(10.0, f64::from(decimals)) + f64::from_bits(least)).to_bits(),
    }
}

/// Numbers of some bits, the highest bit of each first.
struct Bits<'a> {
    bytes: &'a [u8],
    /// In bits.
    place: usize,
}

impl Bits<'_> {
    fn next(&mut self, count: u32) -> u64 {
        let mut number = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.place / 8).copied().unwrap_or(0);
            number = number << 1 | u64::from(byte >> (7 - self.place % 8) & 1);
            self.place += 1;
        }
        number
    }
}
