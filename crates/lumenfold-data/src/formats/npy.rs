//! NPY: one NumPy array (format versions 1, 2 and 3).
//!
//! The header of the format is a Python literal. It is parsed as data, never evaluated, and must hold exactly the
//! keys `descr`, `fortran_order` and `shape`; the size that they claim is compared with the length of the file before
//! memory is asked for. An array becomes columns like this:
//!
//! | array | columns |
//! |---|---|
//! | 1-D | `x1` |
//! | 2-D, n × d, C or Fortran order | `x1`, `x2`, …, `xd` |
//! | of k + 1 dimensions, n × d1 × … × dk | `x1`, `x2`, …: the values of samples with k axes, the last one fastest |
//! | 1-D of a structured type with named fields | one per field |
//!
//! Floats of 16, 32 and 64 bits, signed and unsigned integers, booleans, fixed-width unicode (`<U7`) and ASCII (`S7`)
//! are read, in either byte order. Object arrays hold pickles, which can run code, and are refused; so are complex
//! numbers, dates and scalars. Nothing in the format tells names, units or grids of axes: they are `axis1`, `axis2`, … with
//! the bins 0, 1, 2, ….
//!
//! One array of 64-bit floats is written, or of 32-bit floats if every column is of these: a matrix, or n × d1 × … × dk for
//! samples with axes.

mod decode;
mod element;
mod header;
mod layout;
mod literal;
mod stored;
mod write;

pub(crate) use decode::{bits, decode, extend, number};
pub(crate) use element::{Element, Field, Kind};
pub(crate) use header::Header;
pub(crate) use layout::Layout;
pub(crate) use stored::NpyFile;
pub(crate) use write::{EXACT_INTEGER, NpyEncoder, check, header_bytes, scalar_header_bytes};

use crate::DataError;
use crate::formats::Format;
use crate::formats::reader::{OpenFile, Reader, Request};
use crate::input::SharedFile;
use crate::table::{Column, Values};

/// The name of the format in errors.
pub(crate) const FORMAT: &str = "NPY";

/// Reads NPY files.
pub(crate) struct NpyReader;

impl Reader for NpyReader {
    fn format(&self) -> Format {
        Format::Npy
    }

    fn recognises(&self, start: &[u8]) -> bool {
        start.starts_with(b"\x93NUMPY")
    }

    fn open(&self, file: SharedFile, length: u64, request: &Request<'_>) -> Result<Box<dyn OpenFile>, DataError> {
        Ok(Box::new(NpyFile::open(file, length, request)?))
    }
}

/// The selected columns with their names.
pub(crate) fn named(names: &[String], selected: &[usize], values: Vec<Values>) -> Vec<Column> {
    values.into_iter().zip(selected).map(|(values, &index)| Column::new(names[index].clone(), values)).collect()
}
