//! What is read: datasets, the columns that they become, and what these are for each other.

use std::sync::Arc;

use super::Content;
use super::describe::Described;
use super::numbers::unit;
use super::packing::Packing;
use super::store::{Class, Dataset, Datatype};
use crate::DataError;
use crate::axis::{Axis, MOST_AXES, MOST_VALUES, values};
use crate::budget::Budget;
use crate::formats::npy::{Element, Field};
use crate::formats::reader::{Request, error_of};
use crate::suggest::excerpt;
use crate::table::ValueType;

/// Attributes that tell which value stands for a missing one.
const FILL_VALUE: [&str; 2] = ["_FillValue", "missing_value"];
/// Most values of each of them that are looked at.
const MOST_FILLS: usize = 16;
/// An attribute with the name of a column that no dataset can have.
pub(super) const COLUMN_NAME: &str = "column_name";

/// What is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) rows: u64,
    pub(super) parts: Vec<Part>,
    /// The part that holds samples with axes.
    pub(super) samples: Option<(usize, Vec<Axis>)>,
    /// The part that holds their standard errors.
    pub(super) errors: Option<usize>,
    pub(super) grids: Vec<Axis>,
    pub(super) notes: Vec<String>,
}

/// A dataset and its columns.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) dataset: Dataset,
    /// Whether all of it is one row.
    pub(super) whole: bool,
    pub(super) columns: Vec<Planned>,
    pub(super) absent: Option<Absent>,
    /// Whether its values are 1/σ² of what is wanted.
    pub(super) inverse: bool,
    /// How its values are unpacked.
    pub(super) packing: Option<Packing>,
}

/// Which values are missing.
#[derive(Clone, Debug)]
pub(super) struct Absent {
    pub(super) path: String,
    pub(super) dataset: Dataset,
    /// Where this is zero, rather than where it is not.
    pub(super) where_zero: bool,
    pub(super) packing: Option<Packing>,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) name: String,
    pub(super) unit: Option<String>,
    /// From the start of a row, in bytes.
    pub(super) offset: u64,
    pub(super) size: u64,
    pub(super) cell: Cell,
    /// What stands for a missing value, as it is stored.
    pub(super) fills: Arc<[Fill]>,
}

/// What a cell is.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Number(Field),
    Text { blanks: bool },
    VariableText,
}

/// A value that stands for a missing one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fill {
    Integer(i64),
    Float(f64),
    Text(String),
}

impl Cell {
    pub(super) fn value_type(&self) -> ValueType {
        match self {
            Self::Number(field) => field.element.value_type(),
            Self::Text { .. } | Self::VariableText => ValueType::Text,
        }
    }
}

impl Part {
    /// The columns of a dataset; the error says in words why it has none.
    pub(super) fn new(path: &str, dataset: &Dataset, whole: bool) -> Result<Self, String> {
        let packing = Packing::of(dataset)?;
        let attributes = &dataset.attributes;
        let name = path.rsplit('/').next().unwrap_or_default();
        let name = attributes.text(COLUMN_NAME).unwrap_or(name).to_owned();
        let width = if whole { dataset.elements() } else { dataset.width() };
        let mut columns = Vec::new();
        let mut base = Columns { unit: unit(dataset), dataset, columns: &mut columns };
        match &dataset.datatype.class {
            Class::Record(members) if width == 1 => {
                for (member, offset, datatype) in members {
                    // What cannot be read is left out, unless it is all.
                    let _ = base.push(member, *offset, datatype, 1);
                }
            }
            Class::Record(_) => return Err("it holds an array of records".to_owned()),
            _ => base.push(&name, 0, &dataset.datatype, width)?,
        }
        if columns.is_empty() {
            return Err("it holds nothing that a column takes".to_owned());
        }
        let (path, dataset) = (path.to_owned(), dataset.clone());
        Ok(Self { path, name, dataset, whole, columns, absent: None, inverse: false, packing })
    }

    pub(super) fn rows(&self) -> u64 {
        if self.whole { 1 } else { self.dataset.rows() }
    }
}

/// Columns of a dataset being listed.
struct Columns<'a> {
    unit: Option<String>,
    dataset: &'a Dataset,
    columns: &'a mut Vec<Planned>,
}

