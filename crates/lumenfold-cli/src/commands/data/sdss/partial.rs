//! What is said of the rows that have come.

use serde::{Deserialize, Serialize};

use super::page::Page;
use super::query::Key;
use crate::commands::data::partial::State;
use crate::words;

/// The version of this description.
const VERSION: u32 = 1;

/// The question, and how far it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rows {
    version: u32,
    server: String,
    /// The query; of one that is asked for in pages, that of the first page.
    query: String,
    /// Rows that are wanted, if not all of them.
    wanted: Option<u64>,
    bytes: u64,
    pub(super) rows: u64,
    pub(super) pages: u64,
    /// The key of the last row.
    pub(super) last: Option<Key>,
    pub(super) complete: bool,
}

impl Rows {
    pub(super) fn new(server: String, query: String, wanted: Option<u64>) -> Self {
        Self { version: VERSION, server, query, wanted, bytes: 0, rows: 0, pages: 0, last: None, complete: false }
    }

    /// A page was written, with so many bytes.
    pub(super) fn add(&mut self, page: &Page<'_>, bytes: u64) {
        self.bytes += bytes;
        self.rows += page.rows;
        self.pages += 1;
        self.last = page.last;
    }

    /// Rows that are still wanted.
    pub(super) fn left(&self) -> Option<u64> {
        self.wanted.map(|wanted| wanted.saturating_sub(self.rows))
    }
}

impl State for Rows {
    fn same_question(&self, other: &Self) -> bool {
        let of = |rows: &Self| (rows.version, rows.server.clone(), rows.query.clone(), rows.wanted);
        of(self) == of(other)
    }

    fn question(&self) -> String {
        let rows = self.wanted.map_or("all rows".to_owned(), |rows| words::counted(rows as usize, "row"));
        let query: String = self.query.chars().take(400).collect();
        format!("{rows} of {query} at {}", self.server)
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}
