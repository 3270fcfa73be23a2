//! Noise removed from rows, with the uncertainty of every value and what speaks for it.
//!
//! ```text
//! rows ── members ──▶ estimates ── new noise, as stated ── members ──▶ how far they move: predicted errors
//!   │                    │                                                   │ classes, factors
//!   │                    └── signs along the noise ──▶ risks (Stein) ────────┘──▶ uncertainties
//!   └── residuals over the noise ──▶ p-values of rows, tests of the residuals
//! ```
//!
//! * `noise` is what the data are stated to have.
//! * `ensemble` are the autoencoders; `stored` how a model file keeps those beside its own, and [`train`] how they are made.
//! * `bootstrap` predicts errors, `risk` estimates them without the truth (Stein), and `calibration` brings the first to the size of the
//!   second.
//! * [`Residuals`] tests what was taken away, [`invented`] what is made of rows whose truth is known.
//! * [`Filter`]s are the classical ones, for comparison.

mod bootstrap;
mod calibration;
mod ensemble;
mod filters;
mod invented;
mod noise;
mod residuals;
mod risk;
mod stored;
mod training;
mod work;

pub use calibration::Calibration;
pub use filters::{Chosen, Filter};
pub use invented::{Invented, invented};
pub use noise::StatedNoise;
pub use residuals::{ResidualReport, Residuals};
pub use stored::{Denoiser, DenoiserDocument};
pub use training::{DenoiserOptions, train};
pub use work::{Denoised, Denoising, DenoisingOptions};
