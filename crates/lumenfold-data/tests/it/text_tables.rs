//! Forms of text tables.

use lumenfold_data::{DataError, Format, ReadOptions, Source, Table, Values, read_table};
use proptest::prelude::*;

use crate::shared::read_bytes;

fn table(text: &str) -> Table {
    read_bytes("t.csv", text.as_bytes()).unwrap()
}

fn cells(table: &Table, name: &str) -> Vec<String> {
    let column = table.column(name).unwrap();
    (0..table.rows()).map(|row| column.text(row)).collect()
}

#[test]
fn long_identifiers_survive() {
    let table = table("objid,big,code\n1237648720693755918,18446744073709551616,007\n-9223372036854775808,1,12\n");
    assert_eq!(cells(&table, "objid"), ["1237648720693755918", "-9223372036854775808"]);
    assert_eq!(cells(&table, "big"), ["18446744073709551616", "1"]);
    assert_eq!(cells(&table, "code"), ["007", "12"]);
    assert!(matches!(table.column("objid").unwrap().values, Values::Integer(_)));
}

#[test]
fn integers_beyond_64_bits_are_text_with_a_note() {
    let table = table("id,x\n18446744073709551615,1\n2,3\n");
    assert_eq!(cells(&table, "id"), ["18446744073709551615", "2"]);
    assert_eq!(table.notes().len(), 1, "{:?}", table.notes());
    assert!(table.notes()[0].contains("column id is taken as text"), "{:?}", table.notes());
    assert!(self::table("id,x\n9223372036854775807,1e30\n").notes().is_empty());
    assert!(self::table("id,x\nQ18446744073709551615,1e30\n18446744073709551615,2\n").notes().is_empty());
}

#[test]
fn decimal_commas_are_refused_with_the_reason() {
    for text in ["u;g\n1,5;2\n1,25;3\n", "u g\n1,5\t2\n", "u,g\n\"1,5\",2\n\"-0,25e3\",3\n"] {
        let text = text.replace(' ', "\t");
        let error = read_bytes("t.csv", text.as_bytes()).unwrap_err();
        assert!(matches!(error, DataError::Unusable { .. }), "{error}");
        let message = error.to_string();
        assert!(
            message.ends_with("column \"u\" holds numbers with decimal commas; write them with points"),
            "{message}"
        );
    }
    // Thousands, lists and words with commas are text.
    for text in ["u;g\n1,500;2\n", "u;g\n1,2,3;2\n", "u;g\n1,5;2\nnone,5;3\n"] {
        assert!(matches!(table(text).column("u").unwrap().values, Values::Text(_)), "{text}");
    }
}

#[test]
fn identifiers_with_gaps_stay_integers() {
    let table = table("id,x\n1237648720693755918,1\n,2\nNA,3\n");
    assert_eq!(cells(&table, "id"), ["1237648720693755918", "", ""]);
    assert!(table.column("id").unwrap().is_missing(1));
}

#[test]
fn delimiters_are_found_out() {
    for text in
        ["a,b\n1,2\n", "a;b\n1;2\n", "a\tb\n1\t2\n", "a b\n1 2\n", "  a   b\n  1   2\n", "# a b\n1 2\n", "#a,b\n1,2\n"]
    {
        let table = table(text);
        assert_eq!((table.names(), table.rows()), (vec!["a".to_owned(), "b".to_owned()], 1), "{text:?}");
    }
    assert_eq!(table("name;remark\nx;a, b\ny;c, d, e\n").column("remark").unwrap().text(1), "c, d, e");
    assert_eq!(table("star name\nalpha Cen\n").names(), ["star name"]);
    assert_eq!(table("x\n1\n2\n").rows(), 2);
}

#[test]
fn headers() {
    assert_eq!(table("1,2\n3,4\n").names(), ["x1", "x2"]);
    assert_eq!(table("#Table1\nra,dec\n1,2\n").names(), ["ra", "dec"]);
    assert_eq!(table("\"1100\",\"1102\"\n0.5,0.6\n").names(), ["1100", "1102"]);
    assert_eq!(table("# id class\n7 STAR\n").names(), ["id", "class"]);
    assert_eq!(table(",u\n0,1.5\n").names(), ["unnamed_1", "u"]);
    assert_eq!(table("u,g,\n1,2,\n3,4,\n").names(), ["u", "g"]);
    let error = read_bytes("t.csv", b"u,u,r\n1,2,3\n").unwrap_err();
    assert!(matches!(error, DataError::DuplicateColumn { first: 1, second: 2, .. }), "{error}");
}