impl Columns<'_> {
    /// Adds `count` elements of a type, the first at `offset`.
    fn push(&mut self, name: &str, offset: u64, datatype: &Datatype, count: u64) -> Result<(), String> {
        let size = datatype.size;
        // Those of all members of a record together.
        let all = count.saturating_add(self.columns.len() as u64);
        if all > MOST_VALUES as u64 {
            return Err(format!("it has {all} values in a row; at most {MOST_VALUES} are read"));
        }
        let cell = match &datatype.class {
            Class::Number { kind, big_endian } => {
                let element = Element { kind: *kind, size, big_endian: *big_endian };
                Cell::Number(Field { name: String::new(), offset: 0, element })
            }
            Class::Text { blanks } => Cell::Text { blanks: *blanks },
            Class::VariableText => Cell::VariableText,
            Class::Array(element, copies) => {
                let count = count.checked_mul(*copies).filter(|_| element.size.checked_mul(*copies) == Some(size));
                return match (&element.class, count) {
                    (Class::Array(..) | Class::Record(_), _) | (_, None) => Err("it holds arrays of arrays".to_owned()),
                    (_, Some(count)) => self.push(name, offset, element, count),
                };
            }
            Class::Record(_) => return Err("it holds records within records".to_owned()),
            Class::Reference | Class::References => return Err("it holds references".to_owned()),
            Class::Other(what) => return Err(format!("it holds {what}")),
        };
        let fills = fills(self.dataset, cell.value_type());
        for at in 0..count {
            let offset = offset + at * size;
            let name = if count == 1 { name.to_owned() } else { format!("{name}{}", at + 1) };
            let cell = match &cell {
                Cell::Number(field) => Cell::Number(Field { offset, ..field.clone() }),
                cell => cell.clone(),
            };
            self.columns.push(Planned { name, unit: self.unit.clone(), offset, size, cell, fills: Arc::clone(&fills) });
        }
        Ok(())
    }
}

/// The values that stand for a missing one.
fn fills(dataset: &Dataset, value_type: ValueType) -> Arc<[Fill]> {
    let attributes = &dataset.attributes;
    let of = |name: &&str| -> Vec<Fill> {
        match value_type {
            ValueType::Integer => attributes.integers(name).into_iter().map(Fill::Integer).take(MOST_FILLS).collect(),
            ValueType::Float64 | ValueType::Float32 => {
                attributes.numbers(name).into_iter().map(Fill::Float).take(MOST_FILLS).collect()
            }
            ValueType::Text => {
                let texts = attributes.texts(name).unwrap_or_default();
                texts.iter().take(MOST_FILLS).cloned().map(Fill::Text).collect()
            }
            ValueType::Boolean => Vec::new(),
        }
    };
    FILL_VALUE.iter().flat_map(of).collect()
}

impl Content {
    /// What is absent by a mask, or by inverse variances: values without weight.
    pub(super) fn absent(&self, path: &str, where_zero: bool, budget: &Budget) -> Result<Option<Absent>, DataError> {
        let Some(dataset) = self.tree.datasets.get(path) else { return Ok(None) };
        let refused = |reason| budget.unusable(format!("{} cannot be read: {reason}", excerpt(path)));
        let packing = Packing::of(dataset).map_err(refused)?;
        Ok(Some(Absent { path: path.to_owned(), dataset: dataset.clone(), where_zero, packing }))
    }
}

