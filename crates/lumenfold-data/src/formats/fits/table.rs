//! Tables opened: which of their fields become columns, and which of these are samples with axes.
//!
//! A field of several elements becomes as many columns, `NAME1`, `NAME2`, …. A field of two or more dimensions
//! (`TDIM`) holds samples with axes, of which the bins are counted. A unit `AXES` behind the table holds the grids of the
//! samples, one column for each axis in one row, as the program writes them.

use std::sync::Arc;

use super::FORMAT;
use super::decode::Place;
use super::element::{Element, Stored};
use super::field::{Field, Form, left_out};
use super::heap::{self, Heap};
use super::records::{Origin, Output, Records};
use super::selection::{Offer, numbered};
use super::unit::{Kind, Unit};
use crate::DataError;
use crate::axis::{Axis, MOST_VALUES};
use crate::budget::Budget;
use crate::formats::reader::{Request, error_of};
use crate::input::SharedFile;
use crate::suggest::excerpt;
use crate::table::Values;

/// The name of the unit of grids.
pub(super) const AXES: &str = "AXES";
/// What a field of the standard errors of samples is called.
pub(super) const ERRORS: [&str; 5] = ["errors", "error", "err", "sigma", "uncertainty"];

/// A field as columns.
struct Columns {
    name: String,
    shape: Vec<usize>,
    outputs: Vec<Output>,
}

/// Whether a unit is a table of which some column is read as a number.
pub(super) fn has_numbers(unit: &Unit, budget: &Budget) -> Result<bool, DataError> {
    let is_number = |field: &Field| match &field.form {
        Form::Array { element, .. } => element.value_type().numeric(),
        Form::Variable { .. } => true,
        Form::LeftOut(_) => false,
    };
    Ok(fields(unit, budget)?.iter().any(is_number))
}

/// The fields of a table of either kind.
pub(super) fn fields(unit: &Unit, budget: &Budget) -> Result<Vec<Field>, DataError> {
    if unit.shape.len() != 2 || unit.element(budget)? != 1 {
        let reason = format!("the table in HDU {} is not made of rows of bytes: its header is wrong", unit.number);
        return Err(budget.malformed(FORMAT, reason));
    }
    match unit.kind {
        Kind::Letters => Field::of_letters(unit, budget),
        _ => Field::of_bytes(unit, budget),
    }
}

/// Opens a table, or the array of one of its columns alone.
pub(super) fn open(
    file: &SharedFile,
    unit: &Unit,
    units: &[Unit],
    column: Option<&str>,
    request: &Request<'_>,
) -> Result<Records, DataError> {
    let budget = request.budget();
    let mut notes = Vec::new();
    let mut all = columns(file, unit, request, &mut notes)?;
    let grids = grids(file, unit, units, request)?;
    let sizes: Vec<usize> = grids.iter().map(Axis::size).collect();
    let is_data = |columns: &&Columns| {
        let numeric = columns.outputs.iter().all(|output| output.element.value_type().numeric());
        numeric && if grids.is_empty() { columns.shape.len() > 1 } else { columns.shape == sizes }
    };
    let data = all.iter().filter(is_data).map(|columns| (columns.name.clone(), columns.shape.clone())).next();
    let mut offer = Offer::default();
    let mut errors = Vec::new();
    if let Some((name, shape)) = &data {
        offer.axes = if grids.is_empty() { counted(shape) } else { grids.clone() };
        offer.array.clone_from(name);
        let is_error = |columns: &Columns| {
            columns.name != *name
                && columns.shape == *shape
                && ERRORS.contains(&columns.name.to_ascii_lowercase().as_str())
        };
        if let Some(found) = all.iter().find(|columns| is_error(columns)) {
            errors = found.outputs.clone();
        }
        if column.is_none() && request.columns.is_none() {
            all.retain(|columns| {
                let stays = columns.name == *name || columns.shape.is_empty();
                if !stays {
                    let (path, other) = (request.path, excerpt(&columns.name));
                    notes.push(format!(
                        "{path}: column {other} has axes of its own and is left out; FILE:{other} names it"
                    ));
                }
                stays
            });
        }
    }
    if let Some(column) = column {
        all.retain(|columns| columns.name.eq_ignore_ascii_case(column));
        errors.clear();
        offer.axes = match all.first() {
            Some(columns) if data.as_ref().is_some_and(|(_, shape)| *shape == columns.shape) => offer.axes,
            Some(columns) if columns.shape.len() > 1 => counted(&columns.shape),
            _ => Vec::new(),
        };
        offer.array = all.first().map(|columns| columns.name.clone()).unwrap_or_default();
    }
    let mut outputs: Vec<Output> = Vec::new();
    for columns in all {
        if columns.name == offer.array && !offer.axes.is_empty() {
            offer.samples = outputs.len()..outputs.len() + columns.outputs.len();
        }
        outputs.extend(columns.outputs);
    }
    offer.names = outputs.iter().map(|output| output.name.clone()).collect();
    offer.has_errors = errors.len() == offer.samples.len() && !errors.is_empty();
    let selection = offer.select(request)?;
    let mut chosen: Vec<Output> = selection.columns.iter().map(|&at| outputs[at].clone()).collect();
    if selection.errors {
        let named = |(error, name): (Output, &String)| Output { name: error_of(name), ..error };
        chosen.extend(errors.into_iter().zip(&offer.names[offer.samples.clone()]).map(named));
    }
    let (rows, record_bytes) = (unit.shape[1], unit.shape[0]);
    if chosen.is_empty() {
        return Err(budget.unusable(format!("the table in HDU {} has no columns that can be read", unit.number)));
    }
    Ok(Records {
        file: file.at(0),
        path: request.path.to_owned(),
        memory_limit: request.memory_limit,
        data: unit.data,
        // Rows without bytes are none.
        rows: if record_bytes == 0 { 0 } else { rows },
        record_bytes,
        outputs: Arc::new(chosen),
        gridded: selection.gridded.map(Arc::new),
        grids,
        notes,
    })
}

