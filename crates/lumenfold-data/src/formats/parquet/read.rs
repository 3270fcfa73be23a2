//! Files read.

use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::convert::Conversion;
use super::lists::{Lengths, ListLevels};
use super::pages::PageFile;
use super::room::{NoRoom, Room};
use super::{FORMAT, UNIT_PREFIX};
use crate::DataError;
use crate::budget::Budget;
use crate::formats::quiet;
use crate::input::SharedFile;
use crate::suggest::excerpt;
use crate::table::{ColumnHead, ValueType};

/// Runs what calls the library, whose panics become errors.
pub(super) fn quietly<T>(path: &str, work: impl FnOnce() -> Result<T, DataError>) -> Result<T, DataError> {
    quiet::catch(work).unwrap_or_else(|| {
        let reason = "its Parquet data are damaged (its pages contradict its metadata); get it again".to_owned();
        Err(DataError::Malformed { path: path.to_owned(), format: FORMAT, reason })
    })
}

/// A stored column that can be read: flat, or of lists of one length.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// Its position among all leaves.
    pub(super) index: usize,
    pub(super) name: String,
    pub(super) conversion: Conversion,
    pub(super) unit: Option<String>,
    /// It may have nulls.
    pub(super) optional: bool,
    pub(super) list: Option<List>,
}

/// What is read of lists.
#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) levels: ListLevels,
    /// Values of each.
    pub(super) width: usize,
    /// The places of those that are wanted, ascending; none before the widths of all lists are known to be few.
    pub(super) wanted: Vec<usize>,
}

impl Leaf {
    /// Values that are stored for each row.
    pub(super) fn width(&self) -> usize {
        self.list.as_ref().map_or(1, |list| list.width)
    }

    /// Whether it has one value of fixed size for each row.
    pub(super) fn is_flat(&self) -> bool {
        self.list.is_none() && self.conversion.value_type() != ValueType::Text
    }

    /// The columns that are wanted of it.
    pub(super) fn heads(&self) -> Vec<ColumnHead> {
        let head =
            |name: String| ColumnHead { name, unit: self.unit.clone(), value_type: self.conversion.value_type() };
        match &self.list {
            Some(list) => list.wanted.iter().map(|place| head(format!("{}{}", self.name, place + 1))).collect(),
            None => vec![head(self.name.clone())],
        }
    }

    /// Whether any of `names` is its own, or could be that of a value of its lists.
    fn is_among(&self, names: &[String]) -> bool {
        names.iter().any(|name| *name == self.name || self.list.is_some() && is_value_of(&self.name, name))
    }

    /// Whether it has a column of this name.
    fn has(&self, name: &str) -> bool {
        match &self.list {
            Some(list) => {
                let number = name.strip_prefix(self.name.as_str()).filter(|number| !number.starts_with(['0', '+']));
                let number = number.and_then(|number| number.parse().ok());
                number.is_some_and(|number: usize| (1..=list.width).contains(&number))
            }
            None => name == self.name,
        }
    }
}

