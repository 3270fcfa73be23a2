//! `report`: the page about a model.

use std::path::PathBuf;

use clap::Args;
use lumenfold::Model;
use lumenfold::data::{Dataset, DatasetOptions, Source, Table, write_whole};
use lumenfold::report::{ReportOptions, html};

use crate::failure::Failure;
use crate::inputs::{self, Needed, Reading, Threads};
use crate::names::{Names, names};
use crate::printer::Printer;

/// Write a self-contained HTML page: latent map, losses, reconstruction and residuals, errors beside PCA.
///
/// With the data that the model was trained on, errors are those of the held-out rows.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lumenfold report stars.model stars.csv -o report.html --keep redshift,class")]
pub(crate) struct Report {
    /// A model made by `lumenfold fit`.
    model: PathBuf,
    /// The data; `-` for standard input.
    data: PathBuf,
    /// The page to write, for example report.html.
    #[arg(long, short)]
    output: PathBuf,
    /// Columns that the map can be coloured by [default: all that are not features].
    #[arg(long, value_name = "NAME,…", value_parser = names)]
    keep: Option<Names>,
    /// The columns that hold the model's features, in its order, where their names differ.
    #[arg(long, value_name = "NAME,…", value_parser = names)]
    columns: Option<Names>,
    /// The heading [default: the name of the data].
    #[arg(long)]
    title: Option<String>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    threads: Threads,
}

pub(crate) fn run(verb: Report, printer: &Printer) -> Result<(), Failure> {
    let model = Model::load(&verb.model)?;
    inputs::output_file(&verb.output, &[&verb.model, &verb.data])?;
    let source = Source::from(verb.data);
    let needed = Needed { names: &inputs::feature_names(&model), what: "features" };
    let features = needed.columns(&source.to_string(), verb.columns)?;
    let wanted = verb.keep.as_ref().map(|keep| features.iter().chain(keep).cloned().collect());
    let table = inputs::read(&source, wanted, verb.reading.format, printer)?;
    let keep = verb.keep.unwrap_or_else(|| others(&table, &features));
    let missing = verb.reading.missing.into();
    let dataset = Dataset::from_table(table, &DatasetOptions { columns: Some(features), keep, missing })?;
    if dataset.skipped > 0 {
        let rows = dataset.skipped + dataset.rows;
        printer.warn(format!("{source}: {} of {rows} rows lack a value and are left out", dataset.skipped));
    }
    let options = ReportOptions { title: verb.title, ..ReportOptions::default() };
    let page = html(&model, &dataset, &options, verb.threads.count())?;
    write_whole(&verb.output, |file| file.write_all(page.as_bytes()))?;
    printer.say(format!("wrote {}; open it in a browser", verb.output.display()));
    Ok(())
}

/// The columns that are not features.
fn others(table: &Table, features: &[String]) -> Vec<String> {
    table.names().into_iter().filter(|name| !features.contains(name)).collect()
}
