//! Anomalies: how unlike ordinary rows a row is, and how often an ordinary row would look so.
//!
//! ```text
//! rows ─┬─ training rows ── bag, trim ──▶ members: autoencoders of one shape, each from other rows and weights
//!       │        └─ rows that a member did not see ──▶ its residuals: their covariance; what scores are usual
//!       └─ calibration rows ── scores of rows that nothing was fitted on ──▶ p-values
//! ```
//!
//! * `component` names what is measured of a row: its residual, the residual's Mahalanobis distance, how far it is from
//!   what the autoencoder makes of a few ordinary rows, and how far its code is from codes of ordinary rows.
//! * `judge` measures that for one member, `panel` for all; `covariance` is what residuals vary like, `codes` where codes lie.
//! * `view` is a scaling under which members see rows; they take turns with some.
//! * `width` makes the hidden layers of some members wider or narrower.
//! * `member` is the training of one of them, without the rows that it reconstructs worst.
//! * `usual` puts the components on one scale, by the rows that members did not see.
//! * `baseline` is what PCA, an isolation `forest` and nearest neighbours say of the same rows, from the same training rows.
//! * [`Conformal`] turns scores into p-values, and rates of false alarms or discoveries into thresholds.
//! * [`train`] makes a model with a [`Detector`]; [`Scoring`] applies it to rows.
//!
//! The share of anomalies is never asked for. Training rows may contain some: each member is trained a second time without
//! the rows that it reconstructed worst.

mod baseline;
mod codes;
mod component;
mod conformal;
mod covariance;
mod detector;
mod forest;
mod judge;
mod member;
mod panel;
mod roc;
mod scoring;
#[cfg(test)]
mod tests;
mod training;
mod usual;
mod view;
mod width;

pub use baseline::{BASELINES, Baselines};
pub use component::{COMPONENTS, Component};
pub use conformal::{Conformal, largest_discovered};
pub use detector::{Detector, DetectorDocument};
pub use roc::roc_area;
pub use scoring::{Explanation, Scored, Scoring};
pub use training::{DetectorOptions, network, suited, train};
