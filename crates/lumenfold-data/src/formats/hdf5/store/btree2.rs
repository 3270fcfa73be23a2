//! Records of trees (B-trees of version 2; specification, section III.A.2).

use super::disk::{Bytes, Disk, UNDEFINED};
use super::fault::Fault;

/// Levels of a tree.
const DEEPEST: u16 = 16;

/// A tree being read.
struct Tree<'a> {
    disk: &'a Disk,
    node_size: u64,
    record_size: usize,
    /// As many records as the file has room for: nodes may be the children of several, so that a few could stand for any number.
    most: u64,
    /// At each depth: most records of a node, and bytes of the number of records of all below it.
    levels: Vec<(u64, usize)>,
    records: Vec<Vec<u8>>,
}

/// All records of the tree at an address, and the type of the tree.
pub(super) fn records(disk: &Disk, address: u64) -> Result<(u8, Vec<Vec<u8>>), Fault> {
    let all = disk.up_to(address, 64)?;
    let mut bytes = Bytes(&all);
    bytes.signature(b"BTHD")?;
    bytes.skip(1)?;
    let kind = bytes.u8()?;
    let (node_size, record_size, depth) = (u64::from(bytes.u32()?), usize::from(bytes.u16()?), bytes.u16()?);
    bytes.skip(2)?;
    let (root, count) = (disk.offset(&mut bytes)?, u64::from(bytes.u16()?));
    if record_size == 0 || depth > DEEPEST || node_size < 10 + record_size as u64 {
        return Fault::damaged("the sizes of a tree make no sense");
    }
    let bytes_of = |most: u64| most.max(1).ilog2() as usize / 8 + 1;
    let mut levels = vec![((node_size - 10) / record_size as u64, 0)];
    let mut below = levels[0].0;
    for level in 1..=usize::from(depth) {
        let pointer = u64::from(disk.offset_size) + (bytes_of(levels[0].0) + levels[level - 1].1) as u64;
        let most = (node_size - 10).saturating_sub(pointer) / (record_size as u64 + pointer);
        below = (most + 1).saturating_mul(below).saturating_add(most);
        levels.push((most, bytes_of(below)));
    }
    let most = disk.length() / record_size as u64;
    let mut tree = Tree { disk, node_size, record_size, most, levels, records: Vec::new() };
    if root != UNDEFINED {
        tree.node(root, count, depth.into())?;
    }
    Ok((kind, tree.records))
}

impl Tree<'_> {
    fn node(&mut self, address: u64, count: u64, level: usize) -> Result<(), Fault> {
        if count > self.levels[level].0 || self.records.len() as u64 + count > self.most {
            return Fault::damaged("a tree has too many records");
        }
        let all = self.disk.bytes(address, self.node_size)?;
        let mut bytes = Bytes(&all);
        bytes.signature(if level == 0 { b"BTLF" } else { b"BTIN" })?;
        bytes.skip(2)?;
        let own = bytes.take(count as usize * self.record_size)?.chunks_exact(self.record_size).map(<[u8]>::to_vec);
        let own: Vec<Vec<u8>> = own.collect();
        if level == 0 {
            self.records.extend(own);
            return Ok(());
        }
        let count_bytes = self.levels[0].0.max(1).ilog2() as usize / 8 + 1;
        let mut own = own.into_iter();
        for _ in 0..=count {
            let child = self.disk.offset(&mut bytes)?;
            let children = bytes.unsigned(count_bytes)?;
            bytes.skip(self.levels[level - 1].1)?;
            self.node(child, children, level - 1)?;
            self.records.extend(own.next());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: u64 = 512;
    /// Where nodes begin.
    const FIRST: u64 = 64;

    /// A tree of `depth` levels above its leaves, with records of four bytes; the last node is the root.
    fn tree(depth: u16, root_records: u16, nodes: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = b"BTHD\0\x05".to_vec();
        bytes.extend((NODE as u32).to_le_bytes());
        bytes.extend(4_u16.to_le_bytes());
        bytes.extend(depth.to_le_bytes());
        bytes.extend([0; 2]);
        bytes.extend((FIRST + NODE * (nodes.len() as u64 - 1)).to_le_bytes());
        bytes.extend(root_records.to_le_bytes());
        bytes.resize(FIRST as usize, 0);
        for node in nodes {
            bytes.extend(node);
            bytes.resize(bytes.len() + NODE as usize - node.len(), 0);
        }
        bytes
    }

    fn leaf(first: u32, count: u32) -> Vec<u8> {
        let mut bytes = b"BTLF\0\x05".to_vec();
        bytes.extend((first..first + count).flat_map(u32::to_le_bytes));
        bytes
    }

    /// A node with a record between each two children: their numbers and records, and bytes that tell how many are below.
    fn inner(records: &[u32], children: &[(u64, u8)], below: usize) -> Vec<u8> {
        let mut bytes = b"BTIN\0\x05".to_vec();
        bytes.extend(records.iter().flat_map(|record| record.to_le_bytes()));
        for (node, count) in children {
            bytes.extend((FIRST + NODE * node).to_le_bytes());
            bytes.push(*count);
            bytes.extend(vec![0; below]);
        }
        bytes
    }

    #[test]
    fn records_come_in_their_order() {
        let bytes = tree(1, 1, &[leaf(0, 3), leaf(4, 2), inner(&[3], &[(0, 3), (1, 2)], 0)]);
        let (kind, found) = records(&Disk::of_bytes(&bytes), 0).expect("sound");
        let expected: Vec<Vec<u8>> = (0..6_u32).map(|record| record.to_le_bytes().to_vec()).collect();
        assert_eq!((kind, found), (5, expected));
    }

    #[test]
    fn nodes_that_are_children_of_several_do_not_stand_for_more_records_than_the_file_has_room_for() {
        let full = inner(&[1; 36], &[(0, 125); 37], 0);
        let root = inner(&[1; 31], &[(1, 36); 32], 1);
        let bytes = tree(2, 31, &[leaf(0, 125), full, root]);
        // They would be 149,000 in 1600 bytes; one level more, and they would fill any memory.
        assert!(matches!(records(&Disk::of_bytes(&bytes), 0), Err(Fault::Damaged(_))));
    }
}
