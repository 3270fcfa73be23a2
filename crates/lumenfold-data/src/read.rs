//! Reading tables.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use crate::budget::Budget;
use crate::formats::{Compression, Detected, Format, decompress, detect, npy, npz, parquet, text};
use crate::source::split_member;
use crate::{DataError, Source, Table};

/// What reading may use by default: 8 GiB.
pub const DEFAULT_MEMORY_LIMIT: u64 = 8 << 30;
/// First bytes by which a format is recognised.
const DETECTION_BYTES: usize = 4096;

/// How to read a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// Names of the columns to read, in any order; they come in the order of the file. `None` for all of them. Others
    /// are not kept in memory, and may be of types that cannot be read.
    pub columns: Option<Vec<String>>,
    /// The format, if the content should not decide.
    pub format: Option<Format>,
    /// Bytes that the decompressed input and the columns together may use.
    pub memory_limit: u64,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { columns: None, format: None, memory_limit: DEFAULT_MEMORY_LIMIT }
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
    match source {
        Source::Stdin => {
            let bytes = read_stream(io::stdin().lock(), None, None, options, &mut budget)?;
            read_bytes(bytes, None, None, options, budget)
        }
        Source::Path(path) => {
            let (path, member) = split_member(path);
            read_path(&path, member.as_deref(), options, budget)
        }
    }
}

fn read_path(path: &Path, member: Option<&str>, options: &ReadOptions, mut budget: Budget) -> Result<Table, DataError> {
    let mut file = File::open(path).map_err(|source| DataError::Open { path: budget.path().to_owned(), source })?;
    let metadata = file.metadata().map_err(|source| DataError::Open { path: budget.path().to_owned(), source })?;
    if metadata.is_dir() {
        return Err(DataError::InputIsDirectory { path: budget.path().to_owned() });
    }
    if !metadata.is_file() {
        // A pipe: it can be read once and has no length.
        let bytes = read_stream(BufReader::new(file), Some(path), member, options, &mut budget)?;
        return read_bytes(bytes, Some(path), member, options, budget);
    }
    let failed = |source| DataError::Read { path: path.display().to_string(), source };
    let start = first_bytes(&mut file).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let name = path.to_string_lossy().to_ascii_lowercase();
    let compression = match Compression::strip(&name).1 {
        named if named.is_stump(&start) => named,
        _ => Compression::of_bytes(&start),
    };
    if compression != Compression::None {
        let bytes = decompress(BufReader::new(file), compression, &mut budget)?;
        return read_bytes(bytes, Some(path), member, options, budget);
    }
    match choose_format(&start, Some(path), member, options, &budget)? {
        format @ (Format::Csv | Format::Tsv) => {
            if metadata.len() > budget.left() {
                return Err(budget.exceeded(metadata.len()));
            }
            let bytes = decompress(BufReader::new(file), Compression::None, &mut budget)?;
            text::read(&bytes, format, options, &mut budget)
        }
        Format::Npy => npy::read(&mut BufReader::new(file), metadata.len(), options, &mut budget),
        Format::Npz => npz::read(BufReader::new(file), member, options, &mut budget),
        Format::Parquet => parquet::read(file, options, &mut budget),
    }
}

/// Reads what cannot be read twice, decompressed. If its beginning is in no format that is read, nothing more is read:
/// it may have no end.
fn read_stream(
    mut stream: impl BufRead,
    name: Option<&Path>,
    member: Option<&str>,
    options: &ReadOptions,
    budget: &mut Budget,
) -> Result<Vec<u8>, DataError> {
    let failed = |path: &str, source| DataError::Read { path: path.to_owned(), source };
    let compression = loop {
        match stream.fill_buf() {
            Ok(bytes) => {
                let compression = Compression::of_bytes(bytes);
                // A pipe may give less at first than detection needs.
                if compression == Compression::None && bytes.len() >= DETECTION_BYTES {
                    choose_format(&bytes[..DETECTION_BYTES], name, member, options, budget)?;
                }
                break compression;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(budget.path(), error)),
        }
    };
    decompress(stream, compression, budget)
}

/// Reads a table from decompressed bytes.
fn read_bytes(
    bytes: Vec<u8>,
    name: Option<&Path>,
    member: Option<&str>,
    options: &ReadOptions,
    mut budget: Budget,
) -> Result<Table, DataError> {
    let start = &bytes[..bytes.len().min(DETECTION_BYTES)];
    match choose_format(start, name, member, options, &budget)? {
        format @ (Format::Csv | Format::Tsv) => text::read(&bytes, format, options, &mut budget),
        Format::Npy => {
            let length = bytes.len() as u64;
            npy::read(&mut Cursor::new(bytes), length, options, &mut budget)
        }
        Format::Npz => npz::read(Cursor::new(bytes), member, options, &mut budget),
        Format::Parquet => {
            // Its library reads files; one without a name will do.
            let failed = |source| DataError::Read { path: "temporary file".to_owned(), source };
            let mut file = tempfile::tempfile().map_err(failed)?;
            io::copy(&mut bytes.as_slice(), &mut file).map_err(failed)?;
            parquet::read(file, options, &mut budget)
        }
    }
}

fn choose_format(
    start: &[u8],
    name: Option<&Path>,
    member: Option<&str>,
    options: &ReadOptions,
    budget: &Budget,
) -> Result<Format, DataError> {
    let path = budget.path().to_owned();
    if start.is_empty() {
        return Err(DataError::Empty { path });
    }
    let format = match (options.format, detect(start, name)) {
        (Some(format), _) | (None, Detected::Format(format)) => format,
        (None, Detected::Unsupported(format)) => {
            return Err(DataError::UnsupportedFormat { path, format: format.to_owned() });
        }
        (None, Detected::Unknown(what)) => return Err(DataError::UnknownFormat { path, what }),
    };
    if member.is_some() && format != Format::Npz {
        return Err(budget.unusable("only an NPZ archive has members; leave out what follows the colon"));
    }
    Ok(format)
}

fn first_bytes(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(DETECTION_BYTES);
    file.take(DETECTION_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
