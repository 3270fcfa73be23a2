//! Numbers that do not fit in memory: rows in a temporary file without a name.
//!
//! The file belongs to no directory (on Windows it is deleted when it is closed), so nothing is left behind, whatever
//! ends the program. It is read with positioned reads rather than mapped: pages of a map count as memory of the
//! program, and an error of the disk would be a signal instead of an error.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::DataError;

/// Bytes gathered before they go to the operating system, and read at a time.
const BUFFER_BYTES: usize = 1 << 18;

/// A number that is kept in a scratch file.
pub trait Number: Copy + Default + PartialEq + Send + Sync + 'static {
    /// Bytes that it takes.
    const BYTES: usize;
    /// Writes the bytes of some numbers to the end of `bytes`.
    fn write(values: &[Self], bytes: &mut Vec<u8>);
    /// Adds the numbers of these bytes to the end of `values`.
    fn read(bytes: &[u8], values: &mut Vec<Self>);
}

macro_rules! number {
    ($($kind:ty),+) => {
        $(impl Number for $kind {
            const BYTES: usize = size_of::<$kind>();
            fn write(values: &[Self], bytes: &mut Vec<u8>) {
                bytes.extend(values.iter().flat_map(|value| value.to_ne_bytes()));
            }
            fn read(bytes: &[u8], values: &mut Vec<Self>) {
                let (numbers, _) = bytes.as_chunks::<{ size_of::<$kind>() }>();
                values.extend(numbers.iter().map(|bytes| Self::from_ne_bytes(*bytes)));
            }
        })+
    };
}
number!(f32, f64, u64);

/// A temporary file of numbers: appended to first, then read.
#[derive(Debug)]
pub struct Scratch<T> {
    file: File,
    directory: PathBuf,
    // Not yet written.
    waiting: Vec<u8>,
    written: u64,
    // Bytes that the file is going to have, as far as is known.
    expected: u64,
    kind: PhantomData<T>,
}

impl<T: Number> Scratch<T> {
    /// An empty file in `directory`, which is going to hold about `expected` numbers (0 where that is not known).
    ///
    /// # Errors
    /// No file can be made there.
    pub fn create(directory: &Path, expected: u64) -> Result<Self, DataError> {
        let failed = |source| DataError::Scratch { directory: directory.display().to_string(), source };
        Ok(Self {
            file: tempfile::tempfile_in(directory).map_err(failed)?,
            directory: directory.to_path_buf(),
            waiting: Vec::with_capacity(BUFFER_BYTES),
            written: 0,
            expected: expected.saturating_mul(T::BYTES as u64),
            kind: PhantomData,
        })
    }

    /// The directory it is in.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Adds numbers at the end.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn append(&mut self, values: &[T]) -> Result<(), DataError> {
        for values in values.chunks(BUFFER_BYTES / T::BYTES) {
            T::write(values, &mut self.waiting);
            if self.waiting.len() >= BUFFER_BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes what is waiting; to be called before the first read.
    ///
    /// # Errors
    /// As [`Scratch::append`].
    pub fn flush(&mut self) -> Result<(), DataError> {
        if let Err(source) = self.file.write_all(&self.waiting) {
            let directory = self.directory.display().to_string();
            return Err(match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                    let needed = self.expected.max(self.written + self.waiting.len() as u64);
                    DataError::ScratchFull { directory, written: self.written, needed }
                }
                _ => DataError::Scratch { directory, source },
            });
        }
        self.written += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }

    /// Numbers in the file.
    #[must_use]
    pub fn len(&self) -> u64 {
        (self.written + self.waiting.len() as u64) / T::BYTES as u64
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds the numbers of a range to the end of `values`.
    ///
    /// # Errors
    /// The disk fails, or the range is beyond what was written.
    pub fn read(&self, range: Range<u64>, values: &mut Vec<T>) -> Result<(), DataError> {
        let mut bytes = vec![0; BUFFER_BYTES.min((range.end.saturating_sub(range.start)) as usize * T::BYTES)];
        let (mut at, end) = (range.start * T::BYTES as u64, range.end * T::BYTES as u64);
        while at < end {
            let piece = ((end - at).min(BUFFER_BYTES as u64)) as usize;
            read_at(&self.file, &mut bytes[..piece], at)
                .map_err(|source| DataError::Scratch { directory: self.directory.display().to_string(), source })?;
            T::read(&bytes[..piece], values);
            at += piece as u64;
        }
        Ok(())
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match std::os::windows::fs::FileExt::seek_read(file, &mut bytes[done..], offset + done as u64)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            count => done += count,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_were_and_nothing_is_left() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut scratch = Scratch::create(directory.path(), 0).expect("a file");
        let values: Vec<f64> = (0..100_000).map(f64::from).collect();
        values.chunks(777).for_each(|values| scratch.append(values).expect("appended"));
        scratch.flush().expect("flushed");
        assert_eq!(scratch.len(), 100_000);
        let mut found = vec![-1.0];
        scratch.read(50_000..99_999, &mut found).expect("read");
        assert_eq!(found[1..], values[50_000..99_999]);
        assert!(scratch.read(99_999..100_001, &mut found).is_err());
        assert_eq!(std::fs::read_dir(directory.path()).expect("listed").count(), if cfg!(unix) { 0 } else { 1 });
    }
}