#[test]
fn comments_blank_lines_and_line_ends() {
    let table = table("# head\r\n\r\na,b\r\n1,2\r\n# between\r\n\r\n3,4\r\n#end");
    assert_eq!(cells(&table, "a"), ["1", "3"]);
    assert_eq!(cells(&self::table("a,b\r1,2\r3,4"), "b"), ["2", "4"]);
}

#[test]
fn quotes() {
    let table = table("name,x\n\"a, \"\"b\"\"\nc\",1\n\"#d\",2\n plain \"quote\",3\n");
    assert_eq!(cells(&table, "name"), ["a, \"b\"\nc", "#d", " plain \"quote\""]);
    let error = read_bytes("t.csv", b"name,x\n\"a,1\nb,2\n").unwrap_err().to_string();
    assert!(error.contains("line 2"), "{error}");
}

#[test]
fn lines_are_counted_through_quotes_and_comments() {
    let error = read_bytes("t.csv", b"a,b\n\"x\ny\",1\n# no\n\n1,2,3\n").unwrap_err();
    assert!(matches!(error, DataError::RaggedRow { row: 2, line: 6, expected: 2, found: 3, .. }), "{error:?}");
}

#[test]
fn binary_data_and_pages_are_refused() {
    for (bytes, word) in [
        (&b"a,b\n1,\x002\n"[..], "NUL"),
        (b"a,b\n1,\xff\n", "UTF-8"),
        (b"\xff\xfea\0,\0", "UTF-16"),
        (b"  <!DOCTYPE html><html>", "HTML"),
        (b"\n# only\n\n", "no rows"),
    ] {
        let error = read_bytes("t.csv", bytes).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    assert!(matches!(read_bytes("t.csv", b""), Err(DataError::Empty { .. })));
}

#[test]
fn only_the_columns_that_are_asked_for_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("stars.csv");
    std::fs::write(&path, "ra,dec,u,g\n1,2,3,4\n").unwrap();
    let read = |columns: &[&str]| {
        let columns = Some(columns.iter().map(|&name| name.to_owned()).collect());
        read_table(&Source::from(path.as_path()), &ReadOptions { columns, ..ReadOptions::default() })
    };
    assert_eq!(read(&["u", "ra"]).unwrap().names(), ["ra", "u"]);
    let error = read(&["gg"]).unwrap_err().to_string();
    assert!(
        error.ends_with("stars.csv: no column named \"gg\"; did you mean \"g\"? (columns: ra, dec, u, g)"),
        "{error}"
    );
}

#[test]
fn the_memory_limit_holds_for_compressed_text() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("zeros.csv.zst");
    let text = format!("x\n{}", "0\n".repeat(1_000_000));
    std::fs::write(&path, zstd::encode_all(text.as_bytes(), 3).unwrap()).unwrap();
    let options = ReadOptions { memory_limit: 1 << 20, ..ReadOptions::default() };
    assert!(matches!(read_table(&Source::from(path.as_path()), &options), Err(DataError::TooLarge { .. })));
    assert_eq!(read_table(&Source::from(path), &ReadOptions::default()).unwrap().rows(), 1_000_000);
}

#[test]
fn several_gzip_members_are_one_file() {
    use std::io::Write;
    let member = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let bytes = [member("a,b\n1,2\n"), member("3,4\n")].concat();
    assert_eq!(cells(&read_bytes("t.csv.gz", &bytes).unwrap(), "a"), ["1", "3"]);
}

#[test]
fn a_format_can_be_forced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("odd.h5");
    std::fs::write(&path, "a,b\n1,2\n").unwrap();
    let options = ReadOptions { format: Some(Format::Csv), ..ReadOptions::default() };
    assert_eq!(read_table(&Source::from(path), &options).unwrap().rows(), 1);
}

proptest! {
    /// Fields are divided as the csv crate divides them, wherever that crate's more lenient rules do not matter.
    #[test]
    fn fields_agree_with_an_independent_reader(
        rows in prop::collection::vec(prop::collection::vec("[a-z ,;\"\n#é]{0,8}", 3), 1..12)
    ) {
        let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        writer.write_record(["p", "q", "s"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let table = read_bytes("t.csv", &bytes).unwrap();
        prop_assert_eq!(table.rows(), rows.len());
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        for (row, record) in reader.records().enumerate() {
            let record = record.unwrap();
            for (index, column) in table.columns().iter().enumerate() {
                // A column of blanks is one of missing numbers.
                if matches!(column.values, Values::Text(_)) {
                    prop_assert_eq!(column.text(row), record.get(index).unwrap());
                }
            }
        }
    }
}
