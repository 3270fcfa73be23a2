//! Counts of reconstruction against input and of residuals, for one feature.

use super::columns::encode_u32;
use super::document::{FeatureReconstruction, ResidualHistogram};
use lumenfold_data::Feature;

/// Bins of a residual histogram.
const RESIDUAL_BINS: usize = 81;

/// Half the width of a residual histogram, in robust standard deviations.
const RESIDUAL_WIDTH: f64 = 6.0;

/// The standard deviation of a normal distribution in median absolute deviations.
const NORMAL_MAD: f64 = 1.4826;

/// Share of the inputs that falls outside the panel on each side.
const TAIL: f64 = 0.0005;

/// The panel of one feature: pairs of input and reconstruction in its unit.
pub(super) fn reconstruction(feature: &Feature, pairs: &[(f64, f64)], bins: usize) -> FeatureReconstruction {
    let mut inputs: Vec<f64> = pairs.iter().map(|(input, _)| *input).collect();
    inputs.sort_by(f64::total_cmp);
    let (low, high) = widened(quantile(&inputs, TAIL), quantile(&inputs, 1.0 - TAIL), 0.04);
    let mut counts = vec![0_u32; bins * bins];
    for (input, output) in pairs {
        if let (Bin::Inside(column), Bin::Inside(row)) = (bin(*input, low, high, bins), bin(*output, low, high, bins)) {
            counts[row * bins + column] += 1;
        }
    }
    FeatureReconstruction {
        feature: feature.name.clone(),
        unit: feature.unit.clone(),
        bins,
        low,
        high,
        counts: encode_u32(&counts),
        residual: residual(pairs),
    }
}

fn residual(pairs: &[(f64, f64)]) -> ResidualHistogram {
    let count = pairs.len().max(1) as f64;
    let mut residuals: Vec<f64> = pairs.iter().map(|(input, output)| output - input).collect();
    let bias = residuals.iter().sum::<f64>() / count;
    let rmse = (residuals.iter().map(|residual| residual * residual).sum::<f64>() / count).sqrt();
    residuals.sort_by(f64::total_cmp);
    let median = quantile(&residuals, 0.5);
    let mut deviations: Vec<f64> = residuals.iter().map(|residual| (residual - median).abs()).collect();
    deviations.sort_by(f64::total_cmp);
    let mad_sigma = NORMAL_MAD * quantile(&deviations, 0.5);
    let (low, high) = if mad_sigma > 0.0 {
        (median - RESIDUAL_WIDTH * mad_sigma, median + RESIDUAL_WIDTH * mad_sigma)
    } else {
        widened(quantile(&residuals, 0.0), quantile(&residuals, 1.0), 0.0)
    };
    let (mut counts, mut below, mut above) = (vec![0; RESIDUAL_BINS], 0, 0);
    for residual in &residuals {
        match bin(*residual, low, high, RESIDUAL_BINS) {
            Bin::Below => below += 1,
            Bin::Inside(index) => counts[index] += 1,
            Bin::Above => above += 1,
        }
    }
    ResidualHistogram { low, high, counts, below, above, rmse, bias, median, mad_sigma }
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

/// Of ascending values; zero if there are none.
fn quantile(ascending: &[f64], share: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else { return 0.0 };
    let place = share * last as f64;
    let below = place.floor() as usize;
    let (a, b) = (ascending[below], ascending[(below + 1).min(last)]);
    a + (b - a) * (place - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_residual_is_counted_once() {
        let pairs: Vec<(f64, f64)> =
            (0..1000).map(|i| (f64::from(i), f64::from(i) + f64::from(i % 17) - 8.0)).collect();
        let residual = residual(&pairs);
        assert_eq!(residual.counts.iter().sum::<u32>() + residual.below + residual.above, 1000);
        assert!((residual.rmse - 24.0_f64.sqrt()).abs() < 0.05 && residual.bias.abs() < 0.05);
    }

    #[test]
    fn constant_values_make_a_panel_of_some_width() {
        let feature = Feature { name: "x".into(), unit: None };
        let panel = reconstruction(&feature, &[(3.0, 3.0), (3.0, 3.0)], 4);
        assert!(panel.high > panel.low && panel.residual.high > panel.residual.low);
        assert_eq!(panel.residual.counts.iter().sum::<u32>(), 2);
    }
}
