//! Networks of fields against numbers that PyTorch computed; `tests/fixtures/make_pytorch_fields.py` records them.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use lumenfold_engine::reference::{self, Samples};
use lumenfold_engine::{
    Convolution, Extent, InstructionSet, Interpolation, Layer, Network, Objective, Optimiser, Part, Pooling, Trainer,
    Window, apply,
};
use serde::Deserialize;

use crate::pytorch::{LOSS_TOLERANCE, assert_close};
use crate::support::{sets_and_divisions, threads};

#[derive(Deserialize)]
struct Recorded {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    encoder: Vec<Description>,
    decoder: Vec<Description>,
    weight_decay: f64,
    clip_norm: Option<f64>,
    learning_rate: f64,
    rows: Vec<f32>,
    parameters: BTreeMap<String, Vec<f32>>,
    latents: Vec<f32>,
    reconstruction: Vec<f32>,
    loss: f64,
    gradients: BTreeMap<String, Vec<f32>>,
    losses: Vec<f64>,
}

/// A layer as the script writes it.
#[derive(Deserialize)]
#[serde(tag = "layer", rename_all = "snake_case")]
enum Description {
    Dense { inputs: usize, outputs: usize },
    Activation { activation: String },
    Convolution { window: Moves, inputs: usize, outputs: usize, groups: usize },
    TransposedConvolution { window: Moves, inputs: usize, outputs: usize, groups: usize },
    Pool { window: Moves, channels: usize, pooling: String },
    Upsample { channels: usize, from: Vec<usize>, to: Vec<usize>, interpolation: String },
    GroupNorm { channels: usize, positions: usize, groups: usize },
    ChannelNorm { channels: usize, positions: usize },
    LayerNorm { width: usize },
    Dropout { width: usize, share: f32 },
    Fork { width: usize },
    Join { width: usize },
    OuterProduct { channels: usize, rank: usize, extent: Vec<usize> },
}

#[derive(Deserialize)]
struct Moves {
    fine: Vec<usize>,
    kernel: Vec<usize>,
    stride: Vec<usize>,
    padding: Vec<usize>,
    dilation: Vec<usize>,
}

impl Moves {
    fn window(&self) -> Window {
        Window::new(extent(&self.fine), &self.kernel, &self.stride, &self.padding, &self.dilation).unwrap()
    }
}

fn extent(sizes: &[usize]) -> Extent {
    Extent::new(sizes).unwrap()
}

impl Description {
    fn layer(&self) -> Layer {
        match *self {
            Self::Dense { inputs, outputs } => Layer::Dense { inputs, outputs },
            Self::Activation { ref activation } => Layer::Activation(activation.parse().unwrap()),
            Self::Convolution { ref window, inputs, outputs, groups } => {
                Layer::Convolution(Convolution { window: window.window(), inputs, outputs, groups })
            }
            Self::TransposedConvolution { ref window, inputs, outputs, groups } => {
                Layer::TransposedConvolution(Convolution { window: window.window(), inputs, outputs, groups })
            }
            Self::Pool { ref window, channels, ref pooling } => {
                let pooling = match &pooling[..] {
                    "average" => Pooling::Average,
                    "max" => Pooling::Max,
                    other => panic!("{other}"),
                };
                Layer::Pool { window: window.window(), channels, pooling }
            }
            Self::Upsample { channels, ref from, ref to, ref interpolation } => {
                let interpolation = match &interpolation[..] {
                    "nearest" => Interpolation::Nearest,
                    "linear" => Interpolation::Linear,
                    other => panic!("{other}"),
                };
                Layer::Upsample { channels, from: extent(from), to: extent(to), interpolation }
            }
            Self::GroupNorm { channels, positions, groups } => Layer::GroupNorm { channels, positions, groups },
            Self::ChannelNorm { channels, positions } => Layer::ChannelNorm { channels, positions },
            Self::LayerNorm { width } => Layer::LayerNorm { width },
            Self::Dropout { width, share } => Layer::Dropout { width, share },
            Self::Fork { width } => Layer::Fork { width },
            Self::Join { width } => Layer::Join { width },
            Self::OuterProduct { channels, rank, ref extent } => {
                Layer::OuterProduct { channels, rank, extent: self::extent(extent) }
            }
        }
    }
}

impl Case {
    fn network(&self) -> Network {
        let layers = |part: &[Description]| part.iter().map(Description::layer).collect();
        Network::new(layers(&self.encoder), layers(&self.decoder)).unwrap()
    }

    fn flat(&self, network: &Network) -> Vec<f32> {
        let mut flat = vec![0.0; network.parameter_length()];
        for tensor in network.tensors() {
            assert_eq!(tensor.shape.iter().product::<usize>(), tensor.range.len());
            flat[tensor.range.clone()].copy_from_slice(&self.parameters[&tensor.name]);
        }
        assert_eq!(network.tensors().len(), self.parameters.len(), "{}", self.name);
        flat
    }

    fn order(&self, network: &Network) -> Vec<u32> {
        (0..(self.rows.len() / network.features()) as u32).collect()
    }

    fn check_gradient(&self, network: &Network, what: &str, loss: f64, gradient: &[f32]) {
        let name = &self.name;
        assert!((loss / self.loss - 1.0).abs() < LOSS_TOLERANCE, "{name} {what}: {loss} {}", self.loss);
        for tensor in network.tensors() {
            let of_tensor = &gradient[tensor.range.clone()];
            assert_close(&format!("{name} {what} {}", tensor.name), of_tensor, &self.gradients[&tensor.name]);
        }
    }
}

