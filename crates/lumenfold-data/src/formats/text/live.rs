//! A text table whose rows come as something measures them.

use std::io::{self, BufRead, ErrorKind, Read};
use std::sync::Arc;

use super::cut::last_row_end;
use super::layout::{Head, Layout};
use super::records::{Delimiter, MOST_RECORD_BYTES};
use crate::budget::Budget;
use crate::formats::{Compression, Detected, Format, detect};
use crate::{DEFAULT_MEMORY_LIMIT, DataError, Source};

/// Bytes read at a time, if there are as many.
const CHUNK_BYTES: usize = 1 << 18;

/// A stream of text, of which whole rows are given as soon as they are there.
///
/// What is given is a table of its own each time, below a line with the names of the columns.
///
/// ```
/// use lumenfold_data::{LiveText, ReadOptions, read_table};
/// let mut live = LiveText::new("pipe", &b"u,g\n23.5,22.0\n21.0,20.5\n"[..]);
/// let source = live.next_rows()?.ok_or("no rows")?;
/// assert_eq!(read_table(&source, &ReadOptions::default())?.rows(), 2);
/// assert!(live.next_rows()?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LiveText {
    name: String,
    stream: Box<dyn Read + Send>,
    /// What was read and not given yet.
    rest: Vec<u8>,
    /// The delimiter, and the line that stands above rows; none before the first.
    head: Option<(Delimiter, Vec<u8>)>,
    ended: bool,
}

impl LiveText {
    /// Standard input, if it is text that is not compressed: anything else cannot be understood before its end.
    ///
    /// # Errors
    ///
    /// Reading fails.
    pub fn stdin() -> Result<Option<Self>, DataError> {
        let name = Source::Stdin.to_string();
        let mut stdin = io::stdin().lock();
        let failed = |source| DataError::Read { path: name.clone(), source };
        let start = stdin.fill_buf().map_err(failed)?;
        let plain = Compression::of_bytes(start) == Compression::None && !start.contains(&0);
        let is_text = plain && matches!(detect(start, None), Detected::Format(Format::Csv | Format::Tsv));
        if !is_text {
            return Ok(None);
        }
        let start = start.to_vec();
        stdin.consume(start.len());
        drop(stdin);
        let rest = direct().map_err(failed)?;
        Ok(Some(Self::new(name, io::Cursor::new(start).chain(rest))))
    }

    /// A stream that goes by this name in messages.
    pub fn new(name: impl Into<String>, stream: impl Read + Send + 'static) -> Self {
        Self { name: name.into(), stream: Box::new(stream), rest: Vec::new(), head: None, ended: false }
    }

    /// The rows that have come since, one at least: waits until there is one. `None` at the end.
    ///
    /// # Errors
    ///
    /// Reading fails; the first lines are those of no table.
    pub fn next_rows(&mut self) -> Result<Option<Source>, DataError> {
        loop {
            if let Some(text) = self.rows()? {
                return Ok(Some(Source::Text { name: self.name.clone(), text: Arc::from(text) }));
            }
            if self.ended {
                return Ok(None);
            }
            self.read()?;
        }
    }

    fn read(&mut self) -> Result<(), DataError> {
        let before = self.rest.len();
        self.rest.resize(before + CHUNK_BYTES, 0);
        let read = loop {
            match self.stream.read(&mut self.rest[before..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        self.rest.truncate(before + *read.as_ref().unwrap_or(&0));
        let read = read.map_err(|source| DataError::Read { path: self.name.clone(), source })?;
        self.ended = read == 0;
        Ok(())
    }

    /// Whole rows of what is there, below their names.
    fn rows(&mut self) -> Result<Option<Vec<u8>>, DataError> {
        let Some((delimiter, names)) = &self.head else { return self.first_rows() };
        let end = match last_row_end(&self.rest, *delimiter) {
            // What never ends is refused by whoever reads it.
            None if self.ended || self.rest.len() > MOST_RECORD_BYTES => self.rest.len(),
            end => end.unwrap_or(0),
        };
        if self.rest[..end].iter().all(u8::is_ascii_whitespace) {
            self.rest.drain(..end);
            return Ok(None);
        }
        let text = [&names[..], &self.rest[..end]].concat();
        self.rest.drain(..end);
        Ok(Some(text))
    }

    /// The first rows as they stand, once there is one.
    fn first_rows(&mut self) -> Result<Option<Vec<u8>>, DataError> {
        let is_row = |line: &&[u8]| !line.starts_with(b"#") && !line.iter().all(u8::is_ascii_whitespace);
        let end = if self.ended {
            self.rest.len()
        } else {
            self.rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
        };
        let lines = self.rest[..end].split(|byte| *byte == b'\n').filter(is_row).count();
        // Names, and a row: what delimits them is seen in both.
        if lines < 2 && !self.ended && self.rest.len() <= MOST_RECORD_BYTES || self.rest.is_empty() {
            return Ok(None);
        }
        let text = self.rest[..end].to_vec();
        let budget = Budget::new(self.name.clone(), DEFAULT_MEMORY_LIMIT);
        let Ok(words) = std::str::from_utf8(&text) else {
            // Whoever reads it says where.
            self.rest.drain(..end);
            return Ok(Some(text));
        };
        let mark = if words.starts_with('\u{feff}') { 3 } else { 0 };
        let Layout { names, delimiter, first_row, .. } =
            Layout::find(&Head::new(&words[mark..], &budget), Format::Csv)?;
        let start = mark + first_row.position;
        let end = match last_row_end(&text[start..], delimiter) {
            None if self.ended => text.len(),
            None => return Ok(None),
            Some(_) if self.ended => text.len(),
            Some(end) => start + end,
        };
        self.rest.drain(..end);
        self.head = Some((delimiter, line_of(&names, delimiter)));
        Ok(Some(text[..end].to_vec()))
    }
}

/// Names as a line of the same table; in quotes, so that numbers are names as well.
fn line_of(names: &[String], delimiter: Delimiter) -> Vec<u8> {
    let delimiter = match delimiter {
        Delimiter::Byte(byte) => char::from(byte),
        Delimiter::Blanks => ' ',
    };
    let quoted = names.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\"")));
    let mut line = quoted.collect::<Vec<_>>().join(&delimiter.to_string());
    line.push('\n');
    line.into_bytes()
}

