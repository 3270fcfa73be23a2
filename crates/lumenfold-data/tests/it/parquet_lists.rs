//! Columns of Parquet files that are lists.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use lumenfold_data::{BlockOptions, DataError, Format, ReadOptions, Source, Table, Values, read_table};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

use crate::shared::{assert_identical, folder, read, read_blocks};

/// A list, or none; a number of it, or none.
type List = Option<Vec<Option<f64>>>;

/// How rows are cut into groups and pages.
#[derive(Clone, Copy, Debug)]
struct Cuts {
    group: usize,
    page: usize,
    second_version: bool,
    dictionary: bool,
}

const ONE_PAGE: Cuts = Cuts { group: 1000, page: 1000, second_version: false, dictionary: false };
/// A list and a plain column.
const SCHEMA: &str = "message schema {
    optional group flux (LIST) { repeated group list { optional double element; } }
    required int64 id;
}";

fn written(lists: &[List], schema: &str, cuts: Cuts) -> Vec<u8> {
    let version = if cuts.second_version { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
    let properties = WriterProperties::builder()
        .set_writer_version(version)
        .set_dictionary_enabled(cuts.dictionary)
        .set_write_batch_size(1)
        .set_data_page_row_count_limit(cuts.page)
        .build();
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    for (number, group) in lists.chunks(cuts.group).enumerate() {
        let mut columns = writer.next_row_group().unwrap();
        let mut column = columns.next_column().unwrap().unwrap();
        let (mut values, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        for list in group {
            let levels = match list {
                None => vec![0],
                Some(list) if list.is_empty() => vec![1],
                Some(list) => list.iter().map(|number| if number.is_some() { 3 } else { 2 }).collect(),
            };
            repeated.extend((0..levels.len()).map(|at| i16::from(at > 0)));
            defined.extend(levels);
            values.extend(list.iter().flatten().flatten());
        }
        match column.untyped() {
            ColumnWriter::DoubleColumnWriter(writer) => {
                writer.write_batch(&values, Some(&defined), Some(&repeated)).unwrap();
            }
            ColumnWriter::ByteArrayColumnWriter(writer) => {
                let texts: Vec<ByteArray> = values.iter().map(|value| value.to_string().as_str().into()).collect();
                writer.write_batch(&texts, Some(&defined), Some(&repeated)).unwrap();
            }
            _ => panic!("a schema without test"),
        }
        column.close().unwrap();
        let mut column = columns.next_column().unwrap().unwrap();
        let ColumnWriter::Int64ColumnWriter(writer) = column.untyped() else { panic!() };
        let ids: Vec<i64> = (0..group.len()).map(|row| (number * cuts.group + row) as i64).collect();
        writer.write_batch(&ids, None, None).unwrap();
        column.close().unwrap();
        columns.close().unwrap();
    }
    writer.into_inner().unwrap()
}

fn read_lists(lists: &[List], schema: &str, cuts: Cuts) -> Result<Table, DataError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.parquet");
    fs::write(&path, written(lists, schema, cuts)).unwrap();
    read(path)
}

fn list(numbers: &[f64]) -> List {
    Some(numbers.iter().copied().map(Some).collect())
}

#[test]
fn lists_of_one_length_are_samples() {
    let table = read_lists(&[list(&[1.0, 2.0, 3.0]), None, list(&[4.0, 5.0, 6.0])], SCHEMA, ONE_PAGE).unwrap();
    assert_eq!(table.names(), ["flux1", "flux2", "flux3", "id"]);
    let gridded = table.gridded().unwrap();
    assert_eq!((gridded.array.as_str(), gridded.columns.clone(), gridded.axes.len()), ("flux", 0..3, 0));
    let Values::Float64(second) = &table.columns()[1].values else { panic!() };
    assert_eq!((second[0], second[1].is_nan(), second[2]), (2.0, true, 5.0));
    assert!(table.notes().is_empty());
}

#[test]
fn some_values_of_lists_are_columns_and_no_samples() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.parquet");
    fs::write(&path, written(&[list(&[1.0, 2.0]), list(&[3.0, 4.0])], SCHEMA, ONE_PAGE)).unwrap();
    let wanted = |names: &[&str]| {
        let columns = Some(names.iter().map(|&name| name.to_owned()).collect());
        read_table(&Source::from(path.as_path()), &ReadOptions { columns, ..ReadOptions::default() })
    };
    let some = wanted(&["id", "flux2"]).unwrap();
    assert_eq!(some.names(), ["flux2", "id"]);
    assert_eq!(some.gridded(), None);
    assert_eq!(some.columns()[0].values, Values::Float64(vec![2.0, 4.0]));
    assert_eq!(wanted(&["id"]).unwrap().names(), ["id"]);
    assert_eq!(wanted(&["flux1", "flux2"]).unwrap().gridded().unwrap().columns, 0..2);
    for name in ["flux", "flux3", "flux0", "flux01"] {
        let error = wanted(&[name]).unwrap_err();
        assert!(matches!(error, DataError::UnknownColumn { .. }), "{error}");
    }
}

