//! `report`: the page about a model.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::Args;
use lumenfold::Model;
use lumenfold::data::{BlockOptions, DatasetOptions, Samples};
use lumenfold::fit::memory::available;
use lumenfold::report::{ReportOptions, ReportRows, Shown, html_of};

use crate::axes::Finding;
use crate::failure::Failure;
use crate::inputs::{self, Grid, Reading, Threads};
use crate::memory::Memory;
use crate::names::{Names, names};
use crate::pages::{Figure, write_text};
use crate::printer::Printer;

/// Doubles that a row takes for each of its features: input, and the pair of input and reconstruction.
const DOUBLES: u64 = 3;

/// Write a self-contained HTML page: latent map, losses, reconstruction and residuals, errors beside PCA.
///
/// With the data that the model was trained on, errors are those of the held-out rows. Of many rows, the map shows a
/// random choice; everything else is measured on all.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lumenfold report stars.model stars.csv -o report.html --keep redshift,class")]
pub(crate) struct Report {
    /// A model made by `lumenfold fit`.
    model: PathBuf,
    /// The data; `-` for standard input. Several files are read one after another as one table.
    #[arg(required = true)]
    data: Vec<PathBuf>,
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
    grid: Grid,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    memory: Memory,
}

pub(crate) fn run(verb: Report, printer: &Printer) -> Result<(), Failure> {
    let model = Model::load(&verb.model)?;
    let inputs: Vec<&Path> = verb.data.iter().chain([&verb.model]).map(PathBuf::as_path).collect();
    inputs::output_file(&verb.output, &inputs)?;
    let directory = verb.output.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let sources = inputs::sources(verb.data)?;
    let name = inputs::name_of(&sources);
    let options = BlockOptions {
        temporary_directory: Some(directory.to_path_buf()),
        ..verb.reading.blocks(verb.memory, verb.threads)
    };
    let (resample, masks) = (verb.grid.resample, false);
    let finding = Finding { model: &model, columns: verb.columns, beside: verb.keep.as_deref(), resample, masks };
    let found = finding.open(&sources, &options, printer)?;
    let (mut reader, features) = (found.reader, found.columns);
    let keep = verb.keep.unwrap_or_else(|| others(reader.names(), &features));
    let mut options =
        DatasetOptions { columns: Some(features), missing: verb.reading.whole_rows()?, ..DatasetOptions::default() };
    let samples = Samples::gather(&mut reader, &options, directory, |features| {
        let limit = verb.memory.memory.or_else(|| available().map(|bytes| bytes / 2)).unwrap_or(u64::MAX);
        // The other half is for everything else.
        let rows = limit / 2 / (8 * DOUBLES * features.len().max(1) as u64);
        Ok::<_, Failure>(usize::try_from(rows).unwrap_or(usize::MAX))
    })?;
    inputs::warn_of_skipped(&name, samples.skipped(), samples.skipped() + samples.rows(), printer);
    let shown = Shown::of(samples.rows())?;
    options.keep = keep;
    let carried = if options.keep.is_empty() {
        Vec::new()
    } else {
        reader.rewind();
        shown.carried(&mut reader, &options)?
    };
    let rows = ReportRows { rows: (&samples).into(), shown: &shown, carried: &carried };
    let options = ReportOptions { title: verb.title, ..ReportOptions::default() };
    let page = html_of(&model, rows, &options, verb.threads.count())?;
    write_text(&verb.output, &page)?;
    printer.say(format!("wrote {}; open it in a browser", verb.output.display()));
    // Devices have no ending.
    if verb.output.is_file() && Figure::of(&verb.output) != Some(Figure::Page) {
        printer.warn(format!("{}: browsers want the ending .html for a page", verb.output.display()));
    }
    Ok(())
}

/// The columns that are not features.
fn others(names: &[String], features: &[String]) -> Vec<String> {
    let features: HashSet<&String> = features.iter().collect();
    names.iter().filter(|name| !features.contains(name)).cloned().collect()
}
