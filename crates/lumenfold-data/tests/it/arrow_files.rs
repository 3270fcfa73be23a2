//! Arrow files and streams.

use std::fs;
use std::path::Path;

use lumenfold_data::{
    Axis, BlockOptions, BlockReader, Column, Format, ReadOptions, Source, Table, Target, Values, WriteOptions,
    read_table, write_table,
};
use proptest::prelude::*;

use crate::shared::{assert_identical, read, read_blocks};

/// Reading within a small limit, so that a header that lies cannot slow the test down.
const LIMIT: u64 = 64 << 20;

fn spectra(single: bool) -> Table {
    let axis = Axis::new("energy", Some("meV".to_owned()), vec![0.1, 0.5, 2.0]).unwrap();
    let values = |bin: usize| {
        let cells = [bin as f64 + 0.5, if bin == 1 { f64::NAN } else { 1.0 / 3.0 }];
        if single {
            Values::Float32(cells.iter().map(|cell| *cell as f32).collect())
        } else {
            Values::Float64(cells.to_vec())
        }
    };
    let mut columns = vec![Column::new("name", Values::text(["a", "b"]))];
    columns.extend((1..=3).map(|bin| Column::new(format!("signal{bin}"), values(bin)).with_unit("counts")));
    Table::new("t", columns).unwrap().with_axes(1..4, vec![axis]).unwrap()
}

fn written(table: &Table, path: &Path) -> Vec<u8> {
    write_table(table, &Target::from(path), &WriteOptions::default()).unwrap();
    fs::read(path).unwrap()
}

#[test]
fn samples_keep_their_axes_names_and_units() {
    let directory = tempfile::tempdir().unwrap();
    for (name, single) in [("t.arrow", true), ("t.feather", false)] {
        let path = directory.path().join(name);
        let table = spectra(single);
        written(&table, &path);
        let found = read(&path).unwrap();
        assert_identical(&found, &table);
        let (found, expected) = (found.gridded().unwrap(), table.gridded().unwrap());
        assert_eq!((&found.axes, &found.columns), (&expected.axes, &expected.columns));
        // A part of the samples is no sample.
        let options = ReadOptions { columns: Some(vec!["signal2".to_owned()]), ..Default::default() };
        let some = read_table(&Source::from(path), &options).unwrap();
        assert_eq!((some.names(), some.gridded()), (vec!["signal2".to_owned()], None));
    }
}

#[test]
fn errors_are_beside_the_samples_and_a_table_of_their_own() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.arrow");
    let mut columns = spectra(false).into_columns();
    columns.extend((1..=3).map(|bin| {
        Column::new(format!("error of signal{bin}"), Values::Float64(vec![0.25 * f64::from(bin), 9.0]))
            .with_unit("counts")
    }));
    let axes = spectra(false).gridded().unwrap().axes.clone();
    let table = Table::new("t", columns).unwrap().with_axes(1..4, axes).unwrap();
    // Errors are known to a table by its samples only, so that they are read from a file that has them.
    let mut bytes = written(&table, &path);
    assert!(read(&path).unwrap().columns().len() == 7, "columns of any name stay columns");
    bytes.clear();
    let source = Source::from(path.clone());
    let options = BlockOptions { errors: true, ..BlockOptions::default() };
    assert_eq!(BlockReader::open(&[source], &options).unwrap().gridded().unwrap().errors, None);
    let named = read(format!("{}:errors", path.display())).unwrap_err().to_string();
    assert!(named.contains("no standard errors"), "{named}");
    let other = read(format!("{}:other", path.display())).unwrap_err().to_string();
    assert!(other.contains("only errors"), "{other}");
}

#[test]
fn files_cut_short_or_with_lies_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.arrow");
    let sound = written(&spectra(false), &path);
    for length in 0..sound.len() {
        fs::write(&path, &sound[..length]).unwrap();
        assert!(read(&path).is_err(), "{length} bytes");
    }
    // As a stream, without the magic and the index.
    let stream = &sound[8..];
    let name = directory.path().join("t.bin");
    let mut shorter = 0;
    for length in 1..stream.len() {
        fs::write(&name, &stream[..length]).unwrap();
        if let Ok(table) = read(&name) {
            assert!(table.rows() == 0 || table.rows() == 2, "{length} bytes");
            shorter += 1;
        }
    }
    // Whole from the mark of the end on, whatever follows it; and, with a note, before the mark.
    assert!(shorter > 2, "{shorter}");
}

#[test]
fn every_single_bit_of_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.arrow");
    let sound = written(&spectra(true), &path);
    for place in 0..sound.len() {
        for bit in 0..8 {
            let mut bytes = sound.clone();
            bytes[place] ^= 1 << bit;
            survive(&path, &bytes);
        }
    }
}

fn survive(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    let options = ReadOptions { format: Some(Format::Arrow), memory_limit: LIMIT, ..ReadOptions::default() };
    let source = Source::from(path);
    let whole = read_table(&source, &options);
    let blocks =
        BlockOptions { format: Some(Format::Arrow), memory_limit: LIMIT, block_bytes: 64, ..BlockOptions::default() };
    match (whole, read_blocks(&source, &blocks)) {
        (Ok(whole), Ok(found)) => assert_identical(&found, &whole),
        (Err(error), Err(_)) => assert!(!error.to_string().contains('\n'), "{error}"),
        (whole, found) => panic!("{whole:?}, in blocks {found:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_files_never_panic(places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.arrow");
        let mut bytes = written(&spectra(false), &path);
        for (place, byte) in &places {
            let place = place.index(bytes.len());
            bytes[place] = *byte;
        }
        survive(&path, &bytes);
    }
}
