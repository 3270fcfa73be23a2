//! `data`: data made from physics, or downloaded.

mod fetch;
mod network;
mod partial;
mod phonons;
mod progress;
mod sdss;

use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::printer::Printer;

/// Make data from physics, or download those of others.
///
/// `phonons` makes spectra: made up, not observed, and what made them is written beside them; the same seed gives the same data.
/// `sdss` downloads stars, galaxies and quasars from SkyServer, `fetch` any file, with its checksum.
#[derive(Debug, Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Examples:\n  \
    lumenfold data phonons --kind map --crystals 2000 -o maps.npz\n  \
    lumenfold data sdss -o stars.csv\n  \
    lumenfold data fetch https://example.org/spectra.fits -o spectra.fits --sha256 9f86…"
)]
pub(crate) struct Data {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    Phonons(Box<phonons::Phonons>),
    Sdss(Box<sdss::Sdss>),
    Fetch(fetch::Fetch),
}

pub(crate) fn run(verb: Data, printer: &Printer) -> Result<(), Failure> {
    match verb.source {
        Source::Phonons(verb) => phonons::run(*verb, printer),
        Source::Sdss(verb) => sdss::run(*verb, printer),
        Source::Fetch(verb) => fetch::run(verb, printer),
    }
}
