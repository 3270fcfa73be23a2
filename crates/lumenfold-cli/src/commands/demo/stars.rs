//! Made-up stars.

use std::path::Path;

use lumenfold::Settings;
use lumenfold::data::{Column, Dataset, DatasetOptions, Table, Values, write_whole};
use lumenfold::report::{ReportOptions, html};
use lumenfold::settings::LossUnits;
use lumenfold::synthetic::stars::{SyntheticStars, synthetic_stars};

use super::{Demo, latent, said, write};
use crate::commands::fit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::words;

/// Stars that are made where nothing is chosen.
const STARS: u32 = 50_000;

/// The bands that are learnt.
const BANDS: [&str; 5] = ["u", "g", "r", "i", "z"];

pub(super) fn run(verb: &Demo, printer: &Printer) -> Result<(), Failure> {
    let count = verb.rows.unwrap_or(STARS) as usize;
    let file = |name: &str| verb.output.join(name);
    let rows = words::thousands(count);
    printer.head(format!("{rows} synthetic stars (made up from physics, not observed)"));
    let table = table(&synthetic_stars(count, verb.seed))?;
    write(&table, &file("stars.csv"), printer)?;

    let keep = table.names().into_iter().filter(|name| !BANDS.contains(&name.as_str()) && name != "id").collect();
    let columns = Some(BANDS.map(str::to_owned).to_vec());
    let dataset = Dataset::from_table(&table, &DatasetOptions { columns, keep, ..DatasetOptions::default() })?;
    let settings = Settings {
        seed: verb.seed,
        threads: verb.threads.count(),
        loss_units: LossUnits::Original,
        ..Settings::default()
    };
    let model = fit::Course::default().run((&dataset).into(), &settings, printer)?.model;
    fit::tell(&model, printer);
    model.save(&file("stars.model"))?;
    said(&file("stars.model"), "the model: weights, scaling, training record", printer);

    let latent = latent(&model, &dataset, &settings, |name| !name.starts_with("err_"))?;
    write(&latent, &file("latent.csv"), printer)?;
    let options = ReportOptions {
        title: Some(format!("{rows} synthetic stars")),
        synthetic: true,
        notes: vec![
            "These stars are made up: drawn from simple models of the Galaxy, its dust and a survey's noise."
                .to_owned(),
        ],
    };
    let page = html(&model, &dataset, &options, settings.threads)?;
    write_whole(&file("report.html"), |target| target.write_all(page.as_bytes()))?;
    said(&file("report.html"), "the report: open it in a browser", printer);
    advise(&verb.output, printer);
    Ok(())
}

fn advise(directory: &Path, printer: &Printer) {
    let path = |name: &str| words::shell(directory.join(name));
    printer.head("\nWhat to look at");
    printer.say(format!(
        "  {} in a browser: colour the latent map by r and by temperature. The network",
        path("report.html")
    ));
    printer.say("  was told nothing of stars, and found brightness and colour. White dwarfs and quasars");
    printer.say("  (colour by class) gather at the hot edge.");
    printer.head("\nWith your own table");
    printer.say("  lumenfold inspect my.csv");
    printer.say("  lumenfold fit my.csv --columns u,g,r,i,z -o my.model");
    printer.say("  lumenfold encode my.model my.csv -o latent.csv --keep redshift");
    printer.say("  lumenfold report my.model my.csv -o report.html");
    printer.head("\nWith this model");
    printer.say(format!("  lumenfold inspect {}", path("stars.model")));
    printer.say(format!("  lumenfold reconstruct {} {} -o out.csv", path("stars.model"), path("stars.csv")));
}

/// The stars as a table, with units.
fn table(stars: &SyntheticStars) -> Result<Table, Failure> {
    let mut columns = vec![Column::new("id", Values::integers(stars.id.clone()))];
    let numbers = |values: &[f64], digits: i32| {
        let factor = 10_f64.powi(digits);
        Values::Float64(values.iter().map(|value| (value * factor).round() / factor).collect())
    };
    for (name, values) in BANDS.iter().zip(stars.magnitudes()) {
        columns.push(Column::new(*name, numbers(values, 5)).with_unit("mag"));
    }
    for (name, values) in BANDS.iter().zip(stars.errors()) {
        columns.push(Column::new(format!("err_{name}"), numbers(values, 5)).with_unit("mag"));
    }
    columns.push(Column::new("class", Values::text(stars.class.iter().map(ToString::to_string))));
    columns.push(Column::new("temperature", numbers(&stars.temperature, 1)).with_unit("K"));
    columns.push(Column::new("metallicity", numbers(&stars.metallicity, 3)).with_unit("dex"));
    columns.push(Column::new("distance", numbers(&stars.distance, 2)).with_unit("pc"));
    columns.push(Column::new("reddening", numbers(&stars.reddening, 4)).with_unit("mag"));
    columns.push(Column::new("redshift", numbers(&stars.redshift, 6)));
    Ok(Table::new("synthetic stars", columns)?)
}