#[test]
fn other_lists_are_left_out_or_refused() {
    let text = SCHEMA.replace("double element", "binary element (STRING)");
    let structures = SCHEMA.replace("group list", "group flux_tuple");
    let uneven = [list(&[1.0]), list(&[2.0, 3.0])];
    for (lists, schema, why) in [
        (&uneven[..], SCHEMA, "lists of 1 and of 2 values"),
        (&[Some(Vec::new()), list(&[2.0])], SCHEMA, "lists of 0 and of 1 values"),
        (&[Some(Vec::new())], SCHEMA, "its lists are empty"),
        (&[None, None], SCHEMA, "no list"),
        (&uneven[..1], &text, "no numbers"),
        (&uneven[..1], &structures, "nested"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.parquet");
        fs::write(&path, written(lists, schema, ONE_PAGE)).unwrap();
        let table = read(&path).unwrap();
        assert_eq!(table.names(), ["id"]);
        let [note] = table.notes() else { panic!("{:?}", table.notes()) };
        assert!(note.contains("column flux is left out") && note.contains(why), "{note}");
        for (name, is_told) in [("flux", true), ("flux1", !why.contains("nested"))] {
            let options = ReadOptions { columns: Some(vec![name.to_owned()]), ..ReadOptions::default() };
            let error = read_table(&Source::from(path.as_path()), &options).unwrap_err();
            let (is_unreadable, told) = (matches!(error, DataError::UnreadableColumn { .. }), error.to_string());
            assert_eq!((is_unreadable, told.contains(why)), (is_told, is_told), "{told}");
        }
    }
}

#[test]
fn a_plain_column_may_be_called_like_a_value_of_lists_that_cannot_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.parquet");
    let schema = SCHEMA.replace("id;", "flux1;");
    fs::write(&path, written(&[list(&[1.0]), list(&[2.0, 3.0])], &schema, ONE_PAGE)).unwrap();
    let columns = Some(vec!["flux1".to_owned()]);
    let table = read_table(&Source::from(path.as_path()), &ReadOptions { columns, ..ReadOptions::default() }).unwrap();
    assert_eq!(table.columns()[0].values, Values::integers(vec![0, 1]));
}

#[test]
fn many_lists_of_the_longest_length_are_refused_by_their_number() {
    let width = 1 << 20;
    let schema = "message schema { repeated double a; repeated double b; }";
    let properties = WriterProperties::builder().build();
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut columns = writer.next_row_group().unwrap();
    let repeated: Vec<i16> = (0..width).map(|at| i16::from(at > 0)).collect();
    while let Some(mut column) = columns.next_column().unwrap() {
        let ColumnWriter::DoubleColumnWriter(writer) = column.untyped() else { panic!() };
        writer.write_batch(&vec![1.0; width], Some(&vec![1; width]), Some(&repeated)).unwrap();
        column.close().unwrap();
    }
    columns.close().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.parquet");
    fs::write(&path, writer.into_inner().unwrap()).unwrap();
    let error = read(path).unwrap_err();
    assert!(error.to_string().contains("has 2097152 columns; at most 1048576 are read"), "{error}");
}

#[test]
fn lists_of_a_file_by_pyarrow() {
    let Some(folder) = folder() else { return };
    let folder = folder.join("formats/stars300");
    let (truth, table) = (read(folder.join("truth.csv")).unwrap(), read(folder.join("fixed_list.parquet")).unwrap());
    assert_eq!(table.names(), ["mags1", "mags2", "mags3", "mags4", "mags5", "redshift"]);
    assert_eq!((table.rows(), table.gridded().unwrap().columns.clone()), (300, 0..5));
    for (own, name) in table.columns().iter().zip(["u", "g", "r", "i", "z"]) {
        let truth = truth.column(name).unwrap();
        let Values::Float32(own) = &own.values else { panic!("{}", own.values.type_name()) };
        assert!(own.iter().enumerate().all(|(row, value)| Some(*value) == truth.value(row).map(|value| value as f32)));
    }
}

#[test]
fn few_bytes_of_lists_do_not_take_much_memory() {
    // A value repeated by a dictionary: 2^20 of them in each of two rows take a hundred bytes.
    let width = 1 << 20;
    let lists = vec![list(&vec![1.0; width]); 2];
    let cuts = Cuts { dictionary: true, ..ONE_PAGE };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.parquet");
    for lists in [lists.clone(), vec![list(&vec![1.0; width + 1])], vec![list(&[1.0]), lists[0].clone()]] {
        let bytes = written(&lists, SCHEMA, cuts);
        assert!(bytes.len() < 8192, "{}", bytes.len());
        fs::write(&path, bytes).unwrap();
        let options = ReadOptions { memory_limit: 1 << 20, ..ReadOptions::default() };
        match read_table(&Source::from(path.as_path()), &options) {
            Ok(table) => assert_eq!(table.names(), ["id"]),
            Err(error) => assert!(matches!(error, DataError::TooLarge { .. } | DataError::Malformed { .. }), "{error}"),
        }
    }
}

