//! A table through a model, block by block: what `encode`, `decode` and `reconstruct` share.

use std::path::PathBuf;

use clap::Args;
use lumenfold::data::{Axis, BlockOptions, BlockReader, Column, Source, Table, Values};
use lumenfold::passage::{Passage, PassageOptions, Way};
use lumenfold::{Error, Model};

use crate::axes::Finding;
use crate::failure::Failure;
use crate::images::{Passing, Windows};
use crate::inputs::{self, Grid, MissingRows, Needed, Reading, Threads};
use crate::memory::Memory;
use crate::names::{Names, names};
use crate::outlet::write_blocks;
use crate::printer::Printer;
use crate::words::thousands;

/// What tells a kept column from a result of the same name.
const KEPT_SUFFIX: &str = "_input";

/// Rows in a block that keep the threads busy where a network is wide.
const ROWS: u64 = 1024;

/// A model, the tables that go through it, and where the result goes.
#[derive(Debug, Args)]
pub(crate) struct Through {
    /// A model made by `lumenfold fit`.
    model: PathBuf,
    /// The table; `-` for standard input. Several files are read one after another as one table.
    #[arg(required = true)]
    data: Vec<PathBuf>,
    /// Where to write: .csv .tsv (also .gz .zst) .parquet .arrow .fits .h5 .vot .npy .npz, or `-` for CSV on
    /// standard output.
    #[arg(long, short)]
    output: PathBuf,
    /// Columns to copy to the output, beside the result; one with the name of a result gets the ending `_input`.
    #[arg(long, value_name = "NAME,…", value_parser = names)]
    keep: Option<Names>,
    /// The columns that the model needs, in its order, where their names differ from those it was trained on.
    #[arg(long, value_name = "NAME,…", value_parser = names)]
    columns: Option<Names>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    grid: Grid,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    memory: Memory,
}

impl Through {
    /// Whether rows may lack values and pass all the same.
    pub(crate) fn masks(&self) -> bool {
        self.reading.missing == MissingRows::Mask
    }

    /// Reads the model and the columns it needs, and writes the result beside the kept ones. Rows keep their order and
    /// their number. With `impute`, values that are there stay as they are.
    pub(crate) fn run(self, way: Way, impute: bool, windows: &Windows, printer: &Printer) -> Result<(), Failure> {
        let masks = self.masks();
        let model = Model::load(&self.model)?;
        let target = inputs::output(self.output, self.data.iter().chain([&self.model]))?;
        let sources = inputs::sources(self.data)?;
        if model.record.patches.is_some() && way != Way::Decode {
            if self.keep.is_some() || self.columns.is_some() || self.reading.names.is_some() || self.grid.resample {
                let message =
                    "--keep, --columns, --names, --resample: are for tables, and the model takes images in patches";
                return Err(Failure::usage(message));
            }
            let (reading, threads, memory) = (&self.reading, self.threads, self.memory);
            let (model, sources, target) = (&model, &sources[..], &target);
            let passing = Passing { model, sources, target, windows, reading, threads, memory };
            return if way == Way::Encode { passing.encode(printer) } else { passing.reconstruct(impute, printer) };
        }
        if windows.overlap.is_some() {
            return Err(Failure::usage("--overlap: is for models of patches, and this one takes whole rows"));
        }
        let name = inputs::name_of(&sources);
        let keep = self.keep.unwrap_or_default();
        let width = match way {
            Way::Decode => model.autoencoder.network().latent_dimension(),
            Way::Encode | Way::Reconstruct => model.autoencoder.features().len(),
        };
        let options = BlockOptions {
            block_bytes: self.memory.block_bytes(ROWS, 8 * width as u64),
            ..self.reading.blocks(self.memory, self.threads)
        };
        let (mut reader, columns) = match way {
            Way::Decode => codes(&model, &sources, (self.columns, &keep), &options, printer)?,
            Way::Encode | Way::Reconstruct => {
                let (columns, beside, resample) = (self.columns, Some(&keep[..]), self.grid.resample);
                let found =
                    Finding { model: &model, columns, beside, resample, masks }.open(&sources, &options, printer)?;
                (found.reader, found.columns)
            }
        };
        let missing = match way {
            Way::Decode => self.reading.whole_rows()?,
            Way::Encode | Way::Reconstruct => self.reading.missing.into(),
        };
        let inputs = columns.clone();
        let axes = if way == Way::Encode { &[][..] } else { model.axes() };
        let options = PassageOptions { way, columns, missing, threads: self.threads.count() };
        let passage = Passage::new(&model.autoencoder, options)?;
        let passed = write_blocks(&target, printer, |give| {
            passage.run(&mut reader, |block, mut results| {
                if impute {
                    keep_values(&block, &inputs, &mut results)?;
                }
                give(beside(&block, results, &keep, axes)?)
            })
        })?;
        if passed.skipped > 0 {
            let (skipped, rows) = (thousands(passed.skipped), thousands(passed.rows));
            let place = "they keep their place, with empty cells";
            let lack = if masks { "have no value at all" } else { "lack a value" };
            printer.warn(format!("{name}: {skipped} of {rows} rows {lack}; {place}"));
        }
        Ok(())
    }
}

