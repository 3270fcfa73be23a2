//! Gradients: the f64 reference against finite differences, the kernels against the reference.

use lumenfold_engine::reference::{self, Samples};
use lumenfold_engine::{
    Activation, Corruption, InstructionSet, Layer, Network, Objective, Optimiser, Part, Sparsity, Trainer,
    TrainerState, apply, corrupted, dropout_factors, kept_coordinates, posterior_noise,
};

use crate::support::{
    field_kinds, field_networks, kinds, networks, numbers, parameters, sets_and_divisions, threads, trainer,
};

/// Largest difference between the reference's gradient and a central difference, as a share of the largest gradient.
const FINITE_DIFFERENCE_TOLERANCE: f64 = 1e-6;

/// Largest difference between f32 kernels and the f64 reference, as a share of the largest value.
const SINGLE_PRECISION_TOLERANCE: f64 = 2e-5;

/// The same where few channels are normalised: values that nearly agree then lose digits.
const FEW_CHANNELS_TOLERANCE: f64 = 3e-4;

fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

#[test]
fn the_reference_agrees_with_finite_differences() {
    let plain = networks().into_iter().chain(field_networks()).map(|(name, network)| {
        let objective = objective(&network);
        (name, network, objective)
    });
    let all = plain.chain(kinds()).chain(field_kinds());
    for (name, network, objective) in all.filter(|(_, network, _)| network.parameter_count() < 3000) {
        let parameters = widen(&parameters(&network, 3));
        let drawn = Drawn::new(&network, &objective, 7);
        let loss_and_gradient =
            |parameters: &[f64]| reference::loss_and_gradient(&network, parameters, &objective, drawn.samples());
        let (_, gradient) = loss_and_gradient(&parameters);
        let scale = largest(&gradient);
        // The gradient of thresholds is an estimate, and has a test of its own.
        for tensor in network.tensors().iter().filter(|tensor| !tensor.name.ends_with("log_threshold")) {
            let matters = largest(&gradient[tensor.range.clone()]) > 1e-4 * scale;
            // A single value is zero after its normalisation, whatever its scale.
            assert!(
                matters || (&*name, &*tensor.name) == ("one position", "encoder.3.weight"),
                "{name} {}",
                tensor.name
            );
            for index in tensor.range.clone().step_by(tensor.range.len().div_ceil(11)) {
                let step = 1e-5;
                let mut moved = parameters.clone();
                moved[index] += step;
                let above = loss_and_gradient(&moved).0;
                moved[index] -= 2.0 * step;
                let difference = (above - loss_and_gradient(&moved).0) / (2.0 * step);
                let error = (difference - gradient[index]).abs() / scale;
                assert!(error < FINITE_DIFFERENCE_TOLERANCE, "{name}: {}[{index}] off by {error:e}", tensor.name);
            }
        }
    }
}

/// Samples for an objective, with all that is drawn for them at the tested step.
struct Drawn {
    rows: Vec<f32>,
    inputs: Vec<f64>,
    targets: Vec<f64>,
    weights: Option<Vec<f64>>,
    kept: Option<Vec<usize>>,
    noise: Option<Vec<f64>>,
    idle: Vec<u32>,
    dead: Option<Vec<bool>>,
    dropped: Option<Vec<Vec<f64>>>,
}

/// The step of the tests: within the warm-up of the divergence.
const STEP: u64 = 3;

/// What the dropouts of the tested step multiply their values with; none if there are none.
fn dropped(network: &Network, objective: &Objective, samples: usize) -> Option<Vec<Vec<f64>>> {
    let factors = dropout_factors(network, objective, STEP, samples);
    (!factors.is_empty()).then(|| factors.iter().map(|factors| widen(factors)).collect())
}

impl Drawn {
    fn new(network: &Network, objective: &Objective, samples: usize) -> Self {
        let (features, latent) = (network.features(), network.latent_dimension());
        let mut rows = numbers(samples * objective.row_length(), 7);
        if objective.draws || objective.loss.is_of_counts() {
            rows.iter_mut().for_each(|value| *value = value.abs());
        }
        if objective.value_weights {
            for row in rows.chunks_exact_mut(2 * features) {
                // A quarter of the values is absent.
                row[features..].iter_mut().for_each(|weight| *weight = (*weight + 0.5).max(0.0));
            }
        }
        let come_in = corrupted(objective, InstructionSet::best(), STEP, &rows);
        let revives = objective.sparsity.revival().is_some();
        let idle: Vec<u32> = (0..if revives { latent } else { 0 }).map(|latent| 20 * (latent as u32 % 3)).collect();
        Self {
            inputs: widen(&come_in.inputs),
            targets: widen(&come_in.targets),
            weights: come_in.weights.as_ref().map(|weights| widen(weights)),
            kept: objective.ordered.then(|| kept_coordinates(objective, STEP, samples, latent)),
            noise: objective.divergence.map(|_| widen(&posterior_noise(objective, STEP, samples, latent))),
            dead: objective.sparsity.revival().map(|revival| idle.iter().map(|idle| *idle >= revival.after).collect()),
            idle,
            dropped: dropped(network, objective, samples),
            rows,
        }
    }

