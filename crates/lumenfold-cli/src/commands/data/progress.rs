//! How much of a download is there: a bar on a terminal, a line now and then elsewhere.

use std::cell::Cell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::printer::Printer;
use crate::words;

/// Time between lines where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Rows,
    Bytes,
}

impl Unit {
    /// 150,000 rows, or 12.5 MB.
    pub(super) fn of(self, count: u64) -> String {
        match self {
            Self::Rows => words::counted(usize::try_from(count).unwrap_or(usize::MAX), "row"),
            Self::Bytes if count < 100_000 => words::counted(count as usize, "byte"),
            Self::Bytes => format!("{:.1} MB", count as f64 / 1e6),
        }
    }
}

pub(super) struct Progress<'a> {
    printer: &'a Printer,
    unit: Unit,
    bar: Option<ProgressBar>,
    all: Cell<Option<u64>>,
    begin: Instant,
    last_line: Cell<Instant>,
}

impl<'a> Progress<'a> {
    /// Of so many rows or bytes, if their number is known.
    pub(super) fn new(printer: &'a Printer, unit: Unit, all: Option<u64>) -> Self {
        let bar = printer.draws().then(|| {
            let bar = all.map_or_else(ProgressBar::no_length, ProgressBar::new);
            let style = ProgressStyle::with_template("{bar:24} {msg}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─"))
        });
        let now = Instant::now();
        Self { printer, unit, bar, all: Cell::new(all), begin: now, last_line: Cell::new(now) }
    }

    /// The number is known now.
    pub(super) fn all(&self, all: u64) {
        self.all.set(Some(all));
        if let Some(bar) = &self.bar {
            bar.set_length(all);
        }
    }

    /// So much is there; `note` says what is going on.
    pub(super) fn at(&self, done: u64, note: &str) {
        let done_of_all = match (self.unit, self.all.get()) {
            (_, None) => self.unit.of(done),
            (Unit::Rows, Some(all)) => format!("{} of {}", words::thousands(done as usize), self.unit.of(all)),
            (Unit::Bytes, Some(all)) => format!("{} of {}", self.unit.of(done), self.unit.of(all)),
        };
        let text = done_of_all + note;
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.set_message(text);
        } else if self.last_line.get().elapsed() >= BETWEEN_LINES {
            self.last_line.set(Instant::now());
            self.printer.say(text);
        }
    }

    /// A line amid the progress.
    pub(super) fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.printer.say(line)),
            None => self.printer.say(line),
        }
    }

    /// Clears the bar; the time since the beginning in seconds.
    pub(super) fn finish(self) -> f64 {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.begin.elapsed().as_secs_f64()
    }
}
