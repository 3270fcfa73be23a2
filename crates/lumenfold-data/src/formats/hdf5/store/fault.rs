//! What can be wrong with a file.

use std::io;

use crate::DataError;
use crate::budget::Budget;
use crate::suggest::excerpt;

/// Why something could not be read.
#[derive(Debug)]
pub(in super::super) enum Fault {
    /// The bytes contradict the format, or each other; what is wrong.
    Damaged(String),
    /// The file is sound, but this part of the format is not read; what it has, and what to do.
    Unsupported(String),
    /// So many bytes would be needed.
    TooLarge(u64),
    /// The disk failed.
    Disk(io::Error),
}

impl Fault {
    pub(in super::super) fn damaged<T>(what: impl Into<String>) -> Result<T, Self> {
        Err(Self::Damaged(what.into()))
    }

    pub(in super::super) fn unsupported<T>(what: impl Into<String>) -> Result<T, Self> {
        Err(Self::Unsupported(what.into()))
    }

    /// What is wrong, in words.
    pub(in super::super) fn words(&self) -> String {
        match self {
            Self::Damaged(what) | Self::Unsupported(what) => what.clone(),
            Self::TooLarge(bytes) => format!("it would need {bytes} bytes of memory"),
            Self::Disk(error) => error.to_string(),
        }
    }

    /// The error for users; `place` is the object within the file.
    pub(in super::super) fn into_error(self, budget: &Budget, place: &str) -> DataError {
        let place = if place.is_empty() { String::new() } else { format!("{}: ", excerpt(place)) };
        match self {
            Self::Damaged(what) => budget.malformed(super::super::FORMAT, format!("{place}{what}; get it again")),
            Self::Unsupported(what) => budget.unusable(format!("{place}{what}")),
            Self::TooLarge(bytes) => budget.exceeded(bytes),
            Self::Disk(source) => DataError::Read { path: budget.path().to_owned(), source },
        }
    }
}