    fn samples(&self) -> Samples<'_> {
        Samples {
            inputs: &self.inputs,
            targets: &self.targets,
            weights: self.weights.as_deref(),
            kept: self.kept.as_deref(),
            noise: self.noise.as_deref(),
            dead: self.dead.as_deref(),
            dropped: self.dropped.as_deref(),
            step: STEP,
        }
    }
}

/// The gradient of the trainer and that of the reference agree, for every instruction set and division of the work.
fn check_gradient(name: &str, network: &Network, objective: &Objective, samples: usize) {
    let parameters = parameters(network, 3);
    let order: Vec<u32> = (0..samples as u32).collect();
    let drawn = Drawn::new(network, objective, samples);
    let (loss, gradient) = reference::loss_and_gradient(network, &widen(&parameters), objective, drawn.samples());
    let scale = largest(&gradient);
    let few =
        network.layers().iter().any(|layer| matches!(layer, Layer::ChannelNorm { channels, .. } if *channels < 8));
    let tolerance = if few { FEW_CHANNELS_TOLERANCE } else { SINGLE_PRECISION_TOLERANCE };
    let zeros = vec![0.0; parameters.len()];
    let state = TrainerState { parameters: &parameters, first: &zeros, second: &zeros, idle: &drawn.idle, step: STEP };
    for (set, division) in sets_and_divisions() {
        let optimiser = Optimiser { division, ..Optimiser::default() };
        let mut trainer = Trainer::new(network, &parameters, objective.clone(), optimiser, set, threads(2)).unwrap();
        trainer.restore(state).unwrap();
        let (fast_loss, fast) = trainer.gradient_of(&drawn.rows, &order).unwrap();
        let what = format!("{name} {set} {division:?}, {samples} samples");
        let difference = (fast_loss - loss).abs();
        assert!(difference <= tolerance * loss.abs(), "{what}: {fast_loss} {loss}");
        for tensor in network.tensors() {
            for index in tensor.range.clone() {
                let error = (f64::from(fast[index]) - gradient[index]).abs();
                let at = index - tensor.range.start;
                assert!(error <= tolerance * scale, "{what}: {}[{at}] off by {error:e}", tensor.name);
            }
        }
    }
}

#[test]
fn the_kernels_agree_with_the_reference_on_every_kind_of_code_and_loss() {
    for (name, network, objective) in kinds() {
        for samples in [1, 65, 150] {
            check_gradient(&name, &network, &objective, samples);
        }
    }
}

#[test]
fn the_kernels_agree_with_the_reference_on_fields() {
    for (name, network) in field_networks() {
        for samples in [1, 17, 70] {
            check_gradient(&name, &network, &objective(&network), samples);
        }
    }
}

