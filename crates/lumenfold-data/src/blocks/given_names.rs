//! Names that a user gives to the columns of files that have none.

use std::collections::{HashMap, HashSet};

use super::BlockOptions;
use crate::DataError;
use crate::suggest::{excerpt, nearest};
use crate::table::ColumnHead;

/// Names for the columns x1, x2, … of a file, in their order.
pub(super) struct GivenNames<'a> {
    /// What the file is called.
    pub(super) path: &'a str,
    pub(super) names: &'a [String],
}

impl GivenNames<'_> {
    /// Refuses the names unless the file has as many columns, none of which has a name of its own. `columns` are all it has.
    pub(super) fn check(&self, columns: &[ColumnHead]) -> Result<(), DataError> {
        let (found, given) = (columns.len(), self.names.len());
        if let Some(column) = columns.iter().zip(1..).find(|(column, number)| column.name != stored(*number)) {
            let name = excerpt(&column.0.name);
            return Err(self.unusable(format!("its columns have names of their own (\"{name}\"); leave --names out")));
        }
        if found != given {
            return Err(self.unusable(format!("has {found} columns, and --names has {given} names")));
        }
        let mut seen = HashSet::new();
        match self.names.iter().find(|name| !seen.insert(*name)) {
            None => Ok(()),
            Some(name) => Err(DataError::DuplicateFeature { path: self.path.to_owned(), name: name.clone() }),
        }
    }

    /// That text says the names of its columns itself, or in its first line can.
    pub(super) fn refuse_text(&self) -> DataError {
        self.unusable("is text: write the names of its columns into its first line, and leave --names out".to_owned())
    }

    /// The same options in the names that the file is read by.
    pub(super) fn stored(&self, options: &BlockOptions) -> Result<BlockOptions, DataError> {
        let places: HashMap<&String, usize> = self.names.iter().zip(1..).collect();
        let all = |names: &[String]| -> Result<Vec<String>, DataError> {
            let one = |name: &String| match places.get(name) {
                Some(&number) => Ok(stored(number)),
                None => Err(DataError::UnknownColumn {
                    path: self.path.to_owned(),
                    name: name.clone(),
                    suggestion: nearest(name, self.names),
                    available: self.names.to_vec(),
                }),
            };
            names.iter().map(one).collect()
        };
        let columns = options.columns.as_deref().map(all).transpose()?;
        Ok(BlockOptions { columns, numbers: all(&options.numbers)?, names: None, ..options.clone() })
    }

    /// Gives columns that were read their names.
    pub(super) fn give(&self, columns: &mut [ColumnHead]) {
        for column in columns {
            let number = column.name.strip_prefix('x').and_then(|number| number.parse::<usize>().ok());
            if let Some(name) = number.and_then(|number| self.names.get(number.checked_sub(1)?)) {
                column.name.clone_from(name);
            }
        }
    }

    fn unusable(&self, reason: String) -> DataError {
        DataError::Unusable { path: self.path.to_owned(), reason }
    }
}

/// What the columns of a file without names are called, counted from 1.
fn stored(number: usize) -> String {
    format!("x{number}")
}
