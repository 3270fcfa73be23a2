//! A column looked at without being kept.

use super::evidence::Evidence;
use super::number::{classify, parse_number};
use super::number_scan::{self, Shape};
use crate::suggest::excerpt;

/// What a column is made of.
#[derive(Debug)]
pub(crate) struct Survey {
    /// What its cells say about its type.
    pub(crate) evidence: Evidence,
    /// Cells that are no numbers, if they are counted.
    pub(crate) not_numbers: Option<u64>,
    /// The first of them: its row (from 0) and text, shortened.
    pub(crate) first: Option<(u64, String)>,
    rows: u64,
}

impl Survey {
    /// A survey of types; with `count` also of the cells that are no numbers.
    pub(super) fn new(count: bool) -> Self {
        Self { evidence: Evidence::default(), not_numbers: count.then_some(0), first: None, rows: 0 }
    }

    pub(super) fn push(&mut self, text: &str) {
        if !self.decided() {
            self.evidence.see(text, classify(text));
        }
        if let Some(count) = &mut self.not_numbers
            && parse_number(text).is_none()
        {
            *count += 1;
            self.first.get_or_insert_with(|| (self.rows, excerpt(text)));
        }
        self.rows += 1;
    }

    /// Takes a number that starts at `start` of a line and ends a field; where it ends.
    #[inline]
    pub(super) fn take(&mut self, bytes: &[u8], start: usize, delimiter: u8) -> Option<usize> {
        let (shape, end) = number_scan::shape(bytes, start, delimiter)?;
        match shape {
            Shape::Integer => self.evidence.integer = true,
            Shape::Float => self.evidence.float = true,
        }
        self.rows += 1;
        Some(end)
    }

    /// True if no further cell can change what is found.
    fn decided(&self) -> bool {
        self.evidence.text
    }

    /// Adds what was found in the next piece.
    pub(super) fn append(&mut self, next: Self) {
        self.evidence.join(next.evidence);
        self.not_numbers = self.not_numbers.zip(next.not_numbers).map(|(count, more)| count + more);
        if let (None, Some((row, text))) = (&self.first, next.first) {
            self.first = Some((self.rows + row, text));
        }
        self.rows += next.rows;
    }

    /// Rows that were looked at.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }
}
