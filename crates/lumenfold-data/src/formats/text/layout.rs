//! The delimiter of a text table, the names of its columns, and where its rows begin.

use std::cell::Cell;

use super::number::parse_number;
use super::records::{Delimiter, Place, Record, Records};
use crate::DataError;
use crate::budget::Budget;
use crate::formats::Format;

/// Rows by which a delimiter is judged.
const SAMPLED_ROWS: usize = 20;
/// Delimiters in the order in which they are preferred.
const DELIMITERS: [u8; 3] = [b',', b'\t', b';'];

/// How a text table is laid out.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) names: Vec<String>,
    /// The columns whose name the file leaves empty.
    pub(super) unnamed: Vec<bool>,
    pub(super) delimiter: Delimiter,
    /// Where the first row or a line before it starts.
    pub(super) first_row: Place,
}

/// The beginning of a text.
#[derive(Debug)]
pub(super) struct Head<'a> {
    text: &'a str,
    budget: &'a Budget,
    end_seen: Cell<bool>,
}

impl<'a> Head<'a> {
    pub(super) fn new(text: &'a str, budget: &'a Budget) -> Self {
        Self { text, budget, end_seen: Cell::new(false) }
    }

    /// True if what was found out may depend on what follows.
    pub(super) fn end_seen(&self) -> bool {
        self.end_seen.get()
    }

    fn next(&self, records: &mut Records<'a>, record: &mut Record) -> Result<bool, DataError> {
        let answer = records.next(record, self.budget);
        self.end_seen.set(self.end_seen.get() || records.at_end());
        answer
    }
}

impl Layout {
    pub(super) fn find(head: &Head<'_>, format: Format) -> Result<Self, DataError> {
        let (text, budget) = (head.text, head.budget);
        let delimiter = match format {
            Format::Tsv => Delimiter::Byte(b'\t'),
            _ => find_delimiter(head),
        };
        let mut records = Records::new(text, delimiter, Place::START);
        let (mut first, mut second) = (Record::default(), Record::default());
        if !head.next(&mut records, &mut first)? {
            return Err(budget.unusable("has no rows and no header, only blank lines and comments; expected a table"));
        }
        let comment = records.comment();
        let after_first = records.place();
        let first_fields: Vec<&str> = first.fields(text).map(str::trim).collect();
        if first_fields.iter().any(|name| name.contains(|letter: char| letter.is_control() && !letter.is_whitespace()))
        {
            return Err(budget.unusable("starts with control characters: this is binary data, not a table of text"));
        }

        // Names in a comment are used if they fit the first row and that row holds numbers.
        let commented = comment.and_then(|comment| comment_names(comment, delimiter, first_fields.len(), budget));
        let all_numbers = all_numbers(&first_fields);
        // Quoted numbers above plain ones are names.
        let quoted_names = all_numbers
            && first.all_quoted()
            && matches!(head.next(&mut records, &mut second), Ok(true))
            && !second.all_quoted();
        let (names, first_row) = match commented {
            Some(names) if all_numbers || first_fields.iter().any(|field| is_number(field)) => (names, Place::START),
            _ if all_numbers && !quoted_names => (vec![], Place::START),
            _ => (first_fields.iter().map(|&name| name.to_owned()).collect(), after_first),
        };
        let headless = names.is_empty();
        let names = if headless { vec![String::new(); first_fields.len()] } else { names };
        let unnamed: Vec<bool> = names.iter().map(|name| name.is_empty() && !headless).collect();
        let name = |(index, name): (usize, String)| match (name.is_empty(), headless) {
            (true, true) => format!("x{}", index + 1),
            (true, false) => format!("unnamed_{}", index + 1),
            (false, _) => name,
        };
        let names = names.into_iter().enumerate().map(name).collect();
        Ok(Self { names, unnamed, delimiter, first_row })
    }
}

/// The delimiter that divides the first rows into equally many fields, two at least.
fn find_delimiter(head: &Head<'_>) -> Delimiter {
    let samples: Vec<(Delimiter, Vec<usize>)> = DELIMITERS
        .into_iter()
        .map(Delimiter::Byte)
        .map(|delimiter| (delimiter, field_counts(head, delimiter)))
        .collect();
    let width = |counts: &[usize]| counts.first().copied().unwrap_or(0);
    let even = |counts: &[usize]| width(counts) > 1 && counts.iter().all(|&count| count == counts[0]);
    // The first of the widest: `max_by_key` would return the last.
    let widest = |found: &mut dyn Iterator<Item = &(Delimiter, Vec<usize>)>| {
        found.fold(None, |best: Option<(Delimiter, usize)>, (delimiter, counts)| match best {
            Some((_, most)) if most >= width(counts) => best,
            _ => Some((*delimiter, width(counts))),
        })
    };
    if let Some((delimiter, _)) = widest(&mut samples.iter().filter(|(_, counts)| even(counts))) {
        return delimiter;
    }
    let blanks = field_counts(head, Delimiter::Blanks);
    let uneven = widest(&mut samples.iter().filter(|(_, counts)| width(counts) > 1));
    match uneven {
        _ if even(&blanks) && blanks_divide_numbers(head) => Delimiter::Blanks,
        Some((delimiter, _)) => delimiter,
        // No other delimiter anywhere: rows of unequal length are named as such if blanks divide numbers.
        None if width(&blanks) > 1 && blanks_divide_numbers(head) => Delimiter::Blanks,
        None => Delimiter::Byte(b','),
    }
}

/// Fields in each of the first rows; cut short where a row cannot be divided.
fn field_counts(head: &Head<'_>, delimiter: Delimiter) -> Vec<usize> {
    let mut records = Records::new(head.text, delimiter, Place::START);
    let mut record = Record::default();
    let mut counts = Vec::new();
    while counts.len() < SAMPLED_ROWS && matches!(head.next(&mut records, &mut record), Ok(true)) {
        counts.push(record.len());
    }
    counts
}

/// A column of words may have blanks in its cells; between numbers they are delimiters.
fn blanks_divide_numbers(head: &Head<'_>) -> bool {
    let mut records = Records::new(head.text, Delimiter::Blanks, Place::START);
    let mut record = Record::default();
    for _ in 0..2 {
        match head.next(&mut records, &mut record) {
            Ok(true) if record.fields(head.text).any(is_number) => return true,
            Ok(true) => {}
            _ => return false,
        }
    }
    false
}

/// The names in a comment line, if there are `count` of them and none is a number.
fn comment_names(comment: &str, delimiter: Delimiter, count: usize, budget: &Budget) -> Option<Vec<String>> {
    let mut record = Record::default();
    let mut records = Records::new(comment, delimiter, Place::START);
    if !records.next(&mut record, budget).ok()? || record.len() != count {
        return None;
    }
    let names: Vec<String> = record.fields(comment).map(|name| name.trim().to_owned()).collect();
    names.iter().all(|name| !name.is_empty() && !is_number(name)).then_some(names)
}

fn is_number(cell: &str) -> bool {
    parse_number(cell).is_some_and(|value| !value.is_nan())
}

/// Numbers and missing values only, with one number at least.
fn all_numbers(fields: &[&str]) -> bool {
    fields.iter().all(|field| parse_number(field).is_some()) && fields.iter().any(|field| is_number(field))
}
