//! `decode`: latent coordinates to samples.

use clap::Args;
use lumenfold::passage::Way;

use crate::failure::Failure;
use crate::images::Windows;
use crate::passage::Through;
use crate::printer::Printer;

/// Write the samples that latent coordinates stand for, in the units of the data.
///
/// The table has the columns z1, z2, …, as `encode` writes them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lumenfold decode stars.model latent.csv -o magnitudes.csv")]
pub(crate) struct Decode {
    #[command(flatten)]
    through: Through,
}

pub(crate) fn run(verb: Decode, printer: &Printer) -> Result<(), Failure> {
    verb.through.run(Way::Decode, false, &Windows::default(), printer)
}
