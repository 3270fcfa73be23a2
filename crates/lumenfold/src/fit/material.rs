//! What a training works on: scaled rows to train on and held-out rows, in memory or in scratch files.

use std::path::Path;

use lumenfold_data::{BlockSplit, OrderSizes, RowSource, Rows, Scaling, ScalingKind, Store, divide};

use super::domain::Domain;
use super::objective::Ranges;
use crate::Error;
use crate::apart::weight as weight_of;
use crate::settings::Settings;

/// The rows of both parts, and what a loss of them should be compared with.
pub(super) struct Material {
    /// The scaled rows to train on: `[rows][features]`; where values have weights, `[rows][values, then weights]`.
    pub(super) training: Store<f32>,
    /// Whether they have.
    pub(super) weighs: bool,
    /// One over the squared scaled error of a value that weighs one, where values have errors.
    pub(super) weight_unit: Option<f64>,
    /// Values that are absent.
    pub(super) absent: usize,
    /// The held-out rows in original units: `[rows][features]`, with the errors of their values behind them if they have
    /// any.
    pub(super) held_out: Store<f64>,
    /// The lowest and the highest scaled value of each feature, among the rows to train on.
    pub(super) ranges: Ranges,
    /// Values that the likelihood takes, but that are not its own.
    pub(super) strange: Option<String>,
    /// A loss that no healthy network comes near, for the rows to train on and those held out; see [`Yardstick`].
    pub(super) yardsticks: [Yardstick; 2],
}

/// The loss of a network whose outputs are zero, and one unit more in every feature: about what a network with random
/// weights begins with, whatever the scaling.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Yardstick {
    sum: f64,
    rows: usize,
}

impl Yardstick {
    fn add(&mut self, scaled: &[f32], weights: impl Iterator<Item = f32>) {
        self.rows += 1;
        for (value, weight) in scaled.iter().zip(weights) {
            let value = f64::from(*value);
            self.sum += f64::from(weight) * (value * value + 1.0);
        }
    }

    /// The loss, in its units.
    pub(super) fn loss(&self, features: usize) -> f64 {
        self.sum / (self.rows.max(1) * features) as f64
    }
}

