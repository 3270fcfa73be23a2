//! The heap of links and attributes of objects that have many (fractal heaps; specification, section III.G).

use super::disk::{Bytes, Disk, UNDEFINED};
use super::fault::Fault;

/// Tables of blocks within tables, no deeper.
const DEEPEST: u8 = 16;

/// A heap whose header was read.
pub(super) struct FractalHeap {
    width: u64,
    start_size: u64,
    most_direct: u64,
    /// Bytes of a place in the heap, and of the length of an object.
    offset_bytes: usize,
    length_bytes: usize,
    root: u64,
    root_rows: u16,
}

impl FractalHeap {
    pub(super) fn read(disk: &Disk, address: u64) -> Result<Self, Fault> {
        let all = disk.up_to(address, 256)?;
        let mut bytes = Bytes(&all);
        bytes.signature(b"FRHP")?;
        bytes.skip(3)?;
        let filters = bytes.u16()?;
        bytes.skip(1)?;
        let most_managed = u64::from(bytes.u32()?);
        bytes.skip(2 * usize::from(disk.offset_size) + 10 * usize::from(disk.length_size))?;
        let width = u64::from(bytes.u16()?);
        let (start_size, most_direct) = (disk.size(&mut bytes)?, disk.size(&mut bytes)?);
        let most_bits = bytes.u16()?;
        bytes.skip(2)?;
        let (root, root_rows) = (disk.offset(&mut bytes)?, bytes.u16()?);
        if filters != 0 {
            return Fault::unsupported("keeps names in a compressed heap, which is not read; rewrite it with h5repack");
        }
        let powers = [width, start_size, most_direct].iter().all(|value| value.is_power_of_two());
        if !powers || most_direct < start_size || most_bits > 64 || most_managed == 0 {
            return Fault::damaged("the sizes of a heap make no sense");
        }
        let length_bytes = (most_direct.ilog2() / 8 + 1).min((most_managed.ilog2() + 8) / 8) as usize;
        let offset_bytes = usize::from(most_bits.div_ceil(8));
        Ok(Self { width, start_size, most_direct, offset_bytes, length_bytes, root, root_rows })
    }

    /// The object of an identifier.
    pub(super) fn object(&self, disk: &Disk, identifier: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut bytes = Bytes(identifier);
        let first = bytes.u8()?;
        match first >> 4 & 3 {
            0 => {
                let (offset, length) = (bytes.unsigned(self.offset_bytes)?, bytes.unsigned(self.length_bytes)?);
                let (block, start) = match self.root_rows {
                    0 => (self.root, 0),
                    rows => self.block(disk, self.root, rows.into(), 0, offset, DEEPEST)?,
                };
                let place = offset.checked_sub(start).and_then(|within| block.checked_add(within));
                match place.filter(|_| block != UNDEFINED) {
                    Some(place) => disk.bytes(place, length),
                    None => Fault::damaged("an object of a heap is nowhere"),
                }
            }
            2 => Ok(bytes.take(usize::from(first & 15) + 1)?.to_vec()),
            _ => Fault::unsupported("has names or attributes too large for their heap, which are not read"),
        }
    }

    /// The address of the block that holds a place of the heap, and the place of its first byte. `table` has so many
    /// rows of blocks and begins at `start`.
    fn block(
        &self,
        disk: &Disk,
        table: u64,
        rows: u64,
        start: u64,
        place: u64,
        depth: u8,
    ) -> Result<(u64, u64), Fault> {
        let Some(depth) = depth.checked_sub(1) else { return Fault::damaged("a heap is nested too deeply") };
        let direct_rows = u64::from(self.most_direct.ilog2() - self.start_size.ilog2()) + 2;
        let before = 5 + u64::from(disk.offset_size) + self.offset_bytes as u64;
        let lost = || Fault::damaged("a place of a heap is outside it");
        let mut first = start;
        for row in 0..rows.min(64) {
            let Some(size) = self.start_size.checked_shl(row.saturating_sub(1) as u32) else { return lost() };
            let Some(end) = size.checked_mul(self.width).and_then(|all| first.checked_add(all)) else { return lost() };
            if place >= end {
                first = end;
                continue;
            }
            let Some(column) = place.checked_sub(first).map(|within| within / size) else { return lost() };
            let entry = before + (row * self.width + column) * u64::from(disk.offset_size);
            let Some(entry) = table.checked_add(entry) else { return lost() };
            Bytes(&disk.bytes(table, 4)?).signature(b"FHIB")?;
            let address = disk.offset(&mut Bytes(&disk.bytes(entry, disk.offset_size.into())?))?;
            let start = first + column * size;
            if row < direct_rows {
                return Ok((address, start));
            }
            let inner = u64::from(size.ilog2()).saturating_sub(u64::from((self.start_size * self.width).ilog2())) + 1;
            return self.block(disk, address, inner, start, place, depth);
        }
        lost()
    }
}
