//! `demo`: the whole path on made-up data.

mod spectra;
mod stars;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use lumenfold::data::{Column, Dataset, Table, Target, Values, WriteOptions, write_table};
use lumenfold::{Model, Settings};

use crate::failure::Failure;
use crate::inputs::Threads;
use crate::printer::Printer;
use crate::words;

/// Train on synthetic stars, or on synthetic neutron spectra: no data needed.
///
/// Stars: a table of synthetic stars from physics (the stellar locus, giants, white dwarfs, quasars, dust and photometric
/// errors); the network 5-40-40-40-40-2 and its mirror learn their five magnitudes. Spectra: powder maps S(|Q|, E) of
/// made-up cubic crystals, learnt by a convolutional network. Data, model, latent coordinates and report are written.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lumenfold demo --rows 5000 -o somewhere\n  lumenfold demo spectra")]
pub(crate) struct Demo {
    /// What to make and learn.
    #[arg(value_enum, default_value = "stars")]
    subject: Subject,
    /// Samples to make [default: 50,000 stars, 2,000 crystals].
    #[arg(long, value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    rows: Option<u32>,
    /// Seed of the data and of the fit.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The directory to write to.
    #[arg(long, short, default_value = "lumenfold-demo")]
    output: PathBuf,
    #[command(flatten)]
    threads: Threads,
}

/// What a demonstration is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// Five magnitudes of stars.
    Stars,
    /// Neutron spectra of crystals.
    Spectra,
}

pub(crate) fn run(verb: Demo, printer: &Printer) -> Result<(), Failure> {
    std::fs::create_dir_all(&verb.output)
        .map_err(|error| Failure::usage(format!("{}: cannot be made: {error}", verb.output.display())))?;
    match verb.subject {
        Subject::Stars => stars::run(&verb, printer),
        Subject::Spectra => spectra::run(&verb, printer),
    }
}

/// Latent coordinates, with the other columns that are wanted.
fn latent(
    model: &Model,
    dataset: &Dataset,
    settings: &Settings,
    wanted: impl Fn(&str) -> bool,
) -> Result<Table, Failure> {
    let latent = model.autoencoder.encode(dataset, settings.threads)?;
    let names = model.autoencoder.latent_names();
    let mut columns: Vec<Column> = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            Column::new(name.clone(), Values::Float32(latent.chunks(names.len()).map(|row| row[index]).collect()))
        })
        .collect();
    columns.extend(dataset.carried.iter().filter(|column| wanted(&column.name)).cloned());
    Ok(Table::new("latent", columns)?)
}

fn write(table: &Table, path: &Path, printer: &Printer) -> Result<(), Failure> {
    write_table(table, &Target::from(path), &WriteOptions::default())?;
    said(path, &format!("{} rows: {}", words::thousands(table.rows()), words::listed(&table.names())), printer);
    Ok(())
}

fn said(path: &Path, what: &str, printer: &Printer) {
    printer.say(format!("wrote {}: {what}", path.display()));
}
