//! The same 300 stars in every dialect, against the plain CSV file.

use std::path::PathBuf;

use lumenfold_data::{DataError, ReadOptions, Source, Table, Values, read_table};

use crate::shared::{folder, read};

/// Names of the magnitudes.
const UGRIZ: [&str; 5] = ["u", "g", "r", "i", "z"];
/// Names of the first eight columns.
const EIGHT: [&str; 8] = ["ra", "dec", "u", "g", "r", "i", "z", "redshift"];
/// Rounding of 16-bit floats, relative.
const HALF_PRECISION: f64 = 1.0 / 2048.0;

fn stars300() -> Option<(PathBuf, Table)> {
    let folder = folder()?.join("formats/stars300");
    let truth = read(folder.join("truth.csv")).unwrap();
    assert_eq!((truth.rows(), truth.columns().len()), (300, 9));
    assert!(matches!(truth.column("mjd").unwrap().values, Values::Integer(_)));
    Some((folder, truth))
}

/// Compares the columns `found` of a table with the columns `expected` of the truth, value by value.
fn compare(table: &Table, found: &[String], truth: &Table, expected: &[&str], same: impl Fn(f64, f64) -> bool) {
    assert_eq!(table.rows(), truth.rows(), "{}", table.source());
    for (found, expected) in found.iter().zip(expected) {
        let (column, true_column) = (table.column(found).unwrap(), truth.column(expected).unwrap());
        for row in 0..truth.rows() {
            let (value, true_value) = (column.value(row).unwrap(), true_column.value(row).unwrap());
            assert!(
                same(value, true_value),
                "{}: row {}, column {found}: {value:?}, expected {true_value:?}",
                table.source(),
                row + 1
            );
        }
    }
}

fn exactly(value: f64, truth: f64) -> bool {
    value.to_bits() == truth.to_bits()
}

fn as_f32(value: f64, truth: f64) -> bool {
    exactly(value, f64::from(truth as f32))
}

fn own(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn numbered(prefix: &str, count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("{prefix}{number}")).collect()
}

#[test]
fn text() {
    let Some((folder, truth)) = stars300() else { return };
    let names = truth.names();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    for name in ["comments.csv", "no_final_newline.csv", "quoted.csv", "rows.csv.gz", "tab.tsv"] {
        let table = read(folder.join(name)).unwrap();
        assert_eq!(table.names(), names, "{name}");
        compare(&table, &names, &truth, &all, exactly);
        assert!(matches!(table.column("mjd").unwrap().values, Values::Integer(_)), "{name}");
    }
    let table = read(folder.join("no_header.csv")).unwrap();
    compare(&table, &numbered("x", 9), &truth, &all, exactly);
    // Ten significant digits.
    let table = read(folder.join("scientific.csv")).unwrap();
    compare(&table, &names, &truth, &all, |value, truth| (value - truth).abs() <= 1e-9 * truth.abs());
    // Six decimals.
    let table = read(folder.join("whitespace.txt")).unwrap();
    assert_eq!(table.names(), names);
    compare(&table, &names, &truth, &all, |value, truth| (value - truth).abs() <= 0.5001e-6);
}

