//! Arrays of any number of dimensions, written whole or in pieces.

use std::path::Path;

use lumenfold_data::{ArrayValues, ArrayWriter, DataError, ReadOptions, Source, Values, read_table};

fn entries(directory: &Path) -> usize {
    std::fs::read_dir(directory).unwrap().count()
}

fn columns(path: &Path) -> Vec<(String, Values)> {
    let table = read_table(&Source::from(path), &ReadOptions::default()).unwrap();
    table.columns().iter().map(|column| (column.name.clone(), column.values.clone())).collect()
}

#[test]
fn what_is_written_is_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npz");
    let mut writer = ArrayWriter::create(&path).unwrap();
    writer.array("wide", &[2, 3], ArrayValues::Float32(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.5])).unwrap();
    writer.array("mass_u", &[2], ArrayValues::Float64(&[0.1, 1e300])).unwrap();
    writer.array("lattice", &[2], ArrayValues::Text(&["sc", "größer"])).unwrap();
    writer.finish().unwrap();
    let expected = vec![
        ("wide1".to_owned(), Values::Float32(vec![1.0, 4.0])),
        ("wide2".to_owned(), Values::Float32(vec![2.0, 5.0])),
        ("wide3".to_owned(), Values::Float32(vec![3.0, 6.5])),
        ("mass_u".to_owned(), Values::Float64(vec![0.1, 1e300])),
        ("lattice".to_owned(), Values::text(["sc", "größer"])),
    ];
    assert_eq!(columns(&path), expected);

    let path = directory.path().join("a.npy");
    let mut writer = ArrayWriter::create(&path).unwrap();
    writer.begin("wide", &[2, 2]).unwrap();
    writer.write(&[1.0, 2.0, 3.0]).unwrap();
    writer.write(&[4.0]).unwrap();
    writer.finish().unwrap();
    let expected =
        vec![("x1".to_owned(), Values::Float32(vec![1.0, 3.0])), ("x2".to_owned(), Values::Float32(vec![2.0, 4.0]))];
    assert_eq!(columns(&path), expected);
}

#[test]
fn headers_have_every_dimension() {
    let directory = tempfile::tempdir().unwrap();
    for (shape, text) in [
        (&[][..], "'shape': (), }"),
        (&[2], "'shape': (2,), }"),
        (&[1, 2], "'shape': (1, 2), }"),
        (&[2, 1, 1, 1], "'shape': (2, 1, 1, 1), }"),
    ] {
        let path = directory.path().join("a.npy");
        let mut writer = ArrayWriter::create(&path).unwrap();
        let values = vec![7.0; shape.iter().product()];
        writer.array("a", shape, ArrayValues::Float32(&values)).unwrap();
        writer.finish().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert!(String::from_utf8_lossy(&bytes).contains(text), "{text}");
        assert_eq!(bytes.len(), 128 + 4 * values.len());
    }
}

#[test]
fn pieces_do_not_change_a_byte() {
    let directory = tempfile::tempdir().unwrap();
    let values: Vec<f32> = (0..100_000_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 8) as f32).collect();
    let written = |name: &str, piece: usize| {
        let path = directory.path().join(name);
        let mut writer = ArrayWriter::create(&path).unwrap();
        writer.begin("intensity", &[100, 10, 100]).unwrap();
        values.chunks(piece).for_each(|piece| writer.write(piece).unwrap());
        writer.array("axis", &[2], ArrayValues::Float64(&[1.0, 2.0])).unwrap();
        writer.finish().unwrap();
        std::fs::read(&path).unwrap()
    };
    let whole = written("a.npz", values.len());
    assert!(written("a.npz", 1) == whole && written("a.npz", 999) == whole && written("a.npz", 33_333) == whole);
}

#[test]
fn a_single_array_has_room_in_npy() {
    let directory = tempfile::tempdir().unwrap();
    let mut writer = ArrayWriter::create(&directory.path().join("a.npy")).unwrap();
    writer.array("a", &[1], ArrayValues::Float32(&[1.0])).unwrap();
    let error = writer.array("b", &[1], ArrayValues::Float32(&[1.0])).unwrap_err();
    assert!(error.to_string().contains("single array"), "{error}");
}

#[test]
fn an_array_that_is_not_complete_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npz");
    let begun = || {
        let mut writer = ArrayWriter::create(&path).unwrap();
        writer.begin("intensity", &[2, 3]).unwrap();
        writer.write(&[1.0; 5]).unwrap();
        writer
    };
    let refused = |error: DataError, words: &str| {
        assert!(matches!(error, DataError::Unwritable { .. }) && error.to_string().contains(words), "{error}");
    };
    refused(begun().finish().unwrap_err(), "lacks 1 values");
    refused(begun().begin("other", &[1]).unwrap_err(), "lacks 1 values");
    refused(begun().write(&[1.0; 2]).unwrap_err(), "2 values where 1 are left");
    let mut complete = begun();
    complete.write(&[1.0]).unwrap();
    refused(complete.array("intensity", &[1], ArrayValues::Float64(&[1.0])).unwrap_err(), "taken");
    refused(complete.array("b", &[3], ArrayValues::Float64(&[1.0])).unwrap_err(), "1 values for the shape [3]");
    refused(complete.begin("c", &[usize::MAX, 3]).unwrap_err(), "too large");
    drop(complete);
    refused(ArrayWriter::create(&path).unwrap().finish().unwrap_err(), "no array");
    assert_eq!(entries(directory.path()), 0);
    for name in ["a.csv", "a", "a.npz.gz", "a.parquet"] {
        refused(ArrayWriter::check(Path::new(name)).unwrap_err(), ".npz");
    }
}
