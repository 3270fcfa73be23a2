//! The progress of a fit: a bar on a terminal, a line now and then elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use lumenfold::Progress;
use lumenfold::record::Recovery;

use crate::printer::Printer;
use crate::words;

/// Time between lines where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

pub(crate) struct FitProgress<'a> {
    printer: &'a Printer,
    // Which fit it is, where there are several.
    label: String,
    bar: Option<ProgressBar>,
    begin: Instant,
    last_line: Instant,
    best: Option<f64>,
    // Epochs that were done before, in a fit that is resumed.
    before: usize,
    training: Duration,
    trained_rows: usize,
}

impl<'a> FitProgress<'a> {
    /// Of a fit of which `before` epochs have been done.
    pub(crate) fn new(printer: &'a Printer, before: usize) -> Self {
        let now = Instant::now();
        Self {
            printer,
            label: String::new(),
            bar: None,
            begin: now,
            last_line: now,
            best: None,
            before,
            training: Duration::ZERO,
            trained_rows: 0,
        }
    }

    /// Of one fit among several.
    pub(crate) fn labelled(printer: &'a Printer, label: String) -> Self {
        Self { label, ..Self::new(printer, 0) }
    }

    pub(crate) fn epoch(&mut self, progress: &Progress) {
        self.training += progress.training;
        self.trained_rows += progress.rows;
        if self.printer.quiet() {
            return;
        }
        if progress.best {
            self.best = progress.validation_mse.or(progress.validation_loss);
        }
        let elapsed = self.begin.elapsed();
        let done = progress.epoch.saturating_sub(self.before).max(1);
        let rate = self.rate();
        let left = elapsed.mul_f64((progress.epochs - progress.epoch) as f64 / done as f64);
        let error = match (progress.validation_mse, progress.validation_loss, self.best) {
            (Some(mse), _, Some(best)) => {
                format!("held-out rms {} (best {})", words::number(mse.sqrt()), words::number(best.sqrt()))
            }
            (None, Some(loss), Some(best)) => {
                format!("held-out loss {} (best {})", words::number(loss), words::number(best))
            }
            _ => format!("training loss {}", words::number(progress.train_loss)),
        };
        let text = format!("{error}  {}  {} left", words::rate(rate), words::clock(left));
        if self.printer.draws() {
            let bar = self.bar.get_or_insert_with(|| {
                let style = ProgressStyle::with_template("{prefix}epoch {pos:>4}/{len} {bar:24} {msg}");
                ProgressBar::new(progress.epochs as u64)
                    .with_prefix(self.label.clone())
                    .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─"))
            });
            bar.set_message(text);
            bar.set_position(progress.epoch as u64);
        } else if self.last_line.elapsed() >= BETWEEN_LINES {
            self.last_line = Instant::now();
            self.printer.say(format!("{}epoch {:>4}/{} {text}", self.label, progress.epoch, progress.epochs));
        }
    }

    /// Tells that training broke down and goes on from earlier weights.
    pub(crate) fn recovered(&self, recovery: &Recovery, loss: f64) {
        self.warn(format!(
            "the loss became {} in epoch {}: going back to the epoch before, with a learning rate of {}",
            words::number(loss),
            recovery.epoch,
            words::number(recovery.learning_rate)
        ));
    }

    /// A warning amid the progress.
    pub(crate) fn warn(&self, line: impl std::fmt::Display) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.printer.warn(line)),
            None => self.printer.warn(line),
        }
    }

    /// Rows that were trained on in a second of training, measuring the held-out rows not counted.
    pub(crate) fn rate(&self) -> f64 {
        self.trained_rows as f64 / self.training.as_secs_f64().max(1e-9)
    }

    /// Clears the bar; the time since the beginning.
    pub(crate) fn finish(self) -> Duration {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.begin.elapsed()
    }
}
