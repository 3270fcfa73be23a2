//! Arrays that grow along one dimension (extensible arrays; specification, section VII.D).

use super::disk::{Bytes, Disk, UNDEFINED};
use super::fault::Fault;

/// Passes on the elements of the array at an address in their order, those below number `most`, each with its number and its
/// size in bytes. Those of blocks that are not there are passed over at once: an array may claim any number of them.
pub(super) fn elements(
    disk: &Disk,
    address: u64,
    most: u64,
    mut pass: impl FnMut(u64, &[u8], usize) -> Result<(), Fault>,
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
    for number in 0..own.min(most) {
        pass(number, bytes.take(size)?, size)?;
    }
    bytes.skip((own.saturating_sub(most) * wide) as usize)?;
    let mut number = own.min(most);
    for at in 0..supers {
        let (blocks, length) = (1_u64 << (at / 2), least.checked_shl(at.div_ceil(2) as u32).unwrap_or(u64::MAX));
        if number == most {
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
            if table == UNDEFINED {
                number = number.saturating_add(blocks.saturating_mul(length)).min(most);
                continue;
            }
            let all = disk.bytes(table, before + within + blocks * offset)?;
            Bytes(&all).signature(b"EASB")?;
            all[(before + within) as usize..].to_vec()
        };
        let mut addresses = Bytes(&addresses);
        for _ in 0..blocks {
            let count = length.min(most - number);
            if count == 0 {
                break;
            }
            let block = disk.offset(&mut addresses)?;
            if block != UNDEFINED {
                let all = disk.bytes(block, before + within + count.saturating_mul(wide))?;
                Bytes(&all).signature(b"EADB")?;
                let own = all[(before + within) as usize..].chunks_exact(size);
                (number..).zip(own).try_for_each(|(number, element)| pass(number, element, size))?;
            }
            number += count;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The least that an array is made of: a header, whose index has no elements and the addresses of 65 tables of blocks, of
    /// which `tables` come first. Blocks have 1, 2, 2, 4, ... elements of eight bytes.
    fn array(tables: &[u64]) -> Vec<u8> {
        let mut bytes = b"EAHD\0\0".to_vec();
        bytes.extend([8, 64, 0, 1, 1, 63]);
        bytes.extend([0; 6 * 8]);
        let index = bytes.len() as u64 + 8;
        bytes.extend(index.to_le_bytes());
        bytes.extend(b"EAIB\0\0");
        bytes.extend([0; 8]);
        let tables = tables.iter().copied().chain(std::iter::repeat(UNDEFINED));
        bytes.extend(tables.take(65).flat_map(u64::to_le_bytes));
        bytes
    }

    fn found(bytes: &[u8], most: u64) -> Vec<(u64, Vec<u8>)> {
        let mut found = Vec::new();
        let pass = |number, element: &[u8], _| {
            found.push((number, element.to_vec()));
            Ok(())
        };
        elements(&Disk::of_bytes(bytes), 0, most, pass).expect("sound");
        found
    }

    #[test]
    fn blocks_that_are_not_there_take_neither_time_nor_memory_however_many_are_claimed() {
        assert_eq!(found(&array(&[]), 1 << 60), []);
    }

    #[test]
    fn elements_behind_blocks_that_are_not_there_keep_their_numbers() {
        let end = array(&[]).len() as u64;
        let mut bytes = array(&[UNDEFINED, end]);
        bytes.extend(b"EASB");
        // Version, kind, the header's address, the number of the first element.
        bytes.extend([0; 2 + 8 + 8]);
        let block = bytes.len() as u64 + 8;
        bytes.extend(block.to_le_bytes());
        bytes.extend(b"EADB");
        bytes.extend([0; 2 + 8 + 8]);
        bytes.extend([[1; 8], [2; 8]].concat());
        assert_eq!(found(&bytes, 9), [(1, vec![1; 8]), (2, vec![2; 8])]);
        assert_eq!(found(&bytes, 2), [(1, vec![1; 8])]);
    }
}
