//! `sweep`: which latent dimension the data need, and whether what is learnt is stable.

mod outcome;
mod outputs;
mod progress;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use lumenfold::Settings;
use lumenfold::data::Feature;
use lumenfold::sweep::{SweepOptions, sweep};

use crate::commands::fit::warn_of_skipped;
use crate::config::{self, Choices};
use crate::failure::Failure;
use crate::gathering::Gathering;
use crate::inputs::Threads;
use crate::interruption;
use crate::latents::Latents;
use crate::printer::Printer;
use crate::words;
use outputs::Outputs;
use progress::Told;

/// Fit several latent dimensions with several seeds, and tell which dimension is enough.
///
/// For each dimension: held-out errors of every seed beside PCA with as many components, the components that PCA needs for
/// the same error, and whether the codes of different seeds agree up to an affine map (stability). A dimension is suggested:
/// the smallest for which no larger one explains more by more than --tolerance, and by more than it would of noise
/// without structure, within one standard error. Beside it stands the intrinsic dimension of the held-out rows, as two estimators tell it from the distances between them.
///
/// All fits hold out the same rows, so that differences are the network's: the split has one seed (--split-seed, by default
/// that of --seed); initial weights and the order of rows have the seeds SEED, SEED + 1, …. Each fit is that of
/// `lumenfold fit` with --latent, --seed and --split-seed of these values, bit for bit.
///
/// Ctrl-C ends the sweep; what is complete is told and written.
#[derive(Debug, Args)]
#[command(
    allow_negative_numbers = true,
    mut_arg("latent", |latent| latent
        .help("Latent dimensions: 1..6 (both ends belong to it), 1,2,4,8 or both [default: 1 to 8, fewer than features]")
        .value_name("N,…")),
    mut_arg("seed", |seed| seed.help("Seed of everything random: the first of --seeds [default: 0]")),
    after_help = "Examples:\n  \
    lumenfold sweep stars.csv --columns u,g,r,i,z -o sweep.csv\n  \
    lumenfold sweep spectra.npy --latent 1..4,8,16 --seeds 5 -o sweep.svg -o sweep.parquet\n  \
    lumenfold sweep stars.csv --config fit.toml --json -o sweep.html --keep-models models > sweep.json"
)]
pub(crate) struct Sweep {
    #[command(flatten)]
    gathering: Gathering,
    /// What to write, by its ending: a table with a row for each fit (.csv .tsv .parquet .arrow .fits .h5 .vot .npy .npz; `-` for
    /// CSV on standard output) or a figure (.svg .html). It can be given several times.
    #[arg(long, short, required = true)]
    output: Vec<PathBuf>,
    /// Fits of each dimension, with as many seeds.
    #[arg(long, value_name = "N", default_value_t = 3)]
    seeds: usize,
    /// Share of the held-out variance that is not worth a further latent.
    #[arg(long, value_name = "SHARE", default_value_t = 0.01)]
    tolerance: f64,
    /// Save every model in this directory, as latent-2-seed-0.model.
    #[arg(long, value_name = "DIRECTORY")]
    keep_models: Option<PathBuf>,
    /// Print one JSON object about the sweep on standard output.
    #[arg(long)]
    json: bool,
    /// A TOML file with any of the options below; the command line overrides it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    choices: Choices,
}

pub(crate) fn run(verb: Sweep, printer: &Printer) -> Result<(), Failure> {
    let mut choices = match &verb.config {
        Some(path) => verb.choices.clone().or(config::read(path)?),
        None => verb.choices.clone(),
    };
    let latents = choices.latent.take().map(|latents| latents.all().to_vec()).unwrap_or_default();
    let largest = latents.last().copied();
    choices.latent = latents.first().copied().map(Latents::from);
    // What does not depend on the data is refused before they are read.
    let settings = choices.settings(verb.threads.count())?;
    let outputs = Outputs::check(&verb.output, &verb.gathering.inputs(), verb.json)?;
    if let Some(directory) = &verb.keep_models {
        outputs::make_directory(directory)?;
    }
    let first = verb.output.first().map_or(Path::new("-"), PathBuf::as_path);
    let opened = verb.gathering.open(&choices, first, verb.threads, printer)?;
    let settings = choices.for_axes(settings, opened.axes());
    let widest = |features: &[Feature]| {
        let by_default = || SweepOptions::default_latents(features.len(), &settings).last().copied();
        Settings { latent: largest.or_else(by_default).unwrap_or(1), ..settings.clone() }
    };
    let samples = opened.gather(widest)?;
    let options = SweepOptions { latents, seeds: verb.seeds, tolerance: verb.tolerance, memory: verb.gathering.memory };

    let stop = interruption::flag().unwrap_or_else(|error| {
        printer.warn(format!("Ctrl-C will end the sweep without its outputs: {error}"));
        Arc::new(AtomicBool::new(false))
    });
    warn_of_skipped((&samples).into(), printer);
    let mut told = Told::new(printer, (&samples).into(), verb.keep_models.as_deref());
    let result = sweep(&samples, &settings, &options, &stop, &mut told);
    told.finish();
    let found = result?;
    let fits = found.dimensions.iter().map(|dimension| dimension.runs.len()).sum::<usize>();
    if found.interrupted {
        if fits == 0 {
            return Err(Failure::failed("interrupted before the first fit had ended: there is nothing to write"));
        }
        let fits = words::counted(fits, "fit");
        printer.warn(format!("interrupted after {fits}: what follows is of these"));
    }
    outcome::tell(&found, printer);
    outputs.write(&found, printer)?;
    if verb.json {
        return printer.object(&outcome::json(&found, &verb.output));
    }
    if let (Some(directory), Some(chosen)) = (&verb.keep_models, found.suggested()) {
        let model = words::shell_path(directory.join(progress::file_name(chosen.best())));
        let data = verb.gathering.data.iter().map(words::shell_path).collect::<Vec<_>>().join(" ");
        printer.say(format!("next: lumenfold report {model} {data} -o report.html"));
    }
    Ok(())
}
