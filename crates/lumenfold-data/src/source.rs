//! Where tables come from and where they go.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where a table is read from.
///
/// ```
/// use lumenfold_data::Source;
/// assert_eq!(Source::from("-"), Source::Stdin);
/// assert_eq!(Source::from("stars.csv").to_string(), "stars.csv");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A file. `archive.npz:member` names one array of an NPZ archive.
    Path(PathBuf),
    /// Standard input.
    Stdin,
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
            Self::Stdin => None,
        }
    }
}

/// `archive.npz:member` in its parts, unless a file has that very name.
pub(crate) fn split_member(path: &Path) -> (PathBuf, Option<String>) {
    const MARK: &str = ".npz:";
    match path.to_str().and_then(|text| text.to_ascii_lowercase().find(MARK).map(|at| (text, at))) {
        Some((text, at)) if !path.exists() => {
            let (file, member) = text.split_at(at + MARK.len() - 1);
            (PathBuf::from(file), Some(member[1..].to_owned()))
        }
        _ => (path.to_path_buf(), None),
    }
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
