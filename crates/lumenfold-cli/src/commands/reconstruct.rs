//! `reconstruct`: rows through encoder and decoder.

use clap::Args;

use crate::failure::Failure;
use crate::inputs::{self, Passage};
use crate::printer::Printer;

/// Write every row as the model reconstructs it, in the units of the data.
///
/// Rows keep their order and their number.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lumenfold reconstruct stars.model stars.csv -o smooth.parquet --keep class")]
pub(crate) struct Reconstruct {
    #[command(flatten)]
    passage: Passage,
}

pub(crate) fn run(verb: Reconstruct, printer: &Printer) -> Result<(), Failure> {
    let reconstruct = |model: &lumenfold::Model, prepared: &inputs::Prepared, threads| {
        let values = model.autoencoder.reconstruct(&prepared.dataset, threads)?;
        Ok(inputs::features(model, &prepared.dataset.used_rows, prepared.table.rows(), &values))
    };
    verb.passage.run("features", inputs::feature_names, reconstruct, printer)
}
