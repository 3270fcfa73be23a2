//! What cannot be read twice, copied to a file without a name.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::PathBuf;

use super::SharedFile;
use crate::DataError;

/// Bytes copied at a time.
const CHUNK_BYTES: usize = 1 << 18;

/// Where copies of streams go, and how large they may become.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spool {
    /// The directory; the system's own for temporary files if none is named.
    pub(crate) directory: Option<PathBuf>,
    /// Most bytes of one copy.
    pub(crate) limit: Option<u64>,
}

/// A stream could not be copied.
pub(crate) enum SpoolError {
    /// Reading failed.
    Read(io::Error),
    Data(DataError),
}

impl Spool {
    /// A file that vanishes when it is closed.
    pub(crate) fn file(&self) -> io::Result<File> {
        match &self.directory {
            Some(directory) => tempfile::tempfile_in(directory),
            None => tempfile::tempfile(),
        }
    }

    /// Copies `start` and then all of `stream`; `accept` sees each chunk and may refuse it. `path` names the stream.
    pub(crate) fn copy(
        &self,
        start: &[u8],
        mut stream: impl Read,
        path: &str,
        accept: impl Fn(&[u8]) -> Result<(), DataError>,
    ) -> Result<SharedFile, SpoolError> {
        let failed = |error: io::Error| SpoolError::Data(self.refused(&error, path));
        let mut file = self.file().map_err(failed)?;
        let mut copied = 0;
        let mut put = |bytes: &[u8]| {
            accept(bytes).map_err(SpoolError::Data)?;
            copied += bytes.len() as u64;
            if let Some(limit) = self.limit.filter(|&limit| copied > limit) {
                return Err(SpoolError::Data(DataError::TooLarge { path: path.to_owned(), needed: copied, limit }));
            }
            file.write_all(bytes).map_err(failed)
        };
        put(start)?;
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            match stream.read(&mut chunk) {
                Ok(0) => return Ok(SharedFile::new(file)),
                Ok(count) => put(&chunk[..count])?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(SpoolError::Read(error)),
            }
        }
    }

    fn refused(&self, error: &io::Error, path: &str) -> DataError {
        let directory = self.directory.clone().unwrap_or_else(std::env::temp_dir);
        let text = format!("its copy in {} cannot be written: {error}", directory.display());
        DataError::Read { path: path.to_owned(), source: io::Error::new(error.kind(), text) }
    }
}
