//! Tables written: a `BINTABLE` behind an empty primary unit.
//!
//! A float is `D` or `E`, an integer `K`, a truth value `L`, text `A` of the width of the longest cell. A missing float is NaN,
//! a missing integer the smallest one, which `TNULL` says, a missing truth value 0, missing text begins with NUL. Samples with
//! axes are one field, `data`, of as many dimensions, and their errors one more, `errors`; a unit `AXES` behind the table
//! holds the grids, one field for each axis in a table of one row.
//!
//! The length of the header does not depend on the values, so that rows go straight to the output and the header is written
//! last. Only text, the width of which is known at the end, makes rows wait in a temporary file.

mod cards;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use super::FORMAT;
use super::header::BLOCK;
use super::sdss::ERRORS;
use super::table::AXES;
use crate::axis::{Axis, Gridded, shape};
use crate::suggest::excerpt;
use crate::table::{Column, ColumnHead, ValueType, Values};
use crate::{DataError, Table};
use cards::Cards;

/// The field of samples with axes.
const DATA: &str = "data";
/// What stands for a missing integer.
const MISSING: i64 = i64::MIN;
/// Most fields of a table (section 7.3.1 of the standard).
const MOST_FIELDS: usize = 999;
/// Longest name or unit that is written.
const LONGEST_TEXT: usize = 4096;
/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 1 << 16;

/// Can a table of FITS hold this one?
pub(crate) fn check(table: &Table, name: &str) -> Result<(), DataError> {
    let refused = |reason: String| Err(DataError::Unwritable { path: name.to_owned(), reason });
    let gridded = table.gridded().filter(|gridded| !gridded.axes.is_empty());
    let fields = fields(&table.heads(), gridded);
    if fields.is_empty() {
        return refused(format!("a table without columns cannot be written as {FORMAT}"));
    }
    if fields.len() > MOST_FIELDS {
        let count = fields.len();
        return refused(format!(
            "{count} columns; {FORMAT} holds {MOST_FIELDS} at most; write .parquet or .npz, or choose some"
        ));
    }
    let axes = gridded.map_or(&[][..], |gridded| &gridded.axes);
    let named = fields.iter().map(|field| (&field.name, &field.unit));
    for (text, unit) in named.chain(axes.iter().map(|axis| (&axis.name, &axis.unit))) {
        for word in [Some(text), unit.as_ref()].into_iter().flatten() {
            if !is_plain(word) || word.len() > LONGEST_TEXT || word.trim() != word || word.is_empty() {
                return refused(format!(
                    "{FORMAT} holds ASCII without blanks around it for names and units, not \"{}\"; rename it",
                    excerpt(word)
                ));
            }
        }
    }
    let mut names: Vec<String> = fields.iter().map(|field| field.name.to_ascii_uppercase()).collect();
    names.sort_unstable();
    if let Some([twice, _]) = names.array_windows().find(|[one, other]| one == other) {
        let twice = excerpt(twice);
        return refused(format!(
            "two columns are called \"{twice}\" but for capital letters, which {FORMAT} does not tell apart; rename one"
        ));
    }
    for column in table.columns() {
        let Values::Text(cells) = &column.values else { continue };
        if let Some(row) = cells.iter().position(|cell| !is_plain(cell)) {
            let (row, column) = (table.position() + row as u64 + 1, excerpt(&column.name));
            return refused(format!(
                "row {row}, column \"{column}\": {FORMAT} holds printable ASCII only; leave the column out, or write .parquet or .csv"
            ));
        }
    }
    Ok(())
}

/// Whether text has nothing but the letters of FITS (section 3.2).
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// A field of the table.
#[derive(Debug)]
struct FieldWritten {
    name: String,
    unit: Option<String>,
    /// The columns that it is made of: one, but for samples with axes.
    own: Range<usize>,
    /// The sizes of its dimensions; none for a single element.
    shape: Vec<usize>,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Double,
    Single,
    Integer {
        has_missing: bool,
        /// Whether the integer that stands for a missing one is there itself.
        has_smallest: bool,
    },
    Logical,
    Text {
        width: usize,
    },
}

impl FieldWritten {
    fn letter(&self) -> String {
        let count: usize = self.shape.iter().product();
        let repeat = if self.shape.is_empty() { String::new() } else { count.to_string() };
        match self.form {
            Form::Double => format!("{repeat}D"),
            Form::Single => format!("{repeat}E"),
            Form::Integer { .. } => format!("{repeat}K"),
            Form::Logical => format!("{repeat}L"),
            Form::Text { width } => format!("{width}A"),
        }
    }

    /// Bytes in a row.
    fn bytes(&self) -> usize {
        let size = match self.form {
            Form::Double | Form::Integer { .. } => 8,
            Form::Single => 4,
            Form::Logical => 1,
            Form::Text { width } => width,
        };
        size * self.own.len()
    }
}

