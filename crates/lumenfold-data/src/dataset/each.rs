//! The blocks of a table as data sets, one after the other.

use super::{Dataset, DatasetOptions, Unusable};
use crate::{BlockReader, DataError, Table};

/// What was gone through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Rows that could be used.
    pub rows: usize,
    /// Rows that were left out.
    pub skipped: usize,
    // The sources and the position of the first row of each.
    pub(super) sources: Vec<(u64, String)>,
}

impl Gone {
    /// The name of the input in messages.
    #[must_use]
    pub fn source(&self) -> String {
        name_of(&self.sources)
    }
}

/// Calls `visit` with each block that a reader gives, from where it stands, as a data set.
///
/// # Errors
/// As [`Dataset::from_table`] of all blocks in one; those of reading and of `visit`.
pub fn each_dataset<E: From<DataError>>(
    reader: &mut BlockReader,
    options: &DatasetOptions,
    mut visit: impl FnMut(Dataset) -> Result<(), E>,
) -> Result<Gone, E> {
    each_block(reader, options, |_, block| visit(block))
}

/// The same, with the table of each block beside it, which has all of its rows and columns.
///
/// # Errors
/// As [`each_dataset`].
pub fn each_block<E: From<DataError>>(
    reader: &mut BlockReader,
    options: &DatasetOptions,
    mut visit: impl FnMut(Table, Dataset) -> Result<(), E>,
) -> Result<Gone, E> {
    let mut gone = Gone { rows: 0, skipped: 0, sources: Vec::new() };
    let mut first_skipped: Option<Unusable> = None;
    while let Some(table) = reader.next_block()? {
        let block = match Dataset::from_table(&table, options) {
            Ok(block) => block,
            Err(error) => return Err(count_further(reader, options, gone.rows + gone.skipped, error).into()),
        };
        let first = table.position() - table.first_row();
        if gone.sources.last().is_none_or(|(last, name)| *last != first || name != table.source()) {
            gone.sources.push((first, table.source().to_owned()));
        }
        gone.rows += block.rows;
        gone.skipped += block.skipped;
        if u32::try_from(gone.rows).is_err() {
            return Err(DataError::TooManyRows { path: gone.source(), rows: gone.rows, limit: u32::MAX }.into());
        }
        if first_skipped.is_none() {
            first_skipped.clone_from(&block.first_skipped);
        }
        visit(table, block)?;
    }
    match first_skipped {
        Some(Unusable { column, .. }) if gone.rows == 0 => {
            Err(DataError::NoUsableRows { path: gone.source(), rows: gone.skipped, column }.into())
        }
        _ if gone.rows == 0 => Err(DataError::NoRows { path: reader.source() }.into()),
        _ => Ok(gone),
    }
}

pub(super) fn name_of(sources: &[(u64, String)]) -> String {
    match sources {
        [] => String::new(),
        [(_, only)] => only.clone(),
        [(_, first), others @ ..] => format!("{first} and {} more", others.len()),
    }
}

/// An error that counts cells within a block, counting on through the blocks that follow. `before` rows came before it.
fn count_further(reader: &mut BlockReader, options: &DatasetOptions, before: usize, mut error: DataError) -> DataError {
    let Some((_, rows)) = counts(&mut error) else { return error };
    *rows += before;
    // What else is wrong further on is told when this is put right.
    while let Ok(Some(table)) = reader.next_block() {
        let more = match Dataset::from_table(&table, options) {
            Err(mut error) => counts(&mut error).map_or(0, |(count, _)| *count),
            Ok(_) => 0,
        };
        if let Some((count, rows)) = counts(&mut error) {
            *count += more;
            *rows += table.rows();
        }
    }
    error
}

/// The cells that an error counts, and the rows among which it does.
fn counts(error: &mut DataError) -> Option<(&mut usize, &mut usize)> {
    match error {
        DataError::MissingValues { count, rows, .. } | DataError::NotANumber { count, rows, .. } => Some((count, rows)),
        _ => None,
    }
}
