//! Where the bytes of an output go.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Stdout, Write};

use crate::atomic::WholeFile;
use crate::{DataError, Target};

/// Bytes gathered before they go to standard output.
const BUFFER_BYTES: usize = 1 << 16;

/// A file that appears when it is finished, a device, or standard output.
pub(crate) enum Sink {
    File(WholeFile),
    Stdout(BufWriter<Stdout>),
}

impl Sink {
    pub(crate) fn create(target: &Target) -> Result<Self, DataError> {
        match target {
            Target::Path(path) => WholeFile::create(path).map(Self::File),
            Target::Stdout => Ok(Self::Stdout(BufWriter::with_capacity(BUFFER_BYTES, io::stdout()))),
        }
    }

    pub(crate) fn finish(self) -> Result<(), DataError> {
        match self {
            Self::File(file) => file.finish(),
            Self::Stdout(mut stdout) => stdout.flush().map_err(stdout_failed),
        }
    }

    /// A file without a name, on the disk of the output where it has one.
    pub(crate) fn temporary(&self) -> io::Result<File> {
        match self {
            Self::File(file) => tempfile::tempfile_in(file.directory()).or_else(|_| tempfile::tempfile()),
            Self::Stdout(_) => tempfile::tempfile(),
        }
    }

    /// Itself, or a temporary file in its stead if nothing can be corrected in it once it is written.
    pub(crate) fn staged(self) -> io::Result<Staged> {
        match &self {
            Self::File(file) if file.seekable() => Ok(Staged { sink: self, stage: None }),
            _ => Ok(Staged { stage: Some(self.temporary()?), sink: self }),
        }
    }
}

/// The error for a failed write to standard output.
pub(crate) fn stdout_failed(source: io::Error) -> DataError {
    DataError::WriteStream { path: Target::Stdout.to_string(), source }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stdout(stdout) => stdout.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stdout(stdout) => stdout.flush(),
        }
    }
}

/// An output that can be written at any place.
pub(crate) struct Staged {
    sink: Sink,
    /// What is copied to the sink at the end.
    stage: Option<File>,
}

impl Staged {
    /// The sink with everything in it.
    pub(crate) fn finish(mut self) -> io::Result<Sink> {
        if let Some(mut stage) = self.stage {
            stage.seek(SeekFrom::Start(0))?;
            io::copy(&mut stage, &mut self.sink)?;
        }
        Ok(self.sink)
    }

    /// See [`Sink::temporary`].
    pub(crate) fn temporary(&self) -> io::Result<File> {
        self.sink.temporary()
    }
}

impl Write for Staged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.stage {
            Some(stage) => stage.write(bytes),
            None => self.sink.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.stage {
            Some(stage) => stage.flush(),
            None => self.sink.flush(),
        }
    }
}

impl Seek for Staged {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        match (&mut self.stage, &mut self.sink) {
            (Some(stage), _) => stage.seek(place),
            (None, Sink::File(file)) => file.seek(place),
            (None, Sink::Stdout(_)) => Err(io::ErrorKind::NotSeekable.into()),
        }
    }
}
