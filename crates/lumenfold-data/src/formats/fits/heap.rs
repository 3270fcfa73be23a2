//! Arrays of variable length: a cell of the table says how long its array is and where it is in the heap behind the
//! table (section 7.3.5 of the FITS standard).

use std::io::{self, Read};

use super::FORMAT;
use super::records::failed;
use crate::DataError;
use crate::budget::Budget;
use crate::input::SharedFile;

/// Bytes of descriptors read at a time.
const CHUNK_BYTES: u64 = 1 << 18;

/// A column of descriptors whose arrays all have one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heap {
    /// Where the heap begins in the file.
    pub(super) start: u64,
    /// Where the descriptor is in a row.
    pub(super) descriptor: usize,
    /// Whether its two numbers have 64 bits.
    pub(super) wide: bool,
    /// Bytes of each array.
    pub(super) bytes: usize,
}

/// The number of elements that a descriptor tells, and where they begin in the heap.
pub(super) fn descriptor(cell: &[u8], wide: bool) -> (u64, u64) {
    let four = |at: usize| {
        cell.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |word| u64::from(u32::from_be_bytes(*word)))
    };
    let eight =
        |at: usize| cell.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |word| u64::from_be_bytes(*word));
    if wide { (eight(0), eight(8)) } else { (four(0), four(4)) }
}

impl Heap {
    /// The arrays of some rows, one after the other.
    pub(super) fn fetch(&self, file: &SharedFile, rows: &[u8], row_bytes: usize) -> io::Result<Vec<u8>> {
        let count = rows.len() / row_bytes.max(1);
        let mut arrays = vec![0; count * self.bytes];
        for (row, array) in rows.chunks_exact(row_bytes.max(1)).zip(arrays.chunks_exact_mut(self.bytes.max(1))) {
            let (_, offset) = descriptor(row.get(self.descriptor..).unwrap_or_default(), self.wide);
            file.at(self.start.saturating_add(offset)).read_exact(array)?;
        }
        Ok(arrays)
    }
}

/// What the descriptors of a column say.
pub(super) struct Survey {
    /// The length of all arrays, if they have one.
    pub(super) length: Option<u64>,
}

/// Where the rows of a table are, and its heap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    pub(super) data: u64,
    pub(super) count: u64,
    pub(super) bytes: u64,
    /// Bytes of the heap.
    pub(super) heap: u64,
}

/// Reads all descriptors of a column; arrays of elements of `size` bytes must lie within the heap.
pub(super) fn survey(
    file: &SharedFile,
    rows: Rows,
    place: usize,
    wide: bool,
    size: u64,
    budget: &Budget,
) -> Result<Survey, DataError> {
    let step = (CHUNK_BYTES / rows.bytes.max(1)).max(1);
    let (mut first, mut same) = (None, true);
    let mut file = file.at(rows.data);
    let mut chunk = Vec::new();
    let mut at = 0;
    while at < rows.count {
        let count = step.min(rows.count - at);
        chunk.resize((count * rows.bytes) as usize, 0);
        file.read_exact(&mut chunk).map_err(|error| failed(error, budget.path()))?;
        for (row, cell) in chunk.chunks_exact(rows.bytes as usize).enumerate() {
            let (length, offset) = descriptor(cell.get(place..).unwrap_or_default(), wide);
            let end = length.checked_mul(size).and_then(|bytes| bytes.checked_add(offset));
            if length > 0 && end.is_none_or(|end| end > rows.heap) {
                let (row, heap) = (at + row as u64 + 1, rows.heap);
                let reason =
                    format!("row {row}: an array lies outside the {heap} bytes behind the table; the file is damaged");
                return Err(budget.malformed(FORMAT, reason));
            }
            same &= *first.get_or_insert(length) == length;
        }
        at += count;
    }
    Ok(Survey { length: first.filter(|_| same) })
}
