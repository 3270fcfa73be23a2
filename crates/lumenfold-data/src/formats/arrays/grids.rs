//! The grids of an array's axes, found among the other arrays of its file.
//!
//! A list of numbers that rise or fall, as long as an axis, is its grid. Where a list is as long as the data have rows,
//! it is a column, unless it rises or falls and its name ends with a unit and so says that it is a grid. Of several
//! lists for one axis the first is taken, those that cannot be columns before the others; several axes of one size get their lists in the order of the archive.
//! Whatever is not certain is said in a note.

use super::ArrayHead;
use crate::DataError;
use crate::axis::{Axis, shape_in_words};

/// The axes of the data, and where their grids come from.
#[derive(Default)]
pub(crate) struct Grids {
    /// None where the data are a matrix and nothing is known about its columns.
    pub(crate) axes: Vec<Axis>,
    /// Every list that could be a grid, those that were not taken included.
    pub(crate) found: Vec<Axis>,
    /// The places in the archive of the lists that are grids or could be and are no columns.
    pub(crate) arrays: Vec<usize>,
    pub(crate) notes: Vec<String>,
}

/// A list that can be the grid of an axis.
struct Candidate<'a> {
    array: &'a str,
    index: usize,
    axis: Axis,
    // Whether it is as long as there are rows, so that it could be a column.
    is_column: bool,
}

impl Grids {
    /// Looks at all `members` for the grids of `data`.
    pub(crate) fn find<'a>(
        data: &ArrayHead,
        members: impl Iterator<Item = &'a ArrayHead>,
        mut numbers: impl FnMut(&ArrayHead) -> Result<Vec<f64>, DataError>,
    ) -> Result<Self, DataError> {
        let mut grids = Self::default();
        let mut candidates: Vec<Candidate<'_>> = Vec::new();
        for member in members.filter(|member| member.is_list_of_numbers()) {
            let (rows, array) = (member.rows, member.name.as_str());
            if !data.has_axis_of(rows) || candidates.iter().any(|known| known.index == member.index) {
                continue;
            }
            let axis = numbers(member)?;
            let is_column = rows == data.rows;
            match Axis::of_array(array, axis) {
                Ok(axis) if !is_column || axis.unit.is_some() || array.ends_with(']') => {
                    candidates.push(Candidate { array, index: member.index, axis, is_column });
                }
                Err(error) if !is_column => {
                    grids.arrays.push(member.index);
                    grids.notes.push(format!("array {array} is no grid of {}: {error}", data.name));
                }
                // A column of the table.
                Ok(_) => grids.notes.push(format!(
                    "array {array} has {rows} numbers, as many as there are rows and as an axis of {} has bins; it is taken as a column",
                    data.name
                )),
                Err(_) => {}
            }
        }
        candidates.sort_by_key(|candidate| candidate.is_column);
        let chosen = grids.assign(data, &candidates);
        for (at, candidate) in candidates.iter().enumerate() {
            if chosen.contains(&at) || !candidate.is_column {
                grids.arrays.push(candidate.index);
            }
            if candidate.is_column {
                let what = if chosen.contains(&at) { "the grid of the axis" } else { "a column" };
                grids.notes.push(format!(
                    "array {} has {} numbers, as many as there are rows and as an axis of {} has bins; it is taken as {what}",
                    candidate.array, data.rows, data.name
                ));
            }
        }
        grids.found = candidates.into_iter().map(|candidate| candidate.axis).collect();
        Ok(grids)
    }

    /// Gives each axis its grid, and says which candidates they are.
    fn assign(&mut self, data: &ArrayHead, candidates: &[Candidate<'_>]) -> Vec<usize> {
        let mut chosen = Vec::new();
        let shape = &data.shape;
        if shape.len() == 1 && candidates.is_empty() {
            return chosen;
        }
        for (at, &size) in shape.iter().enumerate() {
            // The axes of this size before this one have taken theirs.
            let before = shape[..at].iter().filter(|other| **other == size).count();
            let of_size =
                candidates.iter().enumerate().filter(|(_, candidate)| candidate.axis.size() == size).nth(before);
            chosen.extend(of_size.map(|(place, _)| place));
            self.axes
                .push(of_size.map_or_else(|| Axis::counted(at + 1, size), |(_, candidate)| candidate.axis.clone()));
        }
        // Each size once, where it first stands.
        for (at, &size) in shape.iter().enumerate().filter(|(at, size)| !shape[..*at].contains(size)) {
            let arrays: Vec<&str> =
                candidates.iter().filter(|candidate| candidate.axis.size() == size).map(|one| one.array).collect();
            let axes = shape.iter().filter(|other| **other == size).count();
            match (axes, &arrays[..]) {
                (1, [first, others @ ..]) if !others.is_empty() => self.notes.push(format!(
                    "{} could be the grid of axis {} of {} ({size} bins); {first} is taken; --axes names another",
                    arrays.join(" or "),
                    at + 1,
                    data.name
                )),
                (2.., [_, ..]) => self.notes.push(format!(
                    "{axes} axes of {} ({}) have {size} bins; they are taken in the order of the archive: {}; --axes names them otherwise",
                    data.name,
                    shape_in_words(&self.axes),
                    self.axes.iter().filter(|axis| axis.size() == size).map(Axis::array_name).collect::<Vec<_>>().join(", ")
                )),
                _ => {}
            }
        }
        // Axes of one name cannot be told apart: the later one counts its bins.
        for (at, &size) in shape.iter().enumerate() {
            if self.axes[..at].iter().any(|other| other.name == self.axes[at].name) {
                self.notes.push(format!(
                    "two axes of {} would be called {}; the later one counts its bins",
                    data.name, self.axes[at].name
                ));
                self.axes[at] = Axis::counted(at + 1, size);
            }
        }
        chosen
    }
}
