//! Gradients: the f64 reference against finite differences, the kernels against the reference.

use lumenfold_engine::reference::{self, Samples};
use lumenfold_engine::{
    Activation, Corruption, InstructionSet, Network, Objective, Optimiser, Part, Trainer, apply, corrupted,
    kept_coordinates,
};

use crate::support::{networks, numbers, parameters, sets_and_divisions, threads, trainer};

/// Largest difference between the reference's gradient and a central difference, as a share of the largest gradient.
const FINITE_DIFFERENCE_TOLERANCE: f64 = 1e-6;

/// Largest difference between f32 kernels and the f64 reference, as a share of the largest value.
const SINGLE_PRECISION_TOLERANCE: f64 = 2e-5;

fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

#[test]
fn the_reference_agrees_with_finite_differences() {
    for (name, network) in networks().into_iter().filter(|(_, network)| network.parameter_count() < 3000) {
        let parameters = widen(&parameters(&network, 3));
        let rows = widen(&numbers(4 * network.features(), 5));
        let weights: Vec<f64> = (0..network.features()).map(|feature| 0.5 + feature as f64 / 7.0).collect();
        let loss =
            |parameters: &[f64]| reference::loss_and_gradient(&network, parameters, &weights, Samples::plain(&rows)).0;
        let (_, gradient) = reference::loss_and_gradient(&network, &parameters, &weights, Samples::plain(&rows));
        let scale = largest(&gradient);
        for tensor in network.tensors() {
            for index in tensor.range.clone().step_by(tensor.range.len().div_ceil(11)) {
                let step = 1e-5;
                let mut moved = parameters.clone();
                moved[index] += step;
                let above = loss(&moved);
                moved[index] -= 2.0 * step;
                let difference = (above - loss(&moved)) / (2.0 * step);
                let error = (difference - gradient[index]).abs() / scale;
                assert!(error < FINITE_DIFFERENCE_TOLERANCE, "{name}: {}[{index}] off by {error:e}", tensor.name);
            }
        }
    }
}

/// The gradient of the trainer and that of the reference agree, for every instruction set and division of the work.
fn check_gradient(name: &str, network: &Network, objective: &Objective, samples: usize) {
    let parameters = parameters(network, 3);
    let rows = numbers(samples * network.features(), 7);
    let order: Vec<u32> = (0..samples as u32).collect();
    let come_in = corrupted(objective, InstructionSet::best(), 0, &rows);
    let weights = come_in.weights.as_ref().map(|weights| widen(weights));
    let (inputs, targets) = (widen(&come_in.inputs), widen(&rows));
    let kept = objective.ordered.then(|| kept_coordinates(objective, 0, samples, network.latent_dimension()));
    let batch = Samples { inputs: &inputs, targets: &targets, weights: weights.as_deref(), kept: kept.as_deref() };
    let feature_weights = widen(&objective.feature_weights);
    let (loss, gradient) = reference::loss_and_gradient(network, &widen(&parameters), &feature_weights, batch);
    let scale = largest(&gradient);
    for (set, division) in sets_and_divisions() {
        let optimiser = Optimiser { division, ..Optimiser::default() };
        let mut trainer = Trainer::new(network, &parameters, objective.clone(), optimiser, set, threads(2)).unwrap();
        let (fast_loss, fast) = trainer.gradient_of(&rows, &order).unwrap();
        let what = format!("{name} {set} {division:?}, {samples} samples");
        let difference = (fast_loss - loss).abs();
        assert!(difference <= SINGLE_PRECISION_TOLERANCE * loss, "{what}: {fast_loss} {loss}");
        for tensor in network.tensors() {
            for index in tensor.range.clone() {
                let error = (f64::from(fast[index]) - gradient[index]).abs();
                let at = index - tensor.range.start;
                assert!(error <= SINGLE_PRECISION_TOLERANCE * scale, "{what}: {}[{at}] off by {error:e}", tensor.name);
            }
        }
    }
}

fn objective(network: &Network) -> Objective {
    let weights: Vec<f32> = (0..network.features()).map(|feature| 0.5 + feature as f32 / 7.0).collect();
    Objective::squared_error(&weights)
}

#[test]
fn the_kernels_agree_with_the_reference_in_any_batch_size_and_with_every_instruction_set() {
    for (name, network) in networks() {
        for samples in [1, 3, 64, 65, 150] {
            check_gradient(&name, &network, &objective(&network), samples);
        }
    }
}

