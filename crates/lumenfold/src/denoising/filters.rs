//! Classical filters, to be beaten: of samples with axes those along them, of all samples principal components.
//!
//! Windows and components are those with the least risk, estimated as that of the model is, without the truth.

use std::fmt;
use std::num::NonZeroUsize;

use nalgebra::{DMatrix, DVector};

use super::noise::StatedNoise;
use super::risk::probe;
use crate::{Error, Pca};

/// Windows that are tried, in bins.
const WINDOWS: [usize; 6] = [3, 5, 7, 9, 13, 17];

/// Principal components that are tried.
const COMPONENTS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

/// The degree of Savitzky and Golay's polynomials.
const DEGREE: usize = 2;

/// A filter with its window.
#[derive(Clone, Debug)]
pub enum Filter {
    /// The value of the parabola through the window, by least squares, along each axis in turn; at the ends that of the last whole
    /// window (Savitzky and Golay 1964, *Anal. Chem.* 36, 1627).
    SavitzkyGolay(usize),
    /// The median of the window along all axes; beyond the ends, the last value.
    Median(usize),
    /// The mean of the window, and of what a value differs from it by the share that the noise does not explain; beyond the ends, the
    /// last value (Lee 1980, *IEEE Trans. Pattern Anal.* 2, 165; Wiener).
    Wiener(usize),
    /// The leading principal components of the rows at hand.
    Pca(usize, Box<Pca>),
}

/// A filter, and what it is estimated to leave.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The filter.
    pub filter: Filter,
    /// The estimated mean squared error over the mean variance of the noise.
    pub risk: f64,
}

impl fmt::Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SavitzkyGolay(window) => write!(formatter, "Savitzky-Golay, {window} bins"),
            Self::Median(window) => write!(formatter, "median, {window} bins"),
            Self::Wiener(window) => write!(formatter, "Wiener, {window} bins"),
            Self::Pca(1, _) => formatter.write_str("PCA, 1 component"),
            Self::Pca(components, _) => write!(formatter, "PCA, {components} components"),
        }
    }
}

impl Filter {
    /// Rows of this shape without what the filter takes for noise, whose variances are given.
    #[must_use]
    pub fn apply(&self, values: &[f64], noise: &[f64], shape: &[usize]) -> Vec<f64> {
        let width: usize = shape.iter().product();
        let rows = values.chunks_exact(width).zip(noise.chunks_exact(width));
        let filtered = |(values, noise): (&[f64], &[f64])| match self {
            Self::SavitzkyGolay(window) => savitzky_golay(values, shape, *window),
            Self::Median(window) => median(values, shape, *window),
            Self::Wiener(window) => wiener(values, noise, shape, *window),
            Self::Pca(components, pca) => {
                let row: Vec<f32> = values.iter().map(|value| *value as f32).collect();
                let mut output = vec![0.0; width];
                pca.reconstruct(*components, &row, &mut output);
                output.into_iter().map(f64::from).collect()
            }
        };
        rows.flat_map(filtered).collect()
    }
}

/// The best window of each kind of filter for rows of this shape. `axes` tells whether neighbouring values are neighbours.
///
/// # Errors
/// Those of the principal components.
pub(super) fn filters(
    noise: StatedNoise,
    (values, variances): (&[f64], &[f64]),
    (shape, axes): (&[usize], bool),
    numbers: &[u64],
    seed: u64,
    threads: NonZeroUsize,
) -> Result<Vec<Chosen>, Error> {
    let smallest = shape.iter().copied().min().unwrap_or(1);
    let width: usize = shape.iter().product();
    let mut kinds: Vec<Vec<Filter>> = Vec::new();
    if axes {
        let windows = || WINDOWS.into_iter().filter(move |window| *window <= smallest);
        kinds.push(windows().filter(|window| *window > DEGREE + 1).map(Filter::SavitzkyGolay).collect());
        kinds.push(windows().map(Filter::Median).collect());
        kinds.push(windows().map(Filter::Wiener).collect());
    }
    let rows = values.len() / width;
    let most = width.min(rows / 2);
    if let Some(largest) = COMPONENTS.into_iter().rfind(|count| *count <= most) {
        let single: Vec<f32> = values.iter().map(|value| *value as f32).collect();
        let source = lumenfold_data::Slice { values: &single, width };
        let pca = Pca::fit(&source, &vec![1.0; width], largest, threads)?;
        let of = |count: usize| Filter::Pca(count, Box::new(pca.clone()));
        kinds.push(COMPONENTS.into_iter().filter(|count| *count <= largest).map(of).collect());
    }
    let total: f64 = variances.iter().sum();
    let mut chosen = Vec::new();
    for kind in kinds {
        let mut best: Option<Chosen> = None;
        for filter in kind {
            let estimate = filter.apply(values, variances, shape);
            let apply = |values: &[f64]| Ok(filter.apply(values, variances, shape));
            let risks = probe(apply, noise, (&estimate, variances), values, numbers, seed)?;
            let risk = risks.iter().sum::<f64>() / total;
            if best.as_ref().is_none_or(|best| risk < best.risk) {
                best = Some(Chosen { filter, risk });
            }
        }
        chosen.extend(best);
    }
    Ok(chosen)
}

