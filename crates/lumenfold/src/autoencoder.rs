//! A trained autoencoder at work: rows in original units in, latent codes or reconstructions out.

use std::num::NonZeroUsize;

use lumenfold_data::{Axis, Chosen, Dataset, Feature, LARGEST_SCALED, RowSource, Scaling, axis};
use lumenfold_engine::{InstructionSet, Network, Part, apply};

use crate::blind_spots::BlindSpots;
use crate::metrics::{ErrorSums, Errors, Measure};
use crate::{Cost, Error};

/// Rows that pass at a time: enough for all threads, little enough to stay in the caches.
const BLOCK: usize = 8192;

/// A network with its parameters and the scaling that belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Autoencoder {
    pub(crate) network: Network,
    pub(crate) parameters: Vec<f32>,
    pub(crate) scaling: Scaling,
    pub(crate) features: Vec<Feature>,
    // Of which the features are the values, row-major; none for plain features.
    pub(crate) axes: Vec<Axis>,
    // What an error costs, what the loss weighs features by, and the scaled mean of the training rows.
    pub(crate) cost: Cost,
    pub(crate) loss_weights: Vec<f32>,
    // One over the squared scaled error of a value that weighs one, where values have errors.
    pub(crate) weight_unit: Option<f64>,
    pub(crate) scaled_mean: Vec<f64>,
    // How it reconstructs, if it was trained with blind spots.
    pub(crate) blind_spots: Option<BlindSpots>,
}

impl Autoencoder {
    /// The network.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The flat parameters, laid out as [`Network::tensors`] says.
    #[must_use]
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// The scaling.
    #[must_use]
    pub fn scaling(&self) -> &Scaling {
        &self.scaling
    }

    /// Names and units of the features, in order.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The axes of a sample, of which the features are the values, row-major; none for plain features.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The size of each axis; the number of features alone for plain ones.
    #[must_use]
    pub fn shape(&self) -> Vec<usize> {
        if self.axes.is_empty() { vec![self.features.len()] } else { axis::shape(&self.axes) }
    }

    /// What the loss weighs the squared error of each feature by, in scaled units; their mean is 1.
    #[must_use]
    pub fn loss_weights(&self) -> &[f32] {
        &self.loss_weights
    }

    /// Names of the latent coordinates: `z1`, `z2`, …
    #[must_use]
    pub fn latent_names(&self) -> Vec<String> {
        (1..=self.network.latent_dimension()).map(|index| format!("z{index}")).collect()
    }

    /// The latent code of every row: `[rows][latent]`.
    ///
    /// # Errors
    /// A value that the scaling cannot take or that overflows; an instruction set that is not there.
    pub fn encode(&self, dataset: &Dataset, threads: NonZeroUsize) -> Result<Vec<f32>, Error> {
        let scaled = self.scaling.scaled(dataset)?;
        let mut latent = vec![0.0; dataset.rows * self.network.latent_dimension()];
        self.apply(Part::Encoder, &scaled, &mut latent, threads)?;
        refuse_overflow(dataset, &latent, self.network.latent_dimension())?;
        Ok(latent)
    }

    /// Samples in original units from latent codes: `[rows][latent]` to `[rows][features]`.
    ///
    /// # Errors
    /// A code so far out that the decoder overflows ([`Error::Overflow`], its row counted among the codes); an
    /// instruction set that is not there.
    pub fn decode(&self, latent: &[f32], threads: NonZeroUsize) -> Result<Vec<f64>, Error> {
        let width = self.network.latent_dimension();
        let overflows = |row| Error::Overflow { path: "latent codes".to_owned(), row: row as u64 + 1 };
        if let Some(at) = latent.iter().position(|value| value.is_nan() || value.abs() > LARGEST_SCALED) {
            return Err(overflows(at / width));
        }
        let rows = latent.len() / width;
        let mut scaled = vec![0.0; rows * self.features.len()];
        self.apply(Part::Decoder, latent, &mut scaled, threads)?;
        let mut values = vec![0.0; scaled.len()];
        self.scaling.inverse_block(&scaled, &mut values);
        match overflow(&values, self.features.len()) {
            None => Ok(values),
            Some(row) => Err(overflows(row)),
        }
    }

    /// Every row through encoder and decoder, in original units: `[rows][features]`.
    ///
    /// # Errors
    /// As [`Autoencoder::encode`].
    pub fn reconstruct(&self, dataset: &Dataset, threads: NonZeroUsize) -> Result<Vec<f64>, Error> {
        let scaled = self.scaling.scaled(dataset)?;
        let mut output = vec![0.0; scaled.len()];
        self.apply(Part::Whole, &scaled, &mut output, threads)?;
        let mut values = vec![0.0; output.len()];
        self.scaling.inverse_block(&output, &mut values);
        refuse_overflow(dataset, &values, self.features.len())?;
        Ok(values)
    }

    /// How well the given rows of a data set are reconstructed.
    ///
    /// # Errors
    /// As [`Autoencoder::encode`].
    pub fn errors(&self, dataset: &Dataset, rows: &[u32], threads: NonZeroUsize) -> Result<Errors, Error> {
        self.errors_over(&Chosen { dataset, rows }, threads)
    }

