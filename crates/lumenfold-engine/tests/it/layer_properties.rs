//! What layers of fields mean, as properties that hold whatever the numbers are: of the reference and of the kernels.

use lumenfold_engine::Interpolation::{Linear, Nearest};
use lumenfold_engine::Pooling::{Average, Max};
use lumenfold_engine::reference::{self, Samples};
use lumenfold_engine::{
    Convolution, Extent, InstructionSet, Interpolation, Layer, Network, Objective, Optimiser, Part, Window, apply,
};
use proptest::prelude::*;

use crate::support::chain::{Chain, Moves};
use crate::support::{numbers, threads, trainer};

/// Largest difference in these properties, as a share of the largest value: rounding of `f32`.
const TOLERANCE: f64 = 2e-5;

/// One sample through a part of a network.
type Pass = fn(&Network, &[f32], Part, &[f32]) -> Vec<f64>;

/// The gradient of the mean squared error of a network that should give back one sample.
type Gradient = fn(&Network, &[f32], &[f32]) -> Vec<f64>;

fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

fn reference_pass(network: &Network, parameters: &[f32], part: Part, x: &[f32]) -> Vec<f64> {
    reference::forward(network, &widen(parameters), part, &widen(x))
}

fn kernel_pass(network: &Network, parameters: &[f32], part: Part, x: &[f32]) -> Vec<f64> {
    let mut y = vec![0.0; network.width(part).1];
    apply(network, parameters, part, x, &mut y, InstructionSet::best(), threads(1)).unwrap();
    widen(&y)
}

fn reference_gradient(network: &Network, parameters: &[f32], x: &[f32]) -> Vec<f64> {
    let objective = Objective::squared_error(&vec![1.0; network.features()]);
    let x = widen(x);
    reference::loss_and_gradient(network, &widen(parameters), &objective, Samples::plain(&x)).1
}

fn kernel_gradient(network: &Network, parameters: &[f32], x: &[f32]) -> Vec<f64> {
    widen(&trainer(network, parameters, Optimiser::default()).gradient_of(x, &[0]).unwrap().1)
}

/// Each property as a test of the reference and as one of the kernels.
macro_rules! properties {
    ($($property:ident($($what:ident),+);)+) => {
        mod of_the_reference {
            $(#[test] fn $property() { super::$property($(properties!(@reference $what)),+); })+
        }
        mod of_the_kernels {
            $(#[test]            fn $property() { super::$property($(properties!(@kernel $what)),+); })+
        }
    };
    (@reference pass) => { super::reference_pass };
    (@reference gradient) => { super::reference_gradient };
    (@kernel pass) => { super::kernel_pass };
    (@kernel gradient) => { super::kernel_gradient };
}

properties! {
    a_transposed_convolution_is_the_adjoint(pass);
    a_window_of_one_position_is_a_dense_layer_at_each_position(pass);
    a_window_of_the_whole_field_is_a_dense_layer(pass);
    a_moved_field_gives_a_moved_result(pass);
    groups_are_convolutions_beside_each_other(pass);
    a_field_of_a_thin_dimension_is_one_of_fewer_dimensions(pass);
    the_mean_of_a_constant_is_the_constant_and_no_mean_exceeds_the_largest(pass);
    of_equal_values_the_first_has_the_gradient(gradient);
    to_the_same_size_is_the_identity(pass);
    the_nearest_position_is_that_of_exact_fractions(pass);
    a_ramp_stays_a_ramp(pass);
    a_product_of_ones_is_the_rank(pass);
    a_product_of_one_position_each_is_that_position(pass);
    normalised_sets_have_mean_0_and_deviation_1(pass);
    one_group_is_a_layer_norm_and_its_own_group_for_each_position_a_channel_norm(pass);
    an_empty_block_doubles_and_nothing_is_dropped_outside_training(pass);
}

/// A network whose encoder is the chain, with a decoder that fits; its layers do not matter.
fn encoder(chain: Chain, features: usize) -> Network {
    chain.network(|code| code.dense(features))
}

/// Parameters that are zero but for the named tensors.
fn parameters(network: &Network, tensors: &[(&str, &[f32])]) -> Vec<f32> {
    let mut parameters = vec![0.0; network.parameter_length()];
    for (name, values) in tensors {
        let tensor = network.tensors().iter().find(|tensor| tensor.name == *name).unwrap();
        parameters[tensor.range.clone()].copy_from_slice(values);
    }
    parameters
}

fn assert_close(what: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1.0_f64, |scale, value| scale.max(value.abs()));
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= TOLERANCE * scale, "{what}[{index}]: {found}, not {expected}");
    }
}

