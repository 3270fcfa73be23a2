//! Lines and planes through samples, on which bins are put together until they are few enough for a page.

use std::ops::Range;

use lumenfold_data::Axis;

use crate::report::document::{SampleView, ViewSide};

/// Units of axes that people draw upright in a map, as they do S(Q, E).
const UPRIGHT: &[&str] = &["meV", "eV", "keV", "MeV", "GeV", "1/cm", "Hz", "kHz", "MHz", "GHz", "THz"];

/// A line or a plane of a sample.
#[derive(Clone, Debug)]
pub(super) struct View {
    // Size and distance between values of each axis.
    strides: Vec<(usize, usize)>,
    across: Side,
    up: Option<Side>,
    // Whether the upright axis begins at the top, as the lines of an image do.
    down: bool,
}

/// The bins of an axis, some put together: group g has the bins `bounds[g]` to `bounds[g + 1]`.
#[derive(Clone, Debug)]
struct Side {
    axis: usize,
    bounds: Vec<usize>,
    grid: Vec<f64>,
}

impl Side {
    fn of(axes: &[Axis], axis: usize, most: usize) -> Self {
        let grid = &axes[axis].grid;
        let groups = grid.len().min(most);
        let bounds: Vec<usize> = (0..=groups).map(|group| group * grid.len() / groups).collect();
        let mean = |bins: &[f64]| bins.iter().map(|centre| centre / bins.len() as f64).sum();
        let grid = bounds.windows(2).map(|bound| mean(&grid[bound[0]..bound[1]])).collect();
        Self { axis, bounds, grid }
    }

    fn groups(&self) -> usize {
        self.grid.len()
    }

    fn bins(&self, group: usize) -> Range<usize> {
        self.bounds[group]..self.bounds[group + 1]
    }

    /// The group of each bin.
    fn group_of_bins(&self) -> Vec<usize> {
        (0..self.groups()).flat_map(|group| self.bins(group).map(move |_| group)).collect()
    }

    fn document(&self) -> ViewSide {
        let averaged = self.bounds.windows(2).map(|bound| bound[1] - bound[0]).max();
        ViewSide { axis: self.axis, grid: self.grid.clone(), averaged: averaged.unwrap_or(1) }
    }
}

impl View {
    /// Along an axis, with so many bins at most.
    pub(super) fn line(axes: &[Axis], axis: usize, most: usize) -> Self {
        Self { strides: strides(axes), across: Side::of(axes, axis, most), up: None, down: false }
    }

    /// The plane of two axes, in the order of the axes, with so many bins at most along each side. The later axis lies
    /// across, as the columns of an image do, unless it is an energy or a frequency beside something else.
    pub(super) fn plane(axes: &[Axis], (first, second): (usize, usize), most: usize) -> Self {
        let upright = |axis: usize| axes[axis].unit.as_deref().is_some_and(|unit| UPRIGHT.contains(&unit));
        let (across, up) = if upright(second) && !upright(first) { (first, second) } else { (second, first) };
        Self {
            strides: strides(axes),
            across: Side::of(axes, across, most),
            up: Some(Side::of(axes, up, most)),
            down: counts(&axes[first]) && counts(&axes[second]),
        }
    }

    /// What is drawn of a sample: the means of the bins that were put together, absent values left out, at the bins of
    /// `cut` on all other axes. `[up][across]`
    pub(super) fn through(&self, values: &[f64], cut: &[usize]) -> Vec<f64> {
        let sides = [Some(self.across.axis), self.up.as_ref().map(|up| up.axis)];
        let others = (0..self.strides.len()).filter(|axis| !sides.contains(&Some(*axis)));
        let start: usize = others.map(|axis| cut[axis] * self.strides[axis].1).sum();
        let across = self.strides[self.across.axis].1;
        let (rows, up) = self.up.as_ref().map_or((1, 0), |up| (up.groups(), self.strides[up.axis].1));
        let mut means = Vec::with_capacity(rows * self.across.groups());
        for row in 0..rows {
            let lines = self.up.as_ref().map_or(0..1, |up| up.bins(row));
            for group in 0..self.across.groups() {
                let (mut sum, mut count) = (0.0, 0_u32);
                for line in lines.clone() {
                    for bin in self.across.bins(group) {
                        let value = values[start + line * up + bin * across];
                        if !value.is_nan() {
                            sum += value;
                            count += 1;
                        }
                    }
                }
                means.push(if count > 0 { sum / f64::from(count) } else { f64::NAN });
            }
        }
        means
    }