/// Scales and divides the rows. Files go where those of the rows are; rows in memory stay there.
///
/// `varies` tells which features vary over the rows to train on: they must still do so in single precision.
pub(super) fn prepare(
    rows: Rows<'_>,
    split: &BlockSplit,
    scaling: &Scaling,
    loss_weights: &[f32],
    varies: &[bool],
    settings: &Settings,
) -> Result<Material, Error> {
    let width = rows.features().len();
    let stored = rows.stored();
    let (length, weighs) = (stored.width(), rows.has_errors() || rows.masks());
    let weight_unit = if rows.has_errors() { Some(mean_weight(rows, split, scaling)?) } else { None };
    let directory: Option<&Path> = rows.scratch_directory();
    // One window is in memory during every epoch anyhow; with noise, or of crops, it is a copy that differs from epoch to epoch.
    let is_window = split.train() * width <= OrderSizes::default().window_values
        && !settings.varies_rows()
        && rows.crops().is_none();
    let mut training =
        Store::new(if weighs { 2 * width } else { width }, split.train(), directory.filter(|_| !is_window))?;
    let mut held_out = Store::new(length, split.held_out(), directory)?;
    let mut yardsticks = [Yardstick::default(); 2];
    let mut ranges = vec![[f32::INFINITY, f32::NEG_INFINITY]; width];
    let domain = Domain::of(settings);
    let mut strange = 0_usize;
    let mut absent = 0;
    let (mut scaled, mut values, mut weights) = (Vec::new(), Vec::new(), vec![1.0_f32; width]);
    divide(&stored, split, |sample, block, flags| {
        values.clear();
        block.chunks_exact(length).for_each(|row| values.extend_from_slice(&row[..width]));
        scaling.forward_checked(rows, sample, &values, &mut scaled)?;
        if let Some(at) = scaled.iter().position(|value| !domain.takes(*value)) {
            let (path, row) = rows.origin(sample + at / width);
            let column = rows.features()[at % width].name.clone();
            let (likelihood, allowed) = (settings.chosen_likelihood().unwrap_or_default(), domain.words());
            let (likelihood, allowed) = (likelihood.to_string(), allowed.to_owned());
            return Err(Error::OutsideLikelihood { path, row, column, value: values[at], likelihood, allowed });
        }
        strange += values.iter().zip(&scaled).filter(|(value, scaled)| domain.is_strange(**value, **scaled)).count();
        let rows = block.chunks_exact(length).zip(scaled.chunks_exact_mut(width));
        for ((original, scaled), is_held_out) in rows.zip(flags) {
            if weighs {
                absent += scale_weighted(scaling, weight_unit, original, scaled, &mut weights);
            }
            let of_values = weights.iter().zip(loss_weights).map(|(weight, of_feature)| weight * of_feature);
            yardsticks[usize::from(*is_held_out)].add(scaled, of_values);
            if *is_held_out {
                held_out.append(original)?;
                continue;
            }
            training.append(scaled)?;
            if weighs {
                training.append(&weights)?;
            }
            for (([lowest, highest], value), weight) in ranges.iter_mut().zip(&*scaled).zip(&weights) {
                if *weight > 0.0 {
                    *lowest = lowest.min(*value);
                    *highest = highest.max(*value);
                }
            }
        }
        Ok::<_, Error>(())
    })?;
    training.finish()?;
    held_out.finish()?;
    let vanishes = |feature: &usize| varies[*feature] && ranges[*feature][0] == ranges[*feature][1];
    // Beside others, with which it is scaled together, a feature may vary by less than single precision tells.
    let common = matches!(settings.scaling, ScalingKind::Common | ScalingKind::Anscombe);
    let none_varies = || ranges.iter().all(|range| range[0] >= range[1]);
    match (0..width).find(vanishes).filter(|_| !common || none_varies()) {
        None => Ok(Material {
            training,
            weighs,
            weight_unit,
            absent,
            held_out,
            ranges,
            strange: domain.remark(strange),
            yardsticks,
        }),
        Some(feature) => Err(Error::VanishesWhenScaled {
            path: rows.source(),
            column: rows.features()[feature].name.clone(),
            scaling: settings.scaling.to_string(),
        }),
    }
}

/// Gives the values of a scaled row their weights and takes zero for those that are absent; tells how many these are.
/// `original` has the errors of the values behind them, if there are any.
pub(super) fn scale_weighted(
    scaling: &Scaling,
    weight_unit: Option<f64>,
    original: &[f64],
    scaled: &mut [f32],
    weights: &mut [f32],
) -> usize {
    let (width, mut absent) = (scaled.len(), 0);
    for (feature, (scaled, weight)) in scaled.iter_mut().zip(weights).enumerate() {
        *weight = match weight_unit {
            _ if scaled.is_nan() => 0.0,
            None => 1.0,
            Some(unit) => {
                let weight = weight_of(scaling, feature, original[feature], original[width + feature]);
                (weight.unwrap_or(0.0) / unit) as f32
            }
        };
        if scaled.is_nan() {
            absent += 1;
            *scaled = 0.0;
        }
    }
    absent
}

/// The mean weight of the values to train on: that of a value that weighs one in the loss.
fn mean_weight(rows: Rows<'_>, split: &BlockSplit, scaling: &Scaling) -> Result<f64, Error> {
    let (stored, width) = (rows.stored(), rows.features().len());
    let (mut sum, mut count) = (0.0, 0_usize);
    divide(&stored, split, |_, block, flags| {
        for (row, _) in block.chunks_exact(stored.width()).zip(flags).filter(|(_, is_held_out)| !**is_held_out) {
            for feature in 0..width {
                if let Some(weight) = weight_of(scaling, feature, row[feature], row[width + feature]) {
                    sum += weight;
                    count += 1;
                }
            }
        }
        Ok::<_, Error>(())
    })?;
    let mean = sum / count.max(1) as f64;
    Ok(if mean > 0.0 && mean.is_finite() { mean } else { 1.0 })
}
