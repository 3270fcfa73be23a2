//! Lists of numbers that are needed before any row: grids.

use super::Content;
use super::packing::Packing;
use super::store::{Class, Dataset};
use crate::DataError;
use crate::axis::{Axis, MOST_VALUES, spelled};
use crate::budget::Budget;
use crate::formats::npy::{Kind, number};

impl Content {
    /// The numbers of a dataset that can be a grid; none of any other.
    pub(super) fn numbers(
        &self,
        path: &str,
        dataset: &Dataset,
        budget: &mut Budget,
    ) -> Result<Option<Vec<f64>>, DataError> {
        let Class::Number { kind, big_endian } = dataset.datatype.class else { return Ok(None) };
        let Ok(packing) = Packing::of(dataset) else { return Ok(None) };
        if kind == Kind::Boolean || dataset.elements() > MOST_VALUES as u64 + 1 || !is_list(dataset) {
            return Ok(None);
        }
        budget.take_values(dataset.elements(), 8)?;
        self.disk.refuel();
        let bytes =
            dataset.rows_of(&self.disk, budget.left()).and_then(|mut rows| rows.read(&self.disk, 0, dataset.rows()));
        let bytes = bytes.map_err(|fault| fault.into_error(budget, path))?;
        let unpacked = |stored: f64| packing.map_or(stored, |packing| packing.unpack(stored));
        let cells = bytes.chunks_exact(dataset.datatype.size as usize);
        Ok(Some(cells.map(|cell| unpacked(number(kind, cell, big_endian))).collect()))
    }

    /// The axis of so many bins whose grid is a dataset, as centres or as edges; the error says why it is none.
    pub(super) fn axis(
        &self,
        name: &str,
        path: &str,
        bins: u64,
        budget: &mut Budget,
    ) -> Result<Result<Axis, String>, DataError> {
        let Some(dataset) = self.tree.datasets.get(path) else { return Ok(Err(format!("{name} is not there"))) };
        if let Err(reason) = Packing::of(dataset) {
            return Ok(Err(reason));
        }
        let Some(numbers) = self.numbers(path, dataset, budget)? else {
            return Ok(Err(format!("{name} is no list of numbers")));
        };
        let grid = match numbers.len() as u64 {
            found if found == bins => numbers,
            found if found == bins + 1 => numbers.windows(2).map(|pair| pair[0] + (pair[1] - pair[0]) / 2.0).collect(),
            found => return Ok(Err(format!("{name} has {found} numbers for {bins} bins"))),
        };
        Ok(Axis::new(name, unit(dataset), grid).map_err(|error| error.to_string()))
    }
}

/// The unit of a dataset.
pub(super) fn unit(dataset: &Dataset) -> Option<String> {
    let attributes = &dataset.attributes;
    attributes.text("units").or_else(|| attributes.text("unit")).and_then(spelled)
}

/// Whether it has one dimension of more than one value, others of one value not counted.
pub(super) fn is_list(dataset: &Dataset) -> bool {
    !dataset.shape.is_empty() && dataset.width() == 1
}
