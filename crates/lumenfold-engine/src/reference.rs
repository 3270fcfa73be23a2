//! The same mathematics in plain `f64`, one sample at a time and with no thought of speed: what the kernels are tested
//! against. Its own gradients are tested against finite differences.

use crate::kernel::function::LEAKY_SLOPE;
use crate::kernel::normalised::EPSILON;
use crate::layer::{Activation, Layer};
use crate::network::{Network, Part};

/// The activation of `x` and its derivative there.
#[must_use]
pub fn activation(kind: Activation, x: f64) -> (f64, f64) {
    let logistic = |x: f64| 1.0 / (1.0 + libm::exp(-x));
    match kind {
        Activation::Silu => {
            let gate = logistic(x);
            (x * gate, gate * (1.0 + x * (1.0 - gate)))
        }
        Activation::Relu => (x.max(0.0), f64::from(u8::from(x > 0.0))),
        Activation::LeakyRelu => {
            let slope = if x > 0.0 { 1.0 } else { f64::from(LEAKY_SLOPE) };
            (slope * x, slope)
        }
        Activation::Gelu => {
            let distribution = 0.5 * (1.0 + libm::erf(x * std::f64::consts::FRAC_1_SQRT_2));
            let density = libm::exp(-0.5 * x * x) / (2.0 * std::f64::consts::PI).sqrt();
            (x * distribution, distribution + x * density)
        }
        Activation::Tanh => {
            let value = libm::tanh(x);
            (value, 1.0 - value * value)
        }
        Activation::Sin => (libm::sin(x), libm::cos(x)),
        Activation::Sigmoid => {
            let value = logistic(x);
            (value, value * (1.0 - value))
        }
        Activation::Identity => (x, 1.0),
    }
}

/// One sample through a part of the network. `parameters` as in [`Network::initial_parameters`].
#[must_use]
pub fn forward(network: &Network, parameters: &[f64], part: Part, x: &[f64]) -> Vec<f64> {
    trace(network, parameters, part, x, usize::MAX).pop().unwrap_or_default()
}

/// The input and the output of every layer. Of the code, only the first `kept` coordinates stay.
fn trace(network: &Network, parameters: &[f64], part: Part, x: &[f64], kept: usize) -> Vec<Vec<f64>> {
    let mut values = vec![x.to_vec()];
    for layer in network.layer_range(part) {
        let x = &values[values.len() - 1];
        values.push(match network.layers()[layer] {
            Layer::Dense { inputs, outputs } => {
                let (weight, bias) = network.weight_and_bias(layer);
                (0..outputs)
                    .map(|output| {
                        let row = &parameters[weight.start + output * inputs..][..inputs];
                        parameters[bias.start + output] + row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>()
                    })
                    .collect()
            }
            Layer::Activation(kind) => x.iter().map(|x| activation(kind, *x).0).collect(),
            Layer::LayerNorm { .. } => {
                let (scale, shift) = network.weight_and_bias(layer);
                let (normalised, _) = normalise(x);
                (0..x.len())
                    .map(|index| normalised[index] * parameters[scale.start + index] + parameters[shift.start + index])
                    .collect()
            }
        });
        if layer + 1 == network.layer_range(Part::Encoder).end
            && let Some(code) = values.last_mut()
        {
            code.iter_mut().skip(kept).for_each(|value| *value = 0.0);
        }
    }
    values
}

/// Normalised values and one over the deviation.
fn normalise(x: &[f64]) -> (Vec<f64>, f64) {
    let count = x.len() as f64;
    let mean = x.iter().sum::<f64>() / count;
    let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
    let inverse = 1.0 / (variance + f64::from(EPSILON)).sqrt();
    (x.iter().map(|x| (x - mean) * inverse).collect(), inverse)
}

/// Samples as they come in, as they should come out, and the weight of each value's error: `[samples][features]`.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    /// As they come in.
    pub inputs: &'a [f64],
    /// As they should come out.
    pub targets: &'a [f64],
    /// What their errors weigh; none for one.
    pub weights: Option<&'a [f64]>,
    /// How many coordinates of its code each sample keeps, zero standing for the others; none for all.
    pub kept: Option<&'a [usize]>,
}

impl<'a> Samples<'a> {
    /// Samples that should come out as they come in.
    #[must_use]
    pub fn plain(rows: &'a [f64]) -> Self {
        Self { inputs: rows, targets: rows, weights: None, kept: None }
    }
}

/// The mean weighted squared error `Σ_s Σ_f w_f v_sf (y - t)² / (samples · features)` of the reconstruction of some
/// samples, and its gradient in the layout of the parameters.
#[must_use]
pub fn loss_and_gradient(
    network: &Network,
    parameters: &[f64],
    feature_weights: &[f64],
    batch: Samples<'_>,
) -> (f64, Vec<f64>) {
    let features = network.features();
    let samples = batch.inputs.len() / features;
    let mut sum = 0.0;
    let mut gradient = vec![0.0; parameters.len()];
    for (index, row) in batch.inputs.chunks_exact(features).enumerate() {
        let kept = batch.kept.map_or(usize::MAX, |kept| kept[index]);
        let values = trace(network, parameters, Part::Whole, row, kept);
        let output = &values[values.len() - 1];
        let mut flow = vec![0.0; features];
        for feature in 0..features {
            let at = index * features + feature;
            let weight = feature_weights[feature] * batch.weights.map_or(1.0, |weights| weights[at]);
            let residual = output[feature] - batch.targets[at];
            sum += weight * residual * residual;
            flow[feature] = 2.0 * weight * residual / (samples * features) as f64;
        }
        for layer in network.layer_range(Part::Whole).rev() {
            let x = &values[layer];
            if layer + 1 == network.layer_range(Part::Encoder).end {
                flow.iter_mut().skip(kept).for_each(|flow| *flow = 0.0);
            }
            flow = match network.layers()[layer] {
                Layer::Dense { inputs, outputs } => {
                    let (weight, bias) = network.weight_and_bias(layer);
                    let mut before = vec![0.0; inputs];
                    for output in 0..outputs {
                        gradient[bias.start + output] += flow[output];
                        for input in 0..inputs {
                            let at = weight.start + output * inputs + input;
                            gradient[at] += flow[output] * x[input];
                            before[input] += flow[output] * parameters[at];
                        }
                    }
                    before
                }
                Layer::Activation(kind) => flow.iter().zip(x).map(|(flow, x)| flow * activation(kind, *x).1).collect(),
                Layer::LayerNorm { width } => {
                    let (scale, shift) = network.weight_and_bias(layer);
                    let (normalised, inverse) = normalise(x);
                    let (mut mean, mut mean_product) = (0.0, 0.0);
                    for index in 0..width {
                        gradient[scale.start + index] += flow[index] * normalised[index];
                        gradient[shift.start + index] += flow[index];
                        let scaled = flow[index] * parameters[scale.start + index];
                        mean += scaled / width as f64;
                        mean_product += scaled * normalised[index] / width as f64;
                    }
                    (0..width)
                        .map(|index| {
                            let scaled = flow[index] * parameters[scale.start + index];
                            (scaled - mean - normalised[index] * mean_product) * inverse
                        })
                        .collect()
                }
            };
        }
    }
    (sum / (samples * features) as f64, gradient)
}
