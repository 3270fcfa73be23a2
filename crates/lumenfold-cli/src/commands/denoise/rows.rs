//! Noisy rows as they are read, and denoised rows as they are written.

use lumenfold::data::{BlockOptions, BlockReader, Column, Dataset, DatasetOptions, Table, Values, each_block};
use lumenfold::denoising::{Denoised, StatedNoise};
use lumenfold::{Error, Model};

use super::Denoise;
use crate::axes::Finding;
use crate::errors::Errors;
use crate::failure::Failure;
use crate::inputs;
use crate::names::Names;
use crate::outlet::Stop;
use crate::passage::beside;
use crate::printer::Printer;

/// Rows in a block that keep the threads busy.
const ROWS: u64 = 1024;

/// A table that is open, with the columns of its features and their errors.
pub(super) struct Opened {
    pub(super) name: String,
    reader: BlockReader,
    options: DatasetOptions,
}

/// A seeded choice of rows.
pub(super) struct ChosenRows {
    pub(super) values: Vec<f64>,
    pub(super) errors: Option<Vec<f64>>,
    pub(super) numbers: Vec<u64>,
}

impl Opened {
    pub(super) fn new(verb: &Denoise, model: &Model, printer: &Printer) -> Result<Self, Failure> {
        let sources = inputs::sources(verb.data.clone())?;
        let missing = verb.rows.reading.whole_rows()?;
        let keep = verb.keep.clone().unwrap_or_default();
        let errors = Errors::given(verb.errors.as_deref(), true);
        let width = model.autoencoder.features().len() as u64;
        let options = BlockOptions {
            block_bytes: verb.rows.memory.block_bytes(ROWS, 8 * width),
            ..errors.options(verb.rows.blocks())
        };
        let read: Names = keep.iter().chain(errors.columns()).cloned().collect();
        let (columns, resample) = (verb.rows.columns.clone(), verb.rows.grid.resample);
        let found = Finding { model, columns, beside: Some(&read), resample, masks: false }
            .open(&sources, &options, printer)?;
        let columns = found.columns;
        let (reader, errors) = errors.beside(found.reader, verb.rows.blocks())?;
        let options = DatasetOptions {
            columns: Some(columns),
            axes: Some(Vec::new()),
            errors,
            missing,
            ..DatasetOptions::default()
        };
        Ok(Self { name: inputs::name_of(&sources), reader, options })
    }

    pub(super) fn has_errors(&self) -> bool {
        self.options.errors.is_some()
    }

    /// The first so many of the rows in an order that the seed decides, and then from the beginning.
    pub(super) fn chosen(&mut self, most: usize, seed: u64) -> Result<ChosenRows, Failure> {
        let mut kept: Vec<(u64, u64, Vec<f64>, Vec<f64>)> = Vec::new();
        each_block::<Stop>(&mut self.reader, &self.options, |_, block| {
            let width = block.features.len();
            for (row, number) in block.used_rows.iter().enumerate() {
                let range = row * width..(row + 1) * width;
                let errors = block.errors.as_ref().map(|errors| errors[range.clone()].to_vec()).unwrap_or_default();
                kept.push((scrambled(*number ^ seed.rotate_left(32)), *number, block.values[range].to_vec(), errors));
                if kept.len() >= 2 * most {
                    kept.select_nth_unstable_by_key(most - 1, |row| (row.0, row.1));
                    kept.truncate(most);
                }
            }
            Ok(())
        })?;
        self.reader.rewind();
        kept.sort_unstable_by_key(|row| (row.0, row.1));
        kept.truncate(most);
        kept.sort_unstable_by_key(|row| row.1);
        let errors = self.has_errors().then(|| kept.iter().flat_map(|row| row.3.iter().copied()).collect());
        Ok(ChosenRows {
            numbers: kept.iter().map(|row| row.1).collect(),
            errors,
            values: kept.into_iter().flat_map(|row| row.2).collect(),
        })
    }

    /// Refuses what is no count where counts are stated, in a pass of its own.
    pub(super) fn check_counts(&mut self, noise: StatedNoise) -> Result<(), Failure> {
        if noise != StatedNoise::Poisson {
            return Ok(());
        }
        each_block::<Stop>(&mut self.reader, &self.options, |_, block| {
            let is_no_count = |value: &f64| *value < 0.0 || value.fract() != 0.0;
            match block.values.iter().position(is_no_count) {
                None => Ok(()),
                Some(at) => {
                    let width = block.features.len();
                    let column = block.features[at % width].name.clone();
                    let (path, row, value) = (block.source.clone(), block.source_row(at / width) + 1, block.values[at]);
                    Err(Error::NoCount { path, row, column, value }.into())
                }
            }
        })?;
        self.reader.rewind();
        Ok(())
    }

    /// Goes through all rows; gives their number, those that lack a value included.
    pub(super) fn each(&mut self, visit: impl FnMut(Table, Dataset) -> Result<(), Stop>) -> Result<usize, Stop> {
        each_block(&mut self.reader, &self.options, visit).map(|gone| gone.rows + gone.skipped)
    }
}

/// Numbers that tell nothing of those they are made from (Stafford's mix 13).
fn scrambled(mut number: u64) -> u64 {
    number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// The columns of a block: estimates, uncertainties, p-values and what is kept.
pub(super) fn table(
    table: &Table,
    block: &Dataset,
    denoised: &Denoised,
    refused: &[bool],
    model: &Model,
    keep: &[String],
) -> Result<Table, Error> {
    let (features, width) = (model.autoencoder.features(), model.autoencoder.features().len());
    let places: Vec<usize> = block.used_rows.iter().map(|row| (row - table.position()) as usize).collect();
    let column = |name: String, unit: Option<String>, of: &dyn Fn(usize) -> f64| {
        let mut values = vec![f64::NAN; table.rows()];
        places.iter().enumerate().for_each(|(row, place)| values[*place] = of(row));
        Column { name, unit, values: Values::Float64(values) }
    };
    let mut columns = Vec::with_capacity(2 * width + 2);
    for (at, feature) in features.iter().enumerate() {
        let of = |row: usize| denoised.estimate[row * width + at];
        columns.push(column(feature.name.clone(), feature.unit.clone(), &of));
    }
    for (at, feature) in features.iter().enumerate() {
        let of = |row: usize| denoised.uncertainty[row * width + at];
        columns.push(column(format!("{}_uncertainty", feature.name), feature.unit.clone(), &of));
    }
    if let Some(p_values) = &denoised.p_values {
        columns.push(column("p_value".to_owned(), None, &|row| p_values[row]));
        let mut cells = vec![None; table.rows()];
        places.iter().zip(refused).for_each(|(place, refused)| cells[*place] = Some(*refused));
        columns.push(Column::new("refused", Values::Boolean(cells.into_iter().collect())));
    }
    let result = beside(table, columns, keep, &[])?;
    match model.axes() {
        [] => Ok(result),
        axes => Ok(result.with_axes_and_errors(0..width, width..2 * width, axes.to_vec())?),
    }
}
