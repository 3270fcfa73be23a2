//! Convolutional networks and descriptions of networks, from fit to model file.

use lumenfold::architecture::{Description, Plan, shapes};
use lumenfold::data::{Axis, Column, Dataset, DatasetOptions, ScalingKind, Table, Values};
use lumenfold::engine::Part;
use lumenfold::settings::Kind;
use lumenfold::{Error, Likelihood, Model, Net, Noise, Norm, Settings, Sparsity};

use crate::made::{bits, fitted, threads, try_fit};

/// Bumps that move and spread over a field: samples with two causes that no few components describe.
fn bumps(rows: usize, sizes: &[usize]) -> Dataset {
    let axes: Vec<Axis> = sizes.iter().enumerate().map(|(index, size)| Axis::counted(index + 1, *size)).collect();
    let width: usize = sizes.iter().product();
    let value = |row: usize, mut at: usize| {
        let (place, spread) = (0.2 + 0.6 * (row * 37 % 101) as f64 / 101.0, 0.08 + 0.1 * (row * 53 % 97) as f64 / 97.0);
        let mut distance = 0.0;
        for size in sizes.iter().rev() {
            let x = (at % size) as f64 / (*size).max(2) as f64;
            distance += ((x - place) / spread).powi(2);
            at /= size;
        }
        (-0.5 * distance).exp()
    };
    let columns = (0..width).map(|at| {
        let values = (0..rows).map(|row| value(row, at)).collect();
        Column::new(format!("v{at}"), Values::Float64(values))
    });
    let table = Table::new("bumps", columns.collect()).unwrap();
    Dataset::from_table(table, &DatasetOptions { axes: Some(axes), ..DatasetOptions::default() }).unwrap()
}

fn convolutional() -> Settings {
    Settings {
        net: Net::Convolutional,
        hidden: Vec::new(),
        norm: Norm::None,
        scaling: ScalingKind::Common,
        epochs: Some(60),
        batch: Some(16),
        learning_rate: 3e-3,
        ..Settings::default()
    }
}

#[test]
fn convolutions_find_the_two_causes_of_moving_bumps() {
    for sizes in [&[41][..], &[11, 14], &[6, 5, 7]] {
        let settings = Settings { hidden: vec![16], epochs: Some(200), ..convolutional() };
        let fitted = fitted(&bumps(200, sizes), &settings);
        let pca = fitted.record.pca_with(2).unwrap();
        let mse = fitted.record.judged().mse;
        assert!(mse < 0.5 * pca.mse, "{sizes:?}: {mse} and PCA {}", pca.mse);
    }
}

#[test]
fn every_kind_of_autoencoder_can_be_convolutional() {
    let data = bumps(64, &[9, 8]);
    let plain = Settings { epochs: Some(3), ..convolutional() };
    let gaussian = Some(Likelihood::Gaussian { deviation: None });
    let kinds = [
        Settings { norm: Norm::Group, hidden: vec![12], ..plain.clone() },
        Settings { norm: Norm::Layer, ordered: true, clip_norm: Some(1.0), ..plain.clone() },
        Settings { kind: Kind::Denoising, noise: vec![Noise::Gaussian(0.2)], ..plain.clone() },
        Settings { kind: Kind::Denoising, blind_spots: Some(0.25), ..plain.clone() },
        Settings { kind: Kind::Sparse, sparsity: Some(Sparsity::TopK(3)), latent: 12, ..plain.clone() },
        Settings { kind: Kind::Sparse, sparsity: Some(Sparsity::L1(0.01)), latent: 12, ..plain.clone() },
        Settings { kind: Kind::Variational, likelihood: gaussian, ..plain.clone() },
        Settings {
            kind: Kind::Variational,
            likelihood: Some(Likelihood::Bernoulli),
            scaling: ScalingKind::None,
            ..plain.clone()
        },
    ];
    let directory = tempfile::tempdir().unwrap();
    for (index, settings) in kinds.into_iter().enumerate() {
        let one = Model::from(fitted(&data, &Settings { threads: threads(1), ..settings.clone() }));
        let two = Model::from(fitted(&data, &Settings { threads: threads(2), ..settings.clone() }));
        assert_eq!(one, two, "{settings:?}");
        let path = directory.path().join(format!("{index}.model"));
        one.save(&path).unwrap();
        let loaded = Model::load(&path).unwrap();
        assert_eq!(loaded, one);
        let codes = loaded.autoencoder.encode(&data, threads(2)).unwrap();
        assert_eq!(bits(&codes), bits(&one.autoencoder.encode(&data, threads(1)).unwrap()));
        assert!(codes.iter().all(|value| value.is_finite()));
    }
}

