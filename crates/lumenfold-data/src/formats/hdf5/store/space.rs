//! The shape of a dataset or an attribute (dataspace messages of versions 1 and 2; specification, section IV.A.2.b).

use super::disk::{Bytes, Disk};
use super::fault::Fault;

/// Most dimensions; the format has no more.
const MOST_DIMENSIONS: u8 = 32;

/// The size of every dimension: none for a single value; `None` for a dataset without values.
pub(super) fn parse(disk: &Disk, message: &[u8]) -> Result<Option<Vec<u64>>, Fault> {
    let mut bytes = Bytes(message);
    let (version, dimensions, _flags, kind) = (bytes.u8()?, bytes.u8()?, bytes.u8()?, bytes.u8()?);
    match version {
        1 => bytes.skip(4)?,
        2 if kind == 2 => return Ok(None),
        2 => {}
        _ => return Fault::damaged(format!("a shape of version {version}")),
    }
    if dimensions > MOST_DIMENSIONS {
        return Fault::damaged(format!("a shape of {dimensions} dimensions"));
    }
    (0..dimensions).map(|_| disk.size(&mut bytes)).collect::<Result<_, _>>().map(Some)
}

/// The number of elements, if it can be counted.
pub(in super::super) fn elements(shape: &[u64]) -> Option<u64> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1_u64, |product, size| product.checked_mul(*size))
}
