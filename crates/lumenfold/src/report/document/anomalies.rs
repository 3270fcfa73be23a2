//! What a detector says of the rows.

use serde::Serialize;

/// Rows as a detector judges them.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct AnomalySummary {
    pub measures: Vec<String>,
    pub members: usize,
    pub calibration_rows: usize,
    pub rate: f64,
    pub rows: usize,
    pub outliers: usize,
    pub p_values: Vec<usize>,
    pub baselines: Vec<AnomalyBaseline>,
    pub most: Vec<AnomalousRow>,
}

/// What a simple method flags at the same rate.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct AnomalyBaseline {
    pub name: String,
    pub flagged: usize,
    pub shared: usize,
}

/// One of the most anomalous rows.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct AnomalousRow {
    pub source: String,
    pub row: u64,
    pub score: f64,
    pub p_value: f64,
    pub features: Vec<StandingOut>,
}

/// A feature of such a row.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are described in web/src/document.ts")]
pub struct StandingOut {
    pub name: String,
    pub unit: Option<String>,
    pub value: f64,
    pub expected: f64,
    pub uncertainty: f64,
    pub share: f64,
}
