//! Anomalies: how unlike ordinary rows a row is, and how often an ordinary row would look so.
//!
//! ```text
//! rows ─┬─ training rows ── bag, trim ──▶ members: autoencoders of one shape, each from other rows and weights
//!       │        └─ rows that a member did not see ──▶ its residuals: their covariance; what scores are usual
//!       └─ calibration rows ── scores of rows that nothing was fitted on ──▶ p-values
//! ```
//!
//! * `component` names what is measured of a row: its residual, the residual's Mahalanobis distance, and how far it is
//!   from what the autoencoder makes of a few ordinary rows.
//! * `judge` measures that for one member; `covariance` is what residuals vary like.
//! * `view` is a scaling under which members see rows; they take turns with some.
//! * `member` is the training of one of them, without the rows that it reconstructs worst.
//! * `usual` puts the components on one scale, by the rows that members did not see.
//! * [`Conformal`] turns scores into p-values, and rates of false alarms or discoveries into thresholds.
//! * [`train`] makes a model with a [`Detector`]; [`Scoring`] applies it to rows.
//!
//! The share of anomalies is never asked for. Training rows may contain some: each member is trained a second time without
//! the rows that it reconstructed worst.

mod component;
mod conformal;
mod covariance;
mod detector;
mod judge;
mod member;
mod scoring;
#[cfg(test)]
mod tests;
mod training;
mod usual;
mod view;

pub use component::{COMPONENTS, Component};
pub use conformal::{Conformal, largest_discovered};
pub use detector::{Detector, DetectorDocument};
pub use scoring::{Explanation, Scored, Scoring};
pub use training::{DetectorOptions, network, suited, train};
