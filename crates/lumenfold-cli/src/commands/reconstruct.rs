//! `reconstruct`: rows through encoder and decoder.

use std::path::PathBuf;

use clap::Args;
use lumenfold::Model;
use lumenfold::data::Source;

use crate::failure::Failure;
use crate::inputs::{self, Reading, Threads};
use crate::printer::Printer;

/// Write every row as the model reconstructs it, in the units of the data.
///
/// Rows keep their order and their number.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lumenfold reconstruct stars.model stars.csv -o smooth.parquet --keep class")]
pub(crate) struct Reconstruct {
    /// A model made by `lumenfold fit`.
    model: PathBuf,
    /// The data; `-` for standard input.
    data: PathBuf,
    /// Where to write: .csv .tsv (also .gz .zst) .parquet .npy .npz, or `-` for CSV on standard output.
    #[arg(long, short)]
    output: PathBuf,
    /// Columns to copy to the output, beside the features.
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    keep: Vec<String>,
    /// The columns that hold the model's features, in its order, where their names differ.
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    columns: Option<Vec<String>>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    threads: Threads,
}

pub(crate) fn run(verb: Reconstruct, printer: &Printer) -> Result<(), Failure> {
    let model = Model::load(&verb.model)?;
    let target = inputs::output(verb.output)?;
    let source = Source::from(verb.data);
    let prepared = inputs::read_for_model(&model, &source, verb.columns, verb.keep.clone(), &verb.reading, printer)?;
    let values = model.autoencoder.reconstruct(&prepared.dataset, verb.threads.count())?;
    let mut columns = inputs::features(&model, &prepared.dataset.used_rows, prepared.table.rows(), &values);
    columns.extend(inputs::kept(&prepared.table, &verb.keep)?);
    inputs::write(&source, columns, &target, printer)
}
