//! Columns cost memory without rows, and a few bytes can claim any number of them.

use std::fs;
use std::path::Path;

use lumenfold_data::{
    Axis, BlockOptions, BlockReader, Column, DataError, ReadOptions, Source, Table, Target, Values, WriteOptions,
    read_table, write_table,
};

/// What a reader may use.
const LIMIT: u64 = 4 << 20;
/// The most values of a sample.
const MOST: usize = 1 << 20;

/// Refused because of its size, whole and in blocks.
#[track_caller]
fn too_large(path: &Path) {
    let source = Source::from(path);
    let whole = read_table(&source, &ReadOptions { memory_limit: LIMIT, ..ReadOptions::default() }).map(drop);
    let options = BlockOptions { memory_limit: LIMIT, ..BlockOptions::default() };
    let blocks = BlockReader::open(&[source], &options).map(drop);
    for outcome in [whole, blocks] {
        let error = outcome.unwrap_err();
        assert!(matches!(error, DataError::TooLarge { .. }), "{error}");
    }
}

#[test]
fn arrow_lists_wider_than_memory_are_refused_before_their_columns_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let width = 40_000;
    let columns = (0..width).map(|at| Column::new(format!("x{at}"), Values::Float32(vec![0.0])));
    let table = Table::new("t", columns.collect()).unwrap();
    let table = table.with_axes(0..width, vec![Axis::counted(1, width)]).unwrap();
    for name in ["t.arrow", "t.h5", "t.npz"] {
        let path = directory.path().join(name);
        write_table(&table, &Target::from(path.as_path()), &WriteOptions::default()).unwrap();
        assert_eq!(read_table(&Source::from(path.as_path()), &ReadOptions::default()).unwrap().columns().len(), width);
        too_large(&path);
    }
}

#[test]
fn fields_of_a_votable_that_are_too_wide_together_are_refused() {
    let field = format!("<FIELD name=\"f\" datatype=\"double\" arraysize=\"{MOST}\"/>");
    let fields = field.repeat(1000);
    let text = format!("<VOTABLE><RESOURCE><TABLE>{fields}<DATA><TABLEDATA/></DATA></TABLE></RESOURCE></VOTABLE>");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.vot");
    fs::write(&path, text).unwrap();
    too_large(&path);
}

#[test]
fn fields_of_a_fits_table_without_rows_that_are_too_wide_together_are_refused() {
    let mut cards = vec!["SIMPLE  =                    T".to_owned(), "BITPIX  = 8".into(), "NAXIS   = 0".into()];
    let block = |cards: &mut Vec<String>| {
        cards.push("END".to_owned());
        cards.resize(cards.len().next_multiple_of(36), String::new());
        cards.drain(..).map(|card| format!("{card:80}")).collect::<String>()
    };
    let mut file = block(&mut cards);
    let fields = 900;
    cards.push("XTENSION= 'BINTABLE'".to_owned());
    for (keyword, value) in [
        ("BITPIX", 8),
        ("NAXIS", 2),
        ("NAXIS1", 8 * MOST * fields),
        ("NAXIS2", 0),
        ("PCOUNT", 0),
        ("GCOUNT", 1),
        ("TFIELDS", fields),
    ] {
        cards.push(format!("{keyword:8}= {value}"));
    }
    for field in 1..=fields {
        cards.push(format!("{:8}= '{MOST}D'", format!("TFORM{field}")));
    }
    file += &block(&mut cards);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.fits");
    fs::write(&path, file).unwrap();
    too_large(&path);
}

#[test]
fn arrays_without_rows_that_are_too_wide_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.idx");
    let mut bytes = vec![0, 0, 8, 2, 0, 0, 0, 0];
    bytes.extend((MOST as u32).to_be_bytes());
    fs::write(&path, bytes).unwrap();
    too_large(&path);
    let path = directory.path().join("t.npy");
    let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': (0, {MOST}), }}\n");
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    fs::write(&path, bytes).unwrap();
    too_large(&path);
}