fn cases() -> Vec<Case> {
    serde_json::from_str::<Recorded>(include_str!("../fixtures/pytorch_fields.json")).unwrap().cases
}

fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|value| *value as f32).collect()
}

#[test]
fn the_reference_gives_what_pytorch_gives() {
    for case in cases() {
        let network = case.network();
        let parameters = widen(&case.flat(&network));
        for (part, expected) in [(Part::Encoder, &case.latents), (Part::Whole, &case.reconstruction)] {
            let rows = case.rows.chunks_exact(network.features());
            let found = rows.flat_map(|row| narrow(&reference::forward(&network, &parameters, part, &widen(row))));
            assert_close(&format!("{} {part:?}", case.name), &found.collect::<Vec<_>>(), expected);
        }
        let objective = Objective::squared_error(&vec![1.0; network.features()]);
        let rows = widen(&case.rows);
        let (loss, gradient) = reference::loss_and_gradient(&network, &parameters, &objective, Samples::plain(&rows));
        case.check_gradient(&network, "reference", loss, &narrow(&gradient));
    }
}

/// The steps of AdamW, Loshchilov and Hutter (2019), arXiv:1711.05101, algorithm 2, after clipping the gradient's norm.
#[test]
fn ten_training_losses_of_the_reference_are_those_of_pytorch() {
    let (first_decay, second_decay, epsilon) = (0.9_f64, 0.999_f64, 1e-8);
    for case in cases() {
        let network = case.network();
        let objective = Objective::squared_error(&vec![1.0; network.features()]);
        let mut parameters = widen(&case.flat(&network));
        let mut moments = vec![(0.0, 0.0); parameters.len()];
        let rows = widen(&case.rows);
        for (step, expected) in case.losses.iter().enumerate() {
            let (loss, gradient) =
                reference::loss_and_gradient(&network, &parameters, &objective, Samples::plain(&rows));
            let what = format!("{} step {step}", case.name);
            assert!((loss / expected - 1.0).abs() < LOSS_TOLERANCE, "{what}: {loss} {expected}");
            let norm = gradient.iter().map(|slope| slope * slope).sum::<f64>().sqrt();
            let shrink = case.clip_norm.map_or(1.0, |most| (most / (norm + 1e-6)).min(1.0));
            let count = step as i32 + 1;
            let (first_bias, second_bias) = (1.0 - first_decay.powi(count), 1.0 - second_decay.powi(count));
            for tensor in network.tensors() {
                let decay = if tensor.decays { case.learning_rate * case.weight_decay } else { 0.0 };
                for index in tensor.range.clone() {
                    let slope = shrink * gradient[index];
                    let (first, second) = &mut moments[index];
                    *first += (1.0 - first_decay) * (slope - *first);
                    *second += (1.0 - second_decay) * (slope * slope - *second);
                    let direction = *first / first_bias / ((*second / second_bias).sqrt() + epsilon);
                    parameters[index] -= decay * parameters[index] + case.learning_rate * direction;
                }
            }
        }
    }
}

/// Weight decay is for what PyTorch holds in several dimensions.
#[test]
fn weights_decay_and_nothing_else() {
    for case in cases() {
        for tensor in case.network().tensors() {
            assert_eq!(tensor.decays, tensor.shape.len() > 1, "{} {}", case.name, tensor.name);
        }
    }
}

#[test]
fn latents_and_reconstructions_of_fields_are_those_of_pytorch() {
    for case in cases() {
        let network = case.network();
        let parameters = case.flat(&network);
        for (part, expected) in [(Part::Encoder, &case.latents), (Part::Whole, &case.reconstruction)] {
            for set in InstructionSet::available() {
                let mut found = vec![0.0; expected.len()];
                apply(&network, &parameters, part, &case.rows, &mut found, set, threads(1)).unwrap();
                assert_close(&format!("{} {part:?} {set}", case.name), &found, expected);
            }
        }
    }
}

#[test]
fn loss_and_gradients_of_fields_are_those_of_pytorch() {
    for case in cases() {
        let network = case.network();
        let parameters = case.flat(&network);
        for (set, division) in sets_and_divisions() {
            let objective = Objective::squared_error(&vec![1.0; network.features()]);
            let optimiser = Optimiser { division, ..Optimiser::default() };
            let mut trainer = Trainer::new(&network, &parameters, objective, optimiser, set, threads(1)).unwrap();
            let (loss, gradient) = trainer.gradient_of(&case.rows, &case.order(&network)).unwrap();
            case.check_gradient(&network, &format!("{set} {division:?}"), loss, &gradient);
        }
    }
}

#[test]
fn ten_training_losses_of_fields_are_those_of_pytorch() {
    for case in cases() {
        let network = case.network();
        let parameters = case.flat(&network);
        for (set, division) in sets_and_divisions() {
            let order = case.order(&network);
            let optimiser = Optimiser {
                batch: order.len(),
                learning_rate: case.learning_rate,
                weight_decay: case.weight_decay,
                clip_norm: case.clip_norm,
                division,
                ..Optimiser::default()
            };
            let objective = Objective::squared_error(&vec![1.0; network.features()]);
            let mut trainer = Trainer::new(&network, &parameters, objective, optimiser, set, threads(2)).unwrap();
            for (step, expected) in case.losses.iter().enumerate() {
                let loss = trainer.epoch(&case.rows, &order, &AtomicBool::new(false)).unwrap().loss;
                let what = format!("{} {set} {division:?} step {step}", case.name);
                assert!((loss / expected - 1.0).abs() < LOSS_TOLERANCE, "{what}: {loss} {expected}");
            }
        }
    }
}
