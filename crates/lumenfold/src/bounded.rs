//! Rows of any values through a network: what is out of its range is as far out as can be, and nothing that comes out is no number.

use std::num::NonZeroUsize;

use lumenfold_data::{LARGEST_SCALED, Scaling};
use lumenfold_engine::Part;

use crate::passage::is_wide;
use crate::{Autoencoder, Error};

/// Rows in scaled units. What no scaling can take is as far out as can be.
pub(crate) fn scaled(scaling: &Scaling, values: &[f64]) -> Vec<f32> {
    let mut scaled = vec![0.0; values.len()];
    scaling.forward_block(values, &mut scaled);
    for value in &mut scaled {
        *value = if value.is_nan() { -LARGEST_SCALED } else { value.clamp(-LARGEST_SCALED, LARGEST_SCALED) };
    }
    scaled
}

/// A part of an autoencoder applied to scaled rows; where it overflows, it says nothing, which is zero.
pub(crate) fn apply(
    autoencoder: &Autoencoder,
    part: Part,
    scaled: &[f32],
    output: &mut [f32],
    threads: NonZeroUsize,
) -> Result<(), Error> {
    autoencoder.apply(part, scaled, output, threads)?;
    output.iter_mut().filter(|value| !value.is_finite()).for_each(|value| *value = 0.0);
    Ok(())
}

/// How threads share rows: those that are taken at a time, threads that share a layer, and threads that take rows. Of a wide
/// network threads share each layer, of others they take rows.
pub(crate) fn division(
    autoencoder: &Autoencoder,
    piece: usize,
    threads: NonZeroUsize,
) -> (usize, NonZeroUsize, NonZeroUsize) {
    match is_wide(autoencoder) {
        true => (16 * piece, threads, NonZeroUsize::MIN),
        false => (piece, NonZeroUsize::MIN, threads),
    }
}