/// The fields that columns are written in.
fn fields(columns: &[ColumnHead], gridded: Option<&Gridded>) -> Vec<FieldWritten> {
    let mut fields = Vec::new();
    let arrays = gridded.map_or(Vec::new(), |gridded| {
        let errors = gridded.errors.clone().map(|errors| (ERRORS, errors));
        [(DATA, gridded.columns.clone())].into_iter().chain(errors).collect()
    });
    let axes = gridded.map_or(&[][..], |gridded| &gridded.axes);
    for (name, own) in &arrays {
        let heads = &columns[own.clone()];
        let is_single = heads.iter().all(|head| head.value_type == ValueType::Float32);
        fields.push(FieldWritten {
            name: (*name).to_owned(),
            unit: heads.first().and_then(|head| head.unit.clone()),
            own: own.clone(),
            shape: shape(axes),
            form: if is_single { Form::Single } else { Form::Double },
        });
    }
    for (at, head) in columns.iter().enumerate().filter(|(at, _)| !arrays.iter().any(|(_, own)| own.contains(at))) {
        fields.push(FieldWritten {
            name: head.name.clone(),
            unit: head.unit.clone(),
            own: at..at + 1,
            shape: Vec::new(),
            form: match head.value_type {
                ValueType::Float64 => Form::Double,
                ValueType::Float32 => Form::Single,
                ValueType::Integer => Form::Integer { has_missing: false, has_smallest: false },
                ValueType::Boolean => Form::Logical,
                ValueType::Text => Form::Text { width: 1 },
            },
        });
    }
    fields
}

/// Writes a table; the same bytes for any blocks.
pub(crate) struct FitsEncoder<W: Write + Seek> {
    output: BufWriter<W>,
    /// Where rows wait for the widths of their text.
    waiting: Option<BufWriter<File>>,
    fields: Vec<FieldWritten>,
    axes: Vec<Axis>,
    rows: u64,
}

impl<W: Write + Seek> FitsEncoder<W> {
    /// `columns` are those of every block; `temporary` makes an empty file.
    pub(crate) fn new(
        output: W,
        columns: &[ColumnHead],
        gridded: Option<&Gridded>,
        temporary: impl FnOnce(&W) -> io::Result<File>,
    ) -> io::Result<Self> {
        let gridded = gridded.filter(|gridded| !gridded.axes.is_empty());
        let fields = fields(columns, gridded);
        let has_text = fields.iter().any(|field| matches!(field.form, Form::Text { .. }));
        let waiting = if has_text { Some(BufWriter::with_capacity(BUFFER_BYTES, temporary(&output)?)) } else { None };
        let axes = gridded.map_or(Vec::new(), |gridded| gridded.axes.clone());
        let mut encoder =
            Self { output: BufWriter::with_capacity(BUFFER_BYTES, output), waiting, fields, axes, rows: 0 };
        let place = encoder.header().len();
        io::copy(&mut io::repeat(0).take(place as u64), &mut encoder.output)?;
        Ok(encoder)
    }

    pub(crate) fn write(&mut self, block: &Table) -> io::Result<()> {
        let mut row = Vec::new();
        for at in 0..block.rows() {
            row.clear();
            for field in &mut self.fields {
                push(field, &block.columns()[field.own.clone()], at, &mut row);
            }
            match &mut self.waiting {
                Some(waiting) => waiting.write_all(&row)?,
                None => self.output.write_all(&row)?,
            }
        }
        self.rows += block.rows() as u64;
        Ok(())
    }

    /// Writes what is left, and gives back the output. The error of the inner result is about the values.
    pub(crate) fn finish(mut self, name: &str) -> io::Result<Result<W, DataError>> {
        let is_mixed = |field: &&FieldWritten| field.form == Form::Integer { has_missing: true, has_smallest: true };
        if let Some(field) = self.fields.iter().find(is_mixed) {
            let reason = format!(
                "column \"{}\" has missing integers and {MISSING}, which stands for them in {FORMAT}; write .parquet",
                excerpt(&field.name)
            );
            return Ok(Err(DataError::Unwritable { path: name.to_owned(), reason }));
        }
        if let Some(waiting) = self.waiting.take() {
            let mut waiting = waiting.into_inner().map_err(io::IntoInnerError::into_error)?;
            waiting.seek(SeekFrom::Start(0))?;
            self.settle(&mut BufReader::with_capacity(BUFFER_BYTES, waiting))?;
        }
        self.fill()?;
        if !self.axes.is_empty() {
            let header = axes_header(&self.axes);
            self.output.write_all(&header)?;
            for axis in &self.axes {
                for centre in &axis.grid {
                    self.output.write_all(&centre.to_be_bytes())?;
                }
            }
            self.fill()?;
        }
        let header = self.header();
        self.output.seek(SeekFrom::Start(0))?;
        self.output.write_all(&header)?;
        self.output.seek(SeekFrom::End(0))?;
        self.output.into_inner().map_err(io::IntoInnerError::into_error).map(Ok)
    }

