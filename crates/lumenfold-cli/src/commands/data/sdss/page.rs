//! One answer of SkyServer: whether it is a table, and the table that was asked for.

use std::path::Path;

use lumenfold::data::{DataError, Format, ReadOptions, Source, Table, read_table, write_whole};

use super::query::{Key, Query};
use crate::http::{Head, Trouble, words_of};

/// Memory for one answer.
const MEMORY: u64 = 2 << 30;

/// Words in place of a table that has no rows.
const NO_ROWS: [&str; 3] = ["No objects have been found", "No entries have been found", "No rows"];

/// Words of the database that mean that the query is wrong, however often it is asked.
const WRONG_QUERY: [&str; 12] = [
    "incorrect syntax",
    "invalid column",
    "invalid object",
    "ambiguous column",
    "unclosed quotation",
    "could not be bound",
    "not a recognized",
    "conversion failed",
    "error converting",
    "permission was denied",
    "must declare",
    "only select",
];

/// What an answer has to be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    /// So many rows at most of our own query, behind a place.
    Page { most: u64, behind: Option<Key> },
    /// Any table.
    Table,
}

/// An answer that is a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page<'a> {
    /// The lines up to the names of the columns, and the rows. Either ends with the end of a line.
    pub(super) head: &'a [u8],
    pub(super) rows_text: &'a [u8],
    pub(super) rows: u64,
    pub(super) last: Option<Key>,
}

impl<'a> Page<'a> {
    /// Checks an answer. It is read from `path`, which is overwritten.
    ///
    /// Errors: it is an error page, whose words are told; it is damaged, or has other columns, or another order, than asked for.
    pub(super) fn of(body: &'a [u8], answer: &Head, expected: Expected, path: &Path) -> Result<Self, Trouble> {
        if let Some(encoding) = answer.encoding() {
            return Err(Trouble::lasting(format!(
                "SkyServer's answer is compressed ({encoding}), which was not asked for"
            )));
        }
        if answer.part.is_some() {
            return Err(Trouble::lasting("SkyServer's answer is a part of one, which was not asked for"));
        }
        if NO_ROWS.iter().any(|words| body.trim_ascii_start().starts_with(words.as_bytes())) {
            return Ok(Self { head: &[], rows_text: &[], rows: 0, last: None });
        }
        refuse_error_page(body, answer)?;
        if !answer.delimited && !body.ends_with(b"\n") {
            return Err(Trouble::passing(
                "SkyServer's answer does not end with the end of a line: it may have been broken off",
            ));
        }
        let (head, rows_text) = body.split_at(end_of_head(body));
        write_whole(path, |file| file.write_all(body)).map_err(|error| Trouble::Lasting(error.into()))?;
        let options = ReadOptions { format: Some(Format::Csv), memory_limit: MEMORY, ..ReadOptions::default() };
        let table = read_table(&Source::from(path), &options);
        let _ = std::fs::remove_file(path);
        let table = table.map_err(|error| unusable(&error, path))?;
        let last = match expected {
            Expected::Page { most, behind } => last_key(&table, most, behind)?,
            Expected::Table => None,
        };
        Ok(Self { head, rows_text, rows: table.rows() as u64, last })
    }
}

/// What the database says of a query that is wrong.
pub(super) fn is_wrong_query(words: &str) -> bool {
    let words = words.to_lowercase();
    WRONG_QUERY.iter().any(|wrong| words.contains(wrong))
}

/// SkyServer says what is wrong in HTML, XML, JSON, or a table of one column, often with the status of success.
fn refuse_error_page(body: &[u8], answer: &Head) -> Result<(), Trouble> {
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    let kind = answer.media_type.as_deref().unwrap_or_default().to_ascii_lowercase();
    let names = text.get(end_of_comments(text)..).unwrap_or_default();
    let names = names.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    let is_error_table =
        [&b"error_message"[..], b"\"error_message\"", b"error"].iter().any(|word| names.eq_ignore_ascii_case(word));
    let is_page =
        text.first().is_some_and(|first| b"<{[".contains(first)) || kind.contains("html") || kind.contains("json");
    if text.is_empty() {
        return Err(Trouble::passing("SkyServer's answer is empty"));
    }
    if !is_page && !is_error_table {
        return Ok(());
    }
    let text = if is_error_table { &text[end_of_comments(text)..] } else { text };
    let words = words_of(text).unwrap_or_else(|| "a page without words".to_owned());
    let told = format!("SkyServer says: {words}");
    Err(if is_wrong_query(&words) { Trouble::lasting(told) } else { Trouble::passing(told) })
}

/// Where the lines that begin with # and those without anything end.
fn end_of_comments(text: &[u8]) -> usize {
    let mut end = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let plain = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
        if !plain.is_empty() && !plain.starts_with(b"#") {
            break;
        }
        end += line.len();
    }
    end
}

/// Where the line with the names of the columns ends.
fn end_of_head(text: &[u8]) -> usize {
    let begin = end_of_comments(text);
    let names = text[begin..].iter().position(|byte| *byte == b'\n');
    names.map_or(text.len(), |end| begin + end + 1)
}

/// A table that cannot be read. The file that it was read from is nobody's concern.
fn unusable(error: &DataError, path: &Path) -> Trouble {
    let words = error.to_string();
    let words = words.strip_prefix(&format!("{}: ", path.display())).unwrap_or(&words);
    Trouble::passing(format!("SkyServer's answer is not the table that was asked for: {words}"))
}