fn dot(left: &[f64], right: &[f32]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * f64::from(*right)).sum()
}

/// Windows over small fields of one to three dimensions; the taps may be apart.
fn windows(most_dilation: usize) -> impl Strategy<Value = Window> {
    let along = (1..8_usize, 1..6_usize, 1..4_usize, 0..4_usize, 1..=most_dilation);
    prop::collection::vec(along, 1..=3).prop_filter_map("windows that do not fit", |dimensions| {
        let of = |choose: fn(&(usize, usize, usize, usize, usize)) -> usize| -> Vec<usize> {
            dimensions.iter().map(choose).collect()
        };
        let fine = Extent::new(&of(|along| along.0)).ok()?;
        Window::new(fine, &of(|along| along.1), &of(|along| along.2), &of(|along| along.3), &of(|along| along.4)).ok()
    })
}

fn a_transposed_convolution_is_the_adjoint(pass: Pass) {
    proptest!(|(window in windows(3), groups in 1..4_usize, inputs in 1..4_usize, outputs in 1..4_usize, seed: u64)| {
        let (inputs, outputs) = (groups * inputs, groups * outputs);
        let there = Layer::Convolution(Convolution { window, inputs, outputs, groups });
        let back = Layer::TransposedConvolution(Convolution { window, inputs: outputs, outputs: inputs, groups });
        let network = Network::new(vec![there], vec![back]).unwrap();
        let weight = numbers(network.tensors()[0].range.len(), seed);
        let parameters = parameters(&network, &[("encoder.0.weight", &weight), ("decoder.0.weight", &weight)]);
        let (fine, coarse) = network.width(Part::Encoder);
        let (x, y) = (numbers(fine, seed ^ 1), numbers(coarse, seed ^ 2));
        let (left, right) = (
            dot(&pass(&network, &parameters, Part::Encoder, &x), &y),
            dot(&pass(&network, &parameters, Part::Decoder, &y), &x),
        );
        let terms = weight.len() * window.coarse().positions();
        prop_assert!((left - right).abs() <= TOLERANCE * (terms as f64).sqrt(), "{left} {right}");
    });
}

fn a_window_of_one_position_is_a_dense_layer_at_each_position(pass: Pass) {
    let (inputs, outputs, positions) = (5, 7, 6);
    let point = Moves::new(&[1, 1], &[1, 1], &[0, 0]);
    let network = encoder(Chain::of_field(inputs, &[2, 3]).convolution(outputs, 1, point), inputs * positions);
    let (weight, bias, x) = (numbers(inputs * outputs, 1), numbers(outputs, 2), numbers(inputs * positions, 3));
    let fields = parameters(&network, &[("encoder.0.weight", &weight), ("encoder.0.bias", &bias)]);
    let found = pass(&network, &fields, Part::Encoder, &x);
    let network = Network::dense(inputs, &[], outputs, lumenfold_engine::Activation::Identity, false).unwrap();
    let dense = parameters(&network, &[("encoder.0.weight", &weight), ("encoder.0.bias", &bias)]);
    for position in 0..positions {
        let at = |values: &[f64]| values.iter().copied().skip(position).step_by(positions).collect::<Vec<_>>();
        let x: Vec<f32> = x.iter().copied().skip(position).step_by(positions).collect();
        assert_close("a position", &at(&found), &pass(&network, &dense, Part::Encoder, &x));
    }
}

