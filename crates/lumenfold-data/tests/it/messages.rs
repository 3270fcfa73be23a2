//! Errors of the file system, and what they say.

use lumenfold_data::{DataError, Source};

use crate::shared::read;

#[test]
fn a_file_that_is_not_there() {
    let error = read("no/such/stars.csv").unwrap_err();
    assert!(matches!(error, DataError::Open { .. }), "{error}");
    assert!(error.to_string().starts_with("no/such/stars.csv: cannot be opened: "), "{error}");
    let error = read("no/such/archive.npz:X").unwrap_err();
    assert!(error.to_string().contains("archive.npz"), "{error}");
}

#[test]
fn a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let error = read(directory.path()).unwrap_err();
    assert!(matches!(error, DataError::InputIsDirectory { .. }), "{error}");
}

#[test]
fn sources_have_names() {
    assert_eq!(Source::from("-").to_string(), "stdin");
}

#[test]
fn members_are_of_archives_only() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npz");
    std::fs::write(&path, "a,b\n1,2\n").unwrap();
    let error = read(&path).unwrap_err();
    assert!(matches!(error, DataError::Malformed { .. }), "{error}");
}
