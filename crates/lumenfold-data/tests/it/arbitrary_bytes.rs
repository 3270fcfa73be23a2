//! No bytes make a reader panic.

use std::fs;
use std::path::Path;

use lumenfold_data::{
    BlockOptions, Column, Format, ReadOptions, Source, Table, Target, Values, WriteOptions, read_table, write_table,
};
use proptest::prelude::*;

use crate::shared::{assert_identical, read_blocks};

/// Reading within a small limit, so that a header that lies cannot slow the test down.
const LIMIT: u64 = 64 << 20;

fn survive(path: &Path, format: Option<Format>, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    let options = ReadOptions { format, memory_limit: LIMIT, ..ReadOptions::default() };
    let source = Source::from(path);
    let whole = read_table(&source, &options);
    let in_blocks = BlockOptions { format, memory_limit: LIMIT, block_bytes: 64, ..BlockOptions::default() };
    match (whole, read_blocks(&source, &in_blocks)) {
        (Ok(whole), Ok(found)) => assert_identical(&found, &whole),
        (Err(error), Err(found)) => {
            assert!(!error.to_string().contains('\n'), "{error}");
            assert!(!found.to_string().contains('\n'), "{found}");
        }
        (whole, found) => panic!("{whole:?}, in blocks {found:?}"),
    }
}

fn written(name: &str) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    let mut columns = vec![
        Column::new("a", Values::Float64((0..20).map(f64::from).collect())),
        Column::new("b", Values::Integer((0..20).map(|row| (row != 3).then_some(row)).collect())),
        Column::new("c", Values::booleans((0..20).map(|row| row % 3 == 0).collect())),
    ];
    if !name.ends_with(".npy") {
        columns.push(Column::new("d", Values::text((0..20).map(|row| format!("cell {}", row % 4)))));
    }
    let table = Table::new("t", columns).unwrap();
    write_table(&table, &Target::from(path.as_path()), &WriteOptions::default()).unwrap();
    fs::read(path).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn bytes_as_any_format(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t");
        for format in [None].into_iter().chain(Format::ALL.map(Some)) {
            survive(&path, format, &bytes);
        }
    }

    #[test]
    fn letters_as_text(text in "[0-9a-e.,;\t\"# \r\n\\-+]{0,200}") {
        let directory = tempfile::tempdir().unwrap();
        survive(&directory.path().join("t.csv"), None, text.as_bytes());
        survive(&directory.path().join("t.tsv"), None, text.as_bytes());
    }

    #[test]
    fn headers_of_arrays(dictionary in "[ -~]{0,120}", version in 1..4_u8, data in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend_from_slice(&[version, 0]);
        // Two bytes of length in version 1, four in the later ones.
        let length = (dictionary.len() as u32).to_le_bytes();
        bytes.extend_from_slice(if version == 1 { &length[..2] } else { &length });
        bytes.extend_from_slice(dictionary.as_bytes());
        bytes.extend_from_slice(&data);
        let directory = tempfile::tempdir().unwrap();
        survive(&directory.path().join("t.npy"), None, &bytes);
    }

    #[test]
    fn damaged_files(places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let directory = tempfile::tempdir().unwrap();
        for name in
            ["t.fits", "t.h5", "t.parquet", "t.arrow", "t.vot", "t.npz", "t.npy", "t.csv.gz", "t.csv.zst", "t.csv"]
        {
            let mut bytes = written(name);
            for (place, byte) in &places {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            survive(&directory.path().join(name), None, &bytes);
        }
    }
}

#[test]
fn every_single_bit_of_a_parquet_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.parquet");
    let sound = written("t.parquet");
    for place in 0..sound.len() {
        for bit in 0..8 {
            let mut bytes = sound.clone();
            bytes[place] ^= 1 << bit;
            survive(&path, None, &bytes);
        }
    }
}

#[test]
fn every_single_bit_of_an_hdf5_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.h5");
    let sound = written("t.h5");
    for place in 0..sound.len() {
        for bit in 0..8 {
            let mut bytes = sound.clone();
            bytes[place] ^= 1 << bit;
            survive(&path, None, &bytes);
        }
    }
}
