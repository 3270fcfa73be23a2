//! What chance gives.

use rand_chacha::rand_core::Rng;

use super::ranks::generator;
use super::variable::Variable;
use super::{AssociationOptions, Ranked};

/// The first stream of the shuffles, far from those of coordinates and columns.
const STREAM: u64 = 1 << 40;

/// Information that an estimator finds between columns of which one was shuffled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Null {
    /// Mean over the shuffles, in nats.
    pub mean: f64,
    /// Standard deviation over the shuffles, in nats.
    pub deviation: f64,
}

impl Null {
    /// Of a column with coordinates that have nothing to do with it. None if there is no information to estimate, or if
    /// fewer than two shuffles are wanted.
    pub(super) fn of(variable: &Variable, options: &AssociationOptions) -> Option<Self> {
        let rows = variable.rows.len();
        let shuffled = |shuffle: usize| {
            let mut generator = generator(options.seed, STREAM + shuffle as u64);
            // Ranks of numbers drawn at random are a shuffled coordinate.
            let draws: Vec<f64> = (0..rows).map(|_| generator.next_u64() as f64).collect();
            let ranked = Ranked::of(&draws, options.seed, STREAM + (options.shuffles + shuffle) as u64);
            variable.information(&ranked, options.neighbours)
        };
        let found: Vec<f64> = (0..options.shuffles).map_while(shuffled).collect();
        if found.len() < 2 {
            return None;
        }
        let count = found.len() as f64;
        let mean = found.iter().sum::<f64>() / count;
        let squares: f64 = found.iter().map(|value| (value - mean) * (value - mean)).sum();
        Some(Self { mean, deviation: (squares / (count - 1.0)).sqrt() })
    }
}
