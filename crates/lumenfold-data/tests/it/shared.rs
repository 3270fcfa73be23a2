//! The folder of shared data files, and short ways to read.

use std::path::{Path, PathBuf};

use lumenfold_data::{DataError, ReadOptions, Source, Table, read_table};

/// The folder of shared data, or `None` after saying that the test is skipped.
pub(crate) fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("LUMENFOLD_TEST_DATA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    if folder.is_dir() {
        return Some(folder);
    }
    let shown = folder.display();
    eprintln!("SKIPPED: there are no shared data at {shown}; set LUMENFOLD_TEST_DATA to their folder");
    None
}

/// Reads a file with default options.
pub(crate) fn read(path: impl AsRef<Path>) -> Result<Table, DataError> {
    read_table(&Source::from(path.as_ref()), &ReadOptions::default())
}

/// Writes bytes to a file of that name and reads it.
pub(crate) fn read_bytes(name: &str, bytes: &[u8]) -> Result<Table, DataError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read(path)
}
