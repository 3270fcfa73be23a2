//! The start of a file: where addresses count from, how wide they are, and where the root group is (versions 0 to 3; HDF5
//! File Format Specification 3.0, section II).

use super::checksum::checksum;
use super::disk::{Bytes, Disk};
use super::fault::Fault;
use crate::input::SharedFile;

/// The first bytes of every file, or of what follows a block of the user's own.
pub(in super::super) const SIGNATURE: &[u8; 8] = b"\x89HDF\r\n\x1a\n";
/// Bytes of the longest superblock.
const LONGEST: u64 = 128;

/// Whether a file that starts with these bytes is an HDF5 file: the signature is at 0, 512, 1024, 2048, ….
pub(in super::super) fn recognises(start: &[u8]) -> bool {
    places().take_while(|place| *place < start.len() as u64).any(|place| start[place as usize..].starts_with(SIGNATURE))
}

fn places() -> impl Iterator<Item = u64> {
    std::iter::once(0).chain((9..40).map(|power| 1 << power))
}

/// Opens a file; the address of its root group's header comes with it.
pub(in super::super) fn open(file: SharedFile, length: u64) -> Result<(Disk, u64), Fault> {
    let mut disk = Disk::new(file, length);
    for place in places().take_while(|place| *place < length) {
        if disk.up_to(place, 8)? == SIGNATURE {
            disk.base = place;
            let bytes = disk.up_to(0, LONGEST)?;
            let root = read(&mut disk, &bytes)?;
            return Ok((disk, root));
        }
    }
    Fault::damaged("is no HDF5 file (its first bytes are wrong)")
}

fn read(disk: &mut Disk, all: &[u8]) -> Result<u64, Fault> {
    let mut bytes = Bytes(all);
    bytes.skip(SIGNATURE.len())?;
    let version = bytes.u8()?;
    match version {
        0 | 1 => bytes.skip(4)?,
        2 | 3 => {}
        _ => return Fault::unsupported(format!("has a superblock of version {version}; versions 0 to 3 are read")),
    }
    (disk.offset_size, disk.length_size) = (bytes.u8()?, bytes.u8()?);
    if ![2, 4, 8].contains(&disk.offset_size) || ![2, 4, 8].contains(&disk.length_size) {
        return Fault::damaged(format!(
            "has addresses of {} and lengths of {} bytes",
            disk.offset_size, disk.length_size
        ));
    }
    match version {
        0 => bytes.skip(9)?,
        1 => bytes.skip(13)?,
        _ => bytes.skip(1)?,
    }
    disk.offset(&mut bytes)?;
    disk.offset(&mut bytes)?;
    let end = disk.offset(&mut bytes)?;
    if end > disk.length() {
        return Fault::damaged(format!("has {} of its {end} bytes: it was cut short", disk.length()));
    }
    if version < 2 {
        // The address of driver information, then the root's entry in a symbol table: name, header, ….
        disk.offset(&mut bytes)?;
        disk.offset(&mut bytes)?;
        return disk.offset(&mut bytes);
    }
    let root = disk.offset(&mut bytes)?;
    let covered = all.len() - bytes.0.len();
    if bytes.u32()? != checksum(&all[..covered]) {
        return Fault::damaged("its superblock does not match its check sum");
    }
    Ok(root)
}
