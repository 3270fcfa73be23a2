//! Headers: cards in blocks of 2880 bytes, up to one that says END.

use std::collections::HashMap;
use std::io::{ErrorKind, Read};

use super::FORMAT;
use super::card::{CARD, CardValue, continued, split, value};
use crate::DataError;
use crate::budget::Budget;
use crate::input::SharedFile;
use crate::suggest::excerpt;

/// Bytes of a block, of which headers and data have a whole number each.
pub(super) const BLOCK: u64 = 2880;
/// Largest header that is read: 400,000 cards.
const LARGEST_HEADER: u64 = 32 << 20;
/// Bytes that a card with a value takes in memory, about.
const CARD_MEMORY: u64 = 160;

/// The cards of a header that have values, by their keywords; of several the first counts.
#[derive(Debug, Default)]
pub(super) struct Header {
    values: HashMap<String, CardValue>,
    /// How many bytes it takes in the file.
    pub(super) length: u64,
}

impl Header {
    /// Reads the header that starts at `place`.
    pub(super) fn read(file: &SharedFile, place: u64, budget: &mut Budget) -> Result<Self, DataError> {
        let mut file = file.at(place);
        let mut header = Self::default();
        let mut block = [0; BLOCK as usize];
        // The last card of text, which may be continued.
        let mut open: Option<String> = None;
        loop {
            file.read_exact(&mut block).map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => budget.malformed(
                    FORMAT,
                    format!("the header at byte {place} has no END: it was cut short or is damaged; get it again"),
                ),
                _ => DataError::Read { path: budget.path().to_owned(), source: error },
            })?;
            header.length += BLOCK;
            if header.length > LARGEST_HEADER {
                let reason = format!("the header at byte {place} has no END within {LARGEST_HEADER} bytes");
                return Err(budget.malformed(FORMAT, reason));
            }
            for card in block.chunks_exact(CARD) {
                let (keyword, rest) = split(card);
                if keyword == "END" {
                    return Ok(header);
                }
                if keyword == "CONTINUE" {
                    header.extend(&mut open, rest);
                    continue;
                }
                open = None;
                let Some(value) = value(rest).filter(|_| !header.values.contains_key(&keyword)) else { continue };
                budget.take(CARD_MEMORY)?;
                if matches!(&value, CardValue::Text(text) if text.ends_with('&')) {
                    open = Some(keyword.clone());
                }
                header.values.insert(keyword, value);
            }
        }
    }

    fn extend(&mut self, open: &mut Option<String>, rest: &[u8]) {
        let (Some(keyword), Some(more)) = (open.take(), continued(rest)) else { return };
        if let Some(CardValue::Text(text)) = self.values.get_mut(&keyword) {
            text.pop();
            text.push_str(&more);
            *open = more.ends_with('&').then_some(keyword);
        }
    }

    /// The integer of a keyword.
    pub(super) fn integer(&self, keyword: &str) -> Option<i64> {
        match self.values.get(keyword)? {
            CardValue::Integer(value) => Some(*value),
            // Some programs write `3.`
            CardValue::Real(value) if value.fract() == 0.0 && value.abs() < 9e15 => Some(*value as i64),
            _ => None,
        }
    }

    /// The number of a keyword.
    pub(super) fn number(&self, keyword: &str) -> Option<f64> {
        match self.values.get(keyword)? {
            CardValue::Integer(value) => Some(*value as f64),
            CardValue::Real(value) => Some(*value),
            _ => None,
        }
    }

    /// The text of a keyword; none if it is empty.
    pub(super) fn text(&self, keyword: &str) -> Option<&str> {
        match self.values.get(keyword)? {
            CardValue::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// Whether a keyword says that something is so.
    pub(super) fn says(&self, keyword: &str) -> bool {
        self.values.get(keyword) == Some(&CardValue::Logical(true))
    }

    /// Whether there is a value for a keyword.
    pub(super) fn has(&self, keyword: &str) -> bool {
        self.values.contains_key(keyword)
    }

    /// A size or a count.
    pub(super) fn size(&self, keyword: &str, budget: &Budget) -> Result<u64, DataError> {
        self.integer(keyword).and_then(|size| u64::try_from(size).ok()).ok_or_else(|| self.lacks(keyword, budget))
    }

    /// A size or a count; `default` if it is not given.
    pub(super) fn size_or(&self, keyword: &str, default: u64, budget: &Budget) -> Result<u64, DataError> {
        if self.has(keyword) { self.size(keyword, budget) } else { Ok(default) }
    }

    /// The error for a keyword that is missing or has a value that it cannot have.
    pub(super) fn lacks(&self, keyword: &str, budget: &Budget) -> DataError {
        let reason = match self.values.get(keyword) {
            None => format!("its header has no {keyword}: it is damaged; get it again"),
            Some(CardValue::Text(text)) => {
                format!("its header says {keyword} = '{}', which has no meaning", excerpt(text))
            }
            Some(value) => format!("its header says {keyword} = {value:?}, which has no meaning"),
        };
        budget.malformed(FORMAT, reason)
    }
}
