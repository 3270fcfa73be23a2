//! Scaling: features of very different sizes brought to a common one, and back.
//!
//! A feature is scaled in two steps: a [`Transform`] that may bend it, then a shift and a division,
//! `(transform(x) - center) / scale`. Both can be undone, so every result can be told in the user's own units. The
//! numbers are fitted on training rows only and are part of a model.
//!
//! The sums behind them are two-pass sums in the order of the rows, and `log`, `exp`, `asinh` and `sinh` come from
//! `libm`, so the bits are the same on every platform.

mod apply;
mod columns;
mod fit;
mod kind;
mod quantiles;
mod statistics;
mod transform;

use serde::{Deserialize, Serialize};

pub use apply::LARGEST_SCALED;
pub use kind::ScalingKind;
pub use quantiles::values_of_ranks;
pub use transform::Transform;

/// How one feature is scaled: `(transform(x) - center) / scale`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureScaling {
    /// What bends the values before they are shifted.
    pub transform: Transform,
    /// What is subtracted, in units of the transformed value.
    pub center: f64,
    /// What is divided by, in units of the transformed value; never 0.
    pub scale: f64,
}

/// How all features of a data set are scaled.
///
/// ```
/// use lumenfold_data::{Column, Dataset, DatasetOptions, Scaling, ScalingKind, Table, Values};
/// let table = Table::new("t", vec![Column::new("x", Values::Float64(vec![1.0, 2.0, 3.0]))])?;
/// let dataset = Dataset::from_table(table, &DatasetOptions::default())?;
/// let scaling = Scaling::fit(ScalingKind::Factor(20.0), &dataset, &[0, 1, 2])?;
/// let mut block = [0.0_f32; 3];
/// scaling.forward_block(&dataset.values, &mut block);
/// assert_eq!(block, [0.05, 0.1, 0.15]);
/// # Ok::<(), lumenfold_data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// One entry per feature.
    pub features: Vec<FeatureScaling>,
    /// Positions of the features that did not vary over the rows they were fitted on. Where the kind shifts and
    /// divides, their scale is 1 and they map to 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constant: Vec<usize>,
}
