//! Samples per second of training networks of fields with random samples, and the share of the multiply-add peak, measured on
//! the spot.
//!
//! ```text
//! cargo run --release -p lumenfold-engine --example field_speed -- THREADS [digits|spectra|volumes [BATCH]]
//! ```
//!
//! digits: 28×28, 1-16-32 channels (3×3, stride 2), dense 32; spectra: 2,000 bins, 1-16-32-48-64 channels (5, stride 2), dense
//! 16; volumes: 32×32×32, 1-8-16-32 channels (3×3×3, stride 2), dense 16. Each with its mirror and ReLU.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use lumenfold_engine::benchmark::peak;
use lumenfold_engine::{
    Activation, Convolution, Extent, InstructionSet, Layer, Network, Objective, Optimiser, Trainer, Window,
};

fn network(
    sizes: &[usize],
    channels: &[usize],
    kernel: usize,
    latent: usize,
) -> Result<Network, Box<dyn std::error::Error>> {
    let dimensions = sizes.len();
    let (mut encoder, mut decoder) = (Vec::new(), Vec::new());
    let mut field = Extent::new(sizes)?;
    for (index, pair) in channels.windows(2).enumerate() {
        let all = |size: usize| vec![size; dimensions];
        let window = Window::new(field, &all(kernel), &all(2), &all(kernel / 2), &all(1))?;
        encoder.push(Layer::Convolution(Convolution { window, inputs: pair[0], outputs: pair[1], groups: 1 }));
        encoder.push(Layer::Activation(Activation::Relu));
        if index > 0 {
            decoder.push(Layer::Activation(Activation::Relu));
        }
        decoder.push(Layer::TransposedConvolution(Convolution {
            window,
            inputs: pair[1],
            outputs: pair[0],
            groups: 1,
        }));
        field = window.coarse();
    }
    let flat = channels[channels.len() - 1] * field.positions();
    encoder.push(Layer::Dense { inputs: flat, outputs: latent });
    decoder.push(Layer::Dense { inputs: latent, outputs: flat });
    decoder.reverse();
    Ok(Network::new(encoder, decoder)?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize, default: &str| arguments.get(index).cloned().unwrap_or_else(|| default.to_owned());
    let threads: NonZeroUsize = argument(0, "2").parse()?;
    let name = argument(1, "digits");
    let (network, batch) = match name.as_str() {
        "digits" => (network(&[28, 28], &[1, 16, 32], 3, 32)?, "128"),
        "spectra" => (network(&[2000], &[1, 16, 32, 48, 64], 5, 16)?, "64"),
        "volumes" => (network(&[32, 32, 32], &[1, 8, 16, 32], 3, 16)?, "16"),
        other => return Err(format!("{other} is none of digits, spectra and volumes").into()),
    };
    let batch: usize = argument(2, batch).parse()?;
    let set = InstructionSet::from_environment()?;
    let features = network.features();
    let mut state = 1_u64;
    let values: Vec<f32> = (0..batch * features)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / 8_388_608.0 - 1.0
        })
        .collect();
    let order: Vec<u32> = (0..batch as u32).collect();
    let mut most = peak(set);
    let best = (0..50)
        .map(|_| {
            let begin = Instant::now();
            (0..100).for_each(|_| most.run());
            100.0 * most.multiply_adds as f64 / begin.elapsed().as_secs_f64()
        })
        .fold(0.0, f64::max);
    let forward: u64 = network.layers().iter().map(|layer| layer.multiply_adds()).sum();
    // The first layer needs no gradient of its input.
    let products = 3 * forward - network.layers()[0].multiply_adds();
    let optimiser = Optimiser { batch, ..Optimiser::default() };
    let start = network.initial_parameters(0);
    let objective = Objective::squared_error(&vec![1.0; features]);
    let mut trainer = Trainer::new(&network, &start, objective, optimiser, set, threads)?;
    let never = AtomicBool::new(false);
    let (begin, mut steps) = (Instant::now(), 0_u32);
    while begin.elapsed().as_secs_f64() < 1.0 {
        trainer.epoch(&values, &order, &never)?;
        steps += 1;
    }
    let mut seconds: Vec<f64> = Vec::new();
    for _ in 0..5 {
        let begin = Instant::now();
        for _ in 0..steps {
            trainer.epoch(&values, &order, &never)?;
        }
        seconds.push(begin.elapsed().as_secs_f64() / f64::from(steps));
    }
    seconds.sort_by(f64::total_cmp);
    let rate = batch as f64 / seconds[2];
    println!(
        "{set} {name} threads {threads} batch {batch}: {rate:.0} samples/s, {:.0} GFLOP/s, {:.1} % of the peak of {threads}",
        2e-9 * rate * products as f64,
        100.0 * rate * products as f64 / best / threads.get() as f64
    );
    Ok(())
}
