//! Cells of text.

use super::attributes::trimmed;
use super::disk::{Disk, text};
use super::fault::Fault;
use super::heap::Heap;
use crate::table::TextColumn;

/// Cells of fixed width or from the heap, with the collections of the heap that were read last.
#[derive(Default)]
pub(in super::super) struct Texts(Heap);

impl Texts {
    /// Appends a cell of fixed width.
    pub(in super::super) fn fixed(column: &mut TextColumn, cell: &[u8], blanks: bool) {
        column.push(&text(trimmed(cell, blanks)));
    }

    /// Appends a cell from the heap; the number of its bytes comes back. A reference that leads nowhere is an empty cell.
    pub(in super::super) fn variable(
        &mut self,
        disk: &Disk,
        column: &mut TextColumn,
        cell: &[u8],
    ) -> Result<u64, Fault> {
        let bytes = self.0.get(disk, cell)?.unwrap_or_default();
        column.push(&text(trimmed(bytes, false)));
        Ok(bytes.len() as u64)
    }
}
