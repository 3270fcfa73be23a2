//! File formats: one file or folder each.
//!
//! | format | endings | read | written |
//! |---|---|---|---|
//! | text tables | `.csv .tsv .txt .dat`, with `.gz` or `.zst` | comma, tab, semicolon or blanks; see [`text`] | comma or tab |
//! | Parquet | `.parquet` | flat columns, lists of one length; see [`parquet`] | zstd |
//! | Arrow IPC | `.arrow .feather .arrows` | files and streams; see [`arrow`] | a file, zstd |
//! | NPY | `.npy` | see [`npy`] | one matrix of numbers |
//! | NPZ | `.npz` | see [`npz`] | one array per column |
//! | HDF5, NeXus | `.h5 .hdf5 .hdf .nxs .nxspe` and others | see [`hdf5`] | one dataset per column; samples with axes as NXdata |
//! | VOTable | `.vot .votable .xml` | see [`votable`] | elements |
//! | IDX | `.idx`, `-idx3-ubyte` | see [`idx`] | no |
//! | SPE | `.spe` | gamma spectra as text; see [`spe`] | no |
//! | JCAMP-DX | `.jdx .dx` | spectra as text; see [`jcamp`] | no |
//! | FITS | `.fits .fit .fts`, with `.gz` or `.zst` when read | see [`fits`] | one binary table |
//!
//! A reader is chosen by what the first bytes say, because names lie (a gzip file called `.csv` is common), and by the
//! name only where the bytes are silent. Formats that are recognised but not read are refused by name.

pub(crate) mod arrays;
pub mod arrow;
mod compression;
mod detect;
pub mod fits;
pub mod hdf5;
pub mod idx;
pub mod jcamp;
pub mod npy;
pub mod npz;
mod output;
pub mod parquet;
mod quiet;
pub(crate) mod reader;
pub(crate) mod rows;
mod select;
pub mod spe;
mod spectra;
pub mod text;
pub mod votable;
pub(crate) mod waiting;

pub use compression::Compression;
pub(crate) use compression::{Compressor, check_ratio, decompressor, stream_failed};
pub(crate) use detect::{Detected, detect};
pub use output::OutputFormat;
pub(crate) use select::select_columns;
pub use text::{LiveText, parse_number};

use std::fmt;
use std::str::FromStr;

use crate::DataError;

/// A format of tables and arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Text with one row per line; when reading, the delimiter is found out.
    Csv,
    /// Text with one row per line and tabs between its fields.
    Tsv,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC: a file or a stream.
    Arrow,
    /// One NumPy array.
    Npy,
    /// Several NumPy arrays in a zip archive.
    Npz,
    /// FITS: tables, images and cubes.
    Fits,
    /// HDF5, and NeXus in it.
    Hdf5,
    /// VOTable.
    VoTable,
    /// IDX: one array, as digits come.
    Idx,
    /// JCAMP-DX: a spectrum as text.
    Jcamp,
    /// A gamma spectrum as text.
    Spe,
}

/// What there is to know of a format.
struct About {
    name: &'static str,
    /// Endings of file names; the first is that of files that are written.
    endings: &'static [&'static str],
    written: bool,
    /// Whether a file may hold several tables or arrays, one of which can be named behind a colon.
    has_members: bool,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 12] = [
        Self::Csv,
        Self::Tsv,
        Self::Parquet,
        Self::Arrow,
        Self::Npy,
        Self::Npz,
        Self::Fits,
        Self::Hdf5,
        Self::VoTable,
        Self::Idx,
        Self::Jcamp,
        Self::Spe,
    ];

    fn about(self) -> About {
        let about = |name, endings| About { name, endings, written: true, has_members: false };
        let archive = |name, endings| About { has_members: true, ..about(name, endings) };
        let read = |name, endings| About { written: false, ..about(name, endings) };
        match self {
            Self::Csv => about("CSV", &["csv"]),
            Self::Tsv => about("TSV", &["tsv"]),
            Self::Parquet => about("Parquet", &["parquet"]),
            Self::Arrow => archive("Arrow", &["arrow", "feather", "ipc", "arrows"]),
            Self::Npy => about("NPY", &["npy"]),
            Self::Npz => archive("NPZ", &["npz"]),
            Self::Fits => archive("FITS", &["fits", "fit", "fts"]),
            Self::Hdf5 => archive("HDF5", &["h5", "hdf5", "hdf", "he5", "nxs", "nx5", "nxspe", "nexus", "nc4", "nc"]),
            Self::VoTable => archive("VOTable", &["vot", "votable", "xml"]),
            Self::Idx => read("IDX", &["idx", "idx1-ubyte", "idx2-ubyte", "idx3-ubyte"]),
            Self::Jcamp => read("JCAMP-DX", &["jdx", "dx", "jcamp"]),
            Self::Spe => read("SPE", &["spe"]),
        }
    }

    /// The ending of the names of files that are written, without a dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        self.about().endings[0]
    }

    /// Every ending of file names, without dots.
    #[must_use]
    pub fn endings(self) -> &'static [&'static str] {
        self.about().endings
    }

    /// The format whose files have this ending.
    #[must_use]
    pub fn of_ending(ending: &str) -> Option<Self> {
        let lowered = ending.to_ascii_lowercase();
        Self::ALL.into_iter().find(|format| format.endings().contains(&lowered.as_str()))
    }

    /// The name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// Whether tables are written in it.
    #[must_use]
    pub fn is_written(self) -> bool {
        self.about().written
    }

    /// Whether a file may hold several tables or arrays, one of which can be named: `FILE:NAME`.
    #[must_use]
    pub fn has_members(self) -> bool {
        self.about().has_members
    }
}

/// The names of formats in a sentence: `CSV, TSV or NPY`.
pub(crate) fn names_in_words(
    is_meant: impl Fn(Format) -> bool,
    name: impl Fn(Format) -> &'static str,
    last: &str,
) -> String {
    let names: Vec<&str> = Format::ALL.into_iter().filter(|format| is_meant(*format)).map(name).collect();
    match names.split_last() {
        Some((end, names)) if !names.is_empty() => format!("{} {last} {end}", names.join(", ")),
        _ => names.concat(),
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.extension())
    }
}

impl FromStr for Format {
    type Err = DataError;

    /// The format of that name or ending, in any case.
    fn from_str(text: &str) -> Result<Self, DataError> {
        let named = Self::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(text));
        named
            .or_else(|| Self::of_ending(text))
            .ok_or_else(|| DataError::BadFormat { text: crate::suggest::excerpt(text) })
    }
}
