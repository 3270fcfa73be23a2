//! NPZ: several NumPy arrays in a zip archive.
//!
//! Arrays with the same number of rows become the columns of one table: a 1-D array `y` the column `y`, a 2-D array
//! `X` the columns `X1`, `X2`, …. The number of rows is that of the first 2-D array, or, without one, that of most
//! arrays. Arrays of other lengths (names) and arrays that hold no numbers or text (pickles) are left out, which
//! [`Table::notes`] says. `archive.npz:X` reads the array `X` alone.
//!
//! An array of three or more dimensions holds samples with axes, and so does a 2-D array beside which the archive has
//! the grid of its columns: `arrays` says which array is what, [`Table::gridded`] what came of it.
//!
//! Nothing is ever unpacked to disk, so the names in an archive can do no harm. Each array's size is checked as for
//! [`npy`](super::npy), its bytes are decompressed piece by piece, and its check sum must be right. An archive that would
//! become far larger than arrays of measured values do (a decompression bomb) is refused.
//!
//! One array per column is written, text as fixed-width unicode; the columns of samples with axes are one array, `data`,
//! with a 1-D array for the grid of each axis behind it, and their standard errors another, `errors`.

mod members;
mod write;

use std::io::{BufReader, Read, Seek};
use std::sync::Arc;

use zip::ZipArchive;

use members::{Member, list};
pub(crate) use write::{DATA, LARGE_BYTES, NpzEncoder, check, grids_written, member};

use super::arrays::{Arrangement, ArrayHead, Grids};
use super::npy::{decode, named};
use super::reader::{OpenFile, Reader, Request, Whole, error_of};
use super::{Format, check_ratio, select_columns};
use crate::axis::Gridded;
use crate::budget::Budget;
use crate::input::SharedFile;
use crate::table::{Column, Values};
use crate::{DataError, Table};

/// The name of the format in errors.
pub(crate) const FORMAT: &str = "NPZ";

/// Reads NPZ archives.
pub(crate) struct NpzReader;

impl Reader for NpzReader {
    fn format(&self) -> Format {
        Format::Npz
    }

    fn recognises(&self, start: &[u8]) -> bool {
        [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"].iter().any(|magic| start.starts_with(*magic))
    }

    fn open(&self, file: SharedFile, length: u64, request: &Request<'_>) -> Result<Box<dyn OpenFile>, DataError> {
        let table = read(BufReader::new(file), length, request, &mut request.budget())?;
        Ok(Box::new(Whole::new(table)))
    }
}

/// Reads the arrays that fit together, or the one that is named, of an archive of `length` bytes.
fn read(file: impl Read + Seek, length: u64, request: &Request<'_>, budget: &mut Budget) -> Result<Table, DataError> {
    let (member, wanted) = (request.member, request.columns);
    let mut archive = ZipArchive::new(file).map_err(|error| damaged(budget, &error.to_string()))?;
    let (members, mut notes) = list(&mut archive, member, budget)?;
    let unpacked = members.iter().fold(0, |sum: u64, member| sum.saturating_add(member.length));
    check_ratio(budget.path(), length, unpacked)?;
    // The grid of an array that is asked for alone may be one of the others; whether these are sound is not asked.
    let others = match member {
        Some(_) => list(&mut archive, None, budget).map_or(Vec::new(), |(members, _)| members),
        None => Vec::new(),
    };
    let heads: Vec<ArrayHead> = members.iter().map(Member::head).collect();
    let other_heads: Vec<ArrayHead> = others.iter().map(Member::head).collect();
    let arrangement = Arrangement::of(&heads, &other_heads);
    let grids = match arrangement.data {
        Some(data) => Grids::find(&heads[data], heads.iter().chain(&other_heads), |head| {
            let member = members.iter().chain(&others).find(|member| member.index == head.index);
            member.map_or(Ok(Vec::new()), |member| numbers(&mut archive, member, budget))
        })?,
        None => Grids::default(),
    };
    notes.extend(grids.notes.iter().map(|note| format!("{}: {note}", budget.path())));
    let (columns, left_out) = arrangement.columns(&heads, &grids, wanted.is_some());
    notes.extend(left_out.iter().map(|note| format!("{}: {note}", budget.path())));

    let names: Vec<Vec<String>> =
        columns.iter().map(|&at| members[at].header.column_names(Some(&members[at].name))).collect();
    let selected = select_columns(&names.concat(), wanted, budget.path())?;
    let mut read: Vec<Column> = Vec::with_capacity(selected.len());
    let (mut first, mut next) = (0, 0);
    let mut gridded = None;
    for (&at, names) in columns.iter().zip(&names) {
        let count = selected[next..].partition_point(|&column| column < first + names.len());
        let own: Vec<usize> = selected[next..next + count].iter().map(|column| column - first).collect();
        (first, next) = (first + names.len(), next + count);
        if Some(at) == arrangement.data && count == names.len() {
            let range = read.len()..read.len() + count;
            gridded = Some(Gridded::new(budget.path(), &members[at].name, range, grids.axes.clone())?);
        }
        if !own.is_empty() {
            read.extend(read_member(&mut archive, &members[at], names, &own, budget)?);
        }
    }
    // Only with all of the samples: errors of a choice of them would have no axes.
    if let (true, Some(errors), Some(found)) = (request.errors, arrangement.errors, &gridded) {
        let own = &read[found.columns.clone()];
        let names: Vec<String> = own.iter().map(|column| error_of(&column.name)).collect();
        let range = read.len()..read.len() + names.len();
        let all: Vec<usize> = (0..names.len()).collect();
        read.extend(read_member(&mut archive, &members[errors], &names, &all, budget)?);
        let said = format!("array {} has the shape of", members[errors].name);
        notes.retain(|note| !note.contains(&said));
        gridded = Some(found.clone().with_errors(range));
    }
    let table = Table::new(budget.path(), read)?.with_notes(notes);
    Ok(table.with_gridded(gridded.map(Arc::new)).with_grids(grids.found))
}

/// The numbers of a list.
fn numbers<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    member: &Member,
    budget: &mut Budget,
) -> Result<Vec<f64>, DataError> {
    let columns = read_member(archive, member, std::slice::from_ref(&member.name), &[0], budget)?;
    Ok(columns.first().map_or(Vec::new(), |column| match &column.values {
        Values::Float64(values) => values.clone(),
        _ => (0..column.len()).filter_map(|row| column.value(row)).collect(),
    }))
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
