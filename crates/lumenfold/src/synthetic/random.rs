//! One stream of random numbers per row, and the few distributions that the generators need.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The random numbers of a whole table: ChaCha8 keyed with the seed (8 bytes, little-endian) and a label that keeps the
/// streams of one use apart from those of others given the same seed.
#[derive(Clone, Debug)]
pub(crate) struct RowStreams {
    keyed: ChaCha8Rng,
}

impl RowStreams {
    pub(crate) fn new(seed: u64, label: &[u8; 24]) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..].copy_from_slice(label);
        Self { keyed: ChaCha8Rng::from_seed(key) }
    }

    /// The numbers of one row: stream number `row`, read from its beginning.
    pub(crate) fn row(&self, row: u64) -> RowRandom {
        let mut stream = self.keyed.clone();
        stream.set_stream(row);
        RowRandom { stream, spare_normal: None }
    }
}

/// The random numbers of one row, in the order in which they are asked for.
pub(crate) struct RowRandom {
    stream: ChaCha8Rng,
    spare_normal: Option<f64>,
}

impl RowRandom {
    /// Uniform in [0, 1), a multiple of 2⁻⁵³.
    pub(crate) fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.stream.next_u64() >> 11) as f64 * STEP
    }

    /// Uniform in [low, high).
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Normal with mean 0 and standard deviation 1 (Box & Muller 1958, both values used).
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(value) = self.spare_normal.take() {
            return value;
        }
        // 1 − uniform lies in (0, 1], where the logarithm is finite.
        let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt();
        let (sine, cosine) = libm::sincos(std::f64::consts::TAU * self.uniform());
        self.spare_normal = Some(radius * sine);
        radius * cosine
    }

    /// A value whose density is the straight line between `(value, density)` knots, values ascending.
    pub(crate) fn with_density(&mut self, knots: &[(f64, f64)]) -> f64 {
        let area = |pair: &[(f64, f64)]| 0.5 * (pair[0].1 + pair[1].1) * (pair[1].0 - pair[0].0);
        let total: f64 = knots.windows(2).map(area).sum();
        let mut remaining = self.uniform() * total;
        for pair in knots.windows(2) {
            let here = area(pair);
            if remaining < here {
                // Solve d₀ x + (d₁ − d₀) x²/(2 w) = remaining in the form that is stable for d₀ = d₁.
                let ((start, first), (end, second)) = (pair[0], pair[1]);
                let slope = (second - first) / (end - start);
                return start + 2.0 * remaining / (first + (first * first + 2.0 * slope * remaining).max(0.0).sqrt());
            }
            remaining -= here;
        }
        knots.last().map_or(0.0, |knot| knot.0)
    }
}
