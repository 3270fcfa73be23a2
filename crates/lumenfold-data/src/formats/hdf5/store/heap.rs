//! The heap of texts of any length (global heap collections; specification, section III.E).

use std::collections::HashMap;

use super::disk::{Bytes, Disk};
use super::fault::Fault;

/// Collections that are kept at a time.
const KEPT: usize = 64;

/// Objects of heaps, with the collections that were read last.
#[derive(Default)]
pub(super) struct Heap {
    kept: HashMap<u64, Collection>,
}

struct Collection {
    bytes: Vec<u8>,
    /// Where each object is.
    objects: HashMap<u16, (usize, usize)>,
}

impl Heap {
    /// The bytes that a reference leads to: a length, the address of a collection and a number in it. `None` for the
    /// reference that leads nowhere.
    pub(super) fn get(&mut self, disk: &Disk, reference: &[u8]) -> Result<Option<&[u8]>, Fault> {
        self.elements(disk, reference, 1)
    }

    /// The same for elements of `size` bytes, of which the length is the number.
    pub(super) fn elements(&mut self, disk: &Disk, reference: &[u8], size: usize) -> Result<Option<&[u8]>, Fault> {
        let mut bytes = Bytes(reference);
        let Some(length) = (bytes.u32()? as usize).checked_mul(size) else {
            return Fault::damaged("a list is too long");
        };
        let (address, index) = (disk.offset(&mut bytes)?, bytes.u32()?);
        if address == 0 || address == super::disk::UNDEFINED {
            return if length == 0 { Ok(None) } else { Fault::damaged("text leads nowhere") };
        }
        if length == 0 {
            return Ok(Some(&[]));
        }
        if !self.kept.contains_key(&address) {
            if self.kept.len() >= KEPT {
                self.kept.clear();
            }
            self.kept.insert(address, Collection::read(disk, address)?);
        }
        let found = self.kept.get(&address).and_then(|collection| {
            let (start, size) = *collection.objects.get(&u16::try_from(index).ok()?)?;
            collection.bytes.get(start..start + length.min(size))
        });
        match found {
            Some(bytes) if bytes.len() == length => Ok(Some(bytes)),
            _ => Fault::damaged("text is not where it should be"),
        }
    }
}

impl Collection {
    fn read(disk: &Disk, address: u64) -> Result<Self, Fault> {
        let start = disk.bytes(address, 8 + u64::from(disk.length_size))?;
        let mut bytes = Bytes(&start);
        bytes.signature(b"GCOL")?;
        bytes.skip(4)?;
        let all = disk.bytes(address, disk.size(&mut bytes)?)?;
        let mut objects = HashMap::new();
        let mut bytes = Bytes(all.get(start.len()..).unwrap_or_default());
        let head = 8 + usize::from(disk.length_size);
        while bytes.0.len() >= head {
            let index = bytes.u16()?;
            bytes.skip(6)?;
            let size = disk.size(&mut bytes)?;
            // Object 0 is the free space at the end.
            if index == 0 {
                break;
            }
            let Ok(size) = usize::try_from(size) else { return Fault::damaged("an object of a heap is too long") };
            objects.insert(index, (all.len() - bytes.0.len(), size));
            let padded = size.checked_next_multiple_of(8).unwrap_or(usize::MAX);
            bytes.skip(padded.min(bytes.0.len().max(size)))?;
        }
        Ok(Self { bytes: all, objects })
    }
}