/// Standard input without the small buffer of the standard library.
#[cfg(unix)]
fn direct() -> io::Result<impl Read + Send + 'static> {
    use std::os::fd::AsFd;
    io::stdin().as_fd().try_clone_to_owned().map(std::fs::File::from)
}

#[cfg(not(unix))]
fn direct() -> io::Result<impl Read + Send + 'static> {
    Ok(io::stdin())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ReadOptions, Table, read_table};

    /// Gives so many bytes at a time.
    struct Slowly(Vec<u8>, usize);

    impl Read for Slowly {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0.drain(..count);
            Ok(count)
        }
    }

    fn tables(text: &str, step: usize) -> Result<Vec<Table>, DataError> {
        let mut live = LiveText::new("pipe", Slowly(text.as_bytes().to_vec(), step));
        let mut tables = Vec::new();
        while let Some(source) = live.next_rows()? {
            tables.push(read_table(&source, &ReadOptions::default())?);
        }
        Ok(tables)
    }

    #[test]
    fn rows_are_those_of_the_whole_however_they_come() {
        for text in [
            "u,g\n1,2\n3,4\n5,6\n",
            "u,g\r\n1,2\r\n\r\n3,4\r\n5,6",
            "# names\n# u g\n1 2\n3 4\n5 6\n",
            "1;2\n3;4\n5;6\n",
            "\u{feff}\"a, b\",\"c \"\"d\"\"\"\n\"1\",2\n3,\"4\"\n5,6\n",
            "name,x\n\"a\nb\",1\n\"#c\",2\n",
            "x\n1\n\n2\n3\n",
            "a\tb\n1\t2\n#\n3\t4\n",
            "1,2\n",
        ] {
            let source = Source::Text { name: "whole".to_owned(), text: Arc::from(text.as_bytes()) };
            let whole = read_table(&source, &ReadOptions::default()).expect("a table");
            for step in [1, 2, 3, 7, 1000] {
                let tables = tables(text, step).unwrap_or_else(|error| panic!("{text:?} {step}: {error}"));
                let rows: usize = tables.iter().map(Table::rows).sum();
                assert_eq!(rows, whole.rows(), "{text:?} {step}");
                let mut row = 0;
                for table in &tables {
                    assert_eq!(table.names(), whole.names(), "{text:?} {step}");
                    for own in 0..table.rows() {
                        for (found, expected) in table.columns().iter().zip(whole.columns()) {
                            assert_eq!(found.text(own), expected.text(row), "{text:?} {step}");
                        }
                        row += 1;
                    }
                }
            }
        }
    }

    #[test]
    fn a_row_is_given_once_it_is_whole() {
        let given = |text: &str| tables(text, 1).map(|tables| tables.len());
        assert_eq!(given("u,g\n1,2\n3,4\n5,6\n").expect("tables"), 3);
        assert_eq!(given("").expect("none"), 0);
        assert_eq!(given("u,g\n").expect("no rows"), 1);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for text in ["u,g\n1,2\n3\n", "u,g\n1,2\n\"3,4\n", "<html><body>\nno\n", "u,g\n1,\u{0}\n"] {
            for step in [1, 1000] {
                assert!(tables(text, step).is_err(), "{text:?} {step}");
            }
        }
    }
}
