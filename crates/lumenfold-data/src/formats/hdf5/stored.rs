//! A file read in pieces.

use std::sync::Arc;

use super::FORMAT;
use super::plan::{Absent, Cell, Fill, Part, Plan, Planned};
use super::store::{Class, Dataset, Disk, Fault, RawRows, Texts};
use crate::DataError;
use crate::axis::{Axis, Gridded};
use crate::budget::Budget;
use crate::formats::npy::{extend, number};
use crate::formats::reader::{OpenFile, Request};
use crate::formats::rows::Rows;
use crate::formats::select_columns;
use crate::table::{ColumnHead, TextColumn, ValueType, Values};

/// Bytes that a cell of text is taken to have when pieces are planned.
const TEXT_BYTES: u64 = 16;

/// A file of which is known what is to be read.
pub(super) struct Hdf5File {
    disk: Arc<Disk>,
    plan: Plan,
    gridded: Option<Arc<Gridded>>,
    path: String,
    memory_limit: u64,
}

impl Hdf5File {
    /// Chooses among the columns of a plan.
    pub(super) fn new(
        disk: Disk,
        mut plan: Plan,
        request: &Request<'_>,
        budget: &mut Budget,
    ) -> Result<Self, DataError> {
        let names: Vec<String> =
            plan.parts.iter().flat_map(|part| part.columns.iter().map(|column| column.name.clone())).collect();
        // Errors are not among the columns that are asked for by name: they come with all of their samples.
        let errors = plan.errors.map_or(0, |at| plan.parts[at].columns.len());
        let chosen = select_columns(&names[..names.len() - errors], request.columns, budget.path())?;
        let (mut first, mut next) = (0, 0);
        let (mut samples, mut complete) = (None, false);
        let signal = plan.samples.as_ref().map_or(0, |(at, _)| *at);
        for (at, part) in plan.parts.iter_mut().enumerate() {
            if Some(at) == plan.errors {
                continue;
            }
            let count = chosen[next..].partition_point(|&column| column < first + part.columns.len());
            let all = count == part.columns.len();
            if plan.samples.as_ref().is_some_and(|(own, _)| *own == at) && all {
                samples = Some(next..next + count);
            }
            complete |= at == signal && all;
            let own = &chosen[next..next + count];
            (first, next) = (first + part.columns.len(), next + count);
            if !all {
                let start = first - part.columns.len();
                part.columns = own.iter().map(|&column| part.columns[column - start].clone()).collect();
            }
        }
        if !complete && let Some(at) = plan.errors.take() {
            plan.parts.remove(at);
        }
        let mut gridded = None;
        if let (Some(range), Some((at, axes))) = (samples, &plan.samples) {
            let mut found = Gridded::new(budget.path(), &plan.parts[*at].name, range, axes.clone())?;
            if let Some(at) = plan.errors {
                found = found.with_errors(next..next + plan.parts[at].columns.len());
            }
            gridded = Some(Arc::new(found));
        }
        plan.parts.retain(|part| !part.columns.is_empty());
        Ok(Self {
            disk: Arc::new(disk),
            plan,
            gridded,
            path: request.path.to_owned(),
            memory_limit: request.memory_limit,
        })
    }
}

impl OpenFile for Hdf5File {
    fn columns(&self) -> Vec<ColumnHead> {
        let head = |column: &Planned| ColumnHead {
            name: column.name.clone(),
            unit: column.unit.clone(),
            value_type: column.cell.value_type(),
        };
        self.plan
            .parts
            .iter()
            .flat_map(|part| {
                part.columns
                    .iter()
                    .map(move |column| ColumnHead { value_type: part.value_type(column), ..head(column) })
            })
            .collect()
    }

    fn rows(&self) -> Option<u64> {
        Some(if self.plan.parts.is_empty() { 0 } else { self.plan.rows })
    }

    fn notes(&self) -> &[String] {
        &self.plan.notes
    }

    fn gridded(&self) -> Option<Arc<Gridded>> {
        self.gridded.clone()
    }

    fn grids(&self) -> &[Axis] {
        &self.plan.grids
    }

