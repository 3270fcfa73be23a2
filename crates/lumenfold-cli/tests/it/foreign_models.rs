//! Files that were never models of this program.

use crate::model_file::{READERS, model_refused, space_with_tables, with_header};

#[test]
fn files_of_other_kinds() {
    let space = space_with_tables();
    for content in [
        &b"a note\n\n\x00\x01 and more of it, so that it is long enough\n"[..],
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06",
        b"PK\x03\x04\x14\0\0\0\x08\0abcdefgh",
        b"\x80\x04\x95\x0c\0\0\0\0\0\0\0\x8c\x08builtins\x94.",
        b"",
        &[0; 8],
        &[0; 64],
        &[0xff; 64],
    ] {
        model_refused(&space, content, &[]);
    }
}

#[test]
fn text_and_tables_are_no_models() {
    let space = space_with_tables();
    for content in ["just some words in a file\n".to_owned(), space.text("stars.csv")] {
        space.write("bad.model", &content);
        // `inspect` takes text for a table, as it should.
        for arguments in READERS.iter().filter(|arguments| arguments[0] != "inspect") {
            space.refuses(arguments, &["bad.model", "is not a lumenfold model", "lumenfold fit"]);
        }
        if content.contains(',') {
            assert_eq!(space.done(&["inspect", "--json", "bad.model"]).json()["rows"], 200);
        }
    }
}

#[test]
fn a_model_given_as_data_is_refused() {
    let space = space_with_tables();
    space.write("stars.model", crate::support::small_model());
    for arguments in [
        &["encode", "stars.model", "stars.model", "-o", "z.csv"][..],
        &["report", "stars.model", "stars.csv", "stars.model", "-o", "r.html"],
        &["convert", "stars.model", "-o", "z.csv"],
        &["inspect", "stars.csv", "stars.model"],
    ] {
        space.refuses(arguments, &["stars.model: is a lumenfold model"]);
    }
}

#[test]
fn safetensors_of_another_program() {
    let space = space_with_tables();
    let tensor = r#""layer.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}"#;
    let words = ["safetensors file of another program"];
    model_refused(&space, &with_header(&format!("{{{tensor}}}"), &[0; 16]), &words);
    let header = format!("{{\"__metadata__\":{{\"format\":\"pt\"}},{tensor}}}");
    model_refused(&space, &with_header(&header, &[0; 16]), &words);
    model_refused(&space, &with_header("{}", &[]), &[]);
}

#[test]
fn headers_that_lie_about_their_length() {
    let space = space_with_tables();
    for length in [1_u64 << 63, u64::MAX, u64::MAX - 7, 1 << 40, 1 << 26, 1 << 20, 100] {
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend_from_slice(b"{\"__metadata__\":{}}");
        model_refused(&space, &bytes, &[]);
    }
}

#[test]
fn headers_that_lie_about_their_tensors() {
    let space = space_with_tables();
    for tensor in [
        r#"{"dtype":"F32","shape":[4],"data_offsets":[0,18446744073709551615]}"#,
        r#"{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,16]}"#,
        r#"{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,18446744073709551615]}"#,
        r#"{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}"#,
        r#"{"dtype":"F32","shape":[4],"data_offsets":[16,0]}"#,
        r#"{"dtype":"F99","shape":[4],"data_offsets":[0,16]}"#,
        r#"{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}"#,
    ] {
        let header = format!("{{\"__metadata__\":{{\"lumenfold\":\"{{}}\"}},\"a\":{tensor}}}");
        model_refused(&space, &with_header(&header, &[0; 16]), &[]);
    }
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    let space = space_with_tables();
    let deep = "[".repeat(200_000);
    model_refused(&space, &with_header(&format!("{{\"a\":{deep}"), &[]), &[]);
    let header = format!("{{\"__metadata__\":{{\"lumenfold\":\"{{\\\"version\\\":1,\\\"x\\\":{deep}\"}}}}");
    model_refused(&space, &with_header(&header, &[]), &[]);
}
