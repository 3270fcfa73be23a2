//! Dimension scales, which netCDF 4 and others attach to the dimensions of arrays (HDF5 Dimension Scale Specification, and "NetCDF-4
//! File Format" in the netCDF User's Guide).
//!
//! The attribute `DIMENSION_LIST` of an array refers to a dataset for each of its dimensions. That of the first dimension, which
//! counts samples, is a column; the others are grids.

use super::Content;
use super::describe::Described;
use super::store::{Class, Dataset};
use crate::DataError;
use crate::axis::Axis;
use crate::budget::Budget;
use crate::formats::arrays::is_companion;

/// The attribute that refers to the scales of a dataset.
const SCALES: &str = "DIMENSION_LIST";

impl Content {
    /// The samples of a group whose arrays have scales: the array that is `wanted`, or that of most dimensions.
    pub(super) fn scales(
        &self,
        group: &str,
        wanted: Option<&str>,
        budget: &mut Budget,
    ) -> Result<Option<Described>, DataError> {
        let datasets = self.tree.datasets_of(group);
        let is_array = |dataset: &Dataset| {
            let scales = dataset.attributes.places(SCALES).map_or(0, <[_]>::len);
            let is_number = matches!(dataset.datatype.class, Class::Number { .. });
            scales == dataset.shape.len() && dataset.shape.len() > 1 && dataset.width() > 1 && is_number
        };
        let arrays = || datasets.iter().filter(|(_, dataset)| is_array(dataset));
        let signal = match wanted {
            Some(wanted) => arrays().find(|(name, _)| format!("{group}/{name}") == wanted),
            // The first of those that are equal.
            None => arrays().min_by_key(|(name, dataset)| (std::cmp::Reverse(dataset.shape.len()), is_companion(name))),
        };
        let Some((name, signal)) = signal else { return Ok(None) };
        let (mut axes, mut used, mut notes): (Vec<Option<Axis>>, Vec<String>, Vec<String>) =
            (vec![None], Vec::new(), Vec::new());
        let scales = signal.attributes.places(SCALES).unwrap_or_default();
        let path_of = |scale: &Option<u64>| scale.and_then(|place| self.tree.places.get(&place));
        let of_rows = scales.first().and_then(path_of);
        for (scale, bins) in scales.iter().zip(&signal.shape).skip(1) {
            let mut axis = None;
            if let Some(path) = path_of(scale).filter(|path| self.has_values(path)) {
                let scale = path.rsplit('/').next().unwrap_or_default();
                match self.axis(scale, path, *bins, budget)? {
                    Ok(found) => {
                        // What tells the rows is a column, also where it is the grid of another dimension.
                        if of_rows != Some(path) {
                            used.push(path.clone());
                        }
                        axis = Some(Axis { name: own_name(&found.name, &axes), ..found });
                    }
                    Err(reason) => notes.push(format!("{path} is no grid of {group}/{name}: {reason}")),
                }
            }
            axes.push(axis);
        }
        let mut described = Described::new(self, group, &format!("{group}/{name}"), axes);
        described.used.extend(used);
        described.notes.extend(notes);
        let others: Vec<&String> = arrays()
            .map(|(name, _)| name)
            .filter(|other| *other != name && !described.used.contains(&format!("{group}/{other}")))
            .collect();
        if let ([other, ..], None) = (&others[..], wanted) {
            let count = others.len() + 1;
            described.notes.push(format!("takes {group}/{name} of {count} arrays; FILE:{group}/{other} names another"));
        }
        Ok(Some(described.with_rows()))
    }

    /// Whether a scale is a dataset of its own: a dimension without values is not among those of its group.
    fn has_values(&self, path: &str) -> bool {
        let (group, scale) = path.rsplit_once('/').unwrap_or_default();
        self.tree.datasets_of(group).iter().any(|(name, _)| name == scale)
    }
}

/// The name of an axis: that of its scale, which several dimensions may have, and then a number: `energy`, `energy_2`.
fn own_name(scale: &str, axes: &[Option<Axis>]) -> String {
    let is_free = |name: &String| axes.iter().flatten().all(|axis| axis.name != *name);
    let numbered = (2..).map(|number| format!("{scale}_{number}"));
    std::iter::once(scale.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
}
