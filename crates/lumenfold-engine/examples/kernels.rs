//! Each kernel's speed and its share of the multiply-add peak, measured on the spot; a quick look between edits.
//!
//! ```text
//! cargo run --release -p lumenfold-engine --example kernels -- INPUTS OUTPUTS [PART OF A NAME]
//! ```

use std::time::Instant;

use lumenfold_engine::benchmark::{Work, adam, kernels, peak};
use lumenfold_engine::{EngineError, InstructionSet};

/// Seconds for one run: the least of several rounds, which is what the machine can do undisturbed.
fn seconds(work: &mut Work) -> f64 {
    let begin = Instant::now();
    let mut runs = 0_u32;
    while begin.elapsed().as_secs_f64() < 0.01 {
        work.run();
        runs += 1;
    }
    let rounds = (0..15).map(|_| {
        let begin = Instant::now();
        (0..runs).for_each(|_| work.run());
        begin.elapsed().as_secs_f64() / f64::from(runs)
    });
    rounds.fold(f64::INFINITY, f64::min)
}

fn main() -> Result<(), EngineError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let size = |index: usize| arguments.get(index).and_then(|text| text.parse().ok()).unwrap_or(40);
    let wanted = arguments.get(2).map_or("", String::as_str);
    let set = InstructionSet::from_environment()?;
    let mut most = peak(set);
    let best = most.multiply_adds as f64 / seconds(&mut most);
    println!("{set}: {:.1} GFLOP/s of fused multiply-add", 2e-9 * best);
    let works = kernels(set, size(0), size(1)).into_iter().chain([adam(set, size(0) * size(1))]);
    for mut work in works.filter(|work| work.name.contains(wanted)) {
        let time = seconds(&mut work);
        let each = 1e9 * time / work.values as f64;
        match work.multiply_adds {
            0 => println!("{:30} {:9.0} ns  {each:.4} ns a value", work.name, 1e9 * time),
            count => {
                println!("{:30} {:9.0} ns  {:.1} % of peak", work.name, 1e9 * time, 100.0 * count as f64 / time / best)
            }
        }
    }
    Ok(())
}
