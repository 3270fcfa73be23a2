//! The arrays of an archive.

use std::io::{Read, Seek};

use zip::ZipArchive;

use super::damaged;
use crate::DataError;
use crate::budget::Budget;
use crate::formats::arrays::ArrayHead;
use crate::formats::npy::Header;
use crate::suggest::{excerpt, nearest, one_of};

/// Most members that are looked at.
const MOST_MEMBERS: usize = 1 << 16;

/// An array of an archive whose header is sound.
#[derive(Debug)]
pub(super) struct Member {
    /// Its place in the archive.
    pub(super) index: usize,
    /// Its name without `.npy`.
    pub(super) name: String,
    /// Bytes when decompressed.
    pub(super) length: u64,
    pub(super) header: Header,
}

impl Member {
    /// What is known of it; `index` is its place in the archive.
    pub(super) fn head(&self) -> ArrayHead {
        ArrayHead {
            index: self.index,
            name: self.name.clone(),
            rows: self.header.rows,
            shape: self.header.shape.clone(),
            numeric: self.header.is_numeric(),
            list: self.header.is_list(),
        }
    }
}

/// The arrays that can be read, in the order of the archive, and notes on those that cannot.
///
/// With `wanted` only the array of that name. If none can be read the error is that of the first.
pub(super) fn list<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    wanted: Option<&str>,
    budget: &mut Budget,
) -> Result<(Vec<Member>, Vec<String>), DataError> {
    if archive.len() > MOST_MEMBERS {
        return Err(budget.unusable(format!("has more than {MOST_MEMBERS} members; this is no table")));
    }
    let (mut members, mut notes, mut names) = (Vec::new(), Vec::new(), Vec::new());
    let mut columns = 0;
    let mut first_error = None;
    for index in 0..archive.len() {
        let mut file = match archive.by_index(index) {
            Ok(file) => file,
            Err(error) => return Err(damaged(budget, &error.to_string())),
        };
        let full = file.name().map_err(|error| damaged(budget, &error.to_string()))?.into_owned();
        let Some(name) = full.strip_suffix(".npy") else {
            notes.push(format!("{}: {} is left out: it is no array", budget.path(), excerpt(&full)));
            continue;
        };
        let name = name.to_owned();
        names.push(name.clone());
        if wanted.is_some_and(|wanted| wanted != name && wanted != full) {
            continue;
        }
        let length = file.size();
        let archive_path = budget.rename(format!("{}:{}", budget.path(), excerpt(&name)));
        let header = Header::read(&mut file, length, budget);
        budget.rename(archive_path);
        match header {
            Ok(header) => {
                // Of all arrays together.
                columns += header.fields.len() as u64;
                budget.check_columns(columns)?;
                members.push(Member { index, name, length, header });
            }
            Err(error @ DataError::Unusable { .. }) => {
                notes.push(format!("left out: {error}"));
                first_error.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    if !members.is_empty() {
        return Ok((members, notes));
    }
    Err(match (first_error, wanted) {
        (Some(error), _) => error,
        (None, Some(wanted)) if !names.is_empty() => {
            let words = one_of(nearest(wanted, &names).as_deref(), &names).replace("column", "array");
            budget.unusable(format!("no array named \"{}\"{words}", excerpt(wanted)))
        }
        (None, _) => budget.unusable("holds no arrays (.npy members)"),
    })
}
