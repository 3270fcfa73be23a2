//! Axes: the dimensions of a sample, each with a name, perhaps a unit, and a grid.
//!
//! A spectrum has one axis (energy), a map two (momentum transfer and energy), a volume three; a row of a plain table
//! has none. The values of a sample are row-major over its axes: the last axis runs fastest, and there is one value for
//! each combination of bins, so that the number of features is the product of the sizes.
//!
//! * `names` finds the grid that stands in the names of columns; [`AxesChoice`] is what a user says instead.
//! * [`compare`] tells whether data lie on the axes of a model, [`Resampling`] brings them there; [`Stretching`] makes new
//!   samples of old ones.
//! * [`Gridded`] are the columns of a table that hold the values of such samples.
//! * `unit` knows the units that the name of an array ends with (`energy_meV`), and writes them again.

mod agreement;
mod choice;
mod gridded;
mod names;
mod resampling;
mod stretching;
mod unit;

use std::fmt;

pub use agreement::{Agreement, compare, same_grid};
pub(crate) use choice::Found;
pub use choice::{AxesChoice, ChosenAxes, ChosenAxis, Shape};
pub use gridded::Gridded;
pub(crate) use names::axis_of;
pub use resampling::Resampling;
use serde::{Deserialize, Serialize};
pub use stretching::Stretching;
pub(crate) use unit::spelled;

use crate::DataError;
use crate::suggest::excerpt;

/// Most values of a sample.
pub const MOST_VALUES: usize = 1 << 20;

/// Most axes of a sample.
pub const MOST_AXES: usize = 8;

/// A dimension of a sample.
///
/// ```
/// use lumenfold_data::Axis;
/// let axis = Axis::new("energy", Some("meV".to_owned()), vec![0.5, 1.5, 2.5])?;
/// assert_eq!(axis.to_string(), "energy: 3 bins, 0.5 to 2.5 meV");
/// assert_eq!(axis.array_name(), "energy_meV");
/// assert!(Axis::new("energy", None, vec![0.5, 2.5, 1.5]).is_err());
/// # Ok::<(), lumenfold_data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// Its name, such as `energy`.
    pub name: String,
    /// Its unit, such as `meV` or `1/angstrom`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The centre of each bin, ascending or descending.
    pub grid: Vec<f64>,
}

impl Axis {
    /// An axis whose grid has been checked.
    ///
    /// # Errors
    /// As [`Axis::check`].
    pub fn new(name: impl Into<String>, unit: Option<String>, grid: Vec<f64>) -> Result<Self, DataError> {
        let axis = Self { name: name.into(), unit, grid };
        axis.check().map(|()| axis)
    }

    /// The axis of dimension `number` (from 1) of which nothing is known but its size: `axis1`, bins 0, 1, 2, ….
    #[must_use]
    pub fn counted(number: usize, size: usize) -> Self {
        Self { name: format!("axis{number}"), unit: None, grid: (0..size).map(|bin| bin as f64).collect() }
    }

    /// Whether it is one of [`Axis::counted`], so that its grid says nothing but the number of bins.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        let number = self.name.strip_prefix("axis").is_some_and(|number| number.parse::<usize>().is_ok());
        number && self.unit.is_none() && self.grid.iter().enumerate().all(|(bin, centre)| *centre == bin as f64)
    }

    /// The axis whose grid is the array of this name: `energy_meV` is the axis `energy` in meV, and so is `energy[meV]`.
    ///
    /// # Errors
    /// As [`Axis::check`].
    pub fn of_array(array: &str, grid: Vec<f64>) -> Result<Self, DataError> {
        let (name, unit) = unit::split(array);
        Self::new(name, unit.map(str::to_owned), grid)
    }

    /// The name of the array that holds its grid; [`Axis::of_array`] reads it.
    #[must_use]
    pub fn array_name(&self) -> String {
        unit::joined(&self.name, self.unit.as_deref())
    }

    /// Number of bins.
    #[must_use]
    pub fn size(&self) -> usize {
        self.grid.len()
    }

    /// Whether the grid rises; that of a single bin does.
    #[must_use]
    pub fn is_ascending(&self) -> bool {
        self.grid.first() <= self.grid.last()
    }

    /// Checks that it has a name, one bin at least, and a grid of finite numbers that rise, or fall, from bin to bin.
    ///
    /// # Errors
    /// [`DataError::Axis`] with the first thing that is wrong.
    pub fn check(&self) -> Result<(), DataError> {
        let wrong = |reason: String| Err(DataError::Axis { axis: excerpt(&self.name), reason });
        if self.name.trim().is_empty() {
            return wrong("has no name".to_owned());
        }
        if self.grid.is_empty() || self.grid.len() > MOST_VALUES {
            return wrong(format!("has {} bins; 1 to {MOST_VALUES} are possible", self.grid.len()));
        }
        if let Some(bin) = self.grid.iter().position(|centre| !centre.is_finite()) {
            return wrong(format!("bin {} is at {}; its grid must be made of finite numbers", bin + 1, self.grid[bin]));
        }
        let rises = self.is_ascending();
        match self.grid.windows(2).position(|pair| if rises { pair[0] >= pair[1] } else { pair[0] <= pair[1] }) {
            None => Ok(()),
            Some(bin) => wrong(format!(
                "bin {} is at {} and bin {} at {}; its grid must rise, or fall, from each bin to the next",
                bin + 1,
                self.grid[bin],
                bin + 2,
                self.grid[bin + 1]
            )),
        }
    }
}

