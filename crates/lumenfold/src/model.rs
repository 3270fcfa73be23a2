//! The model: an autoencoder with the record of its training, and its file.
//!
//! The file is a valid safetensors file: the weights by name (`encoder.0.weight`, …, row-major, little-endian `f32`) and
//! one metadata key, `lumenfold`, with a versioned JSON document ([`document`]). Nothing in it can be executed, and every
//! size is checked against the length of the file before memory is taken for it.

pub mod document;
mod file;
mod lists;

use std::path::Path;

use lumenfold_data::Axis;
use lumenfold_engine::InstructionSet;

use crate::anomaly::Detector;
use crate::denoising::Denoiser;
use crate::record::{PcaErrors, TrainingRecord, Usage};
use crate::{Autoencoder, Error, Fitted};

/// An autoencoder and how it came to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The autoencoder.
    pub autoencoder: Autoencoder,
    /// The record of its training.
    pub record: TrainingRecord,
    /// What it judges anomalies by, if it was fitted for that.
    pub detector: Option<Detector>,
    /// What it denoises with beside the autoencoder, if it was fitted for that.
    pub denoiser: Option<Denoiser>,
    /// The program that wrote the file, such as `lumenfold 0.1.0`.
    pub written_by: String,
}

impl From<Fitted> for Model {
    fn from(fitted: Fitted) -> Self {
        let written_by = format!("lumenfold {}", env!("CARGO_PKG_VERSION"));
        Self { autoencoder: fitted.autoencoder, record: fitted.record, detector: None, denoiser: None, written_by }
    }
}

impl Model {
    /// The axes of a sample; none for plain features.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        self.autoencoder.axes()
    }

    /// The size of each axis; the number of features alone for plain ones.
    #[must_use]
    pub fn shape(&self) -> Vec<usize> {
        self.autoencoder.shape()
    }

    /// The fair rival: PCA with as many components as latents, or as features where these are fewer; for sparse codes, with
    /// as many as a row uses latents on average.
    #[must_use]
    pub fn rival(&self) -> Option<&PcaErrors> {
        let network = self.autoencoder.network();
        let latents = self.record.usage.as_ref().map_or(network.latent_dimension(), Usage::components);
        let components = latents.min(network.features());
        self.record.pca.iter().find(|pca| pca.components == components)
    }

    /// Writes the file, whole or not at all. The same model always gives the same bytes.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        file::save(self, path)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// The file is missing, is not a lumenfold model, is damaged, or is of a later version.
    pub fn load(path: &Path) -> Result<Self, Error> {
        InstructionSet::from_environment()?;
        file::load(path)
    }
}
