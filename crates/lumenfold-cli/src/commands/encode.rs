//! `encode`: rows to latent coordinates.

use std::path::PathBuf;

use clap::Args;
use lumenfold::Model;
use lumenfold::data::{Column, Source};

use crate::failure::Failure;
use crate::inputs::{self, Reading, Threads};
use crate::printer::Printer;

/// Write the latent coordinates z1, z2, … of every row.
///
/// Rows keep their order and their number. The features are looked up by name.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lumenfold encode stars.model stars.csv -o latent.csv --keep redshift,class\n  \
    zcat more.csv.gz | lumenfold encode stars.model - -o - > latent.csv")]
pub(crate) struct Encode {
    /// A model made by `lumenfold fit`.
    model: PathBuf,
    /// The data; `-` for standard input.
    data: PathBuf,
    /// Where to write: .csv .tsv (also .gz .zst) .parquet .npy .npz, or `-` for CSV on standard output.
    #[arg(long, short)]
    output: PathBuf,
    /// Columns to copy to the output, beside the latent coordinates.
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

pub(crate) fn run(verb: Encode, printer: &Printer) -> Result<(), Failure> {
    let model = Model::load(&verb.model)?;
    let target = inputs::output(verb.output)?;
    let source = Source::from(verb.data);
    let prepared = inputs::read_for_model(&model, &source, verb.columns, verb.keep.clone(), &verb.reading, printer)?;
    let latent = model.autoencoder.encode(&prepared.dataset, verb.threads.count())?;
    let names = model.autoencoder.latent_names();
    let rows = prepared.table.rows();
    let mut columns: Vec<Column> = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            Column::new(name.clone(), inputs::spread(&prepared.dataset, rows, names.len(), index, &latent))
        })
        .collect();
    columns.extend(inputs::kept(&prepared.table, &verb.keep)?);
    inputs::write(&source, columns, &target, printer)
}