impl Plan {
    /// Reads samples with what belongs to them.
    pub(super) fn of_samples(
        content: &Content,
        described: &Described,
        request: &Request<'_>,
        budget: &Budget,
    ) -> Result<Self, DataError> {
        let tree = &content.tree;
        let Some(dataset) = tree.datasets.get(&described.signal) else {
            return Err(budget.unusable(format!("has no dataset {}", excerpt(&described.signal))));
        };
        let whole = !described.rows;
        let width = if whole { dataset.elements() } else { dataset.width() };
        budget.check_columns(width.min(MOST_VALUES as u64))?;
        let mut signal = Part::new(&described.signal, dataset, whole)
            .map_err(|reason| budget.unusable(format!("{} cannot be read: {reason}", excerpt(&described.signal))))?;
        let mut plan = Self { rows: signal.rows(), notes: described.notes.clone(), ..Self::default() };
        let inverse = described.errors.as_ref().filter(|errors| errors.inverse).map(|errors| &errors.path);
        let absent = described.mask.as_ref().map(|path| (path, false)).or(inverse.map(|path| (path, true)));
        if let Some((path, where_zero)) = absent {
            signal.absent = content.absent(path, where_zero, budget)?;
        }
        signal.inverse = inverse == Some(&described.signal);

        let own: &[Option<Axis>] = if whole { &described.axes } else { described.axes.get(1..).unwrap_or_default() };
        let axes = axes_of(own, if whole { &dataset.shape } else { dataset.shape.get(1..).unwrap_or_default() });
        plan.grids = described.axes.iter().flatten().filter(|axis| !axis.is_counted()).cloned().collect();
        let errors = described.errors.as_ref().filter(|errors| request.errors && errors.path != described.signal);
        let errors = errors.and_then(|errors| Some((errors, tree.datasets.get(&errors.path)?)));
        if let Some((errors, dataset)) = errors {
            let mut part = Part::new(&errors.path, dataset, whole).map_err(|reason| budget.unusable(reason))?;
            for (error, value) in part.columns.iter_mut().zip(&signal.columns) {
                error.name = error_of(&value.name);
            }
            part.inverse = errors.inverse;
            part.absent.clone_from(&signal.absent);
            plan.errors = Some(1);
            plan.parts.push(part);
        }
        if whole && dataset.shape.len() > 1 {
            let sizes: Vec<String> = dataset.shape.iter().map(u64::to_string).collect();
            plan.notes.push(format!(
                "{signal} is one sample of {}; FILE:{signal} reads its {} rows as samples",
                sizes.join(" × "),
                dataset.rows(),
                signal = described.signal
            ));
        }
        let is_numeric = signal.columns.first().is_some_and(|column| column.cell.value_type().numeric());
        if values(&axes) == Some(signal.columns.len()) && is_numeric {
            plan.samples = Some((0, axes));
        }
        plan.parts.insert(0, signal);
        plan.columns_beside(content, described);
        plan.notes.extend(tree.notes(&described.group));
        Ok(plan)
    }

    /// Adds the columns that stand beside samples: lists of as many rows, or single values beside a single sample. Errors stay
    /// behind all of them.
    fn columns_beside(&mut self, content: &Content, described: &Described) {
        let errors = self.errors.and_then(|at| (at < self.parts.len()).then(|| self.parts.remove(at)));
        let taken: std::collections::HashSet<String> =
            self.parts.iter().flat_map(|part| part.columns.iter().map(|column| column.name.clone())).collect();
        for (name, dataset) in content.tree.datasets_of(&described.group) {
            let path = format!("{}/{name}", described.group);
            if described.used.contains(&path)
                || dataset.width() != 1
                || matches!(dataset.datatype.class, Class::Record(_))
            {
                continue;
            }
            let fits = if described.rows {
                !dataset.shape.is_empty() && dataset.rows() == self.rows
            } else {
                dataset.elements() == 1
            };
            if !fits {
                if dataset.elements() != 1 {
                    self.notes.push(format!(
                        "{path} is left out: it has {} values beside {} rows",
                        dataset.rows(),
                        self.rows
                    ));
                }
                continue;
            }
            match Part::new(&path, dataset, !described.rows) {
                Ok(part) if part.columns.iter().any(|column| taken.contains(&column.name)) => {
                    self.notes.push(format!("{path} is left out: a column of the samples has its name"));
                }
                Ok(part) => self.parts.push(part),
                Err(reason) => self.notes.push(format!("{path} is left out: {reason}")),
            }
        }
        self.errors = errors.map(|part| {
            self.parts.push(part);
            self.parts.len() - 1
        });
    }

    /// Adds a dataset.
    pub(super) fn push(&mut self, part: Part) {
        self.parts.push(part);
    }
}

/// The axes of samples of this shape, those that are not known counted; none where nothing is known of a list.
fn axes_of(known: &[Option<Axis>], shape: &[u64]) -> Vec<Axis> {
    if shape.is_empty() || shape.len() > MOST_AXES || (shape.len() == 1 && known.iter().all(Option::is_none)) {
        return Vec::new();
    }
    let mut axes: Vec<Axis> = Vec::new();
    for (at, size) in shape.iter().enumerate() {
        let Some(size) = usize::try_from(*size).ok().filter(|size| *size <= MOST_VALUES) else { return Vec::new() };
        let known =
            known.get(at).and_then(Option::as_ref).filter(|axis| axes.iter().all(|other| other.name != axis.name));
        axes.push(known.cloned().unwrap_or_else(|| Axis::counted(at + 1, size)));
    }
    axes
}
