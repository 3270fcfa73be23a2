//! Scalings fitted to data.

use super::statistics::{Moments, moments, quantile, sorted};
use super::{FeatureScaling, Scaling, ScalingKind, Transform};
use crate::{DataError, Dataset};

/// The interquartile range of a normal distribution of standard deviation 1.
const NORMAL_INTERQUARTILE_RANGE: f64 = 1.349;

impl Scaling {
    /// Fits a scaling to some rows of a data set, as a rule those that train.
    ///
    /// A feature that does not vary over `rows` gets scale 1, maps to 0 and is listed in [`Scaling::constant`].
    ///
    /// # Errors
    ///
    /// For [`ScalingKind::Log`]: a value that is not above 0, in any row of the data set. No rows.
    ///
    /// # Panics
    ///
    /// A row is beyond the last.
    pub fn fit(kind: ScalingKind, dataset: &Dataset, rows: &[u32]) -> Result<Self, DataError> {
        if rows.is_empty() {
            return Err(DataError::NoRows { path: dataset.source.clone() });
        }
        if kind == ScalingKind::Log {
            check_positive(dataset)?;
        }
        let mut features = Vec::with_capacity(dataset.features.len());
        let mut constant = Vec::new();
        for position in 0..dataset.features.len() {
            let values: Vec<f64> = rows.iter().map(|&row| dataset.row(row as usize)[position]).collect();
            if values.iter().all(|&value| value == values[0]) {
                constant.push(position);
            }
            features.push(fit_feature(kind, &values));
        }
        Ok(Self { features, constant })
    }
}

fn fit_feature(kind: ScalingKind, values: &[f64]) -> FeatureScaling {
    match kind {
        ScalingKind::None => FeatureScaling::IDENTITY,
        ScalingKind::Factor(factor) => FeatureScaling { scale: factor, ..FeatureScaling::IDENTITY },
        ScalingKind::Standard => standardised(Transform::Identity, values),
        ScalingKind::Log => standardised(Transform::Log, values),
        ScalingKind::Asinh => {
            let absolute = sorted(values.iter().map(|value| value.abs()));
            let median = quantile(&absolute, 0.5);
            let softening = if median > 0.0 && median.recip().is_finite() { median } else { 1.0 };
            standardised(Transform::Asinh { softening }, values)
        }
        ScalingKind::Robust => {
            let ascending = sorted(values.iter().copied());
            if ascending.first() == ascending.last() {
                return standardised(Transform::Identity, values);
            }
            let range = quantile(&ascending, 0.75) - quantile(&ascending, 0.25);
            let scale = if range > 0.0 { range / NORMAL_INTERQUARTILE_RANGE } else { moments(values).deviation };
            FeatureScaling {
                transform: Transform::Identity,
                center: quantile(&ascending, 0.5),
                scale: usable_scale(scale),
            }
        }
    }
}

fn standardised(transform: Transform, values: &[f64]) -> FeatureScaling {
    if values.iter().all(|&value| value == values[0]) {
        return FeatureScaling { transform, center: transform.forward(values[0]), scale: 1.0 };
    }
    let transformed: Vec<f64> = values.iter().map(|&value| transform.forward(value)).collect();
    let Moments { mean, deviation } = moments(&transformed);
    FeatureScaling { transform, center: mean, scale: usable_scale(deviation) }
}

/// 1 for a scale that cannot be divided by.
fn usable_scale(scale: f64) -> f64 {
    if scale > 0.0 && scale.is_finite() && scale.recip().is_finite() { scale } else { 1.0 }
}

fn check_positive(dataset: &Dataset) -> Result<(), DataError> {
    let width = dataset.features.len().max(1);
    match dataset.values.iter().position(|&value| value <= 0.0) {
        None => Ok(()),
        Some(position) => Err(DataError::LogOfNonPositive {
            path: dataset.source.clone(),
            row: dataset.source_row(position / width) + 1,
            column: dataset.features[position % width].name.clone(),
            value: dataset.values[position],
        }),
    }
}