fn a_window_of_the_whole_field_is_a_dense_layer(pass: Pass) {
    let (inputs, outputs) = (3, 5);
    for sizes in [&[6][..], &[2, 5], &[3, 1, 2]] {
        let features = inputs * sizes.iter().product::<usize>();
        let whole = Moves::new(sizes, &[2, 1, 3][..sizes.len()], &[0; 3][..sizes.len()]);
        let fields = encoder(Chain::of_field(inputs, sizes).convolution(outputs, 1, whole), features);
        let dense = encoder(Chain::of_features(features).dense(outputs), features);
        let (weight, bias, x) = (numbers(features * outputs, 1), numbers(outputs, 2), numbers(features, 3));
        let results = [fields, dense].map(|network| {
            let parameters = parameters(&network, &[("encoder.0.weight", &weight), ("encoder.0.bias", &bias)]);
            pass(&network, &parameters, Part::Encoder, &x)
        });
        assert_close(&format!("{sizes:?}"), &results[0], &results[1]);
    }
}

fn a_moved_field_gives_a_moved_result(pass: Pass) {
    // By as many positions as the stride the field moves, and the result by one.
    for stride in 1..4 {
        let (inputs, size) = (2, 17);
        let strides = [stride];
        let moves = Moves { dilation: &[2], ..Moves::new(&[3], &strides, &[0]) };
        let network = encoder(Chain::of_field(inputs, &[size]).convolution(3, 1, moves), inputs * size);
        let parameters = crate::support::parameters(&network, 5);
        let long = numbers(inputs * (size + stride), 7);
        let part = |from: usize| -> Vec<f32> {
            long.chunks(size + stride).flat_map(|channel| channel[from..from + size].to_vec()).collect()
        };
        let at = pass(&network, &parameters, Part::Encoder, &part(0));
        let moved = pass(&network, &parameters, Part::Encoder, &part(stride));
        let places = at.len() / 3;
        for (at, moved) in at.chunks(places).zip(moved.chunks(places)) {
            assert_close("a moved field", &moved[..places - 1], &at[1..]);
        }
    }
}

fn groups_are_convolutions_beside_each_other(pass: Pass) {
    let moves = Moves::new(&[3, 2], &[2, 1], &[1, 1]);
    let (groups, inputs, outputs, positions) = (3, 2, 4, 20);
    let together = encoder(Chain::of_field(groups * inputs, &[5, 4]).convolution(groups * outputs, groups, moves), 120);
    let alone = encoder(Chain::of_field(inputs, &[5, 4]).convolution(outputs, 1, moves), 40);
    let (weight, bias) = (numbers(groups * outputs * inputs * 6, 1), numbers(groups * outputs, 2));
    let x = numbers(groups * inputs * positions, 3);
    let of_all = parameters(&together, &[("encoder.0.weight", &weight), ("encoder.0.bias", &bias)]);
    let found = pass(&together, &of_all, Part::Encoder, &x);
    let parts = x.chunks(inputs * positions).zip(weight.chunks(outputs * inputs * 6)).zip(bias.chunks(outputs));
    let expected = parts.flat_map(|((x, weight), bias)| {
        let of_group = parameters(&alone, &[("encoder.0.weight", weight), ("encoder.0.bias", bias)]);
        pass(&alone, &of_group, Part::Encoder, x)
    });
    assert_close("groups", &found, &expected.collect::<Vec<_>>());
}

fn a_field_of_a_thin_dimension_is_one_of_fewer_dimensions(pass: Pass) {
    let build = |shape: fn(usize, usize) -> Vec<usize>| {
        let (kernel, stride, padding) = (shape(3, 1), shape(2, 1), shape(1, 0));
        let moves = Moves::new(&kernel, &stride, &padding);
        let chain = Chain::of_field(2, &shape(11, 1)).convolution(3, 1, moves).pool(Max, moves);
        encoder(chain.upsample(Linear, &shape(7, 1)).group_norm(3).channel_norm().pool(Average, moves), 22)
    };
    let shapes: [fn(usize, usize) -> Vec<usize>; 5] = [
        |size, _| vec![size],
        |size, thin| vec![thin, size],
        |size, thin| vec![size, thin],
        |size, thin| vec![thin, size, thin],
        |size, thin| vec![size, thin, thin],
    ];
    let x = numbers(22, 3);
    let mut results = shapes.into_iter().map(|shape| {
        let network = build(shape);
        let parameters = crate::support::parameters(&network, 5);
        pass(&network, &parameters, Part::Encoder, &x)
    });
    let line = results.next().unwrap();
    results.for_each(|result| assert_close("a thin dimension", &result, &line));
}

