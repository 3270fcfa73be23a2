//! Crops of images that are new in every epoch.

use std::num::NonZeroUsize;
use std::ops::Range;

use lumenfold_data::{Crops, DataError, Scaling};

use super::material::scale_weighted;
use crate::parallel::in_order;

/// Crops that a thread draws at a time.
const PIECE: usize = 64;

/// How the rows of an epoch are drawn and scaled: as those of the first epoch, which are kept, were.
#[derive(Clone, Copy)]
pub(super) struct Fresh<'a> {
    pub(super) crops: &'a Crops,
    pub(super) scaling: &'a Scaling,
    /// Whether values have weights, which follow them.
    pub(super) weighs: bool,
    /// See [`super::material::Material`].
    pub(super) weight_unit: Option<f64>,
    /// The epoch, those of all starts counted on.
    pub(super) epoch: u64,
    pub(super) threads: NonZeroUsize,
}

impl Fresh<'_> {
    /// Adds some rows of the epoch to the end of `rows`: `[rows][features]`, with the weights of their values behind them
    /// if they have any.
    pub(super) fn read(&self, range: Range<usize>, rows: &mut Vec<f32>) -> Result<(), DataError> {
        let pieces = range.len().div_ceil(PIECE);
        let piece = |index: usize| {
            let first = range.start + index * PIECE;
            let mut drawn = Vec::new();
            let mut values = Vec::new();
            for row in first..range.end.min(first + PIECE) {
                values.clear();
                self.crops.read(self.epoch, row, &mut values)?;
                let width = self.scaling.features.len();
                let mut scaled = vec![0.0; width];
                self.scaling.forward_block(&values[..width], &mut scaled);
                let mut weights = vec![1.0; if self.weighs { width } else { 0 }];
                if self.weighs {
                    scale_weighted(self.scaling, self.weight_unit, &values, &mut scaled, &mut weights);
                }
                drawn.extend(scaled);
                drawn.extend(weights);
            }
            Ok::<_, DataError>(drawn)
        };
        for drawn in in_order(pieces, self.threads, piece) {
            rows.extend(drawn?);
        }
        Ok(())
    }
}
