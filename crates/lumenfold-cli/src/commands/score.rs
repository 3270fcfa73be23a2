//! `score`: how unlike ordinary rows each row is, with a p-value.

mod judging;
mod labels;
mod live;

use std::path::PathBuf;

use clap::Args;
use lumenfold::anomaly::{Conformal, Scoring};
use lumenfold::data::{BlockOptions, BlockReader, Source};
use lumenfold::{Error, Model};

use judging::Judging;
use labels::{Known, Labels};
use live::Live;

use crate::axes::Finding;
use crate::coded::Rows;
use crate::config::measures;
use crate::errors::Errors;
use crate::failure::Failure;
use crate::inputs;
use crate::names::{Names, names};
use crate::printer::Printer;
use crate::words::{self, listed, percent, thousands};

/// The rate of false alarms where none is asked for.
const STANDARD_RATE: f64 = 0.01;

/// Rows in a block that keep the threads busy.
const ROWS: u64 = 4096;

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
    /// standard output. Of a text table on standard input, each row's result is written there when the row has come.
    #[arg(long, short)]
    output: PathBuf,
    /// The share of ordinary rows that may be called outliers [default: 0.01].
    #[arg(long, value_name = "RATE", conflicts_with = "false_discoveries")]
    false_alarms: Option<f64>,
    /// The share of the outliers, on average, that may be ordinary rows. All results are kept in memory until the last row is
    /// judged.
    #[arg(long, value_name = "RATE")]
    false_discoveries: Option<f64>,
    /// What the score is made of: residual, mahalanobis, density, latent, chi2 [default: as the model was fitted].
    #[arg(long, value_name = "MEASURE,…", value_delimiter = ',')]
    by: Option<Vec<String>>,
    /// Columns with the standard error of each feature, in the order of the features, or a file of as many rows and columns, for the
    /// measure chi2 [default: the errors that an archive has beside its array].
    #[arg(long, value_name = "NAME,…|FILE", value_parser = names)]
    errors: Option<Names>,
    /// Add for each feature its share of the score, its expected value and the uncertainty of that: NAME_share,
    /// NAME_expected, NAME_uncertainty.
    #[arg(long)]
    explain: bool,
    /// Add what simple methods say that learned from the same rows, as columns pca, isolation_forest and nearest_neighbours:
    /// scores, higher for what is more unusual.
    #[arg(long)]
    baselines: bool,
    /// A column that says which rows are known anomalies, to tell how well the scores find them: the area under the ROC
    /// curve. True, a number other than 0, or one of these values.
    #[arg(long, value_name = "NAME[=VALUE,…]")]
    label: Option<String>,
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
    if verb.errors.is_some() && !scoring.needs_errors() {
        let measures = listed(scoring.components());
        return Err(Failure::usage(format!(
            "--errors: the score is made of {measures}, which takes no errors; leave them out, or judge by them: --by chi2"
        )));
    }
    let threshold = threshold(&verb, scoring.conformal())?;
    let missing = verb.rows.reading.whole_rows()?;
    let target = inputs::output(verb.output.clone(), verb.data.iter().chain([&verb.model]))?;
    let live = if verb.is_live() { Live::stdin()? } else { None };
    let (live, sources) = match live {
        Some((live, first)) => (Some(live), vec![first]),
        None => (None, inputs::sources(verb.data.clone())?),
    };
    let name = inputs::name_of(&sources);
    let keep = verb.keep.clone().unwrap_or_default();
    let width = model.autoencoder.features().len() as u64;
    let options = BlockOptions { block_bytes: verb.rows.memory.block_bytes(ROWS, 8 * width), ..verb.rows.blocks() };
    let (columns, resample) = (verb.rows.columns.clone(), verb.rows.grid.resample);
    let labels = verb.label.as_deref().map(Labels::parse);
    let (needs_errors, label) = (scoring.needs_errors(), labels.as_ref().map(|labels| labels.column.clone()));
    let open = |sources: &[Source], printer: &Printer| {
        let errors = Errors::given(verb.errors.as_deref(), needs_errors);
        let beside: Names = keep.iter().chain(&label).chain(errors.columns()).cloned().collect();
        let (columns, beside) = (columns.clone(), Some(&beside[..]));
        let finding = Finding { model: &model, columns, beside, resample, masks: false };
        let found = finding.open(sources, &errors.options(options.clone()), printer)?;
        let (reader, errors) = errors.beside(found.reader, verb.rows.blocks())?;
        if needs_errors && errors.is_none() {
            return Err(Failure::usage(format!("{}: {}", inputs::name_of(sources), Error::NoErrors)));
        }
        Ok((reader, found.columns, errors))
    };
    let (reader, columns, errors): (BlockReader, Names, Option<Names>) = open(&sources, printer)?;
    let baselines = verb.baselines.then(|| scoring.baselines()).transpose()?;
    let (keep, explain) = (keep.clone(), verb.explain);
    let judging = Judging { model: &model, scoring, columns, errors, keep, explain, baselines, missing };
    let mut known = labels.map(Known::new);
    let judged = match (live, threshold) {
        (Some(live), Threshold::FalseAlarms(rate)) => {
            let silent = printer.silent();
            live.write(&judging, rate, &mut known, reader, |rows| open(&[rows], &silent).map(|opened| opened.0))?
        }
        _ => judging.write(reader, threshold, &mut known, &target, printer)?,
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
    if let Some(known) = known {
        known.tell(printer);
    }
    Ok(())
}

impl Score {
    /// Whether each row can be judged when it comes: text from a pipe to standard output, of which nothing depends on later rows.
    fn is_live(&self) -> bool {
        let is_pipe = |path: &PathBuf| path.as_os_str() == "-";
        let errors = Errors::given(self.errors.as_deref(), false);
        matches!(&self.data[..], [data] if is_pipe(data))
            && is_pipe(&self.output)
            && self.false_discoveries.is_none()
            && self.rows.reading.format.is_none()
            && self.rows.reading.names.is_none()
            && !matches!(errors, Errors::File(_))
    }
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
