//! Options that several verbs share, and the steps that they stand for.

mod expansion;

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use lumenfold::data::{
    BlockOptions, BlockReader, DataError, Missing, Source, Target, WriteOptions, check_target, check_writable,
};
use lumenfold::{Error, Model};

use crate::failure::Failure;
use crate::memory::Memory;
use crate::names::{Names, names};
use crate::printer::Printer;
use crate::words::thousands;

/// How data are read.
#[derive(Clone, Debug, Args)]
pub(crate) struct Reading {
    /// The format, if neither content nor name tells it: csv, tsv, parquet, arrow, npy, npz, fits, hdf5, votable,
    /// idx, jcamp, spe.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<lumenfold::data::Format>,
    /// Names for the columns of arrays, which have none, one for each in their order: ra,dec,u,g,r [default: x1,x2,…].
    #[arg(long, value_name = "NAME,…", value_parser = names)]
    pub(crate) names: Option<Names>,
    /// What to do with rows that lack a value in a feature.
    #[arg(long, value_enum, default_value_t = MissingRows::Refuse)]
    pub(crate) missing: MissingRows,
}

/// What to do with data that lie on another grid than the model.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Grid {
    /// Interpolate data that lie on another grid linearly onto that of the model. Outside their range values are absent,
    /// which needs --missing mask and a model that was trained with it.
    #[arg(long)]
    pub(crate) resample: bool,
}

/// What to do with rows that lack a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MissingRows {
    /// Stop, and name the first of them.
    Refuse,
    /// Leave them out of a fit; in other outputs they keep their place, with empty cells.
    Skip,
    /// Use the values that they have: the others count in no loss, and zero in scaled units comes in in their place.
    Mask,
}

impl From<MissingRows> for Missing {
    fn from(missing: MissingRows) -> Self {
        match missing {
            MissingRows::Refuse => Self::Refuse,
            MissingRows::Skip => Self::Skip,
            MissingRows::Mask => Self::Mask,
        }
    }
}

impl Reading {
    /// What to do with rows that lack a value, for a verb that needs whole rows.
    pub(crate) fn whole_rows(&self) -> Result<Missing, Failure> {
        match self.missing {
            MissingRows::Mask => Err(Failure::usage(
                "--missing mask: is for fit, encode and reconstruct; this needs whole rows: refuse or skip the others",
            )),
            other => Ok(other.into()),
        }
    }
}

impl Reading {
    /// How the blocks of a table are read within some memory; which columns is for the verb to say.
    pub(crate) fn blocks(&self, memory: Memory, threads: Threads) -> BlockOptions {
        BlockOptions {
            format: self.format,
            names: self.names.clone(),
            block_bytes: memory.block_bytes(1, 0),
            memory_limit: memory.limit(),
            threads: Some(threads.count()),
            ..BlockOptions::default()
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

/// The columns of arrays, which have no names but x1, x2, …, if there are as many of them as are needed: they are taken
/// in their order. `given` are names that the user gave them.
pub(crate) fn without_names(sources: &[Source], needed: &[String], given: Option<&[String]>) -> Option<Vec<String>> {
    if given.is_some() {
        return None;
    }
    let nameless: Vec<String> = (1..=needed.len()).map(|index| format!("x{index}")).collect();
    let is_array = |source: &Source| matches!(source, Source::Path(path) if path.extension().is_some_and(|extension| extension == "npy"));
    if !sources.iter().all(is_array) || needed.iter().any(|name| nameless.contains(name)) {
        return None;
    }
    let reader = BlockReader::open(sources, &BlockOptions::default()).ok()?;
    (reader.names() == nameless).then_some(nameless)
}

/// Opens a reader, with its remarks as warnings.
pub(crate) fn open(sources: &[Source], options: &BlockOptions, printer: &Printer) -> Result<BlockReader, Failure> {
    let reader = BlockReader::open(sources, options)?;
    reader.notes().iter().for_each(|note| printer.warn(note));
    Ok(reader)
}

/// Columns that must be there, and what they are, in words.
pub(crate) struct Needed<'a> {
    pub(crate) names: &'a [String],
    pub(crate) what: &'a str,
}

impl Needed<'_> {
    /// Their names, or as many `columns` in their place.
    pub(crate) fn columns(&self, source: &str, columns: Option<Vec<String>>) -> Result<Vec<String>, Error> {
        let Self { names, what } = self;
        let columns = columns.unwrap_or_else(|| names.to_vec());
        if columns.len() == names.len() {
            return Ok(columns);
        }
        Err(Error::FeatureCount {
            path: source.to_owned(),
            found: columns.len(),
            expected: names.len(),
            names: format!("{what} {}", names.join(", ")),
        })
    }
}

/// Tells how many rows of a table are left out.
pub(crate) fn warn_of_skipped(source: &str, skipped: usize, rows: usize, printer: &Printer) {
    if skipped > 0 {
        let (skipped, rows) = (thousands(skipped), thousands(rows));
        printer.warn(format!("{source}: {skipped} of {rows} rows lack a value and are left out"));
    }
}

/// Refuses a column that is asked for twice. `source` is the name of the data.
pub(crate) fn refuse_twice(source: &str, columns: &[String]) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    match columns.iter().find(|name| !seen.insert(*name)) {
        None => Ok(()),
        Some(name) => Err(DataError::DuplicateFeature { path: source.to_owned(), name: name.clone() }.into()),
    }
}

