//! `denoise`: noise removed from rows, with uncertainties and what speaks for them.

mod proof;
mod rows;
mod truth;

use std::path::PathBuf;

use clap::Args;
use lumenfold::Model;
use lumenfold::denoising::{Chosen, Denoised, Denoising, DenoisingOptions, Residuals, StatedNoise, invented};
use serde_json::json;

use crate::coded::Rows;
use crate::failure::Failure;
use crate::inputs;
use crate::names::{Names, names};
use crate::outlet::{Stop, write_blocks};
use crate::printer::Printer;
use crate::words::{self, counted, listed, percent, thousands};
use proof::Proof;
use rows::Opened;
use truth::Truth;

/// Values of the rows that uncertainties are calibrated on, about.
const CALIBRATION_VALUES: usize = 1 << 20;

/// Rows that are named in a warning.
const NAMED: usize = 5;

/// Remove noise from rows, with the uncertainty of every value.
///
/// Any model of whole rows does it; one that was fitted with --for denoising has several members and says which rows are unlike
/// those it was trained on. Errors of estimates are predicted by noise that is put on them anew, as it is stated, and scaled,
/// without knowing the truth, by Stein's unbiased estimate of risk over the rows at hand.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lumenfold denoise spectra.model noisy.npz -o clean.npz\n  \
    lumenfold denoise spectra.model noisy.csv --errors eu,eg,er --refuse-outliers 0.01 -o clean.csv\n  \
    lumenfold denoise maps.model counts.npz --noise poisson --truth expected.npz --filters --json -o clean.npz")]
pub(crate) struct Denoise {
    /// A model made by `lumenfold fit`, best with --for denoising.
    model: PathBuf,
    /// The noisy rows; `-` for standard input. Several files are read one after another as one table.
    #[arg(required = true)]
    data: Vec<PathBuf>,
    /// Where to write: .csv .tsv (also .gz .zst) .parquet .arrow .fits .h5 .vot .npz, or `-` for CSV on standard output.
    #[arg(long, short)]
    output: PathBuf,
    /// The noise of the data: errors (their standard errors), poisson (counts), gaussian:DEVIATION (in the data's units)
    /// [default: errors if there are any, poisson if the model was made for counts].
    #[arg(long, value_name = "NOISE")]
    noise: Option<StatedNoise>,
    /// Columns with the standard error of each feature, in the order of the features, or a file of as many rows and columns
    /// [default: the errors that an archive has beside its array].
    #[arg(long, value_name = "NAME,…|FILE", value_parser = names)]
    errors: Option<Names>,
    /// Pass rows through unchanged whose residuals are as large as those of this share of ordinary rows or fewer; needs a model
    /// fitted with --for denoising.
    #[arg(long, value_name = "RATE")]
    refuse_outliers: Option<f64>,
    /// The same rows without noise, to measure errors and coverage by; held in memory.
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// Compare with Savitzky-Golay, median and Wiener filters along the axes and with PCA of the rows, their windows and components
    /// chosen by the same estimate of risk.
    #[arg(long)]
    filters: bool,
    /// Draws of new noise for each row.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u64).range(2..=1000))]
    draws: u64,
    /// Seed of all that is drawn.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Columns to copy to the output, beside the result; one with the name of a result gets the ending `_input`.
    #[arg(long, value_name = "NAME,…", value_parser = names)]
    keep: Option<Names>,
    /// Print one JSON object about the noise and what became of it on standard output.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    rows: Rows,
}

