//! The same mathematics in plain `f64`, one sample at a time and with no thought of speed: what the kernels are tested
//! against. Its own gradients are tested against finite differences.

mod connection;
mod fields;
mod norm;

use std::ops::Range;

use crate::kernel::function::LEAKY_SLOPE;
use crate::layer::{Activation, Layer};
use crate::network::{Network, Part};
use crate::objective::{Loss, Objective, Sparsity};
use connection::Way;

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
        Activation::Exp => (libm::exp(x), libm::exp(x)),
    }
}

/// One sample through a part of the network. `parameters` as in [`Network::initial_parameters`].
#[must_use]
pub fn forward(network: &Network, parameters: &[f64], part: Part, x: &[f64]) -> Vec<f64> {
    trace(network, parameters, network.layer_range(part), x, Drops::NONE).pop().unwrap_or_default()
}

/// What the dropout layers do to one sample.
#[derive(Clone, Copy)]
struct Drops<'a> {
    factors: Option<&'a [Vec<f64>]>,
    sample: usize,
}

impl Drops<'_> {
    const NONE: Self = Self { factors: None, sample: 0 };

    /// `x` times the factors of a dropout layer of the network.
    fn apply(self, network: &Network, layer: usize, x: &[f64]) -> Vec<f64> {
        let Some(factors) = self.factors else { return x.to_vec() };
        let before = network.layers()[..layer].iter().filter(|layer| matches!(layer, Layer::Dropout { .. })).count();
        let of_sample = &factors[before][self.sample * x.len()..][..x.len()];
        x.iter().zip(of_sample).map(|(x, factor)| x * factor).collect()
    }
}

/// The input and the output of some layers.
fn trace(network: &Network, parameters: &[f64], layers: Range<usize>, x: &[f64], drops: Drops<'_>) -> Vec<Vec<f64>> {
    let mut values = vec![x.to_vec()];
    // Where the values lie that residual blocks have begun with.
    let mut forks = Vec::new();
    for layer in layers {
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
            Layer::LayerNorm { .. } | Layer::GroupNorm { .. } | Layer::ChannelNorm { .. } => {
                let (scale, shift) = network.weight_and_bias(layer);
                norm::forward(network.layers()[layer], &parameters[scale], &parameters[shift], x)
            }
            Layer::Convolution(convolution) | Layer::TransposedConvolution(convolution) => {
                let (weight, bias) = network.weight_and_bias(layer);
                let way = Way::of(network.layers()[layer]);
                connection::forward(convolution, way, &parameters[weight], &parameters[bias], x)
            }
            Layer::Pool { window, channels, pooling } => fields::pool(window, channels, pooling, x),
            Layer::Upsample { channels, from, to, interpolation } => {
                fields::upsample(channels, from, to, interpolation, x)
            }
            Layer::Dropout { .. } => drops.apply(network, layer, x),
            Layer::Fork { .. } => {
                forks.push(values.len() - 1);
                x.clone()
            }
            Layer::Join { .. } => {
                let kept = &values[forks.pop().unwrap_or_default()];
                x.iter().zip(kept).map(|(x, kept)| x + kept).collect()
            }
            Layer::OuterProduct { channels, rank, extent } => fields::outer_product(channels, rank, extent, x),
            Layer::TopK { kept, .. } => largest(x, kept, |_| true),
            Layer::JumpRelu { .. } => {
                let thresholds = parameters[network.only_tensor(layer)].iter().map(|log| libm::exp(*log));
                x.iter().zip(thresholds).map(|(x, threshold)| if *x > threshold { *x } else { 0.0 }).collect()
            }
            Layer::Gaussian { width } => x[..width].to_vec(),
            Layer::Variance { .. } => x.clone(),
        });
    }
    values
}

