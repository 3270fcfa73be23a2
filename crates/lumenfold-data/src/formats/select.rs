//! Which of a file's columns are read.

use std::collections::{HashMap, HashSet};

use crate::DataError;
use crate::suggest::nearest;

/// Positions of the wanted columns in the order of the file; all of them for `None`.
///
/// Errors: two columns of the file have the same name; a wanted one is not there.
pub(crate) fn select_columns(names: &[String], wanted: Option<&[String]>, path: &str) -> Result<Vec<usize>, DataError> {
    let mut positions: HashMap<&str, usize> = HashMap::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        if let Some(first) = positions.insert(name, index) {
            return Err(DataError::DuplicateColumn {
                path: path.to_owned(),
                name: name.clone(),
                first: first + 1,
                second: index + 1,
            });
        }
    }
    let Some(wanted) = wanted else { return Ok((0..names.len()).collect()) };
    let mut chosen = HashSet::new();
    for name in wanted {
        let position = positions.get(name.as_str()).ok_or_else(|| unknown_column(path, name, names))?;
        chosen.insert(*position);
    }
    Ok((0..names.len()).filter(|index| chosen.contains(index)).collect())
}

/// The error for a column that is not there.
fn unknown_column(path: &str, name: &str, available: &[String]) -> DataError {
    DataError::UnknownColumn {
        path: path.to_owned(),
        name: name.to_owned(),
        suggestion: nearest(name, available),
        available: available.to_vec(),
    }
}
