//! `score`: how unlike ordinary rows each row is, with a p-value.

use std::path::PathBuf;

use clap::Args;
use lumenfold::anomaly::{Conformal, Explanation, Scored, Scoring, largest_discovered};
use lumenfold::data::{
    BlockOptions, BlockReader, Column, DataError, Dataset, DatasetOptions, Missing, Table, Target, Values, each_block,
};
use lumenfold::{Error, Model};

use crate::axes::Finding;
use crate::coded::Rows;
use crate::config::measures;
use crate::failure::Failure;
use crate::inputs;
use crate::names::{Names, names};
use crate::outlet::{Stop, write_blocks};
use crate::passage::beside;
use crate::printer::Printer;
use crate::words::{self, listed, percent, thousands};

/// The rate of false alarms where none is asked for.
const STANDARD_RATE: f64 = 0.01;

/// Rows in a block that keep the threads busy.
const ROWS: u64 = 4096;

/// Columns that every output has.
const COLUMNS: [&str; 3] = ["score", "p_value", "outlier"];

/// Judge rows by a model that was fitted with --for anomalies.
///
/// Writes for every row its score, its p-value (the share of rows like the held-out rows of the fit that score as high) and
/// whether it is an outlier. Rows keep their order and their number.
///
/// The held-out rows stand for what is ordinary: if a share of them are anomalies themselves, fewer false alarms come than
/// were asked for, not more.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lumenfold score sensors.model today.csv -o scores.csv\n  \
    lumenfold score sensors.model today.parquet --false-alarms 0.001 --explain --keep time -o scores.parquet\n  \
    lumenfold score stars.model survey.fits --false-discoveries 0.1 -o candidates.csv")]
pub(crate) struct Score {
    /// A model made by `lumenfold fit --for anomalies`.
    model: PathBuf,
    /// The table; `-` for standard input. Several files are read one after another as one table.
    #[arg(required = true)]
    data: Vec<PathBuf>,
    /// Where to write: by its ending CSV, TSV (also .gz .zst), Parquet, Arrow, NPZ, FITS, HDF5 or VOTable; `-` for CSV on
    /// standard output.
    #[arg(long, short)]
    output: PathBuf,
    /// The share of ordinary rows that may be called outliers [default: 0.01].
    #[arg(long, value_name = "RATE", conflicts_with = "false_discoveries")]
    false_alarms: Option<f64>,
    /// The share of the outliers, on average, that may be ordinary rows. All results are kept in memory until the last row is
    /// judged.
    #[arg(long, value_name = "RATE")]
    false_discoveries: Option<f64>,
    /// What the score is made of: residual, mahalanobis, density [default: as the model was fitted].
    #[arg(long, value_name = "MEASURE,…", value_delimiter = ',')]
    by: Option<Vec<String>>,
    /// Add for each feature its share of the score, its expected value and the uncertainty of that: NAME_share,
    /// NAME_expected, NAME_uncertainty.
    #[arg(long)]
    explain: bool,
    /// Columns to copy to the output, beside the result; one with the name of a result gets the ending `_input`.
    #[arg(long, value_name = "NAME,…", value_parser = names)]
    keep: Option<Names>,
    #[command(flatten)]
    rows: Rows,
}

