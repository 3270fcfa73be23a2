//! One piece of a text made into columns.

use std::sync::atomic::{AtomicBool, Ordering};

use super::cells::{Cells, Task};
use super::cut::Piece;
use super::records::{Delimiter, MOST_RECORD_BYTES, Place, Record, Records};
use crate::DataError;
use crate::budget::Budget;

/// What all pieces of a text have in common.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) path: String,
    pub(super) delimiter: Delimiter,
    /// What to do with each column of the file.
    pub(super) tasks: Vec<Task>,
    /// Columns in which an earlier piece has text: numbers in them need not be parsed.
    pub(super) known_text: Vec<AtomicBool>,
}

/// What comes before a piece.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    pub(super) rows: u64,
    /// The line (from 1) on which it starts.
    pub(super) line: u64,
}

/// The rows of a piece.
#[derive(Debug)]
pub(super) struct Parsed {
    /// The columns that are not skipped.
    pub(super) columns: Vec<Cells>,
    pub(super) rows: u64,
    pub(super) lines: u64,
}

/// Why a piece cannot be made into columns.
#[derive(Debug)]
pub(super) enum Stop {
    Data(DataError),
    /// A cell is not of the type that its column (position in the file) is known to have.
    Misfit(usize),
}

/// Why a line cannot be taken.
enum LineStop {
    /// A cell of this column is not of its type.
    Misfit(usize),
    /// The line has so many fields.
    Ragged(usize),
}

impl From<DataError> for Stop {
    fn from(error: DataError) -> Self {
        Self::Data(error)
    }
}

impl Plan {
    pub(super) fn parse(&self, piece: &Piece, before: Before) -> Result<Parsed, Stop> {
        let budget = Budget::new(self.path.clone(), 0);
        let text = checked_text(&piece.bytes, before.line, &budget)?;
        let known_text = |index: usize| self.known_text[index].load(Ordering::Relaxed);
        let tasks = self.tasks.iter().enumerate();
        let mut columns: Vec<Cells> = tasks.map(|(index, &task)| Cells::new(task, known_text(index))).collect();
        let end = match self.delimiter {
            Delimiter::Byte(delimiter) if text.len() <= MOST_RECORD_BYTES => {
                self.delimited_rows(text, delimiter, before, &mut columns, &budget)?
            }
            _ => self.any_rows(text, before, &mut columns, &budget)?,
        };
        if piece.torn {
            let reason = format!("line {} is longer than {MOST_RECORD_BYTES} bytes", before.line);
            return Err(budget.malformed("text", reason).into());
        }
        columns.retain(|cells| !matches!(cells, Cells::Skip));
        Ok(Parsed { columns, rows: end.rows - before.rows, lines: end.line - before.line })
    }

    /// Rows by the rules of [`Records`] alone.
    fn any_rows(&self, text: &str, before: Before, columns: &mut [Cells], budget: &Budget) -> Result<Before, Stop> {
        let mut record = Record::default();
        let mut records = Records::new(text, self.delimiter, Place { position: 0, line: before.line });
        let mut rows = before.rows;
        while records.next(&mut record, budget)? {
            rows += 1;
            self.take_record(&record, text, rows, columns)?;
        }
        Ok(Before { rows, line: records.place().line })
    }

    /// Rows with one byte between fields. In a line without any quote a field ends at the next delimiter, the row at the
    /// line's end; other rows are left to [`Records`].
    fn delimited_rows(
        &self,
        text: &str,
        delimiter: u8,
        before: Before,
        columns: &mut [Cells],
        budget: &Budget,
    ) -> Result<Before, Stop> {
        let bytes = text.as_bytes();
        let next_quote = |at: usize| memchr::memchr(b'"', &bytes[at..]).map(|length| at + length);
        let Before { mut rows, mut line } = before;
        let (mut at, mut quote) = (0, next_quote(0));
        let mut record = Record::default();
        while at < bytes.len() {
            if quote.is_some_and(|quote| quote < line_end(bytes, at)) {
                let mut records = Records::new(text, self.delimiter, Place { position: at, line });
                if records.next(&mut record, budget)? {
                    rows += 1;
                    self.take_record(&record, text, rows, columns)?;
                }
                Place { position: at, line } = records.place();
                quote = next_quote(at);
                continue;
            }
            if skipped_line(bytes, at, delimiter) {
                at = line_end(bytes, at);
            } else {
                rows += 1;
                at = self.take_line(text, at, delimiter, columns).map_err(|stop| match stop {
                    LineStop::Misfit(index) => Stop::Misfit(index),
                    LineStop::Ragged(found) => self.ragged(rows, line, found).into(),
                })?;
            }
            at += match &bytes[at..] {
                [b'\r', b'\n', ..] => 2,
                [_, ..] => 1,
                [] => 0,
            };
            line += 1;
        }
        Ok(Before { rows, line })
    }

