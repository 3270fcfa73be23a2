//! Rows per second of training with random rows, and the share of the multiply-add peak, measured on the spot.
//!
//! ```text
//! cargo run --release -p lumenfold-engine --example training_speed -- THREADS [NETWORK [ROWS [BATCH…]]]
//! ```
//!
//! NETWORK is the encoder's widths, for example 5-40-40-40-40-2 (the star network, with SiLU and LayerNorm); from 100
//! features on it has ReLU and no normalisation. `tiles:` or `layers:` before it forces a division of the work.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use lumenfold_engine::benchmark::peak;
use lumenfold_engine::{Activation, Division, InstructionSet, Network, Objective, Optimiser, Trainer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize, default: &str| arguments.get(index).cloned().unwrap_or_else(|| default.to_owned());
    let threads: NonZeroUsize = argument(0, "2").parse()?;
    let name = argument(1, "5-40-40-40-40-2");
    let (division, widths) = match name.split_once(':') {
        Some(("tiles", widths)) => (Division::Tiles, widths),
        Some((_, widths)) => (Division::Layers, widths),
        None => (Division::Automatic, name.as_str()),
    };
    let widths = widths.split('-').map(str::parse).collect::<Result<Vec<usize>, _>>()?;
    let rows: usize = argument(2, "255000").parse()?;
    let mut batches = arguments.iter().skip(3).map(|batch| batch.parse()).collect::<Result<Vec<usize>, _>>()?;
    if batches.is_empty() {
        batches = vec![256, 512, 1024, 4096];
    }

    let set = InstructionSet::from_environment()?;
    let (features, latent) = (widths[0], widths[widths.len() - 1]);
    let (activation, norm) = if features < 100 { (Activation::Silu, true) } else { (Activation::Relu, false) };
    let network = Network::dense(features, &widths[1..widths.len() - 1], latent, activation, norm)?;
    let mut state = 1_u64;
    let values: Vec<f32> = (0..rows * features)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / 8_388_608.0 - 1.0
        })
        .collect();
    // A stride that is coprime to the number of rows: rows in no convenient order.
    let order: Vec<u32> = (0..rows).map(|index| (index * 7919 % rows) as u32).collect();
    // Multiply-adds for one row: forward, weights back, inputs back; the first layer needs no input gradient.
    let weights: usize = network.tensors().iter().filter(|tensor| tensor.decays).map(|tensor| tensor.range.len()).sum();
    let products = 3 * weights - features * widths[1];
    let mut most = peak(set);
    let best = (0..50)
        .map(|_| {
            let begin = Instant::now();
            (0..100).for_each(|_| most.run());
            100.0 * most.multiply_adds as f64 / begin.elapsed().as_secs_f64()
        })
        .fold(0.0, f64::max);
    for batch in batches {
        let optimiser = Optimiser { batch, division, ..Optimiser::default() };
        let start = network.initial_parameters(0);
        let mut trainer =
            Trainer::new(&network, &start, Objective::squared_error(&vec![1.0; features]), optimiser, set, threads)?;
        let never = AtomicBool::new(false);
        trainer.epoch(&values, &order[..rows / 10], &never)?;
        let mut seconds: Vec<f64> = Vec::new();
        for _ in 0..5 {
            let begin = Instant::now();
            trainer.epoch(&values, &order, &never)?;
            seconds.push(begin.elapsed().as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        let rate = |seconds: f64| rows as f64 / seconds;
        println!(
            "{set} {name} threads {threads} batch {batch}: {:.0} rows/s (best {:.0}), {:.0} GFLOP/s, {:.1} % of the peak of {threads}",
            rate(seconds[2]),
            rate(seconds[0]),
            2e-9 * rate(seconds[2]) * products as f64,
            100.0 * rate(seconds[2]) * products as f64 / best / threads.get() as f64
        );
    }
    Ok(())
}
