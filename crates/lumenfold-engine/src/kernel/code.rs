//! The latent code on its way from the encoder to the decoder, in training.

use super::random::{Key, words};
use crate::simd::InstructionSet;

/// What is done to the codes of a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code {
    pub(crate) set: InstructionSet,
    pub(crate) key: Key,
}

impl Code {
    /// How many of `width` coordinates each sample of a tile keeps, from 1 to all of them, each as likely; `first` is the
    /// position of the tile's first sample in its batch.
    pub(crate) fn kept<const TILE: usize>(self, first: usize, width: usize) -> [usize; TILE] {
        let (mut high, mut low) = ([0.0; TILE], [0.0; TILE]);
        words::<TILE>(self.set, self.key, first, 0..1, &mut high, &mut low);
        high.map(|word| 1 + ((u64::from(word.to_bits()) * width as u64) >> 32) as usize)
    }

    /// Zero in the coordinates that a sample does not keep; as well the way back, for their gradients.
    ///
    /// values: `[width][TILE]`.
    pub(crate) fn truncate<const TILE: usize>(self, first: usize, width: usize, values: &mut [f32]) {
        let kept = self.kept::<TILE>(first, width);
        for (coordinate, values) in values.chunks_exact_mut(TILE).take(width).enumerate() {
            for (value, kept) in values.iter_mut().zip(kept) {
                *value = if coordinate < kept { *value } else { 0.0 };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::TILE;
    use crate::kernel::random::Purpose;

    #[test]
    fn every_number_of_coordinates_is_as_likely() {
        let code = Code { set: InstructionSet::best(), key: Key::new(3, 0, Purpose::Code, 1) };
        let mut counts = [0; 5];
        for tile in 0..500 {
            code.kept::<TILE>(tile * TILE, 5).into_iter().for_each(|kept| counts[kept - 1] += 1);
        }
        // Of 32,000 draws a fifth each, within five deviations.
        assert!(counts.iter().all(|count| (f64::from(*count) - 6400.0).abs() < 5.0 * 71.6), "{counts:?}");
    }
}
