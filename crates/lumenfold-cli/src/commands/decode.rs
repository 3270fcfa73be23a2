//! `decode`: latent coordinates to samples.

use std::path::PathBuf;

use clap::Args;
use lumenfold::Model;
use lumenfold::data::Source;

use crate::failure::Failure;
use crate::inputs::{self, Reading, Threads};
use crate::printer::Printer;

/// Write the samples that latent coordinates stand for, in the units of the data.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lumenfold decode stars.model latent.csv -o magnitudes.csv")]
pub(crate) struct Decode {
    /// A model made by `lumenfold fit`.
    model: PathBuf,
    /// A table with the columns z1, z2, …; `-` for standard input.
    latent: PathBuf,
    /// Where to write: .csv .tsv (also .gz .zst) .parquet .npy .npz, or `-` for CSV on standard output.
    #[arg(long, short)]
    output: PathBuf,
    /// Columns to copy to the output.
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    keep: Vec<String>,
    /// The columns that hold the latent coordinates, in order, where they are not called z1, z2, ….
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    columns: Option<Vec<String>>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    threads: Threads,
}

pub(crate) fn run(verb: Decode, printer: &Printer) -> Result<(), Failure> {
    let model = Model::load(&verb.model)?;
    let target = inputs::output(verb.output)?;
    let source = Source::from(verb.latent);
    let names = model.autoencoder.latent_names();
    let what = "latent coordinates";
    let prepared =
        inputs::read_columns(&names, what, &source, verb.columns, verb.keep.clone(), &verb.reading, printer)?;
    let latent: Vec<f32> = prepared.dataset.values.iter().map(|value| *value as f32).collect();
    let values = model.autoencoder.decode(&latent, verb.threads.count())?;
    let mut columns = inputs::features(&model, &prepared.dataset.used_rows, prepared.table.rows(), &values);
    columns.extend(inputs::kept(&prepared.table, &verb.keep)?);
    inputs::write(&source, columns, &target, printer)
}
