//! The messages of a file or stream, each checked before the library sees it.

use std::io::Read;

use arrow_buffer::Buffer;
use arrow_ipc::{Message, MessageHeader, RecordBatch, root_as_footer, root_as_message};

use super::{CONTINUATION, FORMAT, MAGIC};
use crate::DataError;
use crate::budget::Budget;
use crate::formats::quiet;
use crate::input::SharedFile;

/// Bytes before the first message of a file: its magic and two of padding.
const FILE_START: u64 = 8;
/// Where the first message of a file begins at the latest.
const FARTHEST_START: u64 = 64;
/// Bytes at the end of a file: the length of its index and its magic.
const FILE_END: u64 = 10;
/// Longest metadata of a message.
const LONGEST_METADATA: u64 = 1 << 28;
/// Bytes before a compressed buffer that tell its length.
const LENGTH_BYTES: usize = 8;
/// A buffer that is not compressed though others are.
const NOT_COMPRESSED: i64 = -1;

/// What a message holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Schema,
    Dictionary,
    Batch,
}

/// Where a message is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) kind: Kind,
    /// Where its metadata begin, in bytes.
    metadata: u64,
    metadata_bytes: u64,
    body_bytes: u64,
    /// Rows of a batch.
    pub(super) rows: u64,
}

/// A message in memory.
pub(super) struct Loaded {
    metadata: Vec<u8>,
    pub(super) body: Buffer,
}

/// The places of all messages of a file of `length` bytes, the schema first, and whether its end is marked.
pub(super) fn places(file: &SharedFile, length: u64, budget: &Budget) -> Result<(Vec<Place>, bool), DataError> {
    let mut magic = [0; 6];
    read_at(file, 0, &mut magic[..length.min(6) as usize], budget)?;
    let is_file = magic == MAGIC;
    let (mut at, end) = match is_file {
        true => {
            let end = index_of(file, length, budget)?;
            (first_message(file, end, budget)?, end)
        }
        false => (0, length),
    };
    let mut places = Vec::new();
    let mut ended = false;
    while !ended && at < end {
        match place(file, at, end, budget)? {
            Some(place) => {
                let is_first = places.is_empty();
                if is_first != (place.kind == Kind::Schema) {
                    return Err(budget.malformed(FORMAT, "does not begin with one schema; get it again"));
                }
                at = place.metadata + place.metadata_bytes + place.body_bytes;
                places.push(place);
            }
            None => ended = true,
        }
    }
    if places.is_empty() {
        return Err(budget.malformed(FORMAT, "has no schema: it was cut short; get it again"));
    }
    if is_file {
        let batches = places.iter().filter(|place| place.kind == Kind::Batch).count();
        if indexed(file, length, end, budget)? != batches {
            return Err(budget.malformed(FORMAT, "its index and its batches differ in number; get it again"));
        }
    }
    Ok((places, ended || is_file))
}

/// Where the first message of a file begins: its magic is filled up with zeros to a multiple of eight, or of 64.
fn first_message(file: &SharedFile, end: u64, budget: &Budget) -> Result<u64, DataError> {
    let mut bytes = [0; FARTHEST_START as usize];
    let known = end.min(FARTHEST_START);
    read_at(file, 0, &mut bytes[..known as usize], budget)?;
    let zeros = |at: &u64| bytes[*at as usize..].iter().take(8).all(|byte| *byte == 0);
    Ok((FILE_START..known).step_by(8).find(|at| !zeros(at)).unwrap_or(known))
}

/// Where the index of a file begins.
fn index_of(file: &SharedFile, length: u64, budget: &Budget) -> Result<u64, DataError> {
    let cut = || budget.malformed(FORMAT, "does not end as an Arrow file does: it was cut short; get it again");
    let start = length.checked_sub(FILE_END).filter(|start| *start >= FILE_START).ok_or_else(cut)?;
    let mut end = [0; FILE_END as usize];
    read_at(file, start, &mut end, budget)?;
    let (bytes, magic) = end.split_at(4);
    let bytes = bytes.iter().rev().fold(0, |sum, &byte| (sum << 8) | u64::from(byte));
    if magic != MAGIC || bytes > LONGEST_METADATA {
        return Err(cut());
    }
    start.checked_sub(bytes).filter(|index| *index >= FILE_START).ok_or_else(cut)
}

/// The number of batches by the index.
fn indexed(file: &SharedFile, length: u64, index: u64, budget: &Budget) -> Result<usize, DataError> {
    let mut bytes = vec![0; (length - FILE_END - index) as usize];
    read_at(file, index, &mut bytes, budget)?;
    let count = quiet::catch(|| root_as_footer(&bytes).ok().and_then(|footer| Some(footer.recordBatches()?.len())));
    count.flatten().ok_or_else(|| budget.malformed(FORMAT, "its index is damaged; get it again"))
}

