//! Small Parquet files that claim what no writer writes, in places that the library does not look at.

use lumenfold_data::{BlockOptions, BlockReader, DataError, Source};

/// 2⁶² rows without a column.
const NO_COLUMNS: &str =
    "504152311502191c4804726f6f741500001680808080808080808001191c190c1600168080808080808080800100002b00000050415231";
/// A dictionary of 2³¹ - 1 values, whose number is of 64 bits.
const WIDE_COUNT: &str = "504152311504151815184c16feffffff0f150000000100000002000000030000001500150615062c150615101506150600000106001502192c4804726f6f74150200150c2500180178001606191c191c26001c150c19150019180178150016061662166226422608000016c801160600003c00000050415231";
/// A page of twelve bytes that takes 2³¹ - 1 when decompressed, in 64 bits.
const WIDE_PAGE: &str = "50415231150016feffffff0f151c2c150615001506150600000c2c0100000002000000030000001502192c4804726f6f7415020015022500180178001606191c191c26001c15021915001918017815021606164616462608000016c801160600003a00000050415231";

fn read(hexadecimal: &str) -> Result<usize, DataError> {
    let digit = |at: usize| u8::from_str_radix(&hexadecimal[2 * at..2 * at + 2], 16).expect("digits");
    let bytes: Vec<u8> = (0..hexadecimal.len() / 2).map(digit).collect();
    read_bytes(&bytes)
}

fn read_bytes(bytes: &[u8]) -> Result<usize, DataError> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("claims.parquet");
    std::fs::write(&path, bytes).expect("a file");
    let mut reader = BlockReader::open(&[Source::from(path)], &BlockOptions::default())?;
    let mut rows = 0;
    while let Some(block) = reader.next_block()? {
        rows += block.rows();
    }
    Ok(rows)
}

#[test]
fn fields_of_another_type_are_not_passed_over() {
    for file in [NO_COLUMNS, WIDE_COUNT, WIDE_PAGE] {
        let error = read(file).expect_err("a lie").to_string();
        assert!(error.contains("claims.parquet") && !error.contains('\n'), "{error}");
    }
}

#[test]
fn a_schema_cannot_hide_how_deep_it_goes() {
    // The number of children in 64 bits; the schema as a set; the same by numbers of fields that differ in their upper bits.
    for (list, children) in [
        (&[0x29][..], &[0x56][..]),
        (&[0x2a], &[0x55]),
        (&[0x09, 0x84, 0x80, 0x08], &[0x55]),
        (&[0x29], &[0x05, 0x8a, 0x80, 0x08]),
    ] {
        let mut metadata = list.to_vec();
        // 200,000 structures, each with one child.
        metadata.extend([0xfc, 0xc0, 0x9a, 0x0c]);
        (0..200_000).for_each(|_| {
            metadata.extend_from_slice(children);
            metadata.extend([0x02, 0x48, 0x01, b'x', 0x00]);
        });
        metadata.push(0);
        let length = (metadata.len() as u32).to_le_bytes();
        let error = read_bytes(&[b"PAR1", &metadata[..], &length, b"PAR1"].concat()).expect_err("too deep").to_string();
        assert!(error.contains("nested too deeply"), "{error}");
    }
}
