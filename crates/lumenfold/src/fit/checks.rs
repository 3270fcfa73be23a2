//! What is refused before a fit begins: data that cannot be learnt from.

use lumenfold_data::axis::Stretching;
use lumenfold_data::{BlockSplit, Crops, DataError, Rows, Scaling, ScalingKind, Transform, divide};

use super::domain::Domain;
use crate::Error;
use crate::settings::{Kind, LossUnits, Settings, listed};

/// Larger values cannot be squared and summed, and squares of smaller differences vanish.
const LARGEST_VALUE: f64 = 1e145;
const SMALLEST_SPREAD: f64 = 1e-145;

/// The split of the rows: at least two to train on.
pub(super) fn split_rows(rows: Rows<'_>, settings: &Settings) -> Result<BlockSplit, Error> {
    let needed = if settings.validation > 0.0 { 3 } else { 2 };
    if rows.rows() < needed {
        return Err(Error::TooFewRows { path: rows.source(), rows: rows.rows(), needed });
    }
    let split = match rows.crops() {
        // Where they overlap was seen to when they were cut.
        Some(crops) => BlockSplit::last(rows.rows(), crops.held_out())?,
        None => BlockSplit::new(rows.rows(), settings.validation, settings.seed_of_split())?,
    };
    if split.train() < 2 {
        let allowed = format!("small enough to leave 2 of the {} rows to train on", rows.rows());
        return Err(Error::Setting { name: "--validation", value: settings.validation.to_string(), allowed });
    }
    Ok(split)
}

/// Errors are reported as squares in original units, summed over rows: values must neither overflow nor vanish there.
/// For each feature whether it varies over the rows to train on.
pub(super) fn refuse_unusable_features(
    rows: Rows<'_>,
    settings: &Settings,
    split: &BlockSplit,
) -> Result<Vec<bool>, Error> {
    let path = || rows.source();
    let name = |feature: usize| rows.features()[feature].name.clone();
    let width = rows.features().len();
    let mut first: Option<Vec<f64>> = None;
    let mut spread = vec![0.0_f64; width];
    divide(&rows, split, |sample, block, held_out| {
        if let Some(at) = block.iter().position(|value| value.abs() > LARGEST_VALUE) {
            let (path, row) = rows.origin(sample + at / width);
            return Err(Error::TooLargeToSquare { path, row, column: name(at % width), value: block[at] });
        }
        for (row, held_out) in block.chunks_exact(width).zip(held_out) {
            if !held_out {
                let first = first.get_or_insert_with(|| row.to_vec());
                for (spread, (value, first)) in spread.iter_mut().zip(row.iter().zip(first)) {
                    // NaN is no value.
                    *first = if first.is_nan() { *value } else { *first };
                    *spread = spread.max((value - *first).abs());
                }
            }
        }
        Ok(())
    })?;
    if let Some(feature) = first.iter().flatten().position(|value| value.is_nan()) {
        return Err(Error::NoValues { path: path(), column: name(feature) });
    }
    if let Some(feature) = spread.iter().position(|spread| *spread > 0.0 && *spread < SMALLEST_SPREAD) {
        return Err(Error::TooSmallToSquare { path: path(), column: name(feature), spread: spread[feature] });
    }
    let constant: Vec<usize> = (0..width).filter(|feature| spread[*feature] == 0.0).collect();
    // Scaled together with the others, a value that stays the same does no harm: the rim of an image is often empty.
    let is_common = matches!(settings.scaling, ScalingKind::Common | ScalingKind::Anscombe);
    let allowed = settings.allow_constant || (is_common && constant.len() < width);
    match (constant.first(), first) {
        (Some(feature), Some(first)) if !allowed => Err(Error::ConstantFeature {
            path: path(),
            column: name(*feature),
            value: first[*feature],
            others: constant.len() - 1,
        }),
        _ => Ok(spread.iter().map(|spread| *spread > 0.0).collect()),
    }
}

/// Refuses images with a value that scaling or likelihood do not take: every epoch draws other crops, and what cannot be
/// learnt from should not come up in the middle of a training.
pub(super) fn refuse_images(crops: &Crops, scaling: &Scaling, settings: &Settings) -> Result<(), Error> {
    crops.check_scaling(scaling)?;
    let Some(likelihood) = settings.chosen_likelihood() else { return Ok(()) };
    let domain = Domain::of(settings);
    let takes = |value: &f64| scaling.features.iter().all(|feature| domain.takes(feature.forward(*value) as f32));
    match crops.range().iter().find(|value| !takes(value)) {
        None => Ok(()),
        Some(value) => {
            let allowed = domain.words();
            let reason = format!("{value} is no value of --likelihood {likelihood}; values must be {allowed}");
            Err(DataError::Image { path: crops.images().path().to_owned(), reason }.into())
        }
    }
}

