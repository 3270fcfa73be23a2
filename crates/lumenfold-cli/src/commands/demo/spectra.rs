//! Made-up powder maps S(|Q|, E) of cubic crystals.

use std::path::Path;

use lumenfold::Settings;
use lumenfold::architecture::Net;
use lumenfold::data::{Axis, Column, Dataset, DatasetOptions, ScalingKind, Table, Values, write_whole};
use lumenfold::report::{ReportOptions, html};
use lumenfold::settings::Kind;
use lumenfold::synthetic::phonons::{self, Collection, Picture, PowderMap, Resolution, Sample};

use super::{Demo, latent, said, write};
use crate::commands::fit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::words;

/// Crystals that are made where nothing is chosen.
const CRYSTALS: u32 = 2000;

/// Bins along either axis.
const BINS: usize = 48;

/// Numbers in the latent code, and passes over the crystals.
const LATENT: usize = 4;
const EPOCHS: usize = 60;

/// Full widths at half maximum: of the energy in meV, of the momentum transfer in 1/Å.
const RESOLUTION: f64 = 3.0;
const MOMENTUM_RESOLUTION: f64 = 0.3;

/// In kelvin.
const TEMPERATURE: f64 = 100.0;

pub(super) fn run(verb: &Demo, printer: &Printer) -> Result<(), Failure> {
    let count = verb.rows.unwrap_or(CRYSTALS);
    let file = |name: &str| verb.output.join(name);
    let crystals = words::thousands(count as usize);
    printer.head(format!("{crystals} crystals and their neutron spectra (made up from physics, not observed)"));
    let axes = [axis("momentum_transfer_per_angstrom", 0.5, 8.0)?, axis("energy_meV", 2.0, 65.0)?];
    let ends = |axis: &Axis, name| phonons::Axis::new(name, axis.grid.clone());
    let of_map = [ends(&axes[0], "the momentum transfer"), ends(&axes[1], "the energy")];
    let [momentum, energy] = of_map.map(|axis| axis.map_err(lumenfold::Error::from));
    let resolutions = [Resolution::constant(MOMENTUM_RESOLUTION), Resolution::constant(RESOLUTION)];
    let map = PowderMap::new([momentum?, energy?], resolutions, TEMPERATURE).map_err(lumenfold::Error::from)?;
    let collection = Collection::new(Picture::Powder(map), None, verb.seed);
    let samples = collection.samples(0..u64::from(count), verb.threads.count());
    let table = table(&samples, axes)?;
    write(&table, &file("maps.npz"), printer)?;

    let keep = parameters(&[]).into_iter().map(|column| column.name).collect();
    let dataset = Dataset::from_table(&table, &DatasetOptions { keep, ..DatasetOptions::default() })?;
    let net = Net::Convolutional;
    let settings = Settings {
        seed: verb.seed,
        threads: verb.threads.count(),
        latent: LATENT,
        hidden: vec![128],
        norm: net.default_norm(),
        learning_rate: Settings::default_learning_rate(Kind::Undercomplete, false),
        net,
        scaling: ScalingKind::Common,
        epochs: Some(EPOCHS),
        batch: Some(32),
        ..Settings::default()
    };
    let model = fit::Course::default().run((&dataset).into(), &settings, printer)?.model;
    fit::tell(&model, printer);
    model.save(&file("maps.model"))?;
    said(&file("maps.model"), "the model: weights, axes, scaling, training record", printer);

    let latent = latent(&model, &dataset, &settings, |_| true)?;
    write(&latent, &file("latent.csv"), printer)?;
    let options = ReportOptions {
        title: Some(format!("{crystals} made-up powder maps S(|Q|, E)")),
        synthetic: true,
        notes: vec!["These crystals are made up: cubic, one atom in a cell, springs to second neighbours.".to_owned()],
    };
    let page = html(&model, &dataset, &options, settings.threads)?;
    write_whole(&file("report.html"), |target| target.write_all(page.as_bytes()))?;
    said(&file("report.html"), "the report: open it in a browser", printer);
    advise(&verb.output, printer);
    Ok(())
}

fn axis(name: &str, first: f64, last: f64) -> Result<Axis, Failure> {
    let step = (last - first) / (BINS - 1) as f64;
    Ok(Axis::of_array(name, (0..BINS).map(|bin| first + bin as f64 * step).collect())?)
}

fn advise(directory: &Path, printer: &Printer) {
    let path = |name: &str| words::shell(directory.join(name));
    printer.head("\nWhat to look at");
    printer.say(format!(
        "  {} in a browser: maps and their reconstructions, errors along both axes,",
        path("report.html")
    ));
    printer
        .say("  and maps that the decoder makes of points of the code. Colour the latent map by cutoff and mass: the");
    printer.say("  network was told neither.");
    printer.head("\nWith your own spectra");
    printer.say("  lumenfold inspect my.npz");
    printer.say("  lumenfold inspect my.npz --plan --net conv --latent 8");
    printer.say("  lumenfold fit my.npz --net conv --latent 8 -o my.model");
    printer.say("  lumenfold report my.model my.npz -o report.html");
    printer.head("\nMore made-up spectra, with counting noise");
    printer.say("  lumenfold data phonons --kind dos --crystals 2000 --counts 100 -o dos.npz");
}

/// The maps as a table with axes, and what the crystals are.
fn table(samples: &[Sample], axes: [Axis; 2]) -> Result<Table, Failure> {
    let width = BINS * BINS;
    let value = |at: usize| Values::Float32(samples.iter().map(|sample| sample.clean[at]).collect());
    let mut columns: Vec<Column> =
        (0..width).map(|at| Column::new(format!("intensity{}", at + 1), value(at))).collect();
    columns.extend(parameters(samples));
    Ok(Table::new("made-up powder maps", columns)?.with_axes(0..width, axes.to_vec())?)
}

fn parameters(samples: &[Sample]) -> Vec<Column> {
    let number = |of: &dyn Fn(&phonons::Crystal) -> f64| {
        Values::Float64(samples.iter().map(|sample| (of(&sample.crystal) * 1e6).round() / 1e6).collect())
    };
    vec![
        Column::new("lattice", Values::text(samples.iter().map(|sample| sample.crystal.lattice().symbol().to_owned()))),
        Column::new("lattice_constant", number(&|crystal| crystal.lattice_constant())).with_unit("angstrom"),
        Column::new("mass", number(&|crystal| crystal.mass())).with_unit("u"),
        Column::new("cutoff", number(&|crystal| crystal.cutoff())).with_unit("meV"),
    ]
}
