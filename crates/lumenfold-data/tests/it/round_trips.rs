//! What is written is what is read.

use lumenfold_data::{Column, DataError, Table, Target, Values, WriteOptions, write_table};
use proptest::prelude::*;

use crate::shared::read;

/// Writes a table and reads it again; also that writing twice gives the same bytes.
fn again(table: &Table, name: &str) -> Table {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    write_table(table, &Target::from(path.as_path()), &WriteOptions::default()).unwrap();
    let first = std::fs::read(&path).unwrap();
    write_table(table, &Target::from(path.as_path()), &WriteOptions::default()).unwrap();
    assert_eq!(first, std::fs::read(&path).unwrap(), "{name} is not deterministic");
    read(&path).unwrap_or_else(|error| panic!("{error}\n{table:?}"))
}

/// Equal but for the name of the source; NaN equals NaN.
fn assert_same(found: &Table, expected: &Table, what: &str) {
    assert_eq!(found.names(), expected.names(), "{what}");
    assert_eq!(found.rows(), expected.rows(), "{what}");
    for (found, expected) in found.columns().iter().zip(expected.columns()) {
        assert_eq!(found.values.type_name(), expected.values.type_name(), "{what}: {}", found.name);
        for row in 0..expected.len() {
            assert_eq!(found.text(row), expected.text(row), "{what}: row {row} of {}", found.name);
            assert_eq!(found.is_missing(row), expected.is_missing(row), "{what}: row {row} of {}", found.name);
        }
    }
}

fn floats() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), -1e6..1e6, Just(f64::NAN), Just(0.0), Just(-0.0), Just(1e300), Just(5e-324)]
}

/// A column of any type with `rows` rows.
fn values(rows: usize) -> impl Strategy<Value = Values> {
    use prop::collection::vec;
    prop_oneof![
        vec(floats(), rows).prop_map(Values::Float64),
        vec(any::<f32>(), rows).prop_map(Values::Float32),
        vec(prop::option::weighted(0.9, any::<i64>()), rows)
            .prop_map(|cells| Values::Integer(cells.into_iter().collect())),
        vec(any::<i64>(), rows).prop_map(Values::integers),
        vec(prop::option::weighted(0.9, any::<bool>()), rows)
            .prop_map(|cells| Values::Boolean(cells.into_iter().collect())),
        vec("\\PC{0,6}", rows).prop_map(Values::text),
        vec("[a-z\"',;#\n\t ]{0,6}", rows).prop_map(Values::text),
    ]
}

/// Tables of one to five columns and up to twenty rows, with unit.
fn tables() -> impl Strategy<Value = Table> {
    (1..6_usize, 0..20_usize).prop_flat_map(|(columns, rows)| {
        prop::collection::vec((values(rows), "[a-zA-Z_][ -~é]{0,5}[a-z]"), columns).prop_map(|columns| {
            let column = |(index, (values, name)): (usize, (Values, String))| {
                Column::new(format!("{name}{index}"), values).with_unit("mag")
            };
            Table::new("made", columns.into_iter().enumerate().map(column).collect()).unwrap()
        })
    })
}

