//! Which columns a schema has, and which of them are read.

use std::sync::Arc;

use arrow_schema::{Field, Schema};

use super::convert::Conversion;
use super::{AXES, ERRORS, ERRORS_OF, FORMAT, UNIT};
use crate::DataError;
use crate::axis::{Axis, Gridded, MOST_VALUES};
use crate::formats::reader::{Request, error_of};
use crate::formats::select_columns;
use crate::suggest::excerpt;
use crate::table::ColumnHead;

/// A column: where its values are in a batch.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) head: ColumnHead,
    /// Its field in the schema.
    pub(super) field: usize,
    /// Numbers of a list for each row, 1 for a plain column, and which of them it is; whether it is of a list at all.
    pub(super) width: usize,
    pub(super) offset: usize,
    pub(super) of_list: bool,
}

/// What is read.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) leaves: Vec<Leaf>,
    pub(super) gridded: Option<Arc<Gridded>>,
    pub(super) notes: Vec<String>,
}

impl Plan {
    /// The columns that are asked for.
    pub(super) fn of(schema: &Schema, request: &Request<'_>) -> Result<Self, DataError> {
        let (path, mut notes) = (request.path, Vec::new());
        let fields = fields(schema, request, &mut notes)?;
        let mut readable = Vec::new();
        for (index, field, conversion) in fields {
            let is_error = field.metadata().get(ERRORS_OF).is_some();
            readable.push((index, field, conversion, is_error));
        }
        // Errors are columns of their own only where they are asked for.
        match request.member {
            Some(ERRORS) => readable.retain(|(_, _, _, is_error)| *is_error),
            Some(other) => {
                let reason = format!("an Arrow file has no part \"{}\"; only {ERRORS} can be named", excerpt(other));
                return Err(DataError::Unusable { path: path.to_owned(), reason });
            }
            None => readable.retain(|(_, _, _, is_error)| !is_error || request.errors),
        }
        if readable.is_empty() {
            let reason = match request.member {
                Some(_) => "holds no standard errors".to_owned(),
                None => format!("has no columns of numbers or text ({})", excerpt(&notes.join("; "))),
            };
            return Err(DataError::Unusable { path: path.to_owned(), reason });
        }
        // Errors come behind all others.
        readable.sort_by_key(|(_, _, _, is_error)| *is_error);
        let width: usize = readable.iter().map(|(_, _, conversion, _)| conversion.columns()).sum();
        if width > MOST_VALUES {
            let reason = format!("has {width} columns; at most {MOST_VALUES} are read");
            return Err(DataError::Malformed { path: path.to_owned(), format: FORMAT, reason });
        }
        request.budget().check_columns(width as u64)?;
        let is_member = request.member.is_some();
        let names_of = |(_, field, conversion, is_error): &(usize, &Field, Conversion, bool)| -> Vec<String> {
            let list = field.metadata().get(ERRORS_OF).filter(|_| *is_error).map_or(field.name(), |of| of);
            let name = |name: String| if *is_error && !is_member { error_of(&name) } else { name };
            match conversion.width {
                Some(width) => (1..=width).map(|number| name(format!("{list}{number}"))).collect(),
                None => vec![field.name().clone()],
            }
        };
        let mut leaves = Vec::new();
        let mut samples: Vec<(std::ops::Range<usize>, &Field)> = Vec::new();
        let mut errors = None;
        for column in &readable {
            let (index, field, conversion, is_error) = column;
            let start = leaves.len();
            let unit = field.metadata().get(UNIT).cloned().or(conversion.unit.map(str::to_owned));
            for (offset, name) in names_of(column).into_iter().enumerate() {
                let head = ColumnHead { name, unit: unit.clone(), value_type: conversion.value_type };
                let (width, of_list) = (conversion.columns(), conversion.width.is_some());
                leaves.push(Leaf { head, field: *index, width, offset, of_list });
            }
            match (conversion.width, *is_error && !is_member) {
                (Some(_), true) => errors = Some(start..leaves.len()),
                (Some(_), false) => samples.push((start..leaves.len(), field)),
                (None, _) => {}
            }
        }
        let names: Vec<String> = leaves.iter().map(|leaf| leaf.head.name.clone()).collect();
        let selected = select_columns(&names, request.columns, path)?;
        let gridded = gridded(path, &samples, errors, &selected, &mut notes)?;
        let leaves = selected.iter().filter_map(|&at| leaves.get(at).cloned()).collect();
        Ok(Self { leaves, gridded: gridded.map(Arc::new), notes })
    }
}

/// The columns that can be read, and notes on the others.
fn fields<'s>(
    schema: &'s Schema,
    request: &Request<'_>,
    notes: &mut Vec<String>,
) -> Result<Vec<(usize, &'s Field, Conversion)>, DataError> {
    let mut readable = Vec::new();
    for (index, field) in schema.fields().iter().enumerate() {
        match Conversion::of(field) {
            Ok(conversion) => readable.push((index, field.as_ref(), conversion)),
            Err(reason) => {
                let (path, name) = (request.path.to_owned(), field.name().clone());
                if request.columns.is_some_and(|columns| columns.contains(&name)) {
                    return Err(DataError::UnreadableColumn { path, name, reason });
                }
                notes.push(format!("{path}: column {} is left out: {reason}", excerpt(&name)));
            }
        }
    }
    Ok(readable)
}

/// The samples: the list that has axes, or else the only one.
fn gridded(
    path: &str,
    samples: &[(std::ops::Range<usize>, &Field)],
    errors: Option<std::ops::Range<usize>>,
    selected: &[usize],
    notes: &mut Vec<String>,
) -> Result<Option<Gridded>, DataError> {
    let with_axes = samples.iter().find(|(_, field)| field.metadata().get(AXES).is_some());
    let only = if let [only] = samples { Some(only) } else { None };
    let Some((range, field)) = with_axes.or(only) else { return Ok(None) };
    // Where the columns are among those that are selected, if all of them are.
    let place = |range: &std::ops::Range<usize>| {
        let start = selected.partition_point(|column| *column < range.start);
        let end = selected.partition_point(|column| *column < range.end);
        (end - start == range.len()).then_some(start..end)
    };
    let Some(own) = place(range) else { return Ok(None) };
    let axes = field.metadata().get(AXES).map(|text| serde_json::from_str::<Vec<Axis>>(text));
    let gridded = match axes {
        Some(Ok(axes)) => Gridded::new(path, field.name(), own.clone(), axes).map_err(|error| error.to_string()),
        Some(Err(error)) => Err(error.to_string()),
        None => Gridded::new(path, field.name(), own.clone(), Vec::new()).map_err(|error| error.to_string()),
    };
    let gridded = match gridded {
        Ok(gridded) => gridded,
        Err(reason) => {
            notes.push(format!("{path}: the axes of {} are not taken: {}", excerpt(field.name()), excerpt(&reason)));
            Gridded::new(path, field.name(), own, Vec::new())?
        }
    };
    let errors = errors.filter(|errors| errors.len() == range.len()).and_then(|errors| place(&errors));
    Ok(Some(match errors {
        Some(errors) => gridded.with_errors(errors),
        None => gridded,
    }))
}
