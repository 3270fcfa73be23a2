//! `sample`: new samples from a variational autoencoder.

use std::path::PathBuf;

use clap::Args;
use lumenfold::{Model, Sampler};

use crate::failure::Failure;
use crate::inputs::{self, Threads};
use crate::outlet::write_blocks;
use crate::printer::Printer;

/// The most samples that can be asked for.
const MOST: u64 = 1_000_000_000;

/// Draw new samples from a variational autoencoder, in the units of the data.
///
/// Codes are drawn from the standard normal distribution and decoded; then each value is drawn from the likelihood about
/// its reconstruction, unless --mean is given. The same seed gives the same samples, and the first of many are the same as
/// those of fewer.
#[derive(Debug, Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "Examples:\n  \
    lumenfold sample stars.model --rows 1000 -o drawn.csv\n  \
    lumenfold sample digits.model --rows 64 --mean --seed 1 -o drawn.npy"
)]
pub(crate) struct Sample {
    /// A model made by `lumenfold fit --kind variational`.
    model: PathBuf,
    /// Samples to draw.
    #[arg(long, short = 'n', value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=MOST))]
    rows: u64,
    /// Where to write: .csv .tsv (also .gz .zst) .parquet .arrow .fits .h5 .vot .npy .npz, or `-` for CSV on
    /// standard output.
    #[arg(long, short)]
    output: PathBuf,
    /// Write the reconstructions of the drawn codes, without the noise of the likelihood.
    #[arg(long)]
    mean: bool,
    /// Seed of the draws.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    threads: Threads,
}

pub(crate) fn run(verb: Sample, printer: &Printer) -> Result<(), Failure> {
    let model = Model::load(&verb.model)?;
    let sampler = Sampler::new(&model, verb.seed, !verb.mean)
        .map_err(|error| Failure::usage(format!("{}: {error}", verb.model.display())))?;
    let target = inputs::output(verb.output, [&verb.model])?;
    let threads = verb.threads.count();
    write_blocks(&target, printer, |give| {
        let block = Sampler::BLOCK as u64;
        for number in 0..verb.rows.div_ceil(block) {
            let samples = (verb.rows - number * block).min(block) as usize;
            give(sampler.block(number, samples, threads)?)?;
        }
        Ok(())
    })
}
