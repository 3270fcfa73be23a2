//! The memory for pages of all columns that are read side by side.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::errors::ParquetError;

/// Bytes that may be taken, and those that are. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Room {
    limit: u64,
    used: Arc<AtomicU64>,
}

/// The bytes that would be needed, and are not there.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoRoom(u64);

impl Room {
    pub(super) fn new(bytes: u64) -> Self {
        Self { limit: bytes, used: Arc::default() }
    }

    /// Refuses `bytes` if they are more than what is left.
    pub(super) fn check(&self, bytes: u64) -> io::Result<()> {
        let needed = self.used().saturating_add(bytes);
        if needed > self.limit { Err(io::Error::new(io::ErrorKind::OutOfMemory, NoRoom(needed))) } else { Ok(()) }
    }

    /// Takes `bytes` until they are given back.
    pub(super) fn take(&self, bytes: u64) -> io::Result<()> {
        self.check(bytes)?;
        self.used.store(self.used().saturating_add(bytes), Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn give_back(&self, bytes: u64) {
        self.used.store(self.used().saturating_sub(bytes), Ordering::Relaxed);
    }

    fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }
}

impl NoRoom {
    /// The bytes that would be needed, if that is what an error is about.
    pub(super) fn of(error: &ParquetError) -> Option<u64> {
        let ParquetError::External(error) = error else { return None };
        let error = error.downcast_ref::<io::Error>()?.get_ref()?;
        error.downcast_ref::<Self>().map(|Self(bytes)| *bytes)
    }
}

impl fmt::Display for NoRoom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "pages need {} bytes, more than the memory that may be used", self.0)
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
        assert_eq!(NoRoom::of(&error), Some(101));
        other.give_back(60);
        assert!(room.take(60).is_ok());
    }
}