#[test]
fn a_convolutional_network_without_a_field_is_refused() {
    let table = (0..4).map(|at| {
        let values = (0..20).map(|row| f64::from(row * at % 7)).collect();
        Column::new(format!("v{at}"), Values::Float64(values))
    });
    let table = Table::new("plain", table.collect()).unwrap();
    let axes = Some([2, 1, 2, 1].iter().enumerate().map(|(at, size)| Axis::counted(at + 1, *size)).collect());
    let options = DatasetOptions { axes, ..DatasetOptions::default() };
    let four = Dataset::from_table(table, &options).unwrap();
    let message = try_fit(&four, &Settings { allow_constant: true, ..convolutional() }).unwrap_err().to_string();
    assert!(message.contains("one, two or three axes"), "{message}");
}

const MAP: &str = r#"
[[encoder]]
layer = "convolution"
channels = 6
kernel = 3
stride = [2, 1]
[[encoder]]
layer = "group-norm"
groups = 3
[[encoder]]
layer = "activation"
function = "gelu"
[[encoder]]
layer = "residual"
layers = [
    { layer = "convolution", kernel = 3, groups = 6 },
    { layer = "convolution", kernel = 1 },
    { layer = "channel-norm" },
]
[[encoder]]
layer = "pool"
kernel = 2
mode = "max"
[[encoder]]
layer = "dropout"
share = 0.1
[[encoder]]
layer = "dense"
"#;

fn described(text: &str) -> Settings {
    let net = Net::Described(Box::new(Description::of_text(text).unwrap()));
    Settings { net, ..convolutional() }
}

#[test]
fn a_description_makes_the_network_it_says_and_its_mirror() {
    let data = bumps(64, &[9, 8]);
    let settings = Settings { epochs: Some(3), ..described(MAP) };
    let model = Model::from(fitted(&data, &settings));
    let network = model.autoencoder.network();
    assert_eq!(shapes(network, Part::Encoder), ["1 × 9×8", "6 × 5×8", "6 × 5×8", "6 × 5×8", "6 × 2×4", "2"]);
    assert_eq!(shapes(network, Part::Decoder).last().unwrap(), "1 × 9×8");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.model");
    model.save(&path).unwrap();
    assert_eq!(Model::load(&path).unwrap(), model);
}

#[test]
fn a_decoder_of_low_rank_can_be_described() {
    let text = r#"
        encoder = [{ layer = "dense", outputs = 20 }, { layer = "activation", function = "tanh" }, { layer = "dense" }]
        decoder = [
            { layer = "dense", outputs = 20 },
            { layer = "activation", function = "tanh" },
            { layer = "dense" },
            { layer = "outer-product", channels = 2, rank = 3, size = [9, 8] },
            { layer = "convolution", channels = 1, kernel = 1 },
        ]"#;
    let data = bumps(120, &[9, 8]);
    let fitted = fitted(&data, &described(text));
    assert!(fitted.record.judged().explained_variance > 0.6, "{}", fitted.record.judged().explained_variance);
}

