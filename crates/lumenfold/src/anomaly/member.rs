//! One autoencoder of an ensemble: trained on some rows, and anew without those that it reconstructs worst.

use std::sync::atomic::AtomicBool;

use lumenfold_data::{Dataset, Rows, ScalingKind, permutation};
use lumenfold_engine::Part;

use super::judge::Prototypes;
use super::training::{FEWEST_ROWS, go_on};
use crate::bounded::apply;
use crate::fit::{Progress, fit};
use crate::settings::Settings;
use crate::{Autoencoder, Error, Fitted};

/// Rows in a step of a member's training.
const BATCH: usize = 128;

/// Steps at least: few rows are gone through often.
const FEWEST_STEPS: usize = 600;

/// Epochs of more rows, as far as they come to no more than so many steps, and epochs that all get.
const EPOCHS: usize = 100;
const MOST_STEPS: usize = 20_000;
const FEWEST_EPOCHS: usize = 20;

/// Steps of the training that tells which rows are reconstructed worst: with more of them, anomalies that come in groups
/// would be learned as well.
const ROUGH_STEPS: usize = 150;

/// The stream of random numbers that prototypes are drawn from.
const STREAM: u64 = 1 << 32;

/// The training of one member.
pub(super) struct Task<'a> {
    /// The training rows in scaled units, with errors if they have any.
    pub(super) within: &'a Dataset,
    pub(super) settings: &'a Settings,
    pub(super) trim: f64,
    pub(super) seed: u64,
    pub(super) stop: &'a AtomicBool,
}

impl Task<'_> {
    /// Trains on rows, then anew without those that are reconstructed worst. Gives the rows that were trained on last.
    pub(super) fn train(&self, bag: &[u32], mut observe: impl FnMut(&Progress)) -> Result<(Fitted, Vec<u32>), Error> {
        let batch = |rows: usize| self.settings.batch.unwrap_or(BATCH).min(rows);
        let epochs = |rows: usize| {
            let steps = rows.div_ceil(batch(rows));
            let wanted = (EPOCHS * steps).clamp(FEWEST_STEPS, MOST_STEPS);
            self.settings.epochs.unwrap_or_else(|| wanted.div_ceil(steps).max(FEWEST_EPOCHS))
        };
        if self.trim == 0.0 {
            return Ok((self.fit(bag, (batch(bag.len()), epochs(bag.len())), &mut observe)?, bag.to_vec()));
        }
        let rough = ROUGH_STEPS.div_ceil(bag.len().div_ceil(batch(bag.len()))).min(epochs(bag.len()));
        let first = self.fit(bag, (batch(bag.len()), rough), &mut observe)?;
        let width = self.within.features.len();
        let values: Vec<f32> = chosen(&self.within.values, bag, width).map(|value| value as f32).collect();
        let mut output = vec![0.0; values.len()];
        apply(&first.autoencoder, Part::Whole, &values, &mut output, self.settings.threads)?;
        let mut squares: Vec<f64> = values.iter().zip(&output).map(|(a, b)| f64::from(a - b).powi(2)).collect();
        if let Some(errors) = &self.within.errors {
            // As they weigh in the training.
            squares.iter_mut().zip(chosen(errors, bag, width)).for_each(|(square, error)| *square /= error * error);
        }
        let losses: Vec<f64> = squares.chunks_exact(width).map(|row| row.iter().sum()).collect();
        let mut order: Vec<usize> = (0..bag.len()).collect();
        order.sort_by(|left, right| losses[*left].total_cmp(&losses[*right]));
        order.truncate(((bag.len() as f64 * (1.0 - self.trim)).round() as usize).max(FEWEST_ROWS / 2));
        order.sort_unstable();
        let kept: Vec<u32> = order.into_iter().map(|at| bag[at]).collect();
        let fitted = self.fit(&kept, (batch(kept.len()), epochs(kept.len())), &mut observe)?;
        Ok((fitted, kept))
    }

    fn fit(
        &self,
        rows: &[u32],
        (batch, epochs): (usize, usize),
        observe: impl FnMut(&Progress),
    ) -> Result<Fitted, Error> {
        let settings = Settings {
            scaling: ScalingKind::None,
            validation: 0.0,
            batch: Some(batch),
            epochs: Some(epochs),
            seed: self.seed,
            split_seed: None,
            allow_constant: true,
            ..self.settings.clone()
        };
        let width = self.within.features.len();
        go_on(self.stop)?;
        let errors = self.within.errors.as_ref().map(|errors| chosen(errors, rows, width).collect());
        let subset = dataset(&Rows::Memory(self.within), chosen(&self.within.values, rows, width).collect(), errors);
        let fitted = fit(&subset, &settings, self.stop, observe)?;
        go_on(self.stop)?;
        Ok(fitted)
    }

    /// What the member makes of some of the rows that it was trained on.
    pub(super) fn prototypes(&self, member: &Autoencoder, scaled: &[f32], kept: &[u32]) -> Result<Prototypes, Error> {
        let width = self.within.features.len();
        let wanted = Prototypes::count(width);
        let mut inputs = Vec::with_capacity(wanted * width);
        // Round after round, each in another order, where there are fewer rows than prototypes.
        for round in 0.. {
            for place in permutation(kept.len(), self.seed, STREAM + round) {
                if inputs.len() == wanted * width {
                    break;
                }
                inputs.extend_from_slice(&scaled[kept[place as usize] as usize * width..][..width]);
            }
            if inputs.len() == wanted * width {
                break;
            }
        }
        let mut outputs = vec![0.0; inputs.len()];
        apply(member, Part::Whole, &inputs, &mut outputs, self.settings.threads)?;
        Ok(Prototypes::new(outputs, width))
    }
}

/// Some of the rows of `[rows][width]`.
pub(super) fn chosen<'a>(values: &'a [f64], rows: &'a [u32], width: usize) -> impl Iterator<Item = f64> + use<'a> {
    rows.iter().flat_map(move |row| &values[*row as usize * width..][..width]).copied()
}

/// Rows, and the errors of their values if they have any, as a data set without a history.
pub(super) fn dataset(rows: &Rows<'_>, values: Vec<f64>, errors: Option<Vec<f64>>) -> Dataset {
    let count = values.len() / rows.features().len();
    Dataset {
        values,
        errors,
        masks: false,
        rows: count,
        features: rows.features().to_vec(),
        axes: rows.axes().to_vec(),
        carried: Vec::new(),
        source: rows.source(),
        used_rows: (0..count as u64).collect(),
        rows_before: 0,
        skipped: 0,
        first_skipped: None,
    }
}
