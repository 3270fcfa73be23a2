//! Pages of Parquet whose values are looked at before the library decodes them.

use std::sync::Arc;

use lumenfold_data::{BlockOptions, BlockReader, DataError, ReadOptions, Source, Table, Values, read_table};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::shared::{read, read_blocks};

/// Numbers of the format's enumerations.
const INT32: i64 = 1;
const BYTE_ARRAY: i64 = 6;
const FIXED: i64 = 7;
const DELTA_BINARY_PACKED: i64 = 5;
const DELTA_LENGTH_BYTE_ARRAY: i64 = 6;
const DELTA_BYTE_ARRAY: i64 = 7;
const BYTE_STREAM_SPLIT: i64 = 9;

/// A number of the compact protocol.
fn number(value: i64) -> Vec<u8> {
    varint((value << 1 ^ value >> 63) as u64)
}

fn varint(mut left: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while left >= 0x80 {
        bytes.push(left as u8 | 0x80);
        left >>= 7;
    }
    bytes.push(left as u8);
    bytes
}

/// The schema of a column `x` without nulls; a fixed length makes it one of decimals.
fn column(physical: i64, length: Option<i64>) -> Vec<u8> {
    let mut bytes = [&[0x15][..], &number(physical)].concat();
    match length {
        None => bytes.extend([0x25, 0, 0x18, 1, b'x', 0]),
        Some(length) => bytes
            .extend([&[0x15][..], &number(length), &[0x15, 0, 0x18, 1, b'x', 0x25, 10, 0x15, 0, 0x15, 4, 0]].concat()),
    }
    bytes
}

/// A file of one column of so many rows, whose only page is not compressed.
fn file(physical: i64, length: Option<i64>, encoding: i64, rows: i64, values: &[u8]) -> Vec<u8> {
    let size = number(values.len() as i64);
    let (rows, encoding) = (number(rows), number(encoding));
    let header = [
        &[0x15, 0, 0x15][..],
        &size,
        &[0x15],
        &size,
        &[0x2c, 0x15],
        &rows,
        &[0x15],
        &encoding,
        &[0x15, 6, 0x15, 6, 0, 0],
    ]
    .concat();
    let chunk = number((header.len() + values.len()) as i64);
    let metadata = [
        &[0x15, 2, 0x19, 0x2c, 0x48, 4][..],
        b"root",
        &[0x15, 2, 0],
        &column(physical, length),
        &[0x16],
        &rows,
        &[0x19, 0x1c, 0x19, 0x1c, 0x26, 8, 0x1c, 0x15],
        &number(physical),
        &[0x19, 0x15, 0, 0x19, 0x18, 1, b'x', 0x15, 0, 0x16],
        &rows,
        &[0x16],
        &chunk,
        &[0x16],
        &chunk,
        &[0x26, 8, 0, 0, 0x16],
        &chunk,
        &[0x16],
        &rows,
        &[0, 0],
    ]
    .concat();
    let end = (metadata.len() as u32).to_le_bytes();
    [b"PAR1", &header[..], values, &metadata, &end, b"PAR1"].concat()
}

/// A list of DELTA_BINARY_PACKED that claims `count` values, each `step` more than the one before, in as few bytes as can be.
fn steps(count: u64, first: i64, step: i64) -> Vec<u8> {
    let mut bytes = [&varint(128)[..], &varint(4), &varint(count), &number(first)].concat();
    // Those of absurd counts are not there.
    for _ in 0..count.saturating_sub(1).div_ceil(128).min(1 << 14) {
        bytes.extend(number(step));
        bytes.extend([0; 4]);
    }
    bytes
}

fn written(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pages.parquet");
    std::fs::write(&path, bytes).unwrap();
    (directory, path)
}

fn read_bytes(bytes: &[u8]) -> Result<Table, DataError> {
    let (_directory, path) = written(bytes);
    read(path)
}

fn texts(table: &Table) -> Vec<&str> {
    let Values::Text(column) = &table.columns()[0].values else { panic!() };
    column.iter().collect()
}

