//! `convert`: one table format to another.

use std::path::PathBuf;

use clap::Args;
use lumenfold::data::{Source, Target};

use crate::failure::Failure;
use crate::inputs;
use crate::printer::Printer;

/// Write a table in another format.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lumenfold convert stars.csv.gz -o stars.parquet\n  \
    lumenfold convert stars.parquet -o magnitudes.npy --columns u,g,r,i,z")]
pub(crate) struct Convert {
    /// The table: CSV, TSV (also compressed), Parquet, NPY or NPZ; `-` for standard input.
    input: PathBuf,
    /// Where to write: .csv .tsv (also .gz .zst) .parquet .npy .npz, or `-` for CSV on standard output.
    #[arg(long, short)]
    output: PathBuf,
    /// The columns to write, in this order [default: all].
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    columns: Option<Vec<String>>,
    /// The input's format, if neither content nor name tells it: csv, tsv, parquet, npy, npz.
    #[arg(long, value_name = "FORMAT")]
    format: Option<lumenfold::data::Format>,
}

pub(crate) fn run(verb: Convert, printer: &Printer) -> Result<(), Failure> {
    let target: Target = inputs::output(verb.output, &[&verb.input])?;
    let source = Source::from(verb.input);
    let table = inputs::read(&source, verb.columns.clone(), verb.format, printer)?;
    let columns = match &verb.columns {
        Some(names) => inputs::kept(&table, names)?,
        None => table.into_columns(),
    };
    inputs::write(&source, columns, &target, printer)
}
