//! Chains of layers that are refused, and settings out of range.

use lumenfold_engine::{
    Activation, EngineError, InstructionSet, Layer, Network, Objective, Optimiser, Part, Trainer, apply,
};

use crate::support::threads;

fn reason(encoder: Vec<Layer>, decoder: Vec<Layer>) -> String {
    Network::new(encoder, decoder).unwrap_err().to_string()
}

#[test]
fn chains_that_do_not_fit_are_refused_with_the_layer_and_the_reason() {
    let dense = |inputs, outputs| Layer::Dense { inputs, outputs };
    assert!(reason(vec![], vec![dense(2, 3)]).contains("need a layer each"));
    assert!(reason(vec![dense(3, 2), dense(4, 2)], vec![dense(2, 3)]).contains("takes 4 features and gets 2"));
    assert!(reason(vec![dense(3, 2)], vec![dense(2, 4)]).contains("ends with 4 features"));
    assert!(reason(vec![dense(3, 0)], vec![dense(0, 3)]).contains("from 3 to 0"));
    assert!(
        reason(vec![Layer::LayerNorm { width: 3 }], vec![dense(2, 3)])
            .contains("begin with a layer that makes new values")
    );
    let norm = Layer::LayerNorm { width: 3 };
    assert!(reason(vec![dense(3, 2), norm], vec![dense(2, 3)]).contains("takes 3 features and gets 2"));
    assert!(reason(vec![dense(usize::MAX / 2, 9)], vec![dense(9, usize::MAX / 2)]).contains("more parameters"));
}

#[test]
fn the_star_network_has_the_parameters_of_the_published_one() {
    let network = Network::dense(5, &[40, 40, 40, 40], 2, Activation::Silu, true).unwrap();
    assert_eq!(network.parameter_count(), 11_127);
    assert_eq!(network.tensors()[0].name, "encoder.0.weight");
    assert_eq!(network.tensors()[2].name, "encoder.2.weight");
    assert_eq!(network.tensors().last().unwrap().name, "decoder.12.bias");
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let good = Optimiser::default();
    let bad = [
        ("batch", Optimiser { batch: 0, ..good.clone() }),
        ("learning rate", Optimiser { learning_rate: f64::NAN, ..good.clone() }),
        ("learning rate", Optimiser { learning_rate: 0.0, ..good.clone() }),
        ("first decay", Optimiser { first_decay: 1.0, ..good.clone() }),
        ("second decay", Optimiser { second_decay: -0.1, ..good.clone() }),
        ("epsilon", Optimiser { epsilon: 0.0, ..good.clone() }),
        ("weight decay", Optimiser { weight_decay: -1.0, ..good.clone() }),
        ("clip norm", Optimiser { clip_norm: Some(0.0), ..good.clone() }),
    ];
    for (expected, optimiser) in bad {
        match optimiser.check() {
            Err(EngineError::Setting { name, .. }) => assert_eq!(name, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
    assert!(good.check().is_ok());
}

#[test]
fn slices_of_the_wrong_length_are_refused() {
    let network = Network::dense(3, &[4], 2, Activation::Tanh, false).unwrap();
    let parameters = network.initial_parameters(0);
    let set = InstructionSet::best();
    let mut outputs = [0.0; 4];
    assert!(apply(&network, &parameters[1..], Part::Encoder, &[0.0; 6], &mut outputs, set, threads(1)).is_err());
    assert!(apply(&network, &parameters, Part::Encoder, &[0.0; 7], &mut outputs, set, threads(1)).is_err());
    assert!(apply(&network, &parameters, Part::Encoder, &[0.0; 9], &mut outputs, set, threads(1)).is_err());
    assert!(apply(&network, &parameters, Part::Encoder, &[0.0; 6], &mut outputs, set, threads(1)).is_ok());
    let mut trainer =
        Trainer::new(&network, &parameters, Objective::squared_error(&[1.0; 3]), Optimiser::default(), set, threads(1))
            .unwrap();
    assert!(trainer.gradient_of(&[0.0; 6], &[0, 2]).is_err());
    assert!(trainer.gradient_of(&[0.0; 6], &[]).is_err());
    assert!(
        Trainer::new(&network, &parameters, Objective::squared_error(&[1.0; 2]), Optimiser::default(), set, threads(1))
            .is_err()
    );
}

#[test]
fn an_unknown_instruction_set_is_refused_with_the_choices() {
    let message = InstructionSet::named("sse9").unwrap_err().to_string();
    assert!(message.contains("sse9") && message.contains("portable"), "{message}");
}
