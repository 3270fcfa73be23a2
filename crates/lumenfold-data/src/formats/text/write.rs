//! Text tables written.

use std::io::{self, Write};

use super::number::parse_number;
use crate::Table;
use crate::formats::{Compression, Compressor};
use crate::table::{Column, Values};

/// Bytes gathered before they are passed on.
const BUFFER_BYTES: usize = 1 << 16;

/// Writes a header line and one line per row, with a delimiter between fields.
///
/// Cells are written as [`Column::push_text`] gives them; those that would be misread (delimiters, quotes, line ends,
/// a leading `#`, blanks at their ends) stand in quotes.
pub(crate) struct TextEncoder<W: Write> {
    output: Compressor<W>,
    delimiter: char,
    lines: String,
    started: bool,
}

impl<W: Write> TextEncoder<W> {
    pub(crate) fn new(output: W, delimiter: u8, compression: Compression) -> io::Result<Self> {
        let (delimiter, lines) = (char::from(delimiter), String::with_capacity(2 * BUFFER_BYTES));
        Ok(Self { output: Compressor::new(output, compression)?, delimiter, lines, started: false })
    }

    /// Writes the rows of a block, below the header if it is the first.
    pub(crate) fn write(&mut self, block: &Table) -> io::Result<()> {
        if !std::mem::replace(&mut self.started, true) {
            self.header(block);
        }
        let single = block.columns().len() == 1;
        let mut cell = String::new();
        for row in 0..block.rows() {
            for (index, column) in block.columns().iter().enumerate() {
                if index > 0 {
                    self.lines.push(self.delimiter);
                }
                push(column, row, single, &mut cell, &mut self.lines);
            }
            self.lines.push('\n');
            // What is passed on at a time depends on the rows alone, not on how blocks were cut.
            if self.lines.len() >= BUFFER_BYTES {
                self.output.write_all(self.lines.as_bytes())?;
                self.lines.clear();
            }
        }
        Ok(())
    }

    fn header(&mut self, table: &Table) {
        let single = table.columns().len() == 1;
        // A header of numbers alone would pass for a row; in quotes it does not.
        let all_numbers = table.columns().iter().all(|column| parse_number(&column.name).is_some());
        for (index, column) in table.columns().iter().enumerate() {
            if index > 0 {
                self.lines.push(self.delimiter);
            }
            if all_numbers {
                push_quoted(&column.name, &mut self.lines);
            } else {
                push_cell(&column.name, single, &mut self.lines);
            }
        }
        self.lines.push('\n');
    }

    /// Passes on the rows that were written.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.output.write_all(self.lines.as_bytes())?;
        self.lines.clear();
        self.output.flush()
    }

    /// Writes what is left, and gives back the output.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.output.write_all(self.lines.as_bytes())?;
        self.output.finish()
    }
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
