//! The standard errors of values that a model is applied to: columns of the table, a file beside it, or what an archive has.

use std::path::PathBuf;

use lumenfold::data::{BlockOptions, BlockReader, Source};

use crate::failure::Failure;
use crate::names::Names;

/// Where they are.
pub(crate) enum Errors {
    /// Nowhere.
    None,
    /// Beside the array of an archive, if it has them.
    Archive,
    /// In these columns, in the order of the features.
    Columns(Names),
    /// In a file of as many rows and columns.
    File(Source),
}

impl Errors {
    /// What `--errors` says; `archive` if those of an archive are taken where it says nothing.
    pub(crate) fn given(option: Option<&[String]>, archive: bool) -> Self {
        match option {
            Some([one]) if Source::from(PathBuf::from(one)).file().is_some_and(|file| file.is_file()) => {
                Self::File(Source::from(PathBuf::from(one)))
            }
            Some(names) => Self::Columns(names.to_vec()),
            None if archive => Self::Archive,
            None => Self::None,
        }
    }

    /// Columns that are to be read beside the features.
    pub(crate) fn columns(&self) -> &[String] {
        if let Self::Columns(names) = self { names } else { &[] }
    }

    /// How the table is to be read.
    pub(crate) fn options(&self, options: BlockOptions) -> BlockOptions {
        BlockOptions { numbers: self.columns().to_vec(), errors: matches!(self, Self::Archive), ..options }
    }

    /// The open table with its errors, and their columns in it.
    pub(crate) fn beside(
        self,
        reader: BlockReader,
        options: BlockOptions,
    ) -> Result<(BlockReader, Option<Names>), Failure> {
        match self {
            Self::None => Ok((reader, None)),
            Self::Columns(names) => Ok((reader, Some(names))),
            Self::Archive => {
                let range = reader.gridded().and_then(|gridded| gridded.errors.clone());
                let names = range.map(|range| reader.names()[range].to_vec());
                Ok((reader, names))
            }
            Self::File(source) => {
                let own = reader.names().len();
                let other = BlockReader::open(&[source], &BlockOptions { numbers: Vec::new(), ..options })?;
                // Of an archive, the array of the samples.
                let range = other.gridded().map_or(0..other.names().len(), |gridded| gridded.columns.clone());
                let reader = reader.beside(other);
                let names = reader.names()[own..][range].to_vec();
                Ok((reader, Some(names)))
            }
        }
    }
}
