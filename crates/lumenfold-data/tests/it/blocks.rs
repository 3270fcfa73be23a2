//! Blocks put together are the whole table, whatever their size and the number of threads.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use lumenfold_data::{
    BlockOptions, BlockReader, Column, DataError, Dataset, DatasetOptions, Missing, ReadOptions, Source, Table, Target,
    ValueType, Values, WriteOptions, read_table, write_table,
};
use proptest::prelude::*;

use crate::shared::{assert_identical, join, read_blocks};

/// Sizes of blocks from a row to all of them.
const BLOCK_BYTES: [usize; 4] = [1, 100, 5_000, 8 << 20];

fn write(directory: &Path, name: &str, bytes: impl AsRef<[u8]>) -> Source {
    fs::write(directory.join(name), bytes).unwrap();
    Source::from(directory.join(name))
}

fn options(block_bytes: usize) -> BlockOptions {
    BlockOptions { block_bytes, ..BlockOptions::default() }
}

/// Reads a file in blocks of several sizes and compares with the whole.
fn check(source: &Source) {
    let whole = read_table(source, &ReadOptions::default()).unwrap();
    for block_bytes in BLOCK_BYTES {
        for threads in [1, 3] {
            let threads = NonZeroUsize::new(threads);
            let found = read_blocks(source, &BlockOptions { threads, ..options(block_bytes) }).unwrap();
            assert_identical(&found, &whole);
            let read = ReadOptions { threads, ..ReadOptions::default() };
            assert_identical(&read_table(source, &read).unwrap(), &whole);
        }
    }
}

#[test]
fn text_is_cut_where_rows_end() {
    let directory = tempfile::tempdir().unwrap();
    for text in [
        "a,b\n1,2\n3,4\n",
        "a,b\r\n1,2\r\n3,4",
        "a,b\r1,2\r3,4\r",
        "# head\na,b\n\n1,2\n# between \" \n3,4\n#end",
        "name,x\n\"a\n\n,\"\"b\"\"\",1\n\"#d\r\n\",2\nplain \"quote\",3",
        "a b  c\n 1  2   x\n3 4 \"y\nz\" \n",
        "\u{feff}a;b\n1;x\n2;y\n",
        "u,g,\n1,2,\n3,4,\n",
        "id,x\n1,\n,2.5\nNA,nan\n",
        "id,code,big\n1,1.5,1\n2,007,99999999999999999999\n",
        "x\n1\n2\n",
        "1,2\n3,4\n",
        "a\tb\n\t\n1\t2\n",
        "é,b\nü,1\nö,2\n",
    ] {
        check(&write(directory.path(), "t.csv", text));
    }
}

#[test]
fn types_found_late_hold_from_the_first_block() {
    let directory = tempfile::tempdir().unwrap();
    let mut text = "a,b,c,d\n".to_owned();
    for row in 0..100_000 {
        let late = row == 99_999;
        let (a, b) = if late { ("word".to_owned(), "2.5".to_owned()) } else { (row.to_string(), row.to_string()) };
        text += &format!("{a},{b},{}.25,{}\n", row, if row == 50_000 { "" } else { "7" });
    }
    let source = write(directory.path(), "t.csv", &text);
    let mut reader = BlockReader::open(std::slice::from_ref(&source), &options(1 << 14)).unwrap();
    let types: Vec<ValueType> = reader.columns().iter().map(|column| column.value_type).collect();
    assert_eq!(types, [ValueType::Text, ValueType::Float64, ValueType::Float64, ValueType::Integer]);
    let first = reader.next_block().unwrap().unwrap();
    assert_eq!(first.column("b").unwrap().values.value_type(), ValueType::Float64);
    check(&source);
    // Compressed, too.
    let packed = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let packed = write(directory.path(), "t.csv.zst", packed);
    assert_identical(
        &read_blocks(&packed, &options(1 << 16)).unwrap(),
        &read_table(&source, &ReadOptions::default()).unwrap(),
    );
}

#[test]
fn a_second_pass_is_like_the_first() {
    let directory = tempfile::tempdir().unwrap();
    let source = write(directory.path(), "t.csv", "id,u\n1,2.5\n2,3.5\n3,4.5\n");
    let mut reader = BlockReader::open(&[source], &options(16)).unwrap();
    assert_eq!(reader.total_rows(), Some(3));
    let mut passes = Vec::new();
    for _ in 0..2 {
        let mut blocks = Vec::new();
        while let Some(block) = reader.next_block().unwrap() {
            blocks.push(block);
        }
        assert_eq!((blocks.len(), reader.rows_read()), (3, 3));
        assert!(reader.next_block().unwrap().is_none());
        passes.push(blocks);
        reader.rewind();
    }
    assert_eq!(passes[0], passes[1]);
    // A pass that is given up halfway.
    assert!(reader.next_block().unwrap().is_some());
    reader.rewind();
    assert_eq!(reader.next_block().unwrap().as_ref(), Some(&passes[0][0]));
}

