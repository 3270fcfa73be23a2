//! Where the values of a dataset are, and what was done to them (layout messages of versions 1 to 5, filter pipelines of
//! versions 1 and 2; specification, sections IV.A.2.i and IV.A.2.l).

use super::disk::{Bytes, Disk};
use super::fault::Fault;

/// Most filters.
const MOST_FILTERS: u8 = 32;

/// Where the values are.
#[derive(Clone, Debug)]
pub(super) enum Layout {
    /// In the message itself.
    Compact(Vec<u8>),
    /// End to end from an address on.
    Contiguous(u64),
    Chunked(Chunked),
}

/// Values in chunks of equal shape.
#[derive(Clone, Debug)]
pub(super) struct Chunked {
    /// The sizes of a chunk in elements.
    pub(super) shape: Vec<u64>,
    pub(super) index: Index,
    /// The address of the index.
    pub(super) address: u64,
}

/// How the chunks are found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Index {
    /// A tree of version 1.
    Tree,
    /// There is one chunk: its stored size and the filters it did not pass, if it has filters.
    Single(Option<(u64, u32)>),
    /// One after the other, without filters.
    Implicit,
    FixedArray,
    ExtensibleArray,
    /// A tree of version 2.
    Tree2,
}

impl Layout {
    pub(super) fn parse(disk: &Disk, message: &[u8]) -> Result<Self, Fault> {
        let mut bytes = Bytes(message);
        let version = bytes.u8()?;
        match version {
            1 | 2 => Self::old(disk, bytes),
            // Version 5 differs from 4 in the width of stored sizes, which the indices tell.
            3..=5 => match bytes.u8()? {
                0 => {
                    let size = bytes.u16()?;
                    Ok(Self::Compact(bytes.take(size.into())?.to_vec()))
                }
                1 => Ok(Self::Contiguous(disk.offset(&mut bytes)?)),
                2 if version == 3 => {
                    let dimensions = bytes.u8()?;
                    let address = disk.offset(&mut bytes)?;
                    let shape = sizes(&mut bytes, dimensions, 4)?;
                    Ok(Self::Chunked(Chunked { shape, index: Index::Tree, address }))
                }
                2 => Self::indexed(disk, bytes),
                3 => Fault::unsupported(
                    "is a virtual dataset, made of other files; copy it into one (h5repack, or read and write it)",
                ),
                class => Fault::damaged(format!("a layout of class {class}")),
            },
            _ => Fault::unsupported(format!(
                "has a layout of version {version}; versions 1 to 5 are read; rewrite it with h5repack"
            )),
        }
    }

    fn old(disk: &Disk, mut bytes: Bytes<'_>) -> Result<Self, Fault> {
        let (dimensions, class) = (bytes.u8()?, bytes.u8()?);
        bytes.skip(5)?;
        match class {
            0 => {
                bytes.skip(4 * usize::from(dimensions))?;
                let size = bytes.u32()?;
                Ok(Self::Compact(bytes.take(size as usize)?.to_vec()))
            }
            1 => Ok(Self::Contiguous(disk.offset(&mut bytes)?)),
            2 => {
                let address = disk.offset(&mut bytes)?;
                let shape = sizes(&mut bytes, dimensions, 4)?;
                Ok(Self::Chunked(Chunked { shape, index: Index::Tree, address }))
            }
            _ => Fault::damaged(format!("a layout of class {class}")),
        }
    }

    fn indexed(disk: &Disk, mut bytes: Bytes<'_>) -> Result<Self, Fault> {
        let (flags, dimensions, width) = (bytes.u8()?, bytes.u8()?, bytes.u8()?);
        let shape = sizes(&mut bytes, dimensions, width.into())?;
        let index = match bytes.u8()? {
            1 if flags & 2 != 0 => Index::Single(Some((disk.size(&mut bytes)?, bytes.u32()?))),
            1 => Index::Single(None),
            2 => Index::Implicit,
            3 => {
                bytes.skip(1)?;
                Index::FixedArray
            }
            4 => {
                bytes.skip(5)?;
                Index::ExtensibleArray
            }
            5 => {
                bytes.skip(6)?;
                Index::Tree2
            }
            kind => return Fault::damaged(format!("an index of chunks of type {kind}")),
        };
        Ok(Self::Chunked(Chunked { shape, index, address: disk.offset(&mut bytes)? }))
    }
}

/// The sizes of a chunk. The last of the dimensions is the bytes of an element, which the type says as well.
fn sizes(bytes: &mut Bytes<'_>, dimensions: u8, width: usize) -> Result<Vec<u64>, Fault> {
    let mut sizes: Vec<u64> = (0..dimensions).map(|_| bytes.unsigned(width)).collect::<Result<_, _>>()?;
    sizes.pop();
    match sizes.is_empty() || sizes.contains(&0) {
        true => Fault::damaged("chunks without a shape"),
        false => Ok(sizes),
    }
}

/// A filter that every chunk passed when it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) number: u16,
    /// What the writer called it, where it is none of the format's own.
    pub(super) name: String,
    /// Its settings.
    pub(super) values: Vec<u32>,
}

/// The filters in the order in which they were passed.
pub(super) fn filters(message: &[u8]) -> Result<Vec<Filter>, Fault> {
    let mut bytes = Bytes(message);
    let (version, count) = (bytes.u8()?, bytes.u8()?);
    if !(1..=2).contains(&version) || count > MOST_FILTERS {
        return Fault::damaged(format!("{count} filters of version {version}"));
    }
    bytes.skip(if version == 1 { 6 } else { 0 })?;
    let mut filters = Vec::new();
    for _ in 0..count {
        let number = bytes.u16()?;
        let name = if version == 1 || number >= 256 { bytes.u16()? } else { 0 };
        bytes.skip(2)?;
        let values = bytes.u16()?;
        let padded = if version == 1 { usize::from(name).next_multiple_of(8) } else { usize::from(name) };
        let name = super::disk::text(super::attributes::trimmed(bytes.take(padded)?, false));
        let own = (0..values).map(|_| bytes.u32()).collect::<Result<_, _>>()?;
        bytes.skip(if version == 1 && values % 2 == 1 { 4 } else { 0 })?;
        filters.push(Filter { number, name, values: own });
    }
    Ok(filters)
}