/// The largest values stay if they are positive, among those that are allowed.
fn largest(x: &[f64], kept: usize, allowed: impl Fn(usize) -> bool) -> Vec<f64> {
    let mut order: Vec<usize> = (0..x.len()).filter(|index| allowed(*index) && x[*index] > 0.0).collect();
    order.sort_by(|a, b| x[*b].total_cmp(&x[*a]));
    order.truncate(kept);
    (0..x.len()).map(|index| if order.contains(&index) { x[index] } else { 0.0 }).collect()
}

/// The gradients of a layer's weight and bias.
fn two_tensors<'a>(network: &Network, layer: usize, gradient: &'a mut [f64]) -> (&'a mut [f64], &'a mut [f64]) {
    let (weight, bias) = network.weight_and_bias(layer);
    let (before, after) = gradient.split_at_mut(bias.start);
    (&mut before[weight], &mut after[..bias.len()])
}

/// Samples as they come in, as they should come out, and what is drawn for them: `[samples][features]`.
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
    /// The normal numbers that codes are drawn with, `[samples][latent]`; none for zeros.
    pub noise: Option<&'a [f64]>,
    /// Which latents are dead; none for none.
    pub dead: Option<&'a [bool]>,
    /// For each [`Layer::Dropout`] of the network in order, what its values are multiplied with, `[samples][width]`: zero, or
    /// one over the share that stays. The same in each pass through the layer; none for ones.
    pub dropped: Option<&'a [Vec<f64>]>,
    /// The step, counted from 0.
    pub step: u64,
}

impl<'a> Samples<'a> {
    /// Samples that should come out as they come in.
    #[must_use]
    pub fn plain(rows: &'a [f64]) -> Self {
        Self { inputs: rows, targets: rows, weights: None, kept: None, noise: None, dead: None, dropped: None, step: 0 }
    }
}

/// The mean loss of some samples, and its gradient in the layout of the parameters. Where thresholds are learnt, theirs is
/// the estimate that [`Sparsity::JumpRelu`] tells.
#[must_use]
pub fn loss_and_gradient(
    network: &Network,
    parameters: &[f64],
    objective: &Objective,
    batch: Samples<'_>,
) -> (f64, Vec<f64>) {
    Batch { network, parameters, objective, batch }.loss_and_gradient()
}

struct Batch<'a> {
    network: &'a Network,
    parameters: &'a [f64],
    objective: &'a Objective,
    batch: Samples<'a>,
}

