//! `reconstruct`: rows through encoder and decoder.

use clap::Args;
use lumenfold::passage::Way;

use crate::failure::Failure;
use crate::images::Windows;
use crate::passage::Through;
use crate::printer::Printer;

/// Write every row as the model reconstructs it, in the units of the data.
///
/// Rows keep their order and their number.
///
/// A patch model reconstructs images of any size, a patch at least: window by window, with overlap, blended without seams.
/// Of an image, a slab is in memory at a time.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lumenfold reconstruct stars.model stars.csv -o smooth.parquet --keep class\n  \
    lumenfold reconstruct stars.model gaps.csv --missing mask --impute -o whole.csv\n  \
    lumenfold reconstruct maps.model big.npz --overlap 24x24 -o smooth.npz")]
pub(crate) struct Reconstruct {
    /// Leave values as they are and write reconstructions only where values are missing; with --missing mask.
    #[arg(long)]
    impute: bool,
    #[command(flatten)]
    windows: Windows,
    #[command(flatten)]
    through: Through,
}

pub(crate) fn run(verb: Reconstruct, printer: &Printer) -> Result<(), Failure> {
    if verb.impute && !verb.through.masks() {
        return Err(Failure::usage("--impute: fills in what is missing; give --missing mask with it"));
    }
    verb.through.run(Way::Reconstruct, verb.impute, &verb.windows, printer)
}
