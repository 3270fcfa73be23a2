//! A hash of a data set: FNV-1a of 128 bits (Fowler, Noll and Vo; RFC 9923).
//!
//! The bytes that are hashed, in order: the number of features; for each feature the length of its name and its name
//! in UTF-8; for each axis, if there are any, lengths and bytes of its name and its unit, its size and its grid; the number of rows; the values, row-major. Of crops, the hash of all images (with no features, and the number of images for that of the rows)
//! stands, as text, for the values. Numbers are 64-bit little-endian, floats by their bits.

use super::Feature;
use crate::Axis;

const OFFSET_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// The hash of what has been added so far; see [`Dataset::fingerprint`](super::Dataset::fingerprint).
#[derive(Clone, Debug)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// Of so many rows of these features, which have these axes, and whose values are to be added.
    #[must_use]
    pub fn new(features: &[Feature], axes: &[Axis], rows: usize) -> Self {
        let mut hash = Self(OFFSET_BASIS);
        hash.bytes(&(features.len() as u64).to_le_bytes());
        for feature in features {
            hash.bytes(&(feature.name.len() as u64).to_le_bytes());
            hash.bytes(feature.name.as_bytes());
        }
        for axis in axes {
            for text in [&axis.name, axis.unit.as_ref().unwrap_or(&String::new())] {
                hash.bytes(&(text.len() as u64).to_le_bytes());
                hash.bytes(text.as_bytes());
            }
            hash.bytes(&(axis.grid.len() as u64).to_le_bytes());
            hash.add(&axis.grid);
        }
        hash.bytes(&(rows as u64).to_le_bytes());
        hash
    }

    /// Adds values, row-major.
    pub fn add(&mut self, values: &[f64]) {
        for value in values {
            self.bytes(&value.to_bits().to_le_bytes());
        }
    }

    /// Adds the length and the bytes of a text.
    pub(super) fn add_text(&mut self, text: &str) {
        self.bytes(&(text.len() as u64).to_le_bytes());
        self.bytes(text.as_bytes());
    }

    /// 32 hexadecimal digits.
    #[must_use]
    pub fn finish(self) -> String {
        format!("{:032x}", self.0)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(PRIME);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_those_of_the_standard() {
        // The test vector of the standard for the one byte "a".
        let hash = (OFFSET_BASIS ^ u128::from(b'a')).wrapping_mul(PRIME);
        assert_eq!(format!("{hash:032x}"), "d228cb696f1a8caf78912b704e4a8964");
    }
}