fn the_mean_of_a_constant_is_the_constant_and_no_mean_exceeds_the_largest(pass: Pass) {
    proptest!(|(window in windows(1), channels in 1..4_usize, seed: u64)| {
        let features = channels * window.fine().positions();
        let [means, largest] = [Average, Max].map(|pooling| {
            let latent = channels * window.coarse().positions();
            let decoder = vec![Layer::Dense { inputs: latent, outputs: features }];
            Network::new(vec![Layer::Pool { window, channels, pooling }], decoder).unwrap()
        });
        let parameters = vec![0.0; means.parameter_length()];
        for network in [&means, &largest] {
            let constant = pass(network, &parameters, Part::Encoder, &vec![-0.75; features]);
            prop_assert!(constant.iter().all(|value| (value + 0.75).abs() <= TOLERANCE), "{constant:?}");
        }
        let x = numbers(features, seed);
        let of_means = pass(&means, &parameters, Part::Encoder, &x);
        let of_largest = pass(&largest, &parameters, Part::Encoder, &x);
        prop_assert!(of_means.iter().zip(&of_largest).all(|(mean, largest)| *mean <= largest + TOLERANCE));
        // A largest value is one of the field's, whatever lies outside.
        prop_assert!(of_largest.iter().all(|largest| x.iter().any(|x| f64::from(*x) == *largest)));
    });
}

/// A field that is constant, since its weights are zero, of which the largest values are taken: the weight's gradient tells
/// which position has been chosen.
fn of_equal_values_the_first_has_the_gradient(gradient: Gradient) {
    // Windows of the plane that hang over the left and the upper edge: their first taps inside are these.
    let first_inside = [[0, 1, 3], [4, 5, 7], [12, 13, 15]];
    let moves = Moves::new(&[2, 2], &[2, 2], &[1, 1]);
    let own = Moves::new(&[1, 1], &[1, 1], &[0, 0]);
    let network = Chain::of_field(1, &[5, 4]).convolution(1, 1, own).pool(Max, moves).network(|code| code.dense(20));
    let x = numbers(20, 9);
    let of_decoder = numbers(9 * 20, 4);
    let parameters = parameters(&network, &[("encoder.0.bias", &[0.5]), ("decoder.0.weight", &of_decoder)]);
    let found = gradient(&network, &parameters, &x)[network.tensors()[0].range.start];
    // The mean of (y - x)² has the slope 2 (y - x) / 20 by y, and y is the decoder's of nine times one half.
    let row = |feature: usize| of_decoder[9 * feature..][..9].iter().map(|weight| f64::from(*weight));
    let mut expected = 0.0;
    for (place, position) in first_inside.into_iter().flatten().enumerate() {
        let flow = (0..20).map(|feature| {
            let y: f64 = row(feature).map(|weight| 0.5 * weight).sum();
            2.0 * (y - f64::from(x[feature])) / 20.0 * row(feature).nth(place).unwrap()
        });
        expected += flow.sum::<f64>() * f64::from(x[position]);
    }
    assert!((found - expected).abs() <= TOLERANCE * expected.abs().max(1.0), "{found} {expected}");
}

/// A network that brings fields of one channel to another size.
fn upsampling(from: &[usize], to: &[usize], interpolation: Interpolation) -> Network {
    let features = from.iter().product();
    encoder(Chain::of_field(1, from).upsample(interpolation, to), features)
}

fn to_the_same_size_is_the_identity(pass: Pass) {
    for sizes in [&[1][..], &[7], &[3, 5], &[1, 1, 4], &[4, 3, 5]] {
        for interpolation in [Nearest, Linear] {
            let network = upsampling(sizes, sizes, interpolation);
            let x = numbers(network.features(), 3);
            let found = pass(&network, &vec![0.0; network.parameter_length()], Part::Encoder, &x);
            assert_eq!(found, widen(&x), "{sizes:?} {interpolation:?}");
        }
    }
}

