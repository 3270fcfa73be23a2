//! VOTable: tables of the virtual observatory, as XML.
//!
//! After the IVOA recommendation "VOTable Format Definition", version 1.4. The data may be elements (`TABLEDATA`) or a stream in
//! base64 (`BINARY`, `BINARY2`) within the file.
//!
//! | field | becomes |
//! |---|---|
//! | `unsignedByte short int long` | integers; missing where the cell is empty, flagged, `-`, or the null value of the field |
//! | `float double` | 32-bit and 64-bit floats |
//! | `boolean bit` | truth values |
//! | `char unicodeChar` of any length | text; an empty cell is empty text |
//! | a fixed number of any of the others | as many columns: `NAME1`, `NAME2`, … |
//!
//! Complex numbers, lists of texts and arrays of variable length are left out, which [`Table::notes`](crate::Table::notes)
//! says, or refused if asked for by name. Of several tables the first with rows is read; `FILE:2` or `FILE:NAME` is another.
//!
//! Data elsewhere (`href`) and embedded FITS are refused: no other file is opened, and nothing is fetched. Of entities only those
//! that XML defines itself are known; a document type is not looked at. The file is read whole, within the memory limit.
//!
//! Tables are written as `TABLEDATA`, numbers with the fewest digits that give them back. Axes and errors of samples are
//! columns like any other there, and missing text becomes empty text.

mod binary;
mod cells;
mod field;
mod outline;
mod rows;
mod write;

pub(crate) use write::{VoTableEncoder, check};

use field::Field;
use outline::{Content, Outline, outlines};

use super::reader::{OpenFile, Reader, Request, Whole};
use super::spectra::text_of;
use super::{Format, select_columns};
use crate::budget::Budget;
use crate::input::SharedFile;
use crate::suggest::excerpt;
use crate::table::{Column, Values};
use crate::{DataError, Table};

/// The name of the format in errors.
const FORMAT: &str = "VOTable";

/// Reads VOTables.
pub(crate) struct VoTableReader;

impl Reader for VoTableReader {
    fn format(&self) -> Format {
        Format::VoTable
    }

    fn recognises(&self, start: &[u8]) -> bool {
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        // The element may have a prefix: `<vot:VOTABLE`.
        let text = String::from_utf8_lossy(start);
        let element = |(at, _): (usize, &str)| {
            let before = text[..at].trim_end_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == ':');
            before.ends_with('<')
        };
        text.starts_with('<') && text.match_indices("VOTABLE").any(element)
    }

    fn open(&self, file: SharedFile, length: u64, request: &Request<'_>) -> Result<Box<dyn OpenFile>, DataError> {
        Ok(Box::new(Whole::new(read(&file, length, request)?)))
    }
}

fn read(file: &SharedFile, length: u64, request: &Request<'_>) -> Result<Table, DataError> {
    let mut budget = request.budget();
    let text = text_of(file, length, &mut budget)?;
    let outlines = outlines(&text).map_err(|reason| budget.malformed(FORMAT, reason))?;
    let outline = chosen(&outlines, request, &budget)?;
    let mut notes = Vec::new();
    let others = outlines.iter().filter(|other| other.has_rows()).count();
    if request.member.is_none() && others > 1 {
        notes.push(format!(
            "{}: the first of {others} tables is read; name another as FILE:NAME or FILE:2",
            request.path
        ));
    }
    let plan = Plan::of(outline, request, &mut notes)?;
    let (values, path) = (plan.read(&text, outline, &mut budget)?, request.path);
    let mut columns = Vec::with_capacity(plan.selected.len());
    for ((name, unit), values) in plan.selected.iter().map(|&at| &plan.names[at]).zip(values) {
        columns.push(Column { name: name.clone(), unit: unit.clone(), values });
    }
    Ok(Table::new(path, columns)?.with_notes(notes))
}

/// The table that is asked for.
fn chosen<'o, 'a>(
    outlines: &'o [Outline<'a>],
    request: &Request<'_>,
    budget: &Budget,
) -> Result<&'o Outline<'a>, DataError> {
    let Some(member) = request.member else {
        let first = outlines.iter().find(|outline| outline.has_rows()).or_else(|| outlines.first());
        return first.ok_or_else(|| budget.unusable("is XML, but holds no table of a VOTable"));
    };
    let named = outlines.iter().find(|outline| [&outline.name, &outline.id].contains(&&Some(member.to_owned())));
    let counted = || member.parse::<usize>().ok().and_then(|number| outlines.get(number.checked_sub(1)?));
    named.or_else(counted).ok_or_else(|| {
        budget.unusable(format!(
            "has no table \"{}\"; it has {}, named or counted from 1",
            excerpt(member),
            outlines.len()
        ))
    })
}

