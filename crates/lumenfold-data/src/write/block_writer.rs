//! Tables written block by block.

use std::io;

use super::encoder::{Encoder, check};
use super::sink::{Sink, stdout_failed};
use super::{WriteOptions, output_format};
use crate::formats::OutputFormat;
use crate::suggest::excerpt;
use crate::table::ColumnHead;
use crate::{Axis, DataError, Table, Target};

/// Writes a table block by block, in bounded memory: with the same bytes as [`write_table`](super::write_table) would
/// write of all blocks together.
///
/// A file appears when it is finished; dropped before, or after an error, nothing is left of it.
///
/// ```
/// use lumenfold_data::{BlockWriter, Column, Table, Target, Values, WriteOptions};
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("z.csv");
/// let mut writer = BlockWriter::create(&Target::from(path.clone()), &WriteOptions::default())?;
/// for value in [0.5, 1.5] {
///     writer.write(&Table::new("z", vec![Column::new("z1", Values::Float64(vec![value]))])?)?;
/// }
/// assert!(!path.exists());
/// writer.finish()?;
/// assert_eq!(std::fs::read_to_string(&path)?, "z1\n0.5\n1.5\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BlockWriter {
    name: String,
    format: OutputFormat,
    target: Target,
    columns: Vec<ColumnHead>,
    axes: Vec<Axis>,
    rows: u64,
    state: State,
}

enum State {
    /// Nothing was written yet, so that the columns are not known.
    New(Sink),
    Started(Box<Encoder>),
    /// Whoever reads standard output has seen enough.
    Unheard,
    Failed,
}

impl BlockWriter {
    /// Opens an output. Nothing is to be seen of it yet.
    ///
    /// # Errors
    ///
    /// The ending is not known, or the file cannot be written.
    pub fn create(target: &Target, options: &WriteOptions) -> Result<Self, DataError> {
        let format = output_format(target, options)?;
        let state = State::New(Sink::create(target)?);
        Ok(Self {
            name: target.to_string(),
            format,
            target: target.clone(),
            columns: Vec::new(),
            axes: Vec::new(),
            rows: 0,
            state,
        })
    }

    /// Writes the rows of a block. The first says which columns there are and of which types; it may be without rows.
    ///
    /// # Errors
    ///
    /// The format cannot hold the values, the columns are not those of the first block, or writing fails. After an error
    /// the output is given up.
    pub fn write(&mut self, block: &Table) -> Result<(), DataError> {
        let state = std::mem::replace(&mut self.state, State::Failed);
        if matches!(state, State::Unheard) {
            self.state = State::Unheard;
            return Ok(());
        }
        check(self.format.format, block, &self.name)?;
        let written = match state {
            State::New(sink) => {
                self.columns = block.heads();
                self.axes = block.gridded().map_or(Vec::new(), |gridded| gridded.axes.clone());
                Encoder::new(self.format, &self.columns, block.gridded(), sink).map(Box::new)
            }
            State::Started(encoder) => {
                self.compare(block)?;
                Ok(encoder)
            }
            State::Unheard | State::Failed => return Err(self.given_up()),
        };
        let written = written.and_then(|mut encoder| encoder.write(block).map(|()| encoder));
        self.rows += block.rows() as u64;
        self.state = match written {
            Ok(encoder) => State::Started(encoder),
            Err(error) => self.failed(error).map(|()| State::Unheard)?,
        };
        Ok(())
    }

    /// Passes on what was written so far, for whoever reads standard output at the other end; of text alone.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn flush(&mut self) -> Result<(), DataError> {
        let State::Started(encoder) = &mut self.state else { return Ok(()) };
        if let Err(error) = encoder.flush() {
            self.state = State::Failed;
            self.failed(error)?;
            self.state = State::Unheard;
        }
        Ok(())
    }

    /// Whether nobody reads standard output any more.
    #[must_use]
    pub fn is_unheard(&self) -> bool {
        matches!(self.state, State::Unheard)
    }

    /// Rows that were written.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes what is left and lets the file appear.
    ///
    /// # Errors
    ///
    /// Writing fails, no block was written at all, or an earlier write had failed.
    pub fn finish(mut self) -> Result<(), DataError> {
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Unheard => Ok(()),
            State::Failed => Err(self.given_up()),
            State::New(_) => {
                let reason = "nothing was written: not even the columns are known".to_owned();
                Err(DataError::Unwritable { path: self.name, reason })
            }
            State::Started(encoder) => match encoder.finish(&self.name) {
                Ok(sink) => match sink?.finish() {
                    Err(DataError::WriteStream { source, .. }) => self.failed(source),
                    outcome => outcome,
                },
                Err(error) => self.failed(error),
            },
        }
    }

    /// Errors: the columns of a block are not those of the first.
    fn compare(&self, block: &Table) -> Result<(), DataError> {
        let columns = block.columns();
        let difference =
            match self.columns.iter().zip(columns).find(|(expected, found)| {
                (&expected.name, expected.value_type) != (&found.name, found.values.value_type())
            }) {
                Some((expected, found)) => {
                    let (name, other) = (excerpt(&found.name), excerpt(&expected.name));
                    let (found, expected) = (found.values.value_type().name(), expected.value_type.name());
                    format!("column \"{name}\" of {found} stands where column \"{other}\" of {expected} was")
                }
                None if columns.len() != self.columns.len() => {
                    format!("{} columns stand where {} were", columns.len(), self.columns.len())
                }
                None if block.gridded().map_or(&[][..], |gridded| &gridded.axes) != self.axes => {
                    "samples with other axes stand where others were".to_owned()
                }
                None => return Ok(()),
            };
        let reason = format!("{difference} in the rows before row {}; all blocks need the same columns", self.rows + 1);
        Err(DataError::Unwritable { path: self.name.clone(), reason })
    }

    /// The error for a failed write; none if nobody reads any more.
    fn failed(&self, error: io::Error) -> Result<(), DataError> {
        match self.target {
            Target::Stdout if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Target::Stdout => Err(stdout_failed(error)),
            Target::Path(_) => Err(DataError::Write { path: self.name.clone(), source: error }),
        }
    }

    fn given_up(&self) -> DataError {
        let reason = "was given up after an error".to_owned();
        DataError::Unwritable { path: self.name.clone(), reason }
    }
}
