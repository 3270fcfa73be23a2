//! How many crystals are done: a bar on a terminal, a line now and then elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::printer::Printer;
use crate::words;

/// Time between lines where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

pub(super) struct Progress<'a> {
    printer: &'a Printer,
    bar: Option<ProgressBar>,
    all: u64,
    begin: Instant,
    last_line: Instant,
}

impl<'a> Progress<'a> {
    pub(super) fn new(printer: &'a Printer, all: u64) -> Self {
        let now = Instant::now();
        let bar = printer.draws().then(|| {
            let style = ProgressStyle::with_template("crystal {pos:>6}/{len} {bar:24} {msg}");
            ProgressBar::new(all)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─"))
        });
        Self { printer, bar, all, begin: now, last_line: now }
    }

    pub(super) fn done(&mut self, done: u64) {
        let left = self.begin.elapsed().mul_f64((self.all - done) as f64 / done.max(1) as f64);
        let left = format!("{} left", words::clock(left));
        if let Some(bar) = &self.bar {
            bar.set_message(left);
            bar.set_position(done);
        } else if self.last_line.elapsed() >= BETWEEN_LINES {
            self.last_line = Instant::now();
            let (done, all) = (words::thousands(done as usize), words::thousands(self.all as usize));
            self.printer.say(format!("crystal {done} of {all}  {left}"));
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