/// What each value of a window adds to the parabola's value at one of its places.
fn weights(window: usize, place: usize) -> Vec<f64> {
    let powers = |at: usize| (0..=DEGREE).map(move |power| (at as f64 - place as f64).powi(power as i32));
    let design = DMatrix::from_row_iterator(window, DEGREE + 1, (0..window).flat_map(powers));
    let normal = design.transpose() * &design;
    let mut first = DVector::zeros(DEGREE + 1);
    first[0] = 1.0;
    // Positive definite for a window of more values than the parabola has numbers.
    let solved = normal.cholesky().map_or_else(|| first.clone(), |cholesky| cholesky.solve(&first));
    (design * solved).iter().copied().collect()
}

fn savitzky_golay(values: &[f64], shape: &[usize], window: usize) -> Vec<f64> {
    let all: Vec<Vec<f64>> = (0..window).map(|place| weights(window, place)).collect();
    let mut values = values.to_vec();
    let mut stride = 1;
    for size in shape.iter().rev() {
        let before = values.clone();
        for (at, value) in values.iter_mut().enumerate() {
            let place = at / stride % size;
            let first = place.saturating_sub(window / 2).min(size - window);
            let begin = at - place * stride + first * stride;
            *value = (0..window).map(|step| all[place - first][step] * before[begin + step * stride]).sum();
        }
        stride *= size;
    }
    values
}

/// The values of the window about one, along all axes, those beyond the ends repeated.
fn around(values: &[f64], shape: &[usize], window: usize, at: usize, found: &mut Vec<f64>) {
    found.clear();
    found.push(0.0);
    // Places are built axis by axis, from the last one on.
    let mut places = vec![0_usize];
    let mut stride = 1;
    for size in shape.iter().rev() {
        let own = (at / stride % size) as isize;
        let half = (window / 2) as isize;
        let steps = (own - half..=own + half).map(|step| step.clamp(0, *size as isize - 1) as usize * stride);
        let steps: Vec<usize> = steps.collect();
        places = places.iter().flat_map(|place| steps.iter().map(move |step| place + step)).collect();
        stride *= size;
    }
    found.clear();
    found.extend(places.into_iter().map(|place| values[place]));
}

fn median(values: &[f64], shape: &[usize], window: usize) -> Vec<f64> {
    let mut found = Vec::new();
    let of = |at: usize| {
        around(values, shape, window, at, &mut found);
        let middle = found.len() / 2;
        *found.select_nth_unstable_by(middle, f64::total_cmp).1
    };
    (0..values.len()).map(of).collect()
}

fn wiener(values: &[f64], noise: &[f64], shape: &[usize], window: usize) -> Vec<f64> {
    let mut found = Vec::new();
    let of = |at: usize| {
        around(values, shape, window, at, &mut found);
        let count = found.len() as f64;
        let mean = found.iter().sum::<f64>() / count;
        let variance = found.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
        let kept = if variance > noise[at] { 1.0 - noise[at] / variance } else { 0.0 };
        mean + kept * (values[at] - mean)
    };
    (0..values.len()).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parabolas_pass_unchanged() {
        let parabola: Vec<f64> = (0..20).map(|at| 3.0 - 0.5 * f64::from(at) + 0.25 * f64::from(at * at)).collect();
        for (value, found) in parabola.iter().zip(savitzky_golay(&parabola, &[20], 7)) {
            assert!((value - found).abs() < 1e-9, "{value} {found}");
        }
        // The weights of the table in their paper: five points, quadratic.
        let table = [-3.0, 12.0, 17.0, 12.0, -3.0].map(|weight| weight / 35.0);
        assert!(weights(5, 2).iter().zip(table).all(|(found, known)| (found - known).abs() < 1e-12));
    }

    #[test]
    fn medians_and_means_are_of_the_window_with_the_last_value_repeated() {
        let values = [9.0, 1.0, 2.0, 50.0, 3.0];
        assert_eq!(median(&values, &[5], 3), [9.0, 2.0, 2.0, 3.0, 3.0]);
        // Where the noise explains all, the mean is left; where it explains nothing, the value.
        let mean = wiener(&values, &[1e9; 5], &[5], 3);
        assert!((mean[1] - 4.0).abs() < 1e-12);
        assert_eq!(wiener(&values, &[0.0; 5], &[5], 3)[1], 1.0);
        assert_eq!(median(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], &[3, 3], 3)[4], 5.0);
    }
}
