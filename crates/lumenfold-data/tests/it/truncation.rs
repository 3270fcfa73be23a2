//! Files cut short anywhere are refused, or are tables still.

use std::fs;

use lumenfold_data::{Column, DataError, Table, Target, Values, WriteOptions, write_table};

use crate::shared::read;

fn table() -> Table {
    Table::new(
        "t",
        vec![
            Column::new("x", Values::Float64((0..12).map(|row| f64::from(row) / 3.0).collect())),
            Column::new("y", Values::Float64((0..12).map(|row| f64::from(row) * 3.0).collect())),
        ],
    )
    .unwrap()
}

/// Reads every proper prefix of a written file.
fn prefixes(name: &str, mut check: impl FnMut(usize, Result<Table, DataError>)) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    write_table(&table(), &Target::from(path.as_path()), &WriteOptions::default()).unwrap();
    let bytes = fs::read(&path).unwrap();
    for length in 0..bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        check(length, read(&path));
    }
}

#[test]
fn binary_files_are_whole_or_refused() {
    for name in ["t.npy", "t.npz", "t.h5", "t.parquet", "t.arrow", "t.vot", "t.csv.gz", "t.csv.zst"] {
        prefixes(name, |length, outcome| assert!(outcome.is_err(), "{length} bytes of {name}"));
    }
}

#[test]
fn text_files_never_give_wrong_columns() {
    // A prefix of text may be a shorter table; its last row may be incomplete, which no reader can know.
    let whole = table();
    prefixes("t.csv", |length, outcome| {
        if let Ok(table) = outcome {
            for column in table.columns().iter().filter(|column| whole.names().contains(&column.name)) {
                for row in 0..table.rows().saturating_sub(1) {
                    assert_eq!(column.value(row), whole.column(&column.name).unwrap().value(row), "{length} bytes");
                }
            }
        }
    });
}
