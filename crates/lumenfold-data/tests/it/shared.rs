//! The folder of shared data files, and short ways to read.

use std::path::{Path, PathBuf};

use lumenfold_data::{
    BlockOptions, BlockReader, Column, DataError, IntegerColumn, ReadOptions, Source, Table, TextColumn, Values,
    read_table,
};

/// Blocks small enough that every file has several.
const SMALL_BLOCK_BYTES: usize = 3000;

/// The folder of shared data, or `None` after saying that the test is skipped.
pub(crate) fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("LUMENFOLD_TEST_DATA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    if folder.is_dir() {
        return Some(folder);
    }
    let shown = folder.display();
    eprintln!("SKIPPED: there are no shared data at {shown}; set LUMENFOLD_TEST_DATA to their folder");
    None
}

/// Reads a file with default options, whole and in small blocks, which must not differ in anything.
pub(crate) fn read(path: impl AsRef<Path>) -> Result<Table, DataError> {
    let source = Source::from(path.as_ref());
    let whole = read_table(&source, &ReadOptions::default());
    let options = BlockOptions { block_bytes: SMALL_BLOCK_BYTES, ..BlockOptions::default() };
    match (&whole, read_blocks(&source, &options)) {
        (Ok(whole), Ok(found)) => assert_identical(&found, whole),
        (Err(whole), Err(found)) => assert_eq!(found.to_string(), whole.to_string()),
        (whole, found) => panic!("{source}: {whole:?}, in blocks {found:?}"),
    }
    whole
}

/// Reads all blocks of a source and puts them together.
pub(crate) fn read_blocks(source: &Source, options: &BlockOptions) -> Result<Table, DataError> {
    let mut reader = BlockReader::open(std::slice::from_ref(source), options)?;
    let mut blocks = Vec::new();
    while let Some(block) = reader.next_block()? {
        assert_eq!(block.first_row(), reader.rows_read() - block.rows() as u64);
        assert_eq!(block.heads(), reader.columns());
        blocks.push(block);
    }
    if let Some(rows) = reader.total_rows() {
        assert_eq!(rows, reader.rows_read());
    }
    if blocks.is_empty() {
        let empty = |head: &lumenfold_data::ColumnHead| Column {
            name: head.name.clone(),
            unit: head.unit.clone(),
            values: match head.value_type.name() {
                "float64" => Values::Float64(Vec::new()),
                "float32" => Values::Float32(Vec::new()),
                "integer" => Values::integers(Vec::new()),
                "boolean" => Values::booleans(Vec::new()),
                _ => Values::Text(TextColumn::new()),
            },
        };
        blocks.push(Table::new(source.to_string(), reader.columns().iter().map(empty).collect())?);
    }
    Ok(join(blocks))
}

/// The rows of all blocks, in order.
pub(crate) fn join(blocks: Vec<Table>) -> Table {
    let source = blocks[0].source().to_owned();
    let mut columns: Vec<Column> = Vec::new();
    for (at, first) in blocks[0].columns().iter().enumerate() {
        let values: Vec<&Values> = blocks.iter().map(|block| &block.columns()[at].values).collect();
        let values = match first.values {
            Values::Float64(_) => Values::Float64(
                values
                    .iter()
                    .flat_map(|values| if let Values::Float64(values) = values { values.clone() } else { panic!() })
                    .collect(),
            ),
            Values::Float32(_) => Values::Float32(
                values
                    .iter()
                    .flat_map(|values| if let Values::Float32(values) = values { values.clone() } else { panic!() })
                    .collect(),
            ),
            Values::Integer(_) => {
                let mut all = IntegerColumn::default();
                for values in values {
                    let Values::Integer(column) = values else { panic!() };
                    (0..column.values.len()).for_each(|row| all.push(column.get(row)));
                }
                Values::Integer(all)
            }
            Values::Boolean(_) => {
                let mut all = lumenfold_data::BooleanColumn::default();
                for values in values {
                    let Values::Boolean(column) = values else { panic!() };
                    (0..column.values.len()).for_each(|row| all.push(column.get(row)));
                }
                Values::Boolean(all)
            }
            Values::Text(_) => {
                let mut all = TextColumn::new();
                for values in values {
                    let Values::Text(column) = values else { panic!() };
                    for row in 0..column.len() {
                        if column.is_missing(row) { all.push_missing() } else { all.push(column.get(row).unwrap()) }
                    }
                }
                Values::Text(all)
            }
        };
        columns.push(Column { name: first.name.clone(), unit: first.unit.clone(), values });
    }
    Table::new(source, columns).unwrap()
}

/// Equal in names, units, types and every bit.
pub(crate) fn assert_identical(found: &Table, expected: &Table) {
    let source = expected.source();
    assert_eq!(found.heads(), expected.heads(), "{source}");
    assert_eq!(found.rows(), expected.rows(), "{source}");
    for (found, expected) in found.columns().iter().zip(expected.columns()) {
        let same = match (&found.values, &expected.values) {
            (Values::Float64(found), Values::Float64(expected)) => {
                found.iter().map(|value| value.to_bits()).eq(expected.iter().map(|value| value.to_bits()))
            }
            (Values::Float32(found), Values::Float32(expected)) => {
                found.iter().map(|value| value.to_bits()).eq(expected.iter().map(|value| value.to_bits()))
            }
            (found, expected) => found == expected,
        };
        assert!(same, "{source}, column {}: {:?}, expected {:?}", found.name, found.values, expected.values);
    }
}

/// Writes bytes to a file of that name and reads it.
pub(crate) fn read_bytes(name: &str, bytes: &[u8]) -> Result<Table, DataError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read(path)
}
