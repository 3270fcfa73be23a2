//! Lines divided into fields, without copying them.

use std::ops::Range;

use crate::DataError;
use crate::budget::Budget;

/// Most fields in a row.
pub(super) const MOST_FIELDS: usize = 1 << 20;
/// Most bytes in a row: more is a quote that never ends, or no table.
pub(super) const MOST_RECORD_BYTES: usize = 1 << 26;

/// What stands between fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delimiter {
    /// One byte: each occurrence ends a field.
    Byte(u8),
    /// Blanks and tabs: a run of them ends a field, and those at the ends of a line do not count.
    Blanks,
}

/// The fields of one row; reused from row to row.
#[derive(Debug, Default)]
pub(super) struct Record {
    fields: Vec<Field>,
    /// Fields with doubled quotes, undoubled, end to end.
    unescaped: String,
    line: u64,
}

#[derive(Clone, Debug)]
struct Field {
    range: Range<usize>,
    quoted: bool,
    /// The range is in `Record::unescaped`, not in the text.
    unescaped: bool,
}

impl Record {
    /// Number of fields.
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// The line (from 1) it starts on.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// A field's content without its quotes; `text` is what the record was read from.
    pub(super) fn field<'a>(&'a self, text: &'a str, index: usize) -> &'a str {
        let field = &self.fields[index];
        let from = if field.unescaped { &self.unescaped } else { text };
        from.get(field.range.clone()).unwrap_or_default()
    }

    /// The contents of all fields.
    pub(super) fn fields<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(move |index| self.field(text, index))
    }

    /// True if every field stands in quotes.
    pub(super) fn all_quoted(&self) -> bool {
        self.fields.iter().all(|field| field.quoted)
    }
}

/// A place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) position: usize,
    /// From 1.
    pub(super) line: u64,
}

impl Place {
    pub(super) const START: Self = Self { position: 0, line: 1 };
}

/// The rows of a text, one after another.
#[derive(Debug)]
pub(super) struct Records<'a> {
    text: &'a str,
    bytes: &'a [u8],
    delimiter: Delimiter,
    place: Place,
    comment: Option<&'a str>,
}

impl<'a> Records<'a> {
    pub(super) fn new(text: &'a str, delimiter: Delimiter, place: Place) -> Self {
        Self { text, bytes: text.as_bytes(), delimiter, place, comment: None }
    }

