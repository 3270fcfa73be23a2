//! Text tables: CSV, TSV and what instruments and archives make of them.
//!
//! Reading takes three steps. `layout` finds out the delimiter and the names of the columns, `records` divides lines
//! into fields, and `infer` makes columns of them. A column is of integers if each of its cells is the text of one
//! exactly, of floats if each is a number, else of text, verbatim: `007` stays `007`. Empty cells, `NA`, `null`,
//! `NULL`, `None`, `nan` and `NaN` are missing in a column of numbers.
//!
//! What is accepted beyond the plain form: commas, tabs, semicolons or blanks between fields; a byte order mark; any
//! line ends; quoted fields, also with line ends within; comment lines that start with `#`, of which the last one
//! before the first row may hold the names; no header at all (the names are then `x1`, `x2`, …); exponents as Fortran
//! writes them (`1.0D+01`). Blank lines are skipped.
//!
//! What is refused, with the line: rows of another length, a quote that never ends, NUL bytes, text that is not UTF-8,
//! an HTML page under the name of a table.

mod infer;
mod layout;
mod number;
mod records;
mod write;

pub use number::parse_number;
pub(crate) use write::{check, write};

use infer::Builder;
use layout::Layout;
use records::Record;

use crate::budget::Budget;
use crate::formats::{Format, select_columns};
use crate::table::{Column, Values};
use crate::{DataError, ReadOptions, Table};

/// Rows between two looks at the memory that the columns use.
const ROWS_PER_CHECK: u64 = 1024;

/// Reads a table from the bytes of a text file, decompressed.
pub(crate) fn read(
    bytes: &[u8],
    format: Format,
    options: &ReadOptions,
    budget: &mut Budget,
) -> Result<Table, DataError> {
    let text = as_text(bytes, budget)?;
    let layout = Layout::find(text, format, budget)?;
    let selected = select_columns(&layout.names, options.columns.as_deref(), budget.path())?;

    let mut builders: Vec<Builder> = selected.iter().map(|_| Builder::new()).collect();
    let mut record = Record::default();
    let mut records = layout.rows(text);
    let (mut rows, mut counted) = (0_u64, 0_u64);
    while records.next(&mut record, budget)? {
        rows += 1;
        if record.len() != layout.names.len() {
            return Err(DataError::RaggedRow {
                path: budget.path().to_owned(),
                row: rows,
                line: record.line(),
                expected: layout.names.len(),
                found: record.len(),
            });
        }
        for (builder, &index) in builders.iter_mut().zip(&selected) {
            builder.push(record.field(text, index));
        }
        if rows.is_multiple_of(ROWS_PER_CHECK) || rows == 1 {
            account(&builders, &mut counted, budget)?;
        }
    }
    account(&builders, &mut counted, budget)?;
    let values = finish(builders, &selected, &layout, text, &mut counted, budget)?;

    let mut columns = Vec::with_capacity(values.len());
    for (values, &index) in values.into_iter().zip(&selected) {
        let name = &layout.names[index];
        // The nameless last column of lines that end with a delimiter.
        let leftover = layout.unnamed[index] && options.columns.is_none() && all_missing(&values);
        if !leftover {
            columns.push(Column::new(name.clone(), values));
        }
    }
    Table::new(budget.path(), columns)
}

/// The finished columns. Those that turned out to be text only after some numbers are read once more, verbatim.
fn finish(
    builders: Vec<Builder>,
    selected: &[usize],
    layout: &Layout,
    text: &str,
    counted: &mut u64,
    budget: &mut Budget,
) -> Result<Vec<Values>, DataError> {
    let mut finished: Vec<Option<Values>> = builders.into_iter().map(Builder::finish).collect();
    if finished.iter().all(Option::is_some) {
        return Ok(finished.into_iter().flatten().collect());
    }
    let unfinished = (0..finished.len()).filter(|&at| finished[at].is_none());
    let mut again: Vec<(usize, Builder)> = unfinished.map(|at| (at, Builder::of_text())).collect();
    let mut record = Record::default();
    let mut records = layout.rows(text);
    let mut rows = 0_u64;
    while records.next(&mut record, budget)? {
        for (at, builder) in &mut again {
            builder.push(record.field(text, selected[*at]));
        }
        rows += 1;
        if rows.is_multiple_of(ROWS_PER_CHECK) {
            let bytes: u64 = again.iter().map(|(_, builder)| builder.bytes()).sum();
            budget.take(bytes.saturating_sub(*counted))?;
            *counted = bytes.max(*counted);
        }
    }
    for (at, builder) in again {
        finished[at] = builder.finish();
    }
    Ok(finished.into_iter().flatten().collect())
}

/// Charges what the columns have grown by.
fn account(builders: &[Builder], counted: &mut u64, budget: &mut Budget) -> Result<(), DataError> {
    let bytes: u64 = builders.iter().map(Builder::bytes).sum();
    budget.take(bytes.saturating_sub(*counted))?;
    *counted = bytes.max(*counted);
    Ok(())
}

fn all_missing(values: &Values) -> bool {
    matches!(values, Values::Float64(values) if values.iter().all(|value| value.is_nan()))
}

/// The bytes as text without a byte order mark, if text they are.
fn as_text<'a>(bytes: &'a [u8], budget: &Budget) -> Result<&'a str, DataError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(budget.malformed("text", "is text in UTF-16; save it as UTF-8"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let line_of = |position: usize| bytes[..position].iter().filter(|&&byte| byte == b'\n').count() + 1;
    if let Some(position) = bytes.iter().position(|&byte| byte == 0) {
        let reason = format!(
            "line {} has a NUL byte: this is binary data or a damaged text file; get it again",
            line_of(position)
        );
        return Err(budget.malformed("text", reason));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = line_of(error.valid_up_to());
        budget.malformed("text", format!("line {line} is not UTF-8 text; save the file as UTF-8"))
    })?;
    refuse_markup(text, budget)?;
    Ok(text)
}

/// Servers answer with a page that explains the error, and programs save it under the name of the table.
fn refuse_markup(text: &str, budget: &Budget) -> Result<(), DataError> {
    let start = text.trim_start();
    let head: String = start.chars().take(15).collect::<String>().to_ascii_lowercase();
    if head.starts_with("<html") || head.starts_with("<!doctype html") {
        let words: String = start.chars().take(200).collect();
        let words = crate::suggest::excerpt(&words);
        let reason = format!("is an HTML page, not a table (the answer of a server?); it starts with {words}");
        return Err(budget.unusable(reason));
    }
    if head.starts_with("<?xml") || head.starts_with("<votable") {
        return Err(budget.unusable("is XML, not a table of text; convert it to CSV, Parquet or NPY"));
    }
    Ok(())
}