/// Weights of the squared error in scaled units, with mean 1.
pub(super) fn loss_weights(settings: &Settings, scaling: &Scaling) -> Result<Vec<f32>, Error> {
    let features = scaling.features.len();
    let mut weights = settings.feature_weights.clone().unwrap_or_else(|| vec![1.0; features]);
    if weights.len() != features {
        return Err(Error::Setting {
            name: "--feature-weights",
            value: format!("a list of {}", weights.len()),
            allowed: format!("one for each of the {features} features, in their order"),
        });
    }
    if settings.loss_units == LossUnits::Original {
        if scaling.features.iter().any(|feature| feature.transform != Transform::Identity) {
            return Err(Error::Setting {
                name: "--loss-units",
                value: LossUnits::Original.to_string(),
                allowed: format!(
                    "scaled with --scale {}: {} scaling bends the values, so no weights restore their units",
                    settings.scaling, settings.scaling
                ),
            });
        }
        weights
            .iter_mut()
            .zip(&scaling.features)
            .for_each(|(weight, feature)| *weight *= feature.scale * feature.scale);
    }
    let mean = weights.iter().sum::<f64>() / features as f64;
    Ok(weights.iter().map(|weight| (weight / mean) as f32).collect())
}

/// How the rows are to be stretched.
pub(super) fn stretching(rows: Rows<'_>, settings: &Settings) -> Result<Option<Stretching>, Error> {
    if settings.stretch.is_empty() {
        return Ok(None);
    }
    let wrong = |allowed: String| Err(Error::Setting { name: "--stretch", value: listed(&settings.stretch), allowed });
    if rows.crops().is_some() {
        return wrong("left out with --patch, whose rows are new in every epoch as they are".to_owned());
    }
    let stretching = match Stretching::new(rows.axes(), &settings.stretch) {
        Ok(stretching) => stretching,
        Err(allowed) => return wrong(allowed),
    };
    let alike = [ScalingKind::Common, ScalingKind::Anscombe, ScalingKind::None];
    if alike.contains(&settings.scaling) || matches!(settings.scaling, ScalingKind::Factor(_)) {
        return Ok(Some(stretching));
    }
    let allowed = "common, anscombe, none or factor:NUMBER with --stretch: neighbouring bins must share a scale";
    Err(Error::Setting { name: "--scale", value: settings.scaling.to_string(), allowed: allowed.to_owned() })
}

/// Refuses what values with errors, or absent ones, do not go together with.
pub(super) fn refuse_combinations(rows: Rows<'_>, settings: &Settings) -> Result<(), Error> {
    let (errors, masks) = (rows.has_errors(), rows.masks());
    if let Some(count) = settings.components.filter(|_| errors || masks || rows.crops().is_some()) {
        let with = if errors { "--errors" } else { "--missing mask" };
        let with = if rows.crops().is_some() { "--patch" } else { with };
        let allowed = format!("left out with {with}: scores need every value of a row, and rows that stay the same");
        return Err(Error::Setting { name: "--components", value: count.to_string(), allowed });
    }
    let refuse = |name: &'static str, value: String, allowed: &str| {
        Err(Error::Setting { name, value, allowed: allowed.to_owned() })
    };
    let given = if errors { "--errors" } else { "--missing mask" };
    if !errors && !masks {
        return Ok(());
    }
    if settings.kind == Kind::Variational {
        let allowed = format!("undercomplete, denoising or sparse with {given}: a likelihood has its own weights");
        return refuse("--kind", settings.kind.to_string(), &allowed);
    }
    if settings.jitter > 0.0 {
        return refuse("--jitter", settings.jitter.to_string(), &format!("0 with {given}"));
    }
    if let Some(share) = settings.stretch.first() {
        return refuse("--stretch", share.to_string(), &format!("left out with {given}"));
    }
    if errors && settings.loss_units == LossUnits::Original {
        let allowed = "left out with --errors: errors already weigh values in their own units";
        return refuse("--loss-units", settings.loss_units.to_string(), allowed);
    }
    Ok(())
}
