//! Named arrays that become one table: those of an NPZ archive, or of a group of an HDF5 file.
//!
//! `arrangement` says which array holds the data, which are columns beside them and which are left out, `grids` which are the grids
//! of the data's axes. A format tells the names, shapes and kinds of its arrays, and reads a list of numbers when it is asked to.

mod arrangement;
mod grids;

pub(crate) use arrangement::{Arrangement, is_companion};
pub(crate) use grids::Grids;

/// What is known of an array before its values are read.
#[derive(Clone, Debug)]
pub(crate) struct ArrayHead {
    /// By which its format finds it.
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) rows: u64,
    /// The sizes of all dimensions but the first, which is the rows: none for a list, one for a matrix.
    pub(crate) shape: Vec<usize>,
    /// Whether its elements are numbers, truth values not included.
    pub(crate) numeric: bool,
    /// Whether it has one dimension, and elements without fields.
    pub(crate) list: bool,
}

impl ArrayHead {
    /// Whether it has rows of several numbers: two dimensions or more.
    pub(crate) fn is_array_of_numbers(&self) -> bool {
        !self.shape.is_empty() && self.numeric
    }

    /// Whether it has one dimension, and numbers.
    pub(crate) fn is_list_of_numbers(&self) -> bool {
        self.list && self.numeric
    }

    /// Whether a row has an axis of so many bins.
    pub(crate) fn has_axis_of(&self, bins: u64) -> bool {
        self.shape.iter().any(|&size| size as u64 == bins)
    }
}
