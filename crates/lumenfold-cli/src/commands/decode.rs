//! `decode`: latent coordinates to samples.

use clap::Args;

use crate::failure::Failure;
use crate::inputs::{self, Passage};
use crate::printer::Printer;

/// Write the samples that latent coordinates stand for, in the units of the data.
///
/// The table has the columns z1, z2, …, as `encode` writes them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lumenfold decode stars.model latent.csv -o magnitudes.csv")]
pub(crate) struct Decode {
    #[command(flatten)]
    passage: Passage,
}

pub(crate) fn run(verb: Decode, printer: &Printer) -> Result<(), Failure> {
    let decode = |model: &lumenfold::Model, prepared: &inputs::Prepared, threads| {
        let latent: Vec<f32> = prepared.dataset.values.iter().map(|value| *value as f32).collect();
        let values = model.autoencoder.decode(&latent, threads)?;
        Ok(inputs::features(model, &prepared.dataset.used_rows, prepared.table.rows(), &values))
    };
    let names = |model: &lumenfold::Model| model.autoencoder.latent_names();
    verb.passage.run("latent coordinates", names, decode, printer)
}
