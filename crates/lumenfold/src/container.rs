//! Files of ours: valid safetensors files with one JSON document in their metadata, read with every size checked first.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use safetensors::tensor::Metadata;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// The metadata key of every such file.
pub(crate) const KEY: &str = "lumenfold";

/// The longest header that is read: far more than any record of a fit.
const LONGEST_HEADER: u64 = 64 << 20;

/// What kind of file it is, in the words of error messages.
pub(crate) struct Container {
    /// Such as `model`.
    pub(crate) noun: &'static str,
    /// What a file of another program is told to be.
    pub(crate) foreign: &'static str,
    /// What to do about a damaged file.
    pub(crate) advice: &'static str,
    /// The latest version of the document.
    pub(crate) version: u64,
}

/// An open file, its header and its document.
pub(crate) struct Opened<D> {
    pub(crate) file: File,
    pub(crate) metadata: Metadata,
    pub(crate) document: D,
}

impl Container {
    /// Opens a file and reads all but its tensors. That the tensors fill the rest of the file has been checked.
    pub(crate) fn open<D: DeserializeOwned>(&self, path: &Path) -> Result<Opened<D>, Error> {
        let unreadable = |source| Error::ReadModel { path: path.display().to_string(), source };
        let mut file = File::open(path).map_err(unreadable)?;
        let about = file.metadata().map_err(unreadable)?;
        if about.is_dir() {
            return Err(not_ours(path, format!("is a directory; name a {} file", self.noun)));
        }
        let (metadata, header_length) = self.read_header(path, &mut file, about.len())?;
        let document = self.read_document(path, &metadata)?;
        let expected = header_length.saturating_add(metadata.data_len() as u64);
        if about.len() != expected {
            return Err(self.damaged(path, &format!("it is {} bytes long where {expected} are expected", about.len())));
        }
        Ok(Opened { file, metadata, document })
    }

    /// What the header says, and where the data begin.
    fn read_header(&self, path: &Path, file: &mut File, length: u64) -> Result<(Metadata, u64), Error> {
        let foreign = || not_ours(path, self.foreign);
        let mut size = [0; 8];
        file.read_exact(&mut size).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => foreign(),
            _ => Error::ReadModel { path: path.display().to_string(), source: error },
        })?;
        let header_length = u64::from_le_bytes(size);
        if header_length > LONGEST_HEADER {
            return Err(foreign());
        }
        if header_length + 8 > length {
            let reason = format!("ends inside its header; it was cut short or is no {}", self.noun);
            return Err(self.damaged(path, &reason));
        }
        let mut header = Vec::new();
        file.take(header_length)
            .read_to_end(&mut header)
            .map_err(|source| Error::ReadModel { path: path.display().to_string(), source })?;
        // This checks that the tensors follow one another without gaps and have the sizes of their shapes.
        let metadata = serde_json::from_slice(&header).map_err(|_| foreign())?;
        Ok((metadata, header_length + 8))
    }

    /// The JSON document. Its version is looked at first, so that a later layout is named as such.
    fn read_document<D: DeserializeOwned>(&self, path: &Path, metadata: &Metadata) -> Result<D, Error> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u64,
        }
        let Some(text) = metadata.metadata().as_ref().and_then(|metadata| metadata.get(KEY)) else {
            let reason = "is a safetensors file of another program: it has no \"lumenfold\" metadata";
            return Err(not_ours(path, reason));
        };
        let versioned: Versioned =
            serde_json::from_str(text).map_err(|error| self.damaged(path, &error.to_string()))?;
        if versioned.version > self.version {
            let path = path.display().to_string();
            return Err(Error::ModelTooNew { path, found: versioned.version, known: self.version });
        }
        serde_json::from_str(text).map_err(|error| self.damaged(path, &format!("its document cannot be read: {error}")))
    }

    pub(crate) fn damaged(&self, path: &Path, reason: &str) -> Error {
        not_ours(path, format!("the {} is damaged: {reason}; {}", self.noun, self.advice))
    }
}

pub(crate) fn not_ours(path: &Path, reason: impl ToString) -> Error {
    Error::NotAModel { path: path.display().to_string(), reason: reason.to_string() }
}