#[test]
fn rows_keep_their_numbers() {
    let directory = tempfile::tempdir().unwrap();
    let source = write(directory.path(), "t.csv", "u\n1\n2\nNA\n4\n");
    let mut reader = BlockReader::open(&[source], &options(8)).unwrap();
    let refuse = DatasetOptions { missing: Missing::Refuse, ..DatasetOptions::default() };
    let skip = DatasetOptions { missing: Missing::Skip, ..DatasetOptions::default() };
    let (mut used, mut skipped) = (Vec::new(), 0);
    while let Some(block) = reader.next_block().unwrap() {
        assert_eq!(block.rows(), 1);
        if block.first_row() == 2 {
            let error = Dataset::from_table(&block, &refuse).unwrap_err();
            assert!(matches!(error, DataError::MissingValues { row: 3, .. }), "{error}");
        }
        let dataset = Dataset::from_table(&block, &skip).unwrap();
        skipped += dataset.skipped;
        assert_eq!(dataset.first_skipped.map(|unusable| unusable.row), (block.first_row() == 2).then_some(3));
        used.extend(dataset.used_rows);
    }
    assert_eq!((used, skipped), (vec![0, 1, 3], 1));
}

#[test]
fn numbers_that_are_none_are_counted_over_the_whole_file() {
    let directory = tempfile::tempdir().unwrap();
    let mut text = "u,g\n".to_owned();
    (0..1000).for_each(|row| text += &format!("{row},{}\n", if row % 400 == 399 { "n/a" } else { "1.5" }));
    let source = write(directory.path(), "t.csv", text);
    let numbers = vec!["u".to_owned(), "g".to_owned()];
    let by_blocks = read_blocks(&source, &BlockOptions { numbers: numbers.clone(), ..options(256) }).unwrap_err();
    let chosen = DatasetOptions { columns: Some(numbers.clone()), ..DatasetOptions::default() };
    let whole = Dataset::read(&source, &ReadOptions::default(), &chosen).unwrap_err();
    assert_eq!(by_blocks.to_string(), whole.to_string());
    assert!(matches!(whole, DataError::NotANumber { row: 400, count: 2, rows: 1000, .. }), "{whole:?}");

    // The same in a format that says itself what is text.
    let table = read_table(&source, &ReadOptions::default()).unwrap();
    let parquet = directory.path().join("t.parquet");
    write_table(&table, &Target::from(parquet.as_path()), &WriteOptions::default()).unwrap();
    let error = read_blocks(&Source::from(parquet), &BlockOptions { numbers, ..options(256) }).unwrap_err();
    assert!(matches!(error, DataError::NotANumber { row: 400, count: 2, rows: 1000, .. }), "{error:?}");
}