fn the_nearest_position_is_that_of_exact_fractions(pass: Pass) {
    // With `from / to` rounded to f32, the first of these pairs would go wrong at one position.
    for (from, to) in [(2, 82), (3, 8), (5, 17), (7, 7), (9, 4), (1, 6), (6, 1)] {
        let network = upsampling(&[from], &[to], Nearest);
        let x: Vec<f32> = (0..from).map(|index| index as f32).collect();
        let found = pass(&network, &vec![0.0; network.parameter_length()], Part::Encoder, &x);
        let expected: Vec<f64> = (0..to).map(|index| (index * from / to) as f64).collect();
        assert_eq!(found, expected, "{from} to {to}");
    }
}

fn a_ramp_stays_a_ramp(pass: Pass) {
    // A product of straight lines along the dimensions, which is what linear interpolation keeps.
    let height = |dimension: usize, at: f64| 0.4 - 0.3 * dimension as f64 + (0.2 + 0.1 * dimension as f64) * at;
    let pairs: [(&[usize], &[usize]); 8] = [
        (&[4], &[9]),
        (&[5], &[3]),
        (&[1], &[4]),
        (&[6], &[1]),
        (&[3, 4], &[7, 11]),
        (&[2, 5], &[2, 13]),
        (&[2, 3, 4], &[5, 6, 9]),
        (&[3, 1, 4], &[4, 3, 4]),
    ];
    for (from, to) in pairs {
        let positions = |sizes: &[usize], at: &dyn Fn(usize, usize) -> f64| {
            let mut values = vec![1.0];
            for (dimension, size) in sizes.iter().enumerate() {
                let line: Vec<f64> = (0..*size).map(|index| height(dimension, at(dimension, index))).collect();
                values = values.iter().flat_map(|value| line.iter().map(move |height| value * height)).collect();
            }
            values
        };
        let x: Vec<f32> = positions(from, &|_, index| index as f64).into_iter().map(|value| value as f32).collect();
        let network = upsampling(from, to, Linear);
        let found = pass(&network, &vec![0.0; network.parameter_length()], Part::Encoder, &x);
        // Centres of cells, but not beyond those of the outermost.
        let expected = positions(to, &|dimension, index| {
            let ratio = from[dimension] as f64 / to[dimension] as f64;
            ((index as f64 + 0.5) * ratio - 0.5).clamp(0.0, (from[dimension] - 1) as f64)
        });
        assert_close(&format!("{from:?} to {to:?}"), &found, &expected);
    }
}

/// A network whose encoder is an outer product.
fn product(channels: usize, rank: usize, sizes: &[usize]) -> Network {
    let factors = channels * rank * sizes.iter().sum::<usize>();
    encoder(Chain::of_features(factors).outer_product(channels, rank, sizes), factors)
}

fn a_product_of_ones_is_the_rank(pass: Pass) {
    for sizes in [&[5][..], &[3, 4], &[2, 1, 5]] {
        for rank in [1, 3, 17] {
            let network = product(2, rank, sizes);
            let parameters = vec![0.0; network.parameter_length()];
            let found = pass(&network, &parameters, Part::Encoder, &vec![1.0; network.features()]);
            assert!(found.iter().all(|value| *value == rank as f64), "{sizes:?} {rank}: {found:?}");
        }
    }
}

fn a_product_of_one_position_each_is_that_position(pass: Pass) {
    let (channels, rank, sizes) = (2, 3, [4, 3, 5]);
    let network = product(channels, rank, &sizes);
    let parameters = vec![0.0; network.parameter_length()];
    let of_channel = rank * sizes.iter().sum::<usize>();
    // One term of one channel, with one position along each dimension.
    for (channel, term, at) in [(0, 0, [0, 0, 0]), (1, 2, [3, 2, 4]), (1, 0, [2, 1, 0]), (0, 1, [1, 0, 3])] {
        let mut x = vec![0.0; network.features()];
        let mut start = channel * of_channel;
        for (dimension, value) in [2.0, 3.0, 0.5].into_iter().enumerate() {
            x[start + term * sizes[dimension] + at[dimension]] = value;
            start += rank * sizes[dimension];
        }
        let mut expected = vec![0.0; channels * 60];
        expected[channel * 60 + (at[0] * 3 + at[1]) * 5 + at[2]] = 3.0;
        assert_eq!(pass(&network, &parameters, Part::Encoder, &x), expected, "{channel} {term} {at:?}");
    }
}

