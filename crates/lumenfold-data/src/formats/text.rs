//! Text tables: CSV, TSV and what instruments and archives make of them.
//!
//! Reading never holds the whole text. `layout` finds out the delimiter and the names of the columns from its first
//! lines. `cut` divides the stream into pieces of whole rows, which several threads make into columns (`pass`, `piece`)
//! and which are put together in order, so that nothing depends on the number of threads. In lines without quotes,
//! `number_scan` reads numbers straight from the bytes; `records` knows all the rules and does the rest.
//!
//! A column is of integers if each of its cells is the text of one exactly, of floats if each is a number, else of text,
//! verbatim: `007` stays `007`. Empty cells, `NA`, `null`, `NULL`, `None`, `nan` and `NaN` are missing in a column of
//! numbers.
//!
//! What is accepted beyond the plain form: commas, tabs, semicolons or blanks between fields; a byte order mark; any
//! line ends; quoted fields, also with line ends within; comment lines that start with `#`, of which the last one
//! before the first row may hold the names; no header at all (the names are then `x1`, `x2`, …); exponents as Fortran
//! writes them (`1.0D+01`). Blank lines are skipped.
//!
//! The type of a column is known at its end only. `read` finds it out while it reads, and reads again what turned out
//! to be text; for blocks, a pass before the first (`survey`) finds it out without keeping anything.
//!
//! What is refused, with the line: rows of another length, a quote that never ends, NUL bytes, text that is not UTF-8,
//! an HTML page under the name of a table. Numbers with decimal commas are refused as well, by column.

mod builder;
mod cells;
mod cut;
mod evidence;
mod file;
mod layout;
mod live;
mod number;
mod number_scan;
mod pass;
mod piece;
mod records;
mod survey;
mod write;

use std::num::NonZeroUsize;
use std::sync::Arc;

pub(crate) use evidence::Evidence;
pub(crate) use file::TextFile;
pub use live::LiveText;
pub use number::parse_number;
pub(crate) use write::TextEncoder;

use builder::Builder;
use cells::{Cells, Task};
use pass::Pass;
use piece::Stop;

use crate::budget::Budget;
use crate::input::Input;
use crate::table::{Column, ValueType, Values};
use crate::{DataError, ReadOptions, Table};

/// Bytes of text that one thread takes at a time: few enough to stay in its caches with what is made of them.
const PIECE_BYTES: usize = 1 << 20;

/// Reads a whole table.
pub(crate) fn read(input: Input, options: &ReadOptions, budget: &mut Budget) -> Result<Table, DataError> {
    let file = TextFile::open(Arc::new(input), options.columns.as_deref(), options.memory_limit)?;
    let threads = options.threads.unwrap_or_else(available_threads);
    let builders = file.infer(threads, budget)?;
    let evidence: Vec<Evidence> = builders.iter().map(Builder::evidence).collect();
    let mut finished: Vec<Option<Values>> = builders.into_iter().map(Builder::finish).collect();
    let again: Vec<usize> = (0..finished.len()).filter(|&at| finished[at].is_none()).collect();
    if !again.is_empty() {
        for (at, values) in again.iter().zip(file.read_as_text(&again, threads, budget)?) {
            finished[*at] = Some(values);
        }
    }

    let mut columns = Vec::with_capacity(finished.len());
    let mut notes = Vec::new();
    for ((values, evidence), &index) in finished.into_iter().flatten().zip(evidence).zip(&file.selected) {
        let name = &file.layout.names[index];
        file.refuse_decimal_commas(index, evidence)?;
        notes.extend(file.note(index, evidence));
        // The nameless last column of lines that end with a delimiter.
        let leftover = file.layout.unnamed[index] && options.columns.is_none() && evidence.all_missing();
        if !leftover {
            columns.push(Column::new(name.clone(), values));
        }
    }
    Ok(Table::new(budget.path(), columns)?.with_notes(notes))
}

/// Threads that the machine offers.
pub(crate) fn available_threads() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

impl TextFile {
    /// Reads the selected columns while their types are found out.
    fn infer(&self, threads: NonZeroUsize, budget: &mut Budget) -> Result<Vec<Builder>, DataError> {
        let mut pass = Pass::start(self, self.tasks(&self.selected, |_| Task::Infer), PIECE_BYTES, threads)?;
        let mut builders: Vec<Builder> = self.selected.iter().map(|_| Builder::new()).collect();
        let mut counted = 0;
        while let Some(parsed) = pass.next().map_err(|stop| self.changed(stop))? {
            for (builder, cells) in builders.iter_mut().zip(parsed.columns) {
                if let Cells::Infer(next) = cells {
                    builder.append(next);
                }
            }
            charge(builders.iter().map(Builder::bytes).sum(), &mut counted, budget)?;
        }
        Ok(builders)
    }

    /// Reads columns (positions among the selected ones) verbatim.
    fn read_as_text(
        &self,
        columns: &[usize],
        threads: NonZeroUsize,
        budget: &mut Budget,
    ) -> Result<Vec<Values>, DataError> {
        let indices: Vec<usize> = columns.iter().map(|&at| self.selected[at]).collect();
        let tasks = self.tasks(&indices, |_| Task::Read(ValueType::Text));
        let mut pass = Pass::start(self, tasks, PIECE_BYTES, threads)?;
        let mut columns: Vec<Values> = indices.iter().map(|_| ValueType::Text.empty(0)).collect();
        let mut counted = 0;
        while let Some(parsed) = pass.next().map_err(|stop| self.changed(stop))? {
            for (column, more) in columns.iter_mut().zip(parsed.columns.into_iter().filter_map(Cells::into_values)) {
                column.append(more);
            }
            charge(columns.iter().map(Values::bytes).sum(), &mut counted, budget)?;
        }
        Ok(columns)
    }

    /// One task for each column of the file.
    fn tasks(&self, indices: &[usize], task: impl Fn(usize) -> Task) -> Vec<Task> {
        let mut tasks = vec![Task::Skip; self.layout.names.len()];
        for (at, &index) in indices.iter().enumerate() {
            tasks[index] = task(at);
        }
        tasks
    }

    /// The error of a pass in which no cell can be of the wrong type unless the file is not what it was.
    fn changed(&self, stop: Stop) -> DataError {
        match stop {
            Stop::Data(error) => error,
            Stop::Misfit(_) => DataError::Changed { path: self.input.path.clone() },
        }
    }
}

/// Charges what the columns have grown by.
fn charge(bytes: u64, counted: &mut u64, budget: &mut Budget) -> Result<(), DataError> {
    budget.take(bytes.saturating_sub(*counted))?;
    *counted = bytes.max(*counted);
    Ok(())
}
