//! Text tables written.

use std::io::{self, Write};

use super::number::parse_number;
use crate::table::{Column, Values};
use crate::{DataError, Table};

/// Bytes gathered before they are passed on.
const BUFFER_BYTES: usize = 1 << 16;

/// Every table can be written as text.
pub(crate) fn check(_table: &Table, _name: &str) -> Result<(), DataError> {
    Ok(())
}

/// Writes a header line and one line per row, with `delimiter` between fields.
///
/// Cells are written as [`Column::push_text`] gives them; those that would be misread (delimiters, quotes, line ends,
/// a leading `#`, blanks at their ends) stand in quotes.
pub(crate) fn write(table: &Table, delimiter: u8, output: &mut dyn Write) -> io::Result<()> {
    let single = table.columns().len() == 1;
    let delimiter = char::from(delimiter);
    let mut lines = String::with_capacity(2 * BUFFER_BYTES);
    // A header of numbers alone would pass for a row; in quotes it does not.
    let all_numbers = table.columns().iter().all(|column| parse_number(&column.name).is_some());
    for (index, column) in table.columns().iter().enumerate() {
        if index > 0 {
            lines.push(delimiter);
        }
        if all_numbers {
            push_quoted(&column.name, &mut lines);
        } else {
            push_cell(&column.name, single, &mut lines);
        }
    }
    lines.push('\n');
    let mut cell = String::new();
    for row in 0..table.rows() {
        for (index, column) in table.columns().iter().enumerate() {
            if index > 0 {
                lines.push(delimiter);
            }
            push(column, row, single, &mut cell, &mut lines);
        }
        lines.push('\n');
        if lines.len() >= BUFFER_BYTES {
            output.write_all(lines.as_bytes())?;
            lines.clear();
        }
    }
    output.write_all(lines.as_bytes())
}

fn push(column: &Column, row: usize, single: bool, cell: &mut String, lines: &mut String) {
    // A blank line would be skipped when it is read.
    let blank_line = single && column.is_missing(row);
    match &column.values {
        Values::Text(cells) => push_cell(cells.get(row).unwrap_or_default(), single, lines),
        _ if blank_line => lines.push_str("\"\""),
        _ => {
            cell.clear();
            column.push_text(row, cell);
            lines.push_str(cell);
        }
    }
}

fn push_cell(cell: &str, single: bool, lines: &mut String) {
    let special = |byte: u8| matches!(byte, b',' | b';' | b'\t' | b'"' | b'\n' | b'\r');
    let blank_end = cell.starts_with(char::is_whitespace) || cell.ends_with(char::is_whitespace);
    let quote = cell.bytes().any(special)
        || cell.starts_with(['#', '<', '\u{feff}'])
        || blank_end
        || (single && (cell.is_empty() || cell.contains(' ')));
    if quote { push_quoted(cell, lines) } else { lines.push_str(cell) }
}

fn push_quoted(cell: &str, lines: &mut String) {
    lines.push('"');
    for (index, piece) in cell.split('"').enumerate() {
        if index > 0 {
            lines.push_str("\"\"");
        }
        lines.push_str(piece);
    }
    lines.push('"');
}
