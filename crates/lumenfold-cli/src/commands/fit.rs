//! `fit`: train an autoencoder on a table.

mod course;
mod outcome;

pub(crate) use course::{Course, Trained};
pub(crate) use outcome::{ordered, tell};

use std::path::{Path, PathBuf};

use clap::Args;
use lumenfold::data::{BlockOptions, BlockReader, DatasetOptions, Samples, check_writable};
use lumenfold::fit::{Checkpoint, Checkpointing, Every, memory};
use lumenfold::record::Stopped;
use lumenfold::{Error, Settings};

use crate::config::{self, Choices};
use crate::failure::Failure;
use crate::inputs::{self, Reading, Threads};
use crate::printer::Printer;
use crate::{sizes, words};

/// Train an autoencoder on a table and write the model.
///
/// A fifth of the rows is held out; the weights of the epoch with the lowest held-out error are kept. The same data,
/// settings and seed give the same file, bit for bit, whatever the threads, the processor and the memory.
///
/// Data that do not fit in memory are learnt from all the same: they go to temporary files without a name, and the
/// training reads them window by window.
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
    lumenfold fit stars.csv -o stars.model --resume\n\n\
    A configuration file holds options without their dashes, for example:\n  \
    columns = [\"u\", \"g\", \"r\", \"i\", \"z\"]\n  \
    latent = 2\n  \
    learning-rate = 0.01"
)]
pub(crate) struct Fit {
    /// The data: CSV, TSV (also compressed), Parquet, NPY or NPZ; `-` for standard input. Several files are one table.
    #[arg(required = true)]
    data: Vec<PathBuf>,
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
    /// Memory that the fit may take (500MB, 2GiB) [default: half of what is available]. The result does not depend on it.
    #[arg(long, value_name = "SIZE", value_parser = sizes::bytes)]
    memory: Option<u64>,
    /// The directory of temporary files for data that do not fit in memory [default: that of the model].
    #[arg(long, value_name = "DIRECTORY")]
    scratch: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
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
    let inputs: Vec<&Path> = verb.data.iter().map(PathBuf::as_path).collect();
    inputs::output_file(&verb.output, &inputs)?;
    let checkpointing = verb.checkpointing(&inputs)?;
    let path = Checkpointing::path_for(&verb.output);
    let resumed = if verb.resume { Some(Checkpoint::load(&path)?) } else { None };
    if let Some(checkpoint) = &resumed {
        checkpoint.check_settings(&settings)?;
    }
    let samples = verb.gather(choices.columns, choices.errors, &settings, printer)?;
    if !verb.resume && checkpointing.is_some() && path.exists() {
        let path = path.display();
        printer
            .warn(format!("{path}: is the checkpoint of an earlier fit; this one starts anew, --resume would go on"));
    }

    let course = Course { memory: verb.memory, checkpointing, resumed };
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
        return printer.data(outcome::json(&trained, &verb.output)?);
    }
    let file = words::shell_path(&verb.output);
    let data = verb.data.iter().map(words::shell_path).collect::<Vec<_>>().join(" ");
    printer.say(format!("wrote {}", verb.output.display()));
    printer.say(format!("next: lumenfold encode {file} {data} -o latent.csv"));
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

    /// The directory of temporary files.
    fn scratch_directory(&self) -> PathBuf {
        let special = std::fs::metadata(&self.output).is_ok_and(|about| !about.is_file());
        match (&self.scratch, self.output.parent()) {
            (Some(directory), _) => directory.clone(),
            (None, Some(parent)) if !special && !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        }
    }

    /// Reads the data, as much of them into memory as the limit allows.
    fn gather(
        &self,
        columns: Option<Vec<String>>,
        errors: Option<Vec<String>>,
        settings: &Settings,
        printer: &Printer,
    ) -> Result<Samples, Failure> {
        let read = columns.clone().map(|columns| columns.into_iter().chain(errors.iter().flatten().cloned()).collect());
        let directory = self.scratch_directory();
        if self.scratch.is_some() {
            check_writable(&directory.join("scratch"))?;
        }
        let standard = BlockOptions::default();
        let options = BlockOptions {
            columns: read,
            numbers: columns.iter().chain(&errors).flatten().cloned().collect(),
            format: self.reading.format,
            memory_limit: self.memory.unwrap_or(standard.memory_limit),
            threads: Some(settings.threads),
            temporary_directory: Some(directory.clone()),
            ..standard
        };
        let sources = inputs::sources(self.data.clone())?;
        let mut reader = BlockReader::open(&sources, &options)?;
        for note in reader.notes() {
            printer.warn(note);
        }
        let options = DatasetOptions { columns, errors, keep: Vec::new(), missing: self.reading.missing.into() };
        let samples = Samples::gather(&mut reader, &options, &directory, |features| {
            match (self.memory, memory::available()) {
                (Some(limit), _) => memory::rows_within(limit, features.len(), settings),
                // Where even a window is too much, the network will be refused with the numbers.
                (None, Some(available)) => match memory::rows_within(available / 2, features.len(), settings) {
                    Err(Error::MemoryTooSmall { .. }) => Ok(0),
                    answer => answer,
                },
                (None, None) => Ok(usize::MAX),
            }
        })?;
        Ok(samples)
    }
}
