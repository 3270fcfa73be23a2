//! `fit --for denoising`: an ensemble that removes noise.

use lumenfold::denoising::{Denoiser, DenoiserOptions, train};
use lumenfold::{Event, Settings};
use serde_json::json;

use super::{Fit, ensemble, warn_of_skipped};
use crate::failure::Failure;
use crate::gathering::Opened;
use crate::printer::Printer;
use crate::words::{self, counted};

/// Trains, says what came of it, and writes the model.
pub(super) fn run(
    verb: &Fit,
    options: &DenoiserOptions,
    opened: Opened,
    settings: &Settings,
    printer: &Printer,
) -> Result<(), Failure> {
    let samples = opened.gather(|_| settings.clone())?;
    ensemble::check_memory(&samples, "")?;
    warn_of_skipped((&samples).into(), printer);
    let members = options.members;
    let trained = ensemble::train(verb, members, printer, |stop, observe| {
        train((&samples).into(), settings, options, stop, |member, event| {
            if let Event::Epoch(progress) = event {
                observe(member, progress);
            }
        })
    })?;
    let rows = trained.model.denoiser.as_ref().map_or(0, Denoiser::calibration_rows);
    printer.say(format!("denoising: {}; {}", counted(members.into(), "member"), ensemble::calibrated(rows)));
    let summary = json!({ "members": members, "calibration_rows": rows, "smallest_p_value": ensemble::smallest(rows) });
    let (file, data) = (words::shell_path(&verb.output), words::shell_path(&verb.gathering.data[0]));
    let next = format!("lumenfold denoise {file} {data} -o denoised.npz");
    ensemble::finish(verb, &trained, ("denoiser", summary), &next, printer)
}
