//! The rows of a probe: read block by block, a seeded choice of them kept, in the model's scaled units and as codes.

use std::num::NonZeroUsize;

use lumenfold_data::{
    BlockReader, BlockSplit, DataError, Dataset, DatasetOptions, Fingerprint, Missing, Walk, each_dataset,
};

use super::draws::{Draws, Purpose};
use super::error::ProbeError;
use super::labels::{Cell, Labels, Task};
use super::target::Target;
use crate::choice::Choice;
use crate::{Error, Model};

/// Rows that a probe needs.
pub const FEWEST_ROWS: usize = 20;

/// Larger quantities cannot be squared and summed, and squares of smaller differences vanish.
const LARGEST: f64 = 1e145;
const SMALLEST_SPREAD: f64 = 1e-145;

/// Which rows are probed.
#[derive(Clone, Debug)]
pub struct RowOptions {
    /// The columns that hold the model's features, in its order.
    pub columns: Vec<String>,
    /// The column that is to be told.
    pub target: String,
    /// What it is told as; the column decides if `None`.
    pub task: Option<Task>,
    /// What to do with rows that lack a feature.
    pub missing: Missing,
    /// Rows at most; a seeded choice of more.
    pub most: usize,
    /// The seed of the choice.
    pub seed: u64,
    /// Take only rows that the fit of the model held out.
    pub only_held_out: bool,
    /// Bytes of memory that the rows and what is learnt from them may take.
    pub memory: u64,
    /// Threads; the rows do not depend on it.
    pub threads: NonZeroUsize,
}

/// Rows that can be probed.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeRows {
    /// The name of the input in messages.
    pub source: String,
    /// Latent codes: `[rows][latents]`.
    pub code: Vec<f32>,
    /// Features in the model's scaled units: `[rows][features]`.
    pub features: Vec<f32>,
    /// What is to be told.
    pub target: Target,
    /// Its unit, if the file gave one.
    pub unit: Option<String>,
    /// Rows of the source that have all features and a label (and were held out, if that was asked for); some of them may
    /// not have been chosen.
    pub usable: usize,
    /// Rows without a label.
    pub unlabelled: usize,
    /// Rows that lack a feature.
    pub skipped: usize,
    /// Rows that were chosen and left out, since no other has their class.
    pub lonely: usize,
    /// Rows on which the model was trained, without their labels; unknown if it was trained on other data.
    pub trained_on: Option<usize>,
}

/// The rows that were chosen so far.
#[derive(Default)]
struct Chosen {
    cells: Vec<Cell>,
    held_out: Vec<bool>,
    code: Vec<f32>,
    features: Vec<f32>,
    /// Numbers in a code, and features.
    widths: [usize; 2],
}

impl Chosen {
    /// Leaves those at these places, if some have to go.
    fn keep(&mut self, places: Option<Vec<u64>>) {
        let Some(places) = places else { return };
        keep(&mut self.cells, 1, &places);
        keep(&mut self.held_out, 1, &places);
        keep(&mut self.code, self.widths[0], &places);
        keep(&mut self.features, self.widths[1], &places);
    }
}

/// Keeps the rows of `values`, `[rows][width]`, at ascending places.
fn keep<T: Copy>(values: &mut Vec<T>, width: usize, places: &[u64]) {
    for (count, row) in places.iter().map(|place| *place as usize).enumerate() {
        values.copy_within(row * width..(row + 1) * width, count * width);
    }
    values.truncate(places.len() * width);
}

