//! Rows per second of training on the star network (5-40-40-40-40-2 and its mirror) with random rows.
//!
//! ```text
//! cargo run --release -p lumenfold-engine --example training_speed -- THREADS BATCH…
//! ```

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use lumenfold_engine::{Activation, InstructionSet, Network, Optimiser, Trainer};

const ROWS: usize = 255_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let threads: NonZeroUsize = arguments.next().unwrap_or_else(|| "2".into()).parse()?;
    let mut batches = arguments.map(|batch| batch.parse()).collect::<Result<Vec<usize>, _>>()?;
    if batches.is_empty() {
        batches = vec![256, 512, 1024, 4096];
    }
    let set = InstructionSet::from_environment()?;
    let network = Network::dense(5, &[40, 40, 40, 40], 2, Activation::Silu, true)?;
    let mut state = 1_u64;
    let rows: Vec<f32> = (0..ROWS * 5)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / 8_388_608.0 - 1.0
        })
        .collect();
    // A stride that is coprime to the number of rows: rows in no convenient order.
    let order: Vec<u32> = (0..ROWS).map(|index| (index * 7919 % ROWS) as u32).collect();
    // Multiply-adds for one row, forward and backward; the first layer needs no input gradient.
    let products: usize =
        network.tensors().iter().filter(|tensor| tensor.decays).map(|tensor| tensor.range.len()).sum();
    for batch in batches {
        let optimiser = Optimiser { batch, ..Optimiser::default() };
        let start = network.initial_parameters(0);
        let mut trainer = Trainer::new(&network, &start, &[1.0; 5], optimiser, set, threads)?;
        let never = AtomicBool::new(false);
        trainer.epoch(&rows, &order[..ROWS / 10], &never)?;
        let mut seconds: Vec<f64> = Vec::new();
        for _ in 0..5 {
            let begin = Instant::now();
            trainer.epoch(&rows, &order, &never)?;
            seconds.push(begin.elapsed().as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        let median = seconds[2];
        println!(
            "{set} threads {threads} batch {batch}: {median:.3} s/epoch, {:.2} M rows/s, {:.0} GFLOP/s",
            ROWS as f64 / median / 1e6,
            2.0 * 3.0 * (products * ROWS) as f64 / median / 1e9
        );
    }
    Ok(())
}
