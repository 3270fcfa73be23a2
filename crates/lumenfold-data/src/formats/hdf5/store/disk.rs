//! Bytes of a file by their addresses, and how they are taken apart.
//!
//! Nothing is read beyond the end of the file, and what may be read between two calls of [`Disk::refuel`] is bounded:
//! trees whose branches meet again could otherwise be walked for years.

use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};

use super::fault::Fault;
use crate::input::SharedFile;

/// Reads that every file may cost, however small it is.
const LEAST_READS: u64 = 1 << 20;
/// One read more for so many bytes of the file.
const BYTES_OF_A_READ: u64 = 64;
/// What stands for no address.
pub(super) const UNDEFINED: u64 = u64::MAX;

/// An open file.
#[derive(Debug)]
pub(in super::super) struct Disk {
    file: SharedFile,
    length: u64,
    /// Where addresses count from.
    pub(super) base: u64,
    /// Bytes of an address, and of a length.
    pub(super) offset_size: u8,
    pub(super) length_size: u8,
    reads_left: AtomicU64,
}

impl Disk {
    pub(super) fn new(file: SharedFile, length: u64) -> Self {
        let disk = Self { file, length, base: 0, offset_size: 8, length_size: 8, reads_left: AtomicU64::new(0) };
        disk.refuel();
        disk
    }

    /// A file with these bytes.
    #[cfg(test)]
    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        let mut file = tempfile::tempfile().expect("a file");
        std::io::Write::write_all(&mut file, bytes).expect("written");
        Self::new(SharedFile::new(file), bytes.len() as u64)
    }

    /// The length of the file in bytes.
    pub(in super::super) fn length(&self) -> u64 {
        self.length
    }

    /// Allows as many reads again as one pass over the file may need.
    pub(in super::super) fn refuel(&self) {
        self.reads_left.store(LEAST_READS + self.length / BYTES_OF_A_READ, Ordering::Relaxed);
    }

    /// `count` bytes at an address.
    pub(super) fn bytes(&self, address: u64, count: u64) -> Result<Vec<u8>, Fault> {
        let end = address.checked_add(self.base).and_then(|start| start.checked_add(count));
        let Some(end) = end.filter(|end| *end <= self.length) else {
            return Fault::damaged(format!(
                "{count} bytes at {address} are said to be there, beyond its end at {}: it was cut short or is damaged",
                self.length
            ));
        };
        let used = self.reads_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if used.is_err() {
            return Fault::damaged("its parts refer to each other without end");
        }
        let mut bytes = vec![0; count as usize];
        self.file.at(end - count).read_exact(&mut bytes).map_err(Fault::Disk)?;
        Ok(bytes)
    }

    /// As many bytes at an address as there are, up to `most`.
    pub(super) fn up_to(&self, address: u64, most: u64) -> Result<Vec<u8>, Fault> {
        let start = address.saturating_add(self.base);
        self.bytes(address, most.min(self.length.saturating_sub(start)))
    }

    /// Takes an address from the bytes.
    pub(super) fn offset(&self, bytes: &mut Bytes<'_>) -> Result<u64, Fault> {
        let value = bytes.unsigned(self.offset_size.into())?;
        let all_ones = u64::MAX >> (64 - 8 * u32::from(self.offset_size.clamp(1, 8)));
        Ok(if value == all_ones { UNDEFINED } else { value })
    }

    /// Takes a length from the bytes.
    pub(super) fn size(&self, bytes: &mut Bytes<'_>) -> Result<u64, Fault> {
        bytes.unsigned(self.length_size.into())
    }
}

/// What is left of some bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        match self.0.split_at_checked(count) {
            Some((taken, rest)) => {
                self.0 = rest;
                Ok(taken)
            }
            None => Fault::damaged("ends within one of its parts"),
        }
    }

    pub(super) fn skip(&mut self, count: usize) -> Result<(), Fault> {
        self.take(count).map(drop)
    }

    /// A little-endian number of up to eight bytes.
    pub(super) fn unsigned(&mut self, count: usize) -> Result<u64, Fault> {
        if count > 8 {
            return Fault::damaged(format!("a number of {count} bytes"));
        }
        Ok(self.take(count)?.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    pub(super) fn u8(&mut self) -> Result<u8, Fault> {
        self.unsigned(1).map(|value| value as u8)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Fault> {
        self.unsigned(2).map(|value| value as u16)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        self.unsigned(4).map(|value| value as u32)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Fault> {
        self.unsigned(8)
    }

    /// Takes a signature of four letters.
    pub(super) fn signature(&mut self, expected: &[u8; 4]) -> Result<(), Fault> {
        match self.take(4)? == expected {
            true => Ok(()),
            false => Fault::damaged(format!("no {} stands where one should", String::from_utf8_lossy(expected))),
        }
    }

    /// Takes the bytes before the next zero, and the zero; with `padded` as many more as make eight.
    pub(super) fn until_zero(&mut self, padded: bool) -> Result<&'a [u8], Fault> {
        let Some(length) = self.0.iter().position(|byte| *byte == 0) else {
            return Fault::damaged("a name has no end");
        };
        let all = if padded { (length + 1).next_multiple_of(8) } else { length + 1 };
        Ok(&self.take(all)?[..length])
    }
}

/// Bytes as text: as UTF-8, or as Latin-1 where they are none.
pub(super) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}