impl ProbeRows {
    /// Reads the rows of a probe. Which ones are chosen depends on the rows and the seed, not on the blocks in which they come.
    ///
    /// # Errors
    /// Those of [`Dataset::from_table`] and of encoding; a target that is neither classes nor a quantity, does not vary, or is
    /// known of too few rows; other data than those of the fit where only its held-out rows are wanted.
    pub fn gather(reader: &mut BlockReader, model: &Model, options: &RowOptions) -> Result<Self, Error> {
        let (autoencoder, record) = (&model.autoencoder, &model.record);
        if options.most < FEWEST_ROWS {
            let (name, value) = ("--rows", options.most.to_string());
            return Err(Error::Setting { name, value, allowed: format!("{FEWEST_ROWS} or more") });
        }
        if options.only_held_out && record.validation_rows == 0 {
            return Err(ProbeError::NothingHeldOut.into());
        }
        let split = BlockSplit::new(record.rows, record.settings.validation, record.seed)?;
        let mut walk = Walk::new(split);
        let mut fingerprint = Fingerprint::new(autoencoder.features(), autoencoder.axes(), record.rows);
        let widths = [autoencoder.network().latent_dimension(), autoencoder.features().len()];
        options.check_memory(reader, widths[1])?;
        let mut draws = Draws::new(options.seed, Purpose::Rows, 0);
        let mut choice = Choice::of(options.most);
        let mut chosen = Chosen { widths, ..Chosen::default() };
        let mut labels: Option<Labels> = None;
        let (mut first, mut usable, mut unlabelled, mut unit) = (0, 0, 0, None);
        let needed = DatasetOptions {
            columns: Some(options.columns.clone()),
            keep: vec![options.target.clone()],
            missing: options.missing,
            ..DatasetOptions::default()
        };
        let gone = each_dataset(reader, &needed, |block| {
            fingerprint.add(&block.values);
            let mut held_out = vec![false; block.rows];
            walk.held_out(first, block.rows).into_iter().for_each(|row| held_out[row as usize] = true);
            first += block.rows;
            let Some(column) = block.carried.first() else { return Ok(()) };
            let labels = match &mut labels {
                Some(labels) => labels,
                None => {
                    unit.clone_from(&column.unit);
                    labels.insert(Labels::new(&block.source, column, options.task)?)
                }
            };
            let mut wanted = Vec::new();
            for (row, held_out) in held_out.iter().enumerate() {
                if options.only_held_out && !held_out {
                    continue;
                }
                let Some(cell) = labels.cell(column, row)? else {
                    unlabelled += 1;
                    continue;
                };
                usable += 1;
                if cell.number.abs() > LARGEST {
                    let (path, row) = (block.source.clone(), block.source_row(row) + 1);
                    return Err(Error::TooLargeToSquare { path, row, column: column.name.clone(), value: cell.number });
                }
                if choice.keeps(draws.bits()) {
                    chosen.cells.push(cell);
                    chosen.held_out.push(*held_out);
                    wanted.push(row);
                }
            }
            let part = part_of(&block, &wanted);
            chosen.code.extend(autoencoder.encode(&part, options.threads)?);
            chosen.features.extend(autoencoder.scaling().scaled(&part)?);
            if choice.is_overfull() {
                chosen.keep(choice.prune());
            }
            Ok::<_, Error>(())
        })?;
        chosen.keep(choice.prune());
        let path = gone.source();
        let same = gone.rows == record.rows && fingerprint.finish() == record.fingerprint;
        if options.only_held_out && !same {
            return Err(ProbeError::OtherData { path }.into());
        }
        let Some(labels) = labels else { return Err(DataError::NoRows { path }.into()) };
        let (target, belongs) = labels.target(&chosen.cells);
        let places = (0..).zip(&belongs).filter(|(_, belongs)| **belongs).map(|(place, _)| place);
        chosen.keep(Some(places.collect()));
        let rows = Self {
            source: path,
            target,
            unit,
            usable,
            unlabelled,
            skipped: gone.skipped,
            lonely: belongs.iter().filter(|belongs| !**belongs).count(),
            trained_on: same.then(|| chosen.held_out.iter().filter(|held_out| !**held_out).count()),
            code: chosen.code,
            features: chosen.features,
        };
        rows.check(&options.target)?;
        Ok(rows)
    }

    /// Refuses rows from which nothing can be learnt.
    fn check(&self, column: &str) -> Result<(), Error> {
        let (path, column) = (self.source.clone(), column.to_owned());
        let rows = self.target.rows();
        if rows < FEWEST_ROWS {
            return Err(ProbeError::TooFewRows { path, column, rows, needed: FEWEST_ROWS }.into());
        }
        match &self.target {
            Target::Classes { names, .. } if names.len() < 2 => {
                let value = names.first().map(|name| format!("\"{name}\"")).unwrap_or_default();
                Err(ProbeError::ConstantTarget { path, column, value }.into())
            }
            Target::Classes { .. } => Ok(()),
            Target::Quantity(values) => {
                let low = values.iter().copied().fold(f64::INFINITY, f64::min);
                let spread = values.iter().copied().fold(f64::NEG_INFINITY, f64::max) - low;
                if spread == 0.0 {
                    return Err(ProbeError::ConstantTarget { path, column, value: low.to_string() }.into());
                }
                if spread < SMALLEST_SPREAD {
                    return Err(Error::TooSmallToSquare { path, column, spread });
                }
                Ok(())
            }
        }
    }
}

impl RowOptions {
    /// Refuses more rows than there is memory for, as far as their number is known.
    fn check_memory(&self, reader: &BlockReader, features: usize) -> Result<(), ProbeError> {
        let rows =
            reader.total_rows().map_or(self.most, |rows| self.most.min(usize::try_from(rows).unwrap_or(usize::MAX)));
        // Twice as many rows before they are chosen; then some copies in double precision for each model under way.
        let each = features as u64 * (8 + 40 * self.threads.get().min(9) as u64);
        let needed = (rows as u64).saturating_mul(each);
        if needed <= self.memory {
            return Ok(());
        }
        let (path, limit, fewer) = (reader.source(), self.memory, self.memory / each);
        Err(ProbeError::TooMuchMemory { path, rows, features, needed, limit, fewer })
    }
}

/// Some rows of a block, without what is carried along.
fn part_of(block: &Dataset, rows: &[usize]) -> Dataset {
    Dataset {
        values: rows.iter().flat_map(|row| block.row(*row)).copied().collect(),
        errors: None,
        masks: block.masks,
        rows: rows.len(),
        features: block.features.clone(),
        axes: block.axes.clone(),
        carried: Vec::new(),
        source: block.source.clone(),
        used_rows: rows.iter().map(|row| block.used_rows[*row]).collect(),
        rows_before: block.rows_before,
        skipped: 0,
        first_skipped: None,
    }
}