#[test]
fn npy() {
    let Some((folder, truth)) = stars300() else { return };
    for name in ["f8_c.npy", "f8_fortran.npy", "f8_bigendian.npy", "header_v2.npy"] {
        compare(&read(folder.join(name)).unwrap(), &numbered("x", 8), &truth, &EIGHT, exactly);
    }
    let single = read(folder.join("f4_c.npy")).unwrap();
    assert!(matches!(single.columns()[0].values, Values::Float32(_)));
    compare(&single, &numbered("x", 5), &truth, &UGRIZ, as_f32);
    compare(&read(folder.join("f2.npy")).unwrap(), &numbered("x", 5), &truth, &UGRIZ, |value, truth| {
        (value - truth).abs() <= HALF_PRECISION * truth.abs()
    });
    compare(&read(folder.join("i4_millimag.npy")).unwrap(), &numbered("x", 5), &truth, &UGRIZ, |value, truth| {
        (value - 1000.0 * truth).abs() <= 0.5001
    });
    compare(&read(folder.join("u1.npy")).unwrap(), &numbered("x", 5), &truth, &UGRIZ, |value, truth| {
        (value - 8.0 * truth).abs() <= 1.0
    });
    compare(&read(folder.join("one_d.npy")).unwrap(), &numbered("x", 1), &truth, &["r"], exactly);
    let structured = read(folder.join("structured.npy")).unwrap();
    assert_eq!(structured.names(), truth.names());
    let names = truth.names();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    compare(&structured, &names, &truth, &all, exactly);

    let booleans = read(folder.join("bool.npy")).unwrap();
    for (index, name) in UGRIZ.iter().enumerate() {
        let Values::Boolean(column) = &booleans.columns()[index].values else { panic!("not boolean") };
        let magnitudes = truth.column(name).unwrap();
        let above: Vec<f64> =
            (0..300).filter(|&row| column.values[row]).filter_map(|row| magnitudes.value(row)).collect();
        let below: Vec<f64> =
            (0..300).filter(|&row| !column.values[row]).filter_map(|row| magnitudes.value(row)).collect();
        assert!(above.iter().all(|value| below.iter().all(|other| value > other)), "{name}");
    }
    assert!(matches!(read(folder.join("text.npy")).unwrap().columns()[0].values, Values::Text(_)));
    assert_eq!(read(folder.join("empty_0x5.npy")).unwrap().rows(), 0);
    for name in ["c16.npy", "zero_d.npy"] {
        assert!(matches!(read(folder.join(name)), Err(DataError::Unusable { .. })), "{name}");
    }
}

#[test]
fn npz() {
    let Some((folder, truth)) = stars300() else { return };
    for name in ["stored.npz", "deflated.npz"] {
        let table = read(folder.join(name)).unwrap();
        compare(&table, &numbered("X", 8), &truth, &EIGHT, exactly);
        compare(&table, &own(&["mjd"]), &truth, &["mjd"], exactly);
        let member = read(folder.join(format!("{name}:mjd"))).unwrap();
        assert_eq!(member.names(), ["mjd"]);
        let error = read(folder.join(format!("{name}:mdj"))).unwrap_err().to_string();
        assert!(error.contains("did you mean \"mjd\"?"), "{error}");
    }
}

#[test]
fn parquet() {
    let Some((folder, truth)) = stars300() else { return };
    let names = truth.names();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    for name in ["none", "snappy", "gzip", "zstd", "rowgroups", "no_dictionary"] {
        let table = read(folder.join(format!("{name}.parquet"))).unwrap();
        assert_eq!(table.names(), names, "{name}");
        compare(&table, &names, &truth, &all, exactly);
        assert!(matches!(table.column("mjd").unwrap().values, Values::Integer(_)), "{name}");
    }
    compare(&read(folder.join("byte_stream_split.parquet")).unwrap(), &own(&UGRIZ), &truth, &UGRIZ, as_f32);
    compare(&read(folder.join("float16.parquet")).unwrap(), &own(&UGRIZ), &truth, &UGRIZ, |value, truth| {
        (value - truth).abs() <= HALF_PRECISION * truth.abs()
    });
    let nulls = read(folder.join("nulls.parquet")).unwrap();
    compare(&nulls, &own(&UGRIZ[1..]), &truth, &UGRIZ[1..], exactly);
    for row in 0..300 {
        let (value, expected) = (nulls.column("u").unwrap().value(row).unwrap(), truth.column("u").unwrap().value(row));
        assert!(if row % 7 == 3 { value.is_nan() } else { Some(value) == expected }, "row {row}: {value}");
    }
    let mixed = read(folder.join("mixed_types.parquet")).unwrap();
    let types: Vec<&str> = mixed.columns().iter().map(|column| column.values.type_name()).collect();
    assert_eq!(types.iter().filter(|&&name| name == "text").count(), 2, "{types:?}");
    assert!(["boolean", "float32", "float64", "integer"].iter().all(|name| types.contains(name)), "{types:?}");
}

#[test]
fn nested_parquet_columns_are_left_out_or_refused() {
    let Some((folder, _)) = stars300() else { return };
    let path = folder.join("../parquet/nested_lists.snappy.parquet");
    let table = read(&path).unwrap();
    assert_eq!((table.notes().len(), table.names()), (1, vec!["b".to_owned()]));
    let options = ReadOptions { columns: Some(vec!["a".to_owned()]), ..ReadOptions::default() };
    let error = read_table(&Source::from(path), &options).unwrap_err();
    assert!(matches!(error, DataError::UnreadableColumn { .. }), "{error}");
}