/// A chain that begins with a layer which changes nothing, since not every layer can begin.
fn unchanged(channels: usize, sizes: &[usize]) -> Chain {
    Chain::of_field(channels, sizes).upsample(Nearest, sizes)
}

/// Parameters of a normalisation that is the second layer: scales of one.
fn scales(network: &Network, count: usize) -> Vec<f32> {
    parameters(network, &[("encoder.1.weight", &vec![1.0; count])])
}

fn normalised_sets_have_mean_0_and_deviation_1(pass: Pass) {
    let (channels, positions) = (6, 10);
    let x: Vec<f32> = numbers(60, 5).into_iter().map(|x| 7.0 * x + 3.0).collect();
    let check = |set: &mut dyn Iterator<Item = f64>| {
        let set: Vec<f64> = set.collect();
        let mean = set.iter().sum::<f64>() / set.len() as f64;
        let variance = set.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / set.len() as f64;
        assert!(mean.abs() <= TOLERANCE && (variance - 1.0).abs() <= TOLERANCE, "{mean} {variance}");
    };
    for groups in [1, 2, 3, 6] {
        let network = encoder(unchanged(channels, &[2, 5]).group_norm(groups), 60);
        let found = pass(&network, &scales(&network, channels), Part::Encoder, &x);
        found.chunks(60 / groups).for_each(|group| check(&mut group.iter().copied()));
    }
    let network = encoder(unchanged(channels, &[2, 5]).channel_norm(), 60);
    let found = pass(&network, &scales(&network, channels), Part::Encoder, &x);
    (0..positions).for_each(|position| check(&mut found.iter().copied().skip(position).step_by(positions)));
}

fn one_group_is_a_layer_norm_and_its_own_group_for_each_position_a_channel_norm(pass: Pass) {
    let (x, scale, shift) = (numbers(12, 5), numbers(12, 6), numbers(12, 7));
    let chains =
        [unchanged(12, &[1]).layer_norm(), unchanged(12, &[1]).group_norm(1), unchanged(12, &[1, 1]).channel_norm()];
    let [expected, of_groups, of_channels] = chains.map(|chain| {
        let network = encoder(chain, 12);
        let tensors = [("encoder.1.weight", &scale[..]), ("encoder.1.bias", &shift[..])];
        pass(&network, &parameters(&network, &tensors), Part::Encoder, &x)
    });
    assert_close("a group", &of_groups, &expected);
    assert_close("channels", &of_channels, &expected);
}

fn an_empty_block_doubles_and_nothing_is_dropped_outside_training(pass: Pass) {
    let x = numbers(35, 5);
    let chain = unchanged(5, &[7]).dropout(0.5).residual(|block| block.dropout(0.9)).residual(|block| block);
    let network = encoder(chain, 35);
    let found = pass(&network, &vec![0.0; network.parameter_length()], Part::Encoder, &x);
    assert_close("doubled twice", &found, &widen(&x).into_iter().map(|x| 4.0 * x).collect::<Vec<_>>());
}

#[test]
fn the_kernels_agree_with_the_reference_for_any_window() {
    proptest!(ProptestConfig::with_cases(400), |(window in windows(3), groups in 1..4_usize, inputs in 1..6_usize,
        outputs in 1..6_usize, seed: u64)| {
        let (inputs, outputs) = (groups * inputs, groups * outputs);
        let there = Layer::Convolution(Convolution { window, inputs, outputs, groups });
        let back = Layer::TransposedConvolution(Convolution { window, inputs: outputs, outputs: inputs, groups });
        let tanh = Layer::Activation(lumenfold_engine::Activation::Tanh);
        let network = Network::new(vec![there, tanh], vec![back]).unwrap();
        let parameters = crate::support::parameters(&network, seed);
        let x = numbers(network.features(), seed ^ 1);
        for part in [Part::Encoder, Part::Whole] {
            let exact = reference_pass(&network, &parameters, part, &x);
            assert_close(&format!("{window:?}"), &kernel_pass(&network, &parameters, part, &x), &exact);
        }
        let exact = reference_gradient(&network, &parameters, &x);
        assert_close(&format!("{window:?}"), &kernel_gradient(&network, &parameters, &x), &exact);
    });
}