pub(crate) fn run(verb: Score, printer: &Printer) -> Result<(), Failure> {
    let model = Model::load(&verb.model)?;
    let by = verb.by.as_deref().map(measures).transpose()?;
    let no_detector = |error| match error {
        Error::NoDetector => Failure::usage(format!(
            "{}: was not fitted to judge anomalies; fit one: lumenfold fit DATA --for anomalies -o {}",
            verb.model.display(),
            words::shell_path(&verb.model)
        )),
        error => error.into(),
    };
    let scoring = Scoring::new(&model, by.as_deref(), verb.rows.threads.count()).map_err(no_detector)?;
    let threshold = threshold(&verb, scoring.conformal())?;
    let missing = verb.rows.reading.whole_rows()?;
    let target = inputs::output(verb.output.clone(), verb.data.iter().chain([&verb.model]))?;
    let sources = inputs::sources(verb.data.clone())?;
    let name = inputs::name_of(&sources);
    let keep = verb.keep.clone().unwrap_or_default();
    let width = model.autoencoder.features().len() as u64;
    let options = BlockOptions { block_bytes: verb.rows.memory.block_bytes(ROWS, 8 * width), ..verb.rows.blocks() };
    let (columns, resample) = (verb.rows.columns.clone(), verb.rows.grid.resample);
    let finding = Finding { model: &model, columns, beside: Some(&keep[..]), resample, masks: false };
    let found = finding.open(&sources, &options, printer)?;
    let judging = Judging { model: &model, scoring, columns: found.columns, keep, explain: verb.explain, missing };
    let judged = match threshold {
        Threshold::FalseAlarms(rate) => judging.stream(found.reader, rate, &target, printer)?,
        Threshold::FalseDiscoveries(rate) => judging.whole(found.reader, rate, &target, printer)?,
    };
    warn_of_rate(&verb, judging.scoring.conformal(), printer);
    if judged.skipped > 0 {
        let (skipped, rows) = (thousands(judged.skipped), thousands(judged.rows + judged.skipped));
        printer.warn(format!("{name}: {skipped} of {rows} rows lack a value; they keep their place, with empty cells"));
    }
    let share = judged.outliers as f64 / judged.rows.max(1) as f64;
    let measures = listed(judging.scoring.components());
    printer.say(format!(
        "{} of {} rows are outliers ({}), by {measures}",
        thousands(judged.outliers),
        thousands(judged.rows),
        percent(share)
    ));
    printer.say(match threshold {
        Threshold::FalseAlarms(rate) => format!(
            "of ordinary rows, {} would be; the smallest p-value is {}",
            percent(rate),
            words::number(judging.scoring.conformal().smallest())
        ),
        Threshold::FalseDiscoveries(rate) => {
            format!("of these, {} are ordinary rows on average, at most (Benjamini and Hochberg)", percent(rate))
        }
    });
    Ok(())
}

/// Which p-values are those of outliers.
#[derive(Clone, Copy)]
enum Threshold {
    FalseAlarms(f64),
    FalseDiscoveries(f64),
}

fn threshold(verb: &Score, conformal: &Conformal) -> Result<Threshold, Failure> {
    if let Some(rate) = verb.false_discoveries {
        conformal.check_rate("--false-discoveries", rate)?;
        return Ok(Threshold::FalseDiscoveries(rate));
    }
    if let Some(rate) = verb.false_alarms {
        conformal.check_rate("--false-alarms", rate)?;
        return Ok(Threshold::FalseAlarms(rate));
    }
    Ok(Threshold::FalseAlarms(STANDARD_RATE.max(conformal.smallest())))
}

/// Says so where no rate was asked for and the usual one cannot be had.
fn warn_of_rate(verb: &Score, conformal: &Conformal, printer: &Printer) {
    let (smallest, chosen) = (conformal.smallest(), verb.false_alarms.or(verb.false_discoveries));
    if chosen.is_none() && smallest > STANDARD_RATE {
        let (rows, rate) = (conformal.rows(), percent(smallest));
        printer.warn(format!(
            "{rows} calibration rows allow no p-value below {rate}: that is the rate of false alarms, not the usual {}",
            percent(STANDARD_RATE)
        ));
    }
}

/// Rows and how they are judged.
struct Judging<'a> {
    model: &'a Model,
    scoring: Scoring<'a>,
    columns: Names,
    keep: Names,
    explain: bool,
    missing: Missing,
}

/// What came of it.
#[derive(Default)]
struct Judged {
    rows: usize,
    skipped: usize,
    outliers: usize,
}

