//! Scalings fitted to data.

use super::quantiles::quantiles;
use super::statistics::{Moments, moments};
use super::{FeatureScaling, Scaling, ScalingKind, Transform};
use crate::dataset::Chosen;
use crate::store::RowSource;
use crate::{DataError, Dataset, Part, Rows};

/// The interquartile range of a normal distribution of standard deviation 1.
const NORMAL_INTERQUARTILE_RANGE: f64 = 1.349;

impl Scaling {
    /// Fits a scaling to some rows of a data set, as a rule those that train.
    ///
    /// A feature that does not vary over `rows` gets scale 1, maps to 0 and is listed in [`Scaling::constant`]; with
    /// [`ScalingKind::Common`] it is scaled as the others are, and not listed.
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
        check_domain(kind, dataset.into())?;
        fit_source(kind, &Chosen { dataset, rows })
    }

    /// Fits a scaling to one part of a data set of any size: a few passes over it, in little memory.
    ///
    /// # Errors
    ///
    /// As [`Scaling::fit`], and those of reading.
    pub fn fit_part(kind: ScalingKind, part: Part<'_>) -> Result<Self, DataError> {
        check_domain(kind, part.rows)?;
        fit_source(kind, &part)
    }
}

/// Fits each feature to all rows of a source, which has at least one.
fn fit_source(kind: ScalingKind, source: &impl RowSource<f64>) -> Result<Scaling, DataError> {
    let constant = constant_features(source)?;
    let transforms: Vec<Transform> = match kind {
        ScalingKind::Log => vec![Transform::Log; source.width()],
        ScalingKind::Asinh => {
            let medians = quantiles(source, &[0.5], f64::abs)?;
            let softening = |median: f64| if median > 0.0 && median.recip().is_finite() { median } else { 1.0 };
            medians.iter().map(|median| Transform::Asinh { softening: softening(median[0]) }).collect()
        }
        _ => vec![Transform::Identity; source.width()],
    };
    let features = match kind {
        ScalingKind::Common => vec![common(Transform::Identity, source)?; source.width()],
        ScalingKind::Anscombe => vec![common(Transform::Anscombe, source)?; source.width()],
        ScalingKind::None => vec![FeatureScaling::IDENTITY; source.width()],
        ScalingKind::Factor(factor) => {
            vec![FeatureScaling { scale: factor, ..FeatureScaling::IDENTITY }; source.width()]
        }
        ScalingKind::Standard | ScalingKind::Log | ScalingKind::Asinh => standardised(&transforms, source, &constant)?,
        ScalingKind::Robust => robust(source, &constant)?,
        ScalingKind::RobustAsinh => {
            let bend = |FeatureScaling { center, scale, .. }| FeatureScaling {
                transform: Transform::AsinhAbout { center, softening: scale },
                ..FeatureScaling::IDENTITY
            };
            robust(source, &constant)?.into_iter().map(bend).collect()
        }
    };
    let constant = match kind {
        ScalingKind::Common | ScalingKind::Anscombe => Vec::new(),
        _ => (0..source.width()).filter(|feature| constant[*feature].is_some()).collect(),
    };
    Ok(Scaling { features, constant })
}

fn standardised(
    transforms: &[Transform],
    source: &impl RowSource<f64>,
    constant: &[Option<f64>],
) -> Result<Vec<FeatureScaling>, DataError> {
    let moments = moments(source, transforms)?;
    let feature = |((&transform, moments), constant): ((&Transform, &Moments), &Option<f64>)| match constant {
        Some(value) => FeatureScaling { transform, center: transform.forward(*value), scale: 1.0 },
        None => FeatureScaling { transform, center: moments.mean, scale: usable_scale(moments.deviation) },
    };
    Ok(transforms.iter().zip(&moments).zip(constant).map(feature).collect())
}

/// The scaling of all values together.
fn common(transform: Transform, source: &impl RowSource<f64>) -> Result<FeatureScaling, DataError> {
    let moments = moments(&OneByOne(source), &[transform])?;
    let Some(Moments { mean, deviation }) = moments.first().copied() else { return Ok(FeatureScaling::IDENTITY) };
    Ok(FeatureScaling { transform, center: mean, scale: usable_scale(deviation) })
}

/// The values of a source as rows of one.
struct OneByOne<'a, S>(&'a S);

impl<S: RowSource<f64>> RowSource<f64> for OneByOne<'_, S> {
    fn width(&self) -> usize {
        1
    }

    fn pass<E: From<DataError>>(&self, visit: impl FnMut(&[f64]) -> Result<(), E>) -> Result<(), E> {
        self.0.pass(visit)
    }
}

fn robust(source: &impl RowSource<f64>, constant: &[Option<f64>]) -> Result<Vec<FeatureScaling>, DataError> {
    let transforms = vec![Transform::Identity; source.width()];
    let quartiles = quantiles(source, &[0.25, 0.5, 0.75], |value| value)?;
    let range = |feature: usize| quartiles[feature][2] - quartiles[feature][0];
    // Only where most values are equal is the deviation needed.
    let deviates = |feature: &usize| constant[*feature].is_none() && range(*feature) <= 0.0;
    let moments =
        if (0..source.width()).any(|feature| deviates(&feature)) { moments(source, &transforms)? } else { Vec::new() };
    let feature = |feature: usize| {
        if let Some(value) = constant[feature] {
            return FeatureScaling { center: value, ..FeatureScaling::IDENTITY };
        }
        let scale =
            if deviates(&feature) { moments[feature].deviation } else { range(feature) / NORMAL_INTERQUARTILE_RANGE };
        FeatureScaling { transform: Transform::Identity, center: quartiles[feature][1], scale: usable_scale(scale) }
    };
    Ok((0..source.width()).map(feature).collect())
}

/// 1 for a scale that cannot be divided by.
fn usable_scale(scale: f64) -> f64 {
    if scale > 0.0 && scale.is_finite() && scale.recip().is_finite() { scale } else { 1.0 }
}

/// For each feature its value, if it has the same in every row.
fn constant_features(source: &impl RowSource<f64>) -> Result<Vec<Option<f64>>, DataError> {
    let mut values: Option<Vec<Option<f64>>> = None;
    source.pass(|block| {
        for row in block.chunks_exact(source.width().max(1)) {
            let values = values.get_or_insert_with(|| row.iter().map(|value| Some(*value)).collect());
            for (first, value) in values.iter_mut().zip(row) {
                match first {
                    // NaN is no value.
                    Some(known) if known.is_nan() => *known = *value,
                    Some(known) if *known != *value && !value.is_nan() => *first = None,
                    _ => {}
                }
            }
        }
        Ok::<_, DataError>(())
    })?;
    Ok(values.unwrap_or_default())
}

/// Refuses the first value that a kind of scaling cannot take.
fn check_domain(kind: ScalingKind, rows: Rows<'_>) -> Result<(), DataError> {
    let transform = match kind {
        ScalingKind::Log => Transform::Log,
        ScalingKind::Anscombe => Transform::Anscombe,
        _ => return Ok(()),
    };
    let width = rows.width().max(1);
    let mut first = 0;
    rows.pass(|block| {
        if let Some(position) = block.iter().position(|&value| transform.refuses(value)) {
            let (path, row) = rows.origin(first + position / width);
            let column = rows.features()[position % width].name.clone();
            return Err(transform.refusal(path, row, column, block[position]));
        }
        first += block.len() / width;
        Ok(())
    })
}
