//! Parquet files of every encoding with some bytes changed at random, for minutes: a fuzzer that needs no other toolchain.
//!
//! `(ulimit -v 4000000; cargo test -p lumenfold-data --test it parquet_mutations -- --ignored --nocapture)`

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lumenfold_data::{BlockOptions, ReadOptions, Source, read_table};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::shared::{assert_identical, read_blocks};

const DURATION: Duration = Duration::from_secs(240);
/// An input may take as long.
const LONGEST: Duration = Duration::from_secs(10);
const LIMIT: u64 = 64 << 20;
const ROWS: usize = 60;

/// A file of one column.
fn written(field: &str, encoding: Option<Encoding>, version: WriterVersion, compression: Compression) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(&format!("message schema {{ {field} }}")).unwrap());
    let mut properties = WriterProperties::builder()
        .set_writer_version(version)
        .set_compression(compression)
        .set_dictionary_enabled(encoding.is_none())
        .set_write_batch_size(10)
        .set_data_page_row_count_limit(25);
    if let Some(encoding) = encoding {
        properties = properties.set_encoding(encoding);
    }
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build())).unwrap();
    for _ in 0..2 {
        let mut columns = writer.next_row_group().unwrap();
        let mut column = columns.next_column().unwrap().unwrap();
        // Every third is missing; lists have four values.
        let (levels, repeated): (Vec<i16>, Vec<i16>) = match field.contains("repeated") {
            true => (vec![1; ROWS], (0..ROWS).map(|at| i16::from(at % 4 > 0)).collect()),
            false if field.contains("required") => (vec![1; ROWS], Vec::new()),
            false => ((0..ROWS).map(|row| i16::from(row % 3 > 0)).collect(), Vec::new()),
        };
        let present: Vec<usize> = (0..ROWS).filter(|row| levels[*row] == 1).collect();
        let (levels, repeated) =
            ((!field.contains("required")).then_some(&levels[..]), (!repeated.is_empty()).then_some(&repeated[..]));
        let texts = present.iter().map(|row| format!("{}{}", "abc".repeat(row / 9), row % 5));
        match column.untyped() {
            ColumnWriter::BoolColumnWriter(own) => {
                own.write_batch(&present.iter().map(|row| row % 7 > 2).collect::<Vec<_>>(), levels, repeated)
            }
            ColumnWriter::Int32ColumnWriter(own) => own.write_batch(
                &present.iter().map(|row| (row * row) as i32 - 99).collect::<Vec<_>>(),
                levels,
                repeated,
            ),
            ColumnWriter::Int64ColumnWriter(own) => {
                own.write_batch(&present.iter().map(|row| (row << 40) as i64).collect::<Vec<_>>(), levels, repeated)
            }
            ColumnWriter::FloatColumnWriter(own) => {
                own.write_batch(&present.iter().map(|row| *row as f32 / 8.0).collect::<Vec<_>>(), levels, repeated)
            }
            ColumnWriter::DoubleColumnWriter(own) => {
                own.write_batch(&present.iter().map(|row| *row as f64 / 8.0).collect::<Vec<_>>(), levels, repeated)
            }
            ColumnWriter::ByteArrayColumnWriter(own) => {
                own.write_batch(&texts.map(|text| text.as_str().into()).collect::<Vec<ByteArray>>(), levels, repeated)
            }
            ColumnWriter::FixedLenByteArrayColumnWriter(own) => {
                let bytes = |row: &usize| FixedLenByteArray::from(vec![0, 0, (row / 4) as u8, *row as u8]);
                own.write_batch(&present.iter().map(bytes).collect::<Vec<_>>(), levels, repeated)
            }
            ColumnWriter::Int96ColumnWriter(_) => panic!("a type without test"),
        }
        .unwrap();
        column.close().unwrap();
        columns.close().unwrap();
    }
    writer.into_inner().unwrap()
}

fn files() -> Vec<Vec<u8>> {
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let mut files = Vec::new();
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for (field, encodings) in [
            (
                "optional binary t (STRING);",
                &[Encoding::PLAIN, Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY][..],
            ),
            ("required binary t (STRING);", &[Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY]),
            ("optional binary d (DECIMAL(9,2));", &[Encoding::DELTA_BYTE_ARRAY]),
            (
                "optional fixed_len_byte_array(4) d (DECIMAL(9,2));",
                &[Encoding::DELTA_BYTE_ARRAY, Encoding::BYTE_STREAM_SPLIT],
            ),
            ("optional int32 i;", &[Encoding::DELTA_BINARY_PACKED, Encoding::BYTE_STREAM_SPLIT]),
            ("optional int64 i;", &[Encoding::DELTA_BINARY_PACKED]),
            ("repeated int64 l;", &[Encoding::DELTA_BINARY_PACKED]),
            ("repeated float l;", &[Encoding::PLAIN]),
            ("optional double f;", &[Encoding::BYTE_STREAM_SPLIT]),
            ("optional boolean b;", &[Encoding::RLE]),
        ] {
            // Without an encoding, by a dictionary.
            for encoding in encodings.iter().copied().map(Some).chain([None]) {
                files.push(written(field, encoding, version, Compression::UNCOMPRESSED));
            }
        }
        files.push(written("optional binary t (STRING);", Some(Encoding::DELTA_BYTE_ARRAY), version, zstd));
    }
    files
}

#[test]
#[ignore = "takes four minutes"]
fn changed_bytes_make_a_table_or_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.parquet");
    let source = Source::from(path.as_path());
    let files = files();
    let mut random = ChaCha8Rng::seed_from_u64(0);
    let mut draw = |below: usize| random.next_u64() as usize % below;
    let (start, mut tried, mut tables, mut slowest) = (Instant::now(), 0_u64, 0_u64, Duration::ZERO);
    while start.elapsed() < DURATION {
        let mut bytes = files[draw(files.len())].clone();
        for _ in 0..1 + draw(4) {
            let at = 4 + draw(bytes.len() - 8);
            match draw(4) {
                0 => bytes[at] ^= 1 << draw(8),
                1 => bytes[at] = [0, 1, 2, 0x7f, 0x80, 0xff][draw(6)],
                2 => bytes[at] = draw(256) as u8,
                // The largest numbers take five bytes.
                _ => {
                    let end = bytes.len().min(at + 5);
                    bytes[at..end].copy_from_slice(&[0xfe, 0xff, 0xff, 0xff, 0x0f][..end - at]);
                }
            }
        }
        fs::write(&path, &bytes).unwrap();
        let began = Instant::now();
        let whole = read_table(&source, &ReadOptions { memory_limit: LIMIT, ..ReadOptions::default() });
        let blocks = BlockOptions { memory_limit: LIMIT, block_bytes: 64, ..BlockOptions::default() };
        match (whole, read_blocks(&source, &blocks)) {
            (Ok(whole), Ok(found)) => {
                assert_identical(&found, &whole);
                tables += 1;
            }
            (Err(error), Err(_)) => assert!(!error.to_string().contains('\n'), "{error}"),
            (whole, found) => {
                // What broke a demand is kept.
                let kept = directory.keep();
                panic!("{}: {whole:?}, in blocks {found:?}", kept.display());
            }
        }
        slowest = slowest.max(began.elapsed());
        assert!(slowest < LONGEST, "{slowest:?}: {bytes:?}");
        tried += 1;
    }
    println!("{tried} changed files of {}, {tables} of them tables; the slowest took {slowest:?}", files.len());
}