    fn stored_rows(&self, piece_bytes: usize) -> Result<Box<dyn Rows>, DataError> {
        let budget = Budget::new(self.path.clone(), self.memory_limit);
        self.disk.refuel();
        let mut readers = Vec::new();
        let mut row = 0_u64;
        // All lines of chunks that are held at a time share the memory.
        let most = self.memory_limit / (self.plan.parts.len() as u64).max(1);
        for part in &self.plan.parts {
            let open = |dataset: &Dataset, path: &str| {
                dataset.rows_of(&self.disk, most).map_err(|fault| fault.into_error(&budget, path))
            };
            let absent = part.absent.as_ref().map(|absent| open(&absent.dataset, &absent.path)).transpose()?;
            readers.push((open(&part.dataset, &part.path)?, absent));
            let text = part.columns.iter().filter(|column| column.cell.value_type() == ValueType::Text).count() as u64;
            row = row.saturating_add(part.dataset.row_bytes()).saturating_add(text * TEXT_BYTES);
        }
        Ok(Box::new(Hdf5Rows {
            disk: Arc::clone(&self.disk),
            parts: self.plan.parts.clone(),
            readers,
            rows: self.rows().unwrap_or(0),
            at: 0,
            step: (piece_bytes as u64 / row.max(1)).max(1),
            texts: Texts::default(),
            path: self.path.clone(),
            memory_limit: self.memory_limit,
        }))
    }
}

impl Part {
    /// Errors from inverse variances, and unpacked values, are floats, whatever they are made of.
    fn value_type(&self, column: &Planned) -> ValueType {
        match column.cell.value_type() {
            ValueType::Integer | ValueType::Boolean if self.inverse => ValueType::Float64,
            ValueType::Integer | ValueType::Float32 if self.packing.is_some() => ValueType::Float64,
            own => own,
        }
    }
}

/// The rows of a file.
struct Hdf5Rows {
    disk: Arc<Disk>,
    parts: Vec<Part>,
    /// For each part its rows, and those of what says which values are missing.
    readers: Vec<(RawRows, Option<RawRows>)>,
    rows: u64,
    at: u64,
    step: u64,
    texts: Texts,
    path: String,
    memory_limit: u64,
}

impl Rows for Hdf5Rows {
    fn next_rows(&mut self) -> Result<Option<Vec<Values>>, DataError> {
        let count = self.step.min(self.rows - self.at);
        if count == 0 {
            return Ok(None);
        }
        let mut budget = Budget::new(self.path.clone(), self.memory_limit);
        self.disk.refuel();
        let mut all = Vec::new();
        for (part, (rows, absent)) in self.parts.iter().zip(&mut self.readers) {
            let failed = |fault: Fault, budget: &Budget| fault.into_error(budget, &part.path);
            // The bytes and the values made of them.
            budget.take_values(
                if part.whole { part.dataset.elements() } else { count.saturating_mul(part.dataset.width()) },
                part.dataset.datatype.size.saturating_mul(2),
            )?;
            let (first, own) = if part.whole { (0, part.dataset.rows()) } else { (self.at, count) };
            let bytes = rows.read(&self.disk, first, own).map_err(|fault| failed(fault, &budget))?;
            let row_bytes = if part.whole { bytes.len() as u64 } else { part.dataset.row_bytes() };
            let flags = match (absent, &part.absent) {
                (Some(rows), Some(absent)) => {
                    let bytes = rows.read(&self.disk, first, own).map_err(|fault| failed(fault, &budget))?;
                    missing(&bytes, absent)
                }
                _ => Vec::new(),
            };
            for column in &part.columns {
                let mut values = column.cell.value_type().empty(count as usize);
                let cells = || {
                    bytes
                        .chunks_exact(row_bytes.max(1) as usize)
                        .map(|row| &row[column.offset as usize..(column.offset + column.size) as usize])
                };
                match (&column.cell, &mut values) {
                    (Cell::Number(field), values) => {
                        let extended = extend(values, &bytes, row_bytes, field, self.at);
                        extended.map_err(|reason| budget.malformed(FORMAT, format!("{}: {reason}", part.path)))?;
                        mark_booleans(values, cells());
                    }
                    (Cell::Text { blanks }, Values::Text(text)) => {
                        cells().for_each(|cell| Texts::fixed(text, cell, *blanks))
                    }
                    (Cell::VariableText, Values::Text(text)) => {
                        for cell in cells() {
                            let taken =
                                self.texts.variable(&self.disk, text, cell).map_err(|fault| failed(fault, &budget))?;
                            budget.take(taken)?;
                        }
                    }
                    _ => {}
                }
                let width = if part.whole { part.dataset.elements() } else { part.dataset.width() } as usize;
                let place = (column.offset / part.dataset.datatype.size.max(1)) as usize;
                let is_flagged = |row: usize| flags.get(row * width + place).copied().unwrap_or(false);
                all.push(finished(values, column, part, is_flagged));
            }
        }
        self.at += count;
        Ok(Some(all))
    }
}