#[test]
fn the_kernels_agree_with_the_reference_on_corrupted_samples() {
    // The last one is wide enough for several blocks of features.
    let wide = Network::dense(1060, &[7], 3, Activation::Tanh, true).unwrap();
    let some = networks().into_iter().skip(16).chain([("1060-7-3".to_owned(), wide)]);
    for (name, network) in some {
        let features = network.features();
        let each = |value: f32| vec![value; features];
        let corruptions = [
            vec![Corruption::Gaussian { deviation: 0.5 }],
            vec![Corruption::Masking { share: 0.3, value: each(0.0) }, Corruption::Gaussian { deviation: 0.1 }],
            vec![Corruption::SaltAndPepper { share: 0.2, lowest: each(-1.5), highest: each(1.5) }],
            vec![Corruption::Poisson { exposure: 20.0, center: vec![1.0; features], scale: vec![0.7; features] }],
            vec![],
        ];
        for (index, corruptions) in corruptions.into_iter().enumerate() {
            let blind_spots = [None, Some(0.3)][usize::from(index == 0 || index == 4)];
            let objective = Objective { corruptions, blind_spots, seed: 5, stream: 1, ..objective(&network) };
            for samples in [1, 65, 150] {
                check_gradient(&format!("{name} {index}"), &network, &objective, samples);
            }
        }
    }
}

#[test]
fn the_kernels_agree_with_the_reference_on_ordered_codes() {
    for (name, network) in networks().into_iter().skip(14) {
        let corruptions = vec![Corruption::Gaussian { deviation: 0.5 }];
        for objective in [objective(&network), Objective { corruptions, blind_spots: Some(0.3), ..objective(&network) }]
        {
            let objective = Objective { ordered: true, seed: 5, stream: 1, ..objective };
            for samples in [1, 65, 150] {
                check_gradient(&format!("{name} ordered"), &network, &objective, samples);
            }
        }
    }
}

#[test]
fn blind_spots_show_zero_and_alone_count() {
    let rows: Vec<f32> = (1..=150 * 7).map(|index| index as f32).collect();
    let objective = Objective { blind_spots: Some(0.25), ..Objective::squared_error(&[1.0; 7]) };
    let come_in = corrupted(&objective, InstructionSet::best(), 3, &rows);
    let weights = come_in.weights.expect("blind spots have weights");
    let mut hidden = 0;
    for (index, (input, weight)) in come_in.inputs.iter().zip(weights).enumerate() {
        if weight == 0.0 {
            assert_eq!(*input, rows[index]);
        } else {
            hidden += 1;
            assert_eq!(weight, 4.0);
            assert_eq!(*input, 0.0);
        }
    }
    // A share of 0.25 of 1050 values, within five deviations.
    assert!((hidden as f64 - 262.5).abs() < 5.0 * 14.0, "{hidden}");
    // Other steps, seeds and streams hide other values.
    let others = [
        corrupted(&objective, InstructionSet::best(), 4, &rows),
        corrupted(&Objective { seed: 1, ..objective.clone() }, InstructionSet::best(), 3, &rows),
        corrupted(&Objective { stream: 1, ..objective.clone() }, InstructionSet::best(), 3, &rows),
    ];
    assert!(others.iter().all(|other| other.inputs != come_in.inputs));
}

#[test]
fn encoding_and_decoding_agree_with_the_reference() {
    // The last one is wide: it goes by layers.
    let wide = Network::dense(1030, &[1000, 33], 5, Activation::Tanh, true).unwrap();
    for (name, network) in networks().into_iter().chain([("1030-1000-33-5".to_owned(), wide)]) {
        let parameters = parameters(&network, 11);
        for part in [Part::Encoder, Part::Decoder, Part::Whole] {
            let (width_in, width_out) = network.width(part);
            let rows = numbers(70 * width_in, 13);
            let mut fast = vec![0.0; 70 * width_out];
            apply(&network, &parameters, part, &rows, &mut fast, InstructionSet::best(), threads(2)).unwrap();
            for (row, fast) in rows.chunks(width_in).zip(fast.chunks(width_out)) {
                let exact = reference::forward(&network, &widen(&parameters), part, &widen(row));
                let scale = largest(&exact).max(1.0);
                for (fast, exact) in fast.iter().zip(&exact) {
                    let error = (f64::from(*fast) - exact).abs() / scale;
                    assert!(error < SINGLE_PRECISION_TOLERANCE, "{name} {part:?}: {fast} {exact}");
                }
            }
        }
    }
}

#[test]
fn training_lowers_the_loss_and_the_padding_between_tensors_stays_zero() {
    for (name, network) in networks() {
        let start = network.initial_parameters(1);
        let optimiser = Optimiser {
            batch: 50,
            learning_rate: 3e-3,
            weight_decay: 0.01,
            clip_norm: Some(1.0),
            ..Optimiser::default()
        };
        let mut trainer = trainer(&network, &start, optimiser);
        let rows = numbers(200 * network.features(), 9);
        let order: Vec<u32> = (0..200).collect();
        let never = std::sync::atomic::AtomicBool::new(false);
        let first = trainer.epoch(&rows, &order, &never).unwrap();
        assert!(first.largest_norm > 0.0);
        let mut last = first.loss;
        for _ in 0..30 {
            last = trainer.epoch(&rows, &order, &never).unwrap().loss;
        }
        assert!(last < first.loss, "{name}: {last} after {}", first.loss);
        let mut used = vec![false; network.parameter_length()];
        for tensor in network.tensors() {
            used[tensor.range.clone()].fill(true);
        }
        for (value, used) in trainer.parameters().iter().zip(used) {
            assert!(used || *value == 0.0, "{name}: padding holds {value}");
        }
    }
}