/// An axis in the middle of a sentence: `energy (3 bins, 0.5 to 2.5 meV)`.
fn bins_in_words(axis: &Axis) -> String {
    let words = axis.to_string();
    let name = excerpt(&axis.name);
    let bins = words.strip_prefix(&name).unwrap_or(&words).trim_start_matches([':', ' ']);
    format!("{name} ({bins})")
}

impl fmt::Display for Axis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bins = if self.size() == 1 { "bin" } else { "bins" };
        write!(formatter, "{}: {} {bins}", excerpt(&self.name), self.size())?;
        if let [first, .., last] = self.grid[..] {
            write!(formatter, ", {} to {}", rounded(first), rounded(last))?;
        } else if let [only] = self.grid[..] {
            write!(formatter, " at {}", rounded(only))?;
        }
        match &self.unit {
            Some(unit) => write!(formatter, " {}", excerpt(unit)),
            None => Ok(()),
        }
    }
}

/// The size of each axis.
#[must_use]
pub fn shape(axes: &[Axis]) -> Vec<usize> {
    axes.iter().map(Axis::size).collect()
}

/// The number of values of a sample with these axes; none for no axes, and for more than [`MOST_VALUES`].
#[must_use]
pub fn values(axes: &[Axis]) -> Option<usize> {
    let product = |product: usize, axis: &Axis| product.checked_mul(axis.size());
    let product = axes.iter().try_fold(1_usize, product)?;
    (!axes.is_empty() && product <= MOST_VALUES).then_some(product)
}

/// A shape as people write it: `48 × 64`.
#[must_use]
pub fn shape_in_words(axes: &[Axis]) -> String {
    axes.iter().map(|axis| axis.size().to_string()).collect::<Vec<_>>().join(" × ")
}

/// Checks that axes are sound, have names of their own, and go with so many features. No axes go with any.
///
/// # Errors
/// [`DataError::Axis`] for an axis, [`DataError::AxesCount`] for their sizes.
pub fn check_axes(path: &str, axes: &[Axis], features: usize) -> Result<(), DataError> {
    if axes.is_empty() {
        return Ok(());
    }
    for (at, axis) in axes.iter().enumerate() {
        axis.check()?;
        if axes[..at].iter().any(|other| other.name == axis.name) {
            let (axis, reason) = (excerpt(&axis.name), "there are two axes of this name".to_owned());
            return Err(DataError::Axis { axis, reason });
        }
    }
    if values(axes) != Some(features) || axes.len() > MOST_AXES {
        return Err(DataError::AxesCount { path: path.to_owned(), shape: shape_in_words(axes), features });
    }
    Ok(())
}

/// Names of the values of a sample: where they lie on the axis of a spectrum (`1100`), and `x1`, `x2`, … for more axes.
#[must_use]
pub fn value_names(axes: &[Axis]) -> Vec<String> {
    match axes {
        [only] => only.grid.iter().map(f64::to_string).collect(),
        _ => (1..=values(axes).unwrap_or(0)).map(|index| format!("x{index}")).collect(),
    }
}

