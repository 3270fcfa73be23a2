//! A file in memory for the bytes of one run.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Where files cost no disk, if the system has such a place.
const MEMORY: &str = "/dev/shm";

/// A file of this name, which differs between processes.
pub(crate) fn path(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let memory = Path::new(MEMORY);
        let parent = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
        let folder = parent.join(format!("lumenfold-fuzz-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for scratch files");
        folder
    });
    folder.join(name)
}

/// The same with these bytes in it.
pub(crate) fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = path(name);
    fs::write(&path, bytes).expect("a scratch file");
    path
}
