//! The cells of the target column, and whether they are classes or a quantity.

use std::collections::HashMap;

use lumenfold_data::{Column, ValueType};
use serde::Serialize;

use super::error::ProbeError;
use super::target::Target;

/// Classes at most.
pub const MOST_CLASSES: usize = 1000;

/// Up to so many different integers are classes unless somebody says otherwise.
pub const FEW_INTEGERS: usize = 20;

/// What a target is told as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// As one of several classes.
    Classify,
    /// As a quantity.
    Regress,
}

/// A cell with a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cell {
    /// The number, NaN for text.
    pub(super) number: f64,
    /// The place among the labels in the order of their appearance, where they are counted.
    pub(super) label: u32,
}

/// Reads cells and counts their labels while these may be classes.
pub(super) struct Labels {
    path: String,
    column: String,
    task: Option<Task>,
    value_type: ValueType,
    places: HashMap<String, u32>,
    // The labels and the number of each.
    labels: Vec<(String, f64)>,
    counted: bool,
}

impl Labels {
    /// Of a column of this type, in the input of this name.
    pub(super) fn new(path: &str, column: &Column, task: Option<Task>) -> Result<Self, ProbeError> {
        let value_type = column.values.value_type();
        let (path, name) = (path.to_owned(), column.name.clone());
        let is_text = matches!(value_type, ValueType::Text | ValueType::Boolean);
        if is_text && task == Some(Task::Regress) {
            let found = if value_type == ValueType::Text { "text" } else { "truth values" };
            return Err(ProbeError::NotAQuantity { path, column: name, found });
        }
        let task = if is_text { Some(Task::Classify) } else { task };
        let counted = task != Some(Task::Regress);
        let (places, labels) = (HashMap::new(), Vec::new());
        Ok(Self { path, column: name, task, value_type, places, labels, counted })
    }

    /// The cell of a row (from 0), if it holds a label.
    pub(super) fn cell(&mut self, column: &Column, row: usize) -> Result<Option<Cell>, ProbeError> {
        let number = column.value(row).unwrap_or(f64::NAN);
        let is_number = self.value_type.numeric();
        if column.is_missing(row) || (is_number && !number.is_finite()) {
            return Ok(None);
        }
        if !self.counted {
            return Ok(Some(Cell { number, label: 0 }));
        }
        if is_number && self.task.is_none() && number.fract() != 0.0 {
            self.counted = false;
            return Ok(Some(Cell { number, label: 0 }));
        }
        let text = column.text(row);
        if text.trim().is_empty() {
            return Ok(None);
        }
        let label = match self.places.get(&text) {
            Some(place) => *place,
            None => {
                let most = if self.task.is_none() { FEW_INTEGERS } else { MOST_CLASSES };
                if self.labels.len() == most && self.task.is_some() {
                    let (path, column) = (self.path.clone(), self.column.clone());
                    return Err(ProbeError::TooManyClasses { path, column, most });
                }
                self.counted = self.labels.len() < most;
                let place = self.labels.len() as u32;
                self.labels.push((text.clone(), number));
                self.places.insert(text, place);
                place
            }
        };
        Ok(Some(Cell { number, label }))
    }

    /// What the target is told as.
    pub(super) fn task(&self) -> Task {
        if self.counted { Task::Classify } else { Task::Regress }
    }

    /// The target of the given cells, and for each cell whether it belongs to it: a class of one row does not.
    pub(super) fn target(&self, cells: &[Cell]) -> (Target, Vec<bool>) {
        if self.task() == Task::Regress {
            return (Target::Quantity(cells.iter().map(|cell| cell.number).collect()), vec![true; cells.len()]);
        }
        let mut counts = vec![0_usize; self.labels.len()];
        cells.iter().for_each(|cell| counts[cell.label as usize] += 1);
        // In an order that does not depend on the rows: numbers by size, text by letters.
        let mut order: Vec<usize> = (0..counts.len()).filter(|label| counts[*label] > 1).collect();
        order.sort_by(|a, b| {
            let (a, b) = (&self.labels[*a], &self.labels[*b]);
            a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0))
        });
        let mut codes = vec![0_u32; counts.len()];
        (0..).zip(&order).for_each(|(code, label)| codes[*label] = code);
        let belongs: Vec<bool> = cells.iter().map(|cell| counts[cell.label as usize] > 1).collect();
        let own = cells.iter().zip(&belongs).filter(|(_, belongs)| **belongs);
        let codes = own.map(|(cell, _)| codes[cell.label as usize]).collect();
        (
            Target::Classes { names: order.into_iter().map(|label| self.labels[label].0.clone()).collect(), codes },
            belongs,
        )
    }
}

#[cfg(test)]
mod tests {
    use lumenfold_data::Values;

    use super::*;

    fn told(values: Values, task: Option<Task>) -> Result<(Target, usize), ProbeError> {
        let column = Column::new("x", values);
        let mut labels = Labels::new("t", &column, task)?;
        let mut cells = Vec::new();
        for row in 0..column.len() {
            cells.extend(labels.cell(&column, row)?);
        }
        let (target, belongs) = labels.target(&cells);
        Ok((target, belongs.into_iter().filter(|belongs| !belongs).count()))
    }

    #[test]
    fn text_and_few_integers_are_classes_and_other_numbers_a_quantity() {
        let (target, lonely) = told(Values::text(["b", "a", "", "b", "c", "a", " "]), None).expect("classes");
        assert_eq!(target, Target::Classes { names: ["a", "b"].map(str::to_owned).to_vec(), codes: vec![1, 0, 1, 0] });
        assert_eq!(lonely, 1);
        let integers = || Values::integers(vec![10, 9, 10, 9]);
        let (target, _) = told(integers(), None).expect("classes");
        assert_eq!(target, Target::Classes { names: ["9", "10"].map(str::to_owned).to_vec(), codes: vec![1, 0, 1, 0] });
        let (target, _) = told(integers(), Some(Task::Regress)).expect("a quantity");
        assert_eq!(target, Target::Quantity(vec![10.0, 9.0, 10.0, 9.0]));
        let (target, _) = told(Values::Float64(vec![1.0, 2.5, f64::NAN, f64::INFINITY]), None).expect("a quantity");
        assert_eq!(target, Target::Quantity(vec![1.0, 2.5]));
        let many = || Values::integers((0..100).map(|row| row / 2).collect());
        assert_eq!(told(many(), None).expect("a quantity").0.classes(), 0);
        assert_eq!(told(many(), Some(Task::Classify)).expect("classes").0.classes(), 50);
    }

    #[test]
    fn what_is_neither_is_refused() {
        let words = (0..1001).map(|row| row.to_string());
        let error = told(Values::text(words), None).expect_err("too many");
        assert!(error.to_string().contains("more than 1000 different labels"), "{error}");
        let error = told(Values::booleans(vec![true]), Some(Task::Regress)).expect_err("no quantity");
        assert!(error.to_string().contains("truth values"), "{error}");
    }
}
