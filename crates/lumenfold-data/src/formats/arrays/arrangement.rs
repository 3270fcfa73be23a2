//! Which arrays are data, which are columns beside them, and which are left out.
//!
//! The data are the array of most dimensions, two at least; of several the first, but one that a grid goes with before
//! one without, and an array that is called like errors or a mask only where there is no other.

use super::ArrayHead;
use super::grids::Grids;

/// Names of arrays that say something about the data and are not the data.
const COMPANIONS: [&str; 18] = [
    "error",
    "errors",
    "err",
    "sigma",
    "sigmas",
    "std",
    "stddev",
    "uncertainty",
    "uncertainties",
    "variance",
    "weight",
    "weights",
    "ivar",
    "inverse_variance",
    "inverse_variances",
    "uncs",
    "mask",
    "masks",
];

/// How such names end where they begin with that of the data.
const ENDINGS: [&str; 4] = ["_error", "_errors", "_ivar", "_mask"];

/// Names of arrays that are the standard errors of the data.
const ERRORS: [&str; 9] =
    ["error", "errors", "err", "sigma", "sigmas", "std", "stddev", "uncertainty", "uncertainties"];

/// Whether an array is called like something that is said about the data.
pub(crate) fn is_companion(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    COMPANIONS.contains(&name.as_str()) || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// What arrays are for each other.
pub(crate) struct Arrangement {
    /// The array that holds the samples, if one has two dimensions or more.
    pub(crate) data: Option<usize>,
    /// The array of their standard errors, of the same shape.
    pub(crate) errors: Option<usize>,
    /// The number of rows that most of the table has in common.
    rows: u64,
}

impl Arrangement {
    /// `others` may hold grids and nothing else.
    pub(crate) fn of(members: &[ArrayHead], others: &[ArrayHead]) -> Self {
        let has_grid = |data: &ArrayHead| {
            let is_one = |member: &ArrayHead| member.is_list_of_numbers() && data.has_axis_of(member.rows);
            members.iter().chain(others).any(is_one)
        };
        let arrays = members.iter().enumerate().filter(|(_, member)| member.is_array_of_numbers());
        // The least of these is the first of those that are equal.
        let data = arrays.min_by_key(|(_, member)| {
            (std::cmp::Reverse(member.shape.len()), is_companion(&member.name), !has_grid(member))
        });
        let data = data.map(|(at, _)| at);
        let are_errors = |array: &ArrayHead, of: &ArrayHead| {
            let own = ["_error", "_errors"].iter().any(|ending| array.name.strip_suffix(ending) == Some(&of.name));
            array.shape == of.shape
                && array.rows == of.rows
                && array.is_array_of_numbers()
                && (own || ERRORS.contains(&array.name.to_ascii_lowercase().as_str()))
        };
        let errors = data.and_then(|data| {
            let found = members.iter().position(|array| are_errors(array, &members[data]));
            found.filter(|errors| *errors != data)
        });
        Self { data, errors, rows: data.map_or_else(|| most_common(members), |data| members[data].rows) }
    }

    /// The arrays that become columns, in their order, and what is to be said of the others. With `all` those
    /// are among them that nobody learns from unless they are named.
    pub(crate) fn columns(&self, members: &[ArrayHead], grids: &Grids, all: bool) -> (Vec<usize>, Vec<String>) {
        let (mut columns, mut notes) = (Vec::new(), Vec::new());
        let data = self.data.map(|data| &members[data]);
        for (at, member) in members.iter().enumerate() {
            let name = &member.name;
            let beside =
                data.filter(|data| Some(at) != self.data && !grids.axes.is_empty() && data.rows == member.rows);
            match beside {
                _ if grids.arrays.contains(&member.index) => {}
                _ if member.rows != self.rows => {
                    let rows = self.rows;
                    notes.push(format!("array {name} is left out: it has {} rows, not {rows}", member.rows));
                }
                Some(data) if member.shape == data.shape && !all => {
                    let data = &data.name;
                    notes.push(format!("array {name} has the shape of {data} and is left out; FILE:{name} names it"));
                }
                Some(_) if member.shape.len() > 1 && !all => {
                    notes.push(format!("array {name} has axes of its own and is left out; FILE:{name} names it"));
                }
                _ => columns.push(at),
            }
        }
        (columns, notes)
    }
}

/// The number of rows that most arrays have; of several numbers the first.
fn most_common(members: &[ArrayHead]) -> u64 {
    let count = |rows: u64| members.iter().filter(|member| member.rows == rows).count();
    let mut best = (0, 0);
    for member in members {
        let found = count(member.rows);
        if found > best.0 {
            best = (found, member.rows);
        }
    }
    best.1
}
