//! Check sums of HDF5 made right again, so that a changed byte meets more of the reader than the comparison with a sum.
//!
//! Superblocks of version 2 and 3 and object headers of version 2 end with a sum of their bytes (HDF5 File Format
//! Specification 3.0, II.A and IV.A.1.b). A sum that is wrong is the subject of the reader's own tests.

// The reader's own function, which is not public.
#[path = "../../crates/lumenfold-data/src/formats/hdf5/store/checksum.rs"]
mod checksum;

const SUPERBLOCK: &[u8] = b"\x89HDF\r\n\x1a\n";
/// Bytes of a superblock before its sum, where addresses have eight bytes.
const SUPERBLOCK_BYTES: usize = 44;
const OBJECT_HEADER: &[u8] = b"OHDR\x02";

/// The same bytes with the sums that go with them.
#[must_use]
pub fn repaired(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.starts_with(SUPERBLOCK) && matches!(bytes.get(8), Some(2 | 3)) {
        seal(&mut bytes, 0, SUPERBLOCK_BYTES);
    }
    for at in 0..bytes.len() {
        if bytes[at..].starts_with(OBJECT_HEADER)
            && let Some(length) = header_bytes(&bytes[at..])
        {
            seal(&mut bytes, at, length);
        }
    }
    bytes
}

/// Bytes of an object header before its sum.
fn header_bytes(header: &[u8]) -> Option<usize> {
    let flags = *header.get(OBJECT_HEADER.len())?;
    let times = if flags & 0x20 == 0 { 0 } else { 16 };
    let phases = if flags & 0x10 == 0 { 0 } else { 4 };
    let (at, width) = (OBJECT_HEADER.len() + 1 + times + phases, 1 << (flags & 3));
    let size = header.get(at..at + width)?.iter().rev().fold(0_u64, |size, byte| (size << 8) | u64::from(*byte));
    usize::try_from(size).ok()?.checked_add(at + width)
}

/// Puts the sum of so many bytes behind them, if they are there.
fn seal(bytes: &mut [u8], at: usize, length: usize) {
    let Some(end) = at.checked_add(length) else { return };
    let Some(own) = bytes.get(at..end) else { return };
    let sum = checksum::checksum(own).to_le_bytes();
    if let Some(place) = end.checked_add(sum.len()).and_then(|last| bytes.get_mut(end..last)) {
        place.copy_from_slice(&sum);
    }
}
