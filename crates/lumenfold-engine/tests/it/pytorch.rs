//! Against numbers that PyTorch computed; `tests/fixtures/make_pytorch_reference.py` records them.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use lumenfold_engine::{Activation, InstructionSet, Network, Objective, Optimiser, Part, Trainer, apply};
use serde::Deserialize;

use crate::support::{sets_and_divisions, threads};

/// Largest difference from PyTorch's f32 results, as a share of the largest value of the tensor (or of 1e-3).
const TOLERANCE: f32 = 2e-5;

/// Largest relative difference of a training loss after up to ten steps.
pub(crate) const LOSS_TOLERANCE: f64 = 2e-5;

#[derive(Deserialize)]
struct Recorded {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    features: usize,
    hidden: Vec<usize>,
    latent: usize,
    activation: String,
    layer_norm: bool,
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

impl Case {
    fn name(&self) -> String {
        format!("{}-{:?}-{} {} norm {}", self.features, self.hidden, self.latent, self.activation, self.layer_norm)
    }

    fn network(&self) -> Network {
        let activation: Activation = self.activation.parse().unwrap();
        Network::dense(self.features, &self.hidden, self.latent, activation, self.layer_norm).unwrap()
    }

    fn flat(&self, network: &Network) -> Vec<f32> {
        let mut flat = vec![0.0; network.parameter_length()];
        for tensor in network.tensors() {
            flat[tensor.range.clone()].copy_from_slice(&self.parameters[&tensor.name]);
        }
        assert_eq!(network.tensors().len(), self.parameters.len(), "{}", self.name());
        flat
    }
}

fn cases() -> Vec<Case> {
    serde_json::from_str::<Recorded>(include_str!("../fixtures/pytorch_reference.json")).unwrap().cases
}

pub(crate) fn assert_close(what: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1e-3_f32, |scale, value| scale.max(value.abs()));
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs() / scale;
        assert!(error <= TOLERANCE, "{what}[{index}]: {found} where PyTorch has {expected}");
    }
}

#[test]
fn latents_and_reconstructions_are_those_of_pytorch() {
    for case in cases() {
        let network = case.network();
        let parameters = case.flat(&network);
        for (part, expected) in [(Part::Encoder, &case.latents), (Part::Whole, &case.reconstruction)] {
            let mut found = vec![0.0; expected.len()];
            apply(&network, &parameters, part, &case.rows, &mut found, InstructionSet::best(), threads(1)).unwrap();
            assert_close(&format!("{} {part:?}", case.name()), &found, expected);
        }
    }
}

#[test]
fn loss_and_gradients_are_those_of_pytorch() {
    for case in cases() {
        let network = case.network();
        let parameters = case.flat(&network);
        let weights = vec![1.0; case.features];
        let order: Vec<u32> = (0..70).collect();
        for (set, division) in sets_and_divisions() {
            let optimiser = Optimiser { division, ..Optimiser::default() };
            let mut trainer =
                Trainer::new(&network, &parameters, Objective::squared_error(&weights), optimiser, set, threads(1))
                    .unwrap();
            let (loss, gradient) = trainer.gradient_of(&case.rows, &order).unwrap();
            assert!((loss / case.loss - 1.0).abs() < LOSS_TOLERANCE, "{}: {loss} {}", case.name(), case.loss);
            for tensor in network.tensors() {
                let what = format!("{} {}", case.name(), tensor.name);
                assert_close(&what, &gradient[tensor.range.clone()], &case.gradients[&tensor.name]);
            }
        }
    }
}

#[test]
fn ten_training_losses_are_those_of_pytorch() {
    for case in cases() {
        let network = case.network();
        let parameters = case.flat(&network);
        for (set, division) in sets_and_divisions() {
            let optimiser = Optimiser {
                batch: 70,
                learning_rate: case.learning_rate,
                weight_decay: case.weight_decay,
                clip_norm: case.clip_norm,
                division,
                ..Optimiser::default()
            };
            let weights = vec![1.0; case.features];
            let mut trainer =
                Trainer::new(&network, &parameters, Objective::squared_error(&weights), optimiser, set, threads(2))
                    .unwrap();
            let order: Vec<u32> = (0..70).collect();
            for (step, expected) in case.losses.iter().enumerate() {
                let loss = trainer.epoch(&case.rows, &order, &AtomicBool::new(false)).unwrap().loss;
                let what = format!("{} {division:?} step {step}", case.name());
                assert!((loss / expected - 1.0).abs() < LOSS_TOLERANCE, "{what}: {loss} {expected}");
            }
        }
    }
}