/// Whether `name` could be that of a value of the lists called `list`.
fn is_value_of(list: &str, name: &str) -> bool {
    let number = name.strip_prefix(list);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A file whose metadata are sound.
pub(super) struct Opened {
    pub(super) reader: SerializedFileReader<PageFile>,
    pub(super) rows: u64,
    pub(super) room: Room,
}

/// Most columns that a refusal tells about.
const MOST_TOLD: usize = 3;

/// Opens a file that `guard` has checked. The library may panic.
pub(super) fn open(file: SharedFile, budget: &Budget) -> Result<Opened, DataError> {
    let length = file.length().map_err(|source| DataError::Read { path: budget.path().to_owned(), source })?;
    let room = Room::new(budget.left());
    let reader = SerializedFileReader::new(PageFile::new(file, length, room.clone()))
        .map_err(|error| damaged(&error, budget))?;
    let rows = check_sizes(reader.metadata(), length, budget)?;
    Ok(Opened { reader, rows, room })
}

/// The error for a file of which every column is left out.
pub(super) fn nothing_left(notes: &[String], budget: &Budget) -> DataError {
    let path = format!("{}: ", budget.path());
    let why = notes.iter().take(MOST_TOLD).map(|note| note.strip_prefix(&path).unwrap_or(note));
    let why = why.collect::<Vec<_>>().join("; ");
    budget.unusable(format!("has no columns of numbers or text that can be read: {why}"))
}

/// The note on a column that cannot be read.
pub(super) fn left_out(path: &str, name: &str, reason: &str) -> String {
    format!("{path}: column {} is left out: {reason}", excerpt(name))
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
    if sum > 0 && metadata.file_metadata().schema_descr().num_columns() == 0 {
        return Err(lie("rows without columns"));
    }
    if sum != metadata.file_metadata().num_rows() {
        return Err(lie("row counts"));
    }
    u64::try_from(sum).map_err(|_| lie("row counts"))
}

/// The columns that can be read, and notes on the others. Lists are looked at only if `wanted` may mean them.
pub(super) fn leaves(
    opened: &Opened,
    wanted: Option<&[String]>,
    budget: &Budget,
) -> Result<(Vec<Leaf>, Vec<String>), DataError> {
    let metadata = opened.reader.metadata();
    let schema = metadata.file_metadata().schema_descr();
    let (mut leaves, mut notes): (Vec<Leaf>, Vec<String>) = (Vec::new(), Vec::new());
    // Names of lists that cannot be read, and why.
    let mut refused: Vec<(String, String)> = Vec::new();
    let mut last_nested = None;
    for (index, column) in schema.columns().iter().enumerate() {
        let (root, place) = (schema.get_column_root(index), schema.get_column_root_idx(index));
        let name = root.name().to_owned();
        let levels = ListLevels::of(root, column);
        let leaf = conversion(column, levels).map(|(conversion, time)| {
            let unit = unit_of(metadata, &name).or(time.map(str::to_owned));
            let list = levels.map(|levels| List { levels, width: 1, wanted: Vec::new() });
            Leaf { index, name: name.clone(), conversion, unit, optional: column.max_def_level() > 0, list }
        });
        let reason = match leaf {
            Ok(leaf) if leaf.list.is_some() && wanted.is_some_and(|names| !leaf.is_among(names)) => continue,
            Ok(mut leaf) => match measure(&mut leaf, opened, budget)? {
                Ok(()) => {
                    leaves.push(leaf);
                    continue;
                }
                Err(reason) => reason,
            },
            Err(_) if last_nested == Some(place) => continue,
            Err(reason) => reason,
        };
        last_nested = Some(place);
        if wanted.is_some_and(|columns| columns.contains(&name)) {
            return Err(DataError::UnreadableColumn { path: budget.path().to_owned(), name, reason });
        }
        notes.push(left_out(budget.path(), &name, &reason));
        if levels.is_some() {
            refused.push((name, reason));
        }
    }
    for (name, reason) in refused {
        let is_missing = |wanted: &&String| is_value_of(&name, wanted) && !leaves.iter().any(|leaf| leaf.has(wanted));
        if wanted.unwrap_or_default().iter().any(|wanted| is_missing(&wanted)) {
            return Err(DataError::UnreadableColumn { path: budget.path().to_owned(), name, reason });
        }
    }
    Ok((leaves, notes))
}

/// Finds out how long lists are, or why they cannot be read.
fn measure(leaf: &mut Leaf, opened: &Opened, budget: &Budget) -> Result<Result<(), String>, DataError> {
    let Some(list) = &mut leaf.list else { return Ok(Ok(())) };
    let mut lengths = Lengths::default();
    for group in 0..opened.reader.num_row_groups() {
        let group = opened.reader.get_row_group(group).map_err(|error| damaged(&error, budget))?;
        let rows = u64::try_from(group.metadata().num_rows()).unwrap_or(0);
        let pages = group.get_column_page_reader(leaf.index).map_err(|error| damaged(&error, budget))?;
        if let Err(reason) = lengths.add(pages, list.levels, rows, budget)? {
            return Ok(Err(reason));
        }
    }
    Ok(lengths.common().map(|width| list.width = width))
}

fn conversion(
    column: &ColumnDescriptor,
    list: Option<ListLevels>,
) -> Result<(Conversion, Option<&'static str>), String> {
    if list.is_none() && (column.path().parts().len() > 1 || column.max_rep_level() > 0) {
        return Err("it is nested (lists of lists, or a structure); save its parts as columns".to_owned());
    }
    let found = Conversion::of(column)?;
    if list.is_some() && !found.0.value_type().numeric() {
        return Err("it holds lists of what are no numbers; save its parts as columns".to_owned());
    }
    Ok(found)
}

fn unit_of(metadata: &ParquetMetaData, name: &str) -> Option<String> {
    let pairs = metadata.file_metadata().key_value_metadata()?;
    pairs.iter().find(|pair| pair.key.strip_prefix(UNIT_PREFIX) == Some(name))?.value.clone()
}

pub(super) fn damaged(error: &ParquetError, budget: &Budget) -> DataError {
    if let Some(bytes) = NoRoom::of(error) {
        return budget.exceeded(bytes);
    }
    let words: String =
        error.to_string().chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let words: String = words.chars().take(200).collect();
    budget.malformed(FORMAT, format!("its Parquet data cannot be read ({words}); get it again"))
}
