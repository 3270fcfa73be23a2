//! What is known without noise: errors and coverage.

use std::path::Path;

use lumenfold::Model;
use lumenfold::data::{DatasetOptions, each_block};
use lumenfold::denoising::{Chosen, Denoised, StatedNoise};
use serde_json::{Value, json};

use super::Denoise;
use crate::axes::Finding;
use crate::failure::Failure;
use crate::inputs;
use crate::outlet::Stop;
use crate::printer::Printer;
use crate::words::percent;

/// Deviations of a normal distribution within which 95 % lie.
const NINETY_FIVE: f64 = 1.959_963_985;

/// The true rows, and sums of errors.
pub(super) struct Truth {
    name: String,
    width: usize,
    values: Vec<f64>,
    largest: f64,
    seen: usize,
    within: [usize; 2],
    /// Of values whose truth is larger than its noise: how many, and how many of them within.
    above: usize,
    above_within: [usize; 2],
    measured: f64,
    denoised: f64,
    filtered: Vec<f64>,
}

impl Truth {
    pub(super) fn read(path: &Path, verb: &Denoise, model: &Model, printer: &Printer) -> Result<Self, Failure> {
        let sources = inputs::sources(vec![path.to_path_buf()])?;
        let columns = verb.rows.columns.clone();
        let found = Finding { model, columns, beside: Some(&[]), resample: false, masks: false }.open(
            &sources,
            &verb.rows.blocks(),
            printer,
        )?;
        let options =
            DatasetOptions { columns: Some(found.columns), axes: Some(Vec::new()), ..DatasetOptions::default() };
        let mut reader = found.reader;
        let mut values = Vec::new();
        each_block::<Stop>(&mut reader, &options, |_, block| {
            values.extend(block.values);
            Ok(())
        })?;
        let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let width = model.autoencoder.features().len();
        let name = inputs::name_of(&sources);
        Ok(Self {
            name,
            width,
            values,
            largest,
            seen: 0,
            within: [0; 2],
            above: 0,
            above_within: [0; 2],
            measured: 0.0,
            denoised: 0.0,
            filtered: Vec::new(),
        })
    }

    pub(super) fn add(
        &mut self,
        values: &[f64],
        noise: StatedNoise,
        denoised: &Denoised,
        numbers: &[u64],
    ) -> Result<(), Stop> {
        for (row, number) in numbers.iter().enumerate() {
            let place = *number as usize * self.width;
            let Some(truth) = self.values.get(place..place + self.width) else {
                let rows = self.values.len() / self.width;
                let message = format!(
                    "{}: has {rows} rows, and there are more to be denoised; give the truth of the same rows",
                    self.name
                );
                return Err(Stop::Failed(Failure::usage(message)));
            };
            for (feature, truth) in truth.iter().enumerate() {
                let at = row * self.width + feature;
                let error = denoised.estimate[at] - truth;
                self.measured += (values[at] - truth) * (values[at] - truth);
                self.denoised += error * error;
                let is_above = truth * truth >= noise.variance(*truth, Some(denoised.noise[at].sqrt()));
                self.above += usize::from(is_above);
                let limits = [1.0, NINETY_FIVE].into_iter().zip(&mut self.within).zip(&mut self.above_within);
                for ((limit, within), above) in limits {
                    let is_within = error.abs() <= limit * denoised.uncertainty[at];
                    *within += usize::from(is_within);
                    *above += usize::from(is_within && is_above);
                }
            }
            self.seen += self.width;
        }
        Ok(())
    }

    /// Adds what filters make of the same rows, whose truth is there.
    pub(super) fn add_filters(
        &mut self,
        filters: &[Chosen],
        (values, noise): (&[f64], &[f64]),
        numbers: &[u64],
        shape: &[usize],
    ) {
        self.filtered.resize(filters.len(), 0.0);
        for (sum, chosen) in self.filtered.iter_mut().zip(filters) {
            let estimate = chosen.filter.apply(values, noise, shape);
            for (row, number) in estimate.chunks_exact(self.width).zip(numbers) {
                let truth = &self.values[*number as usize * self.width..];
                *sum += row.iter().zip(truth).map(|(value, truth)| (value - truth) * (value - truth)).sum::<f64>();
            }
        }
    }

    /// Refuses a truth of other rows than the data `name`, which have so many.
    pub(super) fn check_rows(&self, name: &str, rows: usize) -> Result<(), Failure> {
        let own = self.values.len() / self.width;
        if own == rows {
            return Ok(());
        }
        Err(Failure::usage(format!(
            "{}: has {own} rows, and {name} has {rows}; give the truth of the same rows",
            self.name
        )))
    }

    fn shares(&self) -> [f64; 2] {
        self.within.map(|within| within as f64 / self.seen.max(1) as f64)
    }

    fn shares_above(&self) -> [f64; 2] {
        self.above_within.map(|within| within as f64 / self.above.max(1) as f64)
    }

    /// The peak signal-to-noise ratio of a sum of squared errors, in dB; the peak is the largest true value.
    fn psnr(&self, squares: f64) -> f64 {
        10.0 * (self.largest * self.largest * self.seen as f64 / squares).log10()
    }

    pub(super) fn say(&self, filters: &[Chosen], printer: &Printer) {
        let [one, two] = self.shares();
        let (before, after) = (self.psnr(self.measured), self.psnr(self.denoised));
        printer.say(format!(
            "truth: {} within the uncertainty (68.3 % expected), {} within 1.96 of them (95 % expected)",
            percent(one),
            percent(two)
        ));
        if self.above > 0 && self.above < self.seen {
            let ([one, two], share) = (self.shares_above(), self.above as f64 / self.seen.max(1) as f64);
            printer.say(format!(
                "truth: {} and {} of the values that are larger than their noise ({})",
                percent(one),
                percent(two),
                percent(share)
            ));
        }
        printer.say(format!(
            "truth: PSNR {before:.1} dB as measured, {after:.1} dB denoised, {:+.1} dB (peak: the largest true value)",
            after - before
        ));
        for (chosen, squares) in filters.iter().zip(&self.filtered) {
            printer.say(format!("truth: {:+.1} dB by {}", self.psnr(*squares) - before, chosen.filter));
        }
    }

    pub(super) fn json(&self, filters: &[Chosen]) -> Value {
        let ([one, two], [above_one, above_two]) = (self.shares(), self.shares_above());
        let (before, after) = (self.psnr(self.measured), self.psnr(self.denoised));
        let filters: Vec<Value> = filters
            .iter()
            .zip(&self.filtered)
            .map(|(chosen, squares)| json!({ "filter": chosen.filter.to_string(), "gain": self.psnr(*squares) - before }))
            .collect();
        json!({
            "filters": filters,
            "within_68": one, "within_95": two,
            "above_noise": { "values": self.above, "within_68": above_one, "within_95": above_two },
            "psnr_measured": before, "psnr": after, "gain": after - before,
            "rmse_measured": (self.measured / self.seen.max(1) as f64).sqrt(),
            "rmse": (self.denoised / self.seen.max(1) as f64).sqrt(),
        })
    }
}
