//! `data phonons`: lattice vibrations of many crystals.

mod outputs;
mod picture;
mod progress;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::{Args, ValueEnum};
use lumenfold::synthetic::phonons::{Collection, Counts};
use serde::Serialize;

use crate::failure::Failure;
use crate::inputs::{self, Threads};
use crate::interruption;
use crate::printer::Printer;
use crate::words;
use outputs::Outputs;
use picture::{Shape, Span, shape, span};

/// The most crystals that can be asked for.
const MOST_CRYSTALS: u64 = 1_000_000_000;

/// Make phonon spectra, powder maps or volumes of many cubic crystals, with or without counting noise.
///
/// Each sample is one crystal: sc, bcc or fcc, with masses and springs to first and second neighbours drawn from ranges of
/// real metals. An .npz file holds the array `intensity`, a sample in each row, with an array for each axis (energy_meV, …)
/// and each parameter of the crystals (mass_u, …); an .npy file holds the intensity alone.
#[derive(Debug, Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "Examples:\n  \
    lumenfold data phonons --kind dos --crystals 5000 -o spectra.npz\n  \
    lumenfold data phonons --kind map --crystals 2000 --shape 100x100 --counts 20 -o noisy.npz --clean clean.npz\n  \
    lumenfold data phonons --kind volume --crystals 500 --shape 48x48x48 -o volumes.npz"
)]
pub(crate) struct Phonons {
    /// What is seen of each crystal.
    #[arg(long, value_enum)]
    kind: Kind,
    /// Crystals to make.
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_CRYSTALS))]
    crystals: u64,
    /// Where to write: .npz or .npy.
    #[arg(long, short)]
    output: PathBuf,
    /// Points of the axes, energy last, as 66, 100x100 or 48x48x48 [default: those, by the kind].
    #[arg(long, value_name = "N[xN…]", value_parser = shape)]
    shape: Option<Shape>,
    /// First and last energy transfer in meV; losses of the neutron are positive [default: 0..65, of maps and volumes 2..65].
    #[arg(long, value_name = "LOW..HIGH", value_parser = span, allow_hyphen_values = true)]
    energy: Option<Span>,
    /// First and last momentum transfer in 1/angstrom: |Q| of a map, Qx and Qy of a volume [default: 0.5..8, of volumes -4..4].
    #[arg(long, value_name = "LOW..HIGH", value_parser = span, allow_hyphen_values = true)]
    momentum: Option<Span>,
    /// Qz of a volume in 1/angstrom [default: 0].
    #[arg(long, value_name = "QZ")]
    qz: Option<f64>,
    /// Temperature of maps and volumes in K [default: 100].
    #[arg(long, value_name = "K")]
    temperature: Option<f64>,
    /// Energy resolution at zero transfer, full width at half maximum in meV.
    #[arg(long, value_name = "MEV", default_value_t = 1.5)]
    resolution: f64,
    /// What the energy resolution grows by for each meV of transfer.
    #[arg(long, value_name = "SHARE", default_value_t = 0.02)]
    resolution_slope: f64,
    /// Momentum resolution of maps and volumes, full width at half maximum in 1/angstrom [default: 0.15].
    #[arg(long, value_name = "WIDTH")]
    momentum_resolution: Option<f64>,
    /// Draw counts (Poisson), so many in a bin on average; max:1000 for as many as are expected in the strongest bin.
    #[arg(long, value_name = "COUNTS")]
    counts: Option<Counts>,
    /// Also write the expected counts of the same crystals, without noise.
    #[arg(long, value_name = "FILE", requires = "counts")]
    clean: Option<PathBuf>,
    /// Seed of crystals and counts.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print one JSON object about the data on standard output.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    threads: Threads,
}

/// What is seen of a crystal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// The phonon density of states g(E), its integral 3.
    Dos,
    /// The powder-averaged coherent one-phonon S(|Q|, E).
    Map,
    /// S(Qx, Qy, E) of a single crystal at a fixed Qz.
    Volume,
}

/// What `--json` tells.
#[derive(Serialize)]
struct Told<'a> {
    kind: Kind,
    crystals: u64,
    shape: &'a [usize],
    seed: u64,
    counts: Option<String>,
    seconds: f64,
    output: &'a PathBuf,
    clean: Option<&'a PathBuf>,
}

pub(crate) fn run(verb: Phonons, printer: &Printer) -> Result<(), Failure> {
    let picture = verb.picture()?;
    for path in std::iter::once(&verb.output).chain(&verb.clean) {
        inputs::output_file(path, &[])?;
    }
    let outputs = Outputs::create(&verb.output, verb.clean.as_deref())?;
    let collection = Collection::new(picture, verb.counts, verb.seed);
    let stop = interruption::flag().unwrap_or_else(|_| Arc::new(AtomicBool::new(false)));
    let seconds = outputs.write(&verb, &collection, &stop, printer)?;

    let shape = collection.picture().shape();
    let crystals = words::counted(verb.crystals as usize, "crystal");
    let sizes = shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ");
    for (path, what) in [(Some(&verb.output), ""), (verb.clean.as_ref(), ", expected counts")] {
        if let Some(path) = path {
            printer.say(format!("wrote {}: {crystals} (made up, not observed), {sizes} each{what}", path.display()));
        }
    }
    printer.say(format!("{}, {:.1} crystals/s", words::seconds(seconds), verb.crystals as f64 / seconds.max(1e-9)));
    if verb.json {
        let (kind, crystals, seed, output, clean) =
            (verb.kind, verb.crystals, verb.seed, &verb.output, verb.clean.as_ref());
        let counts = verb.counts.map(|counts| counts.to_string());
        printer.object(&Told { kind, crystals, shape: &shape, seed, counts, seconds, output, clean })?;
    }
    Ok(())
}
