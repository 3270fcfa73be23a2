//! `data`: data made from physics.

mod phonons;

use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::printer::Printer;

/// Make data from physics: for trying things out, for tests, and for measuring speed.
///
/// The data are made up, not observed; what made them is written beside them. The same seed gives the same data.
#[derive(Debug, Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Example:\n  lumenfold data phonons --kind map --crystals 2000 -o maps.npz"
)]
pub(crate) struct Data {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    Phonons(Box<phonons::Phonons>),
}

pub(crate) fn run(verb: Data, printer: &Printer) -> Result<(), Failure> {
    match verb.source {
        Source::Phonons(verb) => phonons::run(*verb, printer),
    }
}
