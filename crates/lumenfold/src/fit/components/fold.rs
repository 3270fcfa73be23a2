//! The components multiplied into a network's first and last layer.

use std::num::NonZeroUsize;

use lumenfold_engine::{Layer, Network, Part, Tensor};

use super::Components;
use super::products::{products, turned};
use crate::{Autoencoder, Error};

impl Components {
    /// The parameters of `network`, of all features, that does what the trained network of the scores does.
    ///
    /// Of the first layer of the scores, `W z + b` with `z = Vᵀ R (x − μ) / s`: weights `W Vᵀ R / s`, bias `b − W Vᵀ R μ / s`. Of
    /// the last, `x = μ + s R⁻¹ V (W h + b)`: weights `s R⁻¹ V W`, bias `μ + s R⁻¹ V b`.
    pub(super) fn folded(
        &self,
        trained: &Autoencoder,
        network: &Network,
        threads: NonZeroUsize,
    ) -> Result<Vec<f32>, Error> {
        let (features, count) = (self.mean.len(), self.count);
        let is_dense = |layer: &Layer| matches!(layer, Layer::Dense { .. });
        let last = network.part(Part::Decoder).iter().rposition(is_dense).unwrap_or(0);
        let find = |name: &str| trained.network.tensors().iter().find(|tensor| tensor.name == name);
        let values = |name: &str| find(name).map_or(&[][..], |tensor| &trained.parameters[tensor.range.clone()]);
        let (first_weight, first_bias) = ("encoder.0.weight".to_owned(), "encoder.0.bias".to_owned());
        let (last_weight, last_bias) = (format!("decoder.{last}.weight"), format!("decoder.{last}.bias"));

        // [features][outputs of the first layer]
        let inward = products(&self.directions, values(&first_weight), count, threads)?;
        let outputs = inward.len() / features;
        let mut bias: Vec<f64> = values(&first_bias).iter().map(|value| f64::from(*value)).collect();
        let mut scaled = vec![0.0; inward.len()];
        for (feature, (scaled, inward)) in
            scaled.chunks_exact_mut(outputs).zip(inward.chunks_exact(outputs)).enumerate()
        {
            let factor = self.roots[feature] / self.scale;
            for ((scaled, value), bias) in scaled.iter_mut().zip(inward).zip(&mut bias) {
                *scaled = (f64::from(*value) * factor) as f32;
                *bias -= f64::from(*scaled) * self.mean[feature];
            }
        }
        let inward = turned(&scaled, outputs);
        let inward_bias: Vec<f32> = bias.into_iter().map(|value| value as f32).collect();

        // The bias goes the same way as the weights, as one more input.
        let mut weights = turned(values(&last_weight), values(&last_weight).len() / count);
        weights.extend_from_slice(values(&last_bias));
        let inputs = weights.len() / count - 1;
        let outward = products(&self.directions, &weights, count, threads)?;
        let (mut outward_weight, mut outward_bias) =
            (Vec::with_capacity(features * inputs), Vec::with_capacity(features));
        for (feature, row) in outward.chunks_exact(inputs + 1).enumerate() {
            // A feature that counts nothing stays at its mean.
            let factor = if self.roots[feature] > 0.0 { self.scale / self.roots[feature] } else { 0.0 };
            outward_weight.extend(row[..inputs].iter().map(|value| (f64::from(*value) * factor) as f32));
            outward_bias.push((self.mean[feature] + f64::from(row[inputs]) * factor) as f32);
        }

        let mut parameters = vec![0.0; network.parameter_length()];
        let mut set = |tensor: &Tensor| {
            let name = &tensor.name;
            let source = match () {
                () if *name == first_weight => &inward,
                () if *name == first_bias => &inward_bias,
                () if *name == last_weight => &outward_weight,
                () if *name == last_bias => &outward_bias,
                () => values(name),
            };
            parameters[tensor.range.clone()].copy_from_slice(source);
        };
        network.tensors().iter().for_each(&mut set);
        Ok(parameters)
    }
}
