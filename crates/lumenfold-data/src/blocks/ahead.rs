//! Blocks read in a thread of its own, a few ahead of their use.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::cast::cast;
use super::gather::Gather;
use super::part::Part;
use crate::DataError;
use crate::table::{Column, ColumnHead, Place, Table};

/// Blocks that wait at most.
const WAITING_BLOCKS: usize = 2;

/// What a block became.
type Answer = Result<Table, DataError>;

/// A pass over all parts.
pub(super) struct Ahead {
    /// Taken away to tell the thread that nobody listens.
    blocks: Option<Receiver<Answer>>,
    thread: Option<JoinHandle<()>>,
}

impl Ahead {
    pub(super) fn start(parts: &Arc<Vec<Part>>, columns: &[ColumnHead], block_bytes: usize) -> Self {
        let (sender, blocks) = sync_channel(WAITING_BLOCKS);
        let (parts, columns) = (Arc::clone(parts), columns.to_vec());
        let failed = sender.clone();
        let path = parts[0].path.clone();
        let run = move || {
            if let Err(error) = read(&parts, &columns, block_bytes, &sender) {
                // Nobody may be left to be told.
                drop(sender.send(Err(error)));
            }
        };
        let thread = Builder::new().name("lumenfold-blocks".to_owned()).spawn(run).map_err(|source| {
            drop(failed.send(Err(DataError::Read { path, source })));
        });
        Self { blocks: Some(blocks), thread: thread.ok() }
    }

    /// The next block; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<Table>, DataError> {
        match self.blocks.as_ref().map(Receiver::recv) {
            Some(Ok(answer)) => answer.map(Some),
            _ => {
                self.join();
                Ok(None)
            }
        }
    }

    fn join(&mut self) {
        self.blocks = None;
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join)
            && !std::thread::panicking()
        {
            resume_unwind(panic);
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.join();
    }
}

/// Reads all blocks of all parts, until nobody listens.
fn read(
    parts: &[Part],
    columns: &[ColumnHead],
    block_bytes: usize,
    sender: &SyncSender<Answer>,
) -> Result<(), DataError> {
    let mut place = Place::default();
    for part in parts {
        place.first_row = 0;
        let mut gather = Gather::new(part.rows(columns, block_bytes)?, block_bytes);
        while let Some(values) = gather.next()? {
            let column = |(head, values): (&ColumnHead, _)| Column {
                name: head.name.clone(),
                unit: head.unit.clone(),
                values: cast(values, head.value_type),
            };
            let table = Table::new(part.path.clone(), columns.iter().zip(values).map(column).collect())?;
            let table = table.with_place(place);
            let rows = table.rows() as u64;
            if sender.send(Ok(table)).is_err() {
                return Ok(());
            }
            place.first_row += rows;
            place.position += rows;
        }
    }
    Ok(())
}
