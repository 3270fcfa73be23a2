//! Files read.

use std::fs::File;

use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::convert::Conversion;
use super::{FORMAT, UNIT_PREFIX};
use crate::DataError;
use crate::budget::Budget;
use crate::formats::{quiet, select_columns};
use crate::suggest::excerpt;

/// Runs what calls the library, whose panics become errors.
pub(super) fn quietly<T>(path: &str, work: impl FnOnce() -> Result<T, DataError>) -> Result<T, DataError> {
    quiet::catch(work).unwrap_or_else(|| {
        let reason = "its Parquet data are damaged (its pages contradict its metadata); get it again".to_owned();
        Err(DataError::Malformed { path: path.to_owned(), format: FORMAT, reason })
    })
}

/// A flat column that can be read.
pub(super) struct Leaf {
    /// Its position among all leaves.
    pub(super) index: usize,
    pub(super) name: String,
    pub(super) conversion: Conversion,
    pub(super) unit: Option<String>,
    /// It may have nulls.
    pub(super) optional: bool,
}

/// A file whose metadata are sound.
pub(super) struct Opened {
    pub(super) reader: SerializedFileReader<File>,
    pub(super) rows: u64,
    /// The columns that are asked for, in the order of the file.
    pub(super) leaves: Vec<Leaf>,
    pub(super) notes: Vec<String>,
}

/// Most columns that a refusal tells about.
const MOST_TOLD: usize = 3;

/// Opens a file that `guard` has checked. The library may panic.
pub(super) fn open(file: File, wanted: Option<&[String]>, budget: &Budget) -> Result<Opened, DataError> {
    let length = file.metadata().map(|metadata| metadata.len());
    let length = length.map_err(|source| DataError::Read { path: budget.path().to_owned(), source })?;
    let reader = SerializedFileReader::new(file).map_err(|error| damaged(&error, budget))?;
    let metadata = reader.metadata();
    let rows = check_sizes(metadata, length, budget)?;
    let (leaves, notes) = leaves(metadata, wanted, budget)?;
    let names: Vec<String> = leaves.iter().map(|leaf| leaf.name.clone()).collect();
    let selected = select_columns(&names, wanted, budget.path())?;
    if selected.is_empty() && !notes.is_empty() {
        return Err(nothing_left(&notes, budget));
    }
    let leaves = leaves.into_iter().enumerate().filter(|(at, _)| selected.binary_search(at).is_ok());
    Ok(Opened { rows, leaves: leaves.map(|(_, leaf)| leaf).collect(), notes, reader })
}

/// The error for a file of which every column is left out.
pub(super) fn nothing_left(notes: &[String], budget: &Budget) -> DataError {
    let path = format!("{}: ", budget.path());
    let why = notes.iter().take(MOST_TOLD).map(|note| note.strip_prefix(&path).unwrap_or(note));
    let why = why.collect::<Vec<_>>().join("; ");
    budget.unusable(format!("has no flat columns of numbers or text: {why}"))
}

/// The note on a column that cannot be read.
pub(super) fn left_out(path: &str, name: &str, reason: &str) -> String {
    format!("{path}: column {name} is left out: {reason}")
}

/// Compares what the metadata claim with the file; the number of rows.
fn check_sizes(metadata: &ParquetMetaData, length: u64, budget: &Budget) -> Result<u64, DataError> {
    let lie = |what: &str| budget.malformed(FORMAT, format!("its metadata are wrong ({what}); get it again"));
    let mut sum = 0_i64;
    for group in metadata.row_groups() {
        sum = sum.checked_add(group.num_rows()).filter(|_| group.num_rows() >= 0).ok_or_else(|| lie("row counts"))?;
        for chunk in group.columns() {
            let (offset, size) = (chunk.data_page_offset(), chunk.compressed_size());
            let first = chunk.dictionary_page_offset().filter(|&offset| offset > 0).unwrap_or(offset);
            let end = first.checked_add(size).and_then(|end| u64::try_from(end).ok());
            if first < 0 || size < 0 || offset < 0 || chunk.num_values() < 0 || end.is_none_or(|end| end > length) {
                return Err(lie("a column lies outside the file"));
            }
            // Flat columns have one value per row; a null is one too.
            if chunk.column_descr().max_rep_level() == 0 && chunk.num_values() != group.num_rows() {
                return Err(lie("a column has another length than its table"));
            }
        }
    }
    if sum != metadata.file_metadata().num_rows() {
        return Err(lie("row counts"));
    }
    u64::try_from(sum).map_err(|_| lie("row counts"))
}

/// The flat columns, and notes on the others.
fn leaves(
    metadata: &ParquetMetaData,
    wanted: Option<&[String]>,
    budget: &Budget,
) -> Result<(Vec<Leaf>, Vec<String>), DataError> {
    let schema = metadata.file_metadata().schema_descr();
    let (mut leaves, mut notes): (Vec<Leaf>, Vec<String>) = (Vec::new(), Vec::new());
    let mut last_nested = None;
    for (index, column) in schema.columns().iter().enumerate() {
        let root = schema.get_column_root_idx(index);
        let name = schema.get_column_root(index).name().to_owned();
        match conversion(column) {
            Ok((conversion, time)) => {
                let unit = unit_of(metadata, &name).or(time.map(str::to_owned));
                leaves.push(Leaf { index, name, conversion, unit, optional: column.max_def_level() > 0 });
            }
            Err(_) if last_nested == Some(root) => {}
            Err(reason) => {
                last_nested = Some(root);
                if wanted.is_some_and(|columns| columns.contains(&name)) {
                    return Err(DataError::UnreadableColumn { path: budget.path().to_owned(), name, reason });
                }
                notes.push(format!("{}: column {} is left out: {reason}", budget.path(), excerpt(&name)));
            }
        }
    }
    Ok((leaves, notes))
}

fn conversion(column: &ColumnDescriptor) -> Result<(Conversion, Option<&'static str>), String> {
    if column.path().parts().len() > 1 || column.max_rep_level() > 0 {
        return Err("it is nested (a list or structure); save its parts as columns".to_owned());
    }
    Conversion::of(column)
}

fn unit_of(metadata: &ParquetMetaData, name: &str) -> Option<String> {
    let pairs = metadata.file_metadata().key_value_metadata()?;
    pairs.iter().find(|pair| pair.key.strip_prefix(UNIT_PREFIX) == Some(name))?.value.clone()
}

pub(super) fn damaged(error: &ParquetError, budget: &Budget) -> DataError {
    let words: String =
        error.to_string().chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let words: String = words.chars().take(200).collect();
    budget.malformed(FORMAT, format!("its Parquet data cannot be read ({words}); get it again"))
}
