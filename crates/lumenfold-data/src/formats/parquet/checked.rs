//! Pages that were looked at before their decoder gets them.
//!
//! [`CheckedPages`] stands between the library's reader of pages and its decoders: it looks at the values of each page, and counts
//! what the pages of all columns take together. [`Texts`] is the same pages seen from the other side: it tells how many rows can be
//! decoded before their text is more than a piece of the table should have.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parquet::basic::Type;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescPtr;

use super::room::Room;
use super::values::{beside, longest, longest_plain};

/// The pages of a column chunk.
pub(super) struct CheckedPages(Arc<Mutex<Chunk>>);

/// What is known of the texts of a column chunk.
pub(super) struct Texts {
    chunk: Arc<Mutex<Chunk>>,
    /// Rows of the current page that are not decoded yet.
    left: usize,
    /// The bytes of its longest text.
    longest: u64,
}

struct Chunk {
    pages: Box<dyn PageReader>,
    column: ColumnDescPtr,
    /// Bytes that a text may have in pages of which texts are copied.
    most: u64,
    room: Room,
    /// What the dictionaries and the last page have taken of it.
    dictionaries: u64,
    page: u64,
    /// The longest text of the dictionary.
    entry: u64,
    /// Pages that were looked at, and not given out yet.
    waiting: VecDeque<Page>,
}

impl CheckedPages {
    /// The pages of a column whose texts have `most` bytes.
    pub(super) fn new(pages: Box<dyn PageReader>, column: ColumnDescPtr, most: u64, room: Room) -> Self {
        let waiting = VecDeque::new();
        let chunk = Chunk { pages, column, most, room, dictionaries: 0, page: 0, entry: 0, waiting };
        Self(Arc::new(Mutex::new(chunk)))
    }

    /// The texts of a column without lists.
    pub(super) fn texts(&self) -> Texts {
        Texts { chunk: Arc::clone(&self.0), left: 0, longest: 0 }
    }
}

impl Texts {
    /// Of `rows` rows as many as can be decoded so that their texts take `bytes`, one at least; they lie in one page.
    pub(super) fn fitting(&mut self, rows: usize, bytes: u64) -> Result<usize> {
        if self.left == 0 {
            // What is wrong with the number of pages is found when they are decoded.
            let Some(found) = locked(&self.chunk).look_ahead()? else { return Ok(rows) };
            (self.left, self.longest) = found;
        }
        let fitting = usize::try_from(bytes / self.longest.max(1)).unwrap_or(usize::MAX);
        Ok(fitting.max(1).min(self.left).min(rows))
    }

    /// So many rows have been decoded.
    pub(super) fn pass(&mut self, rows: usize) {
        self.left = self.left.saturating_sub(rows);
    }
}

impl Chunk {
    /// The next page, and the length of its longest text.
    fn next(&mut self) -> Result<Option<(Page, u64)>> {
        let Some(page) = self.pages.get_next_page()? else { return Ok(None) };
        let bytes = page.buffer().len() as u64;
        if let Page::DictionaryPage { buf, num_values, .. } = &page {
            let count = u64::from(*num_values);
            let needed = bytes.saturating_add(count.saturating_mul(entry_bytes(self.column.physical_type())));
            self.room.take(needed)?;
            self.dictionaries += needed;
            if self.column.physical_type() == Type::BYTE_ARRAY {
                self.entry = longest_plain(buf, count);
            }
            return Ok(Some((page, 0)));
        }
        let wrong = || ParquetError::General("the values of a page contradict themselves".to_owned());
        let needed = bytes.saturating_add(beside(&page));
        self.room.take(needed)?;
        // The page before is not needed any more.
        self.room.give_back(std::mem::replace(&mut self.page, needed));
        let longest = longest(&page, &self.column, self.entry, self.most).ok_or_else(wrong)?;
        Ok(Some((page, longest)))
    }

    /// Looks at pages up to one with values: how many it has, and the length of its longest text.
    fn look_ahead(&mut self) -> Result<Option<(usize, u64)>> {
        while let Some((page, longest)) = self.next()? {
            let count = if page.is_data_page() { page.num_values() as usize } else { 0 };
            if count > 0 || page.is_dictionary_page() {
                self.waiting.push_back(page);
            }
            if count > 0 {
                return Ok(Some((count, longest)));
            }
        }
        Ok(None)
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        self.room.give_back(self.page.saturating_add(self.dictionaries));
    }
}

/// Bytes that the library takes for an entry of a dictionary.
fn entry_bytes(physical: Type) -> u64 {
    match physical {
        Type::BOOLEAN => 1,
        Type::INT32 | Type::FLOAT => 4,
        Type::INT64 | Type::DOUBLE => 8,
        Type::INT96 => 12,
        Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY => 32,
    }
}

/// What is behind a lock: a panic of the library, which ends the reading, leaves nothing half-done that matters.
fn locked(chunk: &Mutex<Chunk>) -> MutexGuard<'_, Chunk> {
    chunk.lock().unwrap_or_else(PoisonError::into_inner)
}

impl PageReader for CheckedPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let mut chunk = locked(&self.0);
        match chunk.waiting.pop_front() {
            Some(page) => Ok(Some(page)),
            None => Ok(chunk.next()?.map(|(page, _)| page)),
        }
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        let mut chunk = locked(&self.0);
        match chunk.waiting.front() {
            Some(page) => Ok(Some(PageMetadata {
                num_rows: None,
                num_levels: Some(page.num_values() as usize),
                is_dict: page.is_dictionary_page(),
            })),
            None => chunk.pages.peek_next_page(),
        }
    }

    fn skip_next_page(&mut self) -> Result<()> {
        let mut chunk = locked(&self.0);
        match chunk.waiting.pop_front() {
            Some(_) => Ok(()),
            None => chunk.pages.skip_next_page(),
        }
    }
}

impl Iterator for CheckedPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}
