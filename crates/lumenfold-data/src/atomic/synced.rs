//! A long file whose bytes go to the disk while it is written, so that little is left to wait for at its end.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};

use tempfile::NamedTempFile;

/// Bytes between two beginnings.
const STRIDE: usize = 1 << 24;

/// A temporary file that a thread of its own brings to the disk, again and again.
#[derive(Debug)]
pub(super) struct Synced {
    file: NamedTempFile,
    /// Bytes since the thread was last told.
    waiting: usize,
    thread: Option<Thread>,
}

#[derive(Debug)]
struct Thread {
    tell: SyncSender<()>,
    handle: JoinHandle<io::Result<()>>,
}

impl Synced {
    pub(super) fn new(file: NamedTempFile) -> Self {
        Self { file, waiting: 0, thread: None }
    }

    /// The file, some of whose bytes may not be on the disk. An error of the thread is told here: the system tells it
    /// only once.
    pub(super) fn into_inner(self) -> io::Result<NamedTempFile> {
        if let Some(Thread { tell, handle }) = self.thread {
            drop(tell);
            handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok(self.file)
    }

    /// Tells the thread that there is something to do, unless it is busy still.
    fn hurry(&mut self) {
        if self.thread.is_none() {
            // Without it, all is done at the end.
            self.thread = self.file.as_file().try_clone().and_then(Thread::start).ok();
        }
        let told = self.thread.as_ref().map(|thread| thread.tell.try_send(()));
        if !matches!(told, Some(Err(TrySendError::Full(())))) {
            self.waiting = 0;
        }
    }
}

impl Thread {
    fn start(file: File) -> io::Result<Self> {
        let (tell, told) = sync_channel(0);
        let run = move || told.iter().try_for_each(|()| file.sync_data());
        Builder::new().name("lumenfold-sync".to_owned()).spawn(run).map(|handle| Self { tell, handle })
    }
}

impl Write for Synced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.waiting += count;
        if self.waiting >= STRIDE {
            self.hurry();
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Synced {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        self.file.seek(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_whole() {
        let mut synced = Synced::new(NamedTempFile::new().expect("a temporary file"));
        let piece: Vec<u8> = (0..STRIDE / 3).map(|index| (index % 251) as u8).collect();
        for _ in 0..10 {
            synced.write_all(&piece).expect("room on the disk");
        }
        assert!(synced.thread.is_some());
        let file = synced.into_inner().expect("no error of the disk");
        assert!(std::fs::read(file.path()).expect("the file is there") == piece.repeat(10));
    }
}