#[test]
fn wanted_numbers_are_what_a_data_set_makes_of_the_table() {
    let directory = tempfile::tempdir().unwrap();
    let text = "a,b,c\n1,007,1.5D+01\n-0,2,\n-nan,NA,99999999999999999999\n 5 , 6,+7\n";
    let source = write(directory.path(), "t.csv", text);
    let names = ["a", "b", "c"].map(str::to_owned).to_vec();
    let table = read_blocks(&source, &BlockOptions { numbers: names, ..options(8) }).unwrap();
    let bits = |name: &str| match &table.column(name).unwrap().values {
        Values::Float64(values) => values.iter().map(|value| value.to_bits()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let expected = |values: [f64; 4]| values.map(f64::to_bits).to_vec();
    assert_eq!(bits("a"), expected([1.0, -0.0, f64::NAN, 5.0]));
    assert_eq!(bits("b"), expected([7.0, 2.0, f64::NAN, 6.0]));
    assert_eq!(bits("c"), expected([15.0, f64::NAN, 1e20, 7.0]));
}

#[test]
fn several_files_are_one_table() {
    let directory = tempfile::tempdir().unwrap();
    let first = write(directory.path(), "a.csv", "id,u,v\n1,2,x\n2,3,5\n");
    let second = write(directory.path(), "b.csv", "id,u,v\n3,4.5,7\n");
    let third = directory.path().join("c.parquet");
    let columns = vec![
        Column::new("id", Values::integers(vec![4])),
        Column::new("u", Values::Float32(vec![0.1])).with_unit("mag"),
        Column::new("v", Values::Float64(vec![2.0])),
    ];
    write_table(&Table::new("c", columns).unwrap(), &Target::from(third.as_path()), &WriteOptions::default()).unwrap();
    let mut reader = BlockReader::open(&[first.clone(), second, Source::from(third)], &options(8 << 20)).unwrap();
    let types: Vec<&str> = reader.columns().iter().map(|column| column.value_type.name()).collect();
    assert_eq!(types, ["integer", "float64", "text"]);
    assert_eq!(reader.columns()[1].unit.as_deref(), Some("mag"));
    let mut blocks = Vec::new();
    while let Some(block) = reader.next_block().unwrap() {
        blocks.push(block);
    }
    let places: Vec<(u64, u64)> = blocks.iter().map(|block| (block.first_row(), block.position())).collect();
    assert_eq!(places, [(0, 0), (0, 2), (0, 3)]);
    assert!(blocks[1].source().ends_with("b.csv"));
    let dataset = Dataset::from_table(&blocks[2], &DatasetOptions::default()).unwrap();
    assert_eq!((dataset.used_rows[0], dataset.source_row(0)), (3, 0));
    let whole = join(blocks);
    assert_eq!(whole.column("u").unwrap().values, Values::Float64(vec![2.0, 3.0, 4.5, f64::from(0.1_f32)]));
    let texts: Vec<String> = (0..4).map(|row| whole.column("v").unwrap().text(row)).collect();
    assert_eq!(texts, ["x", "5", "7", "2.0"]);

    for (text, words) in [
        ("id,w,v\n1,2,3\n", "its column 2 is \"w\", that of"),
        ("id,u\n1,2\n", "has 2 columns, "),
        ("id,u,v,w\n1,2,3,4\n", "has 4 columns, "),
    ] {
        let other = write(directory.path(), "d.csv", text);
        let error = BlockReader::open(&[first.clone(), other], &options(8)).err().unwrap();
        let message = error.to_string();
        assert!(matches!(error, DataError::DifferentColumns { .. }) && message.contains(words), "{message}");
        assert!(message.contains("a.csv") && message.contains("d.csv"), "{message}");
    }
}

#[test]
fn columns_that_are_not_there_are_named_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let source = write(directory.path(), "t.csv", "u,g\n1,2\n");
    let wrong = Some(vec!["gg".to_owned()]);
    for options in [
        BlockOptions { columns: wrong.clone(), ..options(8) },
        BlockOptions { numbers: wrong.clone().unwrap(), ..options(8) },
    ] {
        let error = BlockReader::open(std::slice::from_ref(&source), &options).err().unwrap();
        assert!(error.to_string().contains("did you mean \"g\"?"), "{error}");
    }
}

#[test]
fn a_table_without_rows_has_columns_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let mut reader = BlockReader::open(&[write(directory.path(), "t.csv", "u,g\n")], &options(8)).unwrap();
    assert_eq!(reader.names(), ["u", "g"]);
    assert!(reader.next_block().unwrap().is_none());
}

#[test]
fn a_table_of_leftovers_alone_has_no_rows() {
    let directory = tempfile::tempdir().unwrap();
    check(&write(directory.path(), "t.csv", ";\n;"));
}

