//! `probe`: how much of a label or a quantity the latent code keeps.

mod outcome;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use lumenfold::Model;
use lumenfold::data::{BlockOptions, WriteOptions, write_table};
use lumenfold::fit::memory::available;
use lumenfold::probe::{ProbeOptions, ProbeRows, RowOptions, Subject, Task, probe};

use crate::axes::{Finding, Samples};
use crate::coded::Rows;
use crate::failure::Failure;
use crate::inputs;
use crate::printer::Printer;
use crate::words::{counted, percent, thousands};

/// Measure how well simple models tell a column from the latent code, from PCA and from the features themselves.
///
/// Nearest neighbours, logistic or ridge regression and a random forest learn from three quarters of the rows and are judged
/// on the others; their settings are chosen by cross-validation on the rows that they learn from. Intervals are those of
/// 95 % of the resamples of the held-out rows, and differences are paired: the last lines say who wins.
///
/// Text, truth values and up to 20 different integers are told as classes, other numbers as a quantity. Rows whose cell is
/// empty are left out. The encoder may have seen the held-out rows in its own training, though never this column.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lumenfold probe stars.model stars.csv --target class\n  \
    lumenfold probe stars.model stars.csv --target redshift --only-held-out --json > redshift.json\n  \
    lumenfold probe soil.model soil.npz --target carbon --repeats 20 -o figures.csv")]
pub(crate) struct Probe {
    /// A model made by `lumenfold fit`.
    model: PathBuf,
    /// The table; `-` for standard input. Several files are read one after another as one table.
    #[arg(required = true)]
    data: Vec<PathBuf>,
    /// The column that is to be told.
    #[arg(long, value_name = "COLUMN")]
    target: String,
    /// What it is told as [default: as the column looks].
    #[arg(long, value_enum)]
    task: Option<Told>,
    /// Share of the rows that is held out to judge by.
    #[arg(long, value_name = "SHARE", default_value_t = 0.25)]
    held_out: f64,
    /// Splits, whose figures are averaged: for few rows, 10 or more.
    #[arg(long, value_name = "N", default_value_t = 1)]
    repeats: usize,
    /// Rows at most; of more, a random choice is taken.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    rows: usize,
    /// The seed of everything that is drawn.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Take only rows that the model's fit held out; the data must be those of the fit.
    #[arg(long)]
    only_held_out: bool,
    /// Also write the figures as a table, a row for each input and model.
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// Print one JSON object about the probe on standard output.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: Rows,
}

/// What a target is told as, in the words of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Told {
    /// As one of several classes.
    Classify,
    /// As a quantity.
    Regress,
}

/// Time between two lines about progress.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

pub(crate) fn run(verb: Probe, printer: &Printer) -> Result<(), Failure> {
    let model = Model::load(&verb.model)?;
    let threads = verb.reading.threads.count();
    let options =
        ProbeOptions { held_out: verb.held_out, seed: verb.seed, repeats: verb.repeats, ..ProbeOptions::new(threads) };
    options.check()?;
    let output = match &verb.output {
        Some(path) => Some(inputs::output(path.clone(), verb.data.iter().chain([&verb.model]))?),
        None => None,
    };
    let rows = verb.gather(&model, printer)?;
    verb.remark(&rows, printer);
    let weights = model.autoencoder.loss_weights();
    let subject = Subject {
        code: &rows.code,
        latents: model.autoencoder.network().latent_dimension(),
        features: &rows.features,
        weights,
        target: &rows.target,
    };
    let last = Mutex::new(Instant::now());
    let probed = probe(&subject, &options, &|done, all| {
        let Ok(mut last) = last.lock() else { return };
        if last.elapsed() >= BETWEEN_LINES {
            *last = Instant::now();
            printer.say(format!("{done} of {all} fits done"));
        }
    })?;
    outcome::tell(&probed, &rows, (&verb.target, &verb.seen(&rows, &model)), printer);
    if let Some(target) = output {
        write_table(&outcome::table(&probed)?, &target, &WriteOptions::default())?;
        printer.say(format!("wrote {target}"));
    }
    if verb.json { printer.object(&outcome::json(&probed, &rows, &verb.target, verb.seed)) } else { Ok(()) }
}

impl Probe {
    /// Reads the rows.
    fn gather(&self, model: &Model, printer: &Printer) -> Result<ProbeRows, Failure> {
        let sources = inputs::sources(self.data.clone())?;
        let task = self.task.map(|told| match told {
            Told::Classify => Task::Classify,
            Told::Regress => Task::Regress,
        });
        let target = [self.target.clone()];
        let (columns, resample) = (self.reading.columns.clone(), self.reading.grid.resample);
        let finding = Finding { model, columns, beside: Some(&target), resample, masks: false };
        // A quantity may be written as text.
        let numbers = if task == Some(Task::Regress) { target.to_vec() } else { Vec::new() };
        let blocks = BlockOptions { numbers, ..self.reading.blocks() };
        let Samples { mut reader, columns } = finding.open(&sources, &blocks, printer)?;
        if columns.contains(&self.target) {
            let column = &self.target;
            printer.warn(format!(
                "\"{column}\" is one of the features of the model: that it is told from them is no test"
            ));
        }
        let options = RowOptions {
            columns,
            target: self.target.clone(),
            task,
            missing: self.reading.reading.whole_rows()?,
            most: self.rows,
            seed: self.seed,
            only_held_out: self.only_held_out,
            memory: self.reading.memory.memory.or_else(|| available().map(|bytes| bytes / 2)).unwrap_or(u64::MAX),
            threads: self.reading.threads.count(),
        };
        Ok(ProbeRows::gather(&mut reader, model, &options)?)
    }

    /// What was left out.
    fn remark(&self, rows: &ProbeRows, printer: &Printer) {
        let name = &rows.source;
        if rows.skipped > 0 {
            printer.warn(format!("{name}: {} a feature and left out", lacking(rows.skipped)));
        }
        if rows.unlabelled > 0 {
            printer.warn(format!("{name}: {} a \"{}\" and left out", lacking(rows.unlabelled), self.target));
        }
        if rows.lonely > 0 {
            let rows = counted(rows.lonely, "row");
            printer.warn(format!("{name}: {rows} left out that no other row has the \"{}\" of", self.target));
        }
    }

    /// What the encoder has seen of the rows.
    fn seen(&self, rows: &ProbeRows, model: &Model) -> String {
        match rows.trained_on {
            _ if self.only_held_out => {
                "The encoder was not trained on any of these rows; its best epoch was chosen by them.".to_owned()
            }
            Some(trained) => {
                let share = percent(trained as f64 / rows.target.rows().max(1) as f64);
                let hint = if model.record.validation_rows > 0 { "; --only-held-out leaves them out" } else { "" };
                let (trained, target) = (thousands(trained), &self.target);
                format!(
                    "The encoder was trained on {trained} of these rows ({share}), without their \"{target}\"{hint}."
                )
            }
            None => {
                "These are not the data of the fit: whether the encoder has seen some of them is not known.".to_owned()
            }
        }
    }
}

/// 1 row lacks, 2 rows lack: followed by what, and `and left out`.
fn lacking(rows: usize) -> String {
    format!("{} without", if rows == 1 { "1 row is".to_owned() } else { format!("{} rows are", thousands(rows)) })
}
