//! VOTables, as elements and as streams.

use lumenfold_data::{Column, DataError, Format, Table, Target, Values, WriteOptions, write_table};
use proptest::prelude::*;

use crate::shared::{folder, read, read_bytes};

/// A table with these fields and data.
fn votable(fields: &str, data: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<!-- made for a test -->\n<vot:VOTABLE version=\"1.4\" xmlns:vot=\"http://www.ivoa.net/xml/VOTable/v1.3\">\
         <RESOURCE><TABLE name=\"first\">{fields}<DATA>{data}</DATA></TABLE></RESOURCE></vot:VOTABLE>"
    )
}

fn column(table: &Table, name: &str) -> Vec<String> {
    let column = table.column(name).unwrap();
    (0..table.rows()).map(|row| if column.is_missing(row) { "-".to_owned() } else { column.text(row) }).collect()
}

#[test]
fn stars_are_those_of_the_truth() {
    let Some(folder) = folder() else { return };
    let truth = read(folder.join("formats/stars300/truth.csv")).unwrap();
    for name in ["tabledata.vot", "binary2.vot"] {
        let found = read(folder.join("formats/stars300").join(name)).unwrap();
        assert_eq!((found.rows(), found.names()), (300, ["u", "g", "r", "i", "z", "mjd"].map(str::to_owned).to_vec()));
        for column in found.columns() {
            let expected = truth.column(&column.name).unwrap();
            assert!((0..300).all(|row| column.value(row) == expected.value(row)), "{name}: {}", column.name);
        }
        assert_eq!(found.column("mjd").unwrap().values.type_name(), "integer");
    }
}

/// What astropy 8.0.2 reads of its own test files.
#[test]
fn files_of_other_programs() {
    let Some(folder) = folder() else { return };
    let folder = folder.join("formats/votable");
    let gaia = read(folder.join("binary2_masked_strings.xml")).unwrap();
    assert_eq!(
        (gaia.rows(), column(&gaia, "a_g_val"), column(&gaia, "epoch_photometry_url")),
        (3, vec!["-".to_owned(); 3], vec!["-".to_owned(); 3])
    );
    assert_eq!(gaia.column("ra").unwrap().unit.as_deref(), Some("deg"));
    let regression = read(folder.join("regression.xml")).unwrap();
    assert_eq!(regression.rows(), 5);
    assert_eq!(column(&regression, "string test")[..3], ["String & test", "String &amp; test", "XXXX "]);
    assert_eq!(column(&regression, "unicode_test")[1], "வணக்கம்");
    assert_eq!(column(&regression, "nulls")[..3], ["0", "-", "2"]);
    assert_eq!(column(&regression, "nulls_array1")[..3], ["-", "0", "-"]);
    assert_eq!(column(&regression, "float")[0], "1.0");
    assert_eq!(column(&regression, "unsignedByte")[3], "255");
    assert_eq!(column(&regression, "long")[3], "1152921504606846975");
    assert_eq!(column(&regression, "bitarray3")[..2], ["true", "false"]);
    assert_eq!(column(&regression, "booleanArray3")[2], "-");
    assert!(regression.notes().iter().any(|note| note.contains("doublearray") && note.contains("variable")));
    assert!(regression.notes().iter().any(|note| note.contains("floatComplex") && note.contains("complex")));
    for name in ["irsa-nph-m31.xml", "names.xml", "valid_votable.xml", "vizier_b2_votable.xml"] {
        let table = read(folder.join(name)).unwrap();
        assert!(table.rows() > 0 && !table.columns().is_empty(), "{name}");
    }
    // A dash stands for no number there, though no field says so.
    assert!(read(folder.join("irsa-nph-m31.xml")).unwrap().column("j_h").unwrap().is_missing(0));
    let elsewhere = read(folder.join("parquet_binary.xml")).unwrap_err();
    assert!(matches!(&elsewhere, DataError::Unusable { reason, .. } if reason.contains("file")), "{elsewhere}");
}

#[test]
fn nothing_is_looked_up() {
    let Some(folder) = folder() else { return };
    let error = read(folder.join("formats/hostile/votable_external_entity.vot")).unwrap_err();
    assert!(error.to_string().contains("entity that XML does not define"), "{error}");
    let bomb = "<!DOCTYPE v [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>";
    let fields = "<FIELD name=\"x\" datatype=\"char\" arraysize=\"*\"/>";
    let text =
        votable(fields, "<TABLEDATA><TR><TD>&b;</TD></TR></TABLEDATA>").replace("<!-- made for a test -->", bomb);
    assert!(read_bytes("t.vot", text.as_bytes()).unwrap_err().to_string().contains("entity"));
    for stream in ["<BINARY><STREAM href=\"file:///etc/passwd\"/></BINARY>", "<FITS><STREAM href=\"x.fits\"/></FITS>"] {
        let error = read_bytes("t.vot", votable(fields, stream).as_bytes()).unwrap_err();
        assert!(matches!(error, DataError::Unusable { .. }), "{error}");
    }
}

