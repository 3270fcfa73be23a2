//! Products of matrices in single precision, on all threads: what a dense layer of the engine computes.

use std::num::NonZeroUsize;
use std::ops::Range;

use lumenfold_engine::{InstructionSet, Layer, Network, Part, apply};

use crate::Error;

/// `Σ_i rows[r][i] weights[o][i]`: `[rows][outputs]`. rows: `[rows][width]`; weights: `[outputs][width]`.
pub(super) fn products(rows: &[f32], weights: &[f32], width: usize, threads: NonZeroUsize) -> Result<Vec<f32>, Error> {
    let outputs = weights.len() / width;
    let there = Layer::Dense { inputs: width, outputs };
    let back = Layer::Dense { inputs: outputs, outputs: width };
    let network = Network::new(vec![there], vec![back])?;
    let mut parameters = vec![0.0; network.parameter_length()];
    if let Some(weight) = network.tensors().iter().find(|tensor| tensor.name == "encoder.0.weight") {
        parameters[weight.range.clone()].copy_from_slice(weights);
    }
    let mut result = vec![0.0; rows.len() / width * outputs];
    apply(&network, &parameters, Part::Encoder, rows, &mut result, InstructionSet::from_environment()?, threads)?;
    Ok(result)
}

/// Some of the columns of rows of `width` values: `[rows][columns of the strip]`.
pub(super) fn strip(rows: &[f32], width: usize, strip: Range<usize>) -> Vec<f32> {
    rows.chunks_exact(width).flat_map(|row| &row[strip.clone()]).copied().collect()
}

/// The columns of rows of `width` values: `[width][rows]`.
pub(super) fn turned(rows: &[f32], width: usize) -> Vec<f32> {
    const BLOCK: usize = 32;
    let count = rows.len() / width;
    let mut turned = vec![0.0; rows.len()];
    for first in (0..count).step_by(BLOCK) {
        for column in 0..width {
            for row in first..count.min(first + BLOCK) {
                turned[column * count + row] = rows[row * width + column];
            }
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_sums_and_turning_twice_changes_nothing() {
        let threads = NonZeroUsize::new(2).expect("not zero");
        for (rows, outputs, width) in [(1, 1, 1), (3, 5, 7), (70, 33, 40)] {
            let left: Vec<f32> = (0..rows * width).map(|at| (at * 7919 % 101) as f32 / 50.0 - 1.0).collect();
            let right: Vec<f32> = (0..outputs * width).map(|at| (at * 104_729 % 97) as f32 / 48.0 - 1.0).collect();
            let found = products(&left, &right, width, threads).expect("a network");
            for (at, found) in found.iter().enumerate() {
                let (row, output) = (at / outputs, at % outputs);
                let expected: f32 = (0..width).map(|i| left[row * width + i] * right[output * width + i]).sum();
                assert!((found - expected).abs() < 1e-5 * width as f32, "{found} is not {expected}");
            }
            assert_eq!(turned(&turned(&left, width), rows), left);
            assert_eq!(strip(&left, width, 0..width), left);
        }
    }
}
