//! `fit --for denoising`: an ensemble that removes noise.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use lumenfold::denoising::{DenoiserOptions, train};
use lumenfold::{Error, Event, Settings};
use serde_json::{Value, json};

use super::{Fit, Trained, outcome, tell, warn_of_skipped};
use crate::failure::Failure;
use crate::gathering::Opened;
use crate::interruption;
use crate::printer::Printer;
use crate::words::{self, counted};

/// Time between lines of progress.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// Trains, says what came of it, and writes the model.
pub(super) fn run(
    verb: &Fit,
    options: &DenoiserOptions,
    opened: Opened,
    settings: &Settings,
    printer: &Printer,
) -> Result<(), Failure> {
    let samples = opened.gather(|_| settings.clone())?;
    if samples.is_on_disk() {
        return Err(Failure::usage(format!(
            "{}: an ensemble is made from rows in memory, and these do not fit; give a larger --memory or fewer rows",
            samples.source()
        )));
    }
    warn_of_skipped((&samples).into(), printer);
    let stop = interruption::flag().unwrap_or_else(|error| {
        printer.warn(format!("Ctrl-C will end the program at once: {error}"));
        Arc::new(AtomicBool::new(false))
    });
    let begin = Instant::now();
    let (mut told, mut training, mut trained) = (begin, Duration::ZERO, 0);
    let members = options.members;
    let result = train((&samples).into(), settings, options, &stop, |member, event| {
        let Event::Epoch(progress) = event else { return };
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
    let rows = model.denoiser.as_ref().map_or(0, lumenfold::denoising::Denoiser::calibration_rows);
    printer.say(format!(
        "denoising: {}; {} calibrate p-values, the smallest is {}",
        counted(members.into(), "member"),
        counted(rows, "held-out row"),
        words::number(1.0 / (rows + 1) as f64)
    ));
    let trained = Trained { model, seconds, rate };
    if verb.json {
        let mut object = outcome::json(&trained, &verb.output);
        if let Value::Object(object) = &mut object {
            object.insert("denoiser".to_owned(), json!({ "members": members, "calibration_rows": rows }));
        }
        return printer.object(&object);
    }
    printer.say(format!("wrote {}", verb.output.display()));
    let (file, data) = (words::shell_path(&verb.output), words::shell_path(&verb.gathering.data[0]));
    printer.say(format!("next: lumenfold denoise {file} {data} -o denoised.npz"));
    Ok(())
}
