//! The outline of a file, checked before its library reads it.
//!
//! The metadata at the end of a file are in Thrift's compact protocol. This walks over them once without storing
//! anything, and refuses what would make a reader ask for absurd amounts of memory (lists longer than the bytes that
//! hold them) or overflow its stack (a schema nested without end). The header of each page is looked at in the same way, when
//! the library asks for it.

use std::io::Read;

use super::FORMAT;
use crate::DataError;
use crate::budget::Budget;
use crate::input::SharedFile;

const MAGIC: &[u8] = b"PAR1";
/// Largest metadata in bytes.
const MOST_METADATA: u64 = 1 << 28;
/// Deepest nesting of a schema, and of the metadata's own structures.
const DEEPEST: usize = 64;

/// Checks the ends of a file and its metadata.
pub(super) fn check(file: &SharedFile, budget: &mut Budget) -> Result<(), DataError> {
    let path = budget.path().to_owned();
    let failed = |source| DataError::Read { path: path.clone(), source };
    let length = file.length().map_err(failed)?;
    let mut start = [0; 4];
    let mut end = [0; 8];
    let too_short = length < 12;
    if !too_short {
        file.at(0).read_exact(&mut start).map_err(failed)?;
        file.at(length - 8).read_exact(&mut end).map_err(failed)?;
    }
    if too_short || start != MAGIC || end[4..] != *MAGIC {
        let reason = "is not a whole Parquet file (PAR1 must stand at both ends); get it again";
        return Err(budget.malformed(FORMAT, reason));
    }
    let claimed = u64::from(u32::from_le_bytes([end[0], end[1], end[2], end[3]]));
    if claimed + 12 > length || claimed > MOST_METADATA {
        let reason = format!("claims {claimed} bytes of metadata in a file of {length}; get it again");
        return Err(budget.malformed(FORMAT, reason));
    }
    budget.take(claimed)?;
    let mut metadata = vec![0; claimed as usize];
    file.at(length - 8 - claimed).read_exact(&mut metadata).map_err(failed)?;
    match (Walk { bytes: &metadata, most: u64::MAX }).file_metadata() {
        Some(()) => Ok(()),
        None => Err(budget.malformed(FORMAT, "its metadata are damaged or nested too deeply; get it again")),
    }
}

/// Field types of the compact protocol.
mod types {
    pub(super) const TRUE: u8 = 1;
    pub(super) const FALSE: u8 = 2;
    pub(super) const BYTE: u8 = 3;
    pub(super) const I16: u8 = 4;
    pub(super) const I32: u8 = 5;
    pub(super) const I64: u8 = 6;
    pub(super) const DOUBLE: u8 = 7;
    pub(super) const BINARY: u8 = 8;
    pub(super) const LIST: u8 = 9;
    pub(super) const SET: u8 = 10;
    pub(super) const MAP: u8 = 11;
    pub(super) const STRUCT: u8 = 12;
}

/// Most elements of a list in the header of a page, which has none by the format of today.
const MOST_OF_PAGE: u64 = 256;

/// Numbers of fields of PageHeader: bytes of the page when decompressed, and the header of a dictionary; of the latter: its values.
const DECOMPRESSED_FIELD: i64 = 2;
const DICTIONARY_FIELD: i64 = 7;
const VALUES_FIELD: i64 = 1;
/// Values of a dictionary that may take a byte each: longer ones take four, and text a length of four.
const MOST_SHORT_VALUES: i64 = 1 << 20;

/// The header of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Bytes of the header.
    pub(super) length: usize,
    /// Bytes that the page takes when it is decompressed.
    pub(super) decompressed: u64,
}

