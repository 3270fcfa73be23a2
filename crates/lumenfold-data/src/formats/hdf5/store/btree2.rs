//! Records of trees (B-trees of version 2; specification, section III.A.2).

use super::disk::{Bytes, Disk, UNDEFINED};
use super::fault::Fault;

/// Levels of a tree.
const DEEPEST: u16 = 16;
/// Most records.
const MOST_RECORDS: usize = 1 << 24;

/// A tree being read.
struct Tree<'a> {
    disk: &'a Disk,
    node_size: u64,
    record_size: usize,
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
    let mut tree = Tree { disk, node_size, record_size, levels, records: Vec::new() };
    if root != UNDEFINED {
        tree.node(root, count, depth.into())?;
    }
    Ok((kind, tree.records))
}

impl Tree<'_> {
    fn node(&mut self, address: u64, count: u64, level: usize) -> Result<(), Fault> {
        if count > self.levels[level].0 || self.records.len() > MOST_RECORDS {
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
