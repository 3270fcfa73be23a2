//! Where the numbers of an array of any shape are in its file.

use std::io::Read;

use super::decode::{bits, words};
use super::element::{Element, Kind};
use super::header::{Claims, dimensions};
use super::{FORMAT, header};
use crate::DataError;
use crate::budget::Budget;

/// An array of numbers in C order, of which any part can be read by its position.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The size of every dimension, each above zero.
    pub(crate) shape: Vec<usize>,
    /// Where the first number is, in bytes.
    pub(crate) offset: u64,
    element: Element,
}

impl Layout {
    /// Reads the header of an array of `length` bytes in all.
    pub(crate) fn read(reader: &mut dyn Read, length: u64, budget: &Budget) -> Result<Self, DataError> {
        let claims = Claims::read(reader, length, budget)?;
        let element = claims.element(budget)?;
        if !matches!(element.kind, Kind::Float | Kind::Signed | Kind::Unsigned | Kind::Boolean) {
            return Err(budget.unusable("holds text or raw bytes, not numbers"));
        }
        let words = dimensions(&claims.shape);
        if claims.fortran_order && claims.shape.iter().filter(|size| **size > 1).count() > 1 {
            let reason = "is in Fortran order, so that its lines are scattered; save numpy.ascontiguousarray of it";
            return Err(budget.unusable(reason));
        }
        if claims.shape.contains(&0) {
            return Err(budget.unusable(format!("{words}: it is empty")));
        }
        let values = claims.shape.iter().try_fold(1_u64, |product, size| product.checked_mul(*size));
        let bytes = values.and_then(|values| values.checked_mul(element.size));
        if bytes != Some(length - claims.bytes) {
            let there = length - claims.bytes;
            let reason = format!(
                "{words} of {} bytes each, but {there} bytes of data are there: it was cut short or its header is wrong",
                element.size
            );
            return Err(budget.malformed(FORMAT, reason));
        }
        // As many bytes as there are can be counted.
        let shape = claims.shape.iter().map(|size| *size as usize).collect();
        Ok(Self { shape, offset: claims.bytes, element })
    }

    /// Bytes of a number.
    pub(crate) fn size(&self) -> u64 {
        self.element.size
    }

    /// Adds the numbers of these bytes to the end of `values`.
    pub(crate) fn decode(&self, bytes: &[u8], values: &mut Vec<f64>) {
        let Element { kind, size, big_endian } = self.element;
        let cells = bytes.chunks_exact(size as usize);
        let unused = 64 - 8 * size.min(8) as u32;
        match (kind, size) {
            (Kind::Float, 8) if big_endian => values.extend(words(cells).map(f64::from_be_bytes)),
            (Kind::Float, 8) => values.extend(words(cells).map(f64::from_le_bytes)),
            (Kind::Float, 4) if big_endian => {
                values.extend(words(cells).map(|cell| f64::from(f32::from_be_bytes(cell))));
            }
            (Kind::Float, 4) => values.extend(words(cells).map(|cell| f64::from(f32::from_le_bytes(cell)))),
            (Kind::Float, _) => {
                values.extend(cells.map(|cell| half::f16::from_bits(bits(cell, big_endian) as u16).to_f64()))
            }
            (Kind::Boolean, _) => values.extend(cells.map(|cell| f64::from(u8::from(cell != [0])))),
            (Kind::Signed, _) => values.extend(
                // To the left and back again: the sign comes along.
                cells.map(|cell| (((bits(cell, big_endian) << unused) as i64) >> unused) as f64),
            ),
            _ => values.extend(cells.map(|cell| bits(cell, big_endian) as f64)),
        }
    }

    /// The error for numbers that cannot be read.
    pub(crate) fn failed(error: std::io::Error, path: &str) -> DataError {
        header::read_failed(error, &Budget::new(path, 0))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::header_bytes;
    use super::*;

    fn read(descr: &str, shape: &[usize], data: &[u8]) -> Result<Vec<f64>, DataError> {
        let mut bytes = header_bytes(descr, shape[0] as u64, &shape[1..]);
        bytes.extend_from_slice(data);
        let layout = Layout::read(&mut &bytes[..], bytes.len() as u64, &Budget::new("a.npy", 0))?;
        assert_eq!(layout.shape, shape);
        let mut values = Vec::new();
        layout.decode(&bytes[layout.offset as usize..], &mut values);
        Ok(values)
    }

    #[test]
    fn numbers_of_every_type_and_byte_order() {
        assert_eq!(read("<f8", &[1, 1], &1.5_f64.to_le_bytes()).unwrap(), [1.5]);
        assert_eq!(read(">f8", &[1], &(-2.5_f64).to_be_bytes()).unwrap(), [-2.5]);
        assert_eq!(read("<f4", &[2], &[0.25_f32.to_le_bytes(), 3.0_f32.to_le_bytes()].concat()).unwrap(), [0.25, 3.0]);
        assert_eq!(read(">f4", &[1], &0.25_f32.to_be_bytes()).unwrap(), [0.25]);
        assert_eq!(read("<f2", &[1], &[0, 0x3c]).unwrap(), [1.0]);
        assert_eq!(read(">i2", &[2], &[0xff, 0xfe, 0x01, 0x00]).unwrap(), [-2.0, 256.0]);
        assert_eq!(read("|i1", &[1], &[0x80]).unwrap(), [-128.0]);
        assert_eq!(read("<u4", &[1], &[255, 255, 255, 255]).unwrap(), [4_294_967_295.0]);
        assert_eq!(read("<i8", &[1], &(-7_i64).to_le_bytes()).unwrap(), [-7.0]);
        assert_eq!(read("|b1", &[3], &[0, 1, 2]).unwrap(), [0.0, 1.0, 1.0]);
    }

    #[test]
    fn what_a_header_claims_is_compared_with_the_file() {
        for (shape, data) in [(&[2, 3][..], 5 * 8), (&[2, 3], 7 * 8), (&[usize::MAX, 8], 8)] {
            assert!(read("<f8", shape, &vec![0; data]).is_err());
        }
        assert!(read("<f8", &[0, 3], &[]).unwrap_err().to_string().contains("empty"));
        assert!(read("<U4", &[1], &[0; 16]).unwrap_err().to_string().contains("not numbers"));
    }
}
