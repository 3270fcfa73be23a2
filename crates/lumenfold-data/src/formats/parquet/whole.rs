//! All rows at once: threads share the columns, each of which is decoded to where it stays.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use parquet::file::reader::FileReader;

use super::FORMAT;
use super::decode::read_chunk;
use super::read::{Leaf, Opened, damaged, quietly};
use super::stored::Chunk;
use crate::DataError;
use crate::budget::Budget;
use crate::formats::text::available_threads;
use crate::table::Values;

/// Values from which on threads share the columns.
const SHARED_VALUES: u64 = 1 << 20;

/// Reads columns that have one value of fixed size for each row; `memory_limit` bounds what is read beside them. Their own memory
/// has been asked for.
pub(super) fn read_columns(
    opened: &Opened,
    leaves: &[&Leaf],
    path: &str,
    memory_limit: u64,
) -> Result<Vec<Values>, DataError> {
    let read = |leaf: &Leaf| quietly(path, || read_column(opened, leaf, Budget::new(path, memory_limit)));
    let threads = match opened.rows.saturating_mul(leaves.len() as u64) {
        0..SHARED_VALUES => 1,
        _ => available_threads().get().min(leaves.len()),
    };
    let columns: Vec<Mutex<Option<Result<Values, DataError>>>> = leaves.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    // Columns are taken as threads come to them: some take longer than others.
    let work = || {
        while let Some((leaf, column)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            leaves.get(at).zip(columns.get(at))
        } {
            *column.lock().unwrap_or_else(PoisonError::into_inner) = Some(read(leaf));
        }
    };
    std::thread::scope(|scope| {
        (1..threads).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    let finished = columns.into_iter().map(|column| column.into_inner().unwrap_or_else(PoisonError::into_inner));
    // The first column that is wrong is told, whichever thread was the first to find one.
    finished.flatten().collect()
}

fn read_column(opened: &Opened, leaf: &Leaf, mut budget: Budget) -> Result<Values, DataError> {
    let mut values = leaf.conversion.value_type().empty(0);
    // Memory that is asked for and not used costs nothing; where there is none, the column grows.
    values.expect(usize::try_from(opened.rows).unwrap_or(0));
    let mut first = 0;
    for group in 0..opened.reader.num_row_groups() {
        let group = opened.reader.get_row_group(group).map_err(|error| damaged(&error, &budget))?;
        let rows = u64::try_from(group.metadata().num_rows()).unwrap_or(0);
        let mut chunk = Chunk::open(group.as_ref(), leaf, &opened.room).map_err(|error| damaged(&error, &budget))?;
        read_chunk(&mut chunk.values, leaf, first, rows as usize, &mut values, &mut budget)?;
        first += rows;
    }
    if values.len() as u64 == opened.rows {
        Ok(values)
    } else {
        Err(budget.malformed(FORMAT, "its metadata are wrong (row counts); get it again"))
    }
}
