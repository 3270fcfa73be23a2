//! Counts of reconstruction against input and of residuals.

use super::columns::encode_u32;
use super::document::{FeatureReconstruction, ResidualHistogram};
use lumenfold_data::{DataError, Feature, RowSource, Store, values_of_ranks};

/// Bins of a residual histogram.
const RESIDUAL_BINS: usize = 81;

/// Half the width of a residual histogram, in robust standard deviations.
const RESIDUAL_WIDTH: f64 = 6.0;

/// The standard deviation of a normal distribution in median absolute deviations.
const NORMAL_MAD: f64 = 1.4826;

/// Share of the inputs that falls outside the panel on each side.
const TAIL: f64 = 0.0005;

/// The panels of some features, from pairs of input and reconstruction in their units: `[rows][features][2]`.
pub(super) fn reconstructions(
    features: &[Feature],
    pairs: &Store<f64>,
    bins: usize,
) -> Result<Vec<FeatureReconstruction>, DataError> {
    if features.is_empty() {
        return Ok(Vec::new());
    }
    let inputs = quantiles(&View { pairs, view: |pair: [f64; 2], _| pair[0] }, &[TAIL, 1.0 - TAIL])?;
    let residual = |pair: [f64; 2], _| pair[1] - pair[0];
    let residuals = quantiles(&View { pairs, view: residual }, &[0.0, 0.5, 1.0])?;
    let deviation = |pair: [f64; 2], feature: usize| (pair[1] - pair[0] - residuals[feature][1]).abs();
    let deviations = quantiles(&View { pairs, view: deviation }, &[0.5])?;
    let mut panels: Vec<Panel> = (0..features.len())
        .map(|feature| Panel::new(&inputs[feature], &residuals[feature], deviations[feature][0], bins))
        .collect();
    pairs.pass(|block| {
        for row in block.as_chunks::<2>().0.chunks_exact(features.len()) {
            panels.iter_mut().zip(row).for_each(|(panel, pair)| panel.count(pair[0], pair[1]));
        }
        Ok::<_, DataError>(())
    })?;
    Ok(panels.into_iter().zip(features).map(|(panel, feature)| panel.finish(feature, pairs.rows())).collect())
}

/// What is made of each pair and the number of its feature, as rows of their own.
struct View<'a, F> {
    pairs: &'a Store<f64>,
    view: F,
}

impl<F: Fn([f64; 2], usize) -> f64> RowSource<f64> for View<'_, F> {
    fn width(&self) -> usize {
        self.pairs.width() / 2
    }

    fn pass<E: From<DataError>>(&self, mut visit: impl FnMut(&[f64]) -> Result<(), E>) -> Result<(), E> {
        let (mut values, width) = (Vec::new(), self.width());
        self.pairs.pass(|block| {
            let pairs = block.as_chunks::<2>().0.iter().enumerate();
            values.clear();
            values.extend(pairs.map(|(at, pair)| (self.view)(*pair, at % width)));
            visit(&values)
        })
    }
}

/// Counts for one feature.
struct Panel {
    bins: usize,
    low: f64,
    high: f64,
    counts: Vec<u32>,
    residual: ResidualHistogram,
    sum: f64,
    squares: f64,
}

impl Panel {
    /// Nothing counted yet: `inputs` are the quantiles at the tails, `residuals` those at the ends and in the middle, with
    /// the median of their distances from it.
    fn new(inputs: &[f64], residuals: &[f64], deviation: f64, bins: usize) -> Self {
        let (low, high) = widened(inputs[0], inputs[1], 0.04);
        let (median, mad_sigma) = (residuals[1], NORMAL_MAD * deviation);
        let (least, largest) = if mad_sigma > 0.0 {
            (median - RESIDUAL_WIDTH * mad_sigma, median + RESIDUAL_WIDTH * mad_sigma)
        } else {
            widened(residuals[0], residuals[2], 0.0)
        };
        let residual = ResidualHistogram {
            low: least,
            high: largest,
            counts: vec![0; RESIDUAL_BINS],
            below: 0,
            above: 0,
            rmse: 0.0,
            bias: 0.0,
            median,
            mad_sigma,
        };
        Self { bins, low, high, counts: vec![0; bins * bins], residual, sum: 0.0, squares: 0.0 }
    }

    fn count(&mut self, input: f64, output: f64) {
        let place = |value| bin(value, self.low, self.high, self.bins);
        if let (Bin::Inside(column), Bin::Inside(row)) = (place(input), place(output)) {
            self.counts[row * self.bins + column] += 1;
        }
        let residual = output - input;
        self.sum += residual;
        self.squares += residual * residual;
        match bin(residual, self.residual.low, self.residual.high, RESIDUAL_BINS) {
            Bin::Below => self.residual.below += 1,
            Bin::Inside(index) => self.residual.counts[index] += 1,
            Bin::Above => self.residual.above += 1,
        }
    }

    fn finish(self, feature: &Feature, rows: usize) -> FeatureReconstruction {
        let rows = rows.max(1) as f64;
        let (bias, rmse) = (self.sum / rows, (self.squares / rows).sqrt());
        FeatureReconstruction {
            feature: feature.name.clone(),
            unit: feature.unit.clone(),
            bins: self.bins,
            low: self.low,
            high: self.high,
            counts: encode_u32(&self.counts),
            residual: ResidualHistogram { bias, rmse, ..self.residual },
        }
    }
}