/// The same table with text in which no cell would pass for a number.
fn lettered(table: Table) -> Table {
    let columns = table.into_columns().into_iter().map(|mut column| {
        if let Values::Text(cells) = &column.values {
            column.values = Values::text(cells.iter().map(|cell| format!("~{cell}")));
        }
        column
    });
    Table::new("made", columns.collect()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn parquet(table in tables()) {
        let found = again(&table, "t.parquet");
        assert_same(&found, &table, "parquet");
        prop_assert_eq!(&found.columns()[0].unit, &table.columns()[0].unit);
    }

    #[test]
    fn hdf5(table in tables()) {
        let found = again(&table, "t.h5");
        prop_assert_eq!(found.heads(), table.heads());
        for (found, expected) in found.columns().iter().zip(table.columns()) {
            for row in 0..expected.len() {
                // Zeros at the end of a cell are what it is padded with.
                let cell = expected.text(row);
                prop_assert_eq!(found.text(row), cell.split('\0').next().unwrap_or_default());
                prop_assert_eq!(found.is_missing(row), expected.is_missing(row));
            }
        }
    }

    #[test]
    fn arrow(table in tables()) {
        let found = again(&table, "t.arrow");
        assert_same(&found, &table, "arrow");
        prop_assert_eq!(&found.columns()[0].unit, &table.columns()[0].unit);
    }

    #[test]
    fn votable(table in tables().prop_filter("letters of XML", |table| table.columns().iter().all(is_xml))) {
        let found = again(&table, "t.vot");
        assert_same(&found, &table, "votable");
        prop_assert_eq!(&found.columns()[0].unit, &table.columns()[0].unit);
    }

    #[test]
    fn npz(table in tables()) {
        let exact = table.columns().iter().all(|column| match &column.values {
            Values::Integer(integers) => !integers.has_missing(),
            _ => true,
        });
        prop_assume!(exact);
        let found = again(&table, "t.npz");
        for (found, expected) in found.columns().iter().zip(table.columns()) {
            for row in 0..expected.len() {
                match &expected.values {
                    Values::Text(_) => prop_assert_eq!(found.text(row), expected.text(row).trim_end_matches('\0').to_owned()),
                    Values::Boolean(_) => {
                        prop_assert_eq!(found.value(row).map(f64::to_bits), expected.value(row).map(f64::to_bits));
                    }
                    _ => prop_assert_eq!(found.text(row), expected.text(row)),
                }
            }
        }
    }

    /// Types are inferred when text is read, so what counts is that every cell reads the same.
    #[test]
    fn text(table in tables().prop_map(lettered)) {
        for name in ["t.csv", "t.tsv", "t.csv.gz", "t.tsv.zst"] {
            let found = again(&table, name);
            prop_assert_eq!(found.rows(), table.rows());
            prop_assert_eq!(found.names(), table.names());
            for (found, expected) in found.columns().iter().zip(table.columns()) {
                for row in 0..expected.len() {
                    prop_assert_eq!(found.text(row), expected_text(expected, row), "{}", name);
                }
            }
        }
    }

    #[test]
    fn npy(rows in 0..20_usize, single in any::<bool>(), seed in prop::collection::vec(floats(), 60)) {
        let column = |index: usize| {
            let cells = seed[index * 20..index * 20 + rows].to_vec();
            let values = if single {
                Values::Float32(cells.iter().map(|&value| value as f32).collect())
            } else {
                Values::Float64(cells)
            };
            Column::new(format!("x{}", index + 1), values)
        };
        let table = Table::new("made", (0..3).map(column).collect()).unwrap();
        assert_same(&again(&table, "t.npy"), &table, "npy");
    }
}

/// Whether XML can hold the text of a column.
fn is_xml(column: &Column) -> bool {
    let is_letter = |letter: char| !matches!(letter, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    (0..column.len()).all(|row| column.text(row).chars().all(is_letter))
}

/// A column of 32-bit floats reads back as 64-bit ones of the same digits.
fn expected_text(column: &Column, row: usize) -> String {
    match &column.values {
        Values::Float32(_) => {
            let digits: f64 = match column.text(row).as_str() {
                "" => return String::new(),
                text => text.parse().unwrap(),
            };
            Column::new("x", Values::Float64(vec![digits])).text(0)
        }
        _ => column.text(row),
    }
}

#[test]
fn missing_cells_and_types_survive_in_csv() {
    let table = Table::new(
        "t",
        vec![
            Column::new("id", Values::Integer([Some(1_237_648_720_693_755_918), None].into_iter().collect())),
            Column::new("x", Values::Float64(vec![20.0, f64::NAN])),
            Column::new("class", Values::text(["STAR", ""])),
        ],
    )
    .unwrap();
    assert_same(&again(&table, "t.csv"), &table, "csv");
}

#[test]
fn a_single_column_keeps_its_missing_rows() {
    let table = Table::new("t", vec![Column::new("x", Values::Float64(vec![f64::NAN, 1.5, f64::NAN]))]).unwrap();
    assert_same(&again(&table, "t.csv"), &table, "csv");
    assert_same(&again(&table, "t.tsv"), &table, "tsv");
}

#[test]
fn text_does_not_fit_in_one_array() {
    let table = Table::new(
        "t",
        vec![Column::new("x", Values::Float64(vec![1.0])), Column::new("class", Values::text(["STAR"]))],
    )
    .unwrap();
    let error = write_table(&table, &Target::from("t.npy"), &WriteOptions::default()).unwrap_err();
    let expected = "t.npy: .npy holds numbers only, but this column holds text: class; leave it out, or write .npz, .parquet or .csv";
    assert_eq!(error.to_string(), expected);
    assert!(!std::path::Path::new("t.npy").exists());
}

#[test]
fn integers_that_would_be_rounded_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let write = |values, name: &str| {
        let table = Table::new("t", vec![Column::new("id", values)]).unwrap();
        write_table(&table, &Target::from(directory.path().join(name)), &WriteOptions::default())
    };
    let id = 1_237_648_720_693_755_918;
    assert!(matches!(write(Values::integers(vec![id]), "a.npy"), Err(DataError::InexactInteger { .. })));
    assert!(write(Values::integers(vec![id]), "a.npz").is_ok());
    let gaps = Values::Integer([Some(id), None].into_iter().collect());
    assert!(matches!(write(gaps.clone(), "b.npz"), Err(DataError::InexactInteger { .. })));
    assert!(write(gaps, "b.parquet").is_ok());
}

#[test]
fn many_rows_cross_all_buffers() {
    // More than one row group of Parquet and several buffers of every other format.
    let rows = 150_000;
    let table = Table::new(
        "t",
        vec![
            Column::new("x1", Values::Float64((0..rows).map(|row| f64::from(row) / 7.0).collect())),
            Column::new("x2", Values::Float64((0..rows).map(|row| f64::from(row % 100)).collect())),
        ],
    )
    .unwrap();
    for name in ["t.h5", "t.parquet", "t.arrow", "t.vot", "t.npz", "t.npy", "t.csv.zst"] {
        assert_same(&again(&table, name), &table, name);
    }
}

#[test]
fn unknown_endings_are_refused() {
    let table = Table::new("t", vec![Column::new("x", Values::Float64(vec![1.0]))]).unwrap();
    for name in ["t.docx", "t", "t.parquet.gz", "t.gz"] {
        let error = write_table(&table, &Target::from(name), &WriteOptions::default()).unwrap_err();
        assert!(matches!(error, DataError::UnknownExtension { .. }), "{error}");
        assert!(error.to_string().contains(".parquet, .arrow, .npy, .npz"), "{error}");
    }
}