impl Judging<'_> {
    /// Writes blocks as they come.
    fn stream(
        &self,
        mut reader: BlockReader,
        rate: f64,
        target: &Target,
        printer: &Printer,
    ) -> Result<Judged, Failure> {
        let mut judged = Judged::default();
        write_blocks(target, printer, |give| {
            self.each(&mut reader, |table, scored| {
                let outlier = |scored: &Option<Scored>| scored.map(|scored| scored.p_value <= rate);
                judged.outliers += scored.iter().filter(|scored| outlier(scored) == Some(true)).count();
                give(flagged(table, scored.iter().map(outlier))?)
            })
            .map(|gone| (judged.rows, judged.skipped) = gone)
        })?;
        Ok(judged)
    }

    /// Judges all rows before the first is written.
    fn whole(&self, mut reader: BlockReader, rate: f64, target: &Target, printer: &Printer) -> Result<Judged, Failure> {
        let mut blocks = Vec::new();
        let mut judged = Judged::default();
        write_blocks(target, printer, |give| {
            (judged.rows, judged.skipped) = self.each(&mut reader, |table, scored| {
                blocks.push((table, scored));
                Ok(())
            })?;
            let p_values: Vec<f64> =
                blocks.iter().flat_map(|(_, scored)| scored).flatten().map(|scored| scored.p_value).collect();
            let limit = largest_discovered(&p_values, rate).unwrap_or(-1.0);
            judged.outliers = p_values.iter().filter(|p| **p <= limit).count();
            blocks.drain(..).try_for_each(|(table, scored)| {
                give(flagged(table, scored.iter().map(|scored| scored.map(|scored| scored.p_value <= limit)))?)
            })
        })?;
        Ok(judged)
    }

    /// Judges block after block. `take` gets the results but for what is an outlier, and the scores. Gives the numbers of rows
    /// that were judged and that were not.
    fn each(
        &self,
        reader: &mut BlockReader,
        mut take: impl FnMut(Table, Vec<Option<Scored>>) -> Result<(), Stop>,
    ) -> Result<(usize, usize), Stop> {
        let options = DatasetOptions {
            columns: Some(self.columns.clone()),
            axes: Some(Vec::new()),
            missing: self.missing,
            ..DatasetOptions::default()
        };
        let gone = each_block::<Stop>(reader, &options, |table, block| {
            let (results, scored) = self.results(&table, &block)?;
            take(beside(&table, results, &self.keep, &[])?, scored)
        })?;
        Ok((gone.rows, gone.skipped))
    }

    /// The columns of one block.
    fn results(&self, table: &Table, block: &Dataset) -> Result<(Vec<Column>, Vec<Option<Scored>>), Error> {
        let places: Vec<usize> = block.used_rows.iter().map(|row| (row - table.position()) as usize).collect();
        let mut scored = vec![None; table.rows()];
        for (place, row) in places.iter().zip(self.scoring.scores(&block.values)?) {
            scored[*place] = Some(row);
        }
        let column = |name: &str, of: &dyn Fn(&Scored) -> f64| {
            let values = scored.iter().map(|scored| scored.as_ref().map_or(f64::NAN, of));
            Column::new(name, Values::Float64(values.collect()))
        };
        let undecided = Column::new(COLUMNS[2], Values::Boolean(scored.iter().map(|_| None).collect()));
        let [score, p_value] =
            [column(COLUMNS[0], &|scored| scored.score), column(COLUMNS[1], &|scored| scored.p_value)];
        let mut columns = vec![score, p_value, undecided];
        if self.explain {
            let explained = self.scoring.explain(&block.values)?;
            self.add_reasons(&mut columns, &explained, &places, table.rows());
        }
        Ok((columns, scored))
    }

    fn add_reasons(&self, columns: &mut Vec<Column>, explained: &[Explanation], places: &[usize], rows: usize) {
        for (index, feature) in self.model.autoencoder.features().iter().enumerate() {
            let unit = feature.unit.clone();
            let parts: [(&str, Option<String>, Part); 3] = [
                ("share", None, |explanation| &explanation.shares),
                ("expected", unit.clone(), |explanation| &explanation.expected),
                ("uncertainty", unit, |explanation| &explanation.uncertainty),
            ];
            for (what, unit, of) in parts {
                let mut values = vec![f64::NAN; rows];
                places.iter().zip(explained).for_each(|(place, explanation)| values[*place] = of(explanation)[index]);
                let name = format!("{}_{what}", feature.name);
                columns.push(Column { name, unit, values: Values::Float64(values) });
            }
        }
    }
}

/// A part of the reasons, for each feature.
type Part = fn(&Explanation) -> &[f64];

/// Says what is an outlier, behind score and p-value.
fn flagged(table: Table, outliers: impl Iterator<Item = Option<bool>>) -> Result<Table, DataError> {
    let (source, first) = (table.source().to_owned(), table.first_row());
    let mut columns = table.into_columns();
    columns[2].values = Values::Boolean(outliers.collect());
    Ok(Table::new(source, columns)?.with_first_row(first))
}
