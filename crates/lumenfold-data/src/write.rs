//! Writing tables.

use std::io::{self, Write};
use std::path::Path;

use crate::formats::{Format, OutputFormat, compress, npy, npz, parquet, text};
use crate::{DataError, Table, Target, check_writable, write_whole};

/// How to write a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// The format, if the ending of the target should not decide. Standard output has no ending: CSV by default.
    pub format: Option<OutputFormat>,
}

/// Writes a table; a file appears whole or not at all. The same table always gives the same bytes.
///
/// ```
/// use lumenfold_data::{Column, Table, Target, Values, WriteOptions, write_table};
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("z.csv");
/// let table = Table::new("z", vec![Column::new("z1", Values::Float32(vec![0.1, f32::NAN]))])?;
/// write_table(&table, &Target::from(path.clone()), &WriteOptions::default())?;
/// assert_eq!(std::fs::read_to_string(&path)?, "z1\n0.1\n\"\"\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The ending is not known, the format cannot hold the table (text in `.npy`), or the file cannot be written.
pub fn write_table(table: &Table, target: &Target, options: &WriteOptions) -> Result<(), DataError> {
    let output = output_format(target, options)?;
    let name = target.to_string();
    match output.format {
        Format::Npy => npy::check(table, &name)?,
        Format::Npz => npz::check(table, &name)?,
        Format::Parquet => parquet::check(table, &name)?,
        Format::Csv | Format::Tsv => text::check(table, &name)?,
    }
    match target {
        Target::Path(path) => write_whole(path, |file| write_to(table, output, file)),
        Target::Stdout => {
            let mut stdout = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
            write_to(table, output, &mut stdout).and_then(|()| stdout.flush()).or_else(|source| match source.kind() {
                // Whoever reads it has seen enough.
                io::ErrorKind::BrokenPipe => Ok(()),
                _ => Err(DataError::WriteStream { path: name, source }),
            })
        }
    }
}

/// Asks, before a long computation, whether a table could be written to `target`: is its ending known, may the file
/// be written? Leaves nothing behind.
///
/// # Errors
///
/// As [`write_table`], as far as can be known without the table.
pub fn check_target(target: &Target, options: &WriteOptions) -> Result<OutputFormat, DataError> {
    let output = output_format(target, options)?;
    if let Target::Path(path) = target {
        check_writable(path)?;
    }
    Ok(output)
}

fn output_format(target: &Target, options: &WriteOptions) -> Result<OutputFormat, DataError> {
    match (options.format, target) {
        (Some(format), _) => Ok(format),
        (None, Target::Path(path)) => OutputFormat::from_path(Path::new(path)),
        (None, Target::Stdout) => Ok(Format::Csv.into()),
    }
}

fn write_to(table: &Table, output: OutputFormat, file: &mut dyn Write) -> io::Result<()> {
    compress(file, output.compression, |file| match output.format {
        Format::Csv => text::write(table, b',', file),
        Format::Tsv => text::write(table, b'\t', file),
        Format::Parquet => parquet::write(table, file),
        Format::Npy => npy::write(table, file),
        Format::Npz => npz::write(table, file),
    })
}
