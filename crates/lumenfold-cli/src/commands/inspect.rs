//! `inspect`: what is in a model or a data file.

mod model;
mod table;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use lumenfold::Model;
use lumenfold::data::Source;

use crate::failure::Failure;
use crate::inputs;
use crate::printer::Printer;
use crate::words;

/// Print what is in a model or a data file.
///
/// For a model: architecture, features and scaling, training record, held-out errors beside PCA. For data: the columns
/// with their types, ranges and missing values.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lumenfold inspect stars.model\n  lumenfold inspect stars.csv.gz")]
pub(crate) struct Inspect {
    /// A model or a table.
    file: PathBuf,
    /// Print the model's whole document as JSON.
    #[arg(long)]
    json: bool,
    /// The table's format, if neither content nor name tells it: csv, tsv, parquet, npy, npz.
    #[arg(long, value_name = "FORMAT")]
    format: Option<lumenfold::data::Format>,
}

pub(crate) fn run(verb: Inspect, printer: &Printer) -> Result<(), Failure> {
    if verb.format.is_none() && (verb.json || looks_like_a_model(&verb.file)) {
        let model = Model::load(&verb.file)?;
        let text = if verb.json { model::json(&model)? } else { words::visible(&model::describe(&verb.file, &model)) };
        return printer.data(text);
    }
    let source = Source::from(verb.file);
    let table = inputs::read(&source, None, verb.format, printer)?;
    printer.data(words::visible(&table::describe(&table)))
}

/// A safetensors file begins with the length of its header and the header's brace.
fn looks_like_a_model(path: &Path) -> bool {
    let mut head = [0; 9];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && head[8] == b'{' && head[5..8] == [0; 3]
}
