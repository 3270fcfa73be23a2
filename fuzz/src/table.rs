//! Tables: whole, in blocks, with their errors, and as data sets.

use std::num::NonZeroUsize;
use std::path::Path;

use lumenfold_data::{
    BlockOptions, BlockReader, DataError, Dataset, DatasetOptions, Format, Missing, ReadOptions, Source, Table,
    read_table,
};

use crate::scratch;

/// Bytes that a reader may use.
const MEMORY_LIMIT: u64 = 64 << 20;
/// Blocks so small that a few rows are several of them.
const BLOCK_BYTES: usize = 64;
/// Most blocks that are looked at: a few bytes may stand for a million rows.
const MOST_BLOCKS: usize = 5000;
/// Most cells that are compared, for the same reason.
const MOST_CELLS: usize = 200_000;

/// Reads bytes in every way; `None` lets the content decide on the format.
///
/// # Panics
///
/// A demand on the reader is not met.
pub fn check(bytes: &[u8], format: Option<Format>) {
    let ending = format.map_or("", Format::extension);
    let path = scratch::file(&format!("t.{ending}"), bytes);
    agree(&Source::from(path.as_path()), format);
    with_errors(&path, format);
    if format.is_some_and(Format::has_members) {
        let member = format!("{}:errors", path.display());
        agree(&Source::from(member.as_str()), format);
    }
}

fn blocks(format: Option<Format>) -> BlockOptions {
    let threads = Some(NonZeroUsize::MIN);
    BlockOptions { format, memory_limit: MEMORY_LIMIT, block_bytes: BLOCK_BYTES, threads, ..BlockOptions::default() }
}

/// A table is the same whole and in blocks, and makes a data set or an error.
fn agree(source: &Source, format: Option<Format>) {
    let threads = Some(NonZeroUsize::MIN);
    let options = ReadOptions { format, memory_limit: MEMORY_LIMIT, threads, ..ReadOptions::default() };
    let whole = read_table(source, &options);
    let found = in_blocks(source, &blocks(format), whole.as_ref().ok());
    match (whole, found) {
        (Ok(whole), Ok(())) => data_sets(&whole),
        // A table may be too large as a whole, and a block of it not.
        (Err(DataError::TooLarge { .. }), _) => {}
        (Err(whole), Err(found)) => {
            one_line(&whole);
            one_line(&found);
        }
        (Ok(_), Err(error)) => panic!("read whole, but in blocks: {error}"),
        (Err(error), Ok(())) => panic!("read in blocks, but as a whole: {error}"),
    }
}

/// Reads all blocks and compares them with the same rows of `whole`.
fn in_blocks(source: &Source, options: &BlockOptions, whole: Option<&Table>) -> Result<(), DataError> {
    let mut reader = BlockReader::open(std::slice::from_ref(source), options)?;
    if let Some(whole) = whole {
        assert_eq!(reader.columns(), whole.heads());
        assert_eq!(reader.gridded(), whole.gridded());
        assert_eq!(reader.grids(), whole.grids());
    }
    let (mut rows, mut cells) = (0, 0);
    for _ in 0..MOST_BLOCKS {
        let Some(block) = reader.next_block()? else {
            if let Some(whole) = whole {
                assert_eq!(rows, whole.rows(), "rows in blocks, and as a whole");
            }
            return Ok(());
        };
        assert_eq!((block.first_row(), block.heads()), (rows as u64, reader.columns().to_vec()));
        if let Some(whole) = whole.filter(|_| cells < MOST_CELLS) {
            same_rows(&block, whole, rows);
        }
        cells += block.rows() * block.columns().len();
        rows += block.rows();
    }
    Ok(())
}

/// The rows of a block are those of a table from a row on.
fn same_rows(block: &Table, whole: &Table, from: usize) {
    assert!(from + block.rows() <= whole.rows(), "more rows in blocks than as a whole");
    for (found, expected) in block.columns().iter().zip(whole.columns()) {
        for row in 0..block.rows() {
            let at = from + row;
            let bits = |value: Option<f64>| value.map(f64::to_bits);
            assert_eq!(found.is_missing(row), expected.is_missing(at), "row {at} of {}", found.name);
            assert_eq!(bits(found.value(row)), bits(expected.value(at)), "row {at} of {}", found.name);
            assert_eq!(found.text(row), expected.text(at), "row {at} of {}", found.name);
        }
    }
}

fn data_sets(table: &Table) {
    for missing in [Missing::Refuse, Missing::Mask] {
        let options = DatasetOptions { missing, ..DatasetOptions::default() };
        match Dataset::from_table(table, &options) {
            Ok(dataset) => {
                let usable = |value: &f64| value.is_finite() || missing == Missing::Mask && value.is_nan();
                assert_eq!(dataset.values.len(), dataset.rows * dataset.features.len());
                assert!(dataset.values.iter().all(usable), "a data set holds what is no number");
            }
            Err(error) => one_line(&error),
        }
    }
}

/// Standard errors beside the samples: as many columns of them as of values.
fn with_errors(path: &Path, format: Option<Format>) {
    let options = BlockOptions { errors: true, ..blocks(format) };
    let read = || -> Result<(), DataError> {
        let mut reader = BlockReader::open(&[Source::from(path)], &options)?;
        if let Some(gridded) = reader.gridded() {
            assert!(gridded.columns.end <= reader.columns().len());
            if let Some(errors) = &gridded.errors {
                assert_eq!((errors.len(), errors.end), (gridded.columns.len(), reader.columns().len()));
            }
        }
        for _ in 0..MOST_BLOCKS {
            if reader.next_block()?.is_none() {
                break;
            }
        }
        Ok(())
    };
    if let Err(error) = read() {
        one_line(&error);
    }
}

fn one_line(error: &DataError) {
    let message = error.to_string();
    assert!(!message.contains('\n'), "{message:?}");
}
