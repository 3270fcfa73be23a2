//! Folders and patterns as the files that they stand for.
//!
//! A shell expands `spectra/*.fits` by itself, unless there are more files than a command line holds or the pattern stands
//! in quotation marks; a folder is what people name who have thousands.

use std::path::{Path, PathBuf};

use lumenfold::data::{Compression, Format};

use crate::failure::Failure;

/// Marks of a pattern.
const MARKS: [char; 3] = ['*', '?', '['];

/// The files that are meant, in the order of their names within each folder and pattern.
pub(crate) fn expanded(paths: Vec<PathBuf>) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        if path.is_dir() {
            files.extend(of_folder(&path)?);
        } else if !path.exists() && path.to_str().is_some_and(|text| text.contains(MARKS)) {
            files.extend(of_pattern(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// The data files in a folder, those of its own folders left out.
fn of_folder(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let shown = folder.display();
    let failed = |error: std::io::Error| Failure::usage(format!("{shown}: cannot be listed: {error}"));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() && is_data(&path) {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(Failure::usage(format!(
            "{shown}: no data file is in this folder (files are known by their endings); name the files themselves"
        )));
    }
    files.sort();
    Ok(files)
}

/// The files whose names a pattern fits.
fn of_pattern(pattern: &Path) -> Result<Vec<PathBuf>, Failure> {
    let shown = pattern.display();
    let text = pattern.to_str().unwrap_or_default();
    // The array of an archive may be named behind the pattern.
    let (files, member) = match text.rsplit_once(':') {
        Some((files, member)) if !member.contains(MARKS) && files.contains(MARKS) => (files, Some(member)),
        _ => (text, None),
    };
    let found =
        glob::glob(files).map_err(|error| Failure::usage(format!("{shown}: is no pattern of names ({error})")))?;
    let mut paths: Vec<PathBuf> = found.filter_map(Result::ok).filter(|path| path.is_file()).collect();
    paths.sort();
    if paths.is_empty() {
        return Err(Failure::usage(format!("{shown}: no file has such a name")));
    }
    let named = |path: PathBuf| match member {
        None => path,
        Some(member) => {
            let mut name = path.into_os_string();
            name.push(format!(":{member}"));
            PathBuf::from(name)
        }
    };
    Ok(paths.into_iter().map(named).collect())
}

/// Whether a name says that the file holds data.
fn is_data(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let stem = Compression::strip(&name).0;
    let ending = Path::new(stem).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    !name.starts_with('.') && (Format::of_ending(ending).is_some() || ["txt", "dat"].contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_patterns_are_their_files_in_order() {
        let directory = tempfile::tempdir().expect("a directory");
        for name in ["b.csv", "a.fits", "c.h5.gz", "notes.md", ".hidden.csv", "d[1].csv"] {
            std::fs::write(directory.path().join(name), "x").expect("written");
        }
        std::fs::create_dir(directory.path().join("inner.csv")).expect("made");
        let names = |path: &str| -> Result<Vec<String>, String> {
            let files = expanded(vec![directory.path().join(path)]).map_err(|failure| failure.to_string())?;
            let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
            Ok(files.iter().filter_map(name).collect())
        };
        assert_eq!(names(""), Ok(["a.fits", "b.csv", "c.h5.gz", "d[1].csv"].map(str::to_owned).to_vec()));
        assert_eq!(names("?.*"), Ok(["a.fits", "b.csv", "c.h5.gz"].map(str::to_owned).to_vec()));
        assert_eq!(names("c*.gz:/entry"), Ok(vec!["entry".to_owned()]));
        // A file that has such a name is meant by it.
        assert_eq!(names("d[1].csv"), Ok(vec!["d[1].csv".to_owned()]));
        assert_eq!(names("other.csv"), Ok(vec!["other.csv".to_owned()]));
        assert!(names("x*").is_err_and(|words| words.contains("no file")));
        let empty = tempfile::tempdir().expect("a directory");
        let refused = expanded(vec![empty.path().to_path_buf()]).map_err(|failure| failure.to_string());
        assert!(refused.is_err_and(|words| words.contains("no data file")));
    }
}
