//! A text table whose layout is known.

use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::sync::Arc;

use super::cells::{Cells, Task};
use super::evidence::Evidence;
use super::layout::{Head, Layout};
use super::pass::Pass;
use super::piece::{Stop, checked_text};
use super::survey::Survey;
use crate::DataError;
use crate::budget::Budget;
use crate::formats::rows::Rows;
use crate::formats::select_columns;
use crate::input::Input;
use crate::suggest::excerpt;
use crate::table::{ValueType, Values};

/// Bytes by which a layout is found out at first; more are read if it takes more.
const HEAD_BYTES: usize = 1 << 16;

/// A text table whose columns are known by name.
#[derive(Debug)]
pub(crate) struct TextFile {
    pub(super) input: Arc<Input>,
    pub(super) layout: Layout,
    /// Positions of the columns that are asked for, ascending.
    pub(super) selected: Vec<usize>,
    /// All columns are asked for.
    all: bool,
    /// Bytes of a byte order mark.
    mark: usize,
}

impl TextFile {
    /// Finds out the layout from the first lines.
    pub(crate) fn open(input: Arc<Input>, columns: Option<&[String]>, memory_limit: u64) -> Result<Self, DataError> {
        let budget = Budget::new(input.path.clone(), memory_limit);
        let mut stream = input.stream()?;
        let mut bytes = Vec::new();
        let mut wanted = HEAD_BYTES;
        loop {
            let missing = wanted - bytes.len();
            let read = stream.by_ref().take(missing as u64).read_to_end(&mut bytes);
            let complete = read.map_err(|error| input.failed(error))? < missing;
            let head = if complete { &bytes[..] } else { without_torn_letter(&bytes) };
            let mark = usize::from(head.starts_with(b"\xef\xbb\xbf")) * 3;
            let text = as_text(&head[mark..], &budget)?;
            let head = Head::new(text, &budget);
            let layout = Layout::find(&head, input.format);
            if complete || !head.end_seen() {
                let layout = layout?;
                let selected = select_columns(&layout.names, columns, &input.path)?;
                return Ok(Self { input, layout, selected, all: columns.is_none(), mark });
            }
            wanted *= 4;
            if wanted as u64 > budget.left() {
                return Err(budget.exceeded(wanted as u64));
            }
        }
    }

    /// The name of the file in messages.
    pub(crate) fn path(&self) -> &str {
        &self.input.path
    }

    /// The selected columns' names.
    pub(crate) fn names(&self) -> Vec<String> {
        self.selected.iter().map(|&index| self.layout.names[index].clone()).collect()
    }

    /// A stream that stands at the first row.
    pub(super) fn rows_stream(&self) -> Result<Box<dyn Read + Send>, DataError> {
        let mut stream = self.input.stream()?;
        let before = (self.mark + self.layout.first_row.position) as u64;
        let skipped = io::copy(&mut stream.by_ref().take(before), &mut io::sink());
        skipped.map_err(|error| self.input.failed(error))?;
        Ok(stream)
    }

    /// Looks at selected columns (positions among them, ascending) without keeping anything; with `count`, also for the
    /// cells that are no numbers.
    pub(crate) fn survey(
        &self,
        columns: &[usize],
        count: bool,
        threads: NonZeroUsize,
    ) -> Result<Vec<Survey>, DataError> {
        let indices: Vec<usize> = columns.iter().map(|&at| self.selected[at]).collect();
        let tasks = self.tasks(&indices, |_| Task::Survey(count));
        let mut pass = Pass::start(self, tasks, super::PIECE_BYTES, threads)?;
        let mut surveys: Vec<Survey> = indices.iter().map(|_| Survey::new(count)).collect();
        while let Some(parsed) = pass.next().map_err(|stop| self.changed(stop))? {
            for (survey, cells) in surveys.iter_mut().zip(parsed.columns) {
                if let Cells::Survey(next) = cells {
                    survey.append(next);
                }
            }
        }
        Ok(surveys)
    }

    /// Leaves out columns without a name of which the survey has found no value: what lines that end with a delimiter
    /// leave over.
    pub(crate) fn drop_leftovers(&mut self, surveys: &mut Vec<Option<Evidence>>) {
        if !self.all {
            return;
        }
        let empty = |at: usize| surveys[at].is_some_and(Evidence::all_missing);
        let kept: Vec<usize> =
            (0..self.selected.len()).filter(|&at| !(self.layout.unnamed[self.selected[at]] && empty(at))).collect();
        *surveys = kept.iter().map(|&at| surveys[at]).collect();
        self.selected = kept.iter().map(|&at| self.selected[at]).collect();
    }

