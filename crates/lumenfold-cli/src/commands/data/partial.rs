//! Part of a download, kept beside the file that it will be.
//!
//! `OUT.partial` holds the bytes, `OUT.partial.json` what they are: the question that they answer, how many of them are
//! known to be on the disk, and where to go on. The bytes reach the disk before the words about them are replaced, in one
//! step, so whatever ends a download (Ctrl-C, a lost line, a lost machine) leaves a part that can be gone on with. Bytes
//! behind those that are spoken of are dropped.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use lumenfold::data::write_whole;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::words;

/// The longest description that is read.
const MOST_STATE_BYTES: u64 = 1 << 20;

/// What is said of the bytes of a partial download.
pub(super) trait State: Serialize + DeserializeOwned {
    /// Whether both answer the same question, so that one may go on where the other ended.
    fn same_question(&self, other: &Self) -> bool;
    /// The question in a few words.
    fn question(&self) -> String;
    /// Bytes that are on the disk.
    fn bytes(&self) -> u64;
}

/// Part of a download.
pub(super) struct Partial<S> {
    file: File,
    path: PathBuf,
    state_path: PathBuf,
    pub(super) state: S,
    /// Whether it was there before.
    pub(super) found: bool,
}

impl<S: State> Partial<S> {
    /// Goes on with the part beside `output`, if there is one, or begins with `state`.
    ///
    /// Errors: the part that is there answers another question (unless `anew`), or is being written, or files cannot be
    /// written there.
    pub(super) fn open(output: &Path, state: S, anew: bool) -> Result<Self, Failure> {
        let (path, state_path) = (beside(output, ".partial"), beside(output, ".partial.json"));
        refuse_links(&path)?;
        refuse_links(&state_path)?;
        let failed = |error: io::Error| Failure::failed(format!("{}: cannot be written: {error}", path.display()));
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let path = path.display();
                return Err(Failure::usage(format!("{path}: is being written by another run; wait for its end")));
            }
            // Some network file systems have no locks; there nobody may start two runs.
            Err(TryLockError::Error(_)) => {}
        }
        let kept = if anew { None } else { read_state::<S>(&state_path)? };
        let found = kept.is_some();
        let state = match kept {
            Some(kept) if kept.same_question(&state) => kept,
            Some(kept) => {
                let (path, question) = (state_path.display(), kept.question());
                return Err(Failure::usage(format!(
                    "{path}: belongs to another download, of {question}; name another file with -o, or throw that part away \
                     with --anew"
                )));
            }
            None => state,
        };
        let length = file.metadata().map_err(failed)?.len();
        if length < state.bytes() {
            let (path, bytes) = (path.display(), words::thousands(state.bytes() as usize));
            return Err(Failure::usage(format!(
                "{path}: has {length} bytes of the {bytes} that it had; throw it away with --anew"
            )));
        }
        file.set_len(state.bytes()).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        Ok(Self { file, path, state_path, state, found })
    }

    /// The file with the bytes.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes bytes behind the others. They count when a state that speaks of them was saved.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file.write_all(bytes).map_err(|error| self.failed(&error))
    }

    /// Drops all bytes.
    pub(super) fn clear(&mut self) -> Result<(), Failure> {
        let cleared = self.file.set_len(0).and_then(|()| self.file.seek(SeekFrom::Start(0)));
        cleared.map(|_| ()).map_err(|error| self.failed(&error))
    }

    /// Makes sure that the bytes are on the disk, then says so.
    pub(super) fn save(&self) -> Result<(), Failure> {
        self.file.sync_data().map_err(|error| self.failed(&error))?;
        let text = serde_json::to_vec_pretty(&self.state);
        let text = text.map_err(|error| Failure::failed(format!("{}: {error}", self.state_path.display())))?;
        Ok(write_whole(&self.state_path, |file| file.write_all(&text))?)
    }

    /// The bytes from the first, for instance for their checksum.
    pub(super) fn bytes(&mut self) -> Result<&mut File, Failure> {
        self.file.seek(SeekFrom::Start(0)).map_err(|error| self.failed(&error))?;
        Ok(&mut self.file)
    }

    /// Gives the bytes their name.
    pub(super) fn become_whole(self, output: &Path) -> Result<(), Failure> {
        let renamed = self.file.sync_all().and_then(|()| std::fs::rename(&self.path, output));
        renamed.map_err(|error| Failure::failed(format!("{}: cannot be written: {error}", output.display())))?;
        let _ = std::fs::remove_file(&self.state_path);
        Ok(())
    }

    /// Throws all of it away.
    pub(super) fn remove(self) {
        let _ = std::fs::remove_file(&self.state_path);
        let _ = std::fs::remove_file(&self.path);
    }

    pub(super) fn failed(&self, error: &io::Error) -> Failure {
        Failure::failed(format!("{}: cannot be written: {error}", self.path.display()))
    }
}

/// The name of a file with more behind it.
pub(super) fn beside(output: &Path, ending: &str) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// A link in the place of a part would lead the bytes anywhere.
fn refuse_links(path: &Path) -> Result<(), Failure> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(Failure::usage(format!("{}: is no plain file, and part of a download belongs there", path.display())))
        }
        _ => Ok(()),
    }
}

/// None if there is no such file.
fn read_state<S: State>(path: &Path) -> Result<Option<S>, Failure> {
    let Ok(file) = File::open(path) else { return Ok(None) };
    let mut text = String::new();
    let read = file.take(MOST_STATE_BYTES).read_to_string(&mut text).ok();
    match read.and_then(|_| serde_json::from_str(&text).ok()) {
        Some(state) => Ok(Some(state)),
        None => {
            let path = path.display();
            Err(Failure::usage(format!("{path}: does not describe part of a download; throw it away with --anew")))
        }
    }
}

/// How the command that was given goes on.
pub(super) fn how_to_go_on() -> String {
    let arguments = std::env::args_os().skip(1).map(words::shell).filter(|argument| argument != "--anew");
    let words: Vec<String> = std::iter::once("lumenfold".to_owned()).chain(arguments).collect();
    format!("to go on: {}", words.join(" "))
}