/// Which elements are missing.
fn missing(bytes: &[u8], absent: &Absent) -> Vec<bool> {
    let Class::Number { kind, big_endian } = absent.dataset.datatype.class else { return Vec::new() };
    let size = absent.dataset.datatype.size as usize;
    let is_missing = |cell: &[u8]| {
        let stored = number(kind, cell, big_endian);
        let value = absent.packing.map_or(stored, |packing| packing.unpack(stored));
        // Not a number is no variance either.
        if absent.where_zero { value.is_nan() || value <= 0.0 } else { value != 0.0 }
    };
    bytes.chunks_exact(size).map(is_missing).collect()
}

/// Truth values may be missing: 255 where they are written here.
fn mark_booleans<'a>(values: &mut Values, cells: impl Iterator<Item = &'a [u8]>) {
    if let Values::Boolean(column) = values {
        *column = cells.map(|cell| (cell != [255]).then(|| cell != [0])).collect();
    }
}

/// Values with what is missing marked, unpacked, and errors made of inverse variances.
fn finished(values: Values, column: &Planned, part: &Part, is_flagged: impl Fn(usize) -> bool) -> Values {
    let is_fill = |value: f64| column.fills.iter().any(|fill| matches!(fill, Fill::Float(fill) if *fill == value));
    let unpacked = |value: f64| part.packing.map_or(value, |packing| packing.unpack(value));
    let made = |value: f64| if part.inverse { error_of_inverse(unpacked(value)) } else { unpacked(value) };
    match values {
        Values::Float64(mut values) => {
            for (row, value) in values.iter_mut().enumerate() {
                *value = if is_flagged(row) || is_fill(*value) { f64::NAN } else { made(*value) };
            }
            Values::Float64(values)
        }
        Values::Float32(values) if part.packing.is_some() => {
            let wide = values.iter().map(|value| f64::from(*value)).enumerate();
            let cell =
                |(row, value): (usize, f64)| if is_flagged(row) || is_fill(value) { f64::NAN } else { made(value) };
            Values::Float64(wide.map(cell).collect())
        }
        Values::Float32(mut values) => {
            for (row, value) in values.iter_mut().enumerate() {
                let wide = f64::from(*value);
                *value = if is_flagged(row) || is_fill(wide) { f32::NAN } else { made(wide) as f32 };
            }
            Values::Float32(values)
        }
        Values::Integer(integers) => {
            let is_fill =
                |value: i64| column.fills.iter().any(|fill| matches!(fill, Fill::Integer(fill) if *fill == value));
            let cell = |(row, value): (usize, &i64)| (!is_flagged(row) && !is_fill(*value)).then_some(*value);
            let cells = integers.values.iter().enumerate().map(cell);
            match part.inverse || part.packing.is_some() {
                true => Values::Float64(cells.map(|cell| cell.map_or(f64::NAN, |value| made(value as f64))).collect()),
                false => Values::Integer(cells.collect()),
            }
        }
        Values::Text(text) if !column.fills.is_empty() => {
            let is_fill = |cell: &str| column.fills.iter().any(|fill| matches!(fill, Fill::Text(fill) if fill == cell));
            let mut marked = TextColumn::new();
            for cell in text.iter() {
                if is_fill(cell) { marked.push_missing() } else { marked.push(cell) }
            }
            Values::Text(marked)
        }
        others => others,
    }
}

/// The standard error that an inverse variance stands for.
fn error_of_inverse(inverse: f64) -> f64 {
    if inverse > 0.0 { 1.0 / inverse.sqrt() } else { f64::NAN }
}