    /// The rows with the selected columns as these types. Columns in `numbers` (one flag for each) were not surveyed: a
    /// cell that is none is an error for the user.
    pub(crate) fn rows(
        self: &Arc<Self>,
        types: &[ValueType],
        numbers: &[bool],
        piece_bytes: usize,
        threads: NonZeroUsize,
    ) -> Result<TextRows, DataError> {
        let tasks = self.tasks(&self.selected, |at| Task::Read(types[at]));
        let pass = Pass::start(self, tasks, piece_bytes.min(super::PIECE_BYTES), threads)?;
        Ok(TextRows { file: Arc::clone(self), pass, numbers: numbers.to_vec(), threads })
    }

    /// Refuses a column of numbers with decimal commas.
    pub(crate) fn refuse_decimal_commas(&self, index: usize, evidence: Evidence) -> Result<(), DataError> {
        if !evidence.decimal_commas() {
            return Ok(());
        }
        let name = excerpt(&self.layout.names[index]);
        let reason = format!("column \"{name}\" holds numbers with decimal commas; write them with points");
        Err(DataError::Unusable { path: self.input.path.clone(), reason })
    }

    /// What the user should know about a column (position in the file).
    pub(crate) fn note(&self, index: usize, evidence: Evidence) -> Option<String> {
        let (path, name) = (&self.input.path, excerpt(&self.layout.names[index]));
        let why = "it holds integers of more than 64 bits with sign, which a number would round";
        evidence.long_integers().then(|| format!("{path}: column {name} is taken as text: {why}"))
    }

    /// The position in the file of a selected column.
    pub(crate) fn position(&self, at: usize) -> usize {
        self.selected[at]
    }
}

/// The rows of a text table.
pub(crate) struct TextRows {
    file: Arc<TextFile>,
    pass: Pass,
    numbers: Vec<bool>,
    threads: NonZeroUsize,
}

impl TextRows {
    /// The error for a cell that is no number, which counts all that are none.
    fn not_a_number(&self) -> DataError {
        let columns: Vec<usize> = (0..self.numbers.len()).filter(|&at| self.numbers[at]).collect();
        let surveys = match self.file.survey(&columns, true, self.threads) {
            Ok(surveys) => surveys,
            Err(error) => return error,
        };
        for (&at, survey) in columns.iter().zip(&surveys) {
            let index = self.file.selected[at];
            if let Err(error) = self.file.refuse_decimal_commas(index, survey.evidence) {
                return error;
            }
            if let Some((row, text)) = &survey.first {
                return DataError::NotANumber {
                    path: self.file.input.path.clone(),
                    row: row + 1,
                    column: self.file.layout.names[index].clone(),
                    text: text.clone(),
                    count: survey.not_numbers.unwrap_or(1) as usize,
                    rows: survey.rows() as usize,
                };
            }
        }
        DataError::Changed { path: self.file.input.path.clone() }
    }
}

impl Rows for TextRows {
    fn next_rows(&mut self) -> Result<Option<Vec<Values>>, DataError> {
        match self.pass.next() {
            Ok(None) => Ok(None),
            Ok(Some(parsed)) => Ok(Some(parsed.columns.into_iter().filter_map(Cells::into_values).collect())),
            Err(Stop::Misfit(index)) => {
                let wanted = (0..self.numbers.len()).any(|at| self.file.selected[at] == index && self.numbers[at]);
                Err(if wanted { self.not_a_number() } else { self.file.changed(Stop::Misfit(index)) })
            }
            Err(Stop::Data(error)) => Err(error),
        }
    }
}

/// The bytes without the beginning of a letter at their end.
fn without_torn_letter(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    }
}

/// The beginning of a text, if text it is.
fn as_text<'a>(bytes: &'a [u8], budget: &Budget) -> Result<&'a str, DataError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(budget.malformed("text", "is text in UTF-16; save it as UTF-8"));
    }
    let text = checked_text(bytes, 1, budget)?;
    refuse_markup(text, budget)?;
    Ok(text)
}

/// Servers answer with a page that explains the error, and programs save it under the name of the table.
fn refuse_markup(text: &str, budget: &Budget) -> Result<(), DataError> {
    let start = text.trim_start();
    let head: String = start.chars().take(15).collect::<String>().to_ascii_lowercase();
    if head.starts_with("<html") || head.starts_with("<!doctype html") {
        let words: String = start.chars().take(200).collect();
        let words = excerpt(&words);
        let reason = format!("is an HTML page, not a table (the answer of a server?); it starts with {words}");
        return Err(budget.unusable(reason));
    }
    if head.starts_with("<?xml") || head.starts_with("<votable") {
        return Err(budget.unusable("is XML, not a table of text; convert it to CSV, Parquet or NPY"));
    }
    Ok(())
}