#[test]
fn the_kernels_agree_with_the_reference_on_every_kind_of_code_and_loss_of_fields() {
    for (name, network, objective) in field_kinds() {
        for samples in [1, 65, 150] {
            check_gradient(&name, &network, &objective, samples);
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
            vec![Corruption::Split { share: 0.7, center: vec![20.0; features], scale: vec![8.0; features] }],
            vec![],
        ];
        for (index, corruptions) in corruptions.into_iter().enumerate() {
            let blind_spots = [None, Some(0.3)][usize::from(index == 0 || index == 5)];
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
    let mut wide_encoder = wide.part(Part::Encoder).to_vec();
    wide_encoder.pop();
    let ending = |width, end| {
        let encoder = wide_encoder.iter().copied().chain([Layer::Dense { inputs: 33, outputs: width }, end]).collect();
        Network::new(encoder, wide.part(Part::Decoder).to_vec()).unwrap()
    };
    let wide_ones = [
        ("1030-1000-33-5".to_owned(), wide.clone()),
        ("wide, gaussian".to_owned(), ending(10, Layer::Gaussian { width: 5 })),
        ("wide, top k".to_owned(), ending(5, Layer::TopK { width: 5, kept: 2 })),
        ("wide, jump relu".to_owned(), ending(5, Layer::JumpRelu { width: 5 })),
    ];
    let of_kinds = kinds().into_iter().map(|(name, network, _)| (name, network));
    for (name, network) in networks().into_iter().chain(wide_ones).chain(of_kinds) {
        check_passes(&name, &network, InstructionSet::best(), 70);
    }
}

#[test]
fn encoding_and_decoding_agree_with_the_reference_on_fields() {
    let of_kinds = field_kinds().into_iter().map(|(name, network, _)| (name, network));
    for (name, network) in field_networks().into_iter().chain(of_kinds) {
        for set in InstructionSet::available() {
            for samples in [1, 7, 16, 17, 33, 70] {
                check_passes(&format!("{name} {set}"), &network, set, samples);
            }
        }
    }
}

/// Every part gives what it gives in the reference.
fn check_passes(name: &str, network: &Network, set: InstructionSet, samples: usize) {
    let parameters = parameters(network, 11);
    for part in [Part::Encoder, Part::Decoder, Part::Whole, Part::Posterior, Part::Likelihood] {
        let (width_in, width_out) = network.width(part);
        let rows = numbers(samples * width_in, 13);
        let mut fast = vec![0.0; samples * width_out];
        apply(network, &parameters, part, &rows, &mut fast, set, threads(2)).unwrap();
        for (row, fast) in rows.chunks(width_in).zip(fast.chunks(width_out)) {
            let exact = reference::forward(network, &widen(&parameters), part, &widen(row));
            let scale = largest(&exact).max(1.0);
            for (fast, exact) in fast.iter().zip(&exact) {
                let error = (f64::from(*fast) - exact).abs() / scale;
                assert!(error < SINGLE_PRECISION_TOLERANCE, "{name} {part:?}: {fast} {exact}");
            }
        }
    }
}

#[test]
fn training_lowers_the_loss_and_the_padding_between_tensors_stays_zero() {
    check_training(networks());
}

#[test]
fn training_fields_lowers_the_loss_and_the_padding_between_tensors_stays_zero() {
    check_training(field_networks());
}

fn check_training(networks: Vec<(String, Network)>) {
    for (name, network) in networks {
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

/// The estimate of a threshold's gradient, averaged over many samples, is that of the mean loss.
#[test]
fn the_gradient_of_a_threshold_is_that_of_the_mean_loss() {
    // One feature is the code, and the decoder makes three times as much of it.
    let encoder = vec![Layer::Dense { inputs: 1, outputs: 1 }, Layer::JumpRelu { width: 1 }];
    let network = Network::new(encoder, vec![Layer::Dense { inputs: 1, outputs: 1 }]).unwrap();
    let (strength, threshold) = (0.3_f32, 0.5_f64);
    let mut parameters = vec![0.0; network.parameter_length()];
    for (tensor, value) in network.tensors().iter().zip([1.0, 0.0, threshold.ln() as f32, 3.0, 0.0]) {
        parameters[tensor.range.start] = value;
    }
    let sparsity = Sparsity::JumpRelu { strength, bandwidth: 0.01 };
    let objective = Objective { sparsity, ..Objective::squared_error(&[1.0]) };
    let count = 200_000;
    let rows: Vec<f32> = (0..count).map(|index| (index as f32 + 0.5) / count as f32).collect();
    let order: Vec<u32> = (0..count as u32).collect();
    let optimiser = Optimiser { batch: count, ..Optimiser::default() };
    let set = InstructionSet::best();
    let mut trainer = Trainer::new(&network, &parameters, objective, optimiser, set, threads(2)).unwrap();
    let (loss, gradient) = trainer.gradient_of(&rows, &order).unwrap();
    // For x uniform on [0, 1] the error is x² below the threshold t and (3 x - x)² above it: the mean loss is
    // t³ / 3 + 4 (1 - t³) / 3 + strength (1 - t), and its derivative by ln t follows.
    let cubed = threshold.powi(3);
    let exact = cubed / 3.0 + 4.0 * (1.0 - cubed) / 3.0 + f64::from(strength) * (1.0 - threshold);
    assert!((loss - exact).abs() < 1e-4, "{loss} {exact}");
    let exact = -3.0 * cubed - f64::from(strength) * threshold;
    let found = f64::from(gradient[network.tensors()[2].range.start]);
    // The rectangle has a width: errors are those half a width away.
    assert!((found - exact).abs() < 0.02 * exact.abs(), "{found} {exact}");
}

/// Targets that are drawn are ones as often as their chances tell, and others in every step.
#[test]
fn drawn_targets_have_their_chances() {
    let chances = [0.0_f32, 0.1, 0.5, 0.97, 1.0];
    let rows: Vec<f32> = chances.into_iter().cycle().take(5 * 20_000).collect();
    let objective = Objective { draws: true, ..Objective::squared_error(&[1.0; 5]) };
    let drawn = corrupted(&objective, InstructionSet::best(), 1, &rows);
    assert_eq!(drawn.inputs, drawn.targets);
    assert!(drawn.targets.iter().all(|target| *target == 0.0 || *target == 1.0));
    for (feature, chance) in chances.iter().enumerate() {
        let ones: f32 = drawn.targets.iter().skip(feature).step_by(5).sum();
        let (mean, chance) = (f64::from(ones) / 20_000.0, f64::from(*chance));
        let deviation = (chance * (1.0 - chance) / 20_000.0).sqrt();
        assert!((mean - chance).abs() <= 5.0 * deviation + 1e-7, "{mean}, not {chance}");
    }
    assert_ne!(corrupted(&objective, InstructionSet::best(), 2, &rows).targets, drawn.targets);
}
