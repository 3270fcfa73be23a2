//! Filters undone: gzip, shuffle, Fletcher's check sum, scale and offset, LZF, Zstandard, LZ4, bitshuffle. Others are refused by name.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::bitshuffle;
use super::fault::Fault;
use super::layout::Filter;
use super::lzf;
use super::scale_offset;

const DEFLATE: u16 = 1;
const SHUFFLE: u16 = 2;
const FLETCHER: u16 = 3;
const SCALE_OFFSET: u16 = 6;
const LZF: u16 = 32_000;
const LZ4: u16 = 32_004;
const BITSHUFFLE: u16 = 32_008;
const ZSTANDARD: u16 = 32_015;
/// What filters that are not read are called.
const OTHERS: [(u16, &str); 7] =
    [(4, "szip"), (5, "n-bit"), (307, "bzip2"), (32_001, "Blosc"), (32_013, "ZFP"), (32_017, "SZ"), (32_026, "Blosc2")];
/// Bytes by which a chunk may grow on its way, beside its size.
const SLACK: u64 = 1 << 12;

/// Refuses filters that cannot be undone.
pub(super) fn check(filters: &[Filter]) -> Result<(), Fault> {
    let known = [DEFLATE, SHUFFLE, FLETCHER, SCALE_OFFSET, LZF, LZ4, BITSHUFFLE, ZSTANDARD];
    match filters.iter().find(|filter| !known.contains(&filter.number)) {
        None => Ok(()),
        Some(filter) => {
            let name = OTHERS.iter().find(|(number, _)| *number == filter.number).map(|(_, name)| *name);
            let name = name.map_or_else(|| crate::suggest::excerpt(&filter.name), str::to_owned);
            Fault::unsupported(format!(
                "its values passed the filter {name} (number {}), which is not read; rewrite it with h5repack -f GZIP=4",
                filter.number
            ))
        }
    }
}

/// The bytes of a chunk as they were before the filters; `size` of them, elements of `element` bytes.
pub(super) fn undo(
    filters: &[Filter],
    mask: u32,
    mut bytes: Vec<u8>,
    size: u64,
    element: u64,
) -> Result<Vec<u8>, Fault> {
    let most = size.saturating_add(size / 2).saturating_add(SLACK);
    for (at, filter) in filters.iter().enumerate().rev() {
        if mask & (1 << at) != 0 {
            continue;
        }
        bytes = match filter.number {
            DEFLATE => read(ZlibDecoder::new(&bytes[..]), most, "gzip")?,
            SHUFFLE => unshuffled(&bytes, filter.values.first().map_or(element, |size| u64::from(*size)) as usize),
            FLETCHER => unchecked(bytes)?,
            SCALE_OFFSET => scale_offset::undo(&filter.values, &bytes, most)?,
            LZF => lzf::undo(&bytes, most)?,
            LZ4 => bitshuffle::undo_lz4(&bytes, most)?,
            BITSHUFFLE => bitshuffle::undo(&filter.values, &bytes, most, element)?,
            ZSTANDARD => match zstd::Decoder::new(&bytes[..]) {
                Ok(decoder) => read(decoder, most, "Zstandard")?,
                Err(_) => return Fault::damaged("its Zstandard data are damaged"),
            },
            _ => return check(filters).and_then(|()| Fault::damaged("a filter is not known")),
        };
    }
    match bytes.len() as u64 == size {
        true => Ok(bytes),
        false => Fault::damaged(format!("a chunk has {} bytes where it should have {size}", bytes.len())),
    }
}

fn read(decoder: impl Read, most: u64, name: &str) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    match decoder.take(most.saturating_add(1)).read_to_end(&mut bytes) {
        Ok(read) if read as u64 <= most => Ok(bytes),
        Ok(_) => Fault::damaged("a chunk is longer than its shape says"),
        Err(_) => Fault::damaged(format!("its {name} data are damaged")),
    }
}

/// Bytes of elements together again: the first bytes of all came first, then the second ones, ….
fn unshuffled(bytes: &[u8], element: usize) -> Vec<u8> {
    let count = bytes.len().checked_div(element).unwrap_or(0);
    if element < 2 || count < 2 {
        return bytes.to_vec();
    }
    let mut joined = vec![0; bytes.len()];
    for (at, plane) in bytes.chunks_exact(count).take(element).enumerate() {
        for (cell, byte) in joined.chunks_exact_mut(element).zip(plane) {
            cell[at] = *byte;
        }
    }
    // What is no whole element stands as it was.
    let whole = count * element;
    joined[whole..].copy_from_slice(&bytes[whole..]);
    joined
}

/// The bytes without their check sum, which must be right.
fn unchecked(mut bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
    let Some((own, sum)) = bytes.split_last_chunk::<4>() else { return Fault::damaged("a chunk lacks its check sum") };
    let (computed, stored) = (fletcher(own), u32::from_le_bytes(*sum));
    // Files of libraries before 1.6.3 have the bytes of each half exchanged.
    let old = (computed & 0x00ff_00ff) << 8 | (computed >> 8) & 0x00ff_00ff;
    if stored != computed && stored != old {
        return Fault::damaged("a chunk does not match its check sum");
    }
    bytes.truncate(bytes.len() - 4);
    Ok(bytes)
}

/// Fletcher's check sum of big-endian words of 16 bits (`H5_checksum_fletcher32`).
fn fletcher(bytes: &[u8]) -> u32 {
    let reduced = |sum: u32| (sum & 0xffff) + (sum >> 16);
    let (mut first, mut second) = (0_u32, 0_u32);
    for block in bytes.chunks(720) {
        for word in block.chunks(2) {
            first += u32::from(word[0]) << 8 | word.get(1).copied().map_or(0, u32::from);
            second += first;
        }
        (first, second) = (reduced(first), reduced(second));
    }
    reduced(second) << 16 | reduced(first)
}