/// Which columns are read, and where in the fields they are.
struct Plan {
    /// Names and units of all columns that can be read.
    names: Vec<(String, Option<String>)>,
    /// The columns that are asked for.
    selected: Vec<usize>,
    /// Of each field, which columns it becomes, if it can be read.
    of_field: Vec<Option<std::ops::Range<usize>>>,
}

impl Plan {
    fn of(outline: &Outline<'_>, request: &Request<'_>, notes: &mut Vec<String>) -> Result<Self, DataError> {
        let path = request.path.to_owned();
        let (mut names, mut of_field): (Vec<(String, Option<String>)>, Vec<_>) = (Vec::new(), Vec::new());
        let mut taken = std::collections::HashSet::new();
        for field in &outline.fields {
            match field.columns() {
                Ok(count) => {
                    let start = names.len();
                    request.budget().check_columns(start.saturating_add(count) as u64)?;
                    let of = |name: &str| match field.is_array() {
                        true => (1..=count).map(|number| format!("{name}{number}")).collect(),
                        false => vec![name.to_owned()],
                    };
                    // Names need not be different, as identifiers are.
                    let candidates = [Some(field.name.clone()), field.id.clone()].into_iter().flatten();
                    let numbered = (2..).map(|number: u32| format!("{}_{number}", field.name));
                    let free = |names: &Vec<String>| names.iter().all(|name| !taken.contains(name));
                    let own = candidates.chain(numbered).map(|name| of(&name)).find(free).unwrap_or_default();
                    taken.extend(own.iter().cloned());
                    names.extend(own.into_iter().map(|name| (name, field.unit.clone())));
                    of_field.push(Some(start..names.len()));
                }
                Err(reason) => {
                    if request.columns.is_some_and(|columns| columns.contains(&field.name)) {
                        return Err(DataError::UnreadableColumn { path, name: field.name.clone(), reason });
                    }
                    notes.push(format!("{path}: column {} is left out: {reason}", excerpt(&field.name)));
                    of_field.push(None);
                }
            }
        }
        let plain: Vec<String> = names.iter().map(|(name, _)| name.clone()).collect();
        let selected = select_columns(&plain, request.columns, &path)?;
        Ok(Self { names, selected, of_field })
    }

    /// The values of the columns that are asked for.
    fn read(&self, text: &str, outline: &Outline<'_>, budget: &mut Budget) -> Result<Vec<Values>, DataError> {
        // Of each column that can be read, where it goes.
        let mut targets: Vec<Option<usize>> = vec![None; self.names.len()];
        for (place, &column) in self.selected.iter().enumerate() {
            targets[column] = Some(place);
        }
        let mut values: Vec<Values> = Vec::with_capacity(self.selected.len());
        for (field, range) in outline.fields.iter().zip(&self.of_field) {
            let own = range.clone().into_iter().flatten().filter(|&column| targets[column].is_some());
            values.extend(own.map(|_| field.value_type().empty(0)));
        }
        let sinks: Vec<Sink<'_>> = outline
            .fields
            .iter()
            .zip(&self.of_field)
            .map(|(field, range)| Sink { field, columns: range.clone().map(|range| &targets[range]) })
            .collect();
        let read = match &outline.content {
            Content::None => Ok(()),
            Content::Rows { start, .. } => rows::read(&text[*start..], &sinks, &mut values, budget)?,
            Content::Binary { range, flags } => {
                binary::read(&text[range.clone()], *flags, &sinks, &mut values, budget)?
            }
            Content::Refused(reason) => return Err(budget.unusable(reason.clone())),
        };
        read.map_err(|reason| budget.malformed(FORMAT, reason)).map(|()| values)
    }
}

/// A field, and where its values go.
struct Sink<'a> {
    field: &'a Field,
    /// Of each of its columns, the place among those that are asked for; none if the field cannot be read.
    columns: Option<&'a [Option<usize>]>,
}
