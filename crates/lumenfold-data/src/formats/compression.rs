//! Compression around a whole file: gzip and zstd.

use std::io::{self, ErrorKind, Read, Write};

use crate::DataError;

/// Compression around a whole file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compression {
    /// None.
    #[default]
    None,
    /// Gzip, `.gz`.
    Gzip,
    /// Zstandard, `.zst`.
    Zstd,
}

/// Zstandard's own default trades well between time and size.
const ZSTD_LEVEL: i32 = 3;
/// Largest window a zstd frame may ask for, as a power of two: 128 MiB, the limit of the zstd program itself.
const ZSTD_WINDOW_LOG: u32 = 27;

/// Content of so many bytes is unpacked whatever its ratio.
const HARMLESS_BYTES: u64 = 64 << 20;
/// Most bytes that larger content may have for each byte of its file. Deflate reaches 1032, with zeros only; measured
/// values that are nearly all zero stay below 200.
const MOST_RATIO: u64 = 500;

/// Refuses what is too small for what comes out of it, before or while it is unpacked: `packed` bytes in the file become
/// `unpacked` bytes or more.
pub(crate) fn check_ratio(path: &str, packed: u64, unpacked: u64) -> Result<(), DataError> {
    if unpacked <= HARMLESS_BYTES || unpacked / MOST_RATIO < packed.max(1) {
        return Ok(());
    }
    let reason = format!(
        "{packed} bytes would become {unpacked} or more, over {MOST_RATIO} to 1: a decompression bomb? If it is not, unpack it first"
    );
    Err(DataError::Unusable { path: path.to_owned(), reason })
}

impl Compression {
    /// What the first bytes say.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let starts = |compression: &Self| bytes.starts_with(compression.magic());
        [Self::Gzip, Self::Zstd].into_iter().find(starts).unwrap_or(Self::None)
    }

    /// The first bytes of every file.
    fn magic(self) -> &'static [u8] {
        match self {
            Self::None => &[],
            Self::Gzip => &[0x1f, 0x8b],
            Self::Zstd => &[0x28, 0xb5, 0x2f, 0xfd],
        }
    }

    /// True for a file of this compression that was cut short within its very first bytes.
    pub(crate) fn is_stump(self, bytes: &[u8]) -> bool {
        !bytes.is_empty() && bytes.len() < self.magic().len() && self.magic().starts_with(bytes)
    }

    /// A lower-case file name without its compression's ending, and the compression.
    #[must_use]
    pub fn strip(name: &str) -> (&str, Self) {
        for (ending, compression) in [(".gz", Self::Gzip), (".zst", Self::Zstd)] {
            if let Some(stem) = name.strip_suffix(ending) {
                return (stem, compression);
            }
        }
        (name, Self::None)
    }

    /// The ending of file names, without a dot; empty for none.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => "gz",
            Self::Zstd => "zst",
        }
    }
}

/// A reader of the decompressed content. Several gzip members or zstd frames count as one.
pub(crate) fn decompressor(
    reader: impl io::BufRead + Send + 'static,
    compression: Compression,
) -> io::Result<Box<dyn Read + Send>> {
    Ok(match compression {
        Compression::None => Box::new(reader),
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(reader)),
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(reader)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            Box::new(decoder)
        }
    })
}

/// The error for a failed read of an input under `compression`.
pub(crate) fn stream_failed(path: &str, compression: Compression, error: io::Error) -> DataError {
    let format = match compression {
        Compression::None => return DataError::Read { path: path.to_owned(), source: error },
        Compression::Gzip => "gzip",
        Compression::Zstd => "zstd",
    };
    let what = match error.kind() {
        ErrorKind::UnexpectedEof => "ends too early (was the download or copy cut short?)".to_owned(),
        _ => format!("is damaged ({error})"),
    };
    DataError::Malformed { path: path.to_owned(), format, reason: format!("its {format} data {what}; get it again") }
}

/// A compressor around an output; the same bytes every time (no name and no time in the gzip header).
pub(crate) enum Compressor<W: Write> {
    None(W),
    Gzip(flate2::write::GzEncoder<W>),
    Zstd(zstd::stream::write::Encoder<'static, W>),
}

impl<W: Write> Compressor<W> {
    pub(crate) fn new(output: W, compression: Compression) -> io::Result<Self> {
        Ok(match compression {
            Compression::None => Self::None(output),
            Compression::Gzip => {
                Self::Gzip(flate2::GzBuilder::new().mtime(0).write(output, flate2::Compression::default()))
            }
            Compression::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(output, ZSTD_LEVEL)?;
                encoder.include_checksum(true)?;
                Self::Zstd(encoder)
            }
        })
    }

    /// Writes what is left, and gives back the output.
    pub(crate) fn finish(self) -> io::Result<W> {
        match self {
            Self::None(output) => Ok(output),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Compressor<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::None(output) => output.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::None(output) => output.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bombs_are_large_and_made_of_next_to_nothing() {
        assert!(check_ratio("t.npz", 1, HARMLESS_BYTES).is_ok());
        assert!(check_ratio("t.npz", 200_000, HARMLESS_BYTES + 1).is_ok());
        assert!(check_ratio("t.npz", 97_394, 100_000_000).is_err());
        assert!(check_ratio("t.npz", 0, u64::MAX).is_err());
    }
}
