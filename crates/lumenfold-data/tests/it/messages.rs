//! Errors of the file system, and what they say.

use lumenfold_data::{DataError, Dataset, DatasetOptions, Source};

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

#[test]
fn names_of_several_lines_are_told_in_one() {
    let table = crate::shared::read_bytes("t.csv", b" \"\r1\r\n2.\n$\n$DATA:\r\n0\n \"\r1\r\n2.\n$\n").unwrap();
    let name = table.names()[0].clone();
    assert!(name.contains('\n'), "{name:?}");
    let learn = |columns: &[&str]| {
        let columns = Some(columns.iter().map(|&column| column.to_owned()).collect());
        Dataset::from_table(&table, &DatasetOptions { columns, ..DatasetOptions::default() }).unwrap_err()
    };
    for error in [learn(&[&name]), learn(&[&name, &name]), learn(&[&name[1..]])] {
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}