/// The files of a table, in order; those of a folder or a pattern in the order of their names.
pub(crate) fn sources(paths: Vec<PathBuf>) -> Result<Vec<Source>, Failure> {
    let paths = expansion::expanded(paths)?;
    if paths.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(Failure::usage("-: standard input can be read only once; name it once"));
    }
    if let Some(path) = paths.iter().find(|path| looks_like_a_model(path)) {
        let path = path.display();
        return Err(Failure::usage(format!(
            "{path}: is a lumenfold model, and data are expected here; --help shows the order"
        )));
    }
    Ok(paths.into_iter().map(Source::from).collect())
}

/// What they go by in messages about all of them.
pub(crate) fn name_of(sources: &[Source]) -> String {
    match sources {
        [] => String::new(),
        [only] => only.to_string(),
        [first, others @ ..] => format!("{first} and {} more", others.len()),
    }
}

/// A safetensors file begins with the length of its header and the header's brace.
pub(crate) fn looks_like_a_model(path: &Path) -> bool {
    let mut head = [0; 9];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && head[8] == b'{' && head[5..8] == [0; 3]
}

/// Where a table goes, checked before the work begins: none of the files it is made from.
pub(crate) fn output<'a>(path: PathBuf, inputs: impl IntoIterator<Item = &'a PathBuf>) -> Result<Target, Failure> {
    let target = Target::from(path);
    check_target(&target, &WriteOptions::default())?;
    if let Target::Path(path) = &target {
        refuse_input(path, &inputs.into_iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
    }
    Ok(target)
}

/// The same for a table with columns of text.
pub(crate) fn output_with_text<'a>(
    path: PathBuf,
    inputs: impl IntoIterator<Item = &'a PathBuf>,
) -> Result<Target, Failure> {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npy")) {
        let path = path.display();
        return Err(Failure::usage(format!(
            "{path}: .npy holds numbers only, and this table has text; write .npz, .parquet or .csv"
        )));
    }
    output(path, inputs)
}

/// Where a model or a page goes: a file, since neither is a table, and none of those it is made from.
pub(crate) fn output_file(path: &Path, inputs: &[&Path]) -> Result<(), Failure> {
    if path.as_os_str() == "-" {
        return Err(Failure::usage("-: only tables are written to standard output; name a file with -o"));
    }
    refuse_input(path, inputs)?;
    Ok(check_writable(path)?)
}

pub(crate) fn refuse_input(output: &Path, inputs: &[&Path]) -> Result<(), Failure> {
    let place = output.canonicalize().ok();
    let is_output =
        |input: &PathBuf| Source::from(input.as_path()).file().and_then(|file| file.canonicalize().ok()) == place;
    // What cannot be listed is told where it is read.
    let inputs = inputs.iter().map(|input| expansion::expanded(vec![input.to_path_buf()]).unwrap_or_default());
    if place.is_some() && inputs.flatten().any(|input| is_output(&input)) {
        let path = output.display();
        return Err(Failure::usage(format!("{path}: is an input and would be lost; name another file with -o")));
    }
    Ok(())
}