enum Bin {
    Below,
    Inside(usize),
    Above,
}

fn bin(value: f64, low: f64, high: f64, bins: usize) -> Bin {
    let place = (value - low) / (high - low) * bins as f64;
    if place < 0.0 {
        Bin::Below
    } else if value <= high {
        Bin::Inside((place as usize).min(bins - 1))
    } else {
        Bin::Above
    }
}

/// The range with some of its width added on both sides; never empty.
fn widened(low: f64, high: f64, share: f64) -> (f64, f64) {
    let margin = (high - low) * share;
    if high > low { (low - margin, high + margin) } else { (low - 0.5, high + 0.5) }
}

/// For each feature the values below which some shares of all lie, interpolated linearly; zero if there are none.
fn quantiles<F: Fn([f64; 2], usize) -> f64>(source: &View<'_, F>, shares: &[f64]) -> Result<Vec<Vec<f64>>, DataError> {
    let Some(last) = source.pairs.rows().checked_sub(1) else {
        return Ok(vec![vec![0.0; shares.len()]; source.width()]);
    };
    let place = |share: &f64| share * last as f64;
    let ranks = shares.iter().map(place).flat_map(|place| {
        let below = place.floor() as usize;
        [below as u64, (below + 1).min(last) as u64]
    });
    let ranks: Vec<u64> = ranks.collect();
    let values = match source.pairs.in_memory() {
        Some(pairs) => (0..source.width()).map(|feature| source.selected(pairs, feature, &ranks)).collect(),
        None => values_of_ranks(source, &ranks, |value| value)?,
    };
    let between = |(values, place): (&[f64; 2], f64)| values[0] + (values[1] - values[0]) * (place - place.floor());
    let quantiles =
        |values: &Vec<f64>| values.as_chunks::<2>().0.iter().zip(shares.iter().map(place)).map(between).collect();
    Ok(values.iter().map(quantiles).collect())
}

impl<F: Fn([f64; 2], usize) -> f64> View<'_, F> {
    /// The values of some ranks in ascending order, as [`values_of_ranks`] finds them, of pairs in memory: faster by far.
    fn selected(&self, pairs: &[f64], feature: usize, ranks: &[u64]) -> Vec<f64> {
        let pairs = pairs.as_chunks::<2>().0.iter().skip(feature).step_by(self.width());
        let mut values: Vec<f64> = pairs.map(|pair| (self.view)(*pair, feature)).collect();
        ranks.iter().map(|rank| *values.select_nth_unstable_by(*rank as usize, f64::total_cmp).1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(pairs: &[(f64, f64)], bins: usize) -> FeatureReconstruction {
        let mut store = Store::new(2, pairs.len(), None).expect("in memory");
        let values: Vec<f64> = pairs.iter().flat_map(|(input, output)| [*input, *output]).collect();
        store.append(&values).expect("in memory");
        let feature = Feature { name: "x".into(), unit: None };
        reconstructions(&[feature], &store, bins).expect("in memory").remove(0)
    }

    #[test]
    fn every_residual_is_counted_once() {
        let pairs: Vec<(f64, f64)> =
            (0..1000).map(|i| (f64::from(i), f64::from(i) + f64::from(i % 17) - 8.0)).collect();
        let residual = panel(&pairs, 4).residual;
        assert_eq!(residual.counts.iter().sum::<u32>() + residual.below + residual.above, 1000);
        assert!((residual.rmse - 24.0_f64.sqrt()).abs() < 0.05 && residual.bias.abs() < 0.05);
        assert_eq!((residual.median, residual.mad_sigma), (0.0, 4.0 * NORMAL_MAD));
    }

    #[test]
    fn constant_values_make_a_panel_of_some_width() {
        let panel = panel(&[(3.0, 3.0), (3.0, 3.0)], 4);
        assert!(panel.high > panel.low && panel.residual.high > panel.residual.low);
        assert_eq!(panel.residual.counts.iter().sum::<u32>(), 2);
    }

    #[test]
    fn quantiles_are_the_same_from_memory_and_from_disk() {
        let directory = tempfile::tempdir().expect("a directory");
        let values: Vec<f64> = (0..4000).map(|value| f64::from(value * 37 % 1001) * 0.1 - 50.0).collect();
        let quantiles = |place| {
            let mut pairs = Store::new(4, 1000, place).expect("a store");
            pairs.append(&values).and_then(|()| pairs.finish()).expect("room for them");
            quantiles(&View { pairs: &pairs, view: |pair: [f64; 2], _| pair[1] - pair[0] }, &[0.0, 0.3, 0.5, 1.0])
        };
        let (memory, disk) = (quantiles(None), quantiles(Some(directory.path())));
        assert_eq!(memory.expect("in memory"), disk.expect("on disk"));
    }

    #[test]
    fn nothing_makes_a_panel_too() {
        assert_eq!(panel(&[], 4).residual.counts.iter().sum::<u32>(), 0);
    }
}
