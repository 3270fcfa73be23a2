//! The memory for pages of all columns that are read side by side.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::errors::ParquetError;

/// Bytes that may still be taken. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Room(Arc<AtomicU64>);

/// What was asked for and is not there.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoRoom(u64);

impl Room {
    pub(super) fn new(bytes: u64) -> Self {
        Self(Arc::new(AtomicU64::new(bytes)))
    }

    /// Refuses `bytes` if they are more than what is left.
    pub(super) fn check(&self, bytes: u64) -> io::Result<()> {
        if bytes > self.left() { Err(io::Error::new(io::ErrorKind::OutOfMemory, NoRoom(bytes))) } else { Ok(()) }
    }

    /// Takes `bytes` until they are given back.
    pub(super) fn take(&self, bytes: u64) -> io::Result<()> {
        self.check(bytes)?;
        self.0.store(self.left().saturating_sub(bytes), Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn give_back(&self, bytes: u64) {
        self.0.store(self.left().saturating_add(bytes), Ordering::Relaxed);
    }

    fn left(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl NoRoom {
    /// The bytes that an error is about, if it is one of memory.
    pub(super) fn of(error: &ParquetError) -> Option<u64> {
        let ParquetError::External(error) = error else { return None };
        let error = error.downcast_ref::<io::Error>()?.get_ref()?;
        error.downcast_ref::<Self>().map(|Self(bytes)| *bytes)
    }
}

impl fmt::Display for NoRoom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a page needs {} bytes, more than the memory that may be used", self.0)
    }
}

impl std::error::Error for NoRoom {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_what_is_left() {
        let room = Room::new(100);
        let other = room.clone();
        assert!(room.take(60).is_ok() && other.take(40).is_ok());
        let error = ParquetError::from(room.take(1).expect_err("nothing is left"));
        assert_eq!(NoRoom::of(&error), Some(1));
        other.give_back(60);
        assert!(room.take(60).is_ok());
    }
}
