//! The chunks of a dataset: where each is, found by the index that the dataset has (specification, sections III.A.1, III.A.2 and
//! VII).

use super::btree2;
use super::disk::{Bytes, Disk, UNDEFINED};
use super::extensible_array;
use super::fault::Fault;
use super::layout::{Chunked, Index};

/// Levels of a tree.
const DEEPEST: u8 = 32;
/// Bytes of memory for a chunk that is known.
pub(super) const BYTES_OF_A_PLACE: u64 = size_of::<Place>() as u64;

/// Where a chunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its number in the grid of chunks, the last dimension running fastest.
    pub(super) number: u64,
    pub(super) address: u64,
    /// Bytes on the disk.
    pub(super) size: u64,
    /// A bit is set for each filter that it did not pass.
    pub(super) mask: u32,
}

/// The grid of chunks of a dataset.
pub(super) struct Grid {
    /// Chunks along each dimension.
    pub(super) counts: Vec<u64>,
    shape: Vec<u64>,
    /// Bytes of a chunk.
    pub(super) chunk_bytes: u64,
}

impl Grid {
    pub(super) fn new(shape: &[u64], chunk: &[u64], element: u64) -> Result<Self, Fault> {
        if shape.len() != chunk.len() {
            return Fault::damaged(format!("chunks of {} dimensions for {}", chunk.len(), shape.len()));
        }
        let bytes = chunk.iter().try_fold(element, |product, size| product.checked_mul(*size));
        let counts: Vec<u64> = shape.iter().zip(chunk).map(|(size, chunk)| size.div_ceil(*chunk)).collect();
        match (bytes, counts.iter().try_fold(1_u64, |product, count| product.checked_mul((*count).max(1)))) {
            (Some(chunk_bytes), Some(_)) => Ok(Self { counts, shape: chunk.to_vec(), chunk_bytes }),
            _ => Fault::damaged("more chunks, or larger ones, than can be counted"),
        }
    }

    /// The number of the chunk at a place of the grid; `None` beyond its end.
    fn number(&self, place: impl Iterator<Item = u64>) -> Option<u64> {
        let mut number = 0;
        for (count, at) in self.counts.iter().zip(place) {
            number = number * count + Some(at).filter(|at| at < count)?;
        }
        Some(number)
    }

    fn chunks(&self) -> u64 {
        self.counts.iter().product()
    }
}

/// The places of all chunks that are there, by their numbers. `most` bounds how many.
pub(super) fn places(
    disk: &Disk,
    grid: &Grid,
    layout: &Chunked,
    filtered: bool,
    most: u64,
) -> Result<Vec<Place>, Fault> {
    let mut found = Found { places: Vec::new(), most };
    if layout.address == UNDEFINED {
        return Ok(found.places);
    }
    let whole = grid.chunk_bytes;
    match layout.index {
        Index::Tree => tree(disk, grid, layout.address, DEEPEST, &mut found)?,
        Index::Single(own) => {
            let (size, mask) = own.unwrap_or((whole, 0));
            found.push(Place { number: 0, address: layout.address, size, mask })?;
        }
        Index::Implicit => {
            for number in 0..grid.chunks() {
                let address = number.checked_mul(whole).and_then(|before| layout.address.checked_add(before));
                let Some(address) = address else { return Fault::damaged("chunks beyond every address") };
                found.push(Place { number, address, size: whole, mask: 0 })?;
            }
        }
        Index::FixedArray => fixed_array(disk, grid, layout.address, filtered, &mut found)?,
        Index::ExtensibleArray => {
            extensible_array::elements(disk, layout.address, grid.chunks(), |number, element, size| {
                let place = entry(disk, &mut Bytes(element), size, filtered, number, whole)?;
                place.map_or(Ok(()), |place| found.push(place))
            })?;
        }
        Index::Tree2 => {
            for record in btree2::records(disk, layout.address)?.1 {
                let mut bytes = Bytes(&record);
                let address = disk.offset(&mut bytes)?;
                let (mut size, mut mask) = (whole, 0);
                if filtered {
                    let others = usize::from(disk.offset_size) + 4 + 8 * grid.counts.len();
                    size = bytes.unsigned(record.len().saturating_sub(others))?;
                    mask = bytes.u32()?;
                }
                let place: Vec<u64> = grid.counts.iter().map(|_| bytes.u64()).collect::<Result<_, _>>()?;
                if let Some(number) = grid.number(place.into_iter()) {
                    found.push(Place { number, address, size, mask })?;
                }
            }
        }
    }
    found.places.sort_unstable_by_key(|place| place.number);
    Ok(found.places)
}

