//! File formats: one file or folder each.
//!
//! | format | endings | read | written |
//! |---|---|---|---|
//! | text tables | `.csv .tsv .txt .dat`, with `.gz` or `.zst` | comma, tab, semicolon or blanks; see [`text`] | comma or tab |
//! | Parquet | `.parquet` | flat columns; see [`parquet`] | zstd |
//! | NPY | `.npy` | see [`npy`] | one matrix of numbers |
//! | NPZ | `.npz` | see [`npz`] | one array per column |
//!
//! A reader is chosen by what the first bytes say, because names lie (a gzip file called `.csv` is common), and by the
//! name only where the bytes are silent. Formats that are recognised but not read are refused by name.

mod compression;
mod detect;
pub mod npy;
pub mod npz;
mod output;
pub mod parquet;
pub(crate) mod rows;
mod select;
pub mod text;

pub use compression::Compression;
pub(crate) use compression::{Compressor, decompressor, stream_failed};
pub(crate) use detect::{Detected, detect};
pub use output::OutputFormat;
pub(crate) use select::select_columns;
pub use text::parse_number;

use std::fmt;
use std::str::FromStr;

use crate::DataError;

/// A format of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Text with one row per line; when reading, the delimiter is found out.
    Csv,
    /// Text with one row per line and tabs between its fields.
    Tsv,
    /// Apache Parquet.
    Parquet,
    /// One NumPy array.
    Npy,
    /// Several NumPy arrays in a zip archive.
    Npz,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Csv, Self::Tsv, Self::Parquet, Self::Npy, Self::Npz];

    /// The ending of file names, without a dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Parquet => "parquet",
            Self::Npy => "npy",
            Self::Npz => "npz",
        }
    }

    /// The name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Parquet => "Parquet",
            Self::Npy => "NPY",
            Self::Npz => "NPZ",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.extension())
    }
}

impl FromStr for Format {
    type Err = DataError;

    /// The format of that ending, in any case.
    fn from_str(text: &str) -> Result<Self, DataError> {
        let lowered = text.to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|format| format.extension() == lowered)
            .ok_or_else(|| DataError::BadFormat { text: crate::suggest::excerpt(text) })
    }
}
