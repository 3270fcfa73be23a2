//! `reconstruct`: rows through encoder and decoder.

use clap::Args;
use lumenfold::passage::Way;

use crate::failure::Failure;
use crate::passage::Through;
use crate::printer::Printer;

/// Write every row as the model reconstructs it, in the units of the data.
///
/// Rows keep their order and their number.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lumenfold reconstruct stars.model stars.csv -o smooth.parquet --keep class")]
pub(crate) struct Reconstruct {
    #[command(flatten)]
    through: Through,
}

pub(crate) fn run(verb: Reconstruct, printer: &Printer) -> Result<(), Failure> {
    verb.through.run(Way::Reconstruct, printer)
}