/// The bins of a value (from 0), one on each axis.
#[must_use]
pub fn bins_of(axes: &[Axis], value: usize) -> Vec<usize> {
    let mut left = value;
    let mut bins: Vec<usize> = axes
        .iter()
        .rev()
        .map(|axis| {
            let bin = left % axis.size().max(1);
            left /= axis.size().max(1);
            bin
        })
        .collect();
    bins.reverse();
    bins
}

/// A number with seven digits that count: as many as a grid in single precision has.
fn rounded(number: f64) -> f64 {
    format!("{number:.6e}").parse().unwrap_or(number)
}

/// Where a value (from 0) lies, in words: `momentum_transfer 0.35 1/angstrom, energy 12.5 meV`.
#[must_use]
pub fn place_in_words(axes: &[Axis], value: usize) -> String {
    let place = |(axis, bin): (&Axis, usize)| {
        let unit = axis.unit.as_ref().map(|unit| format!(" {}", excerpt(unit))).unwrap_or_default();
        format!("{} {}{unit}", excerpt(&axis.name), rounded(axis.grid[bin]))
    };
    axes.iter().zip(bins_of(axes, value)).map(place).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(grid: &[f64]) -> Result<Axis, DataError> {
        Axis::new("energy", None, grid.to_vec())
    }

    #[test]
    fn grids_rise_or_fall_and_are_finite() {
        for grid in [&[0.0][..], &[1.0, 2.0, 4.0], &[3.0, 1.0, -5.0]] {
            assert_eq!(axis(grid).expect("sound").size(), grid.len());
        }
        for (grid, words) in [
            (&[][..], "0 bins"),
            (&[0.0, f64::NAN], "bin 2 is at NaN"),
            (&[f64::INFINITY, 0.0], "bin 1 is at inf"),
            (&[0.0, 1.0, 1.0], "bin 2 is at 1 and bin 3 at 1"),
            (&[0.0, 2.0, 1.0], "bin 2 is at 2 and bin 3 at 1"),
            (&[2.0, 1.0, 1.5], "bin 2 is at 1 and bin 3 at 1.5"),
        ] {
            let error = axis(grid).expect_err("refused").to_string();
            assert!(error.contains(words), "{error}");
        }
        assert!(Axis::new(" ", None, vec![0.0]).is_err());
    }

    #[test]
    fn sizes_multiply_to_the_features_without_overflow() {
        let axes = [Axis::counted(1, 4), Axis::counted(2, 3)];
        assert_eq!((shape(&axes), values(&axes)), (vec![4, 3], Some(12)));
        assert!(check_axes("data", &axes, 12).is_ok());
        assert!(check_axes("data", &[], 7).is_ok());
        let error = check_axes("data", &axes, 13).expect_err("refused").to_string();
        assert!(error.contains("4 × 3") && error.contains("13"), "{error}");
        // 2^20 bins on each of four axes are 2^80 values.
        let wide: Vec<Axis> = (1..5).map(|number| Axis::counted(number, MOST_VALUES)).collect();
        assert_eq!(values(&wide), None);
        assert!(check_axes("data", &wide, 0).is_err());
        let twice = [Axis::counted(1, 4), Axis::counted(1, 3)];
        assert!(check_axes("data", &twice, 12).expect_err("refused").to_string().contains("two axes"));
    }

    #[test]
    fn the_last_axis_runs_fastest() {
        let axes = [Axis::counted(1, 2), Axis::counted(2, 3), Axis::counted(3, 4)];
        assert_eq!(bins_of(&axes, 0), [0, 0, 0]);
        assert_eq!(bins_of(&axes, 3), [0, 0, 3]);
        assert_eq!(bins_of(&axes, 4), [0, 1, 0]);
        assert_eq!(bins_of(&axes, 23), [1, 2, 3]);
        assert_eq!(place_in_words(&axes[..2], 5), "axis1 1, axis2 2");
        assert!(axes.iter().all(Axis::is_counted));
        assert!(!axis(&[0.0, 1.0]).expect("sound").is_counted());
    }

    #[test]
    fn values_of_a_spectrum_are_named_by_its_grid() {
        assert_eq!(value_names(&[axis(&[0.5, 1.0]).expect("sound")]), ["0.5", "1"]);
        assert_eq!(value_names(&[Axis::counted(1, 1), Axis::counted(2, 2)]), ["x1", "x2"]);
    }
}
