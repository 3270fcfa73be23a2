//! `decode`: latent coordinates to samples.

use clap::Args;
use lumenfold::Error;

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
        let codes = &prepared.dataset;
        let latent: Vec<f32> = codes.values.iter().map(|value| *value as f32).collect();
        let values = model.autoencoder.decode(&latent, threads).map_err(|error| match error {
            Error::Overflow { row, .. } => {
                Error::Overflow { path: codes.source.clone(), row: codes.used_rows[row as usize - 1] + 1 }
            }
            other => other,
        })?;
        Ok(inputs::features(model, &prepared.dataset.used_rows, prepared.table.rows(), &values))
    };
    let names = |model: &lumenfold::Model| model.autoencoder.latent_names();
    verb.passage.run("latent coordinates", names, decode, printer)
}
