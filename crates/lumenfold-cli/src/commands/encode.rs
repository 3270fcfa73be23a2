//! `encode`: rows to latent coordinates.

use clap::Args;
use lumenfold::passage::Way;

use crate::failure::Failure;
use crate::images::Windows;
use crate::passage::Through;
use crate::printer::Printer;

/// Write the latent coordinates z1, z2, … of every row.
///
/// Rows keep their order and their number. The features are looked up by name.
///
/// Of images, a patch model gives the code of every window that `reconstruct` would lay over them, with the place of its
/// middle on each axis.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lumenfold encode stars.model stars.csv -o latent.csv --keep redshift,class\n  \
    lumenfold encode stars.model north.parquet south.parquet -o latent.parquet --memory 500MB\n  \
    zcat more.csv.gz | lumenfold encode stars.model - -o - > latent.csv")]
pub(crate) struct Encode {
    #[command(flatten)]
    windows: Windows,
    #[command(flatten)]
    through: Through,
}

pub(crate) fn run(verb: Encode, printer: &Printer) -> Result<(), Failure> {
    verb.through.run(Way::Encode, false, &verb.windows, printer)
}
