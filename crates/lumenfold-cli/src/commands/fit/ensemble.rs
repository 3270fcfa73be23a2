//! What fits of ensembles have in common: members are trained, the model is written, and both are told.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use lumenfold::data::Samples;
use lumenfold::{Error, Model, Progress};
use serde_json::Value;

use super::{Fit, Trained, outcome, tell};
use crate::failure::Failure;
use crate::interruption;
use crate::printer::Printer;
use crate::words::{self, counted};

/// Time between lines of progress.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// Is told the member (from 0) and its progress.
pub(super) type Observe<'a> = &'a mut (dyn FnMut(usize, &Progress) + Send);

/// Refuses rows that are not in memory. `hint` is what may be done beside giving more of it.
pub(super) fn check_memory(samples: &Samples, hint: &str) -> Result<(), Failure> {
    if !samples.is_on_disk() {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{}: an ensemble is made from rows in memory, and these do not fit; give a larger --memory or fewer rows{hint}",
        samples.source()
    )))
}

/// Trains members, saying how it goes, and writes the model.
pub(super) fn train(
    verb: &Fit,
    members: u16,
    printer: &Printer,
    train: impl FnOnce(&AtomicBool, Observe<'_>) -> Result<Model, Error>,
) -> Result<Trained, Failure> {
    let stop = interruption::flag().unwrap_or_else(|error| {
        printer.warn(format!("Ctrl-C will end the program at once: {error}"));
        Arc::new(AtomicBool::new(false))
    });
    let begin = Instant::now();
    let (mut told, mut training, mut trained) = (begin, Duration::ZERO, 0);
    let mut observe = |member: usize, progress: &Progress| {
        training += progress.training;
        trained += progress.rows;
        if told.elapsed() >= BETWEEN_LINES {
            told = Instant::now();
            printer.say(format!("member {} of {members}: epoch {}/{}", member + 1, progress.epoch, progress.epochs));
        }
    };
    let model = match train(&stop, &mut observe) {
        Err(Error::Stopped) => {
            return Err(Failure::failed(format!("interrupted: {} was not written", verb.output.display())));
        }
        result => result?,
    };
    let seconds = begin.elapsed().as_secs_f64();
    let rate = trained as f64 / training.as_secs_f64().max(1e-9);
    printer.say(format!("trained {} in {seconds:.1} s ({})", counted(members.into(), "member"), words::rate(rate)));
    model.save(&verb.output)?;
    tell(&model, printer);
    Ok(Trained { model, seconds, rate })
}

/// Says where the model is: as one JSON object with the part `name`, or in words, and what comes `next`.
pub(super) fn finish(
    verb: &Fit,
    trained: &Trained,
    (name, summary): (&str, Value),
    next: &str,
    printer: &Printer,
) -> Result<(), Failure> {
    if verb.json {
        let mut object = outcome::json(trained, &verb.output);
        if let Value::Object(object) = &mut object {
            object.insert(name.to_owned(), summary);
        }
        return printer.object(&object);
    }
    printer.say(format!("wrote {}", verb.output.display()));
    printer.say(format!("next: {next}"));
    Ok(())
}

/// What p-values can tell.
pub(super) fn calibrated(rows: usize) -> String {
    format!("{} calibrate p-values, the smallest is {}", counted(rows, "held-out row"), words::number(smallest(rows)))
}

/// The smallest p-value that so many calibration rows allow.
pub(super) fn smallest(rows: usize) -> f64 {
    1.0 / (rows + 1) as f64
}
