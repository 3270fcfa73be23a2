//! Tables written in blocks are those written whole.

use std::fs;
use std::path::Path;

use lumenfold_data::{
    BlockWriter, Column, DataError, Format, IntegerColumn, OutputFormat, Table, Target, Values, WriteOptions,
    write_table,
};
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::shared::read;

/// Every format, with every compression.
const NAMES: [&str; 9] = ["t.csv", "t.tsv", "t.csv.gz", "t.tsv.zst", "t.npy", "t.npz", "t.parquet", "t.arrow", "t.vot"];

/// Rows `range` of a table with columns of all types that the format holds.
fn rows(name: &str, range: std::ops::Range<usize>) -> Table {
    let floats = range.clone().map(|row| if row % 97 == 5 { f64::NAN } else { row as f64 / 7.0 }).collect();
    let integers: IntegerColumn = range.clone().map(|row| (row % 1000 != 999).then_some(row as i64 - 50)).collect();
    let mut columns = vec![
        Column::new("float", Values::Float64(floats)).with_unit("mag"),
        Column::new("single", Values::Float32(range.clone().map(|row| row as f32 / 3.0).collect())),
        Column::new("integer", Values::Integer(integers)),
        Column::new("flag", Values::Boolean(range.clone().map(|row| (row != 7).then_some(row % 3 == 0)).collect())),
    ];
    if !name.ends_with(".npy") {
        // Text of FITS is ASCII.
        let letter = if name.ends_with(".fits") { 'e' } else { 'é' };
        columns.push(Column::new("text", Values::text(range.map(|row| format!("{letter} \"{}\"", row % 31)))));
    }
    Table::new("made", columns).unwrap()
}

fn write_in_blocks(path: &Path, name: &str, total: usize, cuts: &[usize]) {
    let mut writer = BlockWriter::create(&Target::from(path), &WriteOptions::default()).unwrap();
    let mut start = 0;
    for &end in cuts.iter().chain([&total]) {
        writer.write(&rows(name, start..end)).unwrap();
        start = end;
    }
    assert_eq!(writer.rows(), total as u64);
    assert!(!path.exists());
    writer.finish().unwrap();
}

#[test]
fn the_bytes_do_not_depend_on_the_blocks() {
    let directory = tempfile::tempdir().unwrap();
    for name in NAMES {
        // More than a row group of Parquet and several buffers of every other format.
        for (total, cuts) in
            [(0, vec![]), (3, vec![0, 1, 1]), (140_000, vec![1, 70_000, 135_000]), (140_000, vec![131_072])]
        {
            let (whole, blocks) = (directory.path().join(format!("whole_{name}")), directory.path().join(name));
            write_table(&rows(name, 0..total), &Target::from(whole.as_path()), &WriteOptions::default()).unwrap();
            write_in_blocks(&blocks, name, total, &cuts);
            assert!(fs::read(&whole).unwrap() == fs::read(&blocks).unwrap(), "{name}, {total} rows cut at {cuts:?}");
            fs::remove_file(blocks).unwrap();
        }
    }
}

#[test]
fn long_texts_do_not_wait_for_many_others() {
    let directory = tempfile::tempdir().unwrap();
    let rows = |range: std::ops::Range<usize>| {
        let texts = range.map(|row| format!("{row} {}", "long".repeat(row % 3 * 300_000)));
        Table::new("made", vec![Column::new("text", Values::text(texts))]).unwrap()
    };
    let (whole, blocks) = (directory.path().join("whole.parquet"), directory.path().join("blocks.parquet"));
    write_table(&rows(0..160), &Target::from(whole.as_path()), &WriteOptions::default()).unwrap();
    let mut writer = BlockWriter::create(&Target::from(blocks.as_path()), &WriteOptions::default()).unwrap();
    for start in (0..160).step_by(7) {
        writer.write(&rows(start..(start + 7).min(160))).unwrap();
    }
    writer.finish().unwrap();
    let bytes = fs::read(&whole).unwrap();
    assert!(bytes == fs::read(&blocks).unwrap());
    let reader = SerializedFileReader::new(fs::File::open(&whole).unwrap()).unwrap();
    // 160 texts of 1.2 MB on average.
    let groups: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
    assert!(groups.len() == 3 && groups.iter().sum::<i64>() == 160, "{groups:?}");
    assert_eq!(read(&whole).unwrap().columns(), rows(0..160).columns());
}

