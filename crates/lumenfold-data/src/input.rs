//! An input opened: what it is found out, and made readable from any place and more than once.
//!
//! Reading a table may take two passes (the types of text columns are known at its end only), so what can be read but
//! once (standard input, pipes) is first copied to a file without a name: [`Spool`]. It is looked at before it is
//! copied, since what is in no format that is read may have no end.

mod shared_file;
mod spool;

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

pub(crate) use shared_file::SharedFile;
pub(crate) use spool::{Spool, SpoolError};

use crate::formats::{Compression, Detected, Format, check_ratio, decompressor, detect, names_in_words, stream_failed};
use crate::source::split_member;
use crate::{DataError, Source};

/// First bytes by which a format is recognised.
const DETECTION_BYTES: usize = 4096;
/// Bytes read at a time from compressed files.
const BUFFER_BYTES: usize = 1 << 18;

/// An input whose format is known.
#[derive(Debug)]
pub(crate) struct Input {
    /// The name it goes by in messages.
    pub(crate) path: String,
    /// The array of an archive that is asked for.
    pub(crate) member: Option<String>,
    pub(crate) format: Format,
    compression: Compression,
    file: SharedFile,
}

impl Input {
    /// Opens a source and finds out its format, from its content, then from its name, unless `format` says it.
    pub(crate) fn open(source: &Source, format: Option<Format>, spool: &Spool) -> Result<Self, DataError> {
        let path = source.to_string();
        let opened = |source| DataError::Open { path: path.clone(), source };
        match source {
            Source::Stdin => Self::spooled(io::stdin().lock(), Asked { path, name: None, member: None, format }, spool),
            Source::Text { text, .. } => {
                let format = Some(format.unwrap_or(Format::Csv));
                Self::spooled(&text[..], Asked { path, name: None, member: None, format }, spool)
            }
            Source::Path(given) => {
                let (name, member) = split_member(given);
                let file = File::open(&name).map_err(opened)?;
                let metadata = file.metadata().map_err(opened)?;
                if metadata.is_dir() {
                    return Err(DataError::InputIsDirectory { path });
                }
                let asked = Asked { path, name: Some(name), member, format };
                if metadata.is_file() {
                    Self::from_file(SharedFile::new(file), asked)
                } else {
                    // A pipe: it can be read once and has no length.
                    Self::spooled(file, asked, spool)
                }
            }
        }
    }

    fn spooled(mut stream: impl Read, asked: Asked, spool: &Spool) -> Result<Self, DataError> {
        let failed = |source| DataError::Read { path: asked.path.clone(), source };
        let start = first_bytes(&mut stream).map_err(failed)?;
        // What is compressed is looked at later.
        let plain = Compression::of_bytes(&start) == Compression::None;
        let format = if plain { Some(asked.choose(&start)?) } else { None };
        let text = matches!(format, Some(Format::Csv | Format::Tsv));
        let accept = |bytes: &[u8]| match text && bytes.contains(&0) {
            // Devices that give zeros for ever do so under any name.
            true => Err(asked.malformed("has a NUL byte: this is binary data or a damaged text file; get it again")),
            false => Ok(()),
        };
        let copied = spool.copy(&start, &mut stream, &asked.path, accept);
        let file = copied.map_err(|error| match error {
            SpoolError::Read(error) => failed(error),
            SpoolError::Data(error) => error,
        })?;
        Self::from_file(file, asked)
    }

    fn from_file(file: SharedFile, asked: Asked) -> Result<Self, DataError> {
        let start = first_bytes(&mut file.at(0));
        let start = start.map_err(|source| DataError::Read { path: asked.path.clone(), source })?;
        let name = asked.name.as_ref().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let compression = match Compression::strip(&name).1 {
            named if named.is_stump(&start) => named,
            _ => Compression::of_bytes(&start),
        };
        let mut input = Self { path: asked.path.clone(), member: None, format: Format::Csv, compression, file };
        let start = match compression {
            Compression::None => start,
            _ => first_bytes(&mut input.stream()?).map_err(|error| input.failed(error))?,
        };
        input.format = asked.choose(&start)?;
        input.member = asked.member;
        Ok(input)
    }

    /// Its content from the start, decompressed.
    pub(crate) fn stream(&self) -> Result<Box<dyn Read + Send>, DataError> {
        let file = self.file.at(0);
        match self.compression {
            Compression::None => Ok(Box::new(file)),
            compression => {
                let buffered = BufReader::with_capacity(BUFFER_BYTES, file);
                decompressor(buffered, compression).map_err(|error| self.failed(error))
            }
        }
    }

    /// Its content as a file, decompressed into one without a name where needed, and its length in bytes.
    pub(crate) fn plain(&self, spool: &Spool) -> Result<(SharedFile, u64), DataError> {
        let file = match self.compression {
            Compression::None => self.file.at(0),
            _ => {
                let packed =
                    self.file.length().map_err(|source| DataError::Read { path: self.path.clone(), source })?;
                let unpacked = Cell::new(0);
                let accept = |bytes: &[u8]| {
                    unpacked.set(unpacked.get() + bytes.len() as u64);
                    check_ratio(&self.path, packed, unpacked.get())
                };
                spool.copy(&[], self.stream()?, &self.path, accept).map_err(|error| match error {
                    SpoolError::Read(error) => self.failed(error),
                    SpoolError::Data(error) => error,
                })?
            }
        };
        let length = file.length().map_err(|source| DataError::Read { path: self.path.clone(), source })?;
        Ok((file, length))
    }

    /// The error for a failed read of [`Input::stream`].
    pub(crate) fn failed(&self, error: io::Error) -> DataError {
        stream_failed(&self.path, self.compression, error)
    }

    /// As [`Input::failed`], by itself.
    pub(crate) fn failure(&self) -> impl Fn(io::Error) -> DataError + Send + 'static {
        let (path, compression) = (self.path.clone(), self.compression);
        move |error| stream_failed(&path, compression, error)
    }
}

/// What is known of an input before it is looked at.
struct Asked {
    path: String,
    name: Option<PathBuf>,
    member: Option<String>,
    format: Option<Format>,
}

impl Asked {
    /// The format of decompressed content that starts with `start`.
    fn choose(&self, start: &[u8]) -> Result<Format, DataError> {
        let path = self.path.clone();
        if start.is_empty() {
            return Err(DataError::Empty { path });
        }
        let format = match (self.format, detect(start, self.name.as_deref().map(Path::new))) {
            (Some(format), _) | (None, Detected::Format(format)) => format,
            (None, Detected::Unsupported(format)) => {
                return Err(DataError::UnsupportedFormat { path, format: format.to_owned() });
            }
            (None, Detected::Unknown(what)) => return Err(DataError::UnknownFormat { path, what }),
        };
        if self.member.is_some() && !format.has_members() {
            let which = names_in_words(Format::has_members, Format::name, "or");
            let reason = format!("{format} has no members to name behind a colon, as {which} has; leave it out");
            return Err(DataError::Unusable { path, reason });
        }
        Ok(format)
    }

    fn malformed(&self, reason: &str) -> DataError {
        DataError::Malformed { path: self.path.clone(), format: "text", reason: reason.to_owned() }
    }
}

fn first_bytes(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(DETECTION_BYTES);
    stream.take(DETECTION_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