pub(crate) fn run(verb: Denoise, printer: &Printer) -> Result<(), Failure> {
    let model = Model::load(&verb.model)?;
    let target = inputs::output(verb.output.clone(), verb.data.iter().chain([&verb.model]).chain(&verb.truth))?;
    if verb.json && verb.output.as_os_str() == "-" {
        return Err(Failure::usage("--json: standard output takes the table or the object; name a file with -o"));
    }
    if verb.output.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npy")) {
        return Err(Failure::usage(format!(
            "{}: .npy holds one array, and these are estimates and their uncertainties; write .npz, .h5, .parquet or .csv",
            verb.output.display()
        )));
    }
    let width = model.autoencoder.features().len();
    let mut opened = Opened::new(&verb, &model, printer)?;
    let name = opened.name.clone();
    let chosen = opened.chosen((CALIBRATION_VALUES / width).max(16), verb.seed)?;
    let options = DenoisingOptions {
        noise: verb.noise,
        errors: opened.has_errors(),
        draws: verb.draws,
        seed: verb.seed,
        threads: verb.rows.threads.count(),
    };
    let denoising = Denoising::new(&model, &options, (&chosen.values, chosen.errors.as_deref()), &chosen.numbers)?;
    opened.check_counts(denoising.noise())?;
    let refusing = Refusing::new(&verb, &denoising)?;
    let mut truth = verb.truth.as_ref().map(|path| Truth::read(path, &verb, &model, printer)).transpose()?;
    let filters = match verb.filters {
        true => denoising.filters((&chosen.values, chosen.errors.as_deref()), &chosen.numbers)?,
        false => Vec::new(),
    };
    let made_up = invented(&denoising, (&chosen.values, chosen.errors.as_deref()))?;
    let mut residuals = Residuals::new(denoising.noise(), &model.shape(), verb.seed);
    let mut done = Done::default();
    write_blocks(&target, printer, |give| {
        let rows = opened.each(|table, block| {
            let numbers: Vec<u64> = block.used_rows.clone();
            let mut denoised = denoising.rows((&block.values, block.errors.as_deref()), &numbers)?;
            residuals.add(&block.values, &denoised, &numbers);
            let refused = refusing.pass(&mut denoised, &block.values, width);
            done.add(&denoised, &refused, &numbers, denoising.outside());
            if let Some(truth) = &mut truth {
                truth.add(&block.values, denoising.noise(), &denoised, &numbers)?;
                truth.add_filters(&filters, (&block.values, &denoised.noise), &numbers, &model.shape());
            }
            give(rows::table(&table, &block, &denoised, &refused, &model, verb.keep.as_deref().unwrap_or_default())?)
        })?;
        truth.as_ref().map_or(Ok(()), |truth| truth.check_rows(&name, rows)).map_err(Stop::Failed)
    })?;
    let proof = Proof { residuals: residuals.report(model.axes(), model.autoencoder.features()), invented: made_up };
    tell(&verb, &denoising, &done, &proof, &filters, truth.as_ref(), printer)
}

/// Which rows pass through unchanged.
struct Refusing {
    rate: Option<f64>,
}

impl Refusing {
    fn new(verb: &Denoise, denoising: &Denoising<'_>) -> Result<Self, Failure> {
        let Some(rate) = verb.refuse_outliers else { return Ok(Self { rate: None }) };
        let Some(conformal) = denoising.conformal() else {
            return Err(Failure::usage(format!(
                "--refuse-outliers: {} has no rows to compare with; fit one that has: lumenfold fit DATA --for denoising -o {}",
                verb.model.display(),
                words::shell_path(&verb.model)
            )));
        };
        conformal.check_rate("--refuse-outliers", rate)?;
        Ok(Self { rate: Some(rate) })
    }

    /// Puts the rows that are refused back as they were, their uncertainty that of the noise.
    fn pass(&self, denoised: &mut Denoised, values: &[f64], width: usize) -> Vec<bool> {
        let rows = values.len() / width;
        let (Some(rate), Some(p_values)) = (self.rate, &denoised.p_values) else { return vec![false; rows] };
        let refused: Vec<bool> = p_values.iter().map(|p| *p <= rate).collect();
        for (row, _) in refused.iter().enumerate().filter(|(_, refused)| **refused) {
            let row = row * width..(row + 1) * width;
            denoised.estimate[row.clone()].copy_from_slice(&values[row.clone()]);
            for (uncertainty, noise) in denoised.uncertainty[row.clone()].iter_mut().zip(&denoised.noise[row]) {
                *uncertainty = noise.sqrt();
            }
        }
        refused
    }
}

