//! Rows with the standard errors of their values behind them, taken apart.

use std::borrow::Cow;

use lumenfold_data::Scaling;

use crate::Autoencoder;

/// The values of some rows, and their errors and weights if they have any: `[rows][features]` each.
pub(crate) struct Apart<'a> {
    pub(crate) values: Cow<'a, [f64]>,
    errors: Option<Vec<f64>>,
    weights: Option<Vec<f32>>,
    features: usize,
}

impl Apart<'_> {
    pub(crate) fn errors_of(&self, row: usize) -> Option<&[f64]> {
        self.errors.as_ref().map(|errors| &errors[row * self.features..(row + 1) * self.features])
    }

    pub(crate) fn weights_of(&self, row: usize) -> Option<&[f32]> {
        self.weights.as_ref().map(|weights| &weights[row * self.features..(row + 1) * self.features])
    }
}

impl Autoencoder {
    /// Takes a block of rows of so many numbers apart.
    pub(crate) fn apart<'a>(&self, block: &'a [f64], width: usize) -> Apart<'a> {
        let features = self.features.len();
        if width == features {
            return Apart { values: Cow::Borrowed(block), errors: None, weights: None, features };
        }
        let half = |offset: usize| -> Vec<f64> {
            block.chunks_exact(width).flat_map(|row| &row[offset..offset + features]).copied().collect()
        };
        let (values, errors) = (half(0), half(features));
        let unit = self.weight_unit.unwrap_or(1.0);
        let weights = values.chunks_exact(features).zip(errors.chunks_exact(features));
        let weights = weights.flat_map(|(values, errors)| {
            let of_value = move |feature: usize| {
                weight(&self.scaling, feature, values[feature], errors[feature]).map_or(0.0, |weight| weight / unit)
            };
            (0..features).map(move |feature| of_value(feature) as f32)
        });
        let weights = Some(weights.collect());
        Apart { values: Cow::Owned(values), errors: Some(errors), weights, features }
    }
}

/// One over the squared error of a value in scaled units; none for an absent value.
pub(crate) fn weight(scaling: &Scaling, feature: usize, value: f64, error: f64) -> Option<f64> {
    let scaling = &scaling.features[feature];
    let ratio = scaling.inverse_slope(scaling.forward(value)) / error;
    (ratio * ratio).is_finite().then_some(ratio * ratio)
}

/// The squared errors of values in scaled units, `[rows][features]`; infinite for a value that is absent or whose error has no bound.
pub(crate) fn squared_errors(scaling: &Scaling, values: &[f64], errors: &[f64]) -> Vec<f64> {
    let features = (0..scaling.features.len()).cycle();
    let of = |((feature, value), error)| weight(scaling, feature, value, error).map_or(f64::INFINITY, f64::recip);
    features.zip(values.iter().copied()).zip(errors.iter().copied()).map(of).collect()
}