/// Axes of which nothing is known but their sizes.
pub(super) fn counted(shape: &[usize]) -> Vec<Axis> {
    shape.iter().enumerate().map(|(at, &size)| Axis::counted(at + 1, size)).collect()
}

/// The fields that can be read.
fn columns(
    file: &SharedFile,
    unit: &Unit,
    request: &Request<'_>,
    notes: &mut Vec<String>,
) -> Result<Vec<Columns>, DataError> {
    let budget = request.budget();
    let mut all: Vec<Columns> = Vec::new();
    // Fields without rows may be of any width.
    let mut count = 0_u64;
    for field in fields(unit, &budget)? {
        if let Form::Array { shape, .. } = &field.form {
            count = count.saturating_add(shape.iter().product::<usize>() as u64);
            budget.check_columns(count)?;
        }
        let is_wanted = request.columns.is_some_and(|columns| columns.contains(&field.name));
        let reason = match &field.form {
            Form::Array { element, shape } => {
                all.push(expanded(&field, element, shape, Origin::Record));
                continue;
            }
            Form::Variable { element, wide } => match arrays(file, unit, &field, element, *wide, &budget)? {
                Some(heap) => {
                    let shape = [heap.bytes / element.size().max(1)];
                    all.push(expanded(&field, element, &shape, Origin::Heap(heap)));
                    continue;
                }
                None => "the lengths of its arrays differ",
            },
            Form::LeftOut(reason) => reason,
        };
        if is_wanted {
            let (path, name, reason) = (request.path.to_owned(), field.name, reason.to_owned());
            return Err(DataError::UnreadableColumn { path, name, reason });
        }
        notes.push(left_out(request.path, &field.name, reason));
    }
    Ok(all)
}

/// The columns of an array.
fn expanded(field: &Field, element: &Element, shape: &[usize], origin: Origin) -> Columns {
    let count: usize = shape.iter().product();
    let start = if origin == Origin::Record { field.offset } else { 0 };
    let place = |at: usize| match element.stored {
        Stored::Bit => Place { offset: start + at / 8, bit: (at % 8) as u8 },
        _ => Place { offset: start + at * element.size(), bit: 0 },
    };
    let names = numbered(&field.name, count, shape.is_empty());
    let output = |(at, name): (usize, String)| Output {
        name,
        unit: field.unit.clone(),
        element: element.clone(),
        origin,
        place: place(at),
    };
    Columns {
        name: field.name.clone(),
        shape: shape.to_vec(),
        outputs: names.into_iter().enumerate().map(output).collect(),
    }
}

/// The arrays of a column of descriptors, if they have one length.
fn arrays(
    file: &SharedFile,
    unit: &Unit,
    field: &Field,
    element: &Element,
    wide: bool,
    budget: &Budget,
) -> Result<Option<Heap>, DataError> {
    let (bytes, count) = (unit.shape[0], unit.shape[1]);
    // The unit lies within the file, so that its size can be counted.
    let table = bytes * count;
    let gap = unit.header.size_or("THEAP", table, budget)?;
    let Some(heap) = unit.length.checked_sub(gap).filter(|_| gap >= table) else {
        return Err(unit.header.lacks("THEAP", budget));
    };
    let rows = heap::Rows { data: unit.data, count, bytes, heap };
    let size = element.size() as u64;
    let survey = heap::survey(file, rows, field.offset, wide, size, budget)?;
    let length = survey.length.filter(|length| (1..=MOST_VALUES as u64).contains(length));
    Ok(length.map(|length| Heap {
        start: unit.data + gap,
        descriptor: field.offset,
        wide,
        bytes: (length * size) as usize,
    }))
}

/// The grids that a unit behind a table holds for its samples.
fn grids(file: &SharedFile, unit: &Unit, units: &[Unit], request: &Request<'_>) -> Result<Vec<Axis>, DataError> {
    let budget = request.budget();
    let Some(behind) = units.get(unit.number + 1).filter(|behind| is_axes(behind)) else { return Ok(Vec::new()) };
    let request = Request { columns: None, member: None, errors: false, ..*request };
    let mut axes = Vec::new();
    for columns in columns(file, behind, &request, &mut Vec::new())? {
        let unit = columns.outputs.first().and_then(|output| output.unit.clone());
        let records = Records {
            file: file.at(0),
            path: request.path.to_owned(),
            memory_limit: request.memory_limit,
            data: behind.data,
            rows: 1,
            record_bytes: behind.shape[0],
            outputs: Arc::new(columns.outputs),
            gridded: None,
            grids: Vec::new(),
            notes: Vec::new(),
        };
        let numbers =
            |values: Values| if let Values::Float64(values) = values { values.first().copied() } else { None };
        let grid = records.read(0, 1, &mut request.budget())?.into_iter().filter_map(numbers).collect();
        let axis = Axis::new(columns.name, unit, grid);
        axes.push(axis.map_err(|error| budget.malformed(FORMAT, format!("its {AXES} are no grids: {error}")))?);
    }
    Ok(axes)
}

/// Whether a unit holds the grids of the table before it.
pub(super) fn is_axes(unit: &Unit) -> bool {
    unit.kind == Kind::Table && unit.name == AXES && unit.shape.get(1) == Some(&1)
}
