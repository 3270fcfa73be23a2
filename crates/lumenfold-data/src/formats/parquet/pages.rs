//! A file as its library reads it.
//!
//! The library asks for the header of each page by a reader at its place, of which it is given no more than the header, once
//! `guard` has gone through it; and for everything else by place and length, which are compared with the length of the file.

use std::io::{self, Cursor, Read};

use bytes::Bytes;
use parquet::errors::Result;
use parquet::file::reader::{ChunkReader, Length};

use super::guard;
use super::room::Room;
use crate::input::SharedFile;

/// Bytes that hold nearly all headers, and those that hold all: they may have the least and the largest text of a page, of which
/// writers keep some kilobytes at most.
const WINDOWS: [u64; 2] = [1 << 10, 1 << 16];
/// Bytes at the end of a file, for which the library asks as for a header: the length of the metadata and the magic.
const FOOTER: u64 = 8;

/// An open file of known length.
#[derive(Clone)]
pub(super) struct PageFile {
    file: SharedFile,
    length: u64,
    /// What pages may take.
    room: Room,
}

/// What the library reads at a place: the header of a page.
pub(super) struct PageHeader {
    file: PageFile,
    start: u64,
    /// The header, once it is asked for: the library also opens a reader at what follows a header that it knows.
    bytes: Option<Cursor<Vec<u8>>>,
}

impl PageFile {
    pub(super) fn new(file: SharedFile, length: u64, room: Room) -> Self {
        Self { file, length, room }
    }

    fn read(&self, start: u64, length: u64) -> io::Result<Vec<u8>> {
        if start.checked_add(length).is_none_or(|end| end > self.length) {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a page lies outside the file"));
        }
        let mut bytes = vec![0; length as usize];
        self.file.at(start).read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn header(&self, start: u64) -> io::Result<Vec<u8>> {
        let left = self.length.saturating_sub(start);
        if left == FOOTER {
            return self.read(start, left);
        }
        for window in WINDOWS {
            let mut bytes = self.read(start, window.min(left))?;
            if let Some(page) = guard::page_header(&bytes) {
                self.room.check(page.decompressed)?;
                bytes.truncate(page.length);
                return Ok(bytes);
            }
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "the header of a page makes no sense"))
    }
}

impl Read for PageHeader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut cursor = match self.bytes.take() {
            Some(cursor) => cursor,
            None => Cursor::new(self.file.header(self.start)?),
        };
        let read = cursor.read(buffer);
        self.bytes = Some(cursor);
        read
    }
}

impl Length for PageFile {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for PageFile {
    type T = PageHeader;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(PageHeader { file: self.clone(), start, bytes: None })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.room.check(length as u64)?;
        Ok(Bytes::from(self.read(start, length as u64)?))
    }
}
