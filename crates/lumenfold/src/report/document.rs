//! The JSON document of the report; `web/src/document.ts` says what each field means to the page.

mod anomalies;
mod samples;

use serde::Serialize;

pub use anomalies::{AnomalousRow, AnomalyBaseline, AnomalySummary, StandingOut};
pub use samples::{
    DecodedPlane, ErrorAlong, Packed, Place, SampleAxis, SamplePlots, SampleView, Triplet, TripletPart, ViewSide,
};

/// The whole report.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct ReportDocument {
    pub schema: u32,
    pub program: String,
    pub title: String,
    pub synthetic: bool,
    pub notes: Vec<String>,
    pub data: DataSummary,
    pub features: Vec<FeatureName>,
    pub model: ModelSummary,
    pub training: Training,
    pub errors: ErrorSummary,
    pub latent: LatentTable,
    pub columns: Vec<ColourColumn>,
    pub reconstruction: Vec<FeatureReconstruction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anomalies: Option<AnomalySummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<SamplePlots>,
}

/// Where the rows came from and how they were divided.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct DataSummary {
    pub source: String,
    pub rows: usize,
    pub train_rows: usize,
    pub validation_rows: usize,
    pub skipped_rows: usize,
    pub fingerprint: String,
    pub same_as_trained: bool,
}

/// A feature.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct FeatureName {
    pub name: String,
    pub unit: Option<String>,
}

/// The architecture.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct ModelSummary {
    pub kind: String,
    pub latent_dimension: usize,
    pub encoder: Vec<usize>,
    pub decoder: Vec<usize>,
    pub activation: String,
    pub norm: String,
    pub parameters: usize,
    pub scaling: String,
}

/// How the model was trained.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct Training {
    pub seed: u64,
    pub epochs: usize,
    pub best_epoch: Option<usize>,
    pub batch: usize,
    pub optimizer: String,
    pub learning_rate: f64,
    pub weight_decay: f64,
    pub schedule: String,
    pub stopped: String,
    pub loss: LossHistory,
}

/// Loss after each epoch.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct LossHistory {
    pub label: String,
    pub epoch: Vec<usize>,
    pub train: Vec<f64>,
    pub validation: Option<Vec<f64>>,
}

/// Errors beside PCA.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct ErrorSummary {
    pub rows_label: String,
    pub unit: Option<String>,
    pub autoencoder: ErrorMeasure,
    pub pca: Vec<PcaMeasure>,
    pub per_feature: Vec<FeatureErrors>,
}

/// Error over all features.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct ErrorMeasure {
    pub mse: f64,
    pub rmse: f64,
    pub loss: f64,
    pub explained_variance: f64,
}

/// Error of PCA.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct PcaMeasure {
    pub components: usize,
    #[serde(flatten)]
    pub measure: ErrorMeasure,
}

/// Root-mean-square error of one feature.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct FeatureErrors {
    pub name: String,
    pub unit: Option<String>,
    pub autoencoder: f64,
    pub pca: Vec<f64>,
}

/// Latent codes as base64 of little-endian `f32`, one string for each coordinate.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct LatentTable {
    pub names: Vec<String>,
    pub rows_shown: usize,
    pub rows_total: usize,
    pub values: Vec<String>,
}

/// A column to colour the map by.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub enum ColourColumn {
    Number { name: String, unit: Option<String>, values: String },
    Category { name: String, labels: Vec<String>, codes: String },
}

/// Counts of reconstruction against input, and of residuals.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct FeatureReconstruction {
    pub feature: String,
    pub unit: Option<String>,
    pub bins: usize,
    pub low: f64,
    pub high: f64,
    pub counts: String,
    pub residual: ResidualHistogram,
}

/// Distribution of reconstruction minus input.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct ResidualHistogram {
    pub low: f64,
    pub high: f64,
    pub counts: Vec<u32>,
    pub below: u32,
    pub above: u32,
    pub rmse: f64,
    pub bias: f64,
    pub median: f64,
    pub mad_sigma: f64,
}