#[test]
fn cells_of_every_type() {
    let fields = "<FIELD name=\"a\" datatype=\"short\" unit=\"m &amp; s\"><VALUES null=\"-1\"/></FIELD>\
        <FIELD name=\"a\" ID=\"b\" datatype=\"float\"/><FIELD name=\"a\" datatype=\"double\"/>\
        <FIELD name=\"c\" datatype=\"boolean\"/><FIELD name=\"t\" datatype=\"char\" arraysize=\"4\"/>\
        <FIELD name=\"v\" datatype=\"int\" arraysize=\"2x1\"/><FIELD name=\"w\" datatype=\"float\" arraysize=\"*\"/>";
    let data = "<TABLEDATA><TR><TD>7</TD><TD>0.1</TD><TD>-Inf</TD><TD>t</TD><TD> x&#65;&lt;<![CDATA[&]]></TD><TD>1 -2</TD><TD>1 2 3</TD></TR>\
        <TR><TD>-1</TD><TD/><TD></TD><TD>?</TD><TD/><TD/></TR></TABLEDATA>";
    let table = read_bytes("t.dat", votable(fields, data).as_bytes()).unwrap();
    // Names that stand twice are told apart by the identifier, or by a number.
    assert_eq!(table.names(), ["a", "b", "a_2", "c", "t", "v1", "v2"]);
    assert_eq!(table.column("a").unwrap().unit.as_deref(), Some("m & s"));
    let rows = |row: usize| table.names().iter().map(|name| column(&table, name)[row].clone()).collect::<Vec<_>>();
    assert_eq!(rows(0), ["7", "0.1", "-inf", "true", " xA<&", "1", "-2"]);
    assert_eq!(rows(1), ["-", "-", "-", "-", "", "-", "-"]);
    for (from, to, words) in [
        ("<TD>7</TD>", "<TD>seven</TD>", "row 1, column \"a\": \"seven\""),
        ("<TD>1 -2</TD>", "<TD>1</TD>", "has 1 elements, 2 were expected"),
        ("</TR>", "<TD/></TR>", "more than 7 cells"),
        ("</TABLEDATA>", "", "XML is damaged"),
        ("</RESOURCE></vot:VOTABLE>", "", "cut short"),
    ] {
        let error =
            read_bytes("t.vot", votable(fields, data).replacen(from, to, 1).as_bytes()).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn streams_with_and_without_flags() {
    use base64::Engine;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let fields = "<FIELD name=\"n\" datatype=\"int\"><VALUES null=\"-9\"/></FIELD><FIELD name=\"t\" datatype=\"char\" arraysize=\"*\"/>\
        <FIELD name=\"skipped\" datatype=\"floatComplex\" arraysize=\"*\"/><FIELD name=\"u\" datatype=\"unicodeChar\" arraysize=\"2\"/>\
        <FIELD name=\"d\" datatype=\"double\" arraysize=\"2\"/><FIELD name=\"b\" datatype=\"bit\" arraysize=\"3\"/>";
    let row = |n: i32, text: &[u8]| {
        let mut bytes = n.to_be_bytes().to_vec();
        bytes.extend((text.len() as u32).to_be_bytes());
        bytes.extend(text);
        bytes.extend([0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9]);
        bytes.extend([0, b'A', 0, 0]);
        bytes.extend([1.5_f64.to_be_bytes(), (-0.1_f64).to_be_bytes()].concat());
        bytes.push(0b1010_0000);
        bytes
    };
    let plain = encode(&[row(-9, b"one"), row(5, b"")].concat());
    let spread: String = plain.chars().map(|letter| format!("{letter}\n")).collect();
    let stream = |name: &str, text: &str| format!("<{name}><STREAM encoding=\"base64\">{text}</STREAM></{name}>");
    let table = read_bytes("t.vot", votable(fields, &stream("BINARY", &spread)).as_bytes()).unwrap();
    assert_eq!(table.names(), ["n", "t", "u", "d1", "d2", "b1", "b2", "b3"]);
    assert_eq!(
        (column(&table, "n"), column(&table, "t")),
        (vec!["-".to_owned(), "5".to_owned()], vec!["one".to_owned(), String::new()])
    );
    assert_eq!((column(&table, "u")[0].as_str(), column(&table, "d2")[1].as_str()), ("A", "-0.1"));
    assert_eq!([column(&table, "b1")[0].as_str(), column(&table, "b2")[0].as_str()], ["true", "false"]);
    // The first field and the fifth are missing in the second row.
    let flagged = encode(&[vec![0], row(1, b"x"), vec![0b1000_1000], row(2, b"y")].concat());
    let table = read_bytes("t.vot", votable(fields, &stream("BINARY2", &flagged)).as_bytes()).unwrap();
    assert_eq!(
        (column(&table, "n"), column(&table, "d1")),
        (vec!["1".to_owned(), "-".to_owned()], vec!["1.5".to_owned(), "-".to_owned()])
    );
    for length in 1..flagged.len() {
        let cut = votable(fields, &stream("BINARY2", &flagged[..length]));
        let outcome = read_bytes("t.vot", cut.as_bytes());
        assert!(outcome.is_err() || outcome.is_ok_and(|table| table.rows() == 1), "{length} letters");
    }
    let huge = encode(&[vec![0; 4], vec![0xff; 4]].concat());
    assert!(read_bytes("t.vot", votable(fields, &stream("BINARY", &huge)).as_bytes()).is_err());
}

#[test]
fn another_table_is_named_or_counted() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.xml");
    let fields = "<FIELD name=\"x\" datatype=\"int\"/>";
    let table = |name: &str, value: &str| {
        format!("<TABLE name=\"{name}\">{fields}<DATA><TABLEDATA><TR><TD>{value}</TD></TR></TABLEDATA></DATA></TABLE>")
    };
    let tables = [format!("<TABLE>{fields}</TABLE>"), table("one", "1"), table("two", "2")].concat();
    std::fs::write(&path, format!("<VOTABLE><RESOURCE>{tables}</RESOURCE></VOTABLE>")).unwrap();
    let first = read(&path).unwrap();
    assert!(column(&first, "x") == ["1"] && first.notes()[0].contains("first of 2"), "{:?}", first.notes());
    for member in ["two", "3"] {
        assert_eq!(column(&read(format!("{}:{member}", path.display())).unwrap(), "x"), ["2"]);
    }
    let error = read(format!("{}:four", path.display())).unwrap_err();
    assert!(error.to_string().contains("no table \"four\""), "{error}");
}

#[test]
fn xml_that_is_no_votable_is_refused() {
    for text in ["<?xml version=\"1.0\"?><html/>", "<?xml version=\"1.0\"?><a>VOTABLE</a>"] {
        let error = read_bytes("t.xml", text.as_bytes()).unwrap_err();
        assert!(matches!(error, DataError::UnsupportedFormat { .. }), "{error}");
    }
    assert!(read_bytes("t.vot", "<VOTABLE/>".as_bytes()).unwrap_err().to_string().contains("no table"));
    let deep = format!("<VOTABLE>{}", "<a>".repeat(100_000));
    assert!(read_bytes("t.vot", deep.as_bytes()).unwrap_err().to_string().contains("within one another"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_tables_never_panic(places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5)) {
        let fields = "<FIELD name=\"a\" datatype=\"short\"/><FIELD name=\"b\" datatype=\"float\" arraysize=\"2\"/>";
        let rows = "<TABLEDATA><TR><TD>7</TD><TD>0.1 &amp; 1</TD></TR></TABLEDATA>";
        let stream = "<BINARY2><STREAM encoding=\"base64\">AAAHPczMzT3MzM0=</STREAM></BINARY2>";
        for data in [rows, stream] {
            let mut bytes = votable(fields, data).into_bytes();
            for (place, byte) in &places {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("t.vot");
            std::fs::write(&path, bytes).unwrap();
            let options = lumenfold_data::ReadOptions { format: Some(Format::VoTable), ..Default::default() };
            let _ = lumenfold_data::read_table(&path.into(), &options);
        }
    }
}

#[test]
fn letters_that_xml_cannot_hold_are_refused() {
    let table = Table::new("t", vec![Column::new("x", Values::text(["a\u{1}b"]))]).unwrap();
    let error = write_table(&table, &Target::from("t.vot"), &WriteOptions::default()).unwrap_err();
    assert!(error.to_string().contains("XML cannot hold"), "{error}");
}

#[test]
fn a_table_has_the_fields_of_the_one_it_refers_to() {
    let text = r#"<VOTABLE><RESOURCE>
        <TABLE ID="first"><FIELD name="x" datatype="double" unit="mag"/>
            <DATA><TABLEDATA><TR><TD>1.5</TD></TR></TABLEDATA></DATA></TABLE>
        <TABLE name="second" ref="first"><DATA><TABLEDATA><TR><TD>2.5</TD></TR></TABLEDATA></DATA></TABLE>
        <TABLE name="third" ref="first"><DATA><TABLEDATA/></DATA></TABLE>
        </RESOURCE></VOTABLE>"#;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.vot");
    std::fs::write(&path, text).unwrap();
    for (member, expected) in [("second", Some(2.5)), ("third", None)] {
        let table = read(format!("{}:{member}", path.display())).unwrap();
        assert_eq!(table.columns()[0].unit.as_deref(), Some("mag"), "{member}");
        assert_eq!((table.rows() > 0).then(|| table.columns()[0].value(0).unwrap()), expected, "{member}");
    }
}
