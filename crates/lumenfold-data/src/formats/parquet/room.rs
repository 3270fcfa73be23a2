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
        self.with(self.used.load(Ordering::Relaxed), bytes).map(drop)
    }

    /// Takes `bytes` until they are given back.
    pub(super) fn take(&self, bytes: u64) -> io::Result<()> {
        let mut used = self.used.load(Ordering::Relaxed);
        // Threads may take at the same time.
        while let Err(now) =
            self.used.compare_exchange_weak(used, self.with(used, bytes)?, Ordering::Relaxed, Ordering::Relaxed)
        {
            used = now;
        }
        Ok(())
    }

    pub(super) fn give_back(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// What is used once `bytes` are taken.
    fn with(&self, used: u64, bytes: u64) -> io::Result<u64> {
        let needed = used.saturating_add(bytes);
        if needed > self.limit { Err(io::Error::new(io::ErrorKind::OutOfMemory, NoRoom(needed))) } else { Ok(needed) }
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
    #[test]
    fn threads_take_what_there_is_once() {
        let room = Room::new(4000);
        let taken = || (0..1500).filter(|_| room.take(1).is_ok()).count();
        let taken: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(taken)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        assert_eq!(taken, 4000);
    }
}
