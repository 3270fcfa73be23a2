//! Tables of any length through a model, block by block: encoded, decoded or reconstructed.
//!
//! ```text
//! BlockReader ──block──▶ cut into pieces ──▶ load ─▶ network ─▶ unload ──▶ columns of the result ──▶ the caller
//!                        as threads are free  f64 arithmetic    in original units
//! ```
//!
//! * `numbers` are the columns that go in.
//! * `piece` is what one thread does with consecutive rows.
//! * `network` is what they pass through: tile by tile, or all of them through a wide one.
//! * `trouble` is a row that stops the passage. Which one is told depends on the rows alone: the first.
//! * `results` are the columns that come out. Their types are those of the model, not of the values.
//!
//! A row's result depends on that row alone, so that neither the blocks nor the threads change a bit of it.

mod network;
mod numbers;
mod piece;
mod results;
mod trouble;

use std::collections::HashSet;
use std::num::NonZeroUsize;

use lumenfold_data::{BlockReader, Column, DataError, FeatureScaling, Missing, Scaling, Table, Unusable};
use lumenfold_engine::{InstructionSet, Part};

use crate::{Autoencoder, Error};
pub(crate) use network::is_wide;
use numbers::Numbers;
use piece::Shared;
use results::Results;

/// Which way rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From samples to latent codes.
    Encode,
    /// From latent codes to samples.
    Decode,
    /// From samples to samples.
    Reconstruct,
}

/// What a passage is made of besides the model.
#[derive(Clone, Debug)]
pub struct PassageOptions {
    /// Which way rows go.
    pub way: Way,
    /// The columns of the table that go in, in the model's order.
    pub columns: Vec<String>,
    /// What to do with rows that lack a value; those that are skipped keep their place in the result, without values.
    pub missing: Missing,
    /// Threads; the result does not depend on it.
    pub threads: NonZeroUsize,
}

/// A model through which the blocks of a table pass.
///
/// ```
/// # use std::num::NonZeroUsize;
/// # use std::sync::atomic::AtomicBool;
/// use lumenfold::data::{BlockOptions, BlockReader, Column, Dataset, DatasetOptions, Missing, Source, Table, Values};
/// use lumenfold::passage::{Passage, PassageOptions, Way};
/// # use lumenfold::{Settings, fit};
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("points.csv");
/// # std::fs::write(&path, (0..60).map(|row| format!("{row},{}\n", row * row % 17)).collect::<String>())?;
/// # let source = Source::from(path);
/// # let dataset = Dataset::read(&source, &Default::default(), &DatasetOptions::default())?;
/// # let settings = Settings { latent: 1, hidden: vec![4], epochs: Some(2), ..Settings::default() };
/// # let autoencoder = fit(&dataset, &settings, &AtomicBool::new(false), |_| {})?.autoencoder;
/// let columns = dataset.feature_names();
/// let mut reader = BlockReader::open(&[source], &BlockOptions { numbers: columns.clone(), ..BlockOptions::default() })?;
/// let options = PassageOptions { way: Way::Encode, columns, missing: Missing::Refuse, threads: NonZeroUsize::MIN };
/// let passage = Passage::new(&autoencoder, options)?;
/// let mut rows = 0;
/// passage.run(&mut reader, |_, results| {
///     assert_eq!(results[0].name, "z1");
///     rows += results[0].len();
///     Ok::<_, lumenfold::Error>(())
/// })?;
/// assert_eq!(rows, 60);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Passage<'a> {
    autoencoder: &'a Autoencoder,
    options: PassageOptions,
    part: Part,
    set: InstructionSet,
    entrance: Vec<FeatureScaling>,
}

/// What came of a passage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Rows that passed, those without a result among them.
    pub rows: usize,
    /// Rows that lack a value.
    pub skipped: usize,
}

