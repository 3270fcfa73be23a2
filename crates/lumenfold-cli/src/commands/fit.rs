//! `fit`: train an autoencoder on a table.

mod outcome;

pub(crate) use outcome::tell;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use lumenfold::data::{Dataset, DatasetOptions, Source};
use lumenfold::fit::prepare;
use lumenfold::record::Stopped;
use lumenfold::{Model, Settings};

use crate::config::{self, Choices};
use crate::failure::Failure;
use crate::inputs::{self, Reading, Threads};
use crate::printer::Printer;
use crate::progress::FitProgress;
use crate::words;

/// Train an autoencoder on a table and write the model.
///
/// A fifth of the rows is held out; the weights of the epoch with the lowest held-out error are kept. The same data,
/// settings and seed give the same file, bit for bit, whatever the threads and the processor. Ctrl-C ends the fit with
/// the best weights so far.
#[derive(Debug, Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "Examples:\n  \
    lumenfold fit stars.csv --columns u,g,r,i,z -o stars.model\n  \
    lumenfold fit stars.csv.gz --columns u,g,r,i,z --latent 3 --hidden 64,64 --seed 1 -o stars3.model\n  \
    lumenfold fit table.parquet --config fit.toml --json -o table.model > result.json\n\n\
    A configuration file holds options without their dashes, for example:\n  \
    columns = [\"u\", \"g\", \"r\", \"i\", \"z\"]\n  \
    latent = 2\n  \
    learning-rate = 0.01"
)]
pub(crate) struct Fit {
    /// The data: CSV, TSV (also compressed), Parquet, NPY or NPZ; `-` for standard input.
    data: PathBuf,
    /// The model file to write.
    #[arg(long, short)]
    output: PathBuf,
    /// Print one JSON object about the fit on standard output.
    #[arg(long)]
    json: bool,
    /// A TOML file with any of the options below; the command line overrides it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    choices: Choices,
}

pub(crate) fn run(verb: Fit, printer: &Printer) -> Result<(), Failure> {
    let choices = match &verb.config {
        Some(path) => verb.choices.or(config::read(path)?),
        None => verb.choices,
    };
    let settings = choices.settings(verb.threads.count())?;
    inputs::output_file(&verb.output, &[&verb.data])?;
    let source = Source::from(verb.data);
    let options = DatasetOptions { columns: choices.columns, keep: Vec::new(), missing: verb.reading.missing.into() };
    let table = inputs::read(&source, Dataset::columns_to_read(&options), verb.reading.format, printer)?;
    let dataset = Dataset::from_table(table, &options)?;

    let (model, seconds) = train(&dataset, &settings, printer)?;
    model.save(&verb.output)?;
    tell(&model, printer);
    if !verb.json {
        let (file, data) = (
            words::shell(&verb.output),
            if source == Source::Stdin { "-".to_owned() } else { words::shell(source.to_string()) },
        );
        printer.say(format!("wrote {}", verb.output.display()));
        printer.say(format!("next: lumenfold encode {file} {data} -o latent.csv"));
        printer.say(format!("      lumenfold report {file} {data} -o report.html"));
        return Ok(());
    }
    printer.data(outcome::json(&model, &verb.output, seconds)?)
}

/// Runs a fit with progress and Ctrl-C; the seconds that it took.
pub(crate) fn train(dataset: &Dataset, settings: &Settings, printer: &Printer) -> Result<(Model, f64), Failure> {
    // What cannot be fitted is refused before anything else is said.
    let prepared = prepare(dataset, settings)?;
    if dataset.skipped > 0 {
        printer.warn(format!(
            "{}: {} of {} rows lack a value and are left out",
            dataset.source,
            dataset.skipped,
            dataset.skipped + dataset.rows
        ));
    }
    if settings.latent >= dataset.features.len() {
        printer.warn(format!(
            "a latent dimension of {} is no bottleneck for {} {}: the network may learn to copy its input",
            settings.latent,
            dataset.features.len(),
            if dataset.features.len() == 1 { "feature" } else { "features" }
        ));
    }
    outcome::announce(dataset, settings, prepared.network(), printer);
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    // A second Ctrl-C does not wait for the step to end.
    let handler = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    if let Err(error) = handler {
        printer.warn(format!("Ctrl-C will end the fit without a model: {error}"));
    }
    let mut progress = FitProgress::new(printer);
    let result = prepared.train(&stop, |epoch| progress.epoch(epoch));
    let elapsed = progress.finish();
    let model = Model::from(result?);
    if model.record.stopped == Stopped::Interrupted {
        if model.record.best_epoch == 0 {
            return Err(Failure::failed("interrupted before the first epoch had ended: there is no model to write"));
        }
        printer.warn(format!(
            "interrupted after {} of {} epochs; the model has the weights of epoch {}",
            model.record.epochs, model.record.epochs_planned, model.record.best_epoch
        ));
    }
    let rows = model.record.train_rows * model.record.epochs;
    let seconds = elapsed.as_secs_f64();
    printer.say(format!(
        "trained {} epochs in {seconds:.1} s ({}); kept epoch {}",
        model.record.epochs,
        words::rate(rows as f64 / seconds.max(1e-9)),
        model.record.best_epoch
    ));
    Ok((model, seconds))
}