/// The key of the last row, with everything checked that going on behind it relies upon.
fn last_key(table: &Table, most: u64, behind: Option<Key>) -> Result<Option<Key>, Trouble> {
    let wrong = |words: String| Err(Trouble::lasting(format!("SkyServer's answer is not what was asked for: {words}")));
    let names = table.names();
    let expected = Query::COLUMNS.map(|(name, _)| name);
    if !names.iter().map(|name| name.to_ascii_lowercase()).eq(expected.iter().map(|name| name.to_ascii_lowercase())) {
        return wrong(format!("it has the columns {}", names.join(", ")));
    }
    if table.rows() as u64 > most {
        return wrong(format!("it has {} rows, and at most {most} were asked for", table.rows()));
    }
    for (column, name) in table.columns().iter().zip(expected) {
        let text = name == "specObjID" || name == "class";
        if !text && table.rows() > 0 && !column.numeric() {
            return wrong(format!("the column {name} is not of numbers"));
        }
    }
    let mut last = behind;
    for row in 0..table.rows() {
        let text = table.columns()[0].text(row);
        let Ok(key) = text.parse::<u64>().map(Key) else {
            return wrong(format!("row {}: \"{text}\" is no specObjID", row + 1));
        };
        if last.is_some_and(|last| key <= last) {
            return wrong(format!("row {}: the rows are not in the order of specObjID", row + 1));
        }
        last = Some(key);
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &[u8] = b"#Table1\nspecObjID,ra,dec,redshift,class,u,g,r,i,z\n\
        299489952322840576,146.7,-1.04,0.02,STAR,19.1,18.2,17.9,17.7,17.6\n\
        18446744073709551615,146.6,-0.98,-8.96E-06,STAR,null,17.2,16.9,16.7,16.6\n";

    fn page(body: &[u8], expected: Expected) -> Result<(u64, Option<Key>, usize), String> {
        let directory = tempfile::tempdir().expect("a directory");
        let mut answer = Head::default();
        answer.delimited = true;
        match Page::of(body, &answer, expected, &directory.path().join("page")) {
            Ok(page) => Ok((page.rows, page.last, page.rows_text.len())),
            Err(Trouble::Passing { words, .. }) => Err(format!("passing: {words}")),
            Err(Trouble::Lasting(failure)) => Err(format!("lasting: {failure}")),
            Err(other) => Err(format!("{other:?}")),
        }
    }

    fn expected(behind: u64) -> Expected {
        Expected::Page { most: 2, behind: Some(Key(behind)) }
    }

    #[test]
    fn a_page_and_its_last_key() {
        let head = b"#Table1\nspecObjID,ra,dec,redshift,class,u,g,r,i,z\n".len();
        assert_eq!(page(PAGE, expected(5)), Ok((2, Some(Key(u64::MAX)), PAGE.len() - head)));
        assert_eq!(page(&PAGE[..head], expected(5)), Ok((0, Some(Key(5)), 0)));
        assert_eq!(page(b"No objects have been found", expected(5)), Ok((0, None, 0)));
        assert_eq!(page(b"a,b\n1,2\n", Expected::Table), Ok((1, None, 4)));
    }

    #[test]
    fn what_paging_relies_upon_is_checked() {
        let told = |body: &[u8], expected| page(body, expected).expect_err("a refusal");
        assert!(told(PAGE, expected(299_489_952_322_840_576)).contains("not in the order"), "the same row twice");
        assert!(told(PAGE, Expected::Page { most: 1, behind: None }).contains("at most 1"));
        assert!(told(&PAGE.replace(b"specObjID", b"objID"), expected(5)).contains("columns objID, ra"));
        assert!(told(&PAGE.replace(b"299489952322840576", b"2.9948995232E17"), expected(5)).contains("no specObjID"));
        assert!(told(&PAGE.replace(b"19.1", b"bright"), expected(5)).contains("column u is not of numbers"));
        assert!(told(&PAGE.replace(b",19.1", b""), expected(5)).starts_with("passing: "));
    }

    #[test]
    fn words_in_the_place_of_a_table() {
        for (body, words) in [
            (
                &b"<html><title>Skyserver Error</title>An error occured</html>"[..],
                "passing: SkyServer says: Skyserver Error An",
            ),
            (
                b"{\"Error Message\":\"Invalid column name 'modelMag_q'.\"}",
                "lasting: SkyServer says: Invalid column name",
            ),
            (b"#Table1\nerror_message\n\"Incorrect syntax near 'x'.\"\n", "lasting: SkyServer says: error_message"),
            (b" \r\n", "passing: SkyServer's answer is empty"),
            (b"\xff\xfe\x00\x01", "passing: SkyServer's answer is not the table"),
        ] {
            let told = page(body, expected(5)).expect_err("a refusal");
            assert!(told.starts_with(words), "{told}");
        }
    }

    trait Replace {
        fn replace(&self, what: &[u8], with: &[u8]) -> Vec<u8>;
    }

    impl Replace for [u8] {
        fn replace(&self, what: &[u8], with: &[u8]) -> Vec<u8> {
            let place = self.windows(what.len()).position(|part| part == what).expect("it is there");
            [&self[..place], with, &self[place + what.len()..]].concat()
        }
    }
}
