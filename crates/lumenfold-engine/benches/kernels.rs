//! Each kernel's speed, and the share of the multiply-add peak of those that multiply, measured on the spot.
//!
//! ```text
//! cargo bench -p lumenfold-engine                        # star network's layers, and wide ones
//! cargo bench -p lumenfold-engine -- "weight gradient"
//! LUMENFOLD_SIMD=avx2 cargo bench -p lumenfold-engine
//! ```

use std::cell::Cell;
use std::time::{Duration, Instant};

use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use lumenfold_engine::InstructionSet;
use lumenfold_engine::benchmark::{Work, adam, kernels, peak};

/// Layers from so many features to so many: those of the star network, and parts of wide ones.
const SIZES: [(usize, usize); 5] = [(5, 40), (40, 40), (40, 2), (128, 512), (784, 512)];

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(700))
        .sample_size(20)
        .without_plots()
        .configure_from_args();
    let set = match InstructionSet::from_environment() {
        Ok(set) => set,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::exit(2);
        }
    };
    // Filters of the command line do not apply to the yardstick.
    let mut yardstick = peak(set);
    let most = (0..20).map(|_| rate(&mut yardstick, 500)).fold(0.0, f64::max);
    println!("{set}: {:.1} GFLOP/s of fused multiply-add, one thread", 2e-9 * most);
    for (inputs, outputs) in SIZES {
        let mut group = criterion.benchmark_group(format!("{inputs} to {outputs}"));
        for mut work in kernels(set, inputs, outputs) {
            measure(&mut group, &mut work, most);
        }
        group.finish();
    }
    let mut group = criterion.benchmark_group("update");
    measure(&mut group, &mut adam(set, 11_248), most);
    group.finish();
    criterion.final_summary();
}

/// Multiply-adds in a second, over so many runs.
fn rate(work: &mut Work, runs: u64) -> f64 {
    let begin = Instant::now();
    (0..runs).for_each(|_| work.run());
    (runs * work.multiply_adds as u64) as f64 / begin.elapsed().as_secs_f64()
}

/// Lets criterion time the work, and adds its share of the peak: at the fastest of all the batches that were timed.
fn measure(group: &mut BenchmarkGroup<'_, WallTime>, work: &mut Work, most: f64) {
    group.throughput(Throughput::Elements(work.values as u64));
    let best = Cell::new(f64::INFINITY);
    group.bench_function(work.name.clone(), |bencher| {
        bencher.iter_custom(|runs| {
            let begin = Instant::now();
            (0..runs).for_each(|_| work.run());
            let elapsed = begin.elapsed();
            best.set(best.get().min(elapsed.as_secs_f64() / runs as f64));
            elapsed
        });
    });
    if best.get().is_finite() && work.multiply_adds > 0 {
        println!("{:24}peak:   {:.1} %", "", 100.0 * work.multiply_adds as f64 / best.get() / most);
    }
}
