//! Samples brought from one grid onto another by linear interpolation, along one axis after the other.
//!
//! Between two bins a value is the mean of both, weighed by nearness; on a bin it is that bin's value, bit for bit. For
//! several axes this is the multilinear interpolation, in any order of the axes. What lies outside the data's range is
//! absent, and so is what has an absent neighbour: NaN. The variance of a weighed mean of independent values is the
//! mean of their variances with the weights squared, which the axes share in the same way; that neighbours have errors in
//! common afterwards is not carried along.

use super::agreement::{compare, spacing};
use super::{Agreement, Axis, shape};
use crate::DataError;

/// How far beyond the first or last bin a centre may lie and count as on it, as a share of the distance between bins.
const AT_THE_END: f64 = 1e-3;

/// The way from one grid onto another.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampling {
    axes: Vec<Line>,
    from: Vec<usize>,
    onto: Vec<usize>,
}

/// The bins of one axis.
#[derive(Clone, Debug, PartialEq)]
enum Line {
    /// As they are.
    Same,
    /// For each new bin, where it lies among the old ones.
    Between(Vec<Option<Between>>),
}

/// A place between two bins: `(1 - share) · left + share · right`, and `left` alone where the share is 0.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Between {
    left: usize,
    right: usize,
    share: f64,
}

impl Resampling {
    /// The way from the grids of data onto those of a model; `path` is the name of the data.
    ///
    /// # Errors
    /// The axes are not the same but for their grids.
    pub fn new(path: &str, from: &[Axis], onto: &[Axis]) -> Result<Self, DataError> {
        if let Agreement::Other(reason) = compare(onto, from) {
            return Err(DataError::OtherAxes { path: path.to_owned(), reason });
        }
        let line = |(from, onto): (&Axis, &Axis)| match from.grid == onto.grid {
            true => Line::Same,
            false => Line::Between(onto.grid.iter().map(|centre| place(from, *centre)).collect()),
        };
        let axes = from.iter().zip(onto).map(line).collect();
        Ok(Self { axes, from: shape(from), onto: shape(onto) })
    }

    /// Values of a sample before and after.
    #[must_use]
    pub fn sizes(&self) -> (usize, usize) {
        (self.from.iter().product(), self.onto.iter().product())
    }

    /// New bins of each axis that lie outside the data's range.
    #[must_use]
    pub fn outside(&self) -> Vec<usize> {
        let outside = |line: &Line| match line {
            Line::Same => 0,
            Line::Between(places) => places.iter().filter(|place| place.is_none()).count(),
        };
        self.axes.iter().map(outside).collect()
    }

    /// A sample on the new grid; NaN for what is absent.
    ///
    /// # Panics
    /// `sample` has another number of values.
    #[must_use]
    pub fn sample(&self, sample: &[f64]) -> Vec<f64> {
        self.along(sample, |left, right, share| (1.0 - share) * left + share * right)
    }

    /// The variances of the values of a sample on the new grid.
    ///
    /// # Panics
    /// As [`Resampling::sample`].
    #[must_use]
    pub fn variances(&self, variances: &[f64]) -> Vec<f64> {
        self.along(variances, |left, right, share| (1.0 - share) * (1.0 - share) * left + share * share * right)
    }

    /// Goes along one axis after the other.
    fn along(&self, sample: &[f64], between: impl Fn(f64, f64, f64) -> f64) -> Vec<f64> {
        assert_eq!(sample.len(), self.sizes().0, "a sample of the grid that it comes from");
        let mut current = sample.to_vec();
        for (axis, line) in self.axes.iter().enumerate() {
            let Line::Between(places) = line else { continue };
            // Axes before this one have their new sizes already: [outer][bins][inner].
            let inner: usize = self.from[axis + 1..].iter().product();
            let row = self.from[axis] * inner;
            let mut next = Vec::with_capacity(current.len() / self.from[axis] * places.len());
            for outer in current.chunks_exact(row) {
                for place in places {
                    let Some(Between { left, right, share }) = *place else {
                        next.extend(std::iter::repeat_n(f64::NAN, inner));
                        continue;
                    };
                    let left = &outer[left * inner..][..inner];
                    if share == 0.0 {
                        next.extend_from_slice(left);
                        continue;
                    }
                    let right = &outer[right * inner..][..inner];
                    next.extend(left.iter().zip(right).map(|(left, right)| between(*left, *right, share)));
                }
            }
            current = next;
        }
        current
    }
}

