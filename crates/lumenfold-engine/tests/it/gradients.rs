//! Gradients: the f64 reference against finite differences, the kernels against the reference.

use lumenfold_engine::{Activation, InstructionSet, Network, Optimiser, Part, Trainer, apply, reference};

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
        let loss = |parameters: &[f64]| reference::loss_and_gradient(&network, parameters, &weights, &rows).0;
        let (_, gradient) = reference::loss_and_gradient(&network, &parameters, &weights, &rows);
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

#[test]
fn the_kernels_agree_with_the_reference_in_any_batch_size_and_with_every_instruction_set() {
    for (name, network) in networks() {
        let parameters = parameters(&network, 3);
        let weights: Vec<f32> = (0..network.features()).map(|feature| 0.5 + feature as f32 / 7.0).collect();
        for samples in [1, 3, 64, 65, 150] {
            let rows = numbers(samples * network.features(), 7);
            let order: Vec<u32> = (0..samples as u32).collect();
            let (loss, gradient) =
                reference::loss_and_gradient(&network, &widen(&parameters), &widen(&weights), &widen(&rows));
            let scale = largest(&gradient);
            for (set, division) in sets_and_divisions() {
                let optimiser = Optimiser { division, ..Optimiser::default() };
                let mut trainer = Trainer::new(&network, &parameters, &weights, optimiser, set, threads(2)).unwrap();
                let (fast_loss, fast) = trainer.gradient_of(&rows, &order).unwrap();
                let what = format!("{name} {set} {division:?}, {samples} samples");
                assert!((fast_loss / loss - 1.0).abs() < SINGLE_PRECISION_TOLERANCE, "{what}: {fast_loss} {loss}");
                for tensor in network.tensors() {
                    for index in tensor.range.clone() {
                        let error = (f64::from(fast[index]) - gradient[index]).abs() / scale;
                        assert!(
                            error < SINGLE_PRECISION_TOLERANCE,
                            "{what}: {}[{}] off by {error:e}",
                            tensor.name,
                            index - tensor.range.start
                        );
                    }
                }
            }
        }
    }
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