#[test]
fn what_has_no_end_is_refused_by_its_beginning() {
    if !Path::new("/dev/zero").exists() {
        eprintln!("SKIPPED: there is no /dev/zero");
        return;
    }
    for format in [None, Some(lumenfold_data::Format::Csv)] {
        let source = Source::from("/dev/zero");
        let error = read_blocks(&source, &BlockOptions { format, ..BlockOptions::default() }).unwrap_err().to_string();
        assert!(error.contains("binary data"), "{error}");
        let error = read_table(&source, &ReadOptions { format, ..ReadOptions::default() }).unwrap_err().to_string();
        assert!(error.contains("binary data"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn pipes_are_read_twice_by_way_of_a_copy() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: there is no mkfifo");
        return;
    }
    let feed = {
        let pipe = pipe.clone();
        std::thread::spawn(move || fs::write(pipe, "a,b\n1,x\n2,y\n").unwrap())
    };
    let mut reader = BlockReader::open(&[Source::from(pipe)], &options(1)).unwrap();
    feed.join().unwrap();
    for _ in 0..2 {
        assert_eq!(reader.next_block().unwrap().unwrap().column("b").unwrap().text(0), "x");
        assert_eq!(reader.next_block().unwrap().unwrap().column("b").unwrap().text(0), "y");
        assert!(reader.next_block().unwrap().is_none());
        reader.rewind();
    }
}

/// Text of all kinds of columns, line ends, quotes and comments.
fn texts() -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        3 => "-?[0-9]{1,3}",
        2 => "-?[0-9]{1,2}\\.[0-9]{0,3}",
        1 => Just(String::new()),
        1 => "NA|nan|007|1e5|99999999999999999999",
        1 => "[a-zé ]{1,4}",
        1 => "\"[a-z,\"\"\r\n#]{0,4}\"".prop_map(|cell| {
            let inner = cell[1..cell.len() - 1].replace('"', "\"\"");
            format!("\"{inner}\"")
        }),
    ];
    let line = prop_oneof![
        8 => prop::collection::vec(cell, 3).prop_map(|cells| cells.join(",")),
        1 => Just("# a \" comment".to_owned()),
        1 => Just(String::new()),
    ];
    (prop::collection::vec(line, 0..40), prop::sample::select(vec!["\n", "\r\n", "\r"]), any::<bool>()).prop_map(
        |(lines, end, last)| {
            let mut text = format!("p,q,s{end}{}", lines.join(end));
            if last {
                text += end;
            }
            text
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text(text in texts(), block_bytes in 1..400_usize) {
        let directory = tempfile::tempdir().unwrap();
        let source = write(directory.path(), "t.csv", &text);
        let whole = read_table(&source, &ReadOptions::default());
        let found = read_blocks(&source, &options(block_bytes));
        match (whole, found) {
            (Ok(whole), Ok(found)) => assert_identical(&found, &whole),
            (Err(whole), Err(found)) => prop_assert_eq!(whole.to_string(), found.to_string()),
            (whole, found) => panic!("{text:?}: {whole:?}, in blocks {found:?}"),
        }
    }

    #[test]
    fn any_binary_format(rows in 0..60_usize, seed in prop::collection::vec(any::<i64>(), 60)) {
        let directory = tempfile::tempdir().unwrap();
        let columns = |texts: bool| {
            let mut columns = vec![
                Column::new("a", Values::Float64(seed[..rows].iter().map(|&bits| f64::from_bits(bits as u64)).collect())),
                Column::new("b", Values::integers(seed[..rows].iter().map(|bits| bits >> 12).collect())),
                Column::new("c", Values::Boolean(seed[..rows].iter().map(|bits| (bits % 5 != 0).then_some(bits % 2 == 0)).collect())),
                Column::new("d", Values::Float32(seed[..rows].iter().map(|&bits| bits as f32).collect())),
            ];
            if texts {
                columns.push(Column::new("e", Values::text(seed[..rows].iter().map(|bits| format!("t{}", bits % 100)))));
            }
            Table::new("t", columns).unwrap()
        };
        for (name, texts) in [("t.parquet", true), ("t.npz", true), ("t.npy", false)] {
            let path = directory.path().join(name);
            write_table(&columns(texts), &Target::from(path.as_path()), &WriteOptions::default()).unwrap();
            check(&Source::from(path));
        }
    }
}

#[test]
fn columns_of_large_parquet_files_are_shared_among_threads() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("large.parquet");
    // More than the rows of a row group, and more values than one thread reads alone.
    let rows = 400_000_u32;
    let gap = |row: u32| row.is_multiple_of(7);
    let columns = vec![
        Column::new("x", Values::Float64((0..rows).map(|row| f64::from(row) / 3.0).collect())),
        Column::new("name", Values::Text((0..rows).map(|row| format!("star {}", row % 1000)).collect())),
        Column::new("id", Values::Integer((0..rows).map(|row| (!gap(row)).then_some(i64::from(row))).collect())),
        Column::new("y", Values::Float32((0..rows).map(|row| if gap(row) { f32::NAN } else { row as f32 }).collect())),
        Column::new("odd", Values::Boolean((0..rows).map(|row| (!gap(row)).then_some(row % 2 == 1)).collect())),
    ];
    let table = Table::new("large", columns).unwrap();
    write_table(&table, &Target::from(path.as_path()), &WriteOptions::default()).unwrap();
    let source = Source::from(path);
    let whole = read_table(&source, &ReadOptions::default()).unwrap();
    assert_identical(&whole, &table);
    assert_identical(&read_blocks(&source, &options(1 << 20)).unwrap(), &whole);
    // 21 bytes a row and the names; what is too much is refused before it is read.
    let limited = |memory_limit| read_table(&source, &ReadOptions { memory_limit, ..ReadOptions::default() });
    assert_identical(&limited(64 << 20).unwrap(), &table);
    assert!(matches!(limited(5 << 20), Err(DataError::TooLarge { .. })));
}
