//! Where tables come from and where they go.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::formats::Format;

/// Where a table is read from.
///
/// ```
/// use lumenfold_data::Source;
/// assert_eq!(Source::from("-"), Source::Stdin);
/// assert_eq!(Source::from("stars.csv").to_string(), "stars.csv");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A file. `archive.npz:member` names one array of an archive, one extension of a FITS file, one place in HDF5.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// A table of text that is in memory.
    Text {
        /// The name it goes by in messages.
        name: String,
        /// The text, in UTF-8.
        text: Arc<[u8]>,
    },
}

/// Where a table is written to.
///
/// ```
/// use lumenfold_data::Target;
/// assert_eq!(Target::from("-"), Target::Stdout);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A file; its ending says which format to write.
    Path(PathBuf),
    /// Standard output.
    Stdout,
}

impl Source {
    /// The file that is read: the archive, where a member of one is named; none for standard input.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Path(path) => Some(split_member(path).0),
            Self::Stdin | Self::Text { .. } => None,
        }
    }
}

/// `archive.npz:member` in its parts: the longest beginning before a colon that is a file, unless a file has that very
/// name; without any such file, the beginning that ends like a format with members.
pub(crate) fn split_member(path: &Path) -> (PathBuf, Option<String>) {
    let whole = || (path.to_path_buf(), None);
    let Some(text) = path.to_str().filter(|_| !path.exists()) else { return whole() };
    let parts = || text.rmatch_indices(':').map(|(at, _)| (Path::new(&text[..at]), &text[at + 1..]));
    let has_members = |file: &Path| {
        let ending = file.extension().and_then(|ending| ending.to_str());
        ending.and_then(Format::of_ending).is_some_and(Format::has_members)
    };
    let found = parts().find(|(file, _)| file.exists()).or_else(|| parts().find(|(file, _)| has_members(file)));
    found.map_or_else(whole, |(file, member)| (file.to_path_buf(), Some(member.to_owned())))
}

impl From<&str> for Source {
    /// `-` is standard input, everything else a path.
    fn from(text: &str) -> Self {
        Self::from(Path::new(text))
    }
}

impl From<&Path> for Source {
    /// `-` is standard input, everything else a path.
    fn from(path: &Path) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::Path(path.to_path_buf()) }
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::from(path.as_path())
    }
}

impl From<&str> for Target {
    /// `-` is standard output, everything else a path.
    fn from(text: &str) -> Self {
        Self::from(Path::new(text))
    }
}

impl From<&Path> for Target {
    /// `-` is standard output, everything else a path.
    fn from(path: &Path) -> Self {
        if path.as_os_str() == "-" { Self::Stdout } else { Self::Path(path.to_path_buf()) }
    }
}

impl From<PathBuf> for Target {
    fn from(path: PathBuf) -> Self {
        Self::from(path.as_path())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(formatter),
            Self::Stdin => formatter.write_str("stdin"),
            Self::Text { name, .. } => formatter.write_str(name),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(formatter),
            Self::Stdout => formatter.write_str("stdout"),
        }
    }
}
