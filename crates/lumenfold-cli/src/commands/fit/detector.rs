//! `fit --for anomalies`: an ensemble that judges rows.

use lumenfold::Settings;
use lumenfold::anomaly::{DetectorOptions, network, train};
use serde_json::{Value, json};

use super::{Fit, ensemble, outcome, warn_of_skipped};
use crate::config::Choices;
use crate::failure::Failure;
use crate::gathering::Opened;
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
    ensemble::check_memory(&samples, " (p-values hold for any part of the data that is drawn at random)")?;
    let rows = (&samples).into();
    let settings = choices.for_anomalies(settings, samples.features().len(), axes);
    warn_of_skipped(rows, printer);
    outcome::announce(rows, &settings, &network(&rows, &settings, options)?, printer);
    let trained = ensemble::train(verb, options.members, printer, |stop, observe| {
        train(rows, &settings, options, stop, observe)
    })?;
    let mut summary = Value::Null;
    if let Some(detector) = &trained.model.detector {
        let rows = detector.calibration_rows();
        let (members, measures) = (counted(detector.members(), "member"), listed(detector.components()));
        printer.say(format!("anomalies: {members} judge by {measures}; {}", ensemble::calibrated(rows)));
        summary = json!({
            "members": detector.members(),
            "by": detector.components(),
            "calibration_rows": rows,
            "smallest_p_value": ensemble::smallest(rows),
        });
    }
    let (file, data) = (words::shell_path(&verb.output), words::shell_path(&verb.gathering.data[0]));
    let judged = trained.model.detector.iter().flat_map(|detector| detector.components());
    let needs_errors = judged.clone().any(|component| component.needs_errors());
    let errors = choices.errors.as_ref().filter(|_| needs_errors).map(|names| words::shell(names.join(",")));
    let errors = errors.map_or_else(String::new, |errors| format!(" --errors {errors}"));
    let next = format!("lumenfold score {file} {data}{errors} --explain -o scores.csv");
    ensemble::finish(verb, &trained, ("detector", summary), &next, printer)
}
