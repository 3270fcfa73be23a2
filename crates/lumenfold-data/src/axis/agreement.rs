//! Whether data lie on the axes of a model.

use super::{Axis, bins_in_words, shape_in_words};

/// How far two centres may lie apart and be those of one bin, as a share of the distance to the next bin: what rounding to
/// single precision does to a grid is less.
const TOLERANCE: f64 = 1e-3;

/// What is to be said of the axes of data beside those of a model.
#[derive(Clone, Debug, PartialEq)]
pub enum Agreement {
    /// They are the same.
    Same,
    /// The data can be taken as they are, with this remark.
    Taken(String),
    /// The data lie on other grids of the same axes, in these words: they can be resampled.
    OtherGrid(String),
    /// They cannot be compared, in these words.
    Other(String),
}

/// Compares the axes of data with those of a model.
#[must_use]
pub fn compare(model: &[Axis], data: &[Axis]) -> Agreement {
    if model.len() != data.len() {
        let (expected, found) = (shape_in_words(model), shape_in_words(data));
        return Agreement::Other(format!(
            "its samples have {} axes ({found}), those of the model {} ({expected})",
            data.len(),
            model.len()
        ));
    }
    let counted = data.iter().all(Axis::is_counted) && !model.iter().all(Axis::is_counted);
    if counted && model.iter().zip(data).all(|(model, data)| model.size() == data.size()) {
        let words = model.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        return Agreement::Taken(format!(
            "says nothing of its axes; they are taken to be those of the model ({words})"
        ));
    }
    let mut remark = None;
    for (at, (own, other)) in model.iter().zip(data).enumerate() {
        let both = || {
            format!("axis {} of the data is {}, that of the model {}", at + 1, bins_in_words(other), bins_in_words(own))
        };
        let is_elsewhere = model.iter().enumerate().any(|(place, axis)| place != at && axis.name == other.name);
        if own.name != other.name && is_elsewhere {
            return Agreement::Other(format!("{}; the axes are in another order", both()));
        }
        if let (Some(expected), Some(found)) = (&own.unit, &other.unit)
            && expected != found
        {
            return Agreement::Other(format!("{}; convert {found} to {expected}", both()));
        }
        if !same_grid(own, other) {
            return match other.is_counted() && !own.is_counted() {
                true => Agreement::Other(format!("{}; nothing tells where the bins of the data lie (--axes)", both())),
                false => Agreement::OtherGrid(both()),
            };
        }
        if own.name != other.name {
            remark.get_or_insert_with(|| format!("{}; the grids are the same and taken as such", both()));
        }
    }
    remark.map_or(Agreement::Same, Agreement::Taken)
}

/// Whether two grids have the same bins, in the same order, but for rounding.
#[must_use]
pub fn same_grid(one: &Axis, two: &Axis) -> bool {
    let near = |(bin, (own, other)): (usize, (&f64, &f64))| {
        own == other || (own - other).abs() <= TOLERANCE * spacing(&one.grid, bin)
    };
    one.size() == two.size() && one.grid.iter().zip(&two.grid).enumerate().all(near)
}

/// The distance of a bin to the nearer of its neighbours; 0 for a single bin.
pub(super) fn spacing(grid: &[f64], bin: usize) -> f64 {
    let distance = |other: Option<&f64>| other.map(|other| (grid[bin] - other).abs());
    let before = bin.checked_sub(1).and_then(|before| distance(grid.get(before)));
    match (before, distance(grid.get(bin + 1))) {
        (Some(before), Some(behind)) => before.min(behind),
        (one, two) => one.or(two).unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(array: &str, grid: &[f64]) -> Axis {
        Axis::of_array(array, grid.to_vec()).expect("sound")
    }

    fn words(agreement: Agreement) -> String {
        match agreement {
            Agreement::Same => "same".to_owned(),
            Agreement::Taken(words) | Agreement::OtherGrid(words) | Agreement::Other(words) => words,
        }
    }

    #[test]
    fn rounding_to_single_precision_is_no_other_grid() {
        let fine: Vec<f64> = (0..5000).map(|bin| 4000.0 + 0.1 * f64::from(bin)).collect();
        let rounded: Vec<f64> = fine.iter().map(|value| f64::from(*value as f32)).collect();
        let model = [axis("wavelength_angstrom", &fine)];
        assert!(fine != rounded);
        // Single precision resolves 4000 to 2.4e-4, which is 2.4e-3 of a bin of 0.1 and more than the tolerance.
        assert!(matches!(compare(&model, &[axis("wavelength_angstrom", &rounded)]), Agreement::OtherGrid(_)));
        let coarse: Vec<f64> = (0..5000).map(|bin| 4000.1 + f64::from(bin)).collect();
        let rounded: Vec<f64> = coarse.iter().map(|value| f64::from(*value as f32)).collect();
        assert!(coarse != rounded);
        let model = [axis("wavelength_angstrom", &coarse)];
        assert_eq!(compare(&model, &[axis("wavelength_angstrom", &rounded)]), Agreement::Same);
        // One bin off is another grid.
        let shifted: Vec<f64> = coarse.iter().map(|value| value + 1.0).collect();
        let agreement = compare(&model, &[axis("wavelength_angstrom", &shifted)]);
        assert!(
            matches!(&agreement, Agreement::OtherGrid(words) if words.contains("4001.1 to 9000.1 angstrom")),
            "{agreement:?}"
        );
    }

    #[test]
    fn axes_that_are_not_the_same_are_told_apart() {
        let model = [axis("q_per_angstrom", &[1.0, 2.0]), axis("energy_meV", &[0.0, 1.0, 2.0])];
        assert_eq!(compare(&model, &model.clone()), Agreement::Same);
        let turned = [model[1].clone(), model[0].clone()];
        assert!(words(compare(&model, &turned)).contains("another order"));
        let unit = [model[0].clone(), axis("energy_cm1", &[0.0, 1.0, 2.0])];
        assert!(words(compare(&model, &unit)).contains("convert 1/cm to meV"));
        let reversed = [model[0].clone(), axis("energy_meV", &[2.0, 1.0, 0.0])];
        assert!(matches!(compare(&model, &reversed), Agreement::OtherGrid(_)));
        assert!(words(compare(&model, &model[..1])).contains("1 axes (2)"));
        let counted = [Axis::counted(1, 2), Axis::counted(2, 3)];
        assert!(matches!(compare(&model, &counted), Agreement::Taken(_)));
        assert_eq!(compare(&counted, &counted.clone()), Agreement::Same);
        let counted = [Axis::counted(1, 2), Axis::counted(2, 4)];
        assert!(matches!(compare(&model, &counted), Agreement::Other(_)));
        let renamed = [model[0].clone(), axis("transfer", &[0.0, 1.0, 2.0])];
        assert!(matches!(compare(&model, &renamed), Agreement::Taken(_)));
    }
}
