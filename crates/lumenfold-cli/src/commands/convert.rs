//! `convert`: one table format to another.

use std::path::PathBuf;

use clap::Args;
use lumenfold::data::{
    BlockOptions, Column, ColumnHead, DataError, Table, Target, ValueType, Values, WriteOptions, check_target, lost,
};

use crate::failure::Failure;
use crate::inputs;
use crate::memory::Memory;
use crate::names::{Names, names};
use crate::outlet::write_blocks;
use crate::printer::Printer;

/// Write a table in another format.
///
/// Several files become one table. Tables of any length are converted in little memory.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    lumenfold convert stars.csv.gz -o stars.parquet\n  \
    lumenfold convert stars.parquet -o magnitudes.npy --columns u,g,r,i,z\n  \
    lumenfold convert magnitudes.npy -o stars.fits --names u,g,r,i,z\n  \
    lumenfold convert night1.csv night2.csv -o nights.parquet\n  \
    lumenfold convert run.nxspe -o run.npz\n  \
    lumenfold convert spectra/ -o spectra.h5")]
pub(crate) struct Convert {
    /// The table, in any format that is read; `-` for standard input. Several files with the same columns, a folder or a pattern
    /// ('night*.fits') are read one after another as one table; FILE:NAME is a part of a file.
    #[arg(required = true)]
    data: Vec<PathBuf>,
    /// Where to write: .csv .tsv (also .gz .zst) .parquet .arrow .npy .npz .fits .h5 .vot, or `-` for CSV on standard output.
    #[arg(long, short)]
    output: PathBuf,
    /// The columns to write, in this order [default: all].
    #[arg(long, value_name = "NAME,…", value_parser = names)]
    columns: Option<Names>,
    /// Names for the columns of arrays, which have none, one for each in their order [default: x1,x2,…].
    #[arg(long, value_name = "NAME,…", value_parser = names)]
    names: Option<Names>,
    /// The input's format, if neither content nor name tells it: csv, tsv, parquet, arrow, npy, npz, fits, hdf5, votable,
    /// idx, jcamp, spe.
    #[arg(long, value_name = "FORMAT")]
    format: Option<lumenfold::data::Format>,
    #[command(flatten)]
    memory: Memory,
}

pub(crate) fn run(verb: Convert, printer: &Printer) -> Result<(), Failure> {
    let target = inputs::output(verb.output, &verb.data)?;
    let sources = inputs::sources(verb.data)?;
    let options = BlockOptions {
        columns: verb.columns.clone(),
        names: verb.names,
        format: verb.format,
        block_bytes: verb.memory.block_bytes(1, 0),
        memory_limit: verb.memory.limit(),
        // Of a choice of columns, what belongs together is for the user to say.
        errors: verb.columns.is_none(),
        ..BlockOptions::default()
    };
    let mut reader = inputs::open(&sources, &options, printer)?;
    if let Target::Path(path) = &target {
        let format = check_target(&target, &WriteOptions::default())?.format;
        let lost = lost(format, reader.columns(), reader.gridded().filter(|_| verb.columns.is_none()));
        if !lost.is_empty() {
            let (path, format) = (path.display(), format.name());
            printer.warn(format!("{path}: {format} does not hold {}", lost.join(", ")));
        }
    }
    write_blocks(&target, printer, |give| {
        while let Some(block) = reader.next_block()? {
            give(chosen(block, verb.columns.as_deref())?)?;
        }
        if reader.rows_read() == 0 {
            // A table without rows has columns all the same.
            let columns = reader.columns().iter().map(without_rows).collect();
            give(chosen(Table::new(reader.source(), columns)?, verb.columns.as_deref())?)?;
        }
        Ok(())
    })
}

/// The columns of these names in their order, or all.
fn chosen(block: Table, names: Option<&[String]>) -> Result<Table, DataError> {
    let Some(names) = names else { return Ok(block) };
    if block.columns().iter().map(|column| &column.name).eq(names) {
        return Ok(block);
    }
    let columns = names.iter().map(|name| block.column(name).cloned()).collect::<Result<_, _>>()?;
    Table::new(block.source(), columns)
}

fn without_rows(head: &ColumnHead) -> Column {
    let values = match head.value_type {
        ValueType::Float64 => Values::Float64(Vec::new()),
        ValueType::Float32 => Values::Float32(Vec::new()),
        ValueType::Integer => Values::integers(Vec::new()),
        ValueType::Boolean => Values::booleans(Vec::new()),
        ValueType::Text => Values::text(Vec::<String>::new()),
    };
    Column { name: head.name.clone(), unit: head.unit.clone(), values }
}