/// Sums over the rows.
#[derive(Default)]
struct Done {
    rows: usize,
    values: usize,
    variance: f64,
    noise: f64,
    outside: usize,
    first_outside: Vec<u64>,
    refused: usize,
}

impl Done {
    fn add(&mut self, denoised: &Denoised, refused: &[bool], numbers: &[u64], outside: f64) {
        self.rows += numbers.len();
        self.values += denoised.estimate.len();
        self.variance += denoised.uncertainty.iter().map(|value| value * value).sum::<f64>();
        self.noise += denoised.noise.iter().sum::<f64>();
        self.refused += refused.iter().filter(|refused| **refused).count();
        for (p_value, number) in denoised.p_values.iter().flatten().zip(numbers) {
            if *p_value <= outside {
                self.outside += 1;
                if self.first_outside.len() < NAMED {
                    self.first_outside.push(number + 1);
                }
            }
        }
    }
}

fn tell(
    verb: &Denoise,
    denoising: &Denoising<'_>,
    done: &Done,
    proof: &Proof,
    filters: &[Chosen],
    truth: Option<&Truth>,
    printer: &Printer,
) -> Result<(), Failure> {
    let relative = (done.variance / done.noise).sqrt();
    printer.say(format!(
        "noise {}; {}; uncertainties are {} of the noise (rms), calibrated on {} values",
        denoising.noise(),
        counted(denoising.members(), "member"),
        percent(relative),
        thousands(denoising.calibration().values)
    ));
    let outside = denoising.outside();
    let expected = denoising.conformal().map(|_| outside * done.rows as f64);
    if done.outside > 0 {
        let first: Vec<String> = done.first_outside.iter().map(ToString::to_string).collect();
        let more = if done.outside > first.len() { ", …" } else { "" };
        let then = match verb.refuse_outliers {
            Some(_) => format!("{} passed through unchanged", counted(done.refused, "row")),
            None => "--refuse-outliers RATE leaves such rows as they are".to_owned(),
        };
        printer.warn(format!(
            "{} of {} rows are unlike those that the model was trained on (p-value up to {outside:.3}; {:.1} are expected): rows {}{more}; {then}",
            thousands(done.outside),
            thousands(done.rows),
            expected.unwrap_or(0.0),
            listed(&first)
        ));
    } else if done.refused > 0 {
        printer.warn(format!("{} passed through unchanged", counted(done.refused, "row")));
    }
    proof.say(printer);
    if !filters.is_empty() {
        printer.head("mean squared error over the noise's, estimated without the truth");
        printer.say(format!("  {:<28} {:.3}", "model", denoising.calibration().risk));
        for filter in filters {
            printer.say(format!("  {:<28} {:.3}", filter.filter.to_string(), filter.risk));
        }
    }
    if let Some(truth) = truth {
        truth.say(filters, printer);
    }
    if verb.json {
        return printer.object(&json!({
            "rows": done.rows,
            "noise": denoising.noise().to_string(),
            "members": denoising.members(),
            "uncertainty_over_noise": relative,
            "calibration": denoising.calibration(),
            "outside": denoising.conformal().map(|conformal| json!({
                "p_value": outside, "rows": done.outside, "expected": expected, "calibration_rows": conformal.rows(),
            })),
            "refused": verb.refuse_outliers.map(|rate| json!({"rate": rate, "rows": done.refused})),
            "residuals": proof.residuals,
            "invented": proof.json(),
            "filters": filters
                .iter()
                .map(|filter| json!({ "filter": filter.filter.to_string(), "risk": filter.risk }))
                .collect::<Vec<_>>(),
            "truth": truth.map(|truth| truth.json(filters)),
            "output": verb.output,
        }));
    }
    Ok(())
}
