//! One pass over a text: pieces cut, made into columns on several threads, and given out in order.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::TextFile;
use super::cells::{Cells, Task};
use super::cut::{Cutter, Piece};
use super::piece::{Before, Parsed, Plan, Stop};
use crate::DataError;
use crate::ordered::Ordered;

/// The pieces of a text, one after another.
pub(super) struct Pass {
    plan: Arc<Plan>,
    cutter: Cutter,
    failed: Box<dyn Fn(std::io::Error) -> DataError + Send>,
    work: Ordered<Piece, (Piece, Result<Parsed, Stop>)>,
    before: Before,
    /// The end of the stream was reached, or an error that counts after the pieces before it.
    ended: bool,
    error: Option<DataError>,
}

impl Pass {
    pub(super) fn start(
        file: &TextFile,
        tasks: Vec<Task>,
        piece_bytes: usize,
        threads: NonZeroUsize,
    ) -> Result<Self, DataError> {
        let known_text = tasks.iter().map(|_| AtomicBool::new(false)).collect();
        let path = file.input.path.clone();
        let plan = Arc::new(Plan { path, delimiter: file.layout.delimiter, tasks, known_text });
        let shared = Arc::clone(&plan);
        let work = Ordered::new(threads, move |piece: Piece| {
            let parsed = shared.parse(&piece, Before { rows: 0, line: 1 });
            (piece, parsed)
        });
        Ok(Self {
            cutter: Cutter::new(file.rows_stream()?, plan.delimiter, piece_bytes),
            plan,
            failed: Box::new(file.input.failure()),
            work,
            before: Before { rows: 0, line: file.layout.first_row.line },
            ended: false,
            error: None,
        })
    }

    /// The columns of the next piece that has rows; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<Parsed>, Stop> {
        loop {
            while !self.ended && self.work.wants_more() {
                match self.cutter.next() {
                    Ok(Some(piece)) => self.work.push(piece),
                    Ok(None) => self.ended = true,
                    Err(error) => {
                        self.ended = true;
                        self.error = Some((self.failed)(error));
                    }
                }
            }
            let Some((piece, parsed)) = self.work.pop() else {
                return self.error.take().map_or(Ok(None), |error| Err(error.into()));
            };
            let parsed = match parsed {
                Ok(parsed) => parsed,
                // Again, with the right numbers of rows and lines.
                Err(_) => self.plan.parse(&piece, self.before)?,
            };
            self.cutter.recycle(piece.bytes);
            self.before.rows += parsed.rows;
            self.before.line += parsed.lines;
            self.share_what_is_text(&parsed);
            if parsed.rows > 0 {
                return Ok(Some(parsed));
            }
        }
    }

    /// Tells the threads which columns are text for certain.
    fn share_what_is_text(&self, parsed: &Parsed) {
        let kept = (0..self.plan.tasks.len()).filter(|&index| self.plan.tasks[index] != Task::Skip);
        for (index, cells) in kept.zip(&parsed.columns) {
            if matches!(cells, Cells::Infer(builder) if builder.is_text()) {
                self.plan.known_text[index].store(true, Ordering::Relaxed);
            }
        }
    }
}