#[test]
fn headers_of_pages_do_not_claim_lists_without_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.parquet");
    let mut bytes = written(&[list(&[1.0, 2.0])], SCHEMA, ONE_PAGE);
    // The first page: field 15, which is not known, a list of 2^31 - 1 truth values (2) or floats (7), which would be gone through.
    for kind in [0xf2, 0xf7] {
        bytes[4..11].copy_from_slice(&[0xf9, kind, 0xff, 0xff, 0xff, 0xff, 0x07]);
        fs::write(&path, &bytes).unwrap();
        let error = read(&path).unwrap_err();
        assert!(error.to_string().contains("header of a page"), "{error}");
    }
}

#[test]
fn dictionaries_do_not_claim_more_values_than_they_have_room_for() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.parquet");
    let text = SCHEMA.replace("double element", "binary element (STRING)");
    for schema in [SCHEMA, &text] {
        let mut bytes = written(&[list(&[1.0, 2.0])], schema, Cuts { dictionary: true, ..ONE_PAGE });
        assert_eq!((bytes[4..6].to_vec(), bytes[10]), (vec![0x15, 0x04], 0x4c), "the header of a dictionary");
        // Its values, a number of 32 bits: 2^30 of them, for which memory would be asked.
        bytes[11..19].copy_from_slice(&[0x15, 0x80, 0x80, 0x80, 0x80, 0x08, 0x00, 0x00]);
        fs::write(&path, &bytes).unwrap();
        let table = read(&path);
        let words = table.map_or_else(|error| error.to_string(), |table| table.notes().join(" "));
        assert!(words.contains("header of a page") || words.contains("no numbers"), "{words}");
    }
}

#[test]
fn every_damaged_byte() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.parquet");
    let lists = [list(&[1.0, 2.0]), None, list(&[3.0, 4.0])];
    for second_version in [false, true] {
        let sound = written(&lists, SCHEMA, Cuts { second_version, page: 2, ..ONE_PAGE });
        for (place, flip) in (0..sound.len()).flat_map(|place| [1, 0x80, 0xff].map(|flip| (place, flip))) {
            let mut bytes = sound.clone();
            bytes[place] ^= flip;
            survive(&path, &bytes);
        }
        for length in 0..sound.len() {
            survive(&path, &sound[..length]);
        }
    }
}

fn survive(path: &Path, bytes: &[u8]) {
    /// Small, so that a header that lies cannot slow the test down.
    const LIMIT: u64 = 16 << 20;
    fs::write(path, bytes).unwrap();
    let format = Some(Format::Parquet);
    let source = Source::from(path);
    let whole = read_table(&source, &ReadOptions { format, memory_limit: LIMIT, ..ReadOptions::default() });
    let blocks = BlockOptions { format, memory_limit: LIMIT, block_bytes: 64, ..BlockOptions::default() };
    match (whole, read_blocks(&source, &blocks)) {
        (Ok(whole), Ok(found)) => assert_identical(&found, &whole),
        (Err(error), Err(_)) => assert!(!error.to_string().contains('\n'), "{error}"),
        (whole, found) => panic!("{whole:?}, in blocks {found:?}"),
    }
}

fn lists() -> impl Strategy<Value = (usize, Vec<List>)> {
    let number = prop::option::weighted(0.8, -1e3..1e3);
    (1_usize..20).prop_flat_map(move |width| {
        let list = prop::option::weighted(0.8, prop::collection::vec(number.clone(), width));
        prop::collection::vec(list, 1..60).prop_map(move |lists| (width, lists))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn lists_are_what_was_written_however_they_are_cut(
        (width, lists) in lists(),
        (group, page) in (1_usize..70, 1_usize..30),
        (second_version, dictionary) in (any::<bool>(), any::<bool>()),
    ) {
        let table = read_lists(&lists, SCHEMA, Cuts { group, page, second_version, dictionary }).unwrap();
        prop_assert_eq!(table.rows(), lists.len());
        if lists.iter().all(Option::is_none) {
            prop_assert_eq!(table.names(), ["id"]);
        } else {
            prop_assert_eq!(table.columns().len(), width + 1);
            for (row, list) in lists.iter().enumerate() {
                for bin in 0..width {
                    let expected = list.as_ref().and_then(|list| list[bin]);
                    let found = table.columns()[bin].value(row).filter(|value| !value.is_nan());
                    prop_assert_eq!(found, expected, "row {}, value {}", row, bin);
                }
            }
        }
    }
}