/// The header of a page at the start of these bytes; none if it makes no sense, or does not end in them. The library would go
/// through a list as long as it claims to be, without a byte for each element, and ask for the memory of as many values as a
/// dictionary claims.
pub(super) fn page_header(bytes: &[u8]) -> Option<Page> {
    let mut walk = Walk { bytes, most: MOST_OF_PAGE };
    let (mut number, mut decompressed, mut values) = (0, 0, 0);
    while let Some(kind) = walk.field(&mut number)? {
        match (number, kind) {
            (DECOMPRESSED_FIELD, types::I32) => decompressed = walk.signed()?,
            (DICTIONARY_FIELD, types::STRUCT) => {
                let mut number = 0;
                while let Some(kind) = walk.field(&mut number)? {
                    match (number, kind) {
                        (VALUES_FIELD, types::I32) => values = walk.signed()?,
                        (VALUES_FIELD, _) => return None,
                        _ => walk.skip(kind, DEEPEST)?,
                    }
                }
            }
            // The library does not look at the type of a field that it knows.
            (DECOMPRESSED_FIELD | DICTIONARY_FIELD, _) => return None,
            _ => walk.skip(kind, DEEPEST)?,
        }
    }
    let room = decompressed.min(MOST_SHORT_VALUES).max(decompressed / 4);
    let page = Page { length: bytes.len() - walk.bytes.len(), decompressed: u64::try_from(decompressed).ok()? };
    (0..=room).contains(&values).then_some(page)
}

/// The largest number of a field.
const MOST_FIELDS: i64 = i16::MAX as i64;

/// Number of the field of FileMetaData that holds the schema, a list in depth-first order.
const SCHEMA_FIELD: i64 = 2;
/// Number of the field of SchemaElement that says how many children it has.
const CHILDREN_FIELD: i64 = 5;

/// What is left to walk over. `None` means that the bytes make no sense.
struct Walk<'a> {
    bytes: &'a [u8],
    /// Most elements of a list.
    most: u64,
}

