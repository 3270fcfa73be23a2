//! One pass over all rows: what is measured on those that are judged, and kept of those that are shown.

use std::num::NonZeroUsize;

use lumenfold_data::{BlockSplit, Rows, Store, divide};
use lumenfold_engine::Part;

use super::ReportRows;
use crate::metrics::Errors;
use crate::record::TrainingRecord;
use crate::{Autoencoder, Error};

/// What the pass found.
pub(super) struct Judgement {
    /// Of the judged rows.
    pub(super) errors: Errors,
    /// Input and reconstruction of each drawn feature of the judged rows: `[rows][features][2]`.
    pub(super) pairs: Store<f64>,
    /// Latent codes of the rows that are shown: `[rows][latent]`.
    pub(super) latent: Vec<f32>,
    /// Their drawn features: `[rows][features]`.
    pub(super) inputs: Vec<f64>,
    /// The root mean squared residual of each, over all features.
    pub(super) residuals: Vec<f64>,
}

/// Rows that are judged: those held out if these are the data that were trained on, otherwise all.
struct Judged {
    split: BlockSplit,
    held_out: bool,
}

impl Judged {
    fn new(rows: Rows<'_>, record: &TrainingRecord, same: bool) -> Result<Self, Error> {
        let held_out = same && record.validation_rows > 0;
        let share = if held_out { record.settings.validation } else { 0.0 };
        Ok(Self { split: BlockSplit::new(rows.rows(), share, record.seed_of_split())?, held_out })
    }
}

impl Judgement {
    /// Passes the rows through the autoencoder. The first `drawn` features are kept.
    pub(super) fn of(
        autoencoder: &Autoencoder,
        record: &TrainingRecord,
        report: ReportRows<'_>,
        (same, drawn): (bool, usize),
        threads: NonZeroUsize,
    ) -> Result<Self, Error> {
        let rows = report.rows;
        let judged = Judged::new(rows, record, same)?;
        let (width, latents) = (rows.features().len(), autoencoder.network.latent_dimension());
        let mut sums = autoencoder.error_sums();
        let count = if judged.held_out { judged.split.held_out() } else { rows.rows() };
        let mut pairs = Store::new(2 * drawn, count, rows.scratch_directory())?;
        let (mut latent, mut inputs, mut residuals) = (Vec::new(), Vec::new(), Vec::new());
        let mut picker = report.shown.picker();
        let (mut scaled, mut output, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let (mut chosen, mut codes, mut pair) = (Vec::new(), Vec::new(), Vec::new());
        divide(&rows, &judged.split, |first, block, held_out| {
            autoencoder.scaling.forward_checked(rows, first, block, &mut scaled)?;
            output.resize(scaled.len(), 0.0);
            values.resize(scaled.len(), 0.0);
            autoencoder.apply(Part::Whole, &scaled, &mut output, threads)?;
            autoencoder.scaling.inverse_block(&output, &mut values);
            if let Some(at) = values.iter().position(|value: &f64| !value.is_finite()) {
                let (path, row) = rows.origin(first + at / width);
                return Err(Error::Overflow { path, row });
            }
            let place = |row: usize| row * width..(row + 1) * width;
            pair.clear();
            for row in (0..held_out.len()).filter(|row| held_out[*row] == judged.held_out) {
                let (original, reconstructed) = (&block[place(row)], &values[place(row)]);
                let both = (&scaled[place(row)], &output[place(row)]);
                sums.add((original, reconstructed), both, None);
                pair.extend(
                    original.iter().zip(reconstructed).take(drawn).flat_map(|(input, output)| [*input, *output]),
                );
            }
            pairs.append(&pair)?;
            let picked = picker.pick(first, held_out.len());
            chosen.clear();
            for row in picked.into_iter().map(|row| row as usize) {
                chosen.extend_from_slice(&scaled[place(row)]);
                let (original, reconstructed) = (&block[place(row)], &values[place(row)]);
                inputs.extend_from_slice(&original[..drawn]);
                let squares =
                    original.iter().zip(reconstructed).map(|(input, output)| (output - input) * (output - input));
                residuals.push((squares.sum::<f64>() / width as f64).sqrt());
            }
            codes.resize(chosen.len() / width * latents, 0.0);
            autoencoder.apply(Part::Encoder, &chosen, &mut codes, threads)?;
            latent.extend_from_slice(&codes);
            Ok::<_, Error>(())
        })?;
        pairs.finish()?;
        Ok(Self { errors: sums.finish(), pairs, latent, inputs, residuals })
    }
}
