//! Apache Parquet, by its library's own column reader (no Arrow).
//!
//! Flat columns of every numeric type are read, exactly where that is possible: 16-bit floats as 32-bit ones, all
//! integers as signed 64-bit ones, decimals as the nearest 64-bit float. Dates, times and timestamps are carried as
//! the integers they are stored as, with their unit. Strings are text. Nulls are missing values. Lists of numbers
//! that all have one length are as many columns: `NAME1`, `NAME2`, …; the only ones of a file are what is learnt from. Other nested
//! columns (lists of several lengths, structures) and raw bytes are left out, which [`Table::notes`](crate::Table::notes) says, or
//! refused if asked for by name.
//!
//! The library may panic on malformed bytes. `guard` checks the outline of a file before the library sees it: the
//! places and lengths that its metadata claim, how deeply its schema is nested, and the header of each page. `checked` looks at each page
//! before its values are decoded (`values`, `delta`, `indices`), and counts what the pages of all columns take (`room`). `quiet`, a module of all
//! formats, turns what panics remain into errors, without a word on stderr.
//!
//! A whole table is read column by column, by as many threads as there are processors (`whole`), text and lists excepted; blocks come
//! in pieces of all columns side by side (`stored`).
//!
//! Files are written with zstd compression. Units are kept as key-value metadata, `unit:NAME`.

mod checked;
mod convert;
mod decode;
mod delta;
mod guard;
mod indices;
mod levels;
mod lists;
mod pages;
mod read;
mod room;
mod stored;
mod values;
mod whole;
mod write;

pub(crate) use convert::decimal;
use stored::ParquetFile;
pub(crate) use write::{ParquetEncoder, check};

use crate::DataError;
use crate::formats::Format;
use crate::formats::reader::{OpenFile, Reader, Request};
use crate::input::SharedFile;

/// The name of the format in errors.
const FORMAT: &str = "Parquet";
/// Key-value metadata of this prefix hold units of columns.
const UNIT_PREFIX: &str = "unit:";

/// Reads Parquet files.
pub(crate) struct ParquetReader;

impl Reader for ParquetReader {
    fn format(&self) -> Format {
        Format::Parquet
    }

    fn recognises(&self, start: &[u8]) -> bool {
        start.starts_with(b"PAR1")
    }

    fn open(&self, file: SharedFile, _: u64, request: &Request<'_>) -> Result<Box<dyn OpenFile>, DataError> {
        Ok(Box::new(ParquetFile::open(file, request)?))
    }
}
