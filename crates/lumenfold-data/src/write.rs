//! Writing tables, whole or in blocks.
//!
//! [`BlockWriter`] takes rows as they come. `encoder` turns them into the bytes of a format, `sink` is where these go:
//! a file that appears when it is finished, a device, or standard output. [`write_table`] is one block.
//! [`ArrayWriter`] takes arrays of any number of dimensions, which are no tables, [`ImageWriter`] the
//! numbers of images as they come.

mod arrays;
mod block_writer;
mod encoder;
mod images;
mod losses;
mod sink;

use std::path::Path;

pub use arrays::{ArrayValues, ArrayWriter};
pub use block_writer::BlockWriter;
pub use images::ImageWriter;
pub use losses::lost;

use crate::formats::{Format, OutputFormat};
use crate::{DataError, Table, Target, check_writable};

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
    let mut writer = BlockWriter::create(target, options)?;
    writer.write(table)?;
    writer.finish()
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
