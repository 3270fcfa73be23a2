//! Files that a reader must survive.

use std::fs;
use std::io::Write;

use lumenfold_data::{DataError, Dataset, DatasetOptions, ReadOptions, Source, read_table};

use crate::shared::{folder, read, read_bytes};

const PREFIXES: [&str; 13] = [
    "csv_", "fits_", "hdf5_", "idx_", "npy_", "npz_", "parquet_", "pickled_", "unknown_", "empty_", "votable_", "cif_",
    "poscar_",
];

#[test]
fn every_hostile_file_is_read_or_refused_in_one_line() {
    let Some(folder) = folder() else { return };
    let list = read(folder.join("formats/hostile/list.csv")).unwrap();
    let (names, kinds) = (list.column("file").unwrap(), list.column("kind").unwrap());
    let mut seen = 0;
    for row in 0..list.rows() {
        let (name, kind) = (names.text(row), kinds.text(row));
        let truncated = name.starts_with("truncated_");
        if !truncated && !PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        seen += 1;
        let outcome = read(folder.join("formats/hostile").join(&name))
            .and_then(|table| Dataset::from_table(table, &DatasetOptions::default()));
        match &outcome {
            Ok(dataset) => {
                println!("{kind} {name}: {} x {}", dataset.rows, dataset.features.len());
                assert_eq!(kind, "odd", "{name} was read");
            }
            Err(error) => {
                let message = error.to_string();
                println!("{kind} {message}");
                assert!(message.contains(&name), "{message}");
                assert!(!message.contains('\n') && message.len() > name.len() + 20, "{message}");
                assert!(message.len() < 700, "{message}");
            }
        }
    }
    assert!(seen >= 75, "{seen} files");
}

#[test]
fn files_that_are_only_odd_are_read() {
    let Some(folder) = folder() else { return };
    let hostile = folder.join("formats/hostile");
    for (name, rows, columns) in [
        ("csv_bom_crlf.csv", 200, 5),
        ("csv_fortran_exponents.csv", 200, 5),
        ("csv_gzip_named_csv.csv", 200, 5),
        ("csv_long_line.csv", 2, 20_000),
        ("csv_nan_inf_empty.csv", 200, 5),
        ("csv_one_row.csv", 1, 5),
        ("csv_text_column.csv", 200, 5),
        ("hdf5_soft_link_cycle.h5", 200, 5),
        ("npy_denormals.npy", 50, 4),
        ("npy_nan_inf.npy", 200, 5),
        ("npz_empty_member.npz", 200, 5),
        ("npz_path_traversal.npz", 200, 10),
        ("pickled_object.npz", 200, 5),
    ] {
        let table = read(hostile.join(name)).unwrap();
        assert_eq!((table.rows(), table.columns().len()), (rows, columns), "{name}");
    }
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_unpacked() {
    let Some(folder) = folder() else { return };
    let error = read(folder.join("formats/hostile/npz_zeros_100MB.npz")).unwrap_err();
    assert!(matches!(&error, DataError::Unusable { reason, .. } if reason.contains("bomb")), "{error}");
}

#[test]
fn a_gzip_bomb_is_refused_while_it_is_unpacked() {
    // An array of 80 MB of zeros.
    let mut header = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    header.extend(format!("{:117}\n", "{'descr': '<f8', 'fortran_order': False, 'shape': (10000000,), }").bytes());
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&header).unwrap();
    for _ in 0..80 {
        packed.write_all(&vec![0; 1_000_000]).unwrap();
    }
    let error = read_bytes("zeros.npy.gz", &packed.finish().unwrap()).unwrap_err();
    assert!(matches!(&error, DataError::Unusable { reason, .. } if reason.contains("bomb")), "{error}");
}

#[test]
fn crystal_structures_are_refused_in_words() {
    let Some(folder) = folder() else { return };
    for entry in fs::read_dir(folder.join("formats/crystal")).unwrap() {
        let path = entry.unwrap().path();
        let error = read(&path).unwrap_err();
        let expected = if path.ends_with("truth.json") { "JSON" } else { "a crystal structure" };
        let named = matches!(&error, DataError::UnsupportedFormat { format, .. } if format.starts_with(expected));
        assert!(named, "{error}");
    }
}

#[test]
fn an_archive_stops_at_the_memory_limit() {
    let Some(folder) = folder() else { return };
    let path = folder.join("spectra/nir_soil.npz");
    let options = ReadOptions { memory_limit: 1 << 20, ..ReadOptions::default() };
    let error = read_table(&Source::from(path), &options).unwrap_err();
    assert!(matches!(error, DataError::TooLarge { .. }), "{error}");
}

#[test]
fn the_ragged_row_is_named() {
    let Some(folder) = folder() else { return };
    let error = read(folder.join("formats/hostile/csv_ragged.csv")).unwrap_err();
    assert!(matches!(error, DataError::RaggedRow { row: 10, line: 11, expected: 5, found: 6, .. }), "{error:?}");
}

#[test]
fn names_in_an_archive_write_nothing() {
    let Some(folder) = folder() else { return };
    let directory = tempfile::tempdir().unwrap();
    let inner = directory.path().join("a/b");
    fs::create_dir_all(&inner).unwrap();
    fs::copy(folder.join("formats/hostile/npz_path_traversal.npz"), inner.join("x.npz")).unwrap();
    read(inner.join("x.npz")).unwrap();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    assert_eq!(fs::read_dir(directory.path().join("a")).unwrap().count(), 1);
}

#[test]
fn other_formats_are_refused_by_name() {
    let Some(folder) = folder() else { return };
    let error = read(folder.join("formats/stars300/classic.nc")).unwrap_err();
    assert!(matches!(&error, DataError::UnsupportedFormat { format, .. } if format.contains("NetCDF")), "{error}");
    assert!(error.to_string().contains("Parquet"), "{error}");
}
