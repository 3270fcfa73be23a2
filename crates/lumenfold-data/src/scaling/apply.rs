//! Scalings applied: to one value, and to blocks of rows.

use super::{FeatureScaling, Scaling, Transform};
use crate::{DataError, Dataset, Rows};

/// The largest scaled value that a network takes. Squares of such values, and sums of millions of them, are still far
/// below the largest 32-bit float, so that layer normalisation does not overflow to results that look like numbers.
pub const LARGEST_SCALED: f32 = 1e12;

impl FeatureScaling {
    /// The scaling that changes nothing.
    pub const IDENTITY: Self = Self { transform: Transform::Identity, center: 0.0, scale: 1.0 };

    /// A value in the user's units, scaled.
    #[must_use]
    pub fn forward(&self, value: f64) -> f64 {
        (self.transform.forward(value) - self.center) / self.scale
    }

    /// A scaled value in the user's units.
    #[must_use]
    pub fn inverse(&self, scaled: f64) -> f64 {
        self.transform.inverse(scaled * self.scale + self.center)
    }

    /// How far the value in the user's units moves, to first order, per step of the scaled one.
    #[must_use]
    pub fn inverse_slope(&self, scaled: f64) -> f64 {
        self.transform.inverse_slope(scaled * self.scale + self.center) * self.scale
    }
}

impl Scaling {
    /// The scaling of `features` features that changes nothing.
    #[must_use]
    pub fn identity(features: usize) -> Self {
        Self { features: vec![FeatureScaling::IDENTITY; features], constant: Vec::new() }
    }

    /// Scales rows for the engine.
    ///
    /// values, scaled: `[rows][features]`
    ///
    /// # Panics
    ///
    /// The slices differ in length, or it is not a multiple of the number of features.
    pub fn forward_block(&self, values: &[f64], scaled: &mut [f32]) {
        self.check_lengths(values.len(), scaled.len());
        let width = self.features.len().max(1);
        for (row, output) in values.chunks_exact(width).zip(scaled.chunks_exact_mut(width)) {
            for ((feature, &value), output) in self.features.iter().zip(row).zip(output) {
                *output = feature.forward(value) as f32;
            }
        }
    }

    /// Turns rows of the engine back into the user's units.
    ///
    /// scaled, values: `[rows][features]`
    ///
    /// # Panics
    ///
    /// As [`Scaling::forward_block`].
    pub fn inverse_block(&self, scaled: &[f32], values: &mut [f64]) {
        self.check_lengths(scaled.len(), values.len());
        let width = self.features.len().max(1);
        for (row, output) in scaled.chunks_exact(width).zip(values.chunks_exact_mut(width)) {
            for ((feature, &value), output) in self.features.iter().zip(row).zip(output) {
                *output = feature.inverse(f64::from(value));
            }
        }
    }

    /// All rows of a data set, scaled for the engine: `[rows][features]`.
    ///
    /// # Errors
    ///
    /// Another number of features; the logarithm of a value that has none; a value so far out that sums of squares in single
    /// precision would overflow.
    /// The error names the first row and column.
    pub fn scaled(&self, dataset: &Dataset) -> Result<Vec<f32>, DataError> {
        self.check_features(dataset)?;
        let mut scaled = Vec::new();
        self.forward_checked(dataset.into(), 0, &dataset.values, &mut scaled)?;
        Ok(scaled)
    }

    fn check_features(&self, dataset: &Dataset) -> Result<(), DataError> {
        if dataset.features.len() == self.features.len() {
            return Ok(());
        }
        Err(DataError::FeatureCount {
            path: dataset.source.clone(),
            expected: self.features.len(),
            found: dataset.features.len(),
        })
    }

    /// Scales a block of rows, the first of which is sample `first`, and checks that the engine can take them.
    ///
    /// values, scaled: `[rows][features]`; `scaled` gets the length of `values`.
    ///
    /// # Errors
    ///
    /// As [`Scaling::scaled`].
    pub fn forward_checked(
        &self,
        rows: Rows<'_>,
        first: usize,
        values: &[f64],
        scaled: &mut Vec<f32>,
    ) -> Result<(), DataError> {
        scaled.resize(values.len(), 0.0);
        self.forward_block(values, scaled);
        // What is absent stays so.
        let is_bad =
            |(scaled, value): (&f32, &f64)| (scaled.is_nan() && !value.is_nan()) || scaled.abs() > LARGEST_SCALED;
        match scaled.iter().zip(values).position(is_bad) {
            None => Ok(()),
            Some(position) => Err(self.out_of_range(rows, first, position, values[position])),
        }
    }

    /// The error about the value at `position` of a block that begins with sample `first`.
    fn out_of_range(&self, rows: Rows<'_>, first: usize, position: usize, value: f64) -> DataError {
        let (index, feature) = (position / self.features.len(), position % self.features.len());
        let (path, row) = rows.origin(first + index);
        let column = rows.features()[feature].name.clone();
        let transform = self.features[feature].transform;
        if transform.refuses(value) {
            transform.refusal(path, row, column, value)
        } else {
            let scaled = self.features[feature].forward(value);
            DataError::ScaledOutOfRange { path, row, column, value, scaled }
        }
    }

    fn check_lengths(&self, input: usize, output: usize) {
        assert_eq!(input, output, "the blocks differ in length");
        assert_eq!(input % self.features.len().max(1), 0, "the block does not hold whole rows");
    }
}
