//! Tests of the library as its users see it, in one binary.
#![allow(clippy::unwrap_used, missing_docs)]

mod architectures;
mod associations;
mod clusters;
mod filters;
mod fits;
mod made;
mod metrics;
mod model_fixture;
mod models;
mod passages;
mod probe;
mod report_document;
mod report_samples;
mod scalings;
mod sweep_measures;
mod sweeps;
mod understanding;
