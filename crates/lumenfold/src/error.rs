//! What can go wrong between a data set and a model.

use std::io;

use lumenfold_data::DataError;
use lumenfold_engine::EngineError;

use crate::probe::ProbeError;
use crate::synthetic::phonons::PhononError;

/// Errors of the library. Each message is one line that says what is wrong, where, and what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading, writing or preparing data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The engine refused a network or a setting.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Rows that cannot be probed.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// Whole images are to pass a model of rows.
    #[error(
        "the model was not trained on patches of images; fit one with --patch, or give it samples of its own shape"
    )]
    NoPatchModel,
    /// Crystals, or pictures of them, that cannot be made.
    #[error(transparent)]
    Phonon(#[from] PhononError),
    /// A model that judges no anomalies.
    #[error("the model was not fitted to judge anomalies; fit one with --for anomalies")]
    NoDetector,
    /// Scores by χ² of values without errors.
    #[error(
        "the score is made of chi2, which needs the standard error of each value; name them with --errors, or choose other measures, for example --by mahalanobis,density"
    )]
    NoErrors,
    /// The noise of the data must be told.
    #[error(
        "{reason}; state it: --errors with the standard errors of the values, --noise poisson for counts, or --noise gaussian:DEVIATION in the data's units"
    )]
    NoiseNotTold {
        /// What is missing.
        reason: &'static str,
    },
    /// A model that cannot denoise with uncertainties.
    #[error("the model {what}; use {instead}, or fit one of whole rows: lumenfold fit DATA --for denoising")]
    NotForDenoising {
        /// What it is.
        what: &'static str,
        /// The verb for it.
        instead: &'static str,
    },
    /// A value that is no count.
    #[error(
        "{path}: row {row}, column \"{column}\": {value} is no count, and --noise poisson is for counts; give counts as they were counted, or state the noise as --errors or --noise gaussian:DEVIATION"
    )]
    NoCount {
        /// Name of the input.
        path: String,
        /// The row, counted from 1.
        row: u64,
        /// The column.
        column: String,
        /// The value.
        value: f64,
    },
    /// p-values cannot be as small as a rate that is asked for.
    #[error(
        "{name} {rate} is below the smallest p-value, {smallest:.2e}, that {rows} calibration rows allow; hold out {needed} rows at least (more data, or fit with a larger --validation), or ask for a larger rate"
    )]
    TooFewToCalibrate {
        /// The option.
        name: &'static str,
        /// The rate.
        rate: f64,
        /// Calibration rows.
        rows: usize,
        /// The smallest p-value.
        smallest: f64,
        /// The rows that the rate needs.
        needed: f64,
    },
    /// Too few rows for a detector.
    #[error("{path}: too few rows to train on ({rows} beside those held out); a detector needs {needed}")]
    TooFewToDetect {
        /// The input.
        path: String,
        /// Rows to train on.
        rows: usize,
        /// Rows that are needed.
        needed: usize,
    },
    /// What somebody stopped before there was a result.
    #[error("stopped before it was done")]
    Stopped,
    /// A setting of a fit that is out of range.
    #[error("{name} is {value}, but must be {allowed}")]
    Setting {
        /// The setting's name, as the program's option spells it.
        name: &'static str,
        /// Its value.
        value: String,
        /// What would be accepted.
        allowed: String,
    },
    /// A description of a network that cannot be read.
    #[error("{path}: {reason}")]
    Description {
        /// The file.
        path: String,
        /// What is wrong, with the line.
        reason: String,
    },
    /// Settings that make no network for these samples.
    #[error("the network cannot be built: {reason}")]
    Architecture {
        /// What is wrong, with the layer.
        reason: String,
    },
    /// A value that the likelihood gives no chance.
    #[error(
        "{path}: row {row}, column \"{column}\": {value} is no value of --likelihood {likelihood}; values must be {allowed}"
    )]
    OutsideLikelihood {
        /// Name of the input.
        path: String,
        /// The row, counted from 1.
        row: u64,
        /// The column.
        column: String,
        /// The value.
        value: f64,
        /// The likelihood.
        likelihood: String,
        /// What would be accepted.
        allowed: String,
    },
    /// Samples are wanted of a model that gives codes no distribution.
    #[error(
        "the model is {kind}, and only codes of a variational autoencoder have a distribution to draw from; fit one with --kind variational"
    )]
    NothingToDraw {
        /// The kind of the model.
        kind: String,
    },
    /// A feature that no row to train on has.
    #[error("{path}: column \"{column}\" has no value in any row that is trained on; choose others with --columns")]
    NoValues {
        /// Name of the input.
        path: String,
        /// The column.
        column: String,
    },
    /// Too few rows to learn from and to hold out.
    #[error("{path}: {rows} usable {}; a fit needs at least {needed}", if *.rows == 1 { "row" } else { "rows" })]
    TooFewRows {
        /// Name of the input.
        path: String,
        /// Rows that can be used.
        rows: usize,
        /// Rows that are needed.
        needed: usize,
    },
    /// A batch that is larger than the training rows.
    #[error("{path}: a batch of {batch} rows is larger than the {rows} rows to train on; use --batch {rows} or less")]
    BatchTooLarge {
        /// Name of the input.
        path: String,
        /// The batch.
        batch: usize,
        /// Rows to train on.
        rows: usize,
    },
    /// Features with one and the same value in every training row.
    #[error(
        "{path}: column \"{column}\" is {value} in every row to train on{}; leave it out with --columns, or keep it with --allow-constant",
        match *.others {
            0 => String::new(),
            1 => " (and 1 more column is constant)".to_owned(),
            others => format!(" (and {others} more columns are constant)"),
        }
    )]
    ConstantFeature {
        /// Name of the input.
        path: String,
        /// The first such column.
        column: String,
        /// Its value.
        value: f64,
        /// How many others there are.
        others: usize,
    },
    /// A value whose square is beyond the range of numbers, so that no squared error can be told.
    #[error(
        "{path}: row {row}, column \"{column}\": {value:e} is too large to square; give the column in another unit"
    )]
    TooLargeToSquare {
        /// Name of the input.
        path: String,
        /// The row, counted from 1.
        row: u64,
        /// The column.
        column: String,
        /// The value.
        value: f64,
    },
    /// A feature that varies by so little that squared errors are zero.
    #[error("{path}: column \"{column}\" varies by {spread:e} at most, too little to square; give it in another unit")]
    TooSmallToSquare {
        /// Name of the input.
        path: String,
        /// The column.
        column: String,
        /// Its largest difference between two rows.
        spread: f64,
    },
    /// A feature that is one and the same number when it is scaled to single precision.
    #[error("{path}: column \"{column}\" no longer varies after {scaling} scaling; choose another --scale")]
    VanishesWhenScaled {
        /// Name of the input.
        path: String,
        /// The column.
        column: String,
        /// The scaling.
        scaling: String,
    },
    /// A row for which the network's arithmetic overflows.
    #[error("{path}: row {row} is so far from the rows that the model was trained on that it overflows; leave it out")]
    Overflow {
        /// Name of the input.
        path: String,
        /// The row, counted from 1.
        row: u64,
    },
    /// The loss became NaN or infinite, or exploded, and went on doing so at lower learning rates.
    #[error(
        "training broke down: the loss became {loss:.3e} in epoch {epoch} and again at ever lower learning rates, down to {learning_rate}; look for outliers with inspect, scale with --scale standard or asinh, or try --clip-norm 1 and a lower --learning-rate"
    )]
    Diverged {
        /// The loss.
        loss: f64,
        /// The epoch, counted from 1.
        epoch: usize,
        /// The last learning rate that was tried.
        learning_rate: f64,
    },
    /// A network for which there is not enough memory.
    #[error(
        "training this network of {parameters} parameters takes {} MB of memory, but only {} MB are available; make it narrower with --hidden",
        .needed / 1_000_000, .available / 1_000_000
    )]
    NetworkTooLarge {
        /// Parameters of the network.
        parameters: usize,
        /// Bytes that training takes.
        needed: u64,
        /// Bytes that are available.
        available: u64,
    },
    /// A limit on the memory that no fit of this network can keep.
    #[error(
        "--memory is {} MB, but this fit needs {} MB at least: for the network and a window of rows",
        .limit / 1_000_000, .least.div_ceil(1_000_000)
    )]
    MemoryTooSmall {
        /// Bytes that were allowed.
        limit: u64,
        /// Bytes that are needed.
        least: u64,
    },
    /// A checkpoint of a fit of other data.
    #[error(
        "{path}: is the checkpoint of a fit of other data; name the same data, or leave out --resume to start anew"
    )]
    OtherData {
        /// The checkpoint.
        path: String,
    },
    /// A checkpoint of a fit with another setting.
    #[error(
        "{path}: is the checkpoint of a fit with {setting} {was}, not {now}; give the same options, or leave out --resume to start anew"
    )]
    OtherSetting {
        /// The checkpoint.
        path: String,
        /// The setting.
        setting: String,
        /// Its value in the checkpoint.
        was: String,
        /// Its value now.
        now: String,
    },
    /// There is nothing to resume.
    #[error("{path}: there is no such checkpoint to resume from; leave out --resume to start anew")]
    NoCheckpoint {
        /// The checkpoint.
        path: String,
    },
    /// A model file that cannot be opened or read.
    #[error("{path}: cannot be read: {source}")]
    ReadModel {
        /// The file.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file that is no model of ours, or a damaged one.
    #[error("{path}: {reason}")]
    NotAModel {
        /// The file.
        path: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// A model of a later version of the program.
    #[error("{path}: the model has format version {found}, this program reads up to {known}; use a newer lumenfold")]
    ModelTooNew {
        /// The file.
        path: String,
        /// Its format version.
        found: u64,
        /// The latest version that is read.
        known: u64,
    },
    /// Data that do not fit the model.
    #[error(
        "{path}: {found} column{} for a model of {expected} ({names}); name as many, in that order, with --columns",
        if *.found == 1 { "" } else { "s" }
    )]
    FeatureCount {
        /// Name of the data.
        path: String,
        /// Columns given.
        found: usize,
        /// What the model has.
        expected: usize,
        /// Their names.
        names: String,
    },
}

impl Error {
    /// True when the input or the request is at fault rather than the machine: the program ends with status 2.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Data(error) => error.is_usage(),
            Self::Diverged { .. } | Self::Stopped => false,
            _ => true,
        }
    }
}