    /// Where the next line starts.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// The last comment line that was skipped, without its `#`.
    pub(super) fn comment(&self) -> Option<&'a str> {
        self.comment
    }

    /// Reads the next row into `record`; false at the end of the text.
    pub(super) fn next(&mut self, record: &mut Record, budget: &Budget) -> Result<bool, DataError> {
        record.fields.clear();
        record.unescaped.clear();
        if !self.skip_to_row() {
            return Ok(false);
        }
        record.line = self.place.line;
        let start = self.place.position;
        loop {
            if self.delimiter == Delimiter::Blanks {
                self.skip_blanks();
                if self.at_line_end() && !record.fields.is_empty() {
                    self.end_line();
                    return Ok(true);
                }
            }
            self.field(record, budget)?;
            if record.fields.len() > MOST_FIELDS {
                let reason = format!("line {} has more than {MOST_FIELDS} fields; is this a table?", record.line);
                return Err(budget.malformed("text", reason));
            }
            if self.place.position - start > MOST_RECORD_BYTES {
                let reason = format!("the row on line {} is longer than {MOST_RECORD_BYTES} bytes", record.line);
                return Err(budget.malformed("text", reason));
            }
            if self.at_line_end() {
                self.end_line();
                return Ok(true);
            }
            if let Delimiter::Byte(_) = self.delimiter {
                self.place.position += 1;
            }
        }
    }

    /// Skips blank lines and comments; false at the end of the text.
    fn skip_to_row(&mut self) -> bool {
        loop {
            let line = self.rest_of_line();
            if let Some(comment) = line.strip_prefix('#') {
                self.comment = Some(comment);
            } else if self.place.position >= self.bytes.len() {
                return false;
            } else if !self.is_blank(line) {
                return true;
            }
            self.place.position += line.len();
            self.end_line();
        }
    }

    /// A line of tabs is a row of empty fields if tabs divide fields.
    fn is_blank(&self, line: &str) -> bool {
        let tab_counts = self.delimiter == Delimiter::Byte(b'\t');
        line.bytes().all(|byte| byte == b' ' || (byte == b'\t' && !tab_counts))
    }

    fn rest_of_line(&self) -> &'a str {
        let rest = &self.bytes[self.place.position..];
        let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        &self.text[self.place.position..self.place.position + length]
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.place.position).copied()
    }

    /// True if nothing is left.
    pub(super) fn at_end(&self) -> bool {
        self.place.position >= self.bytes.len()
    }

    fn at_line_end(&self) -> bool {
        matches!(self.peek(), None | Some(b'\n' | b'\r'))
    }

    fn end_line(&mut self) {
        let length = match &self.bytes[self.place.position..] {
            [b'\r', b'\n', ..] => 2,
            [_, ..] => 1,
            [] => 0,
        };
        self.place.position += length;
        self.place.line += 1;
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.place.position += 1;
        }
    }

    /// Reads one field up to its delimiter or the end of the line.
    fn field(&mut self, record: &mut Record, budget: &Budget) -> Result<(), DataError> {
        if let Some(quote) = self.opening_quote() {
            self.place.position = quote + 1;
            return self.quoted_field(record, budget);
        }
        let start = self.place.position;
        let rest = &self.bytes[start..];
        let ends = |byte: &u8| match self.delimiter {
            Delimiter::Byte(delimiter) => *byte == delimiter || matches!(byte, b'\n' | b'\r'),
            Delimiter::Blanks => matches!(byte, b' ' | b'\t' | b'\n' | b'\r'),
        };
        let end = start + rest.iter().position(ends).unwrap_or(rest.len());
        self.place.position = end;
        record.fields.push(Field { range: start..end, quoted: false, unescaped: false });
        Ok(())
    }

    /// Where the quote stands if the field starts with one, blanks before it not counted.
    fn opening_quote(&self) -> Option<usize> {
        let mut position = self.place.position;
        while self.bytes.get(position) == Some(&b' ') {
            position += 1;
        }
        (self.bytes.get(position) == Some(&b'"')).then_some(position)
    }

    /// Reads on after the opening quote.
    fn quoted_field(&mut self, record: &mut Record, budget: &Budget) -> Result<(), DataError> {
        let opened = self.place.line;
        let (start, unescaped_start) = (self.place.position, record.unescaped.len());
        let mut piece = start;
        let mut doubled = false;
        let end = loop {
            match self.peek() {
                None => {
                    let reason = format!("a quote (\") opened on line {opened} is never closed; close or remove it");
                    return Err(budget.malformed("text", reason));
                }
                Some(b'"') if self.bytes.get(self.place.position + 1) == Some(&b'"') => {
                    record.unescaped.push_str(&self.text[piece..=self.place.position]);
                    self.place.position += 2;
                    piece = self.place.position;
                    doubled = true;
                }
                Some(b'"') => break self.place.position,
                Some(b'\n') => {
                    self.place.line += 1;
                    self.place.position += 1;
                }
                Some(_) => self.place.position += 1,
            }
            if self.place.position - start > MOST_RECORD_BYTES {
                let reason =
                    format!("a quote (\") opened on line {opened} is not closed within {MOST_RECORD_BYTES} bytes");
                return Err(budget.malformed("text", reason));
            }
        };
        let (range, unescaped) = if doubled {
            record.unescaped.push_str(&self.text[piece..end]);
            (unescaped_start..record.unescaped.len(), true)
        } else {
            (start..end, false)
        };
        record.fields.push(Field { range, quoted: true, unescaped });
        self.place.position = end + 1;
        self.after_quote(budget)
    }

    /// Between a closing quote and the delimiter there may be blanks.
    fn after_quote(&mut self, budget: &Budget) -> Result<(), DataError> {
        while self.peek() == Some(b' ') && self.delimiter != Delimiter::Blanks {
            self.place.position += 1;
        }
        let ends = match (self.delimiter, self.peek()) {
            (_, None | Some(b'\n' | b'\r')) => true,
            (Delimiter::Byte(delimiter), Some(byte)) => byte == delimiter,
            (Delimiter::Blanks, Some(byte)) => matches!(byte, b' ' | b'\t'),
        };
        if ends {
            return Ok(());
        }
        let reason =
            format!("line {} has text after a closing quote (\"); double the quotes within a field", self.place.line);
        Err(budget.malformed("text", reason))
    }
}
