//! The part of the document about samples with axes.

use serde::Serialize;

/// What is drawn of samples with axes.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct SamplePlots {
    pub values: usize,
    pub axes: Vec<SampleAxis>,
    pub verdict: Option<String>,
    pub judged: usize,
    pub views: Vec<SampleView>,
    pub triplets: Vec<Triplet>,
    pub error_along: Vec<ErrorAlong>,
    pub error_planes: Vec<Packed>,
    pub decoded: Option<DecodedPlane>,
}

/// An axis.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct SampleAxis {
    pub name: String,
    pub unit: Option<String>,
    pub bins: usize,
    pub first: f64,
    pub last: f64,
}

/// A line or a plane on which samples are drawn.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct SampleView {
    pub across: ViewSide,
    pub up: Option<ViewSide>,
    pub down: bool,
}

/// A side of a view.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct ViewSide {
    pub axis: usize,
    pub grid: Vec<f64>,
    pub averaged: usize,
}

/// Numbers in sixteen bits each.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct Packed {
    pub low: f64,
    pub high: f64,
    pub codes: String,
}

/// A sample with its reconstruction.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct Triplet {
    pub place: Place,
    pub rank: usize,
    pub source: String,
    pub row: u64,
    pub rmse: f64,
    pub cut: Vec<f64>,
    pub parts: Vec<TripletPart>,
}

/// Where a sample stands among those that are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Place {
    Best,
    Median,
    Worst,
}

/// A sample and its residual in one view.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct TripletPart {
    pub original: Packed,
    pub residual: Packed,
}

/// Errors against the grid of an axis, as base64 of little-endian `f32`.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct ErrorAlong {
    pub side: ViewSide,
    pub autoencoder: String,
    pub components: Option<usize>,
    pub pca: Option<String>,
}

/// Samples decoded at the points of a grid in latent space.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct DecodedPlane {
    pub names: Vec<String>,
    pub centre: Vec<f64>,
    pub directions: Vec<Vec<f64>>,
    pub coordinates: Vec<String>,
    pub across: Vec<f64>,
    pub up: Vec<f64>,
    pub rows: Vec<usize>,
    pub view: SampleView,
    pub cut: Vec<f64>,
    pub values: Packed,
}
