//! The training itself: progress, Ctrl-C and checkpoints.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lumenfold::data::Rows;
use lumenfold::fit::{Checkpoint, Checkpointing, prepare};
use lumenfold::record::Stopped;
use lumenfold::{Event, Model, Settings};

use super::outcome;
use crate::failure::Failure;
use crate::interruption;
use crate::printer::Printer;
use crate::progress::FitProgress;
use crate::words;

/// How a training is done, besides its settings.
#[derive(Default)]
pub(crate) struct Course {
    /// Bytes that it may take.
    pub(crate) memory: Option<u64>,
    /// Whether and where checkpoints are written.
    pub(crate) checkpointing: Option<Checkpointing>,
    /// What it goes on from.
    pub(crate) resumed: Option<Checkpoint>,
}

/// What came of it.
pub(crate) struct Trained {
    pub(crate) model: Model,
    /// The time that it took.
    pub(crate) seconds: f64,
    /// Rows that were trained on in a second of training.
    pub(crate) rate: f64,
}

impl Course {
    /// Trains on the rows.
    pub(crate) fn run(self, rows: Rows<'_>, settings: &Settings, printer: &Printer) -> Result<Trained, Failure> {
        // What cannot be fitted is refused before anything else is said.
        let mut prepared = prepare(rows, settings)?;
        if let Some(limit) = self.memory {
            prepared = prepared.within(limit);
        }
        if let Some(checkpoint) = &self.resumed {
            prepared.check(checkpoint)?;
        }
        warn_of(rows, settings, printer);
        prepared.remarks().into_iter().for_each(|remark| printer.warn(remark));
        outcome::announce(rows, settings, prepared.network(), printer);
        let before = self.resumed.as_ref().map_or(0, Checkpoint::epochs);
        if before > 0 {
            printer.say(format!("going on after epoch {before}"));
        }
        let stop = interruption::flag().unwrap_or_else(|error| {
            printer.warn(format!("Ctrl-C will end the fit without a model: {error}"));
            Arc::new(AtomicBool::new(false))
        });
        let mut progress = FitProgress::new(printer, before);
        let result = prepared.train_with(&stop, self.checkpointing.as_ref(), self.resumed, |event| match event {
            Event::Epoch(epoch) => progress.epoch(epoch),
            Event::Recovered { recovery, loss } => progress.recovered(recovery, *loss),
            Event::NotSaved { reason } => progress.warn(format!("no checkpoint was written: {reason}")),
            _ => {}
        });
        let rate = progress.rate();
        let seconds = progress.finish().as_secs_f64();
        let model = Model::from(result?);
        let epochs = model.record.epochs - before;
        if model.record.stopped == Stopped::Interrupted {
            say_interrupted(&model, self.checkpointing.is_some(), printer)?;
        }
        printer.say(format!(
            "trained {epochs} epochs in {seconds:.1} s ({}); kept epoch {}",
            words::rate(rate),
            model.record.best_epoch
        ));
        Ok(Trained { model, seconds, rate })
    }
}

/// Tells how many rows are left out.
pub(crate) fn warn_of_skipped(rows: Rows<'_>, printer: &Printer) {
    if rows.skipped() > 0 {
        printer.warn(format!(
            "{}: {} of {} rows lack a value and are left out",
            rows.source(),
            rows.skipped(),
            rows.skipped() + rows.rows()
        ));
    }
}

fn warn_of(rows: Rows<'_>, settings: &Settings, printer: &Printer) {
    warn_of_skipped(rows, printer);
    let features = rows.features().len();
    if settings.latent >= features && settings.blind_spots.is_none() && settings.sparsity.is_none() {
        printer.warn(format!(
            "a latent dimension of {} is no bottleneck for {features} {}: the network may learn to copy its input",
            settings.latent,
            if features == 1 { "feature" } else { "features" }
        ));
    }
}

/// Says what is left of a fit that was interrupted, and how to go on.
fn say_interrupted(model: &Model, saved: bool, printer: &Printer) -> Result<(), Failure> {
    let record = &model.record;
    let how = if saved { format!("; to go on: {}", command_to_resume()) } else { String::new() };
    if record.best_epoch == 0 {
        let message = "interrupted before the first epoch had ended: there is no model to write";
        return Err(Failure::failed(format!("{message}{how}")));
    }
    printer.warn(format!(
        "interrupted after {} of {} epochs; the model has the weights of epoch {}{how}",
        record.epochs, record.epochs_planned, record.best_epoch
    ));
    Ok(())
}

/// The command that was given, with `--resume`.
fn command_to_resume() -> String {
    let arguments = std::env::args_os().skip(1).map(words::shell).filter(|argument| argument != "--resume");
    let words: Vec<String> = std::iter::once("lumenfold".to_owned()).chain(arguments).collect();
    format!("{} --resume", words.join(" "))
}