/// Opens tables of latent codes.
fn codes(
    model: &Model,
    sources: &[Source],
    (columns, keep): (Option<Names>, &[String]),
    options: &BlockOptions,
    printer: &Printer,
) -> Result<(BlockReader, Names), Failure> {
    let (name, needed) = (inputs::name_of(sources), model.autoencoder.latent_names());
    let columns = match columns {
        None if keep.is_empty() => {
            inputs::without_names(sources, &needed, options.names.as_deref()).unwrap_or_else(|| needed.clone())
        }
        chosen => Needed { names: &needed, what: "latent coordinates" }.columns(&name, chosen)?,
    };
    inputs::refuse_twice(&name, &columns)?;
    let options = BlockOptions {
        columns: Some(columns.iter().chain(keep).cloned().collect()),
        // What is kept is kept as it was read.
        numbers: columns.iter().filter(|name| !keep.contains(name)).cloned().collect(),
        ..options.clone()
    };
    Ok((inputs::open(sources, &options, printer)?, columns))
}

/// Puts the values that a block has in the place of their reconstructions. `inputs` are the columns of its features.
fn keep_values(block: &Table, inputs: &[String], results: &mut [Column]) -> Result<(), Error> {
    for (position, result) in block.positions(inputs)?.into_iter().zip(results) {
        let column = &block.columns()[position];
        let known = (0..column.len()).map(|row| column.value(row).filter(|value| value.is_finite()));
        match &mut result.values {
            Values::Float32(values) => {
                for (value, known) in values.iter_mut().zip(known) {
                    *value = known.map_or(*value, |known| known as f32);
                }
            }
            Values::Float64(values) => {
                for (value, known) in values.iter_mut().zip(known) {
                    *value = known.unwrap_or(*value);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The results, which are samples with these axes if there are any, with the kept columns of the same rows beside them.
pub(crate) fn beside(block: &Table, mut results: Vec<Column>, keep: &[String], axes: &[Axis]) -> Result<Table, Error> {
    let own = results.len();
    // An archive has an array for the samples and one for each axis.
    let is_array =
        |name: &str| !axes.is_empty() && (name == "data" || axes.iter().any(|axis| axis.array_name() == name));
    for name in keep {
        let mut column = block.column(name)?.clone();
        if is_array(name) || results[..own].iter().any(|result| result.name == column.name) {
            column.name += KEPT_SUFFIX;
        }
        results.push(column);
    }
    let table = Table::new(block.source(), results)?;
    Ok(if axes.is_empty() { table } else { table.with_axes(0..own, axes.to_vec())? })
}
