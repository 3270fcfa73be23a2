//! The command line. Each verb's options stand in the verb's own file.

use clap::{Parser, Subcommand};

use crate::commands;

/// Learn low-dimensional representations of physical data with autoencoders, and put them to work.
///
/// An encoder maps each sample (a row of a table) to a few latent coordinates, a decoder maps them back; the
/// reconstruction error trains both. Every fit is judged on held-out rows, in the units of the data, beside PCA with as
/// many components.
#[derive(Debug, Parser)]
#[command(
    name = "lumenfold",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Begin with:\n  \
        lumenfold demo                                              no data needed\n  \
        lumenfold inspect stars.csv                                 what is in a file\n  \
        lumenfold fit stars.csv --columns u,g,r,i,z -o stars.model  train\n  \
        lumenfold sweep stars.csv --columns u,g,r,i,z -o sweep.svg  how many latents are enough\n  \
        lumenfold encode stars.model stars.csv -o latent.csv        latent coordinates\n  \
        lumenfold report stars.model stars.csv -o report.html       look at what was learnt"
)]
pub(crate) struct Arguments {
    /// Print errors and warnings only.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Demo(commands::demo::Demo),
    Fit(Box<commands::fit::Fit>),
    Sweep(Box<commands::sweep::Sweep>),
    Encode(commands::encode::Encode),
    Decode(commands::decode::Decode),
    Reconstruct(commands::reconstruct::Reconstruct),
    Denoise(Box<commands::denoise::Denoise>),
    Score(commands::score::Score),
    Sample(commands::sample::Sample),
    Inspect(Box<commands::inspect::Inspect>),
    Report(commands::report::Report),
    Traverse(Box<commands::traverse::Traverse>),
    Explain(Box<commands::explain::Explain>),
    Probe(commands::probe::Probe),
    Convert(commands::convert::Convert),
    Data(commands::data::Data),
    Completions(commands::completions::Completions),
    Man(commands::man::Man),
}
