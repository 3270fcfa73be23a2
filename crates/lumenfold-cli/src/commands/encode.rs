//! `encode`: rows to latent coordinates.

use clap::Args;
use lumenfold::data::Column;

use crate::failure::Failure;
use crate::inputs::{self, Passage};
use crate::printer::Printer;

/// Write the latent coordinates z1, z2, … of every row.
///
/// Rows keep their order and their number. The features are looked up by name.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lumenfold encode stars.model stars.csv -o latent.csv --keep redshift,class\n  \
    zcat more.csv.gz | lumenfold encode stars.model - -o - > latent.csv")]
pub(crate) struct Encode {
    #[command(flatten)]
    passage: Passage,
}

pub(crate) fn run(verb: Encode, printer: &Printer) -> Result<(), Failure> {
    let encode = |model: &lumenfold::Model, prepared: &inputs::Prepared, threads| {
        let latent = model.autoencoder.encode(&prepared.dataset, threads)?;
        let names = model.autoencoder.latent_names();
        let (rows, width) = (prepared.table.rows(), names.len());
        let coordinate = |index| inputs::spread(&prepared.dataset, rows, width, index, &latent);
        Ok(names.into_iter().enumerate().map(|(index, name)| Column::new(name, coordinate(index))).collect())
    };
    verb.passage.run("features", inputs::feature_names, encode, printer)
}