#[test]
fn a_writer_that_is_not_finished_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    for name in NAMES {
        let target = Target::from(directory.path().join(name));
        let mut writer = BlockWriter::create(&target, &WriteOptions::default()).unwrap();
        writer.write(&rows(name, 0..100_000)).unwrap();
        drop(writer);
        let writer = BlockWriter::create(&target, &WriteOptions::default()).unwrap();
        let error = writer.finish().unwrap_err();
        assert!(matches!(error, DataError::Unwritable { .. }), "{error}");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "{name}");
    }
}

#[test]
fn other_columns_are_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let target = Target::from(directory.path().join("t.csv"));
    let floats = |name: &str| Table::new("t", vec![Column::new(name, Values::Float64(vec![1.0]))]).unwrap();
    let integers = Table::new("t", vec![Column::new("u", Values::integers(vec![1]))]).unwrap();
    for (other, word) in [(floats("g"), "\"g\""), (integers, "integer"), (rows("t.csv", 0..1), "float64")] {
        let mut writer = BlockWriter::create(&target, &WriteOptions::default()).unwrap();
        writer.write(&floats("u")).unwrap();
        let error = writer.write(&other).unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, DataError::Unwritable { .. }), "{message}");
        assert!(message.contains(word) && message.contains("row 2"), "{message}");
        assert!(writer.write(&floats("u")).is_err());
        assert!(writer.finish().is_err());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}

#[test]
fn values_that_a_format_cannot_hold_are_found_in_any_block() {
    let directory = tempfile::tempdir().unwrap();
    let id = 1_237_648_720_693_755_918;
    let block = |cells: [Option<i64>; 1]| {
        Table::new("t", vec![Column::new("id", Values::Integer(cells.into_iter().collect()))]).unwrap()
    };
    let target = Target::from(directory.path().join("t.npy"));
    let mut writer = BlockWriter::create(&target, &WriteOptions::default()).unwrap();
    writer.write(&block([Some(1)])).unwrap();
    assert!(matches!(writer.write(&block([Some(id)])), Err(DataError::InexactInteger { .. })));
    // Missing integers make an array of floats, which is known at the end only.
    let target = Target::from(directory.path().join("t.npz"));
    let mut writer = BlockWriter::create(&target, &WriteOptions::default()).unwrap();
    writer.write(&block([Some(id)])).unwrap();
    writer.write(&block([None])).unwrap();
    assert!(matches!(writer.finish(), Err(DataError::InexactInteger { value, .. }) if value == id));
    drop(fs::read_dir(directory.path()));
}

#[cfg(unix)]
#[test]
fn pipes_get_every_format() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    if !std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: there is no mkfifo");
        return;
    }
    for format in Format::ALL.into_iter().filter(|format| format.is_written()) {
        let name = format!("t.{format}");
        let whole = directory.path().join(&name);
        write_table(&rows(&name, 0..5000), &Target::from(whole.as_path()), &WriteOptions::default()).unwrap();
        let read = {
            let pipe = pipe.clone();
            std::thread::spawn(move || fs::read(pipe).unwrap())
        };
        let options = WriteOptions { format: Some(OutputFormat::from(format)) };
        let mut writer = BlockWriter::create(&Target::from(pipe.as_path()), &options).unwrap();
        writer.write(&rows(&name, 0..2000)).unwrap();
        writer.write(&rows(&name, 2000..5000)).unwrap();
        writer.finish().unwrap();
        assert!(read.join().unwrap() == fs::read(whole).unwrap(), "{name}");
    }
}
