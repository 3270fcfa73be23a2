//! Tiles uncompressed: the one place that uses `fitskit`.
//!
//! Its functions for one tile were compared with astropy; they may still panic on malformed bytes, which becomes an error
//! here. Of the sizes that a stream claims, HCOMPRESS allocates what its own header says, which is compared with the
//! tile first.

use std::io::Read;

use fitskit::tile_compress::{
    hcompress_decompress, plio_decompress, rice_decompress_i8, rice_decompress_i16, rice_decompress_i32,
};
use flate2::read::MultiGzDecoder;

use super::super::header::Header;
use crate::DataError;
use crate::budget::Budget;
use crate::formats::quiet;

/// Numbers of an image or of a tile.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pixels {
    Integer(Vec<i64>),
    Single(Vec<f32>),
    Double(Vec<f64>),
}

/// How tiles are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    /// In blocks of so many numbers of so many bytes.
    Rice {
        block: usize,
        bytes: usize,
    },
    Gzip,
    /// The first bytes of all numbers, then the second ones, ….
    GzipShuffled,
    /// Lists of pixels of IRAF.
    Plio,
    /// The H-transform, with 64-bit numbers for images of 32 bits.
    Hcompress {
        wide: bool,
    },
    Plain,
}

impl Codec {
    /// What a header says, for numbers of `width` bytes.
    pub(super) fn of(header: &Header, width: usize, budget: &Budget) -> Result<Self, DataError> {
        let parameter = |name: &str| {
            let number = (1..=99).find(|number| header.text(&format!("ZNAME{number}")) == Some(name))?;
            header.number(&format!("ZVAL{number}"))
        };
        let unreadable = |what: &str| {
            budget.unusable(format!("its image is compressed by {what}, which is not read; unpack it with funpack"))
        };
        let is_float = header.number("ZBITPIX").is_some_and(|bits| bits < 0.0);
        match header.text("ZCMPTYPE").unwrap_or_default() {
            "RICE_1" | "RICE_ONE" => {
                let block = parameter("BLOCKSIZE").unwrap_or(32.0);
                let bytes = parameter("BYTEPIX").unwrap_or(if is_float { 4.0 } else { width as f64 });
                match ((1.0..=65_536.0).contains(&block), [1.0, 2.0, 4.0].contains(&bytes)) {
                    (true, true) => Ok(Self::Rice { block: block as usize, bytes: bytes as usize }),
                    _ => Err(unreadable("RICE_1 with such blocks")),
                }
            }
            "GZIP_1" => Ok(Self::Gzip),
            "GZIP_2" => Ok(Self::GzipShuffled),
            "PLIO_1" => Ok(Self::Plio),
            "HCOMPRESS_1" if parameter("SMOOTH").is_some_and(|smooth| smooth != 0.0) => {
                Err(unreadable("HCOMPRESS_1 with smoothing"))
            }
            "HCOMPRESS_1" => Ok(Self::Hcompress { wide: is_float || width > 2 }),
            "NOCOMPRESS" => Ok(Self::Plain),
            other => Err(unreadable(&crate::suggest::excerpt(other))),
        }
    }

    /// The `count` integers of a tile; `width` are the bytes of one where it is not the codec that says it.
    pub(super) fn integers(
        self,
        bytes: &[u8],
        count: usize,
        width: usize,
        place: &[(u64, u64)],
    ) -> Result<Vec<i64>, String> {
        let integers = match self {
            Self::Rice { block, bytes: width } => fenced(|| match width {
                1 => rice_decompress_i8(bytes, count, block).map(|all| all.into_iter().map(i64::from).collect()),
                2 => rice_decompress_i16(bytes, count, block).map(|all| all.into_iter().map(i64::from).collect()),
                _ => rice_decompress_i32(bytes, count, block).map(|all| all.into_iter().map(i64::from).collect()),
            }),
            Self::Gzip => gunzip(bytes, count * width).map(|plain| integers_of(&plain, width)),
            Self::GzipShuffled => {
                gunzip(bytes, count * width).map(|plain| integers_of(&unshuffled(&plain, width), width))
            }
            Self::Plio => {
                let words: Vec<i16> = bytes.as_chunks().0.iter().map(|word| i16::from_be_bytes(*word)).collect();
                fenced(|| plio_decompress(&words, count).map(|all| all.into_iter().map(i64::from).collect()))
            }
            Self::Hcompress { wide } => hcompress(bytes, count, wide, place),
            Self::Plain => Ok(integers_of(bytes, width)),
        }?;
        if integers.len() == count {
            Ok(integers)
        } else {
            Err("does not have as many numbers as it should".to_owned())
        }
    }