impl<'a> Passage<'a> {
    /// Prepares a passage.
    ///
    /// # Errors
    /// A column is named twice, or their number is not that of the model; an instruction set that is not there.
    pub fn new(autoencoder: &'a Autoencoder, options: PassageOptions) -> Result<Self, Error> {
        let part = match options.way {
            Way::Encode => Part::Encoder,
            Way::Decode => Part::Decoder,
            Way::Reconstruct => Part::Whole,
        };
        let entrance = match options.way {
            Way::Decode => Scaling::identity(autoencoder.network.latent_dimension()).features,
            Way::Encode | Way::Reconstruct => autoencoder.scaling.features.clone(),
        };
        let path = || "the columns".to_owned();
        let mut seen = HashSet::new();
        if let Some(name) = options.columns.iter().find(|name| !seen.insert(name.as_str())) {
            return Err(DataError::DuplicateFeature { path: path(), name: name.clone() }.into());
        }
        if options.columns.len() != entrance.len() {
            let (expected, found) = (entrance.len(), options.columns.len());
            return Err(DataError::FeatureCount { path: path(), expected, found }.into());
        }
        let set = InstructionSet::from_environment()?;
        Ok(Self { autoencoder, options, part, set, entrance })
    }

    /// Passes all rows of a reader, from where it stands. `take` is given each block and the columns of its result.
    ///
    /// # Errors
    /// No rows, or none that can be used; a missing value under [`Missing::Refuse`]; a value that the scaling cannot take
    /// or that overflows; those of reading and of `take`.
    pub fn run<E: From<Error>>(
        &self,
        reader: &mut BlockReader,
        mut take: impl FnMut(Table, Vec<Column>) -> Result<(), E>,
    ) -> Result<Passed, E> {
        let mut passed = Passed::default();
        let mut first: Option<(String, Unusable)> = None;
        while let Some(block) = reader.next_block().map_err(Error::from)? {
            let (columns, unusable) = match self.block(&block) {
                Ok(done) => done,
                Err(error) => return Err(self.counted_on(reader, error, passed.rows).into()),
            };
            passed.rows += block.rows();
            passed.skipped += unusable.count;
            if first.is_none() {
                first = unusable.first.map(|first| (block.source().to_owned(), first));
            }
            take(block, columns)?;
        }
        match first {
            _ if passed.rows == 0 => Err(Error::from(DataError::NoRows { path: reader.source() }).into()),
            Some((path, Unusable { column, .. })) if passed.skipped == passed.rows => {
                Err(Error::from(DataError::NoUsableRows { path, rows: passed.rows, column }).into())
            }
            _ => Ok(passed),
        }
    }

    /// The result of one block, and its rows without one.
    fn block(&self, block: &Table) -> Result<(Vec<Column>, Skipped), Error> {
        let numbers = Numbers::of(block, &self.options.columns)?;
        let mut results = Results::new(self.autoencoder, self.options.way, block.rows());
        // Wide networks are shared between threads inside the engine; for others, threads take pieces.
        let wide = is_wide(self.autoencoder);
        let (piece_rows, threads) =
            if wide { (block.rows(), NonZeroUsize::MIN) } else { (piece::ROWS, self.options.threads) };
        let shared = Shared::new(self, &numbers, if wide { self.options.threads } else { NonZeroUsize::MIN });
        let pieces = std::sync::Mutex::new(results.pieces(piece_rows));
        // A thread that panics ends the passage, whatever the others find.
        let work = || shared.work(|| pieces.lock().map_or(None, |mut pieces| pieces.next()));
        let others = (threads.get() - 1).min(block.rows().div_ceil(piece_rows.max(1)).saturating_sub(1));
        let found = std::thread::scope(|scope| {
            let others: Vec<_> = (0..others).map(|_| scope.spawn(work)).collect();
            let mut found = work();
            for other in others {
                match other.join() {
                    Ok(other) => found.join(other),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            found
        });
        drop(pieces);
        let skipped = found.skipped(self, block, &numbers);
        match found.trouble {
            Some(trouble) => Err(trouble.error(self, block, &numbers, skipped.count)),
            None => found.engine.map_or(Ok((results.columns(), skipped)), Err),
        }
    }

    /// An error that counts rows within a block, counting on through the blocks that follow; `before` rows came before.
    fn counted_on(&self, reader: &mut BlockReader, mut error: Error, before: usize) -> Error {
        let Error::Data(DataError::MissingValues { count, rows, .. }) = &mut error else { return error };
        *rows += before;
        // What else is wrong further on is told when this is put right.
        while let Ok(Some(block)) = reader.next_block() {
            *count += Numbers::of(&block, &self.options.columns).map_or(0, |numbers| numbers.unusable(block.rows()));
            *rows += block.rows();
        }
        error
    }
}

/// Rows of a block that lack a value.
struct Skipped {
    count: usize,
    first: Option<Unusable>,
}
