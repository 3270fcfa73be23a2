//! Options that several verbs share, and the steps that they stand for.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use lumenfold::data::{
    Column, Dataset, DatasetOptions, Missing, ReadOptions, Source, Table, Target, Values, WriteOptions, check_target,
    check_writable, read_table, write_table,
};
use lumenfold::{Error, Model};

use crate::failure::Failure;
use crate::printer::Printer;

/// How data are read.
#[derive(Clone, Debug, Args)]
pub(crate) struct Reading {
    /// The format, if neither content nor name tells it: csv, tsv, parquet, npy, npz.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<lumenfold::data::Format>,
    /// What to do with rows that lack a value in a feature.
    #[arg(long, value_enum, default_value_t = MissingRows::Refuse)]
    pub(crate) missing: MissingRows,
}

/// What to do with rows that lack a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MissingRows {
    /// Stop, and name the first of them.
    Refuse,
    /// Leave them out of a fit; in other outputs they keep their place, with empty cells.
    Skip,
}

impl From<MissingRows> for Missing {
    fn from(missing: MissingRows) -> Self {
        match missing {
            MissingRows::Refuse => Self::Refuse,
            MissingRows::Skip => Self::Skip,
        }
    }
}

/// The most threads that are started; since results do not depend on them, asking for more is no error.
const MOST_THREADS: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

/// Threads of a computation.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Threads {
    /// Threads [default: one for each processor]. The result does not depend on it.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

impl Threads {
    pub(crate) fn count(self) -> NonZeroUsize {
        let wanted = self.threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
        wanted.min(MOST_THREADS)
    }
}

/// The names of a model's features.
pub(crate) fn feature_names(model: &Model) -> Vec<String> {
    model.autoencoder.features().iter().map(|feature| feature.name.clone()).collect()
}

/// Reads a table, with the reader's remarks as warnings.
pub(crate) fn read(
    source: &Source,
    columns: Option<Vec<String>>,
    format: Option<lumenfold::data::Format>,
    printer: &Printer,
) -> Result<Table, Failure> {
    let table = read_table(source, &ReadOptions { columns, format, ..ReadOptions::default() })?;
    for note in table.notes() {
        printer.warn(note);
    }
    Ok(table)
}

/// The features of a model in some data, and the columns that are kept beside them.
pub(crate) struct Prepared {
    /// The whole table as it was read.
    pub(crate) table: Table,
    /// The rows that can be used.
    pub(crate) dataset: Dataset,
}

/// Columns that must be there, and what they are, in words.
pub(crate) struct Needed<'a> {
    pub(crate) names: &'a [String],
    pub(crate) what: &'a str,
}

impl Needed<'_> {
    /// Their names, or as many `columns` in their place.
    pub(crate) fn columns(&self, source: &Source, columns: Option<Vec<String>>) -> Result<Vec<String>, Error> {
        let Self { names, what } = self;
        let columns = columns.unwrap_or_else(|| names.to_vec());
        if columns.len() == names.len() {
            return Ok(columns);
        }
        Err(Error::FeatureCount {
            path: source.to_string(),
            found: columns.len(),
            expected: names.len(),
            names: format!("{what} {}", names.join(", ")),
        })
    }
}

/// Reads the columns that are needed, or `columns` in their place.
pub(crate) fn read_needed(
    needed: Needed<'_>,
    source: &Source,
    columns: Option<Vec<String>>,
    keep: Vec<String>,
    reading: &Reading,
    printer: &Printer,
) -> Result<Prepared, Failure> {
    let columns = needed.columns(source, columns)?;
    let options = DatasetOptions { columns: Some(columns), keep, missing: reading.missing.into() };
    let table = read(source, Dataset::columns_to_read(&options), reading.format, printer)?;
    let dataset = Dataset::from_table(&table, &options)?;
    Ok(Prepared { table, dataset })
}

/// The kept columns, as they were read.
pub(crate) fn kept(table: &Table, keep: &[String]) -> Result<Vec<Column>, Failure> {
    keep.iter().map(|name| Ok(table.column(name)?.clone())).collect()
}

/// Where a table goes, checked before the work begins: none of the files it is made from.
pub(crate) fn output<'a>(path: PathBuf, inputs: impl IntoIterator<Item = &'a PathBuf>) -> Result<Target, Failure> {
    let target = Target::from(path);
    check_target(&target, &WriteOptions::default())?;
    if let Target::Path(path) = &target {
        refuse_input(path, inputs)?;
    }
    Ok(target)
}

/// Where a model or a page goes: a file, since neither is a table, and none of those it is made from.
pub(crate) fn output_file(path: &Path, inputs: &[&Path]) -> Result<(), Failure> {
    if path.as_os_str() == "-" {
        return Err(Failure::usage("-: only tables are written to standard output; name a file with -o"));
    }
    refuse_input(path, inputs)?;
    Ok(check_writable(path)?)
}

fn refuse_input(output: &Path, inputs: &[&Path]) -> Result<(), Failure> {
    let place = output.canonicalize().ok();
    let is_output = |input: &&Path| Source::from(*input).file().and_then(|file| file.canonicalize().ok()) == place;
    if place.is_some() && inputs.iter().any(is_output) {
        let path = output.display();
        return Err(Failure::usage(format!("{path}: is an input and would be lost; name another file with -o")));
    }
    Ok(())
}

/// Writes a table and says so.
pub(crate) fn write(source: &Source, columns: Vec<Column>, target: &Target, printer: &Printer) -> Result<(), Failure> {
    let table = Table::new(source.to_string(), columns)?;
    write_table(&table, target, &WriteOptions::default())?;
    if let Target::Path(path) = target {
        let rows = crate::words::thousands(table.rows());
        printer.say(format!("wrote {}: {rows} rows, columns {}", path.display(), table.names().join(", ")));
    }
    Ok(())
}
