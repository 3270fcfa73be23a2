//! Where tables go: whole, or block by block on a thread of their own while others are made.

use std::sync::atomic::Ordering;
use std::sync::mpsc::sync_channel;
use std::thread;

use lumenfold::Error;
use lumenfold::data::axis::shape_in_words;
use lumenfold::data::{BlockWriter, Column, DataError, Table, Target, WriteOptions};

use crate::failure::Failure;
use crate::interruption;
use crate::printer::Printer;
use crate::words::{counted, listed, thousands};

/// Blocks that wait to be written.
const WAITING: usize = 2;

/// Where blocks are given to be written.
pub(crate) type Give<'a> = dyn FnMut(Table) -> Result<(), Stop> + 'a;

/// Why no more blocks are made.
pub(crate) enum Stop {
    /// They could not be made.
    Failed(Failure),
    /// They cannot be written; the writer knows why.
    Unwritable,
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<DataError> for Stop {
    fn from(error: DataError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Failed(failure) => failure,
            Stop::Interrupted | Stop::Unwritable => Self::failed("interrupted"),
        }
    }
}

/// Writes a table that is all there, and says so.
pub(crate) fn write_table(table: &Table, target: &Target, printer: &Printer) -> Result<(), Failure> {
    lumenfold::data::write_table(table, target, &WriteOptions::default())?;
    if let Target::Path(path) = target {
        let (rows, names) = (counted(table.rows(), "row"), listed(&table.names()));
        printer.say(format!("wrote {}: {rows}, columns {names}", path.display()));
    }
    Ok(())
}

/// What the columns of a table are called; samples with axes by their shape.
fn names_of(table: &Table) -> Vec<String> {
    let Some(gridded) = table.gridded().filter(|gridded| !gridded.axes.is_empty()) else { return table.names() };
    let is_other = |(at, _): &(usize, &Column)| !gridded.holds(*at);
    let others = table.columns().iter().enumerate().filter(is_other).map(|(_, column)| column.name.clone());
    let errors = if gridded.errors.is_some() { " with their errors" } else { "" };
    std::iter::once(format!("samples of {} bins{errors}", shape_in_words(&gridded.axes))).chain(others).collect()
}

/// Writes the blocks that `make` gives and says so. The file appears when all of them are there; after an error or Ctrl-C
/// nothing is left of it.
pub(crate) fn write_blocks<T>(
    target: &Target,
    printer: &Printer,
    make: impl FnOnce(&mut Give<'_>) -> Result<T, Stop>,
) -> Result<T, Failure> {
    let mut writer = BlockWriter::create(target, &WriteOptions::default())?;
    // Without it, Ctrl-C ends the program at once, and at worst a temporary file is left behind.
    let interrupted = interruption::flag().unwrap_or_default();
    let (sender, blocks) = sync_channel::<Table>(WAITING);
    let mut names = Vec::new();
    let (made, written) = thread::scope(|scope| {
        let writing = scope.spawn(move || {
            for block in blocks {
                writer.write(&block)?;
            }
            Ok::<_, DataError>(writer)
        });
        let made = make(&mut |block| {
            if interrupted.load(Ordering::Relaxed) {
                return Err(Stop::Interrupted);
            }
            if names.is_empty() {
                names = names_of(&block);
            }
            sender.send(block).map_err(|_| Stop::Unwritable)
        });
        drop(sender);
        (made, writing.join())
    });
    let writer = written.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let made = match made {
        Ok(made) => made,
        Err(Stop::Failed(failure)) => return Err(failure),
        Err(Stop::Interrupted) => return Err(Failure::failed(format!("interrupted: {target} was not written"))),
        Err(Stop::Unwritable) => {
            writer?;
            return Err(Failure::failed(format!("{target}: was given up")));
        }
    };
    let writer = writer?;
    let rows = writer.rows();
    writer.finish()?;
    if let Target::Path(path) = target {
        let rows = thousands(rows as usize);
        printer.say(format!("wrote {}: {rows} rows, columns {}", path.display(), listed(&names)));
    }
    Ok(made)
}
