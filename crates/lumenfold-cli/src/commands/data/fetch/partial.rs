//! What is said of the bytes of a file that have come.

use serde::{Deserialize, Serialize};

use crate::commands::data::partial::State;

/// The version of this description.
const VERSION: u32 = 1;

/// Where the bytes come from, and how many are there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bytes {
    version: u32,
    address: String,
    pub(super) bytes: u64,
    /// What the server called the state of the file.
    pub(super) validator: Option<String>,
    /// Whether the server did not say how many bytes there are.
    pub(super) unbounded: bool,
    pub(super) complete: bool,
}

impl Bytes {
    pub(super) fn new(address: String) -> Self {
        Self { version: VERSION, address, bytes: 0, validator: None, unbounded: false, complete: false }
    }
}

impl State for Bytes {
    fn same_question(&self, other: &Self) -> bool {
        (self.version, &self.address) == (other.version, &other.address)
    }

    fn question(&self) -> String {
        self.address.clone()
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}