impl Walk<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(first)
    }

    fn skip_bytes(&mut self, count: u64) -> Option<()> {
        self.bytes = self.bytes.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let zigzag = self.unsigned()?;
        Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    /// The number and type of the next field; `Some(None)` at the end of a structure.
    fn field(&mut self, last: &mut i64) -> Option<Option<u8>> {
        let byte = self.byte()?;
        if byte == 0 {
            return Some(None);
        }
        *last = match byte >> 4 {
            0 => self.signed()?,
            step => last.checked_add(i64::from(step))?,
        };
        // The library keeps sixteen bits of a number, and would take a larger one for another field.
        (1..=MOST_FIELDS).contains(last).then_some(Some(byte & 0x0f))
    }

    /// The element type and length of a list; each element takes one byte at least.
    fn list(&mut self) -> Option<(u8, u64)> {
        let byte = self.byte()?;
        let length = match byte >> 4 {
            15 => self.unsigned()?,
            length => u64::from(length),
        };
        (length <= self.most.min(self.bytes.len() as u64)).then_some((byte & 0x0f, length))
    }

    fn file_metadata(&mut self) -> Option<()> {
        let mut number = 0;
        while let Some(kind) = self.field(&mut number)? {
            // The library does not look at the type of a field that it knows, so that a wrong one must not be passed over.
            match (number, kind) {
                (SCHEMA_FIELD, types::LIST) => self.schema()?,
                (SCHEMA_FIELD, _) => return None,
                _ => self.skip(kind, DEEPEST)?,
            }
        }
        Some(())
    }

    /// Walks over the schema and follows how deep it goes.
    fn schema(&mut self) -> Option<()> {
        let (kind, length) = self.list()?;
        if kind != types::STRUCT {
            return None;
        }
        // For each open group, how many of its children are still to come.
        let mut open: Vec<i64> = Vec::new();
        for _ in 0..length {
            let (mut number, mut children) = (0, 0);
            while let Some(kind) = self.field(&mut number)? {
                match (number, kind) {
                    (CHILDREN_FIELD, types::I32) => children = self.signed()?,
                    (CHILDREN_FIELD, _) => return None,
                    _ => self.skip(kind, DEEPEST)?,
                }
            }
            if let Some(left) = open.last_mut() {
                *left -= 1;
            }
            if children > 0 {
                open.push(children);
            }
            while open.last() == Some(&0) {
                open.pop();
            }
            if open.len() > DEEPEST {
                return None;
            }
        }
        Some(())
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            types::TRUE | types::FALSE => Some(()),
            types::BYTE => self.skip_bytes(1),
            types::I16 | types::I32 | types::I64 => self.unsigned().map(drop),
            types::DOUBLE => self.skip_bytes(8),
            types::BINARY => self.unsigned().and_then(|length| self.skip_bytes(length)),
            types::LIST | types::SET => {
                let (kind, length) = self.list()?;
                (0..length).try_for_each(|_| self.skip_element(kind, depth))
            }
            types::MAP => {
                let length = self.unsigned().filter(|length| *length <= self.most)?;
                if length == 0 {
                    return Some(());
                }
                let kinds = self.byte()?;
                (0..length).try_for_each(|_| {
                    self.skip_element(kinds >> 4, depth)?;
                    self.skip_element(kinds & 0x0f, depth)
                })
            }
            types::STRUCT => {
                let mut number = 0;
                while let Some(kind) = self.field(&mut number)? {
                    self.skip(kind, depth)?;
                }
                Some(())
            }
            _ => None,
        }
    }

    /// Within lists a truth value takes a byte of its own.
    fn skip_element(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            types::TRUE | types::FALSE => self.skip_bytes(1),
            _ => self.skip(kind, depth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(bytes: &[u8]) -> Walk<'_> {
        Walk { bytes, most: u64::MAX }
    }

    /// Metadata with a schema of groups, each with one child, `depth` of them.
    fn nested(depth: usize) -> Vec<u8> {
        let mut bytes = vec![0x15, 0x02, 0x19];
        bytes.push(0xfc);
        let mut length = depth;
        while length >= 0x80 {
            bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        for _ in 0..depth {
            // Field 5 (children), 32-bit: one.
            bytes.extend_from_slice(&[0x55, 0x02, 0x00]);
        }
        bytes.push(0);
        bytes
    }

    #[test]
    fn schemas_without_end_are_refused() {
        assert_eq!(walk(&nested(DEEPEST)).file_metadata(), Some(()));
        assert_eq!(walk(&nested(100_000)).file_metadata(), None);
    }

    #[test]
    fn headers_of_pages_end_where_they_say() {
        // Field 1, 32-bit; field 2, ten bytes; field 6, a structure with a truth value; the end; what follows.
        let header = [0x15, 0x04, 0x15, 0x14, 0x4c, 0x11, 0x00, 0x00, 0xff, 0xff];
        assert_eq!(page_header(&header), Some(Page { length: 8, decompressed: 10 }));
        assert_eq!(page_header(&header[..7]), None);
        // A dictionary of so many values in ten bytes.
        for (values, is_sound) in [(10, true), (11, false), (-1_i8, false)] {
            let zigzag = (values << 1 ^ values >> 7) as u8;
            assert_eq!(page_header(&[0x25, 0x14, 0x5c, 0x15, zigzag, 0x00, 0x00]).is_some(), is_sound, "{values}");
        }
        // Field 1, a list of truth values or of numbers of 64 bits, 300 or 2^31 - 1 of them.
        for length in [&[0xac, 0x02][..], &[0xff, 0xff, 0xff, 0xff, 0x07]] {
            for kind in [0xf1, 0xf7] {
                let bytes = [&[0x19, kind], length, &[0; 4096]].concat();
                assert_eq!(page_header(&bytes), None);
            }
        }
    }

    #[test]
    fn lists_longer_than_their_bytes_are_refused() {
        let bytes = [0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00];
        assert_eq!(walk(&bytes).file_metadata(), None);
        assert_eq!(walk(&[0x4c; 4096]).file_metadata(), None);
    }
}
