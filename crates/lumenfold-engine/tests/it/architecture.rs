//! Chains of layers that are refused, and settings out of range.

use lumenfold_engine::{
    Activation, Convolution, EngineError, Extent, InstructionSet, Interpolation, Layer, Network, Objective, Optimiser,
    Part, Pooling, Trainer, Window, apply,
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

#[test]
fn layers_of_fields_that_do_not_fit_are_refused_with_the_layer_and_the_reason() {
    let extent = |sizes: &[usize]| Extent::new(sizes).unwrap();
    let window = Window::new(extent(&[8]), &[3], &[1], &[1], &[1]).unwrap();
    let convolution = |inputs, outputs, groups| Layer::Convolution(Convolution { window, inputs, outputs, groups });
    let (whole, fork, join) = (convolution(2, 2, 1), Layer::Fork { width: 16 }, Layer::Join { width: 16 });
    let after = |layer| reason(vec![whole, layer], vec![whole]);
    assert!(after(convolution(3, 2, 1)).contains("takes 24 features and gets 16"));
    assert!(after(convolution(2, 3, 2)).contains("2 groups do not divide"));
    assert!(after(convolution(2, 2, 0)).contains("0 groups do not divide"));
    assert!(after(convolution(2, 0, 1)).contains("from 2 to 0 channels"));
    assert!(after(Layer::GroupNorm { channels: 2, positions: 8, groups: 3 }).contains("3 groups do not divide"));
    assert!(after(Layer::GroupNorm { channels: 2, positions: 7, groups: 1 }).contains("takes 14 features"));
    assert!(after(Layer::ChannelNorm { channels: 16, positions: 0 }).contains("no positions"));
    let pool = |channels| Layer::Pool { window, channels, pooling: Pooling::Max };
    assert!(after(pool(0)).contains("no channels") && after(pool(3)).contains("takes 24 features"));
    let (from, to, interpolation) = (extent(&[8]), extent(&[8, 1]), Interpolation::Linear);
    assert!(after(Layer::Upsample { channels: 2, from, to, interpolation }).contains("8 cannot be brought to 8×1"));
    assert!(after(Layer::OuterProduct { channels: 1, rank: 0, extent: extent(&[16]) }).contains("rank 0"));
    for share in [1.0, -0.1, f32::NAN] {
        assert!(after(Layer::Dropout { width: 16, share }).contains("not from 0 to below 1"), "{share}");
    }
    assert!(after(fork).contains("does not end with its encoder") && after(join).contains("has no beginning"));
    assert!(reason(vec![whole], vec![whole, fork]).contains("does not end with its decoder"));
    assert!(reason(vec![whole, fork], vec![whole, join]).contains("layer 1 "));
    assert!(reason(vec![fork, whole, join], vec![whole]).contains("begin with a layer that makes new values"));
    assert!(Network::new(vec![whole, fork, whole, join], vec![whole]).is_ok());
}
