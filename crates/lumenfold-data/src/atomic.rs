//! Files that appear whole or not at all.
//!
//! [`write_whole`] writes to a temporary file beside the target, makes sure that its bytes are on the disk, and only
//! then gives it the target's name, in one step. A crash, a full disk or an error halfway leaves the directory as it
//! was. [`check_writable`] asks beforehand whether that can work, so that an hour of training does not end with
//! "permission denied".

mod synced;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::DataError;
use synced::Synced;

/// Bytes gathered before they go to the operating system.
const BUFFER_BYTES: usize = 1 << 18;

/// Writes a file whole: what `write` writes becomes the content of `path`, or nothing changes.
///
/// A file that exists is replaced and its permissions are kept; a symbolic link keeps pointing to the file that is
/// replaced. Devices and pipes (`/dev/null`) cannot be replaced and are written to directly.
///
/// ```
/// use std::io::Write;
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("answer.txt");
/// lumenfold_data::write_whole(&path, |file| file.write_all(b"42"))?;
/// assert_eq!(std::fs::read(&path)?, b"42");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The directory does not exist or cannot be written to, `path` is a directory, or `write` or the disk fails.
pub fn write_whole(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), DataError> {
    let mut file = WholeFile::create(path)?;
    write(&mut file).map_err(|error| file.failed(error))?;
    file.finish()
}

/// A file that is written bit by bit and appears when it is finished. Without that, nothing changes.
#[derive(Debug)]
pub(crate) struct WholeFile {
    place: Place,
    output: Output,
}

#[derive(Debug)]
enum Output {
    /// A temporary file beside the one that it will be.
    Beside(BufWriter<Synced>),
    /// A device or pipe.
    Direct(BufWriter<File>),
}

impl WholeFile {
    pub(crate) fn create(path: &Path) -> Result<Self, DataError> {
        let place = Place::find(path)?;
        let output = if place.special {
            let file = OpenOptions::new().write(true).open(&place.file).map_err(|error| place.refused(error))?;
            Output::Direct(BufWriter::with_capacity(BUFFER_BYTES, file))
        } else {
            let file = place.temporary().map_err(|error| place.refused(error))?;
            Output::Beside(BufWriter::with_capacity(BUFFER_BYTES, Synced::new(file)))
        };
        Ok(Self { place, output })
    }

    /// False for devices and pipes, in which nothing can be corrected.
    pub(crate) fn seekable(&self) -> bool {
        matches!(self.output, Output::Beside(_))
    }

    /// The directory in which the file will be.
    pub(crate) fn directory(&self) -> &Path {
        &self.place.directory
    }

    /// The error for a failed write.
    pub(crate) fn failed(&self, source: io::Error) -> DataError {
        DataError::Write { path: self.place.given.clone(), source }
    }

    /// Makes sure that the bytes are on the disk, then gives the file its name.
    pub(crate) fn finish(self) -> Result<(), DataError> {
        let Self { place, output } = self;
        let failed = |source| DataError::Write { path: place.given.clone(), source };
        match output {
            Output::Direct(mut buffered) => buffered.flush().map_err(failed),
            Output::Beside(buffered) => {
                let synced = buffered.into_inner().map_err(|error| failed(error.into_error()))?;
                let temporary = synced.into_inner().map_err(failed)?;
                if let Some(permissions) = &place.permissions {
                    temporary.as_file().set_permissions(permissions.clone()).map_err(failed)?;
                }
                temporary.as_file().sync_all().map_err(failed)?;
                temporary.persist(&place.file).map_err(|error| failed(error.error))?;
                sync_directory(&place.directory).map_err(failed)
            }
        }
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.output {
            Output::Beside(file) => file.write(bytes),
            Output::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.output {
            Output::Beside(file) => file.flush(),
            Output::Direct(file) => file.flush(),
        }
    }
}

impl Seek for WholeFile {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        match &mut self.output {
            Output::Beside(file) => file.seek(place),
            Output::Direct(file) => file.seek(place),
        }
    }
}

/// Asks whether [`write_whole`] could write `path` now, without leaving anything behind.
///
/// # Errors
///
/// As for [`write_whole`].
pub fn check_writable(path: &Path) -> Result<(), DataError> {
    let place = Place::find(path)?;
    let answer = if place.special {
        OpenOptions::new().write(true).open(&place.file).map(drop)
    } else {
        // A file without a name: the one honest test that holds for access lists and read-only disks alike.
        tempfile::tempfile_in(&place.directory).map(drop)
    };
    answer.map_err(|error| place.refused(error))
}

/// Where a file would go.
#[derive(Debug)]
struct Place {
    /// The path as it was given, for messages.
    given: String,
    /// The file to replace, links followed.
    file: PathBuf,
    directory: PathBuf,
    /// Permissions of the file that is replaced.
    permissions: Option<fs::Permissions>,
    /// A device or pipe, which can be written to but not replaced.
    special: bool,
}

impl Place {
    fn find(path: &Path) -> Result<Self, DataError> {
        let given = path.display().to_string();
        let file = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let existing = fs::metadata(&file).ok();
        let ends_with_separator = given.ends_with(std::path::is_separator);
        if existing.as_ref().is_some_and(fs::Metadata::is_dir) || file.file_name().is_none() || ends_with_separator {
            return Err(DataError::OutputIsDirectory { path: given });
        }
        let directory = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        };
        if !directory.is_dir() {
            return Err(DataError::MissingDirectory { path: given, directory: directory.display().to_string() });
        }
        let special = existing.as_ref().is_some_and(|metadata| !metadata.is_file());
        if !special && existing.as_ref().is_some_and(|metadata| metadata.permissions().readonly()) {
            // A rename would replace it all the same, but its owner has protected it.
            let source = io::Error::new(ErrorKind::PermissionDenied, "the file there is read-only");
            return Err(DataError::NotWritable { path: given, directory: directory.display().to_string(), source });
        }
        let permissions = existing.filter(|_| !special).map(|metadata| metadata.permissions());
        Ok(Self { given, file, directory, permissions, special })
    }

    fn temporary(&self) -> io::Result<NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".lumenfold-").suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any program creates a file; the user's mask takes away what it should.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        builder.tempfile_in(&self.directory)
    }

    fn refused(&self, source: io::Error) -> DataError {
        let path = self.given.clone();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => DataError::Write { path, source },
            _ => DataError::NotWritable { path, directory: self.directory.display().to_string(), source },
        }
    }
}

/// Makes the new name itself durable. Only Unix can open a directory for this.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) {
        match File::open(directory).and_then(|directory| directory.sync_all()) {
            // Some network file systems cannot do it; the file itself is safe.
            Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
            // A directory may be writable but not readable.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
            answer => answer,
        }
    } else {
        Ok(())
    }
}
