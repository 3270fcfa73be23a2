//! The header of an array: what it claims, checked before it is believed.

use std::io::Read;

use super::FORMAT;
use crate::DataError;
use crate::axis::MOST_AXES;
use crate::budget::Budget;
use crate::formats::npy::{Element, Header, Kind};
use crate::input::SharedFile;

/// Bytes before the sizes.
const MAGIC_BYTES: usize = 4;
/// Bytes of the size of a dimension.
const SIZE_BYTES: usize = 4;
/// Most dimensions: the rows, and the axes of a sample.
const MOST_DIMENSIONS: usize = MOST_AXES + 1;

/// What the first bytes say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) element: Element,
    /// The size of every dimension.
    pub(super) shape: Vec<u64>,
}

impl Start {
    /// Reads the header at the beginning of `bytes`. The error says what is wrong.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let short = || "ends within its header; get it again".to_owned();
        let (magic, sizes) = bytes.split_at_checked(MAGIC_BYTES).ok_or_else(short)?;
        let &[0, 0, code, dimensions] = magic else {
            return Err("is not an IDX file (its first two bytes are not zero)".to_owned());
        };
        let (kind, size) = match code {
            0x08 => (Kind::Unsigned, 1),
            0x09 => (Kind::Signed, 1),
            0x0b => (Kind::Signed, 2),
            0x0c => (Kind::Signed, 4),
            0x0d => (Kind::Float, 4),
            0x0e => (Kind::Float, 8),
            _ => {
                return Err(format!(
                    "its element type 0x{code:02x} is none of IDX (0x08, 0x09, 0x0b to 0x0e); get it again"
                ));
            }
        };
        let dimensions = usize::from(dimensions);
        if dimensions == 0 || dimensions > MOST_DIMENSIONS {
            return Err(format!("claims {dimensions} dimensions; 1 to {MOST_DIMENSIONS} are read"));
        }
        let sizes = sizes.get(..SIZE_BYTES * dimensions).ok_or_else(short)?;
        let word = |word: &[u8]| word.iter().fold(0, |size, &byte| (size << 8) | u64::from(byte));
        let shape = sizes.chunks_exact(SIZE_BYTES).map(word).collect();
        Ok(Self { element: Element { kind, size, big_endian: true }, shape })
    }

    /// Bytes before the first element.
    fn bytes(&self) -> u64 {
        (MAGIC_BYTES + SIZE_BYTES * self.shape.len()) as u64
    }

    /// Whether a file may be taken for one of this format by its beginning alone: other files begin with zeros too, but
    /// then seldom with sizes that are all above zero.
    pub(super) fn is_plausible(&self) -> bool {
        !self.shape.contains(&0)
    }
}

/// The header of a file of `length` bytes, and where its elements begin.
pub(super) fn header(file: &SharedFile, length: u64, budget: &Budget) -> Result<(Header, u64), DataError> {
    let mut bytes = Vec::new();
    let longest = (MAGIC_BYTES + SIZE_BYTES * MOST_DIMENSIONS) as u64;
    let read = file.at(0).take(longest).read_to_end(&mut bytes);
    read.map_err(|source| DataError::Read { path: budget.path().to_owned(), source })?;
    let start = Start::parse(&bytes).map_err(|reason| budget.malformed(FORMAT, reason))?;
    let data = start.bytes();
    // Every size has been read, so that the file is at least as long as its header.
    let header = Header::of_elements(start.element, &start.shape, length.saturating_sub(data), budget)?;
    Ok((header, data))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(code: u8, sizes: &[u32]) -> Vec<u8> {
        let sizes_bytes = sizes.iter().flat_map(|size| size.to_be_bytes());
        [0, 0, code, sizes.len() as u8].into_iter().chain(sizes_bytes).collect()
    }

    #[test]
    fn types_and_sizes() {
        for (code, kind, size) in [
            (0x08, Kind::Unsigned, 1),
            (0x09, Kind::Signed, 1),
            (0x0b, Kind::Signed, 2),
            (0x0c, Kind::Signed, 4),
            (0x0d, Kind::Float, 4),
            (0x0e, Kind::Float, 8),
        ] {
            let start = Start::parse(&bytes(code, &[60_000, 28, 28])).expect("sound");
            assert_eq!(start.element, Element { kind, size, big_endian: true });
            assert_eq!((start.shape.as_slice(), start.bytes()), (&[60_000, 28, 28][..], 16));
        }
    }

    #[test]
    fn other_beginnings_are_refused() {
        for (bytes, words) in [
            (bytes(0x0a, &[1]), "0x0a"),
            (bytes(0x08, &[]), "0 dimensions"),
            (bytes(0x08, &[1; 10]), "10 dimensions"),
            (vec![0, 0, 8], "ends within"),
            (bytes(0x08, &[7, 7])[..11].to_vec(), "ends within"),
            (vec![1, 2, 8, 1, 0, 0, 0, 1], "not zero"),
        ] {
            let reason = Start::parse(&bytes).expect_err("refused");
            assert!(reason.contains(words), "{reason}");
        }
        // Zeros all through are no array.
        assert!(Start::parse(&[0; 64]).is_err());
        assert!(!Start::parse(&bytes(0x08, &[0, 28])).expect("sound").is_plausible());
    }
}