impl Batch<'_> {
    fn loss_and_gradient(&self) -> (f64, Vec<f64>) {
        let Self { network, parameters, objective, batch } = self;
        let (features, latent) = (network.features(), network.latent_dimension());
        let samples = batch.inputs.len() / features;
        let mut gradient = vec![0.0; parameters.len()];
        // What decides over codes sees all of them as they come to the encoder's last layer.
        let before_codes = network.layer_range(Part::Posterior);
        let traces: Vec<_> = batch
            .inputs
            .chunks_exact(features)
            .enumerate()
            .map(|(sample, row)| trace(network, parameters, before_codes.clone(), row, self.drops(sample)))
            .collect();
        let last: Vec<&[f64]> = traces.iter().map(|trace| &trace[trace.len() - 1][..]).collect();
        let codes: Vec<Vec<f64>> = (0..samples).map(|sample| self.code(&last, sample)).collect();
        let (mut sum, code_slopes) = self.cost_of_codes(&codes, &last, &mut gradient);

        let mut flows = Vec::new();
        for sample in 0..samples {
            let (cost, flow) = self.decode(sample, &codes[sample], 1.0, &mut gradient);
            sum += cost;
            flows.push(self.through_code(sample, last[sample], &codes[sample], flow));
        }
        if let (Some(revival), Some(dead)) = (objective.sparsity.revival(), batch.dead) {
            for sample in 0..samples {
                let unused = |latent: usize| dead[latent] && codes[sample][latent] <= 0.0;
                let revived = largest(last[sample], revival.most, unused);
                let code: Vec<f64> = codes[sample].iter().zip(&revived).map(|(code, revived)| code + revived).collect();
                let (cost, flow) = self.decode(sample, &code, revival.strength.into(), &mut gradient);
                sum += cost;
                let used = flow.iter().zip(&code).map(|(flow, code)| if *code > 0.0 { *flow } else { 0.0 });
                flows[sample].iter_mut().zip(used).for_each(|(flow, used)| *flow += used);
            }
        }
        if let Sparsity::JumpRelu { strength, bandwidth } = objective.sparsity {
            let range = network.only_tensor(before_codes.end);
            for sample in 0..samples {
                let (_, flow) = self.decode(sample, &codes[sample], 1.0, &mut vec![0.0; parameters.len()]);
                for index in 0..latent {
                    let threshold = libm::exp(parameters[range.start + index]);
                    if (last[sample][index] - threshold).abs() < 0.5 * f64::from(bandwidth) {
                        let slope = threshold * flow[index] + f64::from(strength) / (samples * features) as f64;
                        gradient[range.start + index] -= threshold * slope / f64::from(bandwidth);
                    }
                }
            }
        }
        for (sample, mut flow) in flows.into_iter().enumerate() {
            flow.iter_mut().zip(&code_slopes[sample]).for_each(|(flow, slope)| *flow += slope);
            self.back(before_codes.clone(), &traces[sample], flow, self.drops(sample), &mut gradient);
        }
        (sum / (samples * features) as f64, gradient)
    }

    fn drops(&self, sample: usize) -> Drops<'_> {
        Drops { factors: self.batch.dropped, sample }
    }

    /// The code of a sample, given what comes in at the encoder's last layer for all of them.
    fn code(&self, last: &[&[f64]], sample: usize) -> Vec<f64> {
        let Self { network, batch, objective, .. } = self;
        let latent = network.latent_dimension();
        let x = last[sample];
        let mut code = match (network.part(Part::Encoder).last(), objective.sparsity) {
            (Some(Layer::Gaussian { width }), _) => (0..*width)
                .map(|index| {
                    let noise = batch.noise.map_or(0.0, |noise| noise[sample * latent + index]);
                    x[index] + libm::exp(0.5 * x[width + index]) * noise
                })
                .collect(),
            (_, Sparsity::BatchTopK { kept, .. }) => {
                let all: Vec<f64> = last.concat();
                let kept = (f64::from(kept) * last.len() as f64).round() as usize;
                largest(&all, kept, |_| true)[sample * latent..(sample + 1) * latent].to_vec()
            }
            _ => {
                let rest = network.layer_range(Part::Posterior).end..network.layer_range(Part::Encoder).end;
                trace(network, self.parameters, rest, x, self.drops(sample)).pop().unwrap_or_default()
            }
        };
        code.iter_mut().skip(batch.kept.map_or(usize::MAX, |kept| kept[sample])).for_each(|code| *code = 0.0);
        code
    }

    /// What the codes cost, summed over samples, and the gradient of that by what comes in at the encoder's last layer.
    /// That of the decoder's columns is added.
    fn cost_of_codes(&self, codes: &[Vec<f64>], last: &[&[f64]], gradient: &mut [f64]) -> (f64, Vec<Vec<f64>>) {
        let Self { network, parameters, objective, batch } = self;
        let (samples, latent) = (codes.len(), network.latent_dimension());
        let factor = 1.0 / (samples * network.features()) as f64;
        let mut slopes: Vec<Vec<f64>> = last.iter().map(|x| vec![0.0; x.len()]).collect();
        let mut sum = 0.0;
        if let Some(divergence) = objective.divergence {
            let weight = f64::from(divergence.weight(batch.step));
            for (x, slopes) in last.iter().zip(&mut slopes) {
                for index in 0..latent {
                    let (mean, log_variance) = (x[index], x[latent + index]);
                    let variance = libm::exp(log_variance);
                    let nats = 0.5 * (mean * mean + variance - 1.0 - log_variance);
                    sum += weight * nats.max(divergence.free_nats.into());
                    if nats > divergence.free_nats.into() {
                        slopes[index] = weight * factor * mean;
                        slopes[latent + index] = weight * factor * 0.5 * (variance - 1.0);
                    }
                }
            }
        }
        match objective.sparsity {
            Sparsity::None | Sparsity::TopK { .. } | Sparsity::BatchTopK { .. } => {}
            Sparsity::JumpRelu { strength, .. } => {
                let used = codes.iter().flatten().filter(|code| **code != 0.0).count();
                sum += f64::from(strength) * used as f64;
            }
            Sparsity::Absolute { strength } => {
                let strength = f64::from(strength);
                let first = network.layer_range(Part::Decoder).start;
                let weight = network.weight_and_bias(first).0;
                for index in 0..latent {
                    let column = || weight.clone().skip(index).step_by(latent);
                    let norm = column().map(|at| parameters[at] * parameters[at]).sum::<f64>().sqrt();
                    let magnitudes: f64 = codes.iter().map(|code| code[index].abs()).sum();
                    sum += strength * norm * magnitudes;
                    column().for_each(|at| gradient[at] += strength * factor * magnitudes * parameters[at] / norm);
                    for (code, slopes) in codes.iter().zip(&mut slopes) {
                        let sign = f64::from(i8::from(code[index] > 0.0) - i8::from(code[index] < 0.0));
                        slopes[index] += strength * factor * norm * sign;
                    }
                }
            }
            Sparsity::Activity { target, strength } => {
                let (target, strength) = (f64::from(target), f64::from(strength));
                for index in 0..latent {
                    let mean = codes.iter().map(|code| code[index]).sum::<f64>() / samples as f64;
                    let rest = (1.0 - target) * libm::log((1.0 - target) / (1.0 - mean));
                    sum += samples as f64 * strength * (target * libm::log(target / mean) + rest);
                    let slope = strength * factor * ((1.0 - target) / (1.0 - mean) - target / mean);
                    slopes.iter_mut().for_each(|slopes| slopes[index] += slope);
                }
            }
        }
        (sum, slopes)
    }

    /// What the reconstruction from a code costs, times `strength`, and the gradient of the mean cost by the code; that of
    /// the decoder's parameters is added.
    fn decode(&self, sample: usize, code: &[f64], strength: f64, gradient: &mut [f64]) -> (f64, Vec<f64>) {
        let Self { network, parameters, objective, batch } = self;
        let features = network.features();
        let factor = strength / (batch.inputs.len()) as f64;
        let end = if objective.loss.is_before_link() { Part::Likelihood } else { Part::Decoder };
        let layers = network.layer_range(end);
        let values = trace(network, parameters, layers.clone(), code, self.drops(sample));
        let output = &values[values.len() - 1];
        let mut flow = vec![0.0; features];
        let mut sum = 0.0;
        for feature in 0..features {
            let at = sample * features + feature;
            let of_value = batch.weights.map_or(1.0, |weights| weights[at]);
            let weight = f64::from(objective.feature_weights[feature]) * of_value;
            let (y, target) = (output[feature], batch.targets[at]);
            let residual = y - target;
            let (cost, slope) = match objective.loss {
                Loss::SquaredError => (residual * residual, 2.0 * residual),
                Loss::Huber { distance } => {
                    let distance = f64::from(distance);
                    if residual.abs() <= distance {
                        (residual * residual, 2.0 * residual)
                    } else {
                        (2.0 * distance * residual.abs() - distance * distance, 2.0 * distance * residual.signum())
                    }
                }
                Loss::Normal => {
                    let at = network.log_variance().map_or(0, |range| range.start) + feature;
                    let precision = libm::exp(-parameters[at]);
                    let squared = residual * residual * precision;
                    gradient[at] += factor * weight * 0.5 * (1.0 - squared);
                    let cost = 0.5 * (squared + parameters[at] + (2.0 * std::f64::consts::PI).ln());
                    (cost, residual * precision)
                }
                Loss::Bernoulli => {
                    let cost = y.max(0.0) + libm::log1p(libm::exp(-y.abs())) - target * y;
                    (cost, 1.0 / (1.0 + libm::exp(-y)) - target)
                }
                Loss::Poisson => (libm::exp(y) - target * y, libm::exp(y) - target),
            };
            sum += strength * weight * cost;
            flow[feature] = factor * weight * slope;
        }
        (sum, self.back(layers, &values, flow, self.drops(sample), gradient))
    }

    /// From the gradient by a code to that by what comes in at the encoder's last layer.
    fn through_code(&self, sample: usize, x: &[f64], code: &[f64], mut flow: Vec<f64>) -> Vec<f64> {
        let Self { network, batch, .. } = self;
        let latent = network.latent_dimension();
        flow.iter_mut().skip(batch.kept.map_or(usize::MAX, |kept| kept[sample])).for_each(|flow| *flow = 0.0);
        match network.part(Part::Encoder).last() {
            Some(Layer::Gaussian { width }) => {
                let noise = |index| batch.noise.map_or(0.0, |noise| noise[sample * latent + index]);
                let variances =
                    (0..*width).map(|index| flow[index] * 0.5 * libm::exp(0.5 * x[width + index]) * noise(index));
                let variances: Vec<f64> = variances.collect();
                flow.extend(variances);
            }
            Some(Layer::TopK { .. } | Layer::JumpRelu { .. }) => {
                flow.iter_mut().zip(code).for_each(|(flow, code)| *flow = if *code > 0.0 { *flow } else { 0.0 });
            }
            _ => {}
        }
        flow
    }

    /// Back through some layers; the gradients of their parameters are added, that of their input is returned.
    fn back(
        &self,
        layers: Range<usize>,
        values: &[Vec<f64>],
        mut flow: Vec<f64>,
        drops: Drops<'_>,
        gradient: &mut [f64],
    ) -> Vec<f64> {
        let Self { network, parameters, .. } = self;
        // The gradients at the ends of residual blocks, which go to their beginnings as well.
        let mut joins = Vec::new();
        for (layer, x) in layers.zip(values).rev() {
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
                Layer::LayerNorm { .. } | Layer::GroupNorm { .. } | Layer::ChannelNorm { .. } => {
                    let (scale, _) = network.weight_and_bias(layer);
                    norm::back(
                        network.layers()[layer],
                        &parameters[scale],
                        x,
                        &flow,
                        two_tensors(network, layer, gradient),
                    )
                }
                Layer::Convolution(convolution) | Layer::TransposedConvolution(convolution) => {
                    let (weight, _) = network.weight_and_bias(layer);
                    let way = Way::of(network.layers()[layer]);
                    let gradients = two_tensors(network, layer, gradient);
                    connection::back(convolution, way, &parameters[weight], x, &flow, gradients)
                }
                Layer::Pool { window, channels, pooling } => fields::pool_back(window, channels, pooling, x, &flow),
                Layer::Upsample { channels, from, to, interpolation } => {
                    fields::upsample_back(channels, from, to, interpolation, &flow)
                }
                Layer::Dropout { .. } => drops.apply(network, layer, &flow),
                Layer::Join { .. } => {
                    joins.push(flow.clone());
                    flow
                }
                Layer::Fork { .. } => {
                    let of_join = joins.pop().unwrap_or_default();
                    flow.iter().zip(of_join).map(|(flow, of_join)| flow + of_join).collect()
                }
                Layer::OuterProduct { channels, rank, extent } => {
                    fields::outer_product_back(channels, rank, extent, x, &flow)
                }
                // What ends an encoder has its own way back.
                Layer::TopK { .. } | Layer::JumpRelu { .. } | Layer::Gaussian { .. } | Layer::Variance { .. } => flow,
            };
        }
        flow
    }
}
