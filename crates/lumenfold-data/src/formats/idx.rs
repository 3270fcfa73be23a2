//! IDX: one array, the form in which handwritten digits are given away.
//!
//! The layout is that of Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits", section "File
//! formats": two zero bytes, a byte for the type of the elements, a byte for the number of dimensions, the size of each
//! dimension in four bytes, and the elements with the last dimension fastest; all of it big-endian.
//!
//! | array | columns |
//! |---|---|
//! | 1-D | `x1` |
//! | 2-D, n × d | `x1`, `x2`, …, `xd` |
//! | of k + 1 dimensions, n × d1 × … × dk | `x1`, `x2`, …: the values of samples with k axes (digits are 28 × 28) |
//!
//! Integers stay integers, 32-bit floats stay 32-bit. So what follows the header is what follows the header of an
//! [`npy`](super::npy) array, and is read by the same code, in pieces. Nothing is written in this format.

mod header;

use header::{Start, header};

use super::Format;
use super::npy::NpyFile;
use super::reader::{OpenFile, Reader, Request};
use crate::DataError;
use crate::input::SharedFile;

/// The name of the format in errors.
const FORMAT: &str = "IDX";

/// Reads IDX files.
pub(crate) struct IdxReader;

impl Reader for IdxReader {
    fn format(&self) -> Format {
        Format::Idx
    }

    fn recognises(&self, start: &[u8]) -> bool {
        Start::parse(start).is_ok_and(|start| start.is_plausible())
    }

    fn open(&self, file: SharedFile, length: u64, request: &Request<'_>) -> Result<Box<dyn OpenFile>, DataError> {
        let (header, data) = header(&file, length, &request.budget())?;
        Ok(Box::new(NpyFile::new(file, header, data, request)?))
    }
}
