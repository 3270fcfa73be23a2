//! Arrow IPC: tables as columns in memory, in a file (`ARROW1`; Feather, version 2, is the same) or as a stream.
//!
//! After "Arrow Columnar Format", section "Serialization and Interprocess Communication". Both forms are a schema, then
//! dictionaries and batches of rows, each in a message of its own; a file has its magic before them and an index behind.
//!
//! | column | becomes |
//! |---|---|
//! | integers, floats (of 16 bits as of 32), decimals | integers, 32-bit and 64-bit floats |
//! | booleans, text (also large, as views, or by a dictionary) | truth values, text |
//! | dates, times, timestamps, durations | the integers that they are stored as, with their unit |
//! | lists of a fixed number of numbers | as many columns: `NAME1`, `NAME2`, … |
//!
//! Nulls are missing values. Other columns (lists of any length, structures, bytes) are left out, which
//! [`Table::notes`](crate::Table::notes) says, or refused if asked for by name. The unit of a column is its metadatum `unit`.
//! The only list of a table is what is learnt from; the metadatum `axes` of its column, written by this library, holds its axes as
//! JSON, and `errors_of` is that of the list of its standard errors, which `FILE:errors` reads.
//!
//! `messages` finds every message, and compares what it claims (lengths, places of buffers, sizes when decompressed) with the
//! file and the memory limit before the library sees it; what panics remain in the library become errors. One batch is in
//! memory at a time.
//!
//! A file is written with zstd compression: samples with axes as one list, units, axes and errors as metadata.

mod columns;
mod convert;
mod messages;
mod schema;
mod stored;
mod write;

pub(crate) use write::{ArrowEncoder, check};

use super::reader::{OpenFile, Reader, Request};
use super::{Format, quiet};
use crate::DataError;
use crate::input::SharedFile;
use crate::suggest::excerpt;
use stored::ArrowFile;

/// The name of the format in errors.
const FORMAT: &str = "Arrow";
/// The first and the last bytes of a file.
const MAGIC: &[u8] = b"ARROW1";
/// The first bytes of a message.
const CONTINUATION: [u8; 4] = [0xff; 4];
/// The metadatum of a column that holds its unit.
const UNIT: &str = "unit";
/// The metadatum of a list that holds its axes.
const AXES: &str = "axes";
/// The metadatum of a list of standard errors that names the list they belong to.
const ERRORS_OF: &str = "errors_of";
/// The list of samples with axes in files that are written, and that of their errors.
const DATA: &str = "data";
const ERRORS: &str = "errors";

/// Reads Arrow files and streams.
pub(crate) struct ArrowReader;

impl Reader for ArrowReader {
    fn format(&self) -> Format {
        Format::Arrow
    }

    fn recognises(&self, start: &[u8]) -> bool {
        // The length of a message is a multiple of eight, and that of a schema is not large.
        let stream = || match start {
            [0xff, 0xff, 0xff, 0xff, length @ ..] => {
                matches!(length, [low, _, _, 0, ..] if low % 8 == 0) && length[..3] != [0; 3]
            }
            _ => false,
        };
        start.starts_with(MAGIC) || stream()
    }

    fn open(&self, file: SharedFile, length: u64, request: &Request<'_>) -> Result<Box<dyn OpenFile>, DataError> {
        Ok(Box::new(ArrowFile::open(file, length, request)?))
    }
}

/// Runs what calls the library: its panics and its errors become one of ours.
fn quietly<T>(path: &str, work: impl FnOnce() -> Result<T, arrow_schema::ArrowError>) -> Result<T, DataError> {
    let words = match quiet::catch(work) {
        Some(Ok(value)) => return Ok(value),
        Some(Err(error)) => excerpt(&error.to_string()),
        None => "they contradict themselves".to_owned(),
    };
    let reason = format!("its Arrow data cannot be read ({words}); get it again");
    Err(DataError::Malformed { path: path.to_owned(), format: FORMAT, reason })
}
