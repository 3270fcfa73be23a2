//! Rows that can be gone through as often as needed, wherever they are.
//!
//! Everything that is fitted to data (scaling, components, errors) sees them through [`RowSource`], in blocks and in the
//! order of the rows. So the sums have one order, and it makes no difference to any bit whether rows are in memory or in
//! a scratch file.

use std::ops::Range;
use std::path::Path;

use crate::DataError;
use crate::scratch::{Number, Scratch};

/// Values in a block, about: 1 MiB of doubles.
const BLOCK_VALUES: usize = 1 << 17;

/// The fewest rows in a block, so that threads find work in it.
const FEWEST_ROWS: usize = 256;

/// Rows of numbers, always in the same order.
pub trait RowSource<T> {
    /// Values in a row.
    fn width(&self) -> usize;

    /// Calls `visit` with blocks of whole rows, `[rows][width]`, from the first to the last.
    ///
    /// # Errors
    /// Those of `visit`, and those of reading.
    fn pass<E: From<DataError>>(&self, visit: impl FnMut(&[T]) -> Result<(), E>) -> Result<(), E>;
}

/// Rows that a block should have.
pub(crate) fn block_rows(width: usize) -> usize {
    (BLOCK_VALUES / width.max(1)).max(FEWEST_ROWS)
}

/// Rows in memory: `[rows][width]`.
#[derive(Clone, Copy, Debug)]
pub struct Slice<'a, T> {
    /// The values.
    pub values: &'a [T],
    /// Values in a row.
    pub width: usize,
}

impl<T> RowSource<T> for Slice<'_, T> {
    fn width(&self) -> usize {
        self.width
    }

    fn pass<E: From<DataError>>(&self, visit: impl FnMut(&[T]) -> Result<(), E>) -> Result<(), E> {
        self.values.chunks(block_rows(self.width) * self.width.max(1)).try_for_each(visit)
    }
}

/// Rows that were made from others and are kept, in memory or in a scratch file.
#[derive(Debug)]
pub struct Store<T> {
    width: usize,
    place: Place<T>,
}

#[derive(Debug)]
enum Place<T> {
    Memory(Vec<T>),
    Scratch(Scratch<T>),
}

impl<T: Number> Store<T> {
    /// An empty store of about `rows` rows: in a scratch file if a directory is given, else in memory.
    ///
    /// # Errors
    /// No file can be made there.
    pub fn new(width: usize, rows: usize, scratch: Option<&Path>) -> Result<Self, DataError> {
        let place = match scratch {
            None => Place::Memory(Vec::with_capacity(rows * width)),
            Some(directory) => Place::Scratch(Scratch::create(directory, (rows as u64).saturating_mul(width as u64))?),
        };
        Ok(Self { width, place })
    }

    /// Adds whole rows.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn append(&mut self, rows: &[T]) -> Result<(), DataError> {
        match &mut self.place {
            Place::Memory(values) => values.extend_from_slice(rows),
            Place::Scratch(scratch) => scratch.append(rows)?,
        }
        Ok(())
    }

    /// Moves rows from memory to a scratch file, which is going to have about `rows` of them (0 if that is not known).
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn move_to(&mut self, directory: &Path, rows: usize) -> Result<(), DataError> {
        if let Place::Memory(values) = &mut self.place {
            let mut scratch = Scratch::create(directory, (rows as u64).saturating_mul(self.width as u64))?;
            scratch.append(&std::mem::take(values))?;
            self.place = Place::Scratch(scratch);
        }
        Ok(())
    }

    /// To be called when all rows are there.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn finish(&mut self) -> Result<(), DataError> {
        match &mut self.place {
            Place::Memory(_) => Ok(()),
            Place::Scratch(scratch) => scratch.flush(),
        }
    }

    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> usize {
        let values = match &self.place {
            Place::Memory(values) => values.len(),
            Place::Scratch(scratch) => scratch.len() as usize,
        };
        values / self.width.max(1)
    }

    /// All values, where they are in memory.
    #[must_use]
    pub fn in_memory(&self) -> Option<&[T]> {
        match &self.place {
            Place::Memory(values) => Some(values),
            Place::Scratch(_) => None,
        }
    }

    /// Adds the values of some rows to the end of `values`.
    ///
    /// # Errors
    /// The disk fails.
    pub fn read(&self, rows: Range<usize>, values: &mut Vec<T>) -> Result<(), DataError> {
        let (start, end) = (rows.start * self.width, rows.end * self.width);
        match &self.place {
            Place::Memory(all) => values.extend_from_slice(&all[start..end]),
            Place::Scratch(scratch) => scratch.read(start as u64..end as u64, values)?,
        }
        Ok(())
    }
}

impl<T: Number> RowSource<T> for Store<T> {
    fn width(&self) -> usize {
        self.width
    }

    fn pass<E: From<DataError>>(&self, visit: impl FnMut(&[T]) -> Result<(), E>) -> Result<(), E> {
        match &self.place {
            Place::Memory(values) => Slice { values, width: self.width }.pass(visit),
            Place::Scratch(scratch) => pass_scratch(scratch, self.width, visit),
        }
    }
}

/// All rows of a scratch file, block by block.
fn pass_scratch<T: Number, E: From<DataError>>(
    scratch: &Scratch<T>,
    width: usize,
    mut visit: impl FnMut(&[T]) -> Result<(), E>,
) -> Result<(), E> {
    let step = (block_rows(width) * width) as u64;
    let mut block = Vec::new();
    let mut at = 0;
    while at < scratch.len() {
        let end = scratch.len().min(at + step);
        block.clear();
        scratch.read(at..end, &mut block)?;
        visit(&block)?;
        at = end;
    }
    Ok(())
}