/// Where a centre lies among the bins of an axis, which rise or fall.
fn place(axis: &Axis, centre: f64) -> Option<Between> {
    let (grid, last) = (&axis.grid, axis.size() - 1);
    let rises = axis.is_ascending();
    // Bins before the centre.
    let before = grid.partition_point(|bin| if rises { *bin < centre } else { *bin > centre });
    let exactly = |bin: usize| Some(Between { left: bin, right: bin, share: 0.0 });
    match before {
        bin if bin <= last && grid[bin] == centre => exactly(bin),
        0 => ((grid[0] - centre).abs() <= AT_THE_END * spacing(grid, 0)).then_some(()).and_then(|()| exactly(0)),
        bin if bin > last => {
            ((grid[last] - centre).abs() <= AT_THE_END * spacing(grid, last)).then_some(()).and_then(|()| exactly(last))
        }
        bin => {
            let (left, right) = (grid[bin - 1], grid[bin]);
            Some(Between { left: bin - 1, right: bin, share: (centre - left) / (right - left) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{bins_of, values};
    use super::*;

    /// What rounding may do to a value of about 10.
    const ROUNDING: f64 = 1e-13;

    fn axis(name: &str, grid: Vec<f64>) -> Axis {
        Axis::new(name, None, grid).expect("sound")
    }

    fn resampling(from: &[Axis], onto: &[Axis]) -> Resampling {
        Resampling::new("data", from, onto).expect("sound")
    }

    /// The values of a function on a grid of up to three axes, row-major.
    fn on(axes: &[Axis], function: impl Fn(&[f64]) -> f64) -> Vec<f64> {
        (0..values(axes).expect("sound"))
            .map(|value| {
                let bins = bins_of(axes, value);
                let place: Vec<f64> = axes.iter().zip(bins).map(|(axis, bin)| axis.grid[bin]).collect();
                function(&place)
            })
            .collect()
    }

    #[test]
    fn linear_functions_are_exact_on_one_two_and_three_axes() {
        let from = [
            axis("x", vec![0.0, 1.0, 3.0, 4.0]),
            axis("y", vec![2.0, 1.5, 0.0, -1.0]),
            axis("z", vec![-1.0, 0.0, 5.0]),
        ];
        let onto = [
            axis("x", vec![0.25, 2.0, 3.75]),
            axis("y", vec![-0.5, 0.0, 1.0, 1.75, 2.0]),
            axis("z", vec![5.0, 0.1, -1.0]),
        ];
        for axes in 1..=3 {
            let (from, onto) = (&from[..axes], &onto[..axes]);
            // Products of coordinates are linear along each axis.
            let function = |place: &[f64]| {
                1.0 + place.iter().zip([2.0, -3.0, 0.5]).map(|(x, slope)| slope * x).sum::<f64>()
                    + place.iter().product::<f64>()
            };
            let resampled = resampling(from, onto).sample(&on(from, function));
            for (found, expected) in resampled.iter().zip(on(onto, function)) {
                assert!((found - expected).abs() <= ROUNDING, "{axes} axes: {found} {expected}");
            }
        }
    }

    #[test]
    fn the_same_grid_gives_the_same_bits_and_a_turned_one_turns_them() {
        let axes = [axis("x", vec![0.1, 0.2, 0.7]), axis("y", vec![1.0, 2.0])];
        let sample = [0.1, f64::NAN, -0.0, 1e300, 5e-324, 3.0];
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&resampling(&axes, &axes).sample(&sample)), bits(&sample));
        let turned = [axis("x", vec![0.7, 0.2, 0.1]), axes[1].clone()];
        let result = resampling(&axes, &turned).sample(&sample);
        assert_eq!(bits(&result), bits(&[5e-324, 3.0, -0.0, 1e300, 0.1, f64::NAN]));
        assert_eq!(resampling(&axes, &turned).outside(), [0, 0]);
    }

    #[test]
    fn what_is_outside_or_has_an_absent_neighbour_is_absent() {
        let from = [axis("x", vec![0.0, 1.0, 2.0])];
        let onto = [axis("x", vec![-0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.0005, 2.5])];
        let resampling = resampling(&from, &onto);
        assert_eq!(resampling.outside(), [2]);
        let result = resampling.sample(&[1.0, f64::NAN, 3.0]);
        let absent: Vec<bool> = result.iter().map(|value| value.is_nan()).collect();
        assert_eq!(absent, [true, false, true, true, true, false, false, true]);
        assert_eq!((result[1], result[5], result[6]), (1.0, 3.0, 3.0));
    }

    #[test]
    fn variances_are_weighed_by_squares() {
        let from = [axis("x", vec![0.0, 1.0]), axis("y", vec![0.0, 1.0])];
        let onto = [axis("x", vec![0.5]), axis("y", vec![0.25])];
        let variance = resampling(&from, &onto).variances(&[1.0, 2.0, 3.0, 4.0]);
        // Weights 3/8, 1/8, 3/8, 1/8.
        assert!((variance[0] - (9.0 * 1.0 + 2.0 + 9.0 * 3.0 + 4.0) / 64.0).abs() < ROUNDING);
    }

    #[test]
    fn other_axes_are_refused() {
        let from = [Axis::new("x", Some("nm".to_owned()), vec![0.0, 1.0]).expect("sound")];
        let onto = [Axis::new("x", Some("meV".to_owned()), vec![0.0, 1.0]).expect("sound")];
        let error = Resampling::new("data", &from, &onto).expect_err("refused").to_string();
        assert!(error.contains("convert nm to meV"), "{error}");
    }
}
