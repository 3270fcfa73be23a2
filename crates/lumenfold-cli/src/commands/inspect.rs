//! `inspect`: what is in a model or a table.

mod model;
mod survey;
mod table;

use std::path::PathBuf;

use clap::Args;
use lumenfold::Model;
use lumenfold::data::BlockOptions;

use crate::failure::Failure;
use crate::inputs;
use crate::memory::Memory;
use crate::printer::Printer;
use crate::words;
use survey::Survey;

/// Print what is in a model or a data file.
///
/// For a model: architecture, features and scaling, training record, held-out errors beside PCA. For data: the columns
/// with their types, ranges and missing values.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lumenfold inspect stars.model\n  \
    lumenfold inspect stars.csv.gz\n  \
    lumenfold inspect night1.parquet night2.parquet --json")]
pub(crate) struct Inspect {
    /// A model or a table. Several files with the same columns are one table.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON: the model's whole document, or the table's columns and first rows.
    #[arg(long)]
    json: bool,
    /// The table's format, if neither content nor name tells it: csv, tsv, parquet, npy, npz.
    #[arg(long, value_name = "FORMAT")]
    format: Option<lumenfold::data::Format>,
    #[command(flatten)]
    memory: Memory,
}

pub(crate) fn run(verb: Inspect, printer: &Printer) -> Result<(), Failure> {
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
