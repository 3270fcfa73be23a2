//! Random draws of the probe, each from its own place: ChaCha8 keyed by seed, purpose and number.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Keeps these draws apart from those of a fit with the same seed.
const LABEL: &[u8; 8] = b"lf probe";

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// Which rows are used at all.
    Rows,
    /// Which are held out; by repeat.
    Split,
    /// The folds of the cross-validation; by repeat.
    Folds,
    /// Rows and features of a tree; by tree.
    Tree,
    /// Rows of a resample; by resample.
    Resample,
}

/// A stream of draws.
pub(super) struct Draws(ChaCha8Rng);

impl Draws {
    pub(super) fn new(seed: u64, purpose: Purpose, number: usize) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(LABEL);
        key[16] = purpose as u8;
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(number as u64);
        Self(generator)
    }

    /// 64 random bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `bound`, which is above 0; uniform but for 2⁻³² (Lemire 2019, without the rejection).
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.0.next_u64()) * bound as u128) >> 64) as usize
    }

    /// Brings values into random order (Durstenfeld, Algorithm 235, 1964).
    pub(super) fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            let other = self.below(last + 1);
            values.swap(last, other);
        }
    }
}
