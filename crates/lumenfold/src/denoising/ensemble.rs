//! The members of a denoiser at work on rows: their mean, and how far they are from one another.

use std::num::NonZeroUsize;

use lumenfold_engine::Part;

use crate::bounded::{apply, division, scaled};
use crate::parallel::in_order;
use crate::{Autoencoder, Error};

/// Rows that a thread takes at a time.
const PIECE: usize = 128;

/// What the members make of rows, in original units: `[rows][features]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Passed {
    /// The inverse scaling of the mean of their outputs.
    pub(crate) mean: Vec<f64>,
    /// The variance of the members about it.
    pub(crate) variance: Vec<f64>,
}

/// Autoencoders of one shape and scaling.
#[derive(Clone, Debug)]
pub(crate) struct Ensemble {
    pub(crate) members: Vec<Autoencoder>,
    /// Whether the values are counts, whose means are not below zero.
    pub(crate) counts: bool,
    pub(crate) threads: NonZeroUsize,
}

impl Ensemble {
    pub(crate) fn width(&self) -> usize {
        self.members.first().map_or(1, |member| member.features.len())
    }

    /// Passes rows in original units. The mean is taken where the networks work, in scaled units: of transformed counts the
    /// inverse is unbiased for a mean, not for single values.
    pub(crate) fn pass(&self, values: &[f64]) -> Result<Passed, Error> {
        let width = self.width();
        let Some(first) = self.members.first() else { return Ok(Passed::default()) };
        let (piece, inner, outer) = division(first, PIECE, self.threads);
        let pieces: Vec<&[f64]> = values.chunks(piece * width).collect();
        let done = in_order(pieces.len(), outer, |index| self.piece(pieces[index], inner));
        let mut passed = Passed::default();
        for piece in done {
            let piece = piece?;
            passed.mean.extend(piece.mean);
            passed.variance.extend(piece.variance);
        }
        Ok(passed)
    }

    fn piece(&self, values: &[f64], threads: NonZeroUsize) -> Result<Passed, Error> {
        let first = &self.members[0];
        let scaled = scaled(&first.scaling, values);
        let (mut sums, mut squares) = (vec![0.0_f64; values.len()], vec![0.0_f64; values.len()]);
        let mut output = vec![0.0_f32; values.len()];
        for member in &self.members {
            apply(member, Part::Whole, &scaled, &mut output, threads)?;
            for ((sum, square), output) in sums.iter_mut().zip(&mut squares).zip(&output) {
                *sum += f64::from(*output);
                *square += f64::from(*output) * f64::from(*output);
            }
        }
        let count = self.members.len() as f64;
        let features = first.scaling.features.iter().cycle();
        let of = |((sum, square), scaling): ((&f64, &f64), &lumenfold_data::FeatureScaling)| {
            let mean = sum / count;
            let spread = if count > 1.0 { (square - count * mean * mean).max(0.0) / (count - 1.0) } else { 0.0 };
            let slope = scaling.inverse_slope(mean);
            let value = scaling.inverse(mean);
            (if self.counts { value.max(0.0) } else { value }, spread * slope * slope)
        };
        let (mean, variance) = sums.iter().zip(&squares).zip(features).map(of).unzip();
        Ok(Passed { mean, variance })
    }
}
