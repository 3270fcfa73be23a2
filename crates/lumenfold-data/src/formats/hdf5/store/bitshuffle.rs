//! LZ4 and bitshuffle, the filters of X-ray detectors.
//!
//! LZ4 is number 32004 of the HDF Group's registered filters, as DECTRIS wrote it; bitshuffle, alone or with LZ4 or Zstandard, number
//! 32008, after K. Masui et al., Astronomy and Computing 12, 181 (2015). Both cut a chunk into blocks. In a block of bitshuffle the
//! first bits of all elements come first, then the second ones, …; what is left of a chunk beyond eights of elements stands as it is.

use super::disk::Bytes;
use super::fault::Fault;

/// Bytes of a block where a file does not say it, and elements of one at least.
const USUAL_BLOCK: usize = 8192;
const LEAST_ELEMENTS: usize = 128;
/// Elements are shuffled in multiples of so many.
const EIGHT: usize = 8;
/// What the fifth value of the filter says about compression.
const WITH_LZ4: u32 = 2;
const WITH_ZSTANDARD: u32 = 3;

/// Decompresses up to `most` bytes of LZ4.
pub(super) fn undo_lz4(bytes: &[u8], most: u64) -> Result<Vec<u8>, Fault> {
    let mut rest = Bytes(bytes);
    let (total, block) = head(&mut rest, most)?;
    let mut out = Vec::new();
    while out.len() < total {
        let size = block.min(total - out.len());
        let stored = taken(&mut rest)?;
        // What would have grown is kept as it is.
        if stored.len() == size {
            out.extend_from_slice(stored)
        } else {
            out.extend(decompressed(stored, size, false)?)
        }
    }
    Ok(out)
}

/// Undoes bitshuffle with the filter's values: two of its version, bytes of an element, elements of a block, the compression.
pub(super) fn undo(values: &[u32], bytes: &[u8], most: u64, element: u64) -> Result<Vec<u8>, Fault> {
    let value = |at: usize| values.get(at).copied().unwrap_or(0);
    let element = if value(2) == 0 { element } else { value(2).into() };
    let Some(element) = usize::try_from(element).ok().filter(|element| (1..=1 << 16).contains(element)) else {
        return Fault::damaged("bitshuffle of elements without size");
    };
    let compression = value(4);
    let mut rest = Bytes(bytes);
    let (total, block) = match compression {
        0 => {
            let usual = (USUAL_BLOCK / element / EIGHT * EIGHT).max(LEAST_ELEMENTS);
            let elements = if value(3) == 0 { usual } else { value(3) as usize };
            (bytes.len(), elements.saturating_mul(element))
        }
        WITH_LZ4 | WITH_ZSTANDARD => head(&mut rest, most)?,
        other => return Fault::unsupported(format!("its values passed bitshuffle with compression {other}")),
    };
    let eight = EIGHT * element;
    if block % eight != 0 {
        return Fault::damaged("blocks of bitshuffle that are no eights of elements");
    }
    let shuffled = total / eight * eight;
    let mut out = Vec::new();
    while out.len() < shuffled {
        let size = block.min(shuffled - out.len());
        match compression {
            0 => unshuffle(rest.take(size)?, element, &mut out),
            _ => unshuffle(&decompressed(taken(&mut rest)?, size, compression == WITH_ZSTANDARD)?, element, &mut out),
        }
    }
    out.extend_from_slice(rest.take(total - shuffled)?);
    Ok(out)
}

/// Bytes of all blocks and of one, of which there are `most` at most: big-endian numbers of 64 and 32 bits.
fn head(rest: &mut Bytes<'_>, most: u64) -> Result<(usize, usize), Fault> {
    let (total, block) = (big_endian(rest.take(8)?), big_endian(rest.take(4)?));
    match (usize::try_from(total), usize::try_from(block)) {
        (Ok(total), Ok(block @ 1..)) if total as u64 <= most => Ok((total, block)),
        _ => Fault::damaged("a chunk is longer than its shape says"),
    }
}

/// A block that stands behind its length.
fn taken<'a>(rest: &mut Bytes<'a>) -> Result<&'a [u8], Fault> {
    let length = big_endian(rest.take(4)?);
    rest.take(usize::try_from(length).unwrap_or(usize::MAX))
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// A block decompressed, which has to become `size` bytes.
fn decompressed(block: &[u8], size: usize, zstandard: bool) -> Result<Vec<u8>, Fault> {
    let mut out = vec![0; size];
    let written = match zstandard {
        true => zstd::bulk::decompress_to_buffer(block, &mut out[..]).ok(),
        false => lz4_flex::block::decompress_into(block, &mut out).ok(),
    };
    match written == Some(size) {
        true => Ok(out),
        false => Fault::damaged("its compressed data are damaged"),
    }
}

/// Appends the elements of a block, eights of them.
fn unshuffle(block: &[u8], element: usize, out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + block.len(), 0);
    // For each bit of an element its value in all of them, eight in a byte.
    let row = block.len() / (8 * element);
    for (bit, row) in block.chunks_exact(row.max(1)).enumerate() {
        for (at, byte) in row.iter().enumerate() {
            for place in 0..8 {
                let cell = start + (at * 8 + place) * element + bit / 8;
                out[cell] |= (byte >> place & 1) << (bit % 8);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As bitshuffle does it, a bit at a time.
    fn shuffled(cells: &[u8], element: usize) -> Vec<u8> {
        let count = cells.len() / element;
        let bit = |cell: usize, bit: usize| cells[cell * element + bit / 8] >> (bit % 8) & 1;
        let byte = |of: usize, at: usize| (0..8).fold(0, |byte, place| byte | bit(at * 8 + place, of) << place);
        (0..8 * element).flat_map(|of| (0..count / 8).map(move |at| byte(of, at))).collect()
    }

    #[test]
    fn bits_come_back_to_their_elements() {
        for element in [1, 2, 3, 4, 8] {
            let cells: Vec<u8> = (0..24 * element).map(|at| (at * 37 % 251) as u8).collect();
            let left = [9; 5];
            // Two blocks, of 16 and of 8 elements, and what is no eight.
            let (first, second) = cells.split_at(16 * element);
            let stored =
                [shuffled(first, element), shuffled(second, element), left[..5.min(element)].to_vec()].concat();
            let found = undo(&[0, 4, element as u32, 16], &stored, 1 << 20, 1).expect("sound");
            assert_eq!(found, [&cells, &left[..5.min(element)]].concat());
        }
    }

    #[test]
    fn lies_are_refused() {
        let lz4 = |total: u64, block: u32, rest: &[u8]| [&total.to_be_bytes(), &block.to_be_bytes()[..], rest].concat();
        let values = [0, 4, 4, 0, WITH_LZ4];
        for bytes in
            [lz4(u64::MAX, 64, &[]), lz4(64, 0, &[]), lz4(64, 64, &[0xff; 4]), lz4(64, 64, &[0, 0, 0, 1, 7]), vec![1]]
        {
            assert!(undo_lz4(&bytes, 100).is_err() && undo(&values, &bytes, 100, 4).is_err(), "{bytes:?}");
        }
        assert!(undo(&[0, 4, 4, 3], &[0; 64], 100, 4).is_err(), "blocks of three");
        assert!(undo(&[0, 4, 0, 0], &[0; 64], 100, 0).is_err(), "no elements");
        assert!(undo(&[0, 4, 4, 0, 7], &[0; 64], 100, 4).is_err(), "another compression");
    }
}