    /// The floats of a tile that were compressed as they are.
    pub(super) fn floats(self, bytes: &[u8], count: usize, width: usize) -> Result<Pixels, String> {
        let plain = match self {
            Self::Gzip => gunzip(bytes, count * width)?,
            Self::GzipShuffled => unshuffled(&gunzip(bytes, count * width)?, width),
            Self::Plain => bytes.to_vec(),
            _ => return Err("has floats without a scale".to_owned()),
        };
        if plain.len() != count * width {
            return Err("does not have as many numbers as it should".to_owned());
        }
        Ok(floats_of(&plain, width))
    }
}

/// Undoes the H-transform, if the size in its stream is that of the tile.
fn hcompress(bytes: &[u8], count: usize, wide: bool, place: &[(u64, u64)]) -> Result<Vec<i64>, String> {
    // Two bytes of magic, then both sizes in four bytes each.
    let size = |at: usize| {
        bytes.get(at..).and_then(|rest| rest.first_chunk()).map(|word| u64::from(u32::from_be_bytes(*word)))
    };
    let claimed = size(2).zip(size(6)).and_then(|(slow, fast)| slow.checked_mul(fast));
    if claimed != Some(count as u64) || place.is_empty() {
        return Err("does not have the size that it should".to_owned());
    }
    fenced(|| hcompress_decompress(bytes, wide, 0).map(|(all, _, _)| all))
}

/// The result of the library, whose panics and errors become words.
fn fenced<T>(work: impl FnOnce() -> fitskit::Result<T>) -> Result<T, String> {
    match quiet::catch(work) {
        Some(Ok(result)) => Ok(result),
        Some(Err(error)) => Err(format!("cannot be uncompressed ({error})")),
        None => Err("cannot be uncompressed".to_owned()),
    }
}

/// What was compressed by gzip: `length` bytes and no more.
pub(super) fn gunzip(bytes: &[u8], length: usize) -> Result<Vec<u8>, String> {
    let mut plain = Vec::new();
    let read = MultiGzDecoder::new(bytes).take(length as u64 + 1).read_to_end(&mut plain);
    match read {
        Ok(read) if read == length => Ok(plain),
        Ok(_) => Err("does not have as many numbers as it should".to_owned()),
        Err(error) => Err(format!("cannot be uncompressed ({error})")),
    }
}

/// Bytes brought back to the numbers that they belong to.
fn unshuffled(bytes: &[u8], width: usize) -> Vec<u8> {
    let count = bytes.len() / width.max(1);
    (0..count * width).map(|at| bytes[at % width * count + at / width]).collect()
}

/// Big-endian integers; those of one byte are unsigned.
pub(super) fn integers_of(bytes: &[u8], width: usize) -> Vec<i64> {
    match width {
        1 => bytes.iter().map(|byte| i64::from(*byte)).collect(),
        2 => bytes.as_chunks().0.iter().map(|word| i64::from(i16::from_be_bytes(*word))).collect(),
        4 => bytes.as_chunks().0.iter().map(|word| i64::from(i32::from_be_bytes(*word))).collect(),
        _ => bytes.as_chunks().0.iter().map(|word| i64::from_be_bytes(*word)).collect(),
    }
}

/// Big-endian floats.
pub(super) fn floats_of(bytes: &[u8], width: usize) -> Pixels {
    match width {
        4 => Pixels::Single(bytes.as_chunks().0.iter().map(|word| f32::from_be_bytes(*word)).collect()),
        _ => Pixels::Double(bytes.as_chunks().0.iter().map(|word| f64::from_be_bytes(*word)).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tiles of random bytes for each codec.
    const TRIALS: u64 = 3000;

    #[test]
    fn random_bytes_are_numbers_or_words() {
        let mut seed = 1_u64;
        let mut random = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 56) as u8
        };
        let codecs = [
            Codec::Rice { block: 32, bytes: 1 },
            Codec::Rice { block: 16, bytes: 2 },
            Codec::Rice { block: 32, bytes: 4 },
            Codec::Gzip,
            Codec::GzipShuffled,
            Codec::Plio,
            Codec::Hcompress { wide: false },
            Codec::Hcompress { wide: true },
            Codec::Plain,
        ];
        for _ in 0..TRIALS {
            let length = usize::from(random());
            let mut bytes: Vec<u8> = (0..length).map(|_| random()).collect();
            for codec in codecs {
                if let (Codec::Hcompress { .. }, Some(start)) = (codec, bytes.get_mut(..10)) {
                    // A beginning that is believed.
                    start.copy_from_slice(&[0xdd, 0x99, 0, 0, 0, 8, 0, 0, 0, 8]);
                }
                if let Ok(numbers) = codec.integers(&bytes, 64, 4, &[(0, 8), (0, 8)]) {
                    assert_eq!(numbers.len(), 64, "{codec:?}");
                }
            }
        }
    }
}
