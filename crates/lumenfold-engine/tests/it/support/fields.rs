//! Small networks of fields, which together hold every layer, dimension and option, and the edges of each.

use lumenfold_engine::Activation::{Gelu, Identity, LeakyRelu, Relu, Sigmoid, Silu, Tanh};
use lumenfold_engine::Interpolation::{Linear, Nearest};
use lumenfold_engine::Pooling::{Average, Max};
use lumenfold_engine::{Corruption, Divergence, Layer, Loss, Network, Objective, Revival, Sparsity};

use super::chain::{Chain, Moves};

/// A name and a network each.
pub(crate) fn field_networks() -> Vec<(String, Network)> {
    let mut all = Vec::new();
    all.extend(convolutions());
    all.extend(edges());
    all.extend(normalised());
    all.extend(blocks());
    all.extend(resampled());
    all.extend(products());
    all.into_iter().map(|(name, network)| (name.to_owned(), network)).collect()
}

type Named = (&'static str, Network);

/// Convolutions and their adjoints in one, two and three dimensions.
fn convolutions() -> Vec<Named> {
    let (five, three) = (Moves::new(&[5], &[2], &[2]), Moves::new(&[3], &[3], &[1]));
    let line = Chain::of_field(1, &[19]).convolution(3, 1, five).then(Silu).convolution(5, 1, three).then(Silu);
    let line = line.dense(4).network(|code| {
        let fields = code.dense(20).then(Silu).reshaped(5, &[4]);
        fields.transposed(3, 1, &[10], three).then(Silu).transposed(1, 1, &[19], five)
    });

    let (two, one) = (Moves::new(&[3, 3], &[2, 2], &[1, 1]), Moves::new(&[3, 3], &[1, 1], &[1, 1]));
    let map = Chain::of_field(2, &[7, 9]).convolution(3, 1, two).then(Tanh).convolution(1, 1, one);
    let map = map.network(|code| code.convolution(3, 1, one).then(Tanh).transposed(2, 1, &[7, 9], two));

    let odd = Moves::new(&[3, 2, 3], &[2, 1, 2], &[1, 0, 1]);
    let volume = Chain::of_field(1, &[5, 4, 6]).convolution(3, 1, odd).then(Gelu).dense(3);
    let volume = volume.network(|code| {
        code.dense(81).then(Gelu).reshaped(3, &[3, 3, 3]).transposed(1, 1, &[5, 4, 6], odd).then(Sigmoid)
    });

    // Groups in the plane: each channel by itself, then all by a window of one position, then two groups.
    let (own, point) = (Moves::new(&[3, 5], &[1, 2], &[0, 2]), Moves::new(&[1, 1], &[1, 1], &[0, 0]));
    let grouped = Chain::of_field(3, &[6, 5]).convolution(6, 3, own).then(Silu).convolution(4, 1, point).then(Silu);
    let grouped = grouped.convolution(2, 2, one).network(|code| {
        let wide = code.transposed(6, 2, &[4, 3], one).then(Silu);
        wide.transposed(3, 3, &[6, 5], own)
    });

    // Taps that are not neighbours, in both directions and more on one side of a field than on the other.
    let wide = Moves { dilation: &[3], ..Moves::new(&[4], &[1], &[4]) };
    let apart = Moves { dilation: &[2], ..Moves::new(&[3], &[2], &[0]) };
    let dilated = Chain::of_field(2, &[14]).convolution(3, 1, wide).then(Relu).convolution(5, 1, apart);
    let dilated = dilated.network(|code| code.transposed(3, 1, &[13], apart).then(Relu).transposed(2, 1, &[14], wide));
    let spread = Moves { dilation: &[2, 1, 3], ..Moves::new(&[2, 3, 2], &[3, 1, 2], &[1, 1, 2]) };
    let spread_out = Chain::of_field(2, &[5, 3, 7]).convolution(4, 2, spread).then(Silu).dense(3);
    let spread_out = spread_out
        .network(|code| code.dense(96).reshaped(4, &[2, 3, 4]).then(Silu).transposed(2, 2, &[5, 3, 7], spread));
    vec![
        ("a line, strides of 2 and 3", line),
        ("a map, its code a field", map),
        ("a volume", volume),
        ("groups and channels by themselves", grouped),
        ("a line, dilated", dilated),
        ("a volume, dilated, in groups", spread_out),
    ]
}

/// Channels and fields of unusual sizes.
fn edges() -> Vec<Named> {
    let point = Moves::new(&[1], &[1], &[0]);
    let channels = Chain::of_field(1, &[6]).convolution(17, 1, Moves::new(&[3], &[1], &[1])).then(Silu);
    let channels = channels.convolution(33, 1, Moves::new(&[2], &[2], &[0])).then(Silu).convolution(1, 1, point);
    let channels = channels.network(|code| {
        let wide = code.convolution(33, 1, point).then(Silu);
        wide.transposed(17, 1, &[6], Moves::new(&[2], &[2], &[0])).then(Silu).convolution(1, 1, point)
    });

    // One position: only the middle of the window ever sees it.
    let around = Moves::new(&[3, 3], &[1, 1], &[1, 1]);
    let position =
        Chain::of_field(5, &[1, 1]).convolution(7, 1, around).then(Tanh).residual(|block| block.group_norm(7));
    let position = position.convolution(2, 1, around).network(|code| {
        code.transposed(5, 1, &[1, 1], around).then(Tanh).residual(|block| block.convolution(5, 5, around))
    });

    // The stride leaves positions out: the transposed convolution gives them its bias alone.
    let sparse = Moves::new(&[2, 1], &[3, 4], &[0, 0]);
    let holes = Chain::of_field(2, &[9, 6]).convolution(3, 1, sparse).then(LeakyRelu).dense(4);
    let holes = holes.network(|code| {
        let code = code.dense(18).reshaped(3, &[3, 2]).then(LeakyRelu);
        code.transposed(2, 1, &[9, 6], sparse)
    });

    // Windows wider than the field: at most places they hang over an edge, or over both.
    let border = Moves::new(&[7, 5], &[1, 1], &[5, 4]);
    let wide_border = Chain::of_field(1, &[3, 2]).convolution(2, 1, border).then(Silu).dense(2);
    let wide_border = wide_border
        .network(|code| code.dense(3 * 7 * 6).then(Silu).reshaped(3, &[7, 6]).transposed(1, 1, &[3, 2], border));

    // The window is the whole field, and the field of its places one position.
    let whole = Moves::new(&[4, 3, 2], &[1, 2, 1], &[0, 0, 0]);
    let all = Chain::of_field(3, &[4, 3, 2]).convolution(5, 1, whole).then(Silu).convolution(
        3,
        1,
        Moves::new(&[1, 1, 1], &[1, 1, 1], &[0, 0, 0]),
    );
    let all = all.network(|code| code.transposed(3, 3, &[4, 3, 2], whole));

    // Longer than any block that kernels may work in, and of no whole number of them.
    let (nine, five) = (Moves::new(&[9], &[4], &[4]), Moves::new(&[5], &[3], &[1]));
    let long =
        Chain::of_field(1, &[301]).convolution(4, 1, nine).then(Silu).convolution(3, 1, five).then(Silu).dense(3);
    let long = long.network(|code| {
        let fields = code.dense(75).then(Silu).reshaped(3, &[25]).transposed(4, 1, &[76], five).then(Silu);
        fields.transposed(1, 1, &[301], nine)
    });
    let three = Moves::new(&[3, 3], &[1, 1], &[1, 1]);
    let large = Chain::of_field(1, &[13, 37])
        .convolution(5, 1, three)
        .then(Silu)
        .group_norm(5)
        .pool(Max, Moves::new(&[2, 2], &[2, 2], &[0, 0]));
    let large = large.convolution(1, 1, Moves::new(&[3, 3], &[2, 2], &[1, 1])).network(|code| {
        let fields = code.upsample(Linear, &[6, 18]).convolution(5, 1, three).channel_norm().then(Silu);
        fields.upsample(Linear, &[13, 37]).convolution(1, 1, three)
    });
    vec![
        ("a long line", long),
        ("a large map", large),
        ("17 and 33 channels", channels),
        ("one position", position),
        ("strides larger than the kernel", holes),
        ("a border wider than the interior", wide_border),
        ("a window as large as the field", all),
    ]
}

/// Normalisation before and after activations, in groups and over channels. What is normalised together are several values:
/// two or three can be so close to each other that single precision loses their gradient.
fn normalised() -> Vec<Named> {
    let three = Moves::new(&[3, 3], &[1, 2], &[1, 0]);
    let before = Chain::of_field(1, &[4, 7]).convolution(6, 1, three).group_norm(3).then(Silu);
    let before = before.convolution(4, 2, Moves::new(&[2, 2], &[2, 1], &[0, 0])).group_norm(1).then(Relu).dense(3);
    let before = before.network(|code| {
        let fields = code.dense(24).reshaped(6, &[4, 1]).group_norm(2).then(Silu);
        fields.transposed(1, 1, &[4, 3], three).upsample(Nearest, &[4, 7])
    });

    let line = Moves::new(&[3], &[2], &[1]);
    let after = Chain::of_field(3, &[11]).convolution(10, 1, line).then(Gelu).group_norm(10);
    let after = after.convolution(5, 5, line).then(Silu).group_norm(1).dense(4).layer_norm().network(|code| {
        let fields = code.dense(15).then(Tanh).layer_norm().reshaped(5, &[3]).transposed(10, 5, &[6], line);
        fields.then(Silu).group_norm(1).transposed(3, 1, &[11], line)
    });

    let cube = Moves::new(&[2, 2, 2], &[1, 1, 1], &[1, 0, 0]);
    let channels = Chain::of_field(2, &[3, 4, 3]).convolution(7, 1, cube).channel_norm().then(Silu);
    let channels = channels.convolution(6, 1, cube).then(Tanh).channel_norm().dense(5).network(|code| {
        let fields = code.dense(100).reshaped(5, &[5, 2, 2]).channel_norm().then(Silu);
        let fields = fields.upsample(Linear, &[4, 3, 2]);
        fields.channel_norm().transposed(2, 1, &[3, 4, 3], cube)
    });
    vec![
        ("group norm before the activation", before),
        ("group norm after the activation", after),
        ("channel norm on both sides of the activation", channels),
    ]
}

/// Residual blocks and dropout.
fn blocks() -> Vec<Named> {
    let three = Moves::new(&[3], &[1], &[1]);
    let halved = Moves::new(&[2], &[2], &[0]);
    let nested = Chain::of_field(2, &[8]).convolution(4, 1, three).residual(|block| {
        let inner = block.group_norm(2).then(Silu).convolution(4, 1, three);
        let inner = inner.residual(|block| block.then(Tanh).convolution(4, 4, three).residual(|empty| empty));
        inner.then(Silu).convolution(4, 1, three)
    });
    let nested = nested.convolution(5, 1, halved).residual(|block| block.channel_norm().then(Silu).dense(20));
    let nested = nested.dense(3).residual(|block| block.then(Tanh)).network(|code| {
        let fields = code.dense(20).residual(|block| block.then(Silu).layer_norm()).reshaped(5, &[4]);
        let fields = fields.transposed(4, 1, &[8], halved).residual(|block| {
            let block = block.residual(|block| block.then(Silu).convolution(4, 2, three));
            block.residual(|block| block.then(Relu).transposed(4, 1, &[8], three).group_norm(2))
        });
        fields.convolution(2, 1, three)
    });

    let map = Moves::new(&[3, 2], &[2, 1], &[1, 1]);
    let dropped = Chain::of_field(1, &[5, 4]).convolution(3, 1, map).then(Silu).dropout(0.3);
    let dropped = dropped.dense(6).dropout(0.5).then(Tanh).dense(3).network(|code| {
        let fields = code.dense(45).then(Silu).dropout(0.0).reshaped(3, &[3, 5]);
        let fields = fields.residual(|block| block.group_norm(1).dropout(0.1));
        fields.transposed(1, 1, &[5, 4], map)
    });
    vec![("residual blocks within each other", nested), ("dropout", dropped)]
}

/// Pooling and upsampling.
fn resampled() -> Vec<Named> {
    let (three, overlapping) = (Moves::new(&[3, 3], &[1, 1], &[1, 1]), Moves::new(&[3, 2], &[2, 1], &[1, 1]));
    let largest = Chain::of_field(1, &[7, 6]).convolution(3, 1, three).then(Silu).pool(Max, overlapping);
    let largest = largest.convolution(2, 1, three).pool(Max, Moves::new(&[2, 2], &[2, 2], &[0, 0])).network(|code| {
        let fields = code.upsample(Nearest, &[3, 7]).convolution(3, 1, three).then(Silu);
        fields.upsample(Nearest, &[7, 6]).convolution(1, 1, three)
    });

    let window = Moves::new(&[4], &[3], &[2]);
    let mean = Chain::of_field(3, &[17]).pool(Average, window).convolution(4, 1, Moves::new(&[2], &[1], &[0]));
    let mean = mean.then(Silu).pool(Average, Moves::new(&[3], &[1], &[0])).dense(2).network(|code| {
        let fields = code.dense(15).then(Tanh).reshaped(3, &[5]);
        fields.upsample(Linear, &[17]).convolution(3, 3, Moves::new(&[5], &[1], &[2]))
    });

    // Windows of volumes with distances between their positions; a dimension that stays, one that shrinks.
    let apart = Moves { dilation: &[1, 2, 1], ..Moves::new(&[2, 2, 3], &[2, 1, 2], &[0, 1, 1]) };
    let volume =
        Chain::of_field(2, &[5, 5, 6]).pool(Max, apart).convolution(3, 1, Moves::new(&[1; 3], &[1; 3], &[0; 3]));
    let volume =
        volume.then(Silu).pool(Average, Moves { dilation: &[1, 1, 2], ..Moves::new(&[2, 3, 2], &[1; 3], &[1; 3]) });
    let volume = volume.dense(4).network(|code| {
        let fields = code.dense(48).then(Silu).reshaped(3, &[2, 4, 2]);
        let fields = fields.upsample(Linear, &[5, 3, 2]).convolution(2, 1, Moves::new(&[2, 1, 1], &[1; 3], &[1, 0, 0]));
        fields.then(Tanh).upsample(Nearest, &[5, 5, 6])
    });

    let smooth = Chain::of_field(1, &[1, 9]).upsample(Linear, &[3, 4]).then(Identity).dense(2);
    let smooth = smooth.network(|code| {
        let fields = code.dense(2).reshaped(1, &[1, 2]).upsample(Linear, &[2, 2]).upsample(Linear, &[2, 2]);
        fields.then(Silu).pool(Average, Moves::new(&[2, 1], &[1, 1], &[0, 0])).upsample(Linear, &[1, 9])
    });
    vec![
        ("largest values and nearest positions of a map", largest),
        ("means and lines", mean),
        ("pooling and upsampling of volumes", volume),
        ("to fewer positions, to as many and to one", smooth),
    ]
}

/// Fields of low rank.
fn products() -> Vec<Named> {
    let line = Chain::of_field(2, &[7]).convolution(2, 1, Moves::new(&[3], &[2], &[1])).then(Silu).dense(3);
    let line = line.network(|code| code.dense(2 * 5 * 7).then(Tanh).outer_product(2, 5, &[7]));

    let map = Chain::of_field(3, &[5, 6]).dense(4).then(Silu).dense(2);
    let map = map.network(|code| {
        let fields = code.dense(3 * 2 * 11).outer_product(3, 2, &[5, 6]).group_norm(3).then(Silu);
        fields.convolution(3, 1, Moves::new(&[3, 3], &[1, 1], &[1, 1]))
    });

    let volume = Chain::of_field(1, &[3, 2, 5]).convolution(2, 1, Moves::new(&[2, 2, 2], &[1, 1, 3], &[0, 0, 1]));
    // The encoder ends with a product as well, and the decoder begins with one: its code are factors.
    let volume = volume
        .then(Silu)
        .dense(3 * 5)
        .outer_product(1, 3, &[2, 3])
        .dense(4 * 10)
        .network(|code| code.outer_product(1, 4, &[3, 2, 5]).residual(|block| block.dense(30)));
    vec![("low rank of a line", line), ("low rank of a map", map), ("low rank of a volume", volume)]
}

/// A network of fields for each way to end an encoder or a decoder, with an objective for it.
pub(crate) fn field_kinds() -> Vec<(String, Network, Objective)> {
    const LATENT: usize = 6;
    let moves = Moves::new(&[3], &[2], &[1]);
    let build = |distribution: usize, code: Option<Layer>, link: Option<Layer>| {
        let encoder = Chain::of_field(2, &[7]).convolution(3, 1, moves).then(Silu).dropout(0.2).dense(distribution);
        encoder.ending(code, LATENT).network(|code| {
            let fields = code.dense(12).then(Tanh).dropout(0.1).reshaped(3, &[4]);
            fields.transposed(2, 1, &[7], moves).ending(link, 14)
        })
    };
    let weights: Vec<f32> = (0..14).map(|feature| 0.5 + feature as f32 / 7.0).collect();
    let plain = Objective { seed: 5, stream: 1, ..Objective::squared_error(&weights) };
    let corruptions = vec![Corruption::Gaussian { deviation: 0.3 }];
    let revival = Some(Revival { after: 40, most: 2, strength: 0.25 });
    let divergence = Some(Divergence { beta: 0.7, warm_up: 5, free_nats: 0.0 });
    let (top, jump) = (Layer::TopK { width: LATENT, kept: 2 }, Layer::JumpRelu { width: LATENT });
    let (relu, gaussian) = (Layer::Activation(Relu), Layer::Gaussian { width: LATENT });
    let hidden = Objective { value_weights: true, corruptions, blind_spots: Some(0.3), ordered: true, ..plain.clone() };
    let sparse = |sparsity| Objective { sparsity, ..plain.clone() };
    let normal = Objective { loss: Loss::Normal, divergence, ..plain.clone() };
    let bernoulli = Objective { loss: Loss::Bernoulli, divergence, draws: true, ..plain.clone() };
    let (variance, sigmoid) = (Layer::Variance { width: 14 }, Layer::Activation(Sigmoid));
    let jumps = Sparsity::JumpRelu { strength: 0.05, bandwidth: 0.4 };
    let all = [
        ("corrupted, blind, ordered", build(LATENT, None, None), hidden),
        ("absolute", build(LATENT, Some(relu), None), sparse(Sparsity::Absolute { strength: 0.3 })),
        ("top k with revival", build(LATENT, Some(top), None), sparse(Sparsity::TopK { revival })),
        ("jump relu", build(LATENT, Some(jump), None), sparse(jumps)),
        ("variational, normal", build(2 * LATENT, Some(gaussian), Some(variance)), normal),
        ("variational, bernoulli", build(2 * LATENT, Some(gaussian), Some(sigmoid)), bernoulli),
    ];
    all.map(|(name, network, objective)| (format!("fields, {name}"), network, objective)).into()
}
