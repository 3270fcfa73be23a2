//! `inspect`: what is in a model or a table.

mod model;
mod plan;
mod survey;
mod table;

use std::path::PathBuf;

use clap::Args;
use lumenfold::Model;
use lumenfold::data::BlockOptions;

use crate::config::{self, Choices};
use crate::failure::Failure;
use crate::inputs::{self, Threads};
use crate::memory::Memory;
use crate::printer::Printer;
use crate::words;
use plan::{Planned, Subject};
use survey::Survey;

/// Print what is in a model or a data file.
///
/// For a model: architecture, features and scaling, training record, held-out errors beside PCA. For data: the columns
/// with their types, ranges and missing values. With --plan and the options of `fit`: the layers that it would train, with
/// shapes, parameters, multiply-adds and memory, before anything is trained; of data, or of --shape alone.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lumenfold inspect stars.model\n  \
    lumenfold inspect stars.csv.gz\n  \
    lumenfold inspect night1.parquet night2.parquet --json\n  \
    lumenfold inspect maps.npz --plan --net conv --latent 16\n  \
    lumenfold inspect --plan --shape 300x300 --net network.toml --batch 32")]
pub(crate) struct Inspect {
    /// A model or a table. Several files with the same columns are one table.
    #[arg(required_unless_present = "plan", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON: the model's whole document, or the table's columns and first rows.
    #[arg(long)]
    json: bool,
    /// The table's format, if neither content nor name tells it: csv, tsv, parquet, arrow, npy, npz, fits, hdf5, votable,
    /// idx, jcamp, spe.
    #[arg(long, value_name = "FORMAT")]
    format: Option<lumenfold::data::Format>,
    #[command(flatten)]
    memory: Memory,
    /// Print what `fit` would train with the options below.
    #[arg(long)]
    plan: bool,
    /// A TOML file with any of the options below, as for `fit`; with --plan.
    #[arg(long, value_name = "FILE", requires = "plan")]
    config: Option<PathBuf>,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    choices: Choices,
}

pub(crate) fn run(verb: Inspect, printer: &Printer) -> Result<(), Failure> {
    if verb.plan {
        return verb.tell_plan(printer);
    }
    if verb.choices != Choices::default() {
        return Err(Failure::usage("the options of fit belong to --plan; add --plan, or leave them out"));
    }
    if let ([file], None) = (&verb.files[..], verb.format)
        && inputs::looks_like_a_model(file)
    {
        let model = Model::load(file)?;
        if verb.json {
            return printer.document(&model::document(&model));
        }
        return printer.data(words::visible(&model::describe(file, &model)));
    }
    let sources = if verb.format.is_none() {
        inputs::sources(verb.files)?
    } else {
        verb.files.into_iter().map(Into::into).collect()
    };
    let options = BlockOptions {
        format: verb.format,
        block_bytes: verb.memory.block_bytes(1, 0),
        memory_limit: verb.memory.limit(),
        ..BlockOptions::default()
    };
    let mut reader = inputs::open(&sources, &options, printer)?;
    let survey = Survey::of(&mut reader)?;
    if verb.json {
        return printer.document(&table::document(&inputs::name_of(&sources), &survey));
    }
    printer.data(words::visible(&table::describe(&sources, &survey)))
}

impl Inspect {
    /// What a fit would train.
    fn tell_plan(self, printer: &Printer) -> Result<(), Failure> {
        let choices = match &self.config {
            Some(path) => self.choices.clone().or(config::read(path)?),
            None => self.choices.clone(),
        };
        let settings = choices.settings(self.threads.count())?;
        let subject = if self.files.is_empty() {
            let shape = choices.axes()?.shape.map(|shape| shape.0);
            let shape = shape.ok_or_else(|| {
                Failure::usage(
                    "--plan needs the shape of a sample: name a data file, or give --shape, for example 300x300",
                )
            })?;
            Subject { shape, rows: None }
        } else {
            let options = BlockOptions {
                format: self.format,
                columns: choices.columns.clone(),
                memory_limit: self.memory.limit(),
                ..BlockOptions::default()
            };
            let reader = inputs::open(&inputs::sources(self.files)?, &options, printer)?;
            Subject::of(&reader, &choices)?
        };
        let planned = Planned::new(subject, settings)?;
        if self.json {
            return printer.object(&planned.document());
        }
        printer.data(words::visible(&planned.describe()))
    }
}
