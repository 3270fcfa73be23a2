//! Reading tables.

use std::num::NonZeroUsize;

use crate::budget::Budget;
use crate::formats::reader::{OpenFile, Request, reader_of};
use crate::formats::{Format, text};
use crate::input::{Input, Spool};
use crate::{DataError, Source, Table};

/// What reading may use by default: 8 GiB.
pub const DEFAULT_MEMORY_LIMIT: u64 = 8 << 30;

/// How to read a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// Names of the columns to read, in any order; they come in the order of the file. `None` for all of them. Others
    /// are not kept in memory, and may be of types that cannot be read.
    pub columns: Option<Vec<String>>,
    /// The format, if the content should not decide.
    pub format: Option<Format>,
    /// Bytes that the columns, and what is needed to read them, may use.
    pub memory_limit: u64,
    /// Threads that parse text; `None` for one on each processor. The result does not depend on it.
    pub threads: Option<NonZeroUsize>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { columns: None, format: None, memory_limit: DEFAULT_MEMORY_LIMIT, threads: None }
    }
}

/// Reads a table from a file or from standard input.
///
/// The format is found out from the content, then from the name; see [`formats`](crate::formats).
///
/// ```
/// use lumenfold_data::{ReadOptions, Source, read_table};
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("stars.csv");
/// std::fs::write(&path, "objid,u,class\n1237648720693755918,23.5,STAR\n")?;
/// let table = read_table(&Source::from(path), &ReadOptions::default())?;
/// assert_eq!(table.rows(), 1);
/// assert_eq!(table.column("objid")?.text(0), "1237648720693755918");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The input cannot be opened or read, is in no format that is read, breaks the rules of its format, would need too
/// much memory, or has no column of a name that is asked for.
pub fn read_table(source: &Source, options: &ReadOptions) -> Result<Table, DataError> {
    let mut budget = Budget::new(source.to_string(), options.memory_limit);
    let spool = Spool { directory: None, limit: Some(options.memory_limit) };
    let input = Input::open(source, options.format, &spool)?;
    if matches!(input.format, Format::Csv | Format::Tsv) {
        return text::read(input, options, &mut budget);
    }
    open_input(&input, &spool, options.columns.as_deref(), false, options.memory_limit)?.table(&mut budget)
}

/// Opens an input that is no text.
pub(crate) fn open_input(
    input: &Input,
    spool: &Spool,
    columns: Option<&[String]>,
    errors: bool,
    memory_limit: u64,
) -> Result<Box<dyn OpenFile>, DataError> {
    let (file, length) = input.plain(spool)?;
    let request = Request { path: &input.path, member: input.member.as_deref(), columns, errors, memory_limit };
    match reader_of(input.format) {
        Some(reader) => reader.open(file, length, &request),
        None => {
            let (path, format) = (input.path.clone(), input.format.name().to_owned());
            Err(DataError::UnsupportedFormat { path, format })
        }
    }
}