#[test]
fn pages_of_texts_are_read_if_they_are_sound() {
    // Three texts of two letters.
    let lengths = [&steps(3, 2, 0)[..], b"aabbcc"].concat();
    let table = read_bytes(&file(BYTE_ARRAY, None, DELTA_LENGTH_BYTE_ARRAY, 3, &lengths)).unwrap();
    assert_eq!(texts(&table), ["aa", "bb", "cc"]);
    // Each a letter longer than the one before, with which it begins.
    let shared = [&steps(3, 0, 1)[..], &steps(3, 1, 0), b"abc"].concat();
    let table = read_bytes(&file(BYTE_ARRAY, None, DELTA_BYTE_ARRAY, 3, &shared)).unwrap();
    assert_eq!(texts(&table), ["a", "ab", "abc"]);
    let numbers = steps(300, 7, -2);
    let table = read_bytes(&file(INT32, None, DELTA_BINARY_PACKED, 300, &numbers)).unwrap();
    assert_eq!(table.columns()[0].value(299), Some(7.0 - 2.0 * 299.0));
}

#[test]
fn pages_do_not_claim_more_texts_or_longer_ones_than_they_hold() {
    let many = (1 << 31) - 1;
    let with = |lists: &[Vec<u8>], bytes: &[u8]| [&lists.concat(), bytes].concat();
    for (encoding, rows, values) in [
        // So many that the library would make room for 8 GB, in the page alone or in the metadata as well.
        (DELTA_LENGTH_BYTE_ARRAY, 3, with(&[steps(many, 0, 0)], b"")),
        (DELTA_LENGTH_BYTE_ARRAY, many as i64, with(&[steps(many, 0, 0)], b"")),
        (DELTA_BYTE_ARRAY, 3, with(&[steps(many, 0, 0), steps(many, 0, 0)], b"")),
        (DELTA_BYTE_ARRAY, many as i64, with(&[steps(many, 0, 0), steps(many, 0, 0)], b"")),
        // More values than rows, and fewer.
        (DELTA_LENGTH_BYTE_ARRAY, 3, with(&[steps(4, 1, 0)], b"abcd")),
        (DELTA_LENGTH_BYTE_ARRAY, 3, with(&[steps(2, 1, 0)], b"ab")),
        // Lengths below zero; more letters than there are.
        (DELTA_LENGTH_BYTE_ARRAY, 3, with(&[steps(3, 1, -1)], b"a")),
        (DELTA_LENGTH_BYTE_ARRAY, 3, with(&[steps(3, 1, 1)], b"abbcc")),
        // Fewer suffixes than prefixes, of which the last would be repeated, and fewer prefixes.
        (DELTA_BYTE_ARRAY, 3, with(&[steps(3, 0, 0), steps(2, 1, 0)], b"ab")),
        (DELTA_BYTE_ARRAY, 3, with(&[steps(2, 0, 0), steps(3, 1, 0)], b"abc")),
        // A prefix longer than the text before; one before the first; below zero.
        (DELTA_BYTE_ARRAY, 3, with(&[steps(3, 0, 2), steps(3, 1, 0)], b"abc")),
        (DELTA_BYTE_ARRAY, 3, with(&[steps(3, 1, 0), steps(3, 1, 0)], b"abc")),
        (DELTA_BYTE_ARRAY, 3, with(&[steps(3, 0, -1), steps(3, 1, 0)], b"abc")),
    ] {
        let bytes = file(BYTE_ARRAY, None, encoding, rows, &values);
        let error = read_bytes(&bytes).unwrap_err();
        assert!(matches!(error, DataError::Malformed { .. } | DataError::TooLarge { .. }), "{error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    for numbers in [steps(299, 7, -2), steps(301, 7, -2), steps(0, 0, 0), steps(many, 0, 0)] {
        read_bytes(&file(INT32, None, DELTA_BINARY_PACKED, 300, &numbers)).unwrap_err();
    }
}

#[test]
fn decimals_do_not_claim_to_be_long() {
    // The library would make room for 300 values of 2²⁷ bytes.
    let error = read_bytes(&file(FIXED, Some(1 << 27), BYTE_STREAM_SPLIT, 300, &[])).unwrap_err();
    assert!(error.to_string().contains("at most 16 are read"), "{error}");
    // 8,192 values of four bytes, each the beginning of the one before.
    let values = [&steps(8192, 0, 0)[..], &steps(8192, 4, 0), &[1; 4 * 8192]].concat();
    let table = read_bytes(&file(FIXED, Some(4), DELTA_BYTE_ARRAY, 8192, &values)).unwrap();
    assert_eq!(table.columns()[0].value(8191), Some(f64::from(0x0101_0101)));
    let short = [&steps(8192, 0, 0)[..], &steps(8192, 3, 0), &[1; 3 * 8192]].concat();
    read_bytes(&file(FIXED, Some(4), DELTA_BYTE_ARRAY, 8192, &short)).unwrap_err();
}

/// A file with a column of texts, by the library's own writer.
fn with_texts(texts: &[Option<String>], properties: WriterProperties) -> Vec<u8> {
    let schema = Arc::new(parse_message_type("message schema { optional binary text (STRING); }").unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut columns = writer.next_row_group().unwrap();
    let mut column = columns.next_column().unwrap().unwrap();
    let ColumnWriter::ByteArrayColumnWriter(values) = column.untyped() else { panic!() };
    let present: Vec<i16> = texts.iter().map(|text| i16::from(text.is_some())).collect();
    let own: Vec<ByteArray> = texts.iter().flatten().map(|text| text.as_str().into()).collect();
    values.write_batch(&own, Some(&present), None).unwrap();
    column.close().unwrap();
    columns.close().unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn texts_come_back_from_every_encoding() {
    let text = |row: usize| match row % 7 {
        0 => None,
        1 => Some(String::new()),
        kind => Some(format!("{}{}", "object/spectrum/".repeat(kind), row / 5)),
    };
    let expected: Vec<Option<String>> = (0..5000).map(text).collect();
    for encoding in [Encoding::PLAIN, Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            for (compression, dictionary, page) in [
                (Compression::UNCOMPRESSED, false, 100_000),
                (Compression::SNAPPY, false, 3000),
                (Compression::ZSTD(ZstdLevel::default()), true, 3000),
            ] {
                let properties = WriterProperties::builder()
                    .set_writer_version(version)
                    .set_encoding(encoding)
                    .set_dictionary_enabled(dictionary)
                    .set_dictionary_page_size_limit(2000)
                    .set_compression(compression)
                    .set_data_page_size_limit(page)
                    .set_write_batch_size(100)
                    .build();
                let table = read_bytes(&with_texts(&expected, properties)).unwrap();
                let Values::Text(found) = &table.columns()[0].values else { panic!() };
                assert_eq!(found.len(), expected.len());
                for (row, text) in expected.iter().enumerate() {
                    let own = (!found.is_missing(row)).then(|| found.get(row).unwrap());
                    assert_eq!(own, text.as_deref(), "{encoding}, {version:?}, {compression}, row {row}");
                }
            }
        }
    }
}

#[test]
fn texts_that_a_few_bytes_stand_for_come_in_small_blocks() {
    // 8,192 texts of 100 kB each, which begin alike or are the same entry of a dictionary.
    let (rows, long) = (8192, "long ".repeat(20_000));
    let shared = [&steps(rows, 0, 0)[..], &steps(rows, 0, 0)].concat();
    let mut prefixes = varint(128);
    prefixes.extend([&varint(4)[..], &varint(rows), &number(0)].concat());
    let mut suffixes = [&varint(128)[..], &varint(4), &varint(rows), &number(long.len() as i64)].concat();
    // The second differs from the first by its length, the others do not.
    for (list, step) in [(&mut prefixes, long.len() as i64), (&mut suffixes, -(long.len() as i64))] {
        for block in 0..rows.div_ceil(128) {
            // In the first miniblock of the first block the first difference is zero above the least, the others as much above.
            let (least, width) = if block == 0 { (step.min(0), 32) } else { (0, 0) };
            list.extend(number(least));
            list.extend([width; 4]);
            if width > 0 {
                let above = |at: usize| (if at == 0 { step - least } else { -least }) as u32;
                list.extend((0..128).flat_map(|at| above(at).to_le_bytes()));
            }
        }
    }
    let page = [&prefixes[..], &suffixes, long.as_bytes()].concat();
    assert!(page.len() > shared.len());
    let delta = file(BYTE_ARRAY, None, DELTA_BYTE_ARRAY, rows as i64, &page);
    let properties = WriterProperties::builder().set_dictionary_enabled(true).build();
    let dictionary = with_texts(&vec![Some(long.clone()); rows as usize], properties);
    for bytes in [delta, dictionary] {
        assert!(bytes.len() < 200_000, "{}", bytes.len());
        let (_directory, path) = written(&bytes);
        let source = Source::from(path.as_path());
        let block_bytes = 1 << 20;
        let options = BlockOptions { block_bytes, memory_limit: 4 << 20, ..BlockOptions::default() };
        let mut reader = BlockReader::open(std::slice::from_ref(&source), &options).unwrap();
        let mut found = 0;
        while let Some(block) = reader.next_block().unwrap() {
            let Values::Text(texts) = &block.columns()[0].values else { panic!() };
            assert!(texts.text_bytes() <= 2 * block_bytes && texts.iter().all(|text| text == long));
            found += block.rows();
        }
        assert_eq!(found as u64, rows);
        // All of them at a time are too much.
        let options = ReadOptions { memory_limit: 4 << 20, ..ReadOptions::default() };
        let error = read_table(&source, &options).unwrap_err();
        assert!(matches!(error, DataError::TooLarge { limit, .. } if limit == 4 << 20), "{error}");
    }
}

#[test]
fn pages_of_many_columns_share_the_memory() {
    // Each has a page of 800 kB, of zeros, and compressed to nearly nothing.
    let (columns, rows) = (20, 100_000);
    let fields: String = (0..columns).map(|at| format!("required double c{at};")).collect();
    let schema = Arc::new(parse_message_type(&format!("message schema {{ {fields} }}")).unwrap());
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_data_page_row_count_limit(rows)
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    while let Some(mut column) = group.next_column().unwrap() {
        let ColumnWriter::DoubleColumnWriter(writer) = column.untyped() else { panic!() };
        writer.write_batch(&vec![0.0; rows], None, None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    let (_directory, path) = written(&writer.into_inner().unwrap());
    let source = Source::from(path);
    let limited = |memory_limit| {
        let options = BlockOptions { block_bytes: 1 << 16, memory_limit, ..BlockOptions::default() };
        read_blocks(&source, &options)
    };
    assert_eq!(limited(20 << 20).unwrap().rows(), rows);
    let error = limited(8 << 20).unwrap_err();
    assert!(matches!(error, DataError::TooLarge { needed, limit, .. } if needed > limit), "{error}");
}

#[test]
fn padding_behind_indices_is_no_value() {
    let text = |row: usize| (!row.is_multiple_of(5)).then(|| format!("text {row}"));
    let properties = WriterProperties::builder().set_writer_version(WriterVersion::PARQUET_2_0).build();
    let bytes = with_texts(&(0..25).map(text).collect::<Vec<_>>(), properties);
    assert_eq!(read_bytes(&bytes).unwrap().rows(), 25);
    // The page has 25 values and rows, of which it says now that 8 are null rather than 5: 20 indices are in groups of eight.
    let header = |nulls: i64| [&[0x15][..], &number(25), &[0x15], &number(nulls), &[0x15], &number(25)].concat();
    let at = bytes.windows(6).position(|window| window == header(5)).unwrap();
    let mut wrong = bytes.clone();
    wrong[at..at + 6].copy_from_slice(&header(8));
    let error = read_bytes(&wrong).unwrap_err();
    assert!(error.to_string().contains("the values of a page contradict themselves"), "{error}");
}