#[test]
fn files_of_the_parquet_project() {
    let Some(folder) = folder() else { return };
    let folder = folder.join("formats/parquet");
    for (name, rows) in [
        ("alltypes_dictionary.parquet", 2),
        ("alltypes_plain.parquet", 8),
        ("alltypes_plain.snappy.parquet", 2),
        ("byte_stream_split.zstd.parquet", 300),
        ("datapage_v2.snappy.parquet", 5),
        ("delta_binary_packed.parquet", 200),
        ("float16_nonzeros_and_nans.parquet", 8),
        ("int32_decimal.parquet", 24),
        ("lz4_raw_compressed.parquet", 4),
        ("single_nan.parquet", 1),
    ] {
        let table = read(folder.join(name)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(table.rows(), rows, "{name}");
    }
    let decimals = read(folder.join("int32_decimal.parquet")).unwrap();
    assert_eq!((decimals.columns()[0].value(0), decimals.columns()[0].value(23)), (Some(1.0), Some(24.0)));
    for name in ["nested_lists.snappy.parquet", "list_columns.parquet", "nullable.impala.parquet"] {
        match read(folder.join(name)) {
            Ok(table) => assert!(!table.notes().is_empty(), "{name}"),
            Err(error) => assert!(matches!(error, DataError::Unusable { .. }), "{error}"),
        }
    }
}

#[test]
fn the_large_table_is_the_same_in_every_format() {
    let Some(folder) = folder() else { return };
    let stars = folder.join("stars");
    let csv = read(stars.join("sdss_dr17_stars.csv.gz")).unwrap();
    let parquet = read(stars.join("sdss_dr17_stars.parquet")).unwrap();
    let npy = read(stars.join("sdss_dr17_stars.npy")).unwrap();
    assert_eq!((csv.rows(), csv.columns().len()), (21_593, 9));
    assert_eq!(csv.names(), parquet.names());
    for ((csv, parquet), npy) in csv.columns().iter().zip(parquet.columns()).zip(npy.columns()) {
        for row in 0..csv.len() {
            assert!(exactly(csv.value(row).unwrap(), parquet.value(row).unwrap()), "{} {row}", csv.name);
            assert!(exactly(csv.value(row).unwrap(), npy.value(row).unwrap()), "{} {row}", csv.name);
        }
    }
    let single = read(stars.join("sdss_dr17_stars_ugriz_f32.npy")).unwrap();
    compare(&single, &numbered("x", 5), &csv, &UGRIZ, as_f32);
    let skyserver = read(stars.join("skyserver_2000.csv")).unwrap();
    assert_eq!(skyserver.names(), ["ra", "dec", "redshift", "u", "g", "r", "i", "z"]);
    assert_eq!(skyserver.rows(), 2000);
    for column in skyserver.columns() {
        let whole = csv.column(&column.name).unwrap();
        assert!((0..2000).all(|row| column.value(row) == whole.value(row)), "{}", column.name);
    }
}

#[test]
fn archives_of_other_shapes() {
    let Some(folder) = folder() else { return };
    let cardio = read(folder.join("outliers/cardio.npz")).unwrap();
    assert_eq!((cardio.rows(), cardio.columns().len()), (1831, 22));
    assert!(matches!(cardio.column("y").unwrap().values, Values::Integer(_)));
    let phonons = read(folder.join("phonon_dos/jarvis_phonon_dos.npz")).unwrap();
    assert_eq!((phonons.rows(), phonons.columns().len()), (12_819, 68));
    assert_eq!(phonons.column("split").unwrap().text(0), "train");
    // Two grids of 66 bins, of which one is taken.
    assert!(matches!(phonons.notes(), [note] if note.contains("energy_cm1 is taken")), "{:?}", phonons.notes());
    let objects = read(folder.join("stars/sdss_dr17_objects.csv.gz")).unwrap();
    assert_eq!((objects.rows(), objects.column("class").unwrap().text(0)), (99_999, "GALAXY".to_owned()));
}
