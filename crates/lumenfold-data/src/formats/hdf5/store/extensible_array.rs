//! Arrays that grow along one dimension (extensible arrays; specification, section VII.D).

use super::disk::{Bytes, Disk, UNDEFINED};
use super::fault::Fault;

/// Passes on the elements of the array at an address in their order, `most` at most, each with its size in bytes. Blocks that
/// are not there stand for elements without an address.
pub(super) fn elements(
    disk: &Disk,
    address: u64,
    most: u64,
    mut pass: impl FnMut(&[u8], usize) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let head = disk.up_to(address, 128)?;
    let mut bytes = Bytes(&head);
    bytes.signature(b"EAHD")?;
    bytes.skip(2)?;
    let (size, most_bits, own) = (usize::from(bytes.u8()?), bytes.u8()?, u64::from(bytes.u8()?));
    let (least, pointers, page_bits) = (u64::from(bytes.u8()?), u64::from(bytes.u8()?), bytes.u8()?);
    bytes.skip(6 * usize::from(disk.length_size))?;
    let index = disk.offset(&mut bytes)?;
    if size == 0 || most_bits > 64 || !least.is_power_of_two() || !pointers.is_power_of_two() || page_bits > 63 {
        return Fault::damaged("an array of chunks makes no sense");
    }
    if index == UNDEFINED {
        return Ok(());
    }
    let (offset, wide) = (u64::from(disk.offset_size), size as u64);
    let within = u64::from(most_bits).div_ceil(8);
    let supers = 1 + u64::from(most_bits).saturating_sub(least.ilog2().into());
    // The first blocks of data stand in the index itself; the others are found through blocks of their addresses.
    let direct = 2 * u64::from(pointers.ilog2());
    let block_addresses = 2 * (pointers - 1);
    let before = 6 + offset;
    let all = disk.bytes(index, before + own * wide + (block_addresses + supers.saturating_sub(direct)) * offset)?;
    let mut bytes = Bytes(&all);
    bytes.signature(b"EAIB")?;
    bytes.skip(before as usize - 4)?;
    let mut left = most;
    let absent = vec![0xff; size];
    for _ in 0..own.min(left) {
        pass(bytes.take(size)?, size)?;
    }
    bytes.skip((own.saturating_sub(own.min(left)) * wide) as usize)?;
    left -= own.min(left);
    for at in 0..supers {
        let (blocks, length) = (1_u64 << (at / 2), least.checked_shl(at.div_ceil(2) as u32).unwrap_or(u64::MAX));
        if left == 0 {
            break;
        }
        if length > 1 << page_bits {
            return Fault::unsupported(
                "has more chunks along one dimension than are read; rewrite it with h5repack -f GZIP=4",
            );
        }
        let addresses = if at < direct {
            bytes.take((blocks * offset) as usize)?.to_vec()
        } else {
            let table = disk.offset(&mut bytes)?;
            match table {
                UNDEFINED => vec![0xff; (blocks.min(left) * offset) as usize],
                _ => {
                    let all = disk.bytes(table, before + within + blocks * offset)?;
                    Bytes(&all).signature(b"EASB")?;
                    all[(before + within) as usize..].to_vec()
                }
            }
        };
        let mut addresses = Bytes(&addresses);
        for _ in 0..blocks {
            let count = length.min(left);
            if count == 0 {
                break;
            }
            let block = disk.offset(&mut addresses)?;
            if block == UNDEFINED {
                (0..count).try_for_each(|_| pass(&absent, size))?;
            } else {
                let all = disk.bytes(block, before + within + count * wide)?;
                Bytes(&all).signature(b"EADB")?;
                all[(before + within) as usize..].chunks_exact(size).try_for_each(|element| pass(element, size))?;
            }
            left -= count;
        }
    }
    Ok(())
}
