//! `fit`: train an autoencoder on a table.

mod course;
mod denoiser;
mod detector;
mod ensemble;
mod outcome;

pub(crate) use course::{Course, Trained, warn_of_skipped};
pub(crate) use outcome::{ordered, tell};

use std::path::{Path, PathBuf};

use clap::Args;
use lumenfold::fit::{Checkpoint, Checkpointing, Every};
use lumenfold::record::Stopped;

use crate::config::{self, Choices};
use crate::failure::Failure;
use crate::gathering::Gathering;
use crate::inputs::{self, Threads};
use crate::printer::Printer;
use crate::words;

/// Train an autoencoder on a table and write the model.
///
/// A fifth of the rows is held out; the weights of the epoch with the lowest held-out error are kept. The same data,
/// settings and seed give the same file, bit for bit, whatever the threads, the processor and the memory.
///
/// Data that do not fit in memory are learnt from all the same: they go to temporary files without a name, and the
/// training reads them window by window.
///
/// Of few and large images (long spectra, maps, volumes) --patch cuts pieces at random places, which are the rows. What is
/// held out are whole images, or blocks of them, which no piece to train on touches.
///
/// Ctrl-C (or SIGTERM) ends the fit: the model gets the best weights so far, and a checkpoint beside it keeps the whole
/// state, as it does every few minutes. The same command with --resume goes on from there and gives the very file that
/// an uninterrupted fit would have given. A second Ctrl-C ends the program at once.
#[derive(Debug, Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "Examples:\n  \
    lumenfold fit stars.csv --columns u,g,r,i,z -o stars.model\n  \
    lumenfold fit stars.csv.gz --columns u,g,r,i,z --latent 3 --hidden 64,64 --seed 1 -o stars3.model\n  \
    lumenfold fit table.parquet --config fit.toml --json -o table.model > result.json\n  \
    lumenfold fit night1.npy night2.npy --memory 2GB -o nights.model\n  \
    lumenfold fit spectra.npz --axes energy_meV -o spectra.model\n  \
    lumenfold fit digits.npy --shape 28x28 --axes y,x -o digits.model\n  \
    lumenfold fit maps.npz --patch 32x64 --scale anscombe --latent 16 -o maps.model\n  \
    lumenfold fit sensors.csv --for anomalies -o sensors.model\n  \
    lumenfold fit counts.npz --kind denoising --noise split:0.8 --for denoising -o spectra.model\n  \
    lumenfold fit stars.csv -o stars.model --resume\n\n\
    A configuration file holds options without their dashes, for example:\n  \
    columns = [\"u\", \"g\", \"r\", \"i\", \"z\"]\n  \
    latent = 2\n  \
    learning-rate = 0.01"
)]
pub(crate) struct Fit {
    #[command(flatten)]
    gathering: Gathering,
    /// The model file to write.
    #[arg(long, short)]
    output: PathBuf,
    /// Print one JSON object about the fit on standard output.
    #[arg(long)]
    json: bool,
    /// A TOML file with any of the options below; the command line overrides it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Time or epochs between checkpoints (30s, 5m, 2h, 100epochs), or none.
    #[arg(long, value_name = "INTERVAL", default_value = "5m")]
    checkpoint: String,
    /// Go on from the checkpoint beside the model, as if the fit had never been interrupted.
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    choices: Choices,
}

pub(crate) fn run(verb: Fit, printer: &Printer) -> Result<(), Failure> {
    let choices = match &verb.config {
        Some(path) => verb.choices.clone().or(config::read(path)?),
        None => verb.choices.clone(),
    };
    let settings = choices.settings(verb.threads.count())?;
    let detector = choices.detector()?;
    if detector.is_some() && verb.resume {
        return Err(Failure::usage("--resume: a fit for anomalies keeps no checkpoints; start it anew"));
    }
    let denoiser = choices.denoiser();
    if denoiser.is_some() && verb.resume {
        return Err(Failure::usage("--resume: a fit for denoising keeps no checkpoints; start it anew"));
    }
    let inputs = verb.gathering.inputs();
    inputs::output_file(&verb.output, &inputs)?;
    let checkpointing = verb.checkpointing(&inputs)?;
    let path = Checkpointing::path_for(&verb.output);
    let resumed = if verb.resume { Some(Checkpoint::load(&path)?) } else { None };
    let opened = verb.gathering.open(&choices, &verb.output, verb.threads, printer)?;
    let settings = choices.for_axes(settings, opened.axes());
    if let Some(options) = detector {
        return detector::run(&verb, &choices, &options, opened, &settings, printer);
    }
    if let Some(options) = denoiser {
        return denoiser::run(&verb, &options, opened, &settings, printer);
    }
    if let Some(checkpoint) = &resumed {
        checkpoint.check_settings(&settings)?;
    }
    let samples = opened.gather(|_| settings.clone())?;
    if !verb.resume && checkpointing.is_some() && path.exists() {
        let path = path.display();
        printer
            .warn(format!("{path}: is the checkpoint of an earlier fit; this one starts anew, --resume would go on"));
    }

    let course = Course { memory: verb.gathering.memory, checkpointing, resumed };
    let trained = course.run((&samples).into(), &settings, printer)?;
    let model = &trained.model;
    model.save(&verb.output)?;
    if model.record.stopped != Stopped::Interrupted
        && let Err(error) = Checkpointing::remove(&path)
    {
        printer.warn(format!("{}: the checkpoint is no longer needed, but cannot be removed: {error}", path.display()));
    }
    tell(model, printer);
    if verb.json {
        return printer.object(&outcome::json(&trained, &verb.output));
    }
    let file = words::shell_path(&verb.output);
    let data = verb.gathering.data.iter().map(words::shell_path).collect::<Vec<_>>().join(" ");
    printer.say(format!("wrote {}", verb.output.display()));
    if model.record.patches.is_some() {
        printer.say(format!("next: lumenfold reconstruct {file} {data} -o reconstructed.npz"));
        return Ok(());
    }
    printer.say(format!("next: lumenfold encode {file} {data} -o latent.csv"));
    if model.record.evidence.is_some() {
        printer.say(format!("      lumenfold sample {file} -o drawn.csv"));
    }
    printer.say(format!("      lumenfold report {file} {data} -o report.html"));
    Ok(())
}

impl Fit {
    /// Where and when checkpoints are written, if at all.
    fn checkpointing(&self, inputs: &[&Path]) -> Result<Option<Checkpointing>, Failure> {
        let every = match self.checkpoint.as_str() {
            "none" => None,
            text => Some(text.parse::<Every>().map_err(|error| Failure::usage(format!("--checkpoint: {error}")))?),
        };
        // A device or pipe has no room beside it.
        let special = std::fs::metadata(&self.output).is_ok_and(|about| !about.is_file());
        let path = Checkpointing::path_for(&self.output);
        if every.is_some() || self.resume {
            inputs::refuse_input(&path, inputs)?;
        }
        Ok(every.filter(|_| !special).map(|every| Checkpointing { path, every }))
    }
}