/// The message that begins `at` some byte; none where the end is marked.
fn place(file: &SharedFile, at: u64, end: u64, budget: &Budget) -> Result<Option<Place>, DataError> {
    let cut = || budget.malformed(FORMAT, "ends within a message: it was cut short; get it again");
    let word = |at: u64| {
        let mut word = [0; 4];
        if at.checked_add(4).is_none_or(|behind| behind > end) {
            return Err(cut());
        }
        read_at(file, at, &mut word, budget).map(|()| word)
    };
    // Before version 0.15 messages began with their length.
    let first = word(at)?;
    let (length, metadata) = if first == CONTINUATION { (word(at + 4)?, at + 8) } else { (first, at + 4) };
    let metadata_bytes = u64::from(u32::from_le_bytes(length));
    if metadata_bytes == 0 {
        return Ok(None);
    }
    if metadata_bytes > LONGEST_METADATA || metadata_bytes > end - metadata {
        return Err(cut());
    }
    let mut bytes = vec![0; metadata_bytes as usize];
    read_at(file, metadata, &mut bytes, budget)?;
    let found = with_message(&bytes, budget, |message| {
        let kind = match message.header_type() {
            MessageHeader::Schema => Kind::Schema,
            MessageHeader::DictionaryBatch => Kind::Dictionary,
            MessageHeader::RecordBatch => Kind::Batch,
            _ => return Err("has a message that holds no rows (a tensor?); only tables are read".to_owned()),
        };
        let rows = message.header_as_record_batch().map_or(0, |batch| batch.length());
        Ok((kind, message.bodyLength(), rows))
    })?;
    let (kind, body_bytes, rows) = found;
    let (Ok(body_bytes), Ok(rows)) = (u64::try_from(body_bytes), u64::try_from(rows)) else {
        return Err(budget.malformed(FORMAT, "has a message of less than no length; get it again"));
    };
    if body_bytes > end - metadata - metadata_bytes {
        return Err(cut());
    }
    Ok(Some(Place { kind, metadata, metadata_bytes, body_bytes, rows }))
}

impl Place {
    /// Reads the message, whose buffers are then known to be within it and not to need more memory than there is.
    pub(super) fn load(&self, file: &SharedFile, budget: &mut Budget) -> Result<Loaded, DataError> {
        budget.take(self.metadata_bytes.saturating_add(self.body_bytes))?;
        let mut metadata = vec![0; self.metadata_bytes as usize];
        read_at(file, self.metadata, &mut metadata, budget)?;
        let mut body = vec![0; self.body_bytes as usize];
        read_at(file, self.metadata + self.metadata_bytes, &mut body, budget)?;
        let decompressed = with_message(&metadata, budget, |message| {
            let batch = match message.header_type() {
                MessageHeader::DictionaryBatch => message.header_as_dictionary_batch().and_then(|batch| batch.data()),
                _ => message.header_as_record_batch(),
            };
            batch.map_or(Ok(0), |batch| check_buffers(&batch, &body))
        })?;
        budget.take(decompressed)?;
        Ok(Loaded { metadata, body: Buffer::from_vec(body) })
    }
}

impl Loaded {
    /// Its metadata, which are sound.
    pub(super) fn message(&self) -> Result<Message<'_>, arrow_schema::ArrowError> {
        root_as_message(&self.metadata).map_err(|error| arrow_schema::ArrowError::ParseError(error.to_string()))
    }
}

/// Looks at the metadata of a message. Flat buffers are verified by their library, whose panics become errors too.
fn with_message<T>(
    metadata: &[u8],
    budget: &Budget,
    look: impl FnOnce(Message<'_>) -> Result<T, String>,
) -> Result<T, DataError> {
    let looked = quiet::catch(|| root_as_message(metadata).ok().map(look)).flatten();
    let damaged = || Err("has a message that is damaged; get it again".to_owned());
    looked.unwrap_or_else(damaged).map_err(|reason| budget.malformed(FORMAT, reason))
}

/// Bytes that the buffers of a batch have when decompressed. The error is what is wrong with their places.
fn check_buffers(batch: &RecordBatch<'_>, body: &[u8]) -> Result<u64, String> {
    let outside = || "has a buffer outside its message; get it again".to_owned();
    if batch.nodes().into_iter().flatten().any(|node| node.length() < 0 || node.null_count() < 0) {
        return Err("has a column of less than no length; get it again".to_owned());
    }
    let mut bytes = 0_u64;
    for buffer in batch.buffers().into_iter().flatten() {
        let (Ok(start), Ok(length)) = (usize::try_from(buffer.offset()), usize::try_from(buffer.length())) else {
            return Err(outside());
        };
        let content = start.checked_add(length).and_then(|end| body.get(start..end)).ok_or_else(outside)?;
        if batch.compression().is_none() || content.is_empty() {
            continue;
        }
        let claimed = content.first_chunk::<LENGTH_BYTES>().map(|bytes| i64::from_le_bytes(*bytes));
        bytes = match claimed {
            Some(NOT_COMPRESSED) => bytes,
            Some(claimed @ 0..) => bytes.saturating_add(claimed as u64),
            _ => return Err("has a compressed buffer without its length; get it again".to_owned()),
        };
    }
    Ok(bytes)
}

fn read_at(file: &SharedFile, at: u64, bytes: &mut [u8], budget: &Budget) -> Result<(), DataError> {
    file.at(at).read_exact(bytes).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => budget.malformed(FORMAT, "was cut short; get it again"),
        _ => DataError::Read { path: budget.path().to_owned(), source: error },
    })
}
