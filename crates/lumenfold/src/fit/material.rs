//! What a training works on: scaled rows to train on and held-out rows, in memory or in scratch files.

use std::path::Path;

use lumenfold_data::{BlockSplit, OrderSizes, Rows, Scaling, Store, divide};

use super::domain::Domain;
use super::objective::Ranges;
use crate::Error;
use crate::settings::Settings;

/// The rows of both parts, and what a loss of them should be compared with.
pub(super) struct Material {
    /// The scaled rows to train on: `[rows][features]`.
    pub(super) training: Store<f32>,
    /// The held-out rows in original units: `[rows][features]`.
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
    fn add(&mut self, scaled: &[f32], weights: &[f32]) {
        self.rows += 1;
        for (value, weight) in scaled.iter().zip(weights) {
            let value = f64::from(*value);
            self.sum += f64::from(*weight) * (value * value + 1.0);
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
    weights: &[f32],
    varies: &[bool],
    settings: &Settings,
) -> Result<Material, Error> {
    let width = rows.features().len();
    let directory: Option<&Path> = rows.scratch_directory();
    // One window is in memory during every epoch anyhow; with noise, it is a copy that differs from epoch to epoch.
    let is_window = split.train() * width <= OrderSizes::default().window_values && settings.jitter == 0.0;
    let mut training = Store::new(width, split.train(), directory.filter(|_| !is_window))?;
    let mut held_out = Store::new(width, split.held_out(), directory)?;
    let mut yardsticks = [Yardstick::default(); 2];
    let mut ranges = vec![[f32::INFINITY, f32::NEG_INFINITY]; width];
    let domain = settings.chosen_likelihood().map_or(Domain::Any, |likelihood| Domain::of(likelihood, settings));
    let mut strange = 0_usize;
    let mut scaled = Vec::new();
    divide(rows, split, |sample, block, flags| {
        scaling.forward_checked(rows, sample, block, &mut scaled)?;
        if let Some(at) = scaled.iter().position(|value| !domain.takes(*value)) {
            let (path, row) = rows.origin(sample + at / width);
            let column = rows.features()[at % width].name.clone();
            let (likelihood, allowed) = (settings.chosen_likelihood().unwrap_or_default(), domain.words());
            let (likelihood, allowed) = (likelihood.to_string(), allowed.to_owned());
            return Err(Error::OutsideLikelihood { path, row, column, value: block[at], likelihood, allowed });
        }
        strange += block.iter().zip(&scaled).filter(|(value, scaled)| domain.is_strange(**value, **scaled)).count();
        for ((original, scaled), is_held_out) in block.chunks_exact(width).zip(scaled.chunks_exact(width)).zip(flags) {
            yardsticks[usize::from(*is_held_out)].add(scaled, weights);
            if *is_held_out {
                held_out.append(original)?;
                continue;
            }
            training.append(scaled)?;
            for ([lowest, highest], value) in ranges.iter_mut().zip(scaled) {
                *lowest = lowest.min(*value);
                *highest = highest.max(*value);
            }
        }
        Ok::<_, Error>(())
    })?;
    training.finish()?;
    held_out.finish()?;
    match (0..width).find(|feature| varies[*feature] && ranges[*feature][0] == ranges[*feature][1]) {
        None => Ok(Material { training, held_out, ranges, strange: domain.remark(strange), yardsticks }),
        Some(feature) => Err(Error::VanishesWhenScaled {
            path: rows.source(),
            column: rows.features()[feature].name.clone(),
            scaling: settings.scaling.to_string(),
        }),
    }
}
