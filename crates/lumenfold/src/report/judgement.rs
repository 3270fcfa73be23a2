//! One pass over all rows: what is measured on those that are judged, and kept of those that are shown.

use std::num::NonZeroUsize;

use lumenfold_data::{BlockSplit, DataError, Rows, Store, divide};
use lumenfold_engine::Part;

use super::ReportRows;
use crate::metrics::Errors;
use crate::record::TrainingRecord;
use crate::{Autoencoder, Error};

/// Values that go through the network at a time, about: few rows of large samples.
const PASSED_VALUES: usize = 1 << 22;

/// What the pass found.
pub(super) struct Judgement {
    /// Which rows were judged.
    pub(super) judged: Judged,
    /// Their errors.
    pub(super) errors: Errors,
    /// Input and reconstruction of each drawn feature of the judged rows: `[rows][features][2]`.
    pub(super) pairs: Store<f64>,
    /// Of samples with axes: the root mean squared residual of each judged row.
    pub(super) sample_errors: Option<Store<f64>>,
    /// Latent codes of the rows that are shown: `[rows][latent]`.
    pub(super) latent: Vec<f32>,
    /// Their drawn features: `[rows][features]`.
    pub(super) inputs: Vec<f64>,
    /// The root mean squared residual of each, over all features.
    pub(super) residuals: Vec<f64>,
}

/// Rows that are judged: those held out if these are the data that were trained on, otherwise all.
pub(super) struct Judged {
    split: BlockSplit,
    held_out: bool,
}

impl Judged {
    fn new(rows: Rows<'_>, record: &TrainingRecord, same: bool) -> Result<Self, Error> {
        let held_out = same && record.validation_rows > 0;
        let share = if held_out { record.settings.validation } else { 0.0 };
        Ok(Self { split: BlockSplit::new(rows.rows(), share, record.seed_of_split())?, held_out })
    }

    /// Calls `visit` with each judged row and its number among all rows, in their order.
    pub(super) fn each<E: From<DataError>>(
        &self,
        rows: Rows<'_>,
        mut visit: impl FnMut(usize, &[f64]) -> Result<(), E>,
    ) -> Result<(), E> {
        let width = rows.features().len();
        divide(&rows, &self.split, |first, block, held_out| {
            let all = block.chunks_exact(width).zip(held_out).enumerate();
            let mut judged = all.filter(|(_, (_, held_out))| **held_out == self.held_out);
            judged.try_for_each(|(at, (row, _))| visit(first + at, row))
        })
    }
}

/// Rows on their way through an autoencoder.
pub(super) struct Through<'a> {
    autoencoder: &'a Autoencoder,
    rows: Rows<'a>,
    threads: NonZeroUsize,
    /// The rows in scaled units, and what the network made of them.
    scaled: Vec<f32>,
    output: Vec<f32>,
    /// The same in original units.
    pub(super) values: Vec<f64>,
}

impl<'a> Through<'a> {
    pub(super) fn new(autoencoder: &'a Autoencoder, rows: Rows<'a>, threads: NonZeroUsize) -> Self {
        Self { autoencoder, rows, threads, scaled: Vec::new(), output: Vec::new(), values: Vec::new() }
    }

    /// Reconstructs a block whose first row has this number.
    pub(super) fn pass(&mut self, first: usize, block: &[f64]) -> Result<(), Error> {
        let scaling = &self.autoencoder.scaling;
        scaling.forward_checked(self.rows, first, block, &mut self.scaled)?;
        self.output.resize(self.scaled.len(), 0.0);
        self.values.resize(self.scaled.len(), 0.0);
        self.autoencoder.apply(Part::Whole, &self.scaled, &mut self.output, self.threads)?;
        scaling.inverse_block(&self.output, &mut self.values);
        if let Some(at) = self.values.iter().position(|value: &f64| !value.is_finite()) {
            let (path, row) = self.rows.origin(first + at / self.autoencoder.features.len());
            return Err(Error::Overflow { path, row });
        }
        Ok(())
    }
}

/// The root mean squared residual of a row, over the features that it has.
pub(super) fn sample_error(original: &[f64], reconstructed: &[f64]) -> f64 {
    let pairs = original.iter().zip(reconstructed).filter(|(input, _)| !input.is_nan());
    let (mut squares, mut count) = (0.0, 0_usize);
    for (input, output) in pairs {
        squares += (output - input) * (output - input);
        count += 1;
    }
    (squares / count.max(1) as f64).sqrt()
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
        let has_axes = !autoencoder.axes().is_empty();
        let sample_errors = has_axes.then(|| Store::new(1, count, rows.scratch_directory()));
        let mut sample_errors = sample_errors.transpose()?;
        let (mut latent, mut inputs, mut residuals) = (Vec::new(), Vec::new(), Vec::new());
        let mut picker = report.shown.picker();
        let mut through = Through::new(autoencoder, rows, threads);
        let (mut chosen, mut codes, mut pair, mut errors) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut piece = |first: usize, block: &[f64], held_out: &[bool]| {
            through.pass(first, block)?;
            let Through { scaled, output, values, .. } = &through;
            let place = |row: usize| row * width..(row + 1) * width;
            pair.clear();
            errors.clear();
            for row in (0..held_out.len()).filter(|row| held_out[*row] == judged.held_out) {
                let (original, reconstructed) = (&block[place(row)], &values[place(row)]);
                let both = (&scaled[place(row)], &output[place(row)]);
                sums.add((original, reconstructed), both, None);
                pair.extend(
                    original.iter().zip(reconstructed).take(drawn).flat_map(|(input, output)| [*input, *output]),
                );
                if has_axes {
                    errors.push(sample_error(original, reconstructed));
                }
            }
            pairs.append(&pair)?;
            sample_errors.as_mut().map_or(Ok(()), |store| store.append(&errors))?;
            let picked = picker.pick(first, held_out.len());
            chosen.clear();
            for row in picked.into_iter().map(|row| row as usize) {
                chosen.extend_from_slice(&scaled[place(row)]);
                let (original, reconstructed) = (&block[place(row)], &values[place(row)]);
                inputs.extend_from_slice(&original[..drawn]);
                residuals.push(sample_error(original, reconstructed));
            }
            codes.resize(chosen.len() / width * latents, 0.0);
            autoencoder.apply(Part::Encoder, &chosen, &mut codes, threads)?;
            latent.extend_from_slice(&codes);
            Ok::<_, Error>(())
        };
        let piece_rows = (PASSED_VALUES / width.max(1)).max(1);
        divide(&rows, &judged.split, |first, block, held_out| {
            let pieces = block.chunks(piece_rows * width).zip(held_out.chunks(piece_rows));
            pieces.enumerate().try_for_each(|(at, (block, held_out))| piece(first + at * piece_rows, block, held_out))
        })?;
        pairs.finish()?;
        sample_errors.as_mut().map_or(Ok(()), Store::finish)?;
        let errors = sums.finish();
        Ok(Self { judged, errors, pairs, sample_errors, latent, inputs, residuals })
    }
}