#[test]
fn what_is_wrong_with_a_description_is_told_with_its_layer() {
    let data = bumps(40, &[9, 8]);
    for (text, expected) in [
        ("encoder = []", "from 1 to"),
        (r#"encoder = [{ layer = "dense", outputs = 5 }]"#, "--latent is 2"),
        (
            r#"encoder = [{ layer = "dense", outputs = 5 }, { layer = "convolution", kernel = 3 }]"#,
            "layer 2 of the encoder (convolution)",
        ),
        (
            r#"encoder = [{ layer = "convolution", kernel = [3, 3, 3] }, { layer = "dense" }]"#,
            "3 sizes for a field of 2",
        ),
        (
            r#"encoder = [{ layer = "convolution", kernel = 3, channels = 4, groups = 2 }, { layer = "dense" }]"#,
            "do not divide",
        ),
        (r#"encoder = [{ layer = "reshape", channels = 2, size = [9, 9] }, { layer = "dense" }]"#, "cannot become"),
        (r#"encoder = [{ layer = "activation", function = "softmax" }, { layer = "dense" }]"#, "unknown activation"),
        (r#"encoder = [{ layer = "dense" }, { layer = "dense" }]"#, "only the last layer"),
        (
            r#"encoder = [{ layer = "dense", outputs = 4 }, { layer = "residual", layers = [{ layer = "dense", outputs = 3 }] }, { layer = "dense" }]"#,
            "begins with 4",
        ),
        (
            r#"encoder = [{ layer = "dense" }]
               decoder = [{ layer = "dense", outputs = 70 }]"#,
            "70 values, and a sample has 9×8",
        ),
        (
            r#"encoder = [{ layer = "dense" }]
               decoder = [{ layer = "dense", outputs = 6 }, { layer = "reshape", channels = 1, size = [2, 3] },
                          { layer = "transposed-convolution", kernel = 3, stride = 2, size = [9, 8] }]"#,
            "choose another size",
        ),
    ] {
        let message = try_fit(&data, &described(text)).unwrap_err().to_string();
        assert!(message.contains(expected), "{text}: {message}");
    }
    for (text, expected) in [
        ("encoder = 3", "line 1"),
        ("[[encoder]]\nlayer = \"dens\"", "dens"),
        ("[[encoder]]\nlayer = \"dense\"\nwidth = 4", "width"),
        ("decoder = \"mirror\"", "encoder"),
    ] {
        let message = Description::of_text(text).unwrap_err();
        assert!(message.contains(expected), "{text}: {message}");
    }
    let missing = Description::read(std::path::Path::new("no/such.toml")).unwrap_err();
    assert!(matches!(missing, Error::Description { .. }));
}

#[test]
fn sizes_of_a_description_that_cannot_be_counted_are_refused() {
    let half = i64::MAX;
    for text in [
        format!("encoder = [{{ layer = 'reshape', channels = {half}, size = [4, 3] }}, {{ layer = 'dense' }}]"),
        // A quarter of all numbers, times four, would be none at all.
        format!(
            "encoder = [{{ layer = 'dense' }}]\ndecoder = [{{ layer = 'dense', outputs = 72 }}, \
             {{ layer = 'reshape', channels = {}, size = [4] }}]",
            (1_u64 << 62) + 18
        ),
        format!("encoder = [{{ layer = 'convolution', channels = {half}, kernel = 3 }}, {{ layer = 'dense' }}]"),
        format!("encoder = [{{ layer = 'convolution', kernel = {half}, dilation = {half} }}, {{ layer = 'dense' }}]"),
        format!("encoder = [{{ layer = 'dense', outputs = {half} }}, {{ layer = 'dense' }}]"),
        format!("encoder = [{{ layer = 'upsample', size = [{half}, 8] }}, {{ layer = 'dense' }}]"),
        format!(
            "encoder = [{{ layer = 'dense' }}]\ndecoder = [{{ layer = 'dense' }}, \
             {{ layer = 'outer-product', channels = {half}, rank = {half}, size = [9, 8] }}]"
        ),
    ] {
        let settings = described(&text);
        assert!(Plan::new(&settings, &[9, 8], 32).is_err(), "{text}");
    }
}

#[test]
fn residual_blocks_within_each_other_without_end_are_refused() {
    for depth in [20, 200, 20_000] {
        let open = "{ layer = 'residual', layers = [".repeat(depth);
        let close = "]}".repeat(depth);
        let text = format!(
            "encoder = [{{ layer = 'dense', outputs = 4 }}, {open} {{ layer = 'dense', outputs = 4 }} {close}, {{ layer = 'dense' }}]"
        );
        match Description::of_text(&text) {
            Ok(description) => {
                let settings = Settings { net: Net::Described(Box::new(description)), ..convolutional() };
                assert!(depth < 200, "{:?}", Plan::new(&settings, &[9, 8], 32));
            }
            Err(reason) => assert!(depth > 20 && reason.starts_with("line "), "{reason}"),
        }
    }
}

#[test]
fn a_plan_has_the_parameters_and_the_output_of_its_network() {
    for shape in [&[300, 300][..], &[2000], &[48, 48, 48], &[7, 301]] {
        let plan = Plan::new(&Settings { latent: 16, ..convolutional() }, shape, 32).unwrap();
        let layers: usize = plan.layers.iter().map(|layer| layer.parameters).sum();
        assert_eq!(plan.parameters, layers);
        assert!(plan.parameters < 2_000_000 && plan.batch_bytes > 0, "{shape:?}: {}", plan.parameters);
        let sizes = shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("×");
        assert_eq!(plan.layers.last().unwrap().shape, format!("1 × {sizes}"));
    }
}