    /// Takes the fields of a line without quotes that starts at `at`; where it ends.
    fn take_line(&self, text: &str, mut at: usize, delimiter: u8, columns: &mut [Cells]) -> Result<usize, LineStop> {
        let bytes = text.as_bytes();
        for (index, cells) in columns.iter_mut().enumerate() {
            if index > 0 {
                if bytes.get(at) != Some(&delimiter) {
                    return Err(LineStop::Ragged(index));
                }
                at += 1;
            }
            at = match cells.take(bytes, at, delimiter) {
                Some(end) => end,
                None => {
                    let end = field_end(bytes, at, delimiter);
                    cells.push(text.get(at..end).unwrap_or_default()).map_err(|_| LineStop::Misfit(index))?;
                    end
                }
            };
        }
        if bytes.get(at) == Some(&delimiter) {
            let rest = &bytes[at..line_end(bytes, at)];
            return Err(LineStop::Ragged(columns.len() + memchr::memchr_iter(delimiter, rest).count()));
        }
        Ok(at)
    }

    /// Takes the fields of a row (counted from 1).
    fn take_record(&self, record: &Record, text: &str, row: u64, columns: &mut [Cells]) -> Result<(), Stop> {
        if record.len() != columns.len() {
            return Err(self.ragged(row, record.line(), record.len()).into());
        }
        for (index, cells) in columns.iter_mut().enumerate() {
            cells.push(record.field(text, index)).map_err(|_| Stop::Misfit(index))?;
        }
        Ok(())
    }

    fn ragged(&self, row: u64, line: u64, found: usize) -> DataError {
        DataError::RaggedRow { path: self.path.clone(), row, line, expected: self.tasks.len(), found }
    }
}

/// True for a comment or a blank line at `at`. A line of tabs is a row of empty fields if tabs divide fields.
#[inline]
fn skipped_line(bytes: &[u8], at: usize, delimiter: u8) -> bool {
    match bytes[at] {
        b'#' | b'\n' | b'\r' => true,
        b' ' | b'\t' => {
            let line = &bytes[at..line_end(bytes, at)];
            line.iter().all(|&byte| byte == b' ' || (byte == b'\t' && delimiter != b'\t'))
        }
        _ => false,
    }
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr::memchr2(b'\n', b'\r', &bytes[at..]).map_or(bytes.len(), |length| at + length)
}

fn field_end(bytes: &[u8], at: usize, delimiter: u8) -> usize {
    memchr::memchr3(delimiter, b'\n', b'\r', &bytes[at..]).map_or(bytes.len(), |length| at + length)
}

/// The bytes as text, if text they are; `line` is that on which they start.
pub(super) fn checked_text<'a>(bytes: &'a [u8], line: u64, budget: &Budget) -> Result<&'a str, DataError> {
    let line_of = |position: usize| line + memchr::memchr_iter(b'\n', &bytes[..position]).count() as u64;
    if let Some(position) = memchr::memchr(0, bytes) {
        let reason = format!(
            "line {} has a NUL byte: this is binary data or a damaged text file; get it again",
            line_of(position)
        );
        return Err(budget.malformed("text", reason));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let line = line_of(error.valid_up_to());
        budget.malformed("text", format!("line {line} is not UTF-8 text; save the file as UTF-8"))
    })
}
