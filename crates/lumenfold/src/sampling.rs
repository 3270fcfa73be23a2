//! New samples from a variational autoencoder: codes of the standard normal distribution, decoded.

use std::num::NonZeroUsize;

use lumenfold_data::{Column, Feature, FeatureScaling, Table, Values};
use lumenfold_engine::{Corruption, InstructionSet, Objective, Part, corrupted, posterior_noise};

use crate::{Autoencoder, Error, Likelihood, Model};

/// Separates the noise about reconstructions from the codes.
const NOISE_STREAM: u16 = 1;

/// Draws samples in blocks; what a sample is depends on the seed and its number alone.
///
/// ```no_run
/// # use std::num::NonZeroUsize;
/// use lumenfold::{Model, Sampler};
/// let model = Model::load("stars.model".as_ref())?;
/// let sampler = Sampler::new(&model, 0, true)?;
/// let table = sampler.block(0, 100, NonZeroUsize::MIN)?;
/// assert_eq!(table.rows(), 100);
/// # Ok::<(), lumenfold::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sampler<'a> {
    autoencoder: &'a Autoencoder,
    likelihood: Likelihood,
    seed: u64,
    noise: bool,
}

impl<'a> Sampler<'a> {
    /// Samples in a block.
    pub const BLOCK: usize = 4096;

    /// Draws from a model; with `noise` from the likelihood about the decoded codes, without it these themselves.
    ///
    /// # Errors
    /// The model is not variational: its codes have no distribution to draw from.
    pub fn new(model: &'a Model, seed: u64, noise: bool) -> Result<Self, Error> {
        let kind = model.record.settings.kind;
        let likelihood =
            model.record.settings.likelihood.ok_or_else(|| Error::NothingToDraw { kind: kind.to_string() })?;
        Ok(Self { autoencoder: &model.autoencoder, likelihood, seed, noise })
    }

    /// The first `samples` samples of block `number`, in original units.
    ///
    /// # Errors
    /// A sample that overflows; an instruction set that is not there.
    pub fn block(&self, number: u64, samples: usize, threads: NonZeroUsize) -> Result<Table, Error> {
        let samples = samples.min(Self::BLOCK);
        let network = &self.autoencoder.network;
        let (latent, features) = (network.latent_dimension(), network.features());
        let objective = Objective { seed: self.seed, ..Objective::squared_error(&vec![1.0; features]) };
        let codes = posterior_noise(&objective, number, samples, latent);
        let mut scaled = vec![0.0; samples * features];
        self.autoencoder.apply_once(Part::Decoder, &codes, &mut scaled, threads)?;
        if self.noise {
            self.add_noise(&mut scaled, number, Objective { stream: NOISE_STREAM, ..objective })?;
        }
        let mut values = vec![0.0; scaled.len()];
        self.autoencoder.scaling.inverse_block(&scaled, &mut values);
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            let row = number * Self::BLOCK as u64 + (at / features) as u64 + 1;
            return Err(Error::Overflow { path: "samples".to_owned(), row });
        }
        let all = self.autoencoder.features.iter().zip(&self.autoencoder.scaling.features).enumerate();
        let column = |(index, (feature, scaling)): (usize, (&Feature, &FeatureScaling))| {
            let values = values.iter().skip(index).step_by(features);
            let values = if scaling.fits_single() {
                Values::Float32(values.map(|value| *value as f32).collect())
            } else {
                Values::Float64(values.copied().collect())
            };
            Column { name: feature.name.clone(), unit: feature.unit.clone(), values }
        };
        let table = Table::new("samples", all.map(column).collect())?;
        let axes = self.autoencoder.axes();
        Ok(if axes.is_empty() { table } else { table.with_axes(0..features, axes.to_vec())? })
    }

    /// From means to numbers of the likelihood about them. scaled: `[samples][features]`.
    fn add_noise(&self, scaled: &mut Vec<f32>, number: u64, objective: Objective) -> Result<(), Error> {
        let features = self.autoencoder.features.len();
        let set = InstructionSet::from_environment()?;
        match self.likelihood {
            Likelihood::Gaussian { deviation } => {
                let deviations: Vec<f32> = match deviation {
                    Some(deviation) => vec![deviation as f32; features],
                    None => self.autoencoder.log_variances().iter().map(|log| libm::exp(0.5 * log) as f32).collect(),
                };
                let noise = posterior_noise(&objective, number, scaled.len() / features, features);
                for (row, noise) in scaled.chunks_exact_mut(features).zip(noise.chunks_exact(features)) {
                    for ((value, noise), deviation) in row.iter_mut().zip(noise).zip(&deviations) {
                        *value += deviation * noise;
                    }
                }
            }
            Likelihood::Bernoulli => {
                *scaled = corrupted(&Objective { draws: true, ..objective }, set, number, scaled).targets;
            }
            Likelihood::Poisson => {
                let scale = self.autoencoder.scaling.features.iter().map(|feature| feature.scale).collect();
                let counts = Corruption::Poisson { exposure: 1.0, center: vec![0.0; features], scale };
                let objective = Objective { corruptions: vec![counts], ..objective };
                *scaled = corrupted(&objective, set, number, scaled).inputs;
            }
        }
        Ok(())
    }
}
