//! The members of a group: old groups keep them in a tree with a heap of names, new ones in messages or, where there are many,
//! in a fractal heap (specification, sections III.A.1, III.B to III.D, IV.A.2.g).

use super::btree2;
use super::disk::{Bytes, Disk, UNDEFINED, text};
use super::fault::Fault;
use super::fractal_heap::FractalHeap;
use super::header::{Header, types};

/// Levels of a tree.
const DEEPEST: u8 = 32;
/// Most members of a group.
const MOST_MEMBERS: usize = 1 << 20;

/// What a name in a group leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Link {
    /// The header of an object.
    Object(u64),
    /// Another path of the file.
    Path(String),
    /// An object of another file.
    External,
}

/// Whether a header is that of a group.
pub(super) fn is_group(header: &Header) -> bool {
    [types::SYMBOL_TABLE, types::LINK_INFO, types::LINK].iter().any(|kind| header.first(*kind).is_some())
}

/// The members of a group in the order in which they are kept: by name, or as they were made.
pub(super) fn members(disk: &Disk, header: &Header) -> Result<Vec<(String, Link)>, Fault> {
    let mut found = Vec::new();
    if let Some(message) = header.first(types::SYMBOL_TABLE) {
        let mut bytes = Bytes(message);
        let (tree, heap) = (disk.offset(&mut bytes)?, disk.offset(&mut bytes)?);
        symbols(disk, tree, &names(disk, heap)?, DEEPEST, &mut found)?;
    }
    for message in header.messages.iter().filter(|message| message.kind == types::LINK) {
        found.push(link(disk, &message.data)?);
    }
    if let Some(message) = header.first(types::LINK_INFO) {
        let mut bytes = Bytes(message);
        bytes.skip(1)?;
        let flags = bytes.u8()?;
        bytes.skip(if flags & 1 == 0 { 0 } else { 8 })?;
        let (heap, tree) = (disk.offset(&mut bytes)?, disk.offset(&mut bytes)?);
        if heap != UNDEFINED && tree != UNDEFINED {
            let heap = FractalHeap::read(disk, heap)?;
            for record in btree2::records(disk, tree)?.1 {
                // A hash of the name, then the place in the heap.
                let Some(identifier) = record.get(4..) else { return Fault::damaged("a link has no place") };
                found.push(link(disk, &heap.object(disk, identifier)?)?);
            }
        }
    }
    // Links that say when they were made come in that order.
    if found.iter().all(|(order, ..)| order.is_some()) {
        found.sort_by_key(|(order, ..)| *order);
    }
    Ok(found.into_iter().map(|(_, name, link)| (name, link)).collect())
}

type Found = (Option<u64>, String, Link);

fn link(disk: &Disk, message: &[u8]) -> Result<Found, Fault> {
    let mut bytes = Bytes(message);
    let (version, flags) = (bytes.u8()?, bytes.u8()?);
    if version != 1 {
        return Fault::damaged(format!("a link of version {version}"));
    }
    let kind = if flags & 8 == 0 { 0 } else { bytes.u8()? };
    let order = if flags & 4 == 0 { None } else { Some(bytes.u64()?) };
    bytes.skip(if flags & 16 == 0 { 0 } else { 1 })?;
    let length = bytes.unsigned(1 << (flags & 3))?;
    let name = text(bytes.take(usize::try_from(length).unwrap_or(usize::MAX))?);
    let link = match kind {
        0 => Link::Object(disk.offset(&mut bytes)?),
        1 => {
            let length = bytes.u16()?;
            Link::Path(text(bytes.take(length.into())?))
        }
        _ => Link::External,
    };
    Ok((order, name, link))
}

/// The texts that names of an old group are taken from.
fn names(disk: &Disk, address: u64) -> Result<Vec<u8>, Fault> {
    let head = disk.bytes(address, 8 + 2 * u64::from(disk.length_size) + u64::from(disk.offset_size))?;
    let mut bytes = Bytes(&head);
    bytes.signature(b"HEAP")?;
    bytes.skip(4)?;
    let size = disk.size(&mut bytes)?;
    disk.size(&mut bytes)?;
    disk.bytes(disk.offset(&mut bytes)?, size)
}

/// Adds the members below a node of an old group's tree.
fn symbols(disk: &Disk, address: u64, names: &[u8], depth: u8, found: &mut Vec<Found>) -> Result<(), Fault> {
    let Some(depth) = depth.checked_sub(1) else { return Fault::damaged("a group's tree is nested too deeply") };
    let (offset, length) = (u64::from(disk.offset_size), u64::from(disk.length_size));
    let head = disk.bytes(address, 8)?;
    let mut bytes = Bytes(&head);
    if head.starts_with(b"SNOD") {
        bytes.skip(6)?;
        let count = u64::from(bytes.u16()?);
        if found.len() > MOST_MEMBERS {
            return Fault::damaged("a group has too many members");
        }
        let all = disk.bytes(address.saturating_add(8), count * (2 * offset + 24))?;
        let mut bytes = Bytes(&all);
        for _ in 0..count {
            let (name, header) = (disk.offset(&mut bytes)?, disk.offset(&mut bytes)?);
            let kind = bytes.u32()?;
            bytes.skip(4)?;
            let mut scratch = Bytes(bytes.take(16)?);
            let name = name_at(names, name)?;
            let link =
                if kind == 2 { Link::Path(name_at(names, scratch.u32()?.into())?) } else { Link::Object(header) };
            found.push((None, name, link));
        }
        return Ok(());
    }
    bytes.signature(b"TREE")?;
    let (kind, _level, count) = (bytes.u8()?, bytes.u8()?, u64::from(bytes.u16()?));
    if kind != 0 {
        return Fault::damaged("a group's tree is one of chunks");
    }
    let all = disk.bytes(address.saturating_add(8), 2 * offset + length + count * (length + offset))?;
    let mut bytes = Bytes(&all);
    bytes.skip(2 * offset as usize)?;
    for _ in 0..count {
        disk.size(&mut bytes)?;
        symbols(disk, disk.offset(&mut bytes)?, names, depth, found)?;
    }
    Ok(())
}

fn name_at(names: &[u8], place: u64) -> Result<String, Fault> {
    let bytes = usize::try_from(place).ok().and_then(|place| names.get(place..));
    match bytes {
        Some(bytes) => Ok(text(bytes.split(|byte| *byte == 0).next().unwrap_or_default())),
        None => Fault::damaged("a name lies outside its heap"),
    }
}
