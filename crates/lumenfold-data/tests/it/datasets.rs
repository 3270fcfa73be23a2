//! Data sets made from tables.

use lumenfold_data::{Column, DataError, Dataset, DatasetOptions, Missing, Table, Values};

fn stars() -> Table {
    Table::new(
        "stars.csv",
        vec![
            Column::new("id", Values::integers(vec![11, 12, 13, 14])),
            Column::new("u", Values::Float64(vec![20.0, f64::NAN, 21.0, 22.0])).with_unit("mag"),
            Column::new("g", Values::Float32(vec![19.0, 19.5, f32::INFINITY, 18.0])),
            Column::new("class", Values::text(["STAR", "QSO", "STAR", "GALAXY"])),
            Column::new("flag", Values::booleans(vec![true, false, true, true])),
            Column::new("code", Values::text(["007", "010", "", "011"])),
            Column::new("mixed", Values::text(["1.5", "2.5", "n/a", "bad"])),
        ],
    )
    .unwrap()
}

fn options(columns: &[&str], keep: &[&str], missing: Missing) -> DatasetOptions {
    let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    DatasetOptions { columns: (!columns.is_empty()).then(|| names(columns)), keep: names(keep), missing }
}

#[test]
fn numbers_are_features_by_default() {
    let dataset = Dataset::from_table(stars(), &options(&[], &["id", "class"], Missing::Skip)).unwrap();
    assert_eq!(dataset.feature_names(), ["u", "g"]);
    assert_eq!(dataset.features[0].unit.as_deref(), Some("mag"));
    assert_eq!(dataset.values, [20.0, 19.0, 22.0, 18.0]);
    assert_eq!((dataset.rows, dataset.skipped, dataset.used_rows.as_slice()), (2, 2, &[0, 3][..]));
    assert_eq!((dataset.carried[0].text(1), dataset.carried[1].text(1)), ("14".to_owned(), "GALAXY".to_owned()));
    assert_eq!(dataset.row(1), [22.0, 18.0]);
    assert!(dataset.row(2).is_empty());
}

#[test]
fn missing_values_are_refused_with_their_place() {
    let error = Dataset::from_table(stars(), &options(&["g", "u"], &[], Missing::Refuse)).unwrap_err();
    let expected = "stars.csv: row 2, column \"u\": value is missing; 2 of 4 rows cannot be used; leave them out with --missing skip";
    assert_eq!(error.to_string(), expected);
    let error = Dataset::from_table(stars(), &options(&["g"], &[], Missing::Refuse)).unwrap_err();
    assert!(matches!(error, DataError::MissingValues { row: 3, value: "inf", count: 1, .. }), "{error:?}");
}

#[test]
fn text_is_refused_with_its_place() {
    let error = Dataset::from_table(stars(), &options(&["u", "class"], &[], Missing::Skip)).unwrap_err();
    assert!(matches!(&error, DataError::NotANumber { row: 1, text, count: 4, .. } if text == "STAR"), "{error:?}");
    let error = Dataset::from_table(stars(), &options(&["mixed"], &[], Missing::Skip)).unwrap_err();
    assert!(
        matches!(&error, DataError::NotANumber { row: 3, text, count: 2, rows: 4, .. } if text == "n/a"),
        "{error:?}"
    );
}

#[test]
fn text_of_numbers_and_booleans_can_be_asked_for() {
    let dataset = Dataset::from_table(stars(), &options(&["code", "flag"], &[], Missing::Skip)).unwrap();
    assert_eq!(dataset.values, [7.0, 1.0, 10.0, 0.0, 11.0, 1.0]);
}

#[test]
fn wrong_names() {
    let error = Dataset::from_table(stars(), &options(&["gg"], &[], Missing::Skip)).unwrap_err();
    assert!(matches!(&error, DataError::UnknownColumn { suggestion: Some(name), .. } if name == "g"), "{error:?}");
    let error = Dataset::from_table(stars(), &options(&["u"], &["clas"], Missing::Skip)).unwrap_err();
    assert!(error.to_string().contains("did you mean \"class\"?"), "{error}");
    let error = Dataset::from_table(stars(), &options(&["u", "u"], &[], Missing::Skip)).unwrap_err();
    assert!(matches!(error, DataError::DuplicateFeature { .. }), "{error}");
}

#[test]
fn nothing_to_learn_from() {
    let words = Table::new("t", vec![Column::new("a", Values::text(["x"]))]).unwrap();
    assert!(matches!(Dataset::from_table(words, &DatasetOptions::default()), Err(DataError::NoNumericColumns { .. })));
    let empty = Table::new("t", vec![Column::new("a", Values::Float64(vec![]))]).unwrap();
    assert!(matches!(Dataset::from_table(empty, &DatasetOptions::default()), Err(DataError::NoRows { .. })));
    let gaps = Table::new("t", vec![Column::new("a", Values::Float64(vec![f64::NAN]))]).unwrap();
    let error = Dataset::from_table(gaps, &options(&[], &[], Missing::Skip)).unwrap_err();
    assert!(matches!(error, DataError::NoUsableRows { .. }), "{error}");
    // A column that was meant as numbers is the better message.
    let typo = Table::new("t", vec![Column::new("a", Values::text(["1.5", "2,5"]))]).unwrap();
    let error = Dataset::from_table(typo, &DatasetOptions::default()).unwrap_err();
    assert!(matches!(&error, DataError::NotANumber { row: 2, text, .. } if text == "2,5"), "{error}");
}

#[test]
fn booleans_are_learnt_from_if_there_is_nothing_else() {
    let flags = Table::new("t", vec![Column::new("a", Values::booleans(vec![true, false]))]).unwrap();
    assert_eq!(Dataset::from_table(flags, &DatasetOptions::default()).unwrap().values, [1.0, 0.0]);
}

#[test]
fn constant_features_are_found() {
    let table = Table::new(
        "t",
        vec![Column::new("a", Values::Float64(vec![2.0, 2.0])), Column::new("b", Values::Float64(vec![2.0, 3.0]))],
    )
    .unwrap();
    let dataset = Dataset::from_table(&table, &DatasetOptions::default()).unwrap();
    assert_eq!(dataset.constant_features(), [0]);
}

#[test]
fn the_fingerprint_depends_on_names_and_bits_alone() {
    let make = |source: &str, name: &str, values: Vec<f64>| {
        let table = Table::new(source, vec![Column::new(name, Values::Float64(values))]).unwrap();
        Dataset::from_table(table, &DatasetOptions::default()).unwrap().fingerprint()
    };
    let print = make("a", "x", vec![1.0, 2.0]);
    // Computed by a second implementation; a change here breaks the comparison with models that exist.
    assert_eq!(print, "3fd505464b1401478d07feaaa498e0e0");
    assert_eq!(print, make("b", "x", vec![1.0, 2.0]));
    for other in [make("a", "y", vec![1.0, 2.0]), make("a", "x", vec![2.0, 1.0]), make("a", "x", vec![1.0])] {
        assert_ne!(print, other);
    }
}
