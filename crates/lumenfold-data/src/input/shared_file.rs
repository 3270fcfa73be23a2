//! A file read at several places at once.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// A place in an open file. Clones share the file and have places of their own, so that several passes, columns or
/// threads do not move each other's.
#[derive(Clone, Debug)]
pub(crate) struct SharedFile {
    file: Arc<File>,
    position: u64,
}

impl SharedFile {
    /// The start of a file.
    pub(crate) fn new(file: File) -> Self {
        Self { file: Arc::new(file), position: 0 }
    }

    /// Another place in the same file.
    pub(crate) fn at(&self, position: u64) -> Self {
        Self { file: Arc::clone(&self.file), position }
    }

    /// Its length in bytes.
    pub(crate) fn length(&self) -> io::Result<u64> {
        self.file.metadata().map(|metadata| metadata.len())
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, position)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, position)
}

impl Read for SharedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = read_at(&self.file, buffer, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for SharedFile {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        let (base, offset) = match place {
            SeekFrom::Start(position) => (position, 0),
            SeekFrom::Current(offset) => (self.position, offset),
            SeekFrom::End(offset) => (self.length()?, offset),
        };
        let before_start = || io::Error::new(io::ErrorKind::InvalidInput, "a place before the start of the file");
        self.position = base.checked_add_signed(offset).ok_or_else(before_start)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn places_do_not_move_each_other() -> io::Result<()> {
        let mut file = tempfile::tempfile()?;
        file.write_all(b"abcdef")?;
        let (mut first, mut letter) = (SharedFile::new(file), [0]);
        let mut second = first.at(3);
        first.read_exact(&mut letter)?;
        assert_eq!(letter, *b"a");
        second.read_exact(&mut letter)?;
        assert_eq!(letter, *b"d");
        first.read_exact(&mut letter)?;
        assert_eq!(letter, *b"b");
        assert_eq!(first.seek(SeekFrom::End(-1))?, 5);
        assert!(first.seek(SeekFrom::Current(-9)).is_err());
        Ok(())
    }
}