    /// The means over all other axes as well. `[up][across]`
    pub(super) fn over_all(&self, values: &[f64]) -> Vec<f64> {
        let groups = self.across.groups();
        let mut sums = vec![(0.0, 0_usize); groups * self.up.as_ref().map_or(1, Side::groups)];
        let of_across = self.across.group_of_bins();
        let of_up = self.up.as_ref().map(|up| (up.group_of_bins(), self.strides[up.axis]));
        let (size, stride) = self.strides[self.across.axis];
        for (at, value) in values.iter().enumerate() {
            let row = of_up.as_ref().map_or(0, |(groups, (size, stride))| groups[at / stride % size]);
            let sum = &mut sums[row * groups + of_across[at / stride % size]];
            *sum = (sum.0 + value, sum.1 + 1);
        }
        sums.into_iter().map(|(sum, count)| sum / count as f64).collect()
    }

    /// Whether it is a plane.
    pub(super) fn is_plane(&self) -> bool {
        self.up.is_some()
    }

    pub(super) fn document(&self) -> SampleView {
        SampleView { across: self.across.document(), up: self.up.as_ref().map(Side::document), down: self.down }
    }

    pub(super) fn across(&self) -> ViewSide {
        self.across.document()
    }
}

/// Whether the bins of an axis only count, as pixels do.
fn counts(axis: &Axis) -> bool {
    let first = axis.grid.first().copied().unwrap_or_default();
    let counting = axis.grid.iter().enumerate().all(|(bin, centre)| *centre == first + bin as f64);
    counting && [0.0, 1.0].contains(&first) && axis.unit.as_deref().is_none_or(|unit| unit == "pixel")
}

/// Size of each axis, and how far apart neighbours on it lie among the values of a sample.
fn strides(axes: &[Axis]) -> Vec<(usize, usize)> {
    let mut stride = 1;
    let mut strides: Vec<(usize, usize)> = axes
        .iter()
        .rev()
        .map(|axis| {
            let here = stride;
            stride *= axis.size();
            (axis.size(), here)
        })
        .collect();
    strides.reverse();
    strides
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes(sizes: &[usize]) -> Vec<Axis> {
        sizes.iter().enumerate().map(|(at, size)| Axis::counted(at + 1, *size)).collect()
    }

    fn energy(name: &str, unit: &str, bins: usize) -> Axis {
        Axis::new(name, Some(unit.to_owned()), (0..bins).map(|bin| 0.5 * bin as f64).collect()).expect("a grid")
    }

    #[test]
    fn a_cut_has_the_values_at_its_bins() {
        let axes = axes(&[2, 3, 4]);
        let values: Vec<f64> = (0..24).map(f64::from).collect();
        // Bins 1 and 2 of the first two axes: values 12 + 8 on.
        assert_eq!(View::line(&axes, 2, 9).through(&values, &[1, 2, 0]), [20.0, 21.0, 22.0, 23.0]);
        let plane = View::plane(&axes, (0, 1), 9);
        assert_eq!(plane.through(&values, &[0, 0, 3]), [3.0, 7.0, 11.0, 15.0, 19.0, 23.0]);
        assert!(plane.down && plane.is_plane());
    }

    #[test]
    fn bins_put_together_are_averaged_and_none_is_lost() {
        for (size, most) in [(7, 3), (8, 4), (5, 5), (1, 3), (1000, 128)] {
            let axes = axes(&[size]);
            let values: Vec<f64> = (0..size).map(|bin| (bin * bin % 17) as f64).collect();
            let view = View::line(&axes, 0, most);
            let side = view.across();
            assert_eq!(side.grid.len(), size.min(most));
            let means = view.through(&values, &[0]);
            let bins: Vec<usize> = (0..means.len()).map(|group| view.across.bins(group).len()).collect();
            assert_eq!(bins.iter().sum::<usize>(), size);
            assert_eq!(bins.iter().max(), Some(&side.averaged));
            let sum: f64 = means.iter().zip(&bins).map(|(mean, bins)| mean * *bins as f64).sum();
            assert!((sum - values.iter().sum::<f64>()).abs() < 1e-9);
            assert_eq!(view.over_all(&values), means);
        }
    }

    #[test]
    fn absent_values_are_left_out() {
        let axes = axes(&[4]);
        let means = View::line(&axes, 0, 2).through(&[1.0, f64::NAN, f64::NAN, f64::NAN], &[0]);
        assert_eq!(means[0], 1.0);
        assert!(means[1].is_nan());
    }

    #[test]
    fn energies_stand_upright_and_pixels_go_down() {
        let map = [energy("q", "1/angstrom", 3), energy("energy", "meV", 4)];
        let view = View::plane(&map, (0, 1), 9).document();
        assert_eq!((view.across.axis, view.up.map(|up| up.axis), view.down), (0, Some(1), false));
        let map = [energy("energy", "meV", 3), energy("q", "1/angstrom", 4)];
        let view = View::plane(&map, (0, 1), 9).document();
        assert_eq!((view.across.axis, view.up.map(|up| up.axis), view.down), (1, Some(0), false));
    }
}
