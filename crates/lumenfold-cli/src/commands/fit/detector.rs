//! `fit --for anomalies`: an ensemble that judges rows.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use lumenfold::anomaly::{DetectorOptions, network, train};
use lumenfold::{Error, Model, Settings};
use serde_json::{Value, json};

use super::{Fit, Trained, outcome, tell, warn_of_skipped};
use crate::config::Choices;
use crate::failure::Failure;
use crate::gathering::Opened;
use crate::interruption;
use crate::printer::Printer;
use crate::words::{self, counted, listed};

/// Trains, says what came of it, and writes the model.
pub(super) fn run(
    verb: &Fit,
    choices: &Choices,
    options: &DetectorOptions,
    opened: Opened,
    settings: &Settings,
    printer: &Printer,
) -> Result<(), Failure> {
    let axes = !opened.axes().is_empty();
    let samples = opened.gather(|features| choices.for_anomalies(settings, features.len(), axes))?;
    if samples.is_on_disk() {
        return Err(Failure::usage(format!(
            "{}: a detector is made from rows in memory, and these do not fit; give a larger --memory or fewer rows (p-values \
             hold for any part of the data that is drawn at random)",
            samples.source()
        )));
    }
    let rows = (&samples).into();
    let settings = choices.for_anomalies(settings, samples.features().len(), axes);
    warn_of_skipped(rows, printer);
    outcome::announce(rows, &settings, &network(&rows, &settings, options)?, printer);
    let stop = interruption::flag().unwrap_or_else(|error| {
        printer.warn(format!("Ctrl-C will end the program at once: {error}"));
        Arc::new(AtomicBool::new(false))
    });
    let begin = Instant::now();
    let (mut told, mut training, mut trained) = (begin, std::time::Duration::ZERO, 0);
    let members = options.members;
    let result = train(rows, &settings, options, &stop, |member, progress| {
        training += progress.training;
        trained += progress.rows;
        if told.elapsed() >= BETWEEN_LINES {
            told = Instant::now();
            printer.say(format!("member {} of {members}: epoch {}/{}", member + 1, progress.epoch, progress.epochs));
        }
    });
    let model = match result {
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
    tell_detector(&model, printer);
    let trained = Trained { model, seconds, rate };
    if verb.json {
        let mut object = outcome::json(&trained, &verb.output);
        if let (Value::Object(object), Some(summary)) = (&mut object, summary(&trained.model)) {
            object.insert("detector".to_owned(), summary);
        }
        return printer.object(&object);
    }
    printer.say(format!("wrote {}", verb.output.display()));
    let (file, data) = (words::shell_path(&verb.output), words::shell_path(&verb.gathering.data[0]));
    printer.say(format!("next: lumenfold score {file} {data} --explain -o scores.csv"));
    Ok(())
}

/// Time between lines of progress.
const BETWEEN_LINES: std::time::Duration = std::time::Duration::from_secs(5);

/// What p-values can tell.
fn tell_detector(model: &Model, printer: &Printer) {
    let Some(detector) = &model.detector else { return };
    let (rows, measures) = (detector.calibration_rows(), listed(detector.components()));
    printer.say(format!(
        "anomalies: {} judge by {measures}; {} calibrate p-values, the smallest is {}",
        counted(detector.members(), "member"),
        counted(rows, "held-out row"),
        words::number(1.0 / (rows + 1) as f64),
    ));
}

/// The same for programs.
fn summary(model: &Model) -> Option<Value> {
    let detector = model.detector.as_ref()?;
    let rows = detector.calibration_rows();
    Some(json!({
        "members": detector.members(),
        "by": detector.components(),
        "calibration_rows": rows,
        "smallest_p_value": 1.0 / (rows + 1) as f64,
    }))
}
