//! Learn low-dimensional representations of physical data with autoencoders, and put them to work.
//!
//! A fit takes a [`data::Dataset`] and [`Settings`] and gives an [`Autoencoder`] with the record of its training; a
//! [`Model`] keeps both in one file. The autoencoder encodes, decodes and reconstructs rows in the user's own units;
//! the record compares it, on held-out rows, with PCA ([`pca`]) of as many components.
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//! use lumenfold::data::{Column, Dataset, DatasetOptions, Table, Values};
//! use lumenfold::{Settings, fit};
//!
//! // Points on a circle: one number, the angle, tells where they are.
//! let angles = (0..400).map(|index| f64::from(index) * 0.015);
//! let (x, y) = angles.map(|angle| (angle.cos(), angle.sin())).unzip();
//! let table = Table::new("circle", vec![
//!     Column::new("x", Values::Float64(x)),
//!     Column::new("y", Values::Float64(y)),
//! ])?;
//! let dataset = Dataset::from_table(table, &DatasetOptions::default())?;
//! let settings = Settings { latent: 1, hidden: vec![16, 16], epochs: Some(200), ..Settings::default() };
//! let fitted = fit(&dataset, &settings, &AtomicBool::new(false), |_| {})?;
//! let pca = fitted.record.pca_with(1).expect("one component");
//! assert!(fitted.record.judged().mse < 0.2 * pca.mse);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod alignment;
pub mod anomaly;
mod apart;
pub mod architecture;
pub mod association;
mod autoencoder;
mod blind_spots;
mod bounded;
mod choice;
pub mod clusters;
pub mod coded;
mod container;
pub mod denoising;
mod error;
mod figure;
pub mod fit;
pub mod intrinsic_dimension;
pub mod latent_use;
mod likelihood;
mod linear;
pub mod metrics;
pub mod model;
mod neighbours;
mod noise;
mod order_statistics;
mod parallel;
pub mod passage;
pub mod patches;
pub mod pca;
pub mod probe;
pub mod record;
pub mod report;
mod sampling;
pub mod settings;
mod sparsity;
mod spelled;
pub mod sweep;
pub mod synthetic;
pub mod traverse;
pub mod words;

pub use architecture::{Net, Norm};
pub use autoencoder::Autoencoder;
pub use error::Error;
pub use fit::{Event, Fitted, Progress, fit};
pub use likelihood::{Cost, Likelihood};
pub use lumenfold_data as data;
pub use lumenfold_engine as engine;
pub use model::Model;
pub use noise::Noise;
pub use passage::Passage;
pub use patches::{Tiling, TilingOptions};
pub use pca::Pca;
pub use sampling::Sampler;
pub use settings::Settings;
pub use sparsity::Sparsity;
