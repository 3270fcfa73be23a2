//! NPZ: several NumPy arrays in a zip archive.
//!
//! Arrays with the same number of rows become the columns of one table: a 1-D array `y` the column `y`, a 2-D array
//! `X` the columns `X1`, `X2`, …. The number of rows is that of the first 2-D array, or, without one, that of most
//! arrays. Arrays of other lengths (grids, names) and arrays that hold no numbers or text (pickles) are left out,
//! which [`Table::notes`] says. `archive.npz:X` reads the array `X` alone.
//!
//! Nothing is ever unpacked to disk, so the names in an archive can do no harm. Each array's size is checked as for
//! [`npy`](super::npy), its bytes are decompressed piece by piece, and its check sum must be right.
//!
//! One array per column is written, text as fixed-width unicode.

mod members;
mod write;

use std::io::{Read, Seek};

use zip::ZipArchive;

use members::{Member, list};
pub(crate) use write::{NpzEncoder, check};

use super::npy::{decode, named};
use super::select_columns;
use crate::budget::Budget;
use crate::table::Column;
use crate::{DataError, ReadOptions, Table};

/// The name of the format in errors.
const FORMAT: &str = "NPZ";

/// Reads the arrays that fit together, or the one that is named.
pub(crate) fn read(
    file: impl Read + Seek,
    member: Option<&str>,
    options: &ReadOptions,
    budget: &mut Budget,
) -> Result<Table, DataError> {
    let mut archive = ZipArchive::new(file).map_err(|error| damaged(budget, &error.to_string()))?;
    let (members, mut notes) = list(&mut archive, member, budget)?;
    let rows = common_rows(&members);
    let (fitting, others): (Vec<&Member>, Vec<&Member>) = members.iter().partition(|member| member.header.rows == rows);
    for other in others {
        let rows_found = other.header.rows;
        notes.push(format!(
            "{}: array {} is left out: it has {rows_found} rows, not {rows}",
            budget.path(),
            other.name
        ));
    }

    let names: Vec<String> = fitting.iter().flat_map(|member| member.header.column_names(Some(&member.name))).collect();
    let selected = select_columns(&names, options.columns.as_deref(), budget.path())?;
    let mut columns: Vec<Column> = Vec::with_capacity(selected.len());
    let mut first = 0;
    for member in fitting {
        let own = member.header.column_names(Some(&member.name));
        let range = first..first + own.len();
        let wanted: Vec<usize> = selected.iter().filter(|at| range.contains(at)).map(|at| at - first).collect();
        first = range.end;
        if !wanted.is_empty() {
            columns.extend(read_member(&mut archive, member, &own, &wanted, budget)?);
        }
    }
    Ok(Table::new(budget.path(), columns)?.with_notes(notes))
}

/// The number of rows that most of the table will have in common.
fn common_rows(members: &[Member]) -> u64 {
    if let Some(matrix) = members.iter().find(|member| member.header.dimensions == 2) {
        return matrix.header.rows;
    }
    let count = |rows: u64| members.iter().filter(|member| member.header.rows == rows).count();
    let mut best = (0, 0);
    for member in members {
        let found = count(member.header.rows);
        if found > best.0 {
            best = (found, member.header.rows);
        }
    }
    best.1
}

fn read_member<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    member: &Member,
    names: &[String],
    wanted: &[usize],
    budget: &mut Budget,
) -> Result<Vec<Column>, DataError> {
    let archive_path = budget.rename(format!("{}:{}", budget.path(), member.name));
    let mut file = archive.by_index(member.index).map_err(|error| damaged(budget, &error.to_string()))?;
    let header = super::npy::Header::read(&mut file, member.length, budget)?;
    let values = decode(&mut file, &header, wanted, budget)?;
    // The check sum is looked at when the end is reached.
    match file.read(&mut [0]) {
        Ok(0) => {}
        Ok(_) => return Err(damaged(budget, "more bytes than its directory says")),
        Err(error) => return Err(damaged(budget, &error.to_string())),
    }
    budget.rename(archive_path);
    Ok(named(names, wanted, values))
}

fn damaged(budget: &Budget, what: &str) -> DataError {
    budget.malformed(FORMAT, format!("the archive is damaged or cut short ({what}); get it again"))
}
