//! Tables written, as `TABLEDATA`.

use std::io::{self, Write};

use super::FORMAT;
use crate::suggest::excerpt;
use crate::table::{Column, ColumnHead, ValueType, Values};
use crate::{DataError, Table};

/// Bytes gathered before they are passed on.
const BUFFER_BYTES: usize = 1 << 16;

/// Can XML hold the names and texts of this table?
pub(crate) fn check(table: &Table, name: &str) -> Result<(), DataError> {
    let unwritable = |reason: String| Err(DataError::Unwritable { path: name.to_owned(), reason });
    if table.columns().is_empty() {
        return unwritable(format!("a table without columns cannot be written as {FORMAT}"));
    }
    for column in table.columns() {
        let unit = column.unit.as_deref().unwrap_or_default();
        if column.name.is_empty() {
            return unwritable(format!("a column without a name cannot be written as {FORMAT}; name it"));
        }
        if !(column.name.chars().all(is_letter) && unit.chars().all(is_letter)) {
            let column = excerpt(&column.name);
            return unwritable(format!("the name or unit of column \"{column}\" has a letter that XML cannot hold"));
        }
        let Values::Text(cells) = &column.values else { continue };
        if let Some(cell) = cells.iter().find(|cell| !cell.chars().all(is_letter)) {
            let (column, cell) = (excerpt(&column.name), excerpt(cell));
            let reason =
                format!("column \"{column}\" holds \"{cell}\", of which XML cannot hold a letter; write .parquet");
            return unwritable(reason);
        }
    }
    Ok(())
}

/// Whether XML can hold it (production 2 of XML 1.0), as it is or as a reference.
fn is_letter(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Writes one row after the other.
pub(crate) struct VoTableEncoder<W: Write> {
    output: W,
    buffer: String,
}

impl<W: Write> VoTableEncoder<W> {
    /// `columns` are those of every block.
    pub(crate) fn new(output: W, columns: &[ColumnHead]) -> io::Result<Self> {
        let mut buffer = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <VOTABLE version=\"1.4\" xmlns=\"http://www.ivoa.net/xml/VOTable/v1.3\">\n<RESOURCE>\n<TABLE>\n",
        );
        for column in columns {
            buffer.push_str("<FIELD name=\"");
            escape(&column.name, &mut buffer);
            buffer.push_str(match column.value_type {
                ValueType::Float64 => "\" datatype=\"double\"",
                ValueType::Float32 => "\" datatype=\"float\"",
                ValueType::Integer => "\" datatype=\"long\"",
                ValueType::Boolean => "\" datatype=\"boolean\"",
                ValueType::Text => "\" datatype=\"unicodeChar\" arraysize=\"*\"",
            });
            if let Some(unit) = column.unit.as_deref().filter(|unit| !unit.is_empty()) {
                buffer.push_str(" unit=\"");
                escape(unit, &mut buffer);
                buffer.push('"');
            }
            buffer.push_str("/>\n");
        }
        buffer.push_str("<DATA>\n<TABLEDATA>\n");
        Ok(Self { output, buffer })
    }

    pub(crate) fn write(&mut self, block: &Table) -> io::Result<()> {
        for row in 0..block.rows() {
            self.buffer.push_str("<TR>");
            for column in block.columns() {
                self.buffer.push_str("<TD>");
                push_cell(column, row, &mut self.buffer);
                self.buffer.push_str("</TD>");
            }
            self.buffer.push_str("</TR>\n");
            if self.buffer.len() >= BUFFER_BYTES {
                self.output.write_all(self.buffer.as_bytes())?;
                self.buffer.clear();
            }
        }
        Ok(())
    }

    /// Writes what is left, and gives back the output.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        // No end of line behind it: a file that was cut short anywhere can be told.
        self.buffer.push_str("</TABLEDATA>\n</DATA>\n</TABLE>\n</RESOURCE>\n</VOTABLE>");
        self.output.write_all(self.buffer.as_bytes())?;
        Ok(self.output)
    }
}

/// Appends a cell; nothing for a missing one.
fn push_cell(column: &Column, row: usize, buffer: &mut String) {
    let infinite = column.value(row).filter(|value| value.is_infinite());
    match (&column.values, infinite) {
        (Values::Text(cells), _) => escape(cells.get(row).unwrap_or_default(), buffer),
        (_, Some(value)) => buffer.push_str(if value > 0.0 { "+Inf" } else { "-Inf" }),
        (Values::Boolean(cells), _) => buffer.push_str(match cells.get(row) {
            Some(true) => "T",
            Some(false) => "F",
            None => "?",
        }),
        (Values::Float64(_) | Values::Float32(_), _) if column.is_missing(row) => buffer.push_str("NaN"),
        _ => column.push_text(row, buffer),
    }
}

/// Appends text; what ends lines is a reference, since readers make it one blank or one kind of end.
fn escape(text: &str, buffer: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => buffer.push_str("&amp;"),
            '<' => buffer.push_str("&lt;"),
            '>' => buffer.push_str("&gt;"),
            '"' => buffer.push_str("&quot;"),
            '\t' => buffer.push_str("&#9;"),
            '\n' => buffer.push_str("&#10;"),
            '\r' => buffer.push_str("&#13;"),
            // Two ends of lines of later versions of XML.
            '\u{85}' => buffer.push_str("&#133;"),
            '\u{2028}' => buffer.push_str("&#8232;"),
            _ => buffer.push(letter),
        }
    }
}