    /// How well rows in original units are reconstructed, wherever they are. Rows of twice as many numbers as features have
    /// the standard errors of their values behind them.
    ///
    /// # Errors
    /// Those of reading the rows; an instruction set that is not there.
    pub fn errors_over(&self, rows: &impl RowSource<f64>, threads: NonZeroUsize) -> Result<Errors, Error> {
        let width = self.features.len();
        let mut sums = self.error_sums();
        let (mut scaled, mut output, mut values) = (Vec::new(), Vec::new(), vec![0.0; width]);
        rows.pass(|block| {
            for block in block.chunks(BLOCK * rows.width()) {
                let apart = self.apart(block, rows.width());
                let block = &apart.values[..];
                scaled.resize(block.len(), 0.0);
                output.resize(block.len(), 0.0);
                self.scaling.forward_block(block, &mut scaled);
                self.apply(Part::Whole, &scaled, &mut output, threads)?;
                let rows = block.chunks_exact(width).zip(scaled.chunks_exact(width));
                for (row, ((original, scaled), output)) in rows.zip(output.chunks_exact(width)).enumerate() {
                    self.scaling.inverse_block(output, &mut values);
                    sums.add((original, &values), (scaled, output), apart.weights_of(row));
                    apart.errors_of(row).iter().for_each(|errors| sums.add_errors((original, &values), errors));
                }
            }
            Ok::<_, Error>(())
        })?;
        Ok(sums.finish())
    }

    /// Sums for errors as the loss of this autoencoder measures them.
    pub(crate) fn error_sums(&self) -> ErrorSums<'_> {
        let chosen = self.network.latent_dimension() as f64;
        ErrorSums::new(Measure { cost: self.cost, weights: &self.loss_weights, mean: &self.scaled_mean, chosen })
    }

    /// The logarithms of the variances of a likelihood that are learnt, in scaled units; none for other networks.
    pub(crate) fn log_variances(&self) -> Vec<f64> {
        let tensor = self.network.tensors().iter().find(|tensor| tensor.name.ends_with(".log_variance"));
        let values = tensor.map_or(&[][..], |tensor| &self.parameters[tensor.range.clone()]);
        values.iter().map(|value| f64::from(value.max(Network::LOWEST_LOG_VARIANCE))).collect()
    }

    /// The lengths of what each latent adds in the decoder's first layer.
    pub(crate) fn decoder_norms(&self) -> Vec<f64> {
        let latent = self.network.latent_dimension();
        let weight = self.network.tensors().iter().find(|tensor| tensor.name == "decoder.0.weight");
        let weight = weight.map_or(&[][..], |tensor| &self.parameters[tensor.range.clone()]);
        let mut squares = vec![0.0; latent];
        for row in weight.chunks_exact(latent) {
            squares.iter_mut().zip(row).for_each(|(sum, weight)| *sum += f64::from(*weight) * f64::from(*weight));
        }
        squares.into_iter().map(f64::sqrt).collect()
    }

    /// Scaled rows through a part of the network; through the whole of it as it reconstructs, with blind spots if it has
    /// any.
    pub(crate) fn apply(
        &self,
        part: Part,
        inputs: &[f32],
        outputs: &mut [f32],
        threads: NonZeroUsize,
    ) -> Result<(), Error> {
        let Some(blind_spots) = self.blind_spots.filter(|_| part == Part::Whole) else {
            return self.apply_once(part, inputs, outputs, threads);
        };
        let width = self.features.len();
        let mut result = vec![0.0; inputs.len()];
        for hidden in blind_spots.passes(width) {
            let mut seen = inputs.to_vec();
            for row in seen.chunks_exact_mut(width) {
                hidden.clone().for_each(|feature| row[feature] = 0.0);
            }
            self.apply_once(part, &seen, &mut result, threads)?;
            for (output, result) in outputs.chunks_exact_mut(width).zip(result.chunks_exact(width)) {
                hidden.clone().for_each(|feature| output[feature] = result[feature]);
            }
        }
        Ok(())
    }

    /// Scaled rows through a part of the network, with all their values.
    pub(crate) fn apply_once(
        &self,
        part: Part,
        inputs: &[f32],
        outputs: &mut [f32],
        threads: NonZeroUsize,
    ) -> Result<(), Error> {
        let set = InstructionSet::from_environment()?;
        if inputs.iter().any(|value| value.is_nan()) {
            // Zero stands for what is absent, as in training.
            let present: Vec<f32> = inputs.iter().map(|value| if value.is_nan() { 0.0 } else { *value }).collect();
            return Ok(apply(&self.network, &self.parameters, part, &present, outputs, set, threads)?);
        }
        Ok(apply(&self.network, &self.parameters, part, inputs, outputs, set, threads)?)
    }
}

/// The first row whose results are not all numbers.
fn overflow<T: Copy + Into<f64>>(results: &[T], width: usize) -> Option<usize> {
    results.iter().position(|value| !(*value).into().is_finite()).map(|at| at / width)
}

fn refuse_overflow<T: Copy + Into<f64>>(dataset: &Dataset, results: &[T], width: usize) -> Result<(), Error> {
    match overflow(results, width) {
        None => Ok(()),
        Some(row) => Err(Error::Overflow { path: dataset.source.clone(), row: dataset.used_rows[row] + 1 }),
    }
}
