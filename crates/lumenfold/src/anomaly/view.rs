//! The scalings under which members see rows.
//!
//! A row that is far out in one feature is, under standard scaling, far from everything, and what its other features say hardly
//! counts. Under a scaling that bends far values in, as [`lumenfold_data::ScalingKind::RobustAsinh`] does, the relations between features
//! count as much as their sizes. Neither is better for all data, so members take turns.

use lumenfold_data::Scaling;
use serde::{Deserialize, Serialize};

use super::covariance::Covariance;

/// A scaling beside the model's own, and how residuals vary under it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct View {
    pub(super) scaling: Scaling,
    pub(super) covariance: Covariance,
}

impl View {
    /// What is wrong with it for so many features, if anything.
    pub(super) fn check(&self, features: usize) -> Result<(), String> {
        let scaling = &self.scaling;
        let good = |scale: f64| scale != 0.0 && scale.is_finite() && scale.recip().is_finite();
        if scaling.features.len() != features
            || scaling.features.iter().any(|feature| !good(feature.scale) || !feature.center.is_finite())
        {
            return Err("its detector has a scaling that is not that of its features".to_owned());
        }
        Ok(())
    }
}

/// The same in a model file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ViewDocument {
    /// As the model's own.
    pub scaling: Scaling,
    /// As those of the detector.
    pub variances: Vec<f64>,
    /// As that of the detector.
    pub whitening: Vec<f64>,
    /// As that of the detector.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub misfit: Vec<f64>,
}

impl From<&View> for ViewDocument {
    fn from(view: &View) -> Self {
        let Covariance { variances, whitening, misfit } = view.covariance.clone();
        Self { scaling: view.scaling.clone(), variances, whitening, misfit }
    }
}

impl From<ViewDocument> for View {
    fn from(document: ViewDocument) -> Self {
        let ViewDocument { scaling, variances, whitening, misfit } = document;
        Self { scaling, covariance: Covariance { variances, whitening, misfit } }
    }
}