struct Found {
    places: Vec<Place>,
    most: u64,
}

impl Found {
    fn push(&mut self, place: Place) -> Result<(), Fault> {
        if self.places.len() as u64 >= self.most {
            return Err(Fault::TooLarge((self.places.len() as u64 + 1).saturating_mul(BYTES_OF_A_PLACE)));
        }
        self.places.push(place);
        Ok(())
    }
}

/// Adds the chunks below a node of a tree of version 1.
fn tree(disk: &Disk, grid: &Grid, address: u64, depth: u8, found: &mut Found) -> Result<(), Fault> {
    let Some(depth) = depth.checked_sub(1) else { return Fault::damaged("a tree of chunks is nested too deeply") };
    let head = disk.bytes(address, 8)?;
    let mut bytes = Bytes(&head);
    bytes.signature(b"TREE")?;
    let (kind, level, count) = (bytes.u8()?, bytes.u8()?, u64::from(bytes.u16()?));
    if kind != 1 {
        return Fault::damaged("a tree of chunks is one of a group");
    }
    let offset = u64::from(disk.offset_size);
    // Stored size, filters left out, and where the chunk begins, the byte within an element included.
    let key = 8 + 8 * (grid.counts.len() as u64 + 1);
    let all = disk.bytes(address.saturating_add(8), 2 * offset + count * (key + offset))?;
    let mut bytes = Bytes(&all);
    bytes.skip(2 * offset as usize)?;
    for _ in 0..count {
        let (size, mask) = (u64::from(bytes.u32()?), bytes.u32()?);
        let mut start = Vec::with_capacity(grid.counts.len());
        for chunk in &grid.shape {
            start.push(bytes.u64()? / chunk);
        }
        bytes.skip(8)?;
        let child = disk.offset(&mut bytes)?;
        if level > 0 {
            tree(disk, grid, child, depth, found)?;
        } else if let Some(number) = grid.number(start.into_iter()) {
            found.push(Place { number, address: child, size, mask })?;
        }
    }
    Ok(())
}

/// An entry of an array of chunks; `None` where there is no chunk.
fn entry(
    disk: &Disk,
    bytes: &mut Bytes<'_>,
    size: usize,
    filtered: bool,
    number: u64,
    whole: u64,
) -> Result<Option<Place>, Fault> {
    let address = disk.offset(bytes)?;
    let (stored, mask) = match filtered {
        true => (bytes.unsigned(size.saturating_sub(usize::from(disk.offset_size) + 4))?, bytes.u32()?),
        false => (whole, 0),
    };
    Ok((address != UNDEFINED).then_some(Place { number, address, size: stored, mask }))
}

fn fixed_array(disk: &Disk, grid: &Grid, address: u64, filtered: bool, found: &mut Found) -> Result<(), Fault> {
    let head = disk.up_to(address, 64)?;
    let mut bytes = Bytes(&head);
    bytes.signature(b"FAHD")?;
    bytes.skip(2)?;
    let (size, page_bits) = (usize::from(bytes.u8()?), u32::from(bytes.u8()?));
    let (count, block) = (disk.size(&mut bytes)?.min(grid.chunks()), disk.offset(&mut bytes)?);
    if block == UNDEFINED {
        return Ok(());
    }
    let Some(page) = 1_u64.checked_shl(page_bits).filter(|_| size > 0) else {
        return Fault::damaged("an array of chunks makes no sense");
    };
    let head_bytes = 6 + u64::from(disk.offset_size);
    Bytes(&disk.bytes(block, head_bytes)?).signature(b"FADB")?;
    let mut place = block.saturating_add(head_bytes);
    let mut pages = Vec::new();
    if count > page {
        // A bit for each page that is there, and a check sum.
        pages = disk.bytes(place, count.div_ceil(page).div_ceil(8))?;
        place = place.saturating_add(pages.len() as u64 + 4);
    }
    for first in (0..count).step_by(page as usize) {
        let own = page.min(count - first);
        let at = first / page;
        let is_there =
            pages.is_empty() || pages.get((at / 8) as usize).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0);
        if is_there {
            let all = disk.bytes(place, own.saturating_mul(size as u64))?;
            for (number, element) in (first..).zip(all.chunks_exact(size)) {
                if let Some(place) = entry(disk, &mut Bytes(element), size, filtered, number, grid.chunk_bytes)? {
                    found.push(place)?;
                }
            }
        }
        place = place.saturating_add(own.saturating_mul(size as u64)).saturating_add(4);
    }
    Ok(())
}