    /// Writes the rows that waited.
    fn settle(&mut self, waiting: &mut impl Read) -> io::Result<()> {
        let mut cell = Vec::new();
        for _ in 0..self.rows {
            for field in &self.fields {
                cell.clear();
                match field.form {
                    Form::Text { width } => {
                        let mut length = [0; 8];
                        waiting.read_exact(&mut length)?;
                        waiting.by_ref().take(u64::from_be_bytes(length)).read_to_end(&mut cell)?;
                        cell.resize(width, 0);
                    }
                    _ => {
                        cell.resize(field.bytes(), 0);
                        waiting.read_exact(&mut cell)?;
                    }
                }
                self.output.write_all(&cell)?;
            }
        }
        Ok(())
    }

    /// Zeros up to the end of a block.
    fn fill(&mut self) -> io::Result<()> {
        let end = self.output.stream_position()?;
        io::copy(&mut io::repeat(0).take(end.next_multiple_of(BLOCK) - end), &mut self.output)?;
        Ok(())
    }

    /// The headers of the primary unit and of the table.
    fn header(&self) -> Vec<u8> {
        let mut primary = Cards::new();
        primary.logical("SIMPLE", true);
        primary.integer("BITPIX", 8);
        primary.integer("NAXIS", 0);
        primary.logical("EXTEND", true);
        let mut table = Cards::new();
        let row: usize = self.fields.iter().map(FieldWritten::bytes).sum();
        begin_table(&mut table, row as u64, self.rows, self.fields.len());
        for (at, field) in self.fields.iter().enumerate() {
            let number = at + 1;
            table.text(&format!("TTYPE{number}"), &field.name);
            table.text(&format!("TFORM{number}"), &field.letter());
            if let Some(unit) = &field.unit {
                table.text(&format!("TUNIT{number}"), unit);
            }
            if field.shape.len() > 1 {
                table.text(&format!("TDIM{number}"), &dimensions(&field.shape));
            }
            match field.form {
                Form::Integer { has_missing: true, .. } => table.integer(&format!("TNULL{number}"), MISSING),
                // As many cards for any values.
                Form::Integer { .. } => table.blank(),
                _ => {}
            }
        }
        let mut bytes = primary.finish();
        bytes.extend(table.finish());
        bytes
    }
}

/// The first cards of a table.
fn begin_table(cards: &mut Cards, row: u64, rows: u64, fields: usize) {
    cards.text("XTENSION", "BINTABLE");
    cards.integer("BITPIX", 8);
    cards.integer("NAXIS", 2);
    cards.integer("NAXIS1", row as i64);
    cards.integer("NAXIS2", rows as i64);
    cards.integer("PCOUNT", 0);
    cards.integer("GCOUNT", 1);
    cards.integer("TFIELDS", fields as i64);
}

/// The header of the grids.
fn axes_header(axes: &[Axis]) -> Vec<u8> {
    let mut cards = Cards::new();
    let bytes: usize = axes.iter().map(|axis| 8 * axis.size()).sum();
    begin_table(&mut cards, bytes as u64, 1, axes.len());
    cards.text("EXTNAME", AXES);
    for (at, axis) in axes.iter().enumerate() {
        cards.text(&format!("TTYPE{}", at + 1), &axis.name);
        cards.text(&format!("TFORM{}", at + 1), &format!("{}D", axis.size()));
        if let Some(unit) = &axis.unit {
            cards.text(&format!("TUNIT{}", at + 1), unit);
        }
    }
    cards.finish()
}

/// `TDIM`: the fastest dimension first.
fn dimensions(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().rev().map(usize::to_string).collect();
    format!("({})", sizes.join(","))
}

/// Appends the cells of a row; text with its length before it.
fn push(field: &mut FieldWritten, columns: &[Column], row: usize, bytes: &mut Vec<u8>) {
    for column in columns {
        match (&mut field.form, &column.values) {
            (Form::Single, Values::Float32(values)) => bytes.extend(values[row].to_be_bytes()),
            (Form::Integer { has_missing, has_smallest }, Values::Integer(integers)) => {
                let value = integers.get(row);
                *has_missing |= value.is_none();
                *has_smallest |= value == Some(MISSING);
                bytes.extend(value.unwrap_or(MISSING).to_be_bytes());
            }
            (Form::Logical, Values::Boolean(flags)) => bytes.push(match flags.get(row) {
                Some(true) => b'T',
                Some(false) => b'F',
                None => 0,
            }),
            (Form::Text { width }, Values::Text(cells)) => {
                // An empty cell is a blank, since what begins with NUL is missing.
                let cell = match cells.get(row).unwrap_or_default() {
                    _ if cells.is_missing(row) => "",
                    "" => " ",
                    cell => cell,
                };
                // A blank at the end counts only with a NUL behind it.
                *width = (cell.len() + usize::from(cell.ends_with(' ') && cell.len() > 1)).max(*width);
                bytes.extend((cell.len() as u64).to_be_bytes());
                bytes.extend(cell.as_bytes());
            }
            _ => bytes.extend(column.value(row).unwrap_or(f64::NAN).to_be_bytes()),
        }
    }
}
